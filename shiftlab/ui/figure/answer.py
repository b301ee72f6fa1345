"""What the head says: classes with their logits and probabilities as bars, now against at the reference."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath

from shiftlab.ui.figure import words
from shiftlab.ui.figure.pens import pen
from shiftlab.ui.figure.pixels import whole_pixels
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import Run, draw, draw_runs, runs_width, width
from shiftlab.ui.theme import Theme, colour

if TYPE_CHECKING:
    from shiftlab.engine.messages import HeadValues

TITLE_HEIGHT = 22
ROW_HEIGHT = 40
FOOT_HEIGHT = 20
MOST_ROWS = 4
BAR_HEIGHT = 8
SPILL = 4
"""Pixels around a bar that its marks keep to."""
ROOMY = 220
"""Width from which the logits stand beside the probabilities."""
TIE = 1e-9
"""Difference of logits, or of probabilities, up to which they count as tied."""


def shown_classes(head: HeadValues) -> tuple[int, ...]:
    """The classes that get a bar: the likeliest now, in the order of the head."""
    ranked = sorted(range(len(head.probabilities)), key=lambda index: -head.probabilities[index])
    return tuple(sorted(ranked[:MOST_ROWS]))


def class_name(head: HeadValues, index: int) -> str:
    return head.classes[index] if index < len(head.classes) else f"class {index + 1}"


def _tie(values: Sequence[float]) -> bool:
    ranked = sorted(values, reverse=True)
    return len(ranked) > 1 and ranked[0] - ranked[1] <= TIE


def tied(head: HeadValues) -> bool:
    """Whether the largest logits are equal, so that there is no answer."""
    return _tie(head.logits)


def answers(head: HeadValues) -> tuple[str, str]:
    """The answer at the reference ('' where that is not known) and now: a class, or 'tie'."""

    def named(values: Sequence[float]) -> str:
        if not values:
            return ""
        return "tie" if _tie(values) else class_name(head, max(range(len(values)), key=lambda index: values[index]))

    return named(head.reference_probabilities), named(head.logits)


def answer_height(head: HeadValues) -> float:
    return TITLE_HEIGHT + ROW_HEIGHT * len(shown_classes(head)) + FOOT_HEIGHT


def foot_words(head: HeadValues) -> str:
    """What the marks on the bars mean."""
    if not head.reference_probabilities:
        return "Dashed: chance"
    best = max(range(len(head.reference_probabilities)), key=lambda index: head.reference_probabilities[index])
    share = head.reference_probabilities[best]
    return f"Dashed: chance. Upright mark: at the reference ({class_name(head, best)}: {share:.1%})".replace("%", " %")


def paint_answer(
    painter: QPainter,
    rect: Rect,
    head: HeadValues,
    theme: Theme,
    *,
    row: float = ROW_HEIGHT,
    foot: bool = True,
    title: str = "The answer",
    kept_on: str | None = None,
) -> None:
    """Draw title, a bar for each of the likeliest classes, and what the marks mean, from the top of `rect`.

    With `kept_on`, the colour of the ground below, bars are pictures that are kept.
    """
    rows = shown_classes(head)
    line = Rect(rect.x, rect.y, rect.width, 16)
    before, now = answers(head)
    other = bool(before) and before != now
    answer = Run(now, theme.broke if other else theme.t1, "heading", strong=True)
    said = (Run(f"{before} → ", theme.t2, "control"), answer) if other else (answer,)
    # Of two answers side by side the name stays readable, and the word for what it was goes.
    if runs_width(said) + width(title, "control", False) + 8 > line.width:
        said = (answer,)
    took = draw_runs(painter, line, said, "right")
    heading = [Run(title, theme.t2, "control")]
    if len(rows) < len(head.probabilities):
        heading.append(Run(f"   {len(rows)} of {len(head.probabilities)} classes", theme.t3, "meta"))
    draw_runs(painter, Rect(line.x, line.y, max(line.width - took - 8, 0), line.height), heading)
    chance = 1 / max(len(head.probabilities), 1)
    for number, index in enumerate(rows):
        top = rect.y + TITLE_HEIGHT + number * row
        line = Rect(rect.x, top, rect.width, 20)
        share = head.probabilities[index]
        before = head.reference_probabilities[index] if index < len(head.reference_probabilities) else None
        bar = Rect(rect.x, top + 20, rect.width, BAR_HEIGHT)
        marks = _marks(bar, share, before, chance)
        around = bar.grown(SPILL)
        if kept_on is not None and whole_pixels(painter, around):
            parity, scale = (around.x % 2, around.y % 2), painter.deviceTransform().m11()
            layer = _share_layer(bar.size, marks.moved(-bar.x), theme, kept_on, parity, scale)
            painter.drawImage(round(around.x), round(around.y), layer)
        else:
            _paint_share(painter, bar, marks, theme)
        logit = (
            Run(f"logit {words.limit(head.logits[index]) if head.logits[index] else '0.00'}   ", theme.t2, "meta"),
        )
        said = (
            *(logit if rect.width >= ROOMY else ()),
            Run(f"{share * 100:.1f} %", theme.t1, "control", strong=True),
        )
        took = draw_runs(painter, Rect(line.x + line.width / 3, line.y, line.width * 2 / 3, 20), said, "right")
        name = Rect(line.x, line.y, max(line.width - took - 8, 0), 20)
        draw(painter, name, class_name(head, index), "control", theme.t1)
    if not foot:
        return
    below = rect.y + TITLE_HEIGHT + row * len(rows)
    draw(painter, Rect(rect.x, below, rect.width, 16), foot_words(head), "meta", theme.t2)


class _Marks(NamedTuple):
    """Of a bar the width that is filled, and where the marks of chance and of the reference stand."""

    filled: int
    chance: int
    before: int | None

    def moved(self, x: float) -> _Marks:
        by = round(x)
        return _Marks(self.filled, self.chance + by, None if self.before is None else self.before + by)


def _marks(bar: Rect, share: float, before: float | None, chance: float) -> _Marks:
    then = None if before is None else min(max(bar.x + bar.width * before - 1, bar.x), bar.right - 2)
    filled = round(bar.width * min(max(share, 0.0), 1.0))
    return _Marks(filled, round(bar.x + bar.width * chance), None if then is None else round(then))


@lru_cache(maxsize=64)
def _share_layer(
    size: tuple[float, float], marks: _Marks, theme: Theme, ground: str, parity: tuple[float, float], scale: float
) -> QImage:
    """A bar on its ground with `SPILL` pixels around it, opaque; `marks` are those of a bar at x 0."""
    around = Rect(*parity, size[0] + 2 * SPILL, size[1] + 2 * SPILL)
    layer = QImage(round(around.right * scale), round(around.bottom * scale), QImage.Format.Format_RGB32)
    layer.setDevicePixelRatio(scale)
    layer.fill(colour(ground))
    painter = QPainter(layer)
    bar = around.grown(-SPILL)
    _paint_share(painter, bar, marks.moved(bar.x), theme)
    painter.end()
    return layer.copy(*(round(side * scale) for side in around))


def _paint_share(painter: QPainter, bar: Rect, marks: _Marks, theme: Theme) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    outline = QPainterPath()
    outline.addRoundedRect(QRectF(*bar), 2, 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.fillPath(outline, colour(theme.track))
    painter.setClipPath(outline, Qt.ClipOperation.IntersectClip)
    painter.fillRect(QRectF(bar.x, bar.y, marks.filled, bar.height), colour(theme.t2))
    painter.restore()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(pen(theme.t1, 1, dash=(3, 2)))
    painter.drawLine(marks.chance, round(bar.y) - 2, marks.chance, round(bar.bottom) + 1)
    if marks.before is not None:
        painter.fillRect(QRectF(marks.before, bar.y - 3, 2, bar.height + 6), colour(theme.t1))
    painter.restore()
