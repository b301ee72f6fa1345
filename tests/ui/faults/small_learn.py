"""Experiments on a network so small that a step takes milliseconds, with the real trainer and real weights."""

from __future__ import annotations

import threading
from collections.abc import Generator

import numpy as np

from shiftlab.learn.plans import Opened, Outcome, Plan, Row, Taught
from shiftlab.learn.scenes import CANVAS, scene_of
from shiftlab.learn.values import Settings
from shiftlab.network.spec import Activation, Conv, Dense, Flatten, GlobalMax, MaxPool, NetworkSpec
from shiftlab.network.weights import Network

STEPS = 60
PACE = 0.01
"""Seconds between two steps, so that a run lasts as long as a person needs to disturb it."""


def small(plan: Plan, name: str) -> Network:
    head = Flatten() if plan.head == "dense" else GlobalMax()
    body = (Conv(channels=2, padding=(1, 1), bias=plan.bias), Activation(), MaxPool())
    return Network(
        NetworkSpec(
            name=name, layers=(*body, head, Dense(units=2, bias=False)), seed=plan.seed, canvas=CANVAS,
            classes=("cat", "dog"),
        )
    )  # fmt: skip


class SmallLearn:
    """What `Course` opens and trains with; torch is imported on the job's thread."""

    def opened(self, plan: Plan) -> Opened:
        names = ("twin-a", "twin-b") if plan.experiment == "twin" else (f"small-{plan.head}",)
        touched = np.zeros((32, 32), dtype=np.bool_)
        touched[:15, :15] = True
        settings = Settings(steps=STEPS, batch=4, seed=plan.seed)
        placed = scene_of(Plan("corner")).placed
        networks = tuple(small(plan, name) for name in names)
        return Opened(plan, networks, CANVAS, placed, settings, (0, 28, 0, 28), (0, 9, 0, 9), touched)

    def live(self, ready: Opened, since: Taught | None = None) -> Generator[Taught, None, Outcome]:
        from shiftlab.learn.course import Course
        from shiftlab.learn.data import Labelled
        from shiftlab.learn.trainer import Trainer

        numbers = np.random.default_rng(ready.plan.seed)
        images = numbers.random((8, 1, *ready.canvas), dtype=np.float32)
        data = Labelled(images, np.arange(8) % 2)
        course = Course(
            ready, since, *(Trainer(network, ready.canvas, data, ready.settings) for network in ready.networks)
        )
        pace = threading.Event()
        for taught in course.steps():
            pace.wait(PACE)
            yield taught
        return course.judged((Row("upper left", "1.00", "1.00", True),), "it is.", 0.0)
