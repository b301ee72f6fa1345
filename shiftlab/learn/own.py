"""A task of one's own as it is run in the window: a network of the bench, own patterns, painted places."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Generator, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
import torch

from shiftlab.learn import drawn
from shiftlab.learn.course import Course, Live, change_words, score_row
from shiftlab.learn.data import TEST_SEED, Labelled
from shiftlab.learn.plans import Opened, Outcome, Plan, Row, Taught, own
from shiftlab.learn.proposed import outputs, proposals
from shiftlab.learn.tasks import Mask, Task
from shiftlab.learn.touched import box_of, dense_over_places, touched_cells, untouched_change
from shiftlab.learn.trainer import TEST_BATCH, Trainer, logits_of, require_head, scored
from shiftlab.learn.values import UNTOUCHED, Progress, Run, Score
from shiftlab.measure.jobs import result_of
from shiftlab.network.modules import Forward

KNOWN = 0.95
"""From here on it is said to know them."""
NEAR = 0.05
"""A figure is said to be at chance where it differs from it by no more, or by no more than samples do."""
STUCK, FALLING, BY_HEART, FAR = 0.85, 0.85, 0.2, 3
"""Shares: of the loss of guessing, above which it has told nothing apart; of the loss a fifth of the run before,
below which it is still falling; of the loss of guessing, below which the training images are known. And how many
times the usual rate, or what part of it, is far from it."""
FEWEST, MOST = 32, 256
TESTED = 2**21
"""Pixels of all test images in and of those out of the trained places, within these numbers of places."""
AT_ONCE = 2**18
"""Pixels of the images tested in one step, so that it can be cancelled soon on a large canvas, too."""
INSIDE, OUTSIDE = "where trained", "elsewhere"


@lru_cache(maxsize=1)
def _images(task: Task) -> Labelled:
    return drawn.training_images(task)


def opened(plan: Plan) -> Opened:
    """The task before the first step.

    Raises
    ------
    NetworkError
        One line: trained weights that do not fit the canvas.
    ValueError
        For patterns that cannot be seen on their background.
    """
    task = _task(plan)
    spec, canvas = task.network.spec, task.canvas
    require_head(Forward(task.network, canvas), len(task.classes))
    pixels = drawn.changed_pixels(task, _images(task))
    if not pixels.any():
        raise ValueError("background: none of the patterns can be seen on it")
    found = dense_over_places(spec)
    places = drawn.trained_places(task)
    seen = box_of(pixels)
    return Opened(
        plan,
        (task.network,),
        canvas,
        task.scene().placed,
        task.settings,
        None if seen == (0, canvas[0], 0, canvas[1]) else seen,
        _first_corners(task, places),
        None if found is None else touched_cells(spec, canvas, pixels, found[1]),
        task.background,
        task.border,
        pixels,
    )


def live(ready: Opened, since: Taught | None) -> Live:
    """Trained from its start, or from `since`, and tested inside and outside of the trained places."""
    task = _task(ready.plan)
    images, ground = _images(task), drawn.ground(task)
    wrap = task.border == "wrap"
    training = Trainer(ready.networks[0], ready.canvas, images, ready.settings, ground=ground, wrap=wrap)
    course = Course(ready, since, training)
    yield from course.steps()
    inside = drawn.trained_places(task)
    outside = task.whole & ~inside
    found = yield from _answers(course, task, inside, "testing: where trained")
    others = (yield from _answers(course, task, outside, "testing: elsewhere")) if outside.any() else None
    pixels = ready.pixels if ready.pixels is not None else drawn.changed_pixels(task, images)
    change = untouched_change(ready.networks[0], training.network, ready.canvas, pixels)
    scores = _scores(task, found, others)
    rows = [score_row(f"{name}, {where}" if name else where, "–", score) for (where, name), score in scores.items()]
    if change is not None:
        rows.append(Row("untouched |ΔW|", "–", change_words(change)))
    sentence = verdict(found.score, others.score if others is not None else None, len(task.classes))
    if found.score.value < KNOWN:
        sentence = f"{sentence} {advice(task, course.losses)}"
    return dataclasses.replace(course.ended(tuple(rows), sentence, None, change), scores=MappingProxyType(scores))


def finished(task: Task, told: Callable[[Progress], None] | None = None) -> Outcome:
    """Train a task to its end, as the window does: the same weights, to the bit, on as many threads.

    Raises
    ------
    NetworkError, ValueError
        Where it cannot be trained: one line.
    FloatingPointError
        Where the loss is no longer finite.
    """
    return result_of(live(opened(own(task)), None), lambda taught: told and told(taught.progress))


def as_json(task: Task, outcome: Outcome) -> dict[str, Any]:
    """A run as `shiftlab train own` prints it: what every experiment's has, the classes one by one, and the verdict."""
    places = {where: where.replace(" ", "_") for where in (INSIDE, OUTSIDE) if (where, "") in outcome.scores}
    together = {key: outcome.scores[where, ""] for where, key in places.items()}
    found = Run("own", task.network.spec.name, task.settings.seed, outcome.seconds, together)
    by_class = {name: {key: outcome.scores[where, name].value for where, key in places.items()} for name in task.names}
    return {
        **found.as_json(),
        UNTOUCHED: outcome.untouched_change,
        "classes": by_class,
        "verdict": outcome.sentence,
    }


def verdict(inside: Score, outside: Score | None, classes: int) -> str:
    """What a run has shown, from its own figures.

    Parameters
    ----------
    inside, outside : where patterns stood in training, and elsewhere; None where there is no elsewhere
    classes : int
    """
    other = "" if outside is None else f", {outside.value:.2f} elsewhere"
    if _at_chance(inside, classes):
        return f"Not learnt: at chance even where it saw them ({inside.value:.2f}){other}."
    if inside.value < KNOWN:
        return f"Learnt in part: {inside.value:.2f} where it saw them{other}."
    if outside is None:
        return f"Knows them wherever they can stand ({inside.value:.2f}); it saw them everywhere."
    if outside.value >= KNOWN:
        return f"Knows them everywhere: where it saw them ({inside.value:.2f}) and elsewhere ({outside.value:.2f})."
    return f"Knows them where it saw them ({inside.value:.2f}), {_less(outside, classes)} elsewhere{_figure(outside)}."


def advice(task: Task, losses: Sequence[float]) -> str:
    """What to change where the classes were not learnt, going by how the loss went (one value a step).

    Notes
    -----
    While the loss is about ln(classes), no class is told from another yet. Outputs without a class start
    above that and have to be silenced first, and a head that shares a mean with them stands still meanwhile.
    """
    spec, classes, settings = task.network.spec, len(task.classes), task.settings
    few, guessing = max(len(losses) // 5, 1), math.log(classes)
    last, before = float(np.mean(losses[-few:])), float(np.mean(losses[-2 * few : -few] or losses))
    if last < BY_HEART * guessing:
        how = "more" if settings.shift else "some"
        return f"It knows the very images it saw (loss {last:.2f}), not others like them. Try {how} shift."
    rate = proposals(spec, task.canvas, classes)["rate"]
    if settings.optimiser != "sgd" and not rate / FAR < settings.rate < rate * FAR:
        return f"Its rate was {settings.rate:g}; {rate:g} is usual for this network."
    more = f"more than {len(losses)} steps"
    spare = outputs(spec, task.canvas) - classes
    if last > STUCK * guessing and spare > 0:
        has = "1 of its outputs has" if spare == 1 else f"{spare} of its outputs have"
        return f"{has} no class, and silencing them comes first. Try {more}, or give it {classes} outputs on the bench."
    if last < FALLING * before:
        return f"The loss was still falling. Try {more}."
    if last > STUCK * guessing:
        return f"The loss was still that of guessing ({last:.2f}). Try {more} or another rate, then another network."
    return f"Try {more}, or another rate."


def _at_chance(score: Score, classes: int) -> bool:
    chance = 1 / classes
    near = max(NEAR, 3 * math.sqrt(chance * (1 - chance) / score.count))
    return score.tie or abs(score.value - chance) <= near


def _less(score: Score, classes: int) -> str:
    if _at_chance(score, classes):
        return "at chance"
    return "less well" if score.value > 1 / classes else "worse than chance"


def _figure(score: Score) -> str:
    return f" ({score.value:.2f}, a tie)" if score.tie else f" ({score.value:.2f})"


class _Answered:
    """The logits (N, K) at places, with their labels."""

    def __init__(self, logits: torch.Tensor, labels: torch.Tensor) -> None:
        self._logits, self._labels = logits, labels

    @property
    def score(self) -> Score:
        return scored(self._logits, self._labels)

    def of(self, label: int) -> Score:
        mine = self._labels == label
        return scored(self._logits[mine], self._labels[mine])


def _answers(course: Course, task: Task, places: Mask, words: str) -> Generator[Taught, None, _Answered]:
    """What it answers to one image of each class at some of the places."""
    classes = len(task.classes)
    most = int(np.clip(TESTED // (task.canvas[0] * task.canvas[1] * classes), FEWEST, MOST))
    chosen = drawn.sampled(places, most, TEST_SEED).repeat(classes, axis=0)
    labels = np.arange(len(chosen)) % classes
    random = np.random.default_rng([TEST_SEED, drawn.TEST_STREAM])
    parts: list[torch.Tensor] = []
    batch = int(np.clip(AT_ONCE // (task.canvas[0] * task.canvas[1]), 1, TEST_BATCH))
    for start in range(0, len(chosen), batch):
        part = slice(start, start + batch)
        made = drawn.images(task, chosen[part], labels[part], random)
        parts.append(logits_of(course.trainers[0].forward, made))
        yield course.taught(Progress(min(start + batch, len(chosen)), len(chosen), words))
    return _Answered(torch.cat(parts), torch.tensor(labels))


def _scores(task: Task, found: _Answered, others: _Answered | None) -> dict[tuple[str, str], Score]:
    """By (where, class), all classes together first."""
    both = [(INSIDE, found), *([(OUTSIDE, others)] if others is not None else [])]
    scores = {(where, ""): one.score for where, one in both}
    for label, name in enumerate(task.names):
        scores |= {(where, name): one.of(label) for where, one in both}
    return scores


def _first_corners(task: Task, places: Mask) -> tuple[int, int, int, int] | None:
    """The box of first corners of square patterns, where the trained places are a box and not all there are."""
    box = box_of(places)
    if task.border == "wrap" or not places[box[0] : box[1], box[2] : box[3]].all() or (places == task.whole).all():
        return None
    half = task.size // 2
    return box[0] - half, box[1] - half, box[2] - half, box[3] - half


def _task(plan: Plan) -> Task:
    if plan.task is None:
        raise ValueError(f"a plan of {plan.experiment!r} has no task")
    return plan.task
