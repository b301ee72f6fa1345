"""The face: does the network know that the eyes belong above the mouth?

Real faces against scrambles of the very same parts. The convolutions see 8 px and never two parts at
once, so that the relation of the parts must be kept by what comes after. A pool whose window spans the
face keeps which parts there are and forgets where.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray

from shiftlab.learn.data import TEST_SEED, Labelled
from shiftlab.learn.starts import with_zero_biases
from shiftlab.learn.trainer import Trainer, logits_of, scored
from shiftlab.learn.values import Job, Progress, Run, Settings
from shiftlab.network.spec import Activation, Conv, Dense, Flatten, GlobalMax, LayerSpec, MaxPool, NetworkSpec
from shiftlab.network.weights import Network
from shiftlab.scene import drawing
from shiftlab.scene.values import Pattern

Floats = NDArray[np.float32]

NAME = "face"
CANVAS = (64, 64)
FIRST = (16, 16)
"""First pixel of the upper left slot, such that eyes lie in the upper half, nose and mouth in the lower."""
PART = drawing.PART
SLOTS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {name: (FIRST[0] + row, FIRST[1] + col) for name, (row, col) in drawing.FACE_SLOTS.items()}
)
REAL = ("eye", "eye", "nose", "mouth")
"""The kind of part in each slot of a real face."""
ARRANGEMENTS: tuple[tuple[str, ...], ...] = (REAL, *sorted(set(permutations(REAL)) - {REAL}))
"""The real one and the eleven scrambles."""
CLASSES = ("scrambled", "face")
GRAIN = 0.12
PAIRS, TEST_PAIRS = 512, 256
WINDOWS = (2, 4, 8, 16, 32, 64)
"""Pooling windows before the dense layer, in pixels of the canvas; 64 is the whole of it."""


@dataclass(frozen=True, eq=False)
class Parts:
    """The parts of `count` faces, each (count, 8, 8) float32, 0 outside the part; both eyes are one."""

    eye: Floats
    nose: Floats
    mouth: Floats

    def of(self, kind: str) -> Floats:
        return {"eye": self.eye, "nose": self.nose, "mouth": self.mouth}[kind]


@lru_cache(maxsize=4)
def _plain_part(kind: str) -> tuple[Floats, Floats]:
    """Light and alpha (8, 8) of a part."""
    grey, alpha = drawing.face_part(kind)
    factor = drawing.FACTOR
    light, cover = (
        layer.reshape(PART, factor, PART, factor).mean(axis=(1, 3)).astype(np.float32)
        for layer in (grey * alpha, alpha)
    )
    return light, cover


def parts(count: int, seed: int) -> Parts:
    """Parts with a brightness and a grain of their own."""
    random = np.random.default_rng([seed, 30])

    def drawn(kind: str) -> Floats:
        light, alpha = _plain_part(kind)
        bright = random.uniform(0.8, 1.0, (count, 1, 1))
        grained = np.clip(light * bright + random.normal(0, GRAIN, (count, PART, PART)), 0.02, 1)
        return (grained * (alpha > 0.05)).astype(np.float32)

    return Parts(drawn("eye"), drawn("nose"), drawn("mouth"))


def part_pattern(kind: str) -> Pattern:
    """An 'eye', a 'nose' or a 'mouth' of 8 px for the canvas, to be put together by hand."""
    light, alpha = _plain_part(kind)
    grey = np.divide(light, alpha, out=np.zeros_like(light), where=alpha > 0)
    return Pattern(kind, np.clip(grey, 0, 1)[None], alpha)


def arranged(made: Parts, arrangements: NDArray[np.int64]) -> Floats:
    """Images (N, 1, 64, 64) of the parts, each put together as the arrangement of that number."""
    images = np.zeros((len(made.eye), 1, *CANVAS), dtype=np.float32)
    for number, arrangement in enumerate(ARRANGEMENTS):
        chosen = np.flatnonzero(arrangements == number)
        for kind, (row, col) in zip(arrangement, SLOTS.values(), strict=True):
            images[chosen, 0, row : row + PART, col : col + PART] = made.of(kind)[chosen]
    return images


def paired(count: int, seed: int) -> Labelled:
    """`count` real faces, then `count` scrambles of the same parts in the same order; all scrambles equally often."""
    made = parts(count, seed)
    random = np.random.default_rng([seed, 31])
    scrambles = random.permutation(np.arange(count) % (len(ARRANGEMENTS) - 1)) + 1
    images = np.concatenate((arranged(made, np.zeros(count, dtype=np.int64)), arranged(made, scrambles)))
    return Labelled(images, np.repeat(np.array([1, 0]), count))


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
