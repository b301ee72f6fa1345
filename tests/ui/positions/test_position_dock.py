"""The position map dock: what it asks, what it shows half way, and where a click puts the pattern."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea

from shiftlab.engine.messages import Progress
from shiftlab.learn.plans import Plan
from shiftlab.learn.scenes import scene_of
from shiftlab.measure.jobs import result_of
from shiftlab.measure.sweep import sweep
from shiftlab.network import presets
from shiftlab.network.modules import Forward
from shiftlab.network.spec import Conv, Dense, Flatten, GlobalMax, NetworkSpec
from shiftlab.network.weights import Network
from shiftlab.opening import opening_document
from shiftlab.scene.raster import rasterise
from shiftlab.scene.values import Placed
from shiftlab.ui import edits
from shiftlab.ui.jobs.reached import Reached
from shiftlab.ui.lab import Lab
from shiftlab.ui.positions.dock import PositionDock
from shiftlab.ui.positions.questions import Question, Unit, compute, label_of, patch_of
from shiftlab.ui.stylesheet import stylesheet
from shiftlab.ui.theme import DARK
from shiftlab.ui.training.course import Course


@dataclasses.dataclass(frozen=True, eq=False)
class FakeMap:
    """As measure.positions.PositionMap, without torch."""

    rows: np.ndarray
    cols: np.ndarray
    values: dict
    images: int
    classes: int


class FakeCompute:
    """Answers in four steps, each when `allowed` is released."""

    def __init__(self) -> None:
        self.allowed = threading.Semaphore(0)
        self.questions: list[Question] = []

    def __call__(self, question: Question):
        self.questions.append(question)
        rows, cols = (side - one + 1 for side, one in zip(question.canvas, question.size, strict=True))
        for number in range(1, 5):
            self.allowed.acquire()
            values = np.full((rows, cols), number / 4)
            names = ("unit",) if question.unit is not None else ("accuracy", "probability", "margin", "pairwise")
            one = FakeMap(np.arange(rows), np.arange(cols), dict.fromkeys(names, values), number, 2)
            answer = tuple(one for _ in question.networks)
            yield Reached(Progress(number, 4), answer)
        return answer


@pytest.fixture
def answers() -> Iterator[FakeCompute]:
    made = FakeCompute()
    yield made
    made.allowed.release(1000)


@pytest.fixture
def lab(qtbot) -> Iterator[Lab]:
    scene = scene_of(Plan())
    document = dataclasses.replace(opening_document(presets.preset("corner-dense")), scene=scene, reference=scene)
    made = Lab(document)
    yield made
    made.close()


@pytest.fixture
def dock(qtbot, lab, answers) -> Iterator[PositionDock]:
    course = Course(lab)
    made = PositionDock(lab, course, answers)
    qtbot.addWidget(made)
    lab.changed.connect(made.show_document)
    made.resize(400, 800)
    made.show()
    yield made
    answers.allowed.release(1000)
    assert made.close_jobs(10)
    assert course.close(10)


def whole(qtbot, dock, answers) -> None:
    dock.set_ready()
    answers.allowed.release(4)
    qtbot.waitUntil(lambda: not dock.runner.running and dock.shown(0) is not None and dock.shown(0)[0, 0] == 1)


class TestQuestions:
    def test_nothing_is_computed_before_torch_is_there(self, qtbot, dock, answers):
        assert dock.question() is not None
        assert not dock._due.isActive()
        whole(qtbot, dock, answers)
        assert len(answers.questions) == 1
        assert answers.questions[0].tests == "drawn"

    def test_moving_the_pattern_asks_nothing_anew_and_moves_the_mark(self, qtbot, lab, dock, answers):
        whole(qtbot, dock, answers)
        lab.edit(lambda document: edits.placed_at(document, (40.0, 30.0)), "Move")
        assert dock.maps[0].heat.mark == (40, 30)
        assert not dock._due.isActive()
        assert not dock.maps[0].stale

    def test_another_network_asks_anew_and_what_was_shown_is_stale(self, qtbot, lab, dock, answers):
        whole(qtbot, dock, answers)
        other = presets.with_weights(presets.preset("corner-gmp"))
        lab.edit(lambda document: document.with_networks((other,)), "Network")
        assert dock.maps[0].stale
        answers.allowed.release(4)
        qtbot.waitUntil(lambda: len(answers.questions) == 2 and not dock.runner.running)
        qtbot.waitUntil(lambda: not dock.maps[0].stale)

    def test_a_map_of_what_was_there_before_is_not_shown_when_the_dock_is_opened(self, qtbot, lab, dock, answers):
        whole(qtbot, dock, answers)
        dock.hide()
        dock.show()
        assert dock.maps[0].isVisible(), "the same question"
        dock.hide()
        other = presets.with_weights(presets.preset("corner-gmp"))
        lab.edit(lambda document: document.with_networks((other,)), "Network")
        dock.show()
        assert not dock.maps[0].isVisible()
        answers.allowed.release(4)
        qtbot.waitUntil(lambda: dock.maps[0].isVisible() and not dock.maps[0].stale)

    def test_the_picker_says_what_is_drawn(self, lab, dock):
        dock.pick_tests.chosen.emit("canvas")
        assert dock.pick.value == "accuracy", "a cat, and a class of that name"
        lab.edit(lambda document: document.with_networks((Network(presets.preset("lenet")),)), "Network")
        assert dock.pick.text() == "Consistency to the reference"
        possible = {action.text(): action.isEnabled() for action in dock.pick.menu().actions()}
        assert [name for name, there in possible.items() if not there] == [
            "Accuracy", "Probability of the right class", "Margin",
        ]  # fmt: skip
        lab.undo()
        assert dock.pick.value == "accuracy", "the wish is kept"

    def test_a_network_without_a_head_says_so_and_offers_units(self, qtbot, lab, dock, answers):
        lab.edit(lambda document: document.with_networks((Network(presets.preset("three-blocks")),)), "Network")
        assert dock.note.isVisible()
        assert "ends in maps" in dock.note.text()
        dock.pick.chosen.emit("unit")
        assert not dock.note.isVisible()
        dock.pick_stage.chosen.emit("conv2")
        dock.channel.step_by(2)
        whole(qtbot, dock, answers)
        assert answers.questions[-1].unit == Unit("conv2", 2, "largest")

    def test_no_pattern_and_no_uniform_ground(self, lab, dock):
        lab.edit(lambda document: document.without_selected(), "Delete")
        assert "Add a pattern" in dock.note.text()

    def test_it_waits_while_a_run_is_under_way(self, qtbot, dock, answers):
        dock._course.state = "running"
        dock.set_ready()
        assert not dock._due.isActive()
        assert "training" in dock.line.words.text()
        dock._course.state = "done"
        dock._course.changed.emit()
        assert dock._due.isActive()
        whole(qtbot, dock, answers)


class TestShown:
    def test_half_way_and_cancelled_it_stays(self, qtbot, dock, answers):
        dock.set_ready()
        answers.allowed.release(1)
        qtbot.waitUntil(lambda: dock.shown(0) is not None)
        assert dock.shown(0)[0, 0] == 0.25
        assert "× 1 test image" in dock.title.text()
        qtbot.mouseClick(dock.line.button, Qt.MouseButton.LeftButton)
        answers.allowed.release(1)
        qtbot.waitUntil(lambda: "Stopped at" in dock.line.words.text())
        assert dock.shown(0)[0, 0] == 0.25 or dock.shown(0)[0, 0] == 0.5
        assert dock.maps[0].isVisible()

    def test_trained_places_are_outlined_and_told(self, qtbot, dock, answers):
        whole(qtbot, dock, answers)
        never, trained = dock.maps[0].heat.outlines
        assert (never.words, trained.words) == ("never touched", "trained places")
        assert trained.mask.sum() == 81
        assert dock.figures[0].text() == "mean 1.00 · trained places 1.00 · never touched 1.00"
        assert dock.maps[0].heat.centre == 0.5
        assert dock.maps[0].heat.first == (10, 10)

    def test_b_is_beside_a(self, qtbot, lab, dock, answers):
        other = presets.with_weights(presets.preset("corner-gmp"))
        lab.edit(lambda document: document.with_networks((document.networks[0], other)), "A|B")
        whole(qtbot, dock, answers)
        assert [one.isVisible() for one in dock.maps] == [True, True]
        assert [one.text() for one in dock.names] == ["A · corner-dense", "B · corner-gmp"]

    def test_another_quantity_is_drawn_from_the_same_answer(self, qtbot, dock, answers):
        whole(qtbot, dock, answers)
        dock.pick.chosen.emit("margin")
        assert dock.maps[0].heat.centre == 0
        assert len(answers.questions) == 1

    def test_the_map_is_as_large_beside_a_scroll_bar(self, qtbot, dock, answers):
        whole(qtbot, dock, answers)
        bar = dock.findChild(QScrollArea).verticalScrollBar()
        dock.setStyleSheet(stylesheet(DARK))
        widths = []
        for height in (900, 360):
            dock.setFixedSize(400, height)
            qtbot.waitUntil(lambda height=height: bar.isVisible() == (height == 360))
            dock.maps[0].grab()
            widths.append(dock.maps[0].point_of((0, 64)).x() - dock.maps[0].point_of((0, 0)).x())
        assert widths == [320, 320]

    def test_a_click_puts_the_pattern_there(self, qtbot, lab, dock, answers):
        whole(qtbot, dock, answers)
        dock.maps[0].grab()
        at = dock.maps[0].point_of((44, 50)).toPoint()
        qtbot.mouseClick(dock.maps[0], Qt.MouseButton.LeftButton, pos=at)
        assert lab.document.scene.placed[0].at == (44, 50)
        assert lab.store.undo_label == "Move"
        qtbot.mouseClick(dock.maps[0], Qt.MouseButton.LeftButton, pos=dock.maps[0].point_of((2, 63)).toPoint())
        assert lab.document.scene.placed[0].at == (10, 54)

    def test_the_pointer_reads_a_value(self, qtbot, dock, answers):
        whole(qtbot, dock, answers)
        dock.maps[0].pointed.emit((20, 30))
        assert dock.readout.text() == "centre at (20, 30): 1"
        dock.maps[0].pointed.emit((2, 30))
        assert "not wholly on the canvas" in dock.readout.text()


def test_a_shipped_network_shows_where_it_was_trained_and_where_never(qtbot, lab, dock, answers):
    whole(qtbot, dock, answers)
    trained, never = dock._trained.found(dock.question(), 0, (45, 45))
    assert trained[:9, :9].all()
    assert trained.sum() == 81
    patch = rasterise(lab.document.scene)[:, 4:24, 4:24]
    logits = result_of(sweep(Forward(lab.document.networks[0], (64, 64)), np.ascontiguousarray(patch))).values
    assert not logits[never].any(), "no weight that has learnt sees the cat there"
    assert 200 < never.sum() <= (logits == 0).all(axis=-1).sum()
    assert not (never & trained).any()


class TestCompute:
    """The real thing, on a small canvas."""

    def small(self, *head, classes=("cat", "dog")) -> Network:
        layers = (Conv(channels=2, padding=(1, 1)), *head)
        return Network(NetworkSpec(name="small", layers=layers, classes=classes, seed=3))

    def ended(self, question):
        told = []
        return result_of(compute(question), told.append), told[-1]

    def test_test_images_and_two_networks(self):
        placed = scene_of(Plan()).placed[0]
        networks = (self.small(Flatten(), Dense(units=2)), self.small(GlobalMax(), Dense(units=2)))
        background = scene_of(Plan()).background
        found, last = self.ended(Question(networks, placed, background, (24, 24)))
        assert [one.images for one in found] == [32, 32]
        assert found[0].values["accuracy"].shape == (5, 5)
        assert (last.progress.done, last.progress.total) == (2, 2)

    def test_the_pattern_on_the_canvas_is_named_after_its_class(self):
        placed = scene_of(Plan()).placed[0]
        network = self.small(Flatten(), Dense(units=2))
        assert label_of(network, placed) == 0
        assert label_of(self.small(Dense(units=2), classes=()), placed) is None
        found, _ = self.ended(Question((network,), placed, scene_of(Plan()).background, (24, 24), "canvas"))
        assert found[0].images == 1
        assert "accuracy" in found[0].values

    def test_the_patch_is_what_the_canvas_shows(self):
        placed = dataclasses.replace(scene_of(Plan()).placed[0], turn=20.0, size=17)
        patch = patch_of(placed, 1, 0.25)
        scene = dataclasses.replace(scene_of(Plan()), placed=(dataclasses.replace(placed, at=(30.0, 32.0)),))
        scene = dataclasses.replace(scene, background=dataclasses.replace(scene.background, grey=0.25))
        rows, cols = patch.shape[1:]
        first = (30 - rows // 2, 32 - cols // 2)
        image = rasterise(scene, 1)
        assert np.array_equal(image[:, first[0] : first[0] + rows, first[1] : first[1] + cols], patch)
        assert isinstance(placed, Placed)
        rest = image.copy()
        rest[:, first[0] : first[0] + rows, first[1] : first[1] + cols] = 0.25
        assert (rest == np.float32(0.25)).all()
