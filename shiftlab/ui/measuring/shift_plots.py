"""The two plots over the shift: errors of all stages, one drawn strong; and the wobble of what is followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal

from shiftlab.document import StageKey
from shiftlab.ui.figure import words
from shiftlab.ui.measuring.choosing import multiples
from shiftlab.ui.measuring.plot import Plot, tag
from shiftlab.ui.theme import Theme, colour, font

if TYPE_CHECKING:
    from shiftlab.measure.curves import Curve, Quantity

NEAR = 9.0
"""Logical pixels within which a curve is pointed at."""
MOST_DOTS = 65
LEAST_TOP = 0.1
"""What the axis of errors reaches at least."""
FADED = 0.5
MOST_TICKS = 9
Values = NDArray[np.float64]


LABEL_HEIGHT = 12.0
"""Logical pixels between the names at the ends of several curves."""


def spread(values: Values, least: float) -> list[float]:
    """The values moved apart to stand at least so far from each other, in their order and about their middle."""
    order = np.argsort(values, kind="stable")
    wanted = values[order].astype(np.float64)
    placed = wanted.copy()
    for number in range(1, len(placed)):
        placed[number] = max(placed[number], placed[number - 1] + least)
    placed -= (placed - wanted).mean()
    found = np.empty_like(placed)
    found[order] = placed
    return found.tolist()


class Here(NamedTuple):
    """A point of a curve."""

    key: StageKey
    shift: float
    value: float


def error_words(value: float) -> str:
    """'exact', 'off 0.40' or 'n/a'."""
    if not np.isfinite(value):
        return "n/a"
    return "exact" if value <= 1e-5 else f"off {words.error(value)}"


def ordered(curve: Curve, table: Values) -> tuple[Values, Values]:
    """(shifts, values) from left to right."""
    order = np.argsort(curve.shifts)
    return curve.shifts[order], table[order]


class ShiftPlot(Plot):
    """A plot over the shift with the present place as a cursor.

    Attributes
    ----------
    here : pg.InfiniteLine
        The cursor.

    Signals
    -------
    dragged : where the cursor was drawn to, in pixels
    dropped : the cursor was let go
    """

    dragged = Signal(float)
    dropped = Signal()

    def __init__(self, name: str, theme: Theme) -> None:
        super().__init__(name)
        self.theme = theme
        self.here = pg.InfiniteLine(0.0, angle=90, movable=True)
        self.here.setZValue(30)
        self.here.addMarker("v", 1.0, 9)
        self.here.setCursor(Qt.CursorShape.SplitHCursor)
        self.here.sigDragged.connect(lambda line: self.dragged.emit(float(line.getXPos())))
        self.here.sigPositionChangeFinished.connect(lambda _line: self.dropped.emit())
        self.box.addItem(self.here, ignoreBounds=True)

    def set_look(self, theme: Theme, *, grid: bool = True) -> None:
        super().set_look(theme, grid=grid)
        self.theme = theme
        self.here.setHoverPen(self.pen(theme.acc, 3))

    def show_place(self, shift: float, on_line: bool) -> None:
        """Where the pattern stands; dashed where that is not on this line."""
        self.here.setPen(self.pen(self.theme.acc, 1.5, dash=None if on_line else [3, 3]))
        if self.here.getXPos() != shift:
            self.here.setPos(shift)

    def show_reach(self, reach: int, stride: int) -> None:
        """The range of shifts; ticks at multiples of the stride where they are few enough, or between them."""
        self.box.setXRange(-reach, reach, padding=0.04)
        step = max(stride, 1)
        while 2 * reach / step + 1 > MOST_TICKS:
            step *= 2
        while step % 2 == 0 and 4 * reach / step + 1 <= MOST_TICKS:
            step //= 2
        count = reach // step
        self.bottom.setTicks([[(at * step, words.signed(at * step)) for at in range(-count, count + 1)]])


class ErrorPlot(ShiftPlot):
    """Errors against the shift."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("Error against the shift", theme)
        self._lines: dict[StageKey, pg.PlotDataItem] = {}
        self._points: dict[StageKey, tuple[Values, Values]] = {}
        self._verticals: list[pg.InfiniteLine] = []
        self._tags = [tag(theme), tag(theme)]
        for one in self._tags:
            one.setZValue(20)
            self.box.addItem(one, ignoreBounds=True)

    def set_look(self, theme: Theme, *, grid: bool = True) -> None:
        super().set_look(theme, grid=grid)
        for one in self._tags:
            one.setColor(theme.t1)
            one.fill = pg.mkBrush(colour(theme.panel, 0.8))

    def show_curves(
        self,
        curves: Sequence[Curve | None],
        quantity: Quantity,
        chosen: Sequence[tuple[StageKey, str]],
        reach: int,
        stride: int,
    ) -> None:
        """Draw every stage of the network whose stage was chosen, and the chosen ones strong.

        Parameters
        ----------
        chosen : the chosen stage with its name, and where there is one that of the other network
        stride : whose multiples are marked
        """
        self._clear()
        self.show_reach(reach, stride)
        strong = [key for key, _ in chosen]
        top = LEAST_TOP
        for index, curve in enumerate(curves):
            if curve is None:
                continue
            shifts, table = ordered(curve, curve.errors[quantity])
            for number, name in enumerate(curve.stages):
                key = (index, name)
                if key not in strong and not (strong and index == strong[0][0]):
                    continue
                values = table[:, number]
                self._points[key] = shifts, values
                # pyqtgraph crashes on a curve without a single point.
                if np.isfinite(values).any():
                    self._lines[key] = self._line(shifts, values, key in strong, index == 1)
                    top = max(top, float(np.nanmax(values)))
        self.box.setYRange(0, top * 1.12, padding=0.0)
        for at in multiples(stride, reach) if self._lines else ():
            line = pg.InfiniteLine(at, angle=90, pen=self.pen(self.theme.t3, 1, dash=[3, 4]))
            line.setZValue(-5)
            self.box.addItem(line, ignoreBounds=True)
            self._verticals.append(line)
        # Of two, one is named at the right and the other at the left: their curves may be the same.
        for one, (key, text), side in zip(self._tags, chosen, (1, -1), strict=False):
            self._label(one, key, text, reach, side if len(chosen) > 1 else 0)

    def fade(self) -> None:
        """What is drawn is stale."""
        for item in self._lines.values():
            item.setOpacity(FADED)

    @property
    def drawn(self) -> tuple[StageKey, ...]:
        """The stages whose curves are drawn."""
        return tuple(self._lines)

    def points(self, key: StageKey) -> tuple[Values, Values]:
        """(shifts, values) of a stage's curve; empty where it is not drawn."""
        return self._points.get(key, (np.array([]), np.array([])))

    def value_at(self, key: StageKey, shift: float) -> float | None:
        """The error of a stage at a shift; None where it was not computed."""
        shifts, values = self.points(key)
        found = np.flatnonzero(np.abs(shifts - shift) < 1e-6)
        return float(values[found[0]]) if len(found) else None

    def nearest(self, point: QPointF) -> Here | None:
        """The point of a curve under a point of the scene; None where none is near."""
        found: tuple[float, Here] | None = None
        at = self.box.mapSceneToView(point)
        for key in self._lines:
            shifts, values = self.points(key)
            known = np.flatnonzero(np.isfinite(values))
            number = int(known[np.argmin(np.abs(shifts[known] - at.x()))])
            seen = self.box.mapViewToScene(QPointF(float(shifts[number]), float(values[number])))
            away = abs(seen.y() - point.y()) + 0.5 * abs(seen.x() - point.x())
            if away <= NEAR and (found is None or away < found[0]):
                found = (away, Here(key, float(shifts[number]), float(values[number])))
        return None if found is None else found[1]

    def _clear(self) -> None:
        for item in (*self._lines.values(), *self._verticals):
            self.box.removeItem(item)
        self._lines, self._points, self._verticals = {}, {}, []
        for one in self._tags:
            one.setVisible(False)

    def _line(self, shifts: Values, values: Values, strong: bool, dashed: bool) -> pg.PlotDataItem:
        theme = self.theme
        pen = self.pen(theme.line2, 1)
        if strong:
            pen = self.pen(theme.t1, 1.75, style=Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine)
        item = pg.PlotDataItem(shifts, values, pen=pen, connect="finite", antialias=True)
        if strong:
            item.setZValue(10)
            if len(shifts) <= MOST_DOTS:
                item.setSymbol("s" if dashed else "o")
                item.setSymbolSize(5)
                item.setSymbolPen(pg.mkPen(theme.t1))
                item.setSymbolBrush(pg.mkBrush(theme.panel if dashed else theme.t1))
        self.box.addItem(item)
        return item

    def _label(self, one: pg.TextItem, key: StageKey, text: str, reach: int, side: int) -> None:
        shifts, values = self.points(key)
        inner = np.isfinite(values) & (np.abs(shifts) <= reach * 0.8) & (shifts * side >= 0)
        if inner.any():
            best = int(np.flatnonzero(inner)[np.argmax(values[inner])])
            one.setText(text)
            one.setPos(float(shifts[best]), float(values[best]))
            one.setVisible(True)


class WobblePlot(ShiftPlot):
    """Values against the shift."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("Wobble against the shift", theme)
        self._items: list[pg.PlotDataItem | pg.TextItem] = []

    def show_curve(
        self, curve: Curve | None, names: Sequence[str], reach: int, stride: int
    ) -> tuple[float, float] | None:
        """Draw what was followed, each with its name where they are several; the range of its values."""
        for item in self._items:
            self.box.removeItem(item)
        self._items = []
        self.show_reach(reach, stride)
        if curve is None or not curve.units or not np.isfinite(curve.wobble).any():
            return None
        shifts, table = ordered(curve, curve.wobble)
        low, high = float(np.nanmin(table)), float(np.nanmax(table))
        room = (high - low) * 0.12 or abs(high) * 0.1 or 1.0
        self.box.setYRange(low - room, high + room, padding=0.0)
        pen = self.pen(self.theme.t1, 1.5)
        for number in range(table.shape[1]):
            if np.isfinite(table[:, number]).any():
                self._add(pg.PlotDataItem(shifts, table[:, number], pen=pen, connect="finite", antialias=True))
        known = np.flatnonzero(np.isfinite(table).all(axis=1))
        if table.shape[1] > 1 and len(known):
            height = LABEL_HEIGHT * (high - low + 2 * room) / max(self.box.height(), 1.0)
            for number, at in enumerate(spread(table[known[-1]], height)):
                one = tag(self.theme)
                one.setFont(font("tick"))
                one.setText(names[number] if number < len(names) else str(number))
                one.setAnchor((1.0, 0.5))
                one.setPos(float(shifts[-1]), at)
                self._add(one)
        return low, high

    @property
    def names(self) -> list[pg.TextItem]:
        """What stands at the ends of several curves."""
        return [item for item in self._items if isinstance(item, pg.TextItem)]

    def fade(self) -> None:
        """What is drawn is stale."""
        for item in self._items:
            item.setOpacity(FADED)

    def _add(self, item: pg.PlotDataItem | pg.TextItem) -> None:
        self.box.addItem(item, ignoreBounds=True)
        self._items.append(item)
