"""A view whose contents a job computes: asked anew when the question is another, never when nobody looks."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from shiftlab.document import StageKey
from shiftlab.engine.jobs import Report
from shiftlab.ui.measuring.jobline import JobLine
from shiftlab.ui.measuring.questions import Compute, Question, Reached
from shiftlab.ui.measuring.runner import Runner
from shiftlab.ui.themed import Themed

REST = 120
"""Milliseconds for which the question must stay the same before it is answered."""


class JobView(Themed, QWidget):
    """Base of the dock's views with a job.

    A subclass says what is asked (`question`) and shows what comes (`show_answer`); it calls `refresh`
    whenever the question may have become another. What was shown for an older question stays, marked
    stale (`show_stale`), until the first of the new comes.

    Attributes
    ----------
    line : JobLine
    runner : Runner
    ready : bool
        Whether anything may be computed: torch is loaded.

    Signals
    -------
    save_wanted : a file's name and the table as CSV
    stage_chosen : a StageKey that was chosen here
    """

    save_wanted = Signal(str, str)
    stage_chosen = Signal(object)

    def __init__(self, name: str, compute: Compute, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._compute = compute
        self.line = JobLine()
        self.runner = Runner(name, self)
        self.ready = False
        self._asked: Question | None = None
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

    def set_stage(self, key: StageKey | None) -> None:
        """Speak of this stage."""
        raise NotImplementedError

    def show_document(self) -> None:
        """The document is another."""
        raise NotImplementedError

    def show_stale(self) -> None:
        """Mark what is shown as the answer to another question."""

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
        question = self.question()
        if question == self._asked:
            return
        if self._asked is not None:
            self._asked = None
            self.runner.drop()
            self.line.show_idle("stale")
            self.show_stale()
        if question is None or not self.ready or not self.isVisible():
            self._due.stop()
        elif not self._due.isActive() or question != self._awaited:
            self._awaited = question
            self._due.start()

    def close_jobs(self, timeout: float) -> bool:
        """Stop everything; whether it has ended in time."""
        self._due.stop()
        return self.runner.close(timeout)

    def _begin(self) -> None:
        question = self.question()
        if question is None:
            return
        self._asked = question
        self.line.show_begun(self.runner.held)
        compute = self._compute
        self.runner.start(lambda: compute(question))

    def _take(self, report: Report[Any]) -> None:
        if self._asked is None:
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
