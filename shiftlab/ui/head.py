"""The head of the strip: which view of the stages, what shares a colour range, how large a tile is."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from shiftlab.document import Document, View
from shiftlab.ui.actions import Actions
from shiftlab.ui.controls import Choice, PickButton, Segments
from shiftlab.ui.themed import Themed

HEIGHT = 40
ROOMY, NAMED = 700, 540
VIEWS: dict[View, str] = {
    "now": "Now",
    "reference": "At the reference",
    "changed": "What changed",
    "left": "What is left",
}
SHORT: dict[View, str] = {"now": "Now", "reference": "Reference", "changed": "Changed", "left": "Left"}
SCOPES = (
    Choice("channel", "channel", "Every channel has a colour range of its own"),
    Choice("stage", "stage", "The channels of a stage share one colour range"),
    Choice("network", "network", "All stages share one colour range"),
)
TILES = (
    Choice("auto", "auto", "The largest tile with which all channels fit"),
    *(Choice(str(side), f"{side} px") for side in (128, 64, 32, 16)),
)


class StripHead(Themed, QWidget):
    """Segments for the four views, and two choices.

    Signals
    -------
    scope_chosen : 'channel', 'stage' or 'network'
    tile_chosen : the side of a tile, None for automatic
    """

    scope_chosen = Signal(str)
    tile_chosen = Signal(object)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.views = Segments(
            "View",
            tuple(
                (view, words, "", str(number), actions.record(f"view.{view}").hint)
                for number, (view, words) in enumerate(VIEWS.items(), start=1)
            ),
        )
        self.views.chosen.connect(lambda view: actions.run(f"view.{view}"))
        self.scope = PickButton(
            "Colour scope", lambda: SCOPES, label="colour scope", tooltip="What shares one colour range"
        )
        self.scope.chosen.connect(self.scope_chosen)
        self.tile = PickButton(
            "Tile", lambda: TILES, label="tile", tooltip="Side of a channel's tile (Ctrl+wheel on the maps)"
        )
        self.tile.chosen.connect(lambda side: self.tile_chosen.emit(None if side == "auto" else int(side)))
        self._line = layout = QHBoxLayout(self)
        self.set_margin(20)
        layout.setSpacing(4)
        layout.addWidget(self.views)
        layout.addStretch(1)
        layout.addWidget(self.scope)
        layout.addWidget(self.tile)

    def show_document(self, document: Document, tile: int | None) -> None:
        """Show the choices; `tile` is the side that automatic tiles have at present."""
        lenses = document.lenses
        self.views.set_value(lenses.view)
        self.scope.set_value(lenses.scope)
        chosen = "auto" if lenses.tile is None else str(lenses.tile)
        self.tile.set_value(chosen, f"{tile} px" if lenses.tile is None and tile is not None else None)

    def set_margin(self, margin: int) -> None:
        """Begin where the panels do."""
        self._line.setContentsMargins(margin, 6, 12, 6)

    # Qt's own

    def minimumSizeHint(self) -> QSize:
        return QSize(0, HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        roomy = event.size().width() >= ROOMY
        named = event.size().width() >= NAMED
        self.views.set_words(VIEWS if roomy else SHORT, hints=named)
        self.scope.set_label("colour scope" if roomy else "scope" if named else "")
        self.tile.set_label("tile" if named else "")
        super().resizeEvent(event)
