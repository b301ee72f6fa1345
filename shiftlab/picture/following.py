"""A picture that follows maps which change a little at a time: only what changed is drawn anew.

It is drawn into one of a few arrays of its own, whichever nobody holds: the one shown is never written
to. Each array knows what has changed since it was drawn last, and is brought up to date by that much.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shiftlab.picture.colours import Colours, Scale, extremes, finite, found
from shiftlab.picture.decimate import Area, Block, Reduced
from shiftlab.picture.levels import Levels
from shiftlab.picture.mosaic import Grid, Mosaic, draw, drawn, new_picture, tile_views
from shiftlab.picture.part import shown
from shiftlab.picture.pool import Pool

REMEMBERED = 8
"""Changes that are remembered; an array that lacks more is drawn whole."""
ENOUGH = 4
"""Arrays that a picture commonly needs: one shown, one on its way, one being drawn. Of more, the free ones go."""
WORTH_WHILE = 0.5
"""Share of the values up to which it is worth while to draw the changed ones alone."""


class _Sheet:
    """An array that a picture is drawn in.

    Attributes
    ----------
    flat, rgb : as of `new_picture`
    views : the tiles in it
    age : the number of the state that it shows; -1 for none
    """

    def __init__(self, grid: Grid, count: int, times: int) -> None:
        self.flat, self.rgb = new_picture(grid.shape(count))
        self.views = tile_views(self.rgb, grid, count, times)
        self.age = -1

    @property
    def references(self) -> tuple[int, int]:
        return sys.getrefcount(self.flat), sys.getrefcount(self.rgb)


class Following:
    """The picture of maps, brought up to date with them.

    Parameters
    ----------
    reduced : Reduced
        The maps reduced to what is shown, every value known. Its values are written to: they must not
        be the maps themselves.
    grid : Grid
    pool : Pool
        For what is needed on the way.
    """

    def __init__(self, reduced: Reduced, grid: Grid, pool: Pool) -> None:
        self.reduced = reduced
        self._grid, self._pool = grid, pool
        self._count = len(reduced.values)
        self._sheets: list[_Sheet] = []
        self._changes: deque[Sequence[Area]] = deque(maxlen=REMEMBERED)
        self._age = 0
        self._levels: tuple[Levels, ...] = ()
        self._colours: Colours | None = None
        self._scale: Scale | None = None
        self._made: Mosaic | None = None
        self._sheets.append(self._new_sheet())
        self._free = self._sheets[0].references

    def renew(self, block: Block, areas: Sequence[Area]) -> None:
        """The maps differ in the cells of `areas` alone; `block` gives them."""
        renewed = self.reduced.renew(block, areas)
        if renewed:
            self._changes.append(renewed)
            self._age += 1
            self._made = None

    def picture(self, levels: tuple[Levels, ...], colours: Colours) -> Mosaic:
        """The picture now: the same object where nothing has changed.

        Raises
        ------
        ValueError
            Where the levels do not fit the maps.
        """
        if colours is not self._colours or levels != self._levels or self._scale is None:
            self._scale = Scale.of(levels, self._count)
            self._levels, self._colours, self._made = levels, colours, None
            for sheet in self._sheets:
                sheet.age = -1
        if self._made is None:
            self._made = self._drawn(self._scale, colours)
        return self._made

    def _drawn(self, scale: Scale, colours: Colours) -> Mosaic:
        values = self.reduced.values
        ends = extremes(values, scale)
        if not finite(ends):
            return drawn(self.reduced, scale, self._grid, colours, self._pool)
        said = found(ends, scale)
        sheet = self._sheet()
        missing = self._missing(sheet)
        with np.errstate(over="ignore"):
            if missing is None:
                axes = self.reduced.axes
                draw(sheet.flat, sheet.rgb, values, axes, scale, self._grid, colours, self._pool, said.within)
            else:
                for area in missing:
                    self._draw(sheet, area, scale, colours, said.within)
        sheet.age = self._age
        return Mosaic(sheet.rgb, said.below, said.above, said.nothing, said.finite)

    def _new_sheet(self) -> _Sheet:
        rows = self.reduced.axes[0]
        return _Sheet(self._grid, self._count, rows.times if rows.even else 1)

    def _sheet(self) -> _Sheet:
        """An array that nobody else holds: the newest of them, which lacks least."""
        free = [sheet for sheet in self._sheets if sheet.references == self._free]
        if not free:
            self._sheets.append(self._new_sheet())
            return self._sheets[-1]
        newest = max(free, key=_age)
        if len(self._sheets) > ENOUGH:
            self._sheets = [sheet for sheet in self._sheets if sheet is newest or sheet not in free]
        return newest

    def _missing(self, sheet: _Sheet) -> list[Area] | None:
        """What has changed since an array was drawn; None where it is better drawn whole."""
        behind = self._age - sheet.age
        if sheet.age < 0 or behind > len(self._changes):
            return None
        missing: list[Area] = []
        for number in range(1, behind + 1):
            for area in self._changes[-number]:
                _add(missing, area)
        _, rows, cols = self.reduced.values.shape
        return missing if sum(one[2] * one[3] for one in missing) <= WORTH_WHILE * rows * cols else None

    def _draw(self, sheet: _Sheet, area: Area, scale: Scale, colours: Colours, within: bool) -> None:
        """Draw the pixels that show some values."""
        top, left, height, width = area
        rows, cols = shown(self.reduced.axes[0], top, top + height), shown(self.reduced.axes[1], left, left + width)
        if rows is None or cols is None:
            return
        entries = scale.entries(self.reduced.values[:, top : top + height, left : left + width], self._pool, within)
        for dimension, one in ((1, rows), (2, cols)):
            if one.index is not None:
                entries = np.take(entries, one.index, axis=dimension)
        pixels: NDArray[Any] = colours.grown(entries, cols.times, self._pool)
        first_row, last_row = rows.pixels.start // rows.times, rows.pixels.stop // rows.times
        for first, view in sheet.views:
            down, across = view.shape[:2]
            some = pixels[first : first + down * across]
            view[:, :, first_row:last_row, :, cols.pixels] = some.reshape(down, across, some.shape[1], 1, some.shape[2])


def _age(sheet: _Sheet) -> int:
    return sheet.age


def _add(areas: list[Area], area: Area) -> None:
    """One more area, joined to those with which its hull is little more than both."""
    top, left, height, width = area
    bottom, right = top + height, left + width
    for index, (other_top, other_left, other_height, other_width) in enumerate(areas):
        new_top, new_left = min(top, other_top), min(left, other_left)
        new_height = max(bottom, other_top + other_height) - new_top
        new_width = max(right, other_left + other_width) - new_left
        if new_height * new_width <= 1.25 * (height * width + other_height * other_width):
            areas[index] = (new_top, new_left, new_height, new_width)
            return
    areas.append(area)
