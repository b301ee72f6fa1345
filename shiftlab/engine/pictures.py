"""From maps to the pictures of a request, in each of the four views (no torch, no Qt)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from shiftlab.document import View
from shiftlab.engine.left import Left, left_block, left_of, same_everywhere
from shiftlab.engine.messages import Luts, Picture, PictureRequest
from shiftlab.engine.stage_maps import Map, StageMaps
from shiftlab.picture.colours import Colours, Scale
from shiftlab.picture.decimate import Block, Reduced, reduce
from shiftlab.picture.following import Following, joined
from shiftlab.picture.levels import Levels
from shiftlab.picture.mosaic import Grid, Mosaic, drawn
from shiftlab.picture.pool import Pool
from shiftlab.picture.tile import Axis, axes

RESIDUALS: tuple[View, ...] = ("changed", "left")


@dataclass
class _Kept:
    """A picture and what it was made of: maps (named by their content), colour ranges, tables."""

    following: Following
    content: object
    reference: Map | None
    axes: tuple[Axis, Axis]
    levels: tuple[Levels, ...] = ()
    ranges: tuple[Levels, ...] = ()
    """`levels` are the stage's, `ranges` those of the picture."""
    luts: Luts | None = None
    picture: Picture | None = None
    left: Left | None = None
    """Of what is left: by how much the reference was moved, and where anything can be left."""

    def made(self, request: PictureRequest, stage: StageMaps, shown: slice, luts: Luts) -> Picture:
        """The picture as it is now; the same object where nothing has changed."""
        if self.levels is not stage.levels:
            self.levels, ranges = stage.levels, _ranges(request, stage, shown)
            if ranges != self.ranges:
                self.ranges, self.picture = ranges, None
        if self.picture is None or self.luts is not luts:
            self.picture, self.luts = None, luts
            made = self.following.picture(self.ranges, _colours(luts, self.ranges[0].signed))
            self.picture = _picture(request, made, self.ranges)
        return self.picture


class Pictures:
    """Makes the pictures of requests, one round after another, and draws anew only what has changed."""

    def __init__(self) -> None:
        self._pool = Pool()
        self._kept: dict[PictureRequest, _Kept] = {}
        self._used: dict[PictureRequest, _Kept] = {}

    def make(self, request: PictureRequest, stage: StageMaps, canvas: tuple[int, int], luts: Luts) -> Picture | None:
        """The picture of a request, or None where the stage has none of the channels asked for.

        The same object as in the last round where nothing has changed.
        """
        first = max(0, request.first)
        last = min(first + request.count, stage.info.channels)
        if first >= last:
            return None
        shown = slice(first, last)
        where = axes(stage.info, canvas, request.tile)
        if request.view == "left":
            return self._left(request, stage, shown, where, luts)
        return self._followed(request, stage, shown, where).made(request, stage, shown, luts)

    def end_round(self) -> None:
        """Forget what this round did not ask for: it would not follow the next change."""
        self._kept, self._used = self._used, {}

    def _left(
        self, request: PictureRequest, stage: StageMaps, shown: slice, where: tuple[Axis, Axis], luts: Luts
    ) -> Picture:
        """What is left. The reference moves as a whole: it is drawn anew, unless it is known where anything is."""
        kept = self._followed_left(request, stage, shown, where)
        if kept is not None:
            return kept.made(request, stage, shown, luts)
        ranges = _ranges(request, stage, shown)
        grid = _grid(request)
        count = shown.stop - shown.start
        if stage.along.cells is None:
            ground = np.full(grid.shape(count), luts.ground, np.uint32)
            return Picture(request, ground, ranges, undefined=stage.along.reason)
        reduced = _reduced(stage, request.view, shown, where)
        colours = _colours(luts, ranges[0].signed)
        return _picture(request, drawn(reduced, Scale.of(ranges, count), grid, colours, self._pool), ranges)

    def _followed(self, request: PictureRequest, stage: StageMaps, shown: slice, where: tuple[Axis, Axis]) -> _Kept:
        """What is kept for a request, its maps brought up to date."""
        view = request.view
        content = None if view == "reference" else stage.change.now
        reference = None if view == "now" else stage.reference
        kept = self._kept.get(request)
        if kept is not None and kept.reference is reference and kept.axes == where:
            if kept.content is not content and kept.content is stage.change.before:
                kept.following.renew(_block(stage, view, shown), stage.change.areas)
                kept.content, kept.picture = content, None
            if kept.content is content:
                self._used[request] = kept
                return kept
        reduced = _reduced(stage, view, shown, where)
        if reduced.values.base is not None:
            # the maps themselves, of which only the present ones are written to, and not by us
            reduced = msgspec.structs.replace(reduced, values=np.array(reduced.values, np.float32, order="C"))
        kept = self._used[request] = _Kept(Following(reduced, _grid(request), self._pool), content, reference, where)
        return kept

    def _followed_left(
        self, request: PictureRequest, stage: StageMaps, shown: slice, where: tuple[Axis, Axis]
    ) -> _Kept | None:
        """What is kept of what is left, brought up to date; None where it cannot be followed.

        On a ring over a blank map that is the same everywhere nothing can be left but where the present
        map or the moved reference is another: there, and where that was so before, it is computed.
        """
        left = left_of(stage)
        if left is None:
            return None
        kept = self._kept.get(request)
        if kept is not None and kept.left is not None and kept.reference is stage.reference and kept.axes == where:
            if kept.content is not stage.change.now or kept.left.cells != left.cells:
                areas, kept.left, kept.picture = joined([*kept.left.areas, *left.areas]), None, None
                kept.following.renew(left_block(stage, shown, left.cells), areas)
                kept.left, kept.content = left, stage.change.now
            self._used[request] = kept
            return kept
        if not same_everywhere(left.blank[shown]):
            return None
        reduced = _reduced(stage, request.view, shown, where)
        following = Following(reduced, _grid(request), self._pool)
        kept = self._used[request] = _Kept(following, stage.change.now, stage.reference, where, left=left)
        return kept


def _picture(request: PictureRequest, made: Mosaic, ranges: tuple[Levels, ...]) -> Picture:
    return Picture(request, made.rgb, ranges, made.below, made.above, made.nothing, made.finite)


def _ranges(request: PictureRequest, stage: StageMaps, shown: slice) -> tuple[Levels, ...]:
    """The colour ranges of the channels shown; a difference has both signs."""
    levels = stage.levels[shown] if len(stage.levels) == stage.info.channels else stage.levels
    return tuple(one.for_residual for one in levels) if request.view in RESIDUALS else levels


def _grid(request: PictureRequest) -> Grid:
    return Grid(request.columns, request.tile, request.gap)


def _reduced(stage: StageMaps, view: View, shown: slice, where: tuple[Axis, Axis]) -> Reduced:
    maps, defined = _viewed(stage, view, shown)
    return reduce(maps, where, view in RESIDUALS, defined)


def _block(stage: StageMaps, view: View, shown: slice) -> Block:
    """The maps of a view, but for 'left', cell by cell."""

    def block(rows: slice, cols: slice) -> Map:
        cells = (shown, rows, cols)
        if view == "reference":
            return stage.reference[cells]
        if view == "now":
            return stage.now[cells]
        # What is not finite is shown for what it is; Python need not warn of it too.
        with np.errstate(invalid="ignore", over="ignore"):
            return stage.now[cells] - stage.reference[cells]

    return block


@lru_cache(maxsize=8)
def _colours(luts: Luts, signed: bool) -> Colours:
    return Colours(luts.diverging if signed else luts.sequential, luts.ground, luts.nan)


def _viewed(stage: StageMaps, view: View, shown: slice) -> tuple[Map, NDArray[np.bool_] | None]:
    """The maps of a view (n, h, w), and where they are defined (None: everywhere)."""
    with np.errstate(invalid="ignore", over="ignore"):
        if view != "left":
            return _block(stage, view, shown)(slice(None), slice(None)), None
        residual = np.subtract(stage.now[shown], stage.along.apply(stage.reference[shown]), dtype=np.float32)
    if stage.along.ring or stage.along.cells is None:
        return residual, None
    return residual, _reached(stage.info.size, stage.along.cells)


def _reached(size: tuple[int, int], cells: tuple[float, float]) -> NDArray[np.bool_] | None:
    """The cells to which a map moved by whole cells reaches; None where to all."""
    if cells == (0, 0):
        return None
    rows, cols = (
        (np.arange(side) - by >= 0) & (np.arange(side) - by < side) for side, by in zip(size, cells, strict=True)
    )
    return rows[:, None] & cols[None, :]
