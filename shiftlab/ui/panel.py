"""The widget of one stage: it stores what it is given, and painting only draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from shiftlab.document import StageKey
from shiftlab.ui.figure import words
from shiftlab.ui.figure.chip import paint_chip
from shiftlab.ui.figure.gauge import figure_of
from shiftlab.ui.figure.panel import PanelModel, paint_frame, paint_panel, parts_between
from shiftlab.ui.figure.panel_block import PanelBlock
from shiftlab.ui.figure.panel_geometry import OVERHANG, PanelGeometry
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.theme import Theme, colour
from shiftlab.ui.themed import Themed, by_keyboard

if TYPE_CHECKING:
    from shiftlab.engine.messages import Picture
    from shiftlab.measure.values import StageMeasure

STEP = 120
"""Units of a wheel's notch."""


class Spot(msgspec.Struct, frozen=True):
    """A place in a stage's maps: which stage, which channel, and the cell (None beside the map's cells)."""

    key: StageKey
    channel: int
    cell: tuple[int, int] | None


class PanelWidget(Themed, QWidget):
    """One stage of a network.

    Parameters
    ----------
    key : StageKey
    painted : callable
        Called when a paint event has drawn the picture that was set last.

    Signals
    -------
    hovered : the Spot under the pointer, or None
    chosen : the Spot that was clicked
    expand_wanted, menu_wanted : the stage's key (and a global point)
    scrolled : the key, and channels' rows to scroll by
    tile_stepped : +1 for larger tiles, -1 for smaller ones
    """

    hovered = Signal(object)
    chosen = Signal(object)
    expand_wanted = Signal(object)
    menu_wanted = Signal(object, QPoint)
    scrolled = Signal(object, int)
    tile_stepped = Signal(int)

    def __init__(
        self, key: StageKey, parent: QWidget | None = None, painted: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(parent)
        self.key = key
        self._painted = painted
        self.geometry_: PanelGeometry | None = None
        self.model: PanelModel | None = None
        self.chip = False
        self._fresh = False
        self._turned = 0
        self._spot: Spot | None = None
        self._by_keyboard = False
        self._block: PanelBlock | None = None
        self._told: PanelModel | None = None
        self.setAccessibleName(f"Stage {key[1]}")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def place(self, geometry: PanelGeometry) -> None:
        """Stand where the geometry says (in the coordinates of the parent), with room for the tab above."""
        rect = geometry.rect
        self.setGeometry(self._frame(rect, OVERHANG))
        self.geometry_ = geometry
        self.chip = False
        self._block = PanelBlock(geometry, self.theme, (self.x(), self.y()))
        self.update()

    def place_chip(self, rect: Rect) -> None:
        """Stand there as a chip."""
        self.setGeometry(self._frame(rect, 0))
        self.geometry_, self.chip = None, True
        self._block = None
        self.update()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        if self.geometry_ is not None:
            self._block = PanelBlock(self.geometry_, theme, (self.x(), self.y()))

    @staticmethod
    def _frame(rect: Rect, above: int) -> QRect:
        return QRect(round(rect.x), round(rect.y) - above, round(rect.width), round(rect.height) + above)

    def show_model(self, model: PanelModel) -> None:
        """Store what is to be shown; repaint only where it differs."""
        focused = self._by_keyboard and self.hasFocus()
        if model.focused != focused:
            model = replace(model, focused=focused)
        before = self.model
        if before is None or not alike(model, before):
            self.model = model
            self._fresh = self._fresh or before is None or model.picture is not before.picture
            if before is None or before.rest != model.rest:
                self._forget()
            else:
                self._change(before, model)
        self.tell()

    def show_frame(
        self,
        measure: StageMeasure | None,
        picture: Picture | None,
        selected_picture: Picture | None,
        first_break: bool,
    ) -> None:
        """Show one frame of a drag: nothing else is other than before. What screen readers say follows with `tell`."""
        before = self.model
        if before is None:
            return
        self.model = model = before.in_frame(measure, picture, selected_picture, first_break)
        self._fresh = self._fresh or picture is not before.picture
        if first_break != before.first_break:
            self.update()
        self._change(before, model)

    def tell(self) -> None:
        """Bring what screen readers say up to date."""
        if self.model is not None and self.model is not self._told:
            self._told = self.model
            self.setAccessibleDescription(described(self.model))
            if self.toolTip():
                self._show_tip(True)

    def _forget(self) -> None:
        """Repaint everything."""
        if self._block is not None:
            self._block.forget()
        self.update()

    def _change(self, before: PanelModel, model: PanelModel) -> None:
        """Repaint the block, if any part of it is another."""
        parts = parts_between(before, model)
        if not parts:
            return
        if self._block is None or not self._block.possible(model):
            self._forget()
        else:
            self._block.change(parts)
            self.update(self._block.dirty)

    def spot_at(self, x: float, y: float) -> Spot | None:
        """What is under a point of the widget."""
        if self.geometry_ is None or self.model is None:
            return None
        hit = self.geometry_.hit(x + self.x(), y + self.y(), self.model.selected)
        return None if hit is None else Spot(self.key, hit.channel, hit.cell)

    def _scrolls_further(self, down: bool) -> bool:
        """Whether there are channels beyond those shown; at their end the wheel scrolls the strip."""
        if self.geometry_ is None:
            return False
        layout = self.geometry_.layout
        return layout.first + layout.count < layout.total if down else layout.first > 0

    def _hover(self, spot: Spot | None) -> None:
        if spot != self._spot:
            self._spot = spot
            self.hovered.emit(spot)

    def _show_tip(self, wanted: bool) -> None:
        """Offer a tip beside the maps; on them it would be in the way."""
        said = tip(self.model) if wanted and self.model is not None else ""
        if said != self.toolTip():
            self.setToolTip(said)
            if not said:
                QToolTip.hideText()

    # Qt's own

    def sizeHint(self) -> QSize:
        return self.size()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        model, geometry, block = self.model, self.geometry_, self._block
        if model is None or geometry is None or block is None:
            painter.fillRect(self.rect(), colour(self.theme.win))
            if model is not None and self.chip:
                paint_chip(painter, Rect(0, 0, self.width(), self.height()), model, self.theme)
        elif not block.possible(model):
            painter.fillRect(self.rect(), colour(self.theme.win))
            painter.translate(-self.x(), -self.y())
            paint_panel(painter, geometry, model, self.theme, kept=True)
        else:
            whole = not block.dirty.contains(event.rect())
            if whole:
                painter.fillRect(self.rect(), colour(self.theme.win))
                painter.translate(-self.x(), -self.y())
                paint_frame(painter, geometry, model, self.theme, kept_on=self.theme.win)
                painter.resetTransform()
            block.paint(painter, model, whole=whole)
        painter.end()
        if self._fresh:
            self._fresh = False
            self._painted()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        spot = self.spot_at(event.position().x(), event.position().y())
        self._hover(spot)
        self._show_tip(spot is None)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)
        self._show_tip(False)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        spot = self.spot_at(event.position().x(), event.position().y())
        if self.chip:
            self.expand_wanted.emit(self.key)
        elif spot is not None:
            self.chosen.emit(spot)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self.chip:
            self.expand_wanted.emit(self.key)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(self.key, event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._turned += event.angleDelta().y()
            steps, self._turned = divmod_towards_zero(self._turned, STEP)
            if steps:
                self.tile_stepped.emit(1 if steps > 0 else -1)
            event.accept()
            return
        over = self.spot_at(event.position().x(), event.position().y()) is not None
        if over and self._scrolls_further(event.angleDelta().y() < 0):
            self._turned += event.angleDelta().y()
            steps, self._turned = divmod_towards_zero(self._turned, STEP)
            if steps:
                self.scrolled.emit(self.key, -steps)
            event.accept()
            return
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        model = self.model
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.expand_wanted.emit(self.key)
        elif event.key() in (Qt.Key.Key_Less, Qt.Key.Key_Greater, Qt.Key.Key_Comma, Qt.Key.Key_Period) and model:
            step = -1 if event.key() in (Qt.Key.Key_Less, Qt.Key.Key_Comma) else 1
            channel = (model.selected + step) if model.selected is not None else 0
            self.chosen.emit(Spot(self.key, channel % model.info.channels, None))
        elif event.key() == Qt.Key.Key_PageDown and self.geometry_ is not None and self.geometry_.layout.scrolls:
            self.scrolled.emit(self.key, self.geometry_.layout.rows)
        elif event.key() == Qt.Key.Key_PageUp and self.geometry_ is not None and self.geometry_.layout.scrolls:
            self.scrolled.emit(self.key, -self.geometry_.layout.rows)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._by_keyboard = by_keyboard(event)
        self._refocus()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._refocus()
        super().focusOutEvent(event)

    def _refocus(self) -> None:
        if self.model is not None:
            self.show_model(self.model)


def alike(one: PanelModel, other: PanelModel) -> bool:
    """Whether two models show the same: pictures are the same only if they are one."""
    return (
        one.picture is other.picture
        and one.selected_picture is other.selected_picture
        and one.rest == other.rest
        and one.measure == other.measure
    )


def divmod_towards_zero(value: int, unit: int) -> tuple[int, int]:
    """Whole units in `value` and what is left, both with its sign."""
    whole = int(value / unit)
    return whole, value - whole * unit


def described(model: PanelModel) -> str:
    """What a screen reader says of a panel."""
    parts = [", ".join(words.facts(model.info))]
    if model.loading:
        parts.append("torch is loading")
    elif model.measure is not None:
        parts += [_figure_words(model, "moved", "moved along"), _figure_words(model, "stayed", "stayed put")]
        parts.append(model.cause[0])
    if model.first_break:
        parts.append("the first that breaks")
    return "; ".join(part for part in parts if part)


def _figure_words(model: PanelModel, kind: str, name: str) -> str:
    measure: StageMeasure | None = model.measure
    if measure is None:
        return ""
    figure = figure_of(
        measure, "moved" if kind == "moved" else "stayed", fractional=model.form == "fractional", plain=model.plain
    )
    if figure.value is None:
        return f"{name}: n/a, {figure.reason}"
    return f"{name}: exact" if figure.exact else f"{name}: off by {figure.value:.3f}"


def spot_words(spot: Spot, label: str = "") -> str:
    """'pool1, channel 4, cell (8, 7)'; after the channel what it answers to, where that is known."""
    known = f" ({label})" if label else ""
    where = f", cell ({spot.cell[0]}, {spot.cell[1]})" if spot.cell is not None else ""
    return f"{spot.key[1]}, channel {spot.channel + 1}{known}{where}"


def tip(model: PanelModel) -> str:
    """The tooltip beside the maps: the stage's facts and what its gauges say."""
    lines = [f"{model.info.name}: {', '.join(words.facts(model.info))}"]
    if model.measure is not None:
        lines += [_figure_words(model, "moved", "moved along"), _figure_words(model, "stayed", "stayed put")]
        from shiftlab.measure.words import explained  # late: at first nothing is measured

        lines += [f"{cause.words or cause.kind}: {explained(cause)}" for cause in model.measure.causes]
    lines.append("Click a map: pin and inspect; double-click: enlarge; right-click: more")
    return "\n".join(line for line in lines if line)
