from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftlab.measure.energy import blocks, box_of, error, laid_out, less_moved, product_moved
from shiftlab.measure.masks import Rect
from tests.measure.witnesses import naive_error


def maps(seed: int, size: tuple[int, int] = (5, 6), channels: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(channels, *size))


def test_error_is_its_formula() -> None:
    first, second, blank = maps(0), maps(1), maps(2)
    assert error(first, second).value == pytest.approx(naive_error(first, second), rel=1e-13)
    assert error(first, second, blank).value == pytest.approx(naive_error(first, second, blank), rel=1e-13)


def test_error_is_at_most_two_and_root_two_for_non_negative_maps() -> None:
    values = maps(3)
    assert error(values, -values).value == pytest.approx(2)
    first, second = np.abs(values), np.abs(maps(4))
    first[:, :3], second[:, 3:] = 0, 0
    assert error(first, second).value == pytest.approx(math.sqrt(2))


def test_two_maps_without_a_response_have_no_error() -> None:
    blank = maps(5)
    found = error(blank, blank.copy(), blank)
    assert found.value is None
    assert found.reason == "no response"
    assert error(np.zeros((1, 2, 2)), np.zeros((1, 2, 2))).value is None


def test_a_response_at_the_rounding_of_the_background_is_none() -> None:
    blank = np.full((1, 4, 4), 1.0, dtype=np.float32)
    dead = blank + np.float32(1e-7)
    assert error(dead, blank, blank).value is None
    assert error(blank + np.float32(0.1), blank, blank).value == pytest.approx(math.sqrt(2), rel=1e-6)


def test_a_constant_response_hides_errors_in_the_plain_form() -> None:
    first, second = np.abs(maps(6)), np.abs(maps(7))
    blank = np.full_like(first, 10.0)
    plain, referenced = error(first + 10, second + 10), error(first + 10, second + 10, blank)
    assert referenced.value is not None
    assert plain.value is not None
    assert referenced.value > 5 * plain.value


def test_box_is_the_smallest_rectangle() -> None:
    values = np.zeros((3, 8, 9))
    values[0, 2, 7], values[2, 5, 3] = 1, -2
    assert box_of(values) == Rect((2, 6), (3, 8))
    assert box_of(values + 4, np.full_like(values, 4)) == Rect((2, 6), (3, 8))
    assert box_of(np.zeros((1, 3, 3))).empty


@given(st.integers(-9, 9), st.integers(-9, 9), st.booleans(), st.booleans())
def test_differences_of_regions_are_those_of_whole_maps(down: int, across: int, ring: bool, twice: bool) -> None:
    first, second = maps(8), maps(9)
    along = np.roll(second, (down, across), (1, 2))
    if not ring:
        rows, cols = np.arange(5)[:, None] - down, np.arange(6)[None] - across
        along = np.where((rows >= 0) & (rows < 5) & (cols >= 0) & (cols < 6), along, 0)
    region = Rect((1, 4), (2, 6))
    here, other = first[:, 1:4, 2:6], laid_out(second, ring, twice)
    assert np.array_equal(less_moved(here, other, region, (down, across)), here - along[:, 1:4, 2:6])
    expected = float((here * along[:, 1:4, 2:6]).sum())
    assert product_moved(here, other, region, (down, across)) == pytest.approx(expected, abs=1e-12)


def test_blocks_of_a_roll_cover_every_cell_once() -> None:
    count = np.zeros((5, 6), dtype=int)
    for to, _ in blocks(Rect((0, 5), (0, 6)), (5, 6), (7, -2), True):
        count[to] += 1
    assert (count == 1).all()
