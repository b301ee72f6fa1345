"""What stands below the canvas while a cell is pinned: what is left there, and what the cell sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import draw
from shiftlab.ui.themed import Themed

if TYPE_CHECKING:
    from shiftlab.ui.figure.probe import ProbeModel

TILES = (208, 176, 144, 112, 96, 80, 64)
BESIDE = 40
"""Pixels that minus and equals sign need between three maps."""
NOTE_LINES = 2


class PinView(Themed, QWidget):
    """Shows one pinned cell.

    Attributes
    ----------
    model : ProbeModel or None
        None until its values have been computed.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model: ProbeModel | None = None
        self.setAccessibleName("Pinned cell")

    @property
    def tile(self) -> int:
        """The side of a map that fits three times, and leaves room for the words below."""
        from shiftlab.ui.figure import probe  # late: at first nothing is pinned

        rows = probe.MOST_ROWS if self.model is None else len(self.model.seen)
        words = probe.HEAD + probe.LABELS + 12 + probe.TITLE + rows * probe.ROW + 4 + NOTE_LINES * probe.LEADING
        fitting = (one for one in TILES if 3 * one + BESIDE <= self.width() and words + one <= self.height())
        return next(fitting, TILES[-1])

    def show_model(self, model: ProbeModel | None) -> None:
        self.model = model
        self.setAccessibleDescription("" if model is None else model.title)
        self.update()

    # Qt's own

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            if self.model is not None:
                from shiftlab.ui.figure.probe import paint_probe  # late: at first nothing is pinned

                paint_probe(painter, Rect(0, 0, self.width(), self.height()), self.model, self.theme)
            else:
                draw(painter, Rect(0, 0, self.width(), 22), "Computing the pinned cell", "control", self.theme.t2)
