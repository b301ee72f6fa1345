"""The corner: cats and dogs seen only in the upper left. Where may the cat stand and still be a cat?

A dense head has weights of its own for every place. Where no training pixel was ever seen, a network
without biases answers exactly 0, hence so are the gradients of those weights: they stay what they were,
and the answer there is what they were, too. A head that pools over all places reads the same weights
everywhere.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from shiftlab.learn import data
from shiftlab.learn.data import Labelled
from shiftlab.learn.touched import seen_pixels, untouched_change
from shiftlab.learn.trainer import Trainer, logits_of, scored
from shiftlab.learn.values import Job, Progress, Run, Score, Settings
from shiftlab.network.modules import Forward
from shiftlab.network.spec import (
    Activation,
    Conv,
    Dense,
    Flatten,
    GlobalAvg,
    GlobalMax,
    LayerSpec,
    MaxPool,
    NetworkSpec,
)
from shiftlab.network.weights import Network

NAME = "corner"
CANVAS = (64, 64)
CORNER = ((0, 0), (8, 8))
"""First corners of the training images: patterns of 20 px wholly inside the upper left quarter."""
EVERYWHERE = ((0, 0), (CANVAS[0] - data.SIDE, CANVAS[1] - data.SIDE))
PLACES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"upper_left": (4, 4), "centre": (22, 22), "lower_right": (44, 44)}
)
FAR_EDGE = "far_edge_mean"
IMAGES, TEST_IMAGES, EDGE_IMAGES = 512, 256, 32

HeadName = Literal["dense", "gap", "gmp"]


@dataclass(frozen=True)
class Variant:
    """What differs between the runs.

    Attributes
    ----------
    head : 'dense', 'gap' (global average) or 'gmp' (global max)
    everywhere : trained at all places, not in the corner alone
    bias : the convolutions have biases
    random : the dense weights start from random values, not from zero
    weight_decay : decoupled (AdamW) where it is not 0
    """

    head: HeadName = "dense"
    everywhere: bool = False
    bias: bool = False
    random: bool = False
    weight_decay: float = 0.0


VARIANTS: Mapping[str, Variant] = MappingProxyType(
    {
        "dense": Variant(),
        "gap": Variant("gap"),
        "gmp": Variant("gmp"),
        "dense-everywhere": Variant(everywhere=True),
        "dense-bias": Variant(bias=True),
        "dense-random": Variant(random=True),
        "dense-decay": Variant(random=True, weight_decay=0.1),
    }
)
ASKED = ("dense", "gap", "gmp", "dense-everywhere", "dense-bias")
"""The variants that are run where none is named."""


def spec(variant: Variant, seed: int) -> NetworkSpec:
    """C5(8) - ReLU - M2 - C5(16) - ReLU - M2 and the head: receptive field 16, stride 4, a map of 16x16.

    The dense layer starts from zero, but after a global average: where all weights are equal and no mean
    is negative, one class's features can die out together before the other's tell them apart.
    """
    body: list[LayerSpec] = []
    for channels in (8, 16):
        body += [
            Conv(channels=channels, kernel=(5, 5), padding=(2, 2), bias=variant.bias),
            Activation(),
            MaxPool(),
        ]
    pool: dict[HeadName, LayerSpec] = {"dense": Flatten(), "gap": GlobalAvg(), "gmp": GlobalMax()}
    seeded = variant.random or variant.head == "gap"
    dense = Dense(units=len(data.CLASSES), bias=False, initialisation="seeded" if seeded else "zeros")
    return NetworkSpec(
        name=f"corner-{variant.head}",
        layers=(*body, pool[variant.head], dense),
        seed=seed,
        canvas=CANVAS,
        classes=data.CLASSES,
        description="Cats and dogs, trained on drawn heads of 20 px.",
    )


def settings(variant: Variant, seed: int) -> Settings:
    """Adam 3e-3, batch 32, 100 steps; 1e-2 for global averages, which a head among 256 cells makes small."""
    decay, rate = variant.weight_decay, 1e-2 if variant.head == "gap" else 3e-3
    return Settings(optimiser="adamw" if decay else "adam", rate=rate, weight_decay=decay, steps=100, seed=seed)


def training_images(variant: Variant, seed: int) -> Labelled:
    """512 images of 64x64 with one head each, in the corner or anywhere.

    Each place drawn is given to one cat and one dog, so that the place does not tell what stands there.
    """
    patterns = data.head_patterns(IMAGES, seed)
    drawn = data.places(IMAGES // 2, *(EVERYWHERE if variant.everywhere else CORNER), seed)
    corners = np.zeros((IMAGES, 2), dtype=np.int64)
    for kind in range(len(data.CLASSES)):
        corners[patterns.labels == kind] = drawn
    return Labelled(data.on_canvas(patterns.images, corners, CANVAS), patterns.labels)


def trainer(variant: Variant, seed: int, network: Network | None = None) -> Trainer:
    """A training that stands before its first step; from given weights where a network is given."""
    start = network or Network(spec(variant, seed))
    return Trainer(start, CANVAS, training_images(variant, seed), settings(variant, seed))


def score_at(forward: Forward, tests: Labelled, corners: NDArray[np.int64]) -> Score:
    """How often a network is right about patterns (N, 1, 20, 20), each at every one of the first corners (K, 2)."""
    labels = torch.tensor(tests.labels)
    logits = [logits_of(forward, data.on_canvas(tests.images, corner[None], forward.canvas)) for corner in corners]
    return scored(torch.cat(logits), labels.repeat(len(corners)))


def far_edge(canvas: tuple[int, int]) -> NDArray[np.int64]:
    """The first corners of the last row and the last column of placements."""
    corners = data.all_places(canvas)
    return corners[(corners == np.array(canvas) - data.SIDE).any(axis=1)]


def tested(forward: Forward) -> Job[Mapping[str, Score]]:
    """Scores at upper left, centre and lower right, and their mean over the far edge."""
    tests = data.head_patterns(TEST_IMAGES, data.TEST_SEED)
    scores: dict[str, Score] = {}
    for done, (place, corner) in enumerate(PLACES.items()):
        scores[place] = score_at(forward, tests, np.array([corner]))
        yield Progress(done + 1, len(PLACES) + 1, f"testing: {place.replace('_', ' ')}")
    few = data.head_patterns(EDGE_IMAGES, data.TEST_SEED + 1)
    scores[FAR_EDGE] = score_at(forward, few, far_edge(forward.canvas))
    yield Progress(len(PLACES) + 1, len(PLACES) + 1, "testing: far edge")
    return scores


def run(variant: str, seed: int) -> Job[Run]:
    """One variant trained and tested.

    Raises
    ------
    ValueError
        For a variant that does not exist.
    """
    if variant not in VARIANTS:
        raise ValueError(f"{NAME} has no variant {variant!r}; it has {', '.join(VARIANTS)}")
    started = time.perf_counter()
    chosen = VARIANTS[variant]
    training = trainer(chosen, seed)
    before = training.network
    yield from training.run()
    scores = yield from tested(training.forward)
    seen = seen_pixels(training_images(chosen, seed).images)
    change = untouched_change(before, training.network, CANVAS, seen)
    seconds = time.perf_counter() - started
    return Run(NAME, variant, seed, seconds, scores, {"untouched_weight_change": change})
