"""Between the lab and the worker: requests go out, snapshots come back on the main thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from shiftlab.document import Document
from shiftlab.engine.loading import load_backend
from shiftlab.engine.requests import FrozenLevels, Inspect, Luts, PictureRequest, Request
from shiftlab.network.spec import NetworkSpec
from shiftlab.ui.lab import Lab

if TYPE_CHECKING:
    from shiftlab.engine.messages import Failure, Snapshot
    from shiftlab.engine.worker import Compute, State, Worker

log = logging.getLogger("shiftlab.bridge")
REST = 120
"""Milliseconds without a change after which the pointer counts as resting."""


class Bridge(QObject):
    """Posts what is to be computed, and hands on what came back if it is still wanted.

    A snapshot is dropped only if a newer one was shown, or if it speaks of networks of another
    build than the document's. While something is dragged, the colour ranges shown last stay frozen. When nothing has
    changed for `REST` milliseconds, the slow measures are asked for too.

    Nothing is computed before `start`, so that the window can stand before torch is loaded.

    Signals
    -------
    snapshot_ready : a Snapshot to be shown
    failed : a Failure; what was shown before stays
    loading_changed : whether torch is being loaded
    """

    snapshot_ready = Signal(object)
    failed = Signal(object)
    loading_changed = Signal(bool)
    _answered = Signal(object)
    _state = Signal(str)

    def __init__(self, lab: Lab, make_backend: Callable[[], Compute] = load_backend) -> None:
        super().__init__(lab)
        self._lab, self._make_backend = lab, make_backend
        self._worker: Worker | None = None
        self._pictures: tuple[PictureRequest, ...] = ()
        self._inspected: tuple[Inspect, ...] = ()
        self._luts: Luts | None = None
        self._frozen: FrozenLevels | None = None
        self._sequence = 0
        self._posted: Request | None = None
        self._shown: Snapshot | None = None
        self._answer_awaited = False
        self._rest_is_due = False
        self._loading = True
        self._closed = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._rested)
        self._answered.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._state.connect(self._take_state, Qt.ConnectionType.QueuedConnection)
        lab.changed.connect(self._document_changed)
        lab.gesture_changed.connect(self._gesture_changed)

    @property
    def shown(self) -> Snapshot | None:
        """The snapshot that was handed on last."""
        return self._shown

    @property
    def loading(self) -> bool:
        return self._loading

    @property
    def worker(self) -> Worker | None:
        return self._worker

    def start(self) -> None:
        """Start the worker, which begins to load torch."""
        if self._worker is None and not self._closed:
            from shiftlab.engine.worker import Worker  # late: the window is painted before it starts

            self._worker = Worker(self._make_backend, self._deliver, self._deliver, self._deliver_state)
            if self._posted is not None:
                self._worker.submit(self._posted)

    def want(
        self,
        pictures: tuple[PictureRequest, ...] | None = None,
        inspected: tuple[Inspect, ...] | None = None,
        luts: Luts | None = None,
    ) -> None:
        """Say what is in view, what is inspected, and the colours; None leaves a thing as it is."""
        self._pictures = self._pictures if pictures is None else pictures
        self._inspected = self._inspected if inspected is None else inspected
        self._luts = self._luts if luts is None else luts
        self.post()

    def post(self) -> None:
        """Ask for an update, unless the same was asked last."""
        if not self._closed and self._luts is not None and not self._asked_already():
            self._submit(at_rest=False)
            self._rest_is_due = False
            self._rest.start()

    def again(self) -> None:
        """Ask anew for what was asked last (after a failure)."""
        self._posted = None
        self.post()

    def close(self, timeout: float) -> bool:
        """Stop the worker and wait for it up to `timeout` seconds; whether it came to its end."""
        self._closed = True
        self._rest.stop()
        return self._worker is None or self._worker.close(timeout)

    def _asked_already(self) -> bool:
        last = self._posted
        return (
            last is not None
            and last.document is self._lab.document
            and last.pictures == self._pictures
            and last.inspected == self._inspected
            and last.luts is self._luts
            and last.frozen is self._frozen
        )

    def _submit(self, at_rest: bool) -> None:
        if self._luts is None:
            return
        self._sequence += 1
        self._posted = Request(
            self._sequence, self._lab.document, self._pictures, self._luts, self._frozen, self._inspected, at_rest
        )
        self._answer_awaited = True
        if self._worker is not None:
            self._worker.submit(self._posted)

    def _document_changed(self, document: Document, before: Document) -> None:
        if specs(document) != specs(before):
            self._frozen = None
        self.post()

    def _gesture_changed(self, active: bool) -> None:
        self._frozen = self._shown.levels if active and self._shown is not None else None
        if not active:
            self.post()

    def _rested(self) -> None:
        """Ask for the slow measures, but not before the quick answer has been shown."""
        if self._answer_awaited:
            self._rest_is_due = True
        else:
            self._submit(at_rest=True)

    def _deliver(self, answer: Snapshot | Failure) -> None:
        """Called on the worker's thread."""
        if not self._closed:
            self._answered.emit(answer)

    def _deliver_state(self, state: State) -> None:
        """Called on the worker's thread."""
        if not self._closed:
            self._state.emit(state)

    def _take_state(self, state: str) -> None:
        loading = state == "loading"
        if loading != self._loading and not self._closed:
            self._loading = loading
            self.loading_changed.emit(loading)

    def _take(self, answer: Snapshot | Failure) -> None:
        """Runs on the main thread."""
        if self._closed:
            return
        from shiftlab.engine.messages import Failure

        request = answer.request
        if isinstance(answer, Failure):
            log.error("a request failed: %s\n%s", answer.message, answer.traceback)
        wanted = request is None or self._wanted(request)
        if request is not None and self._posted is not None and request.sequence == self._posted.sequence:
            self._answer_awaited = False
        if not wanted:
            return
        if isinstance(answer, Failure):
            self.failed.emit(answer)
            return
        self._shown = answer
        self.snapshot_ready.emit(answer)
        if self._rest_is_due and not self._answer_awaited:
            self._rest_is_due = False
            self._submit(at_rest=True)

    def _wanted(self, request: Request) -> bool:
        newer = self._shown is not None and self._shown.request.sequence > request.sequence
        # Weights in training are others by the time an answer comes: it is of use as long as the stages are.
        return not newer and specs(request.document) == specs(self._lab.document)


def specs(document: Document) -> tuple[NetworkSpec, ...]:
    """What the networks are, whatever their weights."""
    return tuple(network.spec for network in document.networks)
