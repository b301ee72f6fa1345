"""The sub-pixel shift against an independent definition: trigonometric interpolation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftlab.scene.fourier import fourier_shift

sides = st.integers(1, 20)
shifts = st.floats(-30, 30)
seeds = st.integers(0, 2**16)


def interpolated(signal: np.ndarray, shift: float) -> np.ndarray:
    """The trigonometric polynomial of least degree through a periodic signal, at n - shift, written as a sum."""
    side = len(signal)
    places = np.arange(side) - shift
    value = np.zeros(side)
    for sample, height in enumerate(signal):
        t = places - sample
        kernel = np.full(side, 1 / side)
        for k in range(1, (side + 1) // 2):
            kernel += 2 / side * np.cos(2 * np.pi * k * t / side)
        if side % 2 == 0:
            kernel += np.cos(np.pi * t) / side
        value += height * kernel
    return value


@given(sides, sides, shifts, shifts, seeds)
def test_it_is_trigonometric_interpolation_in_each_axis(h: int, w: int, dy: float, dx: float, seed: int) -> None:
    image = np.random.default_rng(seed).uniform(-1, 1, (h, w))
    expected = np.apply_along_axis(interpolated, 0, image, dy)
    expected = np.apply_along_axis(interpolated, 1, expected, dx)
    np.testing.assert_allclose(fourier_shift(image, (dy, dx)), expected, atol=1e-11)


@given(sides, sides, st.integers(-50, 50), st.integers(-50, 50), seeds, st.sampled_from((np.float32, np.float64)))
def test_a_whole_shift_is_the_roll_to_the_last_bit(h: int, w: int, dy: int, dx: int, seed: int, dtype: type) -> None:
    image = np.random.default_rng(seed).uniform(-1, 1, (2, h, w)).astype(dtype)
    moved = fourier_shift(image, (float(dy), float(dx)))
    assert moved.dtype == dtype
    np.testing.assert_array_equal(moved, np.roll(image, (dy, dx), axis=(1, 2)))
    assert not np.shares_memory(moved, image)


@given(sides.map(lambda n: 2 * n + 1), shifts, seeds)
def test_there_and_back_is_where_it_was_on_odd_sides(side: int, by: float, seed: int) -> None:
    image = np.random.default_rng(seed).uniform(-1, 1, (side, side))
    back = fourier_shift(fourier_shift(image, (by, -by)), (-by, by))
    np.testing.assert_allclose(back, image, atol=1e-11)


@given(sides, shifts, shifts, seeds)
def test_there_and_back_is_where_it_was_without_the_nyquist_wave(half: int, dy: float, dx: float, seed: int) -> None:
    side = 2 * half
    spectrum = np.fft.fft2(np.random.default_rng(seed).uniform(-1, 1, (side, side)))
    spectrum[half] = 0
    spectrum[:, half] = 0
    image = np.fft.ifft2(spectrum).real
    back = fourier_shift(fourier_shift(image, (dy, dx)), (-dy, -dx))
    np.testing.assert_allclose(back, image, atol=1e-11)


def test_half_a_pixel_takes_the_nyquist_wave_away() -> None:
    wave = np.tile([1.0, -1.0], (4, 4))
    np.testing.assert_allclose(fourier_shift(wave, (0.0, 0.5)), 0, atol=1e-12)
    np.testing.assert_allclose(fourier_shift(wave, (0.0, 0.25)), wave * np.cos(np.pi / 4), atol=1e-12)


def test_float32_stays_float32_and_near() -> None:
    image = np.random.default_rng(0).uniform(size=(3, 8, 10)).astype(np.float32)
    moved = fourier_shift(image, (0.3, -2.6))
    assert moved.dtype == np.float32
    np.testing.assert_allclose(moved, fourier_shift(image.astype(np.float64), (0.3, -2.6)), atol=1e-6)


def test_what_cannot_be_moved_is_named() -> None:
    with pytest.raises(ValueError, match="array must be"):
        fourier_shift(np.zeros(4), (0.0, 0.0))
    with pytest.raises(ValueError, match="finite"):
        fourier_shift(np.zeros((4, 4)), (float("nan"), 0.0))
