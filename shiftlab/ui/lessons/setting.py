"""From the state that a step of a lesson names to the document it begins with. No Qt here."""

from __future__ import annotations

from pathlib import Path

from shiftlab.document import Document, Pin
from shiftlab.files.lesson_state import State, spec_of
from shiftlab.network.spec import NetworkError, NetworkSpec, with_padding
from shiftlab.network.weights import Network
from shiftlab.opening import opening_document
from shiftlab.scene.values import Background


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
    spec: NetworkSpec = spec_of(name, folder)
    if state.padding is not None:
        spec = with_padding(spec, state.padding)
    return Network(spec)


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
    pin = None
    if (held := state.pin) is not None:
        pin = Pin(held.side, held.stage, held.channel, held.cell)
        _check_pin(document, pin)
    return document.with_lenses(view=state.view, form=state.form, scope=state.scope, pin=pin)


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
