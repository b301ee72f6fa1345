"""From values to colours: entries of a table, and the colours of entries.

An entry is one byte: 1 to 255 for a value, 0 for where there is none. Colours are looked up for as
many pixels at once as can be: two entries beside each other are one index of a table of pairs, and
where every cell is several pixels wide a table has its colours that often.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shiftlab.picture.levels import Levels
from shiftlab.picture.pool import Pool
from shiftlab.picture.tables import ENTRIES, ZERO

EMPTY = 0
"""The entry that no value takes: ground."""
NOTHING = 1e-5
"""Share of the limit up to which a value counts as none."""
ENOUGH_FOR_PAIRS = 1 << 14
"""Pixels from which on the table of pairs, which is half a megabyte, is worth reading."""


@dataclass(frozen=True, eq=False)
class Colours:
    """A table of 256 uint32 0xffRRGGBB, the ground between tiles, and the colour of what is no number.

    Make one for a theme and keep it.
    """

    table: NDArray[np.uint32]
    ground: int
    nan: int
    _wide: dict[int, NDArray[Any]] = field(init=False, repr=False, default_factory=dict[int, NDArray[Any]])

    def __post_init__(self) -> None:
        if self.table.shape != (ENTRIES,):
            raise ValueError(f"a table must have {ENTRIES} colours, not {self.table.shape}")
        table = self.table.astype(np.uint32)
        table[EMPTY] = self.ground
        object.__setattr__(self, "table", table)

    @cached_property
    def pairs(self) -> NDArray[np.uint64]:
        """(65536,): two pixels for every two entries, so that one look-up finds both."""
        two = np.arange(ENTRIES**2, dtype=np.uint16).view(np.uint8).reshape(-1, 2)
        return self.table[two].view(np.uint64).ravel()

    def look_up(self, entries: NDArray[np.uint16], colours: NDArray[np.uint64]) -> None:
        """The colours of flat pairs of entries."""
        # 'wrap' spares numpy a check of every index; none can leave a table of this size.
        self.pairs.take(entries, None, colours, "wrap")

    def grown(self, entries: NDArray[np.uint8], times: int, pool: Pool) -> NDArray[np.uint32]:
        """The colours (..., w * times) of contiguous entries (..., w), each `times` pixels wide."""
        shape = (*entries.shape[:-1], entries.shape[-1] * times)
        if times == 1 and entries.size >= ENOUGH_FOR_PAIRS and entries.size % 2 == 0:
            colours = pool.scratch(shape, np.uint32)
            self.look_up(entries.reshape(-1).view(np.uint16), colours.reshape(-1).view(np.uint64))
            return colours
        colours = pool.scratch(shape, np.uint32)
        table = self._of_width(times)
        np.take(table, entries, out=colours.view(table.dtype).reshape(entries.shape), mode="wrap")
        return colours

    def _of_width(self, times: int) -> NDArray[Any]:
        if times == 1:
            return self.table
        if times not in self._wide:
            self._wide[times] = np.repeat(self.table, times).view(np.dtype((np.void, 4 * times)))
        return self._wide[times]


@dataclass(frozen=True, eq=False)
class Scale:
    """Ranges in the form in which values become entries.

    Attributes
    ----------
    low, high, factor : (n, 1, 1) float32, or one for all
    offset : float32
        Signed values have 0 at entry 128 and their limits at 1 and 255.
    limit : float or None
        Where there is one for all.
    limits : (n,) float32
    signed : bool
    nothing : float
        What a magnitude may be and still counts as none.
    """

    low: NDArray[np.float32] | np.float32
    high: NDArray[np.float32] | np.float32
    factor: NDArray[np.float32] | np.float32
    offset: np.float32
    limit: float | None
    limits: NDArray[np.float32]
    signed: bool
    nothing: float

    @staticmethod
    @lru_cache(maxsize=256)
    def of(levels: tuple[Levels, ...], count: int) -> Scale:
        """For `count` maps.

        Raises
        ------
        ValueError
            Where the ranges do not fit them, or differ in sign.
        """
        if len(levels) not in (1, count) or len({one.signed for one in levels}) > 1:
            raise ValueError(f"{len(levels)} ranges do not fit {count} maps, or differ in sign")
        signed = levels[0].signed
        limits = np.array([one.limit for one in levels], np.float32)
        low = -limits if signed else np.zeros_like(limits)
        factor = np.float32(ENTRIES - 1 - ZERO if signed else ENTRIES - 2) / limits
        offset = np.float32((ZERO if signed else 1) + 0.5)
        nothing = NOTHING * min(one.limit for one in levels)
        if len(levels) == 1:
            return Scale(low[0], limits[0], factor[0], offset, levels[0].limit, limits, signed, nothing)
        each = (slice(None), None, None)
        return Scale(low[each], limits[each], factor[each], offset, None, limits, signed, nothing)

    def scaled(self, values: NDArray[np.float32], scaled: NDArray[np.float32], within: bool = False) -> None:
        """Write the entries of (n, h, w) values that are no NaN, before they are cut to whole numbers, to `scaled`.

        `within` says that none exceeds its range.
        """
        if not within:
            # Before they are scaled, so that nothing overflows: the ends of a range are those of the table.
            values = values.clip(self.low, self.high, scaled)
        np.multiply(values, self.factor, scaled)
        np.add(scaled, self.offset, scaled)

    def entries(self, values: NDArray[np.float32], pool: Pool, within: bool = False) -> NDArray[np.uint8]:
        """Entries of a table, 1 to 255."""
        scaled, entries = pool.scratch(values.shape, np.float32), pool.scratch(values.shape, np.uint8)
        self.scaled(values, scaled, within)
        entries[...] = scaled
        return entries


class Found(NamedTuple):
    """What was met in the values shown: some that exceed the range, nothing but zeros, none but finite ones."""

    below: bool
    above: bool
    nothing: bool
    finite: bool

    @property
    def within(self) -> bool:
        """Whether nothing exceeds the range."""
        return not (self.below or self.above)


Extremes = tuple[Any, Any]
"""The lowest and the highest value: of all maps, or arrays of those of each."""


def extremes(values: NDArray[np.float32], scale: Scale) -> Extremes:
    """Of (n, h, w) values, for each map where it has a range of its own."""
    if not values.size:
        return 0.0, 0.0
    if scale.limit is not None:
        return float(np.minimum.reduce(values, None)), float(np.maximum.reduce(values, None))
    flat = values.reshape(len(values), -1)
    return np.minimum.reduce(flat, 1), np.maximum.reduce(flat, 1)


def finite(ends: Extremes) -> bool:
    """Whether all values were finite (NaN is its own extreme)."""
    low, high = ends
    if isinstance(low, float):
        return math.isfinite(low) and math.isfinite(high)
    return bool(np.isfinite(low).all() and np.isfinite(high).all())


def found(ends: Extremes, scale: Scale, finite: bool = True) -> Found:
    """What finite extremes say; `finite` False says that other values were there as well."""
    low, high = ends
    if scale.limit is not None:
        below, above = low < (-scale.limit if scale.signed else 0.0), high > scale.limit
    else:
        below = bool((low < (-scale.limits if scale.signed else 0)).any())
        above = bool((high > scale.limits).any())
        low, high = float(low.min()), float(high.max())
    return Found(below, above, finite and max(-low, high) <= scale.nothing, finite)
