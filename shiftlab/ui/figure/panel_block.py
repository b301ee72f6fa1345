"""The block of a panel: the rectangle in which all that changes during a drag lies, painted from kept pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage, QPainter

from shiftlab.ui.figure.gauge import GaugeKind, KeptGauge
from shiftlab.ui.figure.panel import GAUGES, PanelModel, Part, bare_maps, paint_part, part_rects
from shiftlab.ui.figure.pixels import image_of, pixels_of
from shiftlab.ui.theme import Theme, colour, rgb

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shiftlab.ui.figure.panel_geometry import PanelGeometry

Piece = tuple[int, int, int, int, int, int]
"""Where a piece of the kept picture stands (x, y), and which it is: x, y, width, height in its own pixels."""


class PanelBlock:
    """Bar and gauges stand in one picture that is kept, so that a frame of a drag is the maps, as they came from the
    worker, and what of that picture lies around them.

    Parameters
    ----------
    geometry : PanelGeometry
    theme : Theme
    corner : (x, y)
        Where the painter's origin lies in the coordinates of the geometry.

    Attributes
    ----------
    rect : QRect
        The block, in the painter's coordinates; empty where its edges would lie within device pixels, and nothing
        can be kept.
    dirty : QRect
        What of it is to be repainted for another frame.
    """

    def __init__(self, geometry: PanelGeometry, theme: Theme, corner: tuple[int, int]) -> None:
        self._geometry, self._theme, self._corner = geometry, theme, corner
        self._parts: dict[Part, QRect] = {}
        self._pixels: NDArray[np.uint32] = np.empty((0, 0), np.uint32)
        self._kept: QImage | None = None
        self._bare = False
        self._pending: set[Part] = set()
        self.rect = self.dirty = QRect()
        rects = part_rects(geometry)
        if float(geometry.scale).is_integer() and all(rect.whole for rect in rects.values()):
            for part, place in rects.items():
                x, y, width, height = (round(side) for side in place)
                self._parts[part] = QRect(x - corner[0], y - corner[1], width, height)
                self.rect = self.rect.united(self._parts[part])
            self.dirty = self.rect
        layout = geometry.layout
        full = theme.dark or layout.rows * layout.columns == layout.count
        self._alone = full and geometry.spare is None and not geometry.scroll_words
        self._maps = QPoint(round(geometry.mosaic.x) - corner[0], round(geometry.mosaic.y) - corner[1])
        self._pieces: tuple[Piece, ...] = ()
        if self._parts and self._alone:
            self.dirty = QRect(self.rect)
            self.dirty.setTop(self._maps.y())
            self._pieces = self._around()
        self._gauges = {kind: self._gauge(kind) for kind in GAUGES}

    def _gauge(self, kind: GaugeKind) -> KeptGauge:
        geometry, theme = self._geometry, self._theme
        rect = geometry.moved if kind == "moved" else geometry.stayed
        return KeptGauge(rect, kind, theme, geometry.scale, bare=geometry.column, ground=theme.panel)

    def _around(self) -> tuple[Piece, ...]:
        """What of the block lies at the left, at the right and below the maps."""
        block, scale, mosaic = self.rect, round(self._geometry.scale), self._geometry.mosaic
        left, top = self._maps.x(), self._maps.y()
        right, bottom = left + round(mosaic.width), top + round(mosaic.height)
        end, foot = block.x() + block.width(), block.y() + block.height()
        places = (
            (block.x(), top, left - block.x(), bottom - top),
            (right, top, end - right, bottom - top),
            (block.x(), bottom, block.width(), foot - bottom),
        )
        return tuple(
            (x, y, (x - block.x()) * scale, (y - block.y()) * scale, width * scale, height * scale)
            for x, y, width, height in places
            if width > 0 and height > 0
        )

    def possible(self, model: PanelModel) -> bool:
        """Whether the parts can be painted one by one, see `part_rects`."""
        return bool(self._parts) and not (self._geometry.column and model.boxes)

    def forget(self) -> None:
        """More than parts has changed."""
        self._kept = None

    def change(self, parts: Iterable[Part]) -> None:
        """These parts are to be painted anew."""
        self._pending.update(parts)

    def paint(self, painter: QPainter, model: PanelModel, *, whole: bool) -> None:
        """Paint the block, or (not `whole`) what of it is `dirty`."""
        bare = self._alone and bare_maps(model)
        if self._kept is None or bare != self._bare:
            self._bare = bare
            self._kept = self._ground(model)
        else:
            self._pending.discard("maps")
            if self._pending:
                self._renew(model)
        self._pending.clear()
        picture = model.picture
        if not bare or picture is None:
            painter.drawImage(self.rect.topLeft(), self._kept)
            painter.setClipRect(self._parts["maps"])
            painter.translate(-self._corner[0], -self._corner[1])
            paint_part(painter, self._geometry, model, self._theme, "maps")
            return
        if whole:
            painter.drawImage(self.rect.topLeft(), self._kept)
        else:
            for x, y, left, top, width, height in self._pieces:
                painter.drawImage(x, y, self._kept, left, top, width, height)
        image = image_of(picture.rgb)
        if self._geometry.scale != 1:
            image.setDevicePixelRatio(self._geometry.scale)
        painter.drawImage(self._maps, image)

    def _ground(self, model: PanelModel) -> QImage:
        """The picture that is kept: all parts, but for maps that are more than their picture."""
        scale = round(self._geometry.scale)
        size = (self.rect.height() * scale, self.rect.width() * scale)
        self._pixels = np.full(size, rgb(self._theme.panel), np.uint32)
        self._pending.update(self._parts)
        if not self._bare:
            self._pending.discard("maps")
        self._renew(model)
        kept = image_of(self._pixels)
        kept.setDevicePixelRatio(scale)
        return kept

    def _renew(self, model: PanelModel) -> None:
        """Put parts anew into the picture that is kept; as arrays, which takes less than a painter does."""
        scale, left, top = round(self._geometry.scale), self.rect.x(), self.rect.y()
        for part in self._pending & self._parts.keys():
            if part == "moved" or part == "stayed":
                made = self._gauges[part].pixels(model.figure(part))
            else:
                made = self._painted(part, model)
            place = self._parts[part]
            y, x = (place.y() - top) * scale, (place.x() - left) * scale
            self._pixels[y : y + len(made), x : x + made.shape[1]] = made

    def _painted(self, part: Part, model: PanelModel) -> NDArray[np.uint32]:
        """A part on the panel's ground."""
        place, scale = self._parts[part], self._geometry.scale
        image = QImage(place.size() * scale, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(scale)
        image.fill(colour(self._theme.panel))
        painter = QPainter(image)
        painter.translate(-place.x() - self._corner[0], -place.y() - self._corner[1])
        paint_part(painter, self._geometry, model, self._theme, part)
        painter.end()
        return pixels_of(image)
