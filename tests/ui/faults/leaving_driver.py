"""Runs the application in a process of its own and closes it in the midst of something. Not a test itself.

Arguments: 'inference', 'sweep' or 'training'; the number of the point at which it is closed, 0 to 19; a file. Into
the file go, as JSON, when it was closed (seconds of the machine's steady clock), at which point, the weights of the
networks shown then, and the threads that were left at the end.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from shiftlab import app
from shiftlab.learn.plans import Plan
from shiftlab.network import presets
from shiftlab.opening import opening_document
from shiftlab.ui import edits
from shiftlab.ui.window import Window

kind, point, said = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
report: dict[str, object] = {}


def inference(window: Window) -> str:
    """So many milliseconds after a forward has begun."""
    worker = window.bridge.worker
    if worker is None or window.bridge.shown is None:
        return ""
    if "begun" in report:
        return f"{4 * point} ms into a forward" if holding.remainingTime() <= 0 else ""
    if worker.idle:
        window.lab.edit(lambda document: edits.moved(document, (0, 1)), "Move")
        report["moved"] = True
    elif "moved" in report and worker.waiting == 0:
        holding.start(4 * point)
        report["begun"] = True
    return ""


def sweep(window: Window) -> str:
    """So many milliseconds after a position map, curves, or a map of shifts have begun, or as they end before that."""
    name = ("positions", "curves", "map")[point % 3]
    dock = window.docks.dock.content("positions" if name == "positions" else "measures")
    if dock is None:
        if name == "positions":
            window.host.toggle_dock("positions")
        else:
            window.host.show_measures(name)
        return ""
    jobs = [thread for thread in threading.enumerate() if thread.name.startswith("shiftlab") and thread.name not in OWN]
    if "begun" in report and not jobs:
        return f"{name}, as it ended"
    if not jobs:
        return ""
    # Curves of a small network are soon there.
    delay = point * (3 if name == "curves" else 12)
    if "begun" not in report:
        holding.start(delay)
        report["begun"] = True
    return f"{name}, {delay} ms after it began" if holding.remainingTime() <= 0 else ""


def training(window: Window) -> str:
    """While it opens, before the first step, after so many steps, and in the tests that follow."""
    course = window.docks.course
    if course.state == "closed":
        if window.bridge.shown is not None:
            window.host.toggle_dock("training")
            course.open(Plan())
        return ""
    if point == 0:
        return f"while it is {course.state}"
    if course.state == "ready":
        course.train()
        return "before the first step" if point == 1 else ""
    taught = course.taught
    if taught is None:
        return ""
    testing = taught.progress.words.startswith("testing")
    if point >= 17:
        return f"testing, {taught.progress.done}" if testing and taught.progress.done >= point - 16 else ""
    return f"step {taught.progress.done}" if testing or taught.progress.done >= 6 * (point - 1) else ""


OWN = ("shiftlab worker",)
moments: dict[str, Callable[[Window], str]] = {"inference": inference, "sweep": sweep, "training": training}


def watch() -> None:
    """Close the window when the moment has come."""
    window = next((one for one in QApplication.topLevelWidgets() if isinstance(one, Window)), None)
    if window is None or not (where := moments[kind](window)):
        return
    timer.stop()
    report["where"] = where
    report["weights"] = [None if one.weights is None else one.weights.digest for one in window.lab.document.networks]
    report["closed"] = time.monotonic()
    window.close()


timer, holding = QTimer(), QTimer()
holding.setSingleShot(True)
timer.setInterval(3)
timer.timeout.connect(watch)
run = QApplication.exec


def exec_and_watch(*_arguments: object) -> int:
    timer.start()
    return run()


QApplication.exec = exec_and_watch  # type: ignore[method-assign]
preset = ("vgg11", "deep", "vgg11", "three-blocks")[point % 4] if kind == "inference" else "corner-dense"
code = app.run_window(opening_document(presets.preset(preset)))
report["threads"] = [one.name for one in threading.enumerate() if one is not threading.main_thread()]
said.write_text(json.dumps(report))
sys.exit(code)
