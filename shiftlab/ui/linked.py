"""Hovering and pinning: keeps what is lit in step with the pointer, the pin and the document."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from shiftlab.document import Pin
from shiftlab.ui.lab import Lab
from shiftlab.ui.linking import NOTHING, Lit, lit_by_cell, lit_by_pixel, spot_of
from shiftlab.ui.panel import Spot


class Linked(QObject):
    """What is lit: a hovered place, else the pinned one.

    Signals
    -------
    changed : the Lit to be shown
    """

    changed = Signal(object)

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab)
        self._lab = lab
        self._spot: Spot | None = None
        self._pixel: tuple[int, int] | None = None
        self._pixel_pin: tuple[int, int] | None = None
        self.lit: Lit = NOTHING
        lab.changed.connect(lambda _document, _before: self._show())
        lab.gesture_changed.connect(lambda _active: self._show())

    def hover_cell(self, spot: Spot | None) -> None:
        """The pointer is over a cell of a map, or has left the maps."""
        self._spot = spot
        self._show()

    def hover_pixel(self, pixel: tuple[int, int] | None) -> None:
        """The pointer is over a pixel of the canvas, or has left it."""
        self._pixel = pixel
        self._show()

    def pin_pixel(self, pixel: tuple[int, int]) -> None:
        """Hold a canvas pixel; the same once more lets it go."""
        self._pixel_pin = None if pixel == self._pixel_pin else pixel
        self._show()

    def pin_cell(self, spot: Spot) -> None:
        """Hold a cell; the same once more lets it go."""
        if spot.cell is None:
            return
        pin = Pin(spot.key[0], spot.key[1], spot.channel, spot.cell)
        self._pixel_pin = None
        self._lab.look(pin=None if self._lab.document.lenses.pin == pin else pin)

    def let_go(self) -> bool:
        """Let go of what is pinned; whether anything was."""
        held = self._pixel_pin is not None or self._lab.document.lenses.pin is not None
        self._pixel_pin = None
        self._lab.look(pin=None)
        self._show()
        return held

    def _show(self) -> None:
        lit = NOTHING if self._lab.gesture and self._lab.document.lenses.pin is None else self._found()
        if lit != self.lit:
            self.lit = lit
            self.changed.emit(lit)

    def _found(self) -> Lit:
        document = self._lab.document
        if self._spot is not None and self._spot.cell is not None:
            return lit_by_cell(document, self._spot)
        if document.lenses.pin is not None:
            return lit_by_cell(document, spot_of(document.lenses.pin))
        if self._pixel is not None:
            return lit_by_pixel(document, self._pixel)
        if self._pixel_pin is not None and all(
            at < side for at, side in zip(self._pixel_pin, document.scene.size, strict=True)
        ):
            return lit_by_pixel(document, self._pixel_pin)
        return NOTHING
