"""Pairs of presets that make a point when they stand side by side under one drag."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PresetPair:
    """Two presets, A and B, and what to look for."""

    name: str
    a: str
    b: str
    point: str


PAIRS: tuple[PresetPair, ...] = (
    PresetPair(
        "max against blur",
        "three-blocks",
        "blurpool",
        "One pixel to the right: the blurred pools are off by less, and still off.",
    ),
    PresetPair(
        "zero against circular",
        "zeros",
        "circular",
        "Four pixels at a time, over the border: only zero padding notices.",
    ),
    PresetPair(
        "dense against global",
        "dense-head",
        "gap-head",
        "Four pixels at a time: the dense head's logits change, the global average's hold until the border.",
    ),
)


def pair(name: str) -> PresetPair:
    """The pair of that name.

    Raises
    ------
    ValueError
        Where there is none.
    """
    for one in PAIRS:
        if one.name == name:
            return one
    raise ValueError(f"no pair {name!r}; there are {', '.join(one.name for one in PAIRS)}")
