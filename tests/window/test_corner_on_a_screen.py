"""The question of the project in a real window: trained in the corner, dragged away, with either head; and the maps.

xdotool has the mouse and the keys, torch trains and computes.
"""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QScrollArea, QWidget

from shiftlab.learn import tasks
from shiftlab.opening import opening_document
from shiftlab.ui.window import Window
from tests.window import screen
from tests.window.screen import hand, on_screen, opened

pytestmark = [pytest.mark.xvfb, pytest.mark.timeout(240)]
PATIENCE = 90_000
CORNER, FAR = (14, 14), (50, 52)


@pytest.fixture
def window(qtbot, tmp_path):
    yield from opened(qtbot, opening_document(), tmp_path)


def press(qtbot, widget: QWidget) -> None:
    """Click a widget, which is scrolled into view before."""
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QScrollArea):
        parent = parent.parentWidget()
    if parent is not None:
        parent.ensureWidgetVisible(widget)
    qtbot.waitUntil(lambda: widget.isVisible() and widget.isEnabled(), timeout=PATIENCE)
    qtbot.wait(50)  # for the layout under the pointer
    point = widget.mapToGlobal(widget.rect().center())
    hand("mousemove", point.x(), point.y(), "click", 1)


def drag(window: Window, qtbot, to: tuple[int, int]) -> None:
    """Drag the cat there, and wait for the answer."""
    screen.drag(window, qtbot, to)
    answered(window, qtbot)


def answered(window: Window, qtbot) -> None:
    qtbot.waitUntil(lambda: window.bridge.shown.request.document is window.lab.document, timeout=PATIENCE)


def said(window: Window, side: int) -> tuple[float, float]:
    """The probabilities of cat and dog that the bars show."""
    cat, dog = window.column.answer.heads[side].probabilities
    return cat, dog


def trained(window: Window, qtbot, dock) -> None:
    press(qtbot, dock.train)
    qtbot.waitUntil(lambda: dock.course.state == "done", timeout=PATIENCE)
    answered(window, qtbot)


def test_the_dense_head_loses_the_cat_and_the_global_one_keeps_it(window, qtbot):
    hand("key", "u")
    qtbot.waitUntil(lambda: window.host.open_dock_id() == "training")
    dock = window.docks.dock.content("training")
    press(qtbot, dock.entries["corner"].button)
    qtbot.waitUntil(lambda: dock.course.state == "ready", timeout=PATIENCE)
    assert dock.controls.head.value == "dense"
    assert window.lab.document.networks[0].weights is None

    # The dense head: sure where it was trained, a tie in the far corner.
    trained(window, qtbot, dock)
    assert dock.sentence.text().startswith("As expected")
    assert window.lab.document.scene.placed[0].at == CORNER
    assert said(window, 0)[0] > 0.9
    drag(window, qtbot, FAR)
    assert said(window, 0) == (0.5, 0.5)
    # Screen readers are told after the motion, not of every frame.
    qtbot.waitUntil(lambda: window.column.answer.accessibleDescription() == "cat 50%, dog 50%")
    drag(window, qtbot, CORNER)
    assert said(window, 0)[0] > 0.9

    # Beside it, as B, the global head.
    hand("key", "ctrl+b")
    qtbot.waitUntil(lambda: len(window.lab.document.networks) == 2)
    press(qtbot, dock.side.buttons["1"])
    press(qtbot, dock.controls.head.buttons["gap"])
    qtbot.waitUntil(lambda: dock.course.state == "ready" and dock.course.plan.head == "gap", timeout=PATIENCE)
    trained(window, qtbot, dock)
    names = [one.spec.name for one in window.lab.document.networks]
    assert names == ["corner-dense", "corner-gap"]
    drag(window, qtbot, FAR)
    assert said(window, 0) == (0.5, 0.5)
    assert said(window, 1)[0] > 0.6

    # The two maps, one with the other.
    hand("key", "o")
    qtbot.waitUntil(lambda: window.host.open_dock_id() == "positions")
    maps = window.docks.dock.content("positions")
    qtbot.waitUntil(
        lambda: len(maps._answer) == 2 and all(one is not None and one.images == 32 for one in maps._answer),
        timeout=PATIENCE,
    )
    qtbot.waitUntil(lambda: not maps.runner.running and not maps.maps[0].stale, timeout=PATIENCE)
    dense, pooled = maps.shown(0), maps.shown(1)
    assert [one.isVisible() for one in maps.maps] == [True, True]
    assert [one.text() for one in maps.names] == ["A · corner-dense", "B · corner-gap"]
    assert dense[:9, :9].min() >= 0.95
    assert (dense[-8:, -8:] == 0.5).all()
    assert pooled.min() >= 0.95
    outlined = [[one.words for one in shown.heat.outlines] for shown in maps.maps]
    assert outlined == [["never touched", "trained places"], ["trained places"]]

    # A click on a map puts the cat there.
    place = maps.maps[1].point_of((20, 44)).toPoint()
    point = maps.maps[1].mapToGlobal(place)
    hand("mousemove", point.x(), point.y(), "click", 1)
    qtbot.waitUntil(lambda: window.lab.document.scene.placed[0].at == (20, 44))


def test_places_are_painted_with_the_brush_and_trained(window, qtbot):
    hand("key", "u")
    qtbot.waitUntil(lambda: window.host.open_dock_id() == "training")
    dock = window.docks.dock.content("training")
    press(qtbot, dock.entries["own"].button)
    qtbot.waitUntil(lambda: dock.course.own)
    page = dock.own
    press(qtbot, page.places.region.buttons["painted"])
    qtbot.waitUntil(lambda: window.docks.region.active)
    press(qtbot, page.places.clear)
    qtbot.waitUntil(lambda: not page.draft.painted.any())
    for side, stroke in ((1, ((45, 14), (45, 45))), (3, ((45, 30), (45, 34)))):
        hand("mousemove", *on_screen(window, *stroke[0]), "mousedown", side)
        hand("mousemove", *on_screen(window, *stroke[1]), "mouseup", side)
        qtbot.waitUntil(lambda: window.docks.region._at is None)
    qtbot.waitUntil(lambda: page.task is not None and not page.task.places[45, 32])
    mask = page.task.places
    assert mask[45, 15:26].all()
    assert mask[45, 39:45].all()
    assert not mask[:38].any()
    assert window.lab.document.scene.placed[0].at == CORNER
    hand("key", "Escape")
    qtbot.waitUntil(lambda: not window.docks.region.active)
    trained(window, qtbot, dock)
    assert np.array_equal(dock.course.ready.plan.task.standing, mask & tasks.everywhere((64, 64), 20))
    rows = {row.name: row.value for row in dock.verdict.rows}
    assert float(rows["where trained"]) >= 0.9
    assert float(rows["elsewhere"].split(",")[0]) < float(rows["where trained"])
