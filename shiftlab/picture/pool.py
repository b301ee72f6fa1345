"""Arrays that are used again once nobody holds them.

A fresh array of more than a few hundred kilobytes costs a page fault for every 4 KB when it is first
written, more than all the work of making a picture. A pool hands out an array again as soon as the
last reference to it, or to a view of it, is gone: a picture that is still shown is never written to.
Whoever gives the memory to something that Python cannot see (a QImage) must keep the array as well.
"""

from __future__ import annotations

import math
import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)
Made = TypeVar("Made")
Key = tuple[tuple[int, ...], type[np.generic]]
LIMIT = 64 << 20
MOST_SHAPES = 256
"""Shapes kept: a drag draws parts of ever other sizes, small ones, that cost nothing to make anew."""
MOST_MADE = 32
LEAST = 1 << 10
"""Values that memory for scratch has at least."""


def _references_when_free() -> int:
    arrays = [np.empty(1)]
    return sys.getrefcount(arrays[0])


_FREE = _references_when_free()
"""What Python counts of references to an array that only a list holds, asked as `Pool` asks."""


class Pool:
    """Arrays by shape and type, at most `limit` bytes of them kept. For one thread."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._kept: OrderedDict[Key, list[NDArray[Any]]] = OrderedDict()
        self._next: dict[Key, int] = {}
        self._bytes = 0
        self._made: OrderedDict[Hashable, Any] = OrderedDict()

    @property
    def kept_bytes(self) -> int:
        """Memory of all arrays that the pool knows of, in use or not."""
        return self._bytes

    def empty(self, shape: tuple[int, ...], dtype: type[Scalar]) -> NDArray[Scalar]:
        """A C-contiguous array of any content that nobody else holds."""
        key = (shape, dtype)
        arrays = self._kept.get(key)
        if arrays is None:
            arrays = self._kept[key] = []
        else:
            self._kept.move_to_end(key)
        # The next after the one handed out last: what is made together is let go together.
        found = self._free(arrays, self._next.get(key, 0))
        if found is not None:
            self._next[key] = found + 1
            return arrays[found]
        made = np.empty(shape, dtype)
        arrays.append(made)
        self._next[key] = 0
        self._bytes += made.nbytes
        self._shrink()
        return made

    def scratch(self, shape: tuple[int, ...], dtype: type[Scalar]) -> NDArray[Scalar]:
        """The same for shapes that are seldom twice the same: in the memory of an array a little larger."""
        size = max(math.prod(shape), LEAST)
        return np.ndarray(shape, dtype, self.empty((1 << (size - 1).bit_length(),), dtype))

    def made(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` gave for this key; the few that were asked for last are kept."""
        if key in self._made:
            self._made.move_to_end(key)
        else:
            self._made[key] = make()
            if len(self._made) > MOST_MADE:
                self._made.popitem(last=False)
        return self._made[key]

    @staticmethod
    def _free(arrays: list[NDArray[Any]], start: int) -> int | None:
        """Which array nobody else holds, the first from `start` on or else from the first on."""
        references, free = sys.getrefcount, _FREE
        for index in range(start, len(arrays)):
            if references(arrays[index]) == free:
                return index
        for index in range(min(start, len(arrays))):
            if references(arrays[index]) == free:
                return index
        return None

    def _shrink(self) -> None:
        """Forget the arrays of the shapes that were not asked for longest; who holds one keeps it."""
        while (self._bytes > self._limit and len(self._kept) > 1) or len(self._kept) > MOST_SHAPES:
            key, arrays = self._kept.popitem(last=False)
            self._next.pop(key, None)
            self._bytes -= sum(array.nbytes for array in arrays)
