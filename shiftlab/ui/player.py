"""Recording the way a pattern is dragged, and playing a way again: at a speed, with a pause, or by scrubbing."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from shiftlab.document import Document
from shiftlab.scene.path import Path, recorded
from shiftlab.scene.values import Position
from shiftlab.ui import edits
from shiftlab.ui.lab import Lab

SPEEDS = {"slow": 8.0, "normal": 24.0, "fast": 96.0}
"""Pixels a second, on a 64 px canvas; in proportion on others."""
FRAME = 16
"""Milliseconds between two frames of a replay."""


class Player(QObject):
    """Moves the selected patterns along a path, as one gesture of the lab.

    Signals
    -------
    state_changed : recording or playing began, paused, or ended
    """

    state_changed = Signal()

    def __init__(self, lab: Lab, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(lab)
        self._lab, self._clock = lab, clock
        self._recorded: list[Position] | None = None
        self._path: Path | None = None
        self._travelled = 0.0
        self._last = 0.0
        self._whole = True
        self.speed = "normal"
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME)
        self._timer.timeout.connect(self.advance)
        lab.changed.connect(self._document_changed)
        lab.taking.connect(self._let_go)

    @property
    def recording(self) -> bool:
        return self._recorded is not None

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    @property
    def paused(self) -> bool:
        """Whether a replay waits to go on."""
        return self._path is not None and not self.playing

    def record(self, on: bool) -> None:
        """Begin to record the lead's way, or end it and keep the path in the document."""
        if on == self.recording:
            return
        if on:
            self.stop()
            at = self._at()
            self._recorded = [] if at is None else [at]
        else:
            way, self._recorded = self._recorded or [], None
            if len(way) > 1:
                points = recorded(way).points
                self._lab.edit(lambda document: dataclasses.replace(document, path=points), "Record path")
        self.state_changed.emit()

    def play(self, path: Path, *, whole: bool = True) -> None:
        """Go along a path from its beginning."""
        self.stop()
        self._path, self._whole, self._travelled = path, whole, 0.0
        self.resume()

    def resume(self) -> None:
        if self._path is None:
            return
        self._lab.begin()
        self._last = self._clock()
        self._timer.start()
        self.state_changed.emit()

    def pause(self) -> None:
        """Stand still; what was gone so far is one undo entry."""
        if self.playing:
            self._timer.stop()
            self._lab.end()
            self.state_changed.emit()

    def stop(self) -> None:
        """End a replay where it is."""
        self.pause()
        if self._path is not None:
            self._path = None
            self.state_changed.emit()

    def advance(self) -> None:
        """One frame of a replay."""
        if self._path is None:
            return
        now = self._clock()
        side = max(self._lab.document.scene.size) / 64
        self._travelled += SPEEDS[self.speed] * side * (now - self._last)
        self._last = now
        at = self._path.at(self._travelled, self._whole)
        self._lab.during(lambda document: edits.placed_at(document, at), "Replay")
        if self._travelled >= self._path.length:
            self.stop()

    def close(self) -> None:
        """Nothing moves any more."""
        self._timer.stop()
        self._path = None

    def _let_go(self) -> None:
        """Another lab is about to be opened: nothing of this one goes on in it."""
        self.stop()
        if self.recording:
            self._recorded = None
            self.state_changed.emit()

    def _at(self) -> Position | None:
        index = edits.lead(self._lab.document)
        return None if index is None else self._lab.document.scene.placed[index].at

    def _document_changed(self, document: Document, before: Document) -> None:
        if self._recorded is None or document.scene is before.scene:
            return
        at = self._at()
        if at is None:
            return
        if self._recorded and document.scene.border == "wrap":
            at = unwrapped(self._recorded[-1], at, document.scene.size)
        self._recorded.append(at)


def unwrapped(last: Position, at: Position, size: tuple[int, int]) -> Position:
    """The copy of `at` on a wrapped canvas that is nearest to `last`, so that a path goes on over the border."""
    return (
        last[0] + math.remainder(at[0] - last[0], size[0]),
        last[1] + math.remainder(at[1] - last[1], size[1]),
    )
