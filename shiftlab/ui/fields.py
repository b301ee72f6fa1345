"""Number fields and the scene's fields below the canvas."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QLabel, QWidget


class NumberField(QDoubleSpinBox):
    """A number that is typed, or stepped with the wheel and the arrow keys.

    Whole numbers are shown without a fraction, others with as many digits as they have, three at most.

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
        width: int = 52,
        whole: bool = False,
        digits: int = 0,
        wraps: bool = False,
        tooltip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._digits = digits
        self.setAccessibleName(name)
        self.setToolTip(tooltip or name)
        self.setDecimals(0 if whole else self.DIGITS)
        self.setRange(low, high)
        self.setSingleStep(step)
        self.setSuffix(suffix)
        self.setWrapping(wraps)
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.setKeyboardTracking(False)
        self.setFixedWidth(width)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.valueChanged.connect(self.entered)

    def show_value(self, value: float) -> None:
        """Show a number without telling anybody; left alone while a person types in it."""
        if self.hasFocus() and self.lineEdit().isModified():
            return
        blocker = QSignalBlocker(self)
        self.setValue(value)
        blocker.unblock()

    # Qt's own

    def textFromValue(self, value: float) -> str:
        text = f"{value:.{self.DIGITS}f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        if self._digits and "." not in text:
            text = f"{text}.{'0' * self._digits}"
        return "0" if text in ("-0", "") else text.replace("-", "−")

    def valueFromText(self, text: str) -> float:
        plain = text.replace("−", "-").removesuffix(self.suffix()).strip().replace(",", ".")
        try:
            return float(plain)
        except ValueError:
            return self.value()

    def validate(self, text: str, position: int) -> object:
        return super().validate(text.replace("−", "-"), position)[0], text, position

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.show_value(self.value())
            self.clearFocus()
            return
        super().keyPressEvent(event)


def label(text: str, role: str = "label", width: int | None = None) -> QLabel:
    """A label in one of the stylesheet's roles."""
    made = QLabel(text)
    made.setProperty("role", role)
    if width is not None:
        made.setFixedWidth(width)
    return made
