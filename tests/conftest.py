"""What every test runs under: no screen, one thread, and nothing left behind."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
if not os.environ.get("DISPLAY"):
    os.environ["QT_QPA_PLATFORM"] = "offscreen"

import hypothesis
import pytest

# Derandomised so that a commit is green or red, not both; `--hypothesis-profile=search` looks for more.
hypothesis.settings.register_profile("suite", deadline=None, max_examples=40, derandomize=True)
hypothesis.settings.register_profile("search", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("suite")

PATIENCE = 5.0
"""Seconds that a thread is given to come to its end after a test."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test of the real window fails, and is never skipped, where its screen or its hands are missing."""
    if item.get_closest_marker("xvfb") is None:
        return
    if not os.environ.get("DISPLAY"):
        pytest.fail("no X display: python3 -m shiftlab.bootstrap test --window starts one", pytrace=False)
    if shutil.which("xdotool") is None:
        pytest.fail("xdotool is missing: apt install xdotool", pytrace=False)


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail the test that leaves a thread running, a top-level widget alive, or a QTimer active."""
    threads_before = set(threading.enumerate())
    _watch_timers()
    widgets_before = set(_widgets())
    timers_before = set(_active_timers())
    yield
    left = [f"thread {thread.name}" for thread in _threads_left(threads_before)]
    if "PySide6.QtWidgets" in sys.modules:
        left += _settled(lambda: _widgets(), widgets_before)
        left += _settled(lambda: _active_timers(), timers_before)
    if left:
        pytest.fail(f"left behind: {'; '.join(left)}", pytrace=False)


def _threads_left(before: set[threading.Thread]) -> list[threading.Thread]:
    # Dummy threads are Qt's own that once ran Python; they never leave the list, alive or not.
    new = [one for one in threading.enumerate() if one not in before and not isinstance(one, threading._DummyThread)]
    for thread in new:
        thread.join(PATIENCE)
    return [thread for thread in new if thread.is_alive()]


def _settled(look: Callable[[], dict[int, str]], before: set[int]) -> list[str]:
    """What is new after deferred deletions and, only where something is, after a garbage collection."""
    for settle in (_delete_deferred, lambda: (gc.collect(), _delete_deferred())):
        settle()
        left = [words for pointer, words in look().items() if pointer not in before]
        if not left:
            return []
    return left


def _delete_deferred() -> None:
    from PySide6.QtCore import QCoreApplication, QEvent

    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _pointer(thing: Any) -> int:
    import shiboken6

    return shiboken6.getCppPointer(thing)[0]


def _widgets() -> dict[int, str]:
    """Top-level widgets by address."""
    if "PySide6.QtWidgets" not in sys.modules:
        return {}
    from PySide6.QtWidgets import QApplication

    if QApplication.instance() is None:
        return {}
    return {
        _pointer(one): f"widget {type(one).__name__} '{one.objectName()}'" for one in QApplication.topLevelWidgets()
    }


_timers: weakref.WeakSet[Any] = weakref.WeakSet()


def _watch_timers() -> None:
    """Note every QTimer that is started: to look for them among all objects would cost more than the tests."""
    if "PySide6.QtCore" not in sys.modules:
        return
    from PySide6.QtCore import QTimer

    if getattr(QTimer.start, "noted", False):
        return
    start = QTimer.start

    def noting_start(timer: Any, *arguments: Any) -> None:
        _timers.add(timer)
        start(timer, *arguments)

    noting_start.noted = True  # type: ignore[attr-defined]
    QTimer.start = noting_start  # type: ignore[method-assign,assignment]


def _active_timers() -> dict[int, str]:
    """Active QTimers by address."""
    if not _timers:
        return {}
    import shiboken6

    return {
        _pointer(one): f"QTimer '{one.objectName()}' of {type(one.parent()).__name__}"
        for one in list(_timers)
        if shiboken6.isValid(one) and one.isActive()
    }


def pytest_unconfigure() -> None:
    """Empty the offscreen clipboard: it outlives Python, and would hand a copy to an interpreter that has gone."""
    gui = sys.modules.get("PySide6.QtGui")
    if gui is not None and isinstance(gui.QGuiApplication.instance(), gui.QGuiApplication):
        gui.QGuiApplication.clipboard().clear()
