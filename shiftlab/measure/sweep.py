"""What a head answers with the object at every place of the canvas.

On a level ground the maps round an object depend on its place only through its phase, the place modulo
the cumulative stride, as long as none of the cells that see it also sees the border. So an axis has a
few places near either border and one for each phase in between, on a canvas of any size. They are
all found on a canvas that is shorter by a multiple of the stride; the forward is run there, once for
every distinct place. A dense head is linear: what the object adds to its outputs is the change of the
map before it, slid over the dense weights, which for all places of a phase is one convolution.

Where this does not hold (a ground that is not level, adaptive polyphase sampling, whose choice looks at
all places, a head of another build) the object is moved from place to place and followed by the
windowed forward.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from shiftlab.measure.curves import Step
from shiftlab.network.geometry import cells_reached, stages
from shiftlab.network.modules import Forward
from shiftlab.network.spec import Dense, Flatten, GlobalAvg, GlobalMax, NetworkError, NetworkSpec, Pair, Polyphase
from shiftlab.network.weights import Network, Weights
from shiftlab.network.windowed import WindowedForward

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]
Way = Literal["phases", "windows"]
BATCH_BYTES = 16 << 20
"""The largest map of a batch: above 32 MiB every allocation costs page faults."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """A head's outputs for every place.

    Attributes
    ----------
    rows, cols : (R,) and (C,) int
        Where the object's first pixel stands.
    values : (R, C, K) float32
        The outputs of the last stage, its logits where it is a classifier.
    way : 'phases' or 'windows'
        Whether distinct places were enough, or each was computed.
    computed : int
        Forwards that were run.
    """

    rows: Indices
    cols: Indices
    values: Floats
    way: Way
    computed: int


@dataclass(frozen=True)
class _Kind:
    """Places along one axis that are treated alike: at the near border, in between, or at the far border.

    Attributes
    ----------
    places : range
        On the whole canvas.
    distinct : range
        Their stand-ins on the shorter canvas; in between one for each phase.
    cells : rows or cols of the last map (shorter canvas) that the object can change
    first : the same on the whole canvas; in between where the first place of each phase has them
    """

    places: range
    distinct: range
    cells: Indices
    first: Indices

    @property
    def shifts(self) -> int:
        """How many cells the change of one stand-in is slid over, in all."""
        return -(-len(self.places) // len(self.distinct))


@dataclass(frozen=True)
class _Axis:
    """One axis of the shorter canvas and its kinds of places."""

    side: int
    kinds: tuple[_Kind, ...]


class _Body:
    """The layers with places, on any canvas."""

    def __init__(self, forward: Forward) -> None:
        spec, infos = forward.network.spec, forward.stages
        count = sum(info.stride is not None for info in infos)
        self.forward, self.count, self.info = forward, count, infos[count - 1] if count else None
        layers = spec.active[:count]
        self.spec = NetworkSpec(name=spec.name, layers=layers, channels=spec.channels, seed=spec.seed)
        names = set(self.spec.stage_names)
        arrays = {
            name: tensor.detach().cpu().float().numpy()
            for name, tensor in forward.tensors.items()
            if name.rpartition(".")[0] in names
        }
        self._network = Network(self.spec, Weights(arrays))

    def on(self, canvas: Pair) -> Forward:
        return Forward(self._network, canvas, self.forward.dtype, str(self.forward.device))


def _reach(body: _Body, canvas: Pair, axis: int, start: int, stop: int) -> Indices:
    """Cells of the last map, along one axis, that see any pixel of [start, stop)."""
    masks = [np.ones(side, dtype=np.bool_) for side in canvas]
    masks[axis] = (np.arange(canvas[axis]) >= start) & (np.arange(canvas[axis]) < stop)
    assert body.info is not None
    return np.flatnonzero(cells_reached(body.spec, canvas, masks[0], masks[1])[body.info.name][axis])


def _between(body: _Body, side: int, axis: int, size: int) -> range:
    """The places at which all cells that see an object of `size` pixels see the inside of the canvas alone."""
    info = body.info
    assert info is not None
    assert info.stride is not None
    assert info.receptive_field is not None
    assert info.offset is not None
    stride, field = info.stride[axis], info.receptive_field[axis]
    padding = round((field - 1) / 2 - info.offset[axis])
    places = np.arange(side - size + 1)
    # cell u sees [u stride - padding, u stride - padding + field - 1]
    first = -((field - 1 - padding - places) // stride)
    last = (places + size - 1 + padding) // stride
    inside = (first * stride - padding >= 0) & (last * stride - padding + field <= side)
    found = np.flatnonzero(inside)
    return range(int(found[0]), int(found[-1]) + 1) if len(found) else range(0)


def _axis(body: _Body, canvas: Pair, axis: int, size: int, spare: int) -> _Axis:
    """The shorter canvas of one axis, with `spare` strides more than it needs; the whole one if there is no gain."""
    info, side = body.info, canvas[axis]
    assert info is not None
    assert info.stride is not None
    stride, places = info.stride[axis], range(side - size + 1)
    between = _between(body, side, axis, size)
    gone = (len(between) - (1 + spare) * stride) // stride
    if gone >= 1:
        shorter = side - gone * stride
        found = _shortened(body, canvas, axis, size, between, shorter)
        if found is not None:
            return found
    cells = np.arange(info.size[axis])
    return _Axis(side, (_Kind(places, places, cells, cells),))


def _shortened(body: _Body, canvas: Pair, axis: int, size: int, between: range, side: int) -> _Axis | None:
    """The kinds of places on a canvas of `side`; None where they cannot be told apart there."""
    info = body.info
    assert info is not None
    assert info.stride is not None
    stride, gone = info.stride[axis], canvas[axis] - side
    short: Pair = (side, canvas[1]) if axis == 0 else (canvas[0], side)
    last = stages(body.spec, short)[-1]
    missing = info.size[axis] - last.size[axis]
    if missing * stride != gone or _between(body, side, axis, size) != range(between.start, between.stop - gone):
        return None
    before, after = range(between.start), range(between.stop, canvas[axis] - size + 1)
    kinds: list[_Kind] = []
    for places, distinct, far in ((before, before, False), (after, range(after.start - gone, after.stop - gone), True)):
        if not places:
            continue
        cells = _reach(body, short, axis, distinct.start, distinct.stop - 1 + size)
        first = _on_whole(cells, last.size[axis], missing, far)
        if first is None:
            return None
        kinds.append(_Kind(places, distinct, cells, first))
    phases = range(between.start, between.start + stride)
    cells = _reach(body, short, axis, phases.start, phases.stop - 1 + size)
    kinds.append(_Kind(between, phases, cells, cells))
    return _Axis(side, tuple(kinds))


def _on_whole(cells: Indices, side: int, missing: int, far: bool) -> Indices | None:
    """Where cells of the shorter map stand on the whole one, near either of its ends; None where that is not clear.

    With circular padding an object at one end reaches the other.
    """
    if len(cells) == 0:
        return cells
    gaps = np.flatnonzero(np.diff(cells) > 1)
    if len(gaps) > 1 or (len(gaps) == 0 and len(cells) == side):
        return None
    beyond = cells > cells[gaps[0]] if len(gaps) else np.full(len(cells), far)
    return cells + missing * beyond


def _places(count: int) -> Indices:
    return np.arange(count, dtype=np.intp)


def _index(cells: Indices, beside: Tensor) -> Tensor:
    return torch.tensor(cells.tolist(), dtype=torch.int64, device=beside.device)


def _slid(kind: _Kind, weights: Tensor, axis: int) -> Tensor:
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


Job = Generator[Step, None, Sweep]


def sweep(forward: Forward, patch: Floats, ground: float | Floats = 0.0) -> Job:
    """The outputs of a network's last stage with an object at every place where it lies wholly on the canvas.

    Parameters
    ----------
    forward : Forward
        A network that ends in a head (a stage without places).
    patch : (C, h, w)
        The object's pixels, with the ground where it is transparent.
    ground : float, or (C, H, W)
        What lies around.

    Yields
    ------
    Step
        How many distinct rows (or places) are done, of how many.

    Returns
    -------
    Sweep

    Raises
    ------
    NetworkError
        One line: a network without a head, or an object that does not fit the canvas.
    """
    spec, canvas = forward.network.spec, forward.canvas
    if not forward.stages or forward.stages[-1].stride is not None:
        raise NetworkError(f"{spec.name} has no head, whose outputs could be swept")
    if patch.ndim != 3 or patch.shape[0] != spec.channels or any(np.greater(patch.shape[1:], canvas)):
        raise NetworkError(f"an object of {patch.shape} does not fit {spec.channels} channels of {canvas}")
    level = np.ndim(ground) == 0 or bool((np.asarray(ground) == np.asarray(ground)[:, :1, :1]).all())
    whole = np.broadcast_to(np.asarray(ground, dtype=np.float32), (spec.channels, *canvas))
    body = _Body(forward)
    if not level or body.info is None or any(isinstance(layer, Polyphase) for layer in body.spec.active):
        return (yield from _in_windows(forward, patch, whole))
    head = _head(body)
    if head is None:
        return (yield from _in_windows(forward, patch, whole))
    return (yield from _by_phases(body, patch, whole, head))


Head = Literal["dense", "mean", "maximum"]


def _head(body: _Body) -> tuple[Head, int] | None:
    """What comes after the places, and the number of the stage that follows it; None where it is of another build."""
    layers = body.forward.network.spec.active[body.count :]
    match layers:
        case (Flatten(), Dense(), *_):
            return "dense", body.count + 2
        case (Dense(), *_):
            return "dense", body.count + 1
        case (GlobalAvg(), *_):
            return "mean", body.count + 1
        case (GlobalMax(), *_):
            return "maximum", body.count + 1
        case _:
            return None


def _by_phases(body: _Body, patch: Floats, whole: Floats, head: tuple[Head, int]) -> Job:
    forward, canvas = body.forward, body.forward.canvas
    height, width = patch.shape[1:]
    # a maximum wants cells left that see nothing but ground
    spare = 2 if head[0] == "maximum" else 0
    down, across = _axis(body, canvas, 0, height, spare), _axis(body, canvas, 1, width, spare)
    short = body.on((down.side, across.side))
    blank = torch.tensor(whole[:, : down.side, : across.side], dtype=forward.dtype, device=forward.device)
    with torch.inference_mode():
        ground = _last(short, blank[None])
        on_whole = _last(body.on(canvas), torch.tensor(whole, dtype=forward.dtype, device=forward.device)[None])
        answer = _Dense(body, head[1], on_whole) if head[0] == "dense" else _Pooled(head[0], ground, on_whole)
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
        values = _rest(forward, outputs, head[1])
    return Sweep(_places(values.shape[0]), _places(values.shape[1]), values, "phases", total * len(columns))


def _last(forward: Forward, x: Tensor) -> Tensor:
    """The last map of a body; its input where it has no layers."""
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

    def __init__(self, body: _Body, following: int, on_whole: Tensor) -> None:
        forward = body.forward
        name = forward.names[following - 1]
        channels, rows, cols = on_whole.shape[1:]
        self.weights = forward.tensors[f"{name}.weight"].reshape(-1, channels, rows, cols)
        self.outputs = self.weights.shape[0]
        self._ground = forward.run(following - 1, on_whole)[0, :, 0, 0]
        self._cut: dict[tuple[int, int], Tensor] = {}

    def __call__(self, maps: Tensor, ground: Tensor, rows: _Kind, cols: _Kind) -> Tensor:
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

    def __call__(self, maps: Tensor, ground: Tensor, rows: _Kind, cols: _Kind) -> Tensor:
        mean = self._head == "mean"
        pooled = (maps - ground).sum((2, 3)) / self._cells + self._mean if mean else maps.amax((2, 3))
        return pooled.T[:, :, None, None].expand(-1, -1, rows.shifts, cols.shifts)


def _spread(outputs: Tensor, answered: Tensor, rows: _Kind, number: int, cols: _Kind) -> None:
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


def _in_windows(forward: Forward, patch: Floats, ground: Floats) -> Job:
    """Every place by itself, following the object."""
    canvas, (height, width) = forward.canvas, patch.shape[1:]
    rows, cols = canvas[0] - height + 1, canvas[1] - width + 1
    answer = _follower(forward)
    image = ground.copy()
    values = np.empty((rows, cols, forward.stages[-1].channels), dtype=np.float32)
    before: tuple[int, int, int, int] | None = None
    for row in range(rows):
        # to and fro, so that two places are always neighbours
        for col in range(cols) if row % 2 == 0 else reversed(range(cols)):
            if before is not None:
                top, left = before[:2]
                old = (slice(None), slice(top, top + height), slice(left, left + width))
                image[old] = ground[old]
            image[:, row : row + height, col : col + width] = patch
            here = (row, col, height, width)
            values[row, col] = answer(image, None if before is None else [before, here])
            before = here
        yield Step(row + 1, rows)
    return Sweep(_places(rows), _places(cols), values, "windows", rows * cols)


def _follower(forward: Forward) -> Callable[[Floats, list[tuple[int, int, int, int]] | None], Floats]:
    """A function of the image and of what changed in it that gives the last stage."""
    name = forward.names[-1]
    if forward.device.type != "cpu" or forward.dtype != torch.float32:
        return lambda image, _: forward.maps(image)[name].flatten().cpu().float().numpy()
    windowed = WindowedForward(Network(forward.network.spec, forward.weights()), forward.canvas)
    return lambda image, dirty: windowed.update(image, dirty)[name].flatten().numpy()
