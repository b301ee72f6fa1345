"""A table, saved where a person says."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from shiftlab.files.atomic import write_atomically


def save_table(parent: QWidget, proposed: str, text: str) -> str:
    """Ask for a file and write a table to it; '' or why that could not be."""
    name, _ = QFileDialog.getSaveFileName(parent, "Save the table", proposed, "Tables (*.csv)")
    if not name:
        return ""
    try:
        write_atomically(Path(name), text.encode("utf-8"))
    except OSError as error:
        return f"{Path(name).name} could not be saved: {error.strerror or error}"
    return ""
