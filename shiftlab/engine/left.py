"""What is left after the reference has moved along, where it is known that nothing can be left elsewhere.

On a ring over a blank map that is the same everywhere only the present object and the moved reference
stand out. What is left is 0 outside of both, so that a move changes it in few places.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shiftlab.engine.stage_maps import Map, StageMaps
from shiftlab.picture.decimate import Area, Block


class Left(NamedTuple):
    """The whole cells by which the reference is moved, the areas where anything can be left, and the blank map."""

    cells: tuple[int, int]
    areas: Sequence[Area]
    blank: Map


def left_of(stage: StageMaps) -> Left | None:
    """Where anything can be left of a stage; None where that is not known, or the shift is not whole."""
    along = stage.along
    if along.cells is None or not along.ring or any(by % 1 for by in along.cells):
        return None
    over = stage.find_over_blank()
    if over is None:
        return None
    cells = int(along.cells[0]), int(along.cells[1])
    return Left(cells, [*over.now, *_rolled(over.reference, cells, stage.info.size)], over.blank)


def _rolled(areas: Sequence[Area], by: tuple[int, int], size: tuple[int, int]) -> list[Area]:
    """Areas moved on a ring, those that cross its seam in parts."""
    rolled: list[Area] = []
    for top, left, height, width in areas:
        for row, rows in _around(top + by[0], height, size[0]):
            rolled += [(row, col, rows, cols) for col, cols in _around(left + by[1], width, size[1])]
    return rolled


def _around(start: int, length: int, size: int) -> list[tuple[int, int]]:
    """(start, length) of an interval on a ring."""
    start %= size
    if length >= size:
        return [(0, size)]
    over = start + length - size
    return [(start, length)] if over <= 0 else [(start, length - over), (0, over)]


def left_block(stage: StageMaps, shown: slice, by: tuple[int, int]) -> Block:
    """What is left, cell by cell, on a ring."""

    def block(rows: slice, cols: slice) -> Map:
        moved = stage.reference[shown]
        for axis, (one, cells) in enumerate(zip((rows, cols), by, strict=True), 1):
            side = moved.shape[axis]
            start: int = (one.start - cells) % side
            count: int = one.stop - one.start
            if start + count <= side:
                moved = moved[:, start : start + count] if axis == 1 else moved[:, :, start : start + count]
            else:
                around: NDArray[np.intp] = np.arange(start, start + count) % side
                moved = np.take(moved, around, axis)
        with np.errstate(invalid="ignore", over="ignore"):
            return np.subtract(stage.now[shown, rows, cols], moved, dtype=np.float32)

    return block


def same_everywhere(maps: Map) -> bool:
    """Whether every map has one finite value."""
    first = maps[:, :1, :1]
    return bool(np.isfinite(first).all() and (maps == first).all())
