"""A drag on the canvas: what moves at once, what is computed, and what undo takes back."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from shiftlab.network import presets
from shiftlab.ui import edits


def at(window, row: float, col: float) -> QPoint:
    """The point of the canvas widget where a pixel's middle is drawn."""
    x, y = window.canvas.view.centre((row, col))
    return QPoint(round(x), round(y))


def press(window, row, col, keys=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mousePress(window.canvas, Qt.MouseButton.LeftButton, keys, at(window, row, col))


def move(window, row, col) -> None:
    QTest.mouseMove(window.canvas, at(window, row, col))


def release(window, row, col, keys=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseRelease(window.canvas, Qt.MouseButton.LeftButton, keys, at(window, row, col))


def place(window) -> tuple[float, float]:
    return window.lab.document.scene.placed[0].at


def test_a_drag_moves_the_pattern_and_is_one_undo_entry(window, qtbot):
    press(window, 32, 32)
    for step in range(1, 11):
        move(window, 32 + step, 32 + 2 * step)
        assert place(window) == (32 + step, 32 + 2 * step)
    assert window.lab.gesture
    release(window, 42, 52)
    assert not window.lab.gesture
    qtbot.waitUntil(lambda: window.bridge.shown.request.document is window.lab.document)
    assert window.status.text.startswith("shift (+10, +20) px = (+1.25, +2.5) cells at pool3")
    window.actions_.run("edit.undo")
    assert place(window) == (32, 32)
    assert window.lab.store.undo_label is None
    window.actions_.run("edit.redo")
    assert place(window) == (42, 52)


def test_undo_of_a_drag_leaves_the_view_as_it_is(window):
    window.canvas.nudge(0, 3)
    window.actions_.run("view.left")
    window.actions_.run("edit.undo")
    assert place(window) == (32, 32)
    assert window.lab.document.lenses.view == "left"


def test_the_canvas_moves_while_the_worker_is_held(window, backend, qtbot):
    qtbot.waitUntil(lambda: window.bridge.worker.idle)
    shown = window.bridge.shown
    backend.gate.clear()
    before = window.canvas.grab().toImage()
    press(window, 32, 32)
    move(window, 32, 40)
    qtbot.waitUntil(backend.entered.is_set)
    for step in range(20):
        move(window, 32 - step // 2, 40 - step)
    assert place(window) == (23, 21)
    assert window.canvas.grab().toImage() != before
    assert window.bridge.shown is shown
    release(window, 23, 21)
    backend.gate.set()
    qtbot.waitUntil(lambda: window.bridge.shown.request.document is window.lab.document)


def test_a_thousand_moves_compute_far_fewer_frames_and_end_with_the_last(window, backend, qtbot):
    qtbot.waitUntil(lambda: window.bridge.worker.idle)
    computed, submitted = window.bridge.worker.computed, window.bridge.worker.submitted
    backend.gate.clear()
    window.lab.begin()
    for step in range(1, 1001):
        window.lab.during(lambda document, step=step: edits.placed_at(document, (step % 60, step % 61)))
        assert window.bridge.worker.waiting <= 1
    backend.gate.set()
    window.lab.end()
    qtbot.waitUntil(lambda: window.bridge.shown.request.document is window.lab.document)
    assert window.bridge.worker.submitted - submitted >= 1000
    assert window.bridge.worker.computed - computed < 10
    assert place(window) == (1000 % 60, 1000 % 61)


def test_colour_ranges_are_frozen_from_press_to_release(window, backend, qtbot):
    qtbot.waitUntil(lambda: window.bridge.worker.idle)
    levels = window.bridge.shown.levels
    press(window, 32, 32)
    for step in range(1, 5):
        move(window, 32, 32 + step)
    qtbot.waitUntil(lambda: window.bridge.shown.request.document is window.lab.document)
    assert dict(window.bridge.shown.request.frozen) == dict(levels)
    release(window, 32, 36)
    qtbot.waitUntil(lambda: window.bridge.shown.request.frozen is None)


def test_causes_are_asked_for_when_the_pointer_rests_and_kept_while_nothing_moves(window, backend, qtbot):
    window.canvas.nudge(0, 3)
    asked = window.lab.document
    qtbot.waitUntil(lambda: window.bridge.shown.request.at_rest and window.bridge.shown.request.document is asked)
    assert "phase · 1.5 cells" in window.strip.panels[0, "pool1"].accessibleDescription()
    count = len(backend.requests)
    window.actions_.run("view.changed")
    qtbot.waitUntil(lambda: len(backend.requests) > count and window.bridge.worker.idle)
    assert "phase · 1.5 cells" in window.strip.panels[0, "pool1"].accessibleDescription()


def test_a_click_selects_ctrl_click_adds_and_a_drag_moves_what_is_selected(window):
    window.actions_.run("scene.add-disc")
    window.lab.edit(lambda document: edits.placed_at(document, (10, 10)), "Move")
    press(window, 10, 10)
    release(window, 10, 10)
    assert window.lab.document.lenses.selection == {1}
    press(window, 40, 32, Qt.KeyboardModifier.ControlModifier)
    release(window, 40, 32, Qt.KeyboardModifier.ControlModifier)
    assert window.lab.document.lenses.selection == {0, 1}
    press(window, 10, 10)
    move(window, 13, 12)
    release(window, 13, 12)
    assert [one.at for one in window.lab.document.scene.placed] == [(35, 34), (13, 12)]
    press(window, 2, 60)
    release(window, 2, 60)
    assert window.lab.document.lenses.selection == frozenset()


def test_a_corner_resizes_in_both_scenes(window):
    one = window.lab.document.scene.placed[0]
    corner = window.canvas.view.point(32 + 17, 32 + 17)
    QTest.mousePress(
        window.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(*map(round, corner))
    )
    x, y = window.canvas.view.point(32 + 10, 32 + 10)
    QTest.mouseMove(window.canvas, QPoint(round(x), round(y)))
    QTest.mouseRelease(
        window.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(round(x), round(y))
    )
    document = window.lab.document
    assert document.scene.placed[0].size == document.reference.placed[0].size == 20
    assert document.scene.placed[0].at == one.at


def test_snapping_takes_a_drag_to_the_stride_of_the_deepest_stage(window):
    press(window, 32, 32)
    x, y = window.canvas.view.centre((32, 43))
    QTest.mouseMove(window.canvas, QPoint(round(x), round(y)))
    assert place(window) == (32, 43)
    window.host.set_snapping(True)
    move(window, 32, 44)
    release(window, 32, 43)
    assert place(window) == (32, 40)


def test_escape_takes_a_drag_back(window):
    press(window, 32, 32)
    move(window, 40, 40)
    QTest.keyClick(window.canvas, Qt.Key.Key_Escape)
    release(window, 40, 40)
    assert place(window) == (32, 32)
    assert window.lab.store.undo_label is None


def test_arrows_move_a_pixel_a_stride_or_a_tenth(window):
    QTest.keyClick(window.canvas, Qt.Key.Key_Right)
    assert place(window) == (32, 33)
    QTest.keyClick(window.canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert place(window) == (40, 33)
    QTest.keyClick(window.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert place(window) == (40, 32.9)
    assert window.host.subpixel()


def test_arrows_work_from_a_button_and_type_in_a_field(window):
    window.toolbar.menu_button.setFocus()
    QTest.keyClick(window.toolbar.menu_button, Qt.Key.Key_Left)
    assert place(window) == (32, 31)
    QTest.keyClick(window.column.fields.row, Qt.Key.Key_Up)
    assert place(window) == (33, 31)


def test_a_pattern_that_leaves_a_wrapped_canvas_comes_in_on_the_other_side(window):
    press(window, 32, 32)
    move(window, 32, 62)
    move(window, 32, 70)
    release(window, 32, 70)
    assert place(window) == (32, 6)
    assert window.lab.document.displacement.cols == -26


def test_drawn_strokes_become_one_pattern_that_can_be_dragged(window):
    window.actions_.run("edit.delete")
    assert window.column.add.isVisible()
    window.host.set_tool("draw")
    for row in (10, 14):
        press(window, row, 10)
        move(window, row, 20)
        release(window, row, 20)
    document = window.lab.document
    assert len(document.scene.placed) == 1
    drawing = document.scene.placed[0]
    assert drawing == document.reference.placed[0]
    assert drawing.pattern.size[1] >= 11
    window.host.set_tool("move")
    press(window, 10, 15)
    move(window, 20, 25)
    release(window, 20, 25)
    assert window.lab.document.displacement.rows == 10
    for _ in range(3):
        window.actions_.run("edit.undo")
    assert window.lab.document.scene.placed == ()


def test_the_eraser_says_when_there_is_nothing_to_erase(window):
    window.host.set_tool("erase")
    press(window, 32, 32)
    release(window, 32, 32)
    assert "eraser" in window.notice.text


def test_frames_are_counted_of_movement_alone(window, qtbot):
    def shown() -> bool:
        done = window.bridge.shown.request.document is window.lab.document and window.bridge.worker.idle
        return done and not window._frame_due

    ticks: list[int] = []
    window._meter.tick = lambda: ticks.append(1)
    qtbot.waitUntil(shown)
    for view in ("left", "changed", "now"):
        window.actions_.run(f"view.{view}")
        qtbot.waitUntil(shown)
    networks = window.lab.document.networks
    for name in ("seed", "seed-relu"):
        window.lab.edit(lambda document, name=name: edits.with_spec(document, presets.preset(name)), "Network")
        qtbot.waitUntil(shown)
    assert window.lab.document.networks != networks
    assert not ticks, "another view or network is no movement"
    window.canvas.nudge(0, 1)
    qtbot.waitUntil(shown)
    window.canvas.nudge(0, 1)
    qtbot.waitUntil(shown)
    assert ticks
