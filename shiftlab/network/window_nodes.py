"""What the windowed forward does at each layer: from the changed part of one buffer into the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from shiftlab.network import operations
from shiftlab.network.spec import Pair
from shiftlab.network.steps import Step
from shiftlab.network.window_buffers import Buffer, Rect, merged

ALIGNMENTS = ((24, 2), (64, 4), (np.inf, 8))
"""Windows of convolutions are rounded up, so that oneDNN prepares few sizes: up to 24 cells to multiples of 2, ..."""
WORTH_WHILE = 0.6
"""Part of the whole work, and of a map's cells, up to which windows are computed alone."""
CALL = 1_000_000
"""Multiplications that take as long as one more call: windows are joined where that is cheaper."""
WINDOW_CALL = 1_500_000
"""The same for a call on a window, with what it takes to find the window and to write it."""


class Line(NamedTuple):
    """What one interval of an axis comes to at one node, where it stays one interval.

    `changed` cells, those that are computed (rounded up), the slice of the padded input that they read, and the
    slice of the map that they are.
    """

    changed: Pair
    computed: int
    read: slice
    write: slice


def _reached(step: Step, axis: int, start: int, stop: int, size: int) -> Pair:
    """Outputs [first, last + 1) along one axis that can read padded inputs [start, stop)."""
    first = max(0, -((step.span[axis] - 1 - start) // step.stride[axis]))
    return first, min(size, (stop - 1) // step.stride[axis] + 1)


class Node:
    """One window of a layer, or a layer without any: from one buffer into the next.

    Attributes
    ----------
    name : str
        The stage, for the last node of a layer; '' for those inside.
    step : Step or None
        None acts on each cell by itself.
    operate : function of a padded window (1, C, h, w) that gives the map it leads to.
    windows : bool
        Whether a window is worth computing by itself.
    doubtful : bool
        Whether windows are to be compared with the whole map before they are trusted.
    work : int
        What one cell costs, in multiplications of a convolution.
    slack : int
        Cells that cost as much as one more call.
    most : float
        Cells up to which windows are computed alone.
    """

    def __init__(
        self,
        name: str,
        step: Step | None,
        operate: Callable[[Tensor], Tensor],
        windows: bool = True,
        doubtful: bool = False,
        work: int = 0,
    ) -> None:
        self.name, self.step, self.operate = name, step, operate
        self.windows, self.doubtful, self.work = windows, doubtful, work
        self.slack, self.most = 0, 0.0
        self.source: Buffer
        self.target: Buffer
        self.taken = False
        self._trusted: set[Pair] = set()

    def set_work(self, channels: int) -> None:
        """Fill in the cost of a cell of this many channels, where it was not given: a few passes over its inputs."""
        if not self.work:
            inputs = self.step.stride[0] * self.step.stride[1] if self.step else 1
            self.work = 4 * channels * inputs
        self.slack = CALL // self.work
        self.most = WORTH_WHILE * self.target.size[0] * self.target.size[1]

    def reach(self, rects: list[Rect]) -> list[Rect]:
        """What changes in the target where `rects` of the source did."""
        if self.step is None:
            return rects
        found: list[Rect] = []
        for rect in rects:
            intervals: list[list[Pair]] = []
            for axis, start, stop in ((0, rect.row, rect.row_stop), (1, rect.col, rect.col_stop)):
                shown = self.source.appearances(axis, start, stop)
                intervals.append([_reached(self.step, axis, *one, self.target.size[axis]) for one in shown])
            found += [
                Rect(*rows, *cols)
                for rows in intervals[0]
                for cols in intervals[1]
                if rows[0] < rows[1] and cols[0] < cols[1]
            ]
        return merged(found, 0)

    def line(self, axis: int, start: int, stop: int) -> Line | None:
        """What [start, stop) of the source comes to along one axis; None where it is not one interval alone."""
        if self.source.repeats(axis, start, stop):
            return None
        if self.step is None:
            changed, before, stride, span = (start, stop), self.source.origin[axis], 1, 1
        else:
            first = start + self.step.padding[axis][0]
            changed = _reached(self.step, axis, first, first + stop - start, self.target.size[axis])
            before, stride, span = 0, self.step.stride[axis], self.step.span[axis]
        if changed[0] >= changed[1]:
            return None
        low, high = self._side(axis, *changed)
        read = slice(before + low * stride, before + (high - 1) * stride + span)
        return Line(changed, high - low, read, slice(low, high))

    def cross(self, row: Line, col: Line) -> None:
        """Recompute the one window that two lines cross in."""
        self.taken = self.windows and row.computed * col.computed <= self.most
        if self.taken:
            if not self.doubtful or (row.computed, col.computed) in self._trusted:
                self.write(row, col)
                return
            self.taken = self._in_windows([Rect(row.write.start, row.write.stop, col.write.start, col.write.stop)])
        if not self.taken:
            self.target.map.copy_(self._whole())

    def write(self, row: Line, col: Line) -> None:
        """Compute the window that two lines cross in, and put it in its place."""
        target = self.target.window(row.write, col.write, of_map=True)
        target.copy_(self.operate(self.source.window(row.read, col.read)))

    def update(self, rects: list[Rect]) -> list[Rect]:
        """Recompute after `rects` of the source changed; answers what changed in the target."""
        self.source.refresh(rects)
        changed = self.reach(rects)
        windows = self._windows(changed)
        self.taken = self.windows and sum(one.cells for one in windows) <= self.most
        if self.taken:
            self.taken = self._in_windows(windows)
        if not self.taken:
            self.target.map.copy_(self._whole())
        return changed

    def cost(self, rects: list[Rect] | None) -> int:
        """What it takes to recompute after `rects` changed in the target, or everything."""
        cells = self.target.whole.cells
        if rects is None or not self.windows:
            return CALL + self.work * cells
        windows = self._windows(rects)
        return WINDOW_CALL * len(windows) + self.work * min(cells, sum(one.cells for one in windows))

    def _windows(self, changed: list[Rect]) -> list[Rect]:
        """Windows that hold `changed`: few, unless they would come to most of the map."""
        few = merged(changed, self.slack)
        if sum(one.cells for one in few) > self.most:
            few = changed
        return [self._rounded(one) for one in few]

    def _rounded(self, rect: Rect) -> Rect:
        """`rect` with its sides rounded up as `ALIGNMENTS` say, where the map has room."""
        if not self.doubtful:
            return rect
        return Rect(*self._side(0, rect.row, rect.row_stop), *self._side(1, rect.col, rect.col_stop))

    def _side(self, axis: int, start: int, stop: int) -> Pair:
        if not self.doubtful:
            return start, stop
        length, size = stop - start, self.target.size[axis]
        alignment = next(to for most, to in ALIGNMENTS if length <= most)
        length = min(size, -(-length // alignment) * alignment)
        start = min(start, size - length)
        return start, start + length

    def _input(self, rect: Rect) -> Tensor:
        """The padded cells that the outputs in `rect` read."""
        if self.step is None:
            return self.source.map[rect.slices]
        (down, right), (rows, cols) = self.step.stride, self.step.span
        return self.source.padded[
            :,
            :,
            rect.row * down : (rect.row_stop - 1) * down + rows,
            rect.col * right : (rect.col_stop - 1) * right + cols,
        ]

    def _whole(self) -> Tensor:
        return self.operate(self.source.map if self.step is None else self.source.padded)

    def _in_windows(self, windows: list[Rect]) -> bool:
        """Compute the windows alone; False where they turn out to have other bits than the whole map."""
        whole: Tensor | None = None
        for rect in windows:
            result = self.operate(self._input(rect))
            shape = (rect.row_stop - rect.row, rect.col_stop - rect.col)
            if self.doubtful and shape not in self._trusted:
                whole = self._whole() if whole is None else whole
                if not torch.equal(result, whole[rect.slices]):
                    self.windows = False
                    return False
                self._trusted.add(shape)
            self.target.map[rect.slices] = result
        return True


class Pick(Node):
    """The last step of adaptive polyphase sampling, which compares all places: a window only while the phase stays."""

    phase = -1

    def update(self, rects: list[Rect]) -> list[Rect]:
        parts = operations.components(self.source.map)
        phase = int(operations.chosen_phase(parts)[0])
        changed = self.reach(rects) if phase == self.phase else [self.target.whole]
        self.phase = phase
        self.target.map.copy_(parts[phase])
        return changed


class Everywhere(Node):
    """A layer without places: any change reaches all of it."""

    def reach(self, rects: list[Rect]) -> list[Rect]:
        return [self.target.whole] if rects else []

    def update(self, rects: list[Rect]) -> list[Rect]:
        if rects:
            self.target.map.copy_(self._whole())
        return self.reach(rects)


def _bare(step: Step) -> Step:
    """The same window on a map that is padded already."""
    return Step(step.kernel, step.stride, step.dilation)


class Pooled(Node):
    """A window of an `operations` function of map and step."""

    def __init__(self, name: str, step: Step, pool: Callable[[Tensor, Step], Tensor]) -> None:
        bare = _bare(step)
        super().__init__(name, step, lambda x: pool(x, bare))


class Max(Pooled):
    """A maximum: its padding holds minus infinity."""

    def __init__(self, name: str, step: Step) -> None:
        super().__init__(name, step, operations.maximum)
        self._kernel, self._stride = step.kernel, step.stride

    def write(self, row: Line, col: Line) -> None:
        """The same maxima in the same order, straight from one buffer into the other."""
        if min(self._kernel) < 2:
            super().write(row, col)
            return
        (tall, wide), (down, across) = self._kernel, self._stride
        rows = (row.computed - 1) * down + 1
        parts = [
            self.source.window(slice(first, first + rows), col.read, every=(down, 1))
            for first in range(row.read.start, row.read.start + tall)
        ]
        highest = parts[0]
        for part in parts[1:]:
            highest = torch.maximum(highest, part)
        cols = (col.computed - 1) * across + 1
        found, *others = [highest[..., first : first + cols : across] for first in range(wide)]
        for part in others[:-1]:
            found = torch.maximum(found, part)
        torch.maximum(found, others[-1], out=self.target.window(row.write, col.write, of_map=True))


class Relu(Node):
    """max(x, 0) from one buffer into the next."""

    def __init__(self, name: str) -> None:
        super().__init__(name, None, torch.relu)

    def write(self, row: Line, col: Line) -> None:
        torch.clamp_min(
            self.source.window(row.read, col.read), 0, out=self.target.window(row.write, col.write, of_map=True)
        )


class OneDnn(Node):
    """A convolution by oneDNN."""

    def __init__(self, name: str, step: Step, weight: Tensor, bias: Tensor | None, windows: bool) -> None:
        operate = operations.packed_onednn(weight, bias, step.stride, step.dilation)
        super().__init__(name, step, operate, windows, doubtful=True, work=weight.numel())
