"""The position map dock: where may the pattern stand and still be what it is?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from shiftlab.document import Document
from shiftlab.ui import edits
from shiftlab.ui.controls import Choice, PickButton
from shiftlab.ui.fields import NumberField, label
from shiftlab.ui.figure import words
from shiftlab.ui.jobs.reached import Steps
from shiftlab.ui.jobs.view import JobView
from shiftlab.ui.lab import Lab
from shiftlab.ui.layouts import scrolling, side_by_side
from shiftlab.ui.positions.drawing import heat_of, outlined
from shiftlab.ui.positions.heat import HeatMap
from shiftlab.ui.positions.questions import Answer, Question, Tests, compute, whole
from shiftlab.ui.positions.trained import TrainedPlaces
from shiftlab.ui.positions.wish import (
    Reading,
    Wish,
    lead,
    possible_quantities,
    possible_tests,
    question_of,
    tests_of,
    unit_of,
    why_not,
)
from shiftlab.ui.training.course import Course

if TYPE_CHECKING:
    from shiftlab.measure.positions import PositionMap, Quantity

HINT = "Click a place to put the pattern there"
MARGIN = 16
"""Pixels at both sides. Maps take those at the right, too: beside a scroll bar they are as large as without one."""
QUANTITIES: dict[Quantity, tuple[str, str]] = {
    "accuracy": ("Accuracy", "How often the answer is right; a tie counts as chance"),
    "probability": ("Probability of the right class", "The mean over the patterns"),
    "margin": ("Margin", "The right class's logit less the largest of the others"),
    "to_reference": ("Consistency to the reference", "How often the answer is that at the reference place"),
    "pairwise": ("Consistency, pairwise", "How often the answers here and at a place drawn at random agree"),
    "unit": ("A unit", "One channel or cell of any stage"),
}
NO_CLASS = "No class is named after the pattern: nothing says which answer is right"
TESTS: dict[Tests, tuple[str, str]] = {
    "own": ("Its classes", "Images of its classes, varied as in training"),
    "drawn": ("Test images", "Cats and dogs drawn for the test, never trained on"),
    "canvas": ("On the canvas", "The pattern that is on the canvas"),
}
READINGS: dict[Reading, tuple[str, str]] = {
    "largest": ("Largest", "The largest value of its map"),
    "mean": ("Mean", "The mean of its map"),
    "pinned": ("Pinned cell", "The cell that is pinned in A; the largest where none is"),
}
WIDE, TALL, SHORT = 378, 330, 260
"""Width of a map, height of one, and of each of two."""


class PositionDock(JobView[Question]):
    """Heat maps over every place of the pattern, for A and for B.

    Attributes
    ----------
    maps : HeatMap of A and of B
    quantity : which of the quantities is shown
    readout : QLabel
    """

    STALE = ""

    def __init__(
        self,
        lab: Lab,
        course: Course,
        compute: Callable[[Question], Steps[Answer]] = compute,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("positions", compute, parent)
        self._lab, self._course = lab, course
        self.quantity: Quantity = "accuracy"
        self._tests: Tests | None = None
        self._unit_stage = ""
        self._reading: Reading = "largest"
        self._answer: Answer = ()
        self._of: Question | None = None
        self._trained = TrainedPlaces(course)
        self._build()
        course.changed.connect(self.show_document)
        self.show_document()

    def _build(self) -> None:
        self.pick = PickButton("Quantity", self._quantities, tooltip="What is drawn", framed=True, width=222)
        self.pick.chosen.connect(self._choose_quantity)
        self.pick_tests = PickButton(
            "Patterns", self._test_choices, tooltip="Which patterns are tried", framed=True, width=124
        )
        self.pick_tests.chosen.connect(self._choose_tests)
        self.pick_stage = PickButton("Stage", self._stages, tooltip="Whose unit", framed=True, width=110)
        self.pick_stage.chosen.connect(self._choose_stage)
        self.channel = NumberField("Channel", 1, 4096, width=52, whole=True)
        self.channel.entered.connect(lambda _value: self.show_document())
        self.pick_reading = PickButton("Reading", self._readings, tooltip="What of its map", framed=True, width=110)
        self.pick_reading.chosen.connect(self._choose_reading)
        self._unit_line = QWidget()
        self._unit_line.setLayout(
            side_by_side(self.pick_stage, label("channel", "label"), self.channel, self.pick_reading, None)
        )
        self.title = label("", "meta")
        self.names = tuple(label("", "heading") for _ in "AB")
        self.maps = (HeatMap("Map of A over places", WIDE, TALL), HeatMap("Map of B over places", WIDE, SHORT))
        self.figures = tuple(label("", "meta") for _ in "AB")
        for one, words_ in zip(self.maps, self.figures, strict=True):
            one.pointed.connect(self._point)
            one.pressed.connect(self._press)
            words_.setWordWrap(True)
        self.readout = label(HINT, "value")
        self.note = label("", "label")
        self.note.setWordWrap(True)
        for words_ in (self.note, *self.figures):
            words_.setContentsMargins(0, 0, MARGIN, 0)
        page = QWidget()
        down = QVBoxLayout(page)
        down.setContentsMargins(MARGIN, 0, 0, MARGIN)
        down.setSpacing(6)
        down.addLayout(side_by_side(self.pick, self.pick_tests, None))
        down.addWidget(self._unit_line)
        down.addWidget(self.note)
        for name, one, figures in zip(self.names, self.maps, self.figures, strict=True):
            down.addWidget(name)
            if name is self.names[0]:
                down.addWidget(self.title)
            down.addWidget(one)
            down.addWidget(figures)
        down.addWidget(self.readout)
        below = side_by_side(self.line)
        below.setContentsMargins(0, 0, MARGIN, 0)
        down.addLayout(below)
        down.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(page))

    # what is asked

    def question(self) -> Question | None:
        return question_of(self._wish(), self._lab.document)

    def _wish(self) -> Wish:
        ready = self._course.ready
        return Wish(
            self.quantity,
            self._tests,
            self._unit_stage,
            int(self.channel.value),
            self._reading,
            ready.plan.task if ready is not None else None,
        )

    def waits_for(self) -> str:
        return "Waits until the training rests" if self._course.busy else ""

    def show_document(self, _document: Document | None = None) -> None:
        """The document, the run, or a choice is another: show the marks, and ask anew where that is needed."""
        self._show_choices()
        there = self.question() is not None
        self.note.setText("" if there else why_not(self._lab.document))
        self.note.setVisible(not there)
        self.refresh()
        self._draw()

    def show_answer(self, answer: Answer, whole: bool) -> None:
        if any(one is not None for one in answer):
            self._answer, self._of = answer, self.asked
            self._draw()

    # what is shown

    def _show_choices(self) -> None:
        drawn = self._possible()
        self.pick.set_value(drawn, QUANTITIES[drawn][0])
        unit = self.quantity == "unit"
        self._unit_line.setVisible(unit)
        self.pick_tests.setVisible(not unit)
        wish, document = self._wish(), self._lab.document
        self.pick_tests.setEnabled(len(possible_tests(wish, document)) > 1)
        self.pick_tests.set_value(tests_of(wish, document))
        if unit and (found := unit_of(wish, document)) is not None:
            self.pick_stage.set_value(found.stage, found.stage)
            self.channel.show_value(float(found.channel + 1))
            self.pick_reading.set_value(self._reading)

    def shown(self, side: int) -> NDArray[np.float64] | None:
        """The values that are drawn for A (0) or B (1)."""
        if side >= len(self._answer):
            return None
        found = self._answer[side]
        return None if found is None else found.values.get(self._defined(found))

    def _possible(self) -> Quantity:
        """The chosen quantity, or where no class is right for the pattern the first that can be drawn."""
        possible = possible_quantities(self._wish(), self._lab.document)
        return self.quantity if self.quantity in possible else possible[0]

    def _defined(self, found: PositionMap) -> Quantity:
        """The chosen quantity, or where it is not defined the nearest that is."""
        if self.quantity in found.values:
            return self.quantity
        return next(name for name in ("to_reference", "pairwise", "unit") if name in found.values)

    def _draw(self) -> None:
        question, document = self._of, self._lab.document
        asked = self.question()
        stale = question is None or asked is None or question != asked
        kept = question is not None and question.canvas == document.scene.size and asked is not None
        count = sum(one is not None for one in self._answer) if kept else 0
        several = kept and len(self._answer) == 2
        self.maps[0].set_most(SHORT if several else TALL)
        said = ""
        for side in (0, 1):
            found = self._answer[side] if kept and side < len(self._answer) else None
            there = found is not None
            self.maps[side].setVisible(there)
            self.figures[side].setVisible(there)
            self.names[side].setVisible(there)
            if found is None or question is None:
                continue
            quantity = self._defined(found)
            name = question.networks[side].spec.name
            self.names[side].setText(f"{'AB'[side]} · {name}" if several else f"{QUANTITIES[quantity][0]} by position")
            marks = self._trained.found(question, side, (len(found.rows), len(found.cols)))
            outlines, told = outlined(found.values[quantity], *marks)
            self.maps[side].show_heat(heat_of(question, found, quantity, outlines, self._here()), stale=stale)
            self.figures[side].setText(told)
            places = f"{len(found.rows) * len(found.cols):,} places"
            patterns = (
                f" × {found.images} test image{'' if found.images == 1 else 's'}"
                if question.tests != "canvas"
                else " of the pattern's centre"
            )
            said = f"{places}{patterns}{' · stale' if stale else ''}"
        self.title.setText(said)
        self.title.setVisible(bool(count))
        self.readout.setVisible(bool(count))

    def _here(self) -> tuple[float, float] | None:
        index = edits.lead(self._lab.document)
        placed = self._lab.document.scene.placed
        return placed[index].at if index is not None and index < len(placed) else None

    # what is chosen

    def _quantities(self) -> Sequence[Choice]:
        possible = possible_quantities(self._wish(), self._lab.document)
        return [
            Choice(name, said, what if name in possible else NO_CLASS, name in possible)
            for name, (said, what) in QUANTITIES.items()
        ]

    def _test_choices(self) -> Sequence[Choice]:
        return [Choice(one, *TESTS[one]) for one in possible_tests(self._wish(), self._lab.document)]

    def _stages(self) -> Sequence[Choice]:
        return [Choice(name, name) for name in self._lab.document.networks[0].spec.stage_names if "flatten" not in name]

    def _readings(self) -> Sequence[Choice]:
        return [Choice(one, *said) for one, said in READINGS.items()]

    def show_quantity(self, quantity: Quantity) -> None:
        """Draw this quantity: accuracy of the test images, any other of the pattern on the canvas."""
        self.quantity, self._tests = quantity, None if quantity == "accuracy" else "canvas"
        self.show_document()

    def _choose_quantity(self, identity: str) -> None:
        self.quantity = next(name for name in QUANTITIES if name == identity)
        self.show_document()

    def _choose_tests(self, identity: str) -> None:
        self._tests = next((one for one in TESTS if one == identity), None)
        self.show_document()

    def _choose_stage(self, identity: str) -> None:
        self._unit_stage = identity
        self.show_document()

    def _choose_reading(self, identity: str) -> None:
        self._reading = next(one for one in READINGS if one == identity)
        self.show_document()

    def _point(self, cell: tuple[int, int] | None) -> None:
        if cell is None or self._of is None:
            self.readout.setText(HINT)
            return
        size = self._of.size
        at = (cell[0] - size[0] // 2, cell[1] - size[1] // 2)
        parts: list[str] = []
        for side in (0, 1):
            values = self.shown(side)
            if values is not None and 0 <= at[0] < values.shape[0] and 0 <= at[1] < values.shape[1]:
                name = f"{'AB'[side]} " if len(self._answer) == 2 else ""
                parts.append(f"{name}{words.number(float(values[at]), 3)}")
        where = f"centre at ({cell[0]}, {cell[1]})"
        self.readout.setText(f"{where}: {', '.join(parts)}" if parts else f"{where}: not wholly on the canvas")

    def _press(self, cell: tuple[int, int]) -> None:
        size = whole(placed) if (placed := lead(self._lab.document)) is not None else (1, 1)
        canvas = self._lab.document.scene.size
        at = tuple(
            float(min(max(place, side // 2), total - (side - side // 2)))
            for place, side, total in zip(cell, size, canvas, strict=True)
        )
        self._lab.edit(lambda document: edits.placed_at(document, (at[0], at[1])), "Move")

    # Qt's own

    def showEvent(self, event: QShowEvent) -> None:
        if self._of != self.question():
            # A map of what was there before would be read as one of what is there now.
            self._answer, self._of = (), None
        super().showEvent(event)
        self.show_document()
