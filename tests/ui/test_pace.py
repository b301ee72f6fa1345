"""Things that lag behind a drag: how often they are done, and that the last is never left out."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject

from shiftlab.ui.pace import Pace

PAUSE = 30


@pytest.mark.parametrize("at_once", [True, False])
def test_what_is_asked_for_often_is_done_seldom_and_the_last_always(qtbot, at_once):
    state = {"asked": 0}
    done: list[int] = []
    owner = QObject()
    pace = Pace(lambda: done.append(state["asked"]), PAUSE, owner, at_once=at_once)
    for number in range(1, 101):
        state["asked"] = number
        pace.ask()
    assert done == ([1] if at_once else [])
    qtbot.waitUntil(lambda: bool(done) and done[-1] == 100)
    assert len(done) == 1 + at_once


def test_it_can_be_settled_at_once_and_is_not_done_twice(qtbot):
    done: list[int] = []
    owner = QObject()
    pace = Pace(lambda: done.append(1), PAUSE, owner, at_once=False)
    pace.settle()
    assert not done
    pace.ask()
    pace.settle()
    assert done == [1]
    qtbot.wait(3 * PAUSE)
    assert done == [1]
