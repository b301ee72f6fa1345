"""Did a stage move along, did it stay put: the errors of every stage between a scene and its reference.

With A the present map, B the reference map moved along and Z the map of the blank scene, the relative
error is E = ||A - B|| / sqrt((||A - Z||^2 + ||B - Z||^2) / 2), at most 2; the plain form has Z = 0.
Without the reference to Z a constant response of biases would hide errors.

*grid form*: the least E over B = T_d F(x) with d = floor or ceil of s/S in each axis, all of them over
one mask (exact for adaptive polyphase sampling, Chaman & Dokmanic 2021). *fractional form*: B is the
Fourier shift of F(x) by s/S (the one for blur pooling, Zhang 2019, and for sub-pixel shifts), on rings
alone. *valid* masks keep cells whose fields, before and after, lie inside the canvas.

No torch: the maps come as arrays, or as tensors that are viewed as arrays.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shiftlab.measure import masks
from shiftlab.measure.energy import (
    NO_RESPONSE,
    Array,
    Energy,
    Mask,
    box_of,
    by_place,
    energy,
    energy_by_place,
    error,
    figure,
    less_moved,
    product,
    product_moved,
    relative_error,
    tolerance_of,
    total,
)
from shiftlab.measure.masks import Rect, kept, whole
from shiftlab.measure.moving import as_map, moved
from shiftlab.measure.values import Figure, StageMeasure
from shiftlab.network.info import StageInfo
from shiftlab.network.spec import Pair
from shiftlab.scene.fourier import fourier_shift
from shiftlab.scene.translation import Displacement, NoDisplacement

KEPT_PHASES = 8 << 20
"""Bytes of Fourier-shifted reference maps that a stage keeps for the next moves of a drag."""
CANCELLING = 0.05
"""Part of the summed squares below which a squared difference is computed from the difference itself."""

NO_PLACES = Figure(None, "has no places")
LEFT_MAP = Figure(None, "moved out of its map")
NO_INSIDE = Figure(None, "no cell sees only the inside of the canvas")
SUB_PIXEL = Figure(None, "a sub-pixel shift has no grid form")
SUB_PIXEL_BORDER = Figure(None, "a sub-pixel shift needs a wrapped scene and circular padding")
NOT_A_RING = Figure(None, "only on a wrapped scene with circular padding")
NO_ERROR = Figure(None, "no error to share")


class _Stage:
    """A stage's reference and blank maps, with what of them is worth keeping during a drag.

    Where the blank map is level in every channel, moving it changes nothing; then responses (map less
    blank map) are compared, inside their boxes. Where it is not (zero padding with biases), whole maps are.
    """

    def __init__(self, info: StageInfo, reference: Array, blank: Array, canvas: Pair, ring: bool) -> None:
        self.info, self.reference, self.blank = info, reference, blank
        self.size: Pair = (reference.shape[1], reference.shape[2])
        self.ring = ring and info.stride is not None
        self.inside = whole(self.size) if info.stride is None else masks.fields_inside(info, canvas)
        self.masked = not (self.ring and masks.seamless(info, canvas))
        self.silent = not blank.any()
        # rounding differs a little from place to place, which is nothing to a norm
        spread = float(np.abs(blank - blank[:, :1, :1]).max())
        self.level = spread <= 0.1 * tolerance_of(blank.dtype) * float(np.abs(blank).max())
        self.response = reference if self.silent else reference - blank
        self.compared = self.response if self.level else reference
        self.box = box_of(self.response) if self.level else whole(self.size)
        self._plain_places = by_place(reference)
        self._response_places = self._plain_places if self.silent else by_place(self.response)
        self.plain, self.responded = float(self._plain_places.sum()), float(self._response_places.sum())
        self._phases: OrderedDict[tuple[float, float], tuple[Array, float]] = OrderedDict()

    def energies(self, by: Pair, mask: Mask) -> tuple[Energy, Energy]:
        """Squares over the mask of the reference moved by whole cells, and of its response to the blank."""
        plain = self._moved_energy(self._plain_places, self.plain, by, mask)
        if self.silent:
            return plain, plain
        if self.level:
            return plain, self._moved_energy(self._response_places, self.responded, by, mask)
        along = moved(self.reference, by, self.ring)
        region = mask.full
        return plain, energy(along[:, *region.slices] - self.blank[:, *region.slices], region, mask)

    def _moved_energy(self, places: NDArray[np.float64], all_of_it: float, by: Pair, mask: Mask) -> Energy:
        if not self.masked:
            return Energy(all_of_it, all_of_it)
        if self.ring:
            return energy_by_place(np.roll(places, by, (0, 1)), whole(self.size), mask)
        origin = mask.full.moved((-by[0], -by[1]))
        return energy_by_place(places[origin.slices], mask.full, mask)

    def moved_box(self, by: Pair) -> Rect:
        """Where the response stands after moving; the whole of an axis that it goes round."""
        box = self.box.moved(by)
        if not self.ring:
            return box.meet(whole(self.size))
        rows, cols = (
            run if run[0] >= 0 and run[1] <= side else (0, side)
            for run, side in zip((box.rows, box.cols), self.size, strict=True)
        )
        return Rect(rows, cols)

    def phase(self, cells: tuple[float, float]) -> tuple[Array, float]:
        """What is compared of the reference, moved by a part of a cell, and the squares of its response.

        The last few are kept, since a drag comes back to them.
        """
        found = self._phases.pop(cells, None)
        if found is None:
            shifted = fourier_shift(self.compared, cells)
            found = shifted, total(shifted if self.level else shifted - self.blank)
            while len(self._phases) >= max(1, KEPT_PHASES // shifted.nbytes):
                self._phases.popitem(last=False)
        self._phases[cells] = found
        return found


@dataclass(frozen=True)
class _Present:
    """The present map of a stage, where it responds, and squares over all places."""

    now: Array
    box: Rect
    plain: float
    responded: float


@dataclass(frozen=True)
class _Put:
    """How far a stage stayed put."""

    error: Figure
    plain: Figure
    cosine: Figure


@dataclass(frozen=True)
class _Candidate:
    """The errors for one shift in whole cells; None where there is no response."""

    full: float | None
    valid: float | None
    plain: float | None
    share: float | None


@dataclass(frozen=True)
class _Grid:
    """The grid form of a stage."""

    full: Figure
    valid: Figure
    plain: Figure
    share: Figure
    best: Pair | None = None


def _least(value: float | None) -> float:
    """For choosing the least: where there is no response, nothing is left either."""
    return 0.0 if value is None else value


def _named(maps: Mapping[str, Any], info: StageInfo) -> Array:
    if info.name not in maps:
        raise ValueError(f"no map of {info.name}")
    found = as_map(maps[info.name])
    if found.shape[1:] != info.size:
        raise ValueError(f"the map of {info.name} must be {info.size[0]}x{info.size[1]}, not {found.shape[1:]}")
    return found


class Comparison:
    """One network's maps at the reference, ready to be compared with those of every place of a drag.

    What depends on the reference alone is computed once; `measure` then makes a few passes over the
    present maps. Not to be shared between threads.

    Parameters
    ----------
    stages : tuple of StageInfo
    reference, blank : mapping from stage name to (C, H, W) array or tensor
        Maps of the reference scene and of the scene with nothing on it.
    canvas : (rows, cols) of the canvas in pixels
    rings : bool, or one for each stage
        Whether the map is a ring: the scene wraps, and all padding so far is circular
        (`masks.wrapping`). For stages without places it does not matter.
    tolerance : float, optional
        Up to which relative response a stage has none; 1e-5, in float64 1e-12.

    Raises
    ------
    ValueError
        Where a map is missing or has another size than its stage.
    """

    def __init__(
        self,
        stages: Sequence[StageInfo],
        reference: Mapping[str, Any],
        blank: Mapping[str, Any],
        canvas: Pair,
        rings: bool | Sequence[bool],
        tolerance: float | None = None,
    ) -> None:
        each = [rings] * len(stages) if isinstance(rings, bool) else list(rings)
        if len(each) != len(stages):
            raise ValueError(f"rings must have {len(stages)} entries like the stages, not {len(each)}")
        self._stages: dict[str, _Stage] = {}
        for info, ring in zip(stages, each, strict=True):
            self._stages[info.name] = _Stage(info, _named(reference, info), _named(blank, info), canvas, ring)
        self._tolerance = tolerance

    @property
    def stages(self) -> tuple[StageInfo, ...]:
        return tuple(stage.info for stage in self._stages.values())

    def measure(self, now: Mapping[str, Any], displacement: Displacement | NoDisplacement) -> tuple[StageMeasure, ...]:
        """All measures of every stage, in order of flow.

        Parameters
        ----------
        now : mapping from stage name to (C, H, W) array or tensor
            Maps of the present scene, computed in the same way as the reference's.
        displacement : what moved between the two scenes, or why that is no displacement
        """
        return tuple(self._measured(stage, _named(now, stage.info), displacement) for stage in self._stages.values())

    def moved(
        self, name: str, displacement: Displacement, best: Pair | None = None, fractional: bool = False
    ) -> Array | None:
        """The predicted map: a stage's reference moved along.

        By `best` whole cells (a measure's `best_shift`) in the grid form; by s/S in the fractional form
        and for sub-pixel shifts. NaN where it does not exist; None where no such map is defined.
        """
        stage = self._stages[name]
        if stage.info.stride is None:
            return None
        cells = displacement.cells(stage.info.stride)
        if displacement.integer and not (fractional and stage.ring):
            if best is None:
                best = (round(cells[0]), round(cells[1]))
            return moved(stage.reference, best, stage.ring)
        return fourier_shift(stage.reference, cells) if stage.ring else None

    def _tolerance_for(self, values: Array) -> float:
        return tolerance_of(values.dtype) if self._tolerance is None else self._tolerance

    def _measured(self, stage: _Stage, now: Array, displacement: Displacement | NoDisplacement) -> StageMeasure:
        present = self._present(stage, now)
        put = self._stayed_put(stage, present)
        name, stride = stage.info.name, stage.info.stride
        if isinstance(displacement, NoDisplacement) or stride is None:
            none = NO_PLACES if stride is None else Figure(None, getattr(displacement, "reason", ""))
            return StageMeasure(name, None, none, none, none, none, none, put.error, put.plain, put.cosine)
        cells = displacement.cells(stride)
        on_grid = displacement.integer and cells[0].is_integer() and cells[1].is_integer()
        if displacement.integer:
            grid = self._grid(stage, present, cells)
            if not stage.ring:
                fractional = NOT_A_RING
            elif on_grid:
                fractional = grid.full
            else:
                fractional = self._fractional(stage, present, cells)
        else:
            none = SUB_PIXEL if stage.ring else SUB_PIXEL_BORDER
            grid = _Grid(none, none, none, none)
            fractional = self._fractional(stage, present, cells) if stage.ring else SUB_PIXEL_BORDER
        return StageMeasure(
            name,
            on_grid,
            grid.full,
            grid.valid,
            fractional,
            grid.plain,
            grid.share,
            put.error,
            put.plain,
            put.cosine,
            grid.best,
        )

    def _present(self, stage: _Stage, now: Array) -> _Present:
        plain = total(now)
        box = box_of(now, None if stage.silent else stage.blank) if stage.level else whole(stage.size)
        response = now[:, *box.slices] if stage.silent else now[:, *box.slices] - stage.blank[:, *box.slices]
        return _Present(now, box, plain, plain if stage.silent else total(response))

    def _none(self, values: Array, *plain: float) -> float:
        """The squared response that is none, for maps of these squared norms."""
        return self._tolerance_for(values) ** 2 * max(plain)

    def _stayed_put(self, stage: _Stage, present: _Present) -> _Put:
        """Invariance error in both forms, and the cosine of the two responses."""
        both = present.box.meet(stage.box)
        common = product(_cut(stage, present.now, both, True), stage.response[:, *both.slices])
        difference = present.responded + stage.responded - 2 * common
        if difference < CANCELLING * (present.responded + stage.responded):
            either = present.box.join(stage.box)
            difference = total(present.now[:, *either.slices] - stage.reference[:, *either.slices])
        none = self._none(present.now, present.plain, stage.plain)
        cosine = NO_RESPONSE
        if min(present.responded, stage.responded) > none:
            cosine = Figure(max(-1.0, min(1.0, common / math.sqrt(present.responded * stage.responded))))
        return _Put(
            figure(relative_error(difference, present.responded, stage.responded, none)),
            figure(relative_error(difference, present.plain, stage.plain)),
            cosine,
        )

    def _grid(self, stage: _Stage, present: _Present, cells: tuple[float, float]) -> _Grid:
        """The least error over floor and ceil of the shift in cells, all over one mask."""
        shifts = masks.candidates(cells)
        everywhere = whole(stage.size)
        full = everywhere if stage.ring else kept(everywhere, shifts)
        if full.empty:
            return _Grid(LEFT_MAP, LEFT_MAP, LEFT_MAP, LEFT_MAP)
        mask = Mask(full, kept(stage.inside, shifts) if stage.masked else None)
        plain, responded = self._energies(stage, present, mask)
        found = [self._candidate(stage, present, by, mask, plain, responded) for by in shifts]
        best = min(range(len(found)), key=lambda index: _least(found[index].full))
        chosen = found[best]
        inner = NO_INSIDE
        if mask.valid is None or not mask.valid.empty:
            inner = figure(min((one.valid for one in found), key=_least))
        return _Grid(
            figure(chosen.full),
            inner,
            figure(min((one.plain for one in found), key=_least)),
            NO_ERROR if chosen.share is None else Figure(chosen.share),
            shifts[best],
        )

    def _energies(self, stage: _Stage, present: _Present, mask: Mask) -> tuple[Energy, Energy]:
        """Squares of the present map and of its response over the mask."""
        if not stage.masked:
            return Energy(present.plain, present.plain), Energy(present.responded, present.responded)
        box = present.box.meet(mask.full)
        responded = energy(_cut(stage, present.now, box, True), box, mask)
        return (responded if stage.silent else energy(present.now, whole(stage.size), mask)), responded

    def _candidate(
        self, stage: _Stage, present: _Present, by: Pair, mask: Mask, plain: Energy, responded: Energy
    ) -> _Candidate:
        """The errors for one shift in whole cells."""
        region = present.box.join(stage.moved_box(by)).meet(mask.full)
        here = _cut(stage, present.now, region, stage.level)
        difference = energy(less_moved(here, stage.compared, region, by, stage.ring), region, mask)
        moved_plain, moved_responded = stage.energies(by, mask)
        none = self._none(present.now, plain.full, moved_plain.full)
        none_inside = self._none(present.now, plain.valid, moved_plain.valid)
        return _Candidate(
            relative_error(difference.full, responded.full, moved_responded.full, none),
            relative_error(difference.valid, responded.valid, moved_responded.valid, none_inside),
            relative_error(difference.full, plain.full, moved_plain.full),
            max(0.0, 1 - difference.valid / difference.full) if difference.full > 0 else None,
        )

    def _fractional(self, stage: _Stage, present: _Present, cells: tuple[float, float]) -> Figure:
        """The error against the Fourier shift of the reference map, on a ring."""
        by = (math.floor(cells[0]), math.floor(cells[1]))
        shifted, responded = stage.phase((cells[0] - by[0], cells[1] - by[1]))
        difference = 0.0
        if stage.level:
            here = _cut(stage, present.now, present.box, True)
            common = product_moved(here, shifted, present.box, by, True)
            difference = present.responded + responded - 2 * common
        if not stage.level or difference < CANCELLING * (present.responded + responded):
            everywhere = whole(stage.size)
            here = _cut(stage, present.now, everywhere, stage.level)
            difference = total(less_moved(here, shifted, everywhere, by, True))
        none = self._none(present.now, present.plain, stage.plain)
        return figure(relative_error(difference, present.responded, responded, none))


def _cut(stage: _Stage, now: Array, region: Rect, response: bool) -> Array:
    """A region of the present map, or of its response to the blank."""
    here = now[:, *region.slices]
    return here - stage.blank[:, *region.slices] if response and not stage.silent else here


def measure_stages(
    stages: Sequence[StageInfo],
    now: Mapping[str, Any],
    reference: Mapping[str, Any],
    blank: Mapping[str, Any],
    displacement: Displacement | NoDisplacement,
    canvas: Pair,
    rings: bool | Sequence[bool],
    tolerance: float | None = None,
) -> tuple[StageMeasure, ...]:
    """All measures of every stage for one pair of scenes; see `Comparison`, which a drag keeps."""
    return Comparison(stages, reference, blank, canvas, rings, tolerance).measure(now, displacement)


def channel_errors(now: Any, reference: Any, blank: Any, by: Pair, ring: bool) -> NDArray[np.float64]:
    """The error of each channel for a shift in whole cells, background-referenced, full; NaN: no response.

    Parameters
    ----------
    now, reference, blank : (C, H, W)
    by : (rows, cols)
        The stage's `best_shift`.

    Returns
    -------
    array, (C,)
    """
    present, mask = as_map(now), kept(whole(as_map(now).shape[1:]), [by])
    if ring:
        mask = whole(present.shape[1:])
    along = moved(as_map(reference), by, ring)[:, *mask.slices]
    cut, ground = present[:, *mask.slices], as_map(blank)[:, *mask.slices]
    errors = (error(*one).value for one in zip(cut, along, ground, strict=True))
    return np.array([math.nan if value is None else value for value in errors], dtype=np.float64)
