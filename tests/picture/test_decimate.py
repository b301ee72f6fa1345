"""What is reduced in parts has the bits of what is reduced whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shiftlab.picture.decimate import reduce
from shiftlab.picture.tile import axis


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_renewing_gives_the_bits_of_reducing_anew(data):
    axes = tuple(
        axis(
            data.draw(st.integers(1, 40)),
            data.draw(st.integers(16, 60)),
            data.draw(st.integers(1, 40)),
            data.draw(st.integers(1, 5)),
            data.draw(st.integers(-4, 8)) / 2,
        )
        if data.draw(st.booleans())
        else axis(side := data.draw(st.integers(16, 40)), side, side // data.draw(st.sampled_from([2, 4])), 1, 0.0)
        for _ in range(2)
    )
    size = tuple(data.draw(st.integers(int(one.high.max()), int(one.high.max()) + 2)) for one in axes)
    rng = np.random.default_rng(data.draw(st.integers(0, 9)))
    before = rng.normal(size=(2, *size)).astype(np.float32)
    after = before.copy()
    areas = []
    for _ in range(data.draw(st.integers(0, 3))):
        top, left = (data.draw(st.integers(0, side - 1)) for side in size)
        height, width = data.draw(st.integers(1, size[0] - top)), data.draw(st.integers(1, size[1] - left))
        areas.append((top, left, height, width))
        after[:, top : top + height, left : left + width] = rng.normal(size=(2, height, width))
    residual = data.draw(st.booleans())
    kept = reduce(before.copy(), axes, residual)
    kept.renew(lambda rows, cols: after[:, rows, cols], areas)
    assert np.array_equal(kept.values, reduce(after, axes, residual).values)


def test_no_more_is_asked_for_than_has_changed():
    one = axis(64, 64, 16, 1, 0.0)
    maps = np.zeros((1, 64, 64), np.float32)
    kept = reduce(maps, (one, one))
    asked = []

    def block(rows, cols):
        asked.append((rows, cols))
        return maps[:, rows, cols]

    kept.renew(block, [(5, 33, 3, 1)])
    assert asked == [(slice(4, 8), slice(32, 36))]


def test_maps_that_need_no_reducing_are_not_copied():
    one = axis(16, 16, 32, 1, 0.0)
    maps = np.zeros((1, 16, 16), np.float32)
    assert reduce(maps, (one, one)).values is maps


def test_maps_of_another_shape_are_refused():
    one = axis(16, 16, 32, 1, 0.0)
    with pytest.raises(ValueError, match=r"maps must be \(n, h, w\)"):
        reduce(np.zeros((16, 16), np.float32), (one, one))
