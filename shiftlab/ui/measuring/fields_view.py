"""Receptive fields: the table of all stages, what the last of them covers, and the effective field."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from shiftlab.document import Document, StageKey
from shiftlab.measure.tables import FIELD_HEADINGS, csv_text, field_rows
from shiftlab.measure.words import coverage
from shiftlab.network.info import StageInfo
from shiftlab.network.spec import NetworkError, Pair
from shiftlab.ui import edits
from shiftlab.ui.column import Line
from shiftlab.ui.controls import FlatButton, PickButton
from shiftlab.ui.fields import label
from shiftlab.ui.figure import words
from shiftlab.ui.lab import Lab
from shiftlab.ui.measuring import choosing
from shiftlab.ui.measuring.heights import height_of
from shiftlab.ui.measuring.jobview import JobView
from shiftlab.ui.measuring.questions import Compute, FieldQuestion, compute
from shiftlab.ui.measuring.tabbed import tabbed

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


class FieldsView(JobView):
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

    def __init__(self, lab: Lab, compute: Compute = compute, parent: QWidget | None = None) -> None:
        super().__init__("field", compute, parent)
        self._lab = lab
        self.stage: StageKey | None = None
        self._network = 0
        self._lines: list[tuple[str, ...]] = []
        self._heat: NDArray[np.float32] | None = None
        self.covers = label("", "label")
        self.covers.setWordWrap(True)
        self.table = QTableWidget(0, len(SHOWN))
        self.table.setAccessibleName("Receptive fields of all stages")
        self.table.setHorizontalHeaderLabels(list(SHORT))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table.setShowGrid(False)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(24)
        across = self.table.horizontalHeader()
        across.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        across.setStretchLastSection(True)
        across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.pick_stage = PickButton("Stage", lambda: choosing.stage_choices(lab.document))
        self.pick_stage.chosen.connect(lambda identity: self.stage_chosen.emit(choosing.key_of(identity)))
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
        copy = FlatButton("Copy", "copy", "Copy the table of receptive fields")
        copy.clicked.connect(self.copy)
        save = FlatButton("Save CSV…", "", "Save the table of receptive fields as CSV")
        save.clicked.connect(lambda: self.save_wanted.emit("receptive-fields.csv", self.csv))
        picks, foot = QHBoxLayout(), QHBoxLayout()
        picks.setSpacing(4)
        picks.addWidget(label("Effective field", "heading"))
        picks.addWidget(self.pick_stage)
        picks.addStretch(1)
        picks.addWidget(self.overlay)
        foot.addStretch(1)
        foot.addWidget(copy)
        foot.addWidget(save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.covers)
        layout.addWidget(self.table)
        layout.addLayout(foot)
        layout.addWidget(Line())
        layout.addLayout(picks)
        layout.addWidget(self.facts)
        layout.addWidget(self.note)
        layout.addWidget(self.line)
        layout.addStretch(1)
        self._fill()

    @property
    def csv(self) -> str:
        """The table with all its columns."""
        return csv_text(FIELD_HEADINGS, self._lines)

    @property
    def heat(self) -> NDArray[np.float32] | None:
        """What lies over the canvas."""
        return self._heat if self.overlay.isChecked() and self.isVisible() else None

    def copy(self) -> None:
        """Put the table on the clipboard, with tabs."""
        QGuiApplication.clipboard().setText(tabbed(FIELD_HEADINGS, self._lines))

    def set_stage(self, key: StageKey | None) -> None:
        """Whose effective field is shown."""
        if key != self.stage:
            self.stage = key
            self.show_document()

    def show_document(self) -> None:
        """The document is another: its table, and its effective field when it rests."""
        document = self._lab.document
        if self.stage is not None:
            self.pick_stage.set_value(choosing.stage_id(self.stage), choosing.stage_text(document, self.stage))
        self._fill()
        self.refresh()

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
