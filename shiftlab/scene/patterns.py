"""The built-in patterns, as they lie in resources/patterns: (H, W, 2) bytes of grey and alpha."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import numpy as np

from shiftlab.resources import resource
from shiftlab.scene.values import Pattern


@cache
def _sizes() -> Mapping[str, int]:
    text = resource("patterns", "patterns.json").read_text(encoding="utf-8")
    return MappingProxyType({str(name): int(size) for name, size in json.loads(text).items()})


def names() -> tuple[str, ...]:
    """Their names, in the order in which they are offered: cat, dog, ..."""
    return tuple(_sizes())


def _require(name: str) -> None:
    if name not in _sizes():
        raise ValueError(f"there is no pattern {name!r}; there are {', '.join(names())}")


def natural_size(name: str) -> int:
    """The size at which a built-in pattern is meant to be seen: its longer side in pixels.

    Raises
    ------
    ValueError
        Where there is no such pattern.
    """
    _require(name)
    return _sizes()[name]


@cache
def builtin(name: str) -> Pattern:
    """A built-in pattern; its master has four times the natural size (a single pixel has one).

    Raises
    ------
    ValueError
        Where there is no such pattern.
    """
    _require(name)
    levels = np.load(resource("patterns", f"{name}.npy")).astype(np.float32) / np.float32(255)
    return Pattern(name, levels[None, ..., 0], levels[..., 1])
