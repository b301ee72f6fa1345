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

from collections.abc import Mapping, Sequence
from typing import Any

from shiftlab.measure.energy import Array
from shiftlab.measure.forms import GridForm, fractional_form, grid_form, present_map, stayed_put
from shiftlab.measure.masks import Rect, fields_inside, seamless
from shiftlab.measure.moving import as_map, moved
from shiftlab.measure.still import Still
from shiftlab.measure.values import Figure, StageMeasure
from shiftlab.network.info import StageInfo
from shiftlab.network.spec import Pair
from shiftlab.scene.fourier import fourier_shift
from shiftlab.scene.translation import Displacement, NoDisplacement

NO_PLACES = Figure(None, "has no places")
SUB_PIXEL = Figure(None, "a sub-pixel shift has no grid form")
SUB_PIXEL_BORDER = Figure(None, "a sub-pixel shift needs a wrapped scene and circular padding")
NOT_A_RING = Figure(None, "only on a wrapped scene with circular padding")


def _named(maps: Mapping[str, Any], info: StageInfo) -> Array:
    given = maps.get(info.name)
    if given is None:
        raise ValueError(f"no map of {info.name}")
    found = as_map(given)
    if found.shape[1:] != info.size:
        raise ValueError(f"the map of {info.name} must be {info.size[0]}x{info.size[1]}, not {found.shape[1:]}")
    return found


def _inside(info: StageInfo, canvas: Pair, ring: bool) -> Rect | None:
    """The cells that see the inside of the canvas alone; None: all, or it is not known what they see."""
    if info.stride is None or info.receptive_field is None or (ring and seamless(info, canvas)):
        return None
    return fields_inside(info, canvas)


def _hull(areas: Sequence[tuple[int, int, int, int]] | None) -> Rect | None:
    """The smallest rectangle that holds all of `areas`; None where nothing is known."""
    if areas is None:
        return None
    if not areas:
        return Rect((0, 0), (0, 0))
    if len(areas) == 1:
        top, left, height, width = areas[0]
        return Rect((top, top + height), (left, left + width))
    tops, lefts, heights, widths = zip(*areas, strict=True)
    return Rect(
        (min(tops), max(map(sum, zip(tops, heights, strict=True)))),
        (min(lefts), max(map(sum, zip(lefts, widths, strict=True)))),
    )


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
        self._stages = tuple(stages)
        self._still: dict[str, Still] = {}
        for info, ring in zip(stages, each, strict=True):
            self._still[info.name] = Still(
                _named(reference, info),
                _named(blank, info),
                ring and info.stride is not None,
                _inside(info, canvas, ring),
                tolerance,
            )

    @property
    def stages(self) -> tuple[StageInfo, ...]:
        return self._stages

    def measure(
        self,
        now: Mapping[str, Any],
        displacement: Displacement | NoDisplacement,
        seen: Mapping[str, Sequence[tuple[int, int, int, int]]] | None = None,
    ) -> tuple[StageMeasure, ...]:
        """All measures of every stage, in order of flow.

        Parameters
        ----------
        now : mapping from stage name to (C, H, W) array or tensor
            Maps of the present scene, computed in the same way as the reference's.
        displacement : what moved between the two scenes, or why that is no displacement
        seen : mapping from stage name to (top, left, height, width) of cells, optional
            Outside of these the present maps are known to be the blank ones (`WindowedForward.reach`), so
            that nothing needs to be looked at there.
        """
        known = seen or {}
        integer = isinstance(displacement, Displacement) and displacement.integer
        return tuple(
            self._measured(info, _named(now, info), displacement, integer, _hull(known.get(info.name)))
            for info in self._stages
        )

    def moved(
        self, name: str, displacement: Displacement, best: Pair | None = None, fractional: bool = False
    ) -> Array | None:
        """The predicted map: a stage's reference moved along.

        By `best` whole cells (a measure's `best_shift`) in the grid form; by s/S in the fractional form
        and for sub-pixel shifts. NaN where it does not exist; None where no such map is defined.
        """
        still, stride = self._still[name], self._info(name).stride
        if stride is None:
            return None
        cells = displacement.cells(stride)
        if displacement.integer and not (fractional and still.ring):
            return moved(still.reference, best or (round(cells[0]), round(cells[1])), still.ring)
        return fourier_shift(still.reference, cells) if still.ring else None

    def _info(self, name: str) -> StageInfo:
        return next(info for info in self._stages if info.name == name)

    def _measured(
        self,
        info: StageInfo,
        now: Array,
        displacement: Displacement | NoDisplacement,
        integer: bool,
        seen: Rect | None,
    ) -> StageMeasure:
        still = self._still[info.name]
        if isinstance(displacement, NoDisplacement) or info.stride is None:
            put = stayed_put(still, present_map(still, now, seen))
            none = Figure(None, displacement.reason) if isinstance(displacement, NoDisplacement) else NO_PLACES
            return StageMeasure(info.name, None, none, none, none, none, none, put.error, put.plain, put.cosine)
        cells = displacement.cells(info.stride)
        plan = still.plan(cells, integer)
        present = present_map(still, now, seen, plan)
        put = stayed_put(still, present)
        if integer:
            grid = grid_form(still, present, plan)
            not_a_ring = NOT_A_RING
        else:
            not_a_ring = SUB_PIXEL_BORDER
            none = SUB_PIXEL if still.ring else not_a_ring
            grid = GridForm(none, none, none, none)
        fractional = not_a_ring
        if still.ring:
            fractional = grid.full if plan.on_grid else fractional_form(still, present, plan, integer)
        return StageMeasure(
            name=info.name,
            on_grid=plan.on_grid,
            equivariance=grid.full,
            equivariance_valid=grid.valid,
            equivariance_fractional=fractional,
            equivariance_plain=grid.plain,
            border_share=grid.share,
            invariance=put.error,
            invariance_plain=put.plain,
            cosine=put.cosine,
            best_shift=grid.best,
        )


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
