"""The lab as the widgets see it: the document that is shown, and the ways to change it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from shiftlab.document import Document
from shiftlab.engine.store import Change, Store

Edit = Callable[[Document], Document]


class Lab(QObject):
    """Owns the store, on the main thread; tells everybody when the document is another.

    Signals
    -------
    changed : the new Document and the one before, after every change, ephemeral or not
    gesture_changed : True when a drag begins, False when it ends
    refused : one line, where a change cannot be made
    taking : another document is about to come from elsewhere, with nothing of this one left
    """

    changed = Signal(object, object)
    gesture_changed = Signal(bool)
    refused = Signal(str)
    taking = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.store = Store(document)
        self._gesture = False
        self._stop = self.store.listen(self._tell)

    @property
    def document(self) -> Document:
        return self.store.document

    @property
    def gesture(self) -> bool:
        """Whether something is being dragged: changes are ephemeral, colour ranges frozen."""
        return self._gesture

    def edit(self, change: Edit, label: str) -> bool:
        """Change the document as one undo entry; what it refuses is said in one line, and changes nothing."""
        document = self._changed(change)
        if document is None or document is self.document:
            return False
        return self.store.update(document, label=label)

    def look(self, **lenses: object) -> bool:
        """Change how the lab is looked at: no undo entry."""
        return self.store.update(self.document.with_lenses(**lenses), undoable=False)

    def begin(self) -> None:
        """A gesture begins."""
        if not self._gesture:
            self._gesture = True
            self.gesture_changed.emit(True)

    def during(self, change: Edit, label: str = "Move") -> bool:
        """One frame of a gesture."""
        document = self._changed(change)
        return document is not None and self.store.update(document, label=label, ephemeral=True)

    def end(self, *, keep: bool = True) -> None:
        """The gesture ends: one undo entry, or as if it had not been."""
        if keep:
            self.store.commit()
        else:
            self.store.cancel()
        if self._gesture:
            self._gesture = False
            self.gesture_changed.emit(False)

    def undo(self) -> None:
        """Back; what is only a way of looking stays."""
        self._with_looks_kept(self.store.undo)

    def redo(self) -> None:
        self._with_looks_kept(self.store.redo)

    def take(self, document: Document) -> None:
        """Another document from elsewhere, with an empty history."""
        self.end(keep=False)
        self.taking.emit()
        self.store.reset(document)

    def close(self) -> None:
        """Hear of nothing more."""
        self._stop()

    def _changed(self, change: Edit) -> Document | None:
        try:
            return change(self.document)
        except ValueError as error:
            self.refused.emit(str(error))
            return None

    def _with_looks_kept(self, step: Callable[[], bool]) -> None:
        self.end()
        lenses = self.document.lenses
        if step():
            self.look(view=lenses.view, scope=lenses.scope, tile=lenses.tile, form=lenses.form, plain=lenses.plain)

    def _tell(self, change: Change) -> None:
        self.changed.emit(change.document, change.before)
