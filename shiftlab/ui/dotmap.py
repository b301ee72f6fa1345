"""The map of a long network beside the strip: a dot for each stage; a click goes there."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from shiftlab.document import StageKey
from shiftlab.ui.figure.chip import State
from shiftlab.ui.figure.dots import dot_at, dot_places, paint_dots
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.theme import colour
from shiftlab.ui.themed import Themed

WIDTH = 40
MARGIN = 8


class DotMap(Themed, QWidget):
    """Shows the state of every stage of a long network at once.

    Signals
    -------
    chosen : the StageKey whose dot was pressed
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stages: tuple[tuple[StageKey, State], ...] = ()
        self._seen: frozenset[StageKey] = frozenset()
        self._first: StageKey | None = None
        self.setFixedWidth(WIDTH)
        self.setAccessibleName("Map of all stages")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()

    def show_stages(
        self, stages: tuple[tuple[StageKey, State], ...], seen: frozenset[StageKey], first: StageKey | None
    ) -> None:
        """Store what is known of the stages, which of them are in view, and which breaks first."""
        if (stages, seen, first) != (self._stages, self._seen, self._first):
            self._stages, self._seen, self._first = stages, seen, first
            self.update()

    def _places(self) -> tuple[Rect, ...]:
        room = Rect(MARGIN, MARGIN, self.width() - 2 * MARGIN, self.height() - 2 * MARGIN)
        return dot_places(len(self._stages), room)

    def _at(self, x: float, y: float) -> StageKey | None:
        index = dot_at(self._places(), x, y)
        return None if index is None else self._stages[index][0]

    # Qt's own

    def minimumSizeHint(self) -> QSize:
        return QSize(WIDTH, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        keys = [key for key, _ in self._stages]
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), colour(self.theme.win))
            paint_dots(
                painter,
                self._places(),
                [state for _, state in self._stages],
                self.theme,
                first_break=keys.index(self._first) if self._first in keys else None,
                seen=frozenset(index for index, key in enumerate(keys) if key in self._seen),
            )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        key = self._at(event.position().x(), event.position().y())
        if key is not None:
            self.chosen.emit(key)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            key = self._at(event.pos().x(), event.pos().y())
            QToolTip.showText(event.globalPos(), "" if key is None else key[1], self)
            return True
        return super().event(event)
