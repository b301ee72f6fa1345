"""What is proposed for a task of one's own, and what its network lacks; no widgets."""

from __future__ import annotations

from typing import Literal

from shiftlab.document import Document
from shiftlab.learn import tasks
from shiftlab.learn.draft import MOST_CLASSES, SIZE, Draft, named
from shiftlab.learn.proposed import held_up
from shiftlab.network import editing
from shiftlab.network.editing import Outcome
from shiftlab.network.geometry import stages
from shiftlab.network.head_swaps import HeadKind, head_of, with_head
from shiftlab.network.spec import Dense, NetworkError
from shiftlab.scene import patterns
from shiftlab.scene.values import Pattern
from shiftlab.ui import edits

Lack = Literal["", "head", "outputs", "fewer"]
USUAL = ("cat", "dog")


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
    return Draft(classes, size=size, network=side)


def lack(document: Document, side: int, count: int) -> Lack:
    """What a network needs to tell so many classes apart: a head, more outputs; or fewer, to do so sooner."""
    try:
        infos = stages(document.networks[side].spec, document.scene.size)
    except NetworkError:
        return ""
    if not infos or infos[-1].kind not in tasks.HEADS:
        return "head"
    if infos[-1].channels < count:
        return "outputs"
    return "fewer" if held_up(document.networks[side].spec, document.scene.size, count) else ""


def headed(document: Document, side: int, classes: tuple[Pattern, ...], kind: HeadKind) -> Outcome:
    """The network with a head for these classes."""
    canvas = document.scene.size
    return with_head(named(document.networks[side], classes, canvas), canvas, kind)


def with_outputs(document: Document, side: int, classes: tuple[Pattern, ...]) -> Outcome:
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
