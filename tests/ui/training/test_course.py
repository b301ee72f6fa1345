"""The course of an experiment: weights shown as they come, kept as one undo entry, nothing lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from shiftlab.learn.plans import Plan
from shiftlab.network.weights import Network
from shiftlab.ui import edits
from shiftlab.ui.lab import Lab
from shiftlab.ui.training.course import Course
from tests.ui.middle import middle
from tests.ui.training.fake_learn import STEPS, FakeLearn, counted


@pytest.fixture
def lab(qtbot) -> Iterator[Lab]:
    made = Lab(middle())
    yield made
    made.close()


@pytest.fixture
def course(lab: Lab, learn: FakeLearn) -> Iterator[Course]:
    made = Course(lab, learn)
    yield made
    learn.free()
    assert made.close(10)


def opened(qtbot, course: Course, plan: Plan | None = None) -> None:
    course.open(plan or Plan())
    qtbot.waitUntil(lambda: course.state == "ready")


def done_steps(course: Course) -> int:
    return 0 if course.taught is None else course.taught.progress.done


class TestOpening:
    def test_scene_and_network_become_its_own_as_one_undo_entry(self, qtbot, lab, course):
        before = lab.document
        opened(qtbot, course)
        document = lab.document
        assert (document.scene.border, document.scene.size) == ("zero", (64, 64))
        assert document.scene == document.reference
        assert document.scene.placed[0].at == (14, 14)
        assert document.scene.placed[0].size == 20
        assert document.networks == course.ready.networks
        lab.undo()
        assert lab.document.scene == before.scene
        assert lab.document.networks == before.networks
        assert not course.present

    def test_another_head_leaves_the_cat_where_it_is(self, qtbot, lab, course):
        opened(qtbot, course)
        lab.edit(lambda document: edits.placed_at(document, (40.0, 30.0)), "Move")
        opened(qtbot, course, Plan(head="gmp"))
        assert lab.document.scene.placed[0].at == (40, 30)
        assert lab.document.networks[0].spec.name == "corner-gmp"

    def test_what_cannot_be_opened_is_said_and_can_be_tried_again(self, qtbot, course, learn):
        learn.open_error = ValueError("batch must be 1 or more, not 0")
        with qtbot.waitSignal(course.refused) as said:
            course.open(Plan())
        assert said.args == ["batch must be 1 or more, not 0"]
        assert course.state == "failed"
        learn.open_error = None
        opened(qtbot, course)

    def test_the_same_again_opens_nothing(self, qtbot, course, learn):
        opened(qtbot, course)
        course.open(Plan())
        assert learn.opens == 1


class TestTraining:
    def test_weights_move_while_it_learns_and_are_one_undo_entry_at_the_end(self, qtbot, lab, course, learn):
        opened(qtbot, course)
        start = lab.document.networks[0]
        course.train()
        learn.allowed.release(2)
        qtbot.waitUntil(lambda: course._job.latest.steps == 2)
        shown = []
        lab.changed.connect(lambda document, _before: shown.append(document.networks[0].weights))
        learn.free()
        qtbot.waitUntil(lambda: course.state == "done")
        assert lab.document.networks[0] == Network(start.spec, counted(start, STEPS))
        assert shown[-1] == counted(start, STEPS)
        assert lab.store.undo_label == "Train corner"
        lab.undo()
        assert lab.document.networks[0] == start
        assert lab.store.undo_label == "Open corner"

    def test_one_step_at_a_time_and_then_on(self, qtbot, lab, course, learn):
        opened(qtbot, course)
        learn.free()
        for number in (1, 2):
            course.step()
            qtbot.waitUntil(lambda number=number: done_steps(course) == number)
            assert course.state == "paused"
            start = course.ready.networks[0]
            assert lab.document.networks[0].weights == counted(start, number)
        course.train()
        qtbot.waitUntil(lambda: course.state == "done")
        assert learn.begun == 1

    def test_paused_goes_on_from_where_it_was(self, qtbot, course, learn):
        opened(qtbot, course)
        course.train()
        learn.allowed.release(1)
        qtbot.waitUntil(lambda: course._job.latest.steps == 1)
        course.pause()
        assert course.state == "paused"
        learn.allowed.release(1)
        qtbot.waitUntil(lambda: done_steps(course) == 2)
        assert course._job.latest.outcome == "paused"
        course.train()
        learn.free()
        qtbot.waitUntil(lambda: course.state == "done")
        assert learn.begun == 1

    def test_cancelled_at_any_step_keeps_the_weights_it_has_reached(self, qtbot, lab, course, learn):
        for reached in range(1, STEPS):
            opened(qtbot, course, Plan(seed=reached))
            course.train()
            learn.allowed.release(reached)
            job = course._job
            qtbot.waitUntil(lambda job=job, reached=reached: job.latest.steps == reached)
            course.cancel()
            assert course.state == "cancelled"
            start = course.ready.networks[0]
            assert lab.document.networks[0].weights == counted(start, reached)
            assert lab.store.undo_label == "Train corner"
            learn.allowed.release(1)  # for the step under way
            assert job.join(10)
            while learn.allowed.acquire(blocking=False):
                pass

    def test_reset_brings_back_the_weights_it_started_with(self, qtbot, lab, course, learn):
        opened(qtbot, course)
        learn.free()
        course.train()
        qtbot.waitUntil(lambda: course.state == "done")
        assert course.trained
        course.reset()
        assert lab.document.networks == course.ready.networks
        assert not course.trained
        assert (course.taught, course.outcome, course.state) == (None, None, "ready")

    def test_trained_again_from_the_same_start(self, qtbot, lab, course, learn):
        opened(qtbot, course)
        learn.free()
        for _ in range(2):
            course.train()
            qtbot.waitUntil(lambda: course.state == "done")
            assert lab.document.networks[0].weights == counted(course.ready.networks[0], STEPS)
        assert learn.begun == 2

    def test_a_failure_is_said_and_what_was_reached_stays(self, qtbot, lab, course, learn):
        learn.fail_at = 3
        opened(qtbot, course)
        learn.free()
        with qtbot.waitSignal(course.refused) as said:
            course.train()
        assert said.args == ["training diverged at step 3: try a smaller rate"]
        assert course.state == "failed"
        assert lab.document.networks[0].weights == counted(course.ready.networks[0], 2)
        learn.fail_at = None
        course.train()
        qtbot.waitUntil(lambda: course.state == "done")

    def test_another_network_ends_it_and_stays(self, qtbot, lab, course, learn):
        opened(qtbot, course)
        course.train()
        learn.allowed.release(1)
        qtbot.waitUntil(lambda: done_steps(course) == 1 or course._job.latest.steps == 1)
        other = middle().networks
        with qtbot.waitSignal(course.refused) as said:
            lab.edit(lambda document: document.with_networks(other), "Network")
        assert "another" in said.args[0]
        assert course.state == "cancelled"
        assert lab.document.networks == other

    def test_a_drag_goes_on_while_weights_come(self, qtbot, lab, course, learn):
        opened(qtbot, course)
        course.train()
        lab.begin()
        for col in range(1, 4):
            lab.during(lambda document, col=col: edits.placed_at(document, (14.0, 14.0 + col)))
            learn.allowed.release(1)
            qtbot.waitUntil(lambda col=col: course._job.latest.steps == col)
        lab.end()
        learn.free()
        qtbot.waitUntil(lambda: course.state == "done")
        assert lab.document.scene.placed[0].at == (14, 17)
        lab.undo()
        assert lab.document.scene.placed[0].at == (14, 17)
        lab.undo()
        assert lab.document.scene.placed[0].at == (14, 14)

    def test_a_lab_that_is_opened_in_the_midst_is_left_alone(self, qtbot, lab, course, learn):
        """Even where it holds the very network that learns, as a session that was kept before the run does."""
        opened(qtbot, course)
        kept = lab.document
        course.train()
        learn.allowed.release(2)
        qtbot.waitUntil(lambda: done_steps(course) >= 1)
        with qtbot.waitSignal(course.refused) as said:
            lab.take(kept)
        assert said.args == ["The training ended: another lab was opened"]
        assert (course.state, course.taught) == ("ready", None)
        learn.free()
        assert course.close(10)
        qtbot.wait(0)
        assert lab.document == kept
        assert lab.store.undo_label is None

    def test_an_experiment_that_is_still_being_opened_makes_way_for_a_lab(self, qtbot, lab, course):
        kept = lab.document
        course.open(Plan())
        lab.take(kept)
        assert (course.state, course.experiment) == ("closed", None)
        assert course.close(10)
        qtbot.wait(0)
        assert lab.document == kept

    def test_other_weights_that_come_in_the_midst_stay(self, qtbot, lab, course, learn):
        """An earlier training is undone, or a kernel is edited."""
        opened(qtbot, course)
        start = lab.document.networks[0]
        learn.free()
        course.train()
        qtbot.waitUntil(lambda: course.state == "done")
        learn.allowed = threading.Semaphore(0)
        course.train()
        learn.allowed.release(2)
        qtbot.waitUntil(lambda: done_steps(course) >= 1)
        reached = lab.document.networks
        lab.undo()
        assert lab.document.networks[0] == start
        with qtbot.waitSignal(course.refused) as said:
            learn.free()
        assert said.args == ["The training ended: the network is another by now"]
        assert course.state == "cancelled"
        assert lab.document.networks[0] == start
        lab.redo()
        assert lab.document.networks == reached

    def test_closed_in_the_midst_keeps_what_was_published(self, qtbot, lab, learn):
        course = Course(lab, learn)
        opened(qtbot, course)
        course.train()
        learn.allowed.release(2)
        qtbot.waitUntil(lambda: done_steps(course) >= 1)
        shown = lab.document.networks[0].weights
        learn.free()
        assert course.close(10)
        assert lab.document.networks[0].weights == shown
        assert lab.store.undo_label == "Train corner"
        course.train()
        course.open(Plan(head="gap"))
        assert learn.begun == 1


class TestSides:
    def test_b_is_trained_beside_a(self, qtbot, lab, course, learn):
        learn.free()
        opened(qtbot, course)
        course.train()
        qtbot.waitUntil(lambda: course.state == "done")
        a = lab.document.networks[0]
        lab.edit(lambda document: document.with_networks((a, a)), "A|B")
        course.choose_side(1)
        opened(qtbot, course, Plan(head="gmp"))
        course.train()
        qtbot.waitUntil(lambda: course.state == "done")
        assert lab.document.networks[0] == a
        assert lab.document.networks[1].spec.name == "corner-gmp"
        assert lab.document.networks[1].weights == counted(course.ready.networks[0], STEPS)
        assert np.isfinite(lab.document.networks[1].weights.arrays["dense1.weight"]).all()

    def test_twins_take_both(self, qtbot, lab, course, learn):
        learn.free()
        opened(qtbot, course, Plan("twin"))
        assert len(lab.document.networks) == 2
        course.train()
        qtbot.waitUntil(lambda: course.state == "done")
        assert all(one.weights == counted(one, STEPS) for one in lab.document.networks)
        lab.undo()
        assert lab.document.networks == course.ready.networks
