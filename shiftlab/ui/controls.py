"""The window's buttons: flat, painted with the theme's tokens, with a tooltip and a name each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QFocusEvent, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QMenu, QSizePolicy, QWidget

from shiftlab.ui import icons
from shiftlab.ui.theme import DISABLED, colour, font
from shiftlab.ui.themed import Themed, by_keyboard, paint_focus

HEIGHT, SEGMENT_HEIGHT = 28, 24
ICON = 16
PAD = 9
GAP = 6
ARROWS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right)


class FlatButton(Themed, QAbstractButton):
    """A button with an icon, words, or both; a hint (a key) stands behind the words.

    Attributes
    ----------
    compact : bool
        Whether the icon stands alone.
    """

    def __init__(
        self,
        text: str = "",
        icon: str = "",
        tooltip: str = "",
        *,
        hint: str = "",
        checkable: bool = False,
        primary: bool = False,
        segment: bool = False,
        side: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setText(text)
        self._icon, self._hint, self._primary, self._side = icon, hint, primary, side
        self._segment, self._hinted = segment, True
        self.compact = False
        self._by_keyboard = False
        self.setToolTip(tooltip or text)
        self.setAccessibleName(text or tooltip)
        self.setCheckable(checkable)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @classmethod
    def of(cls, action: QAction, icon: str = "", *, text: str | None = None, hint: str = "") -> FlatButton:
        """A button that does what `action` does, and follows its state."""
        button = cls(action.text() if text is None else text, icon, action.toolTip(), hint=hint)
        button.setAccessibleName(action.text())
        button.setCheckable(action.isCheckable())

        def follow() -> None:
            button.setEnabled(action.isEnabled())
            button.setChecked(action.isChecked())

        def pressed() -> None:
            action.trigger()
            follow()

        button.clicked.connect(pressed)
        action.changed.connect(follow)
        follow()
        return button

    def set_icon(self, icon: str) -> None:
        self._icon = icon
        self.update()

    def set_compact(self, compact: bool) -> None:
        """Show the icon alone, or with its words."""
        self.compact = compact and bool(self._icon)
        self.updateGeometry()
        self.update()

    def show_hint(self, shown: bool) -> None:
        """Show the hint behind the words, or leave it out."""
        self._hinted = shown
        self.updateGeometry()
        self.update()

    def _words(self) -> str:
        return "" if self.compact else self.text()

    def paint_ground(self, painter: QPainter, rect: QRectF) -> str:
        """Paint what lies under the words; returns the token for these."""
        theme = self.theme
        painter.setPen(Qt.PenStyle.NoPen)
        if self._primary:
            painter.setBrush(colour(theme.acc))
            painter.drawRoundedRect(rect, 4, 4)
            return theme.onacc
        if self.isChecked():
            painter.setBrush(colour(theme.accbg))
            painter.setPen(QPen(colour(theme.acc), 1))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            return theme.t1
        if self._lit():
            painter.setBrush(colour(theme.hov))
            painter.drawRoundedRect(rect, 4, 4)
        return theme.t2 if self._segment and not self._lit() else theme.t1

    # Qt's own

    def sizeHint(self) -> QSize:
        width = 2.0 * PAD
        words = self._words()
        if self._icon:
            width += ICON
        if words:
            width += QFontMetricsF(font("control", True)).horizontalAdvance(words) + (GAP if self._icon else 0)
        if self._hint and self._hinted and not self.compact:
            width += GAP + QFontMetricsF(font("meta")).horizontalAdvance(self._hint)
        if self._side is not None:
            return QSize(self._side, self._side)
        height = SEGMENT_HEIGHT if self._segment else HEIGHT
        return QSize(round(max(width, height)), height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setOpacity(1.0 if self.isEnabled() else DISABLED)
            rect = QRectF(self.rect())
            token = self.paint_ground(painter, rect)
            self._paint_content(painter, rect, token)
            if self.hasFocus() and self._by_keyboard:
                paint_focus(painter, rect, self.theme)

    def _paint_content(self, painter: QPainter, rect: QRectF, token: str) -> None:
        """Icon, words and hint one after the other, in the middle."""
        words, hint = self._words(), self._hint if self._hinted and not self.compact else ""
        shown = font("control", self.isChecked() or self._primary)
        took = QFontMetricsF(shown).horizontalAdvance(words) if words else 0.0
        hint_took = QFontMetricsF(font("meta")).horizontalAdvance(hint) if hint else 0.0
        parts = [part for part in (ICON if self._icon else 0.0, took, hint_took) if part]
        x = rect.center().x() - (sum(parts) + GAP * (len(parts) - 1)) / 2
        if self._icon:
            x = round(x)
            colour_of_icon = token if self._primary or self.isChecked() or self._lit() else self.theme.t2
            icons.paint_icon(
                painter, QRectF(x, round(rect.center().y() - ICON / 2), ICON, ICON), self._icon, colour_of_icon
            )
            x += ICON + GAP
        middle = Qt.AlignmentFlag.AlignVCenter
        if words:
            painter.setFont(shown)
            painter.setPen(colour(token))
            painter.drawText(QRectF(x, rect.top(), took + 2, rect.height()), middle, words)
            x += took + GAP
        if hint:
            painter.setFont(font("meta"))
            painter.setPen(colour(self.theme.t2 if self.isChecked() else self.theme.t3))
            painter.drawText(QRectF(x, rect.top(), hint_took + 2, rect.height()), middle, hint)

    def _lit(self) -> bool:
        return self.isEnabled() and (self.underMouse() or self.isDown())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Arrow keys move the pattern, wherever the focus is; Qt would move the focus.
        if event.key() in ARROWS:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._by_keyboard = by_keyboard(event)
        super().focusInEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.EnabledChange:
            self.update()
        super().changeEvent(event)


class Choice(msgspec.Struct, frozen=True):
    """One of several things to choose: what it is called inside and outside, whether it can be chosen now, and
    whether a line stands above it in a list."""

    id: str
    text: str
    tooltip: str = ""
    possible: bool = True
    apart: bool = False


class PickButton(FlatButton):
    """A label, the chosen value and a chevron; a press opens the list.

    Signals
    -------
    chosen : the id of what was chosen in the list
    """

    chosen = Signal(str)

    def __init__(
        self,
        name: str,
        choices: Callable[[], Sequence[Choice]],
        *,
        label: str = "",
        icon: str = "",
        tooltip: str = "",
        framed: bool = False,
        width: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", icon, tooltip or name, parent=parent)
        self.setAccessibleName(name)
        self._choices, self._label, self._framed, self._width = choices, label, framed, width
        self.value = ""
        self.clicked.connect(self.open)

    def set_value(self, value: str, text: str | None = None) -> None:
        """Show the choice with this id (under another text where given)."""
        if text is None:
            text = next((choice.text for choice in self._choices() if choice.id == value), value)
        if (value, text) != (self.value, self.text()):
            self.value = value
            self.setText(text)
            self.setAccessibleDescription(text)
            self.updateGeometry()
            self.update()

    def set_label(self, label: str) -> None:
        self._label = label
        self.updateGeometry()
        self.update()

    def menu(self) -> QMenu:
        """The list, made anew."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        group = QActionGroup(menu)
        for choice in self._choices():
            action = QAction(choice.text, group)
            action.setCheckable(True)
            action.setChecked(choice.id == self.value)
            action.setToolTip(choice.tooltip or choice.text)
            action.setEnabled(choice.possible)
            action.triggered.connect(lambda _checked=False, identity=choice.id: self.chosen.emit(identity))
            if choice.apart and not menu.isEmpty():
                menu.addSeparator()
            menu.addAction(action)
        return menu

    def open(self) -> None:
        """Show the list below the button."""
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    # Qt's own

    def sizeHint(self) -> QSize:
        if self._width is not None:
            return QSize(self._width, HEIGHT)
        metrics, strong = QFontMetricsF(font("control")), QFontMetricsF(font("control", True))
        width = 2 * PAD + 12 + strong.horizontalAdvance(self.text())
        if self._label:
            width += metrics.horizontalAdvance(self._label) + GAP
        if self._icon:
            width += ICON + GAP
        return QSize(round(width + 4), HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setOpacity(1.0 if self.isEnabled() else DISABLED)
            theme, rect = self.theme, QRectF(self.rect())
            if self._framed:
                painter.setBrush(colour(theme.hov if self.underMouse() else theme.ctl))
                painter.setPen(QPen(colour(theme.ctl if theme.dark else theme.line2), 1))
                painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            elif self.underMouse():
                painter.setBrush(colour(theme.hov))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.drawRoundedRect(rect, 4, 4)
            x = rect.left() + PAD
            if self._icon:
                icons.paint_icon(painter, QRectF(x, rect.center().y() - ICON / 2, ICON, ICON), self._icon, theme.t2)
                x += ICON + GAP
            middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            if self._label:
                painter.setFont(font("control"))
                painter.setPen(colour(theme.t2))
                advance = QFontMetricsF(font("control")).horizontalAdvance(self._label)
                painter.drawText(QRectF(x, rect.top(), advance + 1, rect.height()), middle, self._label)
                x += advance + GAP
            strong = font("control", bool(self._label) and not self._framed)
            painter.setFont(strong)
            painter.setPen(colour(theme.t1))
            room = rect.right() - PAD - 12 - x
            words = QFontMetricsF(strong).elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(x, rect.top(), room + 1, rect.height()), middle, words)
            chevron = QRectF(rect.right() - PAD - 10, rect.center().y() - 6, 12, 12)
            icons.paint_icon(painter, chevron, "chevron", theme.t2)
            if self.hasFocus() and self._by_keyboard:
                paint_focus(painter, rect, theme)


class Segments(Themed, QWidget):
    """A few choices side by side, one of which is chosen.

    Signals
    -------
    chosen : the id of the segment that was pressed
    """

    chosen = Signal(str)

    def __init__(self, name: str, segments: Sequence[tuple[str, str, str, str, str]], parent: QWidget | None = None):
        """`segments` are (id, text, icon, hint, tooltip)."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(0)
        self.buttons: dict[str, FlatButton] = {}
        for identity, text, icon, hint, tooltip in segments:
            button = FlatButton(text, icon, tooltip, hint=hint, checkable=True, segment=True)
            button.setAccessibleName(f"{name}: {text}")
            button.clicked.connect(lambda _checked=False, one=identity: self._pressed(one))
            self.buttons[identity] = button
            layout.addWidget(button)
        self.value = ""

    def _pressed(self, identity: str) -> None:
        self.set_value(self.value)
        self.chosen.emit(identity)

    def set_value(self, identity: str) -> None:
        self.value = identity
        for one, button in self.buttons.items():
            button.setChecked(one == identity)

    def set_words(self, words: Mapping[Any, str], hints: bool = True) -> None:
        """Other words on the segments (shorter ones where room is scarce), and whether their keys are shown."""
        for identity, text in words.items():
            self.buttons[identity].setText(text)
            self.buttons[identity].show_hint(hints)
            self.buttons[identity].updateGeometry()

    # Qt's own

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(self.theme.ctl if self.theme.dark else self.theme.hov))
            painter.drawRoundedRect(QRectF(self.rect()), 5, 5)
