"""What trained which weights, as long as the window is open, and what such a training has seen."""

from __future__ import annotations

import numpy as np

from shiftlab.learn.plans import Box, Opened
from shiftlab.learn.tasks import Mask
from shiftlab.network.spec import NetworkSpec
from shiftlab.network.weights import Network, Weights

REMEMBERED = 32
NEARLY = 0.85
"""Share of a box that its pixels must fill to be shown as one."""


class Runs:
    """Remembers the last trained networks, and what was open when they were trained."""

    def __init__(self) -> None:
        self._known: dict[tuple[NetworkSpec, Weights], Opened] = {}

    def remember(self, networks: tuple[Network, ...], ready: Opened) -> None:
        for one in networks:
            if one.weights is not None:
                self._known[one.spec, one.weights] = ready
        while len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]

    def behind(self, network: Network) -> Opened | None:
        """What trained a network; None where that is not known."""
        return None if network.weights is None else self._known.get((network.spec, network.weights))


def seen_in(ready: Opened) -> Box | Mask | None:
    """Where a training has seen patterns: a box of the canvas, or the pixels where they are far from one.

    None where that is all of the canvas.
    """
    pixels = ready.pixels
    if pixels is None:
        return ready.seen
    rows, cols = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    if not len(rows):
        return None
    box = int(rows[0]), int(rows[-1]) + 1, int(cols[0]), int(cols[-1]) + 1
    if pixels.sum() < NEARLY * (box[1] - box[0]) * (box[3] - box[2]):
        return pixels
    return None if box == (0, ready.canvas[0], 0, ready.canvas[1]) else box
