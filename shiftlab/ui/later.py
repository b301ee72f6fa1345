"""What is done once the window has been painted: one thing after another, with what waits in between."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class Later(QObject):
    """Does one thing at each turn of the event loop, from `start` on, so that none holds up the window for long."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._steps: deque[Callable[[], object]] = deque()
        self._started = False

    def add(self, *steps: Callable[[], object]) -> None:
        """Do these after what was added before."""
        idle = self._started and not self._steps
        self._steps.extend(steps)
        if idle:
            self._arm()

    def add_first(self, step: Callable[[], object]) -> None:
        """Do this before all else that waits."""
        self._steps.appendleft(step)

    def start(self) -> None:
        """Begin; nothing where it has begun."""
        if not self._started:
            self._started = True
            self._arm()

    def stop(self) -> None:
        """Leave undone what has not been done."""
        self._steps.clear()
        self._started = True

    def _arm(self) -> None:
        if self._steps:
            QTimer.singleShot(0, self, self._do_one)

    def _do_one(self) -> None:
        step = self._steps.popleft()
        try:
            step()
        finally:
            self._arm()
