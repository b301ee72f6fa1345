"""Where everything stands in a stage's panel, and what is under a point of it."""

from __future__ import annotations

import math
from typing import NamedTuple

import msgspec

from shiftlab.document import StageKey, View
from shiftlab.engine.requests import PictureRequest
from shiftlab.network.info import StageInfo
from shiftlab.picture.layout import BOXES, SPARE, MosaicLayout, gap_of, mosaic_layout, tile_size
from shiftlab.picture.tile import cell_at, cell_box
from shiftlab.ui.figure.rect import Rect

PANEL_WIDTH, PANEL_HEIGHT = 288, 240
LEAST_WIDTH = 160
PADDING = 12
MOSAIC_TOP = 38
BELOW_MOSAIC = 70
"""Height of everything under the mosaic: bar, gauges, padding."""
TIGHTER = (4, 7)
"""Pixels that a tight panel saves above and below its mosaic."""
OVERHANG = 9
"""How far the tab 'first that breaks' reaches over the panel's top edge."""

COLUMN_TOP = 40
COLUMN_BELOW = 32

SINGLE_BOXES = (512, 256, *BOXES)
"""Tiles of a stage with one channel when it is enlarged."""
PLACELESS_BOXES = (64, 32, 16, 8, 4)
"""Tiles of stages without places are single values: they need not be large."""


class ColumnForm(msgspec.Struct, frozen=True):
    """The tiles of a narrow column for A beside B: `across` by `down` in boxes of `box`."""

    box: int = 64
    across: int = 1
    down: int = 4

    @property
    def width(self) -> int:
        return self._side(self.across) + 2 * PADDING

    @property
    def height(self) -> int:
        return COLUMN_TOP + self._side(self.down) + COLUMN_BELOW

    def _side(self, tiles: int) -> int:
        return tiles * self.box + (tiles - 1) * gap_of(self.box)


NARROW_COLUMN = ColumnForm()
"""What the look shows: 88 wide, four tiles of 64 high."""


class Hit(NamedTuple):
    """What is under a point: a channel, and the cell (row, col) of its map where one stands there."""

    channel: int
    cell: tuple[int, int] | None


class PanelGeometry(msgspec.Struct, frozen=True):
    """The parts of one panel in logical pixels.

    Attributes
    ----------
    rect : Rect
        The panel.
    info, canvas : the stage and the canvas's (rows, cols)
    layout : MosaicLayout
        The tiles, in device pixels from the mosaic's corner.
    scale : float
        Device pixels a logical one.
    mosaic : Rect
    spare : Rect or None
        Where the selected channel is shown large.
    name, facts, bar, cause, moved, stayed : Rect
        Lines of text and gauges; without area where the form has none.
    column : bool
        Whether it is the narrow form for A beside B.
    """

    rect: Rect
    info: StageInfo
    canvas: tuple[int, int]
    layout: MosaicLayout
    scale: float
    mosaic: Rect
    spare: Rect | None
    name: Rect
    facts: Rect
    bar: Rect
    cause: Rect
    moved: Rect
    stayed: Rect
    column: bool = False

    def tile(self, channel: int) -> Rect:
        """Where a shown channel's tile stands.

        Raises
        ------
        IndexError
            Where the channel is not among those shown.
        """
        x, y, width, height = self.layout.rect(channel)
        return Rect(
            self.mosaic.x + x / self.scale, self.mosaic.y + y / self.scale, width / self.scale, height / self.scale
        )

    @property
    def channels(self) -> range:
        """The channels shown."""
        return range(self.layout.first, self.layout.first + self.layout.count)

    @property
    def scroll_words(self) -> str:
        """'1–105 of 512' where not all channels are shown, else ''."""
        if not self.layout.scrolls:
            return ""
        first, last = self.layout.first + 1, self.layout.first + self.layout.count
        return f"{first:,}–{last:,} of {self.layout.total:,}"

    def hit(self, x: float, y: float, selected: int | None = None) -> Hit | None:
        """The channel and cell under a point; `selected` is the channel shown in the spare room."""
        if self.spare is not None and selected is not None and self.spare.holds(x, y):
            return Hit(selected, self._cell_in(self.spare, x, y))
        if not self.mosaic.holds(x, y):
            return None
        channel = self.layout.channel_at((x - self.mosaic.x) * self.scale, (y - self.mosaic.y) * self.scale)
        return None if channel is None else Hit(channel, self._cell_in(self.tile(channel), x, y))

    def _cell_in(self, tile: Rect, x: float, y: float) -> tuple[int, int] | None:
        pixels = (round(tile.height * self.scale), round(tile.width * self.scale))
        return cell_at(self.info, self.canvas, pixels, (y - tile.y) * self.scale, (x - tile.x) * self.scale)

    def cells(self, tile: Rect, rows: tuple[int, int], cols: tuple[int, int]) -> Rect:
        """Where cells of rows first to last and cols first to last stand in a tile, cut at its border."""
        pixels = (round(tile.height * self.scale), round(tile.width * self.scale))
        top, left, _, _ = cell_box(self.info, self.canvas, pixels, (rows[0], cols[0]))
        bottom, right, height, width = cell_box(self.info, self.canvas, pixels, (rows[1], cols[1]))
        top, left = max(top, 0.0), max(left, 0.0)
        bottom, right = min(bottom + height, pixels[0]), min(right + width, pixels[1])
        return Rect(
            tile.x + left / self.scale,
            tile.y + top / self.scale,
            max(right - left, 0.0) / self.scale,
            max(bottom - top, 0.0) / self.scale,
        )

    def requests(self, key: StageKey, view: View, selected: int | None = None) -> tuple[PictureRequest, ...]:
        """The pictures that fill the panel: the mosaic, and the selected channel where there is room for it."""
        layout = self.layout
        first = PictureRequest(key, view, layout.first, layout.count, layout.columns, layout.tile, layout.gap)
        if self.spare is None or selected is None:
            return (first,)
        side = (round(self.spare.height * self.scale), round(self.spare.width * self.scale))
        return first, PictureRequest(key, view, selected, 1, 1, side, 0)


def panel_geometry(
    rect: Rect,
    info: StageInfo,
    canvas: tuple[int, int],
    *,
    scale: float = 1.0,
    tile: int | None = None,
    first: int = 0,
    enlarged: bool = False,
    tight: bool = False,
) -> PanelGeometry:
    """Lay out a panel of the usual form.

    Parameters
    ----------
    rect : Rect
        At least 160 wide.
    canvas : (rows, cols)
    scale : float
        Device pixels a logical one.
    tile : int or None
        The tile asked for; None for the largest with which all channels fit.
    first : int
        The first channel wanted, where not all fit.
    enlarged : bool
        Whether it fills the strip: the selected channel is then shown as large as the room allows.
    tight : bool
        Whether its lines stand a little closer, so that more panels are seen at once.
    """
    top, under = (MOSAIC_TOP - TIGHTER[0], BELOW_MOSAIC - TIGHTER[1]) if tight else (MOSAIC_TOP, BELOW_MOSAIC)
    inner = Rect(rect.x + PADDING, rect.y + top, max(rect.width - 2 * PADDING, 16), max(rect.height - top - under, 16))
    layout = mosaic_layout(
        info.channels,
        (inner.width, inner.height),
        tile,
        canvas=canvas,
        first=first,
        scale=scale,
        boxes=boxes_of(info, enlarged),
    )
    spare = None
    if info.channels > 1 and info.stride is not None:
        spare = _spare(inner, layout, canvas, scale, enlarged)
    below = rect.bottom - under
    bar, moved, stayed = (6, 22, 39) if tight else (8, 26, 44)
    header = Rect(inner.x, rect.y + (8 if tight else 10), inner.width, 18)
    return PanelGeometry(
        rect=rect,
        info=info,
        canvas=canvas,
        layout=layout,
        scale=scale,
        mosaic=Rect(inner.x, inner.y, layout.size[0] / scale, layout.size[1] / scale),
        spare=spare,
        name=header,
        facts=header,
        bar=Rect(inner.x, below + bar, inner.width, 12),
        cause=Rect(inner.x, below + bar, inner.width, 12),
        moved=Rect(inner.x, below + moved, inner.width, 15),
        stayed=Rect(inner.x, below + stayed, inner.width, 15),
    )


def _spare(inner: Rect, layout: MosaicLayout, canvas: tuple[int, int], scale: float, enlarged: bool) -> Rect | None:
    """Where the selected channel is shown: at 128 where there is room, in an enlarged panel as large as can be."""
    if layout.spare is not None and not enlarged:
        x, y, width, height = layout.spare
        return Rect(inner.x + x / scale, inner.y + y / scale, width / scale, height / scale)
    if not enlarged:
        return None
    left = layout.size[0] / scale + PADDING
    side = math.floor(min(inner.width - left, inner.height) * scale)
    if side < SPARE * scale:
        return None
    height, width = tile_size(canvas, side)
    return Rect(inner.x + left, inner.y, width / scale, height / scale)


def column_geometry(
    rect: Rect,
    info: StageInfo,
    canvas: tuple[int, int],
    *,
    form: ColumnForm = NARROW_COLUMN,
    scale: float = 1.0,
    first: int = 0,
) -> PanelGeometry:
    """Lay out the narrow form for A beside B: by itself four tiles one above the other."""
    inner = Rect(
        rect.x + PADDING, rect.y + COLUMN_TOP, rect.width - 2 * PADDING, rect.height - COLUMN_TOP - COLUMN_BELOW
    )
    layout = mosaic_layout(
        info.channels, (inner.width, inner.height), form.box, canvas=canvas, first=first, scale=scale
    )
    below = rect.bottom - COLUMN_BELOW
    nothing = Rect(inner.x, below, 0, 0)
    return PanelGeometry(
        rect=rect,
        info=info,
        canvas=canvas,
        layout=layout,
        scale=scale,
        mosaic=Rect(inner.x, inner.y, layout.size[0] / scale, layout.size[1] / scale),
        spare=None,
        name=Rect(rect.x + PADDING, rect.y + 7, inner.width + PADDING - 4, 16),
        facts=Rect(rect.x + PADDING, rect.y + 23, inner.width, 14),
        bar=Rect(inner.x, below + 3, inner.width, 12),
        cause=nothing,
        moved=Rect(inner.x, below + 16, inner.width, 12),
        stayed=nothing,
        column=True,
    )


def boxes_of(info: StageInfo, enlarged: bool = False) -> tuple[int, ...]:
    """The tiles to choose from for a stage."""
    if info.stride is None:
        return PLACELESS_BOXES
    return SINGLE_BOXES if enlarged and info.channels == 1 else BOXES
