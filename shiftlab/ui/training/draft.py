"""A task as it is put together in the dock: patterns, places, settings; no widgets."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from shiftlab.document import Document
from shiftlab.learn import tasks
from shiftlab.learn.tasks import Start, Task
from shiftlab.learn.values import Settings
from shiftlab.network import editing
from shiftlab.network.editing import Outcome
from shiftlab.network.geometry import stages
from shiftlab.network.head_swaps import HeadKind, head_of, with_head
from shiftlab.network.spec import Dense, NetworkError, NetworkSpec
from shiftlab.network.weights import Network
from shiftlab.scene import patterns
from shiftlab.scene.values import Pattern
from shiftlab.ui import edits

Place = Literal["corner", "everywhere", "strip", "painted"]
Lack = Literal["", "head", "outputs"]
Mask = NDArray[np.bool_]
RATE, POOLED_RATE = 3e-3, 1e-2
"""Learning rates: a mean over all places dilutes what single places teach, so that it needs a larger one."""
SIZE = 20
MOST_CLASSES = 10
USUAL = ("cat", "dog")


@dataclass(frozen=True, eq=False)
class Draft:
    """What is wanted of a task; which network and which canvas it is for, the lab says.

    Attributes
    ----------
    classes : tuple of Pattern
        Under names of their own.
    place : where they stand in training
    painted : (rows, cols) bool or None
        The places of 'painted'.
    size : int
        The longer side of a pattern in px.
    variation : float
    start : Start
    settings : Settings
    """

    classes: tuple[Pattern, ...]
    place: Place = "corner"
    painted: Mask | None = None
    size: int = SIZE
    variation: float = tasks.VARIATION
    start: Start = "initial"
    settings: Settings = field(default_factory=Settings)

    def places(self, document: Document) -> Mask:
        """The pixels of the canvas on which a pattern's centre may stand."""
        scene = document.scene
        if self.place == "painted":
            if self.painted is not None and self.painted.shape == scene.size:
                return self.painted
            return np.zeros(scene.size, dtype=np.bool_)
        return tasks.REGIONS[self.place](scene.size, self.size, scene.border)

    def task(self, document: Document, side: int) -> Task:
        """The task for network A (0) or B (1) of the lab.

        Raises
        ------
        ValueError
            One line, where it cannot be trained as it is.
        """
        scene = document.scene
        network = named(document.networks[side], self.classes, scene.size)
        return Task(
            network=network,
            classes=self.classes,
            canvas=scene.size,
            size=self.size,
            places=self.places(document),
            background=scene.background,
            border=scene.border,
            images=min(tasks.IMAGES, tasks.most_images(network.spec.channels, scene.size)),
            variation=self.variation,
            start=self.start,
            settings=self.settings,
        )


def first_draft(document: Document, side: int = 0) -> Draft:
    """What is proposed to begin with: the network's own classes where patterns have their names, else cat and dog.

    They are as large as the pattern on the canvas where that is one of them and fits a quarter.
    """
    own = [name for name in document.networks[side].spec.classes if name in patterns.names()]
    classes = tuple(patterns.builtin(name) for name in (own[:MOST_CLASSES] if len(own) >= 2 else USUAL))
    index = edits.lead(document)
    half = max(min(document.scene.size) // 2, 1)
    size = min(SIZE, half)
    if index is not None and index < len(document.scene.placed):
        lead = document.scene.placed[index]
        if lead.size <= half and lead.pattern.name in {one.name for one in classes}:
            size = lead.size
    return Draft(classes, size=size, settings=Settings(rate=usual_rate(document.networks[side].spec)))


def usual_rate(spec: NetworkSpec) -> float:
    """The learning rate that is proposed for a network."""
    head = head_of(spec)
    return POOLED_RATE if head is not None and head.kind in ("average", "map") else RATE


def named(network: Network, classes: tuple[Pattern, ...], canvas: tuple[int, int]) -> Network:
    """The network with its outputs named after the classes, and any further ones by their numbers."""
    names = [one.name for one in classes]
    names += [f"output {number}" for number in range(len(names) + 1, _outputs(network.spec, canvas) + 1)]
    if network.spec.classes == tuple(names):
        return network
    return dataclasses.replace(network, spec=msgspec.structs.replace(network.spec, classes=tuple(names)))


def _outputs(spec: NetworkSpec, canvas: tuple[int, int]) -> int:
    """How many values a network ends in; 0 where it cannot be built."""
    try:
        infos = stages(spec, canvas)
    except NetworkError:
        return 0
    return infos[-1].channels if infos and infos[-1].kind in tasks.HEADS else 0


def lack(document: Document, side: int, count: int) -> Lack:
    """What a network needs before it can tell so many classes apart: a head, more outputs, or nothing."""
    try:
        infos = stages(document.networks[side].spec, document.scene.size)
    except NetworkError:
        return ""
    if not infos or infos[-1].kind not in tasks.HEADS:
        return "head"
    return "outputs" if infos[-1].channels < count else ""


def headed(document: Document, side: int, classes: tuple[Pattern, ...], kind: HeadKind) -> Outcome:
    """The network with a head for these classes."""
    canvas = document.scene.size
    return with_head(named(document.networks[side], classes, canvas), canvas, kind)


def widened(document: Document, side: int, classes: tuple[Pattern, ...]) -> Outcome:
    """The network with an output for every class, in the last layer of its head.

    Raises
    ------
    NetworkError
        Where no layer of its head has weights.
    """
    network = document.networks[side]
    head = head_of(network.spec)
    if head is None:
        raise NetworkError(f"{network.spec.name}: change its last layer on the bench to give it {len(classes)} outputs")
    last = head.linear[-1]
    field = "units" if isinstance(network.spec.layers[last], Dense) else "channels"
    return editing.edit(network, document.scene.size, last, field, len(classes))
