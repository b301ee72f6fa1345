"""Experiments that need no torch: weights that count the steps, one at a time as a lock is released."""

from __future__ import annotations

import threading
from collections.abc import Generator

import numpy as np

from shiftlab.learn.plans import Opened, Outcome, Plan, Row, Taught
from shiftlab.learn.scenes import CANVAS, scene_of
from shiftlab.learn.values import Progress, Settings
from shiftlab.network.initial import initial_weights
from shiftlab.network.spec import Activation, Conv, Dense, Flatten, GlobalMax, MaxPool, NetworkSpec
from shiftlab.network.weights import Network, Weights

STEPS = 5


def spec(plan: Plan) -> NetworkSpec:
    head = Flatten() if plan.head == "dense" else GlobalMax()
    body = (Conv(channels=2, padding=(1, 1), bias=plan.bias), Activation(), MaxPool())
    return NetworkSpec(
        name=f"corner-{plan.head}",
        layers=(*body, head, Dense(units=2, bias=False)),
        seed=plan.seed,
        canvas=CANVAS,
        classes=("cat", "dog"),
    )


def counted(network: Network, steps: int) -> Weights:
    """The weights after so many steps: each is larger by 1 a step."""
    start = initial_weights(network.spec, CANVAS).arrays
    return Weights({name: array + np.float32(steps) for name, array in start.items()})


class FakeLearn:
    """Opens at once; takes a step of training for each release of `allowed`."""

    def __init__(self, fail_at: int | None = None) -> None:
        self.allowed = threading.Semaphore(0)
        self.fail_at = fail_at
        self.opens = 0
        self.open_error: Exception | None = None
        self.begun = 0
        self.since: Taught | None = None

    def free(self) -> None:
        """Let everything run."""
        self.allowed.release(1000)

    def opened(self, plan: Plan) -> Opened:
        self.opens += 1
        if self.open_error is not None:
            raise self.open_error
        if plan.task is not None:
            return Opened(plan, (plan.task.network,), plan.task.canvas, (), Settings(steps=STEPS))
        touched = np.zeros((32, 32), dtype=np.bool_)
        touched[:15, :15] = True
        names = 2 if plan.experiment == "twin" else 1
        networks = tuple(Network(spec(plan)) for _ in range(names))
        settings = Settings(steps=STEPS, seed=plan.seed, rate=plan.rate or 3e-3, batch=plan.batch or 32)
        placed = scene_of(Plan("corner")).placed
        return Opened(plan, networks, CANVAS, placed, settings, (0, 28, 0, 28), (0, 9, 0, 9), touched)

    def live(self, ready: Opened, since: Taught | None = None) -> Generator[Taught, None, Outcome]:
        self.begun += 1
        self.since = since
        losses = [] if since is None else list(since.losses)
        weights: tuple[Weights, ...] = ()
        for step in range(len(losses) + 1, STEPS + 1):
            self.allowed.acquire()
            if step == self.fail_at:
                raise FloatingPointError(f"training diverged at step {step}: try a smaller rate")
            losses.append(1.0 / step)
            weights = tuple(counted(network, step) for network in ready.networks)
            yield Taught(Progress(step, STEPS, "training"), tuple(losses), tuple(losses), weights, checkpoint=step)
        rows = (Row("upper left", "1.00", "1.00", True), Row("lower right", "0.50", "0.93", False))
        return Outcome(rows, "Not as expected: lower right 0.93, expected 0.50.", False, 0.0, weights,
                       tuple(losses), tuple(losses), 1.5)  # fmt: skip
