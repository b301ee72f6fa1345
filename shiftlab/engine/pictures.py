"""From maps to the pictures of a request, in each of the four views (no torch, no Qt)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shiftlab.document import ErrorForm, View
from shiftlab.engine.messages import Luts, Picture, PictureRequest
from shiftlab.measure.moving import moved
from shiftlab.measure.values import StageMeasure
from shiftlab.network.info import StageInfo
from shiftlab.picture.decimate import Block, Reduced, reduce
from shiftlab.picture.levels import Levels
from shiftlab.picture.mosaic import Colours, Grid, drawn
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


@dataclass(frozen=True)
class Change:
    """How a map came about: its content is `now`, and differs from the content `before` in `areas` alone.

    Contents are named by objects that stand for them. `areas` are (top, left, height, width) in cells.
    """

    now: object
    before: object = None
    areas: Sequence[tuple[int, int, int, int]] = ()


@dataclass(frozen=True)
class StageMaps:
    """A stage with its maps now and at the reference, (C, h, w), and how the reference moves along.

    `reference` is the same object as long as its content is the same.
    """

    info: StageInfo
    now: Map
    reference: Map
    along: Along
    levels: tuple[Levels, ...]
    change: Change


@dataclass(frozen=True)
class _Kept:
    """A reduced map, and of what."""

    reduced: Reduced
    content: object
    reference: Map | None
    axes: tuple[Axis, Axis]


class Pictures:
    """Makes the pictures of requests, one round after another, and reduces anew only what has changed."""

    def __init__(self) -> None:
        self._pool = Pool()
        self._kept: dict[PictureRequest, _Kept] = {}
        self._used: set[PictureRequest] = set()

    def make(self, request: PictureRequest, stage: StageMaps, canvas: tuple[int, int], luts: Luts) -> Picture | None:
        """The picture of a request, or None where the stage has none of the channels asked for."""
        first = max(0, request.first)
        last = min(first + request.count, stage.info.channels)
        if first >= last:
            return None
        shown = slice(first, last)
        levels = stage.levels[shown] if len(stage.levels) == stage.info.channels else stage.levels
        if request.view in RESIDUALS:
            levels = tuple(one.for_residual for one in levels)
        grid = Grid(request.columns, request.tile, request.gap)
        if request.view == "left" and stage.along.cells is None:
            ground = np.full(grid.shape(last - first), luts.ground, np.uint32)
            return Picture(request, ground, levels, undefined=stage.along.reason)
        reduced = self._reduced(request, stage, shown, axes(stage.info, canvas, request.tile))
        made = drawn(reduced, levels, grid, _colours(luts, levels[0].signed), self._pool)
        return Picture(request, made.rgb, levels, made.below, made.above, made.nothing, made.finite)

    def end_round(self) -> None:
        """Forget what this round did not ask for: it would not follow the next change."""
        self._kept = {request: kept for request, kept in self._kept.items() if request in self._used}
        self._used = set()

    def _reduced(self, request: PictureRequest, stage: StageMaps, shown: slice, where: tuple[Axis, Axis]) -> Reduced:
        view = request.view
        if view == "left" or max(one.most for one in where) == 1:
            return _reduced(stage, view, shown, where)
        content = None if view == "reference" else stage.change.now
        reference = None if view == "now" else stage.reference
        self._used.add(request)
        kept = self._kept.get(request)
        if kept is not None and kept.reference is reference and kept.axes == where:
            if kept.content is content:
                return kept.reduced
            if kept.content is stage.change.before:
                kept.reduced.renew(_block(stage, view, shown), stage.change.areas)
                self._kept[request] = replace(kept, content=content)
                return kept.reduced
        reduced = _reduced(stage, view, shown, where)
        self._kept[request] = _Kept(reduced, content, reference, where)
        return reduced


def _reduced(stage: StageMaps, view: View, shown: slice, where: tuple[Axis, Axis]) -> Reduced:
    maps, defined = _viewed(stage, view, shown)
    return reduce(maps, where, view in RESIDUALS, defined)


def _block(stage: StageMaps, view: View, shown: slice) -> Block:
    """The maps of a view, but for 'left', cell by cell."""

    def block(rows: slice, cols: slice) -> Map:
        cells = (shown, rows, cols)
        if view == "reference":
            return stage.reference[cells]
        return stage.now[cells] if view == "now" else stage.now[cells] - stage.reference[cells]

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
