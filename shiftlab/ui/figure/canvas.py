"""The canvas: its pixels, the ruler, and what lies over it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath

from shiftlab.scene.values import Position, Scene
from shiftlab.ui.figure.canvas_model import CanvasModel, Field
from shiftlab.ui.figure.canvas_shift import hint_place, label_on, paint_shift, shift_of
from shiftlab.ui.figure.canvas_view import CanvasView
from shiftlab.ui.figure.layers import HANDLE, box_layer, frame_layer, ghost_layer, grid_layer, paint_box, paint_frame
from shiftlab.ui.figure.pens import cased_rect
from shiftlab.ui.figure.pixels import image_of, scale_of, snapped, whole_pixels
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.region import Region, paint_region, paint_ring
from shiftlab.ui.figure.ruler import paint_ruler
from shiftlab.ui.figure.text import draw, width
from shiftlab.ui.hits import Box, box_of
from shiftlab.ui.theme import DARK, Theme, colour

GRID_FROM = 4
"""Zoom from which pixels are separated by a grid."""
TRAINED = "seen in training"
DIM = 0.45
GREYS = np.uint32(0xFF000000) | np.arange(256, dtype=np.uint32) * 0x010101


def canvas_rgb(raster: NDArray[np.floating]) -> NDArray[np.uint32]:
    """A rasterised scene, (1 or 3, H, W) in [0, 1], as (H, W) uint32 0xffRRGGBB; the rest is clipped.

    Raises
    ------
    ValueError
        Where it has another number of channels.
    """
    if raster.ndim != 3 or raster.shape[0] not in (1, 3):
        raise ValueError(f"a rasterised scene must be (1, H, W) or (3, H, W), not {raster.shape}")
    # Of a number and none `fmax` takes the number.
    levels = np.fmin(np.fmax(raster, 0), 1)
    levels *= 255
    values = np.rint(levels, out=levels).astype(np.uint8)
    if len(values) == 1:
        return GREYS[values[0]]
    red, green, blue = values.astype(np.uint32)
    return np.uint32(0xFF000000) | red << 16 | green << 8 | blue


def paint_canvas(painter: QPainter, view: CanvasView, model: CanvasModel, theme: Theme, *, ruler: bool = True) -> None:
    """Draw the canvas and what lies over it; the ruler stands in the 20 px above and to the left of it."""
    painter.save()
    if ruler:
        paint_ruler(painter, view, model.places if model.marks else None, theme)
    rect = QRectF(*view.rect)
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    _paint_pixels(painter, view, model)
    if model.grid and view.zoom >= GRID_FROM:
        _paint_grid(painter, view, model.bright)
    for region in (model.region, model.trained):
        if isinstance(region, Region):
            if region.mask.shape == view.size:
                paint_region(painter, view, region)
        elif region is not None:
            _paint_trained(painter, view, region)
    left, shift = model.left, shift_of(view, model)
    if left is not None:
        _paint_ghost(painter, view, left)
    if model.field is not None:
        _paint_field(painter, view, model.field)
    elif shift is not None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_shift(painter, shift)
    if model.handles and model.field is None:
        for index in sorted(model.selection):
            if index < len(model.scene.placed):
                _paint_selection(painter, view, box_of(model.scene.placed[index]), model.scene)
    if shift is not None and model.field is None:
        label_on(painter, shift.label, shift.middle, view)
    if model.pixel is not None:
        row, col = model.pixel
        cased_rect(painter, view.box((row, row + 1), (col, col + 1)), "#FFFFFF", 1.5)
    if model.hint and model.scene.placed:
        label_on(painter, model.hint, hint_place(view, model), view)
    if model.ring is not None:
        paint_ring(painter, view, model.ring)
    painter.restore()
    painter.restore()


def _paint_pixels(painter: QPainter, view: CanvasView, model: CanvasModel) -> None:
    smooth = view.zoom * scale_of(painter) < 1
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    painter.drawImage(QRectF(*view.rect), image_of(model.rgb))
    if model.heat is not None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(QRectF(*view.rect), _heat_image(model.heat))


def _heat_image(heat: NDArray[np.floating]) -> QImage:
    """The accent's colour, the stronger the more opaque."""
    token = colour(DARK.acc)
    strength = np.sqrt(np.clip(np.nan_to_num(heat), 0, 1)) * 0.85
    pixels = np.empty((*heat.shape, 4), np.uint8)
    pixels[..., 0], pixels[..., 1], pixels[..., 2] = token.red(), token.green(), token.blue()
    pixels[..., 3] = np.rint(strength * 255)
    return QImage(pixels.data, heat.shape[1], heat.shape[0], pixels.strides[0], QImage.Format.Format_RGBA8888).copy()


def _paint_grid(painter: QPainter, view: CanvasView, bright: bool) -> None:
    _draw_layer(painter, view, grid_layer(view.size, view.zoom, scale_of(painter), bright))


def _paint_trained(painter: QPainter, view: CanvasView, box: tuple[int, int, int, int]) -> None:
    """A dashed line around what training has seen, with words at its foot."""
    top, bottom, left, right = box
    rect = view.box((top, bottom), (left, right))
    if whole_pixels(painter, rect):
        painter.drawImage(QPointF(rect.x - 2, rect.y - 2), frame_layer(rect.size, scale_of(painter)))
    else:
        paint_frame(painter, rect)
    wide = width(TRAINED, "meta", False)
    if rect.width > wide + 12:
        draw(painter, Rect(rect.x + 6, rect.bottom - 19, wide + 2, 16), TRAINED, "meta", DARK.moved)


def _paint_ghost(painter: QPainter, view: CanvasView, reference: Scene) -> None:
    """The dashed outline of what stands at the reference."""
    _draw_layer(painter, view, ghost_layer(reference, view.zoom, scale_of(painter)))


def _draw_layer(painter: QPainter, view: CanvasView, layer: QImage) -> None:
    painter.drawImage(QPointF(*snapped(painter, view.rect.x, view.rect.y)), layer)


def _paint_selection(painter: QPainter, view: CanvasView, box: Box, scene: Scene) -> None:
    """A box with handles at its corners; on a wrapped canvas it comes in on the other side too."""
    shifts: Sequence[Position] = ((0, 0),)
    if scene.border == "wrap":
        rows, cols = scene.size
        shifts = [(rows * i, cols * j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    for down, across in shifts:
        rect = view.box((box.top + down, box.bottom + down), (box.left + across, box.right + across))
        if not rect.grown(HANDLE).meets(view.rect):
            continue
        if whole_pixels(painter, rect):
            layer = box_layer(rect.size, scale_of(painter))
            painter.drawImage(QPointF(rect.x - HANDLE, rect.y - HANDLE), layer)
        else:
            paint_box(painter, rect)


def _paint_field(painter: QPainter, view: CanvasView, field: Field) -> None:
    outside = QPainterPath()
    outside.addRect(QRectF(*view.rect))
    lit = QPainterPath()
    lit.setFillRule(Qt.FillRule.WindingFill)
    for rows in field.rows:
        for cols in field.cols:
            lit.addRect(QRectF(*view.box((rows[0], rows[1] + 1), (cols[0], cols[1] + 1))))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillPath(outside.subtracted(lit), colour("#000000", DIM))
    first: Rect | None = None
    for rows in field.hull_rows:
        for cols in field.hull_cols:
            rect = view.box((rows[0], rows[1] + 1), (cols[0], cols[1] + 1))
            first = first if first is not None and first.width * first.height >= rect.width * rect.height else rect
            cased_rect(painter, rect, "#FFFFFF", 2)
    if first is not None and field.label:
        above = first.y - 15
        place = (first.centre[0], above if above > view.rect.y + 10 else first.bottom + 15)
        label_on(painter, field.label, place, view)
