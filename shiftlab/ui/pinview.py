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

NARROW_TILE, WIDE_TILE = 96, 112


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
        """The side of a map that fits three times."""
        return WIDE_TILE if self.width() >= 3 * WIDE_TILE + 40 else NARROW_TILE

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
