"""Norms and products of Fourier-shifted maps, without a transform of the whole map.

The Fourier shift of a ring of N cells is a circulant matrix: its column is the shift of a single one.
What a pattern changes lies in a small box, so that small parts of two such matrices, one for each
axis, do the work of transforms. No torch.
"""

from __future__ import annotations

import math
from functools import cached_property, lru_cache

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from shiftlab.measure.energy import CANCELLING, Array, total
from shiftlab.measure.masks import Interval, Rect
from shiftlab.network.spec import Pair


def _column(side: int, shift: float) -> NDArray[np.float64]:
    """What the shift makes of a one in the first of `side` cells.

    The sum of cos(2 pi k (j - s) / N) over all frequencies, Nyquist as cos(pi s) cos(pi j), is
    sin(pi x) / (N tan(pi x / N)) for even and sin(pi x) / (N sin(pi x / N)) for odd N, with x = j - s.
    """
    apart = np.arange(side) - shift % side
    turn = np.sin if side % 2 else np.tan
    close = np.abs(apart) < 1e-9
    below = side * turn(np.pi / side * np.where(close, 1.0, apart))
    return np.where(close, 1.0, np.sin(np.pi * apart) / below)


@lru_cache(maxsize=256)
def _matrix(side: int, shift: float) -> NDArray[np.float64]:
    """The (side, side) matrix of the shift, as a view of its first column."""
    column = _column(side, shift)
    twice = np.concatenate([column, column])
    step = twice.itemsize
    # cell i of the shifted ring takes column[(i - k) mod side] of cell k
    return as_strided(twice[side:], (side, side), (step, -step), writeable=False)


class Shifted:
    """A response that a sub-cell shift moves round a ring.

    Parameters
    ----------
    response : (C, H, W)
    box : Rect
        Outside of it the response is 0.
    """

    def __init__(self, response: Array, box: Rect) -> None:
        self._response, self._box = response, box
        self._size: Pair = (response.shape[1], response.shape[2])

    @cached_property
    def _values(self) -> Array:
        """The response in its box, (rows, C, cols): products over channels and cols are then one matrix product."""
        return _rows_first(self._response[:, *self._box.slices])

    @cached_property
    def _doubled(self) -> NDArray[np.float64]:
        return self._values.astype(np.float64)

    @cached_property
    def _squared(self) -> float:
        return total(self._doubled)

    @cached_property
    def _nyquist(self) -> tuple[float, float, float]:
        """Squared norms of the parts that alternate from row to row, from col to col, and both."""
        rows_sign, cols_sign = (1.0 - 2.0 * (np.arange(*run) % 2) for run in self._box)
        rows = np.tensordot(rows_sign, self._doubled, (0, 0))
        cols = self._doubled @ cols_sign
        both = rows @ cols_sign
        height, width = self._size
        return total(rows) / height, total(cols) / width, total(both) / (height * width)

    def norm(self, cells: tuple[float, float]) -> float:
        """Squared norm after the shift: an even ring loses a part of its Nyquist waves.

        Their factor is cos(pi s), so that 1 - cos^2 of their squares is lost, along each axis by itself.
        """
        down, across = (
            math.sin(math.pi * shift) ** 2 if side % 2 == 0 else 0.0
            for shift, side in zip(cells, self._size, strict=True)
        )
        rows, cols, both = self._nyquist
        return self._squared - down * rows - across * cols + down * across * both

    def moved(self, cells: tuple[float, float], rows: NDArray[np.intp], cols: NDArray[np.intp]) -> Array:
        """What stands in these rows and cols of the ring after the shift, (C, rows, cols)."""
        across = _matrix(self._size[1], cells[1])[cols, slice(*self._box.cols)]
        down = _matrix(self._size[0], cells[0])[rows, slice(*self._box.rows)]
        height, channels, width = self._doubled.shape
        # an empty box, too, has rows, cols and channels: nothing is left to be found out from the count of values
        along = (self._doubled.reshape(height * channels, width) @ across.T).reshape(height, channels * len(cols))
        found = (down @ along).reshape(len(rows), channels, len(cols))
        return np.ascontiguousarray(found.transpose(1, 0, 2), self._response.dtype)

    def difference(self, here: Array, box: Rect, cells: tuple[float, float]) -> float:
        """The squared norm of the shifted response less `here`, which stands in `box` and is 0 elsewhere.

        From norms and the product, as long as that is exact enough; of maps in single precision it is in
        the end when they are taken in double.
        """
        values = _rows_first(here)
        both = total(values) + self.norm(cells)
        found = both - 2 * self._product(values, self._values, box, cells)
        if found >= CANCELLING * both:
            return found
        values = values.astype(np.float64)
        if here.dtype == np.float64:
            return self._subtracted(values, box, cells)
        return total(values) + self.norm(cells) - 2 * self._product(values, self._doubled, box, cells)

    def _along(self, response: Array, shift: float, to: Interval) -> Array:
        """The response shifted along its rows alone, in the cols `to`: (rows of the box, C, cols)."""
        rows, channels, cols = response.shape
        matrix = _matrix(self._size[1], shift)[slice(*to), slice(*self._box.cols)]
        return (response.reshape(-1, cols) @ matrix.T.astype(response.dtype, order="C")).reshape(rows, channels, -1)

    def _product(self, here: Array, response: Array, box: Rect, cells: tuple[float, float]) -> float:
        """The scalar product of the shifted response and `here` (rows, C, cols)."""
        if box.empty or self._box.empty:
            return 0.0
        along = self._along(response, cells[1], box.cols)
        # sum over c, i, j, k of here[i, c, j] down[i, k] along[k, c, j]
        pairs = here.reshape(len(here), -1) @ along.reshape(len(along), -1).T
        down = _matrix(self._size[0], cells[0])[slice(*box.rows), slice(*self._box.rows)]
        return float((pairs * down).sum())

    def _subtracted(self, here: NDArray[np.float64], box: Rect, cells: tuple[float, float]) -> float:
        """The difference itself, over the whole ring."""
        height, width = self._size
        everywhere = np.zeros((height, here.shape[1], width))
        if not self._box.empty:
            along = self._along(self._doubled, cells[1], (0, width))
            down = _matrix(height, cells[0])[:, slice(*self._box.rows)]
            everywhere = (np.ascontiguousarray(down) @ along.reshape(len(along), -1)).reshape(height, -1, width)
        top, left = box.slices
        everywhere[top, :, left] -= here
        return total(everywhere)


def _rows_first(values: Array) -> Array:
    """(C, h, w) as (h, C, w), a copy."""
    return np.ascontiguousarray(values.transpose(1, 0, 2))
