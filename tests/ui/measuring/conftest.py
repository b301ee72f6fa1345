"""A dock over a lab, and jobs that hold until the test lets them go on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from shiftlab.engine.messages import Progress, Side
from shiftlab.measure.curves import QUANTITIES, Curve, ErrorMaps, Unit
from shiftlab.measure.lab import measure_pair
from shiftlab.ui.jobs.reached import Reached
from shiftlab.ui.lab import Lab
from shiftlab.ui.measuring.dock import MeasuresDock
from shiftlab.ui.measuring.questions import Answers, CurveQuestion, FieldQuestion, MapQuestion, Question
from shiftlab.ui.theme import DARK
from shiftlab.ui.themed import apply_theme
from tests.ui.middle import middle


class Held:
    """Answers in two halves; between them it waits at the gate.

    Attributes
    ----------
    asked : the questions, in order
    gate : threading.Event
        Cleared, jobs wait after their first half.
    left : how many generators have ended
    """

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.gate = threading.Event()
        self.gate.set()
        self.left = 0
        self.error: Exception | None = None

    def __call__(self, question: Question) -> Answers:
        self.asked.append(question)
        return self._steps(question)

    def _steps(self, question: Question) -> Answers:
        try:
            if self.error is not None:
                raise self.error
            yield Reached(Progress(1, 2), made(question, half=True))
            self.gate.wait(20)
            yield Reached(Progress(2, 2), made(question, half=False))
            return made(question, half=False)
        finally:
            self.left += 1


def made(question: Question, half: bool) -> Any:
    """Errors that are |shift| / 10, in the first half those of the first shifts alone."""
    if isinstance(question, CurveQuestion):
        shifts = np.array(question.shifts)
        known = np.abs(shifts) / 10
        if half:
            known = np.where(np.arange(len(known)) < len(known) // 2, known, np.nan)
        answers = []
        for network in question.networks:
            names = network.spec.stage_names
            table = np.repeat(known[:, None], len(names), axis=1)
            units = tuple(Unit(*one) for one in question.follows)
            wobble = np.repeat(known[:, None], len(units), axis=1)
            strides = (1,) * len(names)
            answers.append(
                Curve(question.direction, shifts, names, strides, dict.fromkeys(QUANTITIES, table), units, wobble)
            )
        return tuple(answers)
    if isinstance(question, MapQuestion):
        rows, cols = np.array(question.rows), np.array(question.cols)
        names = question.network.spec.stage_names
        one = (np.abs(rows)[:, None] + np.abs(cols)[None, :]) / 100
        if half:
            one[len(rows) // 2 :] = np.nan
        return ErrorMaps(rows, cols, names, dict.fromkeys(QUANTITIES, np.repeat(one[:, :, None], len(names), axis=2)))
    assert isinstance(question, FieldQuestion)
    raise AssertionError("fields are asked of the real thing")


def real_sides(lab: Lab) -> tuple[tuple[Side, ...], tuple[Any, ...]]:
    """Sides with the measures of every network, computed directly."""
    document = lab.document
    found = [measure_pair(network, document.scene, document.reference) for network in document.networks]
    return tuple(Side(stages, measures, {}) for stages, measures in found), tuple(measures for _, measures in found)


MakeDock = Callable[..., MeasuresDock]


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
def lab(qtbot: QtBot) -> Lab:
    return Lab(middle())


@pytest.fixture
def dock(qtbot: QtBot, lab: Lab, held: Held) -> Iterator[MeasuresDock]:
    """A shown dock whose jobs are the held ones."""
    made = MeasuresDock(lab, held)
    lab.setParent(made)
    lab.changed.connect(lambda document, _before: made.show_document(document))
    qtbot.addWidget(made)
    apply_theme(made, DARK)
    made.resize(400, 788)
    with qtbot.waitExposed(made):
        made.show()
    sides, measures = real_sides(lab)
    made.show_sides(sides, measures)
    yield made
    held.gate.set()
    assert made.close_jobs(10)
