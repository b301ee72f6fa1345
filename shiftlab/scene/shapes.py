"""Shapes as signed distances, and a painter that lays them over one another (numpy only).

A distance is negative inside a shape and positive outside, in the units of the coordinates; `x` runs
right and `y` down. Everything broadcasts, so that a batch of shapes is drawn at once: parameters of
shape (N, 1, 1) with coordinates of shape (H, W) or (N, H, W) give (N, H, W).

The formulae are the well-known ones of implicit modelling (a segment's, a polygon's distance); the
ellipse's is the first-order one, f / |grad f|, which is exact on the outline itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Number = float | Array
TINY = 1e-9


def grid(height: int, width: int, scale: float) -> tuple[Array, Array]:
    """Coordinates (x, y) of the pixel centres of a (height, width) image with `scale` pixels a unit."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    return (x + 0.5) / scale, (y + 0.5) / scale


def turned(x: Array, y: Array, centre: tuple[float, float], degrees: Number) -> tuple[Array, Array]:
    """Coordinates in which a shape appears turned by `degrees` counter-clockwise about `centre` (x, y)."""
    angle = np.deg2rad(np.asarray(degrees, dtype=np.float64))
    cos, sin = np.cos(angle), np.sin(angle)
    right, down = x - centre[0], y - centre[1]
    return centre[0] + cos * right - sin * down, centre[1] + sin * right + cos * down


def ellipse(x: Array, y: Array, cx: Number, cy: Number, rx: Number, ry: Number) -> Array:
    """Distance to an ellipse, of first order."""
    u, v = (x - cx) / rx, (y - cy) / ry
    level = np.sqrt(u * u + v * v)
    slope = np.sqrt((u / rx) ** 2 + (v / ry) ** 2)
    inside = -np.minimum(np.asarray(rx), np.asarray(ry)) * np.ones_like(level)
    return np.where(slope > TINY, level * (level - 1) / np.maximum(slope, TINY), inside)


def segment(x: Array, y: Array, start: tuple[Number, Number], end: tuple[Number, Number], radius: Number) -> Array:
    """Distance to a line segment with round ends."""
    ax, ay = np.asarray(start[0]), np.asarray(start[1])
    bx, by = np.asarray(end[0]) - ax, np.asarray(end[1]) - ay
    px, py = x - ax, y - ay
    along = np.clip((px * bx + py * by) / np.maximum(bx * bx + by * by, TINY), 0, 1)
    return np.hypot(px - along * bx, py - along * by) - radius


def line(x: Array, y: Array, points: Sequence[tuple[float, float]], radius: float, end: float | None = None) -> Array:
    """Distance to a line through `points`, as thick as `radius` at its start and `end` at its end."""
    radii = np.linspace(radius, radius if end is None else end, len(points))
    parts = [segment(x, y, a, b, (radii[i] + radii[i + 1]) / 2) for i, (a, b) in enumerate(pairwise(points))]
    return np.minimum.reduce(parts)


def curve(points: Sequence[tuple[float, float]], steps: int = 12) -> list[tuple[float, float]]:
    """A smooth line through `points` (Catmull-Rom), as many short pieces."""
    held = np.array([points[0], *points, points[-1]], dtype=np.float64)
    found: list[tuple[float, float]] = []
    for i in range(1, len(held) - 2):
        p0, p1, p2, p3 = held[i - 1 : i + 3]
        for t in np.arange(steps) / steps:
            at = 0.5 * (
                2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3
            )
            found.append((float(at[0]), float(at[1])))
    found.append((float(held[-1][0]), float(held[-1][1])))
    return found


def arc(
    centre: tuple[float, float], radius: float, first: float, last: float, steps: int = 24
) -> list[tuple[float, float]]:
    """Points of a circle's arc from angle `first` to `last` in degrees, counter-clockwise from the right."""
    angles = np.deg2rad(np.linspace(first, last, steps))
    return [(centre[0] + radius * float(np.cos(a)), centre[1] - radius * float(np.sin(a))) for a in angles]


def polygon(x: Array, y: Array, points: Sequence[tuple[Number, Number]]) -> Array:
    """Distance to a closed polygon."""
    nearest: Array | None = None
    inside: NDArray[np.bool_] | None = None
    for i, (ax, ay) in enumerate(points):
        bx, by = points[i - 1]
        apart = segment(x, y, (ax, ay), (bx, by), 0.0)
        nearest = apart if nearest is None else np.minimum(nearest, apart)
        # Even-odd rule: a ray to the right crosses this side.
        ay_, by_ = np.asarray(ay, dtype=np.float64), np.asarray(by, dtype=np.float64)
        ax_, bx_ = np.asarray(ax, dtype=np.float64), np.asarray(bx, dtype=np.float64)
        rise = np.where(by_ == ay_, TINY, by_ - ay_)
        crosses = ((ay_ > y) != (by_ > y)) & (x < (bx_ - ax_) * (y - ay_) / rise + ax_)
        inside = crosses if inside is None else inside ^ crosses
    if nearest is None or inside is None:
        raise ValueError("a polygon needs points")
    return np.where(inside, -nearest, nearest)


def box(x: Array, y: Array, left: float, top: float, right: float, bottom: float, rounding: float = 0.0) -> Array:
    """Distance to an upright rectangle with rounded corners."""
    u = np.abs(x - (left + right) / 2) - ((right - left) / 2 - rounding)
    v = np.abs(y - (top + bottom) / 2) - ((bottom - top) / 2 - rounding)
    return np.hypot(np.maximum(u, 0), np.maximum(v, 0)) + np.minimum(np.maximum(u, v), 0) - rounding


class Painter:
    """A grey picture with transparency on which shapes are laid one over another.

    Parameters
    ----------
    shape : tuple of int
        Of the picture, (H, W) or (N, H, W).
    scale : float
        Pixels a unit: an outline is one pixel soft.

    Attributes
    ----------
    alpha : coverage, 0 to 1
    light : grey times alpha
    """

    def __init__(self, shape: tuple[int, ...], scale: float) -> None:
        self.light: Array = np.zeros(shape)
        self.alpha: Array = np.zeros(shape)
        self._scale = scale

    def cover(self, distance: Array) -> Array:
        """The share of each pixel that lies inside, 0 to 1."""
        return np.clip(0.5 - distance * self._scale, 0, 1)

    def add(self, distance: Array, grey: Number, strength: float = 1.0) -> None:
        """Lay a shape over what is there."""
        cover = self.cover(distance) * strength
        self.light = self.light * (1 - cover) + cover * grey
        self.alpha = self.alpha * (1 - cover) + cover

    def tint(self, distance: Array, grey: Number, strength: float = 1.0) -> None:
        """Colour what is there, inside a shape, without adding to the silhouette."""
        cover = self.cover(distance) * strength
        self.light = self.light * (1 - cover) + cover * self.alpha * grey

    @property
    def grey(self) -> Array:
        """The colour itself, 0 where nothing was drawn."""
        return np.where(self.alpha > 0, self.light / np.maximum(self.alpha, TINY), 0.0)
