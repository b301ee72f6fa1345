"""The measures dock: table, curves, map, and fields, one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from shiftlab.document import Document, StageKey
from shiftlab.engine.messages import Side
from shiftlab.measure.values import StageMeasure
from shiftlab.ui.controls import Segments
from shiftlab.ui.lab import Lab
from shiftlab.ui.measuring import choosing
from shiftlab.ui.measuring.commands import MEANING
from shiftlab.ui.measuring.measure_view import MeasureView
from shiftlab.ui.measuring.questions import Compute, compute
from shiftlab.ui.measuring.table_view import TableView
from shiftlab.ui.themed import Themed, apply_theme

TABS = (
    ("table", "Table", "All figures of all stages"),
    ("curves", "Curves", "Errors against the shift"),
    ("map", "Map", "One stage's error at every shift"),
    ("fields", "Fields", "What the cells of each stage see"),
)


class MeasuresDock(Themed, QWidget):
    """Everything that is measured, beside the strip.

    Attributes
    ----------
    table : TableView
    tabs : Segments

    Signals
    -------
    save_wanted : a file's name and a table as CSV
    heat_changed : (H, W) in [0, 1] to be laid over the canvas, or None
    """

    save_wanted = Signal(str, str)
    heat_changed = Signal(object)

    def __init__(self, lab: Lab, compute: Compute = compute, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lab, self._compute = lab, compute
        self._stage: StageKey | None = None
        self._ready = False
        self._made: dict[str, MeasureView[Any]] = {}
        self.tabs = Segments("Measures", [(one, text, "", "", tip) for one, text, tip in TABS])
        self.tabs.chosen.connect(self.show_tab)
        self.table = TableView(lab)
        self.table.save_wanted.connect(self.save_wanted)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(self.tabs)
        layout.addWidget(self.stack, 1)
        lab.gesture_changed.connect(self._hold)
        self.show_tab("table")
        self.show_document(lab.document)

    @property
    def stage(self) -> StageKey | None:
        """The stage that curves, map and effective field speak of."""
        return self._stage

    def view(self, identity: str) -> MeasureView[Any]:
        """The view with a job under one tab, made when it is first asked for."""
        if identity not in self._made:
            made = self._make(identity)
            made.save_wanted.connect(self.save_wanted)
            made.stage_chosen.connect(self.choose)
            made.set_stage(self._stage)
            made.hold(self._lab.gesture)
            self._made[identity] = made
            self.stack.addWidget(made)
            apply_theme(made, self.theme)
            if self._ready:
                made.set_ready()
        return self._made[identity]

    def show_tab(self, identity: str) -> None:
        """Show one of the four views, or the table with what the figures mean."""
        if identity == MEANING:
            self.table.meaning.setChecked(True)
            identity = "table"
        self.tabs.set_value(identity)
        self.stack.setCurrentWidget(self.table if identity == "table" else self.view(identity))

    def choose(self, key: StageKey | None) -> None:
        """Let all views speak of this stage."""
        self._stage = choosing.kept_stage(self._lab.document, key)
        for view in self._made.values():
            view.set_stage(self._stage)

    def show_document(self, _document: Document) -> None:
        """The document is another."""
        self.choose(self._stage)
        self.table.show_document()
        for view in self._made.values():
            view.show_document()

    def show_sides(self, sides: Sequence[Side], measures: Sequence[Sequence[StageMeasure]]) -> None:
        """Fresh measures; from the first of them on jobs may run."""
        self.table.show_sides(sides, measures)
        self._ready = True
        for view in self._made.values():
            view.set_ready()

    def close_jobs(self, timeout: float) -> bool:
        """Stop every job; whether all have ended in time."""
        ended = True
        for view in self._made.values():
            ended = view.close_jobs(timeout) and ended
        return ended

    def _hold(self, held: bool) -> None:
        for view in self._made.values():
            view.hold(held)

    def _make(self, identity: str) -> MeasureView[Any]:
        # Late: pyqtgraph takes a while to import.
        if identity == "curves":
            from shiftlab.ui.measuring.curves_view import CurvesView

            return CurvesView(self._lab, self._compute)
        if identity == "map":
            from shiftlab.ui.measuring.map_view import MapView

            return MapView(self._lab, self._compute)
        from shiftlab.ui.measuring.fields_view import FieldsView

        fields = FieldsView(self._lab, self._compute)
        fields.heat_changed.connect(self.heat_changed)
        return fields
