"""Experiments as they are run in the window: opened ready to train, trained step by step, and judged."""

from __future__ import annotations

import dataclasses

from shiftlab.learn import own
from shiftlab.learn.course import Course, Live
from shiftlab.learn.experiments import experiment
from shiftlab.learn.plans import Opened, Plan, Taught
from shiftlab.learn.scenes import placed_in
from shiftlab.learn.touched import box_of, dense_over_places, touched_cells
from shiftlab.learn.values import Settings
from shiftlab.measure.jobs import relayed


def opened(plan: Plan) -> Opened:
    """An experiment with its networks, its scene and its settings, before the first step.

    Raises
    ------
    ValueError
        For settings that do not fit; it names the argument and the value.
    """
    if plan.task is not None:
        return own.opened(plan)
    chosen = experiment(plan.experiment)
    start = chosen.start(chosen.planned(plan), plan.seed)
    seen = touched = None
    if start.pixels is not None:
        seen = None if start.corners is None else box_of(start.pixels)
        spec = start.networks[0].spec
        found = dense_over_places(spec)
        touched = None if found is None else touched_cells(spec, start.canvas, start.pixels, found[1])
    settings = _settings(plan, start.settings)
    return Opened(plan, start.networks, start.canvas, placed_in(plan), settings, seen, start.corners, touched)


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
    plan = ready.plan
    if plan.task is not None:
        return (yield from own.live(ready, since))
    chosen = experiment(plan.experiment)
    variant = chosen.planned(plan)
    start = dataclasses.replace(chosen.start(variant, plan.seed), networks=ready.networks, settings=ready.settings)
    course = Course(ready, since, *start.trainers())
    yield from course.steps()
    found = yield from relayed(chosen.tested(variant, start, course.trainers), course.taught)
    judged = chosen.judged(variant, found)
    return course.judged(judged.rows, judged.well, found.untouched_change)


def _settings(plan: Plan, usual: Settings) -> Settings:
    return dataclasses.replace(
        usual,
        rate=usual.rate if plan.rate is None else plan.rate,
        batch=usual.batch if plan.batch is None else plan.batch,
    )
