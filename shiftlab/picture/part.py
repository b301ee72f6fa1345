"""Part of an axis: some cells of a map, the values they are reduced to, and the pixels that show those.

During a drag the same few parts come back again and again, so they are remembered.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from shiftlab.picture.tile import Axis

REMEMBERED = 1024

Pick = tuple[NDArray[np.intp] | slice, NDArray[np.bool_] | None]
"""Which cell lies under each pixel, and which pixels have it (None: all)."""


@dataclass(frozen=True, eq=False)
class Part:
    """Some cells of an axis and the values they are reduced to.

    Attributes
    ----------
    cells, values : slice
    picks : tuple of Pick
        The first, second, ... cell under each value, counted from the first of `cells`; empty where
        every cell is a value.
    counts : (n,) float32, or one for all
        How many cells each value is made of, at least 1.
    """

    cells: slice
    values: slice
    picks: tuple[Pick, ...]
    counts: NDArray[np.float32] | np.float32


@lru_cache(maxsize=REMEMBERED)
def part_of(one: Axis, start: int, stop: int) -> Part | None:
    """The values that the cells from `start` to `stop` (not included) belong to, with all cells of those.

    None where they belong to no value.
    """
    if one.most == 1:
        return Part(slice(start, stop), slice(start, stop), (), np.float32(1)) if start < stop else None
    pixels = np.flatnonzero((one.low < stop) & (one.high > start) & (one.high > one.low))
    if not len(pixels):
        return None
    first, last = int(pixels[0]), int(pixels[-1]) + 1
    begin, end = int(one.low[first]), int(one.high[last - 1])
    low, high = one.low[first:last] - begin, one.high[first:last] - begin
    return Part(slice(begin, end), slice(first, last), *_picks(low, high, one.most, end - begin))


def _picks(
    low: NDArray[np.intp], high: NDArray[np.intp], most: int, cells: int
) -> tuple[tuple[Pick, ...], NDArray[np.float32] | np.float32]:
    count = len(low)
    if bool((low == low[0] + most * np.arange(count)).all() and (high - low == most).all()):
        starts = range(int(low[0]), int(low[0]) + most)
        picks: list[Pick] = [(slice(first, first + most * (count - 1) + 1, most), None) for first in starts]
        return tuple(picks), np.float32(most)
    picks = [(np.minimum(low + number, cells - 1), low + number < high) for number in range(most)]
    return tuple(picks), np.maximum(high - low, 1).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Shown:
    """Some values of an axis that has at most one under a pixel, and the pixels that show them.

    Attributes
    ----------
    pixels : slice
        Of the tile.
    index : (n,) int, or None
        Which value each pixel shows, counted from the first; None where every value fills `times`
        pixels, in order.
    times : int
    """

    pixels: slice
    index: NDArray[np.intp] | None
    times: int


@lru_cache(maxsize=REMEMBERED)
def shown(one: Axis, start: int, stop: int) -> Shown | None:
    """The pixels that show the values from `start` to `stop` (not included); None where none does.

    Raises
    ------
    ValueError
        Where an axis has more than one value under a pixel, or its pixels are not in one piece.
    """
    if one.most > 1:
        raise ValueError("an axis must be reduced before it is shown")
    if one.even:
        return Shown(slice(start * one.times, stop * one.times), None, one.times)
    pixels = np.flatnonzero((one.low >= start) & (one.low < stop) & (one.high > one.low))
    if not len(pixels):
        return None
    first, last = int(pixels[0]), int(pixels[-1]) + 1
    if last - first != len(pixels):
        raise ValueError("the pixels of an axis must be in one piece")
    return Shown(slice(first, last), one.low[first:last] - start, 1)
