"""A region painted on the canvas by hand, with the mouse and by its own numbers."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QPainter, QWheelEvent
from PySide6.QtWidgets import QApplication

from shiftlab.ui.figure.canvas_view import CanvasView
from shiftlab.ui.figure.region import Region, paint_region, room_for
from shiftlab.ui.regiontool import brushed

NONE = np.zeros((64, 64), dtype=np.bool_)


class TestBrush:
    def test_a_stroke_covers_what_lies_within_half_its_width_of_its_line(self):
        made = brushed(NONE, (10.5, 5.5), (10.5, 40.5), 6, on=True)
        expected = np.array(
            [
                [
                    min((row - 10) ** 2 + (col - along) ** 2 for along in np.linspace(5, 40, 351)) <= 9 + 1e-9
                    for col in range(64)
                ]
                for row in range(64)
            ]
        )
        assert np.array_equal(made, expected)
        assert not NONE.any()

    @pytest.mark.parametrize("at", [(3.01, 7.99), (3.99, 7.01), (0.0, 0.0), (63.9, 63.9)])
    def test_the_smallest_brush_paints_the_pixel_under_it(self, at):
        made = brushed(NONE, at, at, 1, on=True)
        assert made[int(at[0]), int(at[1])]
        assert made.sum() == 1

    def test_it_erases_and_may_leave_the_canvas(self):
        full = ~NONE
        made = brushed(full, (-20.0, 32.0), (80.0, 32.0), 4, on=False)
        assert made.sum() == 64 * 60
        assert not made[:, 30:34].any()


def test_a_region_is_tinted_inside_and_nowhere_else():
    mask = NONE.copy()
    mask[8:24, 8:24] = True
    mask[12:16, 12:16] = False
    image = QImage(276, 276, QImage.Format.Format_RGB32)
    image.fill(0xFF000000)
    with QPainter(image) as painter:
        paint_region(painter, CanvasView((64, 64), (20.0, 20.0), 4.0), Region(mask))

    def lit(row: int, col: int) -> bool:
        return bool(image.pixel(20 + col * 4 + 2, 20 + row * 4 + 2) & 0xFFFFFF)

    assert lit(10, 10)
    assert not lit(14, 14)
    assert not lit(30, 30)


def test_its_words_stand_within_it_as_low_as_they_fit():
    mask = NONE.copy()
    mask[10:60, 20:30] = True
    mask[5:30, 20:60] = True
    assert room_for(Region(mask), (5, 9)) == (55, 20)
    assert room_for(Region(mask), (5, 20)) == (25, 20)
    assert room_for(Region(mask), (5, 41)) is None
    assert room_for(Region(NONE), (1, 1)) is None


@pytest.fixture
def tool(window):
    made = window.docks.region
    made.show_region(NONE)
    made.take_up()
    yield made
    made.lay_down()


def point(window, row: float, col: float) -> QPoint:
    x, y = window.canvas.view.centre((row, col))
    return QPoint(round(x), round(y))


def stroke(qtbot, window, start, end, button=Qt.MouseButton.LeftButton, keys=Qt.KeyboardModifier.NoModifier) -> None:
    canvas = window.canvas
    qtbot.mousePress(canvas, button, keys, point(window, *start))
    qtbot.mouseMove(canvas, point(window, *end))
    qtbot.mouseRelease(canvas, button, keys, point(window, *end))


class TestTool:
    def test_it_paints_and_moves_no_pattern(self, qtbot, window, tool):
        at = window.lab.document.scene.placed[0].at
        tool.set_size(6)
        with qtbot.waitSignal(tool.painted) as said:
            stroke(qtbot, window, at, (at[0], at[1] + 10))
        mask = said.args[0]
        assert window.canvas.region.mask is mask
        assert mask[int(at[0]), int(at[1]) : int(at[1]) + 11].all()
        assert 6 * 10 < mask.sum() < 6 * 18
        assert window.lab.document.scene.placed[0].at == at

    def test_no_drag_is_invited_to_while_the_brush_is_in_hand(self, window, tool):
        assert window.canvas.hint == ""
        tool.lay_down()
        assert window.canvas.hint == "Drag the cat"
        tool.take_up()
        assert window.canvas.hint == ""

    @pytest.mark.parametrize(
        ("button", "keys"),
        [
            (Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier),
            (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier),
        ],
    )
    def test_it_erases_with_the_right_button_and_with_alt(self, qtbot, window, tool, button, keys):
        tool.show_region(~NONE)
        stroke(qtbot, window, (20, 20), (20, 30), button, keys)
        mask = window.canvas.region.mask
        assert not mask[20, 20:31].any()
        assert mask[40:].all()

    def test_the_wheel_sizes_it(self, window, tool, qtbot):
        place = QPointF(point(window, 20, 20))
        turn = QWheelEvent(
            place, window.canvas.mapToGlobal(place), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(window.canvas, turn)
        assert tool.size == 9
        assert window.canvas.ring.size == 9

    def test_escape_takes_the_stroke_back_and_then_lays_the_brush_down(self, qtbot, window, tool):
        qtbot.mousePress(window.canvas, Qt.MouseButton.LeftButton, pos=point(window, 20, 20))
        assert window.canvas.region.mask.any()
        window.actions_.run("view.let-go")
        assert not window.canvas.region.mask.any()
        assert tool.active
        qtbot.keyClick(window.canvas, Qt.Key.Key_Escape)
        assert not tool.active
        at = window.lab.document.scene.placed[0].at
        stroke(qtbot, window, at, (at[0], at[1] + 5))
        assert window.lab.document.scene.placed[0].at == (at[0], at[1] + 5)
        assert not window.canvas.region.mask.any()

    def test_another_tool_takes_its_place(self, window, tool):
        window.actions_.run("tool.draw")
        assert not tool.active
