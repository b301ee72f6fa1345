"""What an experiment is: where its trainings start, how they are tested, and what is read from that."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Generic, TypeVar

import torch

from shiftlab.learn.data import Labelled
from shiftlab.learn.plans import Box, Plan, Row
from shiftlab.learn.touched import Mask
from shiftlab.learn.trainer import Trainer, side_by_side
from shiftlab.learn.values import UNTOUCHED, Job, Run, Score, Settings
from shiftlab.network.weights import Network

Variant = TypeVar("Variant")


@dataclass(frozen=True, eq=False)
class Start:
    """What a training starts from.

    Attributes
    ----------
    networks : one, or several that are trained side by side
    images : of each network
    settings : Settings
    dtype : torch.float32 or torch.float64
    corners : box of the first corners (row, col) at which patterns stand; None where it is no such box
    pixels : (rows, cols) of the canvas that are not black in any image; None where nobody asks
    """

    networks: tuple[Network, ...]
    images: tuple[Labelled, ...]
    settings: Settings
    dtype: torch.dtype = torch.float32
    corners: Box | None = None
    pixels: Mask | None = None

    @property
    def canvas(self) -> tuple[int, int]:
        rows, cols = self.images[0].images.shape[2:]
        return rows, cols

    def trainers(self) -> tuple[Trainer, ...]:
        """A training of each network that stands before its first step."""
        both = zip(self.networks, self.images, strict=True)
        return tuple(Trainer(network, self.canvas, images, self.settings, self.dtype) for network, images in both)


@dataclass(frozen=True)
class Found:
    """What the tests after a training gave: scores and further figures by name, as in `Run`."""

    scores: Mapping[str, Score]
    figures: Mapping[str, float | None] = field(default_factory=lambda: MappingProxyType[str, float | None]({}))

    @property
    def untouched_change(self) -> float | None:
        return self.figures.get(UNTOUCHED)


@dataclass(frozen=True)
class Judged:
    """What a run's figures say in the window: a row each, and what it means if all of them hold."""

    rows: tuple[Row, ...]
    well: str


@dataclass(frozen=True, eq=False)
class Experiment(Generic[Variant]):
    """One experiment.

    Attributes
    ----------
    name : as on the command line
    variants : by name; `asked` are those that run where none is named
    start : of a variant with a seed
    tested : a variant, its start and its trainers after their last step to what they are worth
    planned : the variant that a plan asks for
    judged : what was found against what was expected of the variant
    """

    name: str
    variants: Mapping[str, Variant]
    asked: tuple[str, ...]
    start: Callable[[Variant, int], Start]
    tested: Callable[[Variant, Start, tuple[Trainer, ...]], Job[Found]]
    planned: Callable[[Plan], Variant]
    judged: Callable[[Variant, Found], Judged]

    def variant(self, name: str) -> Variant:
        """A variant by name.

        Raises
        ------
        ValueError
            For a variant that does not exist.
        """
        if name not in self.variants:
            raise ValueError(f"{self.name} has no variant {name!r}; it has {', '.join(self.variants)}")
        return self.variants[name]

    def run(self, name: str, seed: int) -> Job[Run]:
        """One variant trained and tested.

        Raises
        ------
        ValueError
            For a variant that does not exist.
        """
        variant, started = self.variant(name), time.perf_counter()
        start = self.start(variant, seed)
        trainers = start.trainers()
        yield from side_by_side(trainers)
        found = yield from self.tested(variant, start, trainers)
        return Run(self.name, name, seed, time.perf_counter() - started, found.scores, found.figures)
