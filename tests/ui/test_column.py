"""What stands below the canvas, and how much of the canvas it leaves."""

from __future__ import annotations

import pytest

from shiftlab.document import Pin
from shiftlab.engine.messages import HeadValues
from shiftlab.network import presets
from shiftlab.opening import opening_document
from shiftlab.ui.figure.probe import probe_height
from tests.ui.middle import middle

TEN = HeadValues(tuple("0123456789"), (0.0,) * 10, (0.1,) * 10, (0.1,) * 10)


@pytest.mark.parametrize(("height", "canvas"), [(1080, 384), (900, 256), (860, 256)])
def test_the_answer_and_the_ladder_are_both_shown(make_window, qtbot, height, canvas):
    window = make_window(opening_document(presets.preset("lenet")))
    qtbot.waitUntil(lambda: window.bridge.shown is not None)
    window.resize(1440, height)
    column = window.column
    column.show_heads([TEN])
    assert column.answer.height() > 120, "four classes"
    assert column.shift.height() > 130, "the figures and three rungs"
    assert column.canvas.zoom * 64 == canvas
    assert column.path.geometry().bottom() <= column.height()


@pytest.mark.parametrize("height", [840, 800])
def test_a_large_canvas_goes_before_the_ladder(make_window, qtbot, height):
    window = make_window(opening_document())
    qtbot.waitUntil(lambda: window.bridge.shown is not None)
    window.resize(1280, height)
    column = window.column
    column.show_heads([HeadValues(("cat", "dog"), (1.0, 0.0), (0.7, 0.3), (0.7, 0.3))])
    assert column.answer.height() > 60, "two classes"
    assert column.canvas.zoom >= 4
    assert column.path.geometry().bottom() <= column.height()


def test_in_a_low_window_the_answer_takes_the_place_of_the_ladder(make_window, qtbot):
    window = make_window(opening_document(presets.preset("lenet")))
    qtbot.waitUntil(lambda: window.bridge.shown is not None)
    window.resize(1440, 720)
    column = window.column
    with_ladder = column.shift.height()
    column.show_heads([TEN])
    assert column.shift.height() < with_ladder - 50
    assert column.path.geometry().bottom() <= column.height()
    column.show_heads([None])
    assert column.shift.height() == with_ladder


def test_room_for_the_answer_is_there_before_it_comes(make_window, qtbot, backend):
    backend.gate.clear()
    window = make_window(opening_document())
    column = window.column
    before = (column.answer.height(), column.canvas.zoom)
    assert window.bridge.shown is None
    assert before[0] > 0
    column.show_heads([HeadValues(("cat", "dog"), (1.0, 0.0), (0.7, 0.3), (0.7, 0.3))])
    assert (column.answer.height(), column.canvas.zoom) == before
    window.lab.edit(lambda document: middle().with_scene(document.scene), "Network")
    assert column.answer.height() == 0


@pytest.mark.parametrize(
    ("size", "zoom", "width"), [((1440, 900), 6, 448), ((1920, 1080), 7, 512), ((2560, 1440), 10, 704)]
)
def test_in_a_large_window_the_canvas_is_larger(make_window, size, zoom, width):
    window = make_window(middle())
    window.resize(*size)
    assert window.column.canvas.zoom == zoom
    assert window.column.width() == width
    assert window.column.path.geometry().bottom() <= window.column.height()


def test_a_dock_takes_its_width_from_the_canvas_too(make_window):
    window = make_window(middle())
    window.resize(2560, 1440)
    window.docks.dock.open_dock("bench")
    assert window.column.canvas.zoom == 8, "28 % of 2160 px is 604"
    window.resize(1440, 900)
    assert (window.column.canvas.zoom, window.column.width()) == (5, 384)
    window.docks.dock.close_dock()
    assert (window.column.canvas.zoom, window.column.width()) == (6, 448)


def test_a_wide_canvas_gets_no_more_than_its_share(make_window):
    window = make_window(middle().with_canvas((32, 128)))
    window.resize(2560, 1440)
    assert window.column.canvas.zoom == 5, "6 would be 768 px"
    assert window.column.width() == 704


@pytest.mark.parametrize(("size", "tile"), [((1440, 900), 112), ((1440, 866), 96), ((2560, 1440), 208)])
def test_the_maps_of_a_pinned_cell_leave_room_for_its_words(make_window, qtbot, size, tile):
    window = make_window(middle().with_lenses(pin=Pin(0, "pool2", 3, (6, 6))))
    window.resize(*size)
    qtbot.waitUntil(lambda: window.column.pin.model is not None)
    pin = window.column.pin
    assert pin.tile == tile
    assert probe_height(pin.model, pin.width()) <= pin.height()
