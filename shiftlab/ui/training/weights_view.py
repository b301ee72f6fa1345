"""The dense weights as maps over places: what they are, how far they went, and where nothing ever taught them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from shiftlab.learn.plans import Opened, why_untouched
from shiftlab.learn.touched import dense_over_places, weight_map
from shiftlab.network.spec import NetworkError
from shiftlab.network.weights import Network
from shiftlab.ui.fields import label
from shiftlab.ui.positions.heat import Heat, HeatMap, Outlined
from shiftlab.ui.theme import DARK

WIDE, HIGH = 176, 132
TOUCHED = "Dashed: cells whose field met a training pixel."


class WeightsView(QWidget):
    """Two maps, and the number that matters in words.

    Attributes
    ----------
    now, change : HeatMap
        The norm of the weights over classes and channels, and that of their change since the start.
    words : QLabel
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.now = HeatMap("Size of the dense weights by place", WIDE, HIGH)
        self.change = HeatMap("Change of the dense weights since the start, by place", WIDE, HIGH)
        self.words = label("", "meta")
        self.words.setWordWrap(True)
        self._maps = QWidget()
        across = QHBoxLayout(self._maps)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(8)
        for title, one in (("‖W‖ by place", self.now), ("‖ΔW‖ since the start", self.change)):
            column = QVBoxLayout()
            column.setSpacing(4)
            said = label(title, "meta")
            # Both maps are as wide, whatever is said of them.
            said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            column.addWidget(said)
            column.addWidget(one)
            across.addLayout(column, 1)
        down = QVBoxLayout(self)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(4)
        down.addWidget(label("Dense weights", "heading"))
        down.addWidget(self._maps)
        down.addWidget(self.words)
        self.untouched: float | None = None

    def show_networks(self, ready: Opened, now: Network) -> None:
        """Show what became of the weights since the start."""
        start = ready.networks[0]
        held = ready.touched is not None and dense_over_places(start.spec) is not None and start.spec == now.spec
        self._maps.setVisible(held)
        if not held:
            self.words.setText(why_untouched(ready.plan, None))
            self.setVisible(bool(self.words.text()))
            return
        self.setVisible(True)
        try:
            before, after = weight_map(start, ready.canvas), weight_map(now, ready.canvas)
        except NetworkError:
            self.setVisible(False)
            return
        touched = ready.touched
        assert touched is not None
        moved = after - before
        outlined = (Outlined(touched, DARK.ghost),)
        self.now.show_heat(_heat(after, outlined))
        self.change.show_heat(_heat(moved, outlined))
        untouched = np.abs(moved)[:, :, ~touched]
        self.untouched = float(untouched.max()) if untouched.size else None
        self.words.setText(f"{why_untouched(ready.plan, self.untouched)} {TOUCHED}")


def _heat(weights: NDArray[np.float32], outlines: tuple[Outlined, ...]) -> Heat:
    """The norm over classes and channels, on a scale from 0."""
    norms = np.sqrt((weights.astype(np.float64) ** 2).sum(axis=(0, 1)))
    return Heat(norms, 0.0, float(norms.max()) or 1.0, outlines=outlines)
