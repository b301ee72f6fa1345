"""A painted set of canvas pixels: its tint, its outline, and the brush that paints it."""

from __future__ import annotations

import math
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPolygonF

from shiftlab.ui.figure.canvas_view import CanvasView
from shiftlab.ui.figure.layers import crisp
from shiftlab.ui.figure.outline import lines_around
from shiftlab.ui.figure.pens import pen
from shiftlab.ui.figure.pixels import scale_of, snapped
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import draw, width
from shiftlab.ui.theme import DARK, colour

TINT, LIGHT = 0.22, 0.1
"""Opacity of the tint while it is worked on, and while it is only shown."""
PAD, HIGH = 6, 20


class Region(msgspec.Struct, frozen=True, eq=False):
    """Pixels (H, W) of the canvas that are meant, with what they are called and how strongly they are tinted.

    A `tint` of 0 leaves a dashed line around them.

    Two are the same only where they are one object, so that what is drawn of them can be kept.
    """

    mask: NDArray[np.bool_]
    words: str = ""
    tint: float = LIGHT


class Ring(msgspec.Struct, frozen=True):
    """The brush over the canvas: its middle as a place (row, col), its diameter in px, and whether it erases."""

    at: tuple[float, float]
    size: float
    erasing: bool = False


@lru_cache(maxsize=4)
def region_layer(region: Region, zoom: float, scale: float) -> QImage:
    """The tint of a region with a line around it, as large as the canvas."""
    rows, cols = region.mask.shape
    path = QPainterPath()
    for line in lines_around(region.mask):
        path.addPolygon(QPolygonF([QPointF(col * zoom, row * zoom) for row, col in (*line, line[0])]))
    layer = QImage(
        max(round(cols * zoom * scale), 1),
        max(round(rows * zoom * scale), 1),
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    layer.setDevicePixelRatio(scale)
    layer.fill(Qt.GlobalColor.transparent)
    with QPainter(layer) as painter:
        # Odd-even: lines around holes run the other way, but so do those of a piece within a hole.
        painter.fillPath(path, colour(DARK.moved, region.tint))
        painter.translate(*crisp(scale))
        dash = None if region.tint else (4, 3)
        for ink in (pen("#000000", 3, opacity=0.6), pen(DARK.moved, 1, dash=dash)):
            painter.setPen(ink)
            painter.drawPath(path)
    return layer


def paint_region(painter: QPainter, view: CanvasView, region: Region) -> None:
    """Draw a region over the canvas, with its words within it, as low as they fit."""
    layer = region_layer(region, view.zoom, scale_of(painter))
    painter.drawImage(QPointF(*snapped(painter, view.rect.x, view.rect.y)), layer)
    wide = width(region.words, "meta", False) + 2 * PAD
    room = (math.ceil(HIGH / view.zoom), math.ceil(wide / view.zoom))
    if region.words and (place := room_for(region, room)) is not None:
        x, y = view.point(*place)
        draw(painter, Rect(x + PAD, y + (room[0] * view.zoom - 16) / 2, wide, 16), region.words, "meta", DARK.moved)


@lru_cache(maxsize=4)
def room_for(region: Region, size: tuple[int, int]) -> tuple[int, int] | None:
    """The lowest, then leftmost, first pixel of a box (rows, cols) that lies wholly in a region; None for no room."""
    rows, cols = size
    if rows > region.mask.shape[0] or cols > region.mask.shape[1]:
        return None
    summed = np.pad(region.mask.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    inside = summed[rows:, cols:] - summed[:-rows, cols:] - summed[rows:, :-cols] + summed[:-rows, :-cols]
    found = np.argwhere(inside == rows * cols)
    if not len(found):
        return None
    lowest = found[found[:, 0] == found[:, 0].max()]
    return int(lowest[0, 0]), int(lowest[:, 1].min())


def paint_ring(painter: QPainter, view: CanvasView, ring: Ring) -> None:
    """Draw the brush: a circle, dashed where it erases."""
    x, y = view.point(*ring.at)
    reach = max(ring.size * view.zoom / 2, 2)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    dash = (4, 3) if ring.erasing else None
    for ink in (pen("#000000", 3.25, opacity=0.7), pen("#FFFFFF", 1.25, dash=dash)):
        painter.setPen(ink)
        painter.drawEllipse(QRectF(x - reach, y - reach, 2 * reach, 2 * reach))
