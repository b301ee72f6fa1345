"""A picture that follows its maps against one drawn anew from maps that were never touched."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shiftlab.picture.colours import Colours
from shiftlab.picture.decimate import reduce
from shiftlab.picture.following import Following
from shiftlab.picture.levels import Levels
from shiftlab.picture.mosaic import Grid, mosaic
from shiftlab.picture.pool import Pool
from shiftlab.picture.tile import axis

COLOURS = Colours(np.arange(256, dtype=np.uint32) + 0xFF000000, 0xFF010203, 0xFFFF00FF)
OTHERS = Colours(np.arange(256, dtype=np.uint32) + 0xFF550000, 0xFF040506, 0xFFFF00FF)
LEVELS = (Levels(2.0, True),)
IDENTITY, TWICE, FOUR, HALF = (
    axis(32, 32, 32, 1, 0.0),
    axis(16, 32, 32, 2, 0.5),
    axis(8, 32, 32, 4, 1.5),
    axis(32, 32, 16, 1, 0.0),
)


def following(maps, axes, grid, residual=False):
    return Following(reduce(maps.copy(), axes, residual), grid, Pool())


def block_of(maps):
    return lambda rows, cols: maps[:, rows, cols]


def same(one, other):
    assert np.array_equal(one.rgb, other.rgb)
    assert (one.below, one.above, one.nothing, one.finite) == (other.below, other.above, other.nothing, other.finite)


def an_axis(draw):
    match draw(st.integers(0, 3)):
        case 0:
            return axis(side := draw(st.integers(16, 32)), side, side, 1, 0.0)
        case 1:
            times = draw(st.sampled_from([2, 3, 4, 5, 8]))
            return axis(cells := draw(st.integers(1, 6)), cells * times, cells * times, times, (times - 1) / 2)
        case 2:
            return axis(side := draw(st.integers(16, 40)), side, side // 2, 1, 0.0)
    return axis(
        draw(st.integers(1, 30)),
        draw(st.integers(16, 40)),
        draw(st.integers(1, 40)),
        draw(st.integers(1, 5)),
        draw(st.integers(-4, 8)) / 2,
    )


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_following_gives_the_pixels_of_drawing_anew(data):
    """Any axes, any changes, and pictures that are held for a while as a window holds them."""
    axes = an_axis(data.draw), an_axis(data.draw)
    size = tuple(max(int(one.high.max()), int(one.low.max()) + 1) for one in axes)
    count = data.draw(st.integers(1, 5))
    grid = Grid(data.draw(st.integers(1, 3)), (len(axes[0].low), len(axes[1].low)), data.draw(st.integers(0, 2)))
    residual, signed = data.draw(st.booleans()), data.draw(st.booleans())
    each = [Levels(1.0 + number, signed) for number in range(count)]
    rng = np.random.default_rng(data.draw(st.integers(0, 9)))
    maps = rng.normal(size=(count, *size)).astype(np.float32)
    picture = following(maps, axes, grid, residual)
    held, copies = [], []
    for _ in range(6):
        areas = []
        for _ in range(data.draw(st.integers(0, 2))):
            top, left = (data.draw(st.integers(0, side - 1)) for side in size)
            height, width = data.draw(st.integers(1, size[0] - top)), data.draw(st.integers(1, size[1] - left))
            areas.append((top, left, height, width))
            maps[:, top : top + height, left : left + width] = rng.normal(size=(count, height, width))
        picture.renew(block_of(maps), areas)
        levels = tuple(each) if data.draw(st.booleans()) and count > 1 else (each[0],)
        colours = data.draw(st.sampled_from([COLOURS, COLOURS, OTHERS]))
        made = picture.picture(levels, colours)
        same(made, mosaic(maps, axes, levels, grid, colours, residual=residual))
        held.append(made)
        copies.append(made.rgb.copy())
        if data.draw(st.booleans()):
            held, copies = held[-1:], copies[-1:]
    for one, copy in zip(held, copies, strict=True):
        assert np.array_equal(one.rgb, copy)


@pytest.mark.parametrize("one", [IDENTITY, TWICE, FOUR, HALF])
def test_a_drag_needs_no_more_than_a_few_arrays(one):
    """Two pictures are held, as one is shown and one is on its way."""
    maps = np.zeros((5, int(one.high.max()), int(one.high.max())), np.float32)
    picture, held, memory = following(maps, (one, one), Grid(3, (len(one.low),) * 2, 1)), [], set()
    for step in range(30):
        maps[:, step % 4 : step % 4 + 2, 2:4] = step
        picture.renew(block_of(maps), [(step % 4, 2, 2, 2)])
        held = [picture.picture(LEVELS, COLOURS), *held[:1]]
        memory.add(held[0].rgb.ctypes.data)
    assert len(memory) <= 3


def test_only_what_changed_is_drawn():
    maps = np.zeros((4, 32, 32), np.float32)
    picture = following(maps, (IDENTITY, IDENTITY), Grid(2, (32, 32), 1))
    picture.renew(block_of(maps), [(0, 0, 1, 1)])
    first = picture.picture(LEVELS, COLOURS).rgb
    # A mark in the one array that there is: what is not drawn keeps it.
    first[20, 20] = 7
    place = first.ctypes.data
    del first
    maps[:, 3:5, 6:9] = 1
    picture.renew(block_of(maps), [(3, 6, 2, 3)])
    made = picture.picture(LEVELS, COLOURS).rgb
    assert made.ctypes.data == place
    assert made[20, 20] == 7
    expected = mosaic(maps, (IDENTITY, IDENTITY), LEVELS, Grid(2, (32, 32), 1), COLOURS).rgb.copy()
    expected[20, 20] = 7
    assert np.array_equal(made, expected)


def test_where_nothing_changed_it_is_the_same_picture():
    maps = np.ones((2, 32, 32), np.float32)
    picture = following(maps, (IDENTITY, IDENTITY), Grid(2, (32, 32), 1))
    made = picture.picture(LEVELS, COLOURS)
    picture.renew(block_of(maps), [])
    assert picture.picture((Levels(2.0, True),), COLOURS) is made
    assert picture.picture((Levels(1.0, True),), COLOURS) is not made


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38])
def test_what_is_not_a_number_comes_and_goes(value):
    axes, grid = (TWICE, TWICE), Grid(2, (32, 32), 1)
    maps = np.zeros((3, 16, 16), np.float32)
    picture = following(maps, axes, grid)
    for content in (1.0, value, 0.5, 0.25, value, value, 0.0):
        maps[:, 2:4, 5] = content
        picture.renew(block_of(maps), [(2, 5, 2, 1)])
        same(picture.picture(LEVELS, COLOURS), mosaic(maps, axes, LEVELS, grid, COLOURS))


def test_levels_that_do_not_fit_are_refused():
    picture = following(np.zeros((3, 32, 32), np.float32), (IDENTITY, IDENTITY), Grid(2, (32, 32), 1))
    with pytest.raises(ValueError, match="2 ranges do not fit 3 maps"):
        picture.picture(LEVELS * 2, COLOURS)
