"""The forms of the relative error of one stage: grid and fractional, valid and full, and staying put.

What depends on the reference alone is kept in a `Still`, so that a drag pays a few passes over the
present map. No torch.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shiftlab.measure.energy import (
    CANCELLING,
    NO_NUMBER,
    NO_RESPONSE,
    Array,
    Energy,
    Ground,
    Mask,
    Table,
    box_of,
    by_place,
    energy,
    energy_by_place,
    figure,
    laid_out,
    less_moved,
    product,
    product_moved,
    relative_error,
    tolerance_of,
    total,
)
from shiftlab.measure.fractional import Shifted
from shiftlab.measure.frame import Frame
from shiftlab.measure.masks import Rect, candidates, kept, whole
from shiftlab.measure.small import MOST, Small
from shiftlab.measure.values import Figure
from shiftlab.network.spec import Pair
from shiftlab.scene.fourier import fourier_shift

KEPT_SHIFTS = 4096
"""Shifts for which a stage keeps what follows from its reference and blank maps alone."""
KEPT_PHASES = 8 << 20
"""Bytes of Fourier-shifted responses that a stage keeps for the next moves of a drag."""

LEFT_MAP = Figure(None, "moved out of its map")
NO_INSIDE = Figure(None, "no cell sees only the inside of the canvas")
NO_ERROR = Figure(None, "no error to share")


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


def _wide(box: Rect, size: Pair) -> Rect:
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
        self.box = _wide(box_of(self.response), self.size)
        self._often = self.box == whole(self.size)
        self.along = laid_out(self.response if self.level else reference, ring, self._often)
        self._plain = Table(by_place(reference))
        self._response = self._plain if self.silent else Table(by_place(self.response))
        self._blank = self._plain if self.silent else Table(by_place(blank))
        self.plain, self.responded = self._plain.total, self._response.total
        self.shifted = Shifted(self.response, self.box)
        self.frame = Frame(self.response, self.box) if Frame.worth_while(self.box, reference.shape) else None
        self.small = None if self.level or ring or reference.size > MOST else Small(reference)
        self.even = self._even_ground()
        self._phases: OrderedDict[tuple[float, float], Ground] = OrderedDict()
        self._rims: dict[tuple[Pair, Rect, Rect | None], Energy] = {}
        self._moved: dict[tuple[Pair, Mask], Moved] = {}
        self._grounds: dict[Mask, Energy] = {}
        self._masks: dict[tuple[Pair, ...], tuple[Mask, bool]] = {}

    def moved_by(self, by: Pair, mask: Mask) -> Moved:
        """What moving by whole cells comes to under a mask; kept, since a drag comes back to it."""
        key = (by, mask)
        found = self._moved.get(key)
        if found is None:
            if len(self._moved) >= KEPT_SHIFTS:
                self._moved.clear()
            found = self._moved[key] = self._moved_by(by, mask)
        return found

    def _moved_by(self, by: Pair, mask: Mask) -> Moved:
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
        return Moved(box, free, plain, self.less(self.blank, box.meet(mask.full), by, mask), alone)

    def mask(self, shifts: tuple[Pair, ...]) -> tuple[Mask, bool]:
        """The one mask of all candidates, and whether the response moved by any of them lies in its valid cells."""
        found = self._masks.get(shifts)
        if found is None:
            if len(self._masks) >= KEPT_SHIFTS:
                self._masks.clear()
            everywhere = whole(self.size)
            full = everywhere if self.ring else kept(everywhere, shifts)
            valid = None if self.inside is None else kept(self.inside, shifts)
            # the first and the last of the shifts are the least and the largest
            held = valid is None or all(valid.holds(self.box.moved(by)) for by in (shifts[0], shifts[-1]))
            found = self._masks[shifts] = Mask(full, valid), held
        return found

    def stays_whole(self, shifts: tuple[Pair, ...]) -> bool:
        """Whether the response is cut by no edge, nor parted by that of a ring, wherever `shifts` move it."""
        if not self.ring:
            return True
        every = whole(self.size)
        return every.holds(self.box.moved(shifts[0])) and every.holds(self.box.moved(shifts[-1]))

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
        if mask not in self._grounds:
            if len(self._grounds) >= KEPT_SHIFTS:
                self._grounds.clear()
            self._grounds[mask] = self._blank.energy(mask)
        return self._grounds[mask]

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
        parts = mask.full.without(self.still_flat(by).meet(mask.full))
        if not parts:
            return Energy(0.0, 0.0)
        key = (by, mask.full, mask.valid)
        if key not in self._rims:
            if len(self._rims) >= KEPT_SHIFTS:
                self._rims.clear()
            full = valid = 0.0
            for part in parts:
                moved = self.blank[:, *part.moved((-by[0], -by[1])).slices]
                found = energy(self.blank[:, *part.slices] - moved, part, mask)
                full, valid = full + found.full, valid + found.valid
            self._rims[key] = Energy(full, valid)
        return self._rims[key]

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

    def phase(self, cells: tuple[float, float]) -> Ground:
        """The response moved by a part of a cell; the last few are kept, since a drag comes back to them."""
        found = self._phases.pop(cells, None)
        if found is None:
            found = laid_out(fourier_shift(self.response, cells), True, self._often)
            while len(self._phases) >= max(1, KEPT_PHASES // found.values.nbytes):
                self._phases.popitem(last=False)
        self._phases[cells] = found
        return found


class Present(NamedTuple):
    """The present map of a stage, where it responds, the response there, and squares over all places.

    `frame` holds the response too, where it fits into the reference's.
    """

    now: Array
    box: Rect
    response: Array
    plain: float
    responded: float
    frame: Frame | None = None


@dataclass(frozen=True)
class Put:
    """How far a stage stayed put."""

    error: Figure
    plain: Figure
    cosine: Figure


@dataclass(frozen=True)
class _Candidate:
    """The errors for one shift in whole cells; None where there is no response."""

    full: float | None
    valid: float | None
    plain: float | None
    share: float | None


@dataclass(frozen=True)
class GridForm:
    """The grid form of a stage."""

    full: Figure
    valid: Figure
    plain: Figure
    share: Figure
    best: Pair | None = None


def _least(value: float | None) -> float:
    """For choosing the least: where there is no response, nothing is left either."""
    return 0.0 if value is None else value


def present_map(still: Still, now: Array, seen: Rect | None = None, shifts: tuple[Pair, ...] = ()) -> Present:
    """What is known of the present map.

    Parameters
    ----------
    seen : outside of it the map is known to be the blank one
    shifts : whole cells by which the reference is going to be moved
    """
    found = box_of(now, None if still.silent else still.blank) if seen is None else seen
    box = _wide(found, still.size)
    here = now[:, *box.slices]
    if still.silent:
        if _framed(still, here, None, box, shifts):
            return _in_frame(now, box, still.frame)
        responded = total(here)
        return Present(now, box, here, responded, responded)
    ground = still.ground_of(box)
    if _framed(still, here, ground, box, shifts):
        found = _in_frame(now, box, still.frame)
        return found._replace(plain=still.ground + found.responded + 2 * _crossed(found.response, ground))
    response = here - ground
    return Present(now, box, response, still.ground + total(here) - still.ground_over(box), total(response))


def _framed(still: Still, here: Array, ground: Array | None, box: Rect, shifts: tuple[Pair, ...]) -> bool:
    """Whether the response could be put in the reference's frame."""
    if still.frame is None or not shifts or not still.stays_whole(shifts):
        return False
    return still.frame.put(here, ground, box, shifts[0])


def _in_frame(now: Array, box: Rect, frame: Frame | None) -> Present:
    assert frame is not None
    return Present(now, box, frame.values, frame.squared, frame.squared, frame)


def _crossed(response: Array, ground: Array) -> float:
    """The scalar product of the response and the blank map, which may be one value a channel."""
    if ground.shape[1:] != (1, 1):
        return product(response, ground)
    return float(np.dot(np.einsum("chw->c", response), ground.ravel()))


def _none(still: Still, *plain: float) -> float:
    """The squared response that is none, for maps of these squared norms."""
    return still.tolerance**2 * max(plain)


def stayed_put(still: Still, present: Present) -> Put:
    """Invariance error in both forms, and the cosine of the two responses."""
    common = _common(still, present)
    difference = present.responded + still.responded - 2 * common
    if difference < CANCELLING * (present.responded + still.responded):
        either = present.box.join(still.box)
        difference = total(present.now[:, *either.slices] - still.reference[:, *either.slices])
    none = _none(still, present.plain, still.plain)
    cosine = NO_RESPONSE
    if not math.isfinite(present.responded + still.responded):
        cosine = NO_NUMBER
    elif min(present.responded, still.responded) > none:
        cosine = figure(max(-1.0, min(1.0, common / math.sqrt(present.responded * still.responded))))
    error = figure(relative_error(difference, present.responded, still.responded, none=none))
    if still.silent:
        return Put(error, error, cosine)
    return Put(error, figure(relative_error(difference, present.plain, still.plain)), cosine)


def _common(still: Still, present: Present) -> float:
    """The scalar product of the two responses where they stand."""
    both = present.box.meet(still.box)
    if both.empty:
        return 0.0
    found = None if present.frame is None else present.frame.product((0, 0))
    if found is None:
        found = product(present.response[:, *both.within(present.box).slices], still.response[:, *both.slices])
    return found


def grid_form(still: Still, present: Present, cells: tuple[float, float]) -> GridForm:
    """The least error over floor and ceil of the shift in cells, all over one mask."""
    shifts = candidates(cells)
    mask, held = still.mask(shifts)
    if mask.full.empty:
        return GridForm(LEFT_MAP, LEFT_MAP, LEFT_MAP, LEFT_MAP)
    if still.level and held and (mask.valid is None or mask.valid.holds(present.box)):
        return _unmasked(still, present, mask, shifts)
    if still.small is not None and mask.valid is not None and not mask.valid.holds(present.box):
        # it is going to be read as a whole, again and again
        present = present._replace(now=np.ascontiguousarray(present.now))
    plain, responded = _energies(still, present, mask)
    found = [_candidate(still, present, by, mask, plain, responded) for by in shifts]
    best = min(range(len(found)), key=lambda index: _least(found[index].full))
    chosen = found[best]
    inner = NO_INSIDE
    if mask.valid is None or not mask.valid.empty:
        inner = figure(min((one.valid for one in found), key=_least))
    return GridForm(
        figure(chosen.full),
        inner,
        figure(min((one.plain for one in found), key=_least)),
        NO_ERROR if chosen.share is None else figure(chosen.share),
        shifts[best],
    )


def _unmasked(still: Still, present: Present, mask: Mask, shifts: tuple[Pair, ...]) -> GridForm:
    """The grid form where the mask leaves no response out: its norms are those of no shift.

    The difference then follows from a product, unless it is small against the norms.
    """
    both = present.responded + still.responded
    best, least = shifts[0], math.inf
    for by in shifts:
        difference = 0.0
        if len(shifts) > 1:
            difference = both - 2 * _product(still, present, by)
        if difference < CANCELLING * both or len(shifts) == 1:
            difference = _subtracted(still, present, by, mask)
        if difference < least:
            best, least = by, difference
    none = _none(still, present.plain, still.plain)
    full = figure(relative_error(least, present.responded, still.responded, none=none))
    share = Figure(0.0) if least > 0 else NO_ERROR
    if still.silent:
        return GridForm(full, full, full, share, best)
    plain, moved_plain = present.plain, still.plain
    if mask.valid is not None:
        # of the ground only what the mask leaves counts
        plain += still.ground_energy(mask).full - still.ground
        moved_plain = still.moved_by(best, mask).plain.full
    return GridForm(full, full, figure(relative_error(least, plain, moved_plain)), share, best)


def _product(still: Still, present: Present, by: Pair) -> float:
    """The scalar product of the present response and the reference's moved by whole cells."""
    found = None if present.frame is None else present.frame.product(by)
    return product_moved(present.response, still.along, present.box, by) if found is None else found


def _subtracted(still: Still, present: Present, by: Pair, mask: Mask) -> float:
    """Squares of the present response less the reference's moved, both inside the mask."""
    found = None if present.frame is None else present.frame.difference(by)
    return still.less(present.now, present.box.join(still.moved_box(by)), by, mask).full if found is None else found


def _energies(still: Still, present: Present, mask: Mask) -> tuple[Energy, Energy]:
    """Squares of the present map and of its response over the mask."""
    if mask.valid is None:
        return Energy(present.plain, present.plain), Energy(present.responded, present.responded)
    everywhere = still.ground_energy(mask)
    if mask.valid.holds(present.box):
        # all of the response, and of the ground what the mask leaves
        more = present.plain - still.ground
        return Energy(everywhere.full + more, everywhere.valid + more), Energy(present.responded, present.responded)
    if still.small is not None:
        return still.small.sums(present.now, present.response, present.box).energies(mask)
    box = present.box.meet(mask.full)
    responded = energy(present.response[:, *box.within(present.box).slices], box, mask)
    if still.silent:
        return responded, responded
    here, ground = (energy(one[:, *box.slices], box, mask) for one in (present.now, still.blank))
    plain = Energy(everywhere.full + here.full - ground.full, everywhere.valid + here.valid - ground.valid)
    return plain, responded


def _response_product(still: Still, present: Present, by: Pair) -> float:
    """The same as `_product` away from the edges, where the blank map need not be level."""
    found = None if present.frame is None else present.frame.product(by)
    if found is None:
        back = present.box.moved((-by[0], -by[1]))
        found = product(present.response, still.response[:, *back.slices])
    return found


def _apart(still: Still, present: Present, moved: Moved, by: Pair, mask: Mask) -> Energy:
    """Squares over the mask of the present map less the moved reference, which far from both boxes are blank."""
    if not still.level and moved.free.holds(present.box) and moved.free.holds(moved.box):
        # away from the rim it follows from a product, unless it is small against the norms
        both = present.responded + still.responded
        apart = both - 2 * _response_product(still, present, by)
        if apart < CANCELLING * both:
            exact = None if present.frame is None or still.even is None else present.frame.difference(by)
            apart = -1.0 if exact is None else exact
        if apart >= 0:
            rim = still.rim(by, mask)
            return Energy(apart + rim.full, apart + rim.valid)
    if still.small is not None:
        return still.small.difference(present.now, by, mask)
    return still.less(present.now, present.box.join(moved.box).meet(mask.full), by, mask)


def _candidate(still: Still, present: Present, by: Pair, mask: Mask, plain: Energy, responded: Energy) -> _Candidate:
    """The errors for one shift in whole cells."""
    moved = still.moved_by(by, mask)
    difference = _apart(still, present, moved, by, mask)
    share = max(0.0, 1 - difference.valid / difference.full) if difference.full > 0 else None
    full, valid = (
        relative_error(
            difference[part],
            responded[part],
            moved.responded[part],
            alone=moved.alone[part],
            none=_none(still, plain[part], moved.plain[part]),
        )
        for part in (0, 1)
    )
    return _Candidate(full, valid, relative_error(difference.full, plain.full, moved.plain.full), share)


def fractional_form(still: Still, present: Present, cells: tuple[float, float], recurring: bool = False) -> Figure:
    """The error against the Fourier shift of the reference map, on a ring.

    `recurring`: this part of a cell will come again, as it does with whole pixels, and is worth keeping.
    """
    if still.level:
        responded = still.shifted.norm(cells)
        difference = _recurring(still, present, cells, responded) if recurring else None
        if difference is None:
            difference = still.shifted.difference(present.response, present.box, cells)
    else:
        along = fourier_shift(still.reference, cells)
        difference, responded = total(present.now - along), total(along - still.blank)
    none = _none(still, present.plain, still.plain)
    return figure(relative_error(difference, present.responded, responded, none=none))


def _recurring(still: Still, present: Present, cells: tuple[float, float], responded: float) -> float | None:
    """The squared difference by way of what is kept; None where that is not exact enough."""
    by = (math.floor(cells[0]), math.floor(cells[1]))
    kept = still.phase((cells[0] - by[0], cells[1] - by[1]))
    both = present.responded + responded
    difference = both - 2 * product_moved(present.response, kept, present.box, by)
    return None if difference < CANCELLING * both else difference
