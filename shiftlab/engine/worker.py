"""The worker: one thread, and a mailbox with one slot in which the latest request replaces an older one.

A request being computed is finished, so that a drag is painted all along; it is abandoned only when
the waiting request is for other networks, when it has come to what is slow and anything waits, or when
the worker is closed. The thread is no daemon: one
that still ran while the interpreter is taken down would abort the process. Whoever finds that `close`
has timed out must leave by `os._exit`.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Literal, Protocol, runtime_checkable

from shiftlab.engine.failures import failure_of
from shiftlab.engine.messages import Failure, Request, Snapshot

log = logging.getLogger("shiftlab.worker")

State = Literal["loading", "ready"]

WATCH = 1.0
"""Seconds between looks at whether the main thread is still there."""


class Abandoned(Exception):
    """The answer to this request is not wanted any more."""


class Check(Protocol):
    """Called between steps of a computation; raises Abandoned where its answer is not wanted any more.

    During what is `slow` and can wait for a rest (causes) that is so as soon as anything newer is asked for.
    """

    def __call__(self, slow: bool = False) -> None: ...


class Compute(Protocol):
    """What a worker computes with; made and called on the worker's thread only."""

    def __call__(self, request: Request, check: Check) -> Snapshot: ...


@runtime_checkable
class Settles(Protocol):
    """What can do at rest, once an answer has gone out, what later answers would wait for."""

    def settle(self, check: Check) -> None:
        """Prepare for what may be asked next, until `check` says that something is."""
        ...


class Worker:
    """A thread that answers requests, latest first.

    Parameters
    ----------
    make_backend : callable
        Called on the thread, once, before the first request; where it fails, again with each request.
    on_result, on_failure : callable
        Called on the thread with each Snapshot or Failure.
    on_state : callable or None
        Called on the thread: 'loading' before the backend is made, 'ready' after.

    Attributes
    ----------
    submitted, computed : int
        Requests taken, and requests answered with a Snapshot. The rest was replaced, abandoned or failed.
    """

    def __init__(
        self,
        make_backend: Callable[[], Compute],
        on_result: Callable[[Snapshot], None],
        on_failure: Callable[[Failure], None],
        on_state: Callable[[State], None] | None = None,
    ) -> None:
        self._make_backend = make_backend
        self._on_result = on_result
        self._on_failure = on_failure
        self._on_state = on_state
        self._lock = threading.Lock()
        # Rung whenever there is something to look at: it wakes the thread with less ado than a condition.
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._waiting: Request | None = None
        self._busy = False
        self._closing = False
        self.submitted = 0
        self.computed = 0
        self._thread = threading.Thread(target=self._run, name="shiftlab worker", daemon=False)
        self._thread.start()

    @property
    def thread(self) -> threading.Thread:
        return self._thread

    @property
    def waiting(self) -> int:
        """Requests that wait: none or one."""
        with self._lock:
            return int(self._waiting is not None)

    @property
    def idle(self) -> bool:
        """Whether nothing is being computed and nothing waits."""
        with self._lock:
            return not self._busy and self._waiting is None

    def submit(self, request: Request) -> None:
        """Ask for an answer; a request that still waits is dropped for this one. Nothing after `close`."""
        with self._lock:
            if self._closing:
                return
            self.submitted += 1
            self._waiting = request
        self._bell.put(None)

    def close(self, timeout: float) -> bool:
        """Stop, and wait up to `timeout` seconds for the thread to end; whether it has."""
        with self._lock:
            self._closing = True
            self._waiting = None
        self._bell.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        backend = self._made(None)
        while (request := self._next()) is not None:
            if backend is None:
                backend = self._made(request)
            if backend is not None:
                self._answer(backend, request)
            with self._lock:
                self._busy = False

    def _made(self, request: Request | None) -> Compute | None:
        self._say("loading")
        try:
            backend = self._make_backend()
        except Exception as error:
            self._report(failure_of(error, request))
            return None
        self._say("ready")
        return backend

    def _next(self) -> Request | None:
        """The waiting request, or None when it is time to end."""
        while True:
            with self._lock:
                if self._closing:
                    return None
                if self._waiting is not None:
                    request, self._waiting = self._waiting, None
                    self._busy = True
                    return request
            try:
                self._bell.get(timeout=WATCH)
            except queue.Empty:
                if not threading.main_thread().is_alive():
                    # The program has ended without closing us and waits for this thread.
                    return None

    def _answer(self, backend: Compute, request: Request) -> None:
        def check(slow: bool = False) -> None:
            with self._lock:
                newer = self._waiting
                if self._closing or (newer is not None and (slow or not same_networks(newer, request))):
                    raise Abandoned

        try:
            snapshot = backend(request, check)
            self.computed += 1
            self._on_result(snapshot)
            if request.at_rest and isinstance(backend, Settles):
                backend.settle(check)
        except Abandoned:
            return
        except Exception as error:
            self._report(failure_of(error, request))

    def _say(self, state: State) -> None:
        if self._on_state is not None:
            try:
                self._on_state(state)
            except Exception:
                log.exception("nobody could be told that the worker is %s", state)

    def _report(self, failure: Failure) -> None:
        try:
            self._on_failure(failure)
        except Exception:
            log.exception("a failure could not be reported: %s\n%s", failure.message, failure.traceback)


def same_networks(first: Request, second: Request) -> bool:
    """Whether two requests are for networks of the same specs.

    Weights may differ: in training they change faster than a large network can be run, and an answer
    that is a few steps old is worth showing.
    """
    return [one.spec for one in first.document.networks] == [one.spec for one in second.document.networks]
