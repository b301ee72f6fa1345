"""The training dock in a window, driven with the mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from shiftlab.learn.plans import EXPERIMENTS, Plan, question, title
from shiftlab.network.weights import Network
from tests.ui.pressing import press
from tests.ui.training.fake_learn import STEPS, counted


@pytest.fixture
def dock(window, learn, qtbot):
    window.docks.course._learn = learn
    qtbot.mouseClick(window.docks.rail.buttons["training"], Qt.MouseButton.LeftButton)
    yield window.docks.dock.content("training")
    learn.free()


def opened(qtbot, dock) -> None:
    press(qtbot, dock.entries["corner"].button)
    qtbot.waitUntil(lambda: dock.course.state == "ready")


def test_each_experiment_can_be_opened(qtbot, window, dock):
    assert [entry.button.isVisible() for entry in dock.entries.values()] == [True] * (len(EXPERIMENTS) + 1)
    opened(qtbot, dock)
    assert dock.expected.text().startswith("Expected: sure in the corner")
    assert window.lab.document.networks[0].spec.name == "corner-dense"
    assert dock.train.text() == "Train"
    assert not dock.reset.isEnabled()


def test_train_and_read_the_verdict(qtbot, window, dock, learn):
    opened(qtbot, dock)
    learn.free()
    press(qtbot, dock.train)
    qtbot.waitUntil(lambda: dock.course.state == "done")
    assert dock.verdict.isVisible()
    assert [row.name for row in dock.verdict.rows] == ["upper left", "lower right"]
    assert dock.sentence.text().startswith("Not as expected")
    assert "expected 0.50, this run 0.93" in dock.verdict.accessibleDescription()
    assert dock.train.text() == "Train again"
    assert len(dock.curves.loss.getData()[0]) == STEPS
    assert dock.status.text() == "Done in 1.5 s"
    press(qtbot, dock.reset)
    assert not dock.verdict.isVisible()
    assert window.lab.document.networks == dock.course.ready.networks


def test_the_weights_move_on_the_maps_while_it_learns(qtbot, window, dock, learn):
    opened(qtbot, dock)
    start = dock.course.ready.networks[0]
    press(qtbot, dock.step)
    learn.allowed.release(1)
    qtbot.waitUntil(lambda: dock.course.taught is not None)
    qtbot.waitUntil(lambda: window.bridge.shown.request.document.networks[0] == Network(start.spec, counted(start, 1)))
    assert dock.weights.isVisible()
    change = dock.weights.change.heat.values
    assert change == pytest.approx((2 * 2) ** 0.5)  # each of 2 units and 2 channels went up by 1
    assert dock.weights.untouched == 1
    assert dock.train.text() == "Go on"


def test_controls_open_what_they_say(qtbot, window, dock, learn):
    opened(qtbot, dock)
    press(qtbot, dock.controls.head.buttons["gmp"])
    qtbot.waitUntil(lambda: dock.course.state == "ready" and dock.course.ready.plan == Plan(head="gmp"))
    assert window.lab.document.networks[0].spec.name == "corner-gmp"
    assert "no weights of its own" in dock.weights.words.text()
    press(qtbot, dock.controls.region.buttons["everywhere"])
    qtbot.waitUntil(lambda: dock.course.ready.plan == Plan(head="gmp", everywhere=True))
    qtbot.mouseClick(dock.controls.bias, Qt.MouseButton.LeftButton, pos=dock.controls.bias.rect().center())
    dock.controls.bias.setChecked(True)
    qtbot.waitUntil(lambda: dock.course.ready.plan.bias)
    dock.controls.rate.step_by(2)
    qtbot.waitUntil(lambda: dock.course.ready.plan.rate == pytest.approx(0.005))
    assert dock.controls.rate.value == pytest.approx(0.005)


def test_pause_go_on_and_cancel(qtbot, dock, learn):
    opened(qtbot, dock)
    press(qtbot, dock.train)
    press(qtbot, dock.pause)
    learn.allowed.release(1)
    qtbot.waitUntil(lambda: dock.course.taught is not None)
    assert dock.status.text() == f"Paused at training 1 of {STEPS}"
    press(qtbot, dock.train)
    press(qtbot, dock.cancel)
    assert dock.status.text() == f"Ended at training 1 of {STEPS}; it can go on from there"
    assert not dock.cancel.isVisible()


def test_what_was_ended_goes_on_unless_the_weights_are_others(qtbot, window, dock, learn):
    opened(qtbot, dock)
    press(qtbot, dock.step)
    learn.allowed.release(1)
    qtbot.waitUntil(lambda: dock.course.taught is not None)
    press(qtbot, dock.cancel)
    assert dock.train.text() == "Go on"
    window.actions_.run("edit.undo")
    assert dock.train.text() == "Train"
    assert dock.status.text() == f"Ended at training 1 of {STEPS}"
    window.actions_.run("edit.redo")
    assert dock.train.text() == "Go on"
    learn.free()
    press(qtbot, dock.train)
    qtbot.waitUntil(lambda: dock.course.state == "done")
    assert learn.since.progress.done == 1
    assert len(dock.course.outcome.losses) == STEPS
    assert window.lab.document.networks[0].weights == counted(dock.course.ready.networks[0], STEPS)
    press(qtbot, dock.reset)
    press(qtbot, dock.train)
    qtbot.waitUntil(lambda: dock.course.state == "done")
    assert learn.since is None


def test_b_is_chosen_where_there_are_two(qtbot, window, dock):
    opened(qtbot, dock)
    assert not dock.side.isVisible()
    window.actions_.run("network.ab")
    assert dock.side.isVisible()
    press(qtbot, dock.side.buttons["1"])
    assert dock.course.side == 1


def test_another_network_is_told_and_the_experiment_can_be_opened_again(qtbot, window, dock):
    opened(qtbot, dock)
    window.commands.network.choose("three-blocks")
    assert "another network" in dock.status.text()
    assert not dock.train.isEnabled()
    dock.pick.chosen.emit("corner")
    qtbot.waitUntil(lambda: dock.course.state == "ready" and dock.course.present)
    assert window.lab.document.scene.placed[0].at == (14, 14)


def test_the_answer_of_the_head_is_shown_only_where_there_is_one(qtbot, make_window):
    from shiftlab.engine.messages import HeadValues

    window = make_window()
    answer = window.column.answer
    qtbot.waitUntil(lambda: window.bridge.shown is not None)
    assert answer.height() == 0
    window.column.show_heads([HeadValues(("cat", "dog"), (2.0, -1.0), (0.95, 0.05), (0.5, 0.5))])
    assert answer.height() > 60
    assert answer.accessibleDescription() == "cat 95%, dog 5%"
    window.column.show_heads([None])
    assert answer.height() == 0


def test_what_training_has_seen_is_outlined_on_the_canvas(qtbot, window, dock):
    assert window.canvas.trained is None
    opened(qtbot, dock)
    assert window.canvas.trained == (0, 28, 0, 28)
    window.commands.network.choose("three-blocks")
    assert window.canvas.trained is None
    window.commands.network.choose("corner-dense")
    assert window.canvas.trained == (0, 28, 0, 28)
    assert window.lab.document.networks[0].weights is not None


def test_a_trained_preset_comes_with_the_scene_it_knows(window):
    window.commands.network.choose("corner-gmp")
    scene = window.lab.document.scene
    assert (scene.border, scene.placed[0].size, scene.placed[0].at) == ("zero", 20, (14, 14))
    window.actions_.run("reference.jump")
    at = window.lab.document.scene.placed[0].at
    window.commands.network.choose("corner-dense")
    assert window.lab.document.scene.placed[0].at == at
    window.actions_.run("edit.undo")
    assert window.lab.document.networks[0].spec.name == "corner-gmp"


@pytest.mark.parametrize("page", [*EXPERIMENTS, "own"])
def test_an_action_opens_each_page(qtbot, window, learn, page):
    window.docks.course._learn = learn
    words = "this network" if page == "own" else title(page)
    [found] = [one for one in window.actions_.records.values() if one.text == f"Train: {words}"]
    assert found.tooltip == question(page)
    window.actions_.run(found.id)
    dock = window.docks.dock.content("training")
    assert window.docks.dock.open_id == "training"
    qtbot.waitUntil(lambda: dock.course.state == "ready")
    assert dock.course.experiment == page
    assert dock.pick.isVisible()
    assert dock.own.isVisible() == (page == "own")


def test_the_action_of_an_open_page_leaves_its_run_alone(qtbot, window, dock, learn):
    opened(qtbot, dock)
    press(qtbot, dock.step)
    learn.allowed.release(1)
    qtbot.waitUntil(lambda: dock.course.taught is not None)
    taught = dock.course.taught
    window.actions_.run("training.corner")
    assert dock.course.busy
    assert dock.course.taught is taught


def test_what_is_said_of_another_network_makes_the_page_no_wider(qtbot, window, dock):
    opened(qtbot, dock)
    window.lab.undo()
    assert dock.status.text().startswith("The lab holds another network")
    page = dock.status.parentWidget()
    assert page.minimumSizeHint().width() <= dock.width()
