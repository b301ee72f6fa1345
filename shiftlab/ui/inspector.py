"""The inspector: one channel large, the value under the pointer, its histogram, its kernel.

This module imports pyqtgraph, which takes a while; the window imports it when the dock is first opened.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from shiftlab.document import Lenses, View
from shiftlab.engine.messages import Inspect, Inspected, Luts, Snapshot
from shiftlab.network.info import StageInfo
from shiftlab.picture.levels import Levels
from shiftlab.ui.fields import label
from shiftlab.ui.figure import words
from shiftlab.ui.head import VIEWS
from shiftlab.ui.measuring.beside import Beside
from shiftlab.ui.measuring.plot import Axes, PlainAxis
from shiftlab.ui.naming import channel_label
from shiftlab.ui.theme import Theme, colour, font, ink_on, luts
from shiftlab.ui.themed import Themed

BINS = 48
MOST_KERNELS = 64
GAP = 6
KERNEL_HEIGHT = 114
"""So high that a cell of a 3×3 kernel has room for its number."""
SQUARE = 376
"""Height at which the map of a square canvas takes the dock's whole width."""
FRAMED = 8
"""Cells of a kernel from this side on have a frame."""
FIGURES = 7
"""Kernels of at most this side show their numbers where there is room."""


def values_of(inspected: Inspected, view: View) -> NDArray[np.float32] | None:
    """The values of a view; None where it is not defined."""
    if view == "now":
        return inspected.now
    if view == "reference":
        return inspected.reference
    other = inspected.reference if view == "changed" else inspected.moved
    # Inf - Inf is shown for what it is; Python need not warn of it too.
    with np.errstate(invalid="ignore", over="ignore"):
        return None if other is None else inspected.now - other


def histogram(values: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """(edges, counts) of the finite values."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return np.array([0.0, 1.0]), np.array([0], dtype=np.intp)
    low, high = float(finite.min()), float(finite.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(finite.astype(np.float64), bins=BINS, range=(low, high))
    return edges, counts


def best_grid(count: int, tile: tuple[int, int], room: tuple[int, int]) -> tuple[int, int]:
    """(tiles in a row, pixels a cell) with which `count` tiles of (rows, cols) cells are largest in (width, height)."""
    found = (1, 0)
    for lines in range(1, count + 1):
        across = -(-count // lines)
        side = min(
            (room[1] - (lines - 1) * GAP) / lines / tile[0],
            (room[0] - (across - 1) * GAP) / across / tile[1],
        )
        if int(side) > found[1]:
            found = (across, int(side))
    return found[0], max(found[1], 1)


class KernelView(Themed, QWidget):
    """A kernel, one tile for each channel it reads, on a zero-centred scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kernel: NDArray[np.float32] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(KERNEL_HEIGHT)
        self.setAccessibleName("Kernel")

    def show_kernel(self, kernel: NDArray[np.float32]) -> None:
        self._kernel = kernel
        channels, height, width = kernel.shape
        low, high = words.number(float(kernel.min())), words.number(float(kernel.max()))
        self.setToolTip(f"{channels} × {height}×{width} weights, {low} to {high}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, KERNEL_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        kernel = self._kernel
        with QPainter(self) as painter:
            if kernel is not None and kernel.size:
                self._paint(painter, kernel[:MOST_KERNELS])

    def _paint(self, painter: QPainter, kernel: NDArray[np.float32]) -> None:
        count, rows, cols = kernel.shape
        table = luts(self.theme).diverging
        limit = float(np.abs(kernel).max()) or 1.0
        across, side = best_grid(count, (rows, cols), (self.width(), self.height()))
        painter.setFont(font("tick"))
        for index in range(count):
            left = (index % across) * (cols * side + GAP)
            top = (index // across) * (rows * side + GAP)
            for row in range(rows):
                for col in range(cols):
                    value = float(kernel[index, row, col])
                    entry = round(128 + 127 * value / limit)
                    ground = int(table[min(max(entry, 1), 255)]) & 0xFFFFFF
                    cell = QRectF(left + col * side, top + row * side, side, side)
                    painter.fillRect(cell, colour(f"#{ground:06X}"))
                    if side >= FRAMED:
                        painter.setPen(colour(self.theme.line))
                        painter.drawRect(cell.adjusted(0, 0, -1, -1))
                    if side >= 36 and max(rows, cols) <= FIGURES:
                        painter.setPen(colour(ink_on(ground)))
                        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, words.number(value, 2))


class CellAxis(PlainAxis):
    """Figures, or of a map with so many `cells` none before its first or beyond its last."""

    cells: int | None = None

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        said = super().tickStrings(values, scale, spacing)
        if self.cells is None:
            return said
        return [text if 0 <= value <= self.cells else "" for value, text in zip(values, said, strict=True)]


class Inspector(QWidget):
    """One channel of a stage in large.

    Attributes
    ----------
    readout : QLabel
        The value under the pointer.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._values: NDArray[np.float32] | None = None
        self.title = label("Click a channel of a stage", "heading")
        self.facts = label("", "meta")
        self.readout = label(" ", "value")
        self._rulers = CellAxis("left"), CellAxis("bottom")
        self.map = Axes("Map of the channel", *self._rulers, square=True)
        self.map.setMinimumHeight(100)
        self.map.setMaximumHeight(SQUARE)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.map.box.addItem(self.image)
        self.beside = Beside()
        self.histogram_title = label("Histogram, log scale", "label")
        self.histogram = Axes("Histogram of the channel's values", PlainAxis("left"), PlainAxis("bottom"))
        self.histogram.setFixedHeight(110)
        self.histogram.box.setMouseEnabled(False, False)
        self.histogram.left.setStyle(showValues=False)
        self.bars = pg.PlotCurveItem([0.0, 1.0], [0.0], stepMode="center", fillLevel=0)
        self.histogram.box.addItem(self.bars)
        self.kernel_title = label("Kernel", "label")
        self.kernel = KernelView()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 16)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        layout.setSpacing(6)
        for widget in (
            self.title,
            self.facts,
            self.map,
            self.readout,
            self.beside,
            self.histogram_title,
            self.histogram,
            self.kernel_title,
            self.kernel,
        ):
            layout.addWidget(widget, 100 if widget is self.map else 0)
        layout.addStretch(1)
        scene = self.map.sceneObj
        assert scene is not None
        scene.sigMouseMoved.connect(self._point)
        self._show_kernel(None)
        self.set_look(theme)

    def set_look(self, theme: Theme) -> None:
        """Colours of axes and bars."""
        self._theme = theme
        for widget in (self.map, self.histogram):
            widget.set_look(theme)
        self.bars.setPen(pg.mkPen(theme.t2))
        self.bars.setBrush(pg.mkBrush(theme.hov))
        self.kernel.set_theme(theme)
        self.beside.set_theme(theme)

    def show_snapshot(self, snapshot: Snapshot, wanted: Sequence[Inspect], lenses: Lenses) -> None:
        """Show the channel that is wanted; nothing new where the snapshot has another."""
        found = next((one for one in snapshot.inspected if one.request in wanted), None)
        if found is None:
            return
        (side, stage), channel = found.request.key, found.request.channel
        info = next((one for one in snapshot.sides[side].stages if one.name == stage), None)
        if info is None:
            return
        levels = snapshot.sides[side].levels[stage]
        label = channel_label(snapshot.request.document.networks[side], stage, channel)
        level = levels[min(channel, len(levels) - 1)]
        self._show_channel(info, found, lenses.view_of(found.request.key), level, snapshot.request.luts, label)

    def _show_channel(
        self, info: StageInfo, inspected: Inspected, view: View, levels: Levels, tables: Luts, label: str
    ) -> None:
        """Show the values of one channel in a view; `label` is what its kernel answers to, where that is known."""
        values = values_of(inspected, view)
        self.title.setText(f"{info.name}, channel {inspected.request.channel + 1}")
        self.kernel_title.setText(f"Kernel: {label}" if label else "Kernel")
        self.beside.show_channel(inspected, levels, tables)
        if values is None:
            self.facts.setText(f"{VIEWS[view]}: not defined here")
            self._values = None
            self.image.clear()
            return
        fresh = self._values is None or self._values.shape != values.shape
        self._values = values
        shown = f"{values.shape[0]}×{values.shape[1]}"
        self.facts.setText(f"{VIEWS[view]} · {shown} · {_range_words(values)}")
        signed = levels.signed or view in ("changed", "left")
        self.image.setLookupTable(_rgb(tables.diverging if signed else tables.sequential))
        low = -1.0 if signed else 0.0
        # In units of the limit: a range near the end of what float32 holds would overflow on the way to colours.
        within = np.clip(np.nan_to_num(values) / levels.limit, low, 1.0)
        self.image.setImage(within, levels=(low, 1.0), autoLevels=False)
        if fresh:
            self._rulers[0].cells, self._rulers[1].cells = values.shape
            self.map.box.setRange(xRange=(0, values.shape[1]), yRange=(0, values.shape[0]), padding=0.02)
        edges, counts = histogram(values)
        # Nearly all cells are empty ground: beside their bar the others would not be seen.
        self.bars.setData(edges, np.log10(1.0 + counts))
        self._show_kernel(inspected.kernel)

    def _show_kernel(self, kernel: NDArray[np.float32] | None) -> None:
        for widget in (self.kernel_title, self.kernel):
            widget.setVisible(kernel is not None)
        if kernel is not None:
            self.kernel.show_kernel(kernel)

    def _point(self, position: QPointF) -> None:
        values = self._values
        if values is None:
            return
        place = self.map.box.mapSceneToView(position)
        row, col = int(np.floor(place.y())), int(np.floor(place.x()))
        if 0 <= row < values.shape[0] and 0 <= col < values.shape[1]:
            self.readout.setText(f"({row}, {col}) = {words.number(float(values[row, col]), 5)}")
        else:
            self.readout.setText(" ")


def _range_words(values: NDArray[np.float32]) -> str:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return "no finite value"
    text = f"{words.number(float(finite.min()), 4)} to {words.number(float(finite.max()), 4)}"
    return text if finite.size == values.size else f"{text}, {values.size - finite.size} not finite"


def _rgb(table: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """A table of 0xffRRGGBB as rows of RGB."""
    return np.stack(((table >> 16) & 255, (table >> 8) & 255, table & 255), axis=1).astype(np.uint8)
