"""What one cell of a stage sees: its field on the canvas, and its outlines on the maps before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import product
from types import MappingProxyType

import msgspec

from shiftlab.document import StageKey
from shiftlab.network import geometry
from shiftlab.network.geometry import CANVAS, Cells
from shiftlab.network.spec import NetworkSpec, Pair
from shiftlab.ui.figure.canvas_model import Field, Run
from shiftlab.ui.figure.panel import CellBox

MOST_CHANNELS = 64
"""Of more channels than these, none is outlined singly."""


class Seen(msgspec.Struct, frozen=True):
    """What is outlined: `boxes` on the maps, `field` on the canvas (None where the cell sees none of it)."""

    boxes: Mapping[StageKey, tuple[CellBox, ...]] = MappingProxyType({})
    field: Field | None = None


def runs(indices: Iterable[int]) -> tuple[Run, ...]:
    """First and last of each run of neighbouring indices."""
    found: list[Run] = []
    for index in indices:
        if found and found[-1][1] == index - 1:
            found[-1] = (found[-1][0], index)
        else:
            found.append((index, index))
    return tuple(found)


def spans(cells: Cells, size: Pair, wrapping: bool) -> tuple[tuple[Run, Run], ...]:
    """The outline of some cells of a map, as (rows, cols), in parts where it goes over the border."""
    return tuple(product(geometry.hull(cells.rows, size[0], wrapping), geometry.hull(cells.cols, size[1], wrapping)))


@lru_cache(maxsize=256)
def seen_by_cell(spec: NetworkSpec, canvas: Pair, network: int, stage: str, channel: int, cell: Pair) -> Seen:
    """What a cell sees, outlined only in the channels it really reads.

    Parameters
    ----------
    network : int
        The number by which the stages of `boxes` are known.

    Raises
    ------
    NetworkError
        For a stage or a cell that does not exist.
    """
    infos = {info.name: info for info in geometry.stages(spec, canvas)}
    seen = geometry.cells_seen(spec, canvas, stage, cell, channel)
    channels = geometry.channels_seen(spec, canvas, stage, channel)
    wrapping = geometry.wraps(spec, stage)
    boxes: dict[StageKey, tuple[CellBox, ...]] = {}
    for name, cells in seen.items():
        if name == CANVAS or not len(cells.rows) or not len(cells.cols):
            continue
        info, read = infos[name], channels[name].tolist()
        single = name == stage or len(read) < info.channels
        if single and len(read) > MOST_CHANNELS:
            continue
        which: tuple[int | None, ...] = tuple(read) if single else (None,)
        around = spans(cells, info.size, wrapping)
        boxes[network, name] = tuple(CellBox(one, *span) for one in which for span in around)
    return Seen(MappingProxyType(boxes), _field(seen[CANVAS], canvas, wrapping))


def _field(pixels: Cells, canvas: Pair, wrapping: bool) -> Field | None:
    if not len(pixels.rows) or not len(pixels.cols):
        return None
    over = geometry.hull(pixels.rows, canvas[0], wrapping), geometry.hull(pixels.cols, canvas[1], wrapping)
    rows, cols = (sum(last - first + 1 for first, last in hull) for hull in over)
    return Field(runs(pixels.rows.tolist()), runs(pixels.cols.tolist()), *over, f"{rows} × {cols} px")
