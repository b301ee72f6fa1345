"""The steps of one run as they are told: training, tests, the end; and going on after a cancellation."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass

from shiftlab.learn.plans import Opened, Outcome, Plan, Row, Taught
from shiftlab.learn.trainer import Checkpoint, Trainer, side_by_side
from shiftlab.learn.values import Progress, Score
from shiftlab.network.weights import Weights

Live = Generator[Taught, None, Outcome]


@dataclass(frozen=True, eq=False)
class Reached:
    """What a training needs to go on: `Taught.checkpoint`. Copies, never changed.

    Attributes
    ----------
    plan : whose training it is
    checkpoints : of each trainer
    seconds : that it has taken so far
    """

    plan: Plan
    checkpoints: tuple[Checkpoint, ...]
    seconds: float


class Course:
    """A run under way.

    Parameters
    ----------
    ready : Opened
    since : Taught or None
        Of the same plan, where an earlier run was left: it goes on from there.
    trainers : one for each network, before their first step

    Attributes
    ----------
    losses, accuracies : list of float
        One value a step, of its batch, from the very first.

    Raises
    ------
    ValueError
        For a `since` that is not of this plan.
    """

    def __init__(self, ready: Opened, since: Taught | None, *trainers: Trainer) -> None:
        self.trainers = trainers
        self.losses: list[float] = []
        self.accuracies: list[float] = []
        self._plan = ready.plan
        self._began = time.perf_counter()
        self._kept: tuple[int, tuple[Weights, ...], tuple[Checkpoint, ...]] | None = None
        if since is not None:
            self._go_on(since)

    @property
    def seconds(self) -> float:
        """What it has taken, the runs before it included."""
        return time.perf_counter() - self._began

    def taught(self, progress: Progress) -> Taught:
        """Where it stands, as a value."""
        taken, weights, checkpoints = self._kept or (-1, (), ())
        if taken != self.trainers[0].taken:
            weights = tuple(trainer.weights for trainer in self.trainers)
            checkpoints = tuple(trainer.checkpoint() for trainer in self.trainers)
            self._kept = (self.trainers[0].taken, weights, checkpoints)
        reached = Reached(self._plan, checkpoints, self.seconds)
        return Taught(progress, tuple(self.losses), tuple(self.accuracies), weights, reached)

    def steps(self) -> Generator[Taught]:
        """The training, as far as the settings ask for."""
        for progress in side_by_side(self.trainers):
            if progress.loss is not None and progress.accuracy is not None:
                self.losses.append(progress.loss)
                self.accuracies.append(progress.accuracy)
            yield self.taught(progress)

    def judged(self, rows: tuple[Row, ...], well: str, change: float | None = None) -> Outcome:
        """The end: what the rows say against what was expected."""
        amiss = [f"{row.name} {row.value}, expected {row.expected}" for row in rows if row.holds is False]
        sentence = f"As expected: {well}" if not amiss else f"Not as expected: {'; '.join(amiss)}."
        return self.ended(rows, sentence, not amiss, change)

    def ended(self, rows: tuple[Row, ...], sentence: str, holds: bool | None, change: float | None) -> Outcome:
        """The end, in these words."""
        return Outcome(
            rows,
            sentence,
            holds,
            change,
            tuple(trainer.weights for trainer in self.trainers),
            tuple(self.losses),
            tuple(self.accuracies),
            self.seconds,
        )

    def _go_on(self, since: Taught) -> None:
        reached = since.checkpoint
        if not isinstance(reached, Reached) or reached.plan != self._plan:
            raise ValueError("since must be where a training of this very plan stood")
        for trainer, checkpoint in zip(self.trainers, reached.checkpoints, strict=True):
            trainer.resume(checkpoint)
        self.losses, self.accuracies = list(since.losses), list(since.accuracies)
        self._began -= reached.seconds


def score_row(name: str, expected: str, score: Score, low: float | None = None, high: float | None = None) -> Row:
    """A row of a score; it holds where the score lies from `low` to `high`."""
    holds = None
    if low is not None or high is not None:
        holds = (low is None or score.value >= low) and (high is None or score.value <= high)
    value = f"{score.value:.2f}, tie" if score.tie else f"{score.value:.2f}"
    return Row(name, expected, value, holds)


def change_words(change: float) -> str:
    """The largest change of a weight: "0", and only then, or two digits."""
    return "0" if change == 0 else f"{change:.2g}"
