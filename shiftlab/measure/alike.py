"""Which places of an object are alike: those at which the maps round it are the same but for a whole shift.

Away from the borders they depend on the place modulo the cumulative stride alone. All kinds of places are
found on a canvas that is shorter by a multiple of the stride.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shiftlab.measure.body import Body
from shiftlab.network.geometry import cells_reached, stages
from shiftlab.network.spec import Pair

Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Kind:
    """Places along one axis that are treated alike: at the near border, in between, or at the far border.

    Attributes
    ----------
    places : range
        On the whole canvas.
    distinct : range
        Their stand-ins on the shorter canvas; in between one for each phase.
    cells : rows or cols of the last map (shorter canvas) that the object can change
    first : the same on the whole canvas; in between where the first place of each phase has them
    """

    places: range
    distinct: range
    cells: Indices
    first: Indices

    @property
    def shifts(self) -> int:
        """How many cells the change of one stand-in is slid over, in all."""
        return -(-len(self.places) // len(self.distinct))


@dataclass(frozen=True)
class Axis:
    """One axis of the shorter canvas and its kinds of places."""

    side: int
    kinds: tuple[Kind, ...]


def axis_of(body: Body, canvas: Pair, axis: int, size: int, spare: int) -> Axis:
    """The shorter canvas of one axis for an object of `size` pixels; the whole one if there is no gain.

    It is `spare` strides longer than it needs to be.
    """
    side, stride = canvas[axis], body.stride[axis]
    between = _between(body, side, axis, size)
    gone = (len(between) - (1 + spare) * stride) // stride
    if gone >= 1:
        found = _shortened(body, canvas, axis, size, between, side - gone * stride)
        if found is not None:
            return found
    places, cells = range(side - size + 1), np.arange(body.size[axis])
    return Axis(side, (Kind(places, places, cells, cells),))


def _between(body: Body, side: int, axis: int, size: int) -> range:
    """The places at which all cells that see an object of `size` pixels see the inside of the canvas alone."""
    stride, field = body.stride[axis], body.field[axis]
    padding = round((field - 1) / 2 - body.offset[axis])
    places = np.arange(side - size + 1)
    # cell u sees [u stride - padding, u stride - padding + field - 1]
    first = -((field - 1 - padding - places) // stride)
    last = (places + size - 1 + padding) // stride
    inside = (first * stride - padding >= 0) & (last * stride - padding + field <= side)
    found = np.flatnonzero(inside)
    return range(int(found[0]), int(found[-1]) + 1) if len(found) else range(0)


def _shortened(body: Body, canvas: Pair, axis: int, size: int, between: range, side: int) -> Axis | None:
    """The kinds of places on a canvas of `side`; None where they cannot be told apart there."""
    stride, gone = body.stride[axis], canvas[axis] - side
    short: Pair = (side, canvas[1]) if axis == 0 else (canvas[0], side)
    last = stages(body.spec, short)[-1]
    missing = body.size[axis] - last.size[axis]
    if missing * stride != gone or _between(body, side, axis, size) != range(between.start, between.stop - gone):
        return None
    before, after = range(between.start), range(between.stop, canvas[axis] - size + 1)
    kinds: list[Kind] = []
    for places, distinct, far in ((before, before, False), (after, range(after.start - gone, after.stop - gone), True)):
        if not places:
            continue
        cells = _reach(body, short, axis, distinct.start, distinct.stop - 1 + size)
        first = _on_whole(cells, last.size[axis], missing, far)
        if first is None:
            return None
        kinds.append(Kind(places, distinct, cells, first))
    phases = range(between.start, between.start + stride)
    cells = _reach(body, short, axis, phases.start, phases.stop - 1 + size)
    kinds.append(Kind(between, phases, cells, cells))
    return Axis(side, tuple(kinds))


def _reach(body: Body, canvas: Pair, axis: int, start: int, stop: int) -> Indices:
    """Cells of the last map, along one axis, that see any pixel of [start, stop)."""
    masks = [np.ones(side, dtype=np.bool_) for side in canvas]
    masks[axis] = (np.arange(canvas[axis]) >= start) & (np.arange(canvas[axis]) < stop)
    return np.flatnonzero(cells_reached(body.spec, canvas, masks[0], masks[1])[body.name][axis])


def _on_whole(cells: Indices, side: int, missing: int, far: bool) -> Indices | None:
    """Where cells of the shorter map stand on the whole one, near either of its ends; None where that is not clear.

    With circular padding an object at one end reaches the other.
    """
    if len(cells) == 0:
        return cells
    gaps = np.flatnonzero(np.diff(cells) > 1)
    if len(gaps) > 1 or (len(gaps) == 0 and len(cells) == side):
        return None
    beyond = cells > cells[gaps[0]] if len(gaps) else np.full(len(cells), far)
    return cells + missing * beyond
