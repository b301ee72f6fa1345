"""Autosave while one works, and the offer to restore what a killed run left."""

from __future__ import annotations

import faulthandler
import logging
import time
from collections.abc import Callable
from typing import TextIO

from PySide6.QtCore import QObject, QTimer, Signal

from shiftlab.document import Document
from shiftlab.files import session
from shiftlab.files.autosave import Autosave, Leftover
from shiftlab.ui.lab import Lab

log = logging.getLogger("shiftlab.keeping")
Say = Callable[..., None]
"""`NoticeLine.say`."""
PAUSE = 2000
"""Milliseconds after a change until it is kept; a drag is kept after its end."""


class Keeper(QObject):
    """Keeps the document for a restart.

    Signals
    -------
    failed : one line, the first time that keeping does not work
    """

    failed = Signal(str)

    def __init__(self, lab: Lab, autosave: Autosave) -> None:
        super().__init__(lab)
        self._lab, self._autosave = lab, autosave
        self._told = False
        self._first = lab.document
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE)
        self._timer.timeout.connect(self.keep)
        self.crash_file: TextIO | None = None
        lab.changed.connect(self._changed)

    @property
    def autosave(self) -> Autosave:
        return self._autosave

    def _changed(self, document: Document, before: Document) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def keep(self) -> None:
        """Keep the document now, unless something is being dragged: then after its end."""
        if self._lab.gesture:
            self._timer.start()
            return
        if self._lab.document is self._first:
            return
        try:
            self._autosave.save(self._lab.document)
        except (ValueError, OSError) as error:
            log.warning("autosave failed: %s", error)
            if not self._told:
                self._told = True
                self.failed.emit(f"The autosave does not work: {error}")

    def rescue(self) -> None:
        """Keep the document whatever is going on (the process is about to leave)."""
        self._timer.stop()
        try:
            self._autosave.save(self._lab.document)
        except (ValueError, OSError) as error:
            log.error("the session could not be saved on leaving: %s", error)

    def finish(self) -> None:
        """The clean exit: nothing is left to restore."""
        self._timer.stop()
        if self.crash_file is not None:
            faulthandler.disable()
            self.crash_file.close()
            self.crash_file = None
        self._autosave.finish()

    def offer(self, say: Say, details: Callable[[str, str], None]) -> None:
        """Say what killed runs left, the newest first, with the buttons to restore it or not."""
        left = self._autosave.leftovers()
        if not left:
            return
        newest = left[0]
        offers: list[tuple[str, Callable[[], None]]] = []
        if newest.session is not None:
            offers.append(("Restore", lambda: self._restore(newest, say)))
            offers.append(("Discard", lambda: self._settle(left)))
        else:
            self._settle(left)
        if newest.crash_log:
            offers.append(("Details", lambda: details("What happened", newest.crash_log)))
        say(offer_words(newest), kind="leftover", error=False, offers=offers)

    def _restore(self, leftover: Leftover, say: Say) -> None:
        if leftover.session is None:
            return
        try:
            document = session.load(leftover.session)
        except (ValueError, OSError) as error:
            say(f"The autosave cannot be restored: {error}", kind="leftover")
            return
        self._lab.edit(lambda _document: document, "Restore")
        self._settle((leftover,))

    def _settle(self, leftovers: tuple[Leftover, ...]) -> None:
        for leftover in leftovers:
            self._autosave.settle(leftover)


def offer_words(leftover: Leftover) -> str:
    """What the window says of a run that was killed."""
    if leftover.session is None:
        return "ShiftLab ended unexpectedly the last time. There was nothing to restore."
    when = time.strftime("%H:%M on %d %B", time.localtime(leftover.saved_at))
    return f"ShiftLab ended unexpectedly. What you did until {when} can be restored."
