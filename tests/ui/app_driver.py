"""Runs the application in a process of its own and closes it at a given moment. Not a test itself.

Arguments: a preset; 'computing' (close in the midst of a forward), 'loading' (close while torch loads), 'hanging'
(the forward never returns) or 'shown' (close after the first answer).
"""

from __future__ import annotations

import sys
import threading

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from shiftlab import app
from shiftlab.network import presets
from shiftlab.opening import opening_document
from shiftlab.ui import edits, window

preset, moment = sys.argv[1:]


class Hanging:
    """A computation that never returns."""

    def __call__(self, request, check):
        threading.Event().wait()


def watch() -> None:
    """Close the window when the moment has come."""
    shown = next((one for one in QApplication.topLevelWidgets() if isinstance(one, window.Window)), None)
    if shown is None or shown.bridge.worker is None:
        return
    worker = shown.bridge.worker
    if moment == "loading":
        ready = shown.bridge.loading
    elif moment == "shown":
        ready = shown.bridge.shown is not None and worker.idle
    elif moment == "hanging":
        ready = not worker.idle and not shown.bridge.loading
    else:
        if shown.bridge.shown is not None and worker.idle:
            shown.lab.edit(lambda document: edits.moved(document, (0, 1)), "Move")
        ready = shown.bridge.shown is not None and not worker.idle and worker.waiting == 0
    if ready:
        timer.stop()
        if moment == "hanging":
            shown.lab.edit(lambda document: edits.moved(document, (5, 7)), "Move")
        shown.close()


if moment == "hanging":
    app.JOIN = 0.5
    original = window.Window.__init__

    def with_hanging(self, document, settings, appearance, make_backend=Hanging):
        original(self, document, settings, appearance, make_backend)

    window.Window.__init__ = with_hanging

application = QApplication.instance()
timer = QTimer()
timer.setInterval(3)
timer.timeout.connect(watch)
run = QApplication.exec


def exec_and_watch(*_arguments) -> int:
    timer.start()
    return run()


QApplication.exec = exec_and_watch
sys.exit(app.run_window(opening_document(presets.preset(preset))))
