"""Cats and dogs to train on: 20 px heads, drawn from a seed, and their places on a black canvas.

No image is stored. The drawing is that of the canvas's own 'cat' and 'dog'
(`shiftlab.scene.heads`), with every proportion, the turn, the greys and a grain that differ.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shiftlab.scene.heads import SIDE, Traits, cat_heads, dog_heads
from shiftlab.scene.values import Pattern

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]
Corners = NDArray[np.int64]
"""(N, 2), the place (row, col) of each pattern's first pixel."""

CLASSES = ("cat", "dog")
TEST_SEED = 1_000_003
"""Far from the seeds that people type, so that no test image was trained on."""
MOST_TURN = 14.0
GRAIN = 0.08
MOST_OFF = 0.8


@dataclass(frozen=True, eq=False)
class Labelled:
    """Images and what they show.

    Attributes
    ----------
    images : (N, C, H, W) float32 in [0, 1]
    labels : (N,) int64, indices into the classes
    """

    images: Floats
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)


def _drawn(kind: int, count: int, random: np.random.Generator) -> tuple[Floats, Floats]:
    def between(low: float, high: float) -> NDArray[np.float64]:
        return random.uniform(low, high, (count, 1, 1))

    traits = Traits(
        width=between(6.0, 7.2),
        height=between(5.8, 6.8),
        ear=between(0.78, 0.98),
        spread=between(0.88, 1.06),
        eye=between(0.85, 1.3),
        coat=between(0.5, 0.78),
        dark=between(0.04, 0.2),
        turn=between(-MOST_TURN, MOST_TURN),
        down=between(-MOST_OFF, MOST_OFF),
        right=between(-MOST_OFF, MOST_OFF),
    )
    grey, alpha = (cat_heads if kind == 0 else dog_heads)(traits)
    grained = np.clip(grey + random.normal(0, GRAIN, grey.shape), 0.02, 1) * (alpha > 0)
    return grained.astype(np.float32), alpha.astype(np.float32)


def heads(count: int, seed: int) -> tuple[Floats, Floats, Labels]:
    """Heads of cats and dogs, as many of the one as of the other (a cat more of an odd count), shuffled.

    Returns
    -------
    grey, alpha : (count, 20, 20) float32
        Both exactly 0 outside the head.
    labels : (count,) int64
        0 for a cat, 1 for a dog.

    Raises
    ------
    ValueError
        For a count below 1.
    """
    if count < 1:
        raise ValueError(f"count must be 1 or more, not {count}")
    random = np.random.default_rng([seed, 20])
    cats, dogs = _drawn(0, (count + 1) // 2, random), _drawn(1, count // 2, random)
    labels = np.repeat(np.array([0, 1]), [len(cats[0]), len(dogs[0])])
    order = random.permutation(count)
    return np.concatenate((cats[0], dogs[0]))[order], np.concatenate((cats[1], dogs[1]))[order], labels[order]


def head_patterns(count: int, seed: int) -> Labelled:
    """Heads on black: images (count, 1, 20, 20)."""
    grey, alpha, labels = heads(count, seed)
    return Labelled((grey * alpha)[:, None], labels)


def example(kind: str, seed: int) -> Pattern:
    """One drawn head, "cat" or "dog", as a pattern for the canvas.

    Raises
    ------
    ValueError
        For another kind.
    """
    if kind not in CLASSES:
        raise ValueError(f"an example is of a cat or a dog, not {kind!r}")
    grey, alpha, labels = heads(2, seed)
    index = int(np.flatnonzero(labels == CLASSES.index(kind))[0])
    return Pattern(kind, grey[index][None], alpha[index])


def places(count: int, first: tuple[int, int], last: tuple[int, int], seed: int) -> Corners:
    """First corners from `first` to `last`, both included, drawn at random but spread evenly, shuffled.

    The region is divided into as many like cells as the largest square number within `count`, and one
    corner drawn in each; the rest anywhere.
    """
    random = np.random.default_rng([seed, 21])
    side = math.isqrt(count)
    rows, cols = np.divmod(np.arange(side * side), side)
    cells = np.stack((rows, cols), axis=1) + random.uniform(size=(side * side, 2))
    anywhere = random.uniform(0, max(side, 1), size=(count - side * side, 2))
    share = np.concatenate((cells, anywhere)) / max(side, 1)
    low, high = np.array(first), np.array(last)
    drawn = np.minimum(low + np.floor(share * (high - low + 1)).astype(np.int64), high)
    return random.permutation(drawn)


def all_places(canvas: tuple[int, int], side: int = SIDE) -> Corners:
    """Every first corner at which a pattern of `side` pixels lies wholly on the canvas, row by row."""
    rows, cols = np.meshgrid(np.arange(canvas[0] - side + 1), np.arange(canvas[1] - side + 1), indexing="ij")
    return np.stack((rows.ravel(), cols.ravel()), axis=1)


def on_canvas(patterns: Floats, corners: Corners, canvas: tuple[int, int]) -> Floats:
    """Patterns (N, C, h, w) on black canvases (N, C, H, W), each with its first pixel at its corner.

    `corners` (1, 2) puts all at one place.

    Raises
    ------
    ValueError
        Where a pattern would leave the canvas.
    """
    count, channels, height, width = patterns.shape
    held = np.broadcast_to(corners, (count, 2))
    if held.min() < 0 or held[:, 0].max() + height > canvas[0] or held[:, 1].max() + width > canvas[1]:
        raise ValueError(f"patterns of {height}x{width} px must lie on the canvas of {canvas[0]}x{canvas[1]} px")
    images = np.zeros((count, channels, *canvas), dtype=np.float32)
    for image, pattern, (row, col) in zip(images, patterns, held, strict=True):
        image[:, row : row + height, col : col + width] = pattern
    return images
