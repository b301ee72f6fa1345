"""What the worker computes with: a request in, a snapshot out. The one module of the engine with torch.

Lives on the worker's thread. It keeps, for the networks of the last request, the network ready to run,
the maps at the reference and of the blank scene, and the present maps, so that a drag costs one forward
and another view none.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from shiftlab.document import ColourScope, Document
from shiftlab.engine.loading import pin_thread
from shiftlab.engine.messages import HeadValues, Inspected, Picture, PictureRequest, Request, Side, Snapshot
from shiftlab.engine.pictures import StageMaps, along, picture
from shiftlab.engine.ranges import Limits, levels_of, limits_of, shared
from shiftlab.engine.worker import Check
from shiftlab.measure.equivariance import Comparison
from shiftlab.measure.masks import wrapping
from shiftlab.measure.moving import as_map
from shiftlab.measure.values import Figure, StageMeasure
from shiftlab.network.modules import Forward
from shiftlab.network.weights import Network
from shiftlab.picture.levels import Levels
from shiftlab.picture.pool import Pool
from shiftlab.scene.raster import rasterise
from shiftlab.scene.values import Scene

Maps = Mapping[str, NDArray[np.float32]]
Value = TypeVar("Value")
NOT_A_NUMBER = Figure(None, "not a number")


def never() -> None:
    """The check of who does not want to be asked."""


class _Kept(Generic[Value]):
    """Values by key; those that the last round did not ask for are forgotten."""

    def __init__(self) -> None:
        self._values: dict[Hashable, Value] = {}
        self._used: set[Hashable] = set()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        self._used.add(key)
        if key not in self._values:
            self._values[key] = make()
        return self._values[key]

    def end_round(self) -> None:
        self._values = {key: value for key, value in self._values.items() if key in self._used}
        self._used = set()


@dataclass(frozen=True)
class _Run:
    """The maps of one scene, and the seconds they took."""

    maps: Maps
    seconds: float


@dataclass(frozen=True)
class _Reference:
    """What the present is compared with."""

    maps: Maps
    comparison: Comparison
    rings: Mapping[str, bool]


@dataclass(frozen=True)
class _Computed:
    """One network's part of an answer, before there are pictures."""

    forward: Forward
    now: _Run
    reference: _Reference
    measures: tuple[StageMeasure, ...]


class Backend:
    """Answers requests; see `shiftlab.engine.worker`.

    Parameters
    ----------
    device : str
        'cpu', or where torch has them 'cuda' or 'mps' (not tested).
    """

    def __init__(self, device: str = "cpu") -> None:
        pin_thread()
        self._device = device
        self._pool = Pool()
        self._forwards: _Kept[Forward] = _Kept()
        self._references: _Kept[_Reference] = _Kept()
        self._presents: _Kept[_Run] = _Kept()
        self._measures: _Kept[tuple[StageMeasure, ...]] = _Kept()
        self._limits: _Kept[Limits] = _Kept()

    def __call__(self, request: Request, check: Check = never) -> Snapshot:
        """Compute everything that a request asks for.

        Raises
        ------
        NetworkError
            Where a network does not fit the canvas; one line.
        Abandoned
            From `check`, which is called between the layers.
        """
        begun = time.perf_counter()
        document = request.document
        sides = [self._computed(network, document, check) for network in document.networks]
        levels = levels_of(
            [side.forward.stages for side in sides],
            request.frozen,
            lambda: self._limits_of(sides, document, document.lenses.scope),
        )
        maps = [self._stage_maps(side, document, levels[index]) for index, side in enumerate(sides)]
        pictures: dict[PictureRequest, Picture] = {}
        for wanted in request.pictures:
            check()
            index, name = wanted.key
            if index < len(maps) and name in maps[index]:
                made = picture(wanted, maps[index][name], document.scene.size, request.luts, self._pool)
                if made is not None:
                    pictures[wanted] = made
        answer = Snapshot(
            request=request,
            sides=tuple(self._side(side, levels[index]) for index, side in enumerate(sides)),
            pictures=MappingProxyType(pictures),
            inspected=self._inspected(request, sides, maps),
            forward_seconds=sum(side.now.seconds for side in sides),
            total_seconds=time.perf_counter() - begun,
        )
        for kept in (self._forwards, self._references, self._presents, self._measures, self._limits):
            kept.end_round()
        return answer

    def _computed(self, network: Network, document: Document, check: Check) -> _Computed:
        size = document.scene.size
        forward = self._forwards.get((network, size), lambda: Forward(network, size, device=self._device))
        reference = self._references.get(
            (network, document.reference, size), lambda: self._reference(forward, document, check)
        )
        now = self._presents.get((network, document.scene), lambda: _run(forward, document.scene, check))
        check()
        measures = self._measures.get(
            (network, document.scene, document.reference),
            lambda: _measured(reference.comparison, now.maps, document),
        )
        return _Computed(forward, now, reference, measures)

    def _reference(self, forward: Forward, document: Document, check: Check) -> _Reference:
        """The maps of the reference and of the blank scene.

        Where the reference has another canvas there is nothing to compare with, place by place; the
        present scene's blank stands in, and the displacement says why nothing is measured.
        """
        spec, size = forward.network.spec, document.scene.size
        blank_scene = dataclasses.replace(document.scene, placed=())
        scene = document.reference if document.reference.size == size else blank_scene
        blank = _run(forward, dataclasses.replace(scene, placed=()), check).maps
        maps = _run(forward, scene, check).maps
        rings = wrapping(spec, size, scene.border)
        with np.errstate(all="ignore"):
            comparison = Comparison(forward.stages, maps, blank, size, rings)
        return _Reference(maps, comparison, dict(zip(forward.names, rings, strict=True)))

    def _limits_of(self, sides: list[_Computed], document: Document, scope: ColourScope) -> list[Limits]:
        found = [
            self._limits.get(
                (network, document.scene, document.reference, scope),
                lambda side=side: limits_of(side.now.maps, side.reference.maps, scope),
            )
            for network, side in zip(document.networks, sides, strict=True)
        ]
        return shared(found, scope)

    def _stage_maps(
        self, side: _Computed, document: Document, levels: Mapping[str, tuple[Levels, ...]]
    ) -> dict[str, StageMaps]:
        form = document.lenses.form
        displacement = document.displacement
        return {
            info.name: StageMaps(
                info,
                side.now.maps[info.name],
                side.reference.maps[info.name],
                along(info, measure, displacement, side.reference.rings[info.name], form),
                levels[info.name],
            )
            for info, measure in zip(side.forward.stages, side.measures, strict=True)
        }

    def _side(self, side: _Computed, levels: Mapping[str, tuple[Levels, ...]]) -> Side:
        return Side(
            stages=side.forward.stages,
            measures=side.measures,
            levels=MappingProxyType(dict(levels)),
            head=_head(side),
        )

    def _inspected(
        self, request: Request, sides: list[_Computed], maps: list[dict[str, StageMaps]]
    ) -> tuple[Inspected, ...]:
        found: list[Inspected] = []
        for wanted in request.inspected:
            index, name = wanted.key
            if index >= len(maps) or name not in maps[index]:
                continue
            stage = maps[index][name]
            if not 0 <= wanted.channel < stage.info.channels:
                continue
            channel = slice(wanted.channel, wanted.channel + 1)
            moved = None if stage.along.cells is None else stage.along.apply(stage.reference[channel])[0]
            kernel = sides[index].forward.tensors.get(f"{name}.weight") if stage.info.kind == "conv" else None
            found.append(
                Inspected(
                    wanted,
                    _copy(stage.now[wanted.channel]),
                    _copy(stage.reference[wanted.channel]),
                    None if moved is None else _copy(moved),
                    None if kernel is None else _copy(kernel[wanted.channel].cpu().numpy()),
                )
            )
        return tuple(found)


def _run(forward: Forward, scene: Scene, check: Check) -> _Run:
    """Rasterise a scene and run it through the network, layer by layer."""
    begun = time.perf_counter()
    current = forward.prepared(rasterise(scene, forward.network.spec.channels))
    maps: dict[str, NDArray[np.float32]] = {}
    for name in forward.names:
        check()
        current = forward.run(name, current)
        maps[name] = as_map(current)
    return _Run(maps, time.perf_counter() - begun)


def _measured(comparison: Comparison, now: Maps, document: Document) -> tuple[StageMeasure, ...]:
    """The measures; of maps that overflowed there are none, and they say so."""
    with np.errstate(all="ignore"):
        measures = comparison.measure(now, document.displacement)
    return tuple(
        dataclasses.replace(one, **dict.fromkeys(lost, NOT_A_NUMBER)) if (lost := _not_finite(one)) else one
        for one in measures
    )


def _not_finite(measure: StageMeasure) -> list[str]:
    return [
        name
        for name, value in vars(measure).items()
        if isinstance(value, Figure) and value.value is not None and not math.isfinite(value.value)
    ]


def _copy(values: NDArray[Any]) -> NDArray[np.float32]:
    copy = np.array(values, np.float32, order="C")
    copy.flags.writeable = False
    return copy


def _head(side: _Computed) -> HeadValues | None:
    """What the network answers, where it ends in one value for each class."""
    last = side.forward.stages[-1] if side.forward.stages else None
    if last is None or last.stride is not None or last.kind == "flatten":
        return None
    logits = side.now.maps[last.name].ravel().astype(np.float64)
    reference = side.reference.maps[last.name].ravel().astype(np.float64)
    names = side.forward.network.spec.classes
    if len(names) != len(logits):
        names = tuple(str(number) for number in range(len(logits)))
    return HeadValues(names, _floats(logits), _floats(_softmax(logits)), _floats(_softmax(reference)))


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore", over="ignore"):
        powers = np.exp(logits - logits.max())
        return powers / powers.sum()


def _floats(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(values.tolist())
