"""How far the pattern stands from its reference, on the canvas: the arrow, its label, and the words under a pattern."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPen

from shiftlab.scene.translation import Displacement
from shiftlab.ui.figure import words
from shiftlab.ui.figure.canvas_model import CanvasModel
from shiftlab.ui.figure.canvas_view import CanvasView
from shiftlab.ui.figure.layers import crisp
from shiftlab.ui.figure.pens import pen
from shiftlab.ui.figure.pixels import scale_of
from shiftlab.ui.figure.text import plate, width
from shiftlab.ui.hits import box_of
from shiftlab.ui.theme import DARK, OVERLAY_PLATE, colour

SHORT = 40
"""Logical pixels below which the displacement is a dimension line beside the pattern."""
STAND_OFF = 34
"""How far the dimension line stands off the pattern."""
HINT_OFF = 22


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


def paint_shift(painter: QPainter, view: CanvasView, model: CanvasModel, by: Displacement) -> None:
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


def paint_shift_label(painter: QPainter, view: CanvasView, model: CanvasModel, by: Displacement) -> None:
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
    label_on(painter, text, place, view)


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


def label_on(painter: QPainter, text: str, centre: tuple[float, float], view: CanvasView) -> None:
    """A text on the plate that all words on the canvas have."""
    frame = DARK.line2
    plate(painter, text, centre, view.rect, token="#FFFFFF", ground=OVERLAY_PLATE, frame=frame, role="control")


def paint_hint(painter: QPainter, view: CanvasView, model: CanvasModel) -> None:
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
    label_on(painter, model.hint, (x, below), view)
