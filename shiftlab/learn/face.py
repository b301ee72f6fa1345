"""The face: does the network know that the eyes belong above the mouth?

Real faces against scrambles of the very same parts. The convolutions see 8 px and never two parts at
once, so that the relation of the parts must be kept by what comes after. A pool whose window spans the
face keeps which parts there are and forgets where.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch

from shiftlab.learn.data import TEST_SEED
from shiftlab.learn.face_data import CANVAS, CLASSES, paired
from shiftlab.learn.starts import with_zero_biases
from shiftlab.learn.trainer import Trainer, logits_of, scored
from shiftlab.learn.values import Job, Progress, Run, Settings
from shiftlab.network.spec import Activation, Conv, Dense, Flatten, GlobalMax, LayerSpec, MaxPool, NetworkSpec
from shiftlab.network.weights import Network

NAME = "face"
PAIRS, TEST_PAIRS = 512, 256
WINDOWS = (2, 4, 8, 16, 32, 64)
"""Pooling windows before the dense layer, in pixels of the canvas; 64 is the whole of it."""


@dataclass(frozen=True)
class Variant:
    """A pooling window in pixels before the dense layer, or with `deep` a field of 38 px and a global max."""

    window: int
    deep: bool = False


VARIANTS: Mapping[str, Variant] = MappingProxyType(
    {f"window-{window}": Variant(window) for window in WINDOWS} | {"deep": Variant(CANVAS[0], deep=True)}
)
ASKED = tuple(VARIANTS)


def spec(variant: Variant, seed: int) -> NetworkSpec:
    """C3(8) - ReLU - M2 - C3(16) - ReLU (receptive field 8), a max pool of the window, and the dense layer.

    Deep: two more of M2 - C3 - ReLU make the receptive field 38.
    """
    layers: list[LayerSpec] = []
    for number, channels in enumerate((8, 16, 32, 32) if variant.deep else (8, 16)):
        if number:
            layers.append(MaxPool())
        layers += [Conv(channels=channels, padding=(1, 1)), Activation()]
    cells = variant.window // 2
    if variant.window == CANVAS[0]:
        layers.append(GlobalMax())
    else:
        if cells > 1:
            layers.append(MaxPool(kernel=(cells, cells), stride=(cells, cells)))
        layers.append(Flatten())
    name = "face-deep" if variant.deep else f"face-{variant.window}"
    return NetworkSpec(
        name=name,
        layers=(*layers, Dense(units=len(CLASSES))),
        seed=seed,
        canvas=CANVAS,
        classes=CLASSES,
        description="Real faces against scrambles of their parts.",
    )


def settings(seed: int) -> Settings:
    """Adam 3e-3, batch 32, 200 steps."""
    return Settings(steps=200, seed=seed)


def trainer(variant: Variant, seed: int, network: Network | None = None) -> Trainer:
    """A training that stands before its first step; from given weights where a network is given."""
    start = network or with_zero_biases(Network(spec(variant, seed)), CANVAS)
    return Trainer(start, CANVAS, paired(PAIRS, seed), settings(seed))


def run(variant: str, seed: int) -> Job[Run]:
    """One variant trained and tested on pairs made of the same parts.

    The figure `largest_logit_difference` is that between a real face and its scramble, over the pairs.

    Raises
    ------
    ValueError
        For a variant that does not exist.
    """
    if variant not in VARIANTS:
        raise ValueError(f"{NAME} has no variant {variant!r}; it has {', '.join(VARIANTS)}")
    started = time.perf_counter()
    training = trainer(VARIANTS[variant], seed)
    yield from training.run()
    tests = paired(TEST_PAIRS, TEST_SEED)
    logits = logits_of(training.forward, tests.images)
    yield Progress(1, 1, "testing")
    score = scored(logits, torch.tensor(tests.labels))
    apart = float((logits[:TEST_PAIRS] - logits[TEST_PAIRS:]).abs().max())
    return Run(NAME, variant, seed, time.perf_counter() - started, {"test": score}, {"largest_logit_difference": apart})
