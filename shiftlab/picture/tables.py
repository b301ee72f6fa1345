"""Look-up tables: 256 colours as uint32 0xffRRGGBB, and the diverging tables of our own.

The sequential tables (inferno on dark, CET-L17 on light) come from outside, as rows of RGB; the
diverging ones are nine nodes, linear in sRGB between them, with even steps of lightness on both
sides. Entry 0 of every table is never used for a value (`quantise` gives 1 to 255), so that a
diverging table has its zero at exactly one entry, 128.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

ENTRIES = 256
ZERO = 128
"""The entry of a diverging table that means 0."""

DIVERGING_DARK = ("AEE5FF", "31B1E9", "007AAF", "034670", "16181A", "6B340B", "A86202", "D59C3A", "FFD978")
DIVERGING_LIGHT = ("004491", "1970CB", "5C9EF0", "A7CDFE", "FFFFFF", "FBBE8D", "E58341", "B85122", "8A1C06")


def packed(red: int, green: int, blue: int) -> int:
    """One opaque colour as 0xffRRGGBB."""
    return 0xFF000000 | red << 16 | green << 8 | blue


def lut_from_rgb(rgb: ArrayLike) -> NDArray[np.uint32]:
    """A table from 2 or more rows of RGB in 0 to 255 (a fourth column is left aside), spread evenly.

    Raises
    ------
    ValueError
        Where the shape is not (n, 3) or (n, 4) with n of 2 or more.
    """
    rows: NDArray[np.float64] = np.asarray(rgb, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[0] < 2 or rows.shape[1] not in (3, 4):
        raise ValueError(f"colours must be (n, 3) or (n, 4) with n of 2 or more, not {rows.shape}")
    where = np.linspace(0, 1, ENTRIES - 1)
    return _table(rows[:, :3], where)


def _table(nodes: NDArray[np.float64], where: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Entries 1 to 255 at `where` (0 to 1) along the nodes; entry 0 repeats the first."""
    places = np.linspace(0, 1, len(nodes))
    channels: list[NDArray[Any]] = [np.interp(where, places, nodes[:, channel]) for channel in range(3)]
    red, green, blue = (np.clip(np.rint(channel), 0, 255).astype(np.uint32) for channel in channels)
    table = np.empty(ENTRIES, np.uint32)
    table[1:] = np.uint32(0xFF000000) | red << np.uint32(16) | green << np.uint32(8) | blue
    table[0] = table[1]
    table.flags.writeable = False
    return table


def _from_hex(nodes: Sequence[str]) -> NDArray[np.float64]:
    return np.array([[int(node[at : at + 2], 16) for at in (0, 2, 4)] for node in nodes], dtype=np.float64)


@cache
def diverging(dark: bool) -> NDArray[np.uint32]:
    """Our own zero-centred table: negative is blue, zero sinks into the ground, positive is orange."""
    return _table(_from_hex(DIVERGING_DARK if dark else DIVERGING_LIGHT), np.linspace(0, 1, ENTRIES - 1))


@cache
def grey() -> NDArray[np.uint32]:
    """Black to white, for the canvas and for kernels' magnitudes."""
    return lut_from_rgb([[0, 0, 0], [255, 255, 255]])
