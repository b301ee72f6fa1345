"""How far the pattern stands from its reference, on the canvas: the arrow, its label, and the words under a pattern."""

from __future__ import annotations

import math
from functools import lru_cache

import msgspec
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPen

from shiftlab.scene.translation import Displacement
from shiftlab.scene.values import Placed
from shiftlab.ui.figure import words
from shiftlab.ui.figure.canvas_model import CanvasModel
from shiftlab.ui.figure.canvas_view import CanvasView
from shiftlab.ui.figure.layers import crisp
from shiftlab.ui.figure.pens import pen
from shiftlab.ui.figure.pixels import scale_of
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import plate, plate_box, width
from shiftlab.ui.hits import box_of
from shiftlab.ui.theme import DARK, OVERLAY_PLATE, colour

SHORT = 40
"""Logical pixels below which the displacement is a dimension line beside the pattern."""
STAND_OFF = 34
"""How far the dimension line stands off the pattern."""
PAST = 8
"""How far its two feet go beyond it."""
HINT_OFF = 22
REACH = 9
"""Logical pixels by which nothing that is drawn at the ends of lines reaches beyond them."""
Point = tuple[float, float]


class ShiftLayout(msgspec.Struct, frozen=True):
    """Where the parts of the arrow stand.

    `start` and `end` are the reference centre of the leading pattern and the present one on the screen; the arrow
    goes along `arrow`, which is these two where they are far enough apart, and else a dimension line beside the
    pattern, `level` above it or at its left. `label` stands about `middle`.
    """

    start: Point
    end: Point
    arrow: tuple[Point, Point]
    long: bool
    level: bool
    label: str
    middle: Point

    @property
    def extent(self) -> Rect:
        """What all of it but the label keeps to."""
        (x, y), (right, bottom) = self.start, self.end
        xs, ys = [x, right], [y, bottom]
        for at in self.arrow:
            xs.append(at[0])
            ys.append(at[1])
        low = (min(xs) - PAST, min(ys) - PAST)
        return Rect(*low, max(xs) - low[0], max(ys) - low[1]).grown(REACH)


def shift_of(view: CanvasView, model: CanvasModel) -> ShiftLayout | None:
    """The layout of a model's arrow; None where nothing has moved, or nobody knows how far."""
    if model.displacement is None or model.displacement.zero:
        return None
    return shift_layout(view, model.scene.placed[model.leader or 0], model.displacement)


@lru_cache(maxsize=8)
def shift_layout(view: CanvasView, leader: Placed, by: Displacement) -> ShiftLayout:
    """Lay out the arrow of a displacement that the leading pattern has made."""
    x, y = view.centre(leader.at)
    start, end = (x - by.cols * view.zoom, y - by.rows * view.zoom), (x, y)
    level = abs(by.cols) >= abs(by.rows)
    label = words.vector(by.rows, by.cols)
    wide = width(label, "control", True) + 16
    if math.hypot(by.rows, by.cols) * view.zoom >= SHORT:
        return ShiftLayout(start, end, (start, end), True, level, label, _beside(start, end, wide))
    arrow = _dimension(view, leader, start, end, level)
    return ShiftLayout(start, end, arrow, False, level, label, _by_dimension(view, *arrow, level, wide))


def _dimension(view: CanvasView, leader: Placed, start: Point, end: Point, level: bool) -> tuple[Point, Point]:
    """Where the arrow stands that is too short to lie between the two places: above the pattern, or at its left."""
    box, rect = box_of(leader), view.rect
    if level:
        reach = end[1] - view.point(box.top, 0)[1] + STAND_OFF
        highest = max(start[1], end[1]) - rect.y - 14
        reach = max(min(reach, highest - abs(end[1] - start[1])), 0)
        return (start[0], start[1] - reach), (end[0], end[1] - reach)
    reach = end[0] - view.point(0, box.left)[0] + STAND_OFF
    furthest = min(start[0], end[0]) - rect.x - 14
    reach = max(min(reach, furthest), 0)
    return (start[0] - reach, start[1]), (end[0] - reach, end[1])


def _by_dimension(view: CanvasView, from_: Point, to: Point, level: bool, wide: float) -> Point:
    """The middle of a label beside a dimension line."""
    if level:
        right = max(from_[0], to[0])
        if right + 7 + wide > view.rect.right - 2:
            return min(from_[0], to[0]) - 7 - wide / 2, to[1]
        return right + 7 + wide / 2, to[1]
    middle = (from_[0] + to[0]) / 2, min(from_[1], to[1]) - 18
    return middle if middle[1] >= view.rect.y + 12 else (middle[0], max(from_[1], to[1]) + 18)


def _beside(start: Point, end: Point, wide: float, high: float = 20) -> Point:
    """The middle of a long arrow; of a shorter one a place at its side, so that a plate leaves it in view."""
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    along = (end[0] - start[0], end[1] - start[1])
    length = math.hypot(*along)
    if length > 3 * wide:
        return x, y
    side = (along[1] / length, -along[0] / length)
    if side[1] > 0:
        side = (-side[0], -side[1])
    off = abs(side[0]) * wide / 2 + abs(side[1]) * high / 2 + 8
    return x + side[0] * off, y + side[1] * off


def paint_shift(painter: QPainter, layout: ShiftLayout) -> None:
    """Draw the arrow, on a painter that smooths edges."""
    start, end = QPointF(*layout.start), QPointF(*layout.end)
    _paint_cross(painter, layout.start)
    if layout.long:
        _arrow(painter, *layout.arrow)
        return
    from_, to = layout.arrow
    past = (0, -PAST) if layout.level else (-PAST, 0)
    crisply = crisp(scale_of(painter))
    painter.translate(*crisply)
    casing = pen("#000000", 3, opacity=0.55)
    home, there = QPointF(from_[0] + past[0], from_[1] + past[1]), QPointF(to[0] + past[0], to[1] + past[1])
    for ink, foot, top in (
        (casing, start, home),
        (pen(DARK.ghost, 1.5, opacity=0.85, dash=(4, 3)), start, home),
        (casing, end, there),
        (pen(DARK.acc, 1.5), end, there),
    ):
        painter.setPen(ink)
        painter.drawLine(foot, top)
    painter.translate(-crisply[0], -crisply[1])
    _arrow(painter, from_, to)
    painter.setPen(QPen(colour("#000000"), 1))
    painter.setBrush(colour(DARK.acc))
    painter.drawEllipse(end, 4, 4)


def _paint_cross(painter: QPainter, at: Point) -> None:
    """A plus at the reference's centre."""
    x, y = at
    for token, wide, reach in (("#000000", 3.0, 4.5), (DARK.ghost, 1.25, 4.0)):
        painter.setPen(pen(token, wide, opacity=0.8))
        painter.drawLine(QPointF(x - reach, y), QPointF(x + reach, y))
        painter.drawLine(QPointF(x, y - reach), QPointF(x, y + reach))


def _arrow(painter: QPainter, start: Point, end: Point) -> None:
    """White, 1.75 px, on a black casing, with an open head."""
    along = (end[0] - start[0], end[1] - start[1])
    length = math.hypot(*along)
    if length < 0.5:
        return
    x, y = along[0] / length, along[1] / length
    head = min(6.0, max(length * 0.45, 3.0))
    back, out = (end[0] - x * head, end[1] - y * head), (-y * head * 0.8, x * head * 0.8)
    tip = QPointF(*end)
    barbs = [QPointF(back[0] + out[0], back[1] + out[1]), tip, QPointF(back[0] - out[0], back[1] - out[1])]
    for token, wide in (("#000000", 3.75), ("#FFFFFF", 1.75)):
        painter.setPen(pen(token, wide, rounded=True))
        painter.drawLine(QPointF(*start), tip)
        painter.drawPolyline(barbs)


def label_on(painter: QPainter, text: str, centre: Point, view: CanvasView) -> None:
    """A text on the plate that all words on the canvas have."""
    frame = DARK.line2
    plate(painter, text, centre, view.rect, token="#FFFFFF", ground=OVERLAY_PLATE, frame=frame, role="control")


def label_box(text: str, centre: Point, view: CanvasView) -> Rect:
    """Where that plate stands."""
    return plate_box(text, centre, view.rect, role="control")[1]


def hint_place(view: CanvasView, model: CanvasModel) -> Point:
    """The middle of the words under the first pattern, or over it where there is no room."""
    box = box_of(model.scene.placed[model.leader or 0])
    x, y = view.point(box.bottom, (box.left + box.right) / 2)
    below = y + HINT_OFF
    if isinstance(model.trained, tuple):
        # The region's own words stand at its foot.
        foot = view.point(model.trained[1], 0)[1]
        below = foot + HINT_OFF * 0.75 if y < foot < below + HINT_OFF else below
    if below + HINT_OFF / 2 > view.rect.bottom:
        below = view.point(box.top, 0)[1] - HINT_OFF
    return x, below
