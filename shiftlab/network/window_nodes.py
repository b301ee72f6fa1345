"""What the windowed forward does at each layer: from the changed part of one buffer into the next.

Convolutions are in `window_convolution`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from shiftlab.network import operations
from shiftlab.network.spec import Pair
from shiftlab.network.steps import Step
from shiftlab.network.window_buffers import Buffer, Rect, merged

WORTH_WHILE = 0.8
"""Part of the time of a whole forward up to which windows are followed."""
MOST_OF_A_MAP = 0.6
"""Part of a map's cells up to which windows of it are computed alone."""
CALL = 800_000
"""Multiplications that take as long as it takes to call what computes a whole map."""
WINDOW_CALL = 480_000
"""The same for a window, with what it takes to find it and to write it: windows are joined where that is cheaper."""


class Line(NamedTuple):
    """What one interval of an axis comes to at one node, where it stays one interval.

    `changed` cells, how many are computed (more, where that is rounded up), the slice of the padded input that they
    read, and the slice of the map that they are.
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

    Parameters
    ----------
    name : str
        The stage, for the last node of a layer; '' for those inside.
    step : Step or None
        None acts on each cell by itself.
    operate : function of a padded window (1, C, h, w) that gives the map it leads to.
    windows : bool
        Whether a window is worth computing by itself.

    Attributes
    ----------
    name, step, operate, windows : as given
    work : int
        What one cell costs, in multiplications of a convolution: a few passes over its inputs.
    slack : int
        Cells that cost as much as one more call.
    most : float
        Cells up to which windows are computed alone.
    taken : bool
        Whether the last update computed windows alone.
    """

    def __init__(self, name: str, step: Step | None, operate: Callable[[Tensor], Tensor], windows: bool = True) -> None:
        self.name, self.step, self.operate, self.windows = name, step, operate, windows
        self.work, self.slack, self.most = 0, 0, 0.0
        self.source: Buffer
        self.target: Buffer
        self.taken = False

    def connect(self, source: Buffer, target: Buffer) -> None:
        """Take the buffers between which this node stands."""
        self.source, self.target = source, target
        if not self.work:
            inputs = self.step.stride[0] * self.step.stride[1] if self.step else 1
            self.work = 4 * len(target.cells) * inputs
        self.slack = WINDOW_CALL // self.work
        self.most = MOST_OF_A_MAP * target.size[0] * target.size[1]

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

    def line(self, axis: int, start: int, stop: int, before: Line | None) -> Line | None:
        """What [start, stop) of the source comes to along one axis; None where it is not one interval alone.

        `before` is the line of the node before, on whose very window a cell by cell node can go on.
        """
        if self.source.repeats(axis, start, stop):
            return None
        if self.step is None:
            return self._line(axis, (start, stop), (start, stop) if before is None else _pair(before.write))
        first = start + self.step.padding[axis][0]
        changed = _reached(self.step, axis, first, first + stop - start, self.target.size[axis])
        return self._line(axis, changed, changed) if changed[0] < changed[1] else None

    def cross(self, row: Line, col: Line, given: Tensor | None) -> Tensor | None:
        """Recompute the one window that two lines cross in.

        Parameters
        ----------
        given : Tensor, optional
            The same window of the source, where it has just been computed.

        Returns
        -------
        Tensor or None
            The window of the target, for the next node; None where it does not lie in one piece.
        """
        self.taken = self.windows and row.computed * col.computed <= self.most
        if self.taken:
            return self.write(row, col, given)
        self.target.map.copy_(self.whole())
        return None

    def write(self, row: Line, col: Line, given: Tensor | None) -> Tensor | None:
        """Compute the window that two lines cross in, and put it in its place; as `cross`."""
        if given is None or self.step is not None:
            given = self.source.window(row.read, col.read)
        found = self.operate(given)
        self.target.window(row.write, col.write, of_map=True).copy_(found)
        return found

    def update(self, rects: list[Rect]) -> list[Rect]:
        """Recompute after `rects` of the source changed; answers what changed in the target."""
        self.source.refresh(rects)
        changed = self.reach(rects)
        windows = self._windows(changed)
        self.taken = self.windows and sum(one.cells for one in windows) <= self.most
        if self.taken:
            self.in_windows([(self._across(0, one), self._across(1, one)) for one in windows])
        if not self.taken:
            self.target.map.copy_(self.whole())
        return changed

    def renew(self) -> list[Rect]:
        """Recompute everything, those cells too that see padding alone; answers the whole of the target."""
        self.source.refresh([self.source.whole])
        self.taken = False
        self.target.map.copy_(self.whole())
        return [self.target.whole]

    def cost(self, rects: list[Rect] | None) -> int:
        """What it takes to recompute after `rects` changed in the target, or everything."""
        cells = self.target.whole.cells
        if rects is None or not self.windows:
            return CALL + self.work * cells
        windows = self._windows(rects)
        return WINDOW_CALL * len(windows) + self.work * min(cells, sum(one.cells for one in windows))

    def in_windows(self, windows: list[tuple[Line, Line]]) -> None:
        """Compute windows alone."""
        for row, col in windows:
            self.write(row, col, None)

    def whole(self) -> Tensor:
        """The whole map, computed anew."""
        return self.operate(self.source.map if self.step is None else self.source.padded)

    def side(self, axis: int, start: int, stop: int) -> Pair:
        """The interval that is computed where [start, stop) is wanted."""
        return start, stop

    def _windows(self, changed: list[Rect]) -> list[Rect]:
        """Windows that hold `changed`: few, unless they would come to most of the map."""
        few = merged(changed, self.slack)
        if sum(one.cells for one in few) > self.most:
            few = changed
        return [Rect(*self.side(0, one.row, one.row_stop), *self.side(1, one.col, one.col_stop)) for one in few]

    def _across(self, axis: int, rect: Rect) -> Line:
        span = (rect.row, rect.row_stop) if axis == 0 else (rect.col, rect.col_stop)
        return self._line(axis, span, span)

    def _line(self, axis: int, changed: Pair, wanted: Pair) -> Line:
        low, high = self.side(axis, *wanted)
        if self.step is None:
            before = self.source.origin[axis]
            return Line(changed, high - low, slice(before + low, before + high), slice(low, high))
        stride, span = self.step.stride[axis], self.step.span[axis]
        return Line(changed, high - low, slice(low * stride, (high - 1) * stride + span), slice(low, high))


def _pair(cells: slice) -> Pair:
    return cells.start, cells.stop


class Pick(Node):
    """The last step of adaptive polyphase sampling, which compares all places: a window only while the phase stays."""

    phase = -1

    def renew(self) -> list[Rect]:
        self.phase = -1
        return self.update([self.source.whole])

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
            self.target.map.copy_(self.whole())
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

    def write(self, row: Line, col: Line, given: Tensor | None) -> Tensor | None:
        """The same maxima in the same order, straight from one buffer into the other."""
        (tall, wide), (down, across) = self._kernel, self._stride
        if tall < 2 or wide < 2:
            return super().write(row, col, given)
        cells, into = self.source.padded_cells, self.target.cells[:, row.write, col.write]
        rows, cols = (row.computed - 1) * down + 1, (col.computed - 1) * across + 1
        first = row.read.start
        highest = cells[:, first : first + rows : down, col.read]
        kept: NDArray[np.float32] | None = None
        for tap in range(first + 1, first + tall):
            highest = kept = np.maximum(highest, cells[:, tap : tap + rows : down, col.read], out=kept)
        found = highest[:, :, :cols:across]
        for tap in range(1, wide):
            found = np.maximum(found, highest[:, :, tap : tap + cols : across], out=into)
        return None


class Relu(Node):
    """max(x, 0) from one buffer into the next."""

    def __init__(self, name: str) -> None:
        super().__init__(name, None, torch.relu)

    def write(self, row: Line, col: Line, given: Tensor | None) -> Tensor | None:
        if given is None:
            given = self.source.window(row.read, col.read)
        torch.clamp_min(given, 0, out=self.target.window(row.write, col.write, of_map=True))
        return None
