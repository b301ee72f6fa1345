"""Odd data and late answers in the window, with the real backend: an honest picture, no exception, no crash."""

from __future__ import annotations

import logging

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from shiftlab.document import Document
from shiftlab.engine.loading import load_backend
from shiftlab.network import presets
from shiftlab.network.initial import initial_weights
from shiftlab.network.spec import Conv, GlobalMax, MaxPool, NetworkSpec
from shiftlab.network.weights import Network, Weights
from shiftlab.opening import opening_document
from shiftlab.scene.values import Pattern
from shiftlab.ui import edits
from shiftlab.ui.appearance import Appearance
from shiftlab.ui.window import Window

TINY = NetworkSpec(name="tiny", layers=(Conv(channels=2, padding=(1, 1)), MaxPool()))


def filled(value: float) -> Document:
    document = opening_document(TINY)
    arrays = initial_weights(TINY, document.scene.size).arrays
    weights = Weights({name: np.full_like(array, value) for name, array in arrays.items()})
    return document.with_networks((Network(TINY, weights),))


def bare() -> Document:
    document = opening_document(TINY)
    return document.with_lenses(selection=frozenset({0})).without_selected()


def coloured() -> Document:
    image = np.linspace(0, 1, 3 * 33 * 21, dtype=np.float32).reshape(3, 33, 21)
    alpha = np.tile(np.linspace(0, 1, 21, dtype=np.float32), (33, 1))
    spec = NetworkSpec(name="rgb", layers=(Conv(channels=3),), channels=3)
    return opening_document(spec, Pattern("glass", image, alpha), size=33)


ODD = {
    "overflow": lambda: filled(3e38),
    "all zero": lambda: filled(0.0),
    "an empty canvas": bare,
    "33 wide": lambda: opening_document(TINY, canvas=(20, 33), size=9),
    "one cell": lambda: opening_document(
        NetworkSpec(name="one", layers=(MaxPool(kernel=(64, 64), stride=(64, 64)), Conv(channels=1, kernel=(1, 1))))
    ),
    "512 channels": lambda: opening_document(
        NetworkSpec(name="wide", layers=(Conv(channels=512, kernel=(1, 1)), GlobalMax()))
    ),
    "half transparent, in colour": coloured,
    "half a pixel off": lambda: opening_document(TINY, to=(32.5, 33.25)),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_data_is_painted_and_inspected(make_window, qtbot, caplog, case):
    logging.getLogger("shiftlab").propagate = True
    window = make_window(ODD[case](), make_backend=load_backend)
    with caplog.at_level(logging.ERROR):
        window.host.toggle_dock("inspector")
        qtbot.waitUntil(lambda: window.bridge.shown is not None, timeout=30_000)
        for view in ("reference", "changed", "left", "now"):
            window.actions_.run(f"view.{view}")
            window.lab.edit(lambda document: edits.moved(document, (0, 1)), "Move")
            qtbot.waitUntil(lambda: window.bridge.shown.request.document is window.lab.document, timeout=30_000)
            assert not window.grab().isNull()
    assert window.notice.kind == ""
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []
    for panel in window.strip.panels.values():
        assert not panel.model.stale
        assert panel.grab().width() > 0


def test_an_answer_under_way_when_its_panels_go_is_dropped(window, backend, qtbot):
    qtbot.waitUntil(lambda: window.bridge.worker.idle)
    backend.gate.clear()
    window.canvas.nudge(0, 1)
    qtbot.waitUntil(backend.entered.is_set)
    window.commands.network.choose("seed")
    backend.gate.set()
    qtbot.waitUntil(lambda: window.bridge.shown.request.document is window.lab.document)
    assert {name for _index, name in window.strip.panels} <= set(presets.preset("seed").stage_names)
    assert window.notice.kind == ""


def test_an_answer_that_was_sent_before_its_window_went_reaches_nobody(qapp, backend, settings, qtbot):
    window = Window(opening_document(TINY), settings, Appearance("dark"), lambda: backend)
    window.when_closing(lambda: window.stop(10))
    window.show()
    qtbot.waitUntil(lambda: window.bridge.shown is not None and window.bridge.worker.idle)
    bridge, answer = window.bridge, window.bridge.shown
    for _ in range(3):
        bridge._deliver(answer)  # queued: nobody has taken it yet
    assert window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)
    assert not shiboken6.isValid(bridge)
    for _ in range(3):
        QApplication.processEvents()
