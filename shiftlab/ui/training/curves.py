"""Loss and accuracy as they come. Imports pyqtgraph: import this module late."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from shiftlab.ui.figure.text import metrics, width
from shiftlab.ui.measuring.plot import Plot
from shiftlab.ui.theme import Theme, colour, font
from shiftlab.ui.training.labels import Box, is_free, label_box

HEIGHT = 132
USUAL = (320.0, 110.0)
"""Size of the plot before it has been laid out."""
BESIDE = 4.0
"""Pixels between a curve's end and its name."""


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
        self.words = {name: pg.TextItem("", anchor=(0.5, 0.5)) for name in ("chance", "loss", "accuracy")}
        for words in self.words.values():
            words.textItem.document().setDocumentMargin(0)
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
        # The line of chance is always within, with its name.
        top = max(1.05, 1.12 * chance, min(max(losses, default=1.0) * 1.05, 3.0))
        self.box.setRange(xRange=(0, max(steps, 1) * 1.04), yRange=(0, top), padding=0.0, disableAutoRange=True)
        self.chance.setValue(chance)
        self._place_names(losses, accuracies, (0.0, float(max(steps, 1)) * 1.04, 0.0, top), chance)

    def _place_names(self, losses: Sequence[float], accuracies: Sequence[float], within: Box, chance: float) -> None:
        """Each name where it covers neither a curve nor another name; not at all where there is no such place."""
        wide, high = self.box.width() or USUAL[0], self.box.height() or USUAL[1]
        across, up = (within[1] - within[0]) / wide, (within[3] - within[2]) / high
        curves = (losses, accuracies)
        told = f"chance, ln {self._classes}"
        size = (width(told, "tick") * across, metrics("tick").height() * up)
        left, right = within[1] / 1.04 - size[0], within[1] / 1.04
        under: Box = (left, right, chance - size[1] - up, chance - up)
        over: Box = (left, right, chance + up, chance + size[1] + up)
        box = next((one for one in (under, over) if is_free(one, curves) and one[3] <= within[3]), under)
        self._stand("chance", told, box)
        taken = [box, (within[0], within[1], chance - up, chance + up)]
        for name, values in (("loss", losses), ("accuracy", accuracies)):
            size = (width(name, "tick") * across, metrics("tick").height() * up)
            found = (
                label_box(values, size, (BESIDE * across, 2 * up), within, curves, taken) if len(values) > 1 else None
            )
            self._stand(name, name if found is not None else "", found or under)
            if found is not None:
                taken.append(found)

    def _stand(self, name: str, text: str, box: Box) -> None:
        self.words[name].setText(text)
        self.words[name].setPos((box[0] + box[1]) / 2, (box[2] + box[3]) / 2)

    def set_look(self, theme: Theme, *, grid: bool = True) -> None:
        """Colours of axes and curves."""
        super().set_look(theme, grid=grid)
        self.loss.setPen(self.pen(theme.acc, 1.5))
        self.accuracy.setPen(self.pen(theme.t3))
        self.chance.setPen(self.pen(theme.t2, style=Qt.PenStyle.DashLine))
        # Lines of the grid run behind the names.
        ground = colour(theme.panel, 0.8)
        for name, token in (("chance", theme.t2), ("loss", theme.acc), ("accuracy", theme.t2)):
            self.words[name].setColor(colour(token))
            self.words[name].setFont(font("tick"))
            self.words[name].fill = pg.mkBrush(ground)
