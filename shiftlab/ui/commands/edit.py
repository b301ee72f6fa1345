"""The actions of the menu Edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shiftlab.ui import edits
from shiftlab.ui.actions import Action
from shiftlab.ui.commands.group import Group
from shiftlab.ui.lab import Lab

if TYPE_CHECKING:
    from shiftlab.ui.commands.hosts import Files

MOVES = (
    ("up", "Move up", "Up", (-1, 0)),
    ("down", "Move down", "Down", (1, 0)),
    ("left", "Move left", "Left", (0, -1)),
    ("right", "Move right", "Right", (0, 1)),
)


class EditCommands(Group):
    """Undo, paste, the selection."""

    def __init__(self, lab: Lab, files: Files) -> None:
        super().__init__(lab)
        self._files = files

    def records(self) -> tuple[Action, ...]:
        store = self._lab.store
        return (
            Action("edit.undo", "Undo", self._lab.undo, "Edit", "undo", ("Ctrl+Z",), "Take the last change back",
                   enabled=lambda: store.undo_label is not None),
            Action("edit.redo", "Redo", self._lab.redo, "Edit", "redo", ("Ctrl+Shift+Z", "Ctrl+Y"),
                   "Make it again", enabled=lambda: store.redo_label is not None),
            Action("edit.paste", "Paste", self._files.paste, "Edit", keys=("Ctrl+V",),
                   tooltip="An image, a session or a screenshot from the clipboard"),
            Action("edit.paste-background", "Paste as background", lambda: self._files.paste("background"), "Edit",
                   keys=("Ctrl+Shift+V",), tooltip="Lay the image on the clipboard under the patterns"),
            Action("edit.delete", "Delete", self._edits(lambda one: one.without_selected(), "Delete"), "Edit",
                   keys=("Del", "Backspace"), tooltip="Take the selected patterns away",
                   enabled=lambda: bool(self._document.lenses.selection)),
            Action("edit.select-all", "Select all", self._select_all, "Edit", keys=("Ctrl+A",),
                   tooltip="Select every pattern", enabled=self._some),
            Action("edit.select-next", "Select next pattern", self._select_next, "Edit", keys=("Ctrl+Tab",),
                   tooltip="Select the next pattern", enabled=self._some),
            *(
                Action(f"edit.move-{name}", text, lambda by=by: self._nudge(by), "Edit/Move",
                       tooltip=f"{text} by 1 px: {key}; by the deepest stride: Shift+{key}; by 0.1 px: Alt+{key}",
                       enabled=self._some)
                for name, text, key, by in MOVES
            ),
        )  # fmt: skip

    def _nudge(self, by: tuple[int, int]) -> None:
        self._lab.edit(lambda document: edits.moved(document, (float(by[0]), float(by[1]))), "Nudge")

    def _select_all(self) -> None:
        self._lab.look(selection=frozenset(range(len(self._document.scene.placed))))

    def _select_next(self) -> None:
        count, index = len(self._document.scene.placed), edits.lead(self._document)
        chosen = self._document.lenses.selection
        following = 0 if index is None or not chosen else (index + 1) % count
        self._lab.look(selection=frozenset({following}))
