"""The lessons dock: the list of lessons, one's own among them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QScrollArea, QVBoxLayout, QWidget

from shiftlab.files.lessons import LessonError
from shiftlab.ui.controls import ARROWS, FlatButton
from shiftlab.ui.fields import label
from shiftlab.ui.layouts import fill_scrolling, side_by_side
from shiftlab.ui.lessons import library
from shiftlab.ui.lessons.library import Entry
from shiftlab.ui.lessons.manual import show_manual
from shiftlab.ui.lessons.prose import Paragraph, Prose
from shiftlab.ui.lessons.rows import LessonRow
from shiftlab.ui.lessons.tutor import Tutor
from shiftlab.ui.settings import Settings
from shiftlab.ui.themed import Themed, apply_theme


class _Scroll(QScrollArea):
    """Leaves the arrow keys to the window: they move the pattern."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in ARROWS:
            event.ignore()
        else:
            super().keyPressEvent(event)


class LessonsDock(Themed, QWidget):
    """All lessons, with a tick at each that was finished; a press begins one.

    Attributes
    ----------
    rows : the lines of the list by the lesson's key

    Signals
    -------
    opened : a lesson of one's own was opened
    """

    opened = Signal()

    def __init__(self, tutor: Tutor, settings: Settings | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tutor, self._settings = tutor, settings
        self._own_folder: Path | None = None
        self._entries: list[Entry] = []
        self.rows: dict[str, LessonRow] = {}
        self._finished: set[str] = set(settings.lessons) if settings is not None else set()
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(2)
        self.complaint = Prose()
        self.open_button = FlatButton("Open a lesson…", "", "A Markdown file of your own; its folder is listed here")
        self.open_button.clicked.connect(self.open_dialog)
        self.manual_button = FlatButton("How to write one", "", "The format of a lesson, with all settings and checks")
        self.manual_button.clicked.connect(lambda: show_manual(self))
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 0, 8, 12)
        column.setSpacing(8)
        column.addLayout(self._list)
        column.addLayout(side_by_side(self.open_button, self.manual_button, None))
        column.addWidget(self.complaint)
        column.addStretch(1)
        scroll = _Scroll()
        fill_scrolling(scroll, inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)
        self.complaint.show_paragraphs()
        folder = settings.lesson_folder if settings is not None else ""
        self._own_folder = Path(folder) if folder and Path(folder).is_dir() else None
        self._fill()
        tutor.changed.connect(self._mark)
        tutor.finished.connect(self._note_finished)

    def start(self, key: str) -> None:
        """Begin the lesson of that key."""
        found = next((one.lesson for one in self._entries if one.lesson is not None and one.lesson.key == key), None)
        if found is not None:
            self._tutor.start(found)

    def open_dialog(self) -> None:
        """Ask for a lesson, list its folder, and begin it."""
        start = str(self._own_folder or Path.home())
        name, _ = QFileDialog.getOpenFileName(self, "Open a lesson", start, "Lessons (*.md)")
        if name:
            self.open(Path(name))

    def open(self, path: Path) -> bool:
        """List a lesson's folder, and begin the lesson; whether it could be read."""
        try:
            lesson = library.checked(path)
        except LessonError as error:
            self.complaint.show_paragraphs(Paragraph(str(error), "broke", "control"))
            return False
        self.complaint.show_paragraphs()
        self._own_folder = path.parent
        if self._settings is not None:
            self._settings.lesson_folder = str(path.parent)
        self._fill()
        self._tutor.start(lesson)
        self.opened.emit()
        return True

    def _fill(self) -> None:
        while (item := self._list.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        ours = library.ours()
        own = () if self._own_folder is None else library.own(self._own_folder)
        self.rows, self._entries = {}, [*ours, *own]
        for number, entry in enumerate(ours, start=1):
            self._add(number, entry)
        if own:
            self._list.addSpacing(8)
            self._list.addWidget(label("  Your own", "label"))
            for number, entry in enumerate(own, start=1):
                self._add(number, entry)
        self._mark()
        apply_theme(self, self.theme)

    def _add(self, number: int, entry: Entry) -> None:
        count = 0 if entry.lesson is None else len(entry.lesson.steps)
        note = f"{count} steps" if count != 1 else "1 step"
        row = LessonRow(number, entry.title, entry.about, note if count else "", entry.lesson is None)
        if (lesson := entry.lesson) is not None:
            row.clicked.connect(lambda _checked=False, lesson=lesson: self._tutor.start(lesson))
            self.rows[lesson.key] = row
        self._list.addWidget(row)

    def _mark(self) -> None:
        present = self._tutor.lesson
        for key, row in self.rows.items():
            row.show_state(key in self._finished, present is not None and present.key == key)

    def _note_finished(self, key: str) -> None:
        self._finished.add(key)
        if self._settings is not None:
            self._settings.lessons = tuple(sorted(self._finished))
        self._mark()
