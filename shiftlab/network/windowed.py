"""A forward that recomputes only what a move can have changed.

The seam: nothing else in ShiftLab knows of windows. A `WindowedForward` answers like `Forward.maps`, with
the same bits; it is told which rectangles of the canvas may differ from last time, and tells which
rectangles of every map may. Inside, each map lies in a buffer that already holds the padding of the
layer that reads it. A changed rectangle goes through the layers one by one: kernel, stride, dilation
and padding say which cells it can reach (wrapped and mirrored padding make it appear on the other
side too), only the input that those cells read is computed on, and the result is written into the
next buffer in place. A layer is computed whole where the windows come to more than half of its map,
where it looks at all places at once, or where its values on a window are not the bits of the whole
map: a convolution is compared with its whole map the first time that a window of some size is used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from shiftlab.network import operations
from shiftlab.network.geometry import CANVAS
from shiftlab.network.info import StageInfo
from shiftlab.network.modules import Forward
from shiftlab.network.spec import (
    Activation,
    AvgPool,
    BlurPool,
    Conv,
    LayerSpec,
    MaxPool,
    NetworkError,
    Norm,
    Pair,
    Polyphase,
    Subsample,
)
from shiftlab.network.steps import Step, steps
from shiftlab.network.weights import Network

EXACT_ON_STRIDED = ("relu", "leaky_relu", "abs", "identity")
"""Activations whose value does not depend on where in memory a cell lies (others have a vector and a scalar form)."""
ALIGNMENTS = ((24, 2), (64, 4), (np.inf, 8))
"""Windows of convolutions are rounded up, so that oneDNN prepares few sizes: up to 24 cells to multiples of 2, ..."""
WORTH_WHILE = 0.6
"""Part of the whole work, and of a map's cells, up to which windows are computed alone."""
CALL = 1_000_000
"""Multiplications that take as long as one more call: windows are joined where that is cheaper."""
WINDOW_CALL = 1_500_000
"""The same for a call on a window, with what it takes to find the window and to write it."""


class Area(NamedTuple):
    """A rectangle of cells."""

    top: int
    left: int
    height: int
    width: int


class _Rect(NamedTuple):
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

    def joined(self, other: _Rect) -> _Rect:
        return _Rect(
            min(self.row, other.row),
            max(self.row_stop, other.row_stop),
            min(self.col, other.col),
            max(self.col_stop, other.col_stop),
        )


def _merged(rects: list[_Rect], slack: int) -> list[_Rect]:
    """Rectangles joined two by two while the hull costs at most `slack` cells more than both."""
    rects = list(rects)
    index = 0
    while index < len(rects):
        for other in range(index + 1, len(rects)):
            hull = rects[index].joined(rects[other])
            if hull.cells <= rects[index].cells + rects[other].cells + slack:
                rects[index] = hull
                del rects[other]
                index = -1
                break
        index += 1
    return rects


class _Buffer:
    """A map inside the padding that its reader wants; `reader` None pads nothing."""

    def __init__(self, channels: int, size: Pair, reader: Step | None, value: float) -> None:
        self.size, self.reader = size, reader
        (top, bottom), (left, right) = reader.padding if reader else ((0, 0), (0, 0))
        self.padded = torch.full((1, channels, size[0] + top + bottom, size[1] + left + right), value)
        self.map = self.padded[:, :, top : top + size[0], left : left + size[1]]
        self._halos = [self._sources(axis) for axis in (0, 1)] if reader and reader.fill != "zeros" else []

    @property
    def whole(self) -> _Rect:
        return _Rect(0, self.size[0], 0, self.size[1])

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

    def refresh(self, rects: list[_Rect]) -> None:
        """Repeat the map in its halo, where `rects` have changed something that stands there."""
        if not any(map(self._shows_twice, rects)):
            return
        rows, cols = self._halos
        for line, source in cols:
            self.padded[:, :, :, line] = self.padded[:, :, :, source]
        for line, source in rows:
            self.padded[:, :, line] = self.padded[:, :, source]

    def _shows_twice(self, rect: _Rect) -> bool:
        if self.reader is None or not self._halos:
            return False
        # reflected padding begins one cell further in
        rim = max(*self.reader.padding[0], *self.reader.padding[1]) + 1
        return min(rect.row, rect.col) < rim or rect.row_stop > self.size[0] - rim or rect.col_stop > self.size[1] - rim

    def appearances(self, axis: int, start: int, stop: int) -> list[Pair]:
        """Half-open intervals of the padded axis that hold something of the map's [start, stop)."""
        if self.reader is None:
            return [(start, stop)]
        before, after = self.reader.padding[axis]
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


def _reached(step: Step, axis: int, start: int, stop: int, size: int) -> Pair:
    """Outputs [first, last + 1) along one axis that can read padded inputs [start, stop)."""
    first = max(0, -((step.span[axis] - 1 - start) // step.stride[axis]))
    return first, min(size, (stop - 1) // step.stride[axis] + 1)


class _Node:
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
        self.slack = 0
        self.source: _Buffer
        self.target: _Buffer
        self.taken = False
        self._trusted: set[Pair] = set()

    def set_work(self, channels: int) -> None:
        """Fill in the cost of a cell of this many channels, where it was not given: a few passes over its inputs."""
        if not self.work:
            inputs = self.step.stride[0] * self.step.stride[1] if self.step else 1
            self.work = 4 * channels * inputs
        self.slack = CALL // self.work

    def reach(self, rects: list[_Rect]) -> list[_Rect]:
        """What changes in the target where `rects` of the source did."""
        if self.step is None:
            return rects
        found: list[_Rect] = []
        for rect in rects:
            intervals: list[list[Pair]] = []
            for axis, start, stop in ((0, rect.row, rect.row_stop), (1, rect.col, rect.col_stop)):
                shown = self.source.appearances(axis, start, stop)
                intervals.append([_reached(self.step, axis, *one, self.target.size[axis]) for one in shown])
            found += [
                _Rect(*rows, *cols)
                for rows in intervals[0]
                for cols in intervals[1]
                if rows[0] < rows[1] and cols[0] < cols[1]
            ]
        return _merged(found, 0)

    def update(self, rects: list[_Rect]) -> list[_Rect]:
        """Recompute after `rects` of the source changed; answers what changed in the target."""
        self.source.refresh(rects)
        changed = self.reach(rects)
        windows = self._windows(changed)
        self.taken = self.windows and sum(one.cells for one in windows) <= WORTH_WHILE * self.target.whole.cells
        if self.taken:
            self.taken = self._in_windows(windows)
        if not self.taken:
            self.target.map.copy_(self._whole())
        return changed

    def cost(self, rects: list[_Rect] | None) -> int:
        """What it takes to recompute after `rects` changed in the target, or everything."""
        cells = self.target.whole.cells
        if rects is None or not self.windows:
            return CALL + self.work * cells
        windows = self._windows(rects)
        return WINDOW_CALL * len(windows) + self.work * min(cells, sum(one.cells for one in windows))

    def _windows(self, changed: list[_Rect]) -> list[_Rect]:
        """Windows that hold `changed`: few, unless they would come to most of the map."""
        few = _merged(changed, self.slack)
        if sum(one.cells for one in few) > WORTH_WHILE * self.target.whole.cells:
            few = changed
        return [self._rounded(one) for one in few]

    def _rounded(self, rect: _Rect) -> _Rect:
        """`rect` with its sides rounded up as `ALIGNMENTS` say, where the map has room."""
        if not self.doubtful:
            return rect
        sides: list[int] = []
        for start, stop, size in (
            (rect.row, rect.row_stop, self.target.size[0]),
            (rect.col, rect.col_stop, self.target.size[1]),
        ):
            length = stop - start
            alignment = next(to for most, to in ALIGNMENTS if length <= most)
            length = min(size, -(-length // alignment) * alignment)
            start = min(start, size - length)
            sides += [start, start + length]
        return _Rect(*sides)

    def _input(self, rect: _Rect) -> Tensor:
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

    def _in_windows(self, windows: list[_Rect]) -> bool:
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


class _Pick(_Node):
    """The last step of adaptive polyphase sampling, which compares all places: a window only while the phase stays."""

    phase = -1

    def update(self, rects: list[_Rect]) -> list[_Rect]:
        parts = operations.components(self.source.map)
        phase = int(operations.chosen_phase(parts)[0])
        changed = self.reach(rects) if phase == self.phase else [self.target.whole]
        self.phase = phase
        self.target.map.copy_(parts[phase])
        return changed


class _Everywhere(_Node):
    """A layer without places: any change reaches all of it."""

    def reach(self, rects: list[_Rect]) -> list[_Rect]:
        return [self.target.whole] if rects else []

    def update(self, rects: list[_Rect]) -> list[_Rect]:
        if rects:
            self.target.map.copy_(self._whole())
        return self.reach(rects)


class WindowedForward:
    """A network that follows a drag: the maps of `Forward`, bit by bit, recomputed only where they can differ.

    Parameters
    ----------
    network : Network
    canvas : (rows, cols)

    Attributes
    ----------
    stages : tuple of StageInfo
    maps : dict of str to Tensor
        The map (1, C, h, w) of every stage. Views of buffers that the next update writes into.
    dirty : dict of str to tuple of Area
        For the canvas ('input') and every stage the rectangles outside of which nothing changed in the
        last update.
    windowed_stages : frozenset of str
        Stages of which only windows were computed in the last update.

    Raises
    ------
    NetworkError
        Where the network cannot be built on this canvas.

    Notes
    -----
    float32 on the CPU only. Without oneDNN windows are taken only where torch's own convolution happens
    to give the same bits.
    """

    def __init__(self, network: Network, canvas: Pair) -> None:
        self._forward = Forward(network, canvas)
        self.stages: tuple[StageInfo, ...] = self._forward.stages
        self._stale = True
        self._decisions: dict[tuple[Pair, ...], bool] = {}
        with torch.inference_mode():
            self._nodes = [
                node
                for index, layer in enumerate(network.spec.active)
                for node in self._nodes_of(index, layer, self.stages[index])
            ]
            self._buffers = self._connected(network.spec.channels, canvas)
        self._canvas = self._buffers[0]
        self._pixels: NDArray[np.float32] = self._canvas.map[0].numpy()
        self.maps: dict[str, Tensor] = {}
        self.dirty: dict[str, tuple[Area, ...]] = {}
        self.windowed_stages: frozenset[str] = frozenset()

    @property
    def windowed(self) -> bool:
        """Whether the last update took a window anywhere, or had nothing to do."""
        return bool(self.windowed_stages)

    def update(
        self, image: Tensor | NDArray[np.floating], dirty: Sequence[tuple[int, int, int, int]] | None = None
    ) -> dict[str, Tensor]:
        """The maps for an image.

        Parameters
        ----------
        image : (C, H, W)
        dirty : sequence of (top, left, height, width), optional
            Rectangles of the canvas outside of which the image is that of the last update. None, or the
            first update, computes everything.

        Returns
        -------
        dict of str to Tensor
            `maps`; the next update writes into them.

        Raises
        ------
        NetworkError
            For an image of another shape.
        """
        values = image.numpy() if isinstance(image, Tensor) else image
        if values.shape != self._pixels.shape:
            raise NetworkError(f"the network takes images of {self._pixels.shape}, not {values.shape}")
        rects = [self._canvas.whole] if dirty is None or not self.maps else _clipped(dirty, self._canvas.size)
        if not rects:
            self.dirty = dict.fromkeys((CANVAS, *self._forward.names), ())
            self.windowed_stages = frozenset(self._forward.names)
            return self.maps
        with torch.inference_mode():
            if not self._worth_while(rects):
                self.maps = self._forward.maps(values)
                self._stale, self.windowed_stages = True, frozenset()
                self.dirty = {CANVAS: (Area(0, 0, *self._canvas.size),)}
                self.dirty |= {info.name: (Area(0, 0, *info.size),) for info in self.stages}
            else:
                self._follow(values, rects)
        return self.maps

    def reach(self, boxes: Sequence[tuple[int, int, int, int]]) -> dict[str, tuple[Area, ...]]:
        """Where maps can differ if two images differ in `boxes` alone: for the canvas ('input') and every stage.

        With the boxes in which a scene differs from the blank one, everything outside is the blank
        response. Computes nothing.
        """
        rects = _clipped(boxes, self._canvas.size)
        found = {CANVAS: _areas(rects)}
        for node in self._nodes:
            # two images may be sampled at other phases
            rects = [node.target.whole] if rects and isinstance(node, _Pick) else node.reach(rects)
            if node.name:
                found[node.name] = _areas(rects)
        return found

    def _follow(self, values: NDArray[np.floating], rects: list[_Rect]) -> None:
        """Take in `rects` of the image and let the change go through the nodes."""
        everything = self._stale
        if everything:
            rects = [self._canvas.whole]
        for rect in rects:
            _, _, rows, cols = rect.slices
            self._pixels[:, rows, cols] = values[:, rows, cols]
        self.dirty = {CANVAS: _areas(rects)}
        taken: list[str] = []
        within = True
        for node in self._nodes:
            if rects:
                rects = node.update(rects)
                within = within and node.taken
            if node.name:
                self.dirty[node.name] = _areas(rects)
                if rects and within and not everything:
                    taken.append(node.name)
                within = True
        self.maps = {node.name: node.target.map for node in self._nodes if node.name}
        self.windowed_stages, self._stale = frozenset(taken), False

    def _worth_while(self, rects: list[_Rect]) -> bool:
        """Whether following `rects` is less work than a whole forward; remembered for rectangles of the same sizes."""
        sizes = tuple((one.row_stop - one.row, one.col_stop - one.col) for one in rects)
        if sizes not in self._decisions:
            cost = 0
            for node in self._nodes:
                rects = node.reach(rects)
                cost += node.cost(rects)
            self._decisions[sizes] = cost <= WORTH_WHILE * sum(node.cost(None) for node in self._nodes)
        return self._decisions[sizes]

    def _connected(self, channels: int, canvas: Pair) -> list[_Buffer]:
        """Give every node its buffers; the first is the canvas."""
        buffers: list[_Buffer] = []
        size = canvas
        for index, node in enumerate([*self._nodes, None]):
            reader = node.step if node else None
            value = -torch.inf if isinstance(node, _Max) else 0.0
            buffers.append(_Buffer(channels, size, reader, value))
            if node is None:
                break
            node.source = buffers[-1]
            channels, size = self._after(index, node, channels, size)
            node.set_work(channels)
        for node, buffer in zip(self._nodes, buffers[1:], strict=True):
            node.target = buffer
        return buffers

    def _after(self, index: int, node: _Node, channels: int, size: Pair) -> tuple[int, Pair]:
        """Channels and size that a node leads to."""
        if node.name:
            info = self.stages[self._forward.index(node.name)]
            return info.channels, info.size
        assert node.step is not None, index
        return channels, (node.step.size(0, size[0]), node.step.size(1, size[1]))

    def _nodes_of(self, index: int, layer: LayerSpec, info: StageInfo) -> list[_Node]:
        """The nodes of a layer; the last one bears its name."""
        windows, name = steps(layer), info.name

        def alone(x: Tensor) -> Tensor:
            return self._forward.run(index, x)

        match layer:
            case Conv():
                return [self._convolution(name, layer, windows[0])]
            case Activation():
                return [_Node(name, None, alone, windows=layer.function in EXACT_ON_STRIDED)]
            case Norm():
                return [_Node(name, None, alone)]
            case MaxPool():
                return [_Max(name, windows[0])]
            case AvgPool():
                return [_Pooled(name, windows[0], operations.mean)]
            case BlurPool():
                inner = [_Max("", one) for one in windows[:-1]]
                return [*inner, _Pooled(name, windows[-1], operations.blurred)]
            case Polyphase():
                inner = [_Max("", windows[0])] if layer.max_kernel != (1, 1) else []
                blur = [_Pooled("", windows[-2], operations.blurred)] if layer.blur > 1 else []
                return [*inner, *blur, _Pick(name, windows[-1], alone, windows=False)]
            case Subsample():
                return [_Node(name, windows[0], alone)]
            case _:
                return [_Everywhere(name, None, alone, windows=False)]

    def _convolution(self, name: str, layer: Conv, step: Step) -> _Node:
        weight, bias = self._forward.tensors[f"{name}.weight"], self._forward.tensors.get(f"{name}.bias")
        if operations.serves_onednn(weight, layer.groups):
            # seen to differ between a window and the whole map
            windows = not (layer.kernel == (1, 1) and layer.stride != (1, 1))
            return _Onednn(name, step, weight, bias, windows)

        def operate(x: Tensor) -> Tensor:
            return F.conv2d(x, weight, bias, step.stride, (0, 0), step.dilation, layer.groups)

        return _Node(name, step, operate, layer.groups == 1, doubtful=True, work=weight.numel())


def _bare(step: Step) -> Step:
    """The same window on a map that is padded already."""
    return Step(step.kernel, step.stride, step.dilation)


class _Pooled(_Node):
    """A window of an `operations` function of map and step."""

    def __init__(self, name: str, step: Step, pool: Callable[[Tensor, Step], Tensor]) -> None:
        bare = _bare(step)
        super().__init__(name, step, lambda x: pool(x, bare))


class _Max(_Pooled):
    """A maximum: its padding holds minus infinity."""

    def __init__(self, name: str, step: Step) -> None:
        super().__init__(name, step, operations.maximum)


class _Onednn(_Node):
    """A convolution by oneDNN."""

    def __init__(self, name: str, step: Step, weight: Tensor, bias: Tensor | None, windows: bool) -> None:
        operate = operations.packed_onednn(weight, bias, step.stride, step.dilation)
        super().__init__(name, step, operate, windows, doubtful=True, work=weight.numel())


def _areas(rects: list[_Rect]) -> tuple[Area, ...]:
    return tuple(Area(one.row, one.col, one.row_stop - one.row, one.col_stop - one.col) for one in rects)


def _clipped(boxes: Sequence[tuple[int, int, int, int]], size: Pair) -> list[_Rect]:
    """Boxes as rectangles inside the canvas, those that overlap joined."""
    rects: list[_Rect] = []
    for top, left, height, width in boxes:
        rect = _Rect(max(top, 0), min(top + height, size[0]), max(left, 0), min(left + width, size[1]))
        if rect.row < rect.row_stop and rect.col < rect.col_stop:
            rects.append(rect)
    return _merged(rects, 0)
