"""What curves and the map share: one error over shifts in a plot, as far as is chosen, read with the pointer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF
from PySide6.QtWidgets import QWidget

from shiftlab.document import StageKey
from shiftlab.ui.controls import Choice, PickButton
from shiftlab.ui.fields import label
from shiftlab.ui.lab import Lab
from shiftlab.ui.measuring import choosing
from shiftlab.ui.measuring.measure_view import Asked, MeasureView
from shiftlab.ui.measuring.plot import Plot
from shiftlab.ui.measuring.questions import QUANTITIES, Compute

if TYPE_CHECKING:
    from shiftlab.measure.curves import Quantity


class ShiftsView(MeasureView[Asked]):
    """Base of both.

    Attributes
    ----------
    plot : Plot
    quantity : which error is drawn
    caption, readout : QLabel
        Above the plot and below it.
    """

    def __init__(self, name: str, lab: Lab, compute: Compute, plot: Plot, parent: QWidget | None) -> None:
        super().__init__(name, lab, compute, f"the {name}", f"{name}.csv", parent)
        self.plot = plot
        self.quantity: Quantity = "equivariance"
        self._reach: int | None = None
        self._stale = self._whole = False
        self.pick_quantity = PickButton("Error", choosing.quantity_choices, tooltip="Which error is drawn")
        self.pick_quantity.chosen.connect(self._choose_quantity)
        self.pick_reach = PickButton("Reach", self._reaches, tooltip="How far the shifts go to every side")
        self.pick_reach.chosen.connect(self._choose_reach)
        self.caption = label("", "meta")
        self.readout = label(" ", "value")
        plot.moved.connect(self._point)
        plot.pressed.connect(self._click)
        plot.installEventFilter(self)

    @property
    def reach(self) -> int:
        """Pixels to every side."""
        if self._reach is None:
            return self.natural_reach()
        return min(self._reach, choosing.reach_choices(self._lab.document)[-1])

    def natural_reach(self) -> int:
        """The reach where none was chosen."""
        raise NotImplementedError

    def set_stage(self, key: StageKey | None) -> None:
        if key != self.stage:
            super().set_stage(key)
            self._draw()

    def show_document(self) -> None:
        self._show_choices()
        self._show_place()
        super().show_document()

    def _reaches(self) -> Sequence[Choice]:
        return [Choice(str(reach), f"±{reach} px") for reach in choosing.reach_choices(self._lab.document)]

    def _choose_quantity(self, identity: str) -> None:
        self.quantity = next(name for name in QUANTITIES if name == identity)
        self._show_choices()
        self._draw()

    def _choose_reach(self, identity: str) -> None:
        self._reach = int(identity)
        self.show_document()

    def _show_choices(self) -> None:
        self.pick_quantity.set_value(self.quantity, QUANTITIES[self.quantity][0])
        self.pick_reach.set_value(str(self.reach), f"±{self.reach} px")

    def _draw(self) -> None:
        """Draw what is known."""
        raise NotImplementedError

    def _show_place(self) -> None:
        """Mark the present place, and read it."""
        raise NotImplementedError

    def _point(self, point: QPointF) -> None:
        """The pointer is at a point of the plot's scene."""
        raise NotImplementedError

    def _click(self, point: QPointF) -> None:
        """A click there."""
        raise NotImplementedError

    # Qt's own

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._show_place()
        return super().eventFilter(watched, event)
