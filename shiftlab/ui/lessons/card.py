"""The present step of a lesson: what is read, what is to be done, and that it was done."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from shiftlab.ui.controls import FlatButton
from shiftlab.ui.fields import label
from shiftlab.ui.lessons.prose import Paragraph, Prose
from shiftlab.ui.lessons.tutor import Tutor
from shiftlab.ui.theme import colour
from shiftlab.ui.themed import Themed

MARGIN = 16


class Progress(Themed, QWidget):
    """One short bar a step: done, the present one, and those to come."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._done: tuple[bool, ...] = ()
        self._present = 0
        self.setFixedHeight(3)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_progress(self, done: tuple[bool, ...], present: int) -> None:
        self._done, self._present = done, present
        self.setAccessibleName(f"{sum(done)} of {len(done)} steps done")
        self.update()

    # Qt's own

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._done:
            return
        count = len(self._done)
        side = (self.width() + 3) / count
        with QPainter(self) as painter:
            for index, done in enumerate(self._done):
                token = self.theme.acc if done else self.theme.t2 if index == self._present else self.theme.line2
                left, right = round(index * side), round((index + 1) * side) - 3
                painter.fillRect(QRectF(left, 0, right - left, self.height()), colour(token))


class LessonCard(Themed, QWidget):
    """Shows the step that a tutor stands at; hidden while no lesson is under way.

    Attributes
    ----------
    text, seen : the paragraphs, and below them what was seen
    back, again, skip, next, close_button : buttons
    """

    def __init__(self, tutor: Tutor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tutor = tutor
        self.setAccessibleName("Lesson")
        self.title, self.count = label("", "heading"), label("", "meta")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.close_button = _button("", "close", "Leave the lesson; the lab stays as it is", "Leave the lesson")
        self.progress = Progress()
        self.heading = QLabel()
        self.heading.setProperty("role", "label")
        self.text, self.seen = Prose(), Prose()
        self.back = _button("Back", "", "The step before", "Back")
        self.again = _button("Start again", "reset", "Set this step up anew", "Start this step again")
        self.skip = _button("Skip", "", "Go on without doing this", "Skip")
        self.next = FlatButton("Next step", "", "On to the next step  (Ctrl+Return)", primary=True)
        self.close_button.clicked.connect(tutor.end)
        self.back.clicked.connect(tutor.back)
        self.again.clicked.connect(tutor.again)
        self.skip.clicked.connect(tutor.forward)
        self.next.clicked.connect(tutor.forward)
        self._lay_out()
        tutor.changed.connect(self.show_step)
        self.show_step()

    def _lay_out(self) -> None:
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title, 1)
        head.addWidget(self.count)
        head.addWidget(self.close_button)
        foot.setSpacing(4)
        foot.addWidget(self.back)
        foot.addWidget(self.again)
        foot.addStretch(1)
        foot.addWidget(self.skip)
        foot.addWidget(self.next)
        # The cross stands above that of the dock.
        head.setContentsMargins(MARGIN, 6, 8, 0)
        outer, layout = QVBoxLayout(self), QVBoxLayout()
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(head)
        outer.addLayout(layout)
        layout.setContentsMargins(MARGIN, 4, MARGIN, 12)
        layout.setSpacing(0)
        layout.addWidget(self.progress)
        for space, widget in ((10, self.heading), (4, self.text), (10, self.seen)):
            layout.addSpacing(space)
            layout.addWidget(widget)
        layout.addSpacing(10)
        layout.addLayout(foot)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_step(self) -> None:
        """Show what the tutor stands at."""
        tutor, step, lesson = self._tutor, self._tutor.step, self._tutor.lesson
        self.setVisible(step is not None)
        if step is None or lesson is None:
            return
        self.title.setText(f"Lesson: {lesson.title}")
        self.count.setText(f"{tutor.index + 1} of {len(lesson.steps)}")
        self.progress.show_progress(tuple(bool(one) for one in tutor.seen), tutor.index)
        self.heading.setText(step.title)
        self.text.show_paragraphs(Paragraph(step.text), Paragraph(step.todo, strong=True))
        if tutor.done:
            self.seen.show_paragraphs(Paragraph(f"Done: {tutor.seen[tutor.index]}", "moved", "control", True, "check"))
        else:
            self.seen.show_paragraphs(Paragraph(tutor.warning, "broke", "control"))
        self.back.setEnabled(tutor.index > 0)
        self.skip.setVisible(not tutor.done)
        self.next.setText("Finish" if tutor.last else "Next step")
        self.next.setEnabled(tutor.done)
        self.next.updateGeometry()

    # Qt's own

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), colour(self.theme.line))


def _button(text: str, icon: str, tooltip: str, name: str) -> FlatButton:
    made = FlatButton(text, icon, tooltip, side=None if text else 28)
    made.setAccessibleName(name)
    return made
