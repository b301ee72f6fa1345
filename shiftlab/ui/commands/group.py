"""What the actions of every menu share: the lab that they are done to."""

from __future__ import annotations

from collections.abc import Callable

from shiftlab.document import Document
from shiftlab.ui.actions import Action
from shiftlab.ui.lab import Lab


class Group:
    """Makes the records of a menu."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def records(self) -> tuple[Action, ...]:
        """The records, in the order of the menu."""
        raise NotImplementedError

    @property
    def _document(self) -> Document:
        return self._lab.document

    def _some(self) -> bool:
        return bool(self._document.scene.placed)

    def _edits(self, change: Callable[[Document], Document], label: str) -> Callable[[], object]:
        return lambda: self._lab.edit(change, label)
