"""What a classifier answers with patterns at every place: accuracy, probability, margin, consistency; and any unit.

Ties of the largest logits count as chance among them, never as the first class. Consistency comes in two
forms that are never mixed: *to the reference* (Chaman & Dokmanic 2021), whether the answer here is that
at the reference place, and *pairwise* (Zhang 2019), whether the answers here and at a place drawn at
random agree.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from shiftlab.measure.jobs import Step, relayed
from shiftlab.measure.sweep import Sweep, sweep
from shiftlab.network.geometry import cells_reached, stages
from shiftlab.network.initial import materialise
from shiftlab.network.modules import Forward
from shiftlab.network.spec import Dense, Flatten, GlobalAvg, GlobalMax, LayerSpec, NetworkError, NetworkSpec, Pair
from shiftlab.network.weights import Network, Weights

Floats = NDArray[np.float64]
Quantity = Literal["accuracy", "probability", "margin", "to_reference", "pairwise", "unit"]
Reading = Literal["mean", "largest"]


@dataclass(frozen=True, eq=False)
class PositionMap:
    """Values for every place at which the object lies wholly on the canvas.

    Attributes
    ----------
    rows, cols : (R,), (C,) first pixels of the object
    values : for each quantity that is defined (R, C)
    images : how many patterns have gone into it
    classes : how many answers there are; 0 for a unit
    """

    rows: NDArray[np.intp]
    cols: NDArray[np.intp]
    values: Mapping[Quantity, Floats]
    images: int
    classes: int


Job = Generator[Step[PositionMap], None, PositionMap]


def votes(logits: NDArray[np.float32]) -> Floats:
    """The answers (..., K): 1 for the largest logit, and where several are equal their share."""
    largest = (logits == logits.max(axis=-1, keepdims=True)).astype(np.float64)
    return largest / largest.sum(axis=-1, keepdims=True)


def probabilities(logits: NDArray[np.float32]) -> Floats:
    """The softmax over the last axis, in float64."""
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def answers_by_place(
    forward: Forward,
    patterns: NDArray[np.float32],
    labels: Sequence[int] | None,
    reference: Pair | None,
    ground: float = 0.0,
) -> Job:
    """Every pattern at every place.

    Parameters
    ----------
    forward : Forward
        A network with a head of two values or more.
    patterns : (N, C, h, w)
    labels : N indices of the right class; None takes the answer at the reference place for it
    reference : (row, col)
        Where the first pixel of the pattern stands at the reference; None where there is no such place.

    Raises
    ------
    NetworkError
        One line: a network without a head, one output alone, or a pattern that does not fit the canvas.
    """
    if forward.stages and forward.stages[-1].stride is None and forward.stages[-1].channels < 2:
        raise NetworkError(f"{forward.network.spec.name} has one output alone: there is nothing to choose between")
    sums: dict[Quantity, Floats] = {}
    found: PositionMap | None = None
    number, each = 0, 1

    def of_all(step: Step[None]) -> Step[PositionMap]:
        nonlocal each
        each = step.total
        return Step(number * each + step.done, len(patterns) * each, found)

    for number, pattern in enumerate(patterns):
        swept = yield from relayed(sweep(forward, pattern, ground), of_all)
        at = reference if reference is not None and _within(swept, reference) else None
        label = None if labels is None else labels[number]
        for name, values in _read(swept.values, label, at).items():
            sums[name] = sums[name] + values if name in sums else values
        means: dict[Quantity, Floats] = {name: values / (number + 1) for name, values in sums.items()}
        found = PositionMap(swept.rows, swept.cols, means, number + 1, swept.values.shape[-1])
        yield Step((number + 1) * each, len(patterns) * each, found)
    assert found is not None
    return found


def _within(swept: Sweep, place: Pair) -> bool:
    return 0 <= place[0] < len(swept.rows) and 0 <= place[1] < len(swept.cols)


def _read(logits: NDArray[np.float32], label: int | None, reference: Pair | None) -> dict[Quantity, Floats]:
    said = votes(logits)
    read: dict[Quantity, Floats] = {"pairwise": said @ said.mean(axis=(0, 1))}
    if reference is not None:
        read["to_reference"] = said @ said[reference]
    if label is not None:
        read["accuracy"] = said[..., label]
    elif reference is not None:
        label = int(said[reference].argmax())
    if label is not None:
        read["probability"] = probabilities(logits)[..., label]
        others = np.delete(logits, label, axis=-1).max(axis=-1)
        read["margin"] = logits[..., label].astype(np.float64) - others
    return read


def unit_by_place(
    network: Network,
    canvas: Pair,
    patch: NDArray[np.float32],
    stage: str,
    channel: int,
    reading: Reading | Pair = "largest",
    ground: float = 0.0,
) -> Job:
    """One unit of a stage with the pattern at every place.

    Parameters
    ----------
    patch : (C, h, w)
    stage, channel : which map
    reading : 'mean' or 'largest' over the map's cells, or one cell (row, col)
        Not asked for in a stage without places.

    Raises
    ------
    NetworkError
        For a stage, a channel or a cell that does not exist.
    """
    cut, pick = _cut(network, canvas, stage, channel, reading)
    forward = Forward(cut, canvas)
    swept = yield from relayed(sweep(forward, patch, ground), lambda step: Step[PositionMap](step.done, step.total))
    values = swept.values[..., pick].astype(np.float64)
    return PositionMap(swept.rows, swept.cols, {"unit": values}, 1, 0)


def _cut(network: Network, canvas: Pair, stage: str, channel: int, reading: Reading | Pair) -> tuple[Network, int]:
    """The network up to a stage with a head that reads the unit, and which of its outputs that is."""
    spec = network.spec
    infos = stages(spec, canvas)
    number = next((index for index, info in enumerate(infos) if info.name == stage), None)
    if number is None or not 0 <= channel < infos[number].channels:
        raise NetworkError(f"{spec.name} has no channel {channel + 1} in {stage!r}")
    info = infos[number]
    layers: list[LayerSpec] = list(spec.active[: number + 1])
    names = set(spec.stage_names[: number + 1])
    arrays = {
        name: array for name, array in materialise(network, canvas).arrays.items() if name.rpartition(".")[0] in names
    }
    if info.stride is not None and isinstance(reading, str):
        layers.append(GlobalAvg() if reading == "mean" else GlobalMax())
    elif info.stride is not None and not isinstance(reading, str):
        if not all(0 <= place < side for place, side in zip(reading, info.size, strict=True)):
            raise NetworkError(f"{stage} has no cell {tuple(reading)}")
        layers += [Flatten(), Dense(units=1, bias=False)]
        picked = np.zeros((1, info.channels, *info.size), np.float32)
        picked[0, channel, reading[0], reading[1]] = 1
        cut = NetworkSpec(name=spec.name, layers=tuple(layers), channels=spec.channels, seed=spec.seed)
        arrays[f"{cut.stage_names[-1]}.weight"] = picked.reshape(1, -1)
        return Network(cut, Weights(arrays)), 0
    cut = NetworkSpec(name=spec.name, layers=tuple(layers), channels=spec.channels, seed=spec.seed)
    return Network(cut, Weights(arrays)), channel


def never_touched(
    spec: NetworkSpec, canvas: Pair, touched: NDArray[np.bool_], stage: str, size: Pair
) -> NDArray[np.bool_]:
    """The places (R, C) at which an object of `size` pixels is seen by no touched cell (h, w) of a stage."""
    reached: list[NDArray[np.bool_]] = []
    for axis in (0, 1):
        lines: list[NDArray[np.bool_]] = []
        for first in range(canvas[axis] - size[axis] + 1):
            masks = [np.ones(side, dtype=np.bool_) for side in canvas]
            along = np.arange(canvas[axis])
            masks[axis] = (along >= first) & (along < first + size[axis])
            lines.append(cells_reached(spec, canvas, masks[0], masks[1])[stage][axis])
        reached.append(np.stack(lines))
    rows, cols = (one.astype(np.int64) for one in reached)
    return (rows @ touched.astype(np.int64) @ cols.T) == 0
