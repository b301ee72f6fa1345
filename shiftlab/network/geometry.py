"""What follows from a spec and a canvas before anything runs: sizes, strides, receptive fields, what sees what.

Receptive field arithmetic after Araujo, Norris & Sim, "Computing Receptive Fields of Convolutional
Neural Networks" (Distill 2019). A square of cells is always (rows, cols); since every window is a
product of intervals, each axis is treated by itself.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shiftlab.network.info import StageInfo
from shiftlab.network.spec import (
    Activation,
    Conv,
    Dense,
    Flatten,
    GlobalAvg,
    GlobalMax,
    LayerSpec,
    MaxPool,
    NetworkError,
    NetworkSpec,
    Norm,
    Pair,
)
from shiftlab.network.steps import Step, effective_padding, steps

__all__ = [
    "CANVAS",
    "Cells",
    "cells_reached",
    "cells_seeing",
    "cells_seen",
    "channels_seen",
    "effective_padding",
    "fields_inside",
    "hull",
    "stages",
    "touches_padding",
    "wraps",
]

Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]
CANVAS = "input"
"""The key of the canvas itself, where stages are keyed by name."""

LARGEST_MAP = 2**26
"""Values in the maps of one stage, beyond which a network is refused rather than left to exhaust the memory."""
NON_NEGATIVE = ("relu", "sigmoid", "abs")


def _sides(pair: Pair) -> str:
    return f"{pair[0]}x{pair[1]}"


def _window_size(name: str, layer: LayerSpec, step: Step, size: Pair) -> Pair:
    """The size after one window.

    Raises
    ------
    NetworkError
        Where nothing would be left, or the padding asks for more than there is.
    """
    most = (max(step.padding[0]), max(step.padding[1]))
    if isinstance(layer, MaxPool) and step.fill == "zeros" and (most[0] >= step.kernel[0] or most[1] >= step.kernel[1]):
        raise NetworkError(
            f"{name}: padding {_sides(most)} leaves its {_sides(step.kernel)} window with nothing to see"
        )
    if step.fill == "reflect" and (most[0] >= size[0] or most[1] >= size[1]):
        raise NetworkError(f"{name}: reflect padding of {max(most)} needs a larger map than {_sides(size)}")
    if step.fill == "circular" and (most[0] > size[0] or most[1] > size[1]):
        raise NetworkError(f"{name}: circular padding of {max(most)} is more than its {_sides(size)} map goes round")
    after = (step.size(0, size[0]), step.size(1, size[1]))
    if min(after) < 1:
        padded = " with its padding" if any(most) else ""
        raise NetworkError(f"{name}: a {_sides(size)} map{padded} is smaller than its {_sides(step.span)} window")
    return after


def _signed(layer: LayerSpec, before: bool) -> bool:
    match layer:
        case Activation():
            return before if layer.function == "identity" else layer.function not in NON_NEGATIVE
        case Conv() | Norm() | Dense():
            return True
        case _:
            return before


def _channels(name: str, layer: LayerSpec, channels: int, size: Pair) -> int:
    match layer:
        case Conv():
            if channels % layer.groups:
                raise NetworkError(f"{name}: {channels} incoming channels do not divide into {layer.groups} groups")
            return layer.channels
        case Dense():
            return layer.units
        case Flatten():
            return channels * size[0] * size[1]
        case _:
            return channels


def _has_no_places(layer: LayerSpec) -> bool:
    return isinstance(layer, Flatten | Dense | GlobalAvg | GlobalMax)


@lru_cache(maxsize=256)
def stages(spec: NetworkSpec, canvas: Pair) -> tuple[StageInfo, ...]:
    """The static facts of every stage on a canvas of (rows, cols) pixels, in order of flow.

    Receptive field r, cumulative stride S and padding P follow r + d(k - 1)S, S s and P + pS, where p
    is what a window pads before; the first cell is centred on (r - 1)/2 - P.

    Raises
    ------
    NetworkError
        One line that names the stage: a map that would vanish, channels that do not fit groups, a
        padding larger than the map, or a layer over places after one that has none.
    """
    found: list[StageInfo] = []
    channels, size, signed = spec.channels, canvas, False
    field, stride, padding = [1, 1], [1, 1], [0, 0]
    without_places = ""
    for name, layer in zip(spec.stage_names, spec.active, strict=True):
        if without_places and (steps(layer) or isinstance(layer, GlobalAvg | GlobalMax)):
            raise NetworkError(f"{name}: no places are left after {without_places}")
        channels, signed = _channels(name, layer, channels, size), _signed(layer, signed)
        for step in steps(layer):
            size = _window_size(name, layer, step, size)
            for axis in (0, 1):
                field[axis] += step.dilation[axis] * (step.kernel[axis] - 1) * stride[axis]
                padding[axis] += step.padding[axis][0] * stride[axis]
                stride[axis] *= step.stride[axis]
        if _has_no_places(layer):
            without_places, size = without_places or name, (1, 1)
        if channels * size[0] * size[1] > LARGEST_MAP:
            raise NetworkError(f"{name}: maps of {channels}x{_sides(size)} are too large")
        if without_places:
            found.append(StageInfo(name, layer.kind, channels, size, None, None, None, signed))
        else:
            offset = ((field[0] - 1) / 2 - padding[0], (field[1] - 1) / 2 - padding[1])
            seen, reach = (field[0], field[1]), (stride[0], stride[1])
            found.append(StageInfo(name, layer.kind, channels, size, reach, seen, offset, signed))
    return tuple(found)


class Cells(NamedTuple):
    """A set of cells as a product: every row of `rows` with every col of `cols`, sorted indices."""

    rows: Indices
    cols: Indices


def _any(mask: Mask, axis: int) -> Mask:
    return np.asarray(mask.any(axis=axis))


@lru_cache(maxsize=512)
def _reads(step: Step, axis: int, size: int) -> tuple[Mask, Mask]:
    """(out, in) whether an output reads an input along one axis, and (out,) whether it touches padding."""
    out = step.size(axis, size)
    starts = np.arange(out) * step.stride[axis] - step.padding[axis][0]
    taps = starts[:, None] + np.arange(step.kernel[axis]) * step.dilation[axis]
    outside = (taps < 0) | (taps >= size)
    if step.fill == "circular":
        inside, kept = taps % size, np.ones_like(outside)
    elif step.fill == "replicate":
        inside, kept = np.clip(taps, 0, size - 1), np.ones_like(outside)
    elif step.fill == "reflect":
        folded = np.abs(taps)
        inside, kept = np.where(folded >= size, 2 * (size - 1) - folded, folded), np.ones_like(outside)
    else:
        inside, kept = np.clip(taps, 0, size - 1), ~outside
    reads = np.zeros((out, size), dtype=np.bool_)
    reads[np.nonzero(kept)[0], inside[kept]] = True
    touches = _any(outside, 1)
    for array in (reads, touches):
        array.flags.writeable = False
    return reads, touches


def _sizes_within(layer: LayerSpec, axis: int, size: int) -> list[int]:
    """Sizes along one axis before each window of a layer."""
    sizes: list[int] = []
    for step in steps(layer):
        sizes.append(size)
        size = step.size(axis, size)
    return sizes


def _back(layer: LayerSpec, axis: int, size: int, wanted: Mask) -> Mask:
    """The cells of a layer's input that the outputs `wanted` read."""
    if _has_no_places(layer):
        return np.full(size, bool(wanted.any()))
    for step, before in reversed(list(zip(steps(layer), _sizes_within(layer, axis, size), strict=True))):
        wanted = _any(_reads(step, axis, before)[0][wanted], 0)
    return wanted


def _forth(layer: LayerSpec, axis: int, size: int, given: Mask) -> Mask:
    """The cells of a layer's output that read any of `given`."""
    if _has_no_places(layer):
        return np.array([bool(given.any())])
    for step, before in zip(steps(layer), _sizes_within(layer, axis, size), strict=True):
        given = _any(_reads(step, axis, before)[0][:, given], 1)
    return given


def touches_padding(layer: LayerSpec, size: Pair) -> tuple[Mask, Mask]:
    """Which rows and which cols of a layer's output read its own padding, for an input of `size` cells.

    A cell touches padding where its row or its col does.
    """
    touched: list[Mask] = []
    for axis in (0, 1):
        before = np.zeros(size[axis], dtype=np.bool_)
        for step, cells in zip(steps(layer), _sizes_within(layer, axis, size[axis]), strict=True):
            reads, outside = _reads(step, axis, cells)
            before = outside | _any(reads[:, before], 1)
        touched.append(before)
    return touched[0], touched[1]


def fields_inside(info: StageInfo, canvas: Pair) -> tuple[Mask, Mask]:
    """Rows and cols of a stage whose receptive field [uS - P, uS - P + r - 1] lies wholly inside the canvas.

    Raises
    ------
    NetworkError
        Where the stage has no places.
    """
    if info.stride is None or info.receptive_field is None or info.offset is None:
        raise NetworkError(f"{info.name} has no places, so that its fields cannot lie inside or outside")
    masks: list[Mask] = []
    for axis in (0, 1):
        field = info.receptive_field[axis]
        first = np.arange(info.size[axis]) * info.stride[axis] + round(info.offset[axis] - (field - 1) / 2)
        masks.append((first >= 0) & (first + field <= canvas[axis]))
    return masks[0], masks[1]


def _index_of(spec: NetworkSpec, stage: str) -> int:
    if stage not in spec.stage_names:
        raise NetworkError(f"no stage {stage!r}; there are {', '.join(spec.stage_names)}")
    return spec.stage_names.index(stage)


def _unflattened(channel: int, size: Pair) -> tuple[int, int, int]:
    """(channel, row, col) before flattening of an index after it."""
    places = size[0] * size[1]
    return channel // places, channel % places // size[1], channel % size[1]


def cells_seen(spec: NetworkSpec, canvas: Pair, stage: str, cell: Pair, channel: int | None = None) -> dict[str, Cells]:
    """The exact cells that one cell of a stage sees: in the canvas ('input'), in every stage before, and itself.

    Parameters
    ----------
    cell : (row, col)
        (0, 0) for a stage without places.
    channel : int, optional
        Makes it exact for a flattened stage, where the channel says the place.

    Notes
    -----
    The sets, not their outlines: dilation leaves holes; fields wrap with circular padding, fold with
    reflect and replicate, and are cut otherwise. Polyphase sampling sees what any of its phases would keep.

    Raises
    ------
    NetworkError
        For a stage or a cell that does not exist.
    """
    infos, last = stages(spec, canvas), _index_of(spec, stage)
    size = infos[last].size
    if not (0 <= cell[0] < size[0] and 0 <= cell[1] < size[1]):
        raise NetworkError(f"{stage} has {_sides(size)} cells, none at ({cell[0]}, {cell[1]})")
    rows, cols = np.zeros(size[0], dtype=np.bool_), np.zeros(size[1], dtype=np.bool_)
    rows[cell[0]] = cols[cell[1]] = True
    seen = [(stage, Cells(np.flatnonzero(rows), np.flatnonzero(cols)))]
    for index in range(last, -1, -1):
        layer = spec.active[index]
        before = infos[index - 1].size if index else canvas
        rows, cols = _back(layer, 0, before[0], rows), _back(layer, 1, before[1], cols)
        if isinstance(layer, Flatten) and channel is not None:
            channel, row, col = _unflattened(channel, before)
            rows, cols = np.arange(before[0]) == row, np.arange(before[1]) == col
        elif isinstance(layer, Conv | Dense):
            channel = None
        name = infos[index - 1].name if index else CANVAS
        seen.append((name, Cells(np.flatnonzero(rows), np.flatnonzero(cols))))
    return dict(reversed(seen))


def cells_seeing(spec: NetworkSpec, canvas: Pair, pixel: Pair) -> dict[str, tuple[Mask, Mask]]:
    """For every stage the cells that can see a canvas pixel, as (rows mask, cols mask); the set is their product.

    Raises
    ------
    NetworkError
        For a pixel outside the canvas.
    """
    if not (0 <= pixel[0] < canvas[0] and 0 <= pixel[1] < canvas[1]):
        raise NetworkError(f"the canvas has {_sides(canvas)} pixels, none at ({pixel[0]}, {pixel[1]})")
    return cells_reached(spec, canvas, np.arange(canvas[0]) == pixel[0], np.arange(canvas[1]) == pixel[1])


def cells_reached(spec: NetworkSpec, canvas: Pair, rows: Mask, cols: Mask) -> dict[str, tuple[Mask, Mask]]:
    """For every stage the cells that can see any of the canvas pixels in (rows mask) x (cols mask)."""
    size, reached = canvas, dict[str, tuple[Mask, Mask]]()
    for layer, info in zip(spec.active, stages(spec, canvas), strict=True):
        rows, cols = _forth(layer, 0, size[0], rows), _forth(layer, 1, size[1], cols)
        size = info.size
        reached[info.name] = (rows, cols)
    return reached


def channels_seen(spec: NetworkSpec, canvas: Pair, stage: str, channel: int) -> dict[str, Indices]:
    """The channels that one channel of a stage really reads, in the canvas ('input'), every stage before, and itself.

    Pointwise layers, norms and pools read their own channel; a convolution with groups its group.

    Raises
    ------
    NetworkError
        For a stage or a channel that does not exist.
    """
    infos, last = stages(spec, canvas), _index_of(spec, stage)
    if not 0 <= channel < infos[last].channels:
        raise NetworkError(f"{stage} has {infos[last].channels} channels, none numbered {channel}")
    read = np.array([channel], dtype=np.intp)
    seen = [(stage, read)]
    for index in range(last, -1, -1):
        before = infos[index - 1].channels if index else spec.channels
        size = infos[index - 1].size if index else canvas
        read = _channels_read(spec.active[index], read, before, size)
        seen.append((infos[index - 1].name if index else CANVAS, read))
    return dict(reversed(seen))


def _channels_read(layer: LayerSpec, wanted: Indices, before: int, size: Pair) -> Indices:
    match layer:
        case Conv():
            group, width = np.unique(wanted // (layer.channels // layer.groups)), before // layer.groups
            return (group[:, None] * width + np.arange(width)).ravel()
        case Dense():
            return np.arange(before)
        case Flatten():
            return np.unique(wanted // (size[0] * size[1]))
        case _:
            return wanted


def wraps(spec: NetworkSpec, stage: str) -> bool:
    """Whether any layer up to a stage pads circularly, so that its fields may wrap."""
    layers = spec.active[: _index_of(spec, stage) + 1]
    return any(step.fill == "circular" and any(map(any, step.padding)) for layer in layers for step in steps(layer))


def hull(indices: Indices, size: int, wrapping: bool = False) -> tuple[tuple[int, int], ...]:
    """Outline of a set of cells along one axis: (first, last) of one run, or of two where it goes over the edge.

    Two only where `wrapping` is set, the set touches both ends, and leaving out its largest gap is
    shorter. Empty for an empty set.
    """
    if len(indices) == 0:
        return ()
    first, last = int(indices[0]), int(indices[-1])
    if wrapping and first == 0 and last == size - 1 and len(indices) < size:
        gaps = np.diff(indices)
        widest = int(gaps.argmax())
        return ((0, int(indices[widest])), (int(indices[widest + 1]), last))
    return ((first, last),)
