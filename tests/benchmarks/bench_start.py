"""Starting: the window's first paint against importing torch first, and what holds up its thread meanwhile.

Every figure comes from processes of their own, since torch can be imported only once in each.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile

from tests.benchmarks.timing import Row

WINDOW = """
import json, sys, time
{before}
from pathlib import Path
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication
from shiftlab.app import SWITCH_INTERVAL
from shiftlab.opening import opening_document
from shiftlab.ui.appearance import Appearance
from shiftlab.ui.settings import Settings
from shiftlab.ui.window import Window

sys.setswitchinterval(SWITCH_INTERVAL)
application = QApplication([])
application.setStyle("Fusion")
settings = Settings(Path({home!r}) / "shiftlab.ini")
appearance = Appearance(settings.theme, application.styleHints().colorScheme(), application)
window = Window(opening_document(), settings, appearance)
painted, gaps, last = [], [], [0.0]

class Eye(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and not painted:
            QTimer.singleShot(0, begin)
            painted.append(time.process_time())
        return False

def begin():
    last[0] = time.perf_counter()
    timer.start(1)

def tick():
    now = time.perf_counter()
    gaps.append(now - last[0])
    last[0] = now

eye = Eye()
window.canvas.installEventFilter(eye)
timer = QTimer(timerType=Qt.TimerType.PreciseTimer)
timer.timeout.connect(tick)
window.bridge.snapshot_ready.connect(lambda _: QTimer.singleShot(100, application.quit))
window.show()
application.exec()
timer.stop()
assert window.stop(30)
sys.stdout.write(json.dumps(dict(first=painted[0], stall=max(gaps))))
sys.stdout.flush()
import os
os._exit(0)
"""


def run(before: str) -> dict[str, float]:
    """Open the window in a process, after `before`: seconds of processor time from the process's start to the first
    paint, and seconds of the longest stall after it."""
    with tempfile.TemporaryDirectory() as home:
        program = WINDOW.format(before=before, home=home)
        result = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
        )
    if result.returncode:
        raise RuntimeError(result.stderr.strip().splitlines()[-1] if result.stderr else "the window did not open")
    return json.loads(result.stdout)


def rows(rounds: int = 5) -> list[Row]:
    run("")  # the disk's cache is warm from here on
    ours, naive = [], []
    for _ in range(rounds):
        ours.append(run(""))
        naive.append(run("import torch"))
    ratios = [one["first"] / other["first"] for one, other in zip(ours, naive, strict=True)]
    first = statistics.median(one["first"] for one in ours) * 1e3
    stall = statistics.median(one["stall"] for one in ours) * 1e3
    return [
        Row(
            "first paint of the window, against importing torch first",
            statistics.median(ratios),
            0.2,
            note=f"{first:.0f} ms",
        ),
        Row("longest stall of the window while torch loads", stall, 100, unit="ms"),
    ]
