"""Hands on the canvas while something else moves the lab: training, undo, a replay, another session."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from shiftlab.learn.plans import Plan
from shiftlab.network import presets
from shiftlab.opening import opening_document
from shiftlab.ui.lab import Lab
from shiftlab.ui.training.course import Course
from shiftlab.ui.window import Window
from tests.ui.faults.small_learn import STEPS, SmallLearn

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(make_window, qtbot) -> Window:
    """Three blocks before the cat, which stands in the middle."""
    made = make_window(opening_document(presets.preset("three-blocks")))
    qtbot.waitUntil(lambda: made.bridge.shown is not None)
    return made


def at(window: Window, row: float, col: float) -> QPoint:
    x, y = window.canvas.view.centre((row, col))
    return QPoint(round(x), round(y))


def grab(window: Window, row: float, col: float) -> None:
    QTest.mousePress(window.canvas, LEFT, NONE, at(window, row, col))


def move(window: Window, row: float, col: float) -> None:
    QTest.mouseMove(window.canvas, at(window, row, col))


def release(window: Window, row: float, col: float) -> None:
    QTest.mouseRelease(window.canvas, LEFT, NONE, at(window, row, col))


def place(window: Window) -> tuple[float, float]:
    return window.lab.document.scene.placed[0].at


def test_a_view_that_is_chosen_in_the_midst_of_a_drag_stays(window):
    grab(window, 32, 32)
    move(window, 33, 34)
    window.actions_.run("view.left")
    move(window, 35, 36)
    release(window, 35, 36)
    assert place(window) == (35, 36)
    assert window.lab.document.lenses.view == "left"


def test_weights_that_come_in_the_midst_of_a_drag_stay(window):
    lab = window.lab
    network = lab.document.networks[0]
    weights = [opening_document(presets.preset("corner-dense")).networks[0].weights, None]
    grab(window, 32, 32)
    move(window, 33, 34)
    assert lab.store.publish_weights(0, network, weights[0])
    shown = lab.document.networks
    move(window, 35, 36)
    assert lab.document.networks == shown
    release(window, 35, 36)
    assert lab.document.networks == shown
    lab.undo()
    assert (place(window), lab.document.networks) == ((32, 32), shown)


def test_undo_in_the_midst_of_a_drag_takes_it_back_and_the_hand_lets_go(window):
    grab(window, 32, 32)
    move(window, 40, 40)
    window.actions_.run("edit.undo")
    move(window, 45, 45)
    release(window, 45, 45)
    assert place(window) == (32, 32)
    assert not window.lab.gesture
    assert not window.lab.store.in_gesture


def test_another_session_in_the_midst_of_a_drag_is_let_alone(window):
    other = opening_document(presets.preset("seed"), at=(20, 21))
    grab(window, 32, 32)
    move(window, 40, 40)
    window.lab.take(other)
    move(window, 45, 45)
    release(window, 45, 45)
    assert window.lab.document.scene == other.scene
    assert window.lab.store.undo_label is None


def test_who_takes_hold_of_what_is_replayed_has_it(window):
    window.actions_.run("reference.jump")
    assert window.player.playing
    row, col = place(window)
    grab(window, row, col)
    assert window.player.paused
    move(window, row + 3, col - 2)
    window.player.advance()
    release(window, row + 3, col - 2)
    assert not window.lab.gesture


@pytest.fixture
def course(qtbot) -> Iterator[Course]:
    lab = Lab(opening_document(presets.preset("three-blocks")))
    made = Course(lab, SmallLearn())
    yield made
    assert made.close(20)
    lab.close()


def test_cancelled_twenty_times_nothing_that_was_published_is_lost(qtbot, course, monkeypatch):
    """With the real trainer, wherever it stands; a run that was ended goes on, or begins again from the start."""
    monkeypatch.setattr("tests.ui.faults.small_learn.PACE", 0.0)
    lab = course._lab
    published: list[object] = []
    publish = lab.store.publish_weights

    def noting(index, network, weights):
        published.append(weights)
        return publish(index, network, weights)

    monkeypatch.setattr(lab.store, "publish_weights", noting)
    course.open(Plan())
    qtbot.waitUntil(lambda: course.state == "ready", timeout=30_000)
    reached = set()
    for number in range(20):
        course.train()
        qtbot.waitUntil(lambda: course._job is None or course._job.latest.steps > 0, timeout=30_000)
        threading.Event().wait(0.002 * number)
        course.cancel()
        assert course.state in ("cancelled", "done")
        assert lab.document.networks[0].weights == published[-1]
        assert lab.store.undo_label == "Train corner"
        reached.add(0 if course.taught is None else course.taught.progress.done)
        before = lab.document
        lab.undo()
        lab.redo()
        assert lab.document == before
        if number % 4 == 3 or course.state == "done":
            course.reset()
            assert lab.document.networks == course.ready.networks
    assert len(reached) > 5, "always ended at the same step"
    assert max(reached) <= STEPS
