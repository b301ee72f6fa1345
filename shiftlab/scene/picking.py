"""Where a placed pattern is on the canvas: its box, its outline, and what lies under the pointer.

Points on the canvas are (row, col) with pixel i from i to i + 1; a pattern's centre is a *pixel*, whose
own middle is at + 1/2.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shiftlab.scene.resample import Stamp, stamp
from shiftlab.scene.values import Placed, Scene

SMALLEST_TARGET = 7
"""Side in pixels below which a pattern can still be taken hold of beside itself."""

Loop = tuple[tuple[int, int], ...]


class Frame(NamedTuple):
    """A rectangle on the canvas, in pixels and parts of them."""

    top: float
    left: float
    height: float
    width: float


def frame(placed: Placed) -> Frame:
    """The pattern's box where it stands: at - n // 2, n pixels long; of a turned one the upright box about it."""
    height, width = stamp(placed).whole
    return Frame(placed.at[0] - height // 2, placed.at[1] - width // 2, height, width)


def outline(placed: Placed) -> tuple[NDArray[np.float64], ...]:
    """The edge of where the pattern is more than half opaque, as closed loops along pixel edges.

    Each is (k, 2) corners (row, col) on the canvas; the last joins the first. A pattern that is nowhere
    that opaque has its box as outline.
    """
    shown = stamp(placed)
    loops = _loops(shown)
    if not loops:
        top, left, height, width = frame(placed)
        return (np.array([(top, left), (top, left + width), (top + height, left + width), (top + height, left)]),)
    first = np.array(placed.at) + shown.first
    return tuple(np.array(loop, dtype=np.float64) + first for loop in loops)


@lru_cache(maxsize=64)
def _loops(shown: Stamp) -> tuple[Loop, ...]:
    """Loops about the pixels with alpha above a half, with the pixels on their right hand."""
    solid = np.pad(shown.alpha > 0.5, 1)
    inner = solid[1:-1, 1:-1]
    following: dict[tuple[int, int], list[tuple[int, int]]] = {}

    def add(cells: NDArray[np.bool_], start: tuple[int, int], end: tuple[int, int]) -> None:
        for row, col in np.argwhere(cells):
            r, c = int(row), int(col)
            following.setdefault((r + start[0], c + start[1]), []).append((r + end[0], c + end[1]))

    add(inner & ~solid[:-2, 1:-1], (0, 0), (0, 1))
    add(inner & ~solid[1:-1, 2:], (0, 1), (1, 1))
    add(inner & ~solid[2:, 1:-1], (1, 1), (1, 0))
    add(inner & ~solid[1:-1, :-2], (1, 0), (0, 0))
    loops: list[Loop] = []
    while following:
        start = next(iter(following))
        corners = [start]
        at = start
        while True:
            ends = following[at]
            after = ends.pop()
            if not ends:
                del following[at]
            if after == start:
                break
            corners.append(after)
            at = after
        loops.append(_corners_only(corners))
    return tuple(loops)


def _corners_only(points: list[tuple[int, int]]) -> Loop:
    """The points at which the loop turns."""
    return tuple(
        point
        for before, point, after in zip([points[-1], *points[:-1]], points, [*points[1:], points[0]], strict=True)
        if (point[0] - before[0], point[1] - before[1]) != (after[0] - point[0], after[1] - point[1])
    )


def pattern_at(scene: Scene, row: float, col: float) -> int | None:
    """Index of the pattern under a point of the canvas; None where there is none.

    The topmost that is not transparent there, or else the topmost whose box holds the point. A pattern
    of a few pixels can be taken hold of up to 3 px beside itself; on a wrapped scene on either side.
    """
    in_box: int | None = None
    for index in range(len(scene.placed) - 1, -1, -1):
        placed = scene.placed[index]
        box = frame(placed)
        down, right = row - box.top, col - box.left
        if scene.border == "wrap":
            down = _nearest_turn(down, scene.size[0], box.height)
            right = _nearest_turn(right, scene.size[1], box.width)
        slack = (max(0.0, (SMALLEST_TARGET - box.height) / 2), max(0.0, (SMALLEST_TARGET - box.width) / 2))
        if not (-slack[0] <= down < box.height + slack[0] and -slack[1] <= right < box.width + slack[1]):
            continue
        if _opaque(placed, down, right):
            return index
        if in_box is None:
            in_box = index
    return in_box


def _nearest_turn(offset: float, side: int, length: float) -> float:
    """`offset` by whole canvases such that it lies as near as can be to the middle of a box."""
    middle = length / 2
    return offset - side * round((offset - middle) / side)


def _opaque(placed: Placed, down: float, right: float) -> bool:
    shown = stamp(placed)
    row = int(np.floor(down)) - shown.first[0] - shown.whole[0] // 2
    col = int(np.floor(right)) - shown.first[1] - shown.whole[1] // 2
    inside = 0 <= row < shown.size[0] and 0 <= col < shown.size[1]
    return inside and bool(shown.alpha[row, col] > 0)
