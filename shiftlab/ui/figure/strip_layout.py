"""Where the panels of a strip stand: pure geometry, used by the window's strip and by exported pictures.

Panels wrap like text. A row ends where the network downsamples, if the panels up to there fit a row;
columns of chips fill the rows.
The size of the panels is chosen so that the tiles are large and much of the network is in view.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import msgspec

from shiftlab.document import StageKey
from shiftlab.network.info import StageInfo
from shiftlab.picture.layout import SPARE, MosaicLayout, mosaic_layout
from shiftlab.ui.figure.chip import CHIP_HEIGHT
from shiftlab.ui.figure.panel_geometry import (
    BELOW_MOSAIC,
    LEAST_WIDTH,
    MOSAIC_TOP,
    PADDING,
    PANEL_HEIGHT,
    PANEL_WIDTH,
    TIGHTER,
    boxes_of,
)
from shiftlab.ui.figure.rect import Rect

Form = Literal["panel", "chip", "column"]
Spacing = tuple[int, int]
"""(gap between panels, margin at the sides), where the scroll bar stands."""

ROW_GAP = 10
TOP = 12
"""Above the first row: room for the tab."""
TIGHT_GAP, TIGHT_TOP = 9, 10
SPACINGS: tuple[Spacing, ...] = ((24, 20), (16, 12), (12, 10))
CHIP_GAP = 4
CHIPS_UNDER_PANEL = 3
CHIPS_IN_COLUMN = 8
MANY = 24
"""From this many stages on, pointwise ones are chips unless someone opens them."""
VERY_MANY = 48
"""From this many on, everything but convolutions and what follows the last of them is."""
TILE_WIDTHS = (4 * 64 + 8, 4 * 128 + 8)
BESIDE_SPARE = PANEL_WIDTH + SPARE + 8
"""Width of a panel that shows a channel large beside four tiles of 64."""
TILE_HEIGHTS = (132, 3 * 64 + 6, 4 * 64 + 8, 6 * 64 + 12, 4 * 128 + 8)


class Box(msgspec.Struct, frozen=True):
    """One stage's place: a panel, a chip, or a column of A beside B."""

    key: StageKey
    form: Form
    rect: Rect


class ArrowPlace(msgspec.Struct, frozen=True):
    """An arrow that leads into the stage `into`."""

    into: StageKey
    rect: Rect


class StripLayout(msgspec.Struct, frozen=True):
    """Everything in a strip; `size` is (width, height) of the whole, which may be higher than what is seen.

    `tight` panels are a little lower, and so are the gaps between them: with that all is seen at once.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[ArrowPlace, ...]
    size: tuple[float, float]
    tight: bool = False

    def box(self, key: StageKey) -> Box | None:
        return next((box for box in self.boxes if box.key == key), None)

    def at(self, x: float, y: float) -> Box | None:
        """The box under a point."""
        return next((box for box in self.boxes if box.rect.holds(x, y)), None)


class _Group(msgspec.Struct, frozen=True):
    """What stands in one place of a row: a panel with chips below it, or chips alone."""

    panel: StageInfo | None
    chips: tuple[StageInfo, ...]
    ends_block: bool

    @property
    def first(self) -> StageInfo:
        return self.panel if self.panel is not None else self.chips[0]

    def height(self, panel_height: float) -> float:
        chips = len(self.chips) * (CHIP_HEIGHT + CHIP_GAP)
        return panel_height + chips if self.panel is not None else chips - CHIP_GAP


@lru_cache(maxsize=4096)
def _mosaic(
    channels: int, room: tuple[float, float], tile: int | None, canvas: tuple[int, int], boxes: tuple[int, ...]
) -> MosaicLayout:
    return mosaic_layout(channels, room, tile, canvas=canvas, boxes=boxes)


class _Tiles(msgspec.Struct, frozen=True):
    """How the tiles of panels of one width and of at most one height of maps turn out."""

    canvas: tuple[int, int]
    tile: int | None
    width: float
    height: float

    def layout(self, info: StageInfo, height: float | None = None) -> MosaicLayout:
        room = (self.width, self.height if height is None else height)
        return _mosaic(info.channels, room, self.tile, self.canvas, boxes_of(info))

    def least_height(self, infos: Sequence[StageInfo]) -> float:
        """The least height of maps at which these stages have tiles as large, and show as many channels."""
        wanted = [self.layout(info) for info in infos]
        for height in TILE_HEIGHTS:
            if height >= self.height:
                break
            made = [self.layout(info, height) for info in infos]
            if all(a.box == b.box and a.count == b.count for a, b in zip(made, wanted, strict=True)):
                return height
        return self.height


def _counts(info: StageInfo) -> bool:
    """Whether a stage has a say in the size of panels: one without places is a row of single values."""
    return info.stride is not None


def default_chips(stages: Sequence[StageInfo]) -> frozenset[str]:
    """Names of the stages that a long network shows as chips until someone opens them."""
    if len(stages) < MANY:
        return frozenset()
    if len(stages) < VERY_MANY:
        return frozenset(info.name for info in stages if info.pointwise)
    return frozenset(
        info.name for before, info in zip((None, *stages), stages, strict=False) if not _opens_level(before, info)
    )


def chips_of(stages: Sequence[StageInfo], collapsed: frozenset[StageKey]) -> frozenset[str]:
    """The stages of the one network there is that are chips: those it begins with, but for the ones turned over."""
    return default_chips(stages) ^ frozenset(name for network, name in collapsed if network == 0)


def _opens_level(before: StageInfo | None, info: StageInfo) -> bool:
    """Whether a stage is the first of its size, or has no places: the landmarks of a long network."""
    return before is None or before.size != info.size or info.stride is None


def downsamples(before: StageInfo | None, info: StageInfo) -> bool:
    """Whether a stage has a coarser grid than the one before it, or is the first without places."""
    if info.stride is None:
        return before is not None and before.stride is not None
    ahead = (1, 1) if before is None or before.stride is None else before.stride
    return info.stride != ahead


@lru_cache(maxsize=64)
def strip_layout(
    stages: tuple[StageInfo, ...],
    room: tuple[float, float],
    canvas: tuple[int, int],
    *,
    tile: int | None = None,
    chips: frozenset[str] = frozenset(),
    hidden: frozenset[str] = frozenset(),
) -> StripLayout:
    """Lay out the stages of the one network there is.

    Parameters
    ----------
    room : (width, height)
        What is seen at once, in logical pixels; the strip is as wide, and as high as it must be.
    canvas : (rows, cols)
    tile : int or None
        The tile asked for.
    chips, hidden : names of stages
        Shown as chips; left out.
    """
    groups = _groups(tuple(info for info in stages if info.name not in hidden), chips)
    if not groups:
        return StripLayout((), (), (room[0], 0))
    best: tuple[tuple[float, float, float], StripLayout, tuple[float, _Tiles], Spacing] | None = None
    for spacing in SPACINGS:
        for width in _widths(room[0], spacing):
            for height in TILE_HEIGHTS:
                tiles = _Tiles(canvas, tile, width - 2 * PADDING, height)
                made = _placed(groups, (width, tiles), room[0], spacing)
                worth = _worth(groups, width, tiles, made, room[1])
                worth += 0.05 * (width == BESIDE_SPARE) - 0.02 * SPACINGS.index(spacing)
                unusual = abs(width - PANEL_WIDTH) + abs(height + MOSAIC_TOP + BELOW_MOSAIC - PANEL_HEIGHT)
                rank = (round(worth, 3), -unusual, -made.size[1])
                if best is None or rank > best[0]:
                    best = rank, made, (width, tiles), spacing
    assert best is not None
    _, made, panel, spacing = best
    if made.size[1] > room[1]:
        tight = _placed(groups, panel, room[0], spacing, tight=True)
        if tight.size[1] <= room[1]:
            return tight
    return made


def _groups(stages: tuple[StageInfo, ...], chips: frozenset[str]) -> tuple[_Group, ...]:
    groups: list[_Group] = []
    for info, ends in zip(stages, _block_ends(stages), strict=True):
        last = groups[-1] if groups else None
        if info.name not in chips:
            groups.append(_Group(info, (), ends))
            continue
        most = CHIPS_UNDER_PANEL if last is not None and last.panel is not None else CHIPS_IN_COLUMN
        if last is not None and len(last.chips) < most:
            groups[-1] = _Group(last.panel, (*last.chips, info), ends or last.ends_block)
        else:
            groups.append(_Group(None, (info,), ends))
    return tuple(groups)


def _block_ends(stages: tuple[StageInfo, ...]) -> list[bool]:
    """Whether a row ends after a stage: one that downsamples, or the last with places.

    What is pointwise stays in the row of the convolution that it follows.
    """
    ends: list[bool] = []
    open_ = False
    for number, info in enumerate(stages):
        before = stages[number - 1] if number else None
        after = stages[number + 1] if number + 1 < len(stages) else None
        coarser = downsamples(before, info) and info.stride is not None
        open_ = (coarser and info.kind == "conv") or (open_ and info.pointwise)
        goes_on = open_ and after is not None and after.pointwise
        last = after is not None and after.stride is None and info.stride is not None
        ends.append(last or ((coarser or open_) and not goes_on))
    return ends


def _widths(width: float, spacing: Spacing) -> list[float]:
    """Panel widths worth trying: those that hold whole tiles, and those that fill the row evenly."""
    gap, margin = spacing
    inner = max(width - 2 * margin, LEAST_WIDTH)
    wanted = [float(tiles + 2 * PADDING) for tiles in TILE_WIDTHS if tiles + 2 * PADDING <= inner]
    for number in range(1, 12):
        even = math.floor((inner - (number - 1) * gap) / number)
        if LEAST_WIDTH <= even < PANEL_WIDTH:
            wanted.append(float(even))
            break
    if BESIDE_SPARE <= inner < 2 * PANEL_WIDTH + gap:
        # One panel a row: what is left of the row shows the selected channel large.
        wanted = [float(BESIDE_SPARE), *(one for one in wanted if one != PANEL_WIDTH)]
    return wanted or [float(LEAST_WIDTH)]


def _rows(groups: tuple[_Group, ...], most: int) -> list[list[_Group]]:
    """Rows of at most `most` groups that end with a block, where the block fits a row.

    Blocks with columns of chips fill the rows: a long network is then told by its panels, not by its rows.
    """
    blocks: list[list[_Group]] = [[]]
    for group in groups:
        blocks[-1].append(group)
        if group.ends_block:
            blocks.append([])
    rows: list[list[_Group]] = [[]]
    for block in (block for block in blocks if block):
        whole = all(group.panel is not None for group in block)
        if whole and rows[-1] and len(rows[-1]) + len(block) > most >= len(block):
            rows.append([])
        for group in block:
            if len(rows[-1]) == most:
                rows.append([])
            rows[-1].append(group)
    return rows


def _placed(
    groups: tuple[_Group, ...],
    panel: tuple[float, _Tiles],
    width: float,
    spacing: Spacing,
    *,
    tight: bool = False,
) -> StripLayout:
    above, between, around = (TIGHT_TOP, TIGHT_GAP, -sum(TIGHTER)) if tight else (TOP, ROW_GAP, 0)
    gap, margin = spacing
    most = max(1, math.floor((width - 2 * margin + gap) / (panel[0] + gap)))
    boxes: list[Box] = []
    arrows: list[ArrowPlace] = []
    y = float(above)
    for number, row in enumerate(_rows(groups, most)):
        x = float(margin)
        maps = panel[1].least_height([group.panel for group in row if group.panel is not None and _counts(group.panel)])
        size = (panel[0], maps + MOSAIC_TOP + BELOW_MOSAIC + around)
        for index, group in enumerate(row):
            line = _arrow_line(group, size[1])
            if index:
                arrows.append(ArrowPlace((0, group.first.name), Rect(x - gap, y + line - 8, gap, 16)))
            elif number:
                arrows.append(ArrowPlace((0, group.first.name), Rect(x - margin, y + line - 8, margin, 16)))
            boxes.extend(_group_boxes(group, x, y, size))
            x += panel[0] + gap
        y += max(group.height(size[1]) for group in row) + between
    return StripLayout(tuple(boxes), tuple(arrows), (width, y - between + above), tight)


def _arrow_line(group: _Group, panel_height: float) -> float:
    """How far below the row's top the arrow into a group stands: at the middle of the maps."""
    if group.panel is None:
        return CHIP_HEIGHT / 2
    return min(MOSAIC_TOP + (panel_height - MOSAIC_TOP - BELOW_MOSAIC) / 2, panel_height / 2)


def _group_boxes(group: _Group, x: float, y: float, panel: tuple[float, float]) -> list[Box]:
    boxes: list[Box] = []
    if group.panel is not None:
        boxes.append(Box((0, group.panel.name), "panel", Rect(x, y, *panel)))
        y += panel[1] + CHIP_GAP
    for info in group.chips:
        boxes.append(Box((0, info.name), "chip", Rect(x, y, panel[0], CHIP_HEIGHT)))
        y += CHIP_HEIGHT + CHIP_GAP
    return boxes


def _worth(groups: tuple[_Group, ...], width: float, tiles: _Tiles, made: StripLayout, height: float) -> float:
    """How good a layout is: tiles of twice the side are worth a strip of twice the height, and no more.

    Tiles above 64 count only where the whole strip is in view with them; panels narrower than usual
    cost a little, because their words and gauges suffer.
    """
    sizes: list[float] = []
    lacks = 0.0
    # A tile that is half as wide as high has the area of a square one of 0.7 the side.
    narrowness = math.log2(min(tiles.canvas) / max(tiles.canvas)) / 2
    for group in groups:
        if group.panel is None or not _counts(group.panel):
            continue
        layout = tiles.layout(group.panel)
        lacks += 1 - layout.count / layout.total if layout.scrolls else 0.0
        sizes.append(math.log2(layout.box) + narrowness)
    over = math.log2(max(made.size[1] / max(height, 1.0), 1.0))
    worth = -over - max(PANEL_WIDTH - width, 0) / 200 - lacks / len(groups)
    if sizes:
        worth += sum(min(size, 6.0) for size in sizes) / len(sizes)
        if not over:
            worth += sum(max(size - 6.0, 0.0) for size in sizes) / len(sizes)
    return worth


def enlarged_layout(key: StageKey, room: tuple[float, float]) -> StripLayout:
    """One stage alone, as large as the room."""
    margin = SPACINGS[0][1]
    rect = Rect(margin, TOP, max(room[0] - 2 * margin, LEAST_WIDTH), max(room[1] - 2 * TOP, PANEL_HEIGHT))
    return StripLayout((Box(key, "panel", rect),), (), (room[0], rect.bottom + TOP))
