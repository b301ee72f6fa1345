"""Receptive fields: the table of all stages, what the last of them covers, and the effective field."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QTableWidgetItem, QVBoxLayout, QWidget

from shiftlab.document import Document, StageKey
from shiftlab.measure.tables import FIELD_HEADINGS, field_rows
from shiftlab.measure.words import coverage
from shiftlab.network.info import StageInfo
from shiftlab.network.spec import NetworkError, Pair
from shiftlab.ui import edits
from shiftlab.ui.column import Line
from shiftlab.ui.controls import FlatButton
from shiftlab.ui.fields import label
from shiftlab.ui.figure import words
from shiftlab.ui.lab import Lab
from shiftlab.ui.layouts import side_by_side
from shiftlab.ui.measuring import choosing
from shiftlab.ui.measuring.measure_view import MeasureView
from shiftlab.ui.measuring.questions import Compute, FieldQuestion
from shiftlab.ui.measuring.sheet import height_of, sheet
from shiftlab.ui.measuring.tabbed import Table

FURNITURE = 260
"""What stands above and below the table."""
SHOWN = (0, 2, 3, 4, 5, 6)
"""The columns of `FIELD_HEADINGS` that are shown; the padding takes its mode along."""
SHORT = ("stage", "size", "stride", "sees", "centre", "padding")


def cell_of(document: Document, key: StageKey, info: StageInfo) -> Pair:
    """The cell whose effective field is asked for: the pinned one of this stage, else the one nearest the pattern."""
    pin = document.lenses.pin
    if pin is not None and (pin.network, pin.stage) == key:
        return pin.cell
    index = edits.lead(document)
    if index is None or index >= len(document.scene.placed) or info.stride is None or info.offset is None:
        return info.size[0] // 2, info.size[1] // 2
    at = document.scene.placed[index].at
    near = [
        min(max(round((place - first) / step), 0), side - 1)
        for place, first, step, side in zip(at, info.offset, info.stride, info.size, strict=True)
    ]
    return near[0], near[1]


class FieldsView(MeasureView[FieldQuestion]):
    """The table, the statement, the effective field.

    Attributes
    ----------
    table : QTableWidget
    overlay : FlatButton
        Lays the effective field over the canvas.

    Signals
    -------
    heat_changed : (H, W) in [0, 1] to be laid over the canvas, or None
    """

    heat_changed = Signal(object)

    def __init__(self, lab: Lab, compute: Compute, parent: QWidget | None = None) -> None:
        super().__init__("field", lab, compute, "the table of receptive fields", "receptive-fields.csv", parent)
        self._network = 0
        self._lines: list[tuple[str, ...]] = []
        self._heat: NDArray[np.float32] | None = None
        self.covers = label("", "label")
        self.covers.setWordWrap(True)
        self.table = sheet("Receptive fields of all stages", SHORT)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.verticalHeader().hide()
        across = self.table.horizontalHeader()
        across.setStretchLastSection(True)
        across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.overlay = FlatButton(
            "Show on the canvas", "rf", "How strongly each pixel moves the cell, laid over the canvas", checkable=True
        )
        self.overlay.toggled.connect(self._tell)
        self.facts = label("", "value")
        self.facts.setWordWrap(True)
        self.note = label(
            "The gradient of one cell, the mean over its channels. Its side is the root of the number of pixels "
            "above 4.55 % of the largest (Luo et al. 2016).", "meta")  # fmt: skip
        self.note.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.covers)
        layout.addWidget(self.table)
        layout.addLayout(self.foot)
        layout.addWidget(Line())
        heading = label("Effective field", "heading")
        layout.addLayout(side_by_side(heading, self.pick_stage, None, self.overlay, spacing=4))
        layout.addWidget(self.facts)
        layout.addWidget(self.note)
        layout.addWidget(self.line)
        layout.addStretch(1)
        self._fill()

    def as_table(self) -> Table:
        """The table with all its columns."""
        return FIELD_HEADINGS, self._lines

    @property
    def heat(self) -> NDArray[np.float32] | None:
        """What lies over the canvas."""
        return self._heat if self.overlay.isChecked() and self.isVisible() else None

    def show_document(self) -> None:
        self._fill()
        super().show_document()

    def question(self) -> FieldQuestion | None:
        document, key = self._lab.document, self.stage
        info = choosing.info_of(document, key) if key is not None else None
        if key is None or info is None:
            return None
        return FieldQuestion(document.networks[key[0]], document.scene, key, cell_of(document, key, info))

    def show_answer(self, answer: Any, whole: bool) -> None:
        document = self._lab.document
        largest = float(answer.gradient.max())
        self._heat = answer.gradient / largest if largest > 0 else None
        at = (
            f"{choosing.stage_text(document, (self._network, answer.stage))}, cell ({answer.cell[0]}, {answer.cell[1]})"
        )
        if largest <= 0:
            self.facts.setText(f"{at}: nothing on the canvas moves it here.")
        else:
            by_counting = f"{answer.side:.1f} px"
            theory = answer.theoretical
            rest = "" if theory is None else f"; by arithmetic {theory[0]} × {theory[1]} px"
            self.facts.setText(f"{at}: effective side {by_counting}{rest}.")
        self._tell()

    def show_stale(self) -> None:
        self._heat = None
        self._tell()

    def _tell(self) -> None:
        self.heat_changed.emit(self.heat)

    def _fill(self) -> None:
        document = self._lab.document
        self._network = self.stage[0] if self.stage is not None and self.stage[0] < len(document.networks) else 0
        spec, canvas = document.networks[self._network].spec, document.scene.size
        try:
            lines = field_rows(spec, canvas)
        except NetworkError as error:
            self._lines = []
            self.covers.setText(str(error))
            self.table.setRowCount(0)
            return
        self.covers.setText(coverage(edits.stages_of(document)[self._network], canvas))
        self.covers.setVisible(bool(self.covers.text()))
        if lines == self._lines:
            return
        self._lines = lines
        self.table.setRowCount(len(lines))
        self._fit()
        for row, cells in enumerate(lines):
            for column, index in enumerate(SHOWN):
                text = cells[index] or "–"
                if index == 6 and cells[7]:
                    text = f"{cells[6]} {cells[7]}"
                item = QTableWidgetItem(_once(text).replace("-", words.MINUS) if index in (3, 4, 5) else text)
                item.setToolTip(f"{cells[0]}, {cells[1]}: {FIELD_HEADINGS[index]} {text}")
                item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, item)

    def _fit(self) -> None:
        self.table.setFixedHeight(height_of(self.table, self.height() - FURNITURE))

    # Qt's own

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tell()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.heat_changed.emit(None)


def _once(pair: str) -> str:
    """'2×2' as '2', '0.5, 0.5' as '0.5'; other pairs as they are."""
    for between in ("×", ", "):
        first, found, second = pair.partition(between)
        if found and first == second:
            return first
    return pair
