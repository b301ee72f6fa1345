"""One job at a time for a view; a newer one cancels the older, whose reports are heard no more."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from shiftlab.engine.jobs import Job, Report, Steps

INTERVAL = 0.1
"""Seconds between reports: a plot is dearer to draw than a line of words, and the drag goes first."""


class Runner(QObject):
    """Starts jobs and hands their reports on, on the main thread.

    Attributes
    ----------
    held : bool
        Whether jobs rest.

    Signals
    -------
    reported : a Report of the job that was started last
    """

    reported = Signal(object)
    _arrived = Signal(int, object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._number = 0
        self._jobs: list[Job[Any]] = []
        self._closed = False
        self.held = False
        self._arrived.connect(self._take, Qt.ConnectionType.QueuedConnection)

    @property
    def running(self) -> bool:
        """Whether the last job goes on."""
        return bool(self._jobs) and not self._jobs[-1].latest.ended

    def start(self, make: Callable[[], Steps[Any]]) -> None:
        """Begin a job; the one under way is cancelled."""
        if self._closed:
            return
        self.drop()
        number = self._number

        def tell(report: Report[Any]) -> None:
            if not self._closed:
                self._arrived.emit(number, report)

        self._jobs.append(Job(make, tell, name=self._name, paused=self.held, interval=INTERVAL))

    def hold(self, held: bool) -> None:
        """Let the job rest after its step, or go on."""
        self.held = held
        for job in self._jobs[-1:]:
            if held:
                job.pause()
            else:
                job.resume()

    def cancel(self) -> None:
        """End the job under way after its step; its last report still comes."""
        if self._jobs:
            self._jobs[-1].cancel()

    def drop(self) -> None:
        """Cancel what is under way, and hear no more of it."""
        self.cancel()
        self._number += 1
        self._jobs = [job for job in self._jobs if not job.join(0)]

    def close(self, timeout: float) -> bool:
        """Cancel everything and wait up to `timeout` seconds; whether all of it has ended."""
        self._closed = True
        for job in self._jobs:
            job.cancel()
        until = time.monotonic() + timeout
        self._jobs = [job for job in self._jobs if not job.join(max(until - time.monotonic(), 0))]
        return not self._jobs

    def _take(self, number: int, report: Report[Any]) -> None:
        if number == self._number and not self._closed:
            self.reported.emit(report)
