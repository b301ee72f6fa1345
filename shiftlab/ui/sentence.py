"""The sentence of the first break, under the strip's head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from shiftlab.ui.figure.headline import paint_headline
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.theme import colour
from shiftlab.ui.themed import Themed

if TYPE_CHECKING:
    from shiftlab.measure.words import Sentence

HEIGHT = 24
MARGIN = 20


class SentenceLine(Themed, QWidget):
    """One line; the whole of it in the tooltip where it does not fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence: Sentence | None = None
        self._margin = MARGIN
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def show_sentence(self, sentence: Sentence) -> None:
        if sentence != self.sentence:
            self.sentence = sentence
            self.setToolTip(str(sentence))
            self.setAccessibleName(str(sentence))
            self.update()

    def set_margin(self, margin: int) -> None:
        """Begin where the panels do."""
        if margin != self._margin:
            self._margin = margin
            self.update()

    # Qt's own

    def minimumSizeHint(self) -> QSize:
        return QSize(0, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), colour(self.theme.win))
            if self.sentence is not None:
                room = Rect(self._margin, 0, self.width() - self._margin - 12, self.height())
                paint_headline(painter, room, self.sentence, self.theme)
