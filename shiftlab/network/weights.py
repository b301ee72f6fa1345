"""Weights as values, and a network as a spec with its weights."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from shiftlab.network.spec import NetworkSpec


@dataclass(frozen=True, eq=False)
class Weights:
    """Read-only float32 arrays keyed 'conv1.weight', 'conv1.bias', 'dense1.weight', ..., equal by content.

    Shapes are torch's: conv (out, in / groups, kh, kw), dense (units, C * H * W); norm has weight,
    bias, mean and variance of (C,).
    """

    arrays: Mapping[str, NDArray[np.float32]]
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        frozen: dict[str, NDArray[np.float32]] = {}
        content = hashlib.sha256()
        for name in sorted(self.arrays):
            array = self.arrays[name]
            if array.flags.writeable or array.dtype != np.float32 or not array.flags.c_contiguous:
                array = np.array(array, dtype=np.float32, order="C")
                array.flags.writeable = False
            if not np.isfinite(array).all():
                raise ValueError(f"weights {name} hold values that are not finite")
            frozen[name] = array
            content.update(f"{name}|{array.shape}|".encode())
            content.update(array.tobytes())
        object.__setattr__(self, "arrays", MappingProxyType(frozen))
        object.__setattr__(self, "digest", content.hexdigest())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Weights) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


@dataclass(frozen=True)
class Network:
    """A spec and its trained weights; without them, weights follow from the spec's seed and the canvas."""

    spec: NetworkSpec
    weights: Weights | None = None
