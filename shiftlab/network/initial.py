"""Weights before any training: the same for the same spec and canvas, everywhere, with no torch.

Each layer draws from its own stream, (seed, kind, running number), so that editing one layer leaves
the others as they are. Seeded kernels have unit gain after the rectifier that follows (He et al.
2015), each output channel exactly, so that nothing fades out or explodes with depth.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from shiftlab.network import bank
from shiftlab.network.geometry import stages
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
    Norm,
    Pair,
)
from shiftlab.network.weights import Network, Weights

Floats = NDArray[np.float32]
Shape = tuple[int, ...]
LARGEST_ARRAY = 2**27
"""Weights in one layer, beyond which a network is refused rather than left to exhaust the memory."""
BIAS = 0.05
"""Spread of drawn biases: enough to be seen on a blank canvas, and less than what a pattern answers."""
RECTIFYING = ("relu", "leaky_relu", "elu", "gelu", "silu")
KIND_NUMBER = {"conv": 1, "dense": 2}


def weight_shapes(spec: NetworkSpec, canvas: Pair) -> dict[str, Shape]:
    """The arrays that a network on this canvas needs, 'conv1.weight' and so on, with torch's shapes.

    Raises
    ------
    NetworkError
        Where the network cannot be built.
    """
    shapes: dict[str, Shape] = {}
    channels, size = spec.channels, canvas
    for layer, info in zip(spec.active, stages(spec, canvas), strict=True):
        match layer:
            case Conv():
                shapes[f"{info.name}.weight"] = (layer.channels, channels // layer.groups, *layer.kernel)
            case Dense():
                shapes[f"{info.name}.weight"] = (layer.units, channels * size[0] * size[1])
            case Norm():
                shapes |= {f"{info.name}.{part}": (channels,) for part in ("weight", "bias", "mean", "variance")}
            case _:
                pass
        if isinstance(layer, Conv | Dense) and layer.bias:
            shapes[f"{info.name}.bias"] = (info.channels,)
        channels, size = info.channels, info.size
        if math.prod(shapes.get(f"{info.name}.weight", ())) > LARGEST_ARRAY:
            raise NetworkError(f"{info.name}: weights of {_sides(shapes[f'{info.name}.weight'])} are too many")
    return shapes


def _gain(spec: NetworkSpec, index: int) -> float:
    """sqrt(2) where a rectifier comes before the next layer with weights, else 1."""
    for layer in spec.active[index + 1 :]:
        if isinstance(layer, Activation) and layer.function in RECTIFYING:
            return 2**0.5
        if isinstance(layer, Conv | Dense):
            break
    return 1.0


def _stream(spec: NetworkSpec, index: int) -> np.random.Generator:
    kind = spec.active[index].kind
    number = sum(layer.kind == kind for layer in spec.active[:index])
    return np.random.default_rng([spec.seed, KIND_NUMBER[kind], number])


def _drawn(random: np.random.Generator, shape: Shape, gain: float) -> Floats:
    """Normal draws, each output's weights scaled to the same length."""
    weight = random.standard_normal(shape, dtype=np.float32)
    rows = weight.reshape(shape[0], -1)
    rows *= (gain / np.maximum(np.sqrt(np.einsum("ij,ij->i", rows, rows)), 1e-12))[:, None]
    return weight


def _banked(spec: NetworkSpec, layer: Conv, shape: Shape) -> tuple[bank.Kernel, ...]:
    return bank.kernels(layer.channels, shape[1], layer.kernel, spec.seed)


@lru_cache(maxsize=8)
def initial_weights(spec: NetworkSpec, canvas: Pair) -> Weights:
    """Weights of a network that is not trained, from its seed and the initialisation of each layer.

    Raises
    ------
    NetworkError
        Where the network cannot be built.
    """
    shapes, arrays = weight_shapes(spec, canvas), dict[str, Floats]()
    for index, (name, layer) in enumerate(zip(spec.stage_names, spec.active, strict=True)):
        if isinstance(layer, Norm):
            for part, value in (("weight", 1), ("bias", 0), ("mean", 0), ("variance", 1)):
                arrays[f"{name}.{part}"] = np.full(shapes[f"{name}.{part}"], value, dtype=np.float32)
        if not isinstance(layer, Conv | Dense):
            continue
        random, shape = _stream(spec, index), shapes[f"{name}.weight"]
        zeros = layer.initialisation == "zeros"
        if isinstance(layer, Conv) and layer.initialisation == "bank":
            weight = np.stack([kernel.weights for kernel in _banked(spec, layer, shape)])
        elif zeros:
            weight = np.zeros(shape, dtype=np.float32)
        else:
            weight = _drawn(random, shape, _gain(spec, index))
        arrays[f"{name}.weight"] = weight
        if layer.bias:
            drawn = random.standard_normal(shape[0], dtype=np.float32) * np.float32(BIAS)
            arrays[f"{name}.bias"] = np.zeros_like(drawn) if zeros else drawn
    for array in arrays.values():
        array.flags.writeable = False
    return Weights(arrays)


def materialise(network: Network, canvas: Pair) -> Weights:
    """The weights that a network runs with on a canvas: those it was given, or the initial ones.

    Raises
    ------
    NetworkError
        One line, where given weights do not fit the spec on this canvas, or it cannot be built.
    """
    if network.weights is None:
        return initial_weights(network.spec, canvas)
    expected, given = weight_shapes(network.spec, canvas), network.weights.arrays
    for name, shape in expected.items():
        if name not in given:
            raise NetworkError(f"{name}: the weights of {network.spec.name} hold none")
        if given[name].shape != shape:
            raise NetworkError(
                f"{name}: trained with {_sides(given[name].shape)}, "
                f"but a canvas of {_sides(canvas)} needs {_sides(shape)}"
            )
    if extra := sorted(set(given) - set(expected)):
        raise NetworkError(f"{extra[0]}: {network.spec.name} has no such weights")
    return network.weights


def _sides(shape: Shape) -> str:
    return "x".join(map(str, shape))


def labels(spec: NetworkSpec, stage: str) -> tuple[str, ...]:
    """What each channel of a stage answers to, where its kernels are of the bank; empty elsewhere.

    Layers that keep channels apart keep the labels. They speak of initial weights, not of trained ones.

    Raises
    ------
    NetworkError
        For a stage that does not exist.
    """
    if stage not in spec.stage_names:
        raise NetworkError(f"no stage {stage!r}; there are {', '.join(spec.stage_names)}")
    found: tuple[str, ...] = ()
    channels = spec.channels
    for name, layer in zip(spec.stage_names, spec.active, strict=True):
        if isinstance(layer, Conv):
            banked = layer.initialisation == "bank"
            shape = (layer.channels, channels // layer.groups)
            found = tuple(kernel.label for kernel in _banked(spec, layer, shape)) if banked else ()
            channels = layer.channels
        elif not _keeps_channels(layer):
            found = ()
        if name == stage:
            break
    return found


def _keeps_channels(layer: LayerSpec) -> bool:
    return not isinstance(layer, Conv | Dense | Flatten | GlobalAvg | GlobalMax)
