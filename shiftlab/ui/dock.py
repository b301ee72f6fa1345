"""The dock: a panel at the right that shows one thing at a time, made when it is first opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from shiftlab.ui.controls import FlatButton
from shiftlab.ui.fields import label
from shiftlab.ui.rail import DockEntry
from shiftlab.ui.theme import colour
from shiftlab.ui.themed import Themed, apply_theme

WIDTH = 400


class Dock(Themed, QWidget):
    """Shows the contents of one dock under its title.

    Signals
    -------
    opened_changed : the id of the dock that is open, '' for none
    dismissed : the id of a dock that a person has closed
    """

    opened_changed = Signal(str)
    dismissed = Signal(str)

    def __init__(
        self, entries: Mapping[str, tuple[DockEntry, Callable[[], QWidget]]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._entries = entries
        self._made: dict[str, QWidget] = {}
        self.open_id = ""
        self.setFixedWidth(WIDTH)
        self._title = label("", "heading")
        close = FlatButton("", "close", "Close the dock", side=28)
        close.setAccessibleName("Close the dock")
        close.clicked.connect(self.dismiss)
        head = QWidget()
        head.setFixedHeight(40)
        line = QHBoxLayout(head)
        line.setContentsMargins(16, 0, 8, 0)
        line.addWidget(self._title)
        line.addStretch(1)
        line.addWidget(close)
        self._stack = QStackedWidget()
        self._column = layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(self._stack, 1)
        self.hide()

    def set_above(self, widget: QWidget) -> None:
        """Show a widget above whatever dock is open."""
        self._column.insertWidget(0, widget)
        apply_theme(widget, self.theme)

    def content(self, identity: str) -> QWidget | None:
        """What a dock shows, if it was ever opened."""
        return self._made.get(identity)

    def open_dock(self, identity: str) -> None:
        """Show a dock; nothing for an unknown one."""
        if identity not in self._entries or identity == self.open_id:
            return
        entry, make = self._entries[identity]
        if identity not in self._made:
            self._made[identity] = make()
            self._stack.addWidget(self._made[identity])
            apply_theme(self._made[identity], self.theme)
        self._title.setText(entry.title)
        self._stack.setCurrentWidget(self._made[identity])
        self.open_id = identity
        self.show()
        self.opened_changed.emit(identity)

    def close_dock(self) -> None:
        if self.open_id:
            self.open_id = ""
            self.hide()
            self.opened_changed.emit("")

    def dismiss(self) -> None:
        """Close what is open at a person's wish."""
        identity = self.open_id
        self.close_dock()
        self.dismissed.emit(identity)

    # Qt's own

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), colour(self.theme.panel))
            painter.fillRect(QRectF(0, 0, 1, self.height()), colour(self.theme.line))
