"""What lies under the patterns, as pixels."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shiftlab.scene.resample import LUMINANCE, resized
from shiftlab.scene.values import Background, Pattern

Array = NDArray[np.float64]
WAVES = 12


@lru_cache(maxsize=16)
def background(ground: Background, size: tuple[int, int], channels: int, double: bool) -> NDArray[Any]:
    """A background as (channels, H, W), read-only, float64 where `double` and float32 otherwise.

    A gradient, a texture and noise have the mean `grey` and spread as far as [0, 1] allows about it, so
    that a grey of 0.5 gives the strongest; a texture tiles, hence suits a wrapped canvas. An image
    covers the canvas: it is enlarged or reduced, keeping its shape, and its middle is seen.
    """
    if ground.image is not None:
        filled = _cover(ground.image, ground.grey, size, channels)
    else:
        filled = np.broadcast_to(
            ground.grey + min(ground.grey, 1 - ground.grey) * _relief(ground, size), (channels, *size)
        )
    made = np.ascontiguousarray(np.clip(filled, 0, 1), dtype=np.float64 if double else np.float32)
    made.flags.writeable = False
    return made


def _relief(ground: Background, size: tuple[int, int]) -> Array:
    """Values in [-1, 1] about 0."""
    cols = size[1]
    if ground.kind == "gradient":
        return np.broadcast_to((2 * np.arange(cols) - (cols - 1)) / (cols - 1), size).astype(np.float64)
    if ground.kind == "noise":
        return np.random.default_rng(ground.seed).uniform(-1, 1, size)
    if ground.kind == "texture":
        return _texture(ground.seed, size)
    return np.zeros(size)


def _texture(seed: int, size: tuple[int, int]) -> Array:
    """A weave of a few waves of 4 to 16 px in random directions, each a whole number of times on the canvas."""
    rng = np.random.default_rng(seed)
    row, col = np.indices(size)
    relief = np.zeros(size)
    for _ in range(WAVES):
        direction, period, phase = rng.uniform(0, 2 * np.pi), rng.uniform(4, 16), rng.uniform(0, 2 * np.pi)
        down, right = round(size[0] * np.sin(direction) / period), round(size[1] * np.cos(direction) / period)
        if (down, right) == (0, 0):
            right = 1
        relief += np.cos(2 * np.pi * (down * row / size[0] + right * col / size[1]) + phase)
    return relief / max(float(np.abs(relief).max()), 1e-9)


def _cover(picture: Pattern, grey: float, size: tuple[int, int], channels: int) -> Array:
    image = picture.image.astype(np.float64)
    if channels == 1 and len(image) == 3:
        image = np.tensordot(LUMINANCE, image, axes=1)[None]
    elif channels == 3 and len(image) == 1:
        image = np.repeat(image, 3, axis=0)
    alpha = picture.alpha.astype(np.float64)
    flat = image * alpha + grey * (1 - alpha)
    factor = max(size[0] / picture.size[0], size[1] / picture.size[1])
    whole = (max(size[0], round(picture.size[0] * factor)), max(size[1], round(picture.size[1] * factor)))
    top, left = (whole[0] - size[0]) // 2, (whole[1] - size[1]) // 2
    return resized(flat, whole)[:, top : top + size[0], left : left + size[1]]
