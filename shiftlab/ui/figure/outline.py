"""The outline of a set of pixels, along their edges: the ghost of what stands at the reference."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from shiftlab.scene.raster import fraction, nearest, pieces
from shiftlab.scene.resample import stamp
from shiftlab.scene.values import Placed, Scene

SEEN = 0.25
"""Alpha from which a pixel belongs to a pattern's outline."""

Corner = tuple[int, int]
Line = tuple[Corner, ...]


def covered(placed: Placed, size: tuple[int, int], wrap: bool) -> NDArray[np.bool_]:
    """Which pixels of the canvas a pattern covers; one between pixels is taken at the nearest."""
    mask = np.zeros(size, bool)
    made = stamp(placed, 1)
    centre = nearest(placed)
    first = (centre[0] + made.first[0], centre[1] + made.first[1])
    for place, part in pieces(size, first, made.size, wrap):
        mask[place] |= np.asarray(made.alpha[part] >= SEEN)
    return mask


def lines_around(mask: NDArray[np.bool_]) -> tuple[Line, ...]:
    """Closed lines of corners (row, col) along the edges of the pixels of a mask, holes included.

    Each line has what it encloses on its right; only corners at which it turns are given. Where two
    pixels touch at a corner alone their outlines stay apart.
    """
    padded = np.pad(mask, 1)
    inner = padded[1:-1, 1:-1]
    steps: dict[Corner, list[Corner]] = {}
    for edges, start, stop in (
        (inner & ~padded[:-2, 1:-1], (0, 0), (0, 1)),
        (inner & ~padded[1:-1, 2:], (0, 1), (1, 1)),
        (inner & ~padded[2:, 1:-1], (1, 1), (1, 0)),
        (inner & ~padded[1:-1, :-2], (1, 0), (0, 0)),
    ):
        for row, col in zip(*(axis.tolist() for axis in np.nonzero(edges)), strict=True):
            steps.setdefault((row + start[0], col + start[1]), []).append((row + stop[0], col + stop[1]))
    lines: list[Line] = []
    while steps:
        first = next(iter(steps))
        line = [first]
        here, heading = _next(steps, first, None)
        while here != first:
            following, turned = _next(steps, here, heading)
            if turned != heading:
                line.append(here)
            here, heading = following, turned
        lines.append(tuple(line))
    return tuple(lines)


def _next(
    steps: dict[Corner, list[Corner]], here: Corner, heading: tuple[int, int] | None
) -> tuple[Corner, tuple[int, int]]:
    """Take a step from a corner, to the right where there is a choice: (where to, its direction)."""
    choices = steps[here]
    chosen = choices[0]
    if len(choices) > 1 and heading is not None:
        right = (heading[1], -heading[0])
        chosen = next((one for one in choices if (one[0] - here[0], one[1] - here[1]) == right), chosen)
    choices.remove(chosen)
    if not choices:
        del steps[here]
    return chosen, (chosen[0] - here[0], chosen[1] - here[1])


@lru_cache(maxsize=8)
def ghost_lines(scene: Scene) -> tuple[tuple[Line, tuple[float, float]], ...]:
    """The outline of every pattern of a scene, each with the fraction of a pixel by which it stands off."""
    lines: list[tuple[Line, tuple[float, float]]] = []
    for placed in scene.placed:
        off = fraction(placed)
        lines.extend((line, off) for line in lines_around(covered(placed, scene.size, scene.border == "wrap")))
    return tuple(lines)
