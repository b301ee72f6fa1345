"""How the answers at all places are drawn: which scale, which outlines, and the means in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shiftlab.ui.naming import noun
from shiftlab.ui.positions.heat import Heat, Outlined
from shiftlab.ui.positions.questions import Question
from shiftlab.ui.theme import DARK

if TYPE_CHECKING:
    from shiftlab.measure.positions import PositionMap, Quantity

Mask = NDArray[np.bool_]


def heat_of(
    question: Question,
    found: PositionMap,
    quantity: Quantity,
    outlines: tuple[Outlined, ...],
    mark: tuple[float, float] | None,
) -> Heat:
    """The map of a quantity: accuracy and its like around chance, signed ones around 0."""
    values = found.values[quantity]
    chance = 1 / found.classes if found.classes else 0.0
    largest = float(np.abs(values).max()) or 1.0
    scale: dict[str, Any] = {"low": 0.0, "high": 1.0, "centre": chance, "centre_words": "chance"}
    if quantity == "margin" or (quantity == "unit" and float(values.min()) < 0):
        scale = {"low": -largest, "high": largest, "centre": 0.0}
    elif quantity == "unit":
        scale = {"low": 0.0, "high": largest}
    size = question.size
    return Heat(
        values,
        extent=question.canvas,
        first=(size[0] // 2, size[1] // 2),
        outlines=outlines,
        mark=mark,
        mark_words=f"the {noun(question.placed.pattern.name.split('-')[0])} is here",
        **scale,
    )


def outlined(values: NDArray[np.float64], trained: Mask | None, never: Mask | None) -> tuple[tuple[Outlined, ...], str]:
    """The trained and the never-touched places, and the means in words."""
    told = [f"mean {values.mean():.2f}"]
    outlines: list[Outlined] = []
    if never is not None and never.any():
        outlines.append(Outlined(never, DARK.t2, "never touched", below=True))
        told.append(f"never touched {values[never].mean():.2f}")
    if trained is not None and trained.any():
        outlines.append(Outlined(trained, DARK.moved, "trained places"))
        told.insert(1, f"trained places {values[trained].mean():.2f}")
    return tuple(outlines), " · ".join(told)
