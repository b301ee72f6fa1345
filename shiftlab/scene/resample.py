"""A pattern as it will be stamped on a canvas: resized, mirrored, turned, in grey or colour."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from shiftlab.scene.values import Pattern, Placed

Array = NDArray[np.float64]

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
"""Rec. 709 weights of red, green and blue."""

FINEST = 4
LARGEST_WORKING_SIDE = 2048


class Stamp(msgspec.Struct, frozen=True, eq=False):
    """A pattern at the size, turn and channels in which it is drawn, cut to what is not transparent.

    Attributes
    ----------
    image : (C, h, w), float32 or float64, read-only
    alpha : (h, w), the same dtype, read-only
    first : (row, col)
        Where its first pixel stands, relative to the pixel of the pattern's centre.
    whole : (rows, cols)
        The pattern's size before it was cut; its first pixel would stand at -(rows // 2), -(cols // 2).
    """

    image: NDArray[Any]
    alpha: NDArray[Any]
    first: tuple[int, int]
    whole: tuple[int, int]

    @property
    def size(self) -> tuple[int, int]:
        return self.alpha.shape[0], self.alpha.shape[1]

    @property
    def empty(self) -> bool:
        """Whether nothing of it can be seen."""
        return 0 in self.alpha.shape


def drawn_size(pattern: Pattern, size: int) -> tuple[int, int]:
    """(height, width) of a pattern whose longer side is drawn with `size` pixels, before it is turned."""
    height, width = pattern.size
    longer = max(height, width)
    return max(1, round(height * size / longer)), max(1, round(width * size / longer))


def _weights(before: int, after: int) -> Array:
    """The matrix (after, before) that resizes one axis: exact areas down, nearest for whole factors up, else cubic.

    The cubic is that of Keys (1981) with a = -1/2, held at the ends.
    """
    if after <= before:
        edges = np.arange(after + 1) * (before / after)
        cells = np.arange(before)
        overlap = np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells)
        return np.clip(overlap, 0, 1) * (after / before)
    if after % before == 0:
        return np.eye(before).repeat(after // before, axis=0)
    matrix = np.zeros((after, before))
    centre = (np.arange(after) + 0.5) * before / after - 0.5
    base = np.floor(centre).astype(int)
    for tap in range(-1, 3):
        t = np.abs(centre - base - tap)
        weight = np.where(t < 1, 1.5 * t**3 - 2.5 * t**2 + 1, -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2)
        np.add.at(matrix, (np.arange(after), np.clip(base + tap, 0, before - 1)), weight)
    return matrix


def resized(layers: Array, size: tuple[int, int]) -> Array:
    """Layers (K, H, W) at another size (K, h, w); the same values where the size is the same."""
    height, width = layers.shape[1:]
    if (height, width) == size:
        return layers
    across = np.matmul(layers, _weights(width, size[1]).T)
    return np.clip(np.matmul(_weights(height, size[0]), across), 0, 1)


def _bilinear(layers: Array, rows: Array, cols: Array) -> Array:
    """Values at (rows, cols) in pixel indices; nothing outside."""
    padded = np.pad(layers, ((0, 0), (1, 1), (1, 1)))
    r, c = np.clip(rows + 1, 0, layers.shape[1] + 0.999), np.clip(cols + 1, 0, layers.shape[2] + 0.999)
    top, left = np.floor(r).astype(int), np.floor(c).astype(int)
    down, right = r - top, c - left
    upper = padded[:, top, left] * (1 - right) + padded[:, top, left + 1] * right
    lower = padded[:, top + 1, left] * (1 - right) + padded[:, top + 1, left + 1] * right
    return upper * (1 - down) + lower * down


def _turned(master: Array, size: tuple[int, int], degrees: float) -> Array:
    """The layers drawn at `size` and turned counter-clockwise, in a box that holds them.

    The box's sides keep the parity of `size`, so that the centre stays where it was. The turn is made
    on a finer grid (bilinear) that is then reduced by areas.
    """
    finer = max(1, min(FINEST, LARGEST_WORKING_SIDE // (2 * max(size))))
    fine = resized(master, (size[0] * finer, size[1] * finer))
    angle = np.deg2rad(degrees)
    cos, sin = np.cos(angle), np.sin(angle)

    def side(length: float, parity: int) -> int:
        whole = int(np.ceil(length - 1e-9))
        return whole + (whole - parity) % 2

    height = side(abs(size[0] * cos) + abs(size[1] * sin), size[0])
    width = side(abs(size[1] * cos) + abs(size[0] * sin), size[1])
    down = (np.arange(height * finer) + 0.5) - height * finer / 2
    right = (np.arange(width * finer) + 0.5) - width * finer / 2
    rows = down[:, None] * cos + right[None, :] * sin + size[0] * finer / 2 - 0.5
    cols = right[None, :] * cos - down[:, None] * sin + size[1] * finer / 2 - 0.5
    return resized(_bilinear(fine, rows, cols), (height, width))


@lru_cache(maxsize=512)
def _stamp(pattern: Pattern, size: int, turn: float, flipped: bool, channels: int, double: bool) -> Stamp:
    image = pattern.image.astype(np.float64)
    if channels == 1 and len(image) == 3:
        image = np.tensordot(LUMINANCE, image, axes=1)[None]
    elif channels == 3 and len(image) == 1:
        image = np.repeat(image, 3, axis=0)
    alpha = pattern.alpha.astype(np.float64)
    layers = np.concatenate((image * alpha, alpha[None]))
    if flipped:
        layers = layers[:, :, ::-1]
    target = drawn_size(pattern, size)
    if turn % 90 == 0:
        layers = np.rot90(resized(layers, target), int(turn // 90), axes=(1, 2))
    else:
        layers = _turned(layers, target, turn)
    height, width = layers.shape[1:]
    seen = layers[-1] > 0
    rows, cols = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    top, bottom = (rows[0], rows[-1] + 1) if len(rows) else (0, 0)
    left, right = (cols[0], cols[-1] + 1) if len(cols) else (0, 0)
    layers = layers[:, top:bottom, left:right]
    shown = layers[-1]
    colour = np.divide(layers[:-1], shown, out=np.zeros_like(layers[:-1]), where=shown > 0)
    dtype = np.float64 if double else np.float32
    kept_image = np.ascontiguousarray(np.clip(colour, 0, 1), dtype=dtype)
    kept_alpha = np.ascontiguousarray(shown, dtype=dtype)
    kept_image.flags.writeable = False
    kept_alpha.flags.writeable = False
    return Stamp(kept_image, kept_alpha, (int(top) - height // 2, int(left) - width // 2), (height, width))


def stamp(placed: Placed, channels: int = 1, dtype: type[np.floating[Any]] = np.float32) -> Stamp:
    """What is drawn for a placed pattern; cached.

    A whole number of master pixels a pixel is an exact box mean, the native size the pattern itself, a
    whole enlargement its nearest pixels; anything between is an exact area mean or a cubic. Colour
    becomes luminance (Rec. 709) in one channel, grey is repeated in three. Transparent pixels weigh
    nothing in a mean.

    Raises
    ------
    ValueError
        Where `channels` is neither 1 nor 3.
    """
    if channels not in (1, 3):
        raise ValueError(f"channels must be 1 or 3, not {channels}")
    return _stamp(placed.pattern, placed.size, placed.turn, placed.flipped, channels, np.dtype(dtype) == np.float64)
