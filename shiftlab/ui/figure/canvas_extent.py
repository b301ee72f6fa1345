"""What of a canvas is another when patterns have moved: so much of it is repainted during a drag."""

from __future__ import annotations

import math
from functools import lru_cache

from shiftlab.scene.raster import MARGIN, fraction
from shiftlab.ui.figure.canvas_model import CanvasModel
from shiftlab.ui.figure.canvas_shift import hint_place, label_box, shift_of
from shiftlab.ui.figure.canvas_view import RULER, CanvasView
from shiftlab.ui.figure.layers import HANDLE
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.hits import box_of

ROUND = 4
"""Logical pixels by which outlines reach over what they enclose."""
CLEAR = HANDLE
"""Canvas pixels between a pattern and the canvas's edge from which nothing of it comes in on the other side."""
NOTHING = Rect(0, 0, 0, 0)
MARK = 6
"""Logical pixels to each side of a mark on the ruler that it keeps to."""


@lru_cache(maxsize=4)
def extent(view: CanvasView, model: CanvasModel, moving: tuple[int, ...]) -> Rect:
    """The rectangle, on the screen, within which lie the patterns `moving`, their selection, all ghosts, the arrow,
    its label and the hint, where nothing of it comes in on the other side of the canvas."""
    rects: list[Rect] = []
    for index, one in enumerate(model.scene.placed):
        # What stands between pixels rings with all that lies beneath it.
        box, ring = box_of(one), 0 if fraction(one) == (0.0, 0.0) else MARGIN + 1
        if index not in moving and not ring:
            continue
        rect = view.box((box.top - ring, box.bottom + ring), (box.left - ring, box.right + ring))
        rects.append(rect.grown(HANDLE + 1))
    left = model.left
    for one in left.placed if left is not None else ():
        box = box_of(one)
        rects.append(view.box((box.top, box.bottom), (box.left, box.right)).grown(ROUND))
    shift = shift_of(view, model)
    if shift is not None:
        rects += [shift.extent, label_box(shift.label, shift.middle, view).grown(1)]
    if model.hint and model.scene.placed:
        rects.append(label_box(model.hint, hint_place(view, model), view).grown(1))
    if not rects:
        return NOTHING
    x, y = min(one.x for one in rects), min(one.y for one in rects)
    return Rect(x, y, max(one.right for one in rects) - x, max(one.bottom for one in rects) - y)


@lru_cache(maxsize=4)
def marks_extent(view: CanvasView, model: CanvasModel) -> tuple[Rect, Rect]:
    """Of the rulers above and at the left the parts within which the marks of both places lie."""
    if model.places is None:
        return NOTHING, NOTHING
    (x, y), (other_x, other_y) = (view.centre(at) for at in model.places)
    left, top = min(x, other_x) - MARK, min(y, other_y) - MARK
    above = Rect(left, view.rect.y - RULER, abs(x - other_x) + 2 * MARK, RULER)
    return above, Rect(view.rect.x - RULER, top, RULER, abs(y - other_y) + 2 * MARK)


def moved_parts(view: CanvasView, before: CanvasModel, after: CanvasModel) -> tuple[Rect, ...] | None:
    """Of two models the parts to be repainted where no more than places of patterns differ: of the canvas, of the
    ruler above and of that at the left, in whole pixels. None where anything may be another.
    """
    then, now = before.scene, after.scene
    if before.reference is not after.reference or before.field is not None or after.field is not None:
        return None
    if (then.size, then.border, then.background) != (now.size, now.border, now.background):
        return None
    if len(then.placed) != len(now.placed):
        return None
    if before.selection != after.selection or before.hint != after.hint or before.places is None:
        return None
    moving = tuple(index for index, one in enumerate(now.placed) if one != then.placed[index])
    if now.border == "wrap" and not all(_clear(model, moving) for model in (before, after)):
        return None
    canvas = extent(view, before, moving).united(extent(view, after, moving))
    above, beside = (
        one.united(other) for one, other in zip(marks_extent(view, before), marks_extent(view, after), strict=True)
    )
    within = (
        view.rect,
        Rect(0, 0, view.rect.right + RULER, view.rect.y),
        Rect(0, 0, view.rect.x, view.rect.bottom + RULER),
    )
    return tuple(_whole(part).cut(room) for part, room in zip((canvas, above, beside), within, strict=True))


def _clear(model: CanvasModel, moving: tuple[int, ...]) -> bool:
    """Whether on a wrapped canvas nothing that moves, and no ghost, comes in on the other side: patterns on whole
    pixels within it, with room for their handles."""
    if any(fraction(one) != (0.0, 0.0) for one in model.scene.placed):
        return False
    rows, cols = model.scene.size
    standing = [model.scene.placed[index] for index in moving] + list(
        model.left.placed if model.left is not None else ()
    )
    for one in standing:
        box = box_of(one)
        if min(box.top, box.left, rows - box.bottom, cols - box.right) < CLEAR:
            return False
    return True


def _whole(rect: Rect) -> Rect:
    """The least rectangle of whole pixels that holds another."""
    x, y = math.floor(rect.x), math.floor(rect.y)
    return Rect(x, y, math.ceil(rect.right) - x, math.ceil(rect.bottom) - y)
