"""The colour bar: the table of a picture with the figures of its range, and arrowheads where values exceed it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from shiftlab.picture.levels import Levels
from shiftlab.ui.figure import words
from shiftlab.ui.figure.pixels import scale_of, stretch_pixels
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import draw, width
from shiftlab.ui.theme import Theme, colour

if TYPE_CHECKING:
    from shiftlab.engine.messages import Luts, Picture

BAR_WIDTH = 72
BAR_HEIGHT = 8
LEAST_WIDTH = 28
HEAD = 4
"""Length of an arrowhead; it stands 1 px off the bar."""


class BarModel(msgspec.Struct, frozen=True):
    """What a colour bar says.

    Attributes
    ----------
    levels : Levels
    below, above : whether values exceed the range
    own : whether each channel has a range of its own, so that the bar has words for figures
    """

    levels: Levels
    below: bool = False
    above: bool = False
    own: bool = False

    @staticmethod
    def of(picture: Picture) -> BarModel | None:
        """The bar of a finished picture; None where it has no range."""
        if not picture.levels:
            return None
        return BarModel(picture.levels[0], picture.below, picture.above, len(set(picture.levels)) > 1)

    @property
    def ends(self) -> tuple[str, str]:
        """The figures at its left and right."""
        if self.own:
            return (f"{words.MINUS}max" if self.levels.signed else "0"), "max"
        return words.limit(self.levels.low), words.limit(self.levels.limit)


def same_bar(one: Picture | None, other: Picture | None) -> bool:
    """Whether two pictures have the same bar: while ranges are frozen this needs no look at the ranges themselves."""
    if one is None or other is None:
        return one is other
    frozen = one.levels is other.levels or one.levels == other.levels
    return frozen and one.below == other.below and one.above == other.above


def least_width(model: BarModel) -> float:
    """Room that the figures need with the shortest bar between them."""
    return sum(width(end, "meta") for end in model.ends) + 2 * HEAD + 9 + LEAST_WIDTH + 1


def paint_bar(
    painter: QPainter, rect: Rect, model: BarModel, luts: Luts, theme: Theme, *, length: float = BAR_WIDTH
) -> float:
    """Draw figures and bar from the left of `rect`, centred in its height; the width they took."""
    low, high = model.ends
    x = rect.x + draw(painter, Rect(rect.x, rect.y, rect.width, rect.height), low, "meta", theme.t2)
    x = round(x + HEAD + 5)
    length = min(length, max(rect.right - x - HEAD - 5 - width(high, "meta"), LEAST_WIDTH))
    bar = Rect(x, round(rect.centre[1] - BAR_HEIGHT / 2), length, BAR_HEIGHT)
    paint_ramp(painter, bar, model, luts, theme)
    x = bar.right + HEAD + 4
    return x + draw(painter, Rect(x, rect.y, max(rect.right - x, 0), rect.height), high, "meta", theme.t2) - rect.x


def paint_small_bar(painter: QPainter, rect: Rect, model: BarModel, luts: Luts, theme: Theme) -> None:
    """The narrow column's form: a short bar, and '±0.71' or '0.68' at the right."""
    low, high = model.ends
    text = high if low == "0" or model.own else f"±{high}"
    took = draw(painter, rect, text, "meta", theme.t2, "right")
    length = max(min(rect.width * 0.46, rect.width - took - 6), 0)
    bar = Rect(rect.x, round(rect.centre[1] - 3), round(length), 6)
    if bar.width >= 8:
        paint_ramp(painter, bar, model, luts, theme, heads=False)


@lru_cache(maxsize=64)
def _entries(pixels: int) -> NDArray[np.intp]:
    """Entries of a table, 1 to 255, along so many pixels, as one row."""
    return np.rint(np.linspace(1, 255, pixels)).astype(np.intp)[None, :]


def paint_ramp(painter: QPainter, bar: Rect, model: BarModel, luts: Luts, theme: Theme, *, heads: bool = True) -> None:
    """The table itself with its frame and arrowheads."""
    table = luts.diverging if model.levels.signed else luts.sequential
    pixels = max(round(bar.width * scale_of(painter)), 2)
    row = table[_entries(pixels)]
    stretch_pixels(painter, bar, row)
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour(theme.line2), 1))
    painter.drawRect(QRectF(bar.x - 0.5, bar.y - 0.5, bar.width + 1, bar.height + 1))
    if heads:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle, half = bar.centre[1], bar.height / 2 + 1
        for there, edge, out, entry in ((model.below, bar.x - 2, -1, 1), (model.above, bar.right + 2, 1, 255)):
            if there:
                painter.setBrush(QColor.fromRgb(int(table[entry])))
                painter.drawPolygon(
                    QPolygonF(
                        [
                            QPointF(edge, middle - half),
                            QPointF(edge + out * HEAD, middle),
                            QPointF(edge, middle + half),
                        ]
                    )
                )
    painter.restore()
