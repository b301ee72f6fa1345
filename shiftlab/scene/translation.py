"""The displacement between two scenes: the one vector by which everything moved, where there is one."""

from __future__ import annotations

from dataclasses import dataclass

from shiftlab.scene.values import Placed, Scene


@dataclass(frozen=True)
class Displacement:
    """Present minus reference, in pixels; down and right are positive."""

    rows: float
    cols: float

    @property
    def integer(self) -> bool:
        return float(self.rows).is_integer() and float(self.cols).is_integer()

    @property
    def zero(self) -> bool:
        return self.rows == 0 and self.cols == 0

    def cells(self, stride: tuple[int, int]) -> tuple[float, float]:
        """The same vector in cells of a stage with this cumulative stride."""
        return self.rows / stride[0], self.cols / stride[1]


@dataclass(frozen=True)
class NoDisplacement:
    """Why there is none."""

    reason: str


APART = "the patterns moved apart"
OVER_GROUND = "the object moved alone over its background"
ROUNDING = 1e-9


def _reduced(by: float, side: int) -> float:
    """`by` modulo `side`, in (-side/2, side/2] up to rounding."""
    rest = by % side
    return rest - side if rest > side / 2 + ROUNDING else rest


def displacement(present: Scene, reference: Scene) -> Displacement | NoDisplacement:
    """The vector d for which `present` is `reference` with *all* its patterns moved by d.

    Over a background that is not uniform a moved object is not a moved picture, so there is none
    unless nothing moved. On a wrapped scene d is reduced to (-N/2, N/2] in each axis.
    """
    if (present.size, present.background, present.border) != (reference.size, reference.background, reference.border):
        return NoDisplacement("the canvas itself differs from the reference")
    if len(present.placed) != len(reference.placed):
        return NoDisplacement("the reference holds other patterns")
    if not present.placed:
        return NoDisplacement("no pattern on the canvas")
    vectors: list[tuple[float, float]] = []
    for now, then in zip(present.placed, reference.placed, strict=True):
        if _look(now) != _look(then):
            return NoDisplacement("a pattern looks otherwise than in the reference")
        by = (now.at[0] - then.at[0], now.at[1] - then.at[1])
        if present.border == "wrap":
            by = (_reduced(by[0], present.size[0]), _reduced(by[1], present.size[1]))
        vectors.append(by)
    first = vectors[0]
    if any(abs(by[0] - first[0]) > ROUNDING or abs(by[1] - first[1]) > ROUNDING for by in vectors):
        return NoDisplacement(APART)
    if first != (0, 0) and not present.background.uniform:
        return NoDisplacement(OVER_GROUND)
    return Displacement(_clean(first[0]), _clean(first[1]))


def _clean(value: float) -> float:
    """`value`, or the whole number it misses by rounding alone."""
    return float(round(value)) if abs(value - round(value)) < ROUNDING else value


def _look(one: Placed) -> tuple[object, ...]:
    """All of a pattern but its place."""
    return one.pattern, one.size, one.turn, one.flipped, one.contrast
