"""The lesson beside the docks: its tutor, its card above whatever dock is open, and what its steps ask of them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from shiftlab.ui.dock import Dock
from shiftlab.ui.lab import Lab
from shiftlab.ui.lessons.card import LessonCard
from shiftlab.ui.lessons.setting import lesson_plan
from shiftlab.ui.lessons.tutor import Tutor
from shiftlab.ui.training.course import Course


class LessonBeside(QObject):
    """Opens docks and experiments for the lesson that is under way.

    Parameters
    ----------
    course : gives the training, which is made when it is first wanted

    Attributes
    ----------
    tutor : Tutor
    card : LessonCard
    """

    def __init__(self, lab: Lab, dock: Dock, course: Callable[[], Course], parent: QObject) -> None:
        super().__init__(parent)
        self._dock, self._course = dock, course
        self.tutor = Tutor(lab, self)
        self.tutor.dock_wanted.connect(self._open)
        self.card = LessonCard(self.tutor)
        dock.set_above(self.card)

    def settle(self) -> None:
        """Tell the lesson when the experiment that it asked for stands open."""
        course = self._course()
        if course.state == "ready" and course.present:
            self.tutor.settled()

    def _open(self, identity: str, experiment: str) -> None:
        self._dock.open_dock(identity)
        if experiment:
            course = self._course()
            course.open(lesson_plan(experiment))
            if course.state != "opening":
                course.reset()
            self.settle()
