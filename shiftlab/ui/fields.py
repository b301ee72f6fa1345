"""Number fields, and labels in the stylesheet's roles."""

from __future__ import annotations

import math

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from shiftlab.ui.figure.words import MINUS

FAST, FINE = 10.0, 0.1
"""Factors on a step with Shift and with Alt."""


class NumberField(QLineEdit):
    """A number that is typed, or stepped with the up and down keys and the wheel.

    Whole numbers are shown without a fraction, others with as many digits as they have, three at most.
    What is no number is not taken; what lies outside the range is brought to its end.

    Signals
    -------
    entered : the number, when a person has entered or stepped it; never by `show_value`
    """

    entered = Signal(float)
    DIGITS = 3

    def __init__(
        self,
        name: str,
        low: float,
        high: float,
        *,
        step: float = 1.0,
        suffix: str = "",
        width: int = 46,
        whole: bool = False,
        digits: int = 0,
        wraps: bool = False,
        tooltip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._low, self._high, self._step, self._suffix = low, high, step, suffix
        self._whole, self._digits, self._wraps = whole, digits, wraps
        self._number, self._shown = low, False
        self.setProperty("role", "number")
        self.setAccessibleName(name)
        self.setToolTip(f"{tooltip or name}: type it, or step it with the up and down keys")
        self.setFixedWidth(width)
        self.setFixedHeight(28)
        self.editingFinished.connect(self._finish)
        self.show_value(min(max(0.0, low), high))

    @property
    def value(self) -> float:
        return self._number

    def show_value(self, value: float) -> None:
        """Show a number without telling anybody; left alone while a person types in it."""
        if value == self._number and self._shown and not self.isModified():
            return
        self._number, self._shown = value, True
        if not (self.hasFocus() and self.isModified()):
            blocker = QSignalBlocker(self)
            self.setText(self.text_of(value))
            self.setCursorPosition(0)
            blocker.unblock()

    def text_of(self, value: float) -> str:
        """The number as it is shown."""
        text = f"{value:.{self.DIGITS}f}".rstrip("0").rstrip(".")
        if self._digits and "." not in text:
            text = f"{text}.{'0' * self._digits}"
        return ("0" if text == "-0" else text.replace("-", MINUS)) + self._suffix

    def step_by(self, steps: float) -> None:
        """Step the number, and tell."""
        self._enter(self._number + steps * self._step)

    def _enter(self, value: float) -> None:
        if self._whole:
            value = float(round(value))
        if self._wraps:
            value = self._low + (value - self._low) % (self._high - self._low + 1)
        value = min(max(value, self._low), self._high)
        self.setModified(False)
        self._shown = False
        changed = value != self._number
        self.show_value(value)
        if changed:
            self.entered.emit(value)

    def _finish(self) -> None:
        if not self.isModified():
            return
        plain = self.text().replace(MINUS, "-").removesuffix(self._suffix).strip().replace(",", ".")
        try:
            value = float(plain)
        except ValueError:
            value = math.nan
        if math.isfinite(value):
            self._enter(value)
        else:
            self._restore()

    def _restore(self) -> None:
        self.setModified(False)
        self._shown = False
        self.show_value(self._number)

    # Qt's own

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = event.modifiers()
        factor = FAST if keys & Qt.KeyboardModifier.ShiftModifier else 1.0
        factor = FINE if keys & Qt.KeyboardModifier.AltModifier and not self._whole else factor
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._finish()
            self.step_by(factor if event.key() == Qt.Key.Key_Up else -factor)
        elif event.key() == Qt.Key.Key_Escape:
            self._restore()
            self.clearFocus()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus() and event.angleDelta().y():
            self.step_by(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self.selectAll()


def label(text: str, role: str = "label", width: int | None = None) -> QLabel:
    """A label in one of the stylesheet's roles."""
    made = QLabel(text)
    made.setProperty("role", role)
    if width is not None:
        made.setFixedWidth(width)
    return made
