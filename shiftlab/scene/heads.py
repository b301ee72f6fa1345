"""Heads of cats and dogs as drawn figures: the canvas's patterns and the training images come from here.

A head is drawn in a square of 20 units. Every proportion is a parameter, so that a batch of heads that
differ can be drawn at once; a cat has pointed ears that stand up, a dog floppy ears that hang and a
broad light snout. On the mean over what training draws, both give the same light, so that brightness
alone does not tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shiftlab.scene import shapes
from shiftlab.scene.shapes import Array, Number, Painter

SIDE = 20


@dataclass(frozen=True)
class Traits:
    """How heads look: floats, or arrays of shape (N, 1, 1) for a batch of N.

    Attributes
    ----------
    width, height : half axes of the skull, in units
    ear : length of the ears (factor)
    spread : how far apart ears and eyes are (factor)
    eye : size of the eyes (factor)
    coat, dark : grey of the coat, and of eyes and nose
    turn : degrees, counter-clockwise
    down, right : where the head's centre stands, in units from the square's
    """

    width: Number = 6.7
    height: Number = 6.4
    ear: Number = 1.0
    spread: Number = 1.0
    eye: Number = 1.0
    coat: Number = 0.70
    dark: Number = 0.12
    turn: Number = 0.0
    down: Number = 0.0
    right: Number = 0.0


def _coordinates(traits: Traits, side: int) -> tuple[Array, Array, float]:
    """Coordinates about the head's centre."""
    scale = side / SIDE
    x, y = shapes.grid(side, side, scale)
    x, y = shapes.turned(x, y, (SIDE / 2, SIDE / 2), traits.turn)
    return x - SIDE / 2 - traits.right, y - SIDE / 2 - traits.down, scale


def cat_heads(traits: Traits, side: int = SIDE) -> tuple[Array, Array]:
    """Cats' heads: (grey, alpha), each (side, side) or (N, side, side), in [0, 1]."""
    x, y, scale = _coordinates(traits, side)
    width, height = np.asarray(traits.width), np.asarray(traits.height)
    spread, ear, coat = np.asarray(traits.spread), np.asarray(traits.ear), np.asarray(traits.coat)
    painter = Painter(np.broadcast_shapes(x.shape, np.shape(width), np.shape(coat)), scale)
    middle = 1.9
    tip = -3.2 - 5.7 * ear
    for side_sign in (-1.0, 1.0):
        out = side_sign * spread
        corners = [(out * 6.5, tip), (side_sign * width * 0.16, -3.4), (side_sign * width * 0.99, middle + 0.6)]
        painter.add(shapes.polygon(x, y, corners), coat * 0.93)
        inner = [(out * 5.7, tip + 2.4), (out * 3.1, -3.2), (out * 5.6, -1.2)]
        painter.tint(shapes.polygon(x, y, inner), coat * 0.62)
    painter.add(shapes.ellipse(x, y, 0.0, middle, width, height), coat)
    for at, low in ((-1.9, -1.6), (0.0, -1.0), (1.9, -1.6)):
        painter.tint(shapes.segment(x, y, (at, -4.6), (at * 0.9, low), 0.5), coat * 0.72)
    for side_sign in (-1.0, 1.0):
        painter.tint(shapes.ellipse(x, y, side_sign * 1.25, middle + 3.2, 1.9, 1.5), np.minimum(coat * 1.28, 1.0))
    _eyes(painter, x, y, traits, middle - 0.5, 2.9, (1.0, 1.5))
    painter.tint(
        shapes.polygon(x, y, [(-1.0, middle + 1.6), (1.0, middle + 1.6), (0.0, middle + 2.9)]) - 0.15, traits.dark
    )
    return painter.grey, painter.alpha


def dog_heads(traits: Traits, side: int = SIDE) -> tuple[Array, Array]:
    """Dogs' heads: (grey, alpha), each (side, side) or (N, side, side), in [0, 1]."""
    x, y, scale = _coordinates(traits, side)
    width, height = np.asarray(traits.width) * 0.86, np.asarray(traits.height) * 1.06
    spread, ear, coat = np.asarray(traits.spread), np.asarray(traits.ear), np.asarray(traits.coat)
    painter = Painter(np.broadcast_shapes(x.shape, np.shape(width), np.shape(coat)), scale)
    painter.add(shapes.ellipse(x, y, 0.0, -0.2, width, height), coat)
    for side_sign in (-1.0, 1.0):
        out = side_sign * spread
        hanging = shapes.segment(x, y, (out * 5.5, -4.0), (out * 6.6, -3.0 + 5.6 * ear), 1.75)
        painter.add(hanging, coat * 0.56)
    painter.add(shapes.ellipse(x, y, 0.0, 4.4, 4.3, 4.05), np.minimum(coat * 1.3, 1.0))
    _eyes(painter, x, y, traits, -1.4, 2.6, (1.05, 1.2))
    painter.tint(shapes.ellipse(x, y, 0.0, 2.7, 1.8, 1.25), traits.dark)
    painter.tint(shapes.segment(x, y, (0.0, 3.5), (0.0, 5.6), 0.4), coat * 0.45)
    painter.tint(shapes.segment(x, y, (-1.5, 6.1), (1.5, 6.1), 0.4), coat * 0.45)
    return painter.grey, painter.alpha


def _eyes(
    painter: Painter, x: Array, y: Array, traits: Traits, at: float, apart: float, half: tuple[float, float]
) -> None:
    for side_sign in (-1.0, 1.0):
        cx = side_sign * apart * np.asarray(traits.spread)
        size = np.asarray(traits.eye)
        painter.tint(shapes.ellipse(x, y, cx, at, half[0] * size, half[1] * size), traits.dark)


def head(kind: str, side: int = SIDE) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One plain head, "cat" or "dog": (grey, alpha), each (side, side)."""
    if kind not in ("cat", "dog"):
        raise ValueError(f"a head is of a cat or a dog, not {kind!r}")
    return (cat_heads if kind == "cat" else dog_heads)(Traits(), side)
