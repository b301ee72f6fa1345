"""What is proposed for training a network on a task of one's own. No torch."""

from __future__ import annotations

from typing import Any

from shiftlab.learn.tasks import HEADS
from shiftlab.network.geometry import stages
from shiftlab.network.head_swaps import head_of
from shiftlab.network.spec import NetworkError, NetworkSpec

RATE, POOLED_RATE = 3e-3, 1e-2
"""Learning rates: a mean over all places dilutes what single places teach, so that it needs a larger one."""
STEPS, SPARE_STEPS = 100, 300
"""Where a mean is shared with outputs that have no class, a run first learns to leave those alone, and stands
still at chance until it is done: about a hundred steps more, whatever the pools before it are."""
PROPOSED = frozenset({"rate", "steps"})
"""The settings for which something is proposed."""


def proposals(spec: NetworkSpec, canvas: tuple[int, int], classes: int) -> dict[str, Any]:
    """The settings that are proposed for a network with so many classes, by name."""
    return {
        "rate": POOLED_RATE if _pooled(spec) else RATE,
        "steps": SPARE_STEPS if held_up(spec, canvas, classes) else STEPS,
    }


def held_up(spec: NetworkSpec, canvas: tuple[int, int], classes: int) -> bool:
    """Whether a mean over all places is shared with outputs that have no class, so that it learns late."""
    return _pooled(spec) and outputs(spec, canvas) > classes


def _pooled(spec: NetworkSpec) -> bool:
    head = head_of(spec)
    return head is not None and head.kind in ("average", "map")


def outputs(spec: NetworkSpec, canvas: tuple[int, int]) -> int:
    """How many values a network ends in; 0 where it ends in maps, or cannot be built."""
    try:
        infos = stages(spec, canvas)
    except NetworkError:
        return 0
    return infos[-1].channels if infos and infos[-1].kind in HEADS else 0
