"""What the window asks of the worker: frozen requests, which hold everything that an answer needs.

Apart from the answers in `shiftlab.engine.messages`, since the window asks before any of them is needed.
No torch and no Qt here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from shiftlab.document import Document, StageKey, View
from shiftlab.picture.levels import Levels

FrozenLevels = Mapping[StageKey, tuple[Levels, ...]]
"""For each stage one range, or with colour scope 'channel' one for every channel."""


@dataclass(frozen=True)
class Luts:
    """Look-up tables of the theme: 256 colours each, uint32 0xffRRGGBB; `ground` fills gaps between tiles,
    `nan` marks what is not a number."""

    sequential: NDArray[np.uint32]
    diverging: NDArray[np.uint32]
    ground: int
    nan: int

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


@dataclass(frozen=True)
class PictureRequest:
    """One picture to make: channels `first` to `first + count` of a stage as a mosaic.

    `tile` is a tile's side (rows, cols) in device pixels, `gap` the space between tiles, `columns` how
    many stand in a row. The picture is exactly as large as its tiles and gaps.
    """

    key: StageKey
    view: View
    first: int
    count: int
    columns: int
    tile: tuple[int, int]
    gap: int

    @cached_property
    def _hash(self) -> int:
        return hash((self.key, self.view, self.first, self.count, self.columns, self.tile, self.gap))

    def __hash__(self) -> int:
        # Every picture of every frame is looked up by its request, on both threads.
        return self._hash


class Inspect(msgspec.Struct, frozen=True):
    """Ask for a copy of one channel's values (the inspector, the probe), in every view."""

    key: StageKey
    channel: int


class Request(msgspec.Struct, frozen=True):
    """Everything one update needs.

    Attributes
    ----------
    sequence : rises with every request.
    document : what to compute.
    pictures : what is in view.
    luts : colours.
    frozen : ranges held during a drag; None to compute them anew.
    inspected : channels whose values are wanted.
    at_rest : whether the slow measures (causes) are wanted too.
    """

    sequence: int
    document: Document
    pictures: tuple[PictureRequest, ...]
    luts: Luts
    frozen: FrozenLevels | None = None
    inspected: tuple[Inspect, ...] = ()
    at_rest: bool = False
