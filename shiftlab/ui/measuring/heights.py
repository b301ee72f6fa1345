"""How high a table stands."""

from __future__ import annotations

from PySide6.QtWidgets import QTableWidget


def height_of(table: QTableWidget, most: int) -> int:
    """The height at which a table shows all its rows, at most `most`."""
    header, bar = table.horizontalHeader().sizeHint().height(), table.horizontalScrollBar().sizeHint().height()
    return min(header + table.verticalHeader().defaultSectionSize() * table.rowCount() + bar + 4, max(most, 120))
