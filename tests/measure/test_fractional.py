"""Shifted responses by small matrices, against transforms of the whole ring."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftlab.measure.fractional import Shifted
from shiftlab.measure.masks import Rect
from shiftlab.scene.fourier import fourier_shift


@given(
    st.tuples(st.integers(4, 17), st.integers(4, 17)),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
    st.integers(0, 2**16),
    st.data(),
)
def test_any_part_of_the_ring_is_that_of_the_transform(size, cells, seed, data):
    """Odd and even sides, boxes at the edge or the whole ring, rows and cols that go round it."""
    top, left = (data.draw(st.integers(0, side - 1)) for side in size)
    bottom, right = (data.draw(st.integers(first + 1, side)) for first, side in zip((top, left), size, strict=True))
    box = Rect((top, bottom), (left, right))
    response = np.zeros((3, *size))
    inner = response[:, *box.slices]
    inner[...] = np.random.default_rng(seed).normal(size=inner.shape)
    places = [
        (data.draw(st.integers(-side, side)) + np.arange(data.draw(st.integers(1, side)))) % side for side in size
    ]
    found = Shifted(response, box).moved(cells, *places)
    expected = fourier_shift(response, cells)[:, places[0][:, None], places[1]]
    assert found == pytest.approx(expected, abs=1e-12)


def test_it_keeps_the_type_of_the_response():
    response = np.ones((1, 4, 4), np.float32)
    assert Shifted(response, Rect((0, 4), (0, 4))).moved((0.5, 0.25), np.arange(4), np.arange(2)).dtype == np.float32


@pytest.mark.parametrize("box", [Rect((0, 0), (0, 0)), Rect((2, 3), (1, 1))])
def test_of_nothing_it_makes_nothing(box):
    """A pattern that cannot be seen on its ground, or a layer that it leaves dead."""
    shifted = Shifted(np.zeros((2, 4, 6), np.float32), box)
    assert np.array_equal(shifted.moved((0.5, 0.25), np.arange(4), np.arange(5)), np.zeros((2, 4, 5)))
    assert shifted.norm((0.5, 0.25)) == 0
    here = np.ones((2, 1, 3), np.float32)
    assert shifted.difference(here, Rect((1, 2), (0, 3)), (0.5, 0.25)) == pytest.approx(6)
