"""A job in one line: how far it is, the time left, and a button to stop it or to begin it again."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from shiftlab.engine.jobs import Report
from shiftlab.ui.controls import FlatButton
from shiftlab.ui.fields import label
from shiftlab.ui.theme import colour
from shiftlab.ui.themed import Themed

HEIGHT = 32
WAITS = "waits while you drag"


def left_words(seconds: float) -> str:
    """'about 8 s left', 'about 3 min left'."""
    if seconds < 1:
        return "less than 1 s left"
    if seconds < 90:
        return f"about {seconds:.0f} s left"
    return f"about {seconds / 60:.0f} min left"


class JobLine(Themed, QWidget):
    """Progress, remaining time, and one button.

    Attributes
    ----------
    words : QLabel
    button : FlatButton
        Cancels what runs, begins again what was stopped.

    Signals
    -------
    cancel_wanted, again_wanted
    """

    cancel_wanted = Signal()
    again_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Progress")
        self._begun = time.monotonic()
        self._rested: float | None = None
        self._share: float | None = None
        self._runs = False
        self.words = label("", "meta")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.button = FlatButton("Cancel", "", "Stop; what was reached stays")
        self.button.clicked.connect(self._pressed)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 4, 0, 0)
        line.addWidget(self.words, 1)
        line.addWidget(self.button)
        self.show_idle("")

    def show_idle(self, words: str) -> None:
        """Nothing runs."""
        self._show(words, None, "")

    def show_begun(self, waits: bool) -> None:
        """A job has just begun, or is to begin after a drag."""
        self._begun, self._rested = time.monotonic(), time.monotonic() if waits else None
        self._show(WAITS.capitalize() if waits else "Computing", 0.0, "Cancel")

    def show_report(self, report: Report[Any]) -> None:
        """Show where a job stands."""
        progress = report.progress
        share = progress.done / progress.total if progress is not None and progress.total else 0.0
        count = f"{progress.done:,} of {progress.total:,}" if progress is not None else ""
        if report.outcome == "done":
            self._show("", None, "")
        elif report.outcome == "cancelled":
            self._show(f"Stopped at {count}" if count else "Stopped", share, "Compute")
        elif report.outcome == "failed":
            self._show(report.failure.message if report.failure is not None else "Failed", None, "Try again")
        elif report.outcome == "paused":
            self._rested = self._rested or time.monotonic()
            self._show(f"{count} · {WAITS}" if count else WAITS.capitalize(), share, "Cancel")
        else:
            if self._rested is not None:
                self._begun, self._rested = self._begun + time.monotonic() - self._rested, None
            took = time.monotonic() - self._begun
            rest = f" · {left_words(took * (1 - share) / share)}" if share > 0 and took > 0.3 else ""
            self._show(f"{count}{rest}" or "Computing", share, "Cancel")

    def _show(self, words: str, share: float | None, button: str) -> None:
        self._share, self._runs = share, button == "Cancel"
        self.words.setText(words)
        self.words.setToolTip(words)
        self.button.setVisible(bool(button))
        if button and button != self.button.text():
            self.button.setText(button)
            self.button.setAccessibleName(button)
            self.button.setToolTip("Stop; what was reached stays" if self._runs else "Begin anew")
            self.button.updateGeometry()
        self.update()

    def _pressed(self) -> None:
        (self.cancel_wanted if self._runs else self.again_wanted).emit()

    # Qt's own

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._share is None:
            return
        with QPainter(self) as painter:
            painter.fillRect(QRectF(0, 0, self.width(), 2), colour(self.theme.track))
            painter.fillRect(QRectF(0, 0, self.width() * self._share, 2), colour(self.theme.acc))
