"""Small maps side by side on one zero-centred scale."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from shiftlab.ui.figure.text import width
from shiftlab.ui.figure.words import limit as limit_words
from shiftlab.ui.figure.words import number
from shiftlab.ui.theme import colour, font, luts
from shiftlab.ui.themed import Themed

GAP = 4
BAR = 8
TALLEST = 268
LARGEST = 148
SCALE = 18
"""Height of the colour bar with its figures."""


class Tiles(Themed, QWidget):
    """Maps (n, rows, cols) in tiles of one size, with their colour bar; the pointer reads a value.

    Attributes
    ----------
    maps : array (n, rows, cols), float64
    most : int
        How many are shown at most.
    limit : float
        Where the scale ends on both sides.
    chosen : int or None
        The tile that is outlined.

    Signals
    -------
    tile_chosen : index of the tile that was clicked
    """

    tile_chosen = Signal(int)

    def __init__(self, name: str, most: int, *, largest: int = LARGEST, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.most, self._largest = most, largest
        self._names: tuple[str, ...] = ()
        self._image: QImage | None = None
        self._table: object = None
        self.maps: NDArray[np.float64] = np.zeros((0, 1, 1))
        self.limit = 0.0
        self.chosen: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_maps(self, maps: NDArray[np.float64], names: tuple[str, ...] = ()) -> None:
        """Show these maps; `names` is said of each under the pointer."""
        resized = maps.shape != self.maps.shape
        self.maps, self._names = maps[: self.most], names
        finite = maps[np.isfinite(maps)]
        self.limit = float(np.abs(finite).max(initial=0.0))
        self._image = None
        if resized:
            self.updateGeometry()
            self.setFixedHeight(self._height())
        self.update()

    def choose(self, index: int | None) -> None:
        """Outline a tile, or none."""
        if index != self.chosen:
            self.chosen = index
            self.update()

    def grid(self) -> tuple[int, int]:
        """(tiles in a row, side of a tile) with which all fit, as large as they may be, in as few rows."""
        best, rank = (1, 0), (0, 0)
        for across in range(1, max(len(self.maps), 1) + 1):
            side = (self.width() - GAP * (across - 1)) // across
            lines = -(-len(self.maps) // across)
            side = min(side, (TALLEST + GAP) // max(lines, 1) - GAP, self._largest)
            if (side, -lines) > rank:
                best, rank = (across, side), (side, -lines)
        return best[0], max(best[1], 4)

    def _height(self) -> int:
        across, side = self.grid()
        lines = -(-len(self.maps) // across) if len(self.maps) else 0
        return lines * (side + GAP) + SCALE

    def _box(self, index: int) -> QRectF:
        across, side = self.grid()
        row, col = divmod(index, across)
        rows, cols = self.maps.shape[1:]
        unit = side / max(rows, cols)
        return QRectF(col * (side + GAP), row * (side + GAP), cols * unit, rows * unit)

    def _sheet(self) -> QImage:
        """All maps one below the other, coloured."""
        table = luts(self.theme).diverging
        if self._image is None or self._table is not table:
            scaled = np.nan_to_num(self.maps) / (self.limit or 1.0)
            entries = np.clip(np.rint(128 + 127 * scaled), 1, 255).astype(np.intp)
            pixels = np.ascontiguousarray(table[entries].reshape(-1, self.maps.shape[2]))
            height, width = pixels.shape
            self._image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()
            self._table = table
        return self._image

    # Qt's own

    def sizeHint(self) -> QSize:
        return QSize(320, self._height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not len(self.maps):
            return
        with QPainter(self) as painter:
            sheet, (rows, cols) = self._sheet(), self.maps.shape[1:]
            for index in range(len(self.maps)):
                painter.drawImage(self._box(index), sheet, QRectF(0, index * rows, cols, rows))
                painter.setPen(colour(self.theme.line))
                painter.drawRect(self._box(index).adjusted(0, 0, -1, -1))
            if self.chosen is not None and self.chosen < len(self.maps):
                painter.setPen(QPen(colour(self.theme.acc), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(self._box(self.chosen).adjusted(1, 1, -1, -1))
            self._paint_scale(painter)

    def _paint_scale(self, painter: QPainter) -> None:
        top, table = self.height() - 13, luts(self.theme).diverging
        painter.setFont(font("tick"))
        low = "0" if not self.limit else f"\N{MINUS SIGN}{limit_words(self.limit)}"
        high = limit_words(self.limit)
        painter.setPen(colour(self.theme.t3))
        left = math.ceil(width(low, "tick")) + 6
        painter.drawText(QRectF(0, top - 2, left, 13), Qt.AlignmentFlag.AlignVCenter, low)
        for entry in range(1, 256, 3):
            painter.fillRect(QRectF(left + (entry - 1) * 72 / 254, top, 1.2, BAR), colour(_hex(int(table[entry]))))
        painter.drawText(QRectF(left + 78, top - 2, 60, 13), Qt.AlignmentFlag.AlignVCenter, high)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for index in range(len(self.maps)):
            if self._box(index).contains(event.position()):
                self.tile_chosen.emit(index)

    def resizeEvent(self, event: object) -> None:
        self.setFixedHeight(self._height())

    def event(self, event: object) -> bool:
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.words_at(event.pos().x(), event.pos().y()), self)
            return True
        return super().event(event)  # pyright: ignore[reportArgumentType]

    def words_at(self, x: float, y: float) -> str:
        """What stands under the pointer: 'channel 3 (2, 5): 0.12'."""
        for index in range(len(self.maps)):
            box = self._box(index)
            if box.contains(x, y):
                rows, cols = self.maps.shape[1:]
                row = min(int((y - box.top()) / box.height() * rows), rows - 1)
                col = min(int((x - box.left()) / box.width() * cols), cols - 1)
                name = f"{self._names[index]} " if index < len(self._names) else ""
                return f"{name}({row}, {col}): {number(float(self.maps[index, row, col]), 5)}"
        return ""


def _hex(rgb: int) -> str:
    return f"#{rgb & 0xFFFFFF:06X}"
