"""The canvas that is worked on: it paints itself at once from the document and never waits for the network."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from shiftlab.document import Document
from shiftlab.scene.raster import rasterise
from shiftlab.scene.translation import Displacement
from shiftlab.scene.values import Position, Scene
from shiftlab.ui import edits
from shiftlab.ui.figure.canvas import GRID_FROM, TRAINED, canvas_rgb, paint_canvas
from shiftlab.ui.figure.canvas_extent import moved_parts
from shiftlab.ui.figure.canvas_model import CanvasModel, Field
from shiftlab.ui.figure.canvas_view import RULER, CanvasView
from shiftlab.ui.figure.pixels import whole_pixels
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.region import Region, Ring
from shiftlab.ui.figure.ruler import paint_marks, paint_ruler, ruler_layer
from shiftlab.ui.figure.viewport import Viewport
from shiftlab.ui.hits import corner_at, pattern_at
from shiftlab.ui.lab import Lab
from shiftlab.ui.naming import noun
from shiftlab.ui.theme import colour
from shiftlab.ui.themed import Themed, by_keyboard, paint_focus
from shiftlab.ui.tools import Brush, DrawHand, Hand, Keys, MoveHand, Sketch, ToolName, carried, press

HANDLE_REACH = 8.0
"""Logical pixels around a corner handle that take it."""
CLICK = 3
"""Logical pixels a press may wander and still be a click."""
NO_PIXELS = np.empty((0, 0), np.uint32)


@lru_cache(maxsize=4)
def _rgb(scene: Scene, channels: int) -> NDArray[np.uint32]:
    return canvas_rgb(rasterise(scene, channels))


class CanvasWidget(Themed, QWidget):
    """The scene, and the hands on it.

    Attributes
    ----------
    tool : 'move', 'draw' or 'erase'
    brush : Brush
    subpixel, snapping : bool
        Whether patterns may stand between pixels; whether a drag snaps to the deepest stride.

    Signals
    -------
    hovered : the canvas pixel (row, col) under a free pointer, or None
    clicked : a pixel of empty ground was clicked
    view_changed : the zoom is another
    menu_wanted : a global point
    grabbed : a hand is about to take hold
    dragged : a pattern was dragged by hand
    """

    hovered = Signal(object)
    clicked = Signal(object)
    view_changed = Signal()
    menu_wanted = Signal(object)
    grabbed = Signal()
    dragged = Signal()

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lab = lab
        self.tool: ToolName = "move"
        self.brush = Brush()
        self.subpixel = False
        self.trained: tuple[int, int, int, int] | Region | None = None
        self.region: Region | None = None
        self.ring: Ring | None = None
        self.snapping = False
        self._inviting = False
        self.field: Field | None = None
        self.pixel: tuple[int, int] | None = None
        self.heat: NDArray[np.float32] | None = None
        self._sketch = Sketch()
        self._hand: Hand | None = None
        self._held: Scene | None = None
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._hovered: tuple[int, int] | None = None
        self._port = Viewport(lab.document.scene.size)
        self._shown: CanvasModel | None = None
        self._document: Document | None = None
        self._parts: list[QRect] = []
        self._region = QRegion()
        self._bright = False
        self._by_keyboard = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Canvas")
        self.setToolTip("")

    @property
    def view(self) -> CanvasView:
        """How places of the canvas and points of the widget correspond."""
        return self._port.view

    @property
    def zoom(self) -> float:
        return self.view.zoom

    @property
    def fitted(self) -> bool:
        """Whether the whole canvas is shown, as large as it can be."""
        return self._port.fitted

    @property
    def gesture(self) -> bool:
        return self._hand is not None

    def show_document(self, document: Document) -> None:
        """Repaint what has changed; nothing is computed before it is painted.

        A hand lets go where somebody else has changed the scene under it (undo, a key, another session).
        """
        if self._hand is not None and document.scene is not self._held:
            self._end(keep=True)
        if self.view.size != document.scene.size:
            self._refit()
        if document is self._document:
            return
        before, self._document = self._shown, document
        self._shown = self._model(document)
        parts = moved_parts(self.view, before, self._shown) if before is not None and self._in_pixels else None
        if parts is None:
            self._changed()
            return
        rects = [QRect(*map(round, part)).intersected(self.rect()) for part in parts]
        self._parts = [*map(QRect.united, self._parts, rects)] if self._parts else rects
        self._region = QRegion(self._parts[0]) + self._parts[1] + self._parts[2]
        self.update(self._region)

    def _changed(self) -> None:
        """Something other than the place of a pattern has changed."""
        self._shown = None
        self._parts = []
        self.update()

    def tell(self) -> None:
        """Bring what screen readers say up to date."""
        self.setAccessibleDescription(_described(self._lab.document))

    @property
    def _in_pixels(self) -> bool:
        """Whether the canvas is fitted, in whole pixels, with no ring around it, so that it can be painted in parts."""
        whole = self.view.rect.whole and (self.view.zoom * self.devicePixelRatioF()).is_integer()
        return whole and self.fitted and not (self._by_keyboard and self.hasFocus())

    def set_tool(self, tool: ToolName) -> None:
        self._end(keep=True)
        self.tool = tool
        self._changed()
        self._show_cursor(self._last)

    def set_field(self, field: Field | None, pixel: tuple[int, int] | None) -> None:
        """Light a receptive field or a pixel."""
        if (field, pixel) != (self.field, self.pixel):
            self.field, self.pixel = field, pixel
            self._changed()

    def set_heat(self, heat: NDArray[np.float32] | None) -> None:
        """Lay an effective field, (H, W) in [0, 1], over the pixels; None takes it away."""
        if heat is not self.heat:
            self.heat = heat
            self._changed()

    def set_trained(self, seen: tuple[int, int, int, int] | NDArray[np.bool_] | None) -> None:
        """Outline where training has seen patterns: first and end row, first and end column; or a mask (H, W)."""
        now = self.trained
        if isinstance(seen, np.ndarray):
            if not isinstance(now, Region) or now.mask is not seen:
                self.trained = Region(seen, TRAINED, tint=0)
                self._changed()
        elif isinstance(now, Region) or seen != now:
            self.trained = seen
            self._changed()

    def set_region(self, region: Region | None) -> None:
        """Tint a painted region, or none."""
        if region is not self.region:
            self.region = region
            self._changed()

    def set_ring(self, ring: Ring | None) -> None:
        """Show the brush that paints it, or none."""
        if ring != self.ring:
            self.ring = ring
            self._changed()

    def set_inviting(self, inviting: bool) -> None:
        """Invite to a drag, in words under the pattern, or not any more."""
        if inviting != self._inviting:
            self._inviting = inviting
            self._changed()

    @property
    def hint(self) -> str:
        """'Drag the cat', until that was done."""
        document = self._lab.document
        index = edits.lead(document)
        moved = document.scene.placed != document.reference.placed
        if not self._inviting or index is None or self.tool != "move" or moved:
            return ""
        return f"Drag the {noun(document.scene.placed[index].pattern.name)}"

    def zoom_by(self, steps: int, around: QPointF | None = None) -> None:
        """Zoom in or out by steps of about 1.25, around a point."""
        point = around if around is not None else QPointF(self.width() / 2, self.height() / 2)
        before = self.view
        self._port.zoom_by(steps, point.x(), point.y())
        self._viewed(before)

    def zoom_to_fit(self) -> None:
        before = self.view
        self._port.fit()
        self._viewed(before)

    def nudge(self, down: float, right: float) -> None:
        """Move what is selected, as one undo entry."""
        self._lab.edit(lambda document: edits.moved(document, (down, right)), "Nudge")

    def cancel(self) -> bool:
        """Take a gesture under way back; whether there was one."""
        if self._hand is None:
            return False
        self._end(keep=False)
        return True

    def _refit(self) -> None:
        """The canvas or its room is of another size."""
        before = self.view
        room = (float(self.width()), float(self.height()))
        self._port.place_in(self._lab.document.scene.size, room, self.devicePixelRatioF())
        self._viewed(before)

    def _viewed(self, before: CanvasView) -> None:
        if before != self.view:
            self.view_changed.emit()
        self._changed()

    def _keys(self, modifiers: Qt.KeyboardModifier) -> Keys:
        return Keys(
            add=bool(modifiers & Qt.KeyboardModifier.ControlModifier),
            snap=bool(modifiers & Qt.KeyboardModifier.ShiftModifier) != self.snapping,
            fine=bool(modifiers & Qt.KeyboardModifier.AltModifier),
        )

    def _place(self, point: QPointF) -> Position:
        return self.view.place(point.x(), point.y())

    def _follow(self, point: QPointF, keys: Keys) -> None:
        """Let the hand follow the pointer."""
        hand = self._hand
        if hand is not None:
            place = self._place(point)

            def follow(document: Document) -> Document:
                made = carried(document, hand.move(place, keys))
                self._held = made.scene
                return made

            self._lab.during(follow, "Move" if self.tool == "move" else "Draw")
            if isinstance(hand, DrawHand):
                self._sketch = hand.sketch

    def _end(self, *, keep: bool) -> None:
        if self._hand is not None:
            moved = isinstance(self._hand, MoveHand)
            self._hand = None
            self._lab.end(keep=keep)
            if moved and keep:
                self.dragged.emit()
        self._pressed = None
        self._show_cursor(self._last)

    def _hover(self, pixel: tuple[int, int] | None) -> None:
        if pixel != self._hovered:
            self._hovered = pixel
            self.hovered.emit(pixel)

    def _show_cursor(self, point: QPointF) -> None:
        if self.tool != "move":
            self.setCursor(Qt.CursorShape.CrossCursor)
            return
        if self._hand is not None:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            return
        document, place = self._lab.document, self._place(point)
        corner = corner_at(document.scene, document.lenses.selection, place, HANDLE_REACH / self.view.zoom)
        if corner is not None:
            falling = corner[1] in ("top left", "bottom right")
            self.setCursor(Qt.CursorShape.SizeFDiagCursor if falling else Qt.CursorShape.SizeBDiagCursor)
        elif self.view.pixel(point.x(), point.y()) and pattern_at(document.scene, place) is not None:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.unsetCursor()

    # Qt's own

    def sizeHint(self) -> QSize:
        return QSize(RULER + 388, RULER + 385)

    def minimumSizeHint(self) -> QSize:
        return QSize(RULER + 64, RULER + 64)

    def _model(self, document: Document) -> CanvasModel:
        """What is shown of a document, but for its pixels."""
        moved = document.displacement
        return CanvasModel(
            rgb=NO_PIXELS,
            scene=document.scene,
            reference=document.reference,
            displacement=moved if isinstance(moved, Displacement) else None,
            selection=document.lenses.selection,
            field=self.field,
            pixel=self.pixel,
            heat=self.heat if self.heat is not None and self.heat.shape == document.scene.size else None,
            hint=self.hint,
            trained=self.trained,
            region=self.region,
            ring=self.ring,
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        document = self._lab.document
        if self._shown is None or document is not self._document:
            self._document, self._shown = document, self._model(document)
        channels = max(network.spec.channels for network in document.networks)
        model = self._shown.with_pixels(_rgb(document.scene, channels))
        bright = self.view.zoom >= GRID_FROM and model.bright
        if bright != self._bright:
            # All of the grid is another.
            self._bright = bright
            self.update()
        with QPainter(self) as painter:
            if self._parts and event.region() == self._region:
                self._paint_parts(painter, model)
            else:
                self._paint_whole(painter, model)
        self._parts = []

    def _paint_parts(self, painter: QPainter, model: CanvasModel) -> None:
        """Paint only what a move has changed: clipped to one rectangle pictures are copied, to a region span by
        span."""
        canvas, above, beside = self._parts
        size, scale = (self.width(), self.height()), self.devicePixelRatioF()
        painter.setClipRegion(QRegion(above) + beside)
        painter.drawImage(0, 0, ruler_layer(self.view, size, scale, self.theme))
        if model.places is not None:
            paint_marks(painter, self.view, model.places, self.theme)
        painter.setClipRect(canvas)
        paint_canvas(painter, self.view, model, self.theme, ruler=False)

    def _paint_whole(self, painter: QPainter, model: CanvasModel) -> None:
        scale = self.devicePixelRatioF()
        kept = whole_pixels(painter, Rect(0, 0, self.width(), self.height()))
        if kept:
            painter.drawImage(0, 0, ruler_layer(self.view, (self.width(), self.height()), scale, self.theme))
            if model.places is not None:
                paint_marks(painter, self.view, model.places, self.theme)
        else:
            painter.fillRect(self.rect(), colour(self.theme.win))
            paint_ruler(painter, self.view, model.places, self.theme)
        painter.save()
        # A canvas that is looked at closely goes on under its rulers.
        painter.setClipRect(self.rect().adjusted(RULER, RULER, 0, 0))
        paint_canvas(painter, self.view, model, self.theme, ruler=False)
        painter.restore()
        if self.hasFocus() and self._by_keyboard:
            paint_focus(painter, QRectF(*self.view.rect).adjusted(-2, -2, 2, 2), self.theme, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._refit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        self._last = point
        if event.button() == Qt.MouseButton.MiddleButton and self._port.grip(point.x(), point.y()):
            return
        if event.button() != Qt.MouseButton.LeftButton or self._hand is not None:
            return
        self._pressed = point
        self._hover(None)
        keys, place = self._keys(event.modifiers()), self._place(point)
        if self.tool != "move":
            if self.tool == "erase" and not self._sketch.continues(self._lab.document):
                self._lab.refused.emit("Nothing drawn here that could be erased: the eraser works on a fresh drawing.")
                return
            self.grabbed.emit()
            self._lab.begin()
            self._hand = DrawHand(self._lab.document, self._sketch, self.tool, self.brush)
            self._held = self._lab.document.scene
            self._follow(point, keys)
            return
        begun = press(self._lab.document, place, keys, reach=HANDLE_REACH / self.view.zoom, subpixel=self.subpixel)
        if begun.hand is not None:
            self.grabbed.emit()
        self._lab.store.update(begun.document, undoable=False)
        if begun.hand is not None:
            self._hand, self._held = begun.hand, begun.document.scene
            self._lab.begin()
        self._show_cursor(point)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        self._last = point
        if self._port.pushed:
            before = self.view
            self._port.push(point.x(), point.y())
            self._viewed(before)
        elif self._hand is not None:
            self._follow(point, self._keys(event.modifiers()))
        elif not event.buttons():
            self._hover(self.view.pixel(point.x(), point.y()) if self.tool == "move" else None)
            self._show_cursor(point)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if event.button() == Qt.MouseButton.MiddleButton:
            self._port.let_go()
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        pressed, free = self._pressed, self._hand is None
        if self._hand is not None:
            self._follow(point, self._keys(event.modifiers()))
        self._end(keep=True)
        still = pressed is not None and (point - pressed).manhattanLength() <= CLICK
        pixel = self.view.pixel(point.x(), point.y())
        if free and still and pixel is not None and self.tool == "move":
            self.clicked.emit(pixel)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if event.angleDelta().y():
                self.zoom_by(1 if event.angleDelta().y() > 0 else -1, event.position())
            event.accept()
        else:
            event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.cancel():
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._by_keyboard = by_keyboard(event)
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusOutEvent(event)


def _described(document: Document) -> str:
    """What a screen reader says of the canvas."""
    parts = [f"{one.pattern.name} at row {one.at[0]:g}, column {one.at[1]:g}" for one in document.scene.placed]
    return "; ".join(parts) if parts else "empty"
