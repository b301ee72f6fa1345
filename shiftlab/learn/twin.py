"""Twin training: gradient descent moves with the object.

Two networks see the same images, the one at place A, the other at place B; the dense weights of B start
as those of A moved along. On a circular network, and by a multiple of its cumulative stride, every map
moves exactly, hence so do all gradients: after any number of steps B's dense weights are A's, moved.
Float64, so that nothing but the moving can make a difference.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import torch

from shiftlab.learn import data
from shiftlab.learn.data import Labelled
from shiftlab.learn.touched import dense_over_places, weight_map
from shiftlab.learn.trainer import Trainer, logits_of, scored
from shiftlab.learn.values import Job, Progress, Run, Settings
from shiftlab.network.initial import materialise
from shiftlab.network.spec import (
    Activation,
    Conv,
    Dense,
    Flatten,
    LayerSpec,
    MaxPool,
    NetworkError,
    NetworkSpec,
    PaddingMode,
)
from shiftlab.network.weights import Network, Weights

NAME = "twin"
CANVAS = (64, 64)
STRIDE = 4
PLACE_A = ((0, 0), (8, 8))
IMAGES = 128
EXACT = 1e-12


@dataclass(frozen=True)
class Variant:
    """How far B is from A in pixels (either axis), and how the convolutions pad; all have biases."""

    shift: int = 36
    padding: PaddingMode = "circular"


VARIANTS: Mapping[str, Variant] = MappingProxyType(
    {
        "on-grid": Variant(),
        "off-grid": Variant(shift=34),
        "zero-padding": Variant(padding="zeros"),
    }
)
ASKED = tuple(VARIANTS)


def spec(variant: Variant, seed: int) -> NetworkSpec:
    """C5(8) - ReLU - M2 - C5(16) - ReLU - M2 - dense, as in the corner, with biases."""
    body: list[LayerSpec] = []
    for channels in (8, 16):
        conv = Conv(channels=channels, kernel=(5, 5), padding=(2, 2), padding_mode=variant.padding)
        body += [conv, Activation(), MaxPool()]
    return NetworkSpec(
        name="twin",
        layers=(*body, Flatten(), Dense(units=len(data.CLASSES))),
        seed=seed,
        canvas=CANVAS,
        classes=data.CLASSES,
    )


def settings(seed: int) -> Settings:
    """Plain gradient descent with momentum, 32 steps."""
    return Settings(optimiser="sgd", rate=0.02, momentum=0.9, batch=32, steps=32, seed=seed)


def moved_dense(network: Network, canvas: tuple[int, int], cells: int) -> Network:
    """The network with its dense weights moved by so many cells down and right, round the edges.

    Raises
    ------
    NetworkError
        For a network whose dense layer does not read a flattened map.
    """
    found = dense_over_places(network.spec)
    if found is None:
        raise NetworkError(f"{network.spec.name} has no dense layer over places")
    places = weight_map(network, canvas)
    arrays = dict(materialise(network, canvas).arrays)
    arrays[f"{found[0]}.weight"] = np.roll(places, (cells, cells), axis=(2, 3)).reshape(len(places), -1)
    return Network(network.spec, Weights(arrays))


def trainers(variant: Variant, seed: int) -> tuple[Trainer, Trainer]:
    """The twins before their first step."""
    patterns = data.head_patterns(IMAGES, seed)
    corners = data.places(IMAGES, *PLACE_A, seed)
    at_a = Labelled(data.on_canvas(patterns.images, corners, CANVAS), patterns.labels)
    at_b = Labelled(data.on_canvas(patterns.images, corners + variant.shift, CANVAS), patterns.labels)
    first = Network(spec(variant, seed))
    second = moved_dense(first, CANVAS, round(variant.shift / STRIDE))
    return (
        Trainer(first, CANVAS, at_a, settings(seed), torch.float64),
        Trainer(second, CANVAS, at_b, settings(seed), torch.float64),
    )


def difference(a: Trainer, b: Trainer, cells: int) -> float:
    """max |W_B - W_A moved by so many cells| of the dense weights as they stand, in float64."""
    found = dense_over_places(a.forward.network.spec)
    if found is None:
        raise NetworkError("twins need a dense layer over places")
    info = a.forward.stages[a.forward.index(found[1])]
    shape = (-1, info.channels, *info.size)
    mine, other = (one.forward.tensors[f"{found[0]}.weight"].reshape(shape) for one in (a, b))
    return float((other - mine.roll((cells, cells), dims=(2, 3))).abs().max())


def run(variant: str, seed: int) -> Job[Run]:
    """The twins trained side by side.

    The figure `largest_difference` is that of the dense weights after the last step, `largest_change` how
    far A's went from where they started.

    Raises
    ------
    ValueError
        For a variant that does not exist.
    """
    if variant not in VARIANTS:
        raise ValueError(f"{NAME} has no variant {variant!r}; it has {', '.join(VARIANTS)}")
    started = time.perf_counter()
    chosen = VARIANTS[variant]
    a, b = trainers(chosen, seed)
    cells = round(chosen.shift / STRIDE)
    before = weight_map(a.network, CANVAS)
    for step in a.run():
        b.step()
        yield step
    change = float(np.abs(weight_map(a.network, CANVAS) - before).max())
    tests = data.head_patterns(128, data.TEST_SEED)
    labels = torch.tensor(tests.labels)
    scores = {
        place: scored(
            logits_of(one.forward, data.on_canvas(tests.images, np.array([[corner, corner]]), CANVAS)), labels
        )
        for place, one, corner in (("at_a", a, 4), ("at_b", b, 4 + chosen.shift))
    }
    yield Progress(1, 1, "testing")
    figures = {"largest_difference": difference(a, b, cells), "largest_change": change}
    return Run(NAME, variant, seed, time.perf_counter() - started, scores, figures)
