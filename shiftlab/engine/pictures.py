"""From maps to the pictures of a request, in each of the four views (no torch, no Qt)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shiftlab.document import ErrorForm, View
from shiftlab.engine.messages import Luts, Picture, PictureRequest
from shiftlab.measure.moving import moved
from shiftlab.measure.values import StageMeasure
from shiftlab.network.info import StageInfo
from shiftlab.picture.colours import Colours, Scale
from shiftlab.picture.decimate import Block, Reduced, reduce
from shiftlab.picture.following import Following
from shiftlab.picture.levels import Levels
from shiftlab.picture.mosaic import Grid, Mosaic, drawn
from shiftlab.picture.pool import Pool
from shiftlab.picture.tile import Axis, axes
from shiftlab.scene.translation import Displacement, NoDisplacement

Map = NDArray[Any]
RESIDUALS: tuple[View, ...] = ("changed", "left")


@dataclass(frozen=True)
class Along:
    """How the reference map of a stage is moved along: by `cells`, on a ring or not; or why it cannot be."""

    cells: tuple[float, float] | None
    ring: bool
    reason: str = ""

    def apply(self, reference: Map) -> Map:
        """The moved reference (C, h, w), NaN where it does not exist; only where `cells` is given.

        Raises
        ------
        ValueError
            Where there is no way to move it.
        """
        if self.cells is None:
            raise ValueError(self.reason)
        return moved(reference, self.cells, self.ring)


def along(
    info: StageInfo,
    measure: StageMeasure,
    displacement: Displacement | NoDisplacement,
    ring: bool,
    form: ErrorForm,
) -> Along:
    """How 'what is left' moves the reference: by the cells that gave the grid form, or by the fraction itself.

    The fractional form, and a sub-pixel shift, are defined on rings alone.
    """
    if isinstance(displacement, NoDisplacement) or info.stride is None:
        return Along(None, ring, measure.equivariance.reason)
    cells = displacement.cells(info.stride)
    if displacement.integer and not (form == "fractional" and ring):
        best = measure.best_shift
        return Along((round(cells[0]), round(cells[1])) if best is None else best, ring)
    return Along(cells, ring) if ring else Along(None, ring, measure.equivariance_fractional.reason)


class Change(NamedTuple):
    """How a map came about: its content is `now`, and differs from the content `before` in `areas` alone.

    Contents are named by objects that stand for them. `areas` are (top, left, height, width) in cells.
    """

    now: object
    before: object = None
    areas: Sequence[tuple[int, int, int, int]] = ()


@dataclass(eq=False)
class StageMaps:
    """A stage with its maps now and at the reference, (C, h, w), and how the reference moves along.

    `reference` is the same object as long as its content is the same. `find_along` says how it moves;
    it is asked only where that is to be seen.
    """

    info: StageInfo
    now: Map
    reference: Map
    find_along: Callable[[], Along]
    levels: tuple[Levels, ...]
    change: Change

    @cached_property
    def along(self) -> Along:
        return self.find_along()


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
        kept = self._followed(request, stage, shown, where)
        if kept.levels is not stage.levels:
            kept.levels, ranges = stage.levels, _ranges(request, stage, shown)
            if ranges != kept.ranges:
                kept.ranges, kept.picture = ranges, None
        if kept.picture is None or kept.luts is not luts:
            kept.picture, kept.luts = None, luts
            made = kept.following.picture(kept.ranges, _colours(luts, kept.ranges[0].signed))
            kept.picture = _picture(request, made, kept.ranges)
        return kept.picture

    def end_round(self) -> None:
        """Forget what this round did not ask for: it would not follow the next change."""
        self._kept, self._used = self._used, {}

    def _left(
        self, request: PictureRequest, stage: StageMaps, shown: slice, where: tuple[Axis, Axis], luts: Luts
    ) -> Picture:
        """What is left moves as a whole: it is drawn anew."""
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
            reduced = replace(reduced, values=np.array(reduced.values, np.float32, order="C"))
        kept = self._used[request] = _Kept(Following(reduced, _grid(request), self._pool), content, reference, where)
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
