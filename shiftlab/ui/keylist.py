"""All keys in a list."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from shiftlab.ui.actions import Actions, shown_key

POINTER = (
    ("Drag a pattern", "moves what is selected"),
    ("Shift while dragging", "snaps to the deepest stage's stride"),
    ("Alt while dragging", "fractions of a pixel"),
    ("Ctrl+click a pattern", "adds it to the selection"),
    ("Drag a corner", "resizes the pattern"),
    ("Arrows", "move 1 px"),
    ("Shift+arrows", "move one stride of the deepest stage"),
    ("Alt+arrows", "move 0.1 px"),
    ("Ctrl+wheel on the canvas", "zooms; the middle button pans"),
    ("Ctrl+wheel on maps", "larger and smaller tiles"),
    ("Wheel on maps", "scrolls channels where not all are shown"),
    ("Enter on a stage", "enlarges it"),
    ("Comma, full stop on a stage", "the channel before, the next"),
)


def show_keys(actions: Actions, parent: QWidget) -> QDialog:
    """A window with every key and what it does."""
    rows = [(", ".join(map(shown_key, one.keys)), one.text) for one in actions.records.values() if one.keys]
    rows += POINTER
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle("Keys")
    dialog.resize(520, 560)
    table = QTableWidget(len(rows), 2)
    table.setAccessibleName("Keys")
    table.setHorizontalHeaderLabels(["Key", "What it does"])
    table.verticalHeader().hide()
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
    table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
    for row, (key, words) in enumerate(rows):
        table.setItem(row, 0, QTableWidgetItem(key))
        table.setItem(row, 1, QTableWidgetItem(words))
    layout = QVBoxLayout(dialog)
    layout.addWidget(table)
    dialog.show()
    return dialog
