"""The bench's hands: edits of the network that is on it, said or refused, each an undo entry of the lab."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from shiftlab.document import Document
from shiftlab.network.editing import Edited, Outcome, Refused
from shiftlab.network.spec import NetworkError, Pair
from shiftlab.network.weights import Network
from shiftlab.ui.bench import changes
from shiftlab.ui.lab import Lab

Edit = Callable[[Network, Pair], Outcome]


class Editor(QObject):
    """Changes network A or B of the lab's document.

    Typing comes letter by letter: while it lasts every edit starts from the network as it was before the
    first letter, so that a half-typed number costs no weights, and all of them are one undo entry.

    Signals
    -------
    said : what an edit cost, '' where nothing
    refused : a Refused; the last good network stays
    side_changed : 0 or 1, when another network is on the bench
    """

    said = Signal(str)
    refused = Signal(object)
    side_changed = Signal(int)

    def __init__(self, lab: Lab, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lab = lab
        self._side = 0
        self._typed_over: Network | None = None
        lab.gesture_changed.connect(self._gesture_changed)
        lab.changed.connect(self._document_changed)

    @property
    def lab(self) -> Lab:
        return self._lab

    @property
    def side(self) -> int:
        """0 where A is on the bench, 1 where B is."""
        return self._side

    @property
    def network(self) -> Network:
        return self._lab.document.networks[self._side]

    @property
    def canvas(self) -> Pair:
        return self._lab.document.scene.size

    def set_side(self, side: int) -> None:
        """Put A or B on the bench; A where there is no B."""
        side = side if side < len(self._lab.document.networks) else 0
        if side != self._side:
            self.end_typing()
            self._side = side
            self.side_changed.emit(side)

    def run(self, edit: Edit, label: str) -> Outcome:
        """One edit as one undo entry."""
        self.end_typing()
        outcome = self._tried(edit, self.network)
        if isinstance(outcome, Edited):
            self._lab.edit(lambda document: self._with(document, outcome.network), label)
            self.said.emit(outcome.note)
        return outcome

    def run_typing(self, edit: Edit, label: str) -> Outcome:
        """One letter of an edit that is being typed, or one stroke of a brush; `end_typing` makes it an undo entry."""
        if self._typed_over is None:
            self._typed_over = self.network
        outcome = self._tried(edit, self._typed_over)
        if isinstance(outcome, Edited):
            base = self._typed_over
            self._lab.during(lambda document: self._with(document, outcome.network), label)
            self._typed_over = base
            self.said.emit(outcome.note)
        return outcome

    def end_typing(self) -> None:
        """What was typed so far is one undo entry. Nothing where nothing was typed."""
        if self._typed_over is not None:
            self._typed_over = None
            self._lab.store.commit()

    def abandon_typing(self) -> None:
        """What was typed so far is taken back. Nothing where nothing was typed."""
        if self._typed_over is not None:
            self._typed_over = None
            self._lab.store.cancel()

    def change(self, edit: Callable[[Document], Document], label: str) -> bool:
        """A change of the whole document as one undo entry."""
        self.end_typing()
        return self._lab.edit(edit, label)

    def _tried(self, edit: Edit, network: Network) -> Outcome:
        try:
            outcome = edit(network, self.canvas)
        except NetworkError as error:
            outcome = Refused(str(error))
        if isinstance(outcome, Refused):
            self.refused.emit(outcome)
        return outcome

    def _with(self, document: Document, network: Network) -> Document:
        return changes.with_network(document, self._side, network)

    def _gesture_changed(self, active: bool) -> None:
        if active:
            self.end_typing()

    def _document_changed(self, document: Document, before: Document) -> None:
        if not self._lab.store.in_gesture:
            self._typed_over = None
        if self._side >= len(document.networks):
            self.set_side(0)
