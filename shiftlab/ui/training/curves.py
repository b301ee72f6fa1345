"""Loss and accuracy as they come. Imports pyqtgraph: import this module late."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from shiftlab.ui.measuring.plot import Plot
from shiftlab.ui.theme import Theme, colour, font

HEIGHT = 132
EARLY = 0.25
"""Share of the steps up to which the curves' names stand at the right of their ends."""
APART = 0.16
"""How far from chance a curve must end for its name to find room."""
CLOSE = 0.35
"""Share of the height within which both curves' names would meet between them."""


class PlainSteps(pg.AxisItem):
    """Steps along the axis: no signs."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"{value:g}" for value in values]


class Curves(Plot):
    """The loss of every step's batch against chance, and how much of the batch was right.

    Attributes
    ----------
    loss, accuracy : pg.PlotCurveItem
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Loss and accuracy of every step")
        self.setFixedHeight(HEIGHT)
        layout = self.ci
        layout.removeItem(self.bottom)
        self.bottom = PlainSteps("bottom", linkView=self.box)
        self.bottom.setHeight(20)
        layout.addItem(self.bottom, 1, 1)
        self.chance = pg.InfiniteLine(0.0, angle=0)
        self.accuracy = pg.PlotCurveItem([0.0], [0.0])
        self.loss = pg.PlotCurveItem([0.0], [0.0])
        self.words = {name: pg.TextItem("", anchor=anchor) for name, anchor in
                      (("chance", (1, 0)), ("loss", (1, 1)), ("accuracy", (1, 0)))}  # fmt: skip
        for item in (self.chance, self.accuracy, self.loss, *self.words.values()):
            self.box.addItem(item, ignoreBounds=True)
        self._classes = 2
        self._shown: tuple[tuple[float, ...], tuple[float, ...], int] = ((), (), 1)

    def show_steps(self, losses: tuple[float, ...], accuracies: tuple[float, ...], steps: int, classes: int) -> None:
        """Show both curves; `steps` is how many there will be."""
        self._shown, self._classes = (losses, accuracies, steps), classes
        chance = math.log(classes)
        count = np.arange(1, len(losses) + 1, dtype=np.float64)
        self.loss.setData(count, np.array(losses))
        self.accuracy.setData(count, np.array(accuracies))
        top = max(1.05, min(max(losses, default=1.0) * 1.05, 3.0))
        self.box.setRange(xRange=(0, max(steps, 1) * 1.04), yRange=(0, top), padding=0.0, disableAutoRange=True)
        self.chance.setValue(chance)
        self.words["chance"].setText(f"chance, ln {classes}")
        self.words["chance"].setPos(steps, chance)
        early = len(losses) < EARLY * steps
        under = (False, True)
        if losses and abs(losses[-1] - accuracies[-1]) < CLOSE * top:
            # Side by side: the names stand outside of both.
            under = (losses[-1] < accuracies[-1], losses[-1] >= accuracies[-1])
        curves: list[tuple[str, Sequence[float], bool]] = [
            ("loss", losses, under[0]),
            ("accuracy", accuracies, under[1]),
        ]
        for name, values, below in curves:
            # Not on top of the words at the dashed line, which stand at the right.
            there = len(values) >= 4 and (early or abs(values[-1] - chance) > APART)
            self.words[name].setText(name if there else "")
            if there:
                self.words[name].setAnchor((0 if early else 1, 0 if below else 1))
                self.words[name].setPos(len(values), values[-1])

    def set_look(self, theme: Theme, *, grid: bool = True) -> None:
        """Colours of axes and curves."""
        super().set_look(theme, grid=grid)
        self.loss.setPen(pg.mkPen(theme.acc, width=1.5))
        self.accuracy.setPen(pg.mkPen(theme.t3, width=1.0))
        self.chance.setPen(pg.mkPen(theme.t2, width=1, style=Qt.PenStyle.DashLine))
        # A curve may run behind its name.
        ground = colour(theme.panel, 0.6)
        for name, token in (("chance", theme.t2), ("loss", theme.acc), ("accuracy", theme.t2)):
            self.words[name].setColor(colour(token))
            self.words[name].setFont(font("tick"))
            self.words[name].fill = pg.mkBrush(ground)
