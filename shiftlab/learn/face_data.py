"""Faces and scrambles of their parts to train on: drawn from a seed, no image stored, no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from shiftlab.learn.data import Labelled
from shiftlab.scene import drawing
from shiftlab.scene.values import Pattern, Placed

Floats = NDArray[np.float32]

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


def placed_face() -> tuple[Placed, ...]:
    """The parts of a real face, each in its slot."""
    half = PART // 2
    return tuple(
        Placed(part_pattern(kind), (float(row + half), float(col + half)), PART)
        for kind, (row, col) in zip(REAL, SLOTS.values(), strict=True)
    )
