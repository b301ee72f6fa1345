"""A tile is the canvas: which cell of a map lies under a pixel of a tile.

Cell u of a stage with cumulative stride S and first centre at `offset` (in canvas pixels) stands for
the canvas from offset - S/2 + uS to offset + S/2 + uS, pixel p of the canvas covering p - 1/2 to
p + 1/2. Where cells are larger than a tile's pixels each pixel takes the cell under its centre
(nearest neighbour); where they are smaller a pixel takes all cells whose centres lie within it
(decimation). A map without places (dense, global) is stretched over the tile.
"""

from __future__ import annotations

import math
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from shiftlab.network.info import StageInfo

ROUNDING = 1e-9


class Axis(msgspec.Struct, frozen=True, eq=False):
    """Along one axis, the cells under each pixel of a tile: `low` to `high` (not included).

    Attributes
    ----------
    low, high : (tile,) int
        Empty (low == high) where no cell stands for the pixel; `low` is a valid index all the same.
    most : int
        The largest number of cells under a pixel; 1 where it is a plain gather.
    identity : bool
        Every pixel is the cell of the same number, where it has one.
    outside : bool
        Some pixels have no cell.
    times : int
        Every cell of the map fills just so many pixels, in order; 1 where this is not so.
    """

    low: NDArray[np.intp]
    high: NDArray[np.intp]
    most: int
    identity: bool
    outside: bool
    times: int

    @property
    def even(self) -> bool:
        """Whether every cell fills `times` pixels, in order, and every pixel has one."""
        return not self.outside and (self.identity or self.times > 1)

    @staticmethod
    def of(low: NDArray[np.intp], high: NDArray[np.intp], cells: int) -> Axis:
        """From the bounds alone; they are clipped to the map's `cells`."""
        low, high = np.clip(low, 0, cells), np.clip(high, 0, cells)
        counts = np.maximum(high - low, 0)
        low = np.minimum(low, cells - 1)
        high = low + counts
        for array in (low, high):
            array.flags.writeable = False
        most = max(int(counts.max(initial=0)), 1)
        identity = cells == len(low) and most == 1 and bool((low == np.arange(cells)).all())
        outside = bool((counts == 0).any())
        times, rest = divmod(len(low), cells)
        repeats = most == 1 and not (outside or rest) and bool((low == np.arange(len(low)) // times).all())
        return Axis(low, high, most, identity, outside, times if repeats else 1)


@lru_cache(maxsize=512)
def axis(cells: int, canvas: int, tile: int, stride: int | None, offset: float | None) -> Axis:
    """The cells under a tile's pixels, along rows or columns.

    Parameters
    ----------
    cells : int
        Of the map along this axis.
    canvas, tile : int
        Sides of the canvas and of the tile in pixels.
    stride, offset
        Of the stage, in canvas pixels; None where it has no places.
    """
    if stride is None or offset is None:
        stride_px, first = canvas / cells, canvas / cells / 2 - 0.5
    else:
        stride_px, first = float(stride), offset
    step = canvas / tile
    edges = np.arange(tile + 1) * step - 0.5
    if step > stride_px:
        # A centre that lies on the border of two pixels belongs to the latter, rounding aside.
        bounds = np.ceil((edges - first) / stride_px - ROUNDING).astype(np.intp)
        low, high = bounds[:-1], bounds[1:]
    else:
        centres = (edges[:-1] + edges[1:]) / 2
        low = np.floor((centres - first) / stride_px + 0.5 + ROUNDING).astype(np.intp)
        high = low + 1
    return Axis.of(low, high, cells)


def axes(info: StageInfo, canvas: tuple[int, int], tile: tuple[int, int]) -> tuple[Axis, Axis]:
    """`axis` for the rows and the columns of a stage."""
    stride: tuple[int, int] | tuple[None, None] = info.stride or (None, None)
    offset: tuple[float, float] | tuple[None, None] = info.offset or (None, None)
    return (
        axis(info.size[0], canvas[0], tile[0], stride[0], offset[0]),
        axis(info.size[1], canvas[1], tile[1], stride[1], offset[1]),
    )


def cell_at(
    info: StageInfo, canvas: tuple[int, int], tile: tuple[int, int], row: float, col: float
) -> tuple[int, int] | None:
    """The cell under the point (row, col) of a tile in its pixels, or None where none stands there.

    Of several under one pixel, that under the point.
    """
    cell: list[int] = []
    stride: tuple[int, int] | tuple[None, None] = info.stride or (None, None)
    offset: tuple[float, float] | tuple[None, None] = info.offset or (None, None)
    for at, side, pixels, cells, s, first in zip((row, col), canvas, tile, info.size, stride, offset, strict=True):
        where = at * side / pixels - 0.5
        if not -0.5 <= where < side - 0.5:
            return None
        if s is None or first is None:
            index = int(at * cells / pixels)
        else:
            index = math.floor((where - first) / s + 0.5 + ROUNDING)
        if not 0 <= index < cells:
            return None
        cell.append(index)
    return cell[0], cell[1]


def cell_box(
    info: StageInfo, canvas: tuple[int, int], tile: tuple[int, int], cell: tuple[int, int]
) -> tuple[float, float, float, float]:
    """(row, col, height, width) of a cell in a tile's pixels; it may reach over the tile's border."""
    if info.stride is None or info.offset is None:
        height, width = tile[0] / info.size[0], tile[1] / info.size[1]
        return cell[0] * height, cell[1] * width, height, width
    scale = (tile[0] / canvas[0], tile[1] / canvas[1])
    row = (info.offset[0] - info.stride[0] / 2 + cell[0] * info.stride[0] + 0.5) * scale[0]
    col = (info.offset[1] - info.stride[1] / 2 + cell[1] * info.stride[1] + 0.5) * scale[1]
    return row, col, info.stride[0] * scale[0], info.stride[1] * scale[1]
