"""What the dock's views choose from: stages, errors, and where the pattern stands on a line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shiftlab.document import Document, StageKey
from shiftlab.network.info import StageInfo
from shiftlab.network.pairing import paired
from shiftlab.network.spec import Pair
from shiftlab.scene.translation import Displacement
from shiftlab.scene.values import Position
from shiftlab.ui import edits
from shiftlab.ui.controls import Choice
from shiftlab.ui.measuring.questions import QUANTITIES, STEPS

if TYPE_CHECKING:
    from shiftlab.measure.curves import Direction

LEAST_REACH = 8
"""Curves go at least this far; more would stand too dense in a dock."""
MAP_REACH = 16
"""A map goes at least this far where there is room."""
MOST_MULTIPLES = 33
"""Of more multiples of a stride than these, none is marked."""


def stage_text(document: Document, key: StageKey) -> str:
    """'pool1', or beside another network 'pool1 of A'."""
    return key[1] if len(document.networks) == 1 else f"{key[1]} of {'AB'[key[0]]}"


def stage_id(key: StageKey) -> str:
    return f"{key[0]}:{key[1]}"


def key_of(identity: str) -> StageKey:
    index, _, name = identity.partition(":")
    return int(index), name


def stage_choices(document: Document) -> list[Choice]:
    """Every stage of every network."""
    return [
        Choice(stage_id((index, info.name)), stage_text(document, (index, info.name)))
        for index, stages in enumerate(edits.stages_of(document))
        for info in stages
    ]


def info_of(document: Document, key: StageKey) -> StageInfo | None:
    """The facts of a stage; None where there is no such stage."""
    stages = edits.stages_of(document)
    if not 0 <= key[0] < len(stages):
        return None
    return next((info for info in stages[key[0]] if info.name == key[1]), None)


def kept_stage(document: Document, key: StageKey | None) -> StageKey | None:
    """The same stage where it is still there, else the deepest of A with places, else the last."""
    if key is not None and info_of(document, key) is not None:
        return key
    deepest = edits.deepest(document)
    if deepest is not None:
        return 0, deepest.name
    stages = edits.stages_of(document)[0]
    return (0, stages[-1].name) if stages else None


def opposite(document: Document, key: StageKey) -> StageKey | None:
    """The stage of the other network that does the same; None where there is none."""
    stages = edits.stages_of(document)
    if len(stages) < 2:
        return None
    for pair in paired(stages[0], stages[1]):
        own, its = pair[key[0]], pair[1 - key[0]]
        if own is not None and own.name == key[1]:
            return None if its is None else (1 - key[0], its.name)
    return None


def quantity_choices() -> list[Choice]:
    return [Choice(name, text, tooltip) for name, (text, tooltip) in QUANTITIES.items()]


def reach_choices(document: Document) -> list[int]:
    """How far curves and maps may go, in pixels either way: no further than the canvas's half."""
    most = max(min(document.scene.size) // 2, 1)
    return sorted({reach for reach in (4, 8, 16, 32, 64) if reach < most} | {min(most, 64)})


def natural_reach(document: Document) -> int:
    """The deepest stride, at least 8 px, as far as there is room."""
    choices = reach_choices(document)
    wanted = max(LEAST_REACH, *edits.deepest_stride(document))
    return next((reach for reach in choices if reach >= wanted), choices[-1])


def outwards(reach: int, step: float) -> tuple[float, ...]:
    """Shifts from 0 outwards to both sides, so that what is near is known first."""
    count = round(reach / step)
    return (0.0, *(side * number * step for number in range(1, count + 1) for side in (1, -1)))


def stride_along(stride: Pair, direction: Direction) -> int:
    """The shift after which a stage's grid comes round along a line; on the diagonal for both axes."""
    step = STEPS[direction]
    return math.lcm(stride[0] if step[0] else 1, stride[1] if step[1] else 1)


def along(document: Document, direction: Direction) -> tuple[float, bool]:
    """(the present shift along a line, whether the present place is on that line)."""
    moved = document.displacement
    if not isinstance(moved, Displacement):
        return 0.0, False
    step = STEPS[direction]
    if direction == "diagonal":
        return moved.cols, moved.rows == moved.cols
    return (moved.cols, moved.rows == 0) if step[1] else (moved.rows, moved.cols == 0)


def at_shift(document: Document, by: Position) -> Document:
    """The reference scene moved by so much, as the present one."""
    return document.with_scene(document.reference.moved(by))


def multiples(stride: int, reach: float) -> Sequence[float]:
    """The multiples of a stride within reach; none where they would stand too dense or everywhere."""
    if stride < 2 or 2 * reach / stride > MOST_MULTIPLES:
        return ()
    count = int(reach // stride)
    return [float(stride * number) for number in range(-count, count + 1)]
