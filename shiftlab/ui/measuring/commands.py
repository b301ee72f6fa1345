"""What the measures dock can show, as records of actions."""

from __future__ import annotations

from collections.abc import Callable

from shiftlab.ui.actions import Action

MEANING = "meaning"
"""Asks for the table with the definitions below it."""


def measuring_actions(show: Callable[[str], None]) -> tuple[Action, ...]:
    """The records; `show` opens the dock at one of its tabs, or at `MEANING`."""
    return (
        Action("measures.table", "Table of measures", lambda: show("table"), "Window/Measures",
               tooltip="All figures of all stages, to be copied and saved"),
        Action("measures.curves", "Curves", lambda: show("curves"), "Window/Measures", "measures",
               tooltip="Errors of all stages against the shift, and the wobble of a unit"),
        Action("measures.map", "Map of shifts", lambda: show("map"), "Window/Measures",
               tooltip="One stage's error at every shift of a window"),
        Action("measures.fields", "Receptive fields", lambda: show("fields"), "Window/Measures", "rf",
               tooltip="Their table, and the effective field over the canvas"),
        Action("measures.meaning", "What the figures mean", lambda: show(MEANING), "Window/Measures",
               tooltip="The definition of every figure, and of every cause"),
    )  # fmt: skip
