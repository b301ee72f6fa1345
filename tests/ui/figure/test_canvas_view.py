"""Canvas and screen correspond both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftlab.ui.figure.canvas_view import RULER, CanvasView, fitted_view, whole_zoom
from shiftlab.ui.figure.rect import Rect

SIZES = st.tuples(st.integers(16, 512), st.integers(16, 512))
VIEWS = st.builds(
    CanvasView, SIZES, st.tuples(st.floats(0, 100), st.floats(0, 100)), st.sampled_from([0.5, 1.0, 1.5, 5.0, 6.0, 12.0])
)


@given(VIEWS, st.floats(-50, 600), st.floats(-50, 600))
def test_places_and_points_are_inverse(view: CanvasView, row: float, col: float) -> None:
    assert view.place(*view.point(row, col)) == pytest.approx((row, col), abs=1e-6)
    assert view.position(*view.centre((row, col))) == pytest.approx((row, col), abs=1e-6)


@given(VIEWS, st.data())
def test_the_pixel_under_its_own_centre_is_itself(view: CanvasView, data: st.DataObject) -> None:
    at = (data.draw(st.integers(0, view.size[0] - 1)), data.draw(st.integers(0, view.size[1] - 1)))
    assert view.pixel(*view.centre(at)) == at
    assert view.pixel(view.rect.x - 1, view.rect.y + 1) is None
    assert view.pixel(view.rect.right + 0.01, view.rect.y + 1) is None


@given(SIZES, st.floats(60, 900), st.sampled_from([1.0, 1.25, 2.0, 3.0]))
def test_a_fitted_canvas_is_inside_and_on_whole_device_pixels(size: tuple[int, int], side: float, scale: float) -> None:
    room = Rect(7, 9, side, side)
    view = fitted_view(size, room, scale)
    assert view.rect.right <= room.right + 1e-6
    assert view.rect.bottom <= room.bottom + 1e-6
    assert (view.rect.x, view.rect.y) == (7 + RULER, 9 + RULER)
    device = view.zoom * scale
    assert device == pytest.approx(round(device)) or device < 1


def test_the_window_shows_64_pixels_six_times_and_with_a_dock_five_times() -> None:
    assert whole_zoom((64, 64), (384, 384)) == 6
    assert whole_zoom((64, 64), (320, 320)) == 5
    assert whole_zoom((64, 64), (383, 400), scale=2) == 5.5
