"""Red and green: padding gives position away (Kayhan & van Gemert 2020, section 4).

Class 'red first' is a red patch left of a green one, both in the upper half; 'green first' the other way
round, both in the lower half. A network can learn the order of the colours, or the half. Which it
learnt is seen when the halves are exchanged and the order kept.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import MappingProxyType

import torch

from shiftlab.learn.colour_data import CANVAS, CLASSES, images, swapped
from shiftlab.learn.data import TEST_SEED
from shiftlab.learn.trainer import Trainer, logits_of, scored
from shiftlab.learn.values import Job, Progress, Run, Settings
from shiftlab.network.spec import Activation, Conv, Dense, GlobalMax, LayerSpec, NetworkSpec, PaddingMode
from shiftlab.network.weights import Network

NAME = "red-green"
IMAGES, TEST_IMAGES = 2000, 1000
EPOCHS, BATCH = 15, 100

VARIANTS: Mapping[str, PaddingMode] = MappingProxyType(
    {"valid": "valid", "zero": "zeros", "circular": "circular", "full": "full"}
)
"""Padding of every convolution: none, 1 pixel of zeros, 1 pixel from the other side, 2 pixels of zeros."""
ASKED = tuple(VARIANTS)


def spec(padding: PaddingMode, seed: int) -> NetworkSpec:
    """Four bias-free 3x3 convolutions of 32, 32, 64, 64 channels and strides 1, 2, 2, 2, global max, dense."""
    layers: list[LayerSpec] = []
    for channels, stride in ((32, 1), (32, 2), (64, 2), (64, 2)):
        conv = Conv(channels=channels, stride=(stride, stride), padding=(1, 1), padding_mode=padding, bias=False)
        layers += [conv, Activation()]
    return NetworkSpec(
        name=f"red-green-{padding}",
        layers=(*layers, GlobalMax(), Dense(units=len(CLASSES))),
        channels=3,
        seed=seed,
        canvas=CANVAS,
        classes=CLASSES,
        description="Red left of green above, green left of red below.",
    )


def settings(seed: int) -> Settings:
    """Adam 1e-3, batch 100, 15 epochs of 2,000 images."""
    return Settings(rate=1e-3, batch=BATCH, steps=EPOCHS * IMAGES // BATCH, seed=seed)


def trainer(padding: PaddingMode, seed: int, network: Network | None = None) -> Trainer:
    """A training that stands before its first step; from given weights where a network is given."""
    return Trainer(network or Network(spec(padding, seed)), CANVAS, images(IMAGES, seed), settings(seed))


def run(variant: str, seed: int) -> Job[Run]:
    """One padding trained, and tested on images like those and with the halves exchanged.

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
    similar = images(TEST_IMAGES, TEST_SEED)
    labels = torch.tensor(similar.labels)
    scores = {
        "similar": scored(logits_of(training.forward, similar.images), labels),
        "swapped": scored(logits_of(training.forward, swapped(similar).images), labels),
    }
    yield Progress(1, 1, "testing")
    apart = scores["swapped"].value - scores["similar"].value
    return Run(NAME, variant, seed, time.perf_counter() - started, scores, {"swapped_minus_similar": apart})
