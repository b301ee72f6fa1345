"""The store: the one place that holds the document, with undo, for the thread that made it.

A drag sends ephemeral updates; the durable update that follows (or `commit`) turns all of them into
one undo entry. Weights in training are published beside the document: they are shown at once, and
become an undo entry only when they are kept.
"""

from __future__ import annotations

import dataclasses
import threading
from collections import deque
from collections.abc import Callable

import msgspec

from shiftlab.document import Document
from shiftlab.network.weights import Network, Weights

LIMIT = 200
"""Undo entries kept."""


class Change(msgspec.Struct, frozen=True):
    """What a listener is told: the document, the one before it, and whether it is one frame of a gesture."""

    document: Document
    before: Document
    ephemeral: bool


class _Entry(msgspec.Struct, frozen=True):
    document: Document
    label: str


class _Published(msgspec.Struct, frozen=True):
    """Weights shown in place of those of `base`, as long as the document holds `base`."""

    base: Network
    shown: Network


Listener = Callable[[Change], None]


class Store:
    """Holds a document, its history, and who wants to know.

    Parameters
    ----------
    document : Document
    limit : int
        How many undo entries are kept.

    Raises
    ------
    RuntimeError
        From every method, when it is called on another thread than the one that made the store.
    """

    def __init__(self, document: Document, limit: int = LIMIT) -> None:
        self._thread = threading.get_ident()
        self._document = document
        self._shown = document
        self._undo: deque[_Entry] = deque(maxlen=limit)
        self._redo: list[_Entry] = []
        self._before_gesture: Document | None = None
        self._gesture_label = ""
        self._published: dict[int, _Published] = {}
        self._listeners: list[Listener] = []
        self._waiting: deque[Change] = deque()
        self._telling = False

    @property
    def document(self) -> Document:
        """The present document, with published weights in it."""
        return self._shown

    @property
    def in_gesture(self) -> bool:
        """Whether ephemeral updates wait for a durable one."""
        return self._before_gesture is not None

    @property
    def undo_label(self) -> str | None:
        """What undo would take back; None where there is nothing."""
        if self._before_gesture is not None:
            return self._gesture_label
        return self._undo[-1].label if self._undo else None

    @property
    def redo_label(self) -> str | None:
        """What redo would do again; None where there is nothing."""
        return self._redo[-1].label if self._redo else None

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after every change; the answer ends this."""
        self._confine()
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def update(
        self, document: Document, *, label: str = "Change", ephemeral: bool = False, undoable: bool = True
    ) -> bool:
        """Take a new document; whether anything changed.

        Parameters
        ----------
        label : str
            What undo says, "Move".
        ephemeral : bool
            One frame of a gesture: it joins the next durable update in one undo entry.
        undoable : bool
            False for what only changes how the lab is looked at: no undo entry, and a gesture under way
            goes on.
        """
        self._confine()
        changed = document is not self._shown
        taken = self._without_published(document) if changed else self._document
        if not undoable:
            self._set(taken, self.in_gesture)
            return changed
        if ephemeral:
            if not changed:
                return False
            if self._before_gesture is None:
                self._before_gesture = self._document
            self._gesture_label = label
            self._set(taken, True)
            return True
        before = self._document if self._before_gesture is None else self._before_gesture
        ended = self._before_gesture is not None
        self._before_gesture = None
        if self._outlasted_by(taken):
            # What was published goes with the network: it becomes the network's own, so that undo brings it back.
            before, taken = self._with_published(before), self._with_published(taken)
            self._published.clear()
        if taken != before:
            self._undo.append(_Entry(before, label))
            self._redo.clear()
        if changed or ended:
            self._set(taken, False, always=ended)
        return changed

    def commit(self) -> None:
        """End a gesture: its ephemeral updates become one undo entry. Nothing without a gesture."""
        self._confine()
        if self._before_gesture is not None:
            self.update(self._shown, label=self._gesture_label)

    def cancel(self) -> None:
        """Take a gesture back as if it had not been. Nothing without a gesture."""
        self._confine()
        if self._before_gesture is not None:
            before, self._before_gesture = self._before_gesture, None
            self._set(before, False, always=True)

    def undo(self) -> bool:
        """Back to the document before the last durable update; whether there was one."""
        self._confine()
        self.commit()
        if not self._undo:
            return False
        entry = self._undo.pop()
        self._redo.append(self._left_for(entry))
        self._set(entry.document, False)
        return True

    def redo(self) -> bool:
        """Again what was undone last; whether there was anything."""
        self._confine()
        self.commit()
        if not self._redo:
            return False
        entry = self._redo.pop()
        self._undo.append(self._left_for(entry))
        self._set(entry.document, False)
        return True

    def reset(self, document: Document) -> None:
        """Take a document from elsewhere (a session file), with an empty history."""
        self._confine()
        self._undo.clear()
        self._redo.clear()
        self._published.clear()
        self._before_gesture = None
        self._set(document, False)

    def publish_weights(self, index: int, network: Network, weights: Weights) -> bool:
        """Show network `index` with these weights, without an undo entry.

        They stay shown while the document holds `network`, whatever else is changed, undone or redone.

        Parameters
        ----------
        index : int
        network : Network
            The one that was taken from the document when training began.
        weights : Weights

        Returns
        -------
        bool
            False where the document holds another network by now: nothing happens then.
        """
        self._confine()
        known = self._published.get(index)
        base = known.base if known is not None and network == known.shown else network
        if index >= len(self._document.networks) or self._document.networks[index] != base:
            return False
        self._published[index] = _Published(base, dataclasses.replace(base, weights=weights))
        self._set(self._document, self.in_gesture)
        return True

    def keep_all_weights(self, label: str = "Train") -> bool:
        """Make all published weights part of the document, as one undo entry; whether they are others."""
        self._confine()
        self.commit()
        networks = list(self._document.networks)
        kept = False
        for index, published in self._published.items():
            # What learnt nothing is no change: it has no entry, and what was undone can still be done again.
            if index < len(networks) and networks[index] == published.base != published.shown:
                networks[index], kept = published.shown, True
        self._published.clear()
        if kept:
            self._undo.append(_Entry(self._document, label))
            self._redo.clear()
        self._set(self._document.with_networks(tuple(networks)), False)
        return kept

    def _confine(self) -> None:
        if threading.get_ident() != self._thread:
            raise RuntimeError(
                f"the store belongs to the thread that made it, not to {threading.current_thread().name!r}"
            )

    def _without_published(self, document: Document) -> Document:
        """`document` with the published networks replaced by those they stand for."""
        networks = list(document.networks)
        for index, published in self._published.items():
            if index < len(networks) and networks[index] == published.shown:
                networks[index] = published.base
        return document.with_networks(tuple(networks))

    def _with_published(self, document: Document) -> Document:
        networks = list(document.networks)
        for index, published in self._published.items():
            if index < len(networks) and networks[index] == published.base:
                networks[index] = published.shown
        return document.with_networks(tuple(networks))

    def _outlasted_by(self, following: Document) -> bool:
        """Whether a network that weights were published for is not in `following`."""
        held = following.networks
        return any(index >= len(held) or held[index] != one.base for index, one in self._published.items())

    def _left_for(self, entry: _Entry) -> _Entry:
        """The way back from an entry of the history, with what was published where its network goes."""
        document = self._document
        if self._outlasted_by(entry.document):
            document = self._with_published(document)
            self._published.clear()
        return _Entry(document, entry.label)

    def _set(self, document: Document, ephemeral: bool, always: bool = False) -> None:
        before = self._shown
        self._document = document
        self._shown = self._with_published(document)
        if self._shown is not before or always:
            self._tell(Change(self._shown, before, ephemeral))

    def _tell(self, change: Change) -> None:
        """Every listener hears every change, in order, even where one of them fails or updates the store."""
        self._waiting.append(change)
        if self._telling:
            return
        self._telling = True
        failures: list[Exception] = []
        try:
            while self._waiting:
                change = self._waiting.popleft()
                for listener in tuple(self._listeners):
                    try:
                        listener(change)
                    except Exception as failure:  # raised below, once the others have heard
                        failures.append(failure)
        finally:
            self._telling = False
        if failures:
            raise failures[0]
