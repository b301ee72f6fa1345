"""Long jobs: a generator of the core, iterated on a thread of its own.

Sweeps, curves and training are generators that yield Progress and return their result. A job checks
its cancel token between steps, can be paused and stepped, and keeps what the generator has to show so
far (`partial`) when it is cancelled or fails.
"""

from __future__ import annotations

import logging
import math
import os
import sys
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from shiftlab.engine.failures import failure_of
from shiftlab.engine.loading import pin_thread
from shiftlab.engine.messages import Failure, Progress

log = logging.getLogger("shiftlab.jobs")

Result = TypeVar("Result")
Steps = Generator[Any, None, Result]
WATCH = 1.0
"""Seconds between looks at whether the main thread is still there, while paused."""
INTERVAL = 1 / 60
"""Seconds between two reports: more of them nobody could see."""

NICE = 5
"""By how much a job gives way to the window and to what computes for it: a drag goes first."""

Outcome = Literal["running", "paused", "done", "cancelled", "failed"]


@dataclass(frozen=True)
class Report(Generic[Result]):
    """Where a job stands.

    Attributes
    ----------
    outcome : 'running', 'paused', 'done', 'cancelled' or 'failed'
    step : what the generator yielded last (a Progress, or a value of its own), or None
    steps : how many it has yielded
    result : what it returned, when it is done
    failure : why it failed
    """

    outcome: Outcome
    step: Any = None
    steps: int = 0
    result: Result | None = None
    failure: Failure | None = None

    @property
    def ended(self) -> bool:
        return self.outcome in ("done", "cancelled", "failed")

    @property
    def progress(self) -> Progress | None:
        """The last step where it is a Progress, or has one as its `progress`."""
        found = self.step if isinstance(self.step, Progress) else getattr(self.step, "progress", None)
        return found if isinstance(found, Progress) else None


def step_back() -> None:
    """Let this thread give way to the others of the process; nothing where threads have no priority of their own."""
    if sys.platform != "linux":
        return
    thread = threading.get_native_id()
    try:
        os.setpriority(os.PRIO_PROCESS, thread, min(os.getpriority(os.PRIO_PROCESS, thread) + NICE, 19))
    except OSError as error:
        log.info("a job keeps its priority: %s", error)


class Job(Generic[Result]):
    """Iterates a generator on a thread until it returns, fails or is cancelled.

    Parameters
    ----------
    make : callable
        Called on the thread; gives the generator. What is imported there does not hold up the window.
    on_report : callable
        Called on the thread after steps, and at the end (`Report.ended`).
    paused : bool
        Begin paused: nothing is computed before `resume` or `step`.
    interval : float
        Least seconds between two reports of a running job; single steps and the end are always reported.
    """

    def __init__(
        self,
        make: Callable[[], Steps[Result]],
        on_report: Callable[[Report[Result]], None],
        *,
        name: str = "job",
        paused: bool = False,
        interval: float = INTERVAL,
    ) -> None:
        self._make = make
        self._on_report = on_report
        self._changed = threading.Condition()
        self._cancelled = False
        self._paused = paused
        self._allowed = 0
        self._interval = interval
        self._reported = -math.inf
        self._latest: Report[Result] = Report("paused" if paused else "running")
        self._thread = threading.Thread(target=self._run, name=f"shiftlab {name}", daemon=False)
        self._thread.start()

    @property
    def latest(self) -> Report[Result]:
        """The last report; after a cancellation or a failure its `step` holds what was reached."""
        with self._changed:
            return self._latest

    @property
    def paused(self) -> bool:
        with self._changed:
            return self._paused

    def pause(self) -> None:
        """Stop after the step under way."""
        with self._changed:
            self._paused = True

    def resume(self) -> None:
        """Go on."""
        with self._changed:
            self._paused = False
            self._allowed = 0
            self._changed.notify_all()

    def step(self) -> None:
        """Pause, and compute one step more."""
        with self._changed:
            self._paused = True
            self._allowed += 1
            self._changed.notify_all()

    def cancel(self) -> None:
        """End after the step under way; what was reached is kept."""
        with self._changed:
            self._cancelled = True
            self._changed.notify_all()

    def close(self, timeout: float) -> bool:
        """Cancel, and wait up to `timeout` seconds for the thread to end; whether it has."""
        self.cancel()
        return self.join(timeout)

    def join(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for the end; whether it has come."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        steps: Steps[Result] | None = None
        try:
            step_back()
            pin_thread()
            steps = self._make()
            # Making it may just have imported torch.
            pin_thread()
            while self._may_go_on():
                try:
                    value = next(steps)
                except StopIteration as end:
                    self._tell(Report("done", self._latest.step, self._latest.steps, end.value))
                    return
                self._tell(Report("paused" if self._rests() else "running", value, self._latest.steps + 1))
            steps.close()
            self._tell(Report("cancelled", self._latest.step, self._latest.steps))
        except Exception as error:
            self._tell(Report("failed", self._latest.step, self._latest.steps, failure=failure_of(error, None)))

    def _rests(self) -> bool:
        with self._changed:
            return self._paused and not self._allowed

    def _may_go_on(self) -> bool:
        """Wait while paused; False once cancelled, or when the program has ended without cancelling."""
        with self._changed:
            while self._paused and not self._allowed and not self._cancelled and threading.main_thread().is_alive():
                self._changed.wait(WATCH)
            if self._cancelled or not threading.main_thread().is_alive():
                return False
            self._allowed = max(0, self._allowed - 1)
            return True

    def _tell(self, report: Report[Result]) -> None:
        with self._changed:
            self._latest = report
        now = time.monotonic()
        if report.outcome == "running" and now - self._reported < self._interval:
            return
        self._reported = now
        try:
            self._on_report(report)
        except Exception:
            log.exception("a job's report could not be delivered")
