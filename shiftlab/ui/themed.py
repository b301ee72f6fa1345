"""Widgets that paint themselves with the tokens of a theme."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from shiftlab.ui.theme import DARK, Theme, colour

FOCUS_WIDTH = 2
KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class Themed:
    """Mixed into a QWidget that paints itself: holds the theme, repaints when it changes.

    Attributes
    ----------
    theme : Theme
    """

    theme: Theme = DARK

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        assert isinstance(self, QWidget)
        self.update()


def apply_theme(root: QWidget, theme: Theme) -> None:
    """Give the theme to `root` and to everything within it that paints itself."""
    for widget in (root, *root.findChildren(QWidget)):
        if isinstance(widget, Themed):
            widget.set_theme(theme)


def by_keyboard(event: QFocusEvent) -> bool:
    """Whether the focus came by a key, and its ring is to be shown."""
    return event.reason() in KEYBOARD


def paint_focus(painter: QPainter, rect: QRectF, theme: Theme, radius: float = 4) -> None:
    """The ring around what has the keyboard focus."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour(theme.acc), FOCUS_WIDTH))
    inset = FOCUS_WIDTH / 2
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius, radius)
    painter.restore()
