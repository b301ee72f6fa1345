"""A forward that recomputes only what a move can have changed.

The seam: nothing outside of this module and its parts, `window_buffers`, `window_nodes` and
`window_convolution`, knows of windows. A `WindowedForward` answers like `Forward.maps`, with the same
bits; it is told which rectangles of the canvas may differ from last time, and tells which rectangles of
every map may. Inside, each map lies in a buffer that already holds the padding of the layer that reads
it. A changed rectangle goes through the layers one by one: kernel, stride, dilation and padding say
which cells it can reach (wrapped and mirrored padding make it appear on the other side too), only the
input that those cells read is computed on, and the result is written into the next buffer in place. A
layer is computed whole where the windows come to most of its map, where it looks at all places
at once, or where its values on a window are not the bits of the whole map: a convolution is compared
with its whole map the first time that a window of some size is used, or before, at rest (`prepare`).

While one rectangle stays one rectangle its two axes go their ways alone: what an interval of one axis
comes to, layer by layer, is a row of `Line`s that is worked out once, and a frame only crosses the lines
of its rows with those of its columns.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import partial

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
from shiftlab.network.window_buffers import Area, Buffer, Rect, areas, clipped
from shiftlab.network.window_convolution import Convolution, Proofs
from shiftlab.network.window_nodes import WORTH_WHILE, Everywhere, Line, Max, Node, Pick, Pooled, Relu

EXACT_ON_STRIDED = ("relu", "leaky_relu", "abs", "identity")
"""Activations with the same bits wherever in memory a cell lies; others have a vector and a scalar form."""
MOST_KNOWN = 1024
"""Intervals of an axis whose way through the layers is remembered, and boxes whose reach is."""


class WindowedForward:
    """A network that follows a drag: the maps of `Forward`, bit by bit, recomputed only where they can differ.

    Parameters
    ----------
    network : Network
    canvas : (rows, cols)
    proofs : dict, optional
        For every convolution what is known of its windows; networks of one spec may share it, whatever their
        weights, on one canvas.

    Attributes
    ----------
    stages : tuple of StageInfo
    maps : dict of str to Tensor
        The map (1, C, h, w) of every stage. Views of buffers that the next update writes into.
    arrays : dict of str to array
        The same maps as (C, h, w).
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

    def __init__(self, network: Network, canvas: Pair, proofs: dict[str, Proofs] | None = None) -> None:
        self._forward = Forward(network, canvas)
        self._proofs = {} if proofs is None else proofs
        self.stages: tuple[StageInfo, ...] = self._forward.stages
        self._stale = True
        self._known: dict[tuple[int, int, int], list[Line]] = {}
        self._decisions: dict[tuple[Pair, ...], bool] = {}
        with torch.inference_mode():
            self._nodes = [
                node
                for index, layer in enumerate(network.spec.active)
                for node in self._nodes_of(index, layer, self.stages[index])
            ]
            self._buffers = self._connected(network.spec.channels, canvas)
        self._canvas = self._buffers[0]
        self._followed = {node.name: node.target.map for node in self._nodes if node.name}
        self._pixels: NDArray[np.float32] = self._canvas.map[0].numpy()
        self._followed_arrays = {node.name: node.target.cells for node in self._nodes if node.name}
        self.maps: dict[str, Tensor] = {}
        self.arrays: dict[str, NDArray[np.float32]] = {}
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
        rects = [self._canvas.whole] if dirty is None or not self.maps else clipped(dirty, self._canvas.size)
        if not rects:
            self.dirty = dict.fromkeys((CANVAS, *self._forward.names), ())
            self.windowed_stages = frozenset(self._forward.names)
            return self.maps
        with torch.inference_mode():
            if not self._worth_while(rects):
                self.maps = self._forward.maps(values)
                self.arrays = {name: one[0].numpy() for name, one in self.maps.items()}
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
        rects = clipped(boxes, self._canvas.size)
        found = {CANVAS: areas(rects)}
        lines = self._crossed(rects[0]) if len(rects) == 1 else []
        for row, col, node in lines:
            if node.name:
                found[node.name] = (_area(row, col),)
        if lines:
            rects = [Rect(*lines[-1][0].changed, *lines[-1][1].changed)]
        for node in self._nodes[len(lines) :]:
            # two images may be sampled at other phases
            rects = [node.target.whole] if rects and isinstance(node, Pick) else node.reach(rects)
            if node.name:
                found[node.name] = areas(rects)
        return found

    def prepare(
        self,
        image: Tensor | NDArray[np.floating],
        moves: Sequence[Sequence[tuple[int, int, int, int]]],
        check: Callable[[], None],
    ) -> None:
        """Do beforehand what the first moves of a drag would have to do: fill the buffers, and find out how windows
        are to be computed.

        Parameters
        ----------
        image : (C, H, W)
            That of the last update.
        moves : for every move that may come the rectangles that it would change
        check : function
            Called between the moves; it may raise, and the rest is left for the drag.
        """
        likely = [rects for one in moves if (rects := clipped(one, self._canvas.size)) and self._worth_while(rects)]
        if not likely:
            return
        with torch.inference_mode():
            if self._stale:
                self._follow(image.numpy() if isinstance(image, Tensor) else image, [self._canvas.whole])
            for rects in likely:
                check()
                for row, col, node in self._crossed(rects[0]) if len(rects) == 1 else ():
                    if isinstance(node, Convolution):
                        node.prove(row, col)

    def _follow(self, values: NDArray[np.floating], rects: list[Rect]) -> None:
        """Take in `rects` of the image and let the change go through the nodes."""
        everything = self._stale
        if everything:
            rects = [self._canvas.whole]
        for rect in rects:
            _, _, rows, cols = rect.slices
            self._pixels[:, rows, cols] = values[:, rows, cols]
        self.dirty = {CANVAS: areas(rects)}
        taken: list[str] = []
        within = True
        lines = self._crossed(rects[0]) if len(rects) == 1 and not everything else []
        given: Tensor | None = None
        for row, col, node in lines:
            given = node.cross(row, col, given)
            within = within and node.taken
            if node.name:
                self.dirty[node.name] = (_area(row, col),)
                if within:
                    taken.append(node.name)
                within = True
        if lines:
            rects = [Rect(*lines[-1][0].changed, *lines[-1][1].changed)]
        for node in self._nodes[len(lines) :]:
            if everything:
                rects = node.renew()
            elif rects:
                rects = node.update(rects)
                within = within and node.taken
            if node.name:
                self.dirty[node.name] = areas(rects)
                if rects and within and not everything:
                    taken.append(node.name)
                within = True
        self.maps, self.arrays = self._followed, self._followed_arrays
        self.windowed_stages, self._stale = frozenset(taken), False

    def _crossed(self, rect: Rect) -> list[tuple[Line, Line, Node]]:
        """The first nodes, as long as one rectangle stays one rectangle; intervals that came before are remembered."""
        rows, cols = self._lines(0, rect.row, rect.row_stop), self._lines(1, rect.col, rect.col_stop)
        return list(zip(rows, cols, self._nodes, strict=False))

    def _lines(self, axis: int, start: int, stop: int) -> list[Line]:
        key = (axis, start, stop)
        if key in self._known:
            return self._known[key]
        found: list[Line] = []
        line: Line | None = None
        for node in self._nodes:
            line = None if isinstance(node, Pick | Everywhere) else node.line(axis, start, stop, line)
            if line is None:
                break
            found.append(line)
            start, stop = line.changed
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[key] = found
        return found

    def _worth_while(self, rects: list[Rect]) -> bool:
        """Whether following `rects` is less work than a whole forward; remembered for rectangles of the same sizes."""
        sizes = tuple((one.row_stop - one.row, one.col_stop - one.col) for one in rects)
        if sizes not in self._decisions:
            cost = 0
            for node in self._nodes:
                rects = node.reach(rects)
                cost += node.cost(rects)
            self._decisions[sizes] = cost <= WORTH_WHILE * sum(node.cost(None) for node in self._nodes)
        return self._decisions[sizes]

    def _connected(self, channels: int, canvas: Pair) -> list[Buffer]:
        """Give every node its buffers; the first is the canvas."""
        buffers: list[Buffer] = []
        size = canvas
        for index, node in enumerate([*self._nodes, None]):
            reader = node.step if node else None
            value = -torch.inf if isinstance(node, Max) else 0.0
            buffers.append(Buffer(channels, size, reader, value))
            if node is not None:
                channels, size = self._after(index, node, channels, size)
        for node, (source, target) in zip(self._nodes, itertools.pairwise(buffers), strict=True):
            node.connect(source, target)
        return buffers

    def _after(self, index: int, node: Node, channels: int, size: Pair) -> tuple[int, Pair]:
        """Channels and size that a node leads to."""
        if node.name:
            info = self.stages[self._forward.index(node.name)]
            return info.channels, info.size
        assert node.step is not None, index
        return channels, (node.step.size(0, size[0]), node.step.size(1, size[1]))

    def _nodes_of(self, index: int, layer: LayerSpec, info: StageInfo) -> list[Node]:
        """The nodes of a layer; the last one bears its name."""
        windows, name = steps(layer), info.name

        def alone(x: Tensor) -> Tensor:
            return self._forward.run(index, x)

        match layer:
            case Conv():
                return [self._convolution(name, layer, windows[0])]
            case Activation():
                if layer.function == "relu":
                    return [Relu(name)]
                function = operations.ACTIVATIONS[layer.function]
                if layer.function in EXACT_ON_STRIDED:
                    return [Node(name, None, function)]
                return [Node(name, None, lambda x: function(x.contiguous()), windows=False)]
            case Norm():
                return [Node(name, None, alone)]
            case MaxPool():
                return [Max(name, windows[0])]
            case AvgPool():
                return [Pooled(name, windows[0], operations.mean)]
            case BlurPool():
                inner = [Max("", one) for one in windows[:-1]]
                return [*inner, Pooled(name, windows[-1], operations.blurred)]
            case Polyphase():
                inner = [Max("", windows[0])] if layer.max_kernel != (1, 1) else []
                blur = [Pooled("", windows[-2], operations.blurred)] if layer.blur > 1 else []
                return [*inner, *blur, Pick(name, windows[-1], alone, windows=False)]
            case Subsample():
                return [Node(name, windows[0], alone)]
            case _:
                return [Everywhere(name, None, alone, windows=False)]

    def _convolution(self, name: str, layer: Conv, step: Step) -> Node:
        weight, bias = self._forward.tensors[f"{name}.weight"], self._forward.tensors.get(f"{name}.bias")
        proofs = self._proofs.setdefault(name, {})
        if operations.serves_onednn(weight, layer.groups):
            # seen to differ between a window and the whole map
            windows = not (layer.kernel == (1, 1) and layer.stride != (1, 1))
            operate = operations.packed_onednn(weight, bias, step.stride, step.dilation)
            alone = operations.serves_one_channel(weight, step.dilation)

            def of_one_channel(x: Tensor) -> Tensor:
                return operations.one_channel(x, weight, bias, (0, 0), step.stride)

            whole = of_one_channel if alone else operate
            dilated = partial(operations.packed_onednn, weight, bias, (1, 1))
            return Convolution(name, step, weight, bias, operate, whole, windows, dilated, proofs)

        def torchs_own(x: Tensor) -> Tensor:
            return F.conv2d(x, weight, bias, step.stride, (0, 0), step.dilation, layer.groups)

        return Convolution(name, step, weight, bias, torchs_own, torchs_own, layer.groups == 1, proofs=proofs)


def _area(row: Line, col: Line) -> Area:
    """What changes where two lines cross."""
    (top, bottom), (left, right) = row.changed, col.changed
    return Area(top, left, bottom - top, right - left)
