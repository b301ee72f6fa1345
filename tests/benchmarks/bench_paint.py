"""Converting maps to pictures and painting them, against a bare copy and against pyqtgraph's items."""

from __future__ import annotations

import itertools

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from shiftlab.network.info import StageInfo
from shiftlab.network.memory import keep_memory
from shiftlab.picture.colours import Colours
from shiftlab.picture.levels import Levels
from shiftlab.picture.mosaic import Grid, Mosaic, mosaic
from shiftlab.picture.pool import Pool
from shiftlab.picture.tables import diverging
from shiftlab.picture.tile import axes
from shiftlab.ui.figure.pixels import draw_pixels
from tests.benchmarks.timing import Row, ratio, speed_up

STAGES, CHANNELS, SIDE = 6, 16, 64
GRID = Grid(4, (SIDE, SIDE), 2)
INFO = StageInfo("conv1", "conv", CHANNELS, (SIDE, SIDE), (1, 1), (3, 3), (0.0, 0.0), True)
AXES = axes(INFO, (SIDE, SIDE), (SIDE, SIDE))
COLOURS = Colours(diverging(True), 0xFF121416, 0xFFFFFFFF)
LEVELS = (Levels(2.0, True),)
Maps = list[NDArray[np.float32]]


class _Sets:
    """Maps and their pictures, taken in turn: together larger than a core's cache, since every refresh brings
    pixels that another core has just written."""

    def __init__(self, count: int = 12) -> None:
        rng = np.random.default_rng(0)
        self.maps = [
            [rng.normal(size=(CHANNELS, SIDE, SIDE)).astype(np.float32) for _ in range(STAGES)] for _ in range(count)
        ]
        self.pool = Pool()
        self.pictures = [_convert(maps, self.pool) for maps in self.maps]
        self.copies = [[np.zeros_like(one.rgb) for one in pictures] for pictures in self.pictures]
        self.target = QImage(3 * 288, 2 * 288, QImage.Format.Format_RGB32)
        self._turn = itertools.cycle(range(count))

    def copy(self) -> None:
        """The bare copy of the pixels of a refresh."""
        turn = next(self._turn)
        for to, one in zip(self.copies[turn], self.pictures[turn], strict=True):
            np.copyto(to, one.rgb)

    def paint(self) -> None:
        """What the UI thread does to the pixels of a refresh."""
        _paint(self.pictures[next(self._turn)], self.target)

    def convert_and_paint(self) -> None:
        """What the worker and the UI thread do together."""
        turn = next(self._turn)
        self.pictures[turn] = _convert(self.maps[turn], self.pool)
        _paint(self.pictures[turn], self.target)


def rows() -> list[Row]:
    application = QApplication.instance() or QApplication([])
    keep_memory()  # as the worker does when it starts
    sets = _Sets()
    found = [
        Row("painting 6 stages of 16 × 64² on the UI thread, against a bare copy", ratio(sets.paint, sets.copy, 31), 3),
        Row("converting and painting them, against a bare copy", ratio(sets.convert_and_paint, sets.copy, 31), 8),
    ]
    with _Items(sets.maps[0]) as items:
        speed = speed_up(sets.convert_and_paint, items.update, rounds=9)
    found.append(Row("the same, faster than one pyqtgraph ImageItem a channel by", speed, 15, at_most=False))
    application.processEvents()
    return found


def _convert(maps: Maps, pool: Pool) -> list[Mosaic]:
    return [mosaic(one, AXES, LEVELS, GRID, COLOURS, pool=pool) for one in maps]


def _paint(pictures: list[Mosaic], target: QImage) -> None:
    """Draw pictures beside one another, as the panels do."""
    painter = QPainter(target)
    for index, one in enumerate(pictures):
        draw_pixels(painter, index % 3 * 288.0, index // 3 * 288.0, one.rgb, 1.0)
    painter.end()


class _Items:
    """The naive way: an ImageItem for every channel, each with its levels and its table, in a view a stage."""

    def __init__(self, maps: Maps) -> None:
        self._maps = maps
        self._widget = pg.GraphicsLayoutWidget(size=(3 * 288, 2 * 288))
        table = np.stack([(COLOURS.table >> shift & 255).astype(np.uint8) for shift in (16, 8, 0)], axis=1)
        self._items: list[list[pg.ImageItem]] = []
        for stage in range(STAGES):
            view = self._widget.addViewBox(row=stage // 3, col=stage % 3, lockAspect=True, enableMouse=False)
            items: list[pg.ImageItem] = []
            for channel in range(CHANNELS):
                item = pg.ImageItem(maps[stage][channel], levels=(-2, 2), lut=table, axisOrder="row-major")
                item.setPos(channel % 4 * (SIDE + 2), channel // 4 * (SIDE + 2))
                view.addItem(item)
                items.append(item)
            self._items.append(items)

    def __enter__(self) -> _Items:
        self._widget.show()
        QApplication.processEvents()
        return self

    def __exit__(self, *_: object) -> None:
        self._widget.close()
        self._widget.deleteLater()
        QApplication.processEvents()

    def update(self) -> None:
        for items, maps in zip(self._items, self._maps, strict=True):
            for item, one in zip(items, maps, strict=True):
                item.setImage(one, autoLevels=False)
        self._widget.viewport().repaint()
