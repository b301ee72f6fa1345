"""The position map dock: where may the pattern stand and still be what it is?"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from shiftlab.document import Document
from shiftlab.engine.jobs import Report
from shiftlab.learn.tasks import Task
from shiftlab.network.spec import NetworkError
from shiftlab.network.weights import Network
from shiftlab.scene.values import Placed
from shiftlab.ui import edits
from shiftlab.ui.controls import Choice, PickButton
from shiftlab.ui.fields import NumberField, label
from shiftlab.ui.figure import words
from shiftlab.ui.lab import Lab
from shiftlab.ui.measuring.jobline import JobLine
from shiftlab.ui.measuring.runner import Runner
from shiftlab.ui.positions.drawing import heat_of, outlined
from shiftlab.ui.positions.heat import HeatMap
from shiftlab.ui.positions.questions import Question, Reached, Steps, Tests, Unit, compute, whole
from shiftlab.ui.positions.trained import TrainedPlaces
from shiftlab.ui.themed import Themed
from shiftlab.ui.training.course import Course

if TYPE_CHECKING:
    from shiftlab.measure.positions import PositionMap, Quantity

HINT = "Click a place to put the pattern there"
MARGIN = 16
"""Pixels at both sides. Maps take those at the right, too: beside a scroll bar they are as large as without one."""
REST = 150
"""Milliseconds for which the question must stay the same before it is answered."""
QUANTITIES: dict[Quantity, tuple[str, str]] = {
    "accuracy": ("Accuracy", "How often the answer is right; a tie counts as chance"),
    "probability": ("Probability of the right class", "The mean over the patterns"),
    "margin": ("Margin", "The right class's logit less the largest of the others"),
    "to_reference": ("Consistency to the reference", "How often the answer is that at the reference place"),
    "pairwise": ("Consistency, pairwise", "How often the answers here and at a place drawn at random agree"),
    "unit": ("A unit", "One channel or cell of any stage"),
}
WIDE, TALL, SHORT = 378, 330, 260
"""Width of a map, height of one, and of each of two."""


class PositionDock(Themed, QWidget):
    """Heat maps over every place of the pattern, for A and for B.

    Attributes
    ----------
    maps : HeatMap of A and of B
    line : JobLine
    runner : Runner
    quantity : which of the quantities is shown
    readout : QLabel

    Signals
    -------
    refused : one line
    """

    refused = Signal(str)

    def __init__(
        self, lab: Lab, course: Course, compute: Callable[[Question], Steps] = compute, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._lab, self._course, self._compute = lab, course, compute
        self.quantity: Quantity = "accuracy"
        self.unit_stage = ""
        self._tests: Tests | None = None
        self._reading = "largest"
        self._asked: Question | None = None
        self._awaited: Question | None = None
        self._answer: tuple[PositionMap | None, ...] = ()
        self._of: Question | None = None
        self._trained = TrainedPlaces(course)
        self.ready = False
        self.line = JobLine()
        self.runner = Runner("positions", self)
        self.runner.reported.connect(self._take)
        self.line.cancel_wanted.connect(self.runner.cancel)
        self.line.again_wanted.connect(self._begin)
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(REST)
        self._due.timeout.connect(self._begin)
        self._build()
        course.changed.connect(self.show_document)
        self.show_document()

    def _build(self) -> None:
        self.pick = PickButton("Quantity", self._quantities, tooltip="What is drawn", framed=True, width=222)
        self.pick.chosen.connect(self._choose_quantity)
        self.pick_tests = PickButton("Patterns", self._test_choices, tooltip="Which patterns are tried", width=124)
        self.pick_tests.chosen.connect(self._choose_tests)
        self.pick_stage = PickButton("Stage", self._stages, tooltip="Whose unit", framed=True, width=110)
        self.pick_stage.chosen.connect(self._choose_stage)
        self.channel = NumberField("Channel", 1, 4096, width=52, whole=True)
        self.channel.entered.connect(lambda _value: self.show_document())
        self.pick_reading = PickButton("Reading", self._readings, tooltip="What of its map", width=110)
        self.pick_reading.chosen.connect(self._choose_reading)
        self._unit_line = QWidget()
        across = QHBoxLayout(self._unit_line)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(8)
        for widget in (self.pick_stage, label("channel", "label"), self.channel, self.pick_reading):
            across.addWidget(widget)
        across.addStretch(1)
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
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.pick)
        line.addWidget(self.pick_tests)
        line.addStretch(1)
        down.addLayout(line)
        down.addWidget(self._unit_line)
        down.addWidget(self.note)
        for name, one, figures in zip(self.names, self.maps, self.figures, strict=True):
            down.addWidget(name)
            if name is self.names[0]:
                down.addWidget(self.title)
            down.addWidget(one)
            down.addWidget(figures)
        down.addWidget(self.readout)
        below = QHBoxLayout()
        below.setContentsMargins(0, 0, MARGIN, 0)
        below.addWidget(self.line)
        down.addLayout(below)
        down.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(page)
        area.viewport().setAutoFillBackground(False)
        page.setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)

    # what is asked

    def question(self) -> Question | None:
        """What the map is to show now; None where there is nothing to ask."""
        document = self._lab.document
        placed = self._lead()
        if placed is None or not document.scene.background.uniform:
            return None
        networks = document.networks
        if self.quantity == "unit":
            unit = self._unit()
            held = tuple(one for one in networks if unit is not None and unit.stage in one.spec.stage_names)
            if unit is None or not held:
                return None
            return Question(held, placed, document.scene.background, document.scene.size, "canvas", unit)
        if not all(_has_head(one, document) for one in networks):
            return None
        tests = self._tests_now()
        task = self._own_task() if tests == "own" else None
        return Question(networks, placed, document.scene.background, document.scene.size, tests, task=task)

    def _lead(self) -> Placed | None:
        """The pattern that is swept, at the reference; a fraction of a pixel is left out."""
        reference = self._lab.document.reference
        index = edits.lead(self._lab.document)
        if index is None or index >= len(reference.placed):
            return None
        placed = reference.placed[index]
        return dataclasses.replace(placed, at=(float(round(placed.at[0])), float(round(placed.at[1]))))

    def _tests_now(self) -> Tests:
        """What was chosen, where that is possible; else what the networks were trained on."""
        possible: list[Tests] = [*(("own",) if self._own_task() is not None else ()),
                                 *(("drawn",) if self._drawn_possible() else ()), "canvas"]  # fmt: skip
        return self._tests if self._tests in possible else possible[0]

    def _own_task(self) -> Task | None:
        """The task that was trained last, where the networks are for its classes and the canvas is still its own."""
        ready, document = self._course.ready, self._lab.document
        task = ready.plan.task if ready is not None else None
        if task is None or document.scene.size != task.canvas or document.scene.background != task.background:
            return None
        specs = [one.spec for one in document.networks]
        fits = all(
            one.classes[: len(task.names)] == task.names and one.channels == task.network.spec.channels for one in specs
        )
        return task if fits else None

    def _drawn_possible(self) -> bool:
        """Whether the drawn cats and dogs are what the networks know."""
        document = self._lab.document
        named = all(one.spec.classes == ("cat", "dog") and one.spec.channels == 1 for one in document.networks)
        black = document.scene.background.uniform and document.scene.background.grey == 0
        return named and black and min(document.scene.size) >= 20

    def _unit(self) -> Unit | None:
        spec = self._lab.document.networks[0].spec
        stage = self.unit_stage if self.unit_stage in spec.stage_names else next(iter(spec.stage_names[::-1]), "")
        if not stage:
            return None
        info = next((one for one in edits.stages_of(self._lab.document)[0] if one.name == stage), None)
        if info is None:
            return None
        channel = min(int(self.channel.value), info.channels) - 1
        pin = self._lab.document.lenses.pin
        if self._reading == "pinned" and pin is not None and pin.network == 0 and pin.stage == stage:
            return Unit(stage, min(pin.channel, info.channels - 1), pin.cell)
        return Unit(stage, channel, "mean" if self._reading == "mean" else "largest")

    def show_document(self, _document: Document | None = None) -> None:
        """The document, the run, or a choice is another: show the marks, and ask anew where that is needed."""
        self._show_choices()
        question = self.question()
        self.note.setText("" if question is not None else self._why_not())
        self.note.setVisible(question is None)
        if question != self._asked and self._asked is not None:
            self._asked = None
            self.runner.drop()
            self.line.show_idle("")
        if question is None or not self.ready or not self.isVisible() or self._course.busy:
            self._due.stop()
            if question is not None and self._course.busy:
                self.line.show_idle("Waits until the training rests")
        elif question != self._asked and (not self._due.isActive() or question != self._awaited):
            self._awaited = question
            self._due.start()
        self._draw()

    def set_ready(self) -> None:
        """Torch is loaded."""
        if not self.ready:
            self.ready = True
            self.show_document()

    def close_jobs(self, timeout: float) -> bool:
        """Stop everything; whether it has ended in time."""
        self._due.stop()
        return self.runner.close(timeout)

    def _why_not(self) -> str:
        document = self._lab.document
        if not document.reference.placed:
            return "Add a pattern: it is put at every place in turn."
        if not document.scene.background.uniform:
            return "On a background that is not uniform the answer depends on it: choose a uniform ground."
        return "A network here ends in maps. Choose 'A unit', or give it a head on the bench."

    def _begin(self) -> None:
        question = self.question()
        if question is None or self._course.busy:
            return
        self._asked = question
        self.line.show_begun()
        compute = self._compute
        self.runner.start(lambda: compute(question))

    def _take(self, report: Report[Any]) -> None:
        if self._asked is None:
            return
        self.line.show_report(report)
        answer = report.result if report.outcome == "done" else None
        if answer is None and isinstance(report.step, Reached):
            answer = report.step.answer
        if answer is not None and any(one is not None for one in answer):
            self._answer, self._of = answer, self._asked
            self._draw()

    # what is shown

    def _show_choices(self) -> None:
        self.pick.set_value(self.quantity, QUANTITIES[self.quantity][0])
        unit = self.quantity == "unit"
        self._unit_line.setVisible(unit)
        self.pick_tests.setVisible(not unit)
        self.pick_tests.setEnabled(len(self._test_choices()) > 1)
        self.pick_tests.set_value(self._tests_now())
        if unit and (found := self._unit()) is not None:
            self.pick_stage.set_value(found.stage, found.stage)
            self.channel.show_value(float(found.channel + 1))
            self.pick_reading.set_value(self._reading)

    def shown(self, side: int) -> NDArray[np.float64] | None:
        """The values that are drawn for A (0) or B (1)."""
        if side >= len(self._answer):
            return None
        found = self._answer[side]
        return None if found is None else found.values.get(self._defined(found))

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
        return [Choice(name, *said) for name, said in QUANTITIES.items()]

    def _test_choices(self) -> Sequence[Choice]:
        offered = [Choice("canvas", "On the canvas", "The pattern that is on the canvas")]
        if self._drawn_possible():
            offered.insert(0, Choice("drawn", "Test images", "Cats and dogs drawn for the test, never trained on"))
        if self._own_task() is not None:
            offered.insert(0, Choice("own", "Its classes", "Images of its classes, varied as in training"))
        return offered

    def _stages(self) -> Sequence[Choice]:
        return [Choice(name, name) for name in self._lab.document.networks[0].spec.stage_names if "flatten" not in name]

    def _readings(self) -> Sequence[Choice]:
        return [
            Choice("largest", "Largest", "The largest value of its map"),
            Choice("mean", "Mean", "The mean of its map"),
            Choice("pinned", "Pinned cell", "The cell that is pinned in A; the largest where none is"),
        ]

    def show_quantity(self, quantity: Quantity) -> None:
        """Draw this quantity: accuracy of the test images, any other of the pattern on the canvas."""
        self.quantity, self._tests = quantity, None if quantity == "accuracy" else "canvas"
        self.show_document()

    def _choose_quantity(self, identity: str) -> None:
        self.quantity = next(name for name in QUANTITIES if name == identity)
        self.show_document()

    def _choose_tests(self, identity: str) -> None:
        self._tests = next((one for one in get_args(Tests) if one == identity), None)
        self.show_document()

    def _choose_stage(self, identity: str) -> None:
        self.unit_stage = identity
        self.show_document()

    def _choose_reading(self, identity: str) -> None:
        self._reading = identity
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
        size = whole(placed) if (placed := self._lead()) is not None else (1, 1)
        canvas = self._lab.document.scene.size
        at = tuple(
            float(min(max(place, side // 2), total - (side - side // 2)))
            for place, side, total in zip(cell, size, canvas, strict=True)
        )
        self._lab.edit(lambda document: edits.placed_at(document, (at[0], at[1])), "Move")

    # Qt's own

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_document()


def _has_head(network: Network, document: Document) -> bool:
    from shiftlab.network.geometry import stages

    try:
        infos = stages(network.spec, document.scene.size)
    except NetworkError:
        return False
    return bool(infos) and infos[-1].stride is None and infos[-1].channels >= 2
