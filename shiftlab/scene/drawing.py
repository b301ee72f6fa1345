"""How the built-in patterns are drawn; `python -m shiftlab.scene.drawing` writes resources/patterns.

Every pattern is a master at four times its natural size, so that the natural size is an exact box
reduction. The cat's and the dog's reduces to the very picture that training draws at 20 px. The drawing
is deterministic; whoever wants another cat changes it here and runs it again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from shiftlab.resources import resource
from shiftlab.scene import heads, shapes
from shiftlab.scene.shapes import Array, Painter

FACTOR = 4
"""Pixels of a master for one pixel at the natural size."""

Drawn = tuple[Array, Array]
"""Grey and alpha, (H, W) in [0, 1]."""


def _sheet(height: int, width: int) -> tuple[Painter, Array, Array]:
    x, y = shapes.grid(height * FACTOR, width * FACTOR, FACTOR)
    return Painter(x.shape, FACTOR), x, y


def _done(painter: Painter) -> Drawn:
    return painter.grey, painter.alpha


def _mirrored(x: float, middle: float, side: float) -> float:
    return middle + side * (x - middle)


def sitting_cat() -> Drawn:
    """A sitting cat with a striped head, a white belly and a curled tail, 34 px."""
    painter, x, y = _sheet(34, 34)
    middle = 15.0
    tail = shapes.curve([(20.5, 31.4), (25.5, 29.4), (29.4, 26.0), (31.0, 21.6), (29.9, 17.4), (27.4, 15.2)])
    painter.add(shapes.line(x, y, tail, 1.75, 1.45), 0.58)
    painter.tint(shapes.line(x, y, tail[-17:], 1.9, 1.7), 0.88)
    painter.add(shapes.ellipse(x, y, middle, 26.2, 8.3, 6.7), 0.64)
    painter.add(shapes.box(x, y, 10.0, 17.0, 20.0, 25.0, 2.5), 0.64)
    painter.add(shapes.box(x, y, 8.6, 27.0, 21.4, 33.0, 2.0), 0.64)
    painter.tint(shapes.ellipse(x, y, middle, 27.4, 4.5, 6.0), 0.9)
    for side in (-1.0, 1.0):
        painter.add(shapes.ellipse(x, y, middle + side * 3.4, 31.4, 3.0, 1.65), 0.95)
    painter.tint(shapes.box(x, y, 9.0, 18.2, 21.0, 20.2, 0.5), 0.5, 0.55)
    for side in (-1.0, 1.0):
        for at, tilt in ((14.4, -0.1), (17.4, 0.25)):
            end = _mirrored(0.6, middle, side)
            painter.add(shapes.segment(x, y, (middle + side * 7.0, at), (end, at + tilt), 0.42), 0.48)
    for side in (-1.0, 1.0):
        outer = [(6.2, 0.7), (12.4, 5.2), (5.3, 9.5)]
        painter.add(shapes.polygon(x, y, [(_mirrored(px, middle, side), py) for px, py in outer]) - 0.25, 0.68)
        inner = [(7.1, 2.9), (10.2, 5.1), (6.9, 7.0)]
        painter.tint(shapes.polygon(x, y, [(_mirrored(px, middle, side), py) for px, py in inner]), 0.4)
    painter.add(shapes.box(x, y, 5.0, 4.0, 25.0, 18.9, 6.2), 0.74)
    painter.add(shapes.ellipse(x, y, middle, 12.2, 10.1, 7.0), 0.74)
    painter.tint(shapes.box(x, y, 14.0, 3.0, 16.0, 8.9, 0.8), 0.5)
    for side in (-1.0, 1.0):
        painter.tint(shapes.segment(x, y, (middle + side * 3.4, 3.5), (middle + side * 3.1, 7.2), 0.6), 0.5)
        painter.tint(shapes.segment(x, y, (middle + side * 10.5, 12.4), (middle + side * 7.9, 12.6), 0.55), 0.52)
        painter.tint(shapes.ellipse(x, y, middle + side * 4.5, 11.4, 2.5, 2.85), 0.9)
        painter.tint(shapes.ellipse(x, y, middle + side * 4.4, 11.9, 1.12, 2.15), 0.06)
        painter.tint(shapes.ellipse(x, y, middle + side * 2.0, 16.2, 2.7, 2.6), 0.96)
    painter.tint(shapes.polygon(x, y, [(13.9, 14.0), (16.1, 14.0), (15.0, 15.7)]) - 0.3, 0.45)
    painter.tint(shapes.segment(x, y, (13.4, 17.5), (16.6, 17.5), 0.45), 0.45)
    return _done(painter)


def sitting_dog() -> Drawn:
    """A sitting dog with hanging ears, a light snout and a raised tail, 34 px."""
    painter, x, y = _sheet(34, 34)
    middle = 15.0
    tail = shapes.curve([(21.0, 29.6), (26.0, 27.6), (28.8, 23.8), (30.0, 19.4)])
    painter.add(shapes.line(x, y, tail, 1.8, 1.0), 0.52)
    painter.tint(shapes.line(x, y, tail[-10:], 1.5, 1.3), 0.9)
    painter.add(shapes.ellipse(x, y, middle, 26.1, 8.4, 6.8), 0.56)
    painter.add(shapes.box(x, y, 10.0, 16.0, 20.0, 25.0, 2.5), 0.56)
    painter.add(shapes.box(x, y, 8.4, 27.0, 21.6, 33.0, 2.0), 0.56)
    painter.tint(shapes.ellipse(x, y, middle, 25.6, 4.2, 5.6), 0.86)
    for side in (-1.0, 1.0):
        painter.add(shapes.box(x, y, middle + side * 2.9 - 1.7, 25.0, middle + side * 2.9 + 1.7, 33.0, 1.6), 0.66)
        painter.add(shapes.ellipse(x, y, middle + side * 3.4, 31.5, 3.1, 1.6), 0.95)
    painter.tint(shapes.segment(x, y, (middle, 26.0), (middle, 33.0), 0.3), 0.3)
    painter.tint(shapes.box(x, y, 9.5, 19.0, 20.5, 20.7, 0.5), 0.2)
    painter.tint(shapes.ellipse(x, y, middle, 21.3, 1.1, 1.1), 0.98)
    painter.add(shapes.ellipse(x, y, middle, 10.6, 8.4, 8.6), 0.7)
    painter.tint(shapes.ellipse(x, y, middle + 4.0, 9.2, 3.1, 3.4), 0.42)
    for side in (-1.0, 1.0):
        ear = shapes.curve([(middle + side * 6.4, 4.6), (middle + side * 9.2, 7.6), (middle + side * 9.4, 13.6)])
        painter.add(shapes.line(x, y, ear, 1.9, 2.5), 0.34)
    painter.add(shapes.ellipse(x, y, middle, 15.1, 4.9, 4.2), 0.93)
    painter.tint(shapes.polygon(x, y, [(13.9, 2.0), (16.1, 2.0), (15.6, 11.0), (14.4, 11.0)]), 0.93)
    for side in (-1.0, 1.0):
        painter.tint(shapes.ellipse(x, y, middle + side * 3.6, 9.4, 1.3, 1.7), 0.05)
        painter.tint(shapes.ellipse(x, y, middle + side * 3.6 - 0.4, 8.8, 0.5, 0.5), 0.95)
    painter.tint(shapes.ellipse(x, y, middle, 13.0, 2.1, 1.45), 0.08)
    painter.tint(shapes.segment(x, y, (middle, 14.0), (middle, 16.4), 0.32), 0.3)
    smile = shapes.arc((middle, 14.6), 2.7, 215, 325)
    painter.tint(shapes.line(x, y, smile, 0.38), 0.3)
    return _done(painter)


def _reduced_to(fine: Array, coarse: Array, weight: Array) -> Array:
    """`fine` with the mean of each of its blocks, weighted, brought to the value in `coarse`; stays in [0, 1]."""
    rows, cols = coarse.shape
    blocks, weights = (each.reshape(rows, FACTOR, cols, FACTOR) for each in (fine, weight))
    total = np.maximum(weights.sum(axis=(1, 3), keepdims=True), shapes.TINY)
    mean = (blocks * weights).sum(axis=(1, 3), keepdims=True) / total
    wanted = coarse[:, None, :, None]
    darker = blocks * (wanted / np.maximum(mean, shapes.TINY))
    lighter: Array = 1 - (1 - blocks) * ((1 - wanted) / np.maximum(1 - mean, shapes.TINY))
    reached: Array = np.where(wanted < mean, darker, lighter)
    return reached.reshape(fine.shape)


def _head(kind: str) -> Drawn:
    """A head whose box reduction is what the generator draws at 20 px: a reduced fine drawing has softer edges."""
    grey, alpha = heads.head(kind, heads.SIDE)
    fine_grey, fine_alpha = heads.head(kind, heads.SIDE * FACTOR)
    cover = _reduced_to(fine_alpha, alpha, np.ones_like(fine_alpha))
    # Where only the coarse drawing has something there is its grey.
    own = np.where(fine_alpha > 0, fine_grey, _enlarged(grey, FACTOR))
    return _reduced_to(own, grey, cover), cover


def cat() -> Drawn:
    """A cat's head, 20 px, as the training images have it."""
    return _head("cat")


def dog() -> Drawn:
    """A dog's head, 20 px, as the training images have it."""
    return _head("dog")


PART = 8
FACE_SLOTS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"left eye": (0, 0), "right eye": (0, 24), "nose": (20, 12), "mouth": (36, 12)}
)
"""First pixel (row, col) of each 8 px part in a face of 44 x 32 px; gaps are 8 px or more, places even."""
FACE_SIZE = (44, 32)


def face_part(kind: str) -> Drawn:
    """An 'eye', a 'nose' or a 'mouth', 8 px."""
    painter, x, y = _sheet(PART, PART)
    if kind == "eye":
        painter.add(shapes.ellipse(x, y, 4.0, 4.0, 3.9, 3.1), 0.92)
        painter.tint(shapes.ellipse(x, y, 4.0, 4.0, 1.8, 1.8), 0.1)
        painter.tint(shapes.ellipse(x, y, 3.4, 3.4, 0.6, 0.6), 0.95)
    elif kind == "nose":
        painter.add(shapes.polygon(x, y, [(4.0, 1.0), (7.0, 6.4), (1.0, 6.4)]) - 0.6, 0.66)
        for side in (-1.0, 1.0):
            painter.tint(shapes.ellipse(x, y, 4.0 + side * 1.5, 5.5, 0.8, 0.7), 0.1)
    elif kind == "mouth":
        painter.add(shapes.line(x, y, shapes.arc((4.0, 2.6), 3.0, 185, 355), 1.0), 0.85)
    else:
        raise ValueError(f"a part is an eye, a nose or a mouth, not {kind!r}")
    return _done(painter)


def face() -> Drawn:
    """Two eyes, a nose and a mouth that stand apart with nothing between them, 44 x 32 px."""
    shape = (FACE_SIZE[0] * FACTOR, FACE_SIZE[1] * FACTOR)
    grey, alpha = np.zeros(shape), np.zeros(shape)
    for name, (row, col) in FACE_SLOTS.items():
        part = face_part(name.split()[-1])
        place = np.s_[row * FACTOR : (row + PART) * FACTOR, col * FACTOR : (col + PART) * FACTOR]
        grey[place], alpha[place] = part
    return grey, alpha


def _enlarged(cells: Array, factor: int) -> Array:
    return cells.repeat(factor, axis=0).repeat(factor, axis=1)


def _plain(height: int, width: int, distance: Callable[[Array, Array], Array]) -> Drawn:
    painter, x, y = _sheet(height, width)
    painter.add(distance(x, y), 1.0)
    return _done(painter)


def cross() -> Drawn:
    """An upright cross with arms of 5 px, 21 px."""
    return _plain(21, 21, lambda x, y: np.minimum(shapes.box(x, y, 8, 0, 13, 21), shapes.box(x, y, 0, 8, 21, 13)))


def disc() -> Drawn:
    """A disc, 21 px."""
    return _plain(21, 21, lambda x, y: np.hypot(x - 10.5, y - 10.5) - 10.5)


def ring() -> Drawn:
    """A ring 4 px wide, 25 px."""
    return _plain(25, 25, lambda x, y: np.abs(np.hypot(x - 12.5, y - 12.5) - 10.5) - 2.0)


def triangle() -> Drawn:
    """An upright triangle, 24 px."""
    return _plain(24, 24, lambda x, y: shapes.polygon(x, y, [(12.0, 1.0), (23.5, 22.0), (0.5, 22.0)]))


def star() -> Drawn:
    """A star with five points, 27 px."""
    points = [
        (13.5 + radius * float(np.sin(angle)), 14.2 - radius * float(np.cos(angle)))
        for angle, radius in zip(np.arange(10) * np.pi / 5, [13.4, 5.6] * 5, strict=True)
    ]
    return _plain(27, 27, lambda x, y: shapes.polygon(x, y, points))


def bar() -> Drawn:
    """An upright bar, 24 px high and 4 px wide."""
    return np.ones((24 * FACTOR, 4 * FACTOR)), np.ones((24 * FACTOR, 4 * FACTOR))


def checkerboard() -> Drawn:
    """Six by six squares of 4 px, the first one white, 24 px."""
    squares = (np.indices((6, 6)).sum(axis=0) + 1) % 2
    grey = _enlarged(squares.astype(np.float64), 4 * FACTOR)
    return grey, np.ones(grey.shape)


def pixel() -> Drawn:
    """One white pixel."""
    return np.ones((1, 1)), np.ones((1, 1))


def edge() -> Drawn:
    """Black left and white right, opaque, 32 px."""
    grey = np.zeros((32 * FACTOR, 32 * FACTOR))
    grey[:, 16 * FACTOR :] = 1
    return grey, np.ones_like(grey)


def gabor() -> Drawn:
    """A Gabor patch: a slanted wave of 6 px under a Gaussian, 33 px."""
    x, y = shapes.grid(33 * FACTOR, 33 * FACTOR, FACTOR)
    right, down = x - 16.5, y - 16.5
    wave = 0.5 + 0.5 * np.cos(2 * np.pi * (right * np.cos(np.pi / 6) + down * np.sin(np.pi / 6)) / 6.0)
    window = np.exp(-(right**2 + down**2) / (2 * 5.2**2))
    return wave, np.where(window < 0.01, 0.0, window)


def letter() -> Drawn:
    """The letter R: neither mirrored nor turned it is itself, 26 px."""

    def distance(x: Array, y: Array) -> Array:
        bowl = [(6.0, 3.0), (13.0, 3.0), *shapes.arc((13.5, 8.2), 5.2, 88, -88), (13.0, 13.4), (6.0, 13.4)]
        strokes = [[(6.0, 3.0), (6.0, 23.0)], bowl, [(12.0, 13.4), (20.0, 23.0)]]
        return np.minimum.reduce([shapes.line(x, y, stroke, 2.1) for stroke in strokes])

    return _plain(26, 26, distance)


def digit() -> Drawn:
    """The digit 5 as it is written by hand, 26 px."""

    def distance(x: Array, y: Array) -> Array:
        stroke = shapes.curve(
            [(8.6, 3.2), (7.6, 11.4), (12.6, 9.6), (18.2, 12.0), (19.2, 17.4), (15.4, 22.2), (10.2, 22.8), (6.0, 20.6)]
        )
        return np.minimum(shapes.line(x, y, stroke, 1.7), shapes.line(x, y, [(8.6, 3.2), (18.6, 2.9)], 1.7))

    return _plain(26, 26, distance)


def noise() -> Drawn:
    """A patch of white noise, 24 px."""
    grey = _enlarged(np.random.default_rng(24).uniform(size=(24, 24)), FACTOR)
    return grey, np.ones(grey.shape)


def spiral() -> Drawn:
    """A spiral of two turns, 33 px."""
    turn = np.linspace(0.0, 4.6 * np.pi, 160)
    points = [(16.5 + float((0.8 + a) * np.cos(a)), 16.5 + float((0.8 + a) * np.sin(a))) for a in turn]
    return _plain(33, 33, lambda x, y: shapes.line(x, y, points, 1.3))


PATTERNS: Mapping[str, Callable[[], Drawn]] = MappingProxyType(
    {
        "cat": cat,
        "dog": dog,
        "sitting-cat": sitting_cat,
        "sitting-dog": sitting_dog,
        "face": face,
        "cross": cross,
        "disc": disc,
        "ring": ring,
        "triangle": triangle,
        "star": star,
        "spiral": spiral,
        "bar": bar,
        "checkerboard": checkerboard,
        "edge": edge,
        "gabor": gabor,
        "letter": letter,
        "digit": digit,
        "noise": noise,
        "pixel": pixel,
    }
)


def master(name: str) -> NDArray[np.uint8]:
    """The master of a pattern, (H, W, 2) grey and alpha in 8 bits; nothing but zeros where alpha is 0."""
    grey, alpha = PATTERNS[name]()
    levels = np.stack((grey, alpha), axis=-1)
    rounded = np.rint(np.clip(levels, 0, 1) * 255).astype(np.uint8)
    rounded[rounded[..., 1] == 0] = 0
    return rounded


def natural(name: str) -> int:
    """The natural size of a pattern, its longer side in pixels."""
    return max(1, max(PATTERNS[name]()[0].shape) // FACTOR)


def write(folder: Path) -> None:
    """Write every master as NAME.npy, and their order and natural sizes as patterns.json."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in PATTERNS:
        np.save(folder / f"{name}.npy", master(name))
    sizes = {name: natural(name) for name in PATTERNS}
    (folder / "patterns.json").write_text(json.dumps(sizes, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else resource("patterns"))
