"""An experiment under way: opened, trained on a thread of its own, its weights shown as they come."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Qt, Signal

from shiftlab.document import Document
from shiftlab.engine.jobs import Job, Report, Steps
from shiftlab.learn.plans import Opened, Outcome, Plan, Taught, title
from shiftlab.network.weights import Network, Weights
from shiftlab.ui.lab import Lab
from shiftlab.ui.training.learn import Learn, RealLearn
from shiftlab.ui.training.staging import from_present, placed_in, staged
from shiftlab.ui.training.standing import Standing

INTERVAL, IN_GESTURE = 0.1, 0.6
"""Seconds between weights that are shown, and in a drag, which goes first: with new weights nothing that is known
of the maps can be used again."""


class Course(Standing):
    """Opens one experiment after another, trains it, and keeps the lab's weights in step.

    Signals
    -------
    changed : any of what stands is another
    own_begins : an own task is about to be trained
    refused : one line
    """

    changed = Signal()
    own_begins = Signal()
    refused = Signal(str)
    _opened = Signal(int, object)
    _reported = Signal(int)

    def __init__(self, lab: Lab, learn: Learn | None = None, parent: QObject | None = None) -> None:
        super().__init__(lab, parent)
        self._learn = learn or RealLearn()
        self.began = self.begun_at = 0.0
        self._last_shown = 0.0
        self._job: Job[Outcome] | None = None
        self._number = 0
        self._then_rests: bool | None = None
        self._learning: tuple[Network, ...] = ()
        self._old: list[Job[Any]] = []
        self._closed = False
        self._opened.connect(self._take_opened, Qt.ConnectionType.QueuedConnection)
        self._reported.connect(self._take_report, Qt.ConnectionType.QueuedConnection)
        lab.changed.connect(self._document_changed)
        lab.taking.connect(self._make_way)

    # what can be done

    def open(self, plan: Plan) -> None:
        """Open an experiment: scene and network become its own, as one undo entry."""
        if self._closed or (plan == self.plan and not self.own and self.state != "failed" and self.present):
            return
        self.own, self._then_rests = False, None
        self._open(plan)

    def choose_own(self) -> None:
        """Let the network that stands in the lab be trained, on what `propose` says."""
        if not self.own and not self._closed:
            self._stop(keep=True)
            wanted = self._lab.document.training
            self.own, self.plan, self.ready, self.state = True, None, None, "ready"
            self.side, self.taught, self.outcome = 0 if wanted is None else wanted.network, None, None
            self.changed.emit()

    def propose(self, plan: Plan | None) -> None:
        """This is what an own training would train; None where it cannot be. A run under way keeps its own."""
        if self.own and not self.busy and self.state != "opening" and plan != self.plan:
            self.plan = plan
            self.changed.emit()

    def _open(self, plan: Plan) -> None:
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
            self._start(paused=False)

    def pause(self) -> None:
        """Stop after the step under way."""
        if self.state == "running" and self._job is not None:
            self._job.pause()
            self.state = "paused"
            self.changed.emit()

    def choose_side(self, side: int) -> None:
        """Let the experiment take A or B from now on; what it was opened with comes to stand there."""
        if self.busy or side == self.side or side >= len(self._lab.document.networks) or self.state == "opening":
            return
        if self.ready is None and not self.own:
            return
        if self.own and (wanted := self._lab.document.training) is not None and wanted.network != side:
            # The document says which of its networks learns it; this is heard of like any change of it.
            moved = dataclasses.replace(wanted, network=side)
            self._lab.edit(lambda document: document.with_training(moved), f"Train {'AB'[side]}")
            return
        self._take_side(side)

    def _take_side(self, side: int) -> None:
        self.side, ready = side, self.ready
        self.taught = self.outcome = None
        self.state = "ready"
        if self.own:
            self.plan = self.ready = None
        elif ready is not None and not self.present:
            label = f"Open {title(ready.plan.experiment).lower()}"
            self._lab.edit(lambda document: staged(document, ready, self.indices, with_scene=False), label)
        self.changed.emit()

    def step(self) -> None:
        """One step, and rest."""
        if not self.busy:
            self._start(paused=True)
        if self._job is not None and self.busy:
            self.state = "paused"
            self._job.step()
            self.changed.emit()

    def cancel(self) -> None:
        """End the run; the weights it has reached stay, and it can go on from them."""
        if self.own and self.state == "opening":
            self._stop(keep=True)
            self.state = "ready"
            self.changed.emit()
        if self.busy and self._job is not None:
            step = self._job.latest.step
            if isinstance(step, Taught) and step is not self.taught:
                self.taught = step
                self._show(step.weights)
            self._stop(keep=True)
            self.state = "cancelled"
            self.changed.emit()
            self._follow()

    def reset(self) -> None:
        """Back to the weights it started with."""
        start = self.start or (self.ready.networks if self.ready is not None and self.present else None)
        if start is None:
            return
        self._stop(keep=True)
        self.taught = self.outcome = None
        self.state = "ready"
        self._lab.edit(lambda document: placed_in(document, self.indices, start), "Reset weights")
        self.changed.emit()

    def close(self, timeout: float) -> bool:
        """End everything; the weights shown last stay in the document. Whether all threads ended in time."""
        until = time.monotonic() + timeout
        self._stop(keep=True)
        self._closed = True
        self._old = [job for job in self._old if not job.join(max(until - time.monotonic(), 0))]
        return not self._old

    # within

    def _start(self, paused: bool) -> None:
        """Go on with a run that was ended; else begin one, an own task being opened first."""
        if self._closed or not self.able:
            return
        if self.unfinished or not self.own:
            self._begin(paused, since=self.taught if self.unfinished else None)
        elif self.plan is not None:
            self.own_begins.emit()
            self._then_rests = paused
            self._open(from_present(self.plan, self.networks[0]))

    def _begin(self, paused: bool, since: Taught | None = None) -> None:
        ready = self.ready
        if self._closed or ready is None or not self.present:
            return
        self._stop(keep=True)
        self.taught, self.outcome, self._learning = since, None, self.networks
        self.state = "paused" if paused else "running"
        self.began = time.monotonic()
        self.begun_at = 0.0 if since is None else since.progress.done / max(since.progress.total, 1)
        if since is None:
            self._show(tuple(one.weights for one in ready.networks))
        number, learn = self._number, self._learn

        def tell(_report: Report[Outcome]) -> None:
            if not self._closed:
                self._reported.emit(number)

        self._job = Job(lambda: learn.live(ready, since), tell, name="training", paused=paused, interval=INTERVAL)
        self.changed.emit()

    def _show(self, weights: tuple[Weights | None, ...]) -> bool:
        """Show these weights, without an undo entry; whether the lab still holds the networks that learn."""
        shown = True
        for index, network, one in zip(self.indices, self._learning, weights, strict=True):
            if one is not None:
                shown = self._lab.store.publish_weights(index, network, one) and shown
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
        if self._lab.store.keep_all_weights(words) and self.ready is not None:
            self._runs.remember(self.networks, self.ready)

    def _take_opened(self, number: int, report: Report[Opened]) -> None:
        if number != self._number or self._closed:
            return
        if report.result is None:
            self.state = "failed"
            self.refused.emit(report.failure.message if report.failure is not None else "It could not be opened")
            self.changed.emit()
            return
        if self.own:
            self._take_own(report.result)
            return
        ready = report.result
        fresh = self.ready is None or self.ready.plan.experiment != ready.plan.experiment or not self._fits(ready)
        self.ready, self.state = ready, "ready"
        self.taught = self.outcome = None
        label = f"Open {title(ready.plan.experiment).lower()}"
        self.side = 0 if fresh or len(ready.networks) == 2 else self.side
        self._lab.edit(lambda document: staged(document, ready, self.indices, with_scene=fresh), label)
        self.changed.emit()

    def _take_own(self, ready: Opened) -> None:
        """Train an own task that has just been opened; its scene is the one that the lab has."""
        before, after = self.networks[0], ready.networks[0]
        self.taught = self.outcome = None
        renamed = Network(msgspec.structs.replace(before.spec, classes=after.spec.classes), before.weights)
        if renamed.spec != after.spec or self._lab.document.scene.size != ready.canvas:
            self.state = "ready"
            self.refused.emit("The training did not begin: the network is another by now")
            self.changed.emit()
            return
        self.ready, self.state = ready, "ready"
        if renamed.spec != before.spec:
            self._lab.edit(lambda document: placed_in(document, self.indices, (renamed,)), "Name the classes")
        paused, self._then_rests = bool(self._then_rests), None
        self._begin(paused)
        if paused:
            self.step()

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
        self._follow()

    def _leave(self) -> None:
        """The lab holds another network by now: the run has nothing to show any more."""
        self._stop(keep=True)
        self.state = "cancelled"
        self.refused.emit("The training ended: the network is another by now")
        self.changed.emit()

    def _make_way(self) -> None:
        """Another lab is about to be opened: what is trained here must not come to stand there, be it as like as two
        labs are."""
        if self.busy:
            self.refused.emit("The training ended: another lab was opened")
        self._stop(keep=False)
        self.taught, self.outcome, self._then_rests = None, None, None
        if self.own or self.ready is None:
            self.plan = self.ready = None
        else:
            self.plan = self.ready.plan
        self.state = "ready" if self.own or self.ready is not None else "closed"
        self.changed.emit()

    def _document_changed(self, document: Document, before: Document) -> None:
        if self.own and self.side >= len(document.networks):
            self._stop(keep=True)
            self.side, self.plan, self.ready, self.state = 0, None, None, "ready"
            self.taught = self.outcome = None
        if self.busy and not self.present:
            self._leave()
        elif tuple(one.spec for one in document.networks) != tuple(one.spec for one in before.networks):
            self.changed.emit()
        if document.training != before.training and document.networks != before.networks:
            self._take_another_lab(document)
        self._follow()

    def _take_another_lab(self, document: Document) -> None:
        """A session came, or went: nothing that was trained before is told of its networks."""
        if self.busy or self.state == "opening":
            return
        if self.own:
            self.plan = self.ready = self.taught = self.outcome = None
            self.state = "ready"
            self.changed.emit()
        elif document.training is not None and self.plan is not None and not self.present:
            self.choose_own()

    def _follow(self) -> None:
        """Between runs it is the document that says which of its networks learns its own task."""
        wanted = self._lab.document.training
        if (
            self.own
            and wanted is not None
            and not self.busy
            and self.state != "opening"
            and wanted.network != self.side
        ):
            self._take_side(wanted.network)
