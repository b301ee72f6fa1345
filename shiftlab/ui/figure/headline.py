"""The sentence of the first break, with the '//' mark before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QPainter

from shiftlab.ui.figure.arrow import paint_break_mark
from shiftlab.ui.figure.pens import pen
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import Run, draw_runs
from shiftlab.ui.theme import Theme

if TYPE_CHECKING:
    from shiftlab.measure.words import Sentence

HEIGHT = 24
MARK_WIDTH = 23


def sentence_runs(sentence: Sentence, theme: Theme) -> tuple[Run, ...]:
    """What is first said up to its colon in semibold, then the rest of it, then what is added in the label colour."""
    opening, colon, said = sentence.headline.partition(": ")
    if not colon or not sentence.breaks:
        opening, said = sentence.headline, ""
        runs = [Run(opening, theme.t1, "control", strong=sentence.breaks)]
    else:
        runs = [Run(f"{opening}:", theme.t1, "control", strong=True), Run(f" {said}", theme.t1, "control")]
    if sentence.rest:
        runs.append(Run(f" {sentence.rest}", theme.t2, "control"))
    return tuple(runs)


def paint_headline(painter: QPainter, rect: Rect, sentence: Sentence, theme: Theme) -> None:
    """Draw the sentence in one line, elided at the right of `rect`."""
    left = 0.0
    if sentence.breaks:
        middle = round(rect.centre[1]) + 0.5
        painter.save()
        painter.setPen(pen(theme.broke, 1.75))
        painter.drawLine(round(rect.x), round(middle), round(rect.x + 3), round(middle))
        painter.drawLine(round(rect.x + 11), round(middle), round(rect.x + 14), round(middle))
        painter.restore()
        paint_break_mark(painter, rect.x + 7, middle, theme)
        left = MARK_WIDTH
    draw_runs(painter, Rect(rect.x + left, rect.y, rect.width - left, rect.height), sentence_runs(sentence, theme))
