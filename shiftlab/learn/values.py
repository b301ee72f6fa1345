"""What training says while it goes on and when it is done: frozen values, no torch."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeVar, get_args

Optimiser = Literal["adam", "adamw", "sgd"]
Result = TypeVar("Result")
UNTOUCHED = "untouched_weight_change"
"""A figure: max |change| of the dense weights whose cells met no training pixel."""


@dataclass(frozen=True)
class Settings:
    """How a network is trained.

    Parameters
    ----------
    optimiser : 'adam' (Kingma & Ba 2015), 'adamw' (Loshchilov & Hutter 2019) or 'sgd'
    rate : float
        The learning rate.
    weight_decay : float
        With 'adamw' decoupled: weights shrink by (1 - rate * decay) a step; else added to the gradient.
    momentum : float
        Of 'sgd' alone.
    batch, steps : int
    seed : int
        Of the order of the images and of the shifts; the weights have the network's own.
    shift : int
        Augmentation: every image is moved by up to so many pixels either way, black coming in.

    Raises
    ------
    ValueError
        It names the argument and the value.
    """

    optimiser: Optimiser = "adam"
    rate: float = 3e-3
    weight_decay: float = 0.0
    momentum: float = 0.0
    batch: int = 32
    steps: int = 100
    seed: int = 0
    shift: int = 0

    def __post_init__(self) -> None:
        if self.optimiser not in get_args(Optimiser):
            raise ValueError(f"optimiser must be one of {', '.join(get_args(Optimiser))}, not {self.optimiser!r}")
        if not 0 < self.rate <= 10:
            raise ValueError(f"rate must be above 0 and at most 10, not {self.rate}")
        if not 0 <= self.weight_decay <= 10:
            raise ValueError(f"weight_decay must be 0 to 10, not {self.weight_decay}")
        if not 0 <= self.momentum < 1:
            raise ValueError(f"momentum must be 0 or more and below 1, not {self.momentum}")
        for name, least in (("batch", 1), ("steps", 1), ("seed", 0), ("shift", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be {least} or more, not {getattr(self, name)}")


@dataclass(frozen=True)
class Progress:
    """Where a long job stands.

    Attributes
    ----------
    done, total : int
    words : str
        What it is doing: "training", "testing: far edge".
    loss, accuracy : float or None
        Of the last batch, while it trains; ties count 1/classes.
    """

    done: int
    total: int
    words: str
    loss: float | None = None
    accuracy: float | None = None


Job = Generator[Progress, None, Result]
"""A job goes on as long as it is asked to, and returns what it found; closing it cancels it."""


@dataclass(frozen=True)
class Score:
    """How often a classifier was right.

    Attributes
    ----------
    value : float
        0 to 1. Where the largest logits are exactly equal, it counts as chance among them, never as the
        first class.
    ties : float
        The share of such ties.
    count : int
        Answers scored.
    """

    value: float
    ties: float
    count: int

    @property
    def tie(self) -> bool:
        """Whether every answer was a tie: the network says nothing here."""
        return self.ties == 1


@dataclass(frozen=True)
class Run:
    """One run of an experiment: a variant trained and tested from one seed.

    Attributes
    ----------
    scores : by the name of the place (or of the test)
    figures : further numbers by name, `UNTOUCHED` among them; None where one does not apply
    """

    experiment: str
    variant: str
    seed: int
    seconds: float
    scores: Mapping[str, Score] = field(default_factory=lambda: MappingProxyType[str, Score]({}))
    figures: Mapping[str, float | None] = field(default_factory=lambda: MappingProxyType[str, float | None]({}))

    def as_json(self) -> dict[str, Any]:
        """The run as `shiftlab train --json` prints it."""
        return {
            "variant": self.variant,
            "seed": self.seed,
            "seconds": round(self.seconds, 3),
            "accuracy": {place: score.value for place, score in self.scores.items()},
            "ties": {place: score.ties for place, score in self.scores.items()},
            UNTOUCHED: None,
            **self.figures,
        }
