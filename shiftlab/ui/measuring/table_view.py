"""All figures of all stages as a table, to be copied and saved, with what they mean a click away."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QBrush, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidgetItem, QVBoxLayout, QWidget

from shiftlab.engine.messages import Side
from shiftlab.measure.tables import HEADINGS, rows
from shiftlab.measure.values import EXACT, StageMeasure
from shiftlab.ui.controls import FlatButton
from shiftlab.ui.fields import label
from shiftlab.ui.figure import words
from shiftlab.ui.lab import Lab
from shiftlab.ui.layouts import side_by_side
from shiftlab.ui.measuring.definitions import Definitions
from shiftlab.ui.measuring.foot import TableFoot
from shiftlab.ui.measuring.sheet import height_of, sheet
from shiftlab.ui.theme import Theme, colour
from shiftlab.ui.themed import Themed

COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("equivariance error", "moved\nalong", "The error of 'moved along' in its grid form, background-referenced"),
    ("invariance error", "stayed\nput", "The error of 'stayed put', background-referenced"),
    ("cosine", "cosine", "Of the angle between the response now and at the reference"),
    ("equivariance error, valid", "valid\ncells", "The same over cells whose fields lie inside the canvas"),
    ("equivariance error, fractional", "frac-\ntional", "The map moved by the exact part of a cell (Fourier shift)"),
    ("equivariance error, plain", "moved,\nplain", "The grid form against the whole response"),
    ("invariance error, plain", "put,\nplain", "The same against the whole response"),
    ("border share", "border\nshare", "The squared error outside the valid cells over the total"),
    ("own error", "own\nerror", "Of this layer alone, when the map before it had moved along exactly"),
    ("causes", "causes", "What the own error comes from, the largest first"),
    ("on grid", "on\ngrid", "Whether the shift is a whole number of this stage's cells"),
    ("stride", "stride", "In pixels of the canvas"),
    ("receptive field", "sees", "The side of what a cell sees, in pixels of the canvas"),
    ("channels", "chan-\nnels", "Channels"),
    ("rows", "rows", "Rows of cells"),
    ("cols", "cols", "Columns of cells"),
    ("kind", "kind", "What the layer is"),
)
"""The columns of the CSV as they are shown: its heading, a short one, the tooltip."""
ERRORS = frozenset(
    {
        "equivariance error",
        "equivariance error, valid",
        "equivariance error, fractional",
        "equivariance error, plain",
        "invariance error",
        "invariance error, plain",
        "own error",
    }
)
FURNITURE = 80
"""What the buttons above and below the table take."""
MEANING = "What the figures mean"


class TableView(Themed, QWidget):
    """All measures.

    Attributes
    ----------
    table : QTableWidget
    foot : TableFoot
    meaning : FlatButton
        Shows the definitions in place of the table.

    Signals
    -------
    save_wanted : a file's name and the table as CSV
    """

    save_wanted = Signal(str, str)

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lab = lab
        self._headings: tuple[str, ...] = HEADINGS
        self._lines: list[tuple[str, ...]] = []
        self.table = sheet("Measures of all stages", [short for _, short, _ in COLUMNS])
        for column, (heading, _, tooltip) in enumerate(COLUMNS):
            top = self.table.horizontalHeaderItem(column)
            if top is not None:
                top.setToolTip(f"{heading}\n{tooltip}")
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        across, down = self.table.horizontalHeader(), self.table.verticalHeader()
        across.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
        across.setMinimumSectionSize(44)
        across.setHighlightSections(False)
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.setCornerButtonEnabled(False)
        self.table.setStyleSheet("QHeaderView::section:vertical { border: none; }")
        self.definitions = Definitions()
        self.definitions.hide()
        self.meaning = FlatButton(MEANING, "", "The definition of every figure", checkable=True)
        self.meaning.toggled.connect(self._show_meaning)
        self.fractional = FlatButton("Fractional", "", "Gauges show the fractional form, not the grid form  (G)",
                                     checkable=True)  # fmt: skip
        self.fractional.clicked.connect(
            lambda on: self._lab.look(form="fractional" if on else "grid") or self.show_document()
        )
        self.plain = FlatButton("Plain", "", "Gauges show the error against the whole response", checkable=True)
        self.plain.clicked.connect(lambda on: self._lab.look(plain=bool(on)) or self.show_document())
        self.foot = TableFoot("the table", "measures.csv", lambda: (self._headings, self._lines))
        self.foot.save_wanted.connect(self.save_wanted)
        head = side_by_side(self.meaning, None, label("gauges", "meta"), self.fractional, self.plain, spacing=2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addWidget(self.table)
        layout.addLayout(self.foot)
        layout.addWidget(self.definitions, 1)
        self._space = QWidget()
        layout.addWidget(self._space, 1)
        self.show_document()

    @property
    def csv(self) -> str:
        """The table with all digits; of two networks it begins with a column that names them."""
        return self.foot.csv

    def show_document(self) -> None:
        """Which forms the gauges show."""
        lenses = self._lab.document.lenses
        self.fractional.setChecked(lenses.form == "fractional")
        self.plain.setChecked(lenses.plain)

    def show_sides(self, sides: Sequence[Side], measures: Sequence[Sequence[StageMeasure]]) -> None:
        """Show the measures of every network, one below the other."""
        several = len(sides) > 1
        self._headings = ("network", *HEADINGS) if several else HEADINGS
        self._lines, shown, names = [], [], []
        for index, (side, known) in enumerate(zip(sides, measures, strict=True)):
            for cells in rows(side.stages, known):
                self._lines.append(("AB"[index], *cells) if several else cells)
                shown.append(cells)
                names.append(f"{'AB'[index]}  {cells[0]}" if several else cells[0])
        if self.table.rowCount() != len(shown):
            self.table.setRowCount(len(shown))
            self._fit()
        if [self._name(row) for row in range(len(names))] != names:
            self.table.setVerticalHeaderLabels(names)
        for row, cells in enumerate(shown):
            for column, (heading, _, _) in enumerate(COLUMNS):
                self._set(row, column, heading, cells[HEADINGS.index(heading)])

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for row in range(self.table.rowCount()):
            for column in range(self.table.columnCount()):
                item = self.table.item(row, column)
                if item is not None:
                    item.setForeground(self._brush(COLUMNS[column][0], item.text()))

    def _show_meaning(self, shown: bool) -> None:
        self.definitions.setVisible(shown)
        self._space.setVisible(not shown)
        self._fit()

    def _fit(self) -> None:
        """As high as its rows; of many, the half of the dock where the definitions are shown too."""
        most = self.height() - FURNITURE
        self.table.setFixedHeight(height_of(self.table, most // 2 if self.meaning.isChecked() else most))

    def _name(self, row: int) -> str:
        item = self.table.verticalHeaderItem(row)
        return item.text() if item is not None else ""

    def _set(self, row: int, column: int, heading: str, text: str) -> None:
        seen = short(heading, text)
        item = self.table.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            left = heading in ("causes", "kind")
            side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
            item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            self.table.setItem(row, column, item)
        if item.text() != seen:
            item.setText(seen)
            item.setForeground(self._brush(heading, seen))
        if item.toolTip() != text:
            item.setToolTip(text)

    def _brush(self, heading: str, seen: str) -> QBrush:
        theme = self.theme
        kept = theme.stayed if heading.startswith("invariance") else theme.moved
        token = kept if seen == "exact" else theme.t3 if seen == "n/a" else theme.t1
        return QBrush(colour(token))

    # Qt's own

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.foot.copy.click()
        else:
            super().keyPressEvent(event)


def short(heading: str, text: str) -> str:
    """A cell as it is shown: figures to three decimals, 'exact', 'n/a'; the tooltip has all of it."""
    if text.startswith("n/a"):
        return "n/a"
    if heading not in ERRORS | {"border share", "cosine"}:
        return text
    value = float(text)
    if heading in ERRORS:
        return "exact" if value <= EXACT else words.error(value) if value < 0.0095 else f"{value:.3f}"
    return f"{value:.3f}".replace("-", words.MINUS)
