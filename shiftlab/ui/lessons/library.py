"""The lessons there are: those that come with ShiftLab, and those of a folder of one's own. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from shiftlab.files.lessons import Lesson, LessonError, lessons_in, load, shipped
from shiftlab.ui.lessons.setting import check_state


@dataclass(frozen=True)
class Entry:
    """A lesson, or why it cannot be read."""

    path: Path
    lesson: Lesson | None
    error: str = ""

    @property
    def title(self) -> str:
        return self.path.name if self.lesson is None else self.lesson.title

    @property
    def about(self) -> str:
        return self.error if self.lesson is None else self.lesson.about


def checked(path: Path) -> Lesson:
    """The lesson in a file, every one of whose states can be set.

    Raises
    ------
    LessonError
        One line that names the file and the line.
    """
    lesson = load(path)
    for step in lesson.steps:
        try:
            check_state(step.state, path.parent)
        except ValueError as error:
            raise LessonError(path.name, step.line, f"the step {step.title!r} cannot be set up: {error}") from error
    return lesson


def _entry(path: Path) -> Entry:
    try:
        return Entry(path, checked(path))
    except LessonError as error:
        return Entry(path, None, str(error))


def ours() -> tuple[Entry, ...]:
    """The lessons that come with ShiftLab."""
    return tuple(_entry(path) for path in shipped())


def own(folder: Path) -> tuple[Entry, ...]:
    """The lessons of a folder; those that cannot be read say why."""
    return tuple(_entry(path) for path in lessons_in(folder))
