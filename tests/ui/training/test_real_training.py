"""The course with the real trainer, small: it learns, it is ended anywhere, it goes on, and nothing shown is lost."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator

import msgspec
import numpy as np
import pytest

from shiftlab.learn.plans import Opened, Plan, own
from shiftlab.learn.tasks import Task
from shiftlab.learn.values import Settings
from shiftlab.network.spec import Activation, Conv, Dense, Flatten, MaxPool, NetworkSpec
from shiftlab.network.weights import Network
from shiftlab.opening import opening_document
from shiftlab.scene import patterns
from shiftlab.ui.lab import Lab
from shiftlab.ui.positions.dock import PositionDock
from shiftlab.ui.training.course import Course
from shiftlab.ui.training.runs import seen_in

SPEC = NetworkSpec(
    name="tiny",
    layers=(
        Conv(channels=4, kernel=(5, 5), padding=(2, 2), bias=False),
        Activation(),
        MaxPool(),
        Flatten(),
        Dense(units=2, bias=False, initialisation="zeros"),
    ),
    classes=("ring", "star"),
)
CANVAS = (24, 24)


def task(steps: int, start: str = "initial", network: Network | None = None) -> Plan:
    places = np.zeros(CANVAS, dtype=np.bool_)
    places[5:9, 5:9] = True
    classes = (patterns.builtin("ring"), patterns.builtin("star"))
    settings = Settings(steps=steps, rate=0.01, batch=16, seed=3)
    return own(Task(network or Network(SPEC), classes, CANVAS, 9, places, images=64, start=start, settings=settings))


@pytest.fixture
def lab(qtbot) -> Iterator[Lab]:
    made = Lab(opening_document(SPEC, "ring", size=9, canvas=CANVAS, border="zero"))
    yield made
    made.close()


@pytest.fixture
def course(lab: Lab) -> Iterator[Course]:
    made = Course(lab)
    made.choose_own()
    yield made
    assert made.close(20)


def threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "shiftlab training"]


def trained(qtbot, course: Course) -> None:
    course.train()
    qtbot.waitUntil(lambda: course.state not in ("opening", "running"), timeout=30_000)


def test_it_learns_where_it_is_trained_and_not_elsewhere(qtbot, lab, course):
    course.propose(task(60))
    trained(qtbot, course)
    assert course.state == "done"
    rows = {row.name: row.value for row in course.outcome.rows}
    assert float(rows["where trained"]) >= 0.95
    assert float(rows["elsewhere"].split(",")[0]) <= 0.8
    assert rows["untouched |ΔW|"] == "0"
    assert course.outcome.losses[-1] < 0.2 < course.outcome.losses[0]
    weights = lab.document.networks[0].weights
    assert weights == course.outcome.weights[0]
    seen = course.seen
    rows = np.flatnonzero(seen.any(axis=1)) if isinstance(seen, np.ndarray) else range(seen[0], seen[1])
    assert 0 <= rows[0] <= 2
    assert 11 <= rows[-1] <= 14
    lab.undo()
    assert lab.document.networks[0].weights is None
    lab.redo()
    assert lab.document.networks[0].weights == weights


def test_ended_and_gone_on_with_it_ends_with_the_same_weights_to_the_bit(qtbot, lab, course):
    course.propose(task(24))
    trained(qtbot, course)
    whole = lab.document.networks[0].weights
    course.reset()
    assert lab.document.networks[0].weights is None
    for reached in (1, 5, 6):
        while done(course) < reached:
            before = done(course)
            course.step()
            qtbot.waitUntil(lambda before=before: course.state == "paused" and done(course) > before, timeout=20_000)
        course.cancel()
        assert course.unfinished
    trained(qtbot, course)
    assert course.state == "done"
    assert len(course.outcome.losses) == 24
    assert lab.document.networks[0].weights == whole


def done(course: Course) -> int:
    return 0 if course.taught is None else len(course.taught.losses)


def test_it_does_not_go_on_over_other_weights_or_another_task(qtbot, lab, course):
    course.propose(task(50))
    course.step()
    qtbot.waitUntil(lambda: done(course) == 1, timeout=20_000)
    course.cancel()
    assert course.unfinished
    lab.undo()
    assert not course.unfinished
    lab.redo()
    assert course.unfinished
    course.propose(task(51))
    assert not course.unfinished
    course.propose(task(50))
    assert course.unfinished


def test_from_the_present_weights_each_time(qtbot, lab, course):
    course.propose(task(10))
    trained(qtbot, course)
    first = lab.document.networks[0]
    course.propose(task(10, "present", first))
    trained(qtbot, course)
    second = lab.document.networks[0]
    assert course.ready.networks[0].weights == first.weights
    assert second.weights != first.weights
    trained(qtbot, course)
    assert course.ready.networks[0].weights == second.weights
    course.reset()
    assert lab.document.networks[0].weights == second.weights


@pytest.mark.timeout(120)
def test_ended_twenty_times_at_random_nothing_that_was_shown_is_lost(qtbot, lab, course):
    chance = random.Random(20)
    shown: list[str] = []

    def note(document, _before) -> None:
        if document.networks[0].weights is not None:
            shown.append(document.networks[0].weights.digest)

    lab.changed.connect(note)
    for number in range(20):
        course.propose(task(400 + number))
        course.train()
        qtbot.waitUntil(lambda: course.state == "running", timeout=20_000)
        most = chance.randrange(40)
        qtbot.waitUntil(lambda most=most: course._job.latest.steps >= most, timeout=20_000)
        course.cancel()
        taught = course.taught
        weights = lab.document.networks[0].weights
        if taught is None:
            assert weights is None
        else:
            assert weights == taught.weights[0]
            assert weights.digest == shown[-1]
            assert len(taught.losses) == taught.progress.done
            assert lab.store.undo_label == "Train own patterns"
        if chance.random() < 0.5:
            lab.undo()
            assert lab.document.networks[0].weights != weights or taught is None
            lab.redo()
            assert lab.document.networks[0].weights == weights
        course.reset()
    for one in threads():
        one.join(10)
    assert threads() == []


@pytest.mark.timeout(120)
def test_a_sweep_ended_twenty_times_at_random_keeps_the_map_it_had(qtbot, lab, course):
    chance = random.Random(21)
    dock = PositionDock(lab, course)
    qtbot.addWidget(dock)
    lab.changed.connect(dock.show_document)
    dock.resize(400, 800)
    dock.show()
    dock.set_ready()
    dock._due.setInterval(1)
    halfway = 0
    try:
        for number in range(20):
            lab.edit(lambda document, at=number: document.with_networks((seeded(at),)), "Seed")
            qtbot.waitUntil(lambda: dock.runner.running, timeout=20_000)
            most = chance.randrange(30)
            job = dock.runner._jobs[-1]
            qtbot.waitUntil(lambda job=job, most=most: job.latest.steps >= most or job.latest.ended, timeout=20_000)
            dock.runner.cancel()
            qtbot.waitUntil(lambda job=job: job.latest.ended, timeout=20_000)
            reached = job.latest.step.answer if job.latest.step is not None else ()
            qtbot.waitUntil(
                lambda: not dock.line.button.isVisible() or dock.line.button.text() != "Cancel", timeout=20_000
            )
            if job.latest.outcome == "cancelled" and any(one is not None for one in reached):
                halfway += 1
                assert dock._answer[0].values["accuracy"] is reached[0].values["accuracy"]
                assert dock.maps[0].isVisible()
    finally:
        assert dock.close_jobs(20)
    assert halfway >= 5
    assert [one for one in threading.enumerate() if one.name == "shiftlab positions"] == []


def seeded(seed: int) -> Network:
    return Network(msgspec.structs.replace(SPEC, seed=seed + 1, classes=("cat", "dog")))


def test_what_was_seen_is_a_box_where_it_nearly_fills_one_and_else_its_pixels():
    def opened(pixels: np.ndarray) -> Opened:
        plan = task(1)
        return Opened(plan, (plan.task.network,), CANVAS, (), plan.task.settings, pixels=pixels)

    box, ell, whole = (np.zeros(CANVAS, dtype=np.bool_) for _ in range(3))
    box[2:12, 3:15] = True
    box[2, 3] = False
    ell[2:20, 3:8] = ell[15:20, 3:20] = True
    whole[:] = True
    assert seen_in(opened(box)) == (2, 12, 3, 15)
    assert seen_in(opened(ell)) is ell
    assert seen_in(opened(whole)) is None
