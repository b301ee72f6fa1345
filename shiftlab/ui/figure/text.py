"""Text on a painter: centred on its cap height, elided, in runs of different weight and colour."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import msgspec
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter

from shiftlab.ui.figure.pixels import scale_of, whole_pixels
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.theme import FontRole, colour, font

Align = Literal["left", "centre", "right"]


@lru_cache(maxsize=32)
def metrics(role: FontRole, strong: bool | None = None) -> QFontMetricsF:
    return QFontMetricsF(font(role, strong))


@lru_cache(maxsize=4096)
def width(text: str, role: FontRole, strong: bool | None = None) -> float:
    """Advance width in logical pixels."""
    return metrics(role, strong).horizontalAdvance(text)


@lru_cache(maxsize=4096)
def elided(text: str, room: float, role: FontRole, strong: bool | None = None) -> str:
    """The text, cut with an ellipsis where it does not fit `room`."""
    if width(text, role, strong) <= room:
        return text
    return metrics(role, strong).elidedText(text, Qt.TextElideMode.ElideRight, room)


def baseline(middle: float, role: FontRole, strong: bool | None = None) -> float:
    """Where the baseline stands so that capitals are centred on `middle`; a whole pixel."""
    return round(middle + metrics(role, strong).capHeight() / 2)


def draw(
    painter: QPainter,
    rect: Rect,
    text: str,
    role: FontRole,
    token: str,
    align: Align = "left",
    strong: bool | None = None,
) -> float:
    """Draw one line in the middle of `rect`, elided to its width; the width it took."""
    shown = elided(text, rect.width, role, strong)
    if not shown:
        return 0.0
    took = width(shown, role, strong)
    free = rect.width - took
    x = rect.x + (0.0 if align == "left" else free if align == "right" else free / 2)
    painter.setFont(font(role, strong))
    painter.setPen(colour(token))
    painter.drawText(QPointF(x if align == "left" else round(x), baseline(rect.centre[1], role, strong)), shown)
    return took


@lru_cache(maxsize=256)
def text_layer(
    size: tuple[float, float],
    text: str,
    role: FontRole,
    token: str,
    ground: str,
    align: Align,
    strong: bool | None,
    parity: tuple[float, float],
    scale: float,
) -> QImage:
    """What `draw` draws, on a flat ground: an opaque picture of a rectangle of whole pixels, kept for when it is
    wanted again. `parity` is its place, each modulo 2: halves are rounded to even numbers."""
    rect = Rect(*parity, *size)
    layer = QImage(round(rect.right * scale), round(rect.bottom * scale), QImage.Format.Format_RGB32)
    layer.setDevicePixelRatio(scale)
    layer.fill(colour(ground))
    painter = QPainter(layer)
    draw(painter, rect, text, role, token, align, strong)
    painter.end()
    return layer.copy(*(round(side * scale) for side in rect))


class Run(msgspec.Struct, frozen=True):
    """A piece of a line in one weight and colour."""

    text: str
    token: str
    role: FontRole = "meta"
    strong: bool | None = None


def runs_width(runs: Sequence[Run]) -> float:
    return sum(width(run.text, run.role, run.strong) for run in runs)


def draw_runs(painter: QPainter, rect: Rect, runs: Sequence[Run], align: Align = "left") -> float:
    """Draw runs one after the other on the baseline of the largest; what does not fit is elided."""
    if not runs:
        return 0.0
    largest = max(runs, key=lambda run: metrics(run.role, run.strong).capHeight())
    y = baseline(rect.centre[1], largest.role, largest.strong)
    total = runs_width(runs)
    start = rect.x if align == "left" else max(rect.x, rect.right - total)
    x = start
    for run in runs:
        room = rect.right - x
        if room < 4:
            break
        shown = elided(run.text, room + 0.5, run.role, run.strong)
        painter.setFont(font(run.role, run.strong))
        painter.setPen(colour(run.token))
        painter.drawText(QPointF(x, y), shown)
        x += width(shown, run.role, run.strong)
        if shown != run.text:
            break
    return x - start


def wrapped(runs: Sequence[Run], room: float) -> list[list[Run]]:
    """Runs broken into lines at spaces, each no wider than `room` unless a single word is."""
    lines: list[list[Run]] = [[]]
    for run in runs:
        words = run.text.split(" ")
        for index, word in enumerate(words):
            piece = word if index == len(words) - 1 else f"{word} "
            if not piece:
                continue
            tried = _joined([*lines[-1], Run(word, run.token, run.role, run.strong)])
            if lines[-1] and runs_width(tried) > room:
                lines[-1] = _stripped(lines[-1])
                lines.append([])
            lines[-1] = _joined([*lines[-1], Run(piece, run.token, run.role, run.strong)])
    return [_stripped(line) for line in lines if line]


def _stripped(line: list[Run]) -> list[Run]:
    """The line without the space at its end."""
    last = line[-1]
    return [*line[:-1], Run(last.text.rstrip(" "), last.token, last.role, last.strong)]


def _joined(line: Sequence[Run]) -> list[Run]:
    """Neighbours of one look made one run, so that kerning and elision see whole words."""
    joined: list[Run] = []
    for run in line:
        if joined and (joined[-1].token, joined[-1].role, joined[-1].strong) == (run.token, run.role, run.strong):
            joined[-1] = Run(joined[-1].text + run.text, run.token, run.role, run.strong)
        else:
            joined.append(run)
    return joined


def draw_wrapped(painter: QPainter, rect: Rect, runs: Sequence[Run], leading: float) -> float:
    """Draw runs as a paragraph from the top of `rect`, `leading` px a line; the height it took."""
    lines = wrapped(runs, rect.width)
    for index, line in enumerate(lines):
        draw_runs(painter, Rect(rect.x, rect.y + index * leading, rect.width, leading), line)
    return len(lines) * leading


def plate_box(
    text: str,
    centre: tuple[float, float],
    within: Rect,
    *,
    role: FontRole = "meta",
    strong: bool = True,
    height: float = 20,
    padding: float = 8,
) -> tuple[str, Rect]:
    """What of a text stands on the plate that `plate` draws, and where that plate stands."""
    shown = elided(text, max(within.width - 2 * padding - 4, 8), role, strong)
    took = round(width(shown, role, strong) + 2 * padding)
    x = min(max(centre[0] - took / 2, within.x + 2), within.right - took - 2)
    y = min(max(centre[1] - height / 2, within.y + 2), within.bottom - height - 2)
    return shown, Rect(round(x), round(y), took, height)


def _paint_plate(painter: QPainter, box: Rect, ground: str, frame: str | None) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(colour(ground))
    painter.setPen(Qt.PenStyle.NoPen if frame is None else colour(frame))
    inset = 0.0 if frame is None else 0.5
    painter.drawRoundedRect(QRectF(*box).adjusted(inset, inset, -inset, -inset), 3, 3)


@lru_cache(maxsize=64)
def _plate_layer(size: tuple[float, float], ground: str, frame: str | None, scale: float) -> QImage:
    """An empty plate."""
    layer = QImage(round(size[0] * scale), round(size[1] * scale), QImage.Format.Format_ARGB32_Premultiplied)
    layer.setDevicePixelRatio(scale)
    layer.fill(Qt.GlobalColor.transparent)
    painter = QPainter(layer)
    _paint_plate(painter, Rect(0, 0, *size), ground, frame)
    painter.end()
    return layer


def plate(
    painter: QPainter,
    text: str,
    centre: tuple[float, float],
    within: Rect,
    *,
    token: str,
    ground: str,
    frame: str | None = None,
    role: FontRole = "meta",
    strong: bool = True,
    height: float = 20,
    padding: float = 8,
) -> Rect:
    """A text on a plate about `centre`, kept inside `within`; where it stands."""
    shown, box = plate_box(text, centre, within, role=role, strong=strong, height=height, padding=padding)
    if whole_pixels(painter, box):
        painter.drawImage(round(box.x), round(box.y), _plate_layer(box.size, ground, frame, scale_of(painter)))
    else:
        painter.save()
        _paint_plate(painter, box, ground, frame)
        painter.restore()
    draw(painter, box, shown, role, token, "centre", strong)
    return box
