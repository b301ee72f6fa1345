"""Norms, products and differences of maps, confined to the cells where there is something.

Maps are (C, H, W) arrays. A pattern is small on its canvas, so that most cells of most maps hold what
the blank scene would give; sums over the rest are the same and several times cheaper. No torch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shiftlab.measure.masks import Interval, Rect
from shiftlab.measure.values import EXACT, Figure
from shiftlab.network.spec import Pair

Array = NDArray[Any]
Places = NDArray[np.float64]
"""(H, W) squares summed over channels."""

EXACT_DOUBLE = 1e-12
"""The tolerance of exact claims in float64 (EXACT is float32's)."""
CANCELLING = 0.005
"""Part of the summed squares below which a squared difference is computed from the difference itself."""
NO_RESPONSE = Figure(None, "no response")
NO_NUMBER = Figure(None, "not a number")


def tolerance_of(dtype: np.dtype[Any]) -> float:
    """The relative error up to which a measure on maps of this type is exact: 1e-12 in float64, else 1e-5."""
    return EXACT_DOUBLE if dtype == np.float64 else EXACT


def total(values: Array) -> float:
    """The squared norm."""
    flat = values.ravel(order="K")
    return float(np.dot(flat, flat))


def product(first: Array, second: Array) -> float:
    """The scalar product; what lies together in memory is not copied."""
    if first.flags.c_contiguous and second.flags.c_contiguous:
        return float(np.dot(first.ravel(), second.ravel()))
    return float(np.einsum("chw,chw->", first, second))


def by_place(values: Array) -> Places:
    """Squares summed over the channels."""
    return np.einsum("chw,chw->hw", values, values).astype(np.float64)


def box_of(values: Array, ground: Array | None = None) -> Rect:
    """The smallest rectangle of places outside of which `values` equals `ground` (0 where None) in every channel."""
    there = np.asarray(np.not_equal(values, 0 if ground is None else ground).any(axis=0))
    return Rect(_span(np.asarray(there.any(axis=1))), _span(np.asarray(there.any(axis=0))))


def _span(mask: NDArray[np.bool_]) -> Interval:
    """From the first True to the last."""
    first = int(mask.argmax())
    return (first, len(mask) - int(mask[::-1].argmax())) if mask[first] else (0, 0)


@dataclass(frozen=True)
class Mask:
    """The cells of a map that take part, and those of them that are valid; None: all of them."""

    full: Rect
    valid: Rect | None


class Energy(NamedTuple):
    """Squared values summed over the full and over the valid cells of a mask."""

    full: float
    valid: float


def energy(values: Array, region: Rect, mask: Mask) -> Energy:
    """Of an array that stands for `region` of a map and is 0 elsewhere."""
    full = region.meet(mask.full)
    everything = total(values if full == region else values[:, *full.within(region).slices])
    if mask.valid is None or mask.valid.holds(full):
        return Energy(everything, everything)
    valid = mask.valid.meet(full)
    return Energy(everything, 0.0 if valid.empty else total(values[:, *valid.within(region).slices]))


def energy_by_place(places: Places, region: Rect, mask: Mask) -> Energy:
    """The same from squares that are summed over channels already."""
    full = float(places[mask.full.meet(region).within(region).slices].sum())
    if mask.valid is None:
        return Energy(full, full)
    return Energy(full, float(places[mask.valid.meet(region).within(region).slices].sum()))


class Table:
    """Squares of a map by place, (H, W), of which the sum over any rectangle is wanted often."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.total = float(places.sum())
        self._sums = np.zeros((places.shape[0] + 1, places.shape[1] + 1))
        self._sums[1:, 1:] = places.cumsum(0).cumsum(1)

    def over(self, region: Rect) -> float:
        """The sum over a rectangle inside the map."""
        if region.empty:
            return 0.0
        (top, bottom), (left, right) = region
        sums = self._sums
        found = float(sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left])
        # a small difference of large sums is rounding: nothing must stay nothing
        return found if found > 1e-6 * self.total else float(self.places[region.slices].sum())

    def energy(self, mask: Mask, by: Pair = (0, 0)) -> Energy:
        """Over a mask, of the map moved by whole cells (not round the edges)."""
        back = (-by[0], -by[1])
        full = self.over(mask.full.moved(back))
        return Energy(full, full if mask.valid is None else self.over(mask.valid.moved(back)))


def _runs(cells: Interval, side: int, by: int, ring: bool, twice: bool = False) -> list[tuple[slice, slice]]:
    """(where to in the interval, where from) along one axis; one run where the ring is laid out twice."""
    first, last = cells[0] - by, cells[1] - by
    if twice and last > first:
        return [(slice(0, last - first), slice(first % side, first % side + last - first))]
    if not ring:
        low, high = max(first, 0), min(last, side)
        return [(slice(low - first, high - first), slice(low, high))] if low < high else []
    runs: list[tuple[slice, slice]] = []
    at = first
    while at < last:
        start = at % side
        count = min(last - at, side - start)
        runs.append((slice(at - first, at - first + count), slice(start, start + count)))
        at += count
    return runs


Block = tuple[tuple[slice, slice], tuple[slice, slice]]


def blocks(region: Rect, size: Pair, by: Pair, ring: bool, twice: bool = False) -> list[Block]:
    """The (where to in the region, where from in the map) blocks of a map moved by whole cells.

    `twice`: the map is a ring whose columns are laid out twice, so that none of its rows is cut.
    """
    rows = _runs(region.rows, size[0], by[0], ring)
    cols = _runs(region.cols, size[1], by[1], ring, twice)
    return [((row[0], col[0]), (row[1], col[1])) for row in rows for col in cols]


class Ground(NamedTuple):
    """A map to be moved: whether it is a ring, and whether its columns are laid out twice (`blocks`)."""

    values: Array
    ring: bool
    twice: bool = False

    def blocks(self, region: Rect, by: Pair) -> list[Block]:
        _, rows, cols = self.values.shape
        return blocks(region, (rows, cols // 2 if self.twice else cols), by, self.ring, self.twice)

    def uncut(self, region: Rect, by: Pair) -> Array | None:
        """What is moved into a region, where it lies together in the map."""
        (top, bottom), (left, right) = region
        if top < by[0] or left < by[1] or bottom - by[0] > self.values.shape[1] or right - by[1] > self.values.shape[2]:
            return None
        return self.values[:, top - by[0] : bottom - by[0], left - by[1] : right - by[1]]


def laid_out(values: Array, ring: bool, twice: bool) -> Ground:
    """A map to be moved often; laid out twice, a ring takes twice the memory and is read in long runs."""
    twice = twice and ring
    return Ground(np.concatenate([values, values], axis=2) if twice else values, ring, twice)


def less_moved(here: Array, other: Ground, region: Rect, by: Pair) -> Array:
    """`here`, a region of a map, less the same region of another moved by whole cells.

    What is moved in from nowhere counts as 0.
    """
    uncut = other.uncut(region, by)
    if uncut is not None:
        return here - uncut
    moves = other.blocks(region, by)
    covered = sum((to[0].stop - to[0].start) * (to[1].stop - to[1].start) for to, _ in moves)
    result = here.copy() if covered < here.shape[1] * here.shape[2] else np.empty_like(here)
    for to, origin in moves:
        np.subtract(here[:, *to], other.values[:, *origin], out=result[:, *to])
    return result


def product_moved(here: Array, other: Ground, region: Rect, by: Pair) -> float:
    """The scalar product of `here`, a region of a map, and the same region of another moved by whole cells."""
    uncut = other.uncut(region, by)
    if uncut is not None:
        return product(here, uncut)
    return sum(product(here[:, *to], other.values[:, *origin]) for to, origin in other.blocks(region, by))


def relative_error(
    difference: float, first: float, second: float, *, alone: float | None = None, none: float = 0.0
) -> float | None:
    """E from squared norms: of the difference, and of the two responses; None where there is no response.

    That is where both are at most `none`; `alone`, where given, stands for the second in this. NaN where
    a norm is not finite.
    """
    if not math.isfinite(difference + first + second):
        return math.nan
    # sums that are put together from parts may miss 0 by rounding
    response = (first if first > 0 else 0.0) + (second if second > 0 else 0.0)
    if response == 0 or (first <= none and (second if alone is None else alone) <= none):
        return None
    return math.sqrt(difference / (response / 2)) if difference > 0 else 0.0


def figure(value: float | None) -> Figure:
    """An error, or why there is none."""
    if value is None:
        return NO_RESPONSE
    return Figure(value) if math.isfinite(value) else NO_NUMBER


def error(first: Array, second: Array, blank: Array | None = None, tolerance: float | None = None) -> Figure:
    """The relative error ||A - B|| / sqrt((||A - Z||^2 + ||B - Z||^2) / 2) between two maps.

    Parameters
    ----------
    first, second : arrays of one shape
    blank : array of that shape, optional
        Z, what is there without the object; the plain form leaves it out.
    tolerance : float, optional
        A response of at most this part of the plain map is none at all, and no response has no error.
    """
    tolerance = tolerance_of(first.dtype) if tolerance is None else tolerance
    plain = max(total(first), total(second))
    if blank is None:
        return figure(relative_error(total(first - second), total(first), total(second)))
    responses = total(first - blank), total(second - blank)
    return figure(relative_error(total(first - second), *responses, none=tolerance**2 * plain))
