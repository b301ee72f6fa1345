"""Sums over the masks of a map on which a bias and zero padding leave a rim that is not level.

Deep maps are small, and a pattern's response reaches their rim: squares are summed by place over the
whole of the map, and a mask then takes a few numbers. Moving by whole cells is an offset between flat
planes; what it carries over an edge lands where no moved cell exists, which no mask holds. Not for
rings. No torch.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from shiftlab.measure.energy import CANCELLING, Array, Energy, Mask, Places, by_place
from shiftlab.measure.masks import Rect
from shiftlab.network.spec import Pair

MOST = 1 << 19
"""Values up to which the whole of a map is worth a pass for every shift."""


class Sums(NamedTuple):
    """Squares by place of the present map and of its response."""

    plain: Places
    responded: Places

    def energies(self, mask: Mask) -> tuple[Energy, Energy]:
        """Of both over a mask."""
        return _over(self.plain, mask), _over(self.responded, mask)


class Small:
    """A reference map (C, H, W) of few values."""

    def __init__(self, reference: Array) -> None:
        self._planes = np.ascontiguousarray(reference).reshape(len(reference), -1)
        self._size: Pair = (reference.shape[1], reference.shape[2])

    def sums(self, now: Array, response: Array, box: Rect) -> Sums:
        """Of a present map and its response, which stands in `box`."""
        responded = np.zeros(self._size)
        responded[box.slices] = by_place(response)
        return Sums(by_place(now), responded)

    def difference(self, now: Array, by: Pair, mask: Mask, here: Energy, there: Energy) -> Energy:
        """Squares over the mask of the present map, (C, H, W), less the reference moved by whole cells.

        `here` and `there` are those of the two by themselves: the rest follows from their product, unless it
        is small against them.
        """
        planes = np.ascontiguousarray(now).reshape(len(now), -1)
        offset = by[0] * self._size[1] + by[1]
        cells = planes.shape[1] - abs(offset)
        to, origin = max(offset, 0), max(-offset, 0)
        first, second = planes[:, to : to + cells], self._planes[:, origin : origin + cells]
        places = np.zeros(self._size)
        flat = places.reshape(-1)[to : to + cells]
        flat[...] = np.einsum("ck,ck->k", first, second)
        common = _over(places, mask)
        full, valid = here.full + there.full - 2 * common.full, here.valid + there.valid - 2 * common.valid
        if full >= CANCELLING * (here.full + there.full) and valid >= CANCELLING * (here.valid + there.valid):
            return Energy(full, valid)
        rest = np.subtract(first, second)
        flat[...] = np.einsum("ck,ck->k", rest, rest)
        return _over(places, mask)


def _over(places: Places, mask: Mask) -> Energy:
    full = float(places[mask.full.slices].sum())
    if mask.valid is None:
        return Energy(full, full)
    return Energy(full, 0.0 if mask.valid.empty else float(places[mask.valid.slices].sum()))
