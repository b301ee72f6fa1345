"""The menu of one stage: enlarge, collapse, hide, its own view, its channel."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from shiftlab.document import StageKey, View
from shiftlab.ui.head import VIEWS
from shiftlab.ui.lab import Lab


def toggled(keys: frozenset[StageKey], key: StageKey) -> frozenset[StageKey]:
    """With `key`, or without it where it was in."""
    return keys ^ {key}


def expand(lab: Lab, key: StageKey, chip: bool) -> None:
    """Open a chip; let a stage fill the strip, or bring the others back."""
    lenses = lab.document.lenses
    if chip:
        lab.look(collapsed=toggled(lenses.collapsed, key))
    else:
        lab.look(enlarged=None if lenses.enlarged == key else key)


def set_view(lab: Lab, key: StageKey, view: View | None) -> None:
    """Give a stage a view of its own, or that of the strip."""
    views = {one: kept for one, kept in lab.document.lenses.views.items() if one != key}
    if view is not None:
        views[key] = view
    lab.look(views=views)


def _setter(lab: Lab, key: StageKey, view: View | None) -> Callable[[], None]:
    return lambda: set_view(lab, key, view)


def stage_menu(lab: Lab, key: StageKey, chip: bool, parent: QWidget) -> QMenu:
    """The menu; what it does are ways of looking, with no undo entry."""
    lenses = lab.document.lenses
    menu = QMenu(parent)
    menu.setToolTipsVisible(True)

    def add(text: str, run: object, tooltip: str) -> None:
        action = QAction(text, menu)
        action.setToolTip(tooltip)
        action.triggered.connect(run)
        menu.addAction(action)

    if chip:
        add("Open", lambda: expand(lab, key, True), "Show its maps")
    else:
        enlarged = lenses.enlarged == key
        add(
            "Back among the others" if enlarged else "Enlarge",
            lambda: expand(lab, key, False),
            "Fill the strip with this stage (Enter, or a double click)",
        )
        if not enlarged:
            add("Collapse", lambda: lab.look(collapsed=toggled(lenses.collapsed, key)), "Shrink it to a chip")
    add("Hide", lambda: lab.look(hidden=lenses.hidden | {key}, enlarged=None), "'Show all' brings it back")
    if lenses.hidden or lenses.collapsed:
        add("Show all", lambda: lab.look(hidden=frozenset(), collapsed=frozenset()), "Bring every stage back")
    menu.addSeparator()
    group = QActionGroup(menu)
    own = lenses.views.get(key)
    choices: list[tuple[View | None, str]] = [(None, "View of the strip")]
    for view, words in VIEWS.items():
        choices.append((view, f"Always: {words}"))
    for view, words in choices:
        action = QAction(words, group)
        action.setCheckable(True)
        action.setChecked(own == view)
        action.triggered.connect(_setter(lab, key, view))
        menu.addAction(action)
    return menu
