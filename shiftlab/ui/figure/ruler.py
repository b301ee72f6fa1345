"""The ruler above and to the left of the canvas, with the marks of both places."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from shiftlab.scene.values import Position
from shiftlab.ui.figure.canvas_view import RULER, CanvasView
from shiftlab.ui.figure.pens import pen, polygon
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import baseline, draw, width
from shiftlab.ui.theme import Theme, colour, font


def ruler_steps(zoom: float) -> tuple[int, int]:
    """(pixels between ticks, between labels): 4 and 16 at 6×, coarser where they would crowd."""
    label = 4
    while label * zoom < 64:
        label *= 2
    return max(label // 4, 1), label


def paint_ruler(painter: QPainter, view: CanvasView, places: tuple[Position, Position] | None, theme: Theme) -> None:
    """Draw ticks and labels; with `places` (reference, now) their marks stand below the labels."""
    paint_scales(painter, view, theme)
    if places is not None:
        paint_marks(painter, view, places, theme)


@lru_cache(maxsize=2)
def ruler_layer(view: CanvasView, size: tuple[int, int], scale: float, theme: Theme) -> QImage:
    """Ticks and labels on the window's ground, for a widget of (width, height): it stays the same during a drag."""
    layer = QImage(round(size[0] * scale), round(size[1] * scale), QImage.Format.Format_RGB32)
    layer.setDevicePixelRatio(scale)
    layer.fill(colour(theme.win))
    painter = QPainter(layer)
    paint_scales(painter, view, theme)
    painter.end()
    return layer


def _edges(view: CanvasView) -> tuple[float, float]:
    """Where the canvas begins beside its rulers: one that is looked at closely goes on under them."""
    return max(view.rect.x, RULER), max(view.rect.y, RULER)


def paint_scales(painter: QPainter, view: CanvasView, theme: Theme) -> None:
    """Ticks and labels alone."""
    rect, (left, top) = view.rect, _edges(view)
    tick, label = ruler_steps(view.zoom)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for at in range(0, view.size[1], tick):
        x, long = round(rect.x + at * view.zoom), at % label == 0
        if x < left:
            continue
        painter.fillRect(QRectF(x, top - (8 if long else 4), 1, 8 if long else 4), colour(theme.t3))
        if long and at + width(str(at), "tick") / view.zoom < view.size[1]:
            draw(painter, Rect(x + 4, top - RULER, 60, 11), str(at), "tick", theme.t3)
    for at in range(0, view.size[0], tick):
        y, long = round(rect.y + at * view.zoom), at % label == 0
        if y < top:
            continue
        painter.fillRect(QRectF(left - (8 if long else 4), y, 8 if long else 4, 1), colour(theme.t3))
        if long and at + width(str(at), "tick") / view.zoom < view.size[0]:
            _draw_turned(painter, left - RULER, y + 4, str(at), theme)


def _draw_turned(painter: QPainter, x: float, y: float, text: str, theme: Theme) -> None:
    """A label of the vertical ruler, read from the right."""
    painter.save()
    painter.translate(x + 11, y)
    painter.rotate(90)
    painter.setFont(font("tick"))
    painter.setPen(colour(theme.t3))
    painter.drawText(QPointF(0, baseline(5.5, "tick")), text)
    painter.restore()


def paint_marks(painter: QPainter, view: CanvasView, places: tuple[Position, Position], theme: Theme) -> None:
    """Hollow triangles at the reference, filled ones at the present place."""
    (then, now), (left, top) = places, _edges(view)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for at, filled in ((then, False), (now, True)):
        x, y = view.centre(at)
        painter.setPen(Qt.PenStyle.NoPen if filled else pen(theme.ghost, 1.25))
        painter.setBrush(colour(theme.acc) if filled else colour(theme.win))
        half, deep = (4.5, 8.0) if filled else (4.0, 7.0)
        if left <= x <= view.rect.right and (filled or at[1] != now[1]):
            edge = top - 0.5
            painter.drawPolygon(polygon((x - half, edge - deep), (x + half, edge - deep), (x, edge)))
        if top <= y <= view.rect.bottom and (filled or at[0] != now[0]):
            edge = left - 0.5
            painter.drawPolygon(polygon((edge - deep, y - half), (edge - deep, y + half), (edge, y)))
