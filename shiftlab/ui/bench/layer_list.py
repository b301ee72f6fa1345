"""The layers of a network as a list: chosen, switched, dragged to another place, and edited where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QCheckBox, QSizePolicy, QVBoxLayout, QWidget

from shiftlab.network.editing import Refused
from shiftlab.network.info import StageInfo
from shiftlab.network.spec import LayerSpec
from shiftlab.network.surgery import Origins
from shiftlab.ui.bench import words
from shiftlab.ui.bench.layer_form import LayerForm
from shiftlab.ui.bench.own_keys import claims
from shiftlab.ui.theme import DISABLED, colour, font
from shiftlab.ui.themed import Themed, apply_theme, paint_focus

ROW = 42
GRIP = 20
TICK = 22
KEYS = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Space,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_Delete,
    Qt.Key.Key_Backspace,
)
"""Keys that a row answers to."""


@dataclass(frozen=True)
class RowModel:
    """What a row shows: its layer, title and, where it is on, the facts of its stage."""

    layer: LayerSpec
    title: str
    info: StageInfo | None


class LayerRow(Themed, QWidget):
    """One layer: a grip, a tick, its name, what it is set to, and the facts of its stage.

    Attributes
    ----------
    tick : QCheckBox
        Whether the layer is on.

    Signals
    -------
    pressed : the row was clicked, or chosen by Return
    switched : the tick was set or taken
    dragged : the pointer's global position while the row is dragged
    dropped : the drag ended (True) or was given up (False)
    keyed : 'up', 'down', 'move up', 'move down', 'remove' by a key
    """

    pressed = Signal()
    switched = Signal(bool)
    dragged = Signal(QPoint)
    dropped = Signal(bool)
    keyed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model: RowModel | None = None
        self._chosen = False
        self._wrong = False
        self._start: QPointF | None = None
        self._dragging = False
        self._by_keyboard = False
        self.setFixedHeight(ROW)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.tick = QCheckBox(self)
        self.tick.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.tick.move(GRIP, (ROW - 18) // 2)
        self.tick.resize(18, 18)
        self.tick.toggled.connect(self.switched)

    @property
    def dragging(self) -> bool:
        return self._dragging

    def show_row(self, model: RowModel, chosen: bool, wrong: bool) -> None:
        """Show a layer; `wrong` marks one at which something cannot be."""
        self._model, self._chosen, self._wrong = model, chosen, wrong
        blocker = QSignalBlocker(self.tick)
        self.tick.setChecked(model.layer.on)
        blocker.unblock()
        self.tick.setToolTip("Switch this layer off  (Space)" if model.layer.on else "Switch this layer on  (Space)")
        self.tick.setAccessibleName(f"{model.title} is on")
        settings, facts = words.summary(model.layer), words.facts(model.info)
        self.setAccessibleName(f"{model.title}, {settings or 'nothing to set'}, {facts}")
        self.setToolTip(f"{model.title}: {facts}\nDrag to another place (Alt+Up, Alt+Down), Delete removes")
        self.update()

    # Qt's own

    def sizeHint(self) -> QSize:
        return QSize(320, ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        model, theme = self._model, self.theme
        if model is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            rect = QRectF(self.rect()).adjusted(4, 1, -4, -1)
            if self._chosen or self._dragging or self.underMouse():
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour(theme.accbg if self._chosen or self._dragging else theme.hov))
                painter.drawRoundedRect(rect, 4, 4)
            self._paint_grip(painter)
            painter.setOpacity(1.0 if model.layer.on else DISABLED)
            left, right = GRIP + TICK + 4.0, self.width() - 14.0
            strong = font("heading")
            painter.setFont(strong)
            painter.setPen(colour(theme.t1))
            painter.drawText(QPointF(left, 18), model.title)
            advance = QFontMetricsF(strong).horizontalAdvance(model.title) + 10
            painter.setFont(font("meta"))
            painter.setPen(colour(theme.t1 if self._chosen else theme.t2))
            metrics = QFontMetricsF(font("meta"))
            settings = metrics.elidedText(
                words.summary(model.layer), Qt.TextElideMode.ElideRight, right - left - advance
            )
            painter.drawText(QPointF(left + advance, 18), settings)
            painter.setPen(colour(theme.t2))
            painter.drawText(QPointF(left, 34), words.facts(model.info))
            if self._wrong:
                painter.setOpacity(1)
                painter.setPen(QPen(colour(theme.broke), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 4, 4)
            if self.hasFocus() and self._by_keyboard:
                painter.setOpacity(1)
                paint_focus(painter, rect, theme)

    def _paint_grip(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(self.theme.t3))
        for col in (0, 1):
            for row in (-1, 0, 1):
                painter.drawEllipse(QPointF(9 + 4 * col, ROW / 2 + 4 * row), 1.1, 1.1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._start = event.position()
            # so that Escape gives up the drag
            self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._start is None:
            return
        far = (event.position() - self._start).manhattanLength() >= QApplication.startDragDistance()
        if self._dragging or far:
            if not self._dragging:
                self._dragging = True
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.dragged.emit(event.globalPosition().toPoint())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._start is None:
            return
        if self._dragging:
            self._end_drag(True)
        else:
            self._start = None
            self.pressed.emit()

    def _end_drag(self, taken: bool) -> None:
        self._start, self._dragging = None, False
        self.unsetCursor()
        self.update()
        self.dropped.emit(taken)

    def event(self, event: QEvent) -> bool:
        return claims(event, (*KEYS, Qt.Key.Key_Escape) if self._dragging else KEYS) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, moved = event.key(), event.modifiers() == Qt.KeyboardModifier.AltModifier
        if key == Qt.Key.Key_Escape and self._dragging:
            self._end_drag(False)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.pressed.emit()
        elif key == Qt.Key.Key_Space:
            self.tick.toggle()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.keyed.emit("remove")
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            way = "up" if key == Qt.Key.Key_Up else "down"
            self.keyed.emit(f"move {way}" if moved else way)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._by_keyboard = event.reason() != Qt.FocusReason.MouseFocusReason
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusOutEvent(event)


class _DropLine(Themed, QWidget):
    """Where a dragged row would come to stand."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), colour(self.theme.acc))


class LayerList(Themed, QWidget):
    """All layers, one below the other; the chosen one opens its fields.

    Attributes
    ----------
    rows : list of LayerRow
    form : LayerForm or None
        Fields of the chosen layer.
    chosen : int or None

    Signals
    -------
    chosen_changed : index of the layer that was chosen, or None
    switched : index, on
    moved : from, to (counted in the result)
    removed : index
    kind_chosen : index, kind
    typed, entered : index, field, text: letter by letter, or all at once
    finished, abandoned : typing came to its end, or is to be taken back
    kernel_wanted : index
    """

    chosen_changed = Signal(object)
    switched = Signal(int, bool)
    moved = Signal(int, int)
    removed = Signal(int)
    kind_chosen = Signal(int, str)
    typed = Signal(int, str, str)
    entered = Signal(int, str, str)
    finished = Signal()
    abandoned = Signal()
    kernel_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Layers")
        self.rows: list[LayerRow] = []
        self.form: LayerForm | None = None
        self.chosen: int | None = None
        self._models: tuple[RowModel, ...] = ()
        self._wrong: int | None = None
        self._target: int | None = None
        self._line = _DropLine(self)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addStretch(1)

    def show_layers(self, models: Sequence[RowModel]) -> None:
        """Show these layers; rows are reused, and so is the form while its layer is of the same kind."""
        self._models = tuple(models)
        while len(self.rows) > len(models):
            row = self.rows.pop()
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.rows) < len(models):
            self._add_row()
        if self.chosen is not None and self.chosen >= len(models):
            self.choose(len(models) - 1 if models else None)
        self._wrong = None
        if self.form is not None and self.chosen is not None:
            layer = models[self.chosen].layer
            if layer.kind == self.form.layer_kind:
                self.form.show_layer(layer)
                self.form.clear_refused()
            else:
                self._open_form()
        self._show_rows()

    def choose(self, index: int | None) -> None:
        """Open the fields of a layer, or of none."""
        changed = index != self.chosen
        self.chosen = index
        if changed or (index is not None and self.form is None):
            self._open_form()
            self._show_rows()
        if changed:
            self.chosen_changed.emit(index)

    def follow(self, origins: Origins) -> None:
        """The chosen layer stays chosen where it went; what was removed leaves its place chosen to none."""
        if self.chosen is not None:
            self.choose(origins.index(self.chosen) if self.chosen in origins else None)

    def show_refused(self, refused: Refused) -> None:
        """Mark what cannot be, at its field where that is shown."""
        self._wrong = refused.layer if refused.layer != self.chosen else None
        if self.form is not None and refused.layer == self.chosen:
            self.form.show_refused(refused)
        self._show_rows()

    def clear_refused(self) -> None:
        self._wrong = None
        if self.form is not None:
            self.form.clear_refused()
        self._show_rows()

    def _add_row(self) -> None:
        row, index = LayerRow(self), len(self.rows)
        row.set_theme(self.theme)
        row.pressed.connect(lambda: self.choose(None if self.chosen == index else index))
        row.switched.connect(lambda on: self.switched.emit(index, on))
        row.dragged.connect(lambda place: self._drag(index, place))
        row.dropped.connect(lambda taken: self._drop(index, taken))
        row.keyed.connect(lambda key: self._key(index, key))
        self.rows.append(row)
        # the stretch stands last, and the form behind the chosen row
        self._layout.insertWidget(self._layout.count() - 1, row)
        row.show()

    def _open_form(self) -> None:
        if self.form is not None:
            self._layout.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
            self.form = None
        if self.chosen is None:
            return
        form, index = LayerForm(self._models[self.chosen].layer, self), self.chosen
        form.typed.connect(lambda name, text: self.typed.emit(index, name, text))
        form.chosen.connect(lambda name, text: self.entered.emit(index, name, text))
        form.finished.connect(self.finished)
        form.abandoned.connect(self.abandoned)
        form.kind_chosen.connect(lambda kind: self.kind_chosen.emit(index, kind))
        form.remove_wanted.connect(lambda: self.removed.emit(index))
        form.kernel_wanted.connect(lambda: self.kernel_wanted.emit(index))
        apply_theme(form, self.theme)
        self._layout.insertWidget(self._layout.indexOf(self.rows[index]) + 1, form)
        form.show()
        self.form = form

    def _show_rows(self) -> None:
        for index, (row, model) in enumerate(zip(self.rows, self._models, strict=True)):
            row.show_row(model, index == self.chosen, index == self._wrong)

    def _key(self, index: int, key: str) -> None:
        if key == "remove":
            self.removed.emit(index)
        elif key.startswith("move "):
            to = index + (-1 if key == "move up" else 1)
            if 0 <= to < len(self.rows):
                self.moved.emit(index, to)
                self.rows[to].setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            to = min(max(index + (-1 if key == "up" else 1), 0), len(self.rows) - 1)
            self.rows[to].setFocus(Qt.FocusReason.OtherFocusReason)

    def _drag(self, index: int, place: QPoint) -> None:
        y = self.mapFromGlobal(place).y()
        before = sum(row.geometry().center().y() < y for row in self.rows)
        self._target = before - (1 if before > index else 0)
        line = self.rows[before].y() if before < len(self.rows) else self.rows[-1].geometry().bottom() + 1
        self._line.set_theme(self.theme)
        self._line.setGeometry(GRIP, max(line - 1, 0), self.width() - GRIP - 12, 2)
        self._line.show()
        self._line.raise_()

    def _drop(self, index: int, taken: bool) -> None:
        self._line.hide()
        target, self._target = self._target, None
        if taken and target is not None and target != index:
            self.moved.emit(index, target)
