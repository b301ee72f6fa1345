"""What the head says of the present scene, below the displacement: one block for each network that has a head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from shiftlab.ui.figure.answer import MOST_ROWS, TITLE_HEIGHT, class_name, foot_words, paint_answer, shown_classes
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.theme import colour
from shiftlab.ui.themed import Themed

if TYPE_CHECKING:
    from shiftlab.engine.messages import HeadValues

ROW, ABOVE = 30, 8
BETWEEN = 20
"""Pixels between the answers of A and of B, side by side."""


class Answer(Themed, QWidget):
    """Classes with logits and probabilities as bars; of two networks side by side.

    Attributes
    ----------
    heads : tuple of HeadValues
        Those shown; empty where no network has a head, and the widget takes no room then.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heads: tuple[HeadValues, ...] = ()
        self.setAccessibleName("The answer")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(0)

    def expect(self, outputs: Sequence[int]) -> None:
        """Take the room that heads of so many outputs will need, before they have answered."""
        self._take_room(max((min(count, MOST_ROWS) for count in outputs), default=0))

    def _take_room(self, rows: int) -> bool:
        height = ABOVE + TITLE_HEIGHT + ROW * rows if rows else 0
        other = height != self.height()
        if other:
            self.setFixedHeight(height)
        return other

    def show_heads(self, heads: Sequence[HeadValues | None], *, dragged: bool = False) -> bool:
        """Show these answers; whether the room they take is another.

        While something is `dragged`, what screen readers say is left as it is.
        """
        self.heads = tuple(head for head in heads if head is not None)
        other = self._take_room(max((len(shown_classes(head)) for head in self.heads), default=0))
        if not dragged:
            self.setToolTip(foot_words(self.heads[0]) if self.heads else "")
            self.setAccessibleDescription("; ".join(_said(head) for head in self.heads))
        self.update()
        return other

    # Qt's own

    def sizeHint(self) -> QSize:
        return QSize(320, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        count = len(self.heads)
        wide = (self.width() - BETWEEN * (count - 1)) / max(count, 1)
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), colour(self.theme.win))
            for number, head in enumerate(self.heads):
                place = Rect(number * (wide + BETWEEN), ABOVE, wide, self.height())
                title = "The answer" if count == 1 else f"Answer of {'AB'[number]}"
                ground = self.theme.win
                paint_answer(painter, place, head, self.theme, row=ROW, foot=False, title=title, kept_on=ground)


def _said(head: HeadValues) -> str:
    return ", ".join(f"{class_name(head, index)} {head.probabilities[index]:.0%}" for index in shown_classes(head))
