"""Norms and products of Fourier-shifted maps, without a transform of the whole map.

The Fourier shift of a ring of N cells is a circulant matrix: its column is the shift of a single one.
What a pattern changes lies in a small box, so that small parts of two such matrices, one for each
axis, do the work of transforms. No torch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shiftlab.measure.energy import Array, total
from shiftlab.measure.masks import Interval, Rect
from shiftlab.network.spec import Pair
from shiftlab.scene.fourier import fourier_shift


@lru_cache(maxsize=256)
def _column(side: int, shift: float) -> NDArray[np.float64]:
    """What the shift makes of a one in the first of `side` cells."""
    one = np.zeros((1, side))
    one[0, 0] = 1
    return fourier_shift(one, (0.0, shift))[0]


def _matrix(side: int, shift: float, to: Interval, origin: Interval, dtype: np.dtype[Any]) -> Array:
    """The part of the shift's matrix that takes the cells `origin` to the cells `to`."""
    apart = np.arange(*to)[:, None] - np.arange(*origin)[None]
    return _column(side, shift)[apart % side].astype(dtype)


@dataclass(frozen=True)
class Shifted:
    """A response that a sub-cell shift moves round a ring.

    Parameters
    ----------
    values : (C, h, w)
        The response inside its box; outside it is 0.
    box : Rect
    size : (rows, cols) of the ring
    """

    values: Array
    box: Rect
    size: Pair

    def norm(self, cells: tuple[float, float], squared: float) -> float:
        """Squared norm after the shift, from that before: an even ring loses a part of its Nyquist waves.

        Their factor is cos(pi s), so that 1 - cos^2 of their squares is lost, along each axis by itself.
        """
        lost = [
            math.sin(math.pi * shift) ** 2 if side % 2 == 0 else 0.0
            for shift, side in zip(cells, self.size, strict=True)
        ]
        if not any(lost):
            return squared
        signs = [1.0 - 2.0 * (np.arange(*run) % 2) for run in (self.box.rows, self.box.cols)]
        rows = np.tensordot(self.values, signs[0].astype(self.values.dtype), (1, 0))
        cols = np.tensordot(self.values, signs[1].astype(self.values.dtype), (2, 0))
        both = rows @ signs[1].astype(self.values.dtype)
        in_rows, in_cols = total(rows) / self.size[0], total(cols) / self.size[1]
        in_both = total(both) / (self.size[0] * self.size[1])
        return squared - lost[0] * in_rows - lost[1] * in_cols + lost[0] * lost[1] * in_both

    def product(self, here: Array, box: Rect, cells: tuple[float, float]) -> float:
        """The scalar product of the shifted response and `here`, which stands in `box` and is 0 elsewhere."""
        if box.empty or self.box.empty:
            return 0.0
        dtype = self.values.dtype
        down = _matrix(self.size[0], cells[0], box.rows, self.box.rows, dtype)
        across = _matrix(self.size[1], cells[1], box.cols, self.box.cols, dtype)
        # sum over c, i, j, k of here[c, i, j] down[i, k] (values across^T)[c, k, j]
        along = self.values @ across.T
        return float((np.tensordot(here, along, ((0, 2), (0, 2))) * down).sum(dtype=np.float64))

    def less(self, here: Array, box: Rect, cells: tuple[float, float]) -> float:
        """The squared norm of the shifted response less `here`, which stands in `box` and is 0 elsewhere."""
        dtype = self.values.dtype
        everywhere = np.zeros((len(here), *self.size), dtype=dtype)
        if not self.box.empty:
            down = _matrix(self.size[0], cells[0], (0, self.size[0]), self.box.rows, dtype)
            across = _matrix(self.size[1], cells[1], (0, self.size[1]), self.box.cols, dtype)
            everywhere = down @ (self.values @ across.T)
        everywhere[:, *box.slices] -= here
        return total(everywhere)
