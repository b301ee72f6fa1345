"""The kernels of a convolution: one is chosen, painted, typed, filled, normalised, or put back as it started."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from shiftlab.network import fills
from shiftlab.network.initial import labels
from shiftlab.network.spec import Conv, NetworkError, Pair
from shiftlab.network.weights import Network
from shiftlab.ui.bench.kernel_grid import KernelGrid
from shiftlab.ui.bench.tiles import Tiles
from shiftlab.ui.controls import Choice, PickButton
from shiftlab.ui.fields import NumberField, label
from shiftlab.ui.layouts import side_by_side

NORMINGS: dict[fills.Norming, tuple[str, str]] = {
    "sum": ("to a sum of 1", "A flat picture keeps its level"),
    "absolute": ("to magnitudes of 1", "The magnitudes add up to 1"),
    "square": ("to length 1", "The squares add up to 1"),
}
START = "start"


class ChannelField(NumberField):
    """The number of a channel, from 1."""

    def __init__(self, name: str, tooltip: str) -> None:
        super().__init__(name, 1, 1, width=46, whole=True, tooltip=tooltip)

    @property
    def index(self) -> int:
        """The channel counted from 0."""
        return round(self.value) - 1

    def set_count(self, count: int) -> None:
        """How many there are, without telling anybody."""
        self._high = float(count)
        self.setEnabled(count > 1)
        self.show_value(min(self.value, self._high))


class KernelEditor(QWidget):
    """Edits one kernel of one convolution.

    Attributes
    ----------
    stage : PickButton
    out_channel, in_channel : ChannelField
    grid : KernelGrid
    value : NumberField
        The chosen cell's weight.
    brush : NumberField
        What the left button paints.

    Signals
    -------
    painted : stage, out channel, in channel, kernel; more of the same stroke may follow
    stroke_ended : the stroke is one undo entry
    replaced : stage, out channel, in channel, kernel: at once
    refused : one line
    """

    painted = Signal(str, int, int, object)
    stroke_ended = Signal()
    replaced = Signal(str, int, int, object)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Kernels")
        self._network: Network | None = None
        self._canvas: Pair = (64, 64)
        self._random = 0
        self.stage = PickButton("Convolution", self._stages, label="Layer", framed=True, tooltip="Whose kernels")
        self.stage.chosen.connect(self.show_stage)
        self.out_channel = self._channel("Output channel", "The map that this kernel makes")
        self.in_channel = self._channel("Input channel", "The map that this kernel reads")
        self.grid = KernelGrid()
        self.grid.painted.connect(lambda kernel: self.painted.emit(*self._place(), kernel))
        self.grid.stroke_ended.connect(self.stroke_ended)
        self.grid.cell_changed.connect(lambda _cell: self._show_value())
        self.value = NumberField("Weight", -1000, 1000, step=0.1, width=64, tooltip="Weight of the chosen cell")
        self.value.entered.connect(self._enter)
        self.brush = NumberField("Brush", -1000, 1000, step=0.25, width=64, tooltip="What the left button paints")
        self.brush.show_value(1.0)
        self.brush.entered.connect(self._take_brush)
        self.fill = PickButton("Fill with", self._fills, framed=True, tooltip="Fill the kernel from the bank")
        self.fill.set_value("", "Fill with …")
        self.fill.chosen.connect(self.fill_with)
        self.norming = PickButton("Normalise", _normings, framed=True, tooltip="Scale the kernel")
        self.norming.set_value("", "Normalise …")
        self.norming.chosen.connect(self.normalise)
        self.negate = QPushButton("Negate")
        self.negate.setToolTip("Change every sign")
        self.negate.clicked.connect(lambda: self._replace(-self.grid.kernel))
        self.overview_title = label("", "label")
        self.overview = Tiles("All kernels", 128, largest=64)
        self.overview.tile_chosen.connect(self._choose_tile)
        self.named = label("", "meta")
        self.sum = label("", "meta")
        self.empty = label("This network has no convolution.", "meta")
        self.body = QWidget()
        layout = QVBoxLayout(self.body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(side_by_side(self.stage, None))
        layout.addLayout(
            side_by_side(label("To channel"), self.out_channel, label("from"), self.in_channel, self.named, None)
        )
        layout.addWidget(self.grid)
        layout.addWidget(self.sum)
        layout.addLayout(side_by_side(label("Weight"), self.value, label("Brush"), self.brush, None))
        layout.addLayout(side_by_side(self.fill, self.norming, self.negate, None))
        layout.addSpacing(8)
        layout.addWidget(self.overview_title)
        layout.addWidget(self.overview)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 8, 16, 12)
        whole.addWidget(self.empty)
        whole.addWidget(self.body)
        whole.addStretch(1)

    def show_network(self, network: Network, canvas: Pair) -> None:
        """Show a network's kernels; the stage and the channels stay where they can."""
        self._network, self._canvas = network, canvas
        names = [choice.id for choice in self._stages()]
        self.empty.setVisible(not names)
        self.body.setVisible(bool(names))
        if names:
            self.show_stage(self.stage.value if self.stage.value in names else names[0])

    def show_stage(self, stage: str) -> None:
        """Show the kernels of a convolution."""
        network = self._network
        if network is None:
            return
        try:
            outputs, inputs = fills.kernels_of(network, self._canvas, stage).shape[:2]
        except NetworkError:
            self.body.setEnabled(False)
            return
        self.body.setEnabled(True)
        self.stage.set_value(stage)
        self.out_channel.set_count(outputs)
        self.in_channel.set_count(inputs)
        self._show()

    def show_channel(self, out_channel: int, in_channel: int) -> None:
        """Show the kernel between two channels, counted from 0."""
        self.out_channel.show_value(out_channel + 1)
        self.in_channel.show_value(in_channel + 1)
        self._show()

    def fill_with(self, title: str) -> None:
        """Fill the kernel from the bank, or put it back as it started."""
        network = self._network
        if network is None:
            return
        stage, out_channel, in_channel = self._place()
        try:
            if title == START:
                bare = dataclasses.replace(network, weights=None)
                self._replace(fills.kernel_of(bare, self._canvas, stage, out_channel, in_channel))
                return
            size = self._size()
            if title == "Random":
                self._random += 1
                self._replace(fills.random(size, self._random))
                return
            self._replace(next(fill for fill in fills.offered(size) if fill.title == title).make(size))
        except NetworkError as error:
            self.refused.emit(str(error))

    def normalise(self, norming: fills.Norming) -> None:
        """Scale the kernel."""
        try:
            self._replace(fills.normalised(self.grid.kernel, norming))
        except NetworkError as error:
            self.refused.emit(str(error))

    def _channel(self, name: str, tooltip: str) -> ChannelField:
        field = ChannelField(name, tooltip)
        field.entered.connect(lambda _value: self._show())
        return field

    def _place(self) -> tuple[str, int, int]:
        return self.stage.value, self.out_channel.index, self.in_channel.index

    def _size(self) -> Pair:
        rows, cols = self.grid.kernel.shape
        return rows, cols

    def _show(self) -> None:
        network = self._network
        if network is None:
            return
        stage, out_channel, in_channel = self._place()
        kernel = fills.kernel_of(network, self._canvas, stage, out_channel, in_channel)
        self.grid.show_kernel(kernel)
        self.sum.setText(
            f"sum {_plain(float(kernel.sum(dtype=np.float64)))} · length {_plain(float(np.linalg.norm(kernel)))}"
        )
        named = labels(network.spec, stage) if network.weights is None else ()
        self.named.setText(named[out_channel] if out_channel < len(named) else "")
        self._show_value()
        self._show_overview(network, stage, out_channel, in_channel)

    def _show_overview(self, network: Network, stage: str, out_channel: int, in_channel: int) -> None:
        """Every output channel's kernel from this input channel."""
        every = fills.kernels_of(network, self._canvas, stage)[:, in_channel].astype(np.float64)
        shown = min(len(every), self.overview.most)
        part = f", the first {shown} of {len(every)}" if shown < len(every) else ""
        source = f" that read channel {in_channel + 1}" if self.in_channel.isEnabled() else ""
        self.overview_title.setText(f"All kernels of {stage}{source}{part}; click one")
        self.overview.show_maps(every, tuple(f"channel {number + 1}" for number in range(shown)))
        self.overview.choose(out_channel if out_channel < shown else None)

    def _choose_tile(self, index: int) -> None:
        self.show_channel(index, self.in_channel.index)

    def _show_value(self) -> None:
        self.value.show_value(float(self.grid.kernel[self.grid.cell]))

    def _enter(self, value: float) -> None:
        self.grid.paint_cell(self.grid.cell, value)
        self.stroke_ended.emit()

    def _take_brush(self, value: float) -> None:
        self.grid.brush = value

    def _replace(self, kernel: NDArray[np.float32]) -> None:
        self.replaced.emit(*self._place(), kernel)

    def _stages(self) -> tuple[Choice, ...]:
        if self._network is None:
            return ()
        spec = self._network.spec
        return tuple(
            Choice(name, name)
            for name, layer in zip(spec.stage_names, spec.active, strict=True)
            if isinstance(layer, Conv)
        )

    def _fills(self) -> tuple[Choice, ...]:
        offered = (Choice(fill.title, fill.title) for fill in fills.offered(self._size()))
        return (*offered, Choice(START, "As it started", "The kernel of the seed or of the bank, before any change"))


def _normings() -> tuple[Choice, ...]:
    return tuple(Choice(key, words, tooltip) for key, (words, tooltip) in NORMINGS.items())


def _plain(value: float) -> str:
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")
