"""Why a stage's error is there, by counterfactual on its own layer.

The layer is fed the map before it at the reference, moved by the best whole number of cells of that
stage (the rim filled from the blank scene), and what comes out is compared with its own reference map
moved along: its *own* error, free of what the stages before it did.

Total error above tolerance, own error not: inherited (or, where the map before has none to pass on, come
in over the rim: border). Own error gone when the cells that touch the
layer's padding are left out: border. Gone when the layer runs at stride 1: phase. Displacement
fractional: aliasing. A head with weights over places, judged on invariance: position. Several may
hold; the largest comes first. No torch: the layers are run by whoever asks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
import numpy as np

from shiftlab.measure.energy import Array, error, tolerance_of
from shiftlab.measure.forms import NO_INSIDE, GridForm, fractional_form, grid_form, present_map
from shiftlab.measure.masks import Rect, untouched
from shiftlab.measure.moving import as_map, moved
from shiftlab.measure.still import Still
from shiftlab.measure.values import Cause, Figure, StageMeasure
from shiftlab.network.geometry import CANVAS
from shiftlab.network.info import StageInfo
from shiftlab.network.spec import (
    Activation,
    AvgPool,
    BlurPool,
    Conv,
    Dense,
    Flatten,
    LayerSpec,
    MaxPool,
    NetworkSpec,
    Norm,
    Pair,
    Polyphase,
    Subsample,
)
from shiftlab.network.steps import effective_padding
from shiftlab.scene.translation import Displacement, NoDisplacement

ONE: Pair = (1, 1)


class Layers(Protocol):
    """Something that runs one layer of a network at a time (`lab.Runner` does it with torch)."""

    def run(self, index: int, values: Array, stride_1: bool = False) -> Array:
        """The (C, H, W) map that layer `index` makes of one, at its own strides or with all of them 1."""
        ...


@dataclass(frozen=True)
class Pieces:
    """What causes are found from: a network's facts, its maps at the reference and of the blank scene.

    Both mappings also hold the image itself, under `geometry.CANVAS`; `rings` has the canvas first.
    """

    spec: NetworkSpec
    stages: tuple[StageInfo, ...]
    reference: Mapping[str, Any]
    blank: Mapping[str, Any]
    rings: tuple[bool, ...]

    def ring_before(self, index: int) -> bool:
        return self.rings[index]

    def ring(self, index: int) -> bool:
        return self.rings[index + 1]

    def name_before(self, index: int) -> str:
        return CANVAS if index == 0 else self.stages[index - 1].name

    def stride_before(self, index: int) -> Pair | None:
        return ONE if index == 0 else self.stages[index - 1].stride

    def maps(self, name: str) -> tuple[Array, Array]:
        """(reference, blank)."""
        return as_map(self.reference[name]), as_map(self.blank[name])


def with_causes(
    pieces: Pieces,
    measures: Sequence[StageMeasure],
    displacement: Displacement | NoDisplacement,
    layers: Layers,
) -> tuple[StageMeasure, ...]:
    """The same measures with own errors and causes.

    Parameters
    ----------
    pieces : Pieces
    measures : one for each stage, as `equivariance.measure_stages` gives them
    displacement : between the reference and the present scene
    layers : what runs a single layer
    """
    if isinstance(displacement, NoDisplacement):
        none = Figure(None, displacement.reason)
        return tuple(msgspec.structs.replace(one, own_error=none, causes=(), causes_known=True) for one in measures)
    finder = _Finder(pieces, tuple(measures), displacement, layers)
    return tuple(finder.explained(index) for index in range(len(measures)))


def first_break(measures: Sequence[StageMeasure]) -> str | None:
    """The first stage with an error of its own, or None.

    Until causes are known it is the first stage with places whose error is above float32's tolerance:
    what came before it was exact, so that its error can only be its own.
    """
    for one in measures:
        if one.causes_known:
            if any(cause.kind != "inherited" for cause in one.causes):
                return one.name
        elif (value := total_error(one).value) is not None and not Figure(value).exact:
            return one.name
    return None


def total_error(measure: StageMeasure) -> Figure:
    """The equivariance error that causes explain: the grid form, for a sub-pixel shift the fractional one."""
    return measure.equivariance if measure.best_shift is not None else measure.equivariance_fractional


@dataclass(frozen=True)
class _Own:
    """A layer's own error: over all cells, over those that touch no padding, and the share of squares outside these.

    `inner` is None where every cell touches padding; 0 where the others do not respond.
    """

    full: float
    inner: float | None
    share: float

    def gone_inside(self, tolerance: float) -> bool:
        """Whether nothing is left without the cells that touch padding (or at all, where every cell does)."""
        return (self.full if self.inner is None else self.inner) <= tolerance


def _own(form: GridForm) -> _Own:
    inner = None if form.valid is NO_INSIDE else form.valid.value or 0.0
    return _Own(form.full.value or 0.0, inner, form.share.value or 0.0)


class _Finder:
    def __init__(
        self, pieces: Pieces, measures: tuple[StageMeasure, ...], displacement: Displacement, layers: Layers
    ) -> None:
        self._pieces, self._measures = pieces, measures
        self._displacement, self._layers = displacement, layers
        # what a layer without places is fed: the last map with places, moved, as long as places can still be told
        self._carried: dict[int, Array] = {}

    def explained(self, index: int) -> StageMeasure:
        measure = self._measures[index]
        if self._pieces.stages[index].stride is None:
            own, causes = self._without_places(index)
        else:
            own, causes = self._with_places(index)
        causes = tuple(sorted(causes, key=lambda cause: -cause.error))
        return msgspec.structs.replace(measure, own_error=own, causes=causes, causes_known=True)

    def _tolerance(self, index: int) -> float:
        return tolerance_of(as_map(self._pieces.reference[self._pieces.stages[index].name]).dtype)

    def _with_places(self, index: int) -> tuple[Figure, tuple[Cause, ...]]:
        total = total_error(self._measures[index])
        if total.value is None:
            return Figure(None, total.reason), ()
        own, slow = self._own_errors(index)
        tolerance = self._tolerance(index)
        if total.value <= tolerance:
            return Figure(own.full), ()
        if own.full <= tolerance:
            return Figure(own.full), (self._from_before(index, total.value),)
        return Figure(own.full), self._causes(index, own, slow, tolerance)

    def _from_before(self, index: int, total: float) -> Cause:
        """Why a layer that is exact on the moved map still gives an error: what it was really fed was another."""
        if self._broke_before(index):
            return Cause("inherited", total, words="inherited")
        if index == 0:
            # the scene itself did not move along
            if self._displacement.integer:
                return Cause("border", total, words="border · cut by the canvas")
            return Cause("aliasing", total, words="aliasing")
        if self._pieces.ring_before(index):
            return Cause("inherited", total, words="inherited")
        # what came in was exact wherever it could be compared, so that the rest came in over the rim: cells
        # that exist in the present map while their counterparts at the reference lay outside of it
        return Cause("border", total, words="border")

    def _broke_before(self, index: int) -> bool:
        """Whether the map before a layer has an error of its own or an inherited one."""
        while index - 1 in self._carried:
            index -= 1
        if index == 0:
            return False
        before = self._measures[index - 1]
        total = before.invariance if self._pieces.stages[index - 1].stride is None else total_error(before)
        return total.value is not None and total.value > self._tolerance(index - 1)

    def _causes(self, index: int, own: _Own, slow: _Own | None, tolerance: float) -> tuple[Cause, ...]:
        info = self._pieces.stages[index]
        assert info.stride is not None
        border = "border · seam" if self._pieces.ring(index) else "border"
        phase = slow is not None and slow.gone_inside(tolerance)
        if own.inner is not None and own.inner <= tolerance:
            return (Cause("border", own.full, words=border),)
        causes: list[Cause] = []
        outside = 0.0
        if phase and slow is not None and slow.full > tolerance:
            outside = own.share
            causes.append(Cause("border", own.full * math.sqrt(outside), words=border))
        inside = own.full * math.sqrt(1 - outside)
        if phase:
            cells = self._displacement.cells(info.stride)
            causes.append(Cause("phase", inside, cells, f"phase · {cells_in_words(cells)}"))
        if not self._displacement.integer:
            causes.append(Cause("aliasing", inside, words="aliasing"))
        if not causes:  # every cell touches padding, or the layer chooses by what a border has cut
            causes.append(Cause("border", own.full, words=border))
        return tuple(causes)

    def _own_errors(self, index: int) -> tuple[_Own, _Own | None]:
        """Of the layer as it is, and where it has a stride also at stride 1."""
        pieces, layer = self._pieces, self._pieces.spec.active[index]
        info = pieces.stages[index]
        before, blank_before = pieces.maps(pieces.name_before(index))
        cells = self._shift_before(index)
        fed = self._fed(index, before, blank_before, cells)
        stride_before = pieces.stride_before(index)
        assert stride_before is not None
        assert info.stride is not None
        stride = (info.stride[0] // stride_before[0], info.stride[1] // stride_before[1])
        ring = pieces.ring(index)
        size: Pair = (before.shape[1], before.shape[2])
        closed = ring and (info.size[0] * stride[0], info.size[1] * stride[1]) == size
        reference, blank = pieces.maps(info.name)
        out = self._layers.run(index, fed)
        shift = (cells[0] / stride[0], cells[1] / stride[1])
        own = self._compared(out, reference, blank, shift, ring, None if closed else untouched(layer, size))
        if stride == ONE:
            return own, None
        return own, self._at_stride_1(index, fed, before, blank_before, cells)

    def _at_stride_1(
        self, index: int, fed: Array, before: Array, blank: Array, cells: tuple[float, float]
    ) -> _Own | None:
        pieces, layer = self._pieces, at_stride_1(self._pieces.spec.active[index])
        size: Pair = (before.shape[1], before.shape[2])
        ring = pieces.ring_before(index) and pieces.ring(index)
        maps = [fed, before, blank]
        if ring:
            maps = [_gone_round(layer, one) for one in maps]
        out, reference, ground = (self._layers.run(index, one, stride_1=True) for one in maps)
        ring = ring and out.shape[1:] == size
        if not ring and not self._displacement.integer:
            return None
        size = (maps[0].shape[1], maps[0].shape[2])
        return self._compared(out, reference, ground, cells, ring, None if ring else untouched(layer, size))

    def _compared(
        self, now: Array, reference: Array, blank: Array, cells: tuple[float, float], ring: bool, inside: Rect | None
    ) -> _Own:
        still = Still(reference, blank, ring, inside)
        present = present_map(still, now)
        if self._displacement.integer:
            return _own(grid_form(still, present, still.plan(cells)))
        value = fractional_form(still, present, still.plan(cells, integer=False)).value or 0.0
        return _Own(value, value, 0.0)

    def _shift_before(self, index: int) -> tuple[float, float]:
        """By how many cells the map before a layer moves: its best whole number, or a fraction for sub-pixel shifts."""
        stride = self._pieces.stride_before(index)
        assert stride is not None
        cells = self._displacement.cells(stride)
        if not self._displacement.integer:
            return cells
        best = self._measures[index - 1].best_shift if index else None
        return best if best is not None else (round(cells[0]), round(cells[1]))

    def _fed(self, index: int, before: Array, blank: Array, cells: tuple[float, float]) -> Array:
        return moved(before, cells, self._pieces.ring_before(index), fill=blank)

    def _without_places(self, index: int) -> tuple[Figure, tuple[Cause, ...]]:
        """Judged on invariance, fed with the last map that has places, moved along."""
        pieces, layer = self._pieces, self._pieces.spec.active[index]
        info = pieces.stages[index]
        if not self._displacement.integer and not self._last_ring(index):
            return Figure(None, "a sub-pixel shift needs a wrapped scene and circular padding"), ()
        if pieces.stride_before(index) is not None:
            before, blank = pieces.maps(pieces.name_before(index))
            fed = self._fed(index, before, blank, self._shift_before(index))
        else:
            fed = self._carried.get(index - 1, pieces.maps(pieces.name_before(index))[0])
        out = self._layers.run(index, fed)
        if isinstance(layer, Flatten) or (index - 1 in self._carried and isinstance(layer, Activation | Norm)):
            # every place has its own entry: nothing is mixed, so that this stage neither breaks nor keeps anything
            self._carried[index] = out
            return Figure(None, "keeps its places as entries"), ()
        total = self._measures[index].invariance
        own = error(out, *pieces.maps(info.name))
        if total.value is None or total.value <= self._tolerance(index):
            return own, ()
        if own.value is None or own.value <= self._tolerance(index):
            return own, (self._from_before(index, total.value),)
        if isinstance(layer, Dense) and not (self._displacement.integer and self._same_around(index)):
            return own, (Cause("position", own.value, words="position"),)
        if not self._displacement.integer:
            return own, (Cause("aliasing", own.value, words="aliasing"),)
        return own, (Cause("border", own.value, words="border"),)

    def _same_around(self, index: int) -> bool:
        """Whether the stage gives the same where the last map with places is moved along as a ring.

        Then its weights are alike at all places, and what it lost is what left over the rim.
        """
        pieces = self._pieces
        first = max((at + 1 for at in range(index) if pieces.stages[at].stride is not None), default=0)
        values = moved(pieces.maps(pieces.name_before(first))[0], self._shift_before(first), True)
        for at in range(first, index + 1):
            values = self._layers.run(at, values)
        found = error(values, *pieces.maps(pieces.stages[index].name)).value
        return found is not None and found <= self._tolerance(index)

    def _last_ring(self, index: int) -> bool:
        """Whether the last map with places before this stage is a ring."""
        placed = [at for at in range(index) if self._pieces.stages[at].stride is not None]
        return self._pieces.ring(placed[-1]) if placed else self._pieces.ring_before(0)


def at_stride_1(layer: LayerSpec) -> LayerSpec:
    """A layer as it is with every stride 1; polyphase sampling keeps all its phases."""
    match layer:
        case Conv() | MaxPool() | AvgPool() | BlurPool() | Subsample():
            return msgspec.structs.replace(layer, stride=ONE)
        case Polyphase():
            return BlurPool(size=layer.blur, stride=ONE, max_kernel=layer.max_kernel, padding_mode=layer.padding_mode)
        case _:
            return layer


def _gone_round(layer: LayerSpec, values: Array) -> Array:
    """A ring with as many of its first cells again at its end as a layer that pads nothing needs to keep the size."""
    if any(map(any, effective_padding(layer))):
        return values
    kernel = getattr(layer, "kernel", ONE)
    dilation = getattr(layer, "dilation", ONE)
    more = [dilation[axis] * (kernel[axis] - 1) for axis in (0, 1)]
    return np.pad(values, [(0, 0), (0, more[0]), (0, more[1])], mode="wrap")


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def cells_in_words(cells: tuple[float, float]) -> str:
    """'1.5 cells': the part of a shift that is off the grid; both where both are, '(1.5, 0.5) cells'."""
    off = [value for value in cells if not float(value).is_integer()]
    if len(off) == 2:
        return f"({_number(cells[0])}, {_number(cells[1])}) cells"
    return f"{_number(off[0] if off else max(cells, key=abs))} cells"
