"""Readable kernels made by hand: edges, blobs, rings, lines, corners, in any size and in colour.

A kernel is a function of the place, (y, x) in -1 ... 1 over the kernel, sampled at its cells. Kernels
that a size cannot show (a vertical edge in one column) or that would repeat another are left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from shiftlab.network.spec import Pair

Plane = NDArray[np.float64]
Shape = Callable[[Plane, Plane], Plane]

GREY = ("", (1.0,))
LIGHT = ("", (1 / 3, 1 / 3, 1 / 3))
OPPONENTS = (
    ("red against green", (0.5, -0.5, 0.0)),
    ("blue against yellow", (-0.25, -0.25, 0.5)),
    ("green against red", (-0.5, 0.5, 0.0)),
    ("yellow against blue", (0.25, 0.25, -0.5)),
)
FLAT = ("spot", "hole", "blob", "the pixel itself", "mean", "checks")
"""What one row or one column can show, beside what points along it."""
DIRECTIONS = ("right", "down right", "down", "down left", "left", "up left", "up", "up right")


class Kernel(msgspec.Struct, frozen=True):
    """One kernel: what it answers to, and its weights (in channels, kernel rows, kernel cols)."""

    label: str
    weights: NDArray[np.float32]


def _along(angle: float, y: Plane, x: Plane) -> Plane:
    """Coordinate along a direction: 0 degrees right, 90 down."""
    return x * math.cos(math.radians(angle)) + y * math.sin(math.radians(angle))


def _bump(y: Plane, x: Plane, width: float) -> Plane:
    return np.exp(-(x**2 + y**2) / (2 * width**2))


def _edge(angle: float, width: float = 0.7) -> Shape:
    return lambda y, x: _along(angle, y, x) * _bump(y, x, width)


def _line(angle: float, sign: float) -> Shape:
    def shape(y: Plane, x: Plane) -> Plane:
        across = _along(angle + 90, y, x)
        ridge = np.exp(-(across**2) / (2 * 0.4**2)) * _bump(y, x, 1.2)
        return sign * (ridge - ridge.mean())

    return shape


def _corner(angle: float, sign: float) -> Shape:
    """A quarter (90 degrees about `angle`) against the rest."""

    def shape(y: Plane, x: Plane) -> Plane:
        inside = np.clip(_along(angle - 45, y, x) + 0.3, 0, 0.6) * np.clip(_along(angle + 45, y, x) + 0.3, 0, 0.6)
        return sign * (inside - inside.mean()) * _bump(y, x, 1.2)

    return shape


def _ring(sign: float) -> Shape:
    """Surround against centre: minus a Laplacian of a Gaussian."""

    def shape(y: Plane, x: Plane) -> Plane:
        centre, wide = _bump(y, x, 0.45), _bump(y, x, 1.0)
        return sign * (centre / centre.sum() - wide / wide.sum())

    return shape


def _blob(width: float) -> Shape:
    return lambda y, x: _bump(y, x, width)


def _saddle(angle: float) -> Shape:
    return lambda y, x: _along(angle, y, x) * _along(angle + 90, y, x) * _bump(y, x, 1.0)


def _checks(sign: float) -> Shape:
    def shape(y: Plane, x: Plane) -> Plane:
        rows, cols = np.indices(y.shape)
        return sign * np.where((rows + cols) % 2 == 0, 1.0, -1.0)

    return shape


def _dot(angle: float | None) -> Shape:
    """All weight in one cell: in the middle, or half-way out in a direction."""

    def shape(y: Plane, x: Plane) -> Plane:
        rows, cols = y.shape
        row, col = rows // 2, cols // 2
        if angle is not None:
            row += round(math.sin(math.radians(angle)) * max(1, rows // 4) * (rows > 1))
            col += round(math.cos(math.radians(angle)) * max(1, cols // 4) * (cols > 1))
        plane = np.zeros(y.shape)
        plane[min(row, rows - 1), min(col, cols - 1)] = 1.0
        return plane

    return shape


def _shapes() -> Iterator[tuple[str, Shape]]:
    """Every kind of kernel, the most telling first."""
    for angle in (0, 90, 45, 135):
        yield f"edge, lighter {DIRECTIONS[angle // 45]}", _edge(angle)
    yield "spot", _ring(1)
    yield "blob", _blob(0.6)
    yield "corner, down right", _corner(45, 1)
    yield "line, vertical", _line(90, 1)
    yield "line, horizontal", _line(0, 1)
    yield "corner, up left", _corner(225, 1)
    yield "line, falling", _line(45, 1)
    yield "line, rising", _line(135, 1)
    for angle in (180, 270, 225, 315):
        yield f"edge, lighter {DIRECTIONS[angle // 45]}", _edge(angle)
    yield "corner, up right", _corner(315, 1)
    yield "corner, down left", _corner(135, 1)
    yield "hole", _ring(-1)
    yield "the pixel itself", _dot(None)
    yield "saddle, upright", _saddle(45)
    yield "saddle, diagonal", _saddle(0)
    yield "checks", _checks(1)
    yield "mean", lambda y, x: np.ones(y.shape)
    for name, angle in (("vertical", 90), ("horizontal", 0), ("falling", 45), ("rising", 135)):
        yield f"dark line, {name}", _line(angle, -1)
    for angle in (45, 225, 315, 135):
        yield f"dark corner, {DIRECTIONS[angle // 45]}", _corner(angle, -1)
    for angle in (0, 90, 180, 270):
        yield f"end, {DIRECTIONS[angle // 45]}", _corner(angle, 1)
        yield f"dark end, {DIRECTIONS[angle // 45]}", _corner(angle, -1)
    yield "checks, swapped", _checks(-1)
    for index, name in enumerate(DIRECTIONS):
        yield f"pixel {name}", _dot(45.0 * index)
    for tenth in range(225, 3600, 450):
        yield f"edge at {tenth / 10:g}°", _edge(tenth / 10)
    for tenth in (225, 675, 1125, 1575):
        yield f"line at {tenth / 10:g}°", _line(tenth / 10, 1)
        yield f"dark line at {tenth / 10:g}°", _line(tenth / 10, -1)
    for angle in range(0, 360, 45):
        yield f"wide edge, lighter {DIRECTIONS[angle // 45]}", _edge(angle, 2.0)
    yield "wide blob", _blob(1.0)
    yield "saddle, upright, dark", _saddle(135)
    yield "saddle, diagonal, dark", _saddle(90)


def _places(kernel: Pair) -> tuple[Plane, Plane]:
    """(y, x) of the cells, the middle of the kernel at 0 and the middle of its rim at 1."""
    rows, cols = ((np.arange(side) - (side - 1) / 2) / max(1.0, (side - 1) / 2) for side in kernel)
    y, x = np.meshgrid(rows, cols, indexing="ij")
    return np.asarray(y, dtype=np.float64), np.asarray(x, dtype=np.float64)


def _scaled(plane: Plane) -> Plane | None:
    """With a largest possible answer of 1 to pixels in [0, 1]; None where nothing is left."""
    if np.abs(plane).max() < 1e-6:
        return None
    if plane.min() < 0 and plane.size > 1 and abs(plane.sum()) < 0.5 * np.abs(plane).sum():
        plane = plane - plane.mean()
        return None if np.abs(plane).max() < 1e-6 else plane / np.abs(plane)[plane > 0].sum()
    return plane / np.abs(plane).sum()


def _flat(label: str) -> bool:
    return label in FLAT or label in {
        f"{kind} {side}" for kind in ("edge, lighter", "pixel") for side in ("right", "down", "left", "up")
    }


@lru_cache(maxsize=64)
def _distinct(kernel: Pair) -> tuple[tuple[str, Plane], ...]:
    """The kernels that this size can tell apart."""
    y, x = _places(kernel)
    found: list[tuple[str, Plane]] = []
    for label, shape in _shapes():
        if min(kernel) == 1 and not _flat(label):
            continue
        plane = _scaled(shape(y, x))
        if plane is None:
            continue
        unit = plane / np.linalg.norm(plane)
        if all(float((unit * other).sum()) < 0.995 * float(np.linalg.norm(other)) for _, other in found):
            found.append((label, plane))
    return tuple(found)


def _planned(kernel: Pair, colour: bool) -> list[tuple[str, Plane, tuple[float, ...]]]:
    """Planes with what they make of the channels. In colour every fourth one weighs colours against each other."""
    planes = _distinct(kernel)
    if not colour:
        return [(label, plane, GREY[1]) for label, plane in planes]
    light = [(label, plane, LIGHT[1]) for label, plane in planes]
    by_label = dict(planes)
    blob = by_label.get("blob", planes[0][1])
    coloured = [(name, blob, mix) for name, mix in OPPONENTS]
    for label, plane in planes:
        if label.startswith("edge, lighter"):
            side = label.removeprefix("edge, lighter ")
            coloured += [(f"edge, {name}, {side}", plane, mix) for name, mix in OPPONENTS[:2]]
    planned: list[tuple[str, Plane, tuple[float, ...]]] = []
    while light or coloured:
        planned += [light.pop(0) for _ in range(min(3, len(light)))]
        planned += [coloured.pop(0) for _ in range(min(1, len(coloured)))]
    return planned


def kernels(count: int, channels: int, kernel: Pair, seed: int = 0) -> tuple[Kernel, ...]:
    """`count` kernels over `channels` incoming channels.

    Parameters
    ----------
    channels : int
        3 is read as red, green and blue; any other number is answered by its mean.
    kernel : (rows, cols)
    seed : int
        Of those that are drawn where the bank has no more that differ at this size ("drawn 1", ...).

    Returns
    -------
    tuple of Kernel
        Weights (channels, rows, cols), float32; the answer to pixels in [0, 1] stays within [-1, 1].
    """
    found: list[Kernel] = []
    for label, plane, mix in _planned(kernel, channels == 3)[:count]:
        weights = np.array(mix if channels in (1, 3) else [1 / channels] * channels)
        found.append(Kernel(label, (weights[:, None, None] * plane).astype(np.float32)))
    random = np.random.default_rng([seed, 0xBA2C])
    for number in range(1, count - len(found) + 1):
        drawn = random.standard_normal((channels, *kernel))
        drawn /= max(float(drawn.clip(0).sum()), -float(drawn.clip(None, 0).sum()))
        found.append(Kernel(f"drawn {number}", drawn.astype(np.float32)))
    return tuple(found)
