"""The answers of a head at every place, from one forward for every distinct place and phase.

A dense head is linear: what the object adds to its outputs is the change of the map before it, slid over
the dense weights, which for all places of a phase is one convolution. A pooling over all places answers
alike at all places of a phase.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from shiftlab.measure.alike import Indices, Kind, axis_of
from shiftlab.measure.body import Body, Head
from shiftlab.measure.jobs import Step
from shiftlab.network.modules import Forward

Floats = NDArray[np.float32]
BATCH_BYTES = 16 << 20
"""The largest map of a batch: above 32 MiB every allocation costs page faults."""


def by_phases(
    body: Body, head: Head, following: int, patch: Floats, whole: Floats
) -> Generator[Step[None], None, tuple[Floats, int]]:
    """The outputs (R, C, K) at every place, and how many forwards were run.

    Parameters
    ----------
    head : what follows the body
    following : the number of the stage behind that
    patch : (C, h, w), the object
    whole : (C, H, W), the level ground
    """
    forward, canvas = body.forward, body.forward.canvas
    height, width = patch.shape[1:]
    # a maximum wants cells left that see nothing but ground
    spare = 2 if head == "maximum" else 0
    down, across = axis_of(body, canvas, 0, height, spare), axis_of(body, canvas, 1, width, spare)
    short = body.on((down.side, across.side))
    blank = torch.tensor(whole[:, : down.side, : across.side], dtype=forward.dtype, device=forward.device)
    with torch.inference_mode():
        ground = _last(short, blank[None])
        on_whole = _last(body.on(canvas), torch.tensor(whole, dtype=forward.dtype, device=forward.device)[None])
        answer = _Dense(body, following, on_whole) if head == "dense" else _Pooled(head, ground, on_whole)
        outputs = torch.empty(
            canvas[0] - height + 1, canvas[1] - width + 1, answer.outputs, dtype=forward.dtype, device=forward.device
        )
        total = sum(len(kind.distinct) for kind in down.kinds)
        columns = [column for kind in across.kinds for column in kind.distinct]
        done = 0
        pixels = torch.tensor(patch, dtype=forward.dtype, device=forward.device)
        for row_kind in down.kinds:
            for number, row in enumerate(row_kind.distinct):
                maps = _placed(short, blank, pixels, row, columns)
                at = 0
                for kind in across.kinds:
                    some = maps[at : at + len(kind.distinct)]
                    at += len(kind.distinct)
                    answered = answer(some, ground, row_kind, kind)
                    _spread(outputs, answered, row_kind, number, kind)
                done += 1
                yield Step(done, total)
        return _rest(forward, outputs, following), total * len(columns)


def _last(forward: Forward, x: Tensor) -> Tensor:
    """The last map of a body."""
    for index in range(len(forward.stages)):
        x = forward.run(index, x)
    return x


def _placed(short: Forward, blank: Tensor, pixels: Tensor, row: int, columns: list[int]) -> Tensor:
    """Last maps (N, C, h, w) with the object in one row and at each of the columns."""
    largest = max(info.channels * info.size[0] * info.size[1] for info in short.stages) * blank.element_size()
    some = max(1, BATCH_BYTES // largest)
    found: list[Tensor] = []
    for begin in range(0, len(columns), some):
        part = columns[begin : begin + some]
        images = blank.repeat(len(part), 1, 1, 1)
        for image, column in zip(images, part, strict=True):
            image[:, row : row + pixels.shape[1], column : column + pixels.shape[2]] = pixels
        found.append(_last(short, images))
    return torch.cat(found)


class _Dense:
    """The outputs of the dense layer that reads the last map."""

    def __init__(self, body: Body, following: int, on_whole: Tensor) -> None:
        forward = body.forward
        name = forward.names[following - 1]
        channels, rows, cols = on_whole.shape[1:]
        self.weights = forward.tensors[f"{name}.weight"].reshape(-1, channels, rows, cols)
        self.outputs = self.weights.shape[0]
        self._ground = forward.run(following - 1, on_whole)[0, :, 0, 0]
        self._cut: dict[tuple[int, int], Tensor] = {}

    def __call__(self, maps: Tensor, ground: Tensor, rows: Kind, cols: Kind) -> Tensor:
        """(K, N, row shifts, col shifts) for N stand-ins of one row."""
        if len(rows.cells) == 0 or len(cols.cells) == 0:
            return self._ground[:, None, None, None].expand(-1, len(maps), rows.shifts, cols.shifts)
        change = (maps - ground).index_select(2, _index(rows.cells, maps))
        change = change.index_select(3, _index(cols.cells, maps))
        key = (id(rows), id(cols))
        if key not in self._cut:
            self._cut[key] = _slid(cols, _slid(rows, self.weights, 2), 3).contiguous()
        met = self._cut[key]
        if met.shape[2:] == change.shape[2:]:
            answered = (met.flatten(1) @ change.flatten(1).T)[:, :, None, None]
        else:
            answered = F.conv2d(met, change)
        return answered + self._ground[:, None, None, None]


class _Pooled:
    """The outputs of a pooling over all places: the same for all places of a phase."""

    def __init__(self, head: Head, ground: Tensor, on_whole: Tensor) -> None:
        self.outputs = on_whole.shape[1]
        self._head = head
        self._mean = on_whole.mean((2, 3))[0]
        self._cells = on_whole.shape[2] * on_whole.shape[3]

    def __call__(self, maps: Tensor, ground: Tensor, rows: Kind, cols: Kind) -> Tensor:
        mean = self._head == "mean"
        pooled = (maps - ground).sum((2, 3)) / self._cells + self._mean if mean else maps.amax((2, 3))
        return pooled.T[:, :, None, None].expand(-1, -1, rows.shifts, cols.shifts)


def _spread(outputs: Tensor, answered: Tensor, rows: Kind, number: int, cols: Kind) -> None:
    """Write (K, N, row shifts, col shifts) to the places that each stand-in stands for."""
    k, n, down, across = answered.shape
    stride = len(rows.distinct)
    places = (
        torch.arange(number, len(rows.places), stride)
        if down > 1 or stride < len(rows.places)
        else torch.tensor([number])
    )
    # place = shift * phases + phase
    flat = answered.permute(2, 3, 1, 0).reshape(down, across * n, k)[: len(places), : len(cols.places)]
    first = cols.places.start
    outputs[rows.places.start + places, first : first + len(cols.places)] = flat


def _rest(forward: Forward, outputs: Tensor, following: int) -> Floats:
    """The stages after the head's first, for all places at once."""
    rows, cols, k = outputs.shape
    x = outputs.reshape(-1, k, 1, 1)
    for index in range(following, len(forward.stages)):
        x = forward.run(index, x)
    return x.reshape(rows, cols, -1).cpu().float().numpy()


def _slid(kind: Kind, weights: Tensor, axis: int) -> Tensor:
    """The dense weights (K, C, H, W) that meet the changes of one kind, cut along an axis."""
    if len(kind.places) == len(kind.distinct):
        return weights.index_select(axis, _index(kind.first, weights))
    if len(kind.first) == 0:
        return weights.narrow(axis, 0, 0)
    first, length = int(kind.first[0]), kind.shifts - 1 + int(kind.first[-1] - kind.first[0]) + 1
    there = min(length, weights.shape[axis] - first)
    # phases that come once less would run over the end
    padding = [0, 0, 0, length - there] if axis == 2 else [0, length - there]
    return F.pad(weights.narrow(axis, first, there), padding)


def _index(cells: Indices, beside: Tensor) -> Tensor:
    return torch.tensor(cells.tolist(), dtype=torch.int64, device=beside.device)
