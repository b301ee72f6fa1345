"""A convolution in the windowed forward: windows by the quickest way that has the bits of the whole map.

A small window spends most of oneDNN's time on finding the kernel and on changing the order of values.
There the cells that every output reads are laid out in columns and multiplied with the weights: a matrix
product adds up in the order of the columns, and these are laid out in oneDNN's order, 16 channels at a
time and in them row by row. With many channels oneDNN is quick, but goes through all the weights anew for
each row of the window: there all rows are laid side by side in one. That all ways give the same bits is
not taken on trust: a way is compared with the whole map of noise the first time that a window of some size
is used. What was found holds whatever the weights are.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray
from torch import Tensor

from shiftlab.network.spec import Pair
from shiftlab.network.steps import Step
from shiftlab.network.window_buffers import Buffer
from shiftlab.network.window_nodes import Line, Node

ALIGNMENTS = ((24, 2), (64, 4), (np.inf, 8))
"""Windows are rounded up, so that few sizes are prepared and compared: up to 24 cells to multiples of 2, ..."""
HEAVY = 1_000_000
"""Multiplications for one cell from which on windows are as large as they must be."""
SMALL = 1_500_000
"""Multiplications up to which a window is laid out in columns."""
MOST_COLUMNS = 16
"""Cells of the smallest window for which it is worth to keep room for columns."""
BLOCK = 16
"""Channels that oneDNN adds up before it adds the sum to that of the channels before."""
MANY_WEIGHTS = 250_000
"""Multiplications for one cell from which on the rows of a window are laid side by side."""
LONGEST_SIDE = 16
"""Cells of a window's sides up to which that is quicker; longer rows pay for the weights by themselves."""
ENOUGH_TRIED = 4
"""Sizes of windows after which, where none of them had the bits of the whole map, no more are tried."""
KEPT_PITCHES = 3
"""Pitches for which the weights are kept in oneDNN's order: a drag comes back to few, and each takes a copy."""

Way = Callable[[Line, Line], Tensor]
Operate = Callable[[Tensor], Tensor]
Proofs = dict[Pair, str | None]
"""For sizes of windows the name of the way that has the bits of the whole map; None where none has."""


class _Columns(NamedTuple):
    """Room for windows of one size: columns to fill, the same as one matrix a block, and the product."""

    cells: NDArray[np.float32]
    blocks: list[Tensor]
    product: Tensor
    window: Tensor


class Unfolded:
    """Windows of a convolution as matrix products.

    Parameters
    ----------
    source : Buffer
    weight : (O, I, rows, cols)
    bias : (O,), optional
    step : Step
    size : (rows, cols) of the whole map
    """

    def __init__(self, source: Buffer, weight: Tensor, bias: Tensor | None, step: Step, size: Pair) -> None:
        self._outputs, inputs, rows, cols = weight.shape
        block = BLOCK if inputs % BLOCK == 0 else inputs
        self._weights = [
            weight[:, first : first + block].permute(0, 2, 3, 1).reshape(self._outputs, -1).contiguous()
            for first in range(0, inputs, block)
        ]
        self._bias = None if bias is None else bias[:, None]
        plane, line, cell = source.padded_cells.strides
        (down, right), (row_apart, col_apart) = step.stride, step.dilation
        # [block, kernel row, kernel col, channel, row, col] of what every output reads
        self._cells = as_strided(
            source.padded_cells,
            (inputs // block, rows, cols, block, *size),
            (block * plane, row_apart * line, col_apart * cell, plane, down * line, right * cell),
            writeable=False,
        )
        self._height = self._weights[0].shape[1]
        # one room for all sizes, so that a drag takes no more memory the longer it lasts
        self._most = SMALL // weight.numel()
        self._room = torch.empty(self._most * (self._outputs + len(self._weights) * self._height))
        self._columns: dict[Pair, _Columns] = {}

    def serves(self, cells: int) -> bool:
        """Whether a window of so many cells is small enough."""
        return cells <= self._most

    def __call__(self, row: Line, col: Line) -> Tensor:
        """The window (1, O, h, w) that two lines cross in; the next call writes into it."""
        columns = self._columns.get((row.computed, col.computed)) or self._laid_out(row.computed, col.computed)
        np.copyto(columns.cells, self._cells[..., row.write, col.write])
        first, *others = columns.blocks
        if self._bias is None:
            torch.mm(self._weights[0], first, out=columns.product)
        else:
            torch.addmm(self._bias, self._weights[0], first, out=columns.product)
        for weight, block in zip(self._weights[1:], others, strict=True):
            columns.product.addmm_(weight, block)
        return columns.window

    def _laid_out(self, rows: int, cols: int) -> _Columns:
        cells, blocks = rows * cols, len(self._weights)
        begin = self._most * self._outputs
        matrices = self._room[begin : begin + blocks * self._height * cells].view(blocks, self._height, cells)
        product = self._room[: self._outputs * cells].view(self._outputs, cells)
        found = _Columns(
            matrices.numpy().reshape(*self._cells.shape[:4], rows, cols),
            list(matrices),
            product,
            product.view(1, self._outputs, rows, cols),
        )
        self._columns[rows, cols] = found
        return found


class _Beside(NamedTuple):
    """Room for windows of one size: the cells read, what each kernel row reads of them, and where that goes."""

    near: NDArray[np.float32]
    taps: NDArray[np.float32]
    cells: NDArray[np.float32]
    row: Tensor
    pitch: int


class SideBySide:
    """Windows of a convolution of stride 1 along the columns, all of their rows in one row.

    Column after column is laid out, `pitch` cells apart, once for each kernel row: what was one column
    further is then one pitch further, which is a dilation. So every output adds up what it did, in the
    same order.

    Parameters
    ----------
    source : Buffer
    weight : (O, I, rows, cols)
    step : Step
    dilated : function of a dilation
        Gives the convolution with these weights, stride 1 and that dilation.
    """

    def __init__(self, source: Buffer, weight: Tensor, step: Step, dilated: Callable[[Pair], Operate]) -> None:
        self._outputs, inputs, rows, cols = weight.shape
        self._source, self._step, self._dilated = source.padded_cells, step, dilated
        self._shape = inputs, rows
        self._more = step.dilation[1] * (cols - 1)
        high, wide = (LONGEST_SIDE - 1) * step.stride[0] + step.span[0], LONGEST_SIDE + self._more
        # one room for all sizes, so that a drag takes no more memory the longer it lasts
        self._near = np.empty(inputs * high * wide, np.float32)
        self._room = torch.zeros(inputs * rows * wide * LONGEST_SIDE)
        self._sizes: dict[Pair, _Beside] = {}
        self._operate: OrderedDict[int, Operate] = OrderedDict()

    @staticmethod
    def worth_while(weight: Tensor, step: Step) -> bool:
        """Whether such a layer gains by it."""
        return weight.numel() >= MANY_WEIGHTS and step.stride[1] == 1 and weight.shape[2:].numel() > 1

    def serves(self, rows: int, cols: int) -> bool:
        """Whether windows of that size are small enough."""
        return rows <= LONGEST_SIDE and cols <= LONGEST_SIDE

    def __call__(self, row: Line, col: Line) -> Tensor:
        """The window (1, O, h, w) that two lines cross in."""
        rows, cols = row.computed, col.computed
        beside = self._sizes.get((rows, cols)) or self._laid_out(rows, cols)
        # what lies together is read faster, and it is read once for each kernel row
        np.copyto(beside.near, self._source[:, row.read, col.read])
        np.copyto(beside.cells, beside.taps)
        found = self._with_pitch(beside.pitch)(beside.row)
        return found.view(1, self._outputs, cols, beside.pitch)[..., :rows].transpose(2, 3)

    def _with_pitch(self, pitch: int) -> Operate:
        found = self._operate.pop(pitch, None)
        if found is None:
            found = self._dilated((1, self._step.dilation[1] * pitch))
            while len(self._operate) >= KEPT_PITCHES:
                self._operate.popitem(last=False)
        self._operate[pitch] = found
        return found

    def _laid_out(self, rows: int, cols: int) -> _Beside:
        inputs, taps = self._shape
        stride, span = self._step.stride[0], self._step.span[0]
        high, wide, pitch = (rows - 1) * stride + span, cols + self._more, rows + rows % 2
        near = self._near[: inputs * high * wide].reshape(inputs, high, wide)
        plane, line, cell = near.strides
        row = self._room[: inputs * taps * wide * pitch].view(1, inputs, taps, wide * pitch)
        found = _Beside(
            near,
            as_strided(
                near,
                (inputs, taps, wide, rows),
                (plane, self._step.dilation[0] * line, cell, stride * line),
                writeable=False,
            ),
            row.numpy().reshape(inputs, taps, wide, pitch)[..., :rows],
            row,
            pitch,
        )
        self._sizes[rows, cols] = found
        return found


class _Noise(NamedTuple):
    """A padded input that is nowhere dark, as a scene may be, and the whole map of it."""

    padded: Tensor
    map: Tensor


class Convolution(Node):
    """A convolution.

    Parameters
    ----------
    weight, bias : as the layer has them
    operate : what convolves a window of a padded map
    convolve : what convolves the whole of it, as the full forward does
    windows : whether windows of it are to be tried
    dilated : function of a dilation, optional
        Gives oneDNN's convolution with these weights, stride 1 and that dilation, where it is oneDNN's.
    proofs : dict, optional
        What is known of windows of this layer, on this canvas, with whatever weights; it is added to.
    """

    def __init__(
        self,
        name: str,
        step: Step,
        weight: Tensor,
        bias: Tensor | None,
        operate: Operate,
        convolve: Operate,
        windows: bool,
        dilated: Callable[[Pair], Operate] | None = None,
        proofs: Proofs | None = None,
    ) -> None:
        super().__init__(name, step, operate, windows)
        self._convolve, self._dilated = convolve, dilated
        self.work = weight.numel()
        self._weight, self._bias = weight, bias
        self._unfolded: Unfolded | None = None
        self._beside: SideBySide | None = None
        self._proofs: Proofs = {} if proofs is None else proofs
        self._proved: dict[Pair, Way] = {}
        self._noise: _Noise | None = None

    def connect(self, source: Buffer, target: Buffer) -> None:
        super().connect(source, target)
        assert self.step is not None
        if self.windows and self.work * MOST_COLUMNS <= SMALL:
            self._unfolded = Unfolded(source, self._weight, self._bias, self.step, target.size)
        if self.windows and self._dilated is not None and SideBySide.worth_while(self._weight, self.step):
            self._beside = SideBySide(source, self._weight, self.step, self._dilated)

    def cross(self, row: Line, col: Line, given: Tensor | None) -> Tensor | None:
        self.taken = self.windows and row.computed * col.computed <= self.most and self._way(row, col) is not None
        if self.taken:
            return self.write(row, col, given)
        self.target.map.copy_(self.whole())
        return None

    def write(self, row: Line, col: Line, given: Tensor | None) -> Tensor | None:
        found = self._proved[row.computed, col.computed](row, col)
        np.copyto(self.target.cells[:, row.write, col.write], found.numpy()[0])
        return found if found.is_contiguous() else None

    def in_windows(self, windows: list[tuple[Line, Line]]) -> None:
        self.taken = all(self._way(row, col) is not None for row, col in windows)
        if self.taken:
            super().in_windows(windows)

    def whole(self) -> Tensor:
        return self._convolve(self.source.padded)

    def side(self, axis: int, start: int, stop: int) -> Pair:
        length, size = stop - start, self.target.size[axis]
        most, alignment = next(pair for pair in ALIGNMENTS if length <= pair[0])
        if self.work >= HEAVY and most == ALIGNMENTS[0][0]:
            return start, stop
        length = min(size, -(-length // alignment) * alignment)
        start = min(start, size - length)
        return start, start + length

    def _window(self, row: Line, col: Line) -> Tensor:
        return self.operate(self.source.window(row.read, col.read))

    def prove(self, row: Line, col: Line) -> None:
        """Find out beforehand how a window is to be computed."""
        if self.windows and row.computed * col.computed <= self.most:
            self._way(row, col)

    def _way(self, row: Line, col: Line) -> Way | None:
        """The way that serves windows of this size, None where there is none.

        oneDNN may go another way with one size alone; where none of a few sizes has a way, no more are tried.
        """
        size = (row.computed, col.computed)
        way = self._proved.get(size)
        if way is None:
            ways = self._ways(row, col)
            if size not in self._proofs:
                self._proofs[size] = self._found(row, col, ways)
            name = self._proofs[size]
            if name is None:
                self.windows = len(self._proofs) < ENOUGH_TRIED or any(self._proofs.values())
                return None
            way = self._proved[size] = ways[name]
        return way

    def _ways(self, row: Line, col: Line) -> dict[str, Way]:
        """The ways for windows of this size, the quickest first."""
        ways: dict[str, Way] = {}
        if self._beside is not None and self._beside.serves(row.computed, col.computed):
            ways["side by side"] = self._beside
        if self._unfolded is not None and self._unfolded.serves(row.computed * col.computed):
            ways["unfolded"] = self._unfolded
        ways["window"] = self._window
        return ways

    def _found(self, row: Line, col: Line, ways: dict[str, Way]) -> str | None:
        """The first of the ways with the bits of the whole map."""
        if self._noise is None:
            padded = torch.empty_like(self.source.padded).uniform_(-1, 1, generator=torch.Generator().manual_seed(0))
            self._noise = _Noise(padded, self._convolve(padded))
        read = (slice(None), slice(None), row.read, col.read)
        held = self.source.padded[read].clone()
        expected = self._noise.map[:, :, row.write, col.write]
        try:
            self.source.padded[read] = self._noise.padded[read]
            return next((name for name, way in ways.items() if torch.equal(way(row, col), expected)), None)
        finally:
            self.source.padded[read] = held
