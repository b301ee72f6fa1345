"""Levels: the range of values that a colour map spans.

The limit is that which 99 % of the magnitudes stay below, of the reference and the present map
together, rounded to two digits. Ranges are taken at rest and held during a drag: rescaling each
frame would hide change or fake it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

SHARE = 0.99
"""Share of the magnitudes that lies within the limit."""
UNIT = 1.0
"""The limit where there is nothing to take one from: all values 0, or none finite."""
ENOUGH = 1 << 20
"""Values from which a percentile is taken at most, about."""
SPARSE = 1e-3
"""Below this share of the largest magnitude the percentile says nothing: a single pixel's response fills
less than 1 % of a map. The limit is the largest magnitude then."""


class Levels(msgspec.Struct, frozen=True):
    """A colour range: [-limit, limit] for signed maps, [0, limit] for non-negative ones.

    `limit` is positive and finite; what lies beyond is clipped and said by arrowheads on the bar.
    """

    limit: float
    signed: bool

    def __post_init__(self) -> None:
        if not (math.isfinite(self.limit) and self.limit > 0):
            raise ValueError(f"limit must be positive and finite, not {self.limit}")

    @property
    def low(self) -> float:
        return -self.limit if self.signed else 0.0

    @property
    def for_residual(self) -> Levels:
        """The same range for a difference of two such maps, which has both signs."""
        return self if self.signed else Levels(self.limit, True)


def stage_limit(maps: Sequence[NDArray[Any]]) -> float:
    """The limit of a stage: one for all its channels, over all the maps given (reference and present).

    Of more than a million values every k-th is taken, which two digits do not show.
    """
    step = sum(one.size for one in maps) // ENOUGH
    # Odd, so that it does not fall in step with the rows of a map.
    step = step | 1 if step > 1 else 1
    magnitudes = np.concatenate([np.abs(one.reshape(-1)[::step], dtype=np.float32) for one in maps])
    ends = [float(end) for one in maps if one.size for end in (one.max(), -one.min())]
    largest = max(ends, default=0.0) if all(map(math.isfinite, ends)) else math.inf
    return _rounded(_typical(magnitudes, largest))


def channel_limits(maps: Sequence[NDArray[Any]]) -> tuple[float, ...]:
    """A limit for each channel of (C, h, w) maps."""
    return tuple(
        stage_limit([one[channel : channel + 1] for one in maps]) for channel in range(maps[0].shape[0] if maps else 0)
    )


def network_limit(limits: Mapping[str, float]) -> float:
    """One limit for all stages: the largest of theirs, so that in none more than 1 % leaves the range."""
    return max(limits.values(), default=UNIT)


def _typical(magnitudes: NDArray[np.float32], largest: float) -> float:
    """The 99th percentile (linear interpolation, as numpy's) of the finite magnitudes, or the largest of
    all where they are sparse; 0 where none is finite.

    Only the upper tail is sorted: a sample says roughly where it begins, and where the sample misled
    the whole array is taken instead.
    """
    if not math.isfinite(largest):
        magnitudes = magnitudes[np.isfinite(magnitudes)]
        largest = float(magnitudes.max(initial=0))
    if not magnitudes.size:
        return 0.0
    place = SHARE * (magnitudes.size - 1)
    lower = math.floor(place)
    tail = magnitudes
    if magnitudes.size > 1 << 14:
        sample = np.sort(magnitudes[:: magnitudes.size // 2048])
        candidate = magnitudes[magnitudes >= sample[int(0.97 * len(sample))]]
        if candidate.size >= magnitudes.size - lower:
            tail = candidate
    at = lower - (magnitudes.size - tail.size)
    upper = min(at + 1, tail.size - 1)
    parted = np.partition(tail, (at, upper))
    low, high = float(parted[at]), float(parted[upper])
    percentile = low + (high - low) * (place - lower)
    return percentile if percentile > SPARSE * largest else largest


def _rounded(limit: float) -> float:
    """Two significant digits; never 0 and never so small that 1 / limit overflows float32."""
    if not math.isfinite(limit) or limit < 1e-30:
        return UNIT
    return float(f"{limit:.1e}")
