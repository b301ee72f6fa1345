"""A stage shrunk to a chip of 24 px: its state as a shape, its name, its error."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from shiftlab.ui.figure.gauge import figure_of, value_runs
from shiftlab.ui.figure.panel import PanelModel
from shiftlab.ui.figure.pens import diamond
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import draw, draw_runs, runs_width
from shiftlab.ui.theme import Theme, colour

CHIP_HEIGHT = 24
State = Literal["moved", "broke", "none"]


def state_of(model: PanelModel) -> State:
    """Whether the stage moved along exactly, did not, or nothing can be said."""
    if model.measure is None:
        return "none"
    figure = figure_of(model.measure, "moved", fractional=model.form == "fractional", plain=model.plain)
    if figure.value is None:
        return "none"
    return "moved" if figure.exact else "broke"


def paint_chip(painter: QPainter, rect: Rect, model: PanelModel, theme: Theme) -> None:
    """Draw a chip that fills `rect`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    token = theme.broke if model.first_break else theme.acc if model.pinned or model.focused else None
    painter.setBrush(colour(theme.panel))
    painter.setPen(QPen(colour(token or theme.line), 2 if token else 1))
    inset = 1.0 if token else 0.5
    painter.drawRoundedRect(QRectF(*rect).adjusted(inset, inset, -inset, -inset), 4, 4)
    paint_dot(painter, rect.x + 13, rect.centre[1], state_of(model), theme)
    figure = None
    if model.measure is not None:
        figure = figure_of(model.measure, "moved", fractional=model.form == "fractional", plain=model.plain)
    runs = value_runs(figure, "moved", theme)
    took = runs_width(runs)
    line = Rect(rect.x + 24, rect.y, rect.width - 34, rect.height)
    if took + 40 <= line.width:
        draw_runs(painter, line, runs, "right")
    else:
        took = 0
    draw(painter, Rect(line.x, line.y, line.width - took - 8, line.height), model.info.name, "meta", theme.t1)
    painter.restore()


def paint_dot(painter: QPainter, x: float, y: float, state: State, theme: Theme, radius: float = 4.0) -> None:
    """The mark of a state: a filled dot, a hollow diamond, or a short dash."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if state == "moved":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(theme.moved))
        painter.drawEllipse(QPointF(x, y), radius, radius)
    elif state == "broke":
        painter.setPen(QPen(colour(theme.broke), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(diamond(x, y, radius + 0.5))
    else:
        painter.setPen(QPen(colour(theme.t3), 1.5))
        painter.drawLine(QPointF(x - radius + 1, y), QPointF(x + radius - 1, y))
    painter.restore()
