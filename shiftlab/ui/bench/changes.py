"""What the bench does to a document: another network in a place, a fork, a pair of presets."""

from __future__ import annotations

import dataclasses
from typing import TypeVar

from shiftlab.document import Document, Lenses, StageKey
from shiftlab.network.pairs import PresetPair
from shiftlab.network.presets import preset
from shiftlab.network.weights import Network
from shiftlab.ui import edits

Value = TypeVar("Value")


def with_network(document: Document, side: int, network: Network) -> Document:
    """Another network in place of A (0) or B (1); lenses that speak of stages it has not are let go.

    Raises
    ------
    ValueError
        Where there is no such place.
    """
    if not 0 <= side < len(document.networks):
        raise ValueError(f"there is no network {'AB'[side] if 0 <= side < 2 else side} to change")
    before = document.networks[side]
    if network is before:
        return document
    networks = list(document.networks)
    networks[side] = network
    changed = document.with_networks(tuple(networks))
    if network.spec.active == before.spec.active:
        return changed
    return _without_lost_stages(changed)


def _without_lost_stages(document: Document) -> Document:
    """Lenses that speak only of stages that there are; a pin holds a cell, which may be another one now."""
    there = {(side, name) for side, network in enumerate(document.networks) for name in network.spec.stage_names}
    lenses: Lenses = document.lenses
    return document.with_lenses(
        views={key: view for key, view in lenses.views.items() if key in there},
        hidden=lenses.hidden & there,
        collapsed=lenses.collapsed & there,
        enlarged=lenses.enlarged if lenses.enlarged in there else None,
        channels={key: channel for key, channel in lenses.channels.items() if key in there},
        pin=None,
    )


def forked(document: Document) -> Document:
    """B is a copy of A, beside it; the same document where it is so already."""
    a = document.networks[0]
    return document.with_networks((a, a))


def without_b(document: Document) -> Document:
    """A alone; the same document where there is no B."""
    if len(document.networks) == 1:
        return document
    return _without_lost_stages(document.with_networks(document.networks[:1]))


def swapped(document: Document) -> Document:
    """A and B in each other's place, with what the lenses say of their stages."""
    if len(document.networks) == 1:
        return document
    changed = document.with_networks((document.networks[1], document.networks[0]))
    lenses = document.lenses
    return changed.with_lenses(
        views={_other(key): view for key, view in lenses.views.items()},
        hidden=frozenset(_other(key) for key in lenses.hidden),
        collapsed=frozenset(_other(key) for key in lenses.collapsed),
        enlarged=None if lenses.enlarged is None else _other(lenses.enlarged),
        channels={_other(key): channel for key, channel in lenses.channels.items()},
        pin=None if lenses.pin is None else dataclasses.replace(lenses.pin, network=1 - lenses.pin.network),
    )


def _other(key: StageKey) -> StageKey:
    return 1 - key[0], key[1]


def with_pair(document: Document, pair: PresetPair) -> Document:
    """The two presets of a pair side by side."""
    one = without_b(document)
    one = edits.with_spec(one, preset(pair.a))
    return one.with_networks((one.networks[0], Network(preset(pair.b))))
