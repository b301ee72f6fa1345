"""The networks trained in the corner that ship: which they are, and where their training had the patterns.

Light on purpose, apart from the plans: the window opens on one of them.
"""

from __future__ import annotations

from shiftlab.network import presets
from shiftlab.network.weights import Network

CANVAS = (64, 64)
UPPER_LEFT = (4, 4)
"""The first pixel of a pattern in the middle of where training had it."""
SEEN = (0, 28, 0, 28)
"""First row, end row, first column, end column: patterns of 20 px with first corners up to (8, 8)."""
CORNERED = frozenset({"corner-dense", "corner-gap", "corner-gmp"})


def cornered(name: str) -> bool:
    """Whether a network of this name is one that is trained in the corner."""
    return name in CORNERED


def seen_by(network: Network, canvas: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """The box of the canvas that a network with the weights it ships with has seen, as `SEEN`; None for any other."""
    if not cornered(network.spec.name) or network.weights is None or canvas != CANVAS:
        return None
    return SEEN if presets.with_weights(network.spec).weights == network.weights else None
