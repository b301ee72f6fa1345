"""A picture that follows maps which change a little at a time: only what changed is drawn anew.

It is drawn into one of a few arrays of its own, whichever nobody holds: the one shown is never written
to. Each array knows what has changed since it was drawn last, and is brought up to date by that much.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Sequence

from shiftlab.picture.colours import Colours, Scale, extremes, finite, found
from shiftlab.picture.decimate import Area, Block, Reduced
from shiftlab.picture.levels import Levels
from shiftlab.picture.mosaic import Grid, Mosaic, Sheet, drawn
from shiftlab.picture.pool import Pool

REMEMBERED = 8
"""Changes that are remembered; an array that lacks more is drawn whole."""
ENOUGH = 4
"""Arrays that a picture commonly needs: one shown, one on its way, one being drawn. Of more, the free ones go."""
LITTLE = 1.3
"""How much larger an area may be than those that it stands for."""
WORTH_WHILE = 0.5
"""Share of the values up to which it is worth while to draw the changed ones alone."""


class _Aged(Sheet):
    """A sheet that knows which state it shows: the number of it, -1 for none."""

    age = -1

    @property
    def references(self) -> tuple[int, int]:
        return sys.getrefcount(self.pairs), sys.getrefcount(self.rgb)


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
        self._sheets: list[_Aged] = []
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
        if missing is None:
            sheet.draw(values, scale, colours, self._pool, said.within)
        else:
            for area in missing:
                sheet.draw_part(values, area, scale, colours, self._pool, said.within)
        sheet.age = self._age
        return Mosaic(sheet.rgb, said.below, said.above, said.nothing, said.finite)

    def _new_sheet(self) -> _Aged:
        sheet = _Aged(self._grid, self._count, self.reduced.axes)
        # before references are counted: the views are some
        _ = sheet.views
        return sheet

    def _sheet(self) -> _Aged:
        """An array that nobody else holds: the newest of them, which lacks least."""
        free = [sheet for sheet in self._sheets if sheet.references == self._free]
        if not free:
            self._sheets.append(self._new_sheet())
            return self._sheets[-1]
        newest = max(free, key=_age)
        if len(self._sheets) > ENOUGH:
            self._sheets = [sheet for sheet in self._sheets if sheet is newest or sheet not in free]
        return newest

    def _missing(self, sheet: _Aged) -> list[Area] | None:
        """What has changed since an array was drawn; None where it is better drawn whole."""
        behind = self._age - sheet.age
        if sheet.age < 0 or behind > len(self._changes):
            return None
        missing = joined([area for number in range(1, behind + 1) for area in self._changes[-number]])
        _, rows, cols = self.reduced.values.shape
        return missing if sum(one[2] * one[3] for one in missing) <= WORTH_WHILE * rows * cols else None


def _age(sheet: _Aged) -> int:
    return sheet.age


def joined(areas: list[Area]) -> list[Area]:
    """Fewer areas that cover the same: one, where it is little more than the largest, as in a drag."""
    if len(areas) < 2:
        return areas
    hull = _hull(areas)
    if hull[2] * hull[3] <= LITTLE * max(height * width for _, _, height, width in areas):
        return [hull]
    fewer: list[Area] = []
    for area in areas:
        for index, other in enumerate(fewer):
            hull = _hull((area, other))
            if hull[2] * hull[3] <= LITTLE * (area[2] * area[3] + other[2] * other[3]):
                fewer[index] = hull
                break
        else:
            fewer.append(area)
    return fewer


def _hull(areas: Sequence[Area]) -> Area:
    top, left = min(area[0] for area in areas), min(area[1] for area in areas)
    bottom, right = max(area[0] + area[2] for area in areas), max(area[1] + area[3] for area in areas)
    return top, left, bottom - top, right - left
