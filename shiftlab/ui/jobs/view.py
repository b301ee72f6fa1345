"""A view whose contents a job computes: asked anew when the question is another, never when nobody looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from shiftlab.engine.jobs import Report
from shiftlab.ui.jobs.line import JobLine
from shiftlab.ui.jobs.reached import Reached, Steps
from shiftlab.ui.jobs.runner import Runner
from shiftlab.ui.themed import Themed

REST = 120
"""Milliseconds for which the question must stay the same before it is answered."""
Question = TypeVar("Question")


class JobView(Themed, QWidget, Generic[Question]):
    """Base of the views with a job.

    A subclass says what is asked (`question`) and shows what comes (`show_answer`); it calls `refresh`
    whenever the question may have become another. What was shown for an older question stays, marked
    stale (`show_stale`), until the first of the new comes.

    Attributes
    ----------
    line : JobLine
    runner : Runner
    ready : bool
        Whether anything may be computed: torch is loaded.
    asked : Question or None
        The one that is being answered, or was last.
    STALE : str
        What the line says when the question has become another.
    """

    STALE = "stale"

    def __init__(self, name: str, compute: Callable[[Question], Steps[Any]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._compute = compute
        self.line = JobLine()
        self.runner = Runner(name, self)
        self.ready = False
        self.asked: Question | None = None
        self._awaited: Question | None = None
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(REST)
        self._due.timeout.connect(self._begin)
        self.runner.reported.connect(self._take)
        self.line.cancel_wanted.connect(self.runner.cancel)
        self.line.again_wanted.connect(self._begin)

    def question(self) -> Question | None:
        """What is to be computed now; None for nothing."""
        raise NotImplementedError

    def show_answer(self, answer: Any, whole: bool) -> None:
        """Show what is known, in part or whole."""
        raise NotImplementedError

    def show_stale(self) -> None:
        """Mark what is shown as the answer to another question."""

    def waits_for(self) -> str:
        """What has to end before anything is computed, in words; '' for nothing."""
        return ""

    def set_ready(self) -> None:
        """Torch is loaded."""
        if not self.ready:
            self.ready = True
            self.refresh()

    def hold(self, held: bool) -> None:
        """Let the job rest while something is dragged: it would take the interpreter from the drag's own thread."""
        self.runner.hold(held)

    def refresh(self) -> None:
        """Ask anew where the question is another; a stale job is cancelled at once."""
        question, waits = self.question(), self.waits_for()
        if question != self.asked and self.asked is not None:
            self.asked = None
            self.runner.drop()
            self.line.show_idle(self.STALE)
            self.show_stale()
        if question is None or waits or not self.ready or not self.isVisible():
            self._due.stop()
            if question not in (None, self.asked) and waits:
                self.line.show_idle(waits)
        elif question != self.asked and (not self._due.isActive() or question != self._awaited):
            self._awaited = question
            self._due.start()

    def close_jobs(self, timeout: float) -> bool:
        """Stop everything; whether it has ended in time."""
        self._due.stop()
        return self.runner.close(timeout)

    def _begin(self) -> None:
        question = self.question()
        if question is None or self.waits_for():
            return
        self.asked = question
        self.line.show_begun(self.runner.held)
        compute = self._compute
        self.runner.start(lambda: compute(question))

    def _take(self, report: Report[Any]) -> None:
        if self.asked is None:
            return
        self.line.show_report(report)
        answer = report.result if report.outcome == "done" else None
        if answer is None and isinstance(report.step, Reached):
            answer = report.step.answer
        if answer is not None:
            self.show_answer(answer, report.outcome == "done")

    # Qt's own

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
