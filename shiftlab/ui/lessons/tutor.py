"""Goes through a lesson: sets each step's state, and notices when it was done."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from shiftlab.document import Document
from shiftlab.engine.messages import Snapshot
from shiftlab.files.lessons import Lesson, Step
from shiftlab.ui.lab import Lab
from shiftlab.ui.lessons.checks import Seen, done, holds, words
from shiftlab.ui.lessons.setting import document_of


class Tutor(QObject):
    """The lesson that is under way, if one is.

    Attributes
    ----------
    lesson : Lesson or None
    index : of the present step
    seen : the words of what was seen in each step, '' where it was not done

    Signals
    -------
    changed : what is to be shown of the lesson is other than before
    entering : a step is about to set the lab: whatever moves has to stop
    dock_wanted : the id of a dock to be opened, and the experiment to be opened there, or ''; `settled` answers
    map_wanted : what the position map is to show
    finished : the key of the lesson whose every step was done
    """

    changed = Signal()
    entering = Signal()
    dock_wanted = Signal(str, str)
    map_wanted = Signal(str)
    finished = Signal(str)

    def __init__(self, lab: Lab, parent: QObject | None = None) -> None:
        super().__init__(parent or lab)
        self._lab = lab
        self._snapshot: Snapshot | None = None
        self._start: Document = lab.document
        self._dock = self._start_dock = ""
        self._warned = self._setting = False
        self.lesson: Lesson | None = None
        self.index = 0
        self.seen: list[str] = []
        self.warning = ""
        lab.changed.connect(lambda _document, _before: self._look())
        lab.gesture_changed.connect(lambda _active: self._look())

    @property
    def step(self) -> Step | None:
        return None if self.lesson is None else self.lesson.steps[self.index]

    @property
    def done(self) -> bool:
        """Whether the present step was done."""
        return bool(self.seen) and self.seen[self.index] != ""

    @property
    def last(self) -> bool:
        return self.lesson is not None and self.index == len(self.lesson.steps) - 1

    def start(self, lesson: Lesson) -> None:
        """Begin a lesson at its first step."""
        self.lesson, self.index, self.seen = lesson, 0, [""] * len(lesson.steps)
        self._go(0)

    def again(self) -> None:
        """Set the present step up anew."""
        if self.lesson is not None:
            self.seen[self.index] = ""
            self._go(self.index)

    def forward(self) -> None:
        """The next step, whether this one was done or not; after the last the lesson is over."""
        if self.lesson is None:
            return
        if not self.last:
            self._go(self.index + 1)
            return
        lesson, complete = self.lesson, all(self.seen)
        self.end()
        if complete:
            self.finished.emit(lesson.key)
        self.dock_wanted.emit("lesson", "")

    def back(self) -> None:
        """The step before."""
        if self.lesson is not None and self.index:
            self._go(self.index - 1)

    def end(self) -> None:
        """No lesson any more; the lab stays as it is."""
        if self.lesson is not None:
            self.lesson, self.index, self.seen, self.warning, self._setting = None, 0, [], "", False
            self.changed.emit()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._look()

    def show_dock(self, identity: str) -> None:
        """Which dock is open."""
        self._dock = identity
        self._look()

    def _go(self, index: int) -> None:
        assert self.lesson is not None
        lesson, step = self.lesson, self.lesson.steps[index]
        # Nothing is noticed while the step is being set up.
        self._setting = True
        self.entering.emit()
        self.index, self.warning, self._warned = index, "", False
        folder, label = lesson.path.parent, f"{lesson.title}, step {index + 1}"
        if not step.state.opens:
            self._lab.edit(lambda document: document_of(step.state, folder, document), label)
        self.dock_wanted.emit(step.state.dock, step.state.experiment if step.state.opens else "")
        if step.state.map is not None:
            self.map_wanted.emit(step.state.map)
        if not step.state.opens:
            self._begin()
        self.changed.emit()

    def settled(self) -> None:
        """The experiment that the step opens stands open."""
        step, lesson = self.step, self.lesson
        if self._setting and step is not None and lesson is not None:
            self._lab.edit(lambda document: document_of(step.state, lesson.path.parent, document), lesson.title)
            self._begin()

    def _begin(self) -> None:
        self._start, self._start_dock, self._setting = self._lab.document, self._dock, False

    def _look(self) -> None:
        step = self.step
        if step is None or self._setting or self.done or self._lab.gesture:
            return
        seen = Seen(self._lab.document, self._start, self._snapshot, self._dock, self._start_dock)
        if done(step, seen):
            self.seen[self.index] = words(step, seen)
            self.changed.emit()
        elif not self._warned and not seen.touched and all(holds(one, seen) for one in step.checks):
            self._warned = True
            self.warning = f"Its checks (line {step.checks[0].line}) hold before anything is done."
            self.changed.emit()
