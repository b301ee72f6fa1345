"""Paragraphs that wrap, in the tokens of the theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from shiftlab.ui import icons
from shiftlab.ui.figure import text
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.theme import FontRole, Theme
from shiftlab.ui.themed import Themed

Token = Literal["t1", "t2", "t3", "moved", "broke"]
LEADING: dict[FontRole, float] = {"heading": 19, "control": 17, "meta": 15}
BETWEEN = 8
ICON, ICON_ROOM = 14, 20


@dataclass(frozen=True)
class Paragraph:
    """Some sentences in one look; with an icon they stand in a column of their own behind it."""

    words: str
    token: Token = "t1"
    role: FontRole = "heading"
    strong: bool = False
    icon: str = ""


class Prose(Themed, QWidget):
    """Paragraphs below each other, as high as they need."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paragraphs: tuple[Paragraph, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def words(self) -> str:
        return " ".join(one.words for one in self._paragraphs)

    def show_paragraphs(self, *paragraphs: Paragraph) -> None:
        shown = tuple(one for one in paragraphs if one.words)
        if shown != self._paragraphs:
            self._paragraphs = shown
            self.setAccessibleName(self.words)
            self._fit()
            self.update()
        self.setVisible(bool(shown))

    def _fit(self) -> None:
        self.setFixedHeight(round(self._height(self.width())))

    def _height(self, width: float) -> float:
        heights = [len(lines) * LEADING[one.role] for one, lines in self._set(width, self.theme)]
        return sum(heights) + BETWEEN * max(len(heights) - 1, 0)

    def _set(self, width: float, theme: Theme) -> Sequence[tuple[Paragraph, list[list[text.Run]]]]:
        return [
            (
                one,
                text.wrapped(
                    [text.Run(one.words, getattr(theme, one.token), one.role, one.strong)],
                    width - (ICON_ROOM if one.icon else 0),
                ),
            )
            for one in self._paragraphs
        ]

    # Qt's own

    def sizeHint(self) -> QSize:
        return QSize(self.width(), round(self._height(self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self._fit()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            y = 0.0
            for one, lines in self._set(self.width(), self.theme):
                leading, left = LEADING[one.role], ICON_ROOM if one.icon else 0
                if one.icon:
                    at = QRectF(0, round(y + (leading - ICON) / 2), ICON, ICON)
                    icons.paint_icon(painter, at, one.icon, getattr(self.theme, one.token))
                for line in lines:
                    text.draw_runs(painter, Rect(left, y, self.width() - left + 1, leading), line)
                    y += leading
                y += BETWEEN
