"""Where a decision comes from: a head's bars, its weights by place, and what each place contributes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QVBoxLayout, QWidget

from shiftlab.document import Document
from shiftlab.engine.messages import HeadValues, Inspect, Snapshot
from shiftlab.network import heads
from shiftlab.network.geometry import CANVAS
from shiftlab.network.head_swaps import HEADS
from shiftlab.network.initial import materialise
from shiftlab.network.spec import NetworkError
from shiftlab.network.weights import Network, Weights
from shiftlab.scene.translation import Displacement
from shiftlab.ui.bench.head_bars import HeadBars
from shiftlab.ui.bench.tiles import Tiles
from shiftlab.ui.fields import label
from shiftlab.ui.figure.words import number

MOST_CHANNELS = 1024
NONE = "This network ends in maps. Give it a head: Layers, Head."


class HeadView(QWidget):
    """The head of one network.

    Attributes
    ----------
    bars, other_bars : HeadBars
        Of this network, and of the one beside it where there is one.
    contributions, weights : Tiles
    decision, shift, sum : QLabel
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Head")
        self._network: Network | None = None
        self._reading: heads.Reading | None = None
        self._weights: Weights | None = None
        self._values: HeadValues | None = None
        self._activation: NDArray[np.float32] | None = None
        self.title = label("", "heading")
        self.cost = label("", "meta")
        self.decision = label("", "label")
        self.shift = label("", "meta")
        self.bars = HeadBars()
        self.bars.class_chosen.connect(lambda _index: self._show_maps())
        self.other_title = label("", "label")
        self.other_bars = HeadBars(choosable=False)
        self.contributions_title = label("", "label")
        self.contributions = Tiles("Contribution of each place", 1)
        self.sum = label("", "meta")
        self.weights_title = label("", "label")
        self.weights = Tiles("Weights by place", 64)
        for words in (
            self.cost,
            self.decision,
            self.shift,
            self.sum,
            self.weights_title,
            self.other_title,
            self.contributions_title,
        ):
            words.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 16)
        layout.setSpacing(6)
        for widget in (
            self.title,
            self.cost,
            self.bars,
            self.decision,
            self.shift,
            self.other_title,
            self.other_bars,
            self.contributions_title,
            self.contributions,
            self.sum,
            self.weights_title,
            self.weights,
        ):
            layout.addWidget(widget)
        layout.addStretch(1)

    def show_network(self, network: Network, canvas: tuple[int, int]) -> None:
        """Show a network's head, without values until a snapshot brings them."""
        if network is self._network and self._reading is not None and canvas == self._canvas:
            return
        self._network, self._canvas = network, canvas
        self._values = self._activation = None
        try:
            self._reading = heads.reading(network.spec, canvas)
            self._weights = materialise(network, canvas) if self._reading is not None else None
        except NetworkError:
            self._reading = self._weights = None
        read = self._reading
        if read is None:
            self.title.setText(NONE)
        else:
            channels, rows, cols = read.shape
            self.title.setText(f"{HEADS[read.kind][0]} reads {read.source}, {channels}×{rows}×{cols}")
            self.cost.setText(HEADS[read.kind][1])
        self.cost.setVisible(read is not None)
        self.bars.setVisible(read is not None)
        self.bars.show_values(None)
        self._show_other(None, "")
        self._show_words("", "")
        self._show_maps()

    def wanted(self, side: int) -> tuple[Inspect, ...]:
        """The channels whose values are needed to say what each place contributes."""
        read = self._reading
        if read is None or read.source == CANVAS or read.shape[0] > MOST_CHANNELS:
            return ()
        return tuple(Inspect((side, read.source), channel) for channel in range(read.shape[0]))

    def show_snapshot(self, snapshot: Snapshot, side: int) -> None:
        """Show the values of a snapshot that speaks of the same network."""
        document = snapshot.request.document
        if side >= len(snapshot.sides) or document.networks[side] != self._network:
            return
        if len(snapshot.sides) == 2:
            other = 1 - side
            self._show_other(
                snapshot.sides[other].head, f"Beside it {'AB'[other]}, {document.networks[other].spec.name}"
            )
        else:
            self._show_other(None, "")
        if self._reading is None:
            return
        self._values = snapshot.sides[side].head
        self.bars.show_values(self._values)
        found = {one.request: one.now for one in snapshot.inspected}
        wanted = self.wanted(side)
        if wanted and all(one in found for one in wanted):
            self._activation = np.stack([found[one] for one in wanted])
        words = ""
        if self._values is not None:
            words = f"Decision: {heads.decision(np.array(self._values.logits), self._values.classes)}."
        self._show_words(words, self._said_of_shift(snapshot, document, side))
        self._show_maps()

    def _said_of_shift(self, snapshot: Snapshot, document: Document, side: int) -> str:
        moved, measures = document.displacement, snapshot.sides[side].measures
        if not isinstance(moved, Displacement) or not measures or self._network is None:
            return ""
        invariance = measures[-1].invariance
        if invariance.value is None:
            return ""
        return heads.shift_words(self._network.spec, document.scene.size, (moved.rows, moved.cols), invariance.exact)

    def _show_other(self, values: HeadValues | None, title: str) -> None:
        """The head of the network beside this one."""
        self.other_bars.show_values(values)
        for widget in (self.other_title, self.other_bars):
            widget.setVisible(values is not None)
        if values is not None:
            self.other_title.setText(f"{title}: {heads.decision(np.array(values.logits), values.classes)}")

    def _show_words(self, decision: str, shift: str) -> None:
        for widget, text in ((self.decision, decision), (self.shift, shift)):
            widget.setText(text)
            widget.setVisible(bool(text))

    def _show_maps(self) -> None:
        read, weights = self._reading, self._weights
        shown = read is not None and weights is not None
        for widget in (self.weights_title, self.weights):
            widget.setVisible(shown)
        contributed = shown and self._activation is not None
        for widget in (self.contributions_title, self.contributions, self.sum):
            widget.setVisible(contributed)
        if read is None or weights is None:
            return
        unit = min(self.bars.chosen, read.units - 1)
        name = self._class(unit)
        maps = heads.weight_maps(read, weights)[unit]
        tied = " (the same at every place)" if heads.is_tied(read, weights) else ""
        more = f", channels 1–{self.weights.most} of {len(maps)}" if len(maps) > self.weights.most else ""
        self.weights_title.setText(f"Weights of {name} by place{tied}{more}")
        self.weights.show_maps(maps, tuple(f"channel {number + 1}" for number in range(len(maps))))
        if self._activation is None:
            return
        parts = heads.contributions(read, weights, self._activation)[unit]
        self.contributions_title.setText(f"What each place contributes to {name}: weight × activation")
        self.contributions.show_maps(parts.sum(axis=0, keepdims=True))
        bias = float(heads.biases(read, weights)[unit])
        total = float(parts.sum())
        self.sum.setText(
            f"sum {number(total)}, bias {number(bias)}: {'logit' if read.last else 'value'} {number(total + bias)}"
        )

    def _class(self, unit: int) -> str:
        read, spec = self._reading, self._network.spec if self._network is not None else None
        if read is not None and not read.last:
            return f"unit {unit + 1} of {read.linear}"
        if self._values is not None and unit < len(self._values.classes):
            return self._values.classes[unit]
        return spec.classes[unit] if spec is not None and unit < len(spec.classes) else f"class {unit + 1}"
