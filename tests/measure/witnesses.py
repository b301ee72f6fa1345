"""Networks, scenes and naive formulas that the tests of the measures share."""

from __future__ import annotations

import math

import numpy as np

from shiftlab.measure.lab import AtReference
from shiftlab.network.modules import Forward
from shiftlab.network.spec import (
    Activation,
    AvgPool,
    BlurPool,
    Conv,
    LayerSpec,
    MaxPool,
    NetworkSpec,
    Polyphase,
    Subsample,
)
from shiftlab.network.weights import Network
from shiftlab.scene.patterns import builtin
from shiftlab.scene.values import Background, Border, Pattern, Placed, Scene


def network(*layers: LayerSpec, seed: int = 3) -> Network:
    return Network(NetworkSpec(name="witness", layers=layers, seed=seed))


def conv(channels: int = 4, kernel: int = 3, mode: str = "circular", bias: bool = False, **more) -> Conv:
    side = more.pop("padding", kernel // 2)
    return Conv(channels=channels, kernel=(kernel, kernel), padding=(side, side), padding_mode=mode, bias=bias, **more)


def relu() -> Activation:
    return Activation()


def pool(kernel: int = 2, stride: int = 2, **more) -> MaxPool:
    return MaxPool(kernel=(kernel, kernel), stride=(stride, stride), **more)


def average() -> AvgPool:
    return AvgPool()


def blur() -> BlurPool:
    return BlurPool(size=3, max_kernel=(2, 2), padding_mode="circular")


def polyphase() -> Polyphase:
    return Polyphase(max_kernel=(2, 2))


def subsample() -> Subsample:
    return Subsample()


def cat(
    at: tuple[float, float] = (16, 16), canvas: tuple[int, int] = (32, 32), border: Border = "wrap", grey: float = 0.0
) -> Scene:
    """A canvas with a sitting cat of 14 px, which fills its square."""
    placed = (Placed(builtin("sitting-cat"), at, 14),)
    return Scene(size=canvas, background=Background(grey=grey), placed=placed, border=border)


def noise_pattern(side: int, seed: int = 0) -> Pattern:
    values = np.random.default_rng(seed).random((1, side, side))
    return Pattern("noise", values.astype(np.float32), np.ones((side, side), dtype=np.float32))


def place(net: Network, reference: Scene, double: bool = True) -> AtReference:
    import torch

    return AtReference(Forward(net, reference.size, torch.float64 if double else torch.float32), reference)


def naive_error(first: np.ndarray, second: np.ndarray, blank: np.ndarray | None = None) -> float:
    """E written out over lists of cells."""
    ground = np.zeros_like(first) if blank is None else blank
    difference = sum((a - b) ** 2 for a, b in zip(first.ravel(), second.ravel(), strict=True))
    responses = [
        sum((a - z) ** 2 for a, z in zip(values.ravel(), ground.ravel(), strict=True)) for values in (first, second)
    ]
    return math.sqrt(difference) / math.sqrt(sum(responses) / 2)
