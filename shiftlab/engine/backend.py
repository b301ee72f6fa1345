"""What the worker computes with: a request in, a snapshot out. With `follower` the part of the engine that needs torch.

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

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from shiftlab.document import ColourScope, Document
from shiftlab.engine.follower import Follower
from shiftlab.engine.head import head_values
from shiftlab.engine.loading import pin_thread
from shiftlab.engine.messages import Inspected, Phase, Picture, PictureRequest, Request, Side, Snapshot
from shiftlab.engine.pictures import Pictures
from shiftlab.engine.ranges import Limits, levels_of, limits_of, shared
from shiftlab.engine.stage_maps import OverBlank, StageMaps, along
from shiftlab.engine.worker import Check
from shiftlab.measure.cause import Pieces, with_causes
from shiftlab.measure.lab import AtReference, Runner
from shiftlab.measure.values import Figure, StageMeasure
from shiftlab.network.info import StageInfo
from shiftlab.network.memory import keep_memory
from shiftlab.network.modules import Forward
from shiftlab.network.weights import Network
from shiftlab.network.windowed import Proofs
from shiftlab.picture.levels import Levels

Value = TypeVar("Value")
NOT_A_NUMBER = Figure(None, "not a number")


def never(slow: bool = False) -> None:
    """The check of who does not want to be asked."""


class _Kept(Generic[Value]):
    """Values by key; those that the last round did not ask for are forgotten."""

    def __init__(self) -> None:
        self._values: dict[Hashable, Value] = {}
        self._used: dict[Hashable, Value] = {}

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        if key in self._values:
            value = self._values[key]
        else:
            value = self._values[key] = make()
        self._used[key] = value
        return value

    def put(self, key: Hashable, value: Value) -> Value:
        self._values[key] = self._used[key] = value
        return value

    def end_round(self) -> None:
        self._values, self._used = self._used, {}


@dataclass(frozen=True)
class _Computed:
    """One network's part of an answer, before there are pictures."""

    follower: Follower
    place: AtReference
    measures: tuple[StageMeasure, ...]

    @property
    def stages(self) -> tuple[StageInfo, ...]:
        return self.place.forward.stages


class _Stages:
    """The stages of one network with their maps, made as they are asked for: a picture or two of a long network."""

    def __init__(self, side: _Computed, document: Document, levels: Mapping[str, tuple[Levels, ...]]) -> None:
        self._side, self._document, self._levels = side, document, levels
        self._numbers = {info.name: number for number, info in enumerate(side.stages)}
        self._made: dict[str, StageMaps] = {}

    def get(self, name: str) -> StageMaps | None:
        """A stage, or None where the network has none of this name."""
        if name not in self._made:
            number = self._numbers.get(name)
            if number is None:
                return None
            self._made[name] = self._make(number)
        return self._made[name]

    def _make(self, number: int) -> StageMaps:
        side, document = self._side, self._document
        info = side.stages[number]
        return StageMaps(
            info,
            side.follower.maps[info.name],
            side.place.maps[info.name],
            lambda: along(
                info, side.measures[number], document.displacement, side.place.rings[number + 1], document.lenses.form
            ),
            self._levels[info.name],
            side.follower.change(info.name),
            lambda: self._over_blank(info.name),
        )

    def _over_blank(self, name: str) -> OverBlank | None:
        """How the maps of a stage stand out from those of the blank scene, where that is known."""
        follower = self._side.follower
        now, reference = follower.seen(self._document.scene), follower.seen(self._document.reference)
        if now is None or reference is None:
            return None
        return OverBlank(self._side.place.blank_maps[name], now[name], reference[name])


class Backend:
    """Answers requests; see `shiftlab.engine.worker`.

    Parameters
    ----------
    device : str
        'cpu', or where torch has them 'cuda' or 'mps' (not tested).
    """

    def __init__(self, device: str = "cpu") -> None:
        pin_thread()
        keep_memory()
        self._device = device
        self._pictures = Pictures()
        self._forwards: _Kept[Forward] = _Kept()
        self._followers: _Kept[Follower] = _Kept()
        self._proofs: _Kept[dict[str, Proofs]] = _Kept()
        self._places: _Kept[AtReference] = _Kept()
        self._measures: _Kept[tuple[StageMeasure, ...]] = _Kept()
        self._limits: _Kept[Limits] = _Kept()
        self._last: list[Follower] = []

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
        sides = [self._computed(network, request, check) for network in document.networks]
        levels = levels_of(
            [side.stages for side in sides],
            request.frozen,
            lambda: self._limits_of(sides, document, document.lenses.scope),
        )
        maps = [_Stages(side, document, levels[index]) for index, side in enumerate(sides)]
        pictures: dict[PictureRequest, Picture] = {}
        for wanted in request.pictures:
            check()
            stage = maps[wanted.key[0]].get(wanted.key[1]) if wanted.key[0] < len(maps) else None
            if stage is not None:
                made = self._pictures.make(wanted, stage, document.scene.size, request.luts)
                if made is not None:
                    pictures[wanted] = made
        answer = Snapshot(
            request=request,
            sides=tuple(self._side(side, levels[index]) for index, side in enumerate(sides)),
            pictures=MappingProxyType(pictures),
            inspected=self._inspected(request, sides, maps),
            forward_seconds=sum(side.follower.seconds for side in sides),
            total_seconds=time.perf_counter() - begun,
        )
        for kept in (self._forwards, self._followers, self._proofs, self._places, self._measures, self._limits):
            kept.end_round()
        self._pictures.end_round()
        self._last = [side.follower for side in sides]
        return answer

    def settle(self, check: Check = never) -> None:
        """Prepare the drag that may come, for the networks of the last request.

        Raises
        ------
        Abandoned
            From `check`, as soon as anything newer is asked for.
        """
        for follower in self._last:
            follower.prepare(lambda: check(slow=True))

    def _computed(self, network: Network, request: Request, check: Check) -> _Computed:
        document, size = request.document, request.document.scene.size
        place = self._places.get((network, document.reference, size), lambda: self._placed(network, document))
        check()
        proofs = self._proofs.get((network.spec, size), dict[str, Proofs])
        follower = self._followers.get((network, size), lambda: Follower(network, size, self._device, proofs))
        follower.follow(document.scene)
        check()
        key = (network, document.scene, document.reference)
        measures = self._measures.get(key, lambda: _measured(place, follower, document))
        if request.at_rest and not all(one.causes_known for one in measures):
            measures = self._measures.put(key, _explained(place, measures, document, check))
        return _Computed(follower, place, measures)

    def _placed(self, network: Network, document: Document) -> AtReference:
        """The network at the reference scene.

        Where the reference has another canvas there is nothing to compare with, place by place; the
        present scene's blank stands in, and the displacement says why nothing is measured.
        """
        size = document.scene.size
        forward = self._forwards.get((network, size), lambda: Forward(network, size, device=self._device))
        blank = dataclasses.replace(document.scene, placed=())
        with np.errstate(all="ignore"):
            return AtReference(forward, document.reference if document.reference.size == size else blank)

    def _limits_of(self, sides: list[_Computed], document: Document, scope: ColourScope) -> list[Limits]:
        found = [
            self._limits.get(
                (network, document.scene, document.reference, scope),
                lambda side=side: limits_of(side.follower.maps, side.place.maps, scope),
            )
            for network, side in zip(document.networks, sides, strict=True)
        ]
        return shared(found, scope, [side.stages for side in sides])

    def _side(self, side: _Computed, levels: Mapping[str, tuple[Levels, ...]]) -> Side:
        return Side(
            stages=side.stages,
            measures=side.measures,
            levels=MappingProxyType(dict(levels)),
            head=head_values(side.stages, side.follower.maps, side.place.maps, side.place.forward.network.spec.classes),
            windowed=side.follower.windowed,
            phases=_phases(side),
        )

    def _inspected(self, request: Request, sides: list[_Computed], maps: list[_Stages]) -> tuple[Inspected, ...]:
        found: list[Inspected] = []
        for wanted in request.inspected:
            index, name = wanted.key
            stage = maps[index].get(name) if index < len(maps) else None
            if stage is None or not 0 <= wanted.channel < stage.info.channels:
                continue
            channel = slice(wanted.channel, wanted.channel + 1)
            moved = None if stage.along.cells is None else stage.along.apply(stage.reference[channel])[0]
            kernel = sides[index].place.forward.tensors.get(f"{name}.weight") if stage.info.kind == "conv" else None
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


def _measured(place: AtReference, follower: Follower, document: Document) -> tuple[StageMeasure, ...]:
    with np.errstate(all="ignore"):
        return _honest(place.comparison.measure(follower.maps, document.displacement, follower.seen(document.scene)))


class _Asking(Runner):
    """Runs single layers, and asks before each whether it is still worth it."""

    def __init__(self, forward: Forward, check: Check) -> None:
        super().__init__(forward)
        self._check = check

    def run(self, index: int, values: NDArray[Any], stride_1: bool = False) -> NDArray[Any]:
        self._check(slow=True)
        return super().run(index, values, stride_1)


def _explained(
    place: AtReference, measures: tuple[StageMeasure, ...], document: Document, check: Check
) -> tuple[StageMeasure, ...]:
    forward = place.forward
    pieces = Pieces(forward.network.spec, forward.stages, place.maps, place.blank_maps, place.rings)
    with np.errstate(all="ignore"):
        return _honest(with_causes(pieces, measures, document.displacement, _Asking(forward, check)))


def _honest(measures: tuple[StageMeasure, ...]) -> tuple[StageMeasure, ...]:
    """Measures of maps that overflowed are no numbers; they say so."""
    return tuple(
        msgspec.structs.replace(one, **dict.fromkeys(lost, NOT_A_NUMBER)) if (lost := _not_finite(one)) else one
        for one in measures
    )


def _not_finite(measure: StageMeasure) -> list[str]:
    return [
        name
        for name in measure.__struct_fields__
        if isinstance(value := getattr(measure, name), Figure)
        and value.value is not None
        and not math.isfinite(value.value)
    ]


def _copy(values: NDArray[Any]) -> NDArray[np.float32]:
    copy = np.array(values, np.float32, order="C")
    copy.flags.writeable = False
    return copy


def _phases(side: _Computed) -> Mapping[str, Phase]:
    """What every stage of adaptive polyphase sampling keeps of the present scene."""
    found: dict[str, Phase] = {}
    for number, info in enumerate(side.stages):
        if info.kind == "polyphase":
            before = side.follower.maps[side.stages[number - 1].name] if number else side.follower.image()
            phase, tied = side.place.forward.phases(number, torch.tensor(before)[None])
            found[info.name] = Phase(int(phase) % 2, int(phase) // 2, bool(tied))
    return MappingProxyType(found)
