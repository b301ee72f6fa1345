"""One channel three times: as it is, as it was predicted from the reference, and what is left between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from shiftlab.engine.messages import Inspected, Luts
from shiftlab.picture.levels import Levels
from shiftlab.ui.figure.colouring import table_colours
from shiftlab.ui.figure.pixels import image_of
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import draw
from shiftlab.ui.theme import colour
from shiftlab.ui.themed import Themed

GAP = 22
"""Between two maps, with a sign in it."""
LABEL = 18
MOST = 108
NAMES = ("now", "predicted", "what is left")
SIGNS = ("−", "=")


def _coloured(values: NDArray[np.float32], levels: Levels, tables: Luts) -> NDArray[np.uint32]:
    limit, centre = levels.limit, 0.0 if levels.signed else None
    return table_colours(values, -limit if levels.signed else 0.0, limit, tables, tables.nan, centre)


class Beside(Themed, QWidget):
    """Three maps in a row: now − predicted = what is left.

    Attributes
    ----------
    maps : three (rows, cols) uint32 pictures, empty where no prediction is defined
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.maps: tuple[NDArray[np.uint32], ...] = ()
        self.setFixedHeight(MOST + LABEL)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("The channel now, as predicted, and what is left")
        self.setToolTip("Predicted: the map at the reference, moved along with the pattern")
        self.hide()

    def show_channel(self, inspected: Inspected, levels: Levels, tables: Luts) -> None:
        """Show a channel; hidden where it cannot be predicted."""
        moved = inspected.moved
        self.setVisible(moved is not None)
        if moved is None:
            self.maps = ()
            return
        # Inf - Inf is shown for what it is; Python need not warn of it too.
        with np.errstate(invalid="ignore", over="ignore"):
            rest = inspected.now - moved
        self.maps = (
            _coloured(inspected.now, levels, tables),
            _coloured(moved, levels, tables),
            _coloured(rest, levels.for_residual, tables),
        )
        self.update()

    # Qt's own

    def sizeHint(self) -> QSize:
        return QSize(3 * MOST + 2 * GAP, MOST + LABEL)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            for index, pixels in enumerate(self.maps):
                self._paint(painter, index, pixels)

    def _paint(self, painter: QPainter, index: int, pixels: NDArray[np.uint32]) -> None:
        theme = self.theme
        room = min((self.width() - 2 * GAP) / 3, MOST)
        rows, cols = pixels.shape
        scale = room / max(rows, cols)
        x = round(index * (room + GAP))
        place = QRectF(x, 0, round(cols * scale), round(rows * scale))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(place, image_of(pixels))
        painter.setPen(QPen(colour(theme.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place.adjusted(0, 0, -1, -1))
        draw(painter, Rect(x, place.bottom() + 2, room + GAP, LABEL - 2), NAMES[index], "meta", theme.t2)
        if index < len(SIGNS):
            middle = Rect(x + room, place.height() / 2 - 10, GAP, 20)
            draw(painter, middle, SIGNS[index], "control", theme.t2, "centre")
