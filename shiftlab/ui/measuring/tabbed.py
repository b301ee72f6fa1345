"""Tables on the clipboard, as spreadsheets paste them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from shiftlab.measure.tables import csv_text

Table = tuple[Sequence[str], Sequence[Sequence[str]]]
"""Headings and lines."""


def tabbed(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table with tabs between its cells."""
    return "".join("\t".join(cells) + "\n" for cells in (headings, *lines))


def copy_table(table: Table) -> None:
    """Put a table on the clipboard: with tabs as text, and as CSV."""
    data = QMimeData()
    data.setText(tabbed(*table))
    data.setData("text/csv", csv_text(*table).encode("utf-8"))
    QGuiApplication.clipboard().setMimeData(data)
