"""What a pinned cell lights: its field on the canvas, and outlines on the maps before it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
from numpy.typing import NDArray

from shiftlab.document import Document, Pin, StageKey
from shiftlab.network import geometry
from shiftlab.network.spec import NetworkError
from shiftlab.ui.figure.canvas_model import Field
from shiftlab.ui.figure.panel import CellBox

MOST_CHANNELS = 64
"""Of more channels than these, none is outlined singly."""
Run = tuple[int, int]


def runs(indices: NDArray[np.intp]) -> tuple[Run, ...]:
    """First and last of each run of neighbouring indices."""
    found: list[Run] = []
    for index in indices.tolist():
        if found and found[-1][1] == index - 1:
            found[-1] = (found[-1][0], index)
        else:
            found.append((index, index))
    return tuple(found)


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


def pinned_field(document: Document, pin: Pin) -> Field | None:
    """The canvas pixels that the pinned cell sees; None where there is no such cell."""
    if not pin_stands(document, pin):
        return None
    spec, size = document.networks[pin.network].spec, document.scene.size
    seen = geometry.cells_seen(spec, size, pin.stage, pin.cell, pin.channel)[geometry.CANVAS]
    if not len(seen.rows) or not len(seen.cols):
        return None
    wraps = geometry.wraps(spec, pin.stage)
    hull_rows, hull_cols = geometry.hull(seen.rows, size[0], wraps), geometry.hull(seen.cols, size[1], wraps)
    sides = [sum(last - first + 1 for first, last in hull) for hull in (hull_rows, hull_cols)]
    return Field(runs(seen.rows), runs(seen.cols), hull_rows, hull_cols, f"{sides[0]} × {sides[1]} px")


def pinned_boxes(document: Document, pin: Pin) -> Mapping[StageKey, tuple[CellBox, ...]]:
    """The outlines of what the pinned cell reads in every stage, only in the channels it really reads."""
    if not pin_stands(document, pin):
        return {}
    spec, size = document.networks[pin.network].spec, document.scene.size
    sizes = {info.name: info for info in geometry.stages(spec, size)}
    channels = geometry.channels_seen(spec, size, pin.stage, pin.channel)
    boxes: dict[StageKey, tuple[CellBox, ...]] = {}
    for name, cells in geometry.cells_seen(spec, size, pin.stage, pin.cell, pin.channel).items():
        if name == geometry.CANVAS or not len(cells.rows) or not len(cells.cols):
            continue
        info, wraps = sizes[name], geometry.wraps(spec, name)
        spans = tuple(
            product(geometry.hull(cells.rows, info.size[0], wraps), geometry.hull(cells.cols, info.size[1], wraps))
        )
        read = channels[name].tolist()
        single = name == pin.stage or len(read) < info.channels
        if single and len(read) > MOST_CHANNELS:
            continue
        which: tuple[int | None, ...] = tuple(read) if single else (None,)
        boxes[pin.network, name] = tuple(CellBox(channel, *span) for channel in which for span in spans)
    return boxes
