"""What stands under the pointer on a canvas."""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from shiftlab.scene.resample import stamp
from shiftlab.scene.values import Placed, Position, Scene

Corner = Literal["top left", "top right", "bottom left", "bottom right"]
SEEN = 0.05
"""Alpha from which a pattern's pixel counts as part of it."""


class Box(msgspec.Struct, frozen=True):
    """The upright box of a placed pattern in pixels: rows [top, bottom), columns [left, right)."""

    top: float
    left: float
    bottom: float
    right: float

    def holds(self, at: Position) -> bool:
        return self.top <= at[0] < self.bottom and self.left <= at[1] < self.right

    def corners(self) -> tuple[tuple[Corner, Position], ...]:
        return (
            ("top left", (self.top, self.left)),
            ("top right", (self.top, self.right)),
            ("bottom left", (self.bottom, self.left)),
            ("bottom right", (self.bottom, self.right)),
        )


def box_of(one: Placed) -> Box:
    """The upright box around a pattern, turned or not."""
    height, width = stamp(one).whole
    top, left = one.at[0] - height // 2, one.at[1] - width // 2
    return Box(top, left, top + height, left + width)


def alpha_at(one: Placed, at: Position) -> float:
    """The pattern's alpha at a place of the canvas (pixel r covers [r, r + 1)); 0 outside of it."""
    drawn = stamp(one)
    row = math.floor(at[0] - one.at[0]) - drawn.first[0]
    col = math.floor(at[1] - one.at[1]) - drawn.first[1]
    if not (0 <= row < drawn.size[0] and 0 <= col < drawn.size[1]):
        return 0.0
    return float(drawn.alpha[row, col])


def around(scene: Scene, at: Position) -> tuple[Position, ...]:
    """The places that are the same as `at`: itself, and on a wrapped scene its copies on all sides."""
    if scene.border != "wrap":
        return (at,)
    rows, cols = scene.size
    return tuple((at[0] + down * rows, at[1] + across * cols) for down in (0, -1, 1) for across in (0, -1, 1))


def pattern_at(scene: Scene, at: Position) -> int | None:
    """The topmost pattern drawn at this place; where none is, the topmost whose box holds it."""
    places = around(scene, at)
    order = tuple(reversed(tuple(enumerate(scene.placed))))
    for index, one in order:
        if any(alpha_at(one, place) > SEEN for place in places):
            return index
    for index, one in order:
        if any(box_of(one).holds(place) for place in places):
            return index
    return None


def corner_at(scene: Scene, indices: frozenset[int], at: Position, reach: float) -> tuple[int, Corner] | None:
    """The corner handle of a selected pattern within `reach` pixels of `at`."""
    for index in sorted(indices, reverse=True):
        if index >= len(scene.placed):
            continue
        for corner, (row, col) in box_of(scene.placed[index]).corners():
            if max(abs(row - at[0]), abs(col - at[1])) <= reach:
                return index, corner
    return None
