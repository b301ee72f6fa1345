"""From the state that a step of a lesson names to the document it begins with. No Qt here."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import cast

from shiftlab.document import Document, Pin
from shiftlab.files.lesson_state import State, spec_of
from shiftlab.learn.plans import Experiment, Head, Plan, plan_of_name
from shiftlab.network import presets
from shiftlab.network.spec import NetworkError, with_padding
from shiftlab.network.weights import Network
from shiftlab.opening import opening_document
from shiftlab.scene.values import Background
from shiftlab.ui import edits


def networks_of(state: State, folder: Path, present: Document) -> tuple[Network, ...]:
    """The networks of a step; those of `present` where it keeps them."""
    if state.keeps_network:
        return tuple(
            network if state.padding is None else Network(with_padding(network.spec, state.padding), network.weights)
            for network in present.networks
        )
    names = (state.network,) if state.network_b is None else (state.network, state.network_b)
    return tuple(_network(name, folder, state) for name in names)


def _network(name: str | None, folder: Path, state: State) -> Network:
    network = presets.with_weights(spec_of(name, folder))
    if state.padding is None:
        return network
    return Network(with_padding(network.spec, state.padding), network.weights)


def lesson_plan(experiment: str) -> Plan:
    """The plan that a lesson's words ask for: 'corner', 'corner gap', 'face'."""
    name, _, head = experiment.partition(" ")
    return Plan(cast(Experiment, name), head=cast(Head, head or "dense"))


def check_state(state: State, folder: Path) -> None:
    """Refuse what could not be set when the step comes.

    Raises
    ------
    ValueError
    """
    if state.trained_scene and not state.experiment and not state.keeps_network:
        name = spec_of(state.network, folder).name
        if plan_of_name(name) is None:
            raise NetworkError(f"{name} was not trained on a canvas of its own, which 'scene: trained' asks for")
    if not state.experiment:
        # Without the scene of the training: to draw that one needs torch.
        document_of(dataclasses.replace(state, trained_scene=False), folder, opening_document())


def document_of(state: State, folder: Path, present: Document) -> Document:
    """The document that a step begins with.

    Parameters
    ----------
    folder : where the lesson lies, for networks of its own
    present : the document before, for what the step keeps

    Raises
    ------
    ValueError
        Where the state cannot be: a pin outside its map, for example.
    """
    if state.experiment:
        return _arranged(present, state)
    networks = networks_of(state, folder, present)
    document = opening_document(
        networks[0].spec,
        state.pattern,
        size=state.size,
        canvas=state.canvas,
        background=Background(grey=state.ground),
        at=state.at,
        to=state.to,
        border=state.border,
    ).with_networks(networks)
    if state.trained_scene:
        document = _arranged(edits.on_stage(document), state)
    pin = None
    if (held := state.pin) is not None:
        pin = Pin(held.side, held.stage, held.channel, held.cell)
        _check_pin(document, pin)
    return document.with_lenses(view=state.view, form=state.form, scope=state.scope, pin=pin)


def _arranged(document: Document, state: State) -> Document:
    """The document with its patterns, taken together, at the places of the state, and looked at in its way."""
    reference = document.reference
    if reference.placed:
        first = reference.placed[0].at
        at = state.at or first
        reference = reference.moved((at[0] - first[0], at[1] - first[1]))
        to = state.to or at
        scene = reference.moved((to[0] - at[0], to[1] - at[1]))
        document = dataclasses.replace(document, scene=scene, reference=reference)
    return document.with_lenses(view=state.view, form=state.form, scope=state.scope, pin=None)


def _check_pin(document: Document, pin: Pin) -> None:
    from shiftlab.network import geometry

    stages = geometry.stages(document.networks[pin.network].spec, document.scene.size)
    info = next((one for one in stages if one.name == pin.stage), None)
    if info is None:
        raise NetworkError(f"there is no stage {pin.stage!r} to pin")
    inside = all(0 <= at < side for at, side in zip(pin.cell, info.size, strict=True))
    if not inside or not 0 <= pin.channel < info.channels:
        raise NetworkError(
            f"{pin.stage} has {info.channels} channels of {info.size[0]}×{info.size[1]} cells; "
            f"channel {pin.channel} at {pin.cell[0]}, {pin.cell[1]} is not among them"
        )
