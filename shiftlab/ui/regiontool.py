"""Painting a region of the canvas: the button adds, with Alt or the right one it takes away, the wheel sizes it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from shiftlab.scene.values import Position
from shiftlab.ui.canvas import CanvasWidget
from shiftlab.ui.figure.region import LIGHT, TINT, Region, Ring

Mask = NDArray[np.bool_]
LARGEST = 64


def brushed(mask: Mask, start: Position, end: Position, size: float, on: bool) -> Mask:
    """A copy of a mask with a stroke of a round brush set, or cleared.

    Parameters
    ----------
    start, end : (row, col)
        Places of the canvas, where pixel r covers r to r + 1; on the canvas or off it.
    size : float
        The diameter in px; at least the pixel under each end is taken.
    """
    rows, cols = np.ogrid[: mask.shape[0], : mask.shape[1]]
    down, across = end[0] - start[0], end[1] - start[1]
    length = down * down + across * across
    row, col = rows + 0.5 - start[0], cols + 0.5 - start[1]
    share = np.clip((row * down + col * across) / length, 0, 1) if length else np.zeros(mask.shape)
    covered = (row - share * down) ** 2 + (col - share * across) ** 2 <= (size / 2) ** 2
    made = mask.copy()
    made[covered] = on
    for place in (start, end):
        under = int(np.floor(place[0])), int(np.floor(place[1]))
        if all(0 <= index < side for index, side in zip(under, mask.shape, strict=True)):
            made[under] = on
    return made


class RegionTool(QObject):
    """A brush for a region, over the canvas that it works on; while it is in hand no pattern is moved.

    Attributes
    ----------
    size : float
        Of the brush, in px.
    active : bool
        Whether it is in hand.

    Signals
    -------
    painted : the mask after a stroke, at the release
    sized : the brush has another size
    active_changed : it was taken up, or laid down
    """

    painted = Signal(object)
    sized = Signal(float)
    active_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.size = 8.0
        self.active = False
        self._canvas: CanvasWidget | None = None
        self._region: Region | None = None
        self._before: Region | None = None
        self._at: Position | None = None
        self._button = Qt.MouseButton.NoButton
        self._erasing = False

    def work_on(self, canvas: CanvasWidget) -> None:
        """Paint over this canvas from now on."""
        self._canvas = canvas
        canvas.installEventFilter(self)

    @property
    def region(self) -> Region | None:
        """What is shown."""
        return self._region

    def show_region(self, mask: Mask | None, words: str = "") -> None:
        """Show this region on the canvas, or none; a stroke under way goes on."""
        if self._at is not None:
            return
        now = self._region
        same = now is not None and mask is not None and now.words == words and np.array_equal(now.mask, mask)
        if not same and (now is not None or mask is not None):
            self._region = None if mask is None else Region(mask, words, self._tint)
            self._show()

    @property
    def _tint(self) -> float:
        return TINT if self.active else LIGHT

    def set_size(self, size: float) -> None:
        size = float(min(max(round(size), 1), LARGEST))
        if size != self.size:
            self.size = size
            self.sized.emit(size)

    def take_up(self) -> None:
        """Take the brush in hand; nothing where no region is shown."""
        if not self.active and self._region is not None and self._canvas is not None:
            self.active = True
            self._canvas.setCursor(Qt.CursorShape.CrossCursor)
            self._retint()
            self.active_changed.emit(True)

    def lay_down(self) -> None:
        """Patterns can be moved again."""
        if self.active:
            self._end(keep=True)
            self.active = False
            if self._canvas is not None:
                self._canvas.unsetCursor()
                self._canvas.set_ring(None)
            self._retint()
            self.active_changed.emit(False)

    def take_back(self) -> None:
        """The stroke under way as if it had not been."""
        self._end(keep=False)

    def let_go(self) -> bool:
        """Take the stroke under way back, else lay the brush down; whether there was either."""
        if not self.active:
            return False
        if self._at is not None:
            self.take_back()
        else:
            self.lay_down()
        return True

    def _show(self) -> None:
        if self._canvas is not None:
            self._canvas.set_region(self._region)

    def _retint(self) -> None:
        if self._region is not None:
            self._region = Region(self._region.mask, self._region.words, self._tint)
            self._show()

    def _ring(self, at: Position | None, erasing: bool) -> None:
        if self._canvas is not None:
            self._canvas.set_ring(None if at is None else Ring(at, self.size, erasing))

    def _stroke(self, to: Position) -> None:
        region = self._region
        if region is not None:
            mask = brushed(region.mask, self._at or to, to, self.size, not self._erasing)
            self._at = to
            if not np.array_equal(mask, region.mask):
                self._region = Region(mask, region.words, self._tint)
                self._show()

    def _end(self, *, keep: bool) -> None:
        if self._at is None:
            return
        self._at, before = None, self._before
        self._button, self._before = Qt.MouseButton.NoButton, None
        if not keep:
            self._region = before
            self._show()
        elif self._region is not None and self._region is not before:
            self.painted.emit(self._region.mask)

    # Qt's own

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        canvas = self._canvas
        if not self.active or canvas is None or watched is not canvas:
            return False
        if isinstance(event, QWheelEvent):
            return self._wheel(event)
        if isinstance(event, QMouseEvent):
            return self._mouse(event, canvas)
        if isinstance(event, QKeyEvent):
            if event.type() != QEvent.Type.KeyPress or event.key() != Qt.Key.Key_Escape:
                return False
            return self.let_go()
        if event.type() == QEvent.Type.Leave:
            self._ring(None, False)
        return event.type() == QEvent.Type.ContextMenu

    def _wheel(self, event: QWheelEvent) -> bool:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        # With Alt, which erases, Qt turns the wheel sideways.
        turned = event.angleDelta().y() or event.angleDelta().x()
        if turned:
            self.set_size(self.size + (1 if turned > 0 else -1) * max(1, round(self.size / 8)))
            if self._canvas is not None:
                point = event.position()
                self._ring(self._canvas.view.place(point.x(), point.y()), self._erasing)
        return True

    def _mouse(self, event: QMouseEvent, canvas: CanvasWidget) -> bool:
        at = canvas.view.place(event.position().x(), event.position().y())
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        kind = event.type()
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            if event.button() == Qt.MouseButton.MiddleButton:
                return False
            if self._at is None and event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
                self._button, self._before = event.button(), self._region
                self._erasing = alt or event.button() == Qt.MouseButton.RightButton
                self._stroke(at)
        elif kind == QEvent.Type.MouseMove:
            if event.buttons() & Qt.MouseButton.MiddleButton:
                return False
            if self._at is not None:
                self._stroke(at)
            self._ring(at, self._erasing if self._at is not None else alt)
        elif kind == QEvent.Type.MouseButtonRelease:
            if event.button() == Qt.MouseButton.MiddleButton:
                return False
            if event.button() == self._button:
                self._end(keep=True)
        return True
