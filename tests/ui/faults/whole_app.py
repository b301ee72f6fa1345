"""The whole application as a state machine: whatever hands and keys may do, in any order, with true weights."""

from __future__ import annotations

import gc
import logging
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from shiftlab import app
from shiftlab.document import Document
from shiftlab.files import session
from shiftlab.files.autosave import Autosave
from shiftlab.learn.plans import Plan
from shiftlab.network import presets
from shiftlab.opening import opening_document
from shiftlab.scene.values import Scene
from shiftlab.ui.appearance import Appearance
from shiftlab.ui.canvas import CanvasWidget
from shiftlab.ui.keeping import Keeper
from shiftlab.ui.reports import ExceptionReports
from shiftlab.ui.settings import Settings
from shiftlab.ui.window import Window
from tests.ui.faults.small_learn import SmallLearn

PATIENCE = 30.0
"""Seconds that anything may take on a machine that does much else."""
PRESETS = ("three-blocks", "seed-relu", "corner-dense", "corner-gmp", "gap-head", "strided")
OF_SCENES = (
    "Move", "Nudge", "Draw", "Replay", "Set reference", "Back to reference", "Delete", "Flip", "Turn", "Resize",
    "Ground", "Border", "Record path", "Forget path", "Background",
)  # fmt: skip
"""Changes that leave networks and weights alone; so do those that add something."""
ARROWS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right)
NONE, SHIFT, ALT, CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
)
PLACES = st.tuples(st.integers(2, 61), st.integers(2, 61))
KEYS = st.sampled_from((NONE, NONE, SHIFT, CONTROL))
ACTIONS = (
    "edit.select-all", "edit.select-next", "edit.delete", "scene.add-dog", "scene.flip", "scene.turn", "scene.larger",
    "scene.smaller", "scene.wrap", "scene.zero", "scene.subpixel", "scene.snap", "reference.set", "reference.back",
    "reference.jump", "path.record", "path.play", "view.now", "view.changed", "view.left", "view.scope-channel",
    "view.larger-tiles", "view.zoom-in", "view.zoom-fit", "view.let-go", "network.form", "file.copy", "window.keys",
)  # fmt: skip
OF_NETWORKS = (
    "network.ab", "network.ab", "network.swap", "network.padding-circular", "network.padding-zeros", "network.seed",
    "network.head-average", "file.new",
)  # fmt: skip
DOCKS = ("lesson", "bench", "inspector", "measures", "positions", "training")


class Errors(logging.Handler):
    """Keeps what is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))


def pump() -> None:
    """Let everything happen that is due."""
    for _ in range(3):
        QApplication.processEvents()


def until(look: Callable[[], bool], what: str) -> None:
    """Let the application run until `look` says so.

    Raises
    ------
    AssertionError
        After `PATIENCE`.
    """
    pause = threading.Event()
    for _ in range(int(PATIENCE / 0.005)):
        QApplication.processEvents()
        if look():
            return
        pause.wait(0.005)
    raise AssertionError(f"in {PATIENCE:g} s it did not come about that {what}")


def is_of_scene(label: str) -> bool:
    return label in OF_SCENES or label.startswith("Add ")


class WholeApp(RuleBasedStateMachine):
    """One person at one window, which is closed and opened again now and then."""

    runs = 0
    """Trainings that were begun or went on, in all walks."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="shiftlab-"))
        self.errors = Errors()
        logging.getLogger("shiftlab").addHandler(self.errors)
        self.reported: list[str] = []
        self.painted: Document | None = None
        self.trained: dict[int, object] = {}
        self.saved: tuple[Path, Document] | None = None
        self.window: Window | None = None
        self.widgets = {id(one) for one in QApplication.allWidgets()}
        self._watch_paints()
        self.open_window()

    # the window's life

    def open_window(self) -> None:
        settings = Settings(self.home / "shiftlab.ini")
        self.trained, self.painted = {}, None
        window = Window(opening_document(presets.preset("three-blocks")), settings, Appearance(settings.theme))
        self.reports = ExceptionReports(self._report)
        self.reports.install()
        window.reported.connect(lambda line, _trace: self.reported.append(line))
        window.docks.course._learn = SmallLearn()
        keeper = Keeper(window.lab, Autosave(self.home / "runs"))
        window.when_closing(lambda: app._leave(window, keeper))
        self.window, self.keeper, self.first = window, keeper, window.lab.document
        self._watch_weights(window)
        window.resize(1280, 800)
        window.show()
        self.settle()

    def close_window(self) -> None:
        window = self.window
        assert window is not None
        threads = [thread for thread in threading.enumerate() if thread.name.startswith("shiftlab")]
        assert threads, "nothing computes in an open window"
        assert window.close(), "the window would not close"
        last, shown = window.filing.last, window.lab.document
        assert not [thread.name for thread in threads if thread.is_alive()]
        assert not [one.name for one in threading.enumerate() if one.name.startswith("shiftlab")]
        self._check_weights()
        if shown is not self.first:
            assert session.load(last) == shown, "the lab kept at the end is not the one that was shown"
        assert list((self.home / "runs").iterdir()) == []
        self.window = self.keeper = self.first = None
        window.deleteLater()
        del window
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        pump()
        gc.collect()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        left = [type(one).__name__ for one in QApplication.allWidgets() if id(one) not in self.widgets]
        assert left == [], "widgets outlive their window"
        self.reports.remove()
        self._check_quiet()

    def teardown(self) -> None:
        try:
            if self.window is not None:
                self.close_window()
        finally:
            self.reports.remove()
            CanvasWidget.paintEvent = self._paint  # type: ignore[method-assign]
            logging.getLogger("shiftlab").removeHandler(self.errors)
            shutil.rmtree(self.home)

    # what is watched

    def _report(self, line: str, _trace: str) -> None:
        self.reported.append(line)

    def _watch_paints(self) -> None:
        """Note what the canvas painted last."""
        self._paint = paint = CanvasWidget.paintEvent

        def noting(widget: CanvasWidget, event: Any) -> None:
            paint(widget, event)
            self.painted = widget._lab.document

        CanvasWidget.paintEvent = noting  # type: ignore[method-assign,assignment]

    def _watch_weights(self, window: Window) -> None:
        """Note the weights that were published last, until somebody changes the networks."""
        store, lab, trained = window.lab.store, window.lab, self.trained
        publish, edit, take = store.publish_weights, lab.edit, lab.take

        def publishing(index: int, network: Any, weights: Any) -> bool:
            done = publish(index, network, weights)
            if done:
                trained[index] = weights
            return done

        def editing(change: Any, label: str) -> bool:
            if not is_of_scene(label):
                trained.clear()
            return edit(change, label)

        def taking(document: Document) -> None:
            trained.clear()
            take(document)

        store.publish_weights, lab.edit, lab.take = publishing, editing, taking  # type: ignore[method-assign]

    @property
    def shown(self) -> Window:
        assert self.window is not None
        return self.window

    @property
    def document(self) -> Document:
        return self.shown.lab.document

    def settle(self) -> None:
        """Until the maps are those of the document (of its networks, while these learn)."""
        window = self.shown

        def answered() -> bool:
            answer, worker = window.bridge.shown, window.bridge.worker
            if answer is None or worker is None:
                return False
            if window.docks.course.state == "running" or window.player.playing:
                return specs(answer.request.document) == specs(window.lab.document)
            return answer.request.document is window.lab.document and worker.idle

        until(answered, "the maps follow")

    # what a person does

    def point(self, place: tuple[int, int]) -> QPoint:
        size = self.document.scene.size
        x, y = self.shown.canvas.view.centre((place[0] * size[0] // 64, place[1] * size[1] // 64))
        return QPoint(round(x), round(y))

    def pattern_point(self) -> QPoint:
        """The middle of the first pattern, or of the canvas."""
        placed, size = self.document.scene.placed, self.document.scene.size
        row, col = placed[0].at if placed else (size[0] / 2, size[1] / 2)
        row, col = min(max(row, 0), size[0] - 1), min(max(col, 0), size[1] - 1)
        x, y = self.shown.canvas.view.centre((int(row), int(col)))
        return QPoint(round(x), round(y))

    def run(self, action: str) -> None:
        self.shown.actions_.run(action)

    def changed_networks(self) -> None:
        self.trained.clear()

    @initialize(begin=st.sampled_from(("training", "training beside B", "experiment", "two", "one")))
    def begin(self, begin: str) -> None:
        """Walks begin where most can go wrong."""
        if begin == "two":
            self.change_networks("network.ab")
        if begin in ("training", "training beside B", "experiment"):
            self.open_experiment(Plan())
        if begin == "training beside B":
            self.change_networks("network.ab")
            self.steer("B")
        if begin.startswith("training"):
            self.train()

    @rule(place=PLACES, what=st.sampled_from(("press", "grab", "move", "release")), keys=KEYS)
    def point_at(self, place: tuple[int, int], what: str, keys: Qt.KeyboardModifier) -> None:
        """One event of the mouse; what it belongs to may come later, or never."""
        canvas, left = self.shown.canvas, Qt.MouseButton.LeftButton
        if what == "press":
            QTest.mousePress(canvas, left, keys, self.point(place))
        elif what == "grab":
            self.run("tool.move")
            QTest.mousePress(canvas, left, NONE, self.pattern_point())
        elif what == "move":
            QTest.mouseMove(canvas, self.point(place))
        else:
            QTest.mouseRelease(canvas, left, NONE, self.point(place))

    @rule(places=st.lists(PLACES, min_size=2, max_size=4))
    def drag(self, places: list[tuple[int, int]]) -> None:
        self.point_at(places[0], "grab", NONE)
        for place in places:
            self.point_at(place, "move", NONE)
            pump()
        self.point_at(places[-1], "release", NONE)
        assert not self.shown.lab.store.in_gesture

    @rule(places=st.lists(PLACES, min_size=1, max_size=4), tool=st.sampled_from(("draw", "draw", "erase")))
    def draw(self, places: list[tuple[int, int]], tool: str) -> None:
        self.run(f"tool.{tool}")
        self.point_at(places[0], "press", NONE)
        for place in places:
            self.point_at(place, "move", NONE)
        self.point_at(places[-1], "release", NONE)
        self.run("tool.move")

    @rule(key=st.sampled_from((*ARROWS, Qt.Key.Key_Escape)), keys=st.sampled_from((NONE, SHIFT, ALT)))
    def press_a_key(self, key: Qt.Key, keys: Qt.KeyboardModifier) -> None:
        QTest.keyClick(self.shown.canvas, key, keys)

    @rule(action=st.sampled_from(("edit.undo", "edit.undo", "edit.redo")))
    def go_in_history(self, action: str) -> None:
        store = self.shown.lab.store
        label = store.undo_label if action == "edit.undo" else store.redo_label
        if label is not None and not is_of_scene(label):
            self.changed_networks()
        self.run(action)

    @rule()
    @precondition(lambda self: self.shown.lab.store.undo_label is not None)
    def there_and_back(self) -> None:
        before, trained = self.document, dict(self.trained)
        self.go_in_history("edit.undo")
        assert self.shown.lab.store.redo_label is not None
        self.go_in_history("edit.redo")
        assert self.document == before, "redo after undo gives another document"
        self.trained.update(trained)

    @rule(action=st.sampled_from(ACTIONS))
    def act(self, action: str) -> None:
        self.run(action)
        pump()
        for one in QApplication.topLevelWidgets():
            if one.isVisible() and one is not self.window:
                one.close()

    @rule(name=st.sampled_from(PRESETS))
    def choose_network(self, name: str) -> None:
        self.shown.toolbar.network.chosen.emit(name)

    @rule(action=st.sampled_from(OF_NETWORKS))
    def change_networks(self, action: str) -> None:
        self.run(action)

    @rule()
    def save(self) -> None:
        path = self.home / f"one{session.SUFFIX}"
        assert self.shown.filing.save_as(path)
        assert session.load(path) == self.document
        self.saved = path, self.document

    @rule()
    @precondition(lambda self: self.saved is not None)
    def load(self) -> None:
        assert self.saved is not None
        path, document = self.saved
        assert self.shown.filing.open(path)
        assert self.document == document
        assert self.shown.lab.store.undo_label is None
        assert not self.shown.lab.gesture

    @rule(what=st.sampled_from(("broken", "last", "autosave")))
    def keep_and_open(self, what: str) -> None:
        before = self.document
        if what == "last":
            self.run("file.last")
        elif what == "autosave":
            assert self.keeper is not None
            self.keeper.keep()
            kept = list((self.home / "runs").glob("*/autosave.shiftlab"))
            if kept and not self.shown.lab.gesture and before is not self.first:
                assert session.load(kept[0]) == before
        else:
            path = self.home / f"broken{session.SUFFIX}"
            path.write_bytes(b"PK\x03\x04 and no more")
            assert not self.shown.filing.open(path)
            assert self.document is before
            assert self.shown.notice.kind == "refused"

    @rule(plan=st.sampled_from((Plan(), Plan(), Plan(head="gmp"), Plan("twin"))))
    def open_experiment(self, plan: Plan) -> None:
        course = self.shown.docks.course
        course.open(plan)
        until(lambda: course.state != "opening", "the experiment opens")
        assert course.state != "failed"

    @rule()
    def train(self) -> None:
        course = self.shown.docks.course
        course.train()
        if course.state == "running":
            WholeApp.runs += 1
            until(lambda: course.taught is not None or course.state != "running", "the training begins")

    @rule(to_the_end=st.booleans())
    def learn_on(self, to_the_end: bool) -> None:
        course = self.shown.docks.course
        taught = course.taught
        until(
            lambda: course.state != "running" or (course.taught is not taught and not to_the_end),
            "the training goes on",
        )

    @rule(what=st.sampled_from(("pause", "step", "cancel", "reset", "A", "B")))
    def steer(self, what: str) -> None:
        course = self.shown.docks.course
        if what in "AB":
            course.choose_side("AB".index(what))
            return
        if what == "reset":
            self.changed_networks()
        getattr(course, what)()

    @rule(places=st.lists(PLACES, min_size=2, max_size=3))
    def drag_while_it_learns(self, places: list[tuple[int, int]]) -> None:
        self.train()
        self.point_at(places[0], "grab", NONE)
        for place in places:
            self.learn_on(to_the_end=False)
            self.point_at(place, "move", NONE)
            self._check_weights()
        self.point_at(places[-1], "release", NONE)

    @rule(name=st.sampled_from(PRESETS), in_a_drag=st.booleans())
    def change_the_network_while_it_learns(self, name: str, in_a_drag: bool) -> None:
        """What was learnt comes back with undo."""
        self.train()
        self.steer("pause")
        pump()
        if in_a_drag:
            self.point_at((30, 30), "grab", NONE)
            self.point_at((40, 31), "move", NONE)
        before = self.document.networks
        self.choose_network(name)
        if self.document.networks != before:
            assert self.shown.lab.store.undo_label == f"Network {name}"
            self.run("edit.undo")
            assert self.document.networks == before, "weights that were shown are lost"
        if in_a_drag:
            self.point_at((40, 31), "release", NONE)

    @rule(what=st.sampled_from((*DOCKS, "table", "curves", "fields", "light", "dark")))
    def look_elsewhere(self, what: str) -> None:
        if what in DOCKS:
            self.shown.docks.rail.buttons[what].click()
        elif what in ("light", "dark"):
            self.run(f"window.theme-{what}")
            assert self.shown.theme.name == what
        else:
            self.shown.host.show_measures(what)

    @rule()
    def answers_come(self) -> None:
        self.settle()
        for panel in self.shown.strip.panels.values():
            assert panel.model is not None
            assert not panel.model.stale

    @rule(when=st.sampled_from(("at once", "in a drag", "in training")), place=PLACES)
    def close_and_open(self, when: str, place: tuple[int, int]) -> None:
        if when == "in training":
            self.train()
        if when == "in a drag":
            self.point_at(place, "grab", NONE)
            self.point_at(place, "move", NONE)
        self.close_window()
        self.open_window()

    # what holds

    @invariant()
    def holds(self) -> None:
        pump()
        self._check_quiet()
        assert self.shown.notice.kind not in ("exception", "failure"), self.shown.notice.text
        assert self.shown.docks.course.state != "failed", self.shown.notice.text
        self._check_weights()
        self._check_gesture()
        self._check_shown()

    def _check_quiet(self) -> None:
        assert self.reported == []
        assert self.errors.said == []

    def _check_weights(self) -> None:
        held = self.document.networks
        for index, weights in self.trained.items():
            assert index < len(held), "a trained network is gone"
            assert held[index].weights == weights, "what was published last is not in the document"

    def _check_gesture(self) -> None:
        window = self.shown
        if not window.canvas.gesture and not window.player.playing:
            assert not window.lab.gesture
            assert not window.lab.store.in_gesture

    def _painted_now(self) -> bool:
        painted, document = self.painted, self.document
        return painted is not None and (painted.scene, painted.reference, painted.lenses.selection) == (
            document.scene,
            document.reference,
            document.lenses.selection,
        )

    def _check_shown(self) -> None:
        window = self.shown
        until(self._painted_now, "the canvas paints the document")
        document = self.document
        assert window.canvas.view.size == document.scene.size
        names = {(index, name) for index, one in enumerate(document.networks) for name in one.spec.stage_names}
        assert set(window.strip.panels) <= names, "the strip shows stages that are not there"
        assert document.networks[0].spec.name in window.toolbar.network.value
        if not window.lab.gesture:
            # Screen readers are told once nothing moves.
            until(
                lambda: (
                    window.lab.gesture or window.canvas.accessibleDescription() == in_words(window.lab.document.scene)
                ),
                "the canvas says what it shows",
            )
            assert window.actions_.shown("edit.undo").isEnabled() == (window.lab.store.undo_label is not None)
            assert window.actions_.shown("edit.redo").isEnabled() == (window.lab.store.redo_label is not None)


def specs(document: Document) -> list[Any]:
    return [one.spec for one in document.networks]


def in_words(scene: Scene) -> str:
    """What a screen reader is to say of a scene."""
    said = [f"{one.pattern.name} at row {one.at[0]:g}, column {one.at[1]:g}" for one in scene.placed]
    return "; ".join(said) or "empty"
