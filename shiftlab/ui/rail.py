"""The rail at the right: one button for each dock there is."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from shiftlab.ui.controls import FlatButton
from shiftlab.ui.theme import colour
from shiftlab.ui.themed import Themed

WIDTH = 40


class DockEntry(msgspec.Struct, frozen=True):
    """What the rail says of a dock."""

    id: str
    title: str
    icon: str
    tooltip: str


class Rail(Themed, QWidget):
    """Opens and closes docks; the open one is marked.

    Signals
    -------
    pressed : the id of the dock whose button was pressed
    """

    pressed = Signal(str)

    def __init__(self, entries: Sequence[DockEntry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self.setAccessibleName("Docks")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5, 8, 4, 8)
        layout.setSpacing(5)
        self.buttons: dict[str, FlatButton] = {}
        for entry in entries:
            button = FlatButton("", entry.icon, entry.tooltip, checkable=True, side=31)
            button.setAccessibleName(entry.title)
            button.clicked.connect(lambda _checked=False, one=entry.id: self.pressed.emit(one))
            self.buttons[entry.id] = button
            layout.addWidget(button, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)

    def show_open(self, dock: str) -> None:
        """Mark the open dock; '' is none."""
        for identity, button in self.buttons.items():
            button.setChecked(identity == dock)

    # Qt's own

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), colour(self.theme.panel))
            painter.fillRect(QRectF(0, 0, 1, self.height()), colour(self.theme.line))
