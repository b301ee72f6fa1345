"""One head for another: flatten + dense, global average + dense, global max + dense, class map.

A class map is a 1x1 convolution for every dense layer, then the mean over all places. Weights that were
given follow where the new head can hold them, so that flatten + dense becomes global average + dense
with the same logits up to its dependence on places, and the way back changes nothing at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from shiftlab.network.editing import Edited, Outcome, rebuilt
from shiftlab.network.geometry import stages
from shiftlab.network.info import StageInfo
from shiftlab.network.initial import materialise
from shiftlab.network.spec import (
    Activation,
    Conv,
    Dense,
    Flatten,
    GlobalAvg,
    GlobalMax,
    LayerSpec,
    NetworkError,
    NetworkSpec,
    Pair,
)
from shiftlab.network.surgery import Rebuilt, unchanged
from shiftlab.network.weights import Network, Weights

HeadKind = Literal["dense", "average", "max", "map"]
Floats = NDArray[np.float32]

HEADS: dict[HeadKind, tuple[str, str]] = {
    "dense": (
        "Flatten + dense",
        "Every place has weights of its own: what was learnt in one corner is not known in another.",
    ),
    "average": (
        "Global average + dense",
        "The same weights at every place: forgets where, and fades when an object is small.",
    ),
    "max": ("Global max + dense", "The strongest place of each channel decides: forgets where, and how often."),
    "map": (
        "Class map + average",
        "A 1x1 convolution says what is where, its mean decides: global average that can be looked at.",
    ),
}
"""Title of each head, and what it costs."""


@dataclass(frozen=True)
class Head:
    """The head of a network: which kind, and its layers.

    Attributes
    ----------
    first : int
        Index of its first layer: the flatten, global average or global max, or the first 1x1 convolution.
    linear : tuple of int
        Indices of its dense layers or 1x1 convolutions, in order of flow.
    """

    kind: HeadKind
    first: int
    linear: tuple[int, ...]


def head_of(spec: NetworkSpec) -> Head | None:
    """The head that a network ends in; None where it ends in maps, or in something else."""
    on = [index for index, layer in enumerate(spec.layers) if layer.on]
    if not on:
        return None
    first = next(
        (index for index in on if isinstance(spec.layers[index], Flatten | GlobalAvg | GlobalMax | Dense)), None
    )
    if first is None:
        return None
    join = spec.layers[first]
    if isinstance(join, GlobalAvg) and first == on[-1]:
        return _map_head(spec, [index for index in on if index < first])
    kind: HeadKind = "average" if isinstance(join, GlobalAvg) else "max" if isinstance(join, GlobalMax) else "dense"
    return _dense_head(spec, kind, first, on)


def _dense_head(spec: NetworkSpec, kind: HeadKind, first: int, on: list[int]) -> Head | None:
    inside = [index for index in on if index >= first]
    linear = tuple(index for index in inside if isinstance(spec.layers[index], Dense))
    ordinary = all(
        isinstance(spec.layers[index], Dense | Activation | Flatten | GlobalAvg | GlobalMax) for index in inside
    )
    return Head(kind, first, linear) if linear and ordinary else None


def _map_head(spec: NetworkSpec, before: list[int]) -> Head | None:
    """The 1x1 convolutions right before a closing mean, with only pointwise functions between them."""
    linear: list[int] = []
    for index in reversed(before):
        layer = spec.layers[index]
        if isinstance(layer, Conv) and layer.kernel == (1, 1) and layer.stride == (1, 1) and layer.groups == 1:
            linear.append(index)
        elif not isinstance(layer, Activation) or not linear:
            break
    return Head("map", linear[-1], tuple(reversed(linear))) if linear else None


def with_head(network: Network, canvas: Pair, kind: HeadKind) -> Outcome:
    """`network` with another head; the same network where it has that one.

    Units and what stands between dense layers are kept. A network that has no head gets one with a
    unit for every class, or two.

    Notes
    -----
    Given weights follow. From flatten + dense to a head that pools, each unit's weights are summed over
    places: the logits are those of the head with its weights tied (their mean; `tied`). From a head that
    pools to flatten + dense they are spread evenly, which leaves global average + dense as it was. What
    follows global max is the same numbers with another meaning.
    """
    head = head_of(network.spec)
    if head is not None and head.kind == kind:
        return Edited(network, unchanged(network.spec).origins)
    made = _swapped(network.spec, head, kind)
    outcome = rebuilt(network, canvas, made)
    if not isinstance(outcome, Edited) or network.weights is None or head is None:
        return outcome
    try:
        old = materialise(network, canvas).arrays
        infos = stages(network.spec, canvas)
        arrays = dict(materialise(outcome.network, canvas).arrays)
    except NetworkError:
        return outcome
    places = _places_into(network.spec, infos, head)
    followed = _linear_weights(network.spec, old, head)
    target = head_of(outcome.network.spec)
    if target is None or len(target.linear) != len(followed):
        return outcome
    for number, (index, parts) in enumerate(zip(target.linear, followed, strict=True)):
        name = _stage_name(outcome.network.spec, index)
        weight = _reshaped(parts["weight"], arrays[f"{name}.weight"].shape, places if number == 0 else 1)
        if weight is None:
            return outcome
        arrays[f"{name}.weight"] = weight
        if f"{name}.bias" in arrays and "bias" in parts:
            arrays[f"{name}.bias"] = parts["bias"]
    note = "The head's weights were carried over: summed over places, or spread evenly over them."
    return Edited(Network(outcome.network.spec, Weights(arrays)), outcome.origins, note)


def _swapped(spec: NetworkSpec, head: Head | None, kind: HeadKind) -> Rebuilt:
    numbers = list(range(len(spec.layers)))
    if head is None:
        join = {"dense": Flatten(), "average": GlobalAvg(), "max": GlobalMax()}.get(kind)
        units = len(spec.classes) or 2
        body = [index for index in numbers if not isinstance(spec.layers[index], Flatten | GlobalAvg | GlobalMax)]
        added: list[LayerSpec] = (
            [Conv(channels=units, kernel=(1, 1), bias=False), GlobalAvg()]
            if join is None
            else [join, Dense(units=units, bias=False)]
        )
        return _assembled(spec, [(spec.layers[index], index) for index in body] + [(layer, None) for layer in added])
    before = [(spec.layers[index], index) for index in numbers if index < head.first]
    inside = [
        (spec.layers[index], index)
        for index in numbers
        if index >= head.first and not isinstance(spec.layers[index], Flatten | GlobalAvg | GlobalMax)
    ]
    if kind == "map":
        converted = [(_as_conv(layer) if isinstance(layer, Dense) else layer, None) for layer, _ in inside]
        return _assembled(spec, [*before, *converted, (GlobalAvg(), None)])
    joins: dict[str, LayerSpec] = {"dense": Flatten(), "average": GlobalAvg(), "max": GlobalMax()}
    if head.kind == "map":
        inside = [(_as_dense(layer) if isinstance(layer, Conv) else layer, None) for layer, _ in inside]
    return _assembled(spec, [*before, (joins[kind], None), *inside])


def _assembled(spec: NetworkSpec, parts: Sequence[tuple[LayerSpec, int | None]]) -> Rebuilt:
    layers = tuple(layer for layer, _ in parts)
    return Rebuilt(msgspec.structs.replace(spec, layers=layers), tuple(origin for _, origin in parts))


def _as_conv(layer: Dense) -> Conv:
    return Conv(channels=layer.units, kernel=(1, 1), bias=layer.bias, initialisation=layer.initialisation, on=layer.on)


def _as_dense(layer: Conv) -> Dense:
    initialisation = "zeros" if layer.initialisation == "zeros" else "seeded"
    return Dense(units=layer.channels, bias=layer.bias, initialisation=initialisation, on=layer.on)


def _stage_name(spec: NetworkSpec, index: int) -> str:
    return spec.stage_names[sum(layer.on for layer in spec.layers[:index])]


def _places_into(spec: NetworkSpec, infos: tuple[StageInfo, ...], head: Head) -> int:
    """Number of cells of the map that goes into the head."""
    before = sum(layer.on for layer in spec.layers[: head.first])
    size = infos[before - 1].size if before else (1, 1)
    return size[0] * size[1]


def _linear_weights(spec: NetworkSpec, arrays: Mapping[str, Floats], head: Head) -> list[dict[str, Floats]]:
    names = [_stage_name(spec, index) for index in head.linear]
    return [
        {part: arrays[f"{name}.{part}"] for part in ("weight", "bias") if f"{name}.{part}" in arrays} for name in names
    ]


def _reshaped(weight: Floats, shape: tuple[int, ...], places: int) -> Floats | None:
    """A head's weights (units, inputs[, 1, 1]) in the shape of another's; None where they cannot be."""
    flat = weight.reshape(weight.shape[0], -1).astype(np.float64)
    inputs = int(np.prod(shape[1:]))
    if flat.shape[1] == inputs:
        return flat.reshape(shape).astype(np.float32)
    if flat.shape[1] == inputs * places:
        return flat.reshape(len(flat), inputs, places).sum(axis=2).reshape(shape).astype(np.float32)
    if flat.shape[1] * places == inputs:
        return np.repeat(flat / places, places, axis=1).reshape(shape).astype(np.float32)
    return None


def tied(network: Network, canvas: Pair) -> Network:
    """Every dense layer that reads a map weighs each channel alike at all places: the mean of its weights there.

    The question's own condition, 'unless the coefficients are the same': the logits become those of
    global average + dense with the weights scaled by the number of cells. The same object where nothing
    changes.

    Raises
    ------
    NetworkError
        Where the network cannot be built on this canvas, or no dense layer reads a map.
    """
    weights = materialise(network, canvas)
    arrays, found = dict(weights.arrays), False
    channels, size = network.spec.channels, canvas
    changed = False
    for layer, info in zip(network.spec.active, stages(network.spec, canvas), strict=True):
        places = size[0] * size[1]
        if isinstance(layer, Dense) and places > 1:
            found = True
            weight = arrays[f"{info.name}.weight"].astype(np.float64).reshape(layer.units, channels, places)
            even = np.broadcast_to(weight.mean(axis=2, keepdims=True), weight.shape).astype(np.float32)
            even = np.ascontiguousarray(even.reshape(layer.units, -1))
            if not np.array_equal(even, arrays[f"{info.name}.weight"]):
                arrays[f"{info.name}.weight"], changed = even, True
        # a flattened map still has its places, in the order of its values
        if not isinstance(layer, Flatten | Activation):
            channels, size = info.channels, info.size
    if not found:
        raise NetworkError("no dense layer reads a map: there is nothing to tie")
    return Network(network.spec, Weights(arrays)) if changed else network
