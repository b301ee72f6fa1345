"""Things that need not keep up with every frame of a drag."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class Pace(QObject):
    """Does something no oftener than every `pause`; what was asked for last is always done.

    Parameters
    ----------
    act : callable
        What is done.
    pause : int
        Milliseconds from one time to the next.
    at_once : bool
        Whether the first time is at once; else it too comes after a pause.
    """

    def __init__(self, act: Callable[[], None], pause: int, parent: QObject, *, at_once: bool = True) -> None:
        super().__init__(parent)
        self._act, self._late, self._at_once = act, False, at_once
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(pause)
        self._timer.timeout.connect(self.settle)
        self._resting = True

    def ask(self) -> None:
        """Do it, now or when a pause is over."""
        self._late = True
        if self._resting:
            if self._at_once:
                self.settle()
            else:
                self._resting = False
                self._timer.start()

    def settle(self) -> None:
        """Do at once what was asked for and is not done yet."""
        self._resting = not self._late
        if self._late:
            self._late = False
            self._timer.start()
            self._act()
