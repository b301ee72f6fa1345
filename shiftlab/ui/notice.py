"""The line under the strip's head that says what went wrong, or offers something."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from shiftlab.ui.controls import FlatButton
from shiftlab.ui.theme import colour, font
from shiftlab.ui.themed import Themed, apply_theme

HEIGHT = 32
Offer = tuple[str, Callable[[], None]]


class NoticeLine(Themed, QWidget):
    """One line with its buttons; hidden while there is nothing to say. A newer notice replaces an older one.

    Attributes
    ----------
    text : str
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = ""
        self._error = False
        self._kind = ""
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._layout = QHBoxLayout(self)
        self._margin = 20
        self._layout.setContentsMargins(0, 0, 24, 0)
        self._layout.setSpacing(4)
        self._layout.addStretch(1)
        self._buttons: list[FlatButton] = []
        self.hide()

    @property
    def kind(self) -> str:
        """What the present notice speaks of; '' where there is none."""
        return self._kind

    @property
    def offers(self) -> tuple[str, ...]:
        """Words on its buttons."""
        return tuple(button.accessibleName() for button in self._buttons)

    def say(self, text: str, *, kind: str, error: bool = True, offers: Sequence[Offer] = ()) -> None:
        """Show a notice of some kind with its buttons; each of them ends it, and so does 'Close'."""
        self._clear()
        self.text, self._kind, self._error = " ".join(text.split()), kind, error
        self.setAccessibleName(self.text)
        for words, run in (*offers, ("Close", lambda: None)):
            last = words == "Close"
            button = FlatButton("" if last else words, "close" if last else "", words)
            button.setAccessibleName(words)
            button.clicked.connect(lambda _checked=False, action=run: self._chosen(action))
            self._layout.addWidget(button)
            self._buttons.append(button)
        apply_theme(self, self.theme)
        self.setToolTip(self.text)
        self.show()
        self.update()

    def press(self, words: str) -> None:
        """Press one of its buttons.

        Raises
        ------
        ValueError
            Where there is no such button.
        """
        button = next((one for one in self._buttons if one.accessibleName() == words), None)
        if button is None:
            raise ValueError(f"the notice has no button {words!r}; it has {', '.join(self.offers)}")
        button.click()

    def dismiss(self, kind: str | None = None) -> None:
        """Say nothing any more (or only if the notice is of this kind)."""
        if kind in (None, self._kind):
            self._clear()
            self.hide()

    def _chosen(self, action: Callable[[], None]) -> None:
        self.dismiss()
        action()

    def _clear(self) -> None:
        self.text = self._kind = ""
        for button in self._buttons:
            self._layout.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons.clear()

    def set_margin(self, margin: int) -> None:
        """Begin where the panels do."""
        self._margin = margin
        self.update()

    # Qt's own

    def minimumSizeHint(self) -> QSize:
        return QSize(0, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(theme.panel))
            left = self._margin
            painter.drawRoundedRect(QRectF(left, 2, self.width() - left - 20, self.height() - 4), 4, 4)
            painter.setBrush(colour(theme.broke if self._error else theme.acc))
            painter.drawRoundedRect(QRectF(left, 2, 3, self.height() - 4), 1.5, 1.5)
            room = (self._buttons[0].x() if self._buttons else self.width()) - left - 20
            painter.setFont(font("control"))
            painter.setPen(colour(theme.t1))
            words = QFontMetricsF(font("control")).elidedText(self.text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(left + 12, 0, room + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, words)
