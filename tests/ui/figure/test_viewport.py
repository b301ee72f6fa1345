"""The part of a canvas that is shown: what stands under the pointer stays there, and no room is wasted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftlab.ui.figure.canvas_view import RULER
from shiftlab.ui.figure.viewport import MOST_ZOOM, Viewport

ROOM = (408.0, 408.0)
SIZES = st.tuples(st.integers(16, 512), st.integers(16, 512))
ROOMS = st.tuples(st.floats(90, 1500), st.floats(90, 1500))
POINTS = st.tuples(st.floats(0, 1), st.floats(0, 1))


def shown(size=(64, 64), room=ROOM, scale=1.0) -> Viewport:
    port = Viewport(size)
    port.place_in(size, room, scale)
    return port


def test_the_whole_canvas_at_whole_device_pixels():
    port = shown()
    assert port.fitted
    assert port.view.zoom == 6
    assert port.view.origin == (RULER, RULER)
    assert shown(scale=2.0).view.zoom == 6
    assert shown(room=(300.0, 300.0), scale=2.0).view.zoom == 4  # 2 * 278 / 64 is 8.7 device pixels
    assert shown(size=(64, 128)).view.zoom == 3


@given(SIZES, ROOMS, st.lists(st.tuples(st.integers(-4, 4), POINTS), max_size=6))
def test_a_closer_look_fills_the_room_and_stays_on_the_canvas(size, room, steps):
    port = shown(size, room)
    fit = port.view.zoom
    for step, (across, down) in steps:
        port.zoom_by(step, across * room[0], down * room[1])
        view = port.view
        assert fit <= view.zoom <= max(MOST_ZOOM, fit)
        assert port.fitted == (view.zoom == fit)
        if port.fitted:
            continue
        for axis, (origin, side) in enumerate(zip(view.origin, (size[1], size[0]), strict=True)):
            seen, whole = room[axis] - RULER, side * view.zoom
            start, end = origin - RULER, origin - RULER + whole
            if whole >= seen:
                # Nothing but canvas is seen, to half a pixel.
                assert start <= 0.5
                assert end >= seen - 0.5
            else:
                assert start >= -0.5
                assert end <= seen + 0.5


def test_what_stands_under_the_pointer_stays_there():
    port = shown()
    for steps in (1, 2, 3, -1):
        before = port.view.place(250.0, 180.0)
        port.zoom_by(steps, 250.0, 180.0)
        assert not port.fitted
        assert port.view.place(250.0, 180.0) == pytest.approx(before, abs=0.5 / port.view.zoom + 1e-9)


def test_it_is_pushed_by_the_place_that_was_taken_hold_of():
    port = shown()
    assert not port.grip(100.0, 100.0), "all of it is seen"
    port.push(0.0, 0.0)
    assert port.view == shown().view
    port.zoom_by(3, 214.0, 214.0)
    assert port.grip(250.0, 250.0)
    held = port.view.place(250.0, 250.0)
    port.push(230.0, 265.0)
    assert port.view.place(230.0, 265.0) == pytest.approx(held, abs=0.5 / port.view.zoom + 1e-9)
    port.let_go()
    still = port.view
    port.push(0.0, 0.0)
    assert port.view == still


def test_another_canvas_is_shown_whole_and_another_room_keeps_the_zoom():
    port = shown()
    port.zoom_by(2, 200.0, 200.0)
    zoom = port.view.zoom
    port.place_in((64, 64), (500.0, 300.0), 1.0)
    assert port.view.zoom == zoom
    port.place_in((32, 48), (500.0, 300.0), 1.0)
    assert port.fitted
    assert port.view.size == (32, 48)
