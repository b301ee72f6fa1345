"""What lies over the canvas and stays the same during a drag, drawn once: grid, the ghost's outline, a selection."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen, QPolygonF

from shiftlab.scene.values import Scene
from shiftlab.ui.figure.outline import ghost_lines
from shiftlab.ui.figure.pens import pen
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.theme import DARK, OVERLAY_PLATE, colour

EIGHTH = 8
HANDLE = 7
"""Side of a handle of a selected pattern."""
FAINT, STRONG = 0.045, 0.11
"""Opacity of the grid's lines, and of each eighth."""


def crisp(scale: float) -> tuple[float, float]:
    """How far to move lines along pixel edges so that at one device pixel they fill one instead of greying two."""
    return (0.5, 0.5) if scale < 1.5 else (0.0, 0.0)


def _empty(size: tuple[int, int], zoom: float, scale: float) -> QImage:
    """A transparent layer over a canvas."""
    width, height = (max(round(side * zoom * scale), 1) for side in (size[1], size[0]))
    layer = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    layer.setDevicePixelRatio(scale)
    layer.fill(Qt.GlobalColor.transparent)
    return layer


@lru_cache(maxsize=4)
def grid_layer(size: tuple[int, int], zoom: float, scale: float, bright: bool) -> QImage:
    """Lines between the pixels of a canvas of (rows, cols): white, or black on a bright canvas."""
    layer = _empty(size, zoom, scale)
    painter = QPainter(layer)
    token = "#000000" if bright else "#FFFFFF"
    rows, cols = size
    for strong in (False, True):
        painter.setPen(QPen(colour(token, STRONG if strong else FAINT), 0))
        painter.drawLines(
            [QLineF(col * zoom, 0, col * zoom, rows * zoom) for col in range(1, cols) if (col % EIGHTH == 0) == strong]
        )
        painter.drawLines(
            [QLineF(0, row * zoom, cols * zoom, row * zoom) for row in range(1, rows) if (row % EIGHTH == 0) == strong]
        )
    painter.end()
    return layer


@lru_cache(maxsize=4)
def ghost_layer(reference: Scene, zoom: float, scale: float) -> QImage:
    """The dashed outline of every pattern of a scene, on a black casing."""
    path = QPainterPath()
    for line, off in ghost_lines(reference):
        corners = [QPointF((col + off[1]) * zoom, (row + off[0]) * zoom) for row, col in line]
        path.addPolygon(QPolygonF([*corners, corners[0]]))
    layer = _empty(reference.size, zoom, scale)
    painter = QPainter(layer)
    painter.translate(*crisp(scale))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for ink in (pen("#000000", 3, opacity=0.75), pen(DARK.ghost, 1.5, dash=(4, 3))):
        painter.setPen(ink)
        painter.drawPath(path)
    painter.end()
    return layer


@lru_cache(maxsize=4)
def frame_layer(size: tuple[float, float], scale: float) -> QImage:
    """A dashed line just inside a rectangle of this size: dashes take long to draw."""
    width, height = (round((side + 4) * scale) for side in size)
    layer = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    layer.setDevicePixelRatio(scale)
    layer.fill(Qt.GlobalColor.transparent)
    painter = QPainter(layer)
    paint_frame(painter, Rect(2, 2, *size))
    painter.end()
    return layer


def paint_frame(painter: QPainter, rect: Rect) -> None:
    """That line, straight."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ink in (pen("#000000", 3, opacity=0.6), pen(DARK.moved, 1, dash=(4, 3))):
        painter.setPen(ink)
        painter.drawRect(QRectF(*rect).adjusted(0, 0, -1, -1))


def paint_box(painter: QPainter, rect: Rect) -> None:
    """The outline of a selected pattern, with handles at its corners."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ink in (QPen(colour("#000000", 0.6), 3), QPen(colour(DARK.acc), 1)):
        painter.setPen(ink)
        painter.drawRect(QRectF(*rect).adjusted(0, 0, -1, -1))
    painter.setBrush(colour(OVERLAY_PLATE))
    half = HANDLE // 2
    for x in (rect.x, rect.right - 1):
        for y in (rect.y, rect.bottom - 1):
            painter.drawRect(QRectF(round(x) - half, round(y) - half, HANDLE - 1, HANDLE - 1))


@lru_cache(maxsize=4)
def box_layer(size: tuple[float, float], scale: float) -> QImage:
    """That outline around a rectangle of whole pixels, with `HANDLE` pixels beyond it on every side."""
    width, height = (round((side + 2 * HANDLE) * scale) for side in size)
    layer = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    layer.setDevicePixelRatio(scale)
    layer.fill(Qt.GlobalColor.transparent)
    painter = QPainter(layer)
    paint_box(painter, Rect(HANDLE, HANDLE, *size))
    painter.end()
    return layer
