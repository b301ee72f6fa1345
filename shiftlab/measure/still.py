"""What of a stage's reference and blank maps is worth keeping during a drag.

Everything here depends on the reference alone, or on it and a shift in whole cells, so that a drag pays
a few passes over the present map. No torch.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shiftlab.measure.energy import (
    Array,
    Energy,
    Ground,
    Mask,
    Places,
    Table,
    box_of,
    by_place,
    energy,
    energy_by_place,
    laid_out,
    less_moved,
    tolerance_of,
    total,
)
from shiftlab.measure.fractional import Shifted
from shiftlab.measure.frame import Frame
from shiftlab.measure.masks import Rect, candidates, kept, whole
from shiftlab.measure.small import MOST, Small
from shiftlab.network.spec import Pair
from shiftlab.scene.fourier import fourier_shift

KEPT_SHIFTS = 512
"""Shifts for which a stage keeps what follows from its reference and blank maps alone."""
KEPT_PHASES = 8 << 20
"""Bytes of Fourier-shifted responses that a stage keeps for the next moves of a drag."""


def _flat(blank: Array) -> Rect:
    """The rectangle about the middle in which a blank map is level in every channel; empty where there is none."""
    rows, cols = blank.shape[1:]
    # rounding differs a little from place to place, which is nothing to a norm
    spread = 0.1 * tolerance_of(blank.dtype) * float(np.abs(blank).max())
    level = np.abs(blank - blank[:, rows // 2, cols // 2][:, None, None]).max(axis=0) <= spread
    found = Rect(_run_about(level[:, cols // 2], rows // 2), _run_about(level[rows // 2], cols // 2))
    return found if level[found.slices].all() else Rect((0, 0), (0, 0))


def _run_about(level: NDArray[np.bool_], middle: int) -> tuple[int, int]:
    """The run of True that holds the middle."""
    gaps = np.flatnonzero(~level)
    before, after = gaps[gaps < middle], gaps[gaps > middle]
    return (int(before[-1]) + 1 if len(before) else 0, int(after[0]) if len(after) else len(level))


def wide(box: Rect, size: Pair) -> Rect:
    """A box, or the whole map where it is most of it: what lies together is read faster."""
    (top, bottom), (left, right) = box
    return whole(size) if 2 * (bottom - top) * (right - left) > size[0] * size[1] else box


class Moved(NamedTuple):
    """What a shift and a mask come to with the reference and the blank map alone.

    Attributes
    ----------
    box : Rect
        Where the response stands after moving.
    free : Rect
        Where both blank maps are level, inside the mask, all valid; empty where the moved response is cut.
    plain, responded, alone : Energy
        Squares over the mask of the reference R moved by d whole cells: T R, T R - Z and T(R - Z). The
        second is the response in the error. Where the blank map is not level it has the rim of the
        blank in it, and only the third tells whether there is a response to the object at all.
    """

    box: Rect
    free: Rect
    plain: Energy
    responded: Energy
    alone: Energy


class Phase(NamedTuple):
    """A response moved by a part of a cell: laid out to be moved on, or cut for the frame (`ground` is None)."""

    values: Array
    ground: Ground | None


class Plan:
    """A shift of so many cells at one stage, with what follows from it and the reference alone.

    Attributes
    ----------
    cells : (rows, cols)
    shifts : tuple of (rows, cols)
        The whole cells that the grid form chooses from; none for a sub-pixel shift.
    mask : Mask
        The one mask of all of them.
    held : bool
        Whether the response moved by any of them lies in its valid cells, on a level blank map.
    framed : bool
        Whether a present response can be put in the reference's frame.
    on_grid : bool
        Whether the shift is a whole number of cells.
    """

    def __init__(self, still: Still, cells: tuple[float, float], integer: bool) -> None:
        every = whole(still.size)
        shifts = candidates(cells)
        full = every if still.ring else kept(every, shifts)
        valid = None if still.inside is None else kept(still.inside, shifts)
        # the first and the last of the shifts are the least and the largest
        ends = still.box.moved(shifts[0]), still.box.moved(shifts[-1])
        # cut by no edge, nor parted by that of a ring
        together = not still.ring or all(every.holds(one) for one in ends)
        self._still, self.cells = still, cells
        self.shifts: tuple[Pair, ...] = shifts if integer else ()
        self.mask = Mask(full, valid)
        self.held = still.level and (valid is None or all(valid.holds(one) for one in ends))
        self.framed = integer and together and still.frame is not None
        self.on_grid = integer and float(cells[0]).is_integer() and float(cells[1]).is_integer()

    @cached_property
    def moved(self) -> tuple[Moved, ...]:
        """What the reference comes to, moved by each of the shifts."""
        return tuple(self._still.moved_by(by, self.mask) for by in self.shifts)

    @cached_property
    def rims(self) -> tuple[Energy, ...]:
        """Squares over the mask of the blank map less the blank map moved by each of the shifts; not for a ring."""
        return tuple(self._still.rim(by, self.mask) for by in self.shifts)

    @cached_property
    def fractional_norm(self) -> float:
        """Squared norm of the response after the Fourier shift, on a ring."""
        return self._still.shifted.norm(self.cells)

    @cached_property
    def ground(self) -> Energy:
        """Squares of the blank map over the mask."""
        return self._still.ground_energy(self.mask)


class Still:
    """A stage's reference and blank maps, with what of them is worth keeping during a drag.

    `inside` are the cells that see the inside alone, None on a ring that closes: there all are valid.
    Where the blank map is level in every channel, moving it changes nothing; then responses (map less
    blank map) are compared, inside their boxes. Where it is not (zero padding with biases), maps are,
    inside the boxes and outside of `flat`, the rectangle in which the blank map is level.
    """

    def __init__(
        self, reference: Array, blank: Array, ring: bool, inside: Rect | None, tolerance: float | None = None
    ) -> None:
        self.reference, self.blank, self.ring = reference, blank, ring
        self.size: Pair = (reference.shape[1], reference.shape[2])
        self.inside = whole(self.size) if inside is None and not ring else inside
        self.tolerance = tolerance_of(reference.dtype) if tolerance is None else tolerance
        self.silent = not blank.any()
        self.ground = 0.0 if self.silent else total(blank)
        self.flat = _flat(blank)
        self.level = self.flat == whole(self.size)
        self.response = reference if self.silent else reference - blank
        self.box = wide(box_of(self.response), self.size)
        self._often = self.box == whole(self.size)
        self.along = laid_out(self.response if self.level else reference, ring, self._often)
        self._plain = Table(by_place(reference))
        self._response = self._plain if self.silent else Table(by_place(self.response))
        self._blank = self._plain if self.silent else Table(by_place(blank))
        self.plain, self.responded = self._plain.total, self._response.total
        self.shifted = Shifted(self.response, self.box)
        self.even = None if self.silent else self._even_ground()
        self.frame = None
        if Frame.worth_while(self.box, reference.shape):
            self.frame = Frame(self.response, self.box, self.even)
        self.small = None if self.level or ring or reference.size > MOST else Small(reference)
        self._phases: OrderedDict[tuple[tuple[float, float], bool], Phase] = OrderedDict()
        self._rims: dict[tuple[Pair, Mask], Energy] = {}
        self._plans: dict[tuple[tuple[float, float], bool], Plan] = {}

    def moved_by(self, by: Pair, mask: Mask) -> Moved:
        """What moving by whole cells comes to under a mask."""
        box = self.moved_box(by)
        free = Rect((0, 0), (0, 0))
        if mask.full.holds(self.box.moved(by)):
            free = self.still_flat(by).meet(mask.full if mask.valid is None else mask.valid.meet(mask.full))
        plain = self._moved_energy(self._plain, by, mask)
        if self.silent:
            return Moved(box, free, plain, plain, plain)
        alone = self._moved_energy(self._response, by, mask)
        if self.level:
            return Moved(box, free, plain, alone, alone)
        if not self.box.empty and free.holds(box):
            rim = self.rim(by, mask)
            return Moved(box, free, plain, Energy(rim.full + alone.full, rim.valid + alone.valid), alone)
        return Moved(box, free, plain, self.less(self.blank, box.meet(mask.full), by, mask), alone)

    def plan(self, cells: tuple[float, float], integer: bool = True) -> Plan:
        """What a shift of so many cells comes to; `integer`: it is one of whole pixels."""
        found = self._plans.get((cells, integer))
        if found is None:
            if len(self._plans) >= KEPT_SHIFTS:
                self._plans.clear()
            found = self._plans[cells, integer] = Plan(self, cells, integer)
        return found

    def _even_ground(self) -> Array | None:
        """(C, 1, 1), the blank map where it is level, if it is so to the last bit."""
        if self.flat.empty:
            return None
        inner = self.blank[:, *self.flat.slices]
        first = inner[:, :1, :1]
        return first.copy() if (inner == first).all() else None

    def ground_of(self, box: Rect) -> Array:
        """The blank map in a box, (C, h, w) or (C, 1, 1)."""
        if self.even is not None and self.flat.holds(box):
            return self.even
        return self.blank[:, *box.slices]

    def ground_over(self, region: Rect) -> float:
        """Squares of the blank map over a rectangle."""
        return self._blank.over(region)

    def ground_energy(self, mask: Mask) -> Energy:
        """Squares of the blank map over the mask."""
        if self.silent:
            return Energy(0.0, 0.0)
        return self._blank.energy(mask)

    def less(self, maps: Array, region: Rect, by: Pair, mask: Mask) -> Energy:
        """Squares over the mask of a map less the moved `along`, which outside `region` are both blank.

        A blank map that is moved differs from the blank map only outside of where both are level.
        """
        inner = self.still_flat(by).meet(mask.full)
        found = self._less(maps, [region.meet(inner)], by, mask)
        rim = mask.full.without(inner)
        if self.ring or any(not part.meet(region).empty for part in rim):
            around = self._less(maps, rim, by, mask)
        else:
            around = self.rim(by, mask)
        return Energy(found.full + around.full, found.valid + around.valid)

    def still_flat(self, by: Pair) -> Rect:
        """Where the blank map and the blank map moved are both level."""
        if self.level:
            return whole(self.size)
        return Rect((0, 0), (0, 0)) if self.ring else self.flat.meet(self.flat.moved(by))

    def rim(self, by: Pair, mask: Mask) -> Energy:
        """Squares over the mask of the blank map less the blank map moved: the same wherever the object stands.

        Not for a ring.
        """
        if self.level:
            return Energy(0.0, 0.0)
        key = (by, mask)
        if key not in self._rims:
            if len(self._rims) >= KEPT_SHIFTS:
                self._rims.clear()
            self._rims[key] = energy_by_place(self._rim_by_place(by), whole(self.size), mask)
        return self._rims[key]

    @cached_property
    def _off_level(self) -> Places:
        """Squares by place of the blank map less what it is where it is level."""
        rows, cols = self.size
        places = by_place(self.blank - self.blank[:, rows // 2, cols // 2][:, None, None])
        places[self.flat.slices] = 0
        return places

    def _rim_by_place(self, by: Pair) -> Places:
        """Squares by place of the blank map less the blank map moved, where both exist; else 0.

        Where one of the two is level it is known; only where a rim meets a rim the maps are read.
        """
        every, back = whole(self.size), (-by[0], -by[1])
        places = np.zeros(self.size)
        to = every.meet(every.moved(by))
        if to.empty:
            return places
        np.add(self._off_level[to.slices], self._off_level[to.moved(back).slices], out=places[to.slices])
        rims = every.without(self.flat)
        for one, other in itertools.product(rims, [rim.moved(by) for rim in rims]):
            both = one.meet(other)
            if not both.empty:
                rest = self.blank[:, *both.slices] - self.blank[:, *both.moved(back).slices]
                places[both.slices] = by_place(rest)
        return places

    def _less(self, maps: Array, parts: list[Rect], by: Pair, mask: Mask) -> Energy:
        full = valid = 0.0
        for part in parts:
            if part.empty:
                continue
            here = maps[:, *part.slices]
            if self.level and not self.silent:
                here = here - self.blank[:, *part.slices]
            found = energy(less_moved(here, self.along, part, by), part, mask)
            full, valid = full + found.full, valid + found.valid
        return Energy(full, valid)

    def _moved_energy(self, table: Table, by: Pair, mask: Mask) -> Energy:
        if mask.valid is None:
            return Energy(table.total, table.total)
        if self.ring:
            return energy_by_place(np.roll(table.places, by, (0, 1)), whole(self.size), mask)
        return table.energy(mask, by)

    def moved_box(self, by: Pair) -> Rect:
        """Where the response stands after moving; the whole of an axis that it goes round."""
        box = self.box.moved(by)
        if not self.ring:
            return box.meet(whole(self.size))
        rows, cols = (
            run if run[0] >= 0 and run[1] <= side else (0, side)
            for run, side in zip((box.rows, box.cols), self.size, strict=True)
        )
        return Rect(rows, cols)

    def phase(self, cells: tuple[float, float], framed: bool) -> Phase:
        """The response moved by a part of a cell; the last few are kept, since a drag comes back to them.

        `framed`: flat, where it stands in the frame.
        """
        key = (cells, framed)
        found = self._phases.pop(key, None)
        if found is None:
            if framed and self.frame is not None:
                found = Phase(self.shifted.moved(cells, *self.frame.places).ravel(), None)
            else:
                ground = laid_out(self._shifted(cells), True, self._often)
                found = Phase(ground.values, ground)
            while len(self._phases) >= max(1, KEPT_PHASES // found.values.nbytes):
                self._phases.popitem(last=False)
        self._phases[key] = found
        return found

    def _shifted(self, cells: tuple[float, float]) -> Array:
        """The response after the Fourier shift."""
        if self.box == whole(self.size):
            return fourier_shift(self.response, cells)
        return self.shifted.moved(cells, *map(np.arange, self.size))
