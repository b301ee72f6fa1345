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


class Axes(pg.GraphicsLayoutWidget):
    """A view with axes at the left and below; pyqtgraph's PlotItem would bring menus that outlive it.

    Parameters
    ----------
    name : for screen readers
    left, bottom : AxisItem
    square : bool
        Cells as high as they are wide, rows from above.

    Attributes
    ----------
    box : ViewBox
    """

    def __init__(self, name: str, left: pg.AxisItem, bottom: pg.AxisItem, *, square: bool = False) -> None:
        super().__init__()
        layout: Any = self.ci
        self.setAccessibleName(name)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.box: pg.ViewBox = layout.addViewBox(0, 1, enableMenu=False, lockAspect=square, invertY=square)
        self.left, self.bottom = left, bottom
        left.linkToView(self.box)
        bottom.linkToView(self.box)
        layout.addItem(left, 0, 0)
        layout.addItem(bottom, 1, 1)

    def set_look(self, theme: Theme) -> None:
        """Colours of ground and axes."""
        self.setBackground(theme.panel)
        for axis in (self.left, self.bottom):
            axis.setPen(pg.mkPen(theme.line2))
            axis.setTextPen(pg.mkPen(theme.t3))
            axis.setStyle(tickFont=font("tick"))


class Plot(Axes):
    """Axes that neither zoom nor take keys.

    Signals
    -------
    moved : the pointer is at a QPointF of the scene
    pressed : a click there
    """

    moved = Signal(object)
    pressed = Signal(object)

    def __init__(self, name: str, *, square: bool = False) -> None:
        left = (SignedAxis if square else PlainAxis)("left")
        super().__init__(name, left, SignedAxis("bottom"), square=square)
        # Arrow keys move the pattern, wherever the pointer is.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.box.setMouseEnabled(False, False)
        self.box.disableAutoRange()
        self.left.setWidth(34)
        self.bottom.setHeight(20)
        scene: Any = self.scene()
        scene.sigMouseMoved.connect(self.moved)
        scene.sigMouseClicked.connect(self._clicked)

    def pen(self, token: str, width: float = 1.0, **given: Any) -> QPen:
        """A pen so many logical pixels wide: pyqtgraph's count device pixels."""
        return pg.mkPen(token, width=width * self.devicePixelRatioF(), **given)

    def set_look(self, theme: Theme, *, grid: bool = True) -> None:
        """Colours of ground and axes, ticks inside, and lines across."""
        super().set_look(theme)
        for axis in (self.left, self.bottom):
            axis.setPen(self.pen(theme.line2))
            axis.setTickPen(self.pen(theme.line2))
            axis.setStyle(tickLength=-3, tickTextOffset=4, hideOverlappingLabels=False)
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
