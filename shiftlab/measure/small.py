"""Sums over the masks of a map on which a bias and zero padding leave a rim that is not level.

With A the present map, Z the blank one and T B the reference moved along, |A - T B|^2 is |Z - T B|^2
wherever the present map is blank: by place that depends on the reference alone and is kept, so that a
candidate shift costs one pass over the box in which the present map responds, whatever the masks. Deep
maps are small, and a pattern's response reaches their rim. Not for rings. No torch.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from shiftlab.measure.energy import Array, Energy, Mask, Places, by_place
from shiftlab.measure.masks import Rect, whole
from shiftlab.network.spec import Pair

MOST = 1 << 19
"""Values up to which the whole of a map is worth a pass for every new shift."""
KEPT = 256
"""Shifts for which the squares by place are kept."""


class Sums(NamedTuple):
    """Squares by place of the present map and of its response."""

    plain: Places
    responded: Places

    def energies(self, mask: Mask) -> tuple[Energy, Energy]:
        """Of both over a mask."""
        return _over(self.plain, mask), _over(self.responded, mask)


class Small:
    """What of the reference and the blank map a drag needs, by place.

    Parameters
    ----------
    reference, blank : (C, H, W)
    ground : (H, W)
        Squares of the blank map.
    """

    def __init__(self, reference: Array, blank: Array, ground: Places) -> None:
        self._reference, self._blank, self._ground = reference, blank, ground
        self._size: Pair = (reference.shape[1], reference.shape[2])
        self._apart: dict[Pair, Places] = {}

    def sums(self, now: Array, response: Array, box: Rect) -> Sums:
        """Of a present map and its response, which stands in `box`."""
        plain, responded = self._ground.copy(), np.zeros(self._size)
        plain[box.slices] = _squares(now[:, *box.slices])
        responded[box.slices] = _squares(response)
        return Sums(plain, responded)

    def difference(self, now: Array, box: Rect, by: Pair, mask: Mask) -> Energy:
        """Squares over the mask of a present map, blank outside `box`, less the reference moved."""
        if by not in self._apart:
            if len(self._apart) >= KEPT:
                self._apart.clear()
            self._apart[by] = self._places(self._blank, whole(self._size), by)
        apart = self._apart[by]
        here = box.meet(mask.full)
        if not here.empty:
            apart = apart.copy()
            apart[here.slices] = self._places(now, here, by)
        return _over(apart, mask)

    def _places(self, maps: Array, region: Rect, by: Pair) -> Places:
        """Squares by place of a map less the reference moved, in a region; 0 where that is moved in from nowhere."""
        found = np.zeros((region.rows[1] - region.rows[0], region.cols[1] - region.cols[0]))
        to = region.meet(whole(self._size).moved(by))
        if not to.empty:
            rest = maps[:, *to.slices] - self._reference[:, *to.moved((-by[0], -by[1])).slices]
            found[to.within(region).slices] = by_place(rest)
        return found


def _squares(values: Array) -> Places:
    """Squares by place; what does not lie together is copied first, which is faster."""
    return by_place(np.ascontiguousarray(values))


def _over(places: Places, mask: Mask) -> Energy:
    full = float(places[mask.full.slices].sum())
    if mask.valid is None:
        return Energy(full, full)
    return Energy(full, 0.0 if mask.valid.empty else float(places[mask.valid.slices].sum()))
