"""The actions of the menu File."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shiftlab.opening import opening_document
from shiftlab.ui.actions import Action
from shiftlab.ui.commands.group import Group
from shiftlab.ui.lab import Lab
from shiftlab.ui.player import Player

if TYPE_CHECKING:
    from shiftlab.ui.commands.hosts import Files, Hosts


class FileCommands(Group):
    """Opening, saving, copying."""

    def __init__(self, lab: Lab, player: Player, files: Files, host: Hosts) -> None:
        super().__init__(lab)
        self._player, self._files, self._host = player, files, host

    def records(self) -> tuple[Action, ...]:
        files, host = self._files, self._host
        return (
            Action("file.new", "New", self._new, "File", keys=("Ctrl+N",), tooltip="The cat in the middle again"),
            Action("file.open", "Open…", files.open_dialog, "File", keys=("Ctrl+O",),
                   tooltip="A session, a screenshot, an image, or a network"),
            Action("file.recent", "Open recent…", host.open_recent, "File", keys=("Ctrl+Shift+O",),
                   tooltip="Files opened or saved lately"),
            Action("file.last", "Reopen the last session", files.reopen_last, "File", keys=("Ctrl+Shift+R",),
                   tooltip="The lab as it was when its window was closed", enabled=lambda: files.last.is_file()),
            Action("file.save", "Save", lambda: files.save(), "File", keys=("Ctrl+S",),
                   tooltip="Save the session"),
            Action("file.save-as", "Save as…", lambda: files.save_dialog(), "File", keys=("Ctrl+Shift+S",),
                   tooltip="Save the session under another name"),
            Action("file.image", "Image as pattern…", lambda: files.image_dialog("pattern"), "File",
                   tooltip="Put an image of your own on the canvas"),
            Action("file.background", "Image as background…", lambda: files.image_dialog("background"), "File",
                   tooltip="Lay an image of your own under the patterns"),
            Action("file.screenshot", "Screenshot", host.screenshot, "File", "camera", ("Ctrl+E",),
                   "Save the figure or the window as a PNG that can be opened again"),
            Action("file.copy", "Copy figure", host.copy_figure, "File", "copy", ("Ctrl+Shift+C",),
                   "Copy the figure to the clipboard"),
            Action("file.quit", "Quit", lambda: host.close(), "File", keys=("Ctrl+Q",)),
        )  # fmt: skip

    def _new(self) -> None:
        self._player.stop()
        self._lab.edit(lambda _document: opening_document(), "New")
