"""A map moved along, and what is left of the present one when the moved reference is taken away.

Maps are (C, H, W) arrays; a torch tensor, alone or in a batch of one, is viewed as such. No torch here.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from shiftlab.measure.masks import kept, whole
from shiftlab.scene.fourier import fourier_shift

Array = NDArray[Any]


def as_map(values: Any) -> Array:
    """A map as a (C, H, W) array, without a copy where it lies in memory: from an array or a torch tensor.

    Raises
    ------
    ValueError
        Where it is not (C, H, W), a batch (1, C, H, W), or a vector (C,) or (1, C).
    """
    array: Array
    array = cast(Array, values) if isinstance(values, np.ndarray) else values.numpy(force=True)
    shape = array.shape
    if array.ndim in (2, 4) and shape[0] == 1:
        array = array[0]
    if array.ndim == 1:
        array = array[:, None, None]
    if array.ndim != 3:
        raise ValueError(f"a map must be (C, H, W) or a batch of one, not {shape}")
    return array


def moved(reference: Array, cells: tuple[float, float], wraps: bool, fill: Array | None = None) -> Array:
    """A reference map moved along by (rows, cols) cells.

    Parameters
    ----------
    reference : (C, H, W)
    cells : whole numbers, or on a ring any (Fourier shift)
    wraps : whether the map is a ring
    fill : (C, H, W), optional
        What stands where the moved map does not exist. Without it that is NaN: the cells have no
        counterpart, and a picture of them should say so (it is drawn hatched).

    Raises
    ------
    ValueError
        For a shift that is not whole where the map is no ring.
    """
    if wraps:
        return fourier_shift(reference, cells)
    if not (float(cells[0]).is_integer() and float(cells[1]).is_integer()):
        raise ValueError(f"a map that does not wrap cannot be moved by {cells[0]:g}, {cells[1]:g} cells")
    by = (int(cells[0]), int(cells[1]))
    result = np.full_like(reference, np.nan) if fill is None else fill.copy()
    place = kept(whole((reference.shape[1], reference.shape[2])), (by,))
    if not place.empty:
        origin = place.moved((-by[0], -by[1]))
        result[:, *place.slices] = reference[:, *origin.slices]
    return result


def changed(now: Array, reference: Array) -> Array:
    """What changed: now - reference, the residual of 'stayed put'."""
    return now - reference


def left(now: Array, reference: Array, cells: tuple[float, float], wraps: bool) -> Array:
    """What is left: now - reference moved along; NaN in the cells where the moved reference does not exist."""
    return now - moved(reference, cells, wraps)
