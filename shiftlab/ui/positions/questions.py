"""What the dock asks of its job: frozen values in, generators of the core behind them, torch only on their thread."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from shiftlab.engine.messages import Progress
from shiftlab.learn.tasks import Task, middle
from shiftlab.network.spec import Pair
from shiftlab.network.weights import Network
from shiftlab.scene.raster import rasterise
from shiftlab.scene.resample import drawn_size, stamp
from shiftlab.scene.values import Background, Placed, Scene
from shiftlab.ui.jobs.reached import Reached, Steps

if TYPE_CHECKING:
    from shiftlab.measure.jobs import Step
    from shiftlab.measure.positions import PositionMap

Tests = Literal["own", "drawn", "canvas"]
"""Which patterns: those of a task of one's own, cats and dogs drawn for the test, or the one on the canvas."""
TEST_IMAGES = 32


@dataclass(frozen=True)
class Unit:
    """One unit of a stage; `reading` is 'mean', 'largest', or a cell."""

    stage: str
    channel: int
    reading: Literal["mean", "largest"] | Pair = "largest"


@dataclass(frozen=True)
class Question:
    """One map for each network: of its answers, or of one unit of the first's.

    Attributes
    ----------
    networks : those that are asked
    placed : the pattern on the canvas, at the reference
    background : of the canvas; the swept object lies on its grey
    canvas : (rows, cols)
    task : whose classes are tried, of 'own' alone
    """

    networks: tuple[Network, ...]
    placed: Placed
    background: Background
    canvas: Pair
    tests: Tests = "drawn"
    unit: Unit | None = None
    task: Task | None = None

    @property
    def size(self) -> Pair:
        """(rows, cols) of the object."""
        if self.task is not None and self.unit is None:
            sizes = [drawn_size(one, self.task.size) for one in self.task.classes]
            return max(rows for rows, _ in sizes), max(cols for _, cols in sizes)
        return whole(self.placed) if self.tests == "canvas" or self.unit is not None else (20, 20)


Answer = tuple["PositionMap | None", ...]
"""One for each network; None where it has not been begun."""


def whole(placed: Placed) -> Pair:
    """(rows, cols) that a pattern takes, as it is turned and sized."""
    return stamp(placed, 1).whole


def patch_of(placed: Placed, channels: int, grey: float) -> NDArray[np.float32]:
    """The pattern on its ground, (C, h, w)."""
    rows, cols = whole(placed)
    at = (float(rows // 2), float(cols // 2))
    alone = Placed(placed.pattern, at, placed.size, placed.turn, placed.flipped, placed.contrast)
    scene = Scene(size=(max(rows, 16), max(cols, 16)), background=Background(grey=grey), placed=(alone,), border="zero")
    return np.ascontiguousarray(rasterise(scene, channels)[:, :rows, :cols])


def label_of(network: Network, placed: Placed) -> int | None:
    """The class that the pattern's name speaks of ('sitting-cat' of 'cat'); None where there is none."""
    name = placed.pattern.name
    return next((at for at, one in enumerate(network.spec.classes) if one and one in name.split("-")), None)


def images_of(task: Task, size: Pair) -> tuple[NDArray[np.float32], list[int]]:
    """Images (N, C, rows, cols) of every class in turn, varied as in training but drawn from another seed."""
    from shiftlab.learn import drawn
    from shiftlab.learn.data import TEST_SEED

    classes = len(task.classes)
    count = -(-TEST_IMAGES // classes) * classes if task.variation else classes
    labels = np.arange(count) % classes
    row, col = middle(task.whole)
    made = drawn.images(task, np.full((count, 2), (row, col)), labels, np.random.default_rng(TEST_SEED))
    top, left = row - size[0] // 2, col - size[1] // 2
    return np.ascontiguousarray(made[:, :, top : top + size[0], left : left + size[1]]), labels.tolist()


def compute(question: Question) -> Steps[Answer]:
    """Answer a question; runs on a job's thread."""
    from shiftlab.measure.jobs import relayed

    known: list[PositionMap | None] = [None] * len(question.networks)
    index = 0

    def of_all(step: Step[PositionMap]) -> Reached[Answer]:
        known[index] = step.partial
        return Reached(Progress(index * step.total + step.done, step.total * len(known)), tuple(known))

    for index, network in enumerate(question.networks):
        known[index] = yield from relayed(_of_one(question, network), of_all)
        yield Reached(Progress(index + 1, len(known)), tuple(known))
    return tuple(known)


def _of_one(question: Question, network: Network) -> Generator[Step[PositionMap], None, PositionMap]:
    """The job that answers for one network."""
    from shiftlab.measure.positions import answers_by_place, unit_by_place
    from shiftlab.network.modules import Forward

    grey, size, unit = question.background.grey, question.size, question.unit
    patch = patch_of(question.placed, network.spec.channels, grey)
    if unit is not None:
        return unit_by_place(network, question.canvas, patch, unit.stage, unit.channel, unit.reading, grey)
    centre = (round(question.placed.at[0]), round(question.placed.at[1]))
    reference = (centre[0] - size[0] // 2, centre[1] - size[1] // 2)
    patterns, labels = patch[None], None
    if question.task is not None:
        patterns, labels = images_of(question.task, size)
    elif question.tests == "drawn":
        from shiftlab.learn import data

        tests = data.head_patterns(TEST_IMAGES, data.TEST_SEED)
        # One of each class in turn, so that half-way figures are fair.
        order = np.stack([np.flatnonzero(tests.labels == kind) for kind in (0, 1)], axis=1).ravel()
        patterns, labels = tests.images[order], [int(one) for one in tests.labels[order]]
    elif (own := label_of(network, question.placed)) is not None:
        labels = [own]
    return answers_by_place(Forward(network, question.canvas), patterns, labels, reference, grey)
