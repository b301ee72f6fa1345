"""A person goes through a lesson in a real window: xdotool has the mouse and the keys, torch computes."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from shiftlab.opening import opening_document
from shiftlab.ui.window import Window
from tests.window.screen import drag, hand, opened

pytestmark = [pytest.mark.xvfb, pytest.mark.timeout(120)]
PATIENCE = 30_000


@pytest.fixture
def window(qtbot, tmp_path):
    yield from opened(qtbot, opening_document(), tmp_path)


def press(widget: QWidget) -> None:
    point = widget.mapToGlobal(widget.rect().center())
    hand("mousemove", point.x(), point.y(), "click", 1)


def begin(window: Window, qtbot, key: str) -> None:
    """Open the list with H, and choose a lesson."""
    hand("key", "h")
    qtbot.waitUntil(lambda: window.host.open_dock_id() == "lesson")
    press(window.docks.lessons().rows[key])
    qtbot.waitUntil(lambda: window.docks.tutor.lesson is not None)


def on(window: Window, qtbot, index: int) -> None:
    """Wait until the step is done, and go on to step `index` with the card's button."""
    tutor = window.docks.tutor
    qtbot.waitUntil(lambda: tutor.done, timeout=PATIENCE)
    qtbot.waitUntil(window.docks.card.next.isEnabled)
    press(window.docks.card.next)
    qtbot.waitUntil(lambda: (tutor.lesson is None) if index < 0 else (tutor.index == index))


def answered(window: Window, qtbot) -> None:
    qtbot.waitUntil(lambda: window.bridge.shown.request.document is window.lab.document, timeout=PATIENCE)
    assert not window.docks.tutor.done


def test_move_the_cat(window, qtbot):
    begin(window, qtbot, "move-the-cat")
    answered(window, qtbot)
    drag(window, qtbot, (40, 43))
    on(window, qtbot, 1)
    answered(window, qtbot)
    hand("key", "3")
    on(window, qtbot, 2)
    answered(window, qtbot)
    press(window.head.views.buttons["left"])
    on(window, qtbot, 3)
    answered(window, qtbot)
    hand("key", "j")
    on(window, qtbot, -1)
    assert window.docks.lessons().rows["move-the-cat"].finished


def test_the_first_steps_of_the_corner(window, qtbot):
    begin(window, qtbot, "the-corner")
    answered(window, qtbot)
    drag(window, qtbot, (18, 19))
    on(window, qtbot, 1)
    answered(window, qtbot)
    drag(window, qtbot, (52, 52))
    on(window, qtbot, 2)
    assert "tie" in window.docks.tutor.seen[1]
    assert window.bridge.shown.sides[0].head.classes == ("cat", "dog")
