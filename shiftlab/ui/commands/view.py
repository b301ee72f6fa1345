"""The actions of the menu View."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shiftlab.document import Lenses
from shiftlab.ui.actions import Action
from shiftlab.ui.commands.group import Group
from shiftlab.ui.lab import Lab

if TYPE_CHECKING:
    from shiftlab.ui.commands.hosts import Hosts

TILES = (16, 32, 64, 128)


class ViewCommands(Group):
    """Which map is seen, in which colours, how large."""

    def __init__(self, lab: Lab, host: Hosts) -> None:
        super().__init__(lab)
        self._host = host
        self._present_tile: int | None = None

    def records(self) -> tuple[Action, ...]:
        views = (
            ("now", "Now", "The maps as they are"),
            ("reference", "At the reference", "The maps with the pattern at its reference"),
            ("changed", "What changed", "Now less at the reference: what did not stay put"),
            ("left", "What is left", "Now less the reference map moved along: what did not move with the pattern"),
        )
        return (
            *(
                Action(f"view.{view}", words, lambda one=view: self._lab.look(view=one, views={}), "View",
                       keys=(str(number),), tooltip=tooltip, checked=lambda one=view: self._lenses.view == one)
                for number, (view, words, tooltip) in enumerate(views, start=1)
            ),
            *(
                Action(f"view.scope-{scope}", f"Colour scope: {scope}",
                       lambda one=scope: self._lab.look(scope=one), "View/Colour scope",
                       tooltip=f"One colour range for each {scope}",
                       checked=lambda one=scope: self._lenses.scope == one)
                for scope in ("channel", "stage", "network")
            ),
            Action("view.larger-tiles", "Larger tiles", lambda: self.step_tile(1), "View", keys=("Ctrl++", "Ctrl+="),
                   tooltip="Larger tiles"),
            Action("view.smaller-tiles", "Smaller tiles", lambda: self.step_tile(-1), "View", keys=("Ctrl+-",),
                   tooltip="Smaller tiles"),
            Action("view.auto-tiles", "Automatic tiles", lambda: self._lab.look(tile=None), "View",
                   keys=("Ctrl+0",), tooltip="The largest tiles with which all channels fit",
                   checked=lambda: self._lenses.tile is None),
            Action("view.show-all", "Show all stages", lambda: self._lab.look(
                hidden=frozenset(), collapsed=frozenset(), enlarged=None), "View", keys=("A",),
                tooltip="Bring hidden and collapsed stages back",
                enabled=lambda: bool(self._lenses.hidden or self._lenses.collapsed or self._lenses.enlarged)),
            Action("view.zoom-in", "Zoom the canvas in", lambda: self._host.zoom_canvas(1), "View", keys=("+", "="),
                   tooltip="Zoom the canvas in (Ctrl+wheel)"),
            Action("view.zoom-out", "Zoom the canvas out", lambda: self._host.zoom_canvas(-1), "View", keys=("-",),
                   tooltip="Zoom the canvas out"),
            Action("view.zoom-fit", "Whole canvas", lambda: self._host.zoom_canvas(0), "View", keys=("0",),
                   tooltip="Show the whole canvas"),
            Action("view.let-go", "Let go", self._host.let_go, "View", keys=("Esc",),
                   tooltip="Let go of the pinned cell, of an enlarged stage, of a replay"),
        )  # fmt: skip

    @property
    def _lenses(self) -> Lenses:
        return self._document.lenses

    def step_tile(self, by: int) -> None:
        """Larger or smaller tiles, from the present ones."""
        now = self._lenses.tile or self._present_tile or 64
        nearest = min(range(len(TILES)), key=lambda index: abs(TILES[index] - now))
        self._lab.look(tile=TILES[min(max(nearest + by, 0), len(TILES) - 1)])

    def note_tile(self, tile: int | None) -> None:
        """The side that automatic tiles have at present."""
        self._present_tile = tile
