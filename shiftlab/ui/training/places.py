"""Where the patterns may stand in training, and how large they are."""

from __future__ import annotations

from typing import get_args

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shiftlab.document import Document
from shiftlab.learn.draft import Draft, Place
from shiftlab.learn.tasks import Mask, Task
from shiftlab.ui.controls import Segments
from shiftlab.ui.fields import NumberField, label
from shiftlab.ui.regiontool import LARGEST, RegionTool
from shiftlab.ui.training.controls import FramedButton, control_line

HOW = "Drag on the canvas to add; with Alt or the right button to take away. The wheel sizes the brush, Esc ends."


class Places(QWidget):
    """Corner, all, a strip, or what is painted, by hand or by numbers.

    Attributes
    ----------
    region : Segments
    brush : FramedButton
        Takes the brush up and lays it down.
    brush_size, rows, cols : fields
    pattern_size : NumberField
        Of the patterns, in px.
    count : QLabel
        How many places there are.

    Signals
    -------
    place_wanted : a Place
    mask_wanted : the mask of the painted places that is wanted instead
    size_wanted : int
    undo_wanted : what was painted last is to be taken back
    """

    place_wanted = Signal(str)
    mask_wanted = Signal(object)
    size_wanted = Signal(int)
    undo_wanted = Signal()

    def __init__(self, tool: RegionTool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tool = tool
        self._mask: Mask | None = None
        self.region = Segments(
            "Trained in",
            [
                ("corner", "Corner", "", "", "Wholly in the upper left quarter"),
                ("everywhere", "All", "", "", "At all places"),
                ("strip", "Strip", "", "", "In a strip across the middle"),
                ("painted", "Painted", "", "", "Where you paint on the canvas"),
            ],
        )
        assert set(self.region.buttons) == set(get_args(Place))
        self.region.chosen.connect(self.place_wanted)
        self.pattern_size = NumberField(
            "Size of the patterns", 1, 512, whole=True, width=46, tooltip="Longer side in px"
        )
        self.pattern_size.entered.connect(lambda size: self.size_wanted.emit(int(size)))
        self.count = label("", "meta")
        self.brush = FramedButton("Brush", "draw", "Paint on the canvas", checkable=True)
        self.brush.clicked.connect(self._toggle)
        self.brush_size = NumberField("Brush size", 1, LARGEST, whole=True, width=42, tooltip="Diameter in px")
        self.brush_size.entered.connect(tool.set_size)
        self.clear = FramedButton("Clear", "", "Nothing is painted")
        self.clear.clicked.connect(lambda: self._fill(None, False))
        self.undo = FramedButton("", "undo", "Take back what was painted last", side=28)
        self.undo.setAccessibleName("Take back what was painted last")
        self.undo.clicked.connect(self.undo_wanted)
        self.rows = tuple(NumberField(f"{which} row", 0, 511, whole=True, width=36) for which in ("First", "Last"))
        self.cols = tuple(NumberField(f"{which} column", 0, 511, whole=True, width=36) for which in ("First", "Last"))
        for field, value in zip((*self.rows, *self.cols), (0, 31, 0, 31), strict=True):
            field.show_value(value)
        self.add = FramedButton("Add", "", "Add these rows and columns")
        self.take = FramedButton("Erase", "", "Take these rows and columns out")
        self.add.clicked.connect(lambda: self._fill(self.box(), True))
        self.take.clicked.connect(lambda: self._fill(self.box(), False))
        self.how = label(HOW, "meta")
        self.how.setWordWrap(True)
        self._painting = QWidget()
        inner = QVBoxLayout(self._painting)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        inner.addWidget(control_line("", self.brush, label("size", "meta"), self.brush_size, self.clear, self.undo))
        inner.addWidget(_by_numbers(self))
        inner.addWidget(self.how)
        down = QVBoxLayout(self)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(6)
        down.addWidget(control_line("Trained in", self.region))
        down.addWidget(self._painting)
        down.addWidget(control_line("Size, px", self.pattern_size, self.count))
        tool.sized.connect(self.brush_size.show_value)
        tool.active_changed.connect(self._show_active)
        self.brush_size.show_value(tool.size)
        self._show_active(tool.active)

    def show_draft(self, draft: Draft, document: Document, task: Task | None) -> None:
        """Show where this task's patterns stand."""
        self._mask = draft.places(document.scene)
        self.region.set_value(draft.place)
        self._painting.setVisible(draft.place == "painted")
        self.pattern_size.show_value(draft.size)
        if task is None:
            self.count.setText("")
            return
        standing, painted = int(task.standing.sum()), int(task.places.sum())
        cut = f", {painted - standing:,} too near the edge" if painted > standing else ""
        self.count.setText(f"{standing:,} place{'' if standing == 1 else 's'}{cut}")

    def box(self) -> tuple[slice, slice]:
        """The rows and columns that are typed, the last included."""
        rows, cols = (sorted(int(field.value) for field in pair) for pair in (self.rows, self.cols))
        return slice(rows[0], rows[1] + 1), slice(cols[0], cols[1] + 1)

    def _fill(self, box: tuple[slice, slice] | None, on: bool) -> None:
        if self._mask is not None:
            mask = self._mask.copy()
            mask[box or (slice(None), slice(None))] = on
            self.mask_wanted.emit(mask)

    def _toggle(self) -> None:
        if self._tool.active:
            self._tool.lay_down()
        else:
            self._tool.take_up()
        self._show_active(self._tool.active)

    def _show_active(self, active: bool) -> None:
        self.brush.setChecked(active)
        self.how.setVisible(active)


def _by_numbers(places: Places) -> QWidget:
    """Fields for rows and columns, and what is done with them."""
    held = QWidget()
    line = QHBoxLayout(held)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(4)
    for name, pair in (("rows", places.rows), ("cols", places.cols)):
        line.addWidget(label(name, "meta"))
        line.addWidget(pair[0])
        line.addWidget(label("–", "meta"))
        line.addWidget(pair[1])
    line.addWidget(places.add)
    line.addWidget(places.take)
    line.addStretch(1)
    return held
