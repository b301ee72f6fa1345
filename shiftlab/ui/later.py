"""What is done once the window has been painted: one thing after another, with what waits in between."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal


class Later(QObject):
    """Does one thing at each turn of the event loop, from `start` on, so that none holds up the window for long.

    Signals
    -------
    done : all has been done; once
    """

    done = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._steps: deque[Callable[[], object]] = deque()
        self._started = self._stopped = False

    def add(self, *steps: Callable[[], object]) -> None:
        """Do these after what was added before; to be said before `start`."""
        self._steps.extend(steps)

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
        self._started = self._stopped = True

    def _arm(self) -> None:
        if not self._stopped:
            QTimer.singleShot(0, self, self._do_one)

    def _do_one(self) -> None:
        if not self._steps:
            if not self._stopped:
                self.stop()
                self.done.emit()
            return
        step = self._steps.popleft()
        try:
            step()
        finally:
            self._arm()
