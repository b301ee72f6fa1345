"""The window when something goes wrong: one message, nothing lost, and on it goes."""

from __future__ import annotations

import logging
import sys

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget
from pytestqt.exceptions import capture_exceptions

from shiftlab.ui.reports import ExceptionReports


def test_a_failure_is_one_line_with_details_and_leaves_the_maps_stale(window, backend, qtbot):
    qtbot.waitUntil(lambda: window.bridge.worker.idle)
    backend.error = RuntimeError("shapes do not match")
    window.canvas.nudge(0, 1)
    qtbot.waitUntil(lambda: window.notice.kind == "failure")
    assert window.notice.text == "RuntimeError: shapes do not match"
    assert window.notice.offers == ("Try again", "Details", "Close")
    panel = window.strip.panels[0, "conv1"]
    assert panel.model.stale
    assert panel.model.picture is not None
    backend.error = None
    qtbot.waitUntil(lambda: window.bridge.worker.idle)
    window.notice.press("Try again")
    qtbot.waitUntil(lambda: not window.strip.panels[0, "conv1"].model.stale)
    assert window.notice.kind == ""


def test_the_next_request_after_a_failure_clears_it(window, backend, qtbot):
    qtbot.waitUntil(lambda: window.bridge.worker.idle)
    backend.error = MemoryError()
    window.canvas.nudge(0, 1)
    qtbot.waitUntil(lambda: window.notice.kind == "failure")
    assert "memory" in window.notice.text
    backend.error = None
    window.canvas.nudge(0, 1)
    qtbot.waitUntil(lambda: window.notice.kind == "")
    assert window.bridge.shown.request.document is window.lab.document


@pytest.fixture
def reports(window):
    """The application's hook in place of pytest-qt's."""
    logging.getLogger("shiftlab").propagate = True
    made = ExceptionReports(window.reported.emit)
    made.install()
    yield made
    made.remove()


def test_a_hundred_exceptions_in_paint_events_are_one_report(window, reports, qtbot, caplog, monkeypatch):
    said = []
    monkeypatch.setattr(type(window.notice), "say", lambda _self, text, **_given: said.append(text))

    class Broken(QWidget):
        paints = 0

        def paintEvent(self, _event):
            self.paints += 1
            with QPainter(self):
                raise ZeroDivisionError("a painter's fault")

    panel = Broken(window)
    panel.resize(40, 40)
    panel.show()
    with caplog.at_level(logging.ERROR):
        for count in range(100):
            panel.update()
            qtbot.waitUntil(lambda count=count: panel.paints > count)
        qtbot.waitUntil(lambda: bool(said))
    assert said == ["Something went wrong: a painter's fault. Nothing is lost."]
    tracebacks = [one for one in caplog.records if one.exc_info and one.exc_info[0] is ZeroDivisionError]
    assert len(tracebacks) >= 100
    assert "in paintEvent" in logging.Formatter().formatException(tracebacks[0].exc_info)
    panel.hide()
    window.canvas.nudge(0, 1)
    qtbot.waitUntil(lambda: window.bridge.shown.request.document is window.lab.document)


def test_a_hundred_exceptions_in_a_slot_are_one_report(window, reports, qtbot, monkeypatch):
    class Source(QObject):
        fired = Signal()

    source, calls = Source(), []

    def slot():
        calls.append(1)
        raise KeyError("a slot's fault")

    source.fired.connect(slot)
    for _ in range(100):
        source.fired.emit()
    qtbot.waitUntil(lambda: window.notice.kind == "exception")
    assert len(calls) == 100
    assert "a slot's fault" in window.notice.text
    assert "Details" in window.notice.offers


def test_the_hook_comes_back_when_it_is_removed():
    before = sys.excepthook
    reports = ExceptionReports(lambda _line, _trace: None)
    reports.install()
    assert sys.excepthook is not before
    reports.remove()
    assert sys.excepthook is before


def test_one_fault_is_told_again_after_a_while_and_another_at_once():
    told, now = [], [0.0]
    reports = ExceptionReports(lambda line, _trace: told.append(line), every=10, clock=lambda: now[0])

    def fail(kind):
        try:
            raise kind("x")
        except kind as error:
            reports.report(kind, error, error.__traceback__)

    logging.getLogger("shiftlab").addHandler(logging.NullHandler())
    for kind in (ValueError, ValueError, OSError):
        fail(kind)
    assert len(told) == 2
    now[0] = 11
    fail(ValueError)
    assert len(told) == 3


def test_a_refused_edit_is_one_line_and_changes_nothing(window):
    before = window.lab.document
    window.lab.edit(lambda document: document.with_canvas((8, 8)), "Canvas")
    assert window.lab.document is before
    assert window.notice.text == "canvas sides must be 16 to 512 px, not 8x8"


def test_a_network_that_cannot_be_on_this_canvas_keeps_the_window_alive(window, backend, qtbot):
    window.commands.network.choose("lenet")
    qtbot.waitUntil(lambda: window.bridge.shown.request.document.networks == window.lab.document.networks)
    with capture_exceptions() as exceptions:
        backend.error = ValueError("pool4: a 1x1 map is smaller than its 2x2 window")
        window.lab.edit(lambda document: document.with_canvas((16, 16)), "Canvas")
        qtbot.waitUntil(lambda: window.notice.kind == "failure")
    assert not exceptions
    backend.error = None
    window.actions_.run("edit.undo")
    qtbot.waitUntil(lambda: window.notice.kind == "")


def test_closing_while_the_worker_computes_waits_for_it(make_window, backend, qtbot):
    window = make_window()
    qtbot.waitUntil(lambda: window.bridge.shown is not None)
    thread = window.bridge.worker.thread
    backend.gate.clear()
    window.canvas.nudge(0, 1)
    qtbot.waitUntil(backend.entered.is_set)
    assert not window.stop(0.05)
    backend.gate.set()
    assert window.stop(10)
    assert not thread.is_alive()
