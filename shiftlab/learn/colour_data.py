"""Red and green patches to train on: drawn from a seed, no image stored, no torch."""

from __future__ import annotations

import numpy as np

from shiftlab.learn.data import Labelled
from shiftlab.scene.values import Pattern, Placed

CANVAS = (32, 32)
PATCH = 4
DEPTH, LOWER = 4, 24
"""First rows are 0 to 4 in the upper half and 24 to 28 in the lower: near the edges, where zero padding
speaks. The 24 rows between them are three cumulative strides, so that exchanging is exact on a circle."""
CLASSES = ("red first", "green first")


def images(count: int, seed: int) -> Labelled:
    """Images (count, 3, 32, 32), black but for the two patches; both classes in turn."""
    random = np.random.default_rng([seed, 40])
    labels = np.arange(count) % 2
    made = np.zeros((count, 3, *CANVAS), dtype=np.float32)
    rows = random.integers(0, DEPTH, size=(count, 2), endpoint=True) + LOWER * labels[:, None]
    # Two columns that leave room for a patch each: the second may not start within the first.
    free = np.sort(random.integers(0, CANVAS[1] - 2 * PATCH, size=(count, 2), endpoint=True), axis=1)
    cols = free + np.array([0, PATCH])
    for image, label, row, col in zip(made, labels, rows, cols, strict=True):
        for place in (0, 1):
            colour = place if label == 0 else 1 - place
            image[colour, row[place] : row[place] + PATCH, col[place] : col[place] + PATCH] = 1
    return Labelled(made, labels)


def swapped(like: Labelled) -> Labelled:
    """The same with the halves exchanged, 24 rows up or down; order and label are kept."""
    by = np.where(like.labels == 0, LOWER, -LOWER)
    moved = [np.roll(image, rows, axis=1) for image, rows in zip(like.images, by, strict=True)]
    return Labelled(np.stack(moved), like.labels)


def placed_patches() -> tuple[Placed, ...]:
    """A red patch left of a green one in the upper half."""
    return Placed(_patch("red", 0), (7.0, 8.0), PATCH), Placed(_patch("green", 1), (7.0, 20.0), PATCH)


def _patch(name: str, channel: int) -> Pattern:
    image = np.zeros((3, PATCH, PATCH), np.float32)
    image[channel] = 1
    return Pattern(name, image, np.ones((PATCH, PATCH), np.float32))
