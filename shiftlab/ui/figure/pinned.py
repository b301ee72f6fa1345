"""The pinned cell: whether it is still there, and what it sees."""

from __future__ import annotations

from shiftlab.document import Document, Pin
from shiftlab.network import geometry
from shiftlab.network.spec import NetworkError
from shiftlab.ui.figure.seen import Seen, seen_by_cell


def pin_stands(document: Document, pin: Pin) -> bool:
    """Whether the pinned cell is one of the document's networks."""
    if not 0 <= pin.network < len(document.networks):
        return False
    try:
        known = geometry.stages(document.networks[pin.network].spec, document.scene.size)
    except NetworkError:
        return False
    info = next((info for info in known if info.name == pin.stage), None)
    return (
        info is not None
        and 0 <= pin.channel < info.channels
        and all(0 <= at < side for at, side in zip(pin.cell, info.size, strict=True))
    )


def seen_by_pin(document: Document) -> Seen:
    """What the pinned cell sees; nothing where there is no such cell."""
    pin = document.lenses.pin
    if pin is None or not pin_stands(document, pin):
        return Seen()
    spec = document.networks[pin.network].spec
    return seen_by_cell(spec, document.scene.size, pin.network, pin.stage, pin.channel, pin.cell)
