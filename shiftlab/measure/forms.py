"""The forms of the relative error of one stage: grid and fractional, valid and full, and staying put.

What depends on the reference alone is kept in a `Still` (see `still`), so that a drag pays a few passes
over the present map. No torch.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from shiftlab.measure.energy import (
    CANCELLING,
    NO_NUMBER,
    NO_RESPONSE,
    Array,
    Energy,
    Mask,
    box_of,
    energy,
    figure,
    product,
    product_moved,
    relative_error,
    total,
)
from shiftlab.measure.frame import Frame
from shiftlab.measure.masks import Rect
from shiftlab.measure.still import Plan, Still, wide
from shiftlab.measure.values import Figure
from shiftlab.network.spec import Pair
from shiftlab.scene.fourier import fourier_shift

LEFT_MAP = Figure(None, "moved out of its map")
NO_INSIDE = Figure(None, "no cell sees only the inside of the canvas")
NO_ERROR = Figure(None, "no error to share")


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


class Put(NamedTuple):
    """How far a stage stayed put."""

    error: Figure
    plain: Figure
    cosine: Figure


class _Candidate(NamedTuple):
    """The errors for one shift in whole cells; None where there is no response."""

    full: float | None
    valid: float | None
    plain: float | None
    share: float | None


class GridForm(NamedTuple):
    """The grid form of a stage."""

    full: Figure
    valid: Figure
    plain: Figure
    share: Figure
    best: Pair | None = None


def _least(value: float | None) -> float:
    """For choosing the least: where there is no response, nothing is left either."""
    return 0.0 if value is None else value


def present_map(still: Still, now: Array, seen: Rect | None = None, plan: Plan | None = None) -> Present:
    """What is known of the present map.

    Parameters
    ----------
    seen : outside of it the map is known to be the blank one
    plan : how the reference is going to be moved
    """
    found = box_of(now, None if still.silent else still.blank) if seen is None else seen
    box = wide(found, still.size)
    (top, bottom), (left, right) = box
    if still.small is not None and (bottom - top, right - left) == still.size:
        # it is going to be read as a whole, again and again
        now = np.ascontiguousarray(now)
    here = now[:, top:bottom, left:right]
    frame = still.frame if plan is not None and plan.framed else None
    ground = None if still.silent else still.ground_of(box)
    if frame is not None and plan is not None and frame.put(here, ground, box, plan.shifts[0]):
        squared = frame.squared
        plain = squared
        if ground is not None:
            crossed = frame.crossed(ground)
            plain += still.ground + 2 * (_crossed(frame.values, ground) if crossed is None else crossed)
        return Present(now, box, frame.values, plain, squared, frame)
    if ground is None:
        responded = total(here)
        return Present(now, box, here, responded, responded)
    response = here - ground
    return Present(now, box, response, still.ground + total(here) - still.ground_over(box), total(response))


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
    found = None if present.frame is None else present.frame.product((0, 0))
    if found is None:
        both = present.box.meet(still.box)
        if both.empty:
            return 0.0
        found = product(present.response[:, *both.within(present.box).slices], still.response[:, *both.slices])
    return found


def grid_form(still: Still, present: Present, plan: Plan) -> GridForm:
    """The least error over floor and ceil of the shift in cells, all over one mask."""
    shifts, mask = plan.shifts, plan.mask
    if mask.full.empty:
        return GridForm(LEFT_MAP, LEFT_MAP, LEFT_MAP, LEFT_MAP)
    if plan.held and (mask.valid is None or mask.valid.holds(present.box)):
        return _unmasked(still, present, plan)
    if still.small is not None and mask.valid is not None and not mask.valid.holds(present.box):
        # it is going to be read as a whole, again and again
        present = present._replace(now=np.ascontiguousarray(present.now))
    plain, responded = _energies(still, present, plan)
    found = [_candidate(still, present, plan, index, plain, responded) for index in range(len(shifts))]
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


def _unmasked(still: Still, present: Present, plan: Plan) -> GridForm:
    """The grid form where the mask leaves no response out: its norms are those of no shift.

    The difference then follows from a product, unless it is small against the norms.
    """
    both, shifts, mask = present.responded + still.responded, plan.shifts, plan.mask
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
        plain += plan.ground.full - still.ground
        moved_plain = plan.moved[shifts.index(best)].plain.full
    return GridForm(full, full, figure(relative_error(least, plain, moved_plain)), share, best)


def _product(still: Still, present: Present, by: Pair) -> float:
    """The scalar product of the present response and the reference's moved by whole cells."""
    found = None if present.frame is None else present.frame.product(by)
    return product_moved(present.response, still.along, present.box, by) if found is None else found


def _subtracted(still: Still, present: Present, by: Pair, mask: Mask) -> float:
    """Squares of the present response less the reference's moved, both inside the mask."""
    found = None if present.frame is None else present.frame.difference(by)
    return still.less(present.now, present.box.join(still.moved_box(by)), by, mask).full if found is None else found


def _energies(still: Still, present: Present, plan: Plan) -> tuple[Energy, Energy]:
    """Squares of the present map and of its response over the mask."""
    mask = plan.mask
    if mask.valid is None:
        return Energy(present.plain, present.plain), Energy(present.responded, present.responded)
    everywhere = plan.ground
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


def _apart(still: Still, present: Present, plan: Plan, index: int, plain: Energy) -> Energy:
    """Squares over the mask of the present map less the moved reference, which far from both boxes are blank."""
    by, moved, mask = plan.shifts[index], plan.moved[index], plan.mask
    if not still.level and moved.free.holds(present.box) and moved.free.holds(moved.box):
        # away from the rim it follows from a product, unless it is small against the norms
        both = present.responded + still.responded
        apart = both - 2 * _response_product(still, present, by)
        if apart < CANCELLING * both:
            exact = None if present.frame is None or still.even is None else present.frame.difference(by)
            apart = -1.0 if exact is None else exact
        if apart >= 0:
            rim = plan.rims[index]
            return Energy(apart + rim.full, apart + rim.valid)
    if still.small is not None:
        return still.small.difference(present.now, by, mask, plain, moved.plain)
    return still.less(present.now, present.box.join(moved.box).meet(mask.full), by, mask)


def _candidate(still: Still, present: Present, plan: Plan, index: int, plain: Energy, responded: Energy) -> _Candidate:
    """The errors for one shift in whole cells."""
    moved = plan.moved[index]
    difference = _apart(still, present, plan, index, plain)
    share = max(0.0, 1 - difference.valid / difference.full) if difference.full > 0 else None
    least = still.tolerance**2
    full = relative_error(
        difference.full,
        responded.full,
        moved.responded.full,
        alone=moved.alone.full,
        none=least * max(plain.full, moved.plain.full),
    )
    valid = relative_error(
        difference.valid,
        responded.valid,
        moved.responded.valid,
        alone=moved.alone.valid,
        none=least * max(plain.valid, moved.plain.valid),
    )
    return _Candidate(full, valid, relative_error(difference.full, plain.full, moved.plain.full), share)


def fractional_form(still: Still, present: Present, plan: Plan, recurring: bool = False) -> Figure:
    """The error against the Fourier shift of the reference map, on a ring.

    `recurring`: this part of a cell will come again, as it does with whole pixels, and is worth keeping.
    """
    cells = plan.cells
    if still.level:
        responded = plan.fractional_norm
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
    frame = present.frame
    kept = still.phase((cells[0] - by[0], cells[1] - by[1]), frame is not None)
    if frame is not None:
        common = frame.with_cut(kept.values)
    else:
        assert kept.ground is not None
        common = product_moved(present.response, kept.ground, present.box, by)
    both = present.responded + responded
    difference = both - 2 * common
    return None if difference < CANCELLING * both else difference
