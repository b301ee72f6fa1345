"""How a layer looks at the map before it: as one window after another, with the padding that really takes place.

The one place that knows what a layer's padding mode means in numbers; geometry, the torch modules and
the windowed forward all read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shiftlab.network.spec import AvgPool, BlurPool, Conv, LayerSpec, MaxPool, PaddingMode, Pair, Polyphase, Subsample

Fill = Literal["zeros", "circular", "reflect", "replicate"]
Sides = tuple[int, int]
"""Pixels added (before, after) along one axis."""
Padding = tuple[Sides, Sides]
"""((top, bottom), (left, right))."""

UNPADDED: Padding = ((0, 0), (0, 0))


@dataclass(frozen=True)
class Step:
    """One sliding window: output u reads input u * stride - before + dilation * j, j = 0 ... kernel - 1, in each axis.

    `fill` says what stands in the padding; the window of a max ignores zeros there (minus infinity).
    """

    kernel: Pair
    stride: Pair = (1, 1)
    dilation: Pair = (1, 1)
    padding: Padding = UNPADDED
    fill: Fill = "zeros"

    @property
    def span(self) -> Pair:
        """Side of the window with its holes: dilation * (kernel - 1) + 1."""
        return (self.dilation[0] * (self.kernel[0] - 1) + 1, self.dilation[1] * (self.kernel[1] - 1) + 1)

    def size(self, axis: int, before: int) -> int:
        """Cells along `axis` of the output for an input of `before` cells; 0 or less where none fits."""
        room = before + sum(self.padding[axis]) - self.span[axis]
        return room // self.stride[axis] + 1


def _fill(mode: PaddingMode) -> Fill:
    return "zeros" if mode in ("valid", "full") else mode


def _symmetric(kernel: Pair, dilation: Pair, padding: Pair, mode: PaddingMode) -> Padding:
    if mode == "valid":
        return UNPADDED
    if mode == "full":
        padding = (dilation[0] * (kernel[0] - 1), dilation[1] * (kernel[1] - 1))
    return ((padding[0], padding[0]), (padding[1], padding[1]))


def _centred(before: int, after: int) -> Padding:
    return ((before, after), (before, after))


def _max_step(kernel: Pair, mode: PaddingMode) -> tuple[Step, ...]:
    """The stride-1 max before a blur: it pads nothing, except in circular mode, where it wraps and keeps the size."""
    if kernel == (1, 1):
        return ()
    if mode != "circular":
        return (Step(kernel=kernel),)
    rows, cols = (((side - 1) // 2, side // 2) for side in kernel)
    return (Step(kernel=kernel, padding=(rows, cols), fill="circular"),)


def _blur_step(size: int, stride: Pair, mode: PaddingMode) -> Step:
    """The binomial filter: floor((size - 1)/2) left and top, ceil((size - 1)/2) right and bottom (Zhang 2019)."""
    if mode == "valid":
        padding = UNPADDED
    elif mode == "full":
        padding = _centred(size - 1, size - 1)
    else:
        padding = _centred((size - 1) // 2, size // 2)
    return Step(kernel=(size, size), stride=stride, padding=padding, fill=_fill(mode))


def steps(layer: LayerSpec) -> tuple[Step, ...]:
    """The windows of a layer in order of flow; empty where it is pointwise or has no places.

    Adaptive polyphase sampling ends in a 2x2/2 window: the union of what its four phases can keep.
    """
    match layer:
        case Conv():
            padding = _symmetric(layer.kernel, layer.dilation, layer.padding, layer.padding_mode)
            return (Step(layer.kernel, layer.stride, layer.dilation, padding, _fill(layer.padding_mode)),)
        case MaxPool() | AvgPool():
            padding = _symmetric(layer.kernel, (1, 1), layer.padding, layer.padding_mode)
            return (Step(layer.kernel, layer.stride, (1, 1), padding, _fill(layer.padding_mode)),)
        case BlurPool():
            return (
                *_max_step(layer.max_kernel, layer.padding_mode),
                _blur_step(layer.size, layer.stride, layer.padding_mode),
            )
        case Polyphase():
            blur = () if layer.blur == 1 else (_blur_step(layer.blur, (1, 1), layer.padding_mode),)
            return (*_max_step(layer.max_kernel, layer.padding_mode), *blur, Step(kernel=(2, 2), stride=(2, 2)))
        case Subsample():
            return (Step(kernel=(1, 1), stride=layer.stride),)
        case _:
            return ()


def effective_padding(layer: LayerSpec) -> Padding:
    """Pixels that a layer adds to its input, ((top, bottom), (left, right)), all its windows together."""
    # only the last window of a layer strides, so that the paddings of its windows count the same pixels
    parts = [step.padding for step in steps(layer)]
    rows = (sum(part[0][0] for part in parts), sum(part[0][1] for part in parts))
    cols = (sum(part[1][0] for part in parts), sum(part[1][1] for part in parts))
    return rows, cols
