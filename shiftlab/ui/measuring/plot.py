"""A plot with pyqtgraph in the lab's tokens. Imported late: pyqtgraph takes a while."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QPen

from shiftlab.ui.figure import words
from shiftlab.ui.theme import Theme, colour, font


class SignedAxis(pg.AxisItem):
    """Shifts along an axis: '+4', '−8'."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [words.signed(value * scale) for value in values]


class PlainAxis(pg.AxisItem):
    """Figures with a true minus."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [text.replace("-", words.MINUS) for text in super().tickStrings(values, scale, spacing)]


class Plot(pg.GraphicsLayoutWidget):
    """A view with axes at the left and below, that neither zooms nor takes keys.

    Attributes
    ----------
    box : ViewBox
    left, bottom : AxisItem

    Signals
    -------
    moved : the pointer is at a QPointF of the scene
    pressed : a click there
    """

    moved = Signal(object)
    pressed = Signal(object)

    def __init__(self, name: str, *, square: bool = False) -> None:
        super().__init__()
        layout: Any = self.ci
        self.setAccessibleName(name)
        # Arrow keys move the pattern, wherever the pointer is.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.box: pg.ViewBox = layout.addViewBox(0, 1, enableMenu=False, lockAspect=square, invertY=square)
        self.box.setMouseEnabled(False, False)
        self.box.disableAutoRange()
        self.left = (SignedAxis if square else PlainAxis)("left", linkView=self.box)
        self.bottom = SignedAxis("bottom", linkView=self.box)
        self.left.setWidth(34)
        self.bottom.setHeight(20)
        layout.addItem(self.left, 0, 0)
        layout.addItem(self.bottom, 1, 1)
        scene: Any = self.scene()
        scene.sigMouseMoved.connect(self.moved)
        scene.sigMouseClicked.connect(self._clicked)

    def pen(self, token: str, width: float = 1.0, **given: Any) -> QPen:
        """A pen so many logical pixels wide: pyqtgraph's count device pixels."""
        return pg.mkPen(token, width=width * self.devicePixelRatioF(), **given)

    def set_look(self, theme: Theme, *, grid: bool = True) -> None:
        """Colours of ground and axes."""
        self.setBackground(theme.panel)
        for axis in (self.left, self.bottom):
            axis.setPen(self.pen(theme.line2))
            axis.setTextPen(pg.mkPen(theme.t3))
            axis.setTickPen(self.pen(theme.line2))
            axis.setStyle(tickFont=font("tick"), tickLength=-3, tickTextOffset=4, hideOverlappingLabels=False)
        if grid:
            self.left.setGrid(80)

    def _clicked(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(QPointF(event.scenePos()))


def tag(theme: Theme) -> pg.TextItem:
    """A name that stands beside its curve."""
    made = pg.TextItem("", color=theme.t1, anchor=(0.5, 1.25), fill=pg.mkBrush(colour(theme.panel, 0.8)))
    made.setFont(font("meta", True))
    return made
