"""What a hovered or pinned place lights: the field of a cell in the canvas and in the stages before it,
or the cells that can see a pixel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product
from types import MappingProxyType

import msgspec
import numpy as np

from shiftlab.document import Document, Pin, StageKey
from shiftlab.network import geometry
from shiftlab.network.geometry import CANVAS, Cells
from shiftlab.network.spec import NetworkError, NetworkSpec
from shiftlab.ui.figure.panel import CellBox
from shiftlab.ui.panel import Spot

MOST_CHANNELS = 64
"""Of more channels than these, none is outlined singly."""


class Field(msgspec.Struct, frozen=True):
    """The canvas pixels that a cell sees, exactly: every row of `rows` with every col of `cols`."""

    rows: tuple[int, ...]
    cols: tuple[int, ...]
    wraps: bool = False

    def spans(self, size: tuple[int, int]) -> tuple[tuple[tuple[int, int], tuple[int, int]], ...]:
        """Its outline as ((first row, last row), (first col, last col)), in parts where it goes over the border."""
        rows = geometry.hull(np.array(self.rows, dtype=np.intp), size[0], self.wraps)
        cols = geometry.hull(np.array(self.cols, dtype=np.intp), size[1], self.wraps)
        return tuple(product(rows, cols))

    def side(self, size: tuple[int, int]) -> tuple[int, int]:
        """Rows and cols of its outline, holes included."""
        rows = geometry.hull(np.array(self.rows, dtype=np.intp), size[0], self.wraps)
        cols = geometry.hull(np.array(self.cols, dtype=np.intp), size[1], self.wraps)
        return sum(last - first + 1 for first, last in rows), sum(last - first + 1 for first, last in cols)


@dataclass(frozen=True)
class Lit:
    """What is lit.

    Attributes
    ----------
    boxes : mapping of StageKey to tuple of CellBox
    field : Field or None
        The canvas pixels that the cell sees.
    pixel : (row, col) or None
        The canvas pixel whose cells are lit.
    source : StageKey or None
        The stage of the cell.
    """

    boxes: Mapping[StageKey, tuple[CellBox, ...]] = field(default_factory=lambda: MappingProxyType({}))
    field: Field | None = None
    pixel: tuple[int, int] | None = None
    source: StageKey | None = None


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
        lit = _by_cell(document.networks[index].spec, canvas, index, stage, spot.channel, spot.cell)
    except NetworkError:
        return NOTHING
    if len(document.networks) == 1:
        return lit
    other = document.networks[1 - index].spec
    try:
        opposite = _opposite(document.networks[index].spec, other, canvas, stage)
        if opposite is None:
            return lit
        there = _by_cell(other, canvas, 1 - index, opposite, spot.channel, spot.cell)
    except NetworkError:
        return lit
    return replace(lit, boxes=MappingProxyType({**lit.boxes, **there.boxes}))


@lru_cache(maxsize=64)
def _opposite(spec: NetworkSpec, other: NetworkSpec, canvas: tuple[int, int], stage: str) -> str | None:
    """The stage of another network that stands opposite; None where none does."""
    from shiftlab.ui.figure.pair_layout import paired  # late: at first there is one network

    for own, its in paired(geometry.stages(spec, canvas), geometry.stages(other, canvas)):
        if own is not None and own.name == stage:
            return None if its is None else its.name
    return None


@lru_cache(maxsize=256)
def _by_cell(
    spec: NetworkSpec, canvas: tuple[int, int], index: int, stage: str, channel: int, cell: tuple[int, int]
) -> Lit:
    sizes = {info.name: info for info in geometry.stages(spec, canvas)}
    seen = geometry.cells_seen(spec, canvas, stage, cell, channel)
    channels = geometry.channels_seen(spec, canvas, stage, channel)
    boxes: dict[StageKey, tuple[CellBox, ...]] = {}
    for name, cells in seen.items():
        if name == CANVAS or not len(cells.rows) or not len(cells.cols):
            continue
        info = sizes[name]
        spans = _spans(cells, info.size, geometry.wraps(spec, name) or geometry.wraps(spec, stage))
        read = channels[name]
        one_by_one = name == stage or len(read) < info.channels
        if one_by_one and len(read) > MOST_CHANNELS:
            continue
        which: tuple[int | None, ...] = tuple(int(one) for one in read) if one_by_one else (None,)
        boxes[index, name] = tuple(CellBox(one, *span) for one in which for span in spans)
    pixels = seen[CANVAS]
    field = None
    if len(pixels.rows) and len(pixels.cols):
        field = Field(
            tuple(int(row) for row in pixels.rows),
            tuple(int(col) for col in pixels.cols),
            geometry.wraps(spec, stage),
        )
    return Lit(MappingProxyType(boxes), field, None, (index, stage))


def _spans(cells: Cells, size: tuple[int, int], wrapping: bool) -> tuple[tuple[tuple[int, int], tuple[int, int]], ...]:
    rows = geometry.hull(cells.rows, size[0], wrapping)
    cols = geometry.hull(cells.cols, size[1], wrapping)
    return tuple(product(rows, cols))


def lit_by_pixel(document: Document, pixel: tuple[int, int]) -> Lit:
    """The cells of every stage that can see a canvas pixel."""
    boxes: dict[StageKey, tuple[CellBox, ...]] = {}
    for index, network in enumerate(document.networks):
        try:
            boxes.update(_by_pixel(network.spec, document.scene.size, index, pixel))
        except NetworkError:
            continue
    return Lit(MappingProxyType(boxes), None, pixel, None)


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
        boxes[index, name] = tuple(
            CellBox(None, *span) for span in _spans(cells, info.size, geometry.wraps(spec, name))
        )
    return boxes
