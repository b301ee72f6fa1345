"""Draw mode: strokes of a brush or an eraser that become a pattern."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from shiftlab.scene.values import LARGEST_PATTERN, Pattern, Placed, Position

Tool = Literal["brush", "eraser"]
Array = NDArray[np.float64]
LARGEST_BRUSH = 64


class Stroke(msgspec.Struct, frozen=True):
    """One stroke.

    Parameters
    ----------
    points : tuple of (row, col)
        Where the pointer went, as points of the canvas (pixel i from i to i + 1).
    tool : 'brush' or 'eraser'
    size : float
        Diameter in pixels, 1 to 64; 1 draws single pixels without softness.
    intensity : float
        Grey of the brush, 0 to 1.

    Raises
    ------
    ValueError
        It names the argument and the value.
    """

    points: tuple[Position, ...]
    tool: Tool = "brush"
    size: float = 3.0
    intensity: float = 1.0

    def __post_init__(self) -> None:
        if self.tool not in get_args(Tool):
            raise ValueError(f"tool must be brush or eraser, not {self.tool!r}")
        if not 1 <= self.size <= LARGEST_BRUSH:
            raise ValueError(f"brush size must be 1 to {LARGEST_BRUSH} px, not {self.size}")
        if not 0 <= self.intensity <= 1:
            raise ValueError(f"intensity must be 0 to 1, not {self.intensity}")
        if not np.isfinite(np.array(self.points, dtype=np.float64)).all():
            raise ValueError("a stroke's points must be finite")


class Layer:
    """A canvas-sized layer on which strokes are laid; changed in place while one draws.

    Attributes
    ----------
    grey, alpha : (H, W) float32
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.grey: NDArray[np.float32] = np.zeros(size, dtype=np.float32)
        self.alpha: NDArray[np.float32] = np.zeros(size, dtype=np.float32)

    @classmethod
    def of(cls, size: tuple[int, int], strokes: tuple[Stroke, ...]) -> Layer:
        """The layer after these strokes."""
        layer = cls(size)
        for stroke in strokes:
            layer.add(stroke)
        return layer

    @property
    def empty(self) -> bool:
        return not bool(self.alpha.any())

    def add(self, stroke: Stroke) -> None:
        """Lay a stroke over what is there; the eraser takes away."""
        cover = _cover(stroke, (self.alpha.shape[0], self.alpha.shape[1]))
        if stroke.tool == "eraser":
            np.multiply(self.alpha, 1 - cover, out=self.alpha)
        else:
            left = self.alpha * (1 - cover)
            light = cover * np.float32(stroke.intensity) + self.grey * left
            np.add(cover, left, out=self.alpha)
            np.divide(light, self.alpha, out=self.grey, where=self.alpha > 0)
        self.grey[self.alpha == 0] = 0

    def placed(self, name: str = "drawing") -> Placed | None:
        """What was drawn as a pattern that stands where it was drawn, in its own pixels; None where nothing was.

        The pattern is cut to what is not transparent, at most 512 px of it.
        """
        rows, cols = np.flatnonzero(self.alpha.any(axis=1)), np.flatnonzero(self.alpha.any(axis=0))
        if not len(rows):
            return None
        top, left = int(rows[0]), int(cols[0])
        height, width = int(rows[-1]) + 1 - top, int(cols[-1]) + 1 - left
        part = np.s_[top : top + min(height, LARGEST_PATTERN), left : left + min(width, LARGEST_PATTERN)]
        pattern = Pattern(name, np.clip(self.grey[part], 0, 1)[None], np.clip(self.alpha[part], 0, 1))
        shape = pattern.size
        return Placed(pattern, (float(top + shape[0] // 2), float(left + shape[1] // 2)), size=max(shape))


def _cover(stroke: Stroke, size: tuple[int, int]) -> NDArray[np.float32]:
    """The share of each pixel that a stroke covers."""
    cover = np.zeros(size, dtype=np.float32)
    points = stroke.points if len(stroke.points) > 1 else stroke.points * 2
    for start, end in pairwise(points):
        if stroke.size == 1:
            _pixels(cover, start, end)
        else:
            _capsule(cover, start, end, stroke.size / 2)
    return cover


def _pixels(cover: NDArray[np.float32], start: Position, end: Position) -> None:
    """Mark the pixels on a line, one for each step of its longer axis."""
    first, last = np.floor(start).astype(int), np.floor(end).astype(int)
    steps = int(np.abs(last - first).max())
    cells = np.floor(np.linspace(first, last, steps + 1) + 0.5).astype(int)
    inside = ((cells >= 0) & (cells < cover.shape)).all(axis=1)
    cover[cells[inside, 0], cells[inside, 1]] = 1


def _capsule(cover: NDArray[np.float32], start: Position, end: Position, radius: float) -> None:
    """Raise the cover to that of a thick line with round ends, one pixel soft; only near it is computed."""
    top, left = (max(0, int(np.floor(min(start[i], end[i]) - radius - 1))) for i in (0, 1))
    bottom, right = (min(cover.shape[i], int(np.ceil(max(start[i], end[i]) + radius + 1))) for i in (0, 1))
    if top >= bottom or left >= right:
        return
    row: Array = np.arange(top, bottom, dtype=np.float64)[:, None] + (0.5 - start[0])
    col: Array = np.arange(left, right, dtype=np.float64)[None, :] + (0.5 - start[1])
    along_row, along_col = end[0] - start[0], end[1] - start[1]
    length = along_row**2 + along_col**2
    share = np.clip((row * along_row + col * along_col) / (length or 1.0), 0, 1)
    distance = np.hypot(row - share * along_row, col - share * along_col)
    near = cover[top:bottom, left:right]
    np.maximum(near, np.clip(radius + 0.5 - distance, 0, 1), out=near)
