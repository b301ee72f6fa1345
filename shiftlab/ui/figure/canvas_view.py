"""How canvas pixels and the pixels of the screen correspond."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from shiftlab.scene.values import Position
from shiftlab.ui.figure.rect import Rect

RULER = 20
"""Room for the ruler above and to the left of the canvas."""


@dataclass(frozen=True)
class CanvasView:
    """A canvas of `size` (rows, cols) drawn with its corner at `origin` (x, y), `zoom` logical pixels a pixel.

    Places on the canvas are (row, col) with pixel r covering r to r + 1; the position of a pattern is
    that of a pixel, so its centre is drawn half a pixel further.
    """

    size: tuple[int, int]
    origin: tuple[float, float]
    zoom: float

    @cached_property
    def rect(self) -> Rect:
        """The canvas on the screen."""
        return Rect(*self.origin, self.size[1] * self.zoom, self.size[0] * self.zoom)

    def point(self, row: float, col: float) -> tuple[float, float]:
        """(x, y) of a place."""
        return self.origin[0] + col * self.zoom, self.origin[1] + row * self.zoom

    def centre(self, at: Position) -> tuple[float, float]:
        """(x, y) of the middle of the pixel at a position."""
        return self.point(at[0] + 0.5, at[1] + 0.5)

    def place(self, x: float, y: float) -> Position:
        """The place under a point of the screen, on the canvas or off it."""
        return (y - self.origin[1]) / self.zoom, (x - self.origin[0]) / self.zoom

    def position(self, x: float, y: float) -> Position:
        """The position whose centre is under a point: the inverse of `centre`."""
        row, col = self.place(x, y)
        return row - 0.5, col - 0.5

    def pixel(self, x: float, y: float) -> tuple[int, int] | None:
        """The canvas pixel under a point, None off the canvas."""
        row, col = self.place(x, y)
        if 0 <= row < self.size[0] and 0 <= col < self.size[1]:
            return math.floor(row), math.floor(col)
        return None

    def box(self, rows: tuple[float, float], cols: tuple[float, float]) -> Rect:
        """From place (rows[0], cols[0]) to (rows[1], cols[1])."""
        x, y = self.point(rows[0], cols[0])
        return Rect(x, y, (cols[1] - cols[0]) * self.zoom, (rows[1] - rows[0]) * self.zoom)


def whole_zoom(size: tuple[int, int], room: tuple[float, float], scale: float = 1.0) -> float:
    """The largest zoom at which a canvas fits (width, height) with whole device pixels a canvas pixel.

    Where even one device pixel is too much it is the largest that fits.
    """
    most = min(room[0] / size[1], room[1] / size[0])
    whole = math.floor(most * scale + 1e-6)
    return whole / scale if whole >= 1 else most


def fitted_view(size: tuple[int, int], room: Rect, scale: float = 1.0) -> CanvasView:
    """The canvas as large as it can be in `room`, ruler included, at its upper left."""
    zoom = whole_zoom(size, (room.width - RULER, room.height - RULER), scale)
    return CanvasView(size, (room.x + RULER, room.y + RULER), zoom)
