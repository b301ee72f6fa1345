"""What things are called: a channel by what its hand-made kernel answers to, a pattern by a noun."""

from __future__ import annotations

from functools import lru_cache

from shiftlab.network.initial import labels
from shiftlab.network.spec import NetworkError, NetworkSpec
from shiftlab.network.weights import Network


def channel_label(network: Network, stage: str, channel: int) -> str:
    """'edge, lighter down', where the channel's kernel is one of the bank; '' elsewhere and for trained weights."""
    named = _labels(network.spec, stage) if network.weights is None else ()
    return named[channel] if channel < len(named) else ""


def noun(pattern: str) -> str:
    """What a pattern is called after 'the': 'cat', but 'red square'."""
    return f"{pattern} square" if pattern in ("red", "green") else pattern


@lru_cache(maxsize=256)
def _labels(spec: NetworkSpec, stage: str) -> tuple[str, ...]:
    try:
        return labels(spec, stage)
    except NetworkError:
        return ()
