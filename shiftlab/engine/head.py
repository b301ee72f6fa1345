"""What a network answers, where it ends in one value for each class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shiftlab.engine.messages import HeadValues
from shiftlab.network.info import StageInfo

Maps = Mapping[str, NDArray[Any]]


def head_values(stages: Sequence[StageInfo], now: Maps, reference: Maps, classes: tuple[str, ...]) -> HeadValues | None:
    """Logits and probabilities of the last stage; None where that is a map, or a flattened one.

    Where `classes` do not fit its values these are called 'class 1', 'class 2', … as elsewhere in the lab.
    """
    last = stages[-1] if stages else None
    if last is None or last.stride is not None or last.kind == "flatten":
        return None
    logits = now[last.name].ravel().astype(np.float64)
    at_reference = reference[last.name].ravel().astype(np.float64)
    if len(classes) != len(logits):
        classes = tuple(f"class {number}" for number in range(1, len(logits) + 1))
    return HeadValues(classes, _floats(logits), _floats(_softmax(logits)), _floats(_softmax(at_reference)))


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore", over="ignore"):
        powers = np.exp(logits - logits.max())
        return powers / powers.sum()


def _floats(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(values.tolist())
