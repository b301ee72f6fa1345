"""What lessons add to the window's actions: the dock, and the buttons of the card, all with a name to find."""

from __future__ import annotations

from typing import Protocol

from shiftlab.ui.actions import Action


class LessonHost(Protocol):
    """What the window does for these actions."""

    def toggle_dock(self, identity: str) -> None: ...
    def open_dock_id(self) -> str: ...
    def lesson_under_way(self) -> bool: ...
    def lesson_step(self, way: str) -> None: ...
    def open_lesson(self) -> None: ...


def lesson_actions(host: LessonHost) -> tuple[Action, ...]:
    """The records."""
    return (
        Action(
            "window.lesson",
            "Lessons",
            lambda: host.toggle_dock("lesson"),
            "Window",
            "lesson",
            ("H",),
            "Short lessons, each step a state of the lab and something to do",
            checked=lambda: host.open_dock_id() == "lesson",
        ),
        Action("lesson.open", "Open a lesson…", host.open_lesson, "File", tooltip="A Markdown file of your own"),
        *(
            Action(
                f"lesson.{way}", words, lambda way=way: host.lesson_step(way), "Window/Lesson",
                keys=keys, tooltip=tooltip, enabled=host.lesson_under_way,
            )
            for way, words, keys, tooltip in (
                ("forward", "Next step of the lesson", ("Ctrl+Return",), "On to the next step, done or not"),
                ("back", "Step back in the lesson", (), "The step before"),
                ("again", "Start this step again", (), "Set the step up anew"),
                ("end", "Leave the lesson", (), "The lab stays as it is"),
            )
        ),
    )  # fmt: skip
