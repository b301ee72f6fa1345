"""The start: what is there at the first paint, what is not yet, and that all of it comes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from shiftlab.arguments import document_of
from shiftlab.cli import parser
from shiftlab.opening import opening_document
from shiftlab.ui.later import Later

START = """
import gc, json, sys
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

seen, run = {}, QApplication.exec

class Eye(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and not seen:
            seen["modules"] = sorted(sys.modules)
            seen["worker"] = window.bridge.worker is not None
            parts = [window.canvas, window.toolbar, window.strip, window.column.fields, window.status]
            seen["painted whole"] = bool(window.strip.panels) and all(one.isVisible() for one in parts)
            seen["ours"] = sum(one.startswith("shiftlab") for one in sys.modules)
            seen["collecting"] = gc.isenabled()
            window.later.done.connect(lambda: QTimer.singleShot(0, look))
        return False

def look():
    seen["then"] = dict(
        worker=window.bridge.worker is not None,
        collecting=gc.isenabled(),
        icon=not window.windowIcon().isNull(),
        keeps=any(home.glob("runs/*")),
        keys=[one.objectName() for one in window.actions() if not one.shortcut().isEmpty()],
    )
    window.close()

def run_watched(*_):
    global window, eye
    window = next(one for one in QApplication.topLevelWidgets() if hasattr(one, "canvas"))
    eye = Eye()
    window.canvas.installEventFilter(eye)
    return run()

QApplication.exec = run_watched
import os
from pathlib import Path
home = Path(os.environ["SHIFTLAB_HOME"])
from shiftlab.cli import main
code = main([])
seen["collecting at the end"] = gc.isenabled()
print(json.dumps(seen))
sys.exit(code)
"""

NOT_AT_FIRST = (
    "torch",
    "pyqtgraph",
    "scipy",
    "PIL",
    "multiprocessing",
    "PySide6.QtNetwork",
    "PySide6.QtOpenGL",
    "shiftlab.engine.backend",
    "shiftlab.engine.jobs",
    "shiftlab.engine.messages",
    "shiftlab.engine.worker",
    "shiftlab.files.archive",
    "shiftlab.files.autosave",
    "shiftlab.files.lessons",
    "shiftlab.files.session",
    "shiftlab.learn.data",
    "shiftlab.learn.plans",
    "shiftlab.measure",
    "shiftlab.network.editing",
    "shiftlab.network.head_swaps",
    "shiftlab.network.pairs",
    "shiftlab.network.surgery",
    "shiftlab.picture.mosaic",
    "shiftlab.ui.asking",
    "shiftlab.ui.bench.bench",
    "shiftlab.ui.figure.page",
    "shiftlab.ui.figure.pair_layout",
    "shiftlab.ui.figure.probe",
    "shiftlab.ui.inspector",
    "shiftlab.ui.keylist",
    "shiftlab.ui.lessons.card",
    "shiftlab.ui.lessons.tutor",
    "shiftlab.ui.measuring.dock",
    "shiftlab.ui.motion",
    "shiftlab.ui.palette",
    "shiftlab.ui.positions.dock",
    "shiftlab.ui.reading",
    "shiftlab.ui.screenshot",
    "shiftlab.ui.stripmenu",
    "shiftlab.ui.training.course",
    "shiftlab.ui.training.dock",
)
"""Modules that take long, or bring others that do; what is needed for the first paint is a short way to it."""


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What was seen of one start, in a process of its own, with no arguments as a user starts it."""
    home = tmp_path_factory.mktemp("home")
    environment = {**os.environ, "SHIFTLAB_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", START], env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_is_painted_first_is_the_window_itself(started: dict) -> None:
    assert started["painted whole"]
    assert not started["worker"]


def test_nothing_is_loaded_that_the_first_paint_does_not_need(started: dict) -> None:
    early = set(started["modules"])
    assert "shiftlab.ui.strip" in early
    assert [one for one in NOT_AT_FIRST if one in early] == []


def test_few_modules_of_ours_are_needed_for_the_first_paint(started: dict) -> None:
    """So that what joins them is a decision: raise the number for what has to be seen at first."""
    assert started["ours"] <= 140


def test_everything_else_comes_after_it(started: dict) -> None:
    then = started["then"]
    assert then["worker"]
    assert then["icon"]
    assert then["keeps"]
    assert {"edit.undo", "file.save", "tool.draw", "view.find"} <= set(then["keys"])


def test_garbage_is_collected_again_after_it(started: dict) -> None:
    assert not started["collecting"]
    assert started["then"]["collecting"]
    assert started["collecting at the end"]


def test_without_arguments_the_window_opens_as_with_the_defaults_of_all_options() -> None:
    assert document_of(parser().parse_args(["window"])) == opening_document()


def test_later_does_one_thing_a_turn_in_order_and_goes_on_after_a_fault(qtbot, qapp) -> None:
    done: list[object] = []
    later = Later(qapp)

    def fail() -> None:
        done.append("fault")
        raise ValueError("a step that fails")

    later.add(lambda: done.append(1), fail, lambda: done.append(2))
    later.add_first(lambda: done.append(0))
    later.done.connect(lambda: done.append("done"))
    assert done == []
    with qtbot.captureExceptions() as faults:
        later.start()
        assert done == []
        later.start()
        qtbot.waitUntil(lambda: "done" in done)
    assert done == [0, 1, "fault", 2, "done"]
    assert [str(one[1]) for one in faults] == ["a step that fails"]


def test_later_leaves_undone_what_is_stopped(qtbot, qapp) -> None:
    done: list[object] = []
    later = Later(qapp)
    later.add(later.stop, lambda: done.append(1))
    later.done.connect(lambda: done.append("done"))
    later.start()
    for _ in range(5):
        qapp.processEvents()
    assert done == []
