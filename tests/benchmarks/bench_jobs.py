"""The drag while something is computed behind it: painted frames in training and in a sweep, against an idle lab."""

from __future__ import annotations

from collections.abc import Iterator

from shiftlab.learn.plans import Plan
from shiftlab.opening import opening_document
from shiftlab.ui.positions.dock import PositionDock
from shiftlab.ui.window import Window
from tests.benchmarks.bench_window import opened, stream, wait_for
from tests.benchmarks.timing import Row

REACH = 0.5


def ready(window: Window) -> None:
    """The corner, opened and shown."""
    course = window.docks.course
    window.docks.dock.open_dock("training")
    course.open(Plan())
    wait_for(lambda: course.state == "ready")
    wait_for(lambda: window.bridge.shown is not None and window.bridge.shown.request.document is window.lab.document)


def idle_rate(window: Window) -> float:
    """Painted frames a second with nothing behind them."""
    return stream(window)[0]


def rows() -> Iterator[Row]:
    with opened(opening_document()) as window:
        ready(window)
        course = window.docks.course
        idle = idle_rate(window)
        yield Row("drag, nothing else: painted frames", idle, None, at_most=False, unit="frames/s")
        course.train()
        wait_for(lambda: course.taught is not None)
        rate = stream(window)[0]
        note = "" if course.busy else "the training ended before the drag"
        wait_for(lambda: not course.busy)
        idle = (idle + idle_rate(window)) / 2
        yield Row("drag while training, of the idle rate", rate / idle, REACH, at_most=False, note=note)
        window.docks.dock.open_dock("positions")
        dock = window.docks.dock.content("positions")
        assert isinstance(dock, PositionDock)
        wait_for(lambda: dock.runner.running)
        rate = stream(window)[0]
        note = "" if dock.runner.running else "the sweep ended before the drag"
        wait_for(lambda: not dock.runner.running)
        idle = (idle + idle_rate(window)) / 2
        yield Row("drag while sweeping, of the idle rate", rate / idle, REACH, at_most=False, note=note)
