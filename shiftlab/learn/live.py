"""Experiments as they are run in the window: opened ready to train, trained step by step, and judged."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator
from functools import lru_cache

import msgspec
import numpy as np
import torch

from shiftlab.learn import colour_data, corner, data, face, face_data, own, red_green, twin
from shiftlab.learn.course import Course, Live, change_words, score_row
from shiftlab.learn.data import Labelled
from shiftlab.learn.plans import Opened, Plan, Row, Taught
from shiftlab.learn.scenes import placed_in
from shiftlab.learn.starts import with_zero_biases
from shiftlab.learn.touched import box_of, dense_over_places, seen_pixels, touched_cells, untouched_change
from shiftlab.learn.trainer import Trainer, scored
from shiftlab.learn.values import Progress, Score, Settings
from shiftlab.network.weights import Network

DECAY = 0.1


def opened(plan: Plan) -> Opened:
    """An experiment with its networks, its scene and its settings, before the first step.

    Raises
    ------
    ValueError
        For settings that do not fit; it names the argument and the value.
    """
    return _OPEN[plan.experiment](plan)


def live(ready: Opened, since: Taught | None = None) -> Live:
    """Train what was opened from the weights it starts with, and judge it by its own figures.

    Parameters
    ----------
    ready : Opened
    since : Taught, optional
        Where an earlier run of the same plan was left, at whatever step: it goes on from there and ends with
        the same weights, to the bit, as one that was never stopped.

    Yields
    ------
    Taught
        After every step of the training and of the tests.

    Raises
    ------
    FloatingPointError
        Where the loss is no longer finite.
    ValueError
        For a `since` of another plan.
    """
    return (yield from _LIVE[ready.plan.experiment](ready, since))


def _settings(plan: Plan, usual: Settings) -> Settings:
    return dataclasses.replace(
        usual,
        rate=usual.rate if plan.rate is None else plan.rate,
        batch=usual.batch if plan.batch is None else plan.batch,
    )


# corner


def _variant(plan: Plan) -> corner.Variant:
    return corner.Variant(plan.head, plan.everywhere, plan.bias, plan.random, DECAY if plan.decay else 0.0)


@lru_cache(maxsize=2)
def _corner_images(everywhere: bool, seed: int) -> Labelled:
    return corner.training_images(corner.Variant(everywhere=everywhere), seed)


def _open_corner(plan: Plan) -> Opened:
    variant = _variant(plan)
    spec = corner.spec(variant, plan.seed)
    pixels = seen_pixels(_corner_images(plan.everywhere, plan.seed).images)
    found = dense_over_places(spec)
    touched = touched_cells(spec, corner.CANVAS, pixels, found[1]) if found is not None else None
    (top, left), (bottom, right) = corner.CORNER
    return Opened(
        plan,
        (Network(spec),),
        corner.CANVAS,
        placed_in(plan),
        _settings(plan, corner.settings(variant, plan.seed)),
        None if plan.everywhere else box_of(pixels),
        None if plan.everywhere else (top, bottom + 1, left, right + 1),
        touched,
    )


def _live_corner(ready: Opened, since: Taught | None) -> Live:
    plan = ready.plan
    images = _corner_images(plan.everywhere, plan.seed)
    course = Course(ready, since, Trainer(ready.networks[0], ready.canvas, images, ready.settings))
    training = course.trainers[0]
    yield from course.steps()
    scores = yield from _corner_scores(course)
    change = untouched_change(ready.networks[0], training.network, ready.canvas, seen_pixels(images.images))
    return course.judged(_corner_rows(plan, scores, change), _corner_verdict(plan), change)


def _corner_scores(course: Course) -> Generator[Taught, None, dict[str, Score]]:
    """As `corner.tested`, in many small steps, so that it can be cancelled."""
    forward = course.trainers[0].forward
    tests = data.head_patterns(corner.TEST_IMAGES, data.TEST_SEED)
    few = data.head_patterns(corner.EDGE_IMAGES, data.TEST_SEED + 1)
    edge = corner.far_edge(forward.canvas)
    total = len(corner.PLACES) + len(edge)
    scores: dict[str, Score] = {}
    for place, first in corner.PLACES.items():
        scores[place] = corner.score_at(forward, tests, np.array([first]))
        yield course.taught(Progress(len(scores), total, f"testing: {place.replace('_', ' ')}"))
    found: list[Score] = []
    for first in edge:
        found.append(corner.score_at(forward, few, first[None]))
        if len(found) % 8 == 0:
            yield course.taught(Progress(len(corner.PLACES) + len(found), total, "testing: far edge"))
    scores[corner.FAR_EDGE] = _together(found)
    return scores


def _together(scores: list[Score]) -> Score:
    """Scores of equally many answers, as one."""
    value, ties = (float(np.mean([getattr(one, name) for one in scores])) for name in ("value", "ties"))
    return Score(value, ties, sum(one.count for one in scores))


def _corner_rows(plan: Plan, scores: dict[str, Score], change: float | None) -> tuple[Row, ...]:
    rows: list[Row] = []
    for place, score in scores.items():
        name = place.removesuffix("_mean").replace("_", " ")
        if plan.head != "dense":
            rows.append(score_row(name, "≥ 0.99", score, low=0.99))
        elif plan.everywhere:
            rows.append(score_row(name, "≈ 0.97", score, low=0.83))
        elif place == "upper_left":
            rows.append(score_row(name, "1.00", score, low=0.99))
        elif place == "lower_right":
            clean = not plan.bias and not plan.random
            rows.append(
                score_row(name, "0.50" if not plan.bias else "–", score, *((0.45, 0.55) if clean else (None, None)))
            )
        else:
            rows.append(score_row(name, "–", score))
    if change is not None:
        spoilt = plan.bias or (plan.decay and plan.random)
        holds = change > 0 if spoilt else change == 0
        rows.append(Row("untouched |ΔW|", "above 0" if spoilt else "0", change_words(change), holds))
    return tuple(rows)


def _corner_verdict(plan: Plan) -> str:
    if plan.head != "dense":
        return "it knows them everywhere, though it saw them in one corner."
    if plan.everywhere:
        return "it knows them wherever it has seen them: everywhere."
    if plan.bias or plan.decay or plan.random:
        return "sure where it was trained; elsewhere nothing was learnt that one could rely on."
    return "sure where it was trained, a tie in the far corner: those weights never moved."


# face


@lru_cache(maxsize=2)
def _face_images(seed: int) -> Labelled:
    return face_data.paired(face.PAIRS, seed)


def _open_face(plan: Plan) -> Opened:
    variant = face.Variant(plan.window, plan.deep)
    start = with_zero_biases(Network(face.spec(variant, plan.seed)), face.CANVAS)
    return Opened(plan, (start,), face.CANVAS, placed_in(plan), _settings(plan, face.settings(plan.seed)))


def _live_face(ready: Opened, since: Taught | None) -> Live:
    plan = ready.plan
    course = Course(ready, since, Trainer(ready.networks[0], ready.canvas, _face_images(plan.seed), ready.settings))
    yield from course.steps()
    tests = face_data.paired(face.TEST_PAIRS, data.TEST_SEED)
    logits = yield from course.logits(course.trainers[0], tests.images)
    score = scored(logits, torch.tensor(tests.labels))
    apart = float((logits[: face.TEST_PAIRS] - logits[face.TEST_PAIRS :]).abs().max())
    if plan.window == face.CANVAS[0] and not plan.deep:
        rows = (
            score_row("real or scrambled", "0.50", score, 0.5, 0.5),
            Row("logits apart", "0", f"{apart:.2g}", apart == 0),
        )
        return course.judged(rows, "it cannot tell a face from its parts in disorder.")
    expected, low = ("≈ 0.95", 0.85) if plan.window == 32 and not plan.deep else ("≥ 0.98", 0.98)
    rows = (
        score_row("real or scrambled", expected, score, low),
        Row("logits apart", "above 0", f"{apart:.2g}", apart > 0),
    )
    return course.judged(rows, "where the parts lie is still known.")


# twins


def _twin_trainers(plan: Plan) -> tuple[Trainer, Trainer]:
    return twin.trainers(twin.VARIANTS[plan.twin], plan.seed)


def _open_twin(plan: Plan) -> Opened:
    networks = tuple(trainer.network for trainer in _twin_trainers(plan))
    named = tuple(
        Network(msgspec.structs.replace(one.spec, name=f"twin-{letter}"), one.weights)
        for one, letter in zip(networks, "ab", strict=True)
    )
    return Opened(plan, named, twin.CANVAS, placed_in(plan), twin.settings(plan.seed))


def _live_twin(ready: Opened, since: Taught | None) -> Live:
    plan = ready.plan
    variant = twin.VARIANTS[plan.twin]
    course = Course(ready, since, *_twin_trainers(plan))
    yield from course.steps()
    tests = data.head_patterns(128, data.TEST_SEED)
    rows: list[Row] = []
    for name, trainer, first in zip("AB", course.trainers, (4, 4 + variant.shift), strict=False):
        images = data.on_canvas(tests.images, np.array([[first, first]]), twin.CANVAS)
        logits = yield from course.logits(trainer, images)
        rows.append(score_row(f"{name} where it was trained", "–", scored(logits, torch.tensor(tests.labels))))
    first_twin, second_twin = course.trainers
    apart = twin.difference(first_twin, second_twin, round(variant.shift / twin.STRIDE))
    exact = plan.twin == "on-grid"
    holds = apart <= twin.EXACT if exact else apart > twin.EXACT
    rows.append(Row("|W_B − moved W_A|", "≤ 1e-12" if exact else "above 1e-12", f"{apart:.1e}", holds))
    well = "B's weights are A's, moved along." if exact else "B's weights are not A's, moved along."
    return course.judged(tuple(rows), well)


# red and green


@lru_cache(maxsize=2)
def _colour_images(seed: int) -> Labelled:
    return colour_data.images(red_green.IMAGES, seed)


def _open_colours(plan: Plan) -> Opened:
    network = Network(red_green.spec(red_green.VARIANTS[plan.padding], plan.seed))
    return Opened(plan, (network,), red_green.CANVAS, placed_in(plan), _settings(plan, red_green.settings(plan.seed)))


def _live_colours(ready: Opened, since: Taught | None) -> Live:
    plan = ready.plan
    course = Course(ready, since, Trainer(ready.networks[0], ready.canvas, _colour_images(plan.seed), ready.settings))
    yield from course.steps()
    similar = colour_data.images(red_green.TEST_IMAGES, data.TEST_SEED)
    scores: list[Score] = []
    for name, tests in (("similar", similar), ("swapped", colour_data.swapped(similar))):
        logits = yield from course.logits(course.trainers[0], tests.images, f"testing: {name}")
        scores.append(scored(logits, torch.tensor(tests.labels)))
    plain, other = scores
    if plan.padding in ("circular", "full"):
        same = abs(plain.value - other.value) <= 0.03
        rows = (
            score_row("similar", "–", plain),
            dataclasses.replace(score_row("swapped", "the same", other), holds=same),
        )
        return course.judged(rows, "which half it is does not matter.")
    rows = (
        score_row("similar", "≈ 1.00", plain, low=0.95),
        score_row("swapped", "far below", other, high=plain.value - 0.3),
    )
    return course.judged(rows, "it went by the place, which the border gives away.")


_OPEN = {"corner": _open_corner, "face": _open_face, "twin": _open_twin, "red-green": _open_colours, "own": own.opened}
_LIVE = {"corner": _live_corner, "face": _live_face, "twin": _live_twin, "red-green": _live_colours, "own": own.live}
