"""Where an experiment stands: what is open, what the lab holds of it, and what could be done with it."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject

from shiftlab.learn.plans import Box, Experiment, Opened, Outcome, Plan, Taught
from shiftlab.learn.shipped import seen_by
from shiftlab.learn.tasks import Mask
from shiftlab.network.weights import Network
from shiftlab.ui.lab import Lab
from shiftlab.ui.training.runs import Runs, seen_in
from shiftlab.ui.training.staging import goes_on

State = Literal["closed", "opening", "ready", "running", "paused", "done", "cancelled", "failed"]


class Standing(QObject):
    """What can be asked of a training, without doing anything.

    Attributes
    ----------
    own : bool
        Whether it is the lab's own network that is trained. Such a task is opened when its training begins,
        and changes nothing before that.
    plan : Plan or None
        What was asked for last; None where an own task is not yet possible.
    ready : Opened or None
        What stands open: the networks before the first step.
    side : int
        Which of the lab's networks an experiment with one network takes: 0 for A, 1 for B.
    state : State
    taught, outcome : what the run has said last, and its end
    """

    def __init__(self, lab: Lab, parent: QObject | None = None) -> None:
        super().__init__(parent or lab)
        self._lab = lab
        self._runs = Runs()
        self.own = False
        self.plan: Plan | None = None
        self.ready: Opened | None = None
        self.side = 0
        self.state: State = "closed"
        self.taught: Taught | None = None
        self.outcome: Outcome | None = None

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
    def seen(self) -> Box | Mask | None:
        """Where the canvas held the patterns that A was, or will be, trained on; None where that is all of it.

        A box, or the pixels (rows, cols) themselves where they are far from one.
        """
        network = self.held[0]
        ready = self.behind(network, 0)
        if ready is not None and ready.canvas == self._lab.document.scene.size:
            return seen_in(ready)
        return seen_by(network, self._lab.document.scene.size)

    def behind(self, network: Network, side: int) -> Opened | None:
        """What trained a network that stands as A (0) or B (1), or is about to; None where that is not known."""
        ready = self.ready
        if ready is not None and side in self.indices and network.spec == ready.networks[self.indices.index(side)].spec:
            return ready
        return self._runs.behind(network)

    @property
    def trained(self) -> bool:
        """Whether the lab shows this experiment's networks with other weights than they started from."""
        ready = self.ready
        return ready is not None and self.present and self.networks != ready.networks

    @property
    def experiment(self) -> Experiment | None:
        """What stands open, or is being opened."""
        return "own" if self.own else None if self.plan is None else self.plan.experiment

    @property
    def able(self) -> bool:
        """Whether it can be trained as everything stands."""
        return self.state != "opening" and (self.plan is not None if self.own else self.present)

    @property
    def unfinished(self) -> bool:
        """Whether a run was ended that can go on: the lab still holds the weights that it had reached."""
        ready, taught = self.ready, self.taught
        if self.state != "cancelled" or ready is None or taught is None or not self.present or self.plan is None:
            return False
        return goes_on(self.plan, ready, taught, self.networks)

    @property
    def start(self) -> tuple[Network, ...] | None:
        """What `reset` would bring back; None where that is what the lab shows."""
        if self.state == "opening":
            return None
        if self.ready is not None:
            return self.ready.networks if self.present and (self.busy or self.trained) else None
        held = self.networks
        initial = self.own and bool(held) and held[0].weights is not None
        return (Network(held[0].spec),) if initial else None
