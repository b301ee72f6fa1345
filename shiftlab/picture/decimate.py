"""Maps reduced to what is shown: where several cells stand under a pixel of a tile, one value for them all.

Maps are reduced by their mean, residuals by the largest magnitude. During a drag only the pixels over
the cells that changed are reduced anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shiftlab.picture.tile import Axis

Block = Callable[[slice, slice], NDArray[np.float32]]
"""Gives the maps (n, rows, cols) of some rows and columns of cells."""


@dataclass(frozen=True, eq=False)
class Reduced:
    """Maps with at most one cell under a pixel.

    Attributes
    ----------
    values : (n, h, w)
        Along an axis that was reduced one value a pixel, along another the map's own cells.
    known : (h, w) bool, or None
        Where there is a value; None for everywhere.
    axes : (rows, cols)
        Which of the values lie under a tile's pixels; no pixel has more than one.
    cells : (rows, cols)
        The axes of the maps they were reduced from.
    residual : bool
        By the largest magnitude instead of the mean.
    """

    values: NDArray[np.float32]
    known: NDArray[np.bool_] | None
    axes: tuple[Axis, Axis]
    cells: tuple[Axis, Axis]
    residual: bool

    def renew(self, block: Block, areas: Sequence[tuple[int, int, int, int]]) -> None:
        """Take in what changed, in place: the maps differ in the cells of `areas` (top, left, height, width) alone.

        Only where every value is known.
        """
        for top, left, height, width in areas:
            row = _part(self.cells[0], top, top + height)
            col = _part(self.cells[1], left, left + width)
            if row is None or col is None:
                continue
            with np.errstate(invalid="ignore", over="ignore"):
                values = block(row.cells, col.cells)
                for number, (whole, part) in enumerate(zip(self.cells, (row.axis, col.axis), strict=True)):
                    if whole.most > 1:
                        values = _by(self.residual)(values, part, number + 1)
            self.values[:, row.target, col.target] = values


@dataclass(frozen=True)
class _Part:
    """Some cells of an axis, the values they are reduced to, and their axis."""

    cells: slice
    target: slice
    axis: Axis


def _part(one: Axis, start: int, stop: int) -> _Part | None:
    if one.most == 1:
        return _Part(slice(start, stop), slice(start, stop), one) if start < stop else None
    pixels = np.flatnonzero((one.low < stop) & (one.high > start) & (one.high > one.low))
    if not len(pixels):
        return None
    first, last = int(pixels[0]), int(pixels[-1]) + 1
    begin, end = int(one.low[first]), int(one.high[last - 1])
    return _Part(
        slice(begin, end),
        slice(first, last),
        Axis.of(one.low[first:last] - begin, one.high[first:last] - begin, end - begin),
    )


def reduce(
    maps: NDArray[np.float32],
    axes: tuple[Axis, Axis],
    residual: bool = False,
    defined: NDArray[np.bool_] | None = None,
) -> Reduced:
    """Reduce (n, h, w) maps to one value a pixel along each axis that has more.

    Where nothing has to be reduced the values are the maps themselves, not a copy.

    Raises
    ------
    ValueError
        Where the maps are not three-dimensional.
    """
    if maps.ndim != 3:
        raise ValueError(f"maps must be (n, h, w), not {maps.shape}")
    values, known = maps, defined
    if known is not None:
        values = np.where(known, maps, np.float32(0))
    left = list(axes)
    with np.errstate(invalid="ignore", over="ignore"):
        for number, one in enumerate(axes):
            if one.most > 1:
                values = _by(residual)(values, one, number + 1)
                known = None if known is None else _any(known, one, number)
                left[number] = _settled(one)
    return Reduced(values, known, (left[0], left[1]), axes, residual)


def along(dimension: int, what: Any) -> tuple[Any, ...]:
    """An index of `what` along one dimension, and everything along those before it."""
    return (*(slice(None) for _ in range(dimension)), what)


def _settled(one: Axis) -> Axis:
    """The axis of what was reduced to the tile: each pixel is its own cell, if it has one."""
    tile = np.arange(len(one.low))
    return Axis.of(tile, np.where(one.high > one.low, tile + 1, tile), len(tile))


def _by(residual: bool) -> Callable[[NDArray[np.float32], Axis, int], NDArray[np.float32]]:
    return _largest if residual else _mean


Pick = tuple[NDArray[np.intp] | slice, NDArray[np.bool_] | None]
"""Where a cell under each pixel is, and which pixels have it (None: all)."""


def _picks(one: Axis, cells: int) -> list[Pick]:
    """The first, second, ... cell under each pixel."""
    step, start, tile = one.most, int(one.low[0]), len(one.low)
    if bool((one.low == start + step * np.arange(tile)).all() and (one.high - one.low == step).all()):
        starts = range(start, start + step)
        return [(slice(first, first + step * (tile - 1) + 1, step), None) for first in starts]
    return [(np.minimum(one.low + number, cells - 1), one.low + number < one.high) for number in range(step)]


def _parts(values: NDArray[Any], one: Axis, dimension: int) -> list[NDArray[Any]]:
    """The values of the first, second, ... cell under each pixel, 0 where there is none."""
    parts: list[NDArray[Any]] = []
    for where, has in _picks(one, values.shape[dimension]):
        part = values[along(dimension, where)]
        if has is not None:
            part = np.where(_shaped(has, dimension, values.ndim), part, np.zeros((), values.dtype))
        parts.append(part)
    return parts


def _mean(values: NDArray[np.float32], one: Axis, dimension: int) -> NDArray[np.float32]:
    first, *others = _parts(values, one, dimension)
    total = np.array(first, np.float32)
    for part in others:
        total += part
    counts = np.maximum(one.high - one.low, 1).astype(np.float32)
    total /= _shaped(counts, dimension, values.ndim)
    return total


def _largest(values: NDArray[np.float32], one: Axis, dimension: int) -> NDArray[np.float32]:
    """The value of largest magnitude, with its sign; of two equal ones the positive."""
    first, *others = _parts(values, one, dimension)
    highest, lowest = first.copy(), first.copy()
    for part in others:
        np.maximum(highest, part, out=highest)
        np.minimum(lowest, part, out=lowest)
    return np.where(-lowest > highest, lowest, highest)


def _any(known: NDArray[np.bool_], one: Axis, dimension: int) -> NDArray[np.bool_]:
    first, *others = _parts(known, one, dimension)
    result = first.copy()
    for part in others:
        result |= part
    return result


def _shaped(one: NDArray[Any], dimension: int, dimensions: int) -> NDArray[Any]:
    return one.reshape([-1 if number == dimension else 1 for number in range(dimensions)])
