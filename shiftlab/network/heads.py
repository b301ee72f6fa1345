"""Where a decision comes from: a head's weights as maps over places, and what each place contributes.

For every head here a logit is its bias plus a sum over channels and places of weight times activation:
flatten + dense has a weight for each place, global average + dense and the class map share one among
all places, divided by their number, and global max + dense gives all of it to the strongest place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shiftlab.network.geometry import CANVAS, stages
from shiftlab.network.head_swaps import HeadKind, head_of
from shiftlab.network.spec import Conv, Dense, NetworkError, NetworkSpec, Pair
from shiftlab.network.weights import Weights

Floats = NDArray[np.floating]
Doubles = NDArray[np.float64]

TIE = 1e-6
"""Relative difference up to which logits count as tied (float32 sums in another order differ by less)."""


@dataclass(frozen=True)
class Reading:
    """How a head reads the map that goes into it.

    Attributes
    ----------
    kind : HeadKind
    source : str
        The stage whose map goes in ('input' for the canvas).
    linear : str
        The stage whose weights read it.
    shape : (channels, rows, cols) of that map
    units : int
        Outputs of that stage.
    last : bool
        Whether those outputs are the logits; a head of several layers goes on from them.
    """

    kind: HeadKind
    source: str
    linear: str
    shape: tuple[int, int, int]
    units: int
    last: bool


def reading(spec: NetworkSpec, canvas: Pair) -> Reading | None:
    """How the network's head reads its map; None where the network has no head.

    Raises
    ------
    NetworkError
        Where the network cannot be built on this canvas.
    """
    infos, head = stages(spec, canvas), head_of(spec)
    if head is None:
        return None
    before = sum(layer.on for layer in spec.layers[: head.first])
    first = sum(layer.on for layer in spec.layers[: head.linear[0]])
    layer = spec.layers[head.linear[0]]
    units = layer.units if isinstance(layer, Dense) else layer.channels if isinstance(layer, Conv) else 0
    source = infos[before - 1].name if before else CANVAS
    size = infos[before - 1].size if before else canvas
    channels = infos[before - 1].channels if before else spec.channels
    pointwise = any(layer.kind == "activation" and layer.on for layer in spec.layers[head.linear[0] :])
    last = len(head.linear) == 1 and not pointwise
    return Reading(head.kind, source, infos[first].name, (channels, *size), units, last)


def weight_maps(reading: Reading, weights: Weights) -> Doubles:
    """The weights (units, channels, rows, cols) by place; what all places share is repeated, divided by their number.

    For global max each channel's one weight stands at every place: it counts where the maximum is.

    Raises
    ------
    NetworkError
        Where the weights are of another size.
    """
    channels, rows, cols = reading.shape
    weight = np.asarray(weights.arrays[f"{reading.linear}.weight"], dtype=np.float64)
    expected = channels * rows * cols if reading.kind == "dense" else channels
    if weight.size != reading.units * expected:
        raise NetworkError(f"{reading.linear}: weights {weight.shape} do not read a map of {reading.shape}")
    if reading.kind == "dense":
        return weight.reshape(reading.units, channels, rows, cols)
    shared = weight.reshape(reading.units, channels, 1, 1)
    if reading.kind != "max":
        shared = shared / (rows * cols)
    return np.broadcast_to(shared, (reading.units, *reading.shape)).copy()


def contributions(reading: Reading, weights: Weights, activation: Floats) -> Doubles:
    """Weight times activation by place, (units, channels, rows, cols); each unit's sum is its output minus its bias.

    Parameters
    ----------
    activation : (channels, rows, cols)
        The map that goes into the head.

    Notes
    -----
    With global max the first place of the largest value gets all of a channel.

    Raises
    ------
    NetworkError
        Where weights or activation are of another size.
    """
    if activation.shape != reading.shape:
        raise NetworkError(f"{reading.source} has maps of {reading.shape}, not {activation.shape}")
    values = np.asarray(activation, dtype=np.float64)
    if reading.kind == "max":
        flat = values.reshape(len(values), -1)
        kept = np.zeros_like(flat)
        strongest = flat.argmax(axis=1)
        kept[np.arange(len(flat)), strongest] = flat[np.arange(len(flat)), strongest]
        values = kept.reshape(values.shape)
    return weight_maps(reading, weights) * values


def by_place(contributed: Doubles) -> Doubles:
    """Contributions summed over channels: (units, rows, cols)."""
    return contributed.sum(axis=1)


def biases(reading: Reading, weights: Weights) -> Doubles:
    """The biases (units,) of the stage that reads the map; zeros where it has none."""
    bias = weights.arrays.get(f"{reading.linear}.bias")
    return np.zeros(reading.units) if bias is None else np.asarray(bias, dtype=np.float64)


def is_tied(reading: Reading, weights: Weights) -> bool:
    """Whether every place weighs a channel alike, to rounding."""
    maps = weight_maps(reading, weights)
    spread = np.ptp(maps, axis=(2, 3)).max(initial=0.0)
    return bool(spread <= 1e-6 * max(float(np.abs(maps).max(initial=0.0)), 1e-30))


def probabilities(logits: Floats) -> Doubles:
    """Softmax along the last axis."""
    values = np.asarray(logits, dtype=np.float64)
    raised = np.exp(values - values.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def winners(logits: Floats) -> tuple[int, ...]:
    """The classes of the largest logit: one, or all that tie for it."""
    values = np.asarray(logits, dtype=np.float64).ravel()
    if values.size == 0 or not np.isfinite(values).all():
        return ()
    top = values.max()
    return tuple(int(index) for index in np.flatnonzero(values >= top - TIE * max(float(np.abs(values).max()), 1e-30)))


def decision(logits: Floats, classes: tuple[str, ...]) -> str:
    """The decision in words: 'cat', 'tie: cat and dog'."""
    found = winners(logits)
    if not found:
        return "no decision"
    names = [classes[index] if index < len(classes) else f"class {index + 1}" for index in found]
    if len(names) == 1:
        return names[0]
    if len(names) == np.asarray(logits).size and len(names) > 2:
        return "tie between all"
    return f"tie: {', '.join(names[:-1])} and {names[-1]}"


def shift_words(spec: NetworkSpec, canvas: Pair, moved: tuple[float, float], equal: bool) -> str:
    """What the logits did under a shift, and why: 'Logits are equal: (0, 8) px is a multiple of the stride 8.'

    Parameters
    ----------
    moved : (rows, cols) from the reference, in pixels
    equal : bool
        Whether the logits are those at the reference.

    Returns
    -------
    str
        Empty for a network without a head, and where nothing moved.

    Raises
    ------
    NetworkError
        Where the network cannot be built on this canvas.
    """
    read = reading(spec, canvas)
    if read is None or moved == (0, 0):
        return ""
    if read.kind == "dense":
        return "Logits are equal." if equal else "Logits differ: a dense head has weights of its own at every place."
    stride = next((info.stride for info in stages(spec, canvas) if info.name == read.source), None) or (1, 1)
    on_grid = all(by % step == 0 for by, step in zip(moved, stride, strict=True))
    step = str(stride[0]) if stride[0] == stride[1] else f"{stride[0]}x{stride[1]}"
    place = f"({_plain(moved[0])}, {_plain(moved[1])}) px is {'a' if on_grid else 'no'} multiple of the stride {step}"
    if equal:
        return f"Logits are equal: {place}." if on_grid else f"Logits are equal, though {place}."
    return f"Logits differ, though {place}: the border is seen." if on_grid else f"Logits differ: {place}."


def _plain(value: float) -> str:
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")
