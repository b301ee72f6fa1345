"""Logits and probabilities of a head as bars."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from shiftlab.engine.messages import HeadValues
from shiftlab.ui.bench.own_keys import claims
from shiftlab.ui.figure.words import number
from shiftlab.ui.theme import colour, font
from shiftlab.ui.themed import Themed, paint_focus

ROW = 22
NAME = 84
VALUE = 58
SHARE = 54
"""Width of a probability: of '100.0 %' in the widest of the fonts."""
MOST = 12
KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down)


class HeadBars(Themed, QWidget):
    """One row a class: its name, its probability as a bar with a tick at the reference, its logit.

    The largest come first where there are more than fit; arrow keys and clicks choose a class.

    Attributes
    ----------
    chosen : int
        The class whose maps are shown.

    Signals
    -------
    class_chosen : its index
    """

    class_chosen = Signal(int)

    def __init__(self, *, choosable: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choosable = choosable
        self._values: HeadValues | None = None
        self._order: tuple[int, ...] = ()
        self.chosen = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if choosable else Qt.FocusPolicy.NoFocus)
        more = "; click one for its maps" if choosable else ""
        self.setToolTip(f"Probability of each class, a tick at the reference, and its logit{more}")
        self.setFixedHeight(ROW)

    def show_values(self, values: HeadValues | None) -> None:
        self._values = values
        count = len(values.logits) if values is not None else 0
        order = range(count)
        if values is not None and count > MOST:
            order = sorted(sorted(order, key=lambda index: -values.logits[index])[:MOST])
        self._order = tuple(order)
        if self.chosen >= count:
            self.chosen = 0
        self.setFixedHeight(max(1, len(self._order)) * ROW)
        words = (
            f"{values.classes[index]} {values.probabilities[index] * 100:.1f} %, logit {number(values.logits[index])}"
            for index in self._order
            if values is not None
        )
        self.setAccessibleName("Head: " + "; ".join(words))
        self.update()

    def choose(self, index: int) -> None:
        if self._choosable and index in self._order and index != self.chosen:
            self.chosen = index
            self.class_chosen.emit(index)
            self.update()

    # Qt's own

    def sizeHint(self) -> QSize:
        return QSize(320, max(1, len(self._order)) * ROW)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = int(event.position().y() // ROW)
        if 0 <= row < len(self._order):
            self.choose(self._order[row])

    def event(self, event: QEvent) -> bool:
        return claims(event, KEYS) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None or not self._order:
            super().keyPressEvent(event)
            return
        place = self._order.index(self.chosen) if self.chosen in self._order else 0
        self.choose(self._order[min(max(place + step, 0), len(self._order) - 1)])

    def paintEvent(self, event: QPaintEvent) -> None:
        values, theme = self._values, self.theme
        if values is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            track = QRectF(NAME, 0, max(40, self.width() - NAME - VALUE - SHARE - 8), 8)
            for row, index in enumerate(self._order):
                top = row * ROW
                if self._choosable and index == self.chosen:
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(colour(theme.accbg))
                    painter.drawRoundedRect(QRectF(0, top + 1, self.width(), ROW - 2), 4, 4)
                painter.setFont(font("meta", self._choosable and index == self.chosen))
                painter.setPen(colour(theme.t1))
                name = QFontMetricsF(painter.font()).elidedText(
                    values.classes[index], Qt.TextElideMode.ElideRight, NAME - 14
                )
                middle = Qt.AlignmentFlag.AlignVCenter
                painter.drawText(QRectF(8, top, NAME - 8, ROW), middle, name)
                bar = track.translated(0, top + (ROW - 8) / 2)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour(theme.track))
                painter.drawRoundedRect(bar, 2, 2)
                share = values.probabilities[index]
                if share == share:
                    painter.setBrush(colour(theme.acc))
                    painter.drawRoundedRect(QRectF(bar.left(), bar.top(), bar.width() * share, bar.height()), 2, 2)
                before = values.reference_probabilities[index]
                if before == before:
                    x = bar.left() + bar.width() * before
                    painter.setPen(QPen(colour(theme.ghost), 2))
                    painter.drawLine(QPointF(x, bar.top() - 3), QPointF(x, bar.bottom() + 3))
                painter.setFont(font("meta"))
                painter.setPen(colour(theme.t1))
                right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
                painter.drawText(
                    QRectF(bar.right() + 2, top, SHARE, ROW), right, f"{share * 100:.1f} %" if share == share else "NaN"
                )
                painter.setPen(colour(theme.t2))
                painter.drawText(
                    QRectF(self.width() - VALUE - 6, top, VALUE, ROW), right, number(values.logits[index], 3)
                )
            if self.hasFocus():
                paint_focus(painter, QRectF(self.rect()), theme)
