"""An experiment under way: opened, trained on a thread of its own, its weights shown as they come."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Generator
from typing import Any, Literal, Protocol

from PySide6.QtCore import QObject, Qt, Signal

from shiftlab.document import Document
from shiftlab.engine.jobs import Job, Report, Steps
from shiftlab.learn.plans import Box, Opened, Outcome, Plan, Taught, plan_of_name, title
from shiftlab.network.weights import Network, Weights
from shiftlab.scene.values import Background, Scene
from shiftlab.ui.lab import Lab

State = Literal["closed", "opening", "ready", "running", "paused", "done", "cancelled", "failed"]
INTERVAL, IN_GESTURE = 0.1, 0.4
"""Seconds between weights that are shown, and in a drag, which goes first: with new weights nothing that is known
of the maps can be used again."""


CORNER_SEEN = (0, 28, 0, 28)
"""What the shipped corner networks have seen: patterns of 20 px with first corners up to (8, 8)."""


class Learn(Protocol):
    """What opens and trains; torch is behind it."""

    def opened(self, plan: Plan) -> Opened: ...
    def live(self, ready: Opened) -> Generator[Taught, None, Outcome]: ...


class RealLearn:
    """The experiments of the core; imported where they are first used, on a job's thread."""

    def opened(self, plan: Plan) -> Opened:
        from shiftlab.learn import live

        return live.opened(plan)

    def live(self, ready: Opened) -> Generator[Taught, None, Outcome]:
        from shiftlab.learn import live

        return live.live(ready)


class Course(QObject):
    """Opens one experiment after another, trains it, and keeps the lab's weights in step.

    Attributes
    ----------
    plan : Plan or None
        What was asked for last.
    ready : Opened or None
        What stands open: the networks before the first step.
    side : int
        Which of the lab's networks an experiment with one network takes: 0 for A, 1 for B.
    state : State
    taught, outcome : what the run has said last, and its end
    trained : bool
        Whether the networks shown are those of this run, in any state of training.

    Signals
    -------
    changed : any of these is another
    refused : one line
    """

    changed = Signal()
    refused = Signal(str)
    _opened = Signal(int, object)
    _reported = Signal(int)

    def __init__(self, lab: Lab, learn: Learn | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent or lab)
        self._lab, self._learn = lab, learn or RealLearn()
        self.plan: Plan | None = None
        self.ready: Opened | None = None
        self.side = 0
        self.state: State = "closed"
        self.taught: Taught | None = None
        self.outcome: Outcome | None = None
        self.began = 0.0
        self._last_shown = 0.0
        self._job: Job[Outcome] | None = None
        self._number = 0
        self._old: list[Job[Any]] = []
        self._closed = False
        self._opened.connect(self._take_opened, Qt.ConnectionType.QueuedConnection)
        self._reported.connect(self._take_report, Qt.ConnectionType.QueuedConnection)
        lab.changed.connect(self._document_changed)

    # what is there

    @property
    def busy(self) -> bool:
        """Whether a run is under way, paused or not."""
        return self.state in ("running", "paused")

    @property
    def present(self) -> bool:
        """Whether the lab still holds the networks of the open experiment, trained or not."""
        ready = self.ready
        return (
            ready is not None
            and self._lab.document.scene.size == ready.canvas
            and tuple(one.spec for one in self.networks) == tuple(one.spec for one in ready.networks)
        )

    @property
    def indices(self) -> tuple[int, ...]:
        """Which of the lab's networks are those of the open experiment."""
        return (0, 1) if self.ready is not None and len(self.ready.networks) == 2 else (self.side,)

    @property
    def held(self) -> tuple[Network, ...]:
        """All networks of the lab."""
        return self._lab.document.networks

    @property
    def networks(self) -> tuple[Network, ...]:
        """They themselves, as the lab holds them; fewer where it has fewer."""
        held = self._lab.document.networks
        return tuple(held[index] for index in self.indices if index < len(held))

    @property
    def seen(self) -> Box | None:
        """The box of the canvas that held the patterns A was, or will be, trained on; None where that is all of it."""
        ready, network = self.ready, self.held[0]
        if ready is not None and self.present and 0 in self.indices:
            return ready.seen
        plan = plan_of_name(network.spec.name)
        shipped = plan is not None and plan.experiment == "corner" and network.weights is not None
        return CORNER_SEEN if shipped and self._lab.document.scene.size == (64, 64) else None

    @property
    def trained(self) -> bool:
        """Whether the lab shows this experiment's networks with other weights than they started from."""
        ready = self.ready
        return ready is not None and self.present and self.networks != ready.networks

    # what can be done

    def open(self, plan: Plan) -> None:
        """Open an experiment: scene and network become its own, as one undo entry."""
        if self._closed or (plan == self.plan and self.state != "failed" and self.present):
            return
        self._stop(keep=True)
        self.plan, self.state = plan, "opening"
        number, learn = self._number, self._learn

        def steps() -> Steps[Opened]:
            yield None
            return learn.opened(plan)

        def tell(report: Report[Opened]) -> None:
            if report.ended and not self._closed:
                self._opened.emit(number, report)

        self._old.append(Job(steps, tell, name="opening"))
        self.changed.emit()

    def train(self) -> None:
        """Begin from the weights it starts with; or go on where it is paused."""
        if self.state == "paused" and self._job is not None:
            self.state = "running"
            self._job.resume()
            self.changed.emit()
        elif self.state != "running":
            self._begin(paused=False)

    def pause(self) -> None:
        """Stop after the step under way."""
        if self.state == "running" and self._job is not None:
            self._job.pause()
            self.state = "paused"
            self.changed.emit()

    def choose_side(self, side: int) -> None:
        """Let the experiment take A or B from now on; what it was opened with comes to stand there."""
        if self.busy or side == self.side or side >= len(self._lab.document.networks) or self.ready is None:
            return
        self.side, ready = side, self.ready
        self.taught = self.outcome = None
        self.state = "ready"
        if not self.present:
            label = f"Open {title(ready.plan.experiment).lower()}"
            self._lab.edit(lambda document: staged(document, ready, self.indices, with_scene=False), label)
        self.changed.emit()

    def step(self) -> None:
        """One step, and rest."""
        if not self.busy:
            self._begin(paused=True)
        if self._job is not None and self.busy:
            self.state = "paused"
            self._job.step()
            self.changed.emit()

    def cancel(self) -> None:
        """End the run; the weights it has reached stay."""
        if self.busy and self._job is not None:
            step = self._job.latest.step
            if isinstance(step, Taught) and step is not self.taught:
                self.taught = step
                self._show(step.weights)
            self._stop(keep=True)
            self.state = "cancelled"
            self.changed.emit()

    def reset(self) -> None:
        """Back to the weights it started with."""
        ready = self.ready
        if ready is None or not self.present:
            return
        self._stop(keep=True)
        self.taught = self.outcome = None
        self.state = "ready"
        self._lab.edit(lambda document: placed_in(document, self.indices, ready.networks), "Reset weights")
        self.changed.emit()

    def close(self, timeout: float) -> bool:
        """End everything; the weights shown last stay in the document. Whether all threads ended in time."""
        until = time.monotonic() + timeout
        self._stop(keep=True)
        self._closed = True
        self._old = [job for job in self._old if not job.join(max(until - time.monotonic(), 0))]
        return not self._old

    # within

    def _begin(self, paused: bool) -> None:
        ready = self.ready
        if self._closed or ready is None or not self.present:
            return
        self._stop(keep=True)
        self.taught = self.outcome = None
        self.state = "paused" if paused else "running"
        self.began = time.monotonic()
        self._show(tuple(one.weights for one in ready.networks))
        number, learn = self._number, self._learn

        def tell(_report: Report[Outcome]) -> None:
            if not self._closed:
                self._reported.emit(number)

        self._job = Job(lambda: learn.live(ready), tell, name="training", paused=paused, interval=INTERVAL)
        self.changed.emit()

    def _show(self, weights: tuple[Weights | None, ...]) -> bool:
        """Show the networks with these weights, without an undo entry; whether the lab still holds them."""
        store = self._lab.store
        shown = True
        for index, one in zip(self.indices, weights, strict=True):
            if one is not None:
                shown = store.publish_weights(index, self._lab.document.networks[index], one) and shown
        return shown

    def _stop(self, keep: bool) -> None:
        """Let go of the run under way; what it has shown becomes part of the document, as one undo entry."""
        self._number += 1
        if self._job is not None:
            self._job.cancel()
            self._old.append(self._job)
            self._job = None
            if keep:
                self._keep()
        self._old = [job for job in self._old if not job.join(0)]

    def _keep(self) -> None:
        words = f"Train {title(self.plan.experiment).lower()}" if self.plan is not None else "Train"
        self._lab.store.keep_all_weights(words)

    def _take_opened(self, number: int, report: Report[Opened]) -> None:
        if number != self._number or self._closed:
            return
        if report.result is None:
            self.state = "failed"
            self.refused.emit(report.failure.message if report.failure is not None else "It could not be opened")
            self.changed.emit()
            return
        ready = report.result
        fresh = self.ready is None or self.ready.plan.experiment != ready.plan.experiment or not self._fits(ready)
        self.ready, self.state = ready, "ready"
        self.taught = self.outcome = None
        label = f"Open {title(ready.plan.experiment).lower()}"
        self.side = 0 if fresh or len(ready.networks) == 2 else self.side
        self._lab.edit(lambda document: staged(document, ready, self.indices, with_scene=fresh), label)
        self.changed.emit()

    def _fits(self, ready: Opened) -> bool:
        scene = self._lab.document.scene
        return scene.size == ready.canvas and scene.border == "zero" and bool(scene.placed)

    def _take_report(self, number: int) -> None:
        job = self._job
        if number != self._number or self._closed or job is None:
            return
        report = job.latest
        now = time.monotonic()
        if report.outcome == "running" and self._lab.gesture and now - self._last_shown < IN_GESTURE:
            return
        self._last_shown = now
        if isinstance(report.step, Taught) and report.step is not self.taught:
            self.taught = report.step
            if not self._show(self.taught.weights):
                self._leave()
                return
        if report.ended:
            self.outcome = report.result
            self._job = None
            self._keep()
            self.state = "done" if report.outcome == "done" else "failed"
            if report.failure is not None:
                self.refused.emit(report.failure.message)
        self.changed.emit()

    def _leave(self) -> None:
        """The lab holds another network by now: the run has nothing to show any more."""
        self._stop(keep=True)
        self.state = "cancelled"
        self.refused.emit("The training ended: the network is another by now")
        self.changed.emit()

    def _document_changed(self, document: Document, before: Document) -> None:
        if self.busy and not self.present:
            self._leave()
        elif tuple(one.spec for one in document.networks) != tuple(one.spec for one in before.networks):
            self.changed.emit()


def placed_in(document: Document, indices: tuple[int, ...], networks: tuple[Network, ...]) -> Document:
    """The document with these networks at these indices; where it has no such index, with them alone."""
    held = list(document.networks)
    if max(indices) >= len(held):
        return document.with_networks(networks)
    for index, one in zip(indices, networks, strict=True):
        held[index] = one
    return document.with_networks(tuple(held))


def staged(document: Document, ready: Opened, indices: tuple[int, ...], *, with_scene: bool) -> Document:
    """The document with an experiment's networks; with its scene they are the only ones."""
    before = document
    if with_scene:
        scene = Scene(size=ready.canvas, background=Background(), placed=ready.placed, border="zero")
        document = dataclasses.replace(document, scene=scene, reference=scene, networks=ready.networks, path=())
    else:
        document = placed_in(document, indices, ready.networks)
    if tuple(one.spec for one in document.networks) == tuple(one.spec for one in before.networks):
        return document
    return document.with_lenses(
        views={}, hidden=frozenset(), collapsed=frozenset(), enlarged=None, channels={}, pin=None
    )
