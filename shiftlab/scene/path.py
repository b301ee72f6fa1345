"""Ways of a pattern over the canvas: recorded paths, the jump to the opposite corner, the stride's grid."""

from __future__ import annotations

import bisect
import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from shiftlab.scene.resample import stamp
from shiftlab.scene.values import Placed, Position, Scene

TURN_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Path:
    """A way through positions, straight between them.

    Parameters
    ----------
    points : tuple of (row, col)
        At least one, in the order in which they are passed. They are not wrapped: a way over the border
        of a wrapped canvas goes on beyond it.

    Attributes
    ----------
    length : float
        In pixels.

    Raises
    ------
    ValueError
        Where there is no point or one is not finite.
    """

    points: tuple[Position, ...]
    _reached: tuple[float, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.points:
            raise ValueError("a path needs at least one position")
        for point in self.points:
            if not all(math.isfinite(value) for value in point):
                raise ValueError(f"a path's positions must be finite, not {point}")
        reached = [0.0]
        for a, b in pairwise(self.points):
            reached.append(reached[-1] + math.dist(a, b))
        object.__setattr__(self, "_reached", tuple(reached))

    @property
    def length(self) -> float:
        return self._reached[-1]

    def at(self, travelled: float, whole: bool = True) -> Position:
        """The position after so many pixels of the way; beyond its ends, its ends.

        With `whole` it is the nearest whole pixel to the line, but at the path's own points always those.
        """
        if travelled <= 0:
            return self.points[0]
        if travelled >= self.length:
            return self.points[-1]
        after = bisect.bisect_right(self._reached, travelled)
        start, end = self._reached[after - 1], self._reached[after]
        if travelled == start:
            return self.points[after - 1]
        share = (travelled - start) / (end - start)
        a, b = self.points[after - 1], self.points[after]
        row, col = a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
        return (float(math.floor(row + 0.5)), float(math.floor(col + 0.5))) if whole else (row, col)

    @property
    def steps(self) -> tuple[Position, ...]:
        """The whole pixels on the way, each at most one from the one before in either axis."""
        passed = [self.points[0]]
        for a, b in pairwise(self.points):
            count = math.ceil(max(abs(b[0] - a[0]), abs(b[1] - a[1])) - TURN_TOLERANCE)
            for step in range(1, count):
                share = step / count
                row, col = a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
                passed.append((float(math.floor(row + 0.5)), float(math.floor(col + 0.5))))
            if count:
                passed.append(b)
        return tuple(passed)


def recorded(positions: Sequence[Position]) -> Path:
    """A path from the positions of a drag, without the stops."""
    kept: list[Position] = []
    for position in positions:
        if not kept or position != kept[-1]:
            kept.append(position)
    return Path(tuple(kept))


def opposite_corner(scene: Scene, placed: Placed) -> Position:
    """Where a pattern's centre stands when it is carried through the canvas's middle to the other side.

    Its box is mirrored at the middle of the canvas, so that the distance of its first pixel from the
    upper left corner becomes that of its last from the lower right. Whole positions stay whole, and
    carried twice it is where it was.
    """
    height, width = stamp(placed).whole
    row, col = placed.at
    if scene.border == "wrap":
        row, col = row % scene.size[0], col % scene.size[1]
    # First pixel f = at - n // 2 goes to N - n - f.
    return (
        scene.size[0] - height - row + 2 * (height // 2),
        scene.size[1] - width - col + 2 * (width // 2),
    )


def jump(scene: Scene, placed: Placed) -> Path:
    """The straight way to the opposite corner.

    A pattern in the middle of the canvas is its own opposite; it goes to the lower right, where its box
    ends with the canvas.
    """
    start = opposite_corner(scene, dataclasses.replace(placed, at=opposite_corner(scene, placed)))
    end = opposite_corner(scene, placed)
    if end == start:
        height, width = stamp(placed).whole
        end = (float(scene.size[0] - height + height // 2), float(scene.size[1] - width + width // 2))
    return Path((start, end))


def snapped(position: Position, reference: Position, stride: tuple[int, int]) -> Position:
    """The position nearest to `position` whose displacement from `reference` is a multiple of `stride`.

    Raises
    ------
    ValueError
        Where a stride is not positive.
    """
    if min(stride) < 1:
        raise ValueError(f"stride must be 1 or more, not {stride[0]}x{stride[1]}")
    return (
        reference[0] + stride[0] * math.floor((position[0] - reference[0]) / stride[0] + 0.5),
        reference[1] + stride[1] * math.floor((position[1] - reference[1]) / stride[1] + 0.5),
    )
