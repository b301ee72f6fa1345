"""What a hovered or pinned place lights: the field of a cell in the canvas and in the stages before it,
or the cells that can see a pixel."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import msgspec
import numpy as np

from shiftlab.document import Document, Pin, StageKey
from shiftlab.network import geometry
from shiftlab.network.geometry import Cells
from shiftlab.network.spec import NetworkError, NetworkSpec
from shiftlab.ui.figure.canvas_model import Field
from shiftlab.ui.figure.panel import CellBox
from shiftlab.ui.figure.seen import seen_by_cell, spans
from shiftlab.ui.panel import Spot


class Lit(msgspec.Struct, frozen=True):
    """What is lit.

    Attributes
    ----------
    boxes : mapping of StageKey to tuple of CellBox
    field : Field or None
        The canvas pixels that the cell sees.
    pixel : (row, col) or None
        The canvas pixel whose cells are lit.
    """

    boxes: Mapping[StageKey, tuple[CellBox, ...]] = MappingProxyType({})
    field: Field | None = None
    pixel: tuple[int, int] | None = None


NOTHING = Lit()


def spot_of(pin: Pin) -> Spot:
    """The place that is pinned."""
    return Spot((pin.network, pin.stage), pin.channel, pin.cell)


def lit_by_cell(document: Document, spot: Spot) -> Lit:
    """What the cell of a stage sees; NOTHING where the place has no cell or the network is another by now.

    Beside another network the same cell of the stage that stands opposite is lit too, with what it sees
    there; the field in the canvas is that of the spot.
    """
    index, stage = spot.key
    if spot.cell is None or index >= len(document.networks):
        return NOTHING
    canvas = document.scene.size
    try:
        seen = seen_by_cell(document.networks[index].spec, canvas, index, stage, spot.channel, spot.cell)
    except NetworkError:
        return NOTHING
    lit = Lit(seen.boxes, seen.field)
    if len(document.networks) == 1:
        return lit
    other = document.networks[1 - index].spec
    try:
        opposite = _opposite(document.networks[index].spec, other, canvas, stage)
        if opposite is None:
            return lit
        there = seen_by_cell(other, canvas, 1 - index, opposite, spot.channel, spot.cell)
    except NetworkError:
        return lit
    return msgspec.structs.replace(lit, boxes=MappingProxyType({**lit.boxes, **there.boxes}))


@lru_cache(maxsize=64)
def _opposite(spec: NetworkSpec, other: NetworkSpec, canvas: tuple[int, int], stage: str) -> str | None:
    """The stage of another network that stands opposite; None where none does."""
    from shiftlab.network.pairing import paired  # late: at first there is one network

    for own, its in paired(geometry.stages(spec, canvas), geometry.stages(other, canvas)):
        if own is not None and own.name == stage:
            return None if its is None else its.name
    return None


def lit_by_pixel(document: Document, pixel: tuple[int, int]) -> Lit:
    """The cells of every stage that can see a canvas pixel."""
    boxes: dict[StageKey, tuple[CellBox, ...]] = {}
    for index, network in enumerate(document.networks):
        try:
            boxes.update(_by_pixel(network.spec, document.scene.size, index, pixel))
        except NetworkError:
            continue
    return Lit(MappingProxyType(boxes), None, pixel)


@lru_cache(maxsize=256)
def _by_pixel(
    spec: NetworkSpec, canvas: tuple[int, int], index: int, pixel: tuple[int, int]
) -> Mapping[StageKey, tuple[CellBox, ...]]:
    boxes: dict[StageKey, tuple[CellBox, ...]] = {}
    sizes = {info.name: info for info in geometry.stages(spec, canvas)}
    for name, (rows, cols) in geometry.cells_seeing(spec, canvas, pixel).items():
        info = sizes[name]
        if info.stride is None:
            continue
        cells = Cells(np.flatnonzero(rows), np.flatnonzero(cols))
        boxes[index, name] = tuple(CellBox(None, *span) for span in spans(cells, info.size, geometry.wraps(spec, name)))
    return boxes
