"""Hand-made kernels: what each does to a picture, and one of them put in the place of another."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import correlate, laplace
from scipy.ndimage import sobel as scipy_sobel

from shiftlab.network import fills
from shiftlab.network.initial import materialise
from shiftlab.network.presets import preset
from shiftlab.network.spec import NetworkError
from shiftlab.network.weights import Network

SIZES = [(1, 1), (2, 2), (3, 3), (5, 5), (7, 7), (1, 5), (4, 3), (8, 8)]
RAMP = np.add.outer(np.zeros(16), np.arange(16.0))
IMAGE = np.random.default_rng(0).random((20, 20))
CANVAS = (32, 32)


@pytest.mark.parametrize("size", SIZES)
def test_every_fill_that_is_offered_fits(size: tuple[int, int]) -> None:
    for fill in fills.offered(size):
        kernel = fill.make(size)
        assert kernel.shape == size
        assert kernel.dtype == np.float32
        assert not kernel.flags.writeable
        assert np.isfinite(kernel).all()
        assert kernel.any()


def test_what_a_size_cannot_show_is_not_offered() -> None:
    assert fills.offered((3, 3)) == fills.FILLS
    assert {fill.name for fill in fills.offered((1, 1))} == {"gaussian", "identity", "box", "random"}
    titles = {fill.title for fill in fills.offered((1, 5))}
    assert "Sobel, across" in titles
    assert "Sobel, upwards" not in titles


def test_small_ones_are_the_known_ones() -> None:
    """Against scipy's filters, which are written elsewhere."""
    assert np.allclose(
        correlate(IMAGE, fills.sobel((3, 3)), mode="wrap"), scipy_sobel(IMAGE, 1, mode="wrap"), atol=1e-6
    )
    upwards = correlate(IMAGE, fills.sobel((3, 3), 90), mode="wrap")
    assert np.allclose(upwards, -scipy_sobel(IMAGE, 0, mode="wrap"), atol=1e-6)
    assert np.allclose(correlate(IMAGE, fills.laplacian((3, 3)), mode="wrap"), laplace(IMAGE, mode="wrap"), atol=1e-6)
    assert fills.sobel((3, 3), 90)[1].tolist() == [0, 0, 0]


@pytest.mark.parametrize("size", [(3, 3), (5, 5), (7, 7), (4, 4), (5, 3)])
def test_derivatives_ignore_a_flat_picture(size: tuple[int, int]) -> None:
    for kernel in (fills.sobel(size), fills.sobel(size, 30), fills.laplacian(size), fills.gabor(size, 20)):
        assert abs(float(kernel.sum())) <= 1e-5 * float(np.abs(kernel).sum())
    assert (RAMP[: size[0], : size[1]] * fills.sobel(size)).sum() > 0
    bowl = np.add.outer((np.arange(size[0]) - (size[0] - 1) / 2) ** 2, (np.arange(size[1]) - (size[1] - 1) / 2) ** 2)
    assert (bowl * fills.laplacian(size)).sum() > 0


def test_means_keep_a_flat_picture() -> None:
    for size in SIZES:
        assert fills.gaussian(size).sum() == pytest.approx(1, abs=1e-6)
        assert fills.box(size).sum() == pytest.approx(1, abs=1e-6)
        assert fills.identity(size).sum() == 1
    assert np.unravel_index(fills.gaussian((5, 7)).argmax(), (5, 7)) == (2, 3)


@pytest.mark.parametrize("by", [(0, 0), (0, 1), (1, 0), (-1, 1), (2, -2)])
def test_shift_moves_the_picture(by: tuple[int, int]) -> None:
    moved = correlate(IMAGE, fills.shift((5, 5), by), mode="wrap")
    assert np.allclose(moved, np.roll(IMAGE, by, (0, 1)))


def test_a_gabor_answers_to_its_own_wave() -> None:
    kernel = fills.gabor((9, 9), 0, 4)
    wave = np.cos(2 * np.pi * (np.arange(9) - 4) / 4)
    across, along = (kernel * wave[None]).sum(), (kernel * wave[:, None]).sum()
    assert across > 10 * abs(along)
    assert np.abs(kernel).max() == pytest.approx(1)


def test_random_is_the_same_for_the_same_seed() -> None:
    assert np.array_equal(fills.random((3, 3), 4), fills.random((3, 3), 4))
    assert not np.array_equal(fills.random((3, 3), 4), fills.random((3, 3), 5))


def test_normalising() -> None:
    kernel = np.array([[1.0, -3.0], [4.0, 0.0]])
    assert fills.normalised(kernel, "sum").sum() == pytest.approx(1)
    assert np.abs(fills.normalised(kernel, "absolute")).sum() == pytest.approx(1)
    assert (fills.normalised(kernel, "square") ** 2).sum() == pytest.approx(1)
    with pytest.raises(NetworkError, match="it sums to zero"):
        fills.normalised(fills.sobel((3, 3)), "sum")
    with pytest.raises(NetworkError, match="it is zero everywhere"):
        fills.normalised(np.zeros((3, 3)), "absolute")


def test_what_cannot_be_filled_is_refused() -> None:
    with pytest.raises(NetworkError, match="cannot move the picture"):
        fills.shift((3, 3), (0, 2))
    with pytest.raises(NetworkError, match="1 to 64 cells"):
        fills.box((0, 3))
    with pytest.raises(NetworkError, match="width must be above 0"):
        fills.gaussian((3, 3), 0)
    with pytest.raises(NetworkError, match="wavelength must be above 0"):
        fills.gabor((3, 3), 0, -1)


def test_one_kernel_is_replaced_and_everything_else_stays() -> None:
    network = Network(preset("three-blocks"))
    made = fills.with_kernel(network, CANVAS, "conv2", 3, 5, fills.box((3, 3)))
    before, after = materialise(network, CANVAS).arrays, materialise(made, CANVAS).arrays
    assert np.array_equal(fills.kernel_of(made, CANVAS, "conv2", 3, 5), fills.box((3, 3)))
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    assert changed == {"conv2.weight"}
    differs = (before["conv2.weight"] != after["conv2.weight"]).any((2, 3))
    assert np.argwhere(differs).tolist() == [[3, 5]]
    assert fills.with_kernel(made, CANVAS, "conv2", 3, 5, fills.box((3, 3))) is made
    same = fills.with_kernel(network, CANVAS, "conv2", 3, 5, fills.kernel_of(network, CANVAS, "conv2", 3, 5))
    assert same is network


def test_kernels_that_do_not_fit_are_refused() -> None:
    network = Network(preset("three-blocks"))
    for stage, out, into, kernel, message in (
        ("relu1", 0, 0, np.zeros((3, 3)), "relu1 is no convolution"),
        ("conv9", 0, 0, np.zeros((3, 3)), "conv9 is no convolution"),
        ("conv1", 8, 0, np.zeros((3, 3)), "conv1 has 8 output channels"),
        ("conv1", 0, 1, np.zeros((3, 3)), "conv1 has 1 input channels"),
        ("conv1", 0, 0, np.zeros((5, 5)), "a kernel of conv1 has the shape"),
        ("conv1", 0, 0, np.full((3, 3), np.nan), "not finite"),
    ):
        with pytest.raises(NetworkError, match=message):
            fills.with_kernel(network, CANVAS, stage, out, into, kernel)
