"""The status bar: the shift, the time of a forward, frames a second; the error's form, padding, device."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from shiftlab.document import Document
from shiftlab.scene.translation import Displacement
from shiftlab.ui import edits
from shiftlab.ui.figure import words
from shiftlab.ui.figure.page_words import form_words, padding_words
from shiftlab.ui.figure.text import elided, width
from shiftlab.ui.theme import colour, font
from shiftlab.ui.themed import Themed

HEIGHT = 28
SPACE = 12
PAUSE = 100
"""Milliseconds between two repaints: figures that change faster are not read, and painting them takes time from
the frames."""


def shift_text(document: Document) -> str:
    """'shift (0, +3) px = (0, +0.375) cells at pool3'; the reason where there is no displacement."""
    moved = document.displacement
    if not isinstance(moved, Displacement):
        return f"no shift: {moved.reason}"
    text = f"shift {words.vector(moved.rows, moved.cols)} px"
    deepest = edits.deepest(document)
    if deepest is None or deepest.stride is None:
        return text
    return f"{text} = {words.vector(*moved.cells(deepest.stride))} cells at {deepest.name}"


class StatusBar(Themed, QWidget):
    """Facts in one line, the shift loudest. While torch loads, a thin bar runs along its upper edge."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Status")
        self._shift, self._speed = "", tuple[str, ...]()
        self._facts: tuple[str, ...] = ()
        self._loading = False
        self._hover = ""
        self._late = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self._resume)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def show_document(self, document: Document) -> None:
        shift = shift_text(document)
        spec = document.networks[0].spec
        facts = (form_words(document.lenses), padding_words(spec), "CPU, 1 thread")
        if (shift, facts) != (self._shift, self._facts):
            self._shift, self._facts = shift, facts
            self.setAccessibleDescription(self._shift)
            self._repaint_soon()

    def show_speed(self, forward_seconds: Sequence[float], rate: float | None, note: str = "") -> None:
        """The time of the last forward, and painted frames a second."""
        forward = f"forward {_milliseconds(forward_seconds[0])}" if forward_seconds else ""
        frames = f"{rate:.0f} fps" if rate is not None else ""
        speed = tuple(part for part in (forward, frames) if part)
        self.setToolTip(note)
        if speed != self._speed:
            self._speed = speed
            self._repaint_soon()

    def show_hover(self, words: str) -> None:
        """What the pointer is over, in place of the speed; '' for nothing."""
        if words != self._hover:
            self._hover = words
            self.update()

    def show_loading(self, loading: bool) -> None:
        self._loading = loading
        self.update()

    def _repaint_soon(self) -> None:
        """Repaint at once, or when the pause after the last time is over."""
        if self._pause.isActive():
            self._late = True
        else:
            self.update()
            self._pause.start()

    def _resume(self) -> None:
        if self._late:
            self._late = False
            self._repaint_soon()

    @property
    def text(self) -> str:
        """All that it says."""
        return " | ".join((self._shift, *self._speed, *self._facts))

    # Qt's own

    def sizeHint(self) -> QSize:
        return QSize(600, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.theme
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), colour(theme.panel))
            painter.fillRect(QRectF(0, 0, self.width(), 1), colour(theme.line))
            if self._loading:
                painter.fillRect(QRectF(0, 0, self.width() / 3, 2), colour(theme.acc))
            used = self._facts_from_right(painter)
            self._from_left(painter, self.width() - used)

    def _from_left(self, painter: QPainter, room: float) -> None:
        speed = ("torch is loading",) if self._loading else (self._hover,) if self._hover else self._speed
        x = float(SPACE)
        for index, part in enumerate((self._shift, *speed)):
            strong = index == 0
            wide = width(part, "meta", strong)
            if index and x + 2 * SPACE + wide > room:
                return
            if index:
                x = self._line(painter, x + SPACE) + SPACE
            painter.setFont(font("meta", strong))
            painter.setPen(colour(self.theme.t1 if index == 0 else self.theme.t2))
            seen = elided(part, room - x - SPACE, "meta", strong)
            painter.drawText(QRectF(x, 0, wide + 1, self.height()), Qt.AlignmentFlag.AlignVCenter, seen)
            x += wide

    def _facts_from_right(self, painter: QPainter) -> float:
        """Paint what is at the right end as far as it leaves the shift its room; returns the width used."""
        least = SPACE + width(self._shift, "meta", True) + SPACE
        painter.setFont(font("meta", False))
        x = float(self.width() - SPACE)
        for index, part in enumerate(reversed(self._facts)):
            wide = width(part, "meta", False)
            if x - wide - 2 * SPACE < least:
                break
            if index:
                x -= SPACE
                self._line(painter, x)
                x -= SPACE
            painter.setPen(colour(self.theme.t2))
            painter.drawText(QRectF(x - wide, 0, wide + 1, self.height()), Qt.AlignmentFlag.AlignVCenter, part)
            x -= wide
        return self.width() - x

    def _line(self, painter: QPainter, x: float) -> float:
        painter.fillRect(QRectF(x, 8, 1, self.height() - 16), colour(self.theme.line2))
        return x


def _milliseconds(seconds: float) -> str:
    value = seconds * 1000
    return f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"
