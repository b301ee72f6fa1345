"""The actions of the menu Window: docks, theme, layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shiftlab.ui.actions import Action

if TYPE_CHECKING:
    from shiftlab.ui.commands.hosts import Hosts
    from shiftlab.ui.settings import ThemeChoice


def window_actions(host: Hosts) -> tuple[Action, ...]:
    """The records."""
    themes: tuple[tuple[ThemeChoice, str], ...] = (("system", "System"), ("light", "Light"), ("dark", "Dark"))
    return (
        Action("view.find", "Find an action", host.find_action, "Window", "search", ("Ctrl+K", "F1"),
               "Type what you want to do"),
        Action("window.inspector", "Inspector", lambda: host.toggle_dock("inspector"), "Window", "inspector",
               ("I",), "One channel large, its histogram and kernel",
               checked=lambda: host.open_dock_id() == "inspector"),
        Action("window.measures", "Measures", lambda: host.toggle_dock("measures"), "Window", "measures",
               ("M",), "Table, curves, map of shifts, receptive fields",
               checked=lambda: host.open_dock_id() == "measures"),
        Action("window.positions", "Position map", lambda: host.toggle_dock("positions"), "Window",
               "position-map", ("O",), "What the network answers with the pattern at every place",
               checked=lambda: host.open_dock_id() == "positions"),
        Action("window.training", "Training", lambda: host.toggle_dock("training"), "Window", "training",
               ("U",), "Experiments that learn as you watch",
               checked=lambda: host.open_dock_id() == "training"),
        *(
            Action(f"window.theme-{choice}", f"{words} theme", lambda one=choice: host.choose_theme(one),
                   "Window/Theme", tooltip=f"{words} theme",
                   checked=lambda one=choice: host.theme_choice() == one)
            for choice, words in themes
        ),
        Action("window.motion", "Reduced motion", host.toggle_motion, "Window",
               tooltip="Docks and enlarged panels are there at once: nothing slides or grows",
               checked=host.reduced_motion),
        Action("window.layout", "Restore the layout", host.restore_layout, "Window",
               tooltip="Size, docks, tiles and stages as at the first start"),
        Action("window.keys", "Keys", host.show_shortcuts, "Window", keys=("Ctrl+/",),
               tooltip="All keys in a list"),
    )  # fmt: skip
