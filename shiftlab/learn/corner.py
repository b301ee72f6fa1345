"""The corner: cats and dogs seen only in the upper left. Where may the cat stand and still be a cat?

A dense head has weights of its own for every place. Where no training pixel was ever seen, a network
without biases answers exactly 0, hence so are the gradients of those weights: they stay what they were,
and the answer there is what they were, too. A head that pools over all places reads the same weights
everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray

from shiftlab.learn import data
from shiftlab.learn.course import change_words, score_row
from shiftlab.learn.data import Labelled
from shiftlab.learn.experiment import Experiment, Found, Judged, Start
from shiftlab.learn.plans import Head, Plan, Row
from shiftlab.learn.shipped import CANVAS, UPPER_LEFT
from shiftlab.learn.touched import seen_pixels, untouched_change
from shiftlab.learn.trainer import Trainer, logits_of, scored
from shiftlab.learn.values import UNTOUCHED, Job, Progress, Score, Settings
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
    PaddingMode,
)
from shiftlab.network.weights import Network

CORNER = ((0, 0), (8, 8))
"""First corners of the training images: patterns of 20 px wholly inside the upper left quarter."""
EVERYWHERE = ((0, 0), (CANVAS[0] - data.SIDE, CANVAS[1] - data.SIDE))
PLACES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"upper_left": UPPER_LEFT, "centre": (22, 22), "lower_right": (44, 44)}
)
FAR_EDGE = "far_edge_mean"
IMAGES, TEST_IMAGES, EDGE_IMAGES = 512, 256, 32
DECAY = 0.1


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

    head: Head = "dense"
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
        "dense-decay": Variant(random=True, weight_decay=DECAY),
    }
)
ASKED = ("dense", "gap", "gmp", "dense-everywhere", "dense-bias")
"""The variants that are run where none is named."""


def body(bias: bool, padding: PaddingMode = "zeros") -> tuple[LayerSpec, ...]:
    """C5(8) - ReLU - M2 - C5(16) - ReLU - M2: receptive field 16, stride 4, a map of 16x16."""
    layers: list[LayerSpec] = []
    for channels in (8, 16):
        conv = Conv(channels=channels, kernel=(5, 5), padding=(2, 2), padding_mode=padding, bias=bias)
        layers += [conv, Activation(), MaxPool()]
    return tuple(layers)


def spec(variant: Variant, seed: int) -> NetworkSpec:
    """The body and the head.

    The dense layer starts from zero, but after a global average: where all weights are equal and no mean
    is negative, one class's features can die out together before the other's tell them apart.
    """
    pool: dict[Head, LayerSpec] = {"dense": Flatten(), "gap": GlobalAvg(), "gmp": GlobalMax()}
    seeded = variant.random or variant.head == "gap"
    dense = Dense(units=len(data.CLASSES), bias=False, initialisation="seeded" if seeded else "zeros")
    return NetworkSpec(
        name=f"corner-{variant.head}",
        layers=(*body(variant.bias), pool[variant.head], dense),
        seed=seed,
        canvas=CANVAS,
        classes=data.CLASSES,
        description="Cats and dogs, trained on drawn heads of 20 px.",
    )


def settings(variant: Variant, seed: int) -> Settings:
    """Adam 3e-3, batch 32, 100 steps; 1e-2 for global averages, which a head among 256 cells makes small."""
    decay, rate = variant.weight_decay, 1e-2 if variant.head == "gap" else 3e-3
    return Settings(optimiser="adamw" if decay else "adam", rate=rate, weight_decay=decay, steps=100, seed=seed)


@lru_cache(maxsize=2)
def training_images(everywhere: bool, seed: int) -> Labelled:
    """512 images of 64x64 with one head each, in the corner or anywhere.

    Each place drawn is given to one cat and one dog, so that the place does not tell what stands there.
    """
    patterns = data.head_patterns(IMAGES, seed)
    drawn = data.places(IMAGES // 2, *(EVERYWHERE if everywhere else CORNER), seed)
    corners = np.zeros((IMAGES, 2), dtype=np.int64)
    for kind in range(len(data.CLASSES)):
        corners[patterns.labels == kind] = drawn
    return Labelled(data.on_canvas(patterns.images, corners, CANVAS), patterns.labels)


def start(variant: Variant, seed: int) -> Start:
    """From the weights of the seed."""
    images = training_images(variant.everywhere, seed)
    (top, left), (bottom, right) = CORNER
    return Start(
        (Network(spec(variant, seed)),),
        (images,),
        settings(variant, seed),
        corners=None if variant.everywhere else (top, bottom + 1, left, right + 1),
        pixels=seen_pixels(images.images),
    )


def score_at(forward: Forward, tests: Labelled, corners: NDArray[np.int64]) -> Score:
    """How often a network is right about patterns (N, 1, 20, 20), each at every one of the first corners (K, 2)."""
    labels = torch.tensor(tests.labels)
    logits = [logits_of(forward, data.on_canvas(tests.images, corner[None], forward.canvas)) for corner in corners]
    return scored(torch.cat(logits), labels.repeat(len(corners)))


def far_edge(canvas: tuple[int, int]) -> NDArray[np.int64]:
    """The first corners of the last row and the last column of placements."""
    corners = data.all_places(canvas)
    return corners[(corners == np.array(canvas) - data.SIDE).any(axis=1)]


def tested(_variant: Variant, start: Start, trainers: tuple[Trainer, ...]) -> Job[Found]:
    """Scores at upper left, centre and lower right, and their mean over the far edge; and what never moved."""
    forward = trainers[0].forward
    tests = data.head_patterns(TEST_IMAGES, data.TEST_SEED)
    few = data.head_patterns(EDGE_IMAGES, data.TEST_SEED + 1)
    edge = far_edge(forward.canvas)
    total = len(PLACES) + len(edge)
    scores: dict[str, Score] = {}
    for place, corner in PLACES.items():
        scores[place] = score_at(forward, tests, np.array([corner]))
        yield Progress(len(scores), total, f"testing: {place.replace('_', ' ')}")
    found: list[Score] = []
    for corner in edge:
        found.append(score_at(forward, few, corner[None]))
        if len(found) % 8 == 0:
            yield Progress(len(PLACES) + len(found), total, "testing: far edge")
    scores[FAR_EDGE] = _together(found)
    change = None
    if start.pixels is not None:
        change = untouched_change(start.networks[0], trainers[0].network, start.canvas, start.pixels)
    return Found(scores, {UNTOUCHED: change})


def _together(scores: list[Score]) -> Score:
    """Scores of equally many answers, as one."""
    value, ties = (float(np.mean([getattr(one, name) for one in scores])) for name in ("value", "ties"))
    return Score(value, ties, sum(one.count for one in scores))


def planned(plan: Plan) -> Variant:
    """The head of a plan, and what spoils it."""
    return Variant(plan.head, plan.everywhere, plan.bias, plan.random, DECAY if plan.decay else 0.0)


def judged(variant: Variant, found: Found) -> Judged:
    """Known wherever it was seen or a head pools; elsewhere chance, from weights that never moved."""
    rows = [_row(variant, place, score) for place, score in found.scores.items()]
    change = found.untouched_change
    if change is not None:
        spoilt = variant.bias or (variant.random and variant.weight_decay > 0)
        holds = change > 0 if spoilt else change == 0
        rows.append(Row("untouched |ΔW|", "above 0" if spoilt else "0", change_words(change), holds))
    return Judged(tuple(rows), _well(variant))


def _row(variant: Variant, place: str, score: Score) -> Row:
    name = place.removesuffix("_mean").replace("_", " ")
    if variant.head != "dense":
        return score_row(name, "≥ 0.99", score, low=0.99)
    if variant.everywhere:
        return score_row(name, "≈ 0.97", score, low=0.83)
    if place == "upper_left":
        return score_row(name, "1.00", score, low=0.99)
    if place == "lower_right" and not variant.bias:
        # A single run from random weights may give anything there.
        low, high = (None, None) if variant.random else (0.45, 0.55)
        return score_row(name, "0.50", score, low, high)
    return score_row(name, "–", score)


def _well(variant: Variant) -> str:
    if variant.head != "dense":
        return "it knows them everywhere, though it saw them in one corner."
    if variant.everywhere:
        return "it knows them wherever it has seen them: everywhere."
    if variant.bias or variant.random or variant.weight_decay > 0:
        return "sure where it was trained; elsewhere nothing was learnt that one could rely on."
    return "sure where it was trained, a tie in the far corner: those weights never moved."


EXPERIMENT = Experiment("corner", VARIANTS, ASKED, start, tested, planned, judged)
