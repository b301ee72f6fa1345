"""The errors of A and of B as one chart between their columns: A solid and round, B dashed and square."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from shiftlab.document import ErrorForm, StageKey
from shiftlab.measure.values import EXACT, Figure, StageMeasure
from shiftlab.ui.figure import words
from shiftlab.ui.figure.gauge import figure_of
from shiftlab.ui.figure.pair_layout import PairBand
from shiftlab.ui.figure.pens import pen
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import draw, width
from shiftlab.ui.theme import Theme, colour

ABOVE, BELOW = 26, 16
"""Room for figures above the chart's highest line, and below its zero."""
FIGURE = 20
"""Half the width of a figure at a mark."""
ALIKE = 3.0
"""Marks of A and B no further apart than so many pixels are drawn as one."""
LEGEND = "moved along, error: A solid, B dashed"
Letter = Literal["A", "B"]


def axis_mark(largest: float) -> float:
    """The one figure on the axis besides 0: the largest of a few round ones that is no larger than the errors."""
    return next((mark for mark in (1.0, 0.5, 0.25, 0.1, 0.05) if mark <= largest), 0.05)


def paint_tag(painter: QPainter, rect: Rect, letter: Letter, theme: Theme) -> None:
    """The letter of a network in its frame: A's solid, B's dashed."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(theme.t1, 1.25, dash=(3, 2.25) if letter == "B" else None))
    painter.drawRoundedRect(QRectF(*rect).adjusted(0.75, 0.75, -0.75, -0.75), 3, 3)
    painter.restore()
    draw(painter, rect, letter, "control", theme.t1, "centre", strong=True)


def paint_pair_chart(
    painter: QPainter,
    band: PairBand,
    measures: Mapping[StageKey, StageMeasure],
    theme: Theme,
    *,
    form: ErrorForm = "grid",
    plain: bool = False,
) -> None:
    """Draw the chart of a band under the columns it belongs to."""
    lines = tuple(_line(band, side, measures, form, plain) for side in (0, 1))
    known = [figure.value for line in lines for figure in line if figure is not None and figure.value is not None]
    top = max(0.1, *known) if known else 0.1
    mark = axis_mark(top)
    chart = band.chart
    zero, high = chart.bottom - BELOW, chart.y + ABOVE

    def y_of(value: float) -> float:
        return zero - (zero - high) * min(value, top) / top

    painter.save()
    for at in (0.0, mark):
        y = round(y_of(at))
        painter.fillRect(QRectF(chart.x - 8, y, chart.width + 12, 1), colour(theme.line))
        text = "0" if at == 0 else words.number(mark)
        draw(painter, Rect(chart.x - 36, y - 7, 24, 14), text, "tick", theme.t3, "right")
    _paint_legend(painter, band, lines, theme)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for side in (1, 0):
        points = [
            (x, y_of(figure.value)) if figure is not None and figure.value is not None else None
            for x, figure in zip(band.xs, lines[side], strict=True)
        ]
        _paint_line(painter, points, theme, dashed=side == 1)
    for index, x in enumerate(band.xs):
        marks = [
            None if (figure := line[index]) is None or figure.value is None else (figure.value, y_of(figure.value))
            for line in lines
        ]
        _paint_values(painter, x, marks, theme)
    painter.restore()


def _paint_legend(painter: QPainter, band: PairBand, lines: Sequence[Sequence[Figure | None]], theme: Theme) -> None:
    """What the lines are, in words, at the end of the chart where the figures under them are lower."""
    chart = band.chart
    room = Rect(chart.x + 12, chart.y + 10, max(chart.width - 24, 0), 14)
    # Figures stand to the left and to the right of their marks.
    reach = width(LEGEND, "meta", False) + FIGURE

    def highest(low: float, high: float) -> float:
        return max(
            (
                one.value
                for line in lines
                for x, one in zip(band.xs, line, strict=True)
                if low <= x <= high and one is not None and one.value is not None
            ),
            default=0.0,
        )

    right = highest(room.right - reach, room.right) < highest(room.x, room.x + reach)
    draw(painter, room, LEGEND, "meta", theme.t2, "right" if right else "left")


def _line(
    band: PairBand, side: int, measures: Mapping[StageKey, StageMeasure], form: ErrorForm, plain: bool
) -> tuple[Figure | None, ...]:
    return tuple(
        None if (info := pair[side]) is None else _figure(measures, (side, info.name), form, plain)
        for pair in band.pairs
    )


def _figure(measures: Mapping[StageKey, StageMeasure], key: StageKey, form: ErrorForm, plain: bool) -> Figure | None:
    measure = measures.get(key)
    return None if measure is None else figure_of(measure, "moved", fractional=form == "fractional", plain=plain)


def _paint_line(painter: QPainter, points: Sequence[tuple[float, float] | None], theme: Theme, *, dashed: bool) -> None:
    painter.setPen(pen(theme.t1, 1.5, dash=(4, 3) if dashed else None))
    for start, end in itertools.pairwise(points):
        if start is not None and end is not None:
            painter.drawLine(QPointF(*start), QPointF(*end))


def _paint_values(painter: QPainter, x: float, values: Sequence[tuple[float, float] | None], theme: Theme) -> None:
    """The marks of one column with their figures; `values` are (error, y) of A and of B."""
    a, b = values
    both_exact = all(one is None or one[0] <= EXACT for one in values)
    if both_exact:
        there = a or b
        if there is not None:
            _dot(painter, x, there[1], theme.moved)
            draw(painter, Rect(x - 40, there[1] - 20, 80, 14), "exact", "meta", theme.moved, "centre", strong=True)
        return
    if a is not None and b is not None and abs(a[1] - b[1]) < ALIKE and words.error(a[0]) == words.error(b[0]):
        _square(painter, x, b[1], theme)
        _dot(painter, x, a[1], theme.t1, 1.75)
        _figure_at(painter, x, a, theme, beside=False, clear=None)
        return
    if b is not None:
        _square(painter, x, b[1], theme)
        _figure_at(painter, x, b, theme, beside=True, clear=None if a is None else a[1])
    if a is not None:
        _dot(painter, x, a[1], theme.t1 if a[0] > EXACT else theme.moved)
        under = b is not None and b[1] < a[1]
        _figure_at(painter, x, a, theme, beside=a[0] <= EXACT and b is not None, clear=None, under=under)


def _figure_at(
    painter: QPainter,
    x: float,
    at: tuple[float, float],
    theme: Theme,
    *,
    beside: bool,
    clear: float | None,
    under: bool = False,
) -> None:
    """The error: above its mark (`under` it, where the other's stands above), or at its right on a patch of ground
    so that the line does not cross it."""
    text, token = ("exact", theme.moved) if at[0] <= EXACT else (words.error(at[0]), theme.t1)
    if not beside:
        top = at[1] + 5 if under else at[1] - 20
        draw(painter, Rect(x - 40, top, 80, 14), text, "meta", token, "centre", strong=True)
        return
    y = at[1] if clear is None or abs(clear - at[1]) > 8 else max(at[1], clear + 9)
    took = width(text, "meta", True)
    painter.fillRect(QRectF(x + 7, y - 6, took + 4, 12), colour(theme.win))
    draw(painter, Rect(x + 9, y - 7, took + 2, 14), text, "meta", token, strong=True)


def _dot(painter: QPainter, x: float, y: float, token: str, radius: float = 4) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(token))
    painter.drawEllipse(QPointF(x, y), radius, radius)


def _square(painter: QPainter, x: float, y: float, theme: Theme) -> None:
    painter.setPen(pen(theme.t1, 1.5))
    painter.setBrush(colour(theme.win))
    painter.drawRect(QRectF(x - 3.5, y - 3.5, 7, 7))
