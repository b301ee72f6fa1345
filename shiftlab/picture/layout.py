"""How the channels of a stage are laid out as tiles in the room a panel has (a pure function, no Qt).

A tile is the canvas: its side is the same in every stage. Tiles come in boxes of 128, 64, 32 or 16
logical pixels; inside its box a tile is the canvas times (or divided by) a whole factor in device
pixels, so that every canvas pixel keeps one size.
"""

from __future__ import annotations

import math

import msgspec

BOXES = (128, 64, 32, 16)
FULL = 0.8
"""At least this part of the columns that a room has is used."""
SPARE = 128
"""The box at which the selected channel is shown where there is room for it."""

Rect = tuple[int, int, int, int]
"""(x, y, width, height) in device pixels."""


class MosaicLayout(msgspec.Struct, frozen=True):
    """Where the tiles of a stage stand.

    Attributes
    ----------
    box : int
        Side of a tile's box in logical pixels (what the tile control shows).
    tile : (rows, cols)
        The tile itself in device pixels; what a PictureRequest wants.
    gap : int
        Device pixels between tiles.
    columns, rows : int
        Tiles in a row, and rows shown.
    first, count, total : int
        The channels shown are `first` to `first + count` of `total`; `first` begins a row.
    size : (width, height)
        Of the mosaic, in device pixels.
    spare : Rect or None
        Free room to the right of the mosaic, where the selected channel fits at 128.
    """

    box: int
    tile: tuple[int, int]
    gap: int
    columns: int
    rows: int
    first: int
    count: int
    total: int
    size: tuple[int, int]
    spare: Rect | None

    @property
    def scrolls(self) -> bool:
        """Whether there are more channels than are shown."""
        return self.count < self.total

    def rect(self, channel: int) -> Rect:
        """Where a shown channel's tile stands in the mosaic.

        Raises
        ------
        IndexError
            Where the channel is not among those shown.
        """
        if not self.first <= channel < self.first + self.count:
            raise IndexError(f"channel {channel} is not shown: {self.first} to {self.first + self.count - 1} are")
        row, col = divmod(channel - self.first, self.columns)
        height, width = self.tile
        return col * (width + self.gap), row * (height + self.gap), width, height

    def channel_at(self, x: float, y: float) -> int | None:
        """The channel whose tile is under (x, y) of the mosaic in device pixels; None in gaps and outside."""
        height, width = self.tile
        col, row = int(x // (width + self.gap)), int(y // (height + self.gap))
        if not (0 <= col < self.columns and 0 <= row < self.rows):
            return None
        if x - col * (width + self.gap) >= width or y - row * (height + self.gap) >= height:
            return None
        index = row * self.columns + col
        return self.first + index if index < self.count else None


def tile_size(canvas: tuple[int, int], box: int) -> tuple[int, int]:
    """(rows, cols) of a canvas drawn in a box of `box` device pixels with a whole factor.

    Small canvases are multiplied; those larger than the box are divided, with the last cell cut.
    """
    longest = max(canvas)
    if longest <= box:
        return canvas[0] * (box // longest), canvas[1] * (box // longest)
    factor = -(-longest // box)
    return -(-canvas[0] // factor), -(-canvas[1] // factor)


def gap_of(box: int) -> int:
    """Logical pixels between tiles: 2, and 1 between small ones, so that 8 x 4 of 32 still fit 264 x 132."""
    return 2 if box >= 64 else 1


def mosaic_layout(
    channels: int,
    available: tuple[float, float],
    tile: int | None = None,
    *,
    canvas: tuple[int, int] = (64, 64),
    first: int = 0,
    scale: float = 1.0,
    boxes: tuple[int, ...] = BOXES,
) -> MosaicLayout:
    """Lay out the tiles of a stage.

    Parameters
    ----------
    channels : int
        How many the stage has, 1 or more.
    available : (width, height)
        Room in logical pixels (264 x 132 in a panel of the usual size).
    tile : int or None
        Side of the box asked for; None takes the largest of `boxes` with which all channels fit,
        else the smallest, and scrolls. A box larger than the room gives way to the largest that fits.
    canvas : (rows, cols)
        Of the scene: a tile has its shape.
    first : int
        The first channel wanted; brought to the beginning of a row, and back so far that no row stays
        empty while there are channels to show.
    scale : float
        Device pixels for each logical one.
    boxes : tuple of int
        Sides to choose from, largest first (an enlarged panel offers larger ones).

    Raises
    ------
    ValueError
        Where `channels` is below 1 or `scale` not positive.
    """
    if channels < 1:
        raise ValueError(f"channels must be 1 or more, not {channels}")
    if not scale > 0:
        raise ValueError(f"scale must be positive, not {scale}")
    room = (int(available[0]), int(available[1]))
    box = _box(channels, room, tile, boxes, canvas, scale)
    most_columns, most_rows = _capacity(room, box, canvas, scale)
    columns = min(channels, _columns(channels, most_columns, most_rows))
    needed = -(-channels // columns)
    rows = min(needed, most_rows)
    first_row = max(0, min(first // columns, needed - rows))
    first = first_row * columns
    count = min(rows * columns, channels - first)
    size_of_tile = _device_tile(canvas, box, scale)
    gap = max(1, round(gap_of(box) * scale))
    size = (
        columns * size_of_tile[1] + (columns - 1) * gap,
        rows * size_of_tile[0] + (rows - 1) * gap,
    )
    return MosaicLayout(
        box, size_of_tile, gap, columns, rows, first, count, channels, size, _spare(box, room, size, canvas, scale)
    )


def _device_tile(canvas: tuple[int, int], box: int, scale: float) -> tuple[int, int]:
    """(rows, cols) of a tile in device pixels."""
    return tile_size(canvas, max(1, int(box * scale)))


def _capacity(room: tuple[int, int], box: int, canvas: tuple[int, int], scale: float) -> tuple[int, int]:
    """(columns, rows) of tiles that fit, at least one each: of the tiles as they are, not of their boxes."""
    gap = gap_of(box)
    height, width = (side / scale for side in _device_tile(canvas, box, scale))
    # The hair keeps a row that fits exactly where the scale is no whole number.
    columns, rows = ((room[0] + gap) / (width + gap) + 1e-9, (room[1] + gap) / (height + gap) + 1e-9)
    return max(1, int(columns)), max(1, int(rows))


def _box(
    channels: int,
    room: tuple[int, int],
    asked: int | None,
    boxes: tuple[int, ...],
    canvas: tuple[int, int],
    scale: float,
) -> int:
    fitting = [box for box in boxes if _fits(_device_tile(canvas, box, scale), room, scale)] or [boxes[-1]]
    if asked is not None:
        return next((box for box in fitting if box <= asked), fitting[-1])
    for box in fitting:
        columns, rows = _capacity(room, box, canvas, scale)
        if channels <= columns * rows:
            return box
    return fitting[-1]


def _fits(tile: tuple[int, int], room: tuple[int, int], scale: float) -> bool:
    return tile[1] <= room[0] * scale and tile[0] <= room[1] * scale


def _columns(channels: int, most: int, rows: int) -> int:
    """The fewest columns of 1, 2, 4, 8, ... with which all fit in `rows`, else as many as the room has.

    Of these a few are left out where with that every row is full.
    """
    columns = 1
    while columns < most:
        if channels <= columns * rows:
            return columns
        columns *= 2
    least = max(-(-channels // rows), math.ceil(most * FULL))
    return next((one for one in range(most, least - 1, -1) if channels % one == 0), most)


def _spare(
    box: int, room: tuple[int, int], size: tuple[int, int], canvas: tuple[int, int], scale: float
) -> Rect | None:
    """Where the selected channel fits at 128 beside smaller tiles."""
    if box >= SPARE:
        return None
    height, width = tile_size(canvas, int(SPARE * scale))
    free = int(room[0] * scale) - size[0]
    if free <= width or int(room[1] * scale) < height:
        return None
    return int(room[0] * scale) - width, 0, width, height
