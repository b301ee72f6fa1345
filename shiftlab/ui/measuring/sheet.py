"""A table that is read, not edited, and how high it stands."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget

ROW = 24
LEAST = 120
"""Height below which a table is scrolled rather than cut."""


def sheet(name: str, headings: Sequence[str]) -> QTableWidget:
    """An empty table with columns as wide as what is in them; it takes neither focus nor a selection."""
    table = QTableWidget(0, len(headings))
    table.setAccessibleName(name)
    table.setHorizontalHeaderLabels(list(headings))
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.setShowGrid(False)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.verticalHeader().setDefaultSectionSize(ROW)
    return table


def height_of(table: QTableWidget, most: int) -> int:
    """The height at which a table shows all its rows, at most `most`."""
    header, bar = table.horizontalHeader().sizeHint().height(), table.horizontalScrollBar().sizeHint().height()
    return min(header + table.verticalHeader().defaultSectionSize() * table.rowCount() + bar + 4, max(most, LEAST))
