"""One line of the list of lessons: whether it was finished, its title, and what it is about."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from shiftlab.ui import icons
from shiftlab.ui.controls import ARROWS
from shiftlab.ui.figure import text
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.theme import colour
from shiftlab.ui.themed import Themed, by_keyboard, paint_focus

HEIGHT = 46
LEFT, RIGHT = 40, 12
RING = 20


class LessonRow(Themed, QAbstractButton):
    """A press begins the lesson.

    Attributes
    ----------
    finished, present : whether every step was done once; whether it is the one under way
    """

    def __init__(self, number: int, title: str, about: str, note: str, broken: bool, parent: QWidget | None = None):
        super().__init__(parent)
        self._number, self._title, self._about, self._note, self._broken = number, title, about, note, broken
        self.finished = self.present = False
        self._by_keyboard = False
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(title)
        self.setAccessibleDescription(about)
        self.setToolTip(about)
        self.setEnabled(not broken)

    def show_state(self, finished: bool, present: bool) -> None:
        if (finished, present) != (self.finished, self.present):
            self.finished, self.present = finished, present
            self.setAccessibleDescription(f"{self._about} {'Finished.' if finished else ''}".strip())
            self.update()

    # Qt's own

    def sizeHint(self) -> QSize:
        return QSize(0, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, rect = self.theme, QRectF(self.rect())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            lit = self.isEnabled() and (self.underMouse() or self.isDown())
            if self.present or lit:
                painter.setBrush(colour(theme.accbg if self.present else theme.hov))
                painter.drawRoundedRect(rect, 4, 4)
            self._paint_ring(painter)
            note = text.width(self._note, "meta")
            room = self.width() - LEFT - RIGHT
            text.draw(painter, Rect(LEFT, 6, room - note - 8, 18), self._title, "control", theme.t1, strong=True)
            if self._note:
                quiet = theme.t2 if self.present or lit else theme.t3
                text.draw(painter, Rect(self.width() - RIGHT - note - 2, 6, note + 2, 18), self._note, "meta", quiet)
            about = theme.broke if self._broken else theme.t2
            text.draw(painter, Rect(LEFT, 24, room, 16), self._about, "meta", about)
            if self.hasFocus() and self._by_keyboard:
                paint_focus(painter, rect, theme)

    def _paint_ring(self, painter: QPainter) -> None:
        """A tick where it was finished, else its number."""
        theme, centre = self.theme, QPointF(20, HEIGHT / 2)
        if self.finished:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            icons.paint_icon(painter, QRectF(centre.x() - 8, centre.y() - 8, 16, 16), "check", theme.moved)
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour(theme.acc if self.present else theme.line2), 1))
        painter.drawEllipse(centre, RING / 2, RING / 2)
        words = "!" if self._broken else str(self._number)
        token = theme.broke if self._broken else theme.t1 if self.present else theme.t2
        text.draw(
            painter, Rect(centre.x() - RING / 2, centre.y() - RING / 2, RING, RING), words, "meta", token, "centre"
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in ARROWS:
            event.ignore()  # they move the pattern
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._by_keyboard = by_keyboard(event)
        super().focusInEvent(event)
