"""A heat map over places with its colour bar: what it shows, and how it is painted."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from shiftlab.ui.figure import words
from shiftlab.ui.figure.colouring import table_colours
from shiftlab.ui.figure.outline import lines_around
from shiftlab.ui.figure.pens import pen
from shiftlab.ui.figure.pixels import image_of
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import draw, plate
from shiftlab.ui.figure.text import width as text_width
from shiftlab.ui.theme import DARK, OVERLAY_PLATE, Theme, colour, luts, rgb
from shiftlab.ui.themed import Themed

BAR, BAR_GAP = 8, 4
"""Width of the colour bar, and its distance from the map."""
FIGURES, WORDS = 28, 39
"""Room for the bar's figures, and where it has words, too."""


@dataclass(frozen=True, eq=False)
class Outlined:
    """A set of cells with a line around it; `dashed` and named where it has words."""

    mask: NDArray[np.bool_]
    token: str
    words: str = ""
    dashed: bool = True
    below: bool = False
    """Whether the words stand below it, not above."""


@dataclass(frozen=True, eq=False)
class Heat:
    """A map (R, C) that stands with its first cell at `first` of a ground of `extent` (rows, cols).

    Attributes
    ----------
    values : NaN where nothing is known yet
    low, high : ends of the colours
    centre : the value in the middle of a diverging table; None for a sequential one
    centre_words : what the bar says there
    outlines : masks are (R, C)
    mark : (row, col) on the ground, in cells; None for none
    mark_words : what stands beside the mark
    """

    values: NDArray[np.float64]
    low: float
    high: float
    centre: float | None = None
    centre_words: str = ""
    extent: tuple[int, int] = (0, 0)
    first: tuple[int, int] = (0, 0)
    outlines: tuple[Outlined, ...] = ()
    mark: tuple[float, float] | None = None
    mark_words: str = ""
    cache: dict[str, NDArray[np.uint32]] = field(default_factory=dict[str, NDArray[np.uint32]])

    @property
    def ground(self) -> tuple[int, int]:
        """(rows, cols) of what the map lies on; the map alone where no extent was given."""
        return self.extent if self.extent != (0, 0) else (self.values.shape[0], self.values.shape[1])


def coloured(heat: Heat, theme: Theme) -> NDArray[np.uint32]:
    """The map as 0xffRRGGBB (R, C); what is not known has the colour of the ground."""
    if theme.name not in heat.cache:
        heat.cache[theme.name] = table_colours(
            heat.values, heat.low, heat.high, luts(theme), rgb(theme.hov), heat.centre
        )
    return heat.cache[theme.name]


def map_rect(rect: Rect, heat: Heat) -> Rect:
    """Where the ground lies in `rect`: as large as whole pixels a cell allow, else as large as it can be."""
    ground = heat.ground
    room = rect.width - BAR - BAR_GAP - (WORDS if heat.centre_words else FIGURES)
    unit = min(room / ground[1], rect.height / ground[0])
    unit = float(int(unit)) if unit >= 3 else unit
    return Rect(rect.x, rect.y, unit * ground[1], unit * ground[0])


def paint_heat(painter: QPainter, rect: Rect, heat: Heat, theme: Theme, *, opacity: float = 1.0) -> Rect:
    """Paint map, marks and bar into `rect`; where the ground lies."""
    place = map_rect(rect, heat)
    unit = place.width / heat.ground[1]
    first = (place.x + heat.first[1] * unit, place.y + heat.first[0] * unit)
    size = (heat.values.shape[1] * unit, heat.values.shape[0] * unit)
    painter.save()
    painter.fillRect(QRectF(*place), colour(theme.win))
    if heat.values.shape != heat.ground:
        painter.fillRect(QRectF(*place), QBrush(colour(theme.line2), Qt.BrushStyle.BDiagPattern))
    painter.setOpacity(opacity)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(QRectF(*first, *size), image_of(coloured(heat, theme)))
    painter.setOpacity(1.0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour(theme.line2), 1))
    painter.drawRect(QRectF(place.x - 0.5, place.y - 0.5, place.width + 1, place.height + 1))
    for one in heat.outlines:
        _paint_outline(painter, one, first, unit, place)
    if heat.mark is not None:
        _paint_mark(painter, heat, place, unit)
    painter.restore()
    _paint_bar(painter, Rect(place.right + BAR_GAP, place.y, BAR, place.height), heat, theme)
    return place


@lru_cache(maxsize=16)
def _lines(content: bytes, rows: int, cols: int) -> tuple[tuple[tuple[int, int], ...], ...]:
    return lines_around(np.frombuffer(content, dtype=np.bool_).reshape(rows, cols))


def _paint_outline(painter: QPainter, one: Outlined, first: tuple[float, float], unit: float, place: Rect) -> None:
    if not one.mask.any():
        return
    painter.save()
    painter.setClipRect(QRectF(*place).adjusted(-1, -1, 1, 1))
    for line in _lines(np.ascontiguousarray(one.mask).tobytes(), *one.mask.shape):
        points = [QPointF(round(first[0] + col * unit), round(first[1] + row * unit)) for row, col in line]
        for ink in (pen("#000000", 3, opacity=0.6), pen(one.token, 1.5, dash=(4, 3) if one.dashed else None)):
            painter.setPen(ink)
            painter.drawPolygon(QPolygonF(points))
    painter.restore()
    if one.words:
        rows, cols = np.nonzero(one.mask)
        wide = text_width(one.words, "meta", False) + 12
        x = min(first[0] + cols.min() * unit + wide / 2, place.right - wide / 2)
        above, below = first[1] + rows.min() * unit - 12, first[1] + (rows.max() + 1) * unit + 12
        y = above if above >= place.y + 9 and not one.below else below
        centre = (x, min(y, place.bottom - 10))
        plate(
            painter, one.words, centre, place, token=one.token, ground=OVERLAY_PLATE, strong=False, height=18, padding=6
        )


def _paint_mark(painter: QPainter, heat: Heat, place: Rect, unit: float) -> None:
    assert heat.mark is not None
    at = QPointF(place.x + (heat.mark[1] + 0.5) * unit, place.y + (heat.mark[0] + 0.5) * unit)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ink in (QPen(colour("#000000"), 4), QPen(colour("#FFFFFF"), 2)):
        painter.setPen(ink)
        painter.drawEllipse(at, 5, 5)
    if heat.mark_words:
        wide = text_width(heat.mark_words, "meta", False) + 12
        below = at.y() + 20
        y = below if below + 9 < place.bottom else at.y() - 20
        x = min(max(at.x(), place.x + wide / 2 + 2), place.right - wide / 2 - 2)
        plate(
            painter, heat.mark_words, (x, y), place, token=DARK.t1, ground=OVERLAY_PLATE, strong=False, height=18,
            padding=6,
        )  # fmt: skip


def _paint_bar(painter: QPainter, bar: Rect, heat: Heat, theme: Theme) -> None:
    """The table upright, its ends and its middle in figures."""
    table = luts(theme)
    steps = np.rint(np.linspace(255, 1, 128)).astype(np.intp)[:, None]
    column = (table.sequential if heat.centre is None else table.diverging)[steps]
    painter.save()
    painter.drawImage(QRectF(*bar), image_of(np.ascontiguousarray(column)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour(theme.line2), 1))
    painter.drawRect(QRectF(bar.x - 0.5, bar.y - 0.5, bar.width + 1, bar.height + 1))
    painter.restore()
    x = bar.right + 3
    room = 60.0
    draw(painter, Rect(x, bar.y - 2, room, 12), words.limit(heat.high), "tick", theme.t2)
    draw(painter, Rect(x, bar.bottom - 10, room, 12), _figure(heat.low), "tick", theme.t2)
    if heat.centre is not None and bar.height > 70:
        middle = bar.y + bar.height / 2
        draw(painter, Rect(x, middle - 12, room, 12), _figure(heat.centre), "tick", theme.t2)
        draw(painter, Rect(x, middle, room, 12), heat.centre_words, "tick", theme.t3)


def _figure(value: float) -> str:
    return "0" if value == 0 else words.limit(value)


class HeatMap(Themed, QWidget):
    """Shows a Heat; the pointer reads it, and a click tells where.

    Signals
    -------
    pointed : the cell of the ground (row, col) under the pointer, None where it has left
    pressed : the cell of the ground that was clicked
    """

    pointed = Signal(object)
    pressed = Signal(object)

    def __init__(self, name: str, width: int, height: int, parent: QWidget | None = None) -> None:
        """As high as the map is in `width` x `height` px, whatever its own width is."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.heat: Heat | None = None
        self.stale = False
        self._place = Rect(0, 0, 1, 1)
        # Not its present width: within a scroll area height and width would chase each other for ever.
        self._most = (width, height)
        self.setFixedHeight(height)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_heat(self, heat: Heat | None, *, stale: bool = False) -> None:
        """Show a map; None for an empty frame."""
        self.heat, self.stale = heat, stale
        self._fit()
        self.update()

    def set_most(self, height: int) -> None:
        """Be at most so high."""
        self._most = (self._most[0], height)
        self._fit()

    def _fit(self) -> None:
        if self.heat is not None:
            rect = Rect(1, 1, self._most[0] - 2, self._most[1] - 2)
            self.setFixedHeight(round(map_rect(rect, self.heat).height) + 2)

    def cell_at(self, point: QPointF) -> tuple[int, int] | None:
        """The cell of the ground under a point of the widget."""
        heat, place = self.heat, self._place
        if heat is None or not place.holds(point.x(), point.y()):
            return None
        unit = place.width / heat.ground[1]
        return int((point.y() - place.y) / unit), int((point.x() - place.x) / unit)

    def point_of(self, cell: tuple[float, float]) -> QPointF:
        """The middle of a cell of the ground."""
        assert self.heat is not None
        unit = self._place.width / self.heat.ground[1]
        return QPointF(self._place.x + (cell[1] + 0.5) * unit, self._place.y + (cell[0] + 0.5) * unit)

    # Qt's own

    def sizeHint(self) -> QSize:
        return QSize(360, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.heat is None:
            return
        with QPainter(self) as painter:
            rect = Rect(1, 1, self.width() - 2, self.height() - 2)
            self._place = paint_heat(painter, rect, self.heat, self.theme, opacity=0.5 if self.stale else 1.0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointed.emit(self.cell_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(cell)

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(None)
        super().leaveEvent(event)
