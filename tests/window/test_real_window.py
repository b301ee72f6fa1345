"""A person's hand on a real window: xdotool moves the pointer of an X screen, torch computes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication

from shiftlab.document import Document
from shiftlab.engine.backend import Backend
from shiftlab.engine.messages import Inspect
from shiftlab.network.modules import Forward
from shiftlab.network.presets import preset
from shiftlab.opening import opening_document
from shiftlab.scene.raster import rasterise
from shiftlab.ui.figure.answer import answers
from shiftlab.ui.window import Window
from tests.window.screen import hand, on_screen, opened

pytestmark = [pytest.mark.xvfb, pytest.mark.timeout(120)]
MOVES = 60


@pytest.fixture
def document() -> Document:
    """Three blocks, and a 34 px cat in the middle of a wrapped canvas."""
    return opening_document(preset("three-blocks"), size=34)


@pytest.fixture
def window(qtbot, tmp_path, document):
    yield from opened(qtbot, document, tmp_path)


def test_the_tests_run_on_a_real_screen(qapp):
    assert QGuiApplication.platformName() == "xcb"


def test_the_cat_is_dragged_in_sixty_steps(window, qtbot):
    shown = {key: panel.model.picture for key, panel in window.strip.panels.items()}
    in_view = [key for key, picture in shown.items() if picture is not None]
    assert len(in_view) >= 6
    canvas_before = window.canvas.grab().toImage()
    frames: list[int] = []
    window.bridge.snapshot_ready.connect(lambda snapshot: frames.append(snapshot.request.sequence))

    hand("mousemove", *on_screen(window, 32, 32), "mousedown", 1)
    qtbot.waitUntil(lambda: window.lab.gesture)
    for step in range(1, MOVES + 1):
        target = (32 + 11 * step / MOVES, 32 + 19 * step / MOVES)
        hand("mousemove", *on_screen(window, *target))
        expected = (round(target[0]), round(target[1]))
        qtbot.waitUntil(lambda expected=expected: near(window, expected))
    assert window.lab.gesture
    qtbot.waitUntil(lambda: window.lab.document.scene.placed[0].at == (43, 51))
    hand("mouseup", 1)
    qtbot.waitUntil(lambda: not window.lab.gesture)
    qtbot.waitUntil(lambda: window.bridge.shown.request.document is window.lab.document)
    qtbot.waitUntil(lambda: window.bridge.shown.request.at_rest)

    assert len(frames) >= 10, "the maps did not follow the hand"
    assert window.canvas.grab().toImage() != canvas_before
    for key in in_view:
        now = window.strip.panels[key].model.picture
        assert not np.array_equal(now.rgb, shown[key].rgb), f"{key} did not change"
        assert not window.strip.panels[key].model.stale

    check_against_a_direct_computation(window, qtbot)

    focus(window)
    hand("key", "ctrl+z")
    qtbot.waitUntil(lambda: window.lab.document.scene.placed[0].at == (32, 32))
    qtbot.waitUntil(lambda: window.bridge.shown.request.document is window.lab.document)
    for key in in_view:
        assert np.array_equal(window.strip.panels[key].model.picture.rgb, shown[key].rgb), f"{key} did not come back"


@pytest.mark.parametrize("document", [opening_document()], ids=["as it opens"])
def test_the_first_drag_turns_a_sure_cat_into_a_tie(window, qtbot):
    (head,) = (side.head for side in window.bridge.shown.sides)
    assert answers(head) == ("cat", "cat")
    assert head.probabilities[0] > 0.99
    assert window.canvas.hint == "Drag the cat"
    hand("mousemove", *on_screen(window, 14, 14), "mousedown", 1)
    qtbot.waitUntil(lambda: window.lab.gesture)
    for step in range(1, 13):
        hand("mousemove", *on_screen(window, 14 + 3 * step, 14 + 3 * step))
    qtbot.waitUntil(lambda: window.lab.document.scene.placed[0].at == (50, 50))
    hand("mouseup", 1)
    qtbot.waitUntil(lambda: window.bridge.shown.request.document is window.lab.document)
    (head,) = window.column.answer.heads
    assert answers(head) == ("cat", "tie")
    assert head.probabilities == (0.5, 0.5)
    qtbot.waitUntil(lambda: window.canvas.hint == "")


def near(window: Window, expected: tuple[int, int]) -> bool:
    """Whether the pattern stands where the hand is, give or take the pixel that the pointer's own rounds to."""
    row, col = window.lab.document.scene.placed[0].at
    return abs(row - expected[0]) <= 1 and abs(col - expected[1]) <= 1


def focus(window: Window) -> None:
    """Give the window the keyboard; without a window manager nobody else does."""
    hand("windowfocus", "--sync", int(window.winId()))


def check_against_a_direct_computation(window: Window, qtbot) -> None:
    """The last frame equals one computed from nothing, and its maps those of the network run by itself."""
    snapshot = window.bridge.shown
    fresh = Backend()(snapshot.request, lambda slow=False: None)
    assert set(fresh.pictures) == set(snapshot.pictures)
    for wanted, picture in fresh.pictures.items():
        assert np.array_equal(picture.rgb, snapshot.pictures[wanted].rgb), wanted.key
    for here, direct in zip(snapshot.sides[0].measures, fresh.sides[0].measures, strict=True):
        assert here.name == direct.name
        assert here.equivariance.value == pytest.approx(direct.equivariance.value, abs=1e-6)
        assert here.invariance.value == pytest.approx(direct.invariance.value, abs=1e-6)

    document = window.lab.document
    with torch.inference_mode():
        maps = Forward(document.networks[0], document.scene.size).maps(torch.from_numpy(rasterise(document.scene)))
    names = document.networks[0].spec.stage_names
    window.bridge.want(inspected=tuple(Inspect((0, name), 3) for name in names))
    qtbot.waitUntil(lambda: len(window.bridge.shown.inspected) == len(names))
    for inspected in window.bridge.shown.inspected:
        np.testing.assert_allclose(inspected.now, maps[inspected.request.key[1]][0, 3].numpy(), atol=1e-5)


def test_arrow_keys_reach_the_canvas(window, qtbot):
    focus(window)
    hand("key", "Right")
    qtbot.waitUntil(lambda: window.lab.document.scene.placed[0].at == (32, 33))


def test_a_click_on_a_map_opens_the_inspector(window, qtbot):
    panel = window.strip.panels[0, "conv1"]
    tile = panel.geometry_.tile(2)
    point = panel.mapToGlobal(QPoint(round(tile.centre[0]) - panel.x(), round(tile.centre[1]) - panel.y()))
    hand("mousemove", point.x(), point.y(), "click", 1)
    qtbot.waitUntil(lambda: window.host.open_dock_id() == "inspector")
    inspector = window.docks.dock.content("inspector")
    qtbot.waitUntil(lambda: inspector.title.text() == "conv1, channel 3")
    assert window.lab.document.lenses.pin is not None
