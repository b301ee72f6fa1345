"""The training dock: an experiment, its controls, its curves, its weights, and its verdict."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from shiftlab.document import Document
from shiftlab.learn.plans import EXPERIMENTS, Experiment, Opened, Plan, expectation, own, question, title
from shiftlab.learn.tasks import Task
from shiftlab.ui.controls import Choice, FlatButton, PickButton, Segments
from shiftlab.ui.fields import label
from shiftlab.ui.jobs.line import left_words
from shiftlab.ui.lab import Lab
from shiftlab.ui.layouts import scrolling, side_by_side
from shiftlab.ui.regiontool import RegionTool
from shiftlab.ui.theme import Theme
from shiftlab.ui.themed import Themed
from shiftlab.ui.training.controls import Controls, FramedButton
from shiftlab.ui.training.course import Course
from shiftlab.ui.training.curves import Curves
from shiftlab.ui.training.own import OwnPage
from shiftlab.ui.training.verdict import Verdict
from shiftlab.ui.training.weights_view import WeightsView

CHOICES: tuple[Experiment, ...] = (*EXPERIMENTS, "own")


def called(experiment: Experiment) -> str:
    """What stands in the list of what can be trained."""
    return "This network" if experiment == "own" else title(experiment)


class Entry(QWidget):
    """One experiment to open: its name, its question, a button."""

    def __init__(self, experiment: Experiment, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = FramedButton("Open", "", f"Open {called(experiment).lower()}: ready to train")
        self.button.setAccessibleName(f"Open {called(experiment)}")
        asked = label(question(experiment), "meta")
        asked.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(called(experiment), "heading"))
        words.addWidget(asked)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 8, 0, 8)
        across.setSpacing(12)
        across.addLayout(words, 1)
        across.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)


class TrainingDock(Themed, QWidget):
    """Experiments, in front of a person's eyes.

    Attributes
    ----------
    course : Course
    entries : the experiments to choose from while none is open
    controls, own, curves, verdict, weights
        The controls of an experiment, and the page of the lab's own network.
    train, step, cancel, reset : FlatButton
    status, expected, sentence : QLabel
    """

    def __init__(self, course: Course, lab: Lab, tool: RegionTool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.course, self._lab = course, lab
        self.own = OwnPage(lab, tool)
        self._shown: tuple[object, ...] = ()
        self._stack = QStackedWidget()
        self.entries = {one: Entry(one) for one in CHOICES}
        self._stack.addWidget(self._chooser())
        self._stack.addWidget(self._bench())
        down = QVBoxLayout(self)
        down.setContentsMargins(0, 0, 0, 0)
        down.addWidget(self._stack)
        course.changed.connect(self.refresh)
        course.own_begins.connect(self.own.keep)
        self.refresh()

    def _chooser(self) -> QWidget:
        page = QWidget()
        down = QVBoxLayout(page)
        down.setContentsMargins(16, 0, 16, 16)
        down.setSpacing(0)
        words = label("Train a small network and see what it learns. Each opens ready to run.", "label")
        words.setWordWrap(True)
        down.addWidget(words)
        down.addSpacing(8)
        for experiment, entry in self.entries.items():
            entry.button.clicked.connect(lambda _checked=False, one=experiment: self._open_first(one))
            down.addWidget(entry)
        down.addStretch(1)
        return page

    def _bench(self) -> QWidget:
        self.pick = PickButton("Experiment", self._choices, tooltip="Which experiment", framed=True, width=150)
        self.pick.chosen.connect(self.show_page)
        self.side = Segments("Train", [("0", "A", "", "", "It takes A"), ("1", "B", "", "", "It takes B")])
        self.side.chosen.connect(lambda one: self.course.choose_side(int(one)))
        self.expected = label("", "label")
        self.expected.setWordWrap(True)
        self.controls = Controls()
        self.controls.plan_wanted.connect(self.course.open)
        self.own.task_changed.connect(self._take_task)
        self.own.refused.connect(self.course.refused)
        self.train = FlatButton("Train", "play", "Train from the weights it starts with", primary=True)
        self.pause = FramedButton("Pause", "pause", "Rest after the step under way")
        self.step = FramedButton("Step", "step", "One step of training")
        self.cancel = FramedButton("Cancel", "", "End the run; the weights it has reached stay")
        self.reset = FramedButton("Reset", "reset", "Back to the weights it starts with")
        for button, act in (
            (self.train, self.course.train),
            (self.pause, self.course.pause),
            (self.step, self.course.step),
            (self.cancel, self.course.cancel),
            (self.reset, self.course.reset),
        ):
            button.clicked.connect(act)
        self.status = label("", "meta")
        self.status.setWordWrap(True)
        self.loss_words = label("", "meta")
        self.curves = Curves()
        self.sentence = label("", "label")
        self.sentence.setWordWrap(True)
        self.verdict = Verdict()
        self.weights = WeightsView()
        self._verdict_title = label("Verdict", "heading")
        page = QWidget()
        down = QVBoxLayout(page)
        down.setContentsMargins(16, 0, 16, 16)
        down.setSpacing(8)
        down.addLayout(side_by_side(self.pick, self.side, None))
        down.addWidget(self.expected)
        down.addWidget(self.controls)
        down.addWidget(self.own)
        down.addLayout(side_by_side(self.train, self.pause, self.step, self.reset, self.cancel, None))
        down.addWidget(self.status)
        down.addLayout(side_by_side(label("Loss", "heading"), None, self.loss_words))
        down.addWidget(self.curves)
        down.addWidget(self._verdict_title)
        down.addWidget(self.sentence)
        down.addWidget(self.verdict)
        down.addWidget(self.weights)
        down.addStretch(1)
        return scrolling(page)

    def refresh(self) -> None:
        """Show where everything stands."""
        course = self.course
        experiment = course.experiment
        self._stack.setCurrentIndex(0 if experiment is None else 1)
        if experiment is None:
            return
        plan, ready = course.plan, course.ready
        opening = course.state == "opening"
        self.pick.set_value(experiment, called(experiment))
        held = ready if ready is not None and ready.plan.experiment == experiment else None
        self.controls.setVisible(not course.own)
        self.own.setVisible(course.own)
        if course.own:
            self.own.show_side(course.side)
            # What was changed during a run is proposed after it.
            self._take_task(self.own.task)
            self.expected.setText("Trains the network that stands in the lab, on patterns of your choice.")
        elif plan is not None:
            words = expectation(plan)
            self.expected.setText(f"Expected: {words[:1].lower()}{words[1:]}")
            self.controls.show_plan(plan, held.settings if held is not None else None)
        self._show_buttons(opening)
        self._show_side()
        self.status.setText(self._status(opening))
        if held is None:
            self._show_nothing()
            return
        self._show_curves(held)
        self._show_verdict(held)
        if not opening:
            self.weights.show_networks(held, course.networks[0] if course.present else held.networks[0])

    def _show_nothing(self) -> None:
        """Nothing is open yet: empty curves, no verdict, no weights."""
        task = self.own.task
        steps, classes = (task.settings.steps, len(task.classes)) if task is not None else (1, 2)
        self.curves.show_steps((), (), steps, classes)
        self.loss_words.setText("")
        for widget in (self._verdict_title, self.sentence, self.verdict, self.weights):
            widget.hide()

    def _take_task(self, task: Task | None) -> None:
        self.course.propose(None if task is None else own(task))

    def show_document(self, document: Document) -> None:
        """The document is another: the weights may be."""
        course = self.course
        self._take_up(document)
        if course.own:
            self.own.show_document(document)
        shown = (document.networks, document.scene.size)
        if shown == self._shown or course.experiment is None or course.state == "opening":
            return
        self._shown = shown
        self._show_side()
        self._show_buttons(False)
        self.status.setText(self._status(False))
        if course.ready is not None and course.present:
            self.weights.show_networks(course.ready, course.networks[0])

    def _take_up(self, document: Document) -> None:
        """Where nothing is open, a task that the document has is: it can be trained at once."""
        if self.course.experiment is None and document.training is not None:
            self.course.choose_own()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.curves.set_look(theme)

    def _show_buttons(self, opening: bool) -> None:
        course = self.course
        state, able = course.state, course.able
        running, unfinished = state == "running", course.unfinished
        self.train.setVisible(not running)
        self.pause.setVisible(running)
        words = "Go on" if state == "paused" or unfinished else "Train again" if course.trained else "Train"
        if words != self.train.text():
            self.train.setText(words)
            self.train.setAccessibleName(words)
            self.train.updateGeometry()
        for button in (self.train, self.pause, self.step):
            button.setEnabled(able)
        self.cancel.setVisible(course.busy or (course.own and opening))
        self.reset.setEnabled(course.start is not None)
        self.controls.setEnabled(not opening)
        self.own.setEnabled(not opening and not course.busy)

    def _show_side(self) -> None:
        course = self.course
        one = course.own or (course.ready is not None and len(course.ready.networks) == 1)
        self.side.setVisible(len(course.held) == 2 and one)
        self.side.setEnabled(not course.busy and course.state != "opening")
        self.side.set_value(str(course.side))

    def _status(self, opening: bool) -> str:
        course = self.course
        if opening:
            return "Drawing the images" if course.own else "Opening"
        if course.own and course.ready is None:
            return "Ready" if course.plan is not None else ""
        if not course.present and not course.own:
            return "The lab holds another network. Choose the experiment again to open it."
        taught, state = course.taught, course.state
        if taught is None or course.ready is None:
            return {"ready": "Ready", "running": "Beginning", "paused": "Beginning"}.get(state, "")
        progress = taught.progress
        told = f"{progress.words} {progress.done} of {progress.total}"
        if state == "running":
            took, share = time.monotonic() - course.began, progress.done / max(progress.total, 1)
            gone = share - course.begun_at
            if progress.words == "training" and took > 0.5 and gone > 0:
                told += f" · {left_words(took * (1 - share) / gone)}"
            return told
        if state == "paused":
            return f"Paused at {told}"
        if state == "cancelled":
            rests = "; it can go on from there" if course.unfinished else ""
            return f"Ended at {told}{rests}"
        if state == "failed":
            return f"Failed at {told}"
        seconds = course.outcome.seconds if course.outcome is not None else 0.0
        return f"Done in {seconds:.1f} s"

    def _show_curves(self, ready: Opened) -> None:
        course = self.course
        source = course.outcome or course.taught
        losses, accuracies = (source.losses, source.accuracies) if source is not None else ((), ())
        task = ready.plan.task
        classes = len(ready.networks[0].spec.classes if task is None else task.classes)
        self.curves.show_steps(losses, accuracies, ready.settings.steps, max(classes, 2))
        told = f"step {len(losses)} of {ready.settings.steps} · last {losses[-1]:.3f}" if losses else ""
        self.loss_words.setText(told)

    def _show_verdict(self, ready: Opened) -> None:
        outcome = self.course.outcome
        told = outcome is not None and (self.course.own or self.course.plan == ready.plan)
        for widget in (self._verdict_title, self.sentence, self.verdict):
            widget.setVisible(told)
        if outcome is not None:
            self.sentence.setText(outcome.sentence)
            self.verdict.show_rows(outcome.rows)

    def _choices(self) -> Sequence[Choice]:
        return [Choice(one, called(one), question(one)) for one in CHOICES]

    def show_page(self, identity: str) -> None:
        """Open an experiment, or the page of the lab's own network; what stands open already stays as it is."""
        plan = self.course.plan
        if identity != "own" and plan is not None and plan.experiment == identity:
            self.course.open(plan)
        else:
            self._open_first(identity)

    def _open_first(self, experiment: str) -> None:
        """Open an experiment with its own settings."""
        if experiment == "own":
            self.course.choose_own()
            return
        self.course.open(next(Plan(experiment=one) for one in EXPERIMENTS if one == experiment))

    # Qt's own

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._take_up(self._lab.document)
