"""Weights to start from that a spec alone does not give."""

from __future__ import annotations

import numpy as np

from shiftlab.network.initial import materialise
from shiftlab.network.weights import Network, Weights


def with_zero_biases(network: Network, canvas: tuple[int, int]) -> Network:
    """The network with its weights as they are and every bias 0."""
    arrays = materialise(network, canvas).arrays
    return Network(
        network.spec,
        Weights({name: np.zeros_like(array) if name.endswith(".bias") else array for name, array in arrays.items()}),
    )
