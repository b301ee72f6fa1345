"""The actions of the menu Scene: tools, patterns, the canvas and its ground."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from shiftlab.opening import natural_size
from shiftlab.scene import patterns
from shiftlab.scene.values import Background, Border, Pattern
from shiftlab.ui import edits
from shiftlab.ui.actions import Action
from shiftlab.ui.commands.group import Group
from shiftlab.ui.lab import Lab
from shiftlab.ui.scenefields import GROUNDS

if TYPE_CHECKING:
    from shiftlab.ui.commands.hosts import Hosts

CANVASES = (32, 64, 128, 224, 256, 512)


class SceneCommands(Group):
    """What is looked at."""

    def __init__(self, lab: Lab, host: Hosts) -> None:
        super().__init__(lab)
        self._host = host

    def records(self) -> tuple[Action, ...]:
        host = self._host
        return (
            Action("tool.move", "Move", lambda: host.set_tool("move"), "Scene", "move", ("V",),
                   "Select and drag patterns", checked=lambda: host.tool() == "move"),
            Action("tool.draw", "Draw", lambda: host.set_tool("draw"), "Scene", "draw", ("D",),
                   "Draw a pattern", checked=lambda: host.tool() == "draw"),
            Action("tool.erase", "Erase", lambda: host.set_tool("erase"), "Scene", "erase", ("E",),
                   "Erase in a fresh drawing", checked=lambda: host.tool() == "erase"),
            *(
                Action(f"scene.add-{name}", name, lambda one=name: self._add(one), "Scene/Add pattern",
                       tooltip=f"Put a {name} on the canvas")
                for name in patterns.names()
            ),
            Action("scene.flip", "Flip", self._edits(lambda document: edits.looking(
                document, lambda one: dataclasses.replace(one, flipped=not one.flipped)), "Flip"),
                "Scene", keys=("F",), tooltip="Mirror what is selected", enabled=self._some),
            Action("scene.turn", "Turn by 15°", self._edits(lambda document: edits.looking(
                document, lambda one: dataclasses.replace(one, turn=one.turn + 15)), "Turn"),
                "Scene", keys=("T",), tooltip="Turn what is selected, counter-clockwise", enabled=self._some),
            Action("scene.larger", "Larger pattern", lambda: self._resize(1), "Scene", keys=("]",),
                   tooltip="Two pixels larger", enabled=self._some),
            Action("scene.smaller", "Smaller pattern", lambda: self._resize(-1), "Scene", keys=("[",),
                   tooltip="Two pixels smaller", enabled=self._some),
            Action("scene.wrap", "Wrap border", lambda: self._set_border("wrap"), "Scene/Border", keys=("W",),
                   tooltip="What leaves the canvas comes in on the other side",
                   checked=lambda: self._document.scene.border == "wrap"),
            Action("scene.zero", "Zero border", lambda: self._set_border("zero"), "Scene/Border", keys=("Z",),
                   tooltip="What leaves the canvas is gone", checked=lambda: self._document.scene.border == "zero"),
            *(
                Action(f"scene.canvas-{side}", f"{side} × {side} px", lambda one=side: self._set_canvas(one),
                       "Scene/Canvas", tooltip=f"A canvas of {side} × {side} px",
                       checked=lambda one=side: self._document.scene.size == (one, one))
                for side in CANVASES
            ),
            Action("scene.canvas-other", "Other size…", host.ask_canvas, "Scene/Canvas",
                   tooltip="A canvas of 16 to 512 px a side, not only square"),
            *(
                Action(f"scene.ground-{name}", f"Ground: {name}", lambda to=ground: self._set_ground(to),
                       "Scene/Ground", tooltip=words,
                       checked=lambda to=ground: self._document.scene.background == to)
                for name, ground, words in GROUNDS
            ),
            Action("scene.grey", "Ground: another grey…", host.ask_grey, "Scene/Ground",
                   tooltip="A uniform ground of any grey"),
            Action("scene.ground-seed", "Ground: another seed", self._reseed_ground, "Scene/Ground",
                   tooltip="Draw the noise or the texture anew",
                   enabled=lambda: self._document.scene.background.kind in ("noise", "texture")),
            Action("scene.subpixel", "Sub-pixel positions", lambda: host.set_subpixel(not host.subpixel()), "Scene",
                   keys=("X",), tooltip="Let patterns stand between pixels", checked=host.subpixel),
            Action("scene.snap", "Snap to the stride", lambda: host.set_snapping(not host.snapping()), "Scene",
                   keys=("N",), tooltip="A drag goes in steps of the deepest stage's stride (or hold Shift)",
                   checked=host.snapping),
        )  # fmt: skip

    def choose_pattern(self, name: str) -> None:
        """Another pattern in the place of the selected one."""
        pattern, size = self._sized(name)
        self._lab.edit(lambda document: edits.swapped(document, pattern, size), f"Pattern {name}")

    def _add(self, name: str) -> None:
        pattern, size = self._sized(name)
        self._lab.edit(lambda document: edits.added(document, pattern, size), f"Add {name}")

    def _sized(self, name: str) -> tuple[Pattern, int]:
        """A pattern, and the size at which it suits the canvas."""
        side = min(self._document.scene.size)
        return patterns.builtin(name), max(1, round(natural_size(name) * min(side / 64, 4)))

    def _resize(self, by: int) -> None:
        most = max(self._document.scene.size)
        self._lab.edit(
            lambda document: edits.looking(
                document, lambda one: dataclasses.replace(one, size=min(max(one.size + 2 * by, 1), most))
            ),
            "Resize",
        )

    def _set_border(self, border: Border) -> None:
        self._lab.edit(lambda document: document.with_border(border), "Border")

    def _set_canvas(self, side: int) -> None:
        self._lab.edit(lambda document: document.with_canvas((side, side)), "Canvas size")

    def _set_ground(self, ground: Background) -> None:
        self._lab.edit(lambda document: document.with_background(ground), "Ground")

    def _reseed_ground(self) -> None:
        ground = self._document.scene.background
        self._set_ground(dataclasses.replace(ground, seed=ground.seed + 1))
