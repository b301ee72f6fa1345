"""What the layers compute, as torch functions on maps (N, C, H, W).

Max, mean and blur are written with whole-map maxima and sums of strided slices: bit-equal to torch's
pooling (the mean to rounding), several times faster, and every output is computed by the same
operations wherever it stands, so that a window of a map gives the same bits as the whole map.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from shiftlab.network.spec import ActivationName, Pair
from shiftlab.network.steps import Fill, Padding, Step

ONEDNN = torch.backends.mkldnn.is_available()
"""Whether torch has oneDNN, whose convolution gives the same bits on a window as on the whole map."""

FEWEST_ROWS = 4
"""Outputs from which on a matrix product treats all cells of a map alike."""

TIE = 1e-12
"""Relative difference of squared norms up to which polyphase components count as tied."""


def padded(x: Tensor, padding: Padding, fill: Fill, value: float = 0.0) -> Tensor:
    """`x` with pixels added round it; `value` stands in them where `fill` is 'zeros'."""
    (top, bottom), (left, right) = padding
    if not (top or bottom or left or right):
        return x
    sides = [left, right, top, bottom]
    if fill == "zeros":
        return F.pad(x, sides, value=value)
    return F.pad(x, sides, mode=fill)


def fast(x: Tensor) -> bool:
    """Whether the quick paths, which cannot be differentiated, may be taken."""
    return not torch.is_grad_enabled() or torch.is_inference_mode_enabled()


def serves_onednn(x: Tensor, groups: int) -> bool:
    """Whether `onednn` is to be used for this map: float32 on the CPU, no groups, no gradient wanted."""
    return ONEDNN and groups == 1 and x.dtype == torch.float32 and x.device.type == "cpu" and fast(x)


def onednn(x: Tensor, weight: Tensor, bias: Tensor | None, pad: Pair, stride: Pair, dilation: Pair) -> Tensor:
    """oneDNN's convolution, called by name.

    `F.conv2d` leaves oneDNN for small maps, and then gives other bits on a window than on the whole map.
    """
    return torch.mkldnn_convolution(x, weight, bias, pad, stride, dilation, 1)


def serves_one_channel(weight: Tensor, dilation: Pair) -> bool:
    """Whether `one_channel` takes oneDNN's place: it is quicker by half where all inputs of a cell are one kernel.

    With fewer than `FEWEST_ROWS` outputs MKL's product adds up in another order at the ends of a map whose number of
    cells is not a multiple of 4: a window would have other bits there.
    """
    return weight.shape[1] == 1 and weight.shape[0] >= FEWEST_ROWS and dilation == (1, 1)


def one_channel(x: Tensor, weight: Tensor, bias: Tensor | None, pad: Pair, stride: Pair) -> Tensor:
    """The convolution of a single channel as one matrix product, which `F.conv2d` keeps for small maps."""
    return torch.ops.aten.thnn_conv2d(x, weight, weight.shape[2:], bias, stride, pad)


def packed_onednn(weight: Tensor, bias: Tensor | None, stride: Pair, dilation: Pair) -> Callable[[Tensor], Tensor]:
    """`onednn` without padding, for many calls: its weights are brought into oneDNN's order once, where torch can."""
    if not hasattr(torch.ops.mkldnn_prepacked, "conv2d_prepack"):
        return lambda x: onednn(x, weight, bias, (0, 0), stride, dilation)
    prepack, run = torch.ops.mkldnn_prepacked.conv2d_prepack, torch.ops.mkldnn_prepacked.conv2d_run
    packed: list[Any] = []

    def operate(x: Tensor) -> Tensor:
        if not packed:
            packed.append(prepack(weight, bias, list(stride), [0, 0], list(dilation), 1, list(x.shape), "none"))
        return run(x, packed[0])

    return operate


def convolved(x: Tensor, weight: Tensor, bias: Tensor | None, step: Step, groups: int) -> Tensor:
    """Cross-correlation with `step`'s stride, dilation and padding."""
    (top, bottom), (left, right) = step.padding
    pad = (0, 0)
    # where a kernel can lie in the padding alone, or the map is narrower than it, oneDNN turns to other ways with other
    # bits
    within = top < step.span[0] and left < step.span[1] and left <= step.size(1, x.shape[3])
    if step.fill == "zeros" and top == bottom and left == right and within:
        pad = (top, left)
    else:
        x = padded(x, step.padding, step.fill)
    if serves_onednn(x, groups):
        if serves_one_channel(weight, step.dilation):
            return one_channel(x, weight, bias, pad, step.stride)
        return onednn(x, weight, bias, pad, step.stride, step.dilation)
    return F.conv2d(x, weight, bias, step.stride, pad, step.dilation, groups)


def taps(x: Tensor, dim: int, kernel: int, stride: int) -> list[Tensor]:
    """For each tap of a window along `dim` the strided slice that it reads."""
    cells = (x.shape[dim] - kernel) // stride + 1
    reach = (cells - 1) * stride + 1
    if dim == 2:
        return [x[:, :, tap : tap + reach : stride] for tap in range(kernel)]
    return [x[:, :, :, tap : tap + reach : stride] for tap in range(kernel)]


def _folded(x: Tensor, kernel: Pair, stride: Pair, join: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """All taps of a window joined, rows first: those are contiguous."""
    for dim, side, skip in ((2, kernel[0], stride[0]), (3, kernel[1], stride[1])):
        first, *others = taps(x, dim, side, skip)
        for other in others:
            first = join(first, other)
        x = first
    return x


def maximum(x: Tensor, step: Step) -> Tensor:
    """Maximum over each window; padded zeros never win."""
    x = padded(x, step.padding, step.fill, -torch.inf)
    if fast(x):
        return _folded(x, step.kernel, step.stride, torch.maximum).contiguous()
    # torch's own sends the gradient of a tie to one cell; a maximum of slices would split it
    return F.max_pool2d(x, step.kernel, step.stride)


def mean(x: Tensor, step: Step) -> Tensor:
    """Mean over each window, padding included."""
    x = padded(x, step.padding, step.fill)
    return _folded(x, step.kernel, step.stride, torch.add) * (1 / (step.kernel[0] * step.kernel[1]))


def blurred(x: Tensor, step: Step) -> Tensor:
    """Binomial filter outer(b, b)/sum of a square window (Zhang 2019), then every `stride`-th sample.

    Adding neighbours n - 1 times is a binomial filter of n taps.
    """
    x = padded(x, step.padding, step.fill)
    size = step.kernel[0]
    for dim in (2, 3):
        for _ in range(size - 2):
            x = torch.add(*taps(x, dim, 2, 1))
        last = taps(x, dim, min(size, 2), step.stride[dim - 2])
        x = torch.add(*last) if len(last) == 2 else last[0]
    return x * 0.25 ** (size - 1)


def components(x: Tensor) -> Tensor:
    """Polyphase components (4, N, C, H // 2, W // 2): (even row, even col), (odd, even), (even, odd), (odd, odd)."""
    x = x[:, :, : x.shape[2] // 2 * 2, : x.shape[3] // 2 * 2]
    return torch.stack([x[:, :, row::2, col::2] for col in (0, 1) for row in (0, 1)])


def chosen_phase(parts: Tensor) -> tuple[Tensor, Tensor]:
    """(N,) number of the component of largest l2 norm, and (N,) whether others have the same norm.

    Of several the lowest number is taken (Chaman & Dokmanic 2021 leave ties open). Norms are summed in
    float64, so that rounding does not decide.
    """
    norms = parts.detach().to(torch.float64).square().sum((2, 3, 4))
    largest = norms >= norms.amax(0) * (1 - TIE)
    return largest.to(torch.uint8).argmax(0), largest.sum(0) > 1


def kept_component(parts: Tensor, phase: Tensor) -> Tensor:
    """(N, C, h, w): of each sample the component that its phase names."""
    return parts[phase, torch.arange(parts.shape[1], device=parts.device)]


def normalised(x: Tensor, weight: Tensor, bias: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
    """Batch normalisation in evaluation, with torch's epsilon of 1e-5."""
    scale = weight / torch.sqrt(variance + 1e-5)
    return x * scale[:, None, None] + (bias - mean * scale)[:, None, None]


def _identity(x: Tensor) -> Tensor:
    return x


ACTIVATIONS: dict[ActivationName, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "gelu": F.gelu,
    "silu": F.silu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "abs": torch.abs,
    "identity": _identity,
}
