"""The bench in the window: its edits reach the strip, through the worker and a real network."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from shiftlab.engine.backend import Backend
from shiftlab.engine.messages import PictureRequest, Request, Snapshot
from shiftlab.network.pairs import pair
from shiftlab.network.presets import preset
from shiftlab.ui import edits
from shiftlab.ui.bench import changes
from shiftlab.ui.bench.bench import Bench
from shiftlab.ui.bench.layer_form import TypedField
from shiftlab.ui.theme import DARK, luts
from tests.ui.middle import middle


@pytest.fixture
def live(make_window, qtbot):
    """A window with a real backend whose bench is open."""
    window = make_window(make_backend=Backend)
    window.activateWindow()
    qtbot.waitUntil(lambda: window.bridge.shown is not None, timeout=20000)
    window.actions_.run("window.bench")
    bench = window.docks.dock.content("bench")
    assert isinstance(bench, Bench)
    assert bench.isVisible()
    return window, bench


def _shown(window, qtbot) -> Snapshot:
    """What is shown once the present document has been answered, in the pictures that are in view now."""

    def answered() -> bool:
        request = window.bridge.shown.request
        return request.document is window.lab.document and request.pictures == window.bridge._pictures

    qtbot.waitUntil(answered, timeout=20000)
    return window.bridge.shown


def _pictures(snapshot: Snapshot, stage: tuple[int, str]) -> list[np.ndarray]:
    return [picture.rgb for request, picture in snapshot.pictures.items() if request.key == stage]


def test_edits_reach_the_panels_and_undo_brings_them_back(live, qtbot):
    window, bench = live
    start = window.lab.document
    before = [picture.copy() for picture in _pictures(_shown(window, qtbot), (0, "conv1"))]
    bench.page.layers.choose(0)
    kernel = bench.page.layers.form.editors["kernel"]
    assert isinstance(kernel, TypedField)
    kernel.setFocus()
    kernel.selectAll()
    QTest.keyClicks(kernel, "5x3")
    QTest.keyClick(kernel, Qt.Key.Key_Return)
    snapshot = _shown(window, qtbot)
    assert snapshot.sides[0].stages[0].size == (62, 64)
    assert "8×62×64" in bench.page.layers.rows[0].accessibleName()
    bench.page.operations.buttons["polyphase"].click()
    assert (0, "polyphase1") in window.strip.panels
    _shown(window, qtbot)
    for _ in range(2):
        window.actions_.run("edit.undo")
    assert window.lab.document.networks == start.networks
    after = _pictures(_shown(window, qtbot), (0, "conv1"))
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))
    assert not window.actions_["edit.undo"].isEnabled()


def test_a_typed_letter_is_no_shortcut_and_escape_takes_it_back(live):
    window, bench = live
    bench.page.layers.choose(0)
    kernel = bench.page.layers.form.editors["kernel"]
    kernel.setFocus()
    kernel.selectAll()
    tool = window.host.tool()
    QTest.keyClicks(kernel, "3d")
    assert window.host.tool() == tool
    assert kernel.text() == "3d"
    QTest.keyClick(kernel, Qt.Key.Key_Escape)
    assert kernel.text() == "3"
    assert not kernel.bad


def test_keys_in_the_list_are_not_the_canvas_s(live):
    window, bench = live
    scene = window.lab.document.scene
    row = bench.page.layers.rows[1]
    row.setFocus()
    QTest.keyClick(row, Qt.Key.Key_Down)
    assert window.lab.document.scene is scene
    QTest.keyClick(bench.page.layers.rows[2], Qt.Key.Key_Delete)
    assert window.lab.document.scene.placed == scene.placed
    assert [layer.kind for layer in window.lab.document.networks[0].spec.layers][:3] == ["conv", "activation", "conv"]


def test_painting_a_kernel_changes_the_maps(live, qtbot):
    window, bench = live
    before = [picture.copy() for picture in _pictures(_shown(window, qtbot), (0, "conv1"))]
    bench.show_tab("kernels")
    bench.kernels.brush.show_value(0.0)
    grid, side = bench.kernels.grid, bench.kernels.grid.side
    for row in range(3):
        for col in range(3):
            QTest.mouseClick(grid, Qt.MouseButton.RightButton, pos=QPoint(col * side + 5, row * side + 5))
    after = _pictures(_shown(window, qtbot), (0, "conv1"))
    assert any(not np.array_equal(one, other) for one, other in zip(before, after, strict=True))
    assert not window.lab.document.networks[0].weights.arrays["conv1.weight"][0].any()


def test_the_head_is_filled_by_the_worker(live, qtbot):
    window, bench = live
    window.commands.network.choose("dense-head")
    bench.show_tab("head")
    qtbot.waitUntil(lambda: bench.head.contributions.isVisible(), timeout=20000)
    head = _shown(window, qtbot).sides[0].head
    qtbot.waitUntil(lambda: abs(bench.head.contributions.maps.sum() - head.logits[0]) < 1e-4)
    window.canvas.nudge(0, 5)
    moved = _shown(window, qtbot).sides[0].head
    assert moved.logits != head.logits
    qtbot.waitUntil(lambda: abs(bench.head.contributions.maps.sum() - moved.logits[0]) < 1e-4)


def test_one_drag_updates_both_networks(live, qtbot):
    window, _bench = live
    window.actions_.run("network.ab")
    window.actions_.run("network.surgery-anti-aliased")
    still = _shown(window, qtbot)
    assert {key[0] for key in window.strip.panels} == {0, 1}
    before = {key: [one.copy() for one in _pictures(still, key)] for key in ((0, "relu1"), (1, "relu1"))}
    canvas = window.canvas
    x, y = canvas.view.centre((32, 32))
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    for step in range(1, 6):
        x, y = canvas.view.centre((32, 32 + step))
        QTest.mouseMove(canvas, QPoint(round(x), round(y)))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    moved = _shown(window, qtbot)
    for key, pictures in before.items():
        now = _pictures(moved, key)
        assert pictures
        assert any(not np.array_equal(one, other) for one, other in zip(pictures, now, strict=True))
    assert [side.measures[2].name for side in moved.sides] == ["blur1", "pool1"]
    assert moved.sides[0].measures[2].equivariance.value < moved.sides[1].measures[2].equivariance.value
    reading = window._reading[1]
    qtbot.waitUntil(lambda: window._reading[1].causes_known, timeout=20000)
    reading = window._reading[1]
    assert reading.breaks == {(0, "blur1"), (1, "pool1")}
    window.actions_.run("network.ab")
    assert {key[0] for key in window.strip.panels} == {0}


def test_a_hovered_cell_lights_the_one_opposite():
    from shiftlab.ui.linking import lit_by_cell
    from shiftlab.ui.panel import Spot

    document = changes.with_pair(middle(), pair("max against blur"))
    lit = lit_by_cell(document, Spot((0, "pool1"), 2, (5, 6)))
    assert (0, "pool1") in lit.boxes
    assert (1, "blur1") in lit.boxes
    alone = changes.without_b(document)
    assert {key[0] for key in lit_by_cell(alone, Spot((0, "pool1"), 2, (5, 6))).boxes} == {0}


def _seconds(run: Callable[[], object]) -> float:
    found = []
    for _ in range(15):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return float(np.median(found))


@pytest.mark.slow
def test_two_networks_take_little_more_than_twice_the_time_of_one():
    """A frame of A beside B against a frame of A alone: at least 0.45 of its rate."""

    def frames(networks: int) -> float:
        backend, start = Backend(), middle()
        document = edits.with_spec(start, preset("three-blocks-wide"))
        if networks == 2:
            document = changes.forked(document)
        pictures = tuple(
            PictureRequest((side, name), "now", 0, 8, 4, (64, 64), 2)
            for side in range(networks)
            for name in document.networks[side].spec.stage_names
        )
        step = iter(range(1, 1000))
        return _seconds(
            lambda: backend(Request(1, edits.moved(document, (0.0, float(next(step) % 9))), pictures, luts(DARK)))
        )

    frames(1)
    assert frames(1) / frames(2) >= 0.45


def test_every_action_of_the_bench_does_what_it_says(live, qtbot):
    window, _bench = live
    lab, run = window.lab, window.actions_.run
    run("network.compare-dense-against-global")
    assert [network.spec.name for network in lab.document.networks] == ["dense-head", "gap-head"]
    run("network.swap")
    assert [network.spec.name for network in lab.document.networks] == ["gap-head", "dense-head"]
    run("network.tie")
    assert window.notice.text == "no dense layer reads a map: there is nothing to tie"
    run("network.copy-code")
    assert "class Network(nn.Module)" in QGuiApplication.clipboard().text()
    run("network.head-max")
    assert lab.document.networks[0].spec.layers == preset("gmp-head").layers
    run("network.ab")
    assert len(lab.document.networks) == 1
    assert not window.actions_["network.swap"].isEnabled()
    run("network.surgery-no-strides")
    assert not window.actions_["network.surgery-no-strides"].isEnabled()
    run("edit.undo")
    assert window.actions_["network.surgery-no-strides"].isEnabled()
    run("window.bench")
    assert window.docks.dock.open_id == ""


def test_the_kept_phase_stands_on_its_panel(live, qtbot):
    window, _bench = live
    window.commands.network.choose("aps")
    phase = _shown(window, qtbot).sides[0].phases["polyphase1"]
    parity = ("even", "odd")
    words = f"keeps {parity[phase.row]}, {parity[phase.col]}"
    qtbot.waitUntil(lambda: window.strip.panels[0, "polyphase1"].model.note.startswith(words))
    assert window.strip.panels[0, "conv1"].model.note == ""
