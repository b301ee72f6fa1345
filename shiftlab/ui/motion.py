"""Short transitions: a dock comes in from the right, a panel grows out of its place.

What is opened stands in its place at once and works. A picture of it, or a frame, moves over it for a moment, takes
no part in anything, and is gone at the first press, key or turn of the wheel: no drag ever shares a frame with it.
"""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QRect, QRectF, Qt, QVariantAnimation
from PySide6.QtGui import QGuiApplication, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QStyle, QWidget

from shiftlab.ui.theme import Theme, colour

DURATION = 120
"""Milliseconds."""
FAR = 24
"""Pixels that a dock comes from the right."""
RADIUS = 6
UNSEEN = ("offscreen", "minimal")
"""Platforms on which nobody looks."""
ENDING = (QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress, QEvent.Type.Wheel)


def wanted(widget: QWidget, reduced: bool) -> bool:
    """Whether something may move over a widget: neither the person nor the desktop wants it otherwise."""
    if reduced or not widget.isVisible() or QGuiApplication.platformName() in UNSEEN:
        return False
    return widget.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, widget) > 0


class Transition(QWidget):
    """Lies over its parent while something moves, and then is no more.

    Attributes
    ----------
    share : float
        How much of the way is done, from 0 to 1, eased out.
    """

    def __init__(self, parent: QWidget, duration: int = DURATION) -> None:
        super().__init__(parent)
        self.share = 0.0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setGeometry(parent.rect())
        self._clock = QVariantAnimation(self)
        self._clock.setStartValue(0.0)
        self._clock.setEndValue(1.0)
        self._clock.setDuration(duration)
        self._clock.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._clock.valueChanged.connect(self._go)
        self._clock.finished.connect(self.end)
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)
        parent.installEventFilter(self)
        self.raise_()
        self.show()
        self._clock.start()

    def end(self) -> None:
        """Be no more, wherever it is."""
        if not self.isHidden():
            self.hide()
            self._clock.stop()
            application = QApplication.instance()
            if application is not None:
                application.removeEventFilter(self)
            self.deleteLater()

    def _go(self, share: float) -> None:
        self.share = share
        self.update()

    # Qt's own

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in ENDING or (event.type() == QEvent.Type.Resize and watched is self.parent()):
            self.end()
        return False


class SlideIn(Transition):
    """The parent's picture comes in from the right over its own ground."""

    def __init__(self, parent: QWidget, ground: str, duration: int = DURATION) -> None:
        self._picture = parent.grab()
        self._ground = ground
        super().__init__(parent, duration)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), colour(self._ground))
            painter.setOpacity(self.share)
            painter.drawPixmap(round((1 - self.share) * FAR), 0, self._picture)


class Growth(Transition):
    """A panel goes from one place to another: one that grows shows more and more of itself, one that shrinks fades."""

    def __init__(self, parent: QWidget, start: QRect, end: QRect, theme: Theme, duration: int = DURATION) -> None:
        self._start, self._end, self._theme = QRectF(start), QRectF(end), theme
        self._grows = end.width() > start.width()
        super().__init__(parent, duration)

    @property
    def place(self) -> QRectF:
        """Where the frame is."""
        a, b, share = self._start, self._end, self.share
        return QRectF(
            a.x() + (b.x() - a.x()) * share,
            a.y() + (b.y() - a.y()) * share,
            a.width() + (b.width() - a.width()) * share,
            a.height() + (b.height() - a.height()) * share,
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            frame = self.place.adjusted(0.5, 0.5, -0.5, -0.5)
            if self._grows:
                around = QPainterPath()
                around.addRect(QRectF(self.rect()))
                around.addRoundedRect(frame, RADIUS, RADIUS)
                painter.fillPath(around, colour(self._theme.win))
            else:
                painter.setOpacity(1 - self.share)
                painter.setBrush(colour(self._theme.panel))
            painter.setPen(QPen(colour(self._theme.line2), 1))
            painter.drawRoundedRect(frame, RADIUS, RADIUS)
