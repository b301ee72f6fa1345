"""Hand-made kernels of any size, for the kernel editor: a kernel is (rows, cols), float32.

Kernels are correlated, not flipped, as in torch: 'shift' by (0, 1) puts its one into the cell left of
the centre, so that the picture moves one pixel to the right.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from shiftlab.network.initial import materialise
from shiftlab.network.spec import Conv, NetworkError, Pair
from shiftlab.network.weights import Network, Weights

Kernel = NDArray[np.float32]
FillName = Literal["sobel", "laplacian", "gaussian", "gabor", "identity", "shift", "box", "random"]
Norming = Literal["sum", "absolute", "square"]


def _frozen(values: NDArray[np.float64]) -> Kernel:
    # a cosine of 90 degrees leaves 6e-17 where a zero is meant
    kernel = np.array(np.where(np.abs(values) < 1e-12, 0.0, values), dtype=np.float32, order="C")
    kernel.flags.writeable = False
    return kernel


def _checked(size: Pair) -> Pair:
    if not (1 <= size[0] <= 64 and 1 <= size[1] <= 64):
        raise NetworkError(f"a kernel to fill has 1 to 64 cells a side, not {size[0]}x{size[1]}")
    return size


def _places(cells: int) -> NDArray[np.float64]:
    """Cell numbers counted from the middle: -1, 0, 1 for three, -0.5, 0.5 for two."""
    return np.arange(cells, dtype=np.float64) - (cells - 1) / 2


def _binomial(cells: int) -> NDArray[np.float64]:
    return np.array([math.comb(cells - 1, number) for number in range(cells)], dtype=np.float64)


def sobel(size: Pair, angle: float = 0.0) -> Kernel:
    """A derivative across `angle` (degrees; 0 answers to what brightens to the right, 90 upwards), smoothed along it.

    For 3x3 the Sobel kernels [1 2 1] x [-1 0 1]; larger ones weigh places by binomials likewise. The
    mean is 0 but where a side of 1 leaves nothing to differ.
    """
    rows, cols = _checked(size)
    across = np.outer(_binomial(rows), _derivative(cols))
    along = np.outer(_derivative(rows), _binomial(cols))
    turn = math.radians(angle)
    return _frozen(math.cos(turn) * across - math.sin(turn) * along)


def _derivative(cells: int) -> NDArray[np.float64]:
    """Differences of a binomial two cells shorter: [-1 0 1], [-1 -2 0 2 1]; [-1 1] for two."""
    if cells < 3:
        return np.sign(_places(cells))
    return np.convolve(_binomial(cells - 2), np.array([-1.0, 0.0, 1.0]))


def laplacian(size: Pair) -> Kernel:
    """Second differences in both directions: [[0 1 0], [1 -4 1], [0 1 0]] for 3x3, a centre against all else beyond.

    Larger sizes are the Laplacian of a Gaussian of a sixth of the size, with its mean taken off.
    """
    rows, cols = _checked(size)
    if (rows, cols) == (3, 3):
        return _frozen(np.array([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]]))
    width = max(rows, cols) / 6 + 0.25
    squared = _places(rows)[:, None] ** 2 + _places(cols)[None] ** 2
    values = (squared / width**2 - 2) * np.exp(-squared / (2 * width**2))
    values -= values.mean()
    peak = np.abs(values).max()
    return _frozen(values * 4 / peak if peak > 0 else values)


def gaussian(size: Pair, width: float | None = None) -> Kernel:
    """exp(-r^2 / 2 width^2), summing to 1; `width` is a quarter of the longer side where it is not given."""
    rows, cols = _checked(size)
    width = max(rows, cols) / 4 if width is None else width
    if not width > 0:
        raise NetworkError(f"width must be above 0, not {width}")
    squared = _places(rows)[:, None] ** 2 + _places(cols)[None] ** 2
    values = np.exp(-squared / (2 * width**2))
    return _frozen(values / values.sum())


def gabor(size: Pair, angle: float = 0.0, wavelength: float | None = None, phase: float = 0.0) -> Kernel:
    """A wave across `angle` under a Gaussian; mean 0, largest magnitude 1.

    Parameters
    ----------
    angle, phase : degrees
    wavelength : cells; the longer side where it is not given.
    """
    rows, cols = _checked(size)
    wavelength = float(max(rows, cols)) if wavelength is None else wavelength
    if not wavelength > 0:
        raise NetworkError(f"wavelength must be above 0, not {wavelength}")
    turn = math.radians(angle)
    across = math.cos(turn) * _places(cols)[None] - math.sin(turn) * _places(rows)[:, None]
    envelope = np.exp(-(_places(rows)[:, None] ** 2 + _places(cols)[None] ** 2) / (2 * (max(rows, cols) / 4) ** 2))
    values = envelope * np.cos(2 * math.pi * across / wavelength + math.radians(phase))
    values -= envelope * values.sum() / envelope.sum()
    peak = np.abs(values).max()
    return _frozen(values / peak if peak > 1e-12 else values * 0)


def identity(size: Pair) -> Kernel:
    """One in the middle cell (rows // 2, cols // 2), zero elsewhere: the picture as it is."""
    return shift(size, (0, 0))


def shift(size: Pair, by: Pair = (0, 1)) -> Kernel:
    """The picture moved by (rows, cols) whole pixels, down and right.

    Raises
    ------
    NetworkError
        Where the kernel is too small for it.
    """
    rows, cols = _checked(size)
    row, col = rows // 2 - by[0], cols // 2 - by[1]
    if not (0 <= row < rows and 0 <= col < cols):
        raise NetworkError(f"a {rows}x{cols} kernel cannot move the picture by ({by[0]}, {by[1]})")
    values = np.zeros((rows, cols))
    values[row, col] = 1
    return _frozen(values)


def box(size: Pair) -> Kernel:
    """The mean of all cells."""
    rows, cols = _checked(size)
    return _frozen(np.full((rows, cols), 1 / (rows * cols)))


def random(size: Pair, seed: int = 0) -> Kernel:
    """Normal values with mean 0, of l2 norm 1."""
    values = np.random.default_rng(seed).standard_normal(_checked(size))
    return _frozen(values / np.sqrt((values**2).sum()))


@dataclass(frozen=True)
class Fill:
    """A fill of the bank as the editor lists it."""

    name: FillName
    title: str
    make: Callable[[Pair], Kernel]


def _tilted(angle: float) -> Callable[[Pair], Kernel]:
    return lambda size: sobel(size, angle)


def _gabor_at(angle: float) -> Callable[[Pair], Kernel]:
    return lambda size: gabor(size, angle)


FILLS: tuple[Fill, ...] = (
    Fill("sobel", "Sobel, across", _tilted(0)),
    Fill("sobel", "Sobel, upwards", _tilted(90)),
    Fill("sobel", "Sobel, diagonal", _tilted(45)),
    Fill("laplacian", "Laplacian", laplacian),
    Fill("gaussian", "Gaussian", gaussian),
    Fill("gabor", "Gabor, across", _gabor_at(0)),
    Fill("gabor", "Gabor, upwards", _gabor_at(90)),
    Fill("identity", "Identity", identity),
    Fill("shift", "Shift by one to the right", shift),
    Fill("box", "Box", box),
    Fill("random", "Random", random),
)


def offered(size: Pair) -> tuple[Fill, ...]:
    """The fills that a kernel of this size can show: one column has no difference across."""
    found: list[Fill] = []
    for fill in FILLS:
        try:
            kernel = fill.make(size)
        except NetworkError:
            continue
        if kernel.any():
            found.append(fill)
    return tuple(found)


def normalised(kernel: NDArray[np.floating], norming: Norming) -> Kernel:
    """The kernel scaled to a sum of 1, a sum of magnitudes of 1, or a sum of squares of 1.

    Raises
    ------
    NetworkError
        Where that sum is zero.
    """
    values = np.asarray(kernel, dtype=np.float64)
    if norming == "sum":
        total, words = float(values.sum()), "it sums to zero"
        if abs(total) < 1e-7 * float(np.abs(values).sum()):
            total = 0.0
    elif norming == "absolute":
        total, words = float(np.abs(values).sum()), "it is zero everywhere"
    else:
        total, words = math.sqrt(float((values**2).sum())), "it is zero everywhere"
    if total == 0:
        raise NetworkError(f"this kernel cannot be normalised: {words}")
    return _frozen(values / total)


def kernels_of(network: Network, canvas: Pair, stage: str) -> Kernel:
    """All kernels of a convolution (out channels, in channels of a group, rows, cols), read-only.

    Raises
    ------
    NetworkError
        For a stage that is no convolution.
    """
    return _weight(network, canvas, stage, 0, 0)[1]


def kernel_of(network: Network, canvas: Pair, stage: str, out_channel: int, in_channel: int) -> Kernel:
    """One kernel (rows, cols) of a convolution, read-only; `in_channel` counts within its group.

    Raises
    ------
    NetworkError
        For a stage that is no convolution, or a channel that it has not.
    """
    weight = _weight(network, canvas, stage, out_channel, in_channel)[1]
    return weight[out_channel, in_channel]


def with_kernel(
    network: Network, canvas: Pair, stage: str, out_channel: int, in_channel: int, kernel: NDArray[np.floating]
) -> Network:
    """`network` with one kernel replaced, its other weights as they are; the same object where nothing changes.

    Weights that followed from the seed become weights of its own.

    Raises
    ------
    NetworkError
        For a stage that is no convolution, a channel that it has not, another shape, or values that
        are not finite.
    """
    weights, weight = _weight(network, canvas, stage, out_channel, in_channel)
    values = np.asarray(kernel, dtype=np.float32)
    if values.shape != weight.shape[2:]:
        raise NetworkError(f"a kernel of {stage} has the shape {weight.shape[2:]}, not {values.shape}")
    if not np.isfinite(values).all():
        raise NetworkError(f"a kernel of {stage} holds values that are not finite")
    if np.array_equal(weight[out_channel, in_channel], values):
        return network
    changed = weight.copy()
    changed[out_channel, in_channel] = values
    changed.flags.writeable = False
    return Network(network.spec, Weights({**weights.arrays, f"{stage}.weight": changed}))


def _weight(
    network: Network, canvas: Pair, stage: str, out_channel: int, in_channel: int
) -> tuple[Weights, NDArray[np.float32]]:
    names = network.spec.stage_names
    if stage not in names or not isinstance(network.spec.active[names.index(stage)], Conv):
        raise NetworkError(f"{stage} is no convolution")
    weights = materialise(network, canvas)
    weight = weights.arrays[f"{stage}.weight"]
    for word, number, count in (("output", out_channel, weight.shape[0]), ("input", in_channel, weight.shape[1])):
        if not 0 <= number < count:
            raise NetworkError(f"{stage} has {count} {word} channels to a kernel, none numbered {number}")
    return weights, weight
