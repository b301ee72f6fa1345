"""Masks against explicit loops over the pixels that cells see."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftlab.measure.masks import Rect, candidates, fields_inside, kept, seamless, untouched, whole, wrapping
from shiftlab.network import geometry
from shiftlab.network.spec import BlurPool, Conv, LayerSpec, MaxPool, NetworkError, NetworkSpec, Subsample
from shiftlab.network.steps import steps

CANVAS = (17, 20)


def filled(rect: Rect, size: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(size, dtype=bool)
    mask[rect.slices] = True
    return mask


def reads(layers: tuple[LayerSpec, ...], size: tuple[int, int], axis: int) -> list[set[int]]:
    """For every cell of the last layer the canvas pixels along one axis, off the canvas too, walked step by step."""
    seen = [{pixel} for pixel in range(-300, 300)]
    zero = 300
    room = size[axis]
    for layer in layers:
        for step in steps(layer):
            before, stride = step.padding[axis][0], step.stride[axis]
            after = step.size(axis, room)
            merged = []
            for cell in range(-60, 60):
                pixels: set[int] = set()
                for tap in range(step.kernel[axis]):
                    at = cell * stride - before + tap * step.dilation[axis] + zero
                    if 0 <= at < len(seen):
                        pixels |= seen[at]
                merged.append(pixels)
            seen, zero, room = merged, 60, after
    return seen[zero : zero + room]


def layers_strategy() -> st.SearchStrategy[tuple[LayerSpec, ...]]:
    side = st.integers(1, 3)
    convs = st.builds(
        lambda k, s, p, d, m: Conv(channels=1, kernel=(k, 3), stride=s, padding=p, dilation=(d, 1), padding_mode=m),
        side,
        st.tuples(st.integers(1, 2), st.integers(1, 2)),
        st.tuples(st.integers(0, 2), st.integers(0, 2)),
        st.integers(1, 2),
        st.sampled_from(["zeros", "circular", "replicate", "valid"]),
    )
    pools = st.builds(lambda k, s: MaxPool(kernel=(k, k), stride=(s, s)), st.integers(1, 3), st.integers(1, 2))
    blurs = st.builds(lambda n, k: BlurPool(size=n, max_kernel=(k, k), padding_mode="zeros"), side, side)
    return st.lists(st.one_of(convs, pools, blurs), min_size=1, max_size=3).map(tuple)


@given(layers_strategy(), st.integers(-4, 4), st.integers(-4, 4))
def test_valid_cells_are_those_whose_pixels_all_lie_inside(
    layers: tuple[LayerSpec, ...], down: int, across: int
) -> None:
    spec = NetworkSpec(name="random", layers=layers)
    try:
        info = geometry.stages(spec, CANVAS)[-1]
    except NetworkError:
        return
    fields = [reads(layers, CANVAS, axis) for axis in (0, 1)]
    inside = [[all(0 <= pixel < CANVAS[axis] for pixel in field) for field in fields[axis]] for axis in (0, 1)]
    shifts = ((down, across), (down + 1, across))
    expected = np.zeros(info.size, dtype=bool)
    for row in range(info.size[0]):
        for col in range(info.size[1]):
            places = [(row, col), *((row - d[0], col - d[1]) for d in shifts)]
            expected[row, col] = all(
                0 <= r < info.size[0] and 0 <= c < info.size[1] and inside[0][r] and inside[1][c] for r, c in places
            )
    assert np.array_equal(filled(kept(fields_inside(info, CANVAS), shifts), info.size), expected)


@given(st.integers(-7, 7), st.integers(-7, 7))
def test_full_cells_are_those_where_both_maps_exist(down: int, across: int) -> None:
    size, shifts = (5, 6), ((down, across), (down, across + 1))
    expected = [[all(0 <= r - d < 5 and 0 <= c - e < 6 for d, e in shifts) for c in range(6)] for r in range(5)]
    assert np.array_equal(filled(kept(whole(size), shifts), size), np.array(expected))


def test_candidates_are_floor_and_ceil_in_each_axis() -> None:
    assert candidates((1.5, -0.5)) == ((1, -1), (1, 0), (2, -1), (2, 0))
    assert candidates((2.0, -1.25)) == ((2, -2), (2, -1))
    assert candidates((3.0, 0.0)) == ((3, 0),)


def test_untouched_cells_of_a_layer() -> None:
    layer = Conv(channels=1, kernel=(3, 5), padding=(1, 2), stride=(2, 1), padding_mode="circular")
    # rows 2u - 1 ... 2u + 1 in 8, so u = 1, 2, 3; cols u - 2 ... u + 2 in 9, so u = 2 ... 6
    assert untouched(layer, (8, 9)) == Rect((1, 4), (2, 7))


def ring(*layers: LayerSpec, canvas: tuple[int, int] = (32, 32), border: str = "wrap") -> tuple[bool, ...]:
    return wrapping(NetworkSpec(name="ring", layers=layers), canvas, border)


def same(mode: str) -> Conv:
    return Conv(channels=1, padding=(1, 1), padding_mode=mode)


def test_a_ring_needs_a_wrapped_scene_and_circular_padding_all_the_way() -> None:
    pool = MaxPool()
    assert ring(same("circular"), pool, same("circular")) == (True, True, True)
    assert ring(same("circular"), pool, same("circular"), border="zero") == (False, False, False)
    assert ring(same("circular"), same("zeros"), same("circular")) == (True, False, False)
    assert ring(same("circular"), Conv(channels=1), pool) == (True, False, False)


def test_windows_that_do_not_overlap_need_no_padding() -> None:
    assert ring(MaxPool(), Subsample(stride=(3, 3)), Conv(channels=1, kernel=(1, 1))) == (True, True, True)
    assert ring(MaxPool(kernel=(3, 3), stride=(2, 2))) == (False,)
    assert ring(MaxPool(kernel=(3, 3), stride=(2, 2)), canvas=(33, 33)) == (False,)


def test_padding_that_changes_the_size_of_the_map_leaves_no_ring() -> None:
    assert ring(Conv(channels=1, kernel=(3, 3), padding=(2, 2), padding_mode="circular")) == (False,)
    assert ring(Conv(channels=1, kernel=(5, 5), padding=(1, 1), padding_mode="circular")) == (False,)


@pytest.mark.parametrize(("side", "expected"), [(32, True), (33, False), (36, False)])
def test_a_ring_closes_where_the_stride_divides_the_canvas(side: int, expected: bool) -> None:
    spec = NetworkSpec(name="ring", layers=(MaxPool(), MaxPool(), MaxPool()))
    assert wrapping(spec, (side, side), "wrap") == (True, True, True)
    assert seamless(geometry.stages(spec, (side, side))[-1], (side, side)) is expected
