"""What the draw mode draws with: brush or eraser, its size, its intensity."""

from __future__ import annotations

import dataclasses

from PySide6.QtWidgets import QHBoxLayout, QWidget

from shiftlab.scene.strokes import LARGEST_BRUSH
from shiftlab.ui.actions import Actions
from shiftlab.ui.canvas import CanvasWidget
from shiftlab.ui.controls import Segments
from shiftlab.ui.fields import NumberField, label
from shiftlab.ui.scenefields import LABELS


class BrushBar(QWidget):
    """One row, shown in draw mode."""

    def __init__(self, canvas: CanvasWidget, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self.setFixedHeight(32)
        self.kind = Segments(
            "Drawing",
            (
                ("draw", "Brush", "", "", actions.record("tool.draw").hint),
                ("erase", "Eraser", "", "", actions.record("tool.erase").hint),
            ),
        )
        self.kind.chosen.connect(lambda tool: actions.run(f"tool.{tool}"))
        self.diameter = NumberField("Brush size", 1, LARGEST_BRUSH, whole=True, width=42, tooltip="Diameter in px")
        self.intensity = NumberField("Brush intensity", 0, 1, step=0.1, digits=1, width=42, tooltip="Grey, 0 to 1")
        self.diameter.show_value(canvas.brush.size)
        self.intensity.show_value(canvas.brush.intensity)
        self.diameter.entered.connect(lambda size: self._set(size=float(size)))
        self.intensity.entered.connect(lambda grey: self._set(intensity=float(grey)))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.setSpacing(5)
        layout.addWidget(label("Draw", width=LABELS - 5))
        layout.addWidget(self.kind)
        layout.addSpacing(4)
        for words, field in (("size", self.diameter), ("grey", self.intensity)):
            layout.addWidget(label(words, "meta"))
            layout.addWidget(field)
        layout.addStretch(1)

    def show_tool(self) -> None:
        self.kind.set_value(self._canvas.tool)

    def _set(self, **changes: float) -> None:
        self._canvas.brush = dataclasses.replace(self._canvas.brush, **changes)
