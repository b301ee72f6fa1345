"""The network of the bench, trained on patterns and places of one's own: the page, driven with mouse and keys."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt

from shiftlab.learn import tasks
from shiftlab.network import presets
from shiftlab.network.spec import Conv, Dense, GlobalMax, NetworkSpec
from shiftlab.network.weights import Network
from shiftlab.opening import opening_document
from shiftlab.scene import patterns
from shiftlab.scene.values import Background
from shiftlab.ui import edits
from shiftlab.ui.training.draft import first_draft
from tests.ui.pressing import press
from tests.ui.training.fake_learn import STEPS, counted


@pytest.fixture
def window(make_window, qtbot):
    made = make_window(opening_document(presets.preset("dense-head"), "cat", size=20, border="zero"))
    qtbot.waitUntil(lambda: made.bridge.shown is not None)
    return made


@pytest.fixture
def dock(window, learn, qtbot):
    window.docks.course._learn = learn
    qtbot.mouseClick(window.docks.rail.buttons["training"], Qt.MouseButton.LeftButton)
    made = window.docks.dock.content("training")
    press(qtbot, made.entries["own"].button)
    yield made
    learn.free()


@pytest.fixture
def page(dock):
    return dock.own


def to_preset(window, name: str) -> None:
    window.lab.edit(lambda document: edits.with_spec(document, presets.preset(name)), "Network")


class TestDraft:
    def test_every_network_with_a_head_that_ships_can_be_trained_at_once(self):
        with_heads = 0
        for name in presets.names():
            spec = presets.preset(name)
            document = opening_document(spec)
            draft = first_draft(document)
            infos = edits.stages_of(document)[0]
            if infos[-1].kind in tasks.HEADS:
                with_heads += 1
                task = draft.task(document.networks[0], document.scene)
                assert task.standing.any()
                assert min(task.canvas) >= 2 * task.size
        assert with_heads >= 8

    def test_the_networks_own_classes_are_proposed_where_there_are_patterns_of_their_names(self):
        spec = NetworkSpec(
            name="mine", layers=(Conv(channels=2), GlobalMax(), Dense(units=3)), classes=("ring", "disc", "star")
        )
        draft = first_draft(opening_document(spec))
        assert tuple(one.name for one in draft.classes) == ("ring", "disc", "star")
        assert tuple(one.name for one in first_draft(opening_document(presets.preset("lenet"))).classes)[:2]


class TestPage:
    def test_nothing_is_changed_by_opening_it_and_train_is_at_hand(self, window, dock):
        document = window.lab.document
        assert dock.course.experiment == "own"
        assert window.lab.store.undo_label is None
        assert dock.train.isEnabled()
        assert document is window.lab.document
        assert dock.course.plan.task.network.spec.layers == document.networks[0].spec.layers

    def test_one_press_trains_it_and_undo_brings_it_back(self, qtbot, window, dock, learn):
        before = window.lab.document
        learn.free()
        press(qtbot, dock.train)
        qtbot.waitUntil(lambda: dock.course.state == "done")
        network = window.lab.document.networks[0]
        assert network.weights == counted(network, STEPS)
        assert network.spec.classes == ("cat", "dog")
        assert window.lab.document.scene == before.scene
        assert dock.verdict.isVisible()
        assert dock.train.text() == "Train again"
        window.lab.undo()
        assert window.lab.document.networks[0].weights is None

    def test_a_network_without_a_head_is_told_so_and_given_one(self, qtbot, window, dock, page):
        to_preset(window, "three-blocks")
        assert "ends in maps" in page.note.text()
        assert not dock.train.isEnabled()
        assert page.heads.isVisible()
        page.heads.chosen.emit("average")
        assert page.note.text() == ""
        assert not page.heads.isVisible()
        assert dock.train.isEnabled()
        assert window.lab.document.networks[0].spec.stage_names[-2:] == ("globalavg1", "dense1")
        assert window.lab.store.undo_label == "Global average + dense"

    def test_too_few_outputs_are_told_and_added(self, qtbot, window, dock, page):
        for name in ("ring", "star"):
            page.classes.add.chosen.emit(f"builtin:{name}")
        units = edits.stages_of(window.lab.document)[0][-1].channels
        assert (units < 4) == page.outputs.isVisible()
        if units < 4:
            assert not dock.train.isEnabled()
            press(qtbot, page.outputs)
        assert edits.stages_of(window.lab.document)[0][-1].channels >= 4
        assert dock.train.isEnabled()
        assert page.task.names == ("cat", "dog", "ring", "star")

    def test_it_cannot_be_changed_while_it_is_trained(self, qtbot, dock, page, learn):
        press(qtbot, dock.train)
        qtbot.waitUntil(lambda: dock.course.state == "running")
        assert not page.isEnabled()
        press(qtbot, dock.cancel)
        assert page.isEnabled()

    def test_reset_takes_weights_away_that_were_there_before_it_was_opened(self, qtbot, window, dock):
        assert not dock.reset.isEnabled()
        to_preset(window, "corner-dense")
        assert window.lab.document.networks[0].weights is not None
        press(qtbot, dock.reset)
        assert window.lab.document.networks[0].weights is None
        assert not dock.reset.isEnabled()
        window.lab.undo()
        assert window.lab.document.networks[0].weights is not None

    def test_a_ground_that_was_changed_meanwhile_is_trained_on_next(self, qtbot, window, dock, page, learn):
        press(qtbot, dock.train)
        qtbot.waitUntil(lambda: dock.course.state == "running")
        window.lab.edit(lambda document: document.with_background(Background(grey=0.5)), "Ground")
        assert dock.course.plan.task.background.grey == 0
        learn.free()
        qtbot.waitUntil(lambda: dock.course.state == "done")
        assert dock.course.plan.task.background.grey == 0.5
        assert dock.verdict.isVisible()

    def test_b_is_trained_where_it_is_chosen(self, qtbot, window, dock, page, learn):
        a = window.lab.document.networks[0]
        window.lab.edit(lambda document: document.with_networks((a, a)), "A|B")
        press(qtbot, dock.side.buttons["1"])
        learn.free()
        press(qtbot, dock.train)
        qtbot.waitUntil(lambda: dock.course.state == "done")
        assert window.lab.document.networks[0] == a
        assert window.lab.document.networks[1].weights == counted(a, STEPS)
        window.lab.edit(lambda document: document.with_networks((a,)), "Remove B")
        assert dock.course.side == 0
        assert dock.train.isEnabled()


class TestClasses:
    def test_they_are_added_renamed_and_taken_away(self, qtbot, page):
        page.classes.add.chosen.emit("builtin:ring")
        name = page.classes.rows[2].name
        name.setFocus()
        name.selectAll()
        qtbot.keyClicks(name, "hoop")
        qtbot.keyClick(name, Qt.Key.Key_Return)
        assert tuple(one.name for one in page.draft.classes) == ("cat", "dog", "hoop")
        press(qtbot, page.classes.rows[0].remove)
        assert tuple(one.name for one in page.draft.classes) == ("dog", "hoop")
        assert not page.classes.rows[0].remove.isEnabled()

    def test_what_is_drawn_on_the_canvas_is_offered(self, qtbot, window, page):
        canvas = window.canvas
        window.actions_.run("tool.draw")

        def at(row: float, col: float) -> QPoint:
            x, y = canvas.view.centre((row, col))
            return QPoint(round(x), round(y))

        qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=at(40, 10))
        qtbot.mouseMove(canvas, at(48, 20))
        qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=at(48, 20))
        drawn = window.lab.document.scene.placed[-1].pattern
        offered = [action.text() for action in page.classes.add.menu().actions()]
        assert f"{drawn.name}, from the canvas" in offered
        page.classes.add.chosen.emit(f"canvas:{page.classes.add.standing.index(drawn)}")
        assert page.draft.classes[-1] == drawn

    def test_an_image_file_is_taken_and_a_bad_one_refused_in_a_line(self, qtbot, window, page, tmp_path):
        good, bad = tmp_path / "leaf.png", tmp_path / "broken.png"
        Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8) * 4).save(good)
        bad.write_bytes(b"no image")
        page.take_image(good)
        assert page.draft.classes[-1].name == "leaf"
        page.take_image(bad)
        assert window.notice.text == "broken.png: it is not a PNG, JPEG or WebP image"
        assert len(page.draft.classes) == 3

    def test_the_same_picture_or_name_is_refused(self, qtbot, window, page):
        page.classes.with_added(dataclasses.replace(patterns.builtin("dog"), name="hound"))
        assert "same picture" in window.notice.text
        name = page.classes.rows[0].name
        name.setText("dog")
        name.setModified(True)
        name.editingFinished.emit()
        assert "There is a class 'dog' already" in window.notice.text
        assert name.text() == "cat"
        assert tuple(one.name for one in page.draft.classes) == ("cat", "dog")


def test_outputs_beyond_the_classes_are_named_by_their_number():
    document = opening_document(presets.preset("lenet"))
    outputs = edits.stages_of(document)[0][-1].channels
    assert outputs > 2
    named = first_draft(document).task(document.networks[0], document.scene).network.spec.classes
    assert named == ("cat", "dog", *(f"output {number}" for number in range(3, outputs + 1)))


class TestPlaces:
    def test_the_regions(self, qtbot, window, page):
        for place in ("everywhere", "strip", "corner"):
            press(qtbot, page.places.region.buttons[place])
            expected = tasks.REGIONS[place]((64, 64), 20, "zero")
            assert np.array_equal(page.task.places, expected)
            assert np.array_equal(window.canvas.region.mask, expected)
        assert page.places.count.text() == "169 places"

    def test_painted_by_hand_from_the_region_that_was_there(self, qtbot, window, page):
        press(qtbot, page.places.region.buttons["painted"])
        tool = window.docks.region
        assert tool.active
        corner = page.draft.painted
        assert corner[14, 14]
        assert not corner[45, 45]
        x, y = window.canvas.view.centre((45, 45))
        qtbot.mouseClick(window.canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
        assert page.task.places[45, 45]
        assert page.task.places[14, 14]
        assert window.lab.document.scene.placed[0].at == (32, 32)
        press(qtbot, page.places.brush)
        assert not tool.active

    def test_painted_by_numbers(self, qtbot, page):
        press(qtbot, page.places.region.buttons["painted"])
        press(qtbot, page.places.clear)
        assert page.note.text() == "Places are empty: paint where the patterns may stand."
        for field, value in zip((*page.places.rows, *page.places.cols), (40, 43, 50, 54), strict=True):
            field.setFocus()
            field.selectAll()
            qtbot.keyClicks(field, str(value))
            qtbot.keyClick(field, Qt.Key.Key_Return)
        press(qtbot, page.places.add)
        assert page.task.places.sum() == 4 * 5
        assert page.task.places[40:44, 50:55].all()
        assert page.places.count.text() == "20 places"

    def test_what_was_painted_is_taken_back_step_by_step(self, qtbot, window, page):
        press(qtbot, page.places.region.buttons["painted"])
        assert not page.places.undo.isEnabled()
        first = page.draft.painted
        press(qtbot, page.places.clear)
        x, y = window.canvas.view.centre((45, 45))
        qtbot.mouseClick(window.canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
        assert page.draft.painted[45, 45]
        press(qtbot, page.places.undo)
        assert not page.draft.painted.any()
        assert not window.canvas.region.mask.any()
        press(qtbot, page.places.undo)
        assert np.array_equal(page.draft.painted, first)
        assert not page.places.undo.isEnabled()

    def test_places_that_would_cut_the_pattern_are_counted_apart(self, page):
        mask = np.zeros((64, 64), dtype=np.bool_)
        mask[0:12, 30] = True
        page.places.mask_wanted.emit(mask)
        assert page.task.standing.sum() == 2
        assert page.places.count.text() == "2 places, 10 too near the edge"

    def test_the_region_goes_with_the_page(self, qtbot, window, dock, page):
        assert window.canvas.region is not None
        press(qtbot, page.places.region.buttons["painted"])
        window.docks.dock.close_dock()
        assert window.canvas.region is None
        assert not window.docks.region.active
        window.host.toggle_dock("training")
        assert window.canvas.region is not None
        dock.pick.chosen.emit("corner")
        qtbot.waitUntil(lambda: dock.course.state == "ready")
        assert window.canvas.region is None
        assert dock.controls.isVisible()


class TestRecipe:
    def test_the_usual_rate_goes_with_the_head_until_another_is_typed(self, window, page):
        assert page.task.settings.rate == 3e-3
        to_preset(window, "gap-head")
        assert page.task.settings.rate == 1e-2
        to_preset(window, "gmp-head")
        assert page.task.settings.rate == 3e-3
        page.recipe.rate.step_by(3)
        to_preset(window, "gap-head")
        assert page.task.settings.rate == pytest.approx(6e-3)

    def test_what_is_folded_is_unfolded_and_changes_the_settings(self, qtbot, page):
        recipe = page.recipe
        assert not recipe.rate.isVisible()
        press(qtbot, recipe.more)
        press(qtbot, recipe.optimiser.buttons["sgd"])
        assert recipe.momentum.isEnabled()
        for field, value in (
            (recipe.rate, "0.05"), (recipe.momentum, "0.9"), (recipe.decay, "0.01"), (recipe.batch, "8"),
            (recipe.steps, "30"), (recipe.shift, "3"), (recipe.seed, "5"),
        ):  # fmt: skip
            field.setFocus()
            field.selectAll()
            qtbot.keyClicks(field, value)
            qtbot.keyClick(field, Qt.Key.Key_Return)
        settings = page.task.settings
        assert (settings.optimiser, settings.rate, settings.momentum, settings.weight_decay) == ("sgd", 0.05, 0.9, 0.01)
        assert (settings.batch, settings.steps, settings.shift, settings.seed) == (8, 30, 3, 5)

    def test_present_weights_are_offered_where_there_are_any(self, qtbot, window, dock, page, learn):
        assert not page.recipe.start.buttons["present"].isEnabled()
        learn.free()
        press(qtbot, dock.train)
        qtbot.waitUntil(lambda: dock.course.state == "done")
        press(qtbot, page.recipe.start.buttons["present"])
        held = window.lab.document.networks[0]
        press(qtbot, dock.train)
        qtbot.waitUntil(lambda: dock.course.state == "done")
        assert dock.course.ready.plan.task.network == held
        window.lab.edit(
            lambda document: document.with_networks((Network(document.networks[0].spec),)), "Weights of the seed"
        )
        assert page.task.start == "initial"
        assert page.recipe.start.buttons["initial"].isChecked()
        window.lab.undo()
        assert page.task.start == "present"


class TestOutputsToSpare:
    def test_they_are_told_with_the_steps_they_cost_and_can_be_taken_away(self, qtbot, window, dock, page):
        to_preset(window, "aps")
        assert page.note.text() == "2 outputs have no class and must be silenced first, so 300 steps are proposed."
        assert dock.train.isEnabled()
        assert page.recipe.steps.text() == "300"
        typed = page.recipe.steps
        press(qtbot, page.recipe.more)
        typed.setFocus()
        typed.selectAll()
        qtbot.keyClicks(typed, "150")
        qtbot.keyClick(typed, Qt.Key.Key_Return)
        assert page.note.text() == "2 outputs have no class and must be silenced first: allow it more steps."
        window.lab.undo()
        assert page.outputs.text() == "Give it 2 outputs"
        press(qtbot, page.outputs)
        assert edits.stages_of(window.lab.document)[0][-1].channels == 2
        assert page.note.text() == ""
        assert not page.outputs.isVisible()
        assert page.recipe.steps.text() == "100"
        window.lab.undo()
        assert page.recipe.steps.text() == "300"

    def test_a_dense_head_is_not_held_up_by_them(self, window, page):
        to_preset(window, "lenet")
        assert page.note.text() == ""
        assert page.recipe.steps.text() == "100"
