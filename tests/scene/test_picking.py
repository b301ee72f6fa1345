"""What lies under the pointer, and the outline of a pattern."""

from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shiftlab.scene.patterns import builtin
from shiftlab.scene.picking import frame, outline, pattern_at
from shiftlab.scene.raster import rasterise
from shiftlab.scene.resample import stamp
from shiftlab.scene.values import Pattern, Placed, Scene

from .strategies import placed, scenes


def filled(loops: tuple[np.ndarray, ...], size: tuple[int, int]) -> np.ndarray:
    """The pixels inside closed loops, by the even-odd rule on a ray to the left."""
    row, col = np.indices(size) + 0.5
    inside = np.zeros(size, dtype=bool)
    for loop in loops:
        for a, b in zip(loop, np.roll(loop, -1, axis=0), strict=True):
            if a[1] == b[1]:
                inside ^= (min(a[0], b[0]) < row) & (row < max(a[0], b[0])) & (a[1] < col)
    return inside


@given(placed())
def test_the_outline_encloses_what_is_more_than_half_opaque(one: Placed) -> None:
    one = dataclasses.replace(one, at=(60.0, 60.0))
    shown = stamp(one)
    solid = np.zeros((120, 120), dtype=bool)
    top, left = 60 + shown.first[0], 60 + shown.first[1]
    solid[top : top + shown.size[0], left : left + shown.size[1]] = shown.alpha > 0.5
    if solid.any():
        np.testing.assert_array_equal(filled(outline(one), solid.shape), solid)
    else:
        assert len(outline(one)) == 1


def test_the_outline_of_a_square_has_four_corners_and_a_ring_two_loops() -> None:
    square = Pattern("square", np.ones((1, 6, 6), np.float32), np.ones((6, 6), np.float32))
    (loop,) = outline(Placed(square, (20.5, 30.0), 6))
    assert sorted(map(tuple, loop.tolist())) == [(17.5, 27.0), (17.5, 33.0), (23.5, 27.0), (23.5, 33.0)]
    assert len(outline(Placed(builtin("ring"), (32.0, 32.0), 25))) == 2


def test_the_frame_starts_at_half_its_size_before_the_centre() -> None:
    assert frame(Placed(builtin("cat"), (32.0, 32.25), 34)) == (15.0, 15.25, 34.0, 34.0)
    assert frame(Placed(builtin("bar"), (32.0, 32.0), 24, turn=90)) == (30.0, 20.0, 4.0, 24.0)


@given(scenes(), st.integers(0, 32), st.integers(0, 32))
def test_the_topmost_pattern_that_shows_is_taken(scene: Scene, row: int, col: int) -> None:
    row, col = row % scene.size[0], col % scene.size[1]
    found = pattern_at(scene, row + 0.5, col + 0.5)
    # Tracers tell who is seen: each pattern opaque in its own colour wherever it is not transparent.
    shows: int | None = None
    for index, one in enumerate(scene.placed):
        if max(stamp(one).whole) > min(scene.size):
            return
        white = dataclasses.replace(
            one, pattern=dataclasses.replace(one.pattern, image=np.ones_like(one.pattern.image)), contrast=1.0
        )
        alone = Scene(size=scene.size, placed=(white,), border=scene.border)
        if rasterise(alone)[0, row, col] > 0:
            shows = index
    if shows is not None:
        assert found == shows


def test_between_the_ears_the_box_counts_but_what_shows_there_goes_first() -> None:
    cat, disc = Placed(builtin("cat"), (32.0, 32.0), 34), Placed(builtin("disc"), (17.0, 30.0), 9)
    assert pattern_at(Scene(placed=(cat,)), 17.5, 30.5) == 0
    assert pattern_at(Scene(placed=(disc, cat)), 17.5, 30.5) == 0
    assert pattern_at(Scene(placed=(disc, cat)), 30.5, 30.5) == 1
    assert pattern_at(Scene(placed=(cat,)), 60.5, 30.5) is None


def test_a_single_pixel_can_be_taken_hold_of_beside_itself() -> None:
    scene = Scene(placed=(Placed(builtin("pixel"), (10.0, 10.0), 1),))
    assert pattern_at(scene, 10.5, 13.4) == 0
    assert pattern_at(scene, 7.6, 10.5) == 0
    assert pattern_at(scene, 10.5, 14.5) is None


def test_over_the_seam_it_is_found_on_both_sides() -> None:
    one = Placed(builtin("disc"), (0.0, 63.0), 9)
    wrapped, cut = Scene(placed=(one,)), Scene(placed=(one,), border="zero")
    assert pattern_at(wrapped, 62.5, 1.5) == 0
    assert pattern_at(cut, 62.5, 1.5) is None
    assert pattern_at(cut, 1.5, 62.5) == 0
