"""Which part of a canvas is shown: all of it, or a closer look that can be pushed about."""

from __future__ import annotations

from shiftlab.scene.values import Position
from shiftlab.ui.figure.canvas_view import RULER, CanvasView, whole_zoom

MOST_ZOOM = 64.0
LEAST_ROOM = 16.0
"""Logical pixels a canvas is fitted into at the least, however small its room."""


class Viewport:
    """The whole of a canvas at the largest zoom that fits, or a part of it, closer.

    Parameters
    ----------
    size : (rows, cols)
        Of the canvas.

    Attributes
    ----------
    view : CanvasView
        How places of the canvas and points of the room correspond.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._size, self._room, self._scale = size, (0.0, 0.0), 1.0
        self._zoom: float | None = None
        self._middle: Position = (0.0, 0.0)
        self._grip: tuple[float, float, Position] | None = None
        self.view = CanvasView(size, (RULER, RULER), 1.0)

    @property
    def fitted(self) -> bool:
        """Whether the whole canvas is shown."""
        return self._zoom is None

    @property
    def pushed(self) -> bool:
        """Whether a hand has hold of it."""
        return self._grip is not None

    def place_in(self, size: tuple[int, int], room: tuple[float, float], scale: float) -> None:
        """Show a canvas in a room of (width, height), its rulers included, `scale` device pixels a logical one.

        Another canvas is shown whole.
        """
        if size != self._size:
            self._zoom = None
        self._size, self._room, self._scale = size, room, scale
        self._arrange()

    def zoom_by(self, steps: int, x: float, y: float) -> None:
        """Zoom in or out by steps of about 1.25, around a point of the room."""
        place, factor, fit = self.view.place(x, y), self.view.zoom, self._fitting()
        for _ in range(abs(steps)):
            factor = factor + max(0.25, round(factor * 0.25)) if steps > 0 else factor - max(0.25, round(factor * 0.2))
        factor = min(max(factor, fit), MOST_ZOOM)
        self._zoom = None if factor <= fit else factor
        half = self._half()
        self._middle = (place[0] - (y - RULER - half[0]) / factor, place[1] - (x - RULER - half[1]) / factor)
        self._arrange()

    def fit(self) -> None:
        """Show the whole canvas."""
        self._zoom = None
        self._arrange()

    def grip(self, x: float, y: float) -> bool:
        """Take hold of the canvas at a point; whether there is anything to push about."""
        self._grip = None if self.fitted else (x, y, self._middle)
        return self.pushed

    def push(self, x: float, y: float) -> None:
        """Let the place that was taken hold of follow a point."""
        if self._grip is not None:
            left, top, middle = self._grip
            self._middle = (middle[0] - (y - top) / self.view.zoom, middle[1] - (x - left) / self.view.zoom)
            self._arrange()

    def let_go(self) -> None:
        """The hand lets go."""
        self._grip = None

    def _half(self) -> tuple[float, float]:
        """Half of the room's height and width, without the rulers."""
        return (self._room[1] - RULER) / 2, (self._room[0] - RULER) / 2

    def _fitting(self) -> float:
        room = (max(self._room[0] - RULER - 2, LEAST_ROOM), max(self._room[1] - RULER - 1, LEAST_ROOM))
        return whole_zoom(self._size, room, self._scale)

    def _arrange(self) -> None:
        if self._zoom is None:
            self.view = CanvasView(self._size, (float(RULER), float(RULER)), self._fitting())
            return
        zoom = self._zoom
        # As many rows and cols lie to each side of the middle; it stays where the canvas fills the room.
        rows, cols = (min(half, side / 2) for half, side in zip(self._seen(zoom), self._size, strict=True))
        row, col = (
            min(max(at, half), side - half)
            for at, half, side in zip(self._middle, (rows, cols), self._size, strict=True)
        )
        self._middle = row, col
        origin = round(RULER - (col - cols) * zoom), round(RULER - (row - rows) * zoom)
        self.view = CanvasView(self._size, origin, zoom)

    def _seen(self, zoom: float) -> tuple[float, float]:
        """Half of the rows and cols that the room shows."""
        down, across = self._half()
        return down / zoom, across / zoom
