"""Maps reduced to what is shown: where several cells stand under a pixel of a tile, one value for them all.

Maps are reduced by their mean, residuals by the largest magnitude. During a drag only the values over
the cells that changed are reduced anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from shiftlab.picture.part import Part, part_of
from shiftlab.picture.tile import Axis

Block = Callable[[slice, slice], NDArray[np.float32]]
"""Gives the maps (n, rows, cols) of some rows and columns of cells."""
Area = tuple[int, int, int, int]
"""(top, left, height, width)."""


class Reduced(msgspec.Struct, frozen=True, eq=False):
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

    def renew(self, block: Block, areas: Sequence[Area]) -> list[Area]:
        """Take in what changed, in place: the maps differ in the cells of `areas` alone.

        Only where every value is known. The areas of the values that are others now.
        """
        renewed: list[Area] = []
        for top, left, height, width in areas:
            row, col = part_of(self.cells[0], top, top + height), part_of(self.cells[1], left, left + width)
            if row is None or col is None:
                continue
            rows, cols = row.values, col.values
            way = _largest if self.residual else _mean
            self.values[:, rows, cols] = _of(block(row.cells, col.cells), row, col, way)
            renewed.append((rows.start, cols.start, rows.stop - rows.start, cols.stop - cols.start))
        return renewed


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
    if axes[0].most == 1 and axes[1].most == 1:
        values = maps if defined is None else np.where(defined, maps, np.float32(0))
        return Reduced(values, defined, axes, axes, residual)
    known = None
    if defined is not None:
        maps = np.where(defined, maps, np.float32(0))
        known = _placed(defined[None], axes, _any)[0]
    values = _placed(maps, axes, _largest if residual else _mean)
    left = [_settled(one) if one.most > 1 else one for one in axes]
    return Reduced(values, known, (left[0], left[1]), axes, residual)


def along(dimension: int, what: Any) -> tuple[Any, ...]:
    """An index of `what` along one dimension, and everything along those before it."""
    return (*(slice(None) for _ in range(dimension)), what)


@lru_cache(maxsize=512)
def _settled(one: Axis) -> Axis:
    """The axis of what was reduced to the tile: each pixel is its own cell, if it has one."""
    tile = np.arange(len(one.low))
    return Axis.of(tile, np.where(one.high > one.low, tile + 1, tile), len(tile))


Way = Callable[[NDArray[Any], Part, int], NDArray[Any]]
"""How cells become one value along a dimension."""


def _placed(maps: NDArray[Any], axes: tuple[Axis, Axis], way: Way) -> NDArray[Any]:
    """All of (n, h, w) maps reduced; 0 (False) where there is no cell."""
    shape = (
        len(maps),
        *(len(one.low) if one.most > 1 else cells for one, cells in zip(axes, maps.shape[1:], strict=True)),
    )
    row, col = part_of(axes[0], 0, maps.shape[1]), part_of(axes[1], 0, maps.shape[2])
    if row is None or col is None:
        return np.zeros(shape, maps.dtype)
    made = _of(maps[:, row.cells, col.cells], row, col, way)
    if made.shape == shape:
        return made
    values = np.zeros(shape, maps.dtype)
    values[:, row.values, col.values] = made
    return values


def _of(cells: NDArray[Any], row: Part, col: Part, way: Way) -> NDArray[Any]:
    """The values of the cells of two parts."""
    if not (row.picks or col.picks):
        return cells
    with np.errstate(invalid="ignore", over="ignore"):
        if row.picks:
            cells = way(cells, row, 1)
        return way(cells, col, 2) if col.picks else cells


def _picked(values: NDArray[Any], part: Part, dimension: int) -> list[NDArray[Any]]:
    """The values of the first, second, ... cell under each pixel, 0 where there is none."""
    picked: list[NDArray[Any]] = []
    for where, has in part.picks:
        one = values[along(dimension, where)]
        if has is not None:
            one = np.where(_shaped(has, dimension, values.ndim), one, np.zeros((), values.dtype))
        picked.append(one)
    return picked


def _mean(values: NDArray[np.float32], part: Part, dimension: int) -> NDArray[np.float32]:
    first, second, *others = _picked(values, part, dimension)
    total = np.add(first, second, dtype=np.float32)
    for one in others:
        total += one
    total /= part.counts if part.counts.ndim == 0 else _shaped(part.counts, dimension, values.ndim)
    return total


def _largest(values: NDArray[np.float32], part: Part, dimension: int) -> NDArray[np.float32]:
    """The value of largest magnitude, with its sign; of two equal ones the positive."""
    first, second, *others = _picked(values, part, dimension)
    highest, lowest = np.maximum(first, second), np.minimum(first, second)
    for one in others:
        np.maximum(highest, one, out=highest)
        np.minimum(lowest, one, out=lowest)
    # The sign of the sum says which end is further from 0, exactly: it rounds to 0 only where it is 0.
    np.copyto(highest, lowest, where=highest + lowest < 0)
    return highest


def _any(known: NDArray[np.bool_], part: Part, dimension: int) -> NDArray[np.bool_]:
    return np.logical_or.reduce(_picked(known, part, dimension))


def _shaped(one: NDArray[Any], dimension: int, dimensions: int) -> NDArray[Any]:
    return one.reshape([-1 if number == dimension else 1 for number in range(dimensions)])
