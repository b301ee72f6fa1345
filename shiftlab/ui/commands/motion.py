"""The actions of the menus Reference and Path: where patterns go, and what from."""

from __future__ import annotations

import dataclasses

from shiftlab.scene import path as ways
from shiftlab.ui import edits
from shiftlab.ui.actions import Action
from shiftlab.ui.commands.group import Group
from shiftlab.ui.lab import Lab
from shiftlab.ui.pathbar import whole_path
from shiftlab.ui.player import SPEEDS, Player


class MotionCommands(Group):
    """The reference, the jump, the recorded path."""

    def __init__(self, lab: Lab, player: Player) -> None:
        super().__init__(lab)
        self._player = player

    def reference_records(self) -> tuple[Action, ...]:
        """Those of the menu Reference."""
        return (
            Action("reference.set", "Set reference here", self._edits(lambda one: one.with_reference_here(),
                   "Set reference"), "Reference", "set-reference", ("R",),
                   "The present place becomes the reference",
                   enabled=self._away),
            Action("reference.back", "Back to reference", self._back, "Reference", "back", ("B",),
                   "The patterns go back to the reference",
                   enabled=self._away),
            Action("reference.jump", "Jump to corner", self._jump, "Reference", "jump", ("J",),
                   "The pattern travels to the opposite corner; again to stop it", enabled=self._some),
        )  # fmt: skip

    def path_records(self) -> tuple[Action, ...]:
        """Those of the menu Path."""
        player = self._player
        return (
            Action("path.record", "Record a path", lambda: player.record(not player.recording), "Path", "record",
                   ("Ctrl+R",), "Record the way of the pattern while it is dragged",
                   checked=lambda: player.recording, enabled=self._some),
            Action("path.play", "Play the path", self._play, "Path", "play", ("P",),
                   "Play the path, or pause", enabled=self._some),
            Action("path.forget", "Forget the path", self._edits(
                lambda document: dataclasses.replace(document, path=()) if document.path else document,
                "Forget path"), "Path", tooltip="Forget the recorded path",
                enabled=lambda: bool(self._document.path)),
            *(
                Action(f"path.{speed}", f"Speed: {speed}", lambda one=speed: self._set_speed(one), "Path/Speed",
                       tooltip=f"{pixels:g} px a second on a canvas of 64 px",
                       checked=lambda one=speed: player.speed == one)
                for speed, pixels in SPEEDS.items()
            ),
        )  # fmt: skip

    def _away(self) -> bool:
        return self._document.scene != self._document.reference

    def _back(self) -> None:
        self._player.stop()
        self._lab.edit(lambda document: document.back_to_reference(), "Back to reference")

    def _jump(self) -> None:
        if self._player.playing:
            self._player.pause()
            return
        document = self._document
        index, target = edits.lead(document), edits.jump_target(document)
        if index is not None and target is not None:
            one = document.scene.placed[index]
            self._player.play(ways.Path((one.at, target)), whole=one.on_pixels)

    def _play(self) -> None:
        if self._player.playing:
            self._player.pause()
        elif self._player.paused:
            self._player.resume()
        elif (path := whole_path(self._document)) is not None:
            self._player.play(path, whole=all(float(v).is_integer() for point in path.points for v in point))

    def _set_speed(self, speed: str) -> None:
        self._player.speed = speed
