"""What the views of the measures dock share: they speak of a stage, and can be taken away as a table."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from shiftlab.document import StageKey
from shiftlab.ui.controls import PickButton
from shiftlab.ui.jobs.view import JobView
from shiftlab.ui.lab import Lab
from shiftlab.ui.measuring import choosing
from shiftlab.ui.measuring.foot import TableFoot
from shiftlab.ui.measuring.questions import Compute, Question
from shiftlab.ui.measuring.tabbed import Table

Asked = TypeVar("Asked", bound=Question)


class MeasureView(JobView[Asked]):
    """Base of the views of the dock with a job.

    Attributes
    ----------
    stage : StageKey or None
        The one that is spoken of.
    pick_stage : PickButton
    foot : TableFoot

    Signals
    -------
    save_wanted : a file's name and the table as CSV
    stage_chosen : a StageKey that was chosen here
    """

    save_wanted = Signal(str, str)
    stage_chosen = Signal(object)

    def __init__(self, name: str, lab: Lab, compute: Compute, what: str, file: str, parent: QWidget | None) -> None:
        super().__init__(name, compute, parent)
        self._lab = lab
        self.stage: StageKey | None = None
        self.pick_stage = PickButton("Stage", lambda: choosing.stage_choices(self._lab.document))
        self.pick_stage.chosen.connect(lambda identity: self.stage_chosen.emit(choosing.key_of(identity)))
        self.foot = TableFoot(what, file, self.as_table)
        self.foot.save_wanted.connect(self.save_wanted)

    def as_table(self) -> Table | None:
        """What is shown as a table; None where there is nothing yet."""
        raise NotImplementedError

    @property
    def csv(self) -> str:
        """The same as CSV; '' where there is nothing yet."""
        return self.foot.csv

    def set_stage(self, key: StageKey | None) -> None:
        """Speak of this stage."""
        if key != self.stage:
            self.stage = key
            self.show_document()

    def show_document(self) -> None:
        """The document is another: show its choices, and ask anew where the question has changed."""
        key = self.stage
        if key is not None:
            self.pick_stage.set_value(choosing.stage_id(key), choosing.stage_text(self._lab.document, key))
        self.refresh()
