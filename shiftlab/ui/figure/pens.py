"""Pens and small shapes that several painters draw with."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.theme import colour


@lru_cache(maxsize=128)
def pen(
    token: str, width: float, *, opacity: float = 1.0, rounded: bool = False, dash: tuple[float, ...] | None = None
) -> QPen:
    """A pen with flat caps and mitred joins, or round ones; `dash` in pixels, not in widths.

    Shared, so never change it in place.
    """
    cap = Qt.PenCapStyle.RoundCap if rounded else Qt.PenCapStyle.FlatCap
    join = Qt.PenJoinStyle.RoundJoin if rounded else Qt.PenJoinStyle.MiterJoin
    made = QPen(colour(token, opacity), width, Qt.PenStyle.SolidLine, cap, join)
    if dash is not None:
        made.setDashPattern([length / width for length in dash])
    return made


def polygon(*points: tuple[float, float]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points])


def diamond(x: float, y: float, reach: float) -> QPolygonF:
    return polygon((x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y))


def cased_rect(painter: QPainter, rect: Rect, token: str, width: float) -> None:
    """An outline just outside a rectangle, on a black casing 2 px wider, so that it shows on any picture."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    outer = QRectF(*rect.grown(width / 2))
    for ink, wide in (("#000000", width + 2), (token, width)):
        painter.setPen(pen(ink, wide))
        painter.drawRect(outer)
    painter.restore()


def frame_around(painter: QPainter, place: Rect, token: str) -> None:
    """A line of 1 px around a rectangle, none of it inside at any scale."""
    outer, ink = place.grown(1), colour(token)
    for side in (
        Rect(outer.x, outer.y, outer.width, 1),
        Rect(outer.x, place.bottom, outer.width, 1),
        Rect(outer.x, place.y, 1, place.height),
        Rect(place.right, place.y, 1, place.height),
    ):
        painter.fillRect(QRectF(*side), ink)
