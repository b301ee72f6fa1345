"""Where the names of curves stand: beside the end of their curve, or along it, on nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
"""Left, right, lower and upper edge, in the plot's own units."""
Values = Sequence[float] | NDArray[np.float64]
TRIES = 60
"""Places along a curve that are looked at."""


def label_box(
    values: Values,
    size: tuple[float, float],
    gap: tuple[float, float],
    within: Box,
    curves: Sequence[Values],
    taken: Sequence[Box],
) -> Box | None:
    """The first free box for the name of a curve: right of its end, else above or below it, from its end backwards.

    Parameters
    ----------
    values : of the curve that is named, at 1, 2, …
    size : width and height of the name, in the plot's units
    gap : to the left of the name, and between it and its curve
    within : what it may not leave
    curves : all curves, which it may not cover
    taken : boxes that it may not cover either

    Returns
    -------
    Box or None
        None where no place is free.
    """  # fmt: skip
    if not len(values):
        return None
    wide, high = size
    known = [np.asarray(curve, dtype=np.float64) for curve in curves]
    own = np.asarray(values, dtype=np.float64)
    end = float(len(own))
    middle = min(max(float(own[-1]), within[2] + high / 2), within[3] - high / 2)
    tried = [_box(end + gap[0], middle - high / 2, size)]
    for right in np.linspace(end, within[0] + wide, TRIES):
        span = _span(own, right - wide, right)
        if span is not None:
            tried += [_box(right - wide, span[1] + gap[1], size), _box(right - wide, span[0] - gap[1] - high, size)]
    for box in tried:
        inside = box[0] >= within[0] and box[1] <= within[1] and box[2] >= within[2] and box[3] <= within[3]
        if inside and not any(_meet(box, one) for one in taken) and is_free(box, known):
            return box
    return None


def is_free(box: Box, curves: Sequence[Values]) -> bool:
    """Whether no curve runs through a box."""
    return not any(_covers(box, np.asarray(one, dtype=np.float64)) for one in curves)


def _box(left: float, lower: float, size: tuple[float, float]) -> Box:
    return left, left + size[0], lower, lower + size[1]


def _span(values: NDArray[np.float64], left: float, right: float) -> tuple[float, float] | None:
    """Least and largest value of a curve between two steps, those at either side with them; None where it is not."""
    first, last = max(int(np.floor(left)) - 1, 0), min(int(np.ceil(right)), len(values))
    part = values[first:last]
    return (float(part.min()), float(part.max())) if len(part) and right >= 1 and left <= len(values) else None


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]


def _covers(box: Box, values: NDArray[np.float64]) -> bool:
    span = _span(values, box[0], box[1])
    return span is not None and span[0] < box[3] and box[2] < span[1]
