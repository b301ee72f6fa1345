"""Red and green: padding gives position away (Kayhan & van Gemert 2020, section 4).

Class 'red first' is a red patch left of a green one, both in the upper half; 'green first' the other way
round, both in the lower half. A network can learn the order of the colours, or the half. Which it
learnt is seen when the halves are exchanged and the order kept.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import torch

from shiftlab.learn import colour_data
from shiftlab.learn.colour_data import CANVAS, CLASSES, swapped
from shiftlab.learn.course import score_row
from shiftlab.learn.data import TEST_SEED, Labelled
from shiftlab.learn.experiment import Experiment, Found, Judged, Start
from shiftlab.learn.plans import Plan
from shiftlab.learn.trainer import Trainer, answers, scored
from shiftlab.learn.values import Job, Score, Settings
from shiftlab.network.spec import Activation, Conv, Dense, GlobalMax, LayerSpec, NetworkSpec, PaddingMode
from shiftlab.network.weights import Network

IMAGES, TEST_IMAGES = 2000, 1000
EPOCHS, BATCH = 15, 100
SIMILAR, SWAPPED, BETWEEN = "similar", "swapped", "swapped_minus_similar"
"""The scores of images like those of the training and of such with the halves exchanged, and their difference."""

VARIANTS: Mapping[str, PaddingMode] = MappingProxyType(
    {"valid": "valid", "zero": "zeros", "circular": "circular", "full": "full"}
)
"""Padding of every convolution: none, 1 pixel of zeros, 1 pixel from the other side, 2 pixels of zeros."""


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


@lru_cache(maxsize=2)
def training_images(seed: int) -> Labelled:
    """2,000 images."""
    return colour_data.images(IMAGES, seed)


def settings(seed: int) -> Settings:
    """Adam 1e-3, batch 100, 15 epochs of 2,000 images."""
    return Settings(rate=1e-3, batch=BATCH, steps=EPOCHS * IMAGES // BATCH, seed=seed)


def start(padding: PaddingMode, seed: int) -> Start:
    """From the weights of the seed."""
    return Start((Network(spec(padding, seed)),), (training_images(seed),), settings(seed))


def tested(_padding: PaddingMode, _start: Start, trainers: tuple[Trainer, ...]) -> Job[Found]:
    """On images like those of the training, and on the same with the halves exchanged."""
    similar = colour_data.images(TEST_IMAGES, TEST_SEED)
    scores: dict[str, Score] = {}
    for name, tests in ((SIMILAR, similar), (SWAPPED, swapped(similar))):
        logits = yield from answers(trainers[0].forward, tests.images, f"testing: {name}")
        scores[name] = scored(logits, torch.tensor(tests.labels))
    return Found(scores, {BETWEEN: scores[SWAPPED].value - scores[SIMILAR].value})


def planned(plan: Plan) -> PaddingMode:
    """The padding of a plan."""
    return VARIANTS[plan.padding]


def judged(padding: PaddingMode, found: Found) -> Judged:
    """The same twice where no border can be seen; else far below where the halves are exchanged."""
    similar, other = found.scores[SIMILAR], found.scores[SWAPPED]
    if padding in ("circular", "full"):
        same = abs(similar.value - other.value) <= 0.03
        rows = (
            score_row("similar", "–", similar),
            dataclasses.replace(score_row("swapped", "the same", other), holds=same),
        )
        return Judged(rows, "which half it is does not matter.")
    rows = (
        score_row("similar", "≈ 1.00", similar, low=0.95),
        score_row("swapped", "far below", other, high=similar.value - 0.3),
    )
    return Judged(rows, "it went by the place, which the border gives away.")


EXPERIMENT = Experiment("red-green", VARIANTS, tuple(VARIANTS), start, tested, planned, judged)
