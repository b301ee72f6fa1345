"""A beside B: narrow columns, A over B, and between them their errors as one chart."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from shiftlab.network.info import StageInfo
from shiftlab.network.pairing import StagePair, paired
from shiftlab.ui.figure.panel_geometry import NARROW_COLUMN, ColumnForm
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.strip_layout import ROW_GAP, Box

GAP = 12
LEFT, RIGHT = 36, 12
TOP, BOTTOM = 6, 8
CHART_HEIGHT, MOST_CHART = 82, 200
TAG = 22
TILES, MOST_ACROSS = (64, 128), 8


@dataclass(frozen=True)
class PairBand:
    """One band of columns: A's, the chart, B's.

    `chart` spans the columns; `pairs` are the stages that stand above each other, `xs` the middles of
    their columns; `tags` are the places of the letters A and B.
    """

    pairs: tuple[StagePair, ...]
    xs: tuple[float, ...]
    chart: Rect
    tags: tuple[Rect, Rect]


@dataclass(frozen=True)
class PairLayout:
    """All bands of two networks, and their columns of one `form` as boxes; `size` as in a StripLayout."""

    boxes: tuple[Box, ...]
    bands: tuple[PairBand, ...]
    size: tuple[float, float]
    form: ColumnForm = NARROW_COLUMN

    def at(self, x: float, y: float) -> Box | None:
        """The column under a point."""
        return next((box for box in self.boxes if box.rect.holds(x, y)), None)


@lru_cache(maxsize=32)
def pair_layout(
    first: tuple[StageInfo, ...],
    second: tuple[StageInfo, ...],
    width: float,
    height: float = 0.0,
    *,
    hidden: frozenset[tuple[int, str]] = frozenset(),
) -> PairLayout:
    """Lay out two networks in a strip of this width; it wraps into further bands where they are long.

    Where all stands in one band within `height`, the columns show as many channels as find room, and those as
    large as they can be; otherwise they have their usual form.
    """
    pairs = tuple(
        pair
        for pair in paired(first, second)
        if any(info is not None and (side, info.name) not in hidden for side, info in enumerate(pair))
    )
    form = _form(pairs, width, height)
    most = max(1, math.floor((width - LEFT - RIGHT + GAP) / (form.width + GAP)))
    chart = float(CHART_HEIGHT)
    if len(pairs) <= most:
        left = height - (TOP + 2 * form.height + CHART_HEIGHT + BOTTOM)
        chart += max(0.0, min(left, MOST_CHART - CHART_HEIGHT))
    boxes: list[Box] = []
    bands: list[PairBand] = []
    y = float(TOP)
    for start in range(0, len(pairs), most):
        band = pairs[start : start + most]
        tops = (y, y + form.height + chart)
        xs: list[float] = []
        for index, pair in enumerate(band):
            x = LEFT + index * (form.width + GAP)
            xs.append(x + form.width / 2)
            for side, info in enumerate(pair):
                if info is not None and (side, info.name) not in hidden:
                    rect = Rect(x, tops[side], form.width, form.height)
                    boxes.append(Box((side, info.name), "column", rect))
        right = LEFT + len(band) * (form.width + GAP) - GAP
        bands.append(
            PairBand(
                band,
                tuple(xs),
                Rect(LEFT, tops[0] + form.height, right - LEFT, chart),
                (Rect(6, tops[0], TAG, TAG), Rect(6, tops[1], TAG, TAG)),
            )
        )
        y = tops[1] + form.height + 2 * ROW_GAP
    whole = y - 2 * ROW_GAP + BOTTOM if bands else 0.0
    return PairLayout(tuple(boxes), tuple(bands), (width, whole), form)


def _form(pairs: Sequence[StagePair], width: float, height: float) -> ColumnForm:
    """The columns with which most of all channels are seen at once, and then the largest tiles."""
    channels = [info.channels for pair in pairs for info in pair if info is not None and info.stride is not None]
    if not channels:
        return NARROW_COLUMN
    best: tuple[tuple[float, int, int], ColumnForm] | None = None
    for box, across, down in itertools.product(TILES, range(1, MOST_ACROSS + 1), (3, 4)):
        form = ColumnForm(box, across, down)
        room = LEFT + len(pairs) * (form.width + GAP) - GAP + RIGHT
        if room > width or TOP + 2 * form.height + CHART_HEIGHT + BOTTOM > height:
            continue
        seen = sum(min(across * down / count, 1.0) for count in channels) / len(channels)
        rank = (round(seen, 3), box, -form.width * form.height)
        if best is None or rank > best[0]:
            best = rank, form
    return NARROW_COLUMN if best is None else best[1]
