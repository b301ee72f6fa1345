"""Arrows between stages: solid while all moves along, '//' where it first breaks, dashed after that."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.theme import Theme, colour

ArrowKind = Literal["solid", "broken", "dashed"]
HEAD = 4.0


def arrow_kind(index: int, first_break: int | None) -> ArrowKind:
    """The arrow that leads into stage `index` when stage `first_break` is the first that breaks."""
    if first_break is None or index < first_break:
        return "solid"
    return "broken" if index == first_break else "dashed"


def paint_arrow(painter: QPainter, rect: Rect, kind: ArrowKind, theme: Theme) -> None:
    """Draw an arrow to the right along the middle of `rect`, which it fills but for a small margin."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    y = round(rect.centre[1]) + 0.5
    left, right = rect.x + 2.0, rect.right - 3.0
    if kind == "broken":
        _paint_broken(painter, rect, y, theme)
        painter.restore()
        return
    token = colour(theme.t3)
    pen = QPen(token, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
    if kind == "dashed":
        pen.setDashPattern([2.0, 1.33])
    painter.setPen(pen)
    painter.drawLine(QPointF(left, y), QPointF(right - 1, y))
    painter.setPen(QPen(token, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.MiterJoin))
    painter.drawPolyline([QPointF(right - HEAD, y - HEAD), QPointF(right, y), QPointF(right - HEAD, y + HEAD)])
    painter.restore()


@lru_cache(maxsize=32)
def arrow_layer(
    size: tuple[float, float], kind: ArrowKind, theme: Theme, parity: tuple[float, float], scale: float
) -> QImage:
    """An arrow on the window's ground, opaque; odd where the arrow is, since halves are rounded to even numbers."""
    rect = Rect(*parity, *size)
    layer = QImage(round(rect.right * scale), round(rect.bottom * scale), QImage.Format.Format_RGB32)
    layer.setDevicePixelRatio(scale)
    layer.fill(colour(theme.win))
    painter = QPainter(layer)
    paint_arrow(painter, rect, kind, theme)
    painter.end()
    return layer.copy(*(round(side * scale) for side in rect))


def _paint_broken(painter: QPainter, rect: Rect, y: float, theme: Theme) -> None:
    token = colour(theme.broke)
    middle = rect.centre[0]
    painter.setPen(QPen(token, 1.75, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    if rect.width >= 16:
        painter.drawLine(QPointF(rect.x + 0.5, y), QPointF(middle - 4.5, y))
        painter.drawLine(QPointF(middle + 4.5, y), QPointF(rect.right - 0.5, y))
    paint_break_mark(painter, middle, y, theme)


def paint_break_mark(painter: QPainter, x: float, y: float, theme: Theme) -> None:
    """The two slashes alone, centred on (x, y)."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour(theme.broke), 1.75, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    for shift in (-2.25, 2.25):
        painter.drawLine(QPointF(x + shift - 1.75, y + 5), QPointF(x + shift + 1.75, y - 5))
    painter.restore()
