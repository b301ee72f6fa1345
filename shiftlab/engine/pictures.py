"""From maps to the pictures of a request, in each of the four views (no torch, no Qt)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shiftlab.document import ErrorForm
from shiftlab.engine.messages import Luts, Picture, PictureRequest
from shiftlab.measure.moving import moved
from shiftlab.measure.values import StageMeasure
from shiftlab.network.info import StageInfo
from shiftlab.picture.levels import Levels
from shiftlab.picture.mosaic import Colours, Grid, mosaic
from shiftlab.picture.pool import Pool
from shiftlab.picture.tile import axes
from shiftlab.scene.translation import Displacement, NoDisplacement

Map = NDArray[Any]


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
class StageMaps:
    """A stage with its maps now and at the reference, (C, h, w), and how the reference moves along."""

    info: StageInfo
    now: Map
    reference: Map
    along: Along
    levels: tuple[Levels, ...]


def picture(
    request: PictureRequest, stage: StageMaps, canvas: tuple[int, int], luts: Luts, pool: Pool | None = None
) -> Picture | None:
    """The picture of a request, or None where the stage has none of the channels asked for."""
    first = max(0, request.first)
    last = min(first + request.count, stage.info.channels)
    if first >= last:
        return None
    shown = slice(first, last)
    residual = request.view in ("changed", "left")
    levels = stage.levels[shown] if len(stage.levels) == stage.info.channels else stage.levels
    if residual:
        levels = tuple(one.for_residual for one in levels)
    grid = Grid(request.columns, request.tile, request.gap)
    if request.view == "left" and stage.along.cells is None:
        ground = np.full(grid.shape(last - first), luts.ground, np.uint32)
        return Picture(request, ground, levels, undefined=stage.along.reason)
    values, defined = _VIEWS[request.view](stage, shown)
    made = mosaic(
        values,
        axes(stage.info, canvas, request.tile),
        levels,
        grid,
        _colours(luts, levels[0].signed),
        residual=residual,
        defined=defined,
        pool=pool,
    )
    return Picture(request, made.rgb, levels, made.below, made.above, made.nothing, made.finite)


@lru_cache(maxsize=8)
def _colours(luts: Luts, signed: bool) -> Colours:
    return Colours(luts.diverging if signed else luts.sequential, luts.ground, luts.nan)


Viewed = tuple[Map, NDArray[np.bool_] | None]
"""Maps (n, h, w), and where they are defined (None: everywhere)."""


def _now(stage: StageMaps, shown: slice) -> Viewed:
    return stage.now[shown], None


def _reference(stage: StageMaps, shown: slice) -> Viewed:
    return stage.reference[shown], None


def _changed(stage: StageMaps, shown: slice) -> Viewed:
    with np.errstate(invalid="ignore"):
        return stage.now[shown] - stage.reference[shown], None


def _left(stage: StageMaps, shown: slice) -> Viewed:
    reference = stage.reference[shown]
    with np.errstate(invalid="ignore"):
        predicted = stage.along.apply(reference)
        residual = np.subtract(stage.now[shown], predicted, dtype=np.float32)
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


_VIEWS: dict[str, Callable[[StageMaps, slice], Viewed]] = {
    "now": _now,
    "reference": _reference,
    "changed": _changed,
    "left": _left,
}
