"""A stage's channels as one picture: decimate, quantise, look up, and set the tiles side by side.

The order makes it fast: a map is reduced to what is shown before it is quantised, colours are looked
up at the map's own resolution, and only then cells grow to their size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shiftlab.picture.decimate import Reduced, along, reduce
from shiftlab.picture.levels import Levels
from shiftlab.picture.pool import Pool
from shiftlab.picture.tables import ENTRIES, ZERO
from shiftlab.picture.tile import Axis

EMPTY = 0
"""The entry that no value takes: ground."""
NOTHING = 1e-5
"""Share of the limit up to which a value counts as none."""
HATCH = 6
"""Period in pixels of the hatch that marks what is not a number."""


@dataclass(frozen=True)
class Grid:
    """How many tiles stand in a row, their size (rows, cols) and the gap between them, in pixels."""

    columns: int
    tile: tuple[int, int]
    gap: int

    def __post_init__(self) -> None:
        if self.columns < 1 or min(self.tile) < 1 or self.gap < 0:
            raise ValueError(f"a grid wants columns and tiles of 1 or more and a gap of 0 or more, not {self}")

    def shape(self, count: int) -> tuple[int, int]:
        """(height, width) of the mosaic of `count` tiles."""
        columns = min(self.columns, max(count, 1))
        rows = -(-max(count, 1) // self.columns)
        return (
            rows * self.tile[0] + (rows - 1) * self.gap,
            columns * self.tile[1] + (columns - 1) * self.gap,
        )


@dataclass(frozen=True, eq=False)
class Colours:
    """A table of 256 uint32 0xffRRGGBB, the ground between tiles, and the colour of what is no number.

    Make one for a theme and keep it: `pairs` is half a megabyte.

    Attributes
    ----------
    pairs : (65536,) uint64
        Two pixels for every two entries, so that one look-up finds both.
    """

    table: NDArray[np.uint32]
    ground: int
    nan: int
    pairs: NDArray[np.uint64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.table.shape != (ENTRIES,):
            raise ValueError(f"a table must have {ENTRIES} colours, not {self.table.shape}")
        table = self.table.astype(np.uint32)
        table[EMPTY] = self.ground
        two = np.arange(ENTRIES**2, dtype=np.uint16).view(np.uint8).reshape(-1, 2)
        object.__setattr__(self, "pairs", table[two].view(np.uint64).ravel())
        object.__setattr__(self, "table", table)

    def look_up(self, entries: NDArray[np.uint8], colours: NDArray[np.uint32]) -> None:
        """The colours of flat entries, of which there must be an even number."""
        # 'wrap' spares numpy a check of every index; none can leave a table of this size.
        np.take(self.pairs, entries.view(np.uint16), out=colours.view(np.uint64), mode="wrap")


@dataclass(frozen=True)
class Mosaic:
    """A finished picture, (H, W) uint32, and what it found in the values shown."""

    rgb: NDArray[np.uint32]
    below: bool
    above: bool
    nothing: bool
    finite: bool


def mosaic(
    maps: NDArray[np.float32],
    axes: tuple[Axis, Axis],
    levels: Sequence[Levels],
    grid: Grid,
    colours: Colours,
    *,
    residual: bool = False,
    defined: NDArray[np.bool_] | None = None,
    pool: Pool | None = None,
) -> Mosaic:
    """The picture of (n, h, w) maps, one tile each.

    Parameters
    ----------
    maps : array, (n, h, w), float32
    axes : (rows, cols)
        Which cells lie under a tile's pixels (`tile.axes`).
    levels : one Levels, or one for each of the n maps; all signed or none.
    residual : bool
        Decimate by the largest magnitude (no error is averaged away) instead of the mean.
    defined : array, (h, w), bool, or None
        Where False there is no value (a moved map does not reach there): hatched like NaN, though all
        is finite.
    pool : Pool or None
        Where the picture and what is needed on the way come from; None for fresh arrays.

    Raises
    ------
    ValueError
        Where the maps are not three-dimensional or the levels do not fit them.
    """
    return drawn(reduce(maps, axes, residual, defined), levels, grid, colours, pool)


def drawn(reduced: Reduced, levels: Sequence[Levels], grid: Grid, colours: Colours, pool: Pool | None = None) -> Mosaic:
    """The picture of maps that are reduced to what is shown; see `mosaic`."""
    if len(levels) not in (1, len(reduced.values)) or len({one.signed for one in levels}) > 1:
        raise ValueError(f"{len(levels)} ranges do not fit {len(reduced.values)} maps, or differ in sign")
    with np.errstate(invalid="ignore", over="ignore"):
        return _drawn(reduced, levels, grid, colours, pool or Pool())


def _drawn(reduced: Reduced, levels: Sequence[Levels], grid: Grid, colours: Colours, pool: Pool) -> Mosaic:
    values, known, axes = reduced.values, reduced.known, reduced.axes
    limits = np.array([one.limit for one in levels], np.float32)[:, None, None]
    low, high = _extremes(values)
    finite = math.isfinite(low) and math.isfinite(high)
    lost = None if finite else np.isnan(values)
    if lost is not None:
        values = np.where(lost, np.float32(0), values)
        low, high = _extremes(values)
    if known is not None:
        lost = np.broadcast_to(~known, values.shape) if lost is None else lost | ~known
    signed = levels[0].signed
    entries = quantise(values, limits, signed, pool)
    picture = _assemble(entries, axes, grid, colours, pool)
    if lost is not None and lost.any():
        _hatch(picture, lost, axes, grid, colours)
    if len(levels) == 1:
        limit = levels[0].limit
        below, above = low < (-limit if signed else 0.0), high > limit
    else:
        below = bool((values < (-limits if signed else 0.0)).any())
        above = bool((values > limits).any())
    smallest = NOTHING * min(one.limit for one in levels)
    return Mosaic(picture, bool(below), bool(above), finite and max(-low, high) <= smallest, finite)


def quantise(values: NDArray[np.float32], limits: NDArray[np.float32], signed: bool, pool: Pool) -> NDArray[np.uint8]:
    """Entries of a table, 1 to 255: signed values have 0 at entry 128 and their limits at 1 and 255."""
    half = ENTRIES - 1 - ZERO
    scale = (half if signed else ENTRIES - 2) / limits
    start = ZERO if signed else 1
    scaled = np.multiply(values, scale, out=pool.empty(values.shape, np.float32))
    scaled += np.float32(start + 0.5)
    np.clip(scaled, 1, ENTRIES - 1, out=scaled)
    entries = pool.empty(scaled.shape, np.uint8)
    np.copyto(entries, scaled, casting="unsafe")
    return entries


def _extremes(values: NDArray[np.float32]) -> tuple[float, float]:
    return (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)


def _assemble(
    entries: NDArray[np.uint8], axes: tuple[Axis, Axis], grid: Grid, colours: Colours, pool: Pool
) -> NDArray[np.uint32]:
    """Set the tiles side by side, one byte a pixel, and look up the colours of all at once."""
    rows, cols = axes
    tiles = _gathered(entries, cols, 2)
    times = rows.times
    if times == 1:
        tiles = _gathered(tiles, rows, 1)
    count, cells, width = tiles.shape
    shape = grid.shape(count)
    pixels = shape[0] * shape[1]
    even = pixels + pixels % 2
    flat, looked_up = pool.empty((even,), np.uint8), pool.empty((even,), np.uint32)
    flat.fill(EMPTY)
    for first, view in _tile_views(flat[:pixels].reshape(shape), grid, count, times):
        down, across = view.shape[:2]
        view[...] = tiles[first : first + down * across].reshape(down, across, cells, 1, width)
    colours.look_up(flat, looked_up)
    return looked_up[:pixels].reshape(shape)


def _gathered(array: NDArray[Any], one: Axis, dimension: int) -> NDArray[Any]:
    """For every pixel along a dimension its cell; EMPTY (False) where it has none."""
    if not one.identity:
        array = np.take(array, one.low, axis=dimension)
    if one.outside:
        array[along(dimension, one.low >= one.high)] = EMPTY
    return array


def _tile_views(picture: NDArray[Any], grid: Grid, count: int, times: int = 1) -> list[tuple[int, NDArray[Any]]]:
    """(first tile, view of it and its neighbours) for the whole rows of tiles, and for the last one.

    A view is (rows of tiles, columns, tile rows / times, times, tile columns).
    """
    height, width = grid.tile
    down, across = picture.strides
    strides = ((height + grid.gap) * down, (width + grid.gap) * across, times * down, down, across)
    whole, rest = divmod(count, grid.columns)
    views: list[tuple[int, NDArray[Any]]] = []
    for first, rows, columns in ((0, whole, grid.columns), (whole, 1, rest)):
        if rows and columns:
            shape = (rows, columns, height // times, times, width)
            offset = first * (height + grid.gap) * down
            views.append((first * grid.columns, np.ndarray(shape, picture.dtype, picture.data, offset, strides)))
    return views


def _hatch(
    picture: NDArray[np.uint32], lost: NDArray[np.bool_], axes: tuple[Axis, Axis], grid: Grid, colours: Colours
) -> None:
    """Mark what is not a number by a 45 degree hatch over ground."""
    lost = _gathered(_gathered(lost, axes[1], 2), axes[0], 1)
    row, col = np.indices(picture.shape)
    pattern = np.where((row + col) % HATCH < HATCH // 3, np.uint32(colours.nan), np.uint32(colours.ground))
    for (first, view), (_, hatch) in zip(
        _tile_views(picture, grid, len(lost)), _tile_views(pattern, grid, len(lost)), strict=True
    ):
        tiles = view.shape[0] * view.shape[1]
        np.copyto(view, hatch, where=lost[first : first + tiles].reshape(view.shape))
