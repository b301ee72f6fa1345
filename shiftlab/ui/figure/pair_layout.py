"""A beside B: narrow columns, A over B, and between them their errors as one chart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from shiftlab.network.info import StageInfo
from shiftlab.network.pairing import StagePair, paired
from shiftlab.ui.figure.panel_geometry import COLUMN_WIDTH, column_height
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.strip_layout import ROW_GAP, Box

GAP = 12
LEFT, RIGHT = 36, 12
TOP, BOTTOM = 6, 8
CHART_HEIGHT = 82
TAG = 22


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
    """All bands of two networks, and their columns as boxes; `size` as in a StripLayout."""

    boxes: tuple[Box, ...]
    bands: tuple[PairBand, ...]
    size: tuple[float, float]

    def at(self, x: float, y: float) -> Box | None:
        """The column under a point."""
        return next((box for box in self.boxes if box.rect.holds(x, y)), None)


@lru_cache(maxsize=32)
def pair_layout(
    first: tuple[StageInfo, ...],
    second: tuple[StageInfo, ...],
    width: float,
    *,
    hidden: frozenset[tuple[int, str]] = frozenset(),
) -> PairLayout:
    """Lay out two networks in a strip of this width; it wraps into further bands where they are long."""
    pairs = tuple(
        pair
        for pair in paired(first, second)
        if any(info is not None and (side, info.name) not in hidden for side, info in enumerate(pair))
    )
    most = max(1, math.floor((width - LEFT - RIGHT + GAP) / (COLUMN_WIDTH + GAP)))
    boxes: list[Box] = []
    bands: list[PairBand] = []
    y = float(TOP)
    for start in range(0, len(pairs), most):
        band = pairs[start : start + most]
        tops = (y, y + column_height() + CHART_HEIGHT)
        xs: list[float] = []
        for index, pair in enumerate(band):
            x = LEFT + index * (COLUMN_WIDTH + GAP)
            xs.append(x + COLUMN_WIDTH / 2)
            for side, info in enumerate(pair):
                if info is not None and (side, info.name) not in hidden:
                    rect = Rect(x, tops[side], COLUMN_WIDTH, column_height())
                    boxes.append(Box((side, info.name), "column", rect))
        right = LEFT + len(band) * (COLUMN_WIDTH + GAP) - GAP
        bands.append(
            PairBand(
                band,
                tuple(xs),
                Rect(LEFT, tops[0] + column_height(), right - LEFT, CHART_HEIGHT),
                (Rect(6, tops[0], TAG, TAG), Rect(6, tops[1], TAG, TAG)),
            )
        )
        y = tops[1] + column_height() + 2 * ROW_GAP
    height = y - 2 * ROW_GAP + BOTTOM if bands else 0.0
    return PairLayout(tuple(boxes), tuple(bands), (width, height))
