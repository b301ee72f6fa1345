"""Where the windowed forward keeps its maps: rectangles of cells, and buffers that hold a map inside its padding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from shiftlab.network.spec import Pair
from shiftlab.network.steps import Step


class Area(NamedTuple):
    """A rectangle of cells."""

    top: int
    left: int
    height: int
    width: int


class Rect(NamedTuple):
    """A rectangle as half-open intervals."""

    row: int
    row_stop: int
    col: int
    col_stop: int

    @property
    def cells(self) -> int:
        return (self.row_stop - self.row) * (self.col_stop - self.col)

    @property
    def slices(self) -> tuple[slice, slice, slice, slice]:
        return slice(None), slice(None), slice(self.row, self.row_stop), slice(self.col, self.col_stop)


def merged(rects: list[Rect], slack: int) -> list[Rect]:
    """Rectangles joined two by two while the hull costs at most `slack` cells more than both."""
    if len(rects) < 2:
        return rects
    found: list[Rect] = []
    for rect in rects:
        (row, row_stop, col, col_stop), index = rect, 0
        while index < len(found):
            top, bottom, left, right = found[index]
            both = (bottom - top) * (right - left) + (row_stop - row) * (col_stop - col)
            top, bottom = (top if top < row else row), (bottom if bottom > row_stop else row_stop)
            left, right = (left if left < col else col), (right if right > col_stop else col_stop)
            if (bottom - top) * (right - left) <= both + slack:
                # the larger one may now meet those that it passed
                row, row_stop, col, col_stop = top, bottom, left, right
                del found[index]
                index = 0
            else:
                index += 1
        found.append(Rect(row, row_stop, col, col_stop))
    return found


class Buffer:
    """A map inside the padding that its reader wants; `reader` None pads nothing.

    Attributes
    ----------
    padded, map : Tensor, (1, C, h, w)
        The map with and without its padding.
    padded_cells, cells : array, (C, h, w)
        The same memory: windows that numpy cuts cost a fifth of torch's.
    """

    def __init__(self, channels: int, size: Pair, reader: Step | None, value: float) -> None:
        self.size, self.reader = size, reader
        (top, bottom), (left, right) = reader.padding if reader else ((0, 0), (0, 0))
        self.padded = torch.full((1, channels, size[0] + top + bottom, size[1] + left + right), value)
        self.origin: Pair = (top, left)
        self.map = self.padded[:, :, top : top + size[0], left : left + size[1]]
        self._channels = channels
        self.padded_cells: NDArray[np.float32] = self.padded[0].numpy()
        self.cells: NDArray[np.float32] = self.map[0].numpy()
        self._strides = self.padded.stride()
        self._halos = [self._sources(axis) for axis in (0, 1)] if reader and reader.fill != "zeros" else []

    @property
    def whole(self) -> Rect:
        return Rect(0, self.size[0], 0, self.size[1])

    def window(self, rows: slice, cols: slice, of_map: bool = False) -> Tensor:
        """A window of the padded cells, or of the map: the same as slicing, for a third of what slices cost."""
        top, left = self.origin if of_map else (0, 0)
        shape = (1, self._channels, rows.stop - rows.start, cols.stop - cols.start)
        return self.padded.as_strided(shape, self._strides, (rows.start + top) * self._strides[2] + cols.start + left)

    def _sources(self, axis: int) -> list[Pair]:
        """(padded index, padded index it repeats) of every line of the halo along an axis."""
        assert self.reader is not None
        before, after = self.reader.padding[axis]
        size = self.size[axis]
        lines: list[Pair] = []
        for place in (*range(-before, 0), *range(size, size + after)):
            match self.reader.fill:
                case "circular":
                    inside = place % size
                case "reflect":
                    inside = -place if place < 0 else 2 * (size - 1) - place
                case _:
                    inside = min(max(place, 0), size - 1)
            lines.append((place + before, inside + before))
        return lines

    def refresh(self, rects: list[Rect]) -> None:
        """Repeat the map in its halo, where `rects` have changed something that stands there."""
        if not any(map(self._shows_twice, rects)):
            return
        rows, cols = self._halos
        for line, source in cols:
            self.padded[:, :, :, line] = self.padded[:, :, :, source]
        for line, source in rows:
            self.padded[:, :, line] = self.padded[:, :, source]

    def _shows_twice(self, rect: Rect) -> bool:
        return self.repeats(0, rect.row, rect.row_stop) or self.repeats(1, rect.col, rect.col_stop)

    def repeats(self, axis: int, start: int, stop: int) -> bool:
        """Whether the halo repeats anything of [start, stop) of an axis."""
        if self.reader is None or not self._halos:
            return False
        # reflected padding begins one cell further in
        rim = max(self.reader.padding[axis]) + 1
        return start < rim or stop > self.size[axis] - rim

    def appearances(self, axis: int, start: int, stop: int) -> list[Pair]:
        """Half-open intervals of the padded axis that hold something of the map's [start, stop)."""
        if self.reader is None:
            return [(start, stop)]
        before, after = self.reader.padding[axis]
        if not self.repeats(axis, start, stop):
            return [(start + before, stop + before)]
        size, low, high = self.size[axis], 0, self.size[axis] + before + after
        found = [(start, stop)]
        match self.reader.fill:
            case "circular":
                found += [(start - size, stop - size), (start + size, stop + size)]
            case "reflect":
                found += [(1 - stop, 1 - start), (2 * size - 1 - stop, 2 * size - 1 - start)]
            case "replicate":
                found = [(-before if start == 0 else start, size + after if stop == size else stop)]
            case "zeros":
                pass
        clipped = [(max(one + before, low), min(end + before, high)) for one, end in found]
        return [pair for pair in clipped if pair[0] < pair[1]]


def areas(rects: list[Rect]) -> tuple[Area, ...]:
    return tuple(Area(one.row, one.col, one.row_stop - one.row, one.col_stop - one.col) for one in rects)


def clipped(boxes: Sequence[tuple[int, int, int, int]], size: Pair) -> list[Rect]:
    """Boxes as rectangles inside the canvas, those that overlap joined."""
    rects: list[Rect] = []
    for top, left, height, width in boxes:
        rect = Rect(max(top, 0), min(top + height, size[0]), max(left, 0), min(left + width, size[1]))
        if rect.row < rect.row_stop and rect.col < rect.col_stop:
            rects.append(rect)
    return merged(rects, 0)
