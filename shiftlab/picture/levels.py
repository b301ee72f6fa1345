"""Levels: the range of values that a colour map spans."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Levels:
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
