"""Paths, the jump to the opposite corner and the stride's grid."""

from __future__ import annotations

import dataclasses
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftlab.scene.path import Path, jump, opposite_corner, recorded, snapped
from shiftlab.scene.patterns import builtin
from shiftlab.scene.raster import rasterise
from shiftlab.scene.values import Placed, Scene

points = st.tuples(st.integers(-50, 50).map(float), st.integers(-50, 50).map(float))
paths = st.lists(points, min_size=1, max_size=6).map(lambda found: Path(tuple(found)))


def plain(at: tuple[float, float], size: int = 9, name: str = "disc") -> Placed:
    return Placed(builtin(name), at, size)


@given(paths)
def test_a_path_starts_passes_and_ends_at_its_points(path: Path) -> None:
    assert path.at(0.0) == path.points[0]
    assert path.at(path.length) == path.points[-1]
    assert path.at(-5) == path.points[0]
    assert path.at(path.length + 5) == path.points[-1]
    travelled = 0.0
    for a, b in pairwise(path.points):
        travelled += math.dist(a, b)
        np.testing.assert_allclose(path.at(travelled, whole=False), b, atol=1e-9)
    assert path.length == pytest.approx(travelled)


@given(paths, st.floats(0, 1), st.floats(0, 1))
def test_nothing_is_nearer_on_the_way_than_the_way_is_long(path: Path, first: float, second: float) -> None:
    a, b = (path.at(share * path.length, whole=False) for share in (first, second))
    assert math.dist(a, b) <= abs(first - second) * path.length + 1e-9


@given(paths)
def test_steps_are_whole_and_leave_no_pixel_out(path: Path) -> None:
    assert path.steps[0] == path.points[0]
    assert path.steps[-1] == path.points[-1]
    for a, b in pairwise(path.steps):
        assert max(abs(a[0] - b[0]), abs(a[1] - b[1])) == 1
    assert all(value.is_integer() for step in path.steps for value in step)


def test_a_recording_leaves_out_the_stops() -> None:
    path = recorded([(1.0, 1.0), (1.0, 1.0), (1.0, 2.0), (1.0, 2.0), (1.0, 1.0)])
    assert path.points == ((1.0, 1.0), (1.0, 2.0), (1.0, 1.0))


def test_no_path_is_empty_or_without_end() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Path(())
    with pytest.raises(ValueError, match="finite"):
        Path(((0.0, float("inf")),))


@given(st.integers(4, 28), st.integers(4, 28), st.integers(1, 9), st.integers(16, 40))
def test_the_opposite_corner_is_the_mirrored_place(row: int, col: int, size: int, side: int) -> None:
    # A symmetric pattern at the opposite corner gives the picture turned by half a turn.
    one = plain((float(row), float(col)), size, "cross")
    scene = Scene(size=(side, side + 3), placed=(one,), border="zero")
    there = dataclasses.replace(one, at=opposite_corner(scene, one))
    assert all(value.is_integer() for value in there.at)
    picture, moved = rasterise(scene), rasterise(dataclasses.replace(scene, placed=(there,)))
    np.testing.assert_allclose(moved, picture[:, ::-1, ::-1], atol=1e-6)
    assert opposite_corner(scene, there) == one.at


def test_the_first_corner_of_a_head_at_four_goes_to_forty() -> None:
    head = plain((14.0, 14.0), 20, "cat")
    assert opposite_corner(Scene(), head) == (50.0, 50.0)


def test_a_jump_is_a_straight_way_in_single_steps() -> None:
    path = jump(Scene(), plain((10.0, 20.0)))
    assert path.points[0] == (10.0, 20.0)
    assert path.points[-1] == opposite_corner(Scene(), plain((10.0, 20.0)))
    assert len(path.steps) == 1 + max(abs(path.points[-1][0] - 10), abs(path.points[-1][1] - 20))


def test_from_the_very_middle_a_jump_goes_to_the_lower_right() -> None:
    path = jump(Scene(), Placed(builtin("cat"), (32.0, 32.0), 34))
    assert path.points == ((32.0, 32.0), (47.0, 47.0))


@given(points, points, st.integers(1, 16), st.integers(1, 16))
def test_snapping_gives_the_nearest_multiple_of_the_stride(
    at: tuple[float, float], reference: tuple[float, float], down: int, right: int
) -> None:
    found = snapped(at, reference, (down, right))
    for axis, stride in ((0, down), (1, right)):
        assert (found[axis] - reference[axis]) % stride == 0
        assert abs(found[axis] - at[axis]) <= stride / 2


def test_a_stride_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="stride must be 1 or more, not 0x2"):
        snapped((0.0, 0.0), (0.0, 0.0), (0, 2))
