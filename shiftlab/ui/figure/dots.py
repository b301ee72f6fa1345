"""The map of a long network: a dot for each stage, its shape by state, with what is in view marked."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from shiftlab.ui.figure.chip import State, paint_dot
from shiftlab.ui.figure.pens import pen
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.theme import Theme, colour

PITCH = 12.0
LEAST_PITCH = 6.0


def dot_places(count: int, rect: Rect) -> tuple[Rect, ...]:
    """Cells for `count` dots, down `rect` in as few columns as fit; smaller where they must be."""
    if count < 1:
        return ()
    pitch = PITCH
    while pitch > LEAST_PITCH and math.floor(rect.height / pitch) * math.floor(rect.width / pitch) < count:
        pitch -= 1
    down = max(math.floor(rect.height / pitch), 1)
    return tuple(
        Rect(rect.x + index // down * pitch, rect.y + index % down * pitch, pitch, pitch) for index in range(count)
    )


def dot_at(places: Sequence[Rect], x: float, y: float) -> int | None:
    """The stage whose dot is under a point."""
    return next((index for index, place in enumerate(places) if place.holds(x, y)), None)


def paint_dots(
    painter: QPainter,
    places: Sequence[Rect],
    states: Sequence[State],
    theme: Theme,
    *,
    first_break: int | None = None,
    seen: frozenset[int] = frozenset(),
) -> None:
    """Draw the map: a ground under what is in view, a ring around the first that breaks."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for index, place in enumerate(places):
        if index in seen:
            painter.fillRect(QRectF(*place), colour(theme.hov))
    for index, (place, state) in enumerate(zip(places, states, strict=True)):
        paint_dot(painter, *place.centre, state, theme, radius=place.width * 0.27)
        if index == first_break:
            painter.setPen(pen(theme.broke, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(*place), 2, 2)
    painter.restore()
