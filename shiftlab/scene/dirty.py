"""Which pixels two scenes can differ in, so that a network need only look there again."""

from __future__ import annotations

from functools import lru_cache
from itertools import zip_longest
from typing import NamedTuple

from shiftlab.scene.raster import MARGIN, fraction, nearest, pieces
from shiftlab.scene.resample import stamp
from shiftlab.scene.values import Placed, Scene


class Box(NamedTuple):
    """A rectangle of pixels."""

    top: int
    left: int
    height: int
    width: int


def dirty_boxes(before: Scene, after: Scene) -> tuple[Box, ...]:
    """Rectangles on the canvas outside of which two scenes are the same picture.

    They may overlap, do not leave the canvas, and are none where nothing changed. Scenes whose canvas,
    background or border differ give the whole canvas of `after`. What stood here and now stands nearby is
    one box, where that is no larger than both.
    """
    return _on_canvas(_touched(before, after), after)


def drawn_boxes(scene: Scene) -> tuple[Box, ...]:
    """Rectangles on the canvas outside of which a scene is its background alone."""
    canvas = Box(0, 0, *scene.size)
    boxes = [_box(one, canvas, scene.border == "wrap") for one in scene.placed]
    return _on_canvas([box for box in boxes if box.height and box.width], scene)


def _on_canvas(boxes: list[Box], scene: Scene) -> tuple[Box, ...]:
    """Boxes cut at the canvas or gone round its edges, neighbours in the list joined."""
    found: list[Box] = []
    for box in boxes:
        for (row, col), _ in pieces(scene.size, box[:2], box[2:], scene.border == "wrap"):
            here = Box(row.start, col.start, row.stop - row.start, col.stop - col.start)
            joined = _joined(found[-1], here) if found else None
            if joined is None:
                found.append(here)
            else:
                found[-1] = joined
    return tuple(found)


def _joined(a: Box, b: Box) -> Box | None:
    """The box that holds two, where it has no more pixels than both together."""
    top, left = min(a.top, b.top), min(a.left, b.left)
    height = max(a.top + a.height, b.top + b.height) - top
    width = max(a.left + a.width, b.left + b.width) - left
    if height * width <= a.height * a.width + b.height * b.width:
        return Box(top, left, height, width)
    return None


def _touched(before: Scene, after: Scene) -> list[Box]:
    """The boxes of what changed, where they may leave the canvas."""
    canvas = Box(0, 0, *after.size)
    if (before.size, before.background, before.border) != (after.size, after.background, after.border):
        return [canvas]
    if before.placed == after.placed:
        return []
    found: list[Box] = []
    for old, new in zip_longest(before.placed, after.placed):
        if old == new and (old is None or fraction(old) == (0, 0)):
            continue
        boxes = [_box(one, canvas, after.border == "wrap") for one in (old, new) if one is not None]
        # What stands between pixels depends on all that lies beneath it.
        between = any(one is not None and fraction(one) != (0, 0) for one in (old, new))
        if old != new or (between and _any_meet(boxes, found, canvas)):
            found.extend(box for box in boxes if box.height and box.width)
    return found


@lru_cache(maxsize=1024)
def _box(placed: Placed, canvas: Box, wrap: bool) -> Box:
    """What a pattern can change."""
    shown, centre = stamp(placed), nearest(placed)
    if fraction(placed) == (0, 0):
        return Box(centre[0] + shown.first[0], centre[1] + shown.first[1], *shown.size)
    if wrap:
        return canvas
    return Box(
        centre[0] - shown.whole[0] // 2 - MARGIN,
        centre[1] - shown.whole[1] // 2 - MARGIN,
        shown.whole[0] + 2 * MARGIN,
        shown.whole[1] + 2 * MARGIN,
    )


def _any_meet(boxes: list[Box], others: list[Box], canvas: Box) -> bool:
    return any(a == canvas or _meet(a, b) for a in boxes for b in others)


def _meet(a: Box, b: Box) -> bool:
    return (
        a.top < b.top + b.height
        and b.top < a.top + a.height
        and a.left < b.left + b.width
        and b.left < a.left + a.width
    )
