"""The map: one stage's error at every shift of a window; a click moves the pattern there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from shiftlab.picture.levels import Levels
from shiftlab.scene.translation import Displacement
from shiftlab.ui.figure import words
from shiftlab.ui.figure.bar import BarModel, paint_bar
from shiftlab.ui.figure.colouring import table_colours
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.lab import Lab
from shiftlab.ui.layouts import side_by_side
from shiftlab.ui.measuring import choosing
from shiftlab.ui.measuring.plot import Plot
from shiftlab.ui.measuring.questions import Compute, MapQuestion
from shiftlab.ui.measuring.shift_plots import error_words
from shiftlab.ui.measuring.shifts_view import ShiftsView
from shiftlab.ui.measuring.tabbed import Table
from shiftlab.ui.theme import Theme, luts, rgb
from shiftlab.ui.themed import Themed

if TYPE_CHECKING:
    from shiftlab.measure.curves import ErrorMap, ErrorMaps

SIDE = 348
"""The plot's height, with which the map is square in the dock."""
LEAST_LIMIT = 0.1
"""The colour range of a map that is exact everywhere."""


class Scale(Themed, QWidget):
    """The colour bar of the map: 0 at its left, the range's end at its right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limit = LEAST_LIMIT
        self.setFixedHeight(18)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Colour bar")

    def set_limit(self, limit: float) -> None:
        self._limit = limit
        self.setAccessibleDescription(f"0 to {words.limit(limit)}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            model = BarModel(Levels(self._limit, False))
            place = Rect(34, 0, self.width() - 34, self.height())
            paint_bar(painter, place, model, luts(self.theme), self.theme, length=160)


class MapView(ShiftsView[MapQuestion]):
    """A heat map over (down, right) shifts.

    Attributes
    ----------
    image : pg.ImageItem
    mark : pg.ScatterPlotItem
        The present shift.

    """

    def __init__(self, lab: Lab, compute: Compute, parent: QWidget | None = None) -> None:
        super().__init__("map", lab, compute, Plot("Error at every shift", square=True), parent)
        self._maps: ErrorMaps | None = None
        self.plot.setFixedHeight(SIDE)
        self.plot.ci.setContentsMargins(0, 6, 12, 0)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.plot.box.addItem(self.image, ignoreBounds=True)
        self.mark = pg.ScatterPlotItem([0.0], [0.0], symbol="o", size=13)
        self.ring = pg.ScatterPlotItem([0.0], [0.0], symbol="o", size=13)
        for item in (self.mark, self.ring):
            item.setBrush(None)
            self.plot.box.addItem(item, ignoreBounds=True)
        self.scale = Scale()
        self.caption.setText("The error at every shift of the pattern: across, and down")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(side_by_side(self.pick_quantity, self.pick_stage, self.pick_reach, None, spacing=4))
        layout.addWidget(self.caption)
        layout.addWidget(self.plot)
        layout.addWidget(self.scale)
        layout.addWidget(self.readout)
        layout.addWidget(self.line)
        layout.addStretch(1)
        layout.addLayout(self.foot)
        self._show_choices()

    def natural_reach(self) -> int:
        choices = choosing.reach_choices(self._lab.document)
        return next((one for one in choices if one >= choosing.MAP_REACH), choices[-1])

    def question(self) -> MapQuestion | None:
        document = self._lab.document
        if not document.reference.placed or self.stage is None or self.stage[0] >= len(document.networks):
            return None
        line = tuple(float(shift) for shift in range(-self.reach, self.reach + 1))
        return MapQuestion(document.networks[self.stage[0]], document.reference, line, line)

    def show_answer(self, answer: Any, whole: bool) -> None:
        self._maps, self._stale, self._whole = answer, False, whole
        self._draw()

    def show_stale(self) -> None:
        self._stale = True
        self.image.setOpacity(0.5)

    def shown(self) -> ErrorMap | None:
        """The map that is drawn."""
        if self._maps is None or self.stage is None or self.stage[1] not in self._maps.stages:
            return None
        return self._maps.of(self.stage[1], self.quantity)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.plot.set_look(theme, grid=False)
        self.mark.setPen(self.plot.pen("#000000", 4))
        self.ring.setPen(self.plot.pen("#FFFFFF", 2))
        self.scale.set_theme(theme)
        self._draw()

    def _draw(self) -> None:
        found, reach = self.shown(), self.reach
        self.plot.box.setRange(
            xRange=(-reach - 0.5, reach + 0.5), yRange=(-reach - 0.5, reach + 0.5), padding=0.0, disableAutoRange=True
        )
        ticks = [(float(at), words.signed(at)) for at in range(-reach, reach + 1, max(reach // 4, 1))]
        for axis in (self.plot.left, self.plot.bottom):
            axis.setTicks([ticks])
        if found is None:
            self.image.clear()
            return
        finite = found.values[np.isfinite(found.values)]
        limit = max(float(finite.max()) if finite.size else 0.0, LEAST_LIMIT)
        self.scale.set_limit(limit)
        self.image.setOpacity(0.5 if self._stale else 1.0)
        self.image.setImage(coloured(found.values, limit, self.theme), levels=None, autoLevels=False)
        left, top = float(found.cols[0]), float(found.rows[0])
        self.image.setRect(QRectF(left - 0.5, top - 0.5, len(found.cols), len(found.rows)))
        self._show_place()

    def _show_place(self) -> None:
        moved = self._lab.document.displacement
        here = isinstance(moved, Displacement)
        for item in (self.mark, self.ring):
            item.setVisible(here)
            if isinstance(moved, Displacement):
                item.setData([moved.cols], [moved.rows])
        if isinstance(moved, Displacement):
            value = self._value(moved.rows, moved.cols)
            seen = "" if value is None else f": {error_words(value)}"
            self.readout.setText(f"here, at {words.vector(moved.rows, moved.cols)} px{seen}")
        else:
            self.readout.setText("Click a place to move the pattern there")

    def _value(self, down: float, across: float) -> float | None:
        found = self.shown()
        if found is None:
            return None
        row, col = np.flatnonzero(found.rows == down), np.flatnonzero(found.cols == across)
        if not len(row) or not len(col):
            return None
        value = float(found.values[row[0], col[0]])
        return value if self._whole or np.isfinite(value) else None

    def shift_at(self, point: QPointF) -> tuple[int, int] | None:
        """The shift (down, across) under a point of the plot's scene."""
        if not self.plot.box.sceneBoundingRect().contains(point):
            return None
        at = self.plot.box.mapSceneToView(point)
        down, across = round(at.y()), round(at.x())
        return (down, across) if max(abs(down), abs(across)) <= self.reach else None

    def _point(self, point: QPointF) -> None:
        shift = self.shift_at(point)
        if shift is None:
            self._show_place()
            return
        value = self._value(*shift)
        seen = "not computed yet" if value is None else error_words(value)
        self.readout.setText(f"{words.vector(*shift)} px: {seen}")

    def _click(self, point: QPointF) -> None:
        shift = self.shift_at(point)
        if shift is not None:
            by = (float(shift[0]), float(shift[1]))
            self._lab.edit(lambda document: choosing.at_shift(document, by), "Move")

    def as_table(self) -> Table | None:
        """A line for each shift down, a column for each across; '' where there is none."""
        found = self.shown()
        if found is None:
            return None
        headings = (f"{found.stage}: down, across", *(f"{col:g}" for col in found.cols))
        lines = [
            (f"{row:g}", *("" if np.isnan(value) else f"{value:.9g}" for value in values))
            for row, values in zip(found.rows, found.values, strict=True)
        ]
        return headings, lines


def coloured(values: NDArray[np.float64], limit: float, theme: Theme) -> NDArray[np.uint8]:
    """Errors as RGBA: from 0 to `limit` over the sequential table, the ground's colour where none is known."""
    packed = table_colours(values, 0.0, limit, luts(theme), rgb(theme.hov))
    return np.stack([(packed >> shift) & 255 for shift in (16, 8, 0, 24)], axis=-1).astype(np.uint8)
