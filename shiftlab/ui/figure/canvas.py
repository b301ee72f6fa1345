"""The canvas: its pixels, the ruler, and what lies over it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen

from shiftlab.scene.translation import Displacement
from shiftlab.scene.values import Position, Scene
from shiftlab.ui.figure import words
from shiftlab.ui.figure.canvas_view import CanvasView
from shiftlab.ui.figure.layers import HANDLE, box_layer, crisp, ghost_layer, grid_layer, paint_box
from shiftlab.ui.figure.pens import cased_rect, pen
from shiftlab.ui.figure.pixels import image_of, scale_of, snapped, whole_pixels
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.region import Region, Ring, paint_region, paint_ring
from shiftlab.ui.figure.ruler import paint_ruler
from shiftlab.ui.figure.text import draw, plate, width
from shiftlab.ui.hits import Box, box_of
from shiftlab.ui.theme import DARK, OVERLAY_PLATE, Theme, colour

GRID_FROM = 4
"""Zoom from which pixels are separated by a grid."""
SHORT = 40
"""Logical pixels below which the displacement is a dimension line beside the pattern."""
STAND_OFF = 34
"""How far the dimension line stands off the pattern."""
TRAINED = "seen in training"
HINT_OFF = 22
DIM = 0.45
Run = tuple[int, int]
"""First and last of neighbouring indices."""


@dataclass(frozen=True)
class Field:
    """What a cell sees: the exact rows and columns as runs, and the outline of them.

    `hull_rows` and `hull_cols` are the runs of the outline: one, or two where it goes over the edge.
    """

    rows: tuple[Run, ...]
    cols: tuple[Run, ...]
    hull_rows: tuple[Run, ...]
    hull_cols: tuple[Run, ...]
    label: str = ""


@dataclass(frozen=True, eq=False)
class CanvasModel:
    """What the canvas shows.

    Attributes
    ----------
    rgb : (H, W) uint32 0xffRRGGBB
        The present scene, see `canvas_rgb`.
    scene, reference : Scene
    displacement : Displacement or None
    selection : indices of the selected patterns; boxes and handles are drawn for them
    field : Field or None
        A receptive field, with all outside it dimmed.
    pixel : (row, col) or None
        A pixel that is pointed at or pinned.
    heat : (H, W) float in [0, 1], or None
        An effective receptive field, laid over the pixels.
    handles, grid, marks : bool
        Whether selection, grid, and the marks of both places on the ruler are drawn.
    hint : str
        Words under the first pattern.
    trained : (first row, end row, first column, end column), a Region, or None
        Where training has seen patterns, outlined.
    region : Region or None
        Painted pixels of this canvas, tinted.
    ring : Ring or None
        The brush that paints them.
    """

    rgb: NDArray[np.uint32]
    scene: Scene
    reference: Scene
    displacement: Displacement | None = None
    selection: frozenset[int] = frozenset()
    field: Field | None = None
    pixel: tuple[int, int] | None = None
    heat: NDArray[np.floating] | None = None
    handles: bool = True
    grid: bool = True
    marks: bool = True
    hint: str = ""
    trained: tuple[int, int, int, int] | Region | None = None
    region: Region | None = None
    ring: Ring | None = None

    @property
    def leader(self) -> int | None:
        """The pattern whose places are marked: the first selected, else the first."""
        chosen = [index for index in sorted(self.selection) if index < len(self.scene.placed)]
        return chosen[0] if chosen else 0 if self.scene.placed else None

    @property
    def places(self) -> tuple[Position, Position] | None:
        """Where the leading pattern stands at the reference and now, for the marks on the ruler."""
        if self.leader is None:
            return None
        now = self.scene.placed[self.leader].at
        if self.displacement is None:
            row, col = self.reference.placed[self.leader].at if self.leader < len(self.reference.placed) else now
        else:
            row, col = now[0] - self.displacement.rows, now[1] - self.displacement.cols
        if self.scene.border == "wrap":
            row, col = row % self.scene.size[0], col % self.scene.size[1]
        return (row, col), now

    @property
    def left(self) -> Scene | None:
        """Of the reference the patterns that now stand elsewhere, whose ghosts are drawn; None where there is none.

        They are known where no displacement is: over a ground that is not uniform, of patterns that moved apart.
        """
        if self.displacement is not None:
            return None if self.displacement.zero else self.reference
        both = zip(self.scene.placed, self.reference.placed, strict=False)
        gone = tuple(then for now, then in both if now.at != then.at)
        return replace(self.reference, placed=gone) if gone else None


def canvas_rgb(raster: NDArray[np.floating]) -> NDArray[np.uint32]:
    """A rasterised scene, (1 or 3, H, W) in [0, 1], as (H, W) uint32 0xffRRGGBB; the rest is clipped.

    Raises
    ------
    ValueError
        Where it has another number of channels.
    """
    if raster.ndim != 3 or raster.shape[0] not in (1, 3):
        raise ValueError(f"a rasterised scene must be (1, H, W) or (3, H, W), not {raster.shape}")
    values = np.rint(np.clip(np.nan_to_num(raster), 0, 1) * 255).astype(np.uint32)
    red, green, blue = values if len(values) == 3 else (values[0],) * 3
    return np.ascontiguousarray(np.uint32(0xFF000000) | red << 16 | green << 8 | blue)


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
        _paint_grid(painter, view, bool((model.rgb & 0xFF).mean() > 150))
    for region in (model.region, model.trained):
        if isinstance(region, Region):
            if region.mask.shape == view.size:
                paint_region(painter, view, region)
        elif region is not None:
            _paint_trained(painter, view, region)
    left = model.left
    if left is not None:
        _paint_ghost(painter, view, left)
    if model.field is not None:
        _paint_field(painter, view, model.field)
    elif model.displacement is not None and not model.displacement.zero:
        _paint_displacement(painter, view, model, model.displacement)
    if model.handles and model.field is None:
        for index in sorted(model.selection):
            if index < len(model.scene.placed):
                _paint_selection(painter, view, box_of(model.scene.placed[index]), model.scene)
    if model.displacement is not None and model.field is None and not model.displacement.zero:
        _paint_label(painter, view, model, model.displacement)
    if model.pixel is not None:
        row, col = model.pixel
        cased_rect(painter, view.box((row, row + 1), (col, col + 1)), "#FFFFFF", 1.5)
    if model.hint and model.scene.placed:
        _paint_hint(painter, view, model)
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
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ink in (pen("#000000", 3, opacity=0.6), pen(DARK.moved, 1, dash=(4, 3))):
        painter.setPen(ink)
        painter.drawRect(QRectF(*rect).adjusted(0, 0, -1, -1))
    wide = width(TRAINED, "meta", False)
    if rect.width > wide + 12:
        draw(painter, Rect(rect.x + 6, rect.bottom - 19, wide + 2, 16), TRAINED, "meta", DARK.moved)


def _paint_ghost(painter: QPainter, view: CanvasView, reference: Scene) -> None:
    """The dashed outline of what stands at the reference."""
    _draw_layer(painter, view, ghost_layer(reference, view.zoom, scale_of(painter)))


def _draw_layer(painter: QPainter, view: CanvasView, layer: QImage) -> None:
    painter.drawImage(QPointF(*snapped(painter, view.rect.x, view.rect.y)), layer)


def _ends(view: CanvasView, model: CanvasModel, by: Displacement) -> tuple[QPointF, QPointF]:
    """On the screen, the reference centre of the leading pattern and the present one."""
    index = model.leader or 0
    now = model.scene.placed[index].at
    x, y = view.centre(now)
    return QPointF(x - by.cols * view.zoom, y - by.rows * view.zoom), QPointF(x, y)


def _long(view: CanvasView, by: Displacement) -> bool:
    return math.hypot(by.rows, by.cols) * view.zoom >= SHORT


def _dimension(view: CanvasView, model: CanvasModel, by: Displacement) -> tuple[QPointF, QPointF]:
    """Where the arrow stands that is too short to lie between the two places: above the pattern, or at its left."""
    start, end = _ends(view, model, by)
    box = box_of(model.scene.placed[model.leader or 0])
    rect = view.rect
    if abs(by.cols) >= abs(by.rows):
        reach = end.y() - view.point(box.top, 0)[1] + STAND_OFF
        highest = max(start.y(), end.y()) - rect.y - 14
        reach = max(min(reach, highest - abs(end.y() - start.y())), 0)
        return QPointF(start.x(), start.y() - reach), QPointF(end.x(), end.y() - reach)
    reach = end.x() - view.point(0, box.left)[0] + STAND_OFF
    furthest = min(start.x(), end.x()) - rect.x - 14
    reach = max(min(reach, furthest), 0)
    return QPointF(start.x() - reach, start.y()), QPointF(end.x() - reach, end.y())


def _paint_displacement(painter: QPainter, view: CanvasView, model: CanvasModel, by: Displacement) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    start, end = _ends(view, model, by)
    if _long(view, by):
        _paint_cross(painter, start)
        _arrow(painter, start, end)
        return
    from_, to = _dimension(view, model, by)
    level = abs(by.cols) >= abs(by.rows)
    past = QPointF(0, -8) if level else QPointF(-8, 0)
    _paint_cross(painter, start)
    painter.save()
    painter.translate(*crisp(scale_of(painter)))
    casing = pen("#000000", 3, opacity=0.55)
    for ink, foot, top in (
        (casing, start, from_ + past),
        (pen(DARK.ghost, 1.5, opacity=0.85, dash=(4, 3)), start, from_ + past),
        (casing, end, to + past),
        (pen(DARK.acc, 1.5), end, to + past),
    ):
        painter.setPen(ink)
        painter.drawLine(foot, top)
    painter.restore()
    _arrow(painter, from_, to)
    painter.setPen(QPen(colour("#000000"), 1))
    painter.setBrush(colour(DARK.acc))
    painter.drawEllipse(end, 4, 4)


def _paint_cross(painter: QPainter, at: QPointF) -> None:
    """A plus at the reference's centre."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for token, wide, reach in (("#000000", 3.0, 4.5), (DARK.ghost, 1.25, 4.0)):
        painter.setPen(pen(token, wide, opacity=0.8))
        painter.drawLine(at - QPointF(reach, 0), at + QPointF(reach, 0))
        painter.drawLine(at - QPointF(0, reach), at + QPointF(0, reach))


def _arrow(painter: QPainter, start: QPointF, end: QPointF) -> None:
    """White, 1.75 px, on a black casing, with an open head."""
    along = end - start
    length = math.hypot(along.x(), along.y())
    if length < 0.5:
        return
    unit = along / length
    side = QPointF(-unit.y(), unit.x())
    head = min(6.0, max(length * 0.45, 3.0))
    back = end - unit * head
    for token, wide in (("#000000", 3.75), ("#FFFFFF", 1.75)):
        painter.setPen(pen(token, wide, rounded=True))
        painter.drawLine(start, end)
        painter.drawPolyline([back + side * head * 0.8, end, back - side * head * 0.8])


def _paint_label(painter: QPainter, view: CanvasView, model: CanvasModel, by: Displacement) -> None:
    """'(0, +3)' on its plate: at the middle of a long arrow, beside a short one."""
    text = words.vector(by.rows, by.cols)
    wide = width(text, "control", True) + 16
    if _long(view, by):
        start, end = _ends(view, model, by)
        place = _beside(start, end, wide)
    else:
        from_, to = _dimension(view, model, by)
        if abs(by.cols) >= abs(by.rows):
            right = max(from_.x(), to.x())
            place = (right + 7 + wide / 2, to.y())
            if right + 7 + wide > view.rect.right - 2:
                place = (min(from_.x(), to.x()) - 7 - wide / 2, to.y())
        else:
            place = ((from_.x() + to.x()) / 2, min(from_.y(), to.y()) - 18)
            if place[1] < view.rect.y + 12:
                place = (place[0], max(from_.y(), to.y()) + 18)
    _label(painter, text, place, view)


def _beside(start: QPointF, end: QPointF, wide: float, high: float = 20) -> tuple[float, float]:
    """The middle of a long arrow; of a shorter one a place at its side, so that a plate leaves it in view."""
    x, y = (start.x() + end.x()) / 2, (start.y() + end.y()) / 2
    along = end - start
    length = math.hypot(along.x(), along.y())
    if length > 3 * wide:
        return x, y
    side = (along.y() / length, -along.x() / length)
    if side[1] > 0:
        side = (-side[0], -side[1])
    off = abs(side[0]) * wide / 2 + abs(side[1]) * high / 2 + 8
    return x + side[0] * off, y + side[1] * off


def _label(painter: QPainter, text: str, centre: tuple[float, float], view: CanvasView) -> None:
    """A text on the plate that all words on the canvas have."""
    frame = DARK.line2
    plate(painter, text, centre, view.rect, token="#FFFFFF", ground=OVERLAY_PLATE, frame=frame, role="control")


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
        _label(painter, field.label, place, view)


def _paint_hint(painter: QPainter, view: CanvasView, model: CanvasModel) -> None:
    """Words under the first pattern, or over it where there is no room."""
    box = box_of(model.scene.placed[model.leader or 0])
    x, y = view.point(box.bottom, (box.left + box.right) / 2)
    below = y + HINT_OFF
    if isinstance(model.trained, tuple):
        # The region's own words stand at its foot.
        foot = view.point(model.trained[1], 0)[1]
        below = foot + HINT_OFF * 0.75 if y < foot < below + HINT_OFF else below
    if below + HINT_OFF / 2 > view.rect.bottom:
        below = view.point(box.top, 0)[1] - HINT_OFF
    _label(painter, model.hint, (x, below), view)
