"""The buttons below what is measured: copy it as a table, save it as CSV."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from shiftlab.measure.tables import csv_text
from shiftlab.ui.controls import FlatButton
from shiftlab.ui.measuring.tabbed import Table, copy_table


class TableFoot(QHBoxLayout):
    """Copy and save, at the right.

    Parameters
    ----------
    what : what is copied, in the tooltips: 'the curves'
    file : name that is proposed
    table : gives what is shown by then; None where there is nothing to take

    Attributes
    ----------
    copy, save : FlatButton

    Signals
    -------
    save_wanted : a file's name and the table as CSV
    """

    save_wanted = Signal(str, str)

    def __init__(self, what: str, file: str, table: Callable[[], Table | None]) -> None:
        super().__init__()
        self._file, self._table = file, table
        self.copy = FlatButton("Copy", "copy", f"Copy {what}, for a spreadsheet and as CSV")
        self.copy.clicked.connect(self._copy)
        self.save = FlatButton("Save CSV…", "", f"Save {what} as CSV")
        self.save.clicked.connect(self._save)
        self.addStretch(1)
        self.addWidget(self.copy)
        self.addWidget(self.save)

    @property
    def csv(self) -> str:
        """The table with all digits; '' where there is none."""
        table = self._table()
        return "" if table is None else csv_text(*table)

    def _copy(self) -> None:
        if (table := self._table()) is not None:
            copy_table(table)

    def _save(self) -> None:
        if text := self.csv:
            self.save_wanted.emit(self._file, text)
