"""What happens to an exception that nobody caught: the log gets all of it, the window one line now and then."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType

log = logging.getLogger("shiftlab")
Report = Callable[[str, str], None]
"""Takes one line and the traceback."""


class ExceptionReports:
    """Catches what slots and paint events let through (PySide calls `sys.excepthook` for them).

    Every traceback goes to the log. Of the same fault (type and place) at most one report in
    `every` seconds becomes visible, so that an exception in a paint event does not bury the window.

    Parameters
    ----------
    show : callable
        Shows one line, with the traceback behind 'Details'; called on the thread that failed.
    every : float
        Seconds between two visible reports of one fault.
    clock : callable
    """

    def __init__(self, show: Report, every: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._show, self._every, self._clock = show, every, clock
        self._seen: dict[tuple[str, str, int], float] = {}
        self._before = (sys.excepthook, threading.excepthook)
        self._reporting = False

    def install(self) -> None:
        sys.excepthook = self.report
        threading.excepthook = self._of_thread

    def remove(self) -> None:
        sys.excepthook, threading.excepthook = self._before

    def _of_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            self.report(args.exc_type, args.exc_value, args.exc_traceback)

    def report(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Log the traceback; show it where it has not been shown lately."""
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, error, trace)
            return
        log.error("unexpected: %s", error, exc_info=(kind, error, trace))
        fault = (kind.__name__, *_place(trace))
        now = self._clock()
        if self._reporting or now - self._seen.get(fault, -self._every) < self._every:
            return
        self._seen[fault] = now
        self._reporting = True
        try:
            text = logging.Formatter().formatException((kind, error, trace))
            self._show(f"Something went wrong: {_one_line(error)}. Nothing is lost.", text)
        finally:
            self._reporting = False


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__


def _place(trace: TracebackType | None) -> tuple[str, int]:
    """File and line where it was raised."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return ("", 0) if trace is None else (trace.tb_frame.f_code.co_filename, trace.tb_lineno)
