"""The verdict: what was expected beside what this run gave."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from shiftlab.learn.plans import Row
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import Run, draw, draw_runs
from shiftlab.ui.themed import Themed

LINE = 18
EXPECTED, VALUE = 0.68, 1.0
"""Right edges of the columns, as shares of the width."""
NOTHING = "–"
"""What stands where nothing is expected."""


class Verdict(Themed, QWidget):
    """A table of rows, expected and this run, painted.

    Attributes
    ----------
    rows : tuple of Row
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()
        self.setAccessibleName("Verdict")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(0)

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        self.rows = rows
        self.setFixedHeight(LINE * (len(rows) + 1) if rows else 0)
        said = (
            f"{row.name}: {row.value}"
            if row.expected == NOTHING
            else f"{row.name}: expected {row.expected}, this run {row.value}"
            for row in rows
        )
        self.setAccessibleDescription("; ".join(said))
        self.update()

    # Qt's own

    def sizeHint(self) -> QSize:
        return QSize(320, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.rows:
            return
        theme, wide = self.theme, self.width()
        with QPainter(self) as painter:
            expected = any(row.expected != NOTHING for row in self.rows)
            if expected:
                draw(painter, Rect(0, 0, wide * EXPECTED, LINE), "expected, 10 seeds", "meta", theme.t2, "right")
            draw(painter, Rect(0, 0, wide * VALUE, LINE), "this run", "meta", theme.t2, "right")
            for number, row in enumerate(self.rows):
                y = (number + 1) * LINE
                draw(painter, Rect(0, y, wide * EXPECTED - 84, LINE), row.name, "control", theme.t1)
                if expected:
                    draw(painter, Rect(0, y, wide * EXPECTED, LINE), row.expected, "control", theme.t2, "right")
                missed = row.holds is False
                value = [Run("// ", theme.broke, "control")] if missed else []
                value.append(Run(row.value, theme.broke if missed else theme.t1, "control", strong=True))
                draw_runs(painter, Rect(wide * EXPECTED, y, wide * (VALUE - EXPECTED), LINE), value, "right")
