"""Which cells are compared: candidates for the shift in cells, and the cells where a comparison is fair.

Every mask here is a rectangle, because fields, shifts and maps are products of intervals; an interval
is (first, past the last). No torch.
"""

from __future__ import annotations

import itertools
import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shiftlab.network import geometry
from shiftlab.network.info import StageInfo
from shiftlab.network.spec import LayerSpec, NetworkSpec, Pair
from shiftlab.network.steps import steps
from shiftlab.scene.values import Border

Interval = tuple[int, int]


class Rect(NamedTuple):
    """Cells [rows[0], rows[1]) x [cols[0], cols[1]) of a map; empty where an interval is."""

    rows: Interval
    cols: Interval

    @property
    def empty(self) -> bool:
        return self.rows[1] <= self.rows[0] or self.cols[1] <= self.cols[0]

    @property
    def slices(self) -> tuple[slice, slice]:
        """An index into the places of a map."""
        return slice(*self.rows), slice(*self.cols)

    def meet(self, other: Rect) -> Rect:
        """The cells in both."""
        return Rect(_meet(self.rows, other.rows), _meet(self.cols, other.cols))

    def join(self, other: Rect) -> Rect:
        """The smallest rectangle with both in it."""
        if self.empty or other.empty:
            return other if self.empty else self
        return Rect(_hull(self.rows, other.rows), _hull(self.cols, other.cols))

    def within(self, outer: Rect) -> Rect:
        """The same cells, counted from the first of `outer`."""
        top, left = outer.rows[0], outer.cols[0]
        return Rect((self.rows[0] - top, self.rows[1] - top), (self.cols[0] - left, self.cols[1] - left))

    def holds(self, other: Rect) -> bool:
        """Whether every cell of `other` is in it."""
        (top, bottom), (left, right) = self
        (first, last), (start, stop) = other
        return first >= last or start >= stop or (top <= first and last <= bottom and left <= start and stop <= right)

    def without(self, inner: Rect) -> list[Rect]:
        """The rectangles above, below, left and right of `inner`, a part of this one."""
        if inner.empty:
            return [self]
        middle = inner.rows
        around = (
            Rect((self.rows[0], middle[0]), self.cols),
            Rect((middle[1], self.rows[1]), self.cols),
            Rect(middle, (self.cols[0], inner.cols[0])),
            Rect(middle, (inner.cols[1], self.cols[1])),
        )
        return [one for one in around if not one.empty]

    def moved(self, by: Pair) -> Rect:
        return Rect((self.rows[0] + by[0], self.rows[1] + by[0]), (self.cols[0] + by[1], self.cols[1] + by[1]))


def whole(size: Pair) -> Rect:
    """Every cell of a map."""
    return Rect((0, size[0]), (0, size[1]))


def _meet(one: Interval, other: Interval) -> Interval:
    # a drag comes here hundreds of times a frame
    first = one[0] if one[0] > other[0] else other[0]
    last = one[1] if one[1] < other[1] else other[1]
    return first, last if last > first else first


def _hull(first: Interval, second: Interval) -> Interval:
    return min(first[0], second[0]), max(first[1], second[1])


def floor_and_ceil(cells: float) -> tuple[int, ...]:
    """The whole numbers next to a shift in cells: one where it is whole, else two."""
    below = math.floor(cells)
    return (below,) if below == cells else (below, below + 1)


@lru_cache(maxsize=256)
def candidates(cells: tuple[float, float]) -> tuple[Pair, ...]:
    """The shifts in whole cells that the grid form chooses from: floor and ceil in each axis."""
    return tuple(itertools.product(floor_and_ceil(cells[0]), floor_and_ceil(cells[1])))


@lru_cache(maxsize=4096)
def kept(cells: Rect, shifts: tuple[Pair, ...]) -> Rect:
    """The u of a rectangle for which u - d lies in it too, for every d of `shifts`.

    Of all the cells of a map it gives those where the map and the moved map both exist; of the cells
    that see the inside of the canvas alone, the valid ones.
    """
    found = cells
    for shift in shifts:
        found = found.meet(cells.moved(shift))
    return found


def _run(mask: NDArray[np.bool_]) -> Interval:
    """The one run of True in a mask."""
    found = np.flatnonzero(mask)
    return (int(found[0]), int(found[-1]) + 1) if len(found) else (0, 0)


def fields_inside(info: StageInfo, canvas: Pair) -> Rect:
    """The cells of a stage whose receptive field [uS - P, uS - P + r - 1] lies inside the canvas."""
    rows, cols = geometry.fields_inside(info, canvas)
    return Rect(_run(rows), _run(cols))


def untouched(layer: LayerSpec, size: Pair) -> Rect:
    """The outputs of a layer that touch none of its own padding, for an input of `size` cells."""
    rows, cols = geometry.touches_padding(layer, size)
    return Rect(_run(~rows), _run(~cols))


def wrapping(spec: NetworkSpec, canvas: Pair, border: Border) -> tuple[bool, ...]:
    """For each stage whether its map is a ring: the scene wraps, and every window so far goes round with it.

    A window goes round where its padding is circular, or where it needs none because neighbouring
    windows do not overlap; in both cases it must leave one cell for every stride. Where the stride does
    not divide the size, the ring has a seam (`seamless` says so). False for stages without places.
    """
    found: list[bool] = []
    ring, size = border == "wrap", canvas
    for layer, info in zip(spec.active, geometry.stages(spec, canvas), strict=True):
        ring = ring and info.stride is not None
        for step in steps(layer):
            after = (step.size(0, size[0]), step.size(1, size[1]))
            for axis in (0, 1):
                stride = step.stride[axis]
                round_it = step.fill == "circular" if any(step.padding[axis]) else step.span[axis] <= stride
                ring = ring and round_it and size[axis] // stride <= after[axis] <= -(-size[axis] // stride)
            size = after
        found.append(ring)
    return tuple(found)


def seamless(info: StageInfo, canvas: Pair) -> bool:
    """Whether a ring closes without a seam: the stride divides both sides of the canvas."""
    return info.stride is not None and all(info.size[axis] * info.stride[axis] == canvas[axis] for axis in (0, 1))
