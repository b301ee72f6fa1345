"""All actions of the window, in the order of its menus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shiftlab.ui.actions import Action
from shiftlab.ui.bench.commands import BenchCommands
from shiftlab.ui.commands.edit import EditCommands
from shiftlab.ui.commands.file import FileCommands
from shiftlab.ui.commands.motion import MotionCommands
from shiftlab.ui.commands.network import NetworkCommands
from shiftlab.ui.commands.scene import SceneCommands
from shiftlab.ui.commands.view import ViewCommands
from shiftlab.ui.commands.window import window_actions
from shiftlab.ui.lab import Lab
from shiftlab.ui.lessons.commands import lesson_actions
from shiftlab.ui.measuring.commands import measuring_actions
from shiftlab.ui.player import Player
from shiftlab.ui.training.commands import training_actions

if TYPE_CHECKING:
    from shiftlab.ui.commands.hosts import Files, Hosts


class Commands:
    """Makes the records; what they do is done to the lab, the player, the files and the window.

    Attributes
    ----------
    scene : SceneCommands
    network : NetworkCommands
    view : ViewCommands
    """

    def __init__(self, lab: Lab, player: Player, files: Files, host: Hosts) -> None:
        self._host = host
        self._file, self._edit = FileCommands(lab, player, files, host), EditCommands(lab, files)
        self.scene, self.network, self.view = SceneCommands(lab, host), NetworkCommands(lab), ViewCommands(lab, host)
        self._motion = MotionCommands(lab, player)
        self._bench = BenchCommands(lab, host.toggle_dock, host.open_dock_id)

    def first_records(self) -> tuple[Action, ...]:
        """Those that the window's own buttons need: all but what operates on networks."""
        return self._ordered(self._bench.first_records())

    def records(self) -> tuple[Action, ...]:
        """All of them, in the order of the menus."""
        return self._ordered(self._bench.records())

    def _ordered(self, bench: tuple[Action, ...]) -> tuple[Action, ...]:
        return (
            *self._file.records(),
            *self._edit.records(),
            *self.scene.records(),
            *self._motion.reference_records(),
            *self.network.records(),
            *bench,
            *lesson_actions(self._host),
            *self.view.records(),
            *measuring_actions(self._host.show_measures),
            *training_actions(self._host.show_training),
            *self._motion.path_records(),
            *window_actions(self._host),
        )
