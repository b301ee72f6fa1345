"""The sub-pixel shift of a periodic image."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Real = TypeVar("Real", np.float32, np.float64)


@lru_cache(maxsize=256)
def _phases(side: int, shift: float) -> NDArray[np.complex128]:
    """What the half spectrum of a real signal of `side` samples is multiplied by."""
    frequency = np.arange(side // 2 + 1)
    phases = np.exp(-2j * np.pi * frequency * shift / side)
    if side % 2 == 0:
        phases[-1] = math.cos(math.pi * shift)
    phases.flags.writeable = False
    return phases


def fourier_shift(array: NDArray[Real], shift: tuple[float, float]) -> NDArray[Real]:
    """A periodic image moved by a shift that need not be whole.

    The spectrum is multiplied by exp(-2 pi i k s / N) in each axis, the Nyquist bin of an even N by
    cos(pi s), so that the result is real and a whole shift is a roll. Whole parts are rolled, hence
    exact to the last bit; the rest is computed in float64.

    Parameters
    ----------
    array : (..., H, W), float32 or float64
        Any number of images; the last two axes are moved.
    shift : (rows, cols)
        In pixels, down and right positive.

    Returns
    -------
    array of the same shape and dtype; values may leave the range of the input (ringing).

    Raises
    ------
    ValueError
        Where the array has fewer than two axes or the shift is not finite.
    """
    if array.ndim < 2:
        raise ValueError(f"array must be (..., H, W), not {array.shape}")
    moved: NDArray[Any] = array
    for axis, by in ((-2, float(shift[0])), (-1, float(shift[1]))):
        if not math.isfinite(by):
            raise ValueError(f"shift must be finite, not {shift}")
        side = array.shape[axis]
        whole = round(by)
        part = by - whole
        if part:
            spectrum = np.fft.rfft(moved.astype(np.float64), axis=axis)
            phases = _phases(side, part)
            spectrum *= phases[:, None] if axis == -2 else phases
            moved = np.fft.irfft(spectrum, n=side, axis=axis)
        if whole % side:
            moved = np.roll(moved, whole, axis=axis)
    if moved is array:
        return array.copy()
    return moved.astype(array.dtype, copy=False)
