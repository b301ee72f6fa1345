"""Which stages of two networks do the same: those that are shown above each other, on one colour range."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from shiftlab.network.info import StageInfo

StagePair = tuple[StageInfo | None, StageInfo | None]


def paired(first: Sequence[StageInfo], second: Sequence[StageInfo]) -> tuple[StagePair, ...]:
    """Stages that do the same in both networks, side by side; None where the other has no such stage."""
    pairs: list[StagePair] = []
    matcher = difflib.SequenceMatcher(None, [_part(info) for info in first], [_part(info) for info in second], False)
    for _, a_from, a_to, b_from, b_to in matcher.get_opcodes():
        for index in range(max(a_to - a_from, b_to - b_from)):
            pairs.append(
                (
                    first[a_from + index] if a_from + index < a_to else None,
                    second[b_from + index] if b_from + index < b_to else None,
                )
            )
    return tuple(pairs)


def _part(info: StageInfo) -> str:
    """What a stage does in its network, whatever it is made of."""
    if info.kind == "conv" or info.pointwise:
        return info.kind
    return "head" if info.stride is None else "pool"
