"""What an experiment does to a document when it is opened: functions from a Document to a Document."""

from __future__ import annotations

import dataclasses

from shiftlab.document import Document
from shiftlab.learn.plans import Opened, Plan, Taught, own
from shiftlab.network.weights import Network
from shiftlab.scene.values import Background, Scene


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


def alike(one: Plan, other: Plan) -> bool:
    """Whether two plans are the same but for the weights that an own task's network has."""
    if one.task is None or other.task is None:
        return one == other
    if one.task.network.spec != other.task.network.spec:
        return False
    return dataclasses.replace(one.task, network=other.task.network) == other.task


def goes_on(plan: Plan, ready: Opened, taught: Taught, networks: tuple[Network, ...]) -> bool:
    """Whether a run can go on from where it was left: the same plan, and networks with the weights it had reached."""
    reached = tuple(one.weights for one in networks) == taught.weights
    return taught.checkpoint is not None and reached and alike(plan, ready.plan)


def from_present(plan: Plan, network: Network) -> Plan:
    """A plan with the weights that the network has now, where it is from them that it starts."""
    if plan.task is None or plan.task.start != "present":
        return plan
    return own(dataclasses.replace(plan.task, network=dataclasses.replace(plan.task.network, weights=network.weights)))
