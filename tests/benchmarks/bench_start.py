"""Starting: the window's first paint against importing torch first, and what holds up its thread meanwhile.

Every figure comes from a process of its own, since torch can be imported only once in each: the whole of `shiftlab`
with no arguments, as a user starts it, from the interpreter's first instruction to the end of the canvas's first
paint. Both sides read their modules from bytecode, as they do wherever Python may write it.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

from tests.benchmarks.timing import Row

PROGRAM = """
import sys, time
{before}
from shiftlab import app

figures, gaps, ready = {{}}, [], app._problem

def watch():
    # Called where the application has just imported Qt, with the garbage collector as it has it.
    from PySide6.QtCore import QEvent, QObject, Qt, QTimer
    from PySide6.QtWidgets import QApplication

    class Eye(QObject):
        def eventFilter(self, watched, event):
            if event.type() != QEvent.Type.Paint or "first" in figures:
                return False
            watched.paintEvent(event)
            figures["first"] = time.process_time()
            QTimer.singleShot(0, begin)
            return True

    def begin():
        figures["last"] = time.perf_counter()
        timer.start(1)

    def tick():
        now = time.perf_counter()
        gaps.append(now - figures["last"])
        figures["last"] = now

    def run_watched(*_):
        global eye, timer
        timer = QTimer(timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(tick)
        window = next(one for one in QApplication.topLevelWidgets() if hasattr(one, "canvas"))
        eye = Eye()
        window.canvas.installEventFilter(eye)
        window.bridge.snapshot_ready.connect(lambda _: QTimer.singleShot(100, finish))

        def finish():
            timer.stop()
            window.close()

        return run()

    run = QApplication.exec
    QApplication.exec = run_watched

def ready_and_watched():
    problem = ready()
    watch()
    return problem

app._problem = ready_and_watched
from shiftlab.cli import main
code = main([])
if code == 0:
    print(figures["first"], max(gaps))
sys.exit(code)
"""


def run(before: str) -> dict[str, float]:
    """Open the window in a process, after `before`: seconds of processor time from the process's start to the first
    paint, and seconds of the longest stall after it."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "SHIFTLAB_HOME": home}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        program = [sys.executable, "-c", PROGRAM.format(before=before)]
        result = subprocess.run(program, capture_output=True, text=True, timeout=120, check=False, env=environment)
    if result.returncode:
        raise RuntimeError(result.stderr.strip().splitlines()[-1] if result.stderr else "the window did not open")
    first, stall = result.stdout.split()
    return {"first": float(first), "stall": float(stall)}


def rows(rounds: int = 5) -> list[Row]:
    run("")  # the bytecode is written and the disk's cache warm from here on
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
