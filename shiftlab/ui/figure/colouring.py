"""Values looked up in the tables of a theme, where a picture is small enough to be made on the window's own thread."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shiftlab.engine.messages import Luts


def table_colours(
    values: NDArray[np.floating[Any]], low: float, high: float, tables: Luts, unknown: int, centre: float | None = None
) -> NDArray[np.uint32]:
    """Values as 0xffRRGGBB.

    Parameters
    ----------
    values : (R, C)
    low, high : ends of the colours
    unknown : 0xffRRGGBB of what is no finite number
    centre : the value in the middle of the diverging table; None for the sequential one
    """
    filled = np.clip(np.nan_to_num(values, nan=low), low, high)
    if centre is None:
        table, entries = tables.sequential, 1 + 254 * ((filled - low) / ((high - low) or 1.0))
    else:
        above, below = (high - centre) or 1.0, (centre - low) or 1.0
        table = tables.diverging
        entries = 128 + 127 * ((filled - centre) / np.where(filled >= centre, above, below))
    found = table[np.rint(entries).astype(np.intp)]
    found[~np.isfinite(values)] = unknown
    return np.ascontiguousarray(found, dtype=np.uint32)
