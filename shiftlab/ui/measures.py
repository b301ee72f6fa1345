"""The measures dock: every measure of every stage as a table, to be copied and saved."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from shiftlab.engine.messages import Side
from shiftlab.measure.tables import HEADINGS, as_csv, rows
from shiftlab.measure.values import StageMeasure
from shiftlab.network.info import StageInfo
from shiftlab.ui.controls import FlatButton
from shiftlab.ui.fields import label

IN_PANELS = ("kind", "channels", "rows", "cols", "stride", "receptive field")
"""Headings that the table leaves out, because the panels say it; the CSV has them."""
DEFINITIONS = {
    "equivariance error": "‖now − reference moved along‖ ÷ root mean square of both norms, without what the "
    "background gives; the grid form: the best of the whole numbers of cells around the shift",
    "equivariance error, valid": "the same over cells whose fields lie wholly inside the canvas",
    "equivariance error, fractional": "the reference moved by the exact part of a cell (Fourier shift)",
    "equivariance error, plain": "the grid form against the whole response",
    "border share": "the squared error outside the valid cells over the total",
    "invariance error": "‖now − reference‖ ÷ root mean square of both norms, without what the background gives",
    "invariance error, plain": "the same against the whole response",
    "cosine": "of the angle between now and reference",
    "own error": "the error of this layer alone, when the map before it had moved along exactly",
    "causes": "what the own error comes from, the largest first",
}


class MeasuresTable(QWidget):
    """All measures.

    Signals
    -------
    save_wanted : the table as CSV, to be saved
    """

    save_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._csv = ""
        self.table = QTableWidget(0, len(HEADINGS))
        self.table.setAccessibleName("Measures of all stages")
        for column, heading in enumerate(HEADINGS):
            item = QTableWidgetItem(heading)
            item.setToolTip(DEFINITIONS.get(heading, heading))
            self.table.setHorizontalHeaderItem(column, item)
            self.table.setColumnHidden(column, heading in IN_PANELS)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.note = label("Hover a heading for its definition", "meta")
        copy = FlatButton("Copy", "copy", "Copy the table as CSV")
        copy.clicked.connect(self.copy)
        save = FlatButton("Save CSV…", "", "Save the table as CSV")
        save.clicked.connect(lambda: self.save_wanted.emit(self._csv))
        line = QHBoxLayout()
        line.addWidget(self.note, 1)
        line.addWidget(copy)
        line.addWidget(save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 16)
        layout.addWidget(self.table, 1)
        layout.addLayout(line)

    @property
    def csv(self) -> str:
        return self._csv

    def show_sides(self, sides: Sequence[Side], measures: Sequence[Sequence[StageMeasure]]) -> None:
        """Show the measures of every network, one below the other."""
        lines: list[tuple[str, ...]] = []
        stages: list[StageInfo] = []
        flat: list[StageMeasure] = []
        for index, (side, known) in enumerate(zip(sides, measures, strict=True)):
            prefix = f"{'AB'[index]}: " if len(sides) > 1 else ""
            for cells in rows(side.stages, known):
                lines.append((f"{prefix}{cells[0]}", *cells[1:]))
            stages += side.stages
            flat += known
        self._csv = as_csv(stages, flat)
        self.table.setRowCount(len(lines))
        for row, cells in enumerate(lines):
            for column, text in enumerate(cells):
                item = self.table.item(row, column)
                if item is None:
                    item = QTableWidgetItem()
                    self.table.setItem(row, column, item)
                    if column:
                        item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if item.text() != text:
                    item.setText(text)
                    item.setToolTip(text)

    def copy(self) -> None:
        """Put the table on the clipboard as CSV."""
        QGuiApplication.clipboard().setText(self._csv)
