"""The colour ranges of all stages: computed from the maps at rest, held in a drag, shared in A|B."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from shiftlab.document import ColourScope, StageKey
from shiftlab.engine.messages import FrozenLevels
from shiftlab.network.info import StageInfo
from shiftlab.network.pairing import paired
from shiftlab.picture.levels import Levels, channel_limits, network_limit, stage_limit

Maps = Mapping[str, NDArray[Any]]
Limits = dict[str, tuple[float, ...]]


def limits_of(now: Maps, reference: Maps, scope: ColourScope) -> Limits:
    """For each stage one limit, or with scope 'channel' one for every channel, over both maps together."""
    if scope == "channel":
        return {name: channel_limits([now[name], reference[name]]) for name in now}
    found = {name: stage_limit([now[name], reference[name]]) for name in now}
    if scope == "network":
        return dict.fromkeys(found, (network_limit(found),))
    return {name: (limit,) for name, limit in found.items()}


def shared(limits: Sequence[Limits], scope: ColourScope, stages: Sequence[Sequence[StageInfo]]) -> list[Limits]:
    """The limits of networks that stand side by side: stages above each other have one colour range.

    For that both have negative values or neither, and with scope 'channel' both have as many channels.
    """
    if scope == "network":
        limit = max((value for side in limits for values in side.values() for value in values), default=1.0)
        return [dict.fromkeys(side, (limit,)) for side in limits]
    found = [dict(side) for side in limits]
    if len(stages) == 2:
        for a, b in paired(*stages):
            if a is None or b is None or a.signed != b.signed:
                continue
            one, other = limits[0][a.name], limits[1][b.name]
            if len(one) == len(other):
                found[0][a.name] = found[1][b.name] = tuple(map(max, one, other))
    return found


def levels_of(
    stages: Sequence[Sequence[StageInfo]],
    frozen: FrozenLevels | None,
    compute: Callable[[], Sequence[Limits]],
) -> list[dict[str, tuple[Levels, ...]]]:
    """The ranges of every stage of every network.

    Parameters
    ----------
    stages : for each network its stages
    frozen : ranges to keep; where one is missing or does not fit the stage any more, it is computed
    compute : gives the limits of all; called only where they are needed
    """
    if frozen is not None and all(
        _fits(frozen.get((index, info.name)), info) for index, infos in enumerate(stages) for info in infos
    ):
        return [{info.name: frozen[index, info.name] for info in infos} for index, infos in enumerate(stages)]
    limits = compute()
    return [
        {info.name: _kept(frozen, (index, info.name), info, limits[index][info.name]) for info in infos}
        for index, infos in enumerate(stages)
    ]


def _fits(levels: tuple[Levels, ...] | None, info: StageInfo) -> bool:
    return levels is not None and len(levels) in (1, info.channels) and all(one.signed == info.signed for one in levels)


def _kept(frozen: FrozenLevels | None, key: StageKey, info: StageInfo, limits: tuple[float, ...]) -> tuple[Levels, ...]:
    held = None if frozen is None else frozen.get(key)
    if held is not None and _fits(held, info):
        return held
    return tuple(Levels(limit, info.signed) for limit in limits)
