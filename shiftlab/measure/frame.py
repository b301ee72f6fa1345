"""Products of a present response with the reference's, moved by a few cells: one long dot product each.

A response stands in a small box of its map, whose rows are short: read there, every pass pays for each
row. Here the reference's response lies inside a margin of zeros, and the present one is put into an
array of the same shape. Moving by whole cells is then an offset between two flat arrays; what it
carries over an edge meets zeros, or the frame says that it does not. No torch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shiftlab.measure.energy import Array
from shiftlab.measure.masks import Rect
from shiftlab.network.spec import Pair

MOST = 1 << 20
"""Values up to which a frame is worth its memory: what is larger has long rows anyway."""
HEAVY = 1 << 13
"""Values of a response from which on its margins are narrow: every product reads them too."""


def _margin(side: int, heavy: bool) -> int:
    """Cells round a box of that side: for floor and ceil, for boxes that differ a little, and for small moves."""
    return 1 if heavy else 2 + side // 8


class Frame:
    """The reference's response in a margin of zeros, and one of the same shape for the present response.

    Parameters
    ----------
    response : (C, H, W)
    box : Rect
        Outside of it the response is 0.
    ground : (C, 1, 1), optional
        The blank map, where it is the same all over.

    Attributes
    ----------
    values : (C, h, w)
        The present response as it was put last, a view that the next `put` writes into.
    squared : float
        Its squared norm.
    """

    def __init__(self, response: Array, box: Rect, ground: Array | None = None) -> None:
        (top, bottom), (left, right) = self._box = box
        heavy = len(response) * (bottom - top) * (right - left) > HEAVY
        self._margins = down, across = _margin(bottom - top, heavy), _margin(right - left, heavy)
        shape = (len(response), bottom - top + 2 * down, right - left + 2 * across)
        self._shape, self._size = shape, response.shape[1:]
        reference, self._present = np.zeros((2, *shape), response.dtype)
        reference[:, down : down + bottom - top, across : across + right - left] = response[:, *box.slices]
        self._reference, self._flat = reference.ravel(), self._present.ravel()
        # one long row a channel
        self._rows = self._present.reshape(len(response), -1)
        self._ground = ground
        self._level = None if ground is None else ground.reshape(-1, 1)
        self._ones = np.ones(self._rows.shape[1], response.dtype)
        self._count = len(self._flat)
        self._where: tuple[int, int, int, int] | None = None
        self._by: Pair = (0, 0)
        self.values: Array = self._present
        self.squared = 0.0

    @staticmethod
    def worth_while(box: Rect, shape: tuple[int, ...]) -> bool:
        """Whether a response of this shape and box is small on its map."""
        rows, cols = box.rows[1] - box.rows[0], box.cols[1] - box.cols[0]
        if not rows or not cols or 2 * rows * cols > shape[1] * shape[2]:
            return False
        heavy = shape[0] * rows * cols > HEAVY
        return shape[0] * (rows + 2 * _margin(rows, heavy)) * (cols + 2 * _margin(cols, heavy)) <= MOST

    def put(self, here: Array, ground: Array | None, box: Rect, by: Pair) -> bool:
        """Take in `here` less `ground`, the present response, which stands in `box`; False where it does not fit.

        It fits where the reference moved `by` whole cells stands in about the same place.
        """
        top = box.rows[0] - self._box.rows[0] - by[0] + self._margins[0]
        left = box.cols[0] - self._box.cols[0] - by[1] + self._margins[1]
        _, height, width = here.shape
        bottom, right = top + height, left + width
        if not height or not width or top < 0 or left < 0 or bottom > self._shape[1] or right > self._shape[2]:
            return False
        flat = self._flat
        where = (top, bottom, left, right)
        moved = where != self._where
        if moved:
            self._where, self.values = where, self._present[:, top:bottom, left:right]
        if ground is not None and ground is self._ground and self._level is not None:
            # one value a channel is taken from all of its row at once, and leaves zeros outside of the box
            np.copyto(self._rows, self._level)
            np.copyto(self.values, here)
            np.subtract(self._rows, self._level, out=self._rows)
        else:
            if moved:
                flat.fill(0)
            if ground is None:
                np.copyto(self.values, here)
            else:
                np.subtract(here, ground, out=self.values)
        self._by = by
        self.squared = float(np.dot(flat, flat))
        return True

    def crossed(self, ground: Array) -> float | None:
        """The scalar product of the present response and the ground; None where that is not the frame's."""
        if ground is not self._ground or self._level is None:
            return None
        return float(np.dot(self._rows @ self._ones, self._level[:, 0]))

    @property
    def places(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The rows and the cols of a ring that stand in the frame, where the reference is not moved."""
        rows, cols = (
            np.arange(run[0] - margin, run[1] + margin) % side
            for run, margin, side in zip(self._box, self._margins, self._size, strict=True)
        )
        return rows, cols

    def with_cut(self, cut: Array) -> float:
        """The scalar product of the present response and what of a ring stands at `places`, flat, moved by what was
        given to `put`."""
        return float(np.dot(self._flat, cut))

    def product(self, by: Pair) -> float | None:
        """With the reference moved `by` whole cells; None where the frame is too narrow for this."""
        offset = self._offset(by)
        if offset is None:
            return None
        if not offset:
            return float(np.dot(self._flat, self._reference))
        if offset < 0:
            return float(np.dot(self._flat[:offset], self._reference[-offset:]))
        return float(np.dot(self._flat[offset:], self._reference[: self._count - offset]))

    def difference(self, by: Pair) -> float | None:
        """Squared norm of the present response less the reference's moved `by`, none of which may leave the map.

        None where the frame is too narrow for this.
        """
        offset = self._offset(by)
        # what leaves the frame would be missing from the sum
        if offset is None or any(
            abs(to - here) > margin for to, here, margin in zip(by, self._by, self._margins, strict=True)
        ):
            return None
        rest = self._flat.copy()
        if not offset:
            rest -= self._reference
        elif offset < 0:
            rest[:offset] -= self._reference[-offset:]
        else:
            rest[offset:] -= self._reference[: self._count - offset]
        return float(np.dot(rest, rest))

    def _offset(self, by: Pair) -> int | None:
        """Where the reference begins in the flat present; None where something would come in over an edge."""
        down, across = by[0] - self._by[0], by[1] - self._by[1]
        if not down and not across:
            return 0
        assert self._where is not None
        top, bottom, left, right = self._where
        (first, last), (start, stop) = self._box
        _, height, width = self._shape
        # rows and cols of the moved reference, one frame further and one back
        row, col = self._margins[0] + down, self._margins[1] + across
        if row + height < bottom or row + last - first - height > top:
            return None
        if col + width < right or col + stop - start - width > left:
            return None
        return down * width + across
