"""A stage's channels as one picture: decimate, quantise, look up, and set the tiles side by side.

The order makes it fast: a map is reduced to what is shown before it is quantised, and cells that are
larger than a pixel grow to their size as their colours are looked up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from shiftlab.picture.colours import EMPTY, Colours, Scale, extremes, finite, found
from shiftlab.picture.decimate import Area, Reduced, along, reduce
from shiftlab.picture.levels import Levels
from shiftlab.picture.part import shown
from shiftlab.picture.pool import Pool
from shiftlab.picture.tile import Axis

HATCH = 6
"""Period in pixels of the hatch that marks what is not a number."""

Axes = tuple[Axis, Axis]
Views = list[tuple[int, NDArray[Any]]]
"""(first tile, view of it and its neighbours): see `tile_views`."""


class Grid(msgspec.Struct, frozen=True):
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


class Mosaic(msgspec.Struct, frozen=True, eq=False):
    """A finished picture, (H, W) uint32, and what it found in the values shown."""

    rgb: NDArray[np.uint32]
    below: bool
    above: bool
    nothing: bool
    finite: bool


def mosaic(
    maps: NDArray[np.float32],
    axes: Axes,
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
    reduced = reduce(maps, axes, residual, defined)
    return drawn(reduced, Scale.of(tuple(levels), len(reduced.values)), grid, colours, pool)


def drawn(reduced: Reduced, scale: Scale, grid: Grid, colours: Colours, pool: Pool | None = None) -> Mosaic:
    """The picture of maps that are reduced to what is shown; see `mosaic`."""
    pool = pool or Pool()
    values, known, axes = reduced.values, reduced.known, reduced.axes
    ends = extremes(values, scale)
    all_finite = finite(ends)
    lost = None
    if not all_finite:
        lost = np.isnan(values)
        values = np.where(lost, np.float32(0), values)
        ends = extremes(values, scale)
    if known is not None:
        lost = ~known[None] if lost is None else lost | ~known
    said = found(ends, scale, all_finite)
    sheet = Sheet(grid, len(values), axes, pool)
    sheet.draw(values, scale, colours, pool, said.within)
    if lost is not None and lost.any():
        sheet.hatch(lost, colours)
    return Mosaic(sheet.rgb, said.below, said.above, said.nothing, said.finite)


class Sheet:
    """An array that a picture is drawn in.

    Parameters
    ----------
    grid, count : the tiles, and how many there are
    axes : which of the values drawn lie under a tile's pixels; at most one under each
    pool : Pool or None
        Where the array comes from; None for one of its own.

    Attributes
    ----------
    rgb : (H, W) uint32
        Of any content until it is drawn.
    pairs : (ceil(H * W / 2),) uint64
        The same memory, two pixels each.
    """

    def __init__(self, grid: Grid, count: int, axes: Axes, pool: Pool | None = None) -> None:
        shape, size = _room(grid, count)
        self.pairs = np.empty(size, np.uint64) if pool is None else pool.empty(size, np.uint64)
        self.rgb = np.ndarray(shape, np.uint32, self.pairs)
        self._grid, self._count, self._axes = grid, count, axes
        self._even = axes[0].even and axes[1].even
        self._grows = self._even and axes[0].times * axes[1].times > 1
        self._views: Views | None = None
        self._entries: _Entries | None = None
        self._ground: int | None = None

    @property
    def views(self) -> Views:
        """The tiles, their rows split in cells where these are even."""
        if self._views is None:
            rows = self._axes[0]
            self._views = tile_views(self.rgb, self._grid, self._count, rows.times if rows.even else 1)
        return self._views

    def draw(
        self, values: NDArray[np.float32], scale: Scale, colours: Colours, pool: Pool, within: bool = False
    ) -> None:
        """Draw all, the ground between the tiles as well, of (n, h, w) values that hold no NaN.

        `within` says that no value exceeds its range.
        """
        if self._grows:
            if self._ground != colours.ground:
                self.rgb.fill(colours.ground)
            pixels = colours.grown(scale.entries(values, pool, within), self._axes[1].times, pool)
            for first, view in self.views:
                put(view, pixels, first)
        else:
            if self._entries is None:
                key = (self._grid, self._count)
                self._entries = pool.made(key, lambda: _Entries.of(self._grid, self._count))
            if self._even:
                scale.scaled(values, self._entries.scaled, within)
                for view, scaled in self._entries.moves:
                    view[...] = scaled
            else:
                rows, cols = self._axes
                tiles = _gathered(_gathered(scale.entries(values, pool, within), cols, 2), rows, 1)
                for first, view in self._entries.views:
                    put(view, tiles, first)
            colours.look_up(self._entries.pairs, self.pairs)
        self._ground = colours.ground

    def draw_part(
        self, values: NDArray[np.float32], area: Area, scale: Scale, colours: Colours, pool: Pool, within: bool = False
    ) -> None:
        """Draw the pixels that show the values of an area, on what was drawn before in the same colours."""
        top, left, height, width = area
        rows, cols = shown(self._axes[0], top, top + height), shown(self._axes[1], left, left + width)
        if rows is None or cols is None:
            return
        entries = scale.entries(values[:, top : top + height, left : left + width], pool, within)
        for dimension, one in ((1, rows), (2, cols)):
            if one.index is not None:
                entries = np.take(entries, one.index, axis=dimension)
        pixels = colours.grown(entries, cols.times, pool)
        start, stop = rows.pixels.start // rows.times, rows.pixels.stop // rows.times
        for first, view in self.views:
            put(view[:, :, start:stop, :, cols.pixels], pixels, first)

    def hatch(self, lost: NDArray[np.bool_], colours: Colours) -> None:
        """Mark what is not a number by a 45 degree hatch over ground.

        `lost` is (n, h, w), or (1, h, w) where it is the same in all tiles.
        """
        rows, cols = self._axes
        lost = _gathered(_gathered(lost, cols, 2), rows, 1)
        diagonals = np.where(np.arange(sum(self.rgb.shape)) % HATCH < HATCH // 3, colours.nan, colours.ground)
        # A pixel's row and column added up say what it is: a line of pixels is all of the pattern.
        line = diagonals.astype(np.uint32)
        views = tile_views(self.rgb, self._grid, self._count)
        patterns = _tile_views(line, self._grid, self._count, 1, (line.itemsize, line.itemsize))
        for (first, view), (_, hatch) in zip(views, patterns, strict=True):
            down, across, height, _, width = view.shape
            if len(lost) == 1:
                where = lost[0, :, None]
            else:
                where = lost[first : first + down * across].reshape(down, across, height, 1, width)
            np.copyto(view, hatch, where=where)


@lru_cache(maxsize=256)
def _room(grid: Grid, count: int) -> tuple[tuple[int, int], tuple[int]]:
    """The shapes of a picture and of as many pairs of pixels as hold it."""
    shape = grid.shape(count)
    return shape, ((math.prod(shape) + 1) // 2,)


class _Entries(NamedTuple):
    """Memory for the entries of a picture; what lies between the tiles is empty and stays so.

    Attributes
    ----------
    pairs : (ceil(H * W / 2),) uint16, two entries each
    views : the tiles in it
    scaled : (n, h, w) float32, for entries that are not yet cut to whole numbers
    moves : (view, its part of `scaled`)
        All of it made once: a picture is so small a task that Python's share of it counts.
    """

    pairs: NDArray[np.uint16]
    views: Views
    scaled: NDArray[np.float32]
    moves: list[tuple[NDArray[Any], NDArray[np.float32]]]

    @staticmethod
    def of(grid: Grid, count: int) -> _Entries:
        shape, size = _room(grid, count)
        pairs = np.full(2 * size[0], EMPTY, np.uint8).view(np.uint16)
        views = tile_views(np.ndarray(shape, np.uint8, pairs), grid, count)
        scaled = np.empty((count, *grid.tile), np.float32)
        return _Entries(pairs, views, scaled, [(view, _of_view(view, scaled, first)) for first, view in views])


def put(view: NDArray[Any], tiles: NDArray[Any], first: int) -> None:
    """Set tiles (n, h, w) from `first` on into a view of a picture, casting where types differ."""
    view[...] = _of_view(view, tiles, first)


def _of_view(view: NDArray[Any], tiles: NDArray[Any], first: int) -> NDArray[Any]:
    """Those of the tiles (n, h, w) from `first` on that belong into a view, in its shape but for `times`."""
    down, across = view.shape[:2]
    some = tiles[first : first + down * across]
    return some.reshape(down, across, some.shape[1], 1, some.shape[2])


def tile_views(picture: NDArray[Any], grid: Grid, count: int, times: int = 1) -> Views:
    """(first tile, view of it and its neighbours) for the whole rows of tiles, and for the last one.

    A view is (rows of tiles, columns, tile rows / times, times, tile columns).
    """
    return _tile_views(picture, grid, count, times, (picture.strides[0], picture.strides[1]))


def _tile_views(memory: NDArray[Any], grid: Grid, count: int, times: int, steps: tuple[int, int]) -> Views:
    """The same in memory where a pixel further down or across is `steps` bytes away."""
    height, width = grid.tile
    down, across = steps
    strides = ((height + grid.gap) * down, (width + grid.gap) * across, times * down, down, across)
    whole, rest = divmod(count, grid.columns)
    views: Views = []
    for first, rows, columns in ((0, whole, grid.columns), (whole, 1, rest)):
        if rows and columns:
            shape = (rows, columns, height // times, times, width)
            offset = first * (height + grid.gap) * down
            views.append((first * grid.columns, np.ndarray(shape, memory.dtype, memory.data, offset, strides)))
    return views


def _gathered(array: NDArray[Any], one: Axis, dimension: int) -> NDArray[Any]:
    """For every pixel along a dimension its cell; EMPTY (False) where it has none."""
    if not one.identity:
        array = np.take(array, one.low, axis=dimension)
    if one.outside:
        array[along(dimension, one.low >= one.high)] = EMPTY
    return array
