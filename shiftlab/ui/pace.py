"""Things that need not keep up with every frame of a drag."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class Pace(QObject):
    """Does something at once, and after that no oftener than every `pause`; what was asked for last is always done.

    Parameters
    ----------
    act : callable
        What is done.
    pause : int
        Milliseconds from one time to the next.
    """

    def __init__(self, act: Callable[[], None], pause: int, parent: QObject) -> None:
        super().__init__(parent)
        self._act, self._late = act, False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(pause)
        self._timer.timeout.connect(self.settle)
        self._resting = True

    def ask(self) -> None:
        """Do it, now or when the pause after the last time is over."""
        self._late = True
        if self._resting:
            self.settle()

    def settle(self) -> None:
        """Do at once what was asked for and is not done yet."""
        self._resting = not self._late
        if self._late:
            self._late = False
            self._timer.start()
            self._act()
