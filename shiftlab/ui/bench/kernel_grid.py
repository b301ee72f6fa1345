"""A kernel as a grid of numbers that can be painted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from shiftlab.ui.bench.own_keys import claims
from shiftlab.ui.figure.words import number
from shiftlab.ui.theme import colour, font, ink_on, luts
from shiftlab.ui.themed import Themed, paint_focus

Cell = tuple[int, int]
LARGEST = 44
SMALLEST_WITH_FIGURES = 30
ROOM = 348
STEPS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}
KEYS = (
    *STEPS,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_Space,
    Qt.Key.Key_Delete,
    Qt.Key.Key_Backspace,
)
"""Keys that the grid answers to."""


class KernelGrid(Themed, QWidget):
    """Cells on a zero-centred scale; the left button paints the brush's value, the right one zero.

    The arrow keys choose a cell, Return paints it, and figures are typed into the field beside.

    Attributes
    ----------
    cell : (row, col)
        The chosen cell.

    Signals
    -------
    painted : a new kernel, at every stroke's step
    stroke_ended : the button was let go
    cell_changed : (row, col)
    """

    painted = Signal(object)
    stroke_ended = Signal()
    cell_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kernel: NDArray[np.float32] = np.zeros((1, 1), dtype=np.float32)
        self.cell: Cell = (0, 0)
        self.brush = 1.0
        self._stroke: float | None = None
        self._last: QPointF | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip("Left button paints the brush's value, right button zero; arrow keys choose a cell")

    @property
    def side(self) -> int:
        """Pixels of a cell's side."""
        rows, cols = self.kernel.shape
        return max(6, min(LARGEST, ROOM // max(rows, cols)))

    def show_kernel(self, kernel: NDArray[np.float32]) -> None:
        resized = kernel.shape != self.kernel.shape
        self.kernel = kernel
        rows, cols = kernel.shape
        if resized:
            self.cell = (rows // 2, cols // 2)
            self.setFixedSize(cols * self.side + 1, rows * self.side + 1)
            self.cell_changed.emit(self.cell)
        self.setAccessibleName(f"Kernel, {rows} by {cols}")
        self.update()

    def choose(self, cell: Cell) -> None:
        rows, cols = self.kernel.shape
        cell = (min(max(cell[0], 0), rows - 1), min(max(cell[1], 0), cols - 1))
        if cell != self.cell:
            self.cell = cell
            self.setAccessibleDescription(
                f"row {cell[0] + 1}, column {cell[1] + 1}: {number(float(self.kernel[cell]))}"
            )
            self.cell_changed.emit(cell)
            self.update()

    def paint_cell(self, cell: Cell, value: float) -> None:
        """Set one cell, and say so where it had another value."""
        if float(self.kernel[cell]) != np.float32(value):
            changed = self.kernel.copy()
            changed[cell] = value
            self.painted.emit(changed)

    def _cell_at(self, place: QPointF) -> Cell | None:
        row, col = int(place.y() // self.side), int(place.x() // self.side)
        rows, cols = self.kernel.shape
        return (row, col) if 0 <= row < rows and 0 <= col < cols else None

    def _stroke_to(self, place: QPointF) -> None:
        """Paint every cell on the way from the last place: a quick pointer leaves none out."""
        start, self._last = self._last or place, place
        way = place - start
        steps = max(1, int(max(abs(way.x()), abs(way.y())) / (self.side / 2)) + 1)
        for step in range(1, steps + 1):
            cell = self._cell_at(start + way * (step / steps))
            if cell is not None and self._stroke is not None:
                self.choose(cell)
                self.paint_cell(cell, self._stroke)

    # Qt's own

    def sizeHint(self) -> QSize:
        return self.size()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            self._stroke = self.brush if event.button() == Qt.MouseButton.LeftButton else 0.0
            self._last = None
            self._stroke_to(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._stroke is not None:
            self._stroke_to(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._stroke is not None:
            self._stroke = None
            self.stroke_ended.emit()

    def event(self, event: QEvent) -> bool:
        return claims(event, KEYS) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = STEPS.get(Qt.Key(event.key()))
        if step is not None:
            self.choose((self.cell[0] + step[0], self.cell[1] + step[1]))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.paint_cell(self.cell, self.brush)
            self.stroke_ended.emit()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.paint_cell(self.cell, 0.0)
            self.stroke_ended.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            side, theme = self.side, self.theme
            table = luts(theme).diverging
            limit = float(np.abs(self.kernel).max()) or 1.0
            rows, cols = self.kernel.shape
            painter.setFont(font("tick"))
            for row in range(rows):
                for col in range(cols):
                    value = float(self.kernel[row, col])
                    entry = min(max(round(128 + 127 * value / limit), 1), 255)
                    ground = int(table[entry]) & 0xFFFFFF
                    box = QRectF(col * side, row * side, side, side)
                    painter.fillRect(box, colour(f"#{ground:06X}"))
                    if side >= SMALLEST_WITH_FIGURES:
                        painter.setPen(colour(ink_on(ground)))
                        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, number(value, 2))
            painter.setPen(colour(theme.line2))
            for row in range(rows + 1):
                painter.drawLine(QPointF(0, row * side), QPointF(cols * side, row * side))
            for col in range(cols + 1):
                painter.drawLine(QPointF(col * side, 0), QPointF(col * side, rows * side))
            box = QRectF(self.cell[1] * side, self.cell[0] * side, side, side).adjusted(1, 1, 0, 0)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour(theme.overlay.win), 3))
            painter.drawRect(box)
            painter.setPen(QPen(colour(theme.overlay.acc), 1.5))
            painter.drawRect(box)
            if self.hasFocus():
                paint_focus(painter, QRectF(self.rect()), theme, 0)
