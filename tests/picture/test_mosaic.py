"""The mosaic against a loop over pixels that knows nothing of its short cuts."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shiftlab.network.info import StageInfo
from shiftlab.picture.colours import Colours
from shiftlab.picture.levels import Levels
from shiftlab.picture.mosaic import Grid, mosaic
from shiftlab.picture.tables import diverging
from shiftlab.picture.tile import axes, cell_at, cell_box

TABLE = np.arange(256, dtype=np.uint32) + 0xFF000000
GROUND, NAN = 0xFF010203, 0xFFFF00FF
COLOURS = Colours(TABLE, GROUND, NAN)


def stage(size, stride=None, offset=None, channels=3, signed=True):
    def pair(value):
        return value if isinstance(value, tuple) or value is None else (value, value)

    return StageInfo("conv1", "conv", channels, size, pair(stride), (3, 3) if stride else None, pair(offset), signed)


def cells_under(pixel, tile, canvas, cells, stride, offset):
    """The cells that a tile's pixel shows along one axis, by the words of the rule."""
    if stride is None:
        stride, offset = canvas / cells, canvas / cells / 2 - 0.5
    step = canvas / tile
    start, end = pixel * step - 0.5, (pixel + 1) * step - 0.5
    if step > stride:
        return [u for u in range(cells) if start - 1e-9 <= offset + u * stride < end - 1e-9]
    centre = (start + end) / 2
    return [
        u for u in range(cells) if offset + (u - 0.5) * stride - 1e-9 <= centre < offset + (u + 0.5) * stride - 1e-9
    ]


def slow(maps, info, canvas, levels, grid, residual):
    """Entries of the table for every pixel of the mosaic, None for ground."""
    height, width = grid.shape(len(maps))
    entries = np.full((height, width), -1)
    for n, values in enumerate(maps):
        limit = levels[n if len(levels) > 1 else 0].limit
        top = (n // grid.columns) * (grid.tile[0] + grid.gap)
        left = (n % grid.columns) * (grid.tile[1] + grid.gap)
        for y, x in itertools.product(range(grid.tile[0]), range(grid.tile[1])):
            under = [
                cells_under(
                    p,
                    grid.tile[a],
                    canvas[a],
                    info.size[a],
                    *((info.stride[a], info.offset[a]) if info.stride else (None, None)),
                )
                for a, p in ((0, y), (1, x))
            ]
            found = [float(values[u, v]) for u in under[0] for v in under[1]]
            if not found:
                continue
            value = max(found, key=abs) if residual else sum(found) / len(found)
            entry = 128 + value / limit * 127 if levels[0].signed else 1 + value / limit * 254
            entries[top + y, left + x] = min(255, max(1, math.floor(entry + 0.5)))
    return entries


CASES = [
    # size, stride, offset, canvas, tile
    ((16, 16), 1, 0.0, (16, 16), (16, 16)),
    ((8, 8), 2, 0.5, (16, 16), (16, 16)),
    ((8, 8), 2, 0.5, (16, 16), (32, 32)),
    ((8, 8), 2, 0.0, (16, 16), (16, 16)),
    ((14, 14), 1, 1.0, (16, 16), (16, 16)),
    ((18, 18), 1, -1.0, (16, 16), (16, 16)),
    ((2, 2), 8, 3.5, (16, 16), (16, 16)),
    ((32, 32), 1, 0.0, (32, 32), (16, 16)),
    ((33, 17), 1, 0.0, (33, 17), (11, 6)),
    ((16, 16), 2, 0.5, (32, 32), (8, 8)),
    ((10, 10), 3, 1.0, (32, 32), (8, 8)),
    ((30, 30), 1, 1.0, (32, 32), (8, 8)),
    ((5, 4), (3, 4), (1.0, 1.5), (16, 18), (16, 18)),
    ((1, 1), None, None, (16, 16), (16, 16)),
]


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(("size", "stride", "offset", "canvas", "tile"), CASES)
def test_every_pixel_shows_its_cells(size, stride, offset, canvas, tile, signed, residual):
    rng = np.random.default_rng(7)
    maps = rng.normal(size=(5, *size)).astype(np.float32)
    if not signed:
        maps = np.abs(maps)
    info = stage(size, stride, offset)
    grid = Grid(2, tile, 2)
    levels = (Levels(1.3, signed),)
    made = mosaic(maps, axes(info, canvas, tile), levels, grid, COLOURS, residual=residual)
    expected = slow(maps, info, canvas, levels, grid, residual)
    assert made.rgb.shape == expected.shape
    assert made.rgb.flags.c_contiguous
    ground = expected < 0
    assert (made.rgb[ground] == GROUND).all()
    shown = (made.rgb & 0xFF).astype(int)
    # A mean in float32 may round to the neighbouring entry, nothing else may differ.
    assert np.abs(shown[~ground] - expected[~ground]).max() <= (
        0 if max(a.most for a in axes(info, canvas, tile)) == 1 else 1
    )
    assert (made.rgb[~ground] >= 0xFF000001).all()


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_random_geometries_agree_with_the_loop(data):
    canvas = data.draw(st.tuples(st.integers(16, 40), st.integers(16, 40)))
    tile = data.draw(st.tuples(st.integers(1, 48), st.integers(1, 48)))
    stride = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    offset = tuple(data.draw(st.integers(-6, 12)) / 2 for _ in range(2))
    size = data.draw(st.tuples(st.integers(1, 30), st.integers(1, 30)))
    residual = data.draw(st.booleans())
    maps = np.random.default_rng(3).normal(size=(2, *size)).astype(np.float32)
    info, grid, levels = stage(size, stride, offset), Grid(2, tile, 1), (Levels(2.0, True),)
    made = mosaic(maps, axes(info, canvas, tile), levels, grid, COLOURS, residual=residual)
    expected = slow(maps, info, canvas, levels, grid, residual)
    assert ((made.rgb == GROUND) == (expected < 0)).all()
    there = expected >= 0
    assert np.abs((made.rgb & 0xFF).astype(int)[there] - expected[there]).max(initial=0) <= 1


@pytest.mark.parametrize(
    ("size", "stride", "offset", "canvas", "tile"), [case for case in CASES if max(case[3]) <= max(case[4])]
)
def test_the_cell_under_a_point_is_the_cell_shown_there(size, stride, offset, canvas, tile):
    info = stage(size, stride, offset)
    rows, cols = axes(info, canvas, tile)
    for y, x in itertools.product(range(tile[0]), range(tile[1])):
        cell = cell_at(info, canvas, tile, y + 0.5, x + 0.5)
        shown = rows.low[y] < rows.high[y] and cols.low[x] < cols.high[x]
        assert cell == ((rows.low[y], cols.low[x]) if shown else None)
        if cell is not None:
            top, left, height, width = cell_box(info, canvas, tile, cell)
            assert top - 1e-9 <= y + 0.5 <= top + height + 1e-9
            assert left - 1e-9 <= x + 0.5 <= left + width + 1e-9


def test_a_point_outside_the_tile_has_no_cell():
    info = stage((8, 8), 2, 0.5)
    assert cell_at(info, (16, 16), (16, 16), -0.1, 3) is None
    assert cell_at(info, (16, 16), (16, 16), 3, 16.0) is None


def test_zero_is_the_middle_of_the_diverging_table_exactly():
    maps = np.zeros((1, 16, 16), np.float32)
    info = stage((16, 16), 1, 0.0)
    colours = Colours(diverging(True), GROUND, NAN)
    made = mosaic(maps, axes(info, (16, 16), (16, 16)), (Levels(1.0, True),), Grid(1, (16, 16), 0), colours)
    assert (made.rgb == 0xFF16181A).all()
    assert made.nothing


def test_what_leaves_the_range_is_said():
    info = stage((16, 16), 1, 0.0)
    where, grid = axes(info, (16, 16), (16, 16)), Grid(2, (16, 16), 2)
    maps = np.zeros((2, 16, 16), np.float32)
    maps[1, 3, 3] = 2
    made = mosaic(maps, where, (Levels(1.0, True),), grid, COLOURS)
    assert (made.below, made.above, made.nothing) == (False, True, False)
    each = mosaic(maps, where, (Levels(1.0, True), Levels(3.0, True)), grid, COLOURS)
    assert (each.below, each.above) == (False, False)
    assert mosaic(-maps, where, (Levels(1.0, True),), grid, COLOURS).below


def test_channels_may_have_a_range_each():
    info = stage((16, 16), 1, 0.0)
    maps = np.stack([np.full((16, 16), 1.0), np.full((16, 16), 4.0)]).astype(np.float32)
    made = mosaic(
        maps,
        axes(info, (16, 16), (16, 16)),
        (Levels(1.0, False), Levels(8.0, False)),
        Grid(2, (16, 16), 2),
        COLOURS,
    )
    assert (made.rgb[:, :16] & 0xFF == 255).all()
    assert (made.rgb[:, 18:] & 0xFF == 128).all()
    assert (made.rgb[:, 16:18] == GROUND).all()


def test_what_is_not_defined_is_hatched():
    info = stage((32, 32), 1, 0.0)
    defined = np.ones((32, 32), bool)
    defined[:8] = False
    maps = np.ones((1, 32, 32), np.float32)
    for side in (32, 8):
        made = mosaic(
            maps,
            axes(info, (32, 32), (side, side)),
            (Levels(1.0, True),),
            Grid(1, (side, side), 0),
            COLOURS,
            residual=True,
            defined=defined,
        )
        gone = made.rgb[: side // 4]
        assert np.isin(gone, (GROUND, NAN)).all()
        assert (gone == NAN).any()
        assert made.finite
        assert (made.rgb[side // 4 :] & 0xFF == 255).all()


@pytest.mark.parametrize("tile", [(16, 16), (32, 32), (8, 8)])
@pytest.mark.parametrize("undefined", [False, True])
def test_the_hatch_runs_through_all_tiles_where_there_is_no_value(tile, undefined):
    info, grid = stage((16, 16), 1, 0.0), Grid(3, tile, 1)
    maps = np.zeros((5, 16, 16), np.float32)
    maps[3, 4:8, 2:10] = math.nan
    defined = np.ones((16, 16), bool)
    if undefined:
        defined[:, 12:] = False
    where = axes(info, (16, 16), tile)
    made = mosaic(maps, where, (Levels(1.0, True),), grid, COLOURS, defined=defined if undefined else None)
    expected = np.full(grid.shape(5), GROUND, np.uint32)
    for n in range(5):
        top, left = n // 3 * (tile[0] + 1), n % 3 * (tile[1] + 1)
        for y, x in itertools.product(range(tile[0]), range(tile[1])):
            cells = [slice(int(one.low[p]), int(one.high[p])) for one, p in zip(where, (y, x), strict=True)]
            lost = np.isnan(maps[n, cells[0], cells[1]]).any() or not defined[cells[0], cells[1]].any()
            expected[top + y, left + x] = 0xFF000080
            if lost:
                expected[top + y, left + x] = NAN if (top + left + y + x) % 6 < 2 else GROUND
    assert np.array_equal(made.rgb, expected)


@pytest.mark.parametrize("channels", [1, 3, 4, 512])
@pytest.mark.parametrize("size", [(1, 1), (33, 33), (64, 64)])
@pytest.mark.parametrize("value", [0.0, math.nan, math.inf, -math.inf, 3e38])
def test_odd_data_is_drawn_and_owned_up_to(channels, size, value):
    if channels == 512 and size == (64, 64):
        channels = 64
    maps = np.zeros((channels, *size), np.float32)
    maps[0, 0, 0] = value
    info = stage(size, 1 if size != (1, 1) else None, 0.0 if size != (1, 1) else None)
    canvas = size if size != (1, 1) else (64, 64)
    for tile in ((16, 16), (33, 33), (128, 128)):
        made = mosaic(maps, axes(info, canvas, tile), (Levels(1.0, True),), Grid(4, tile, 1), COLOURS)
        assert made.rgb.dtype == np.uint32
        assert (made.rgb >> 24 == 255).all()
        assert made.finite == math.isfinite(value)
        if math.isnan(value):
            assert (made.rgb == NAN).any()
        else:
            assert not (made.rgb == NAN).any()
        assert made.nothing == (value == 0)


def test_levels_that_do_not_fit_are_refused():
    info = stage((16, 16), 1, 0.0)
    where = axes(info, (16, 16), (16, 16))
    with pytest.raises(ValueError, match="2 ranges do not fit 3 maps"):
        mosaic(np.zeros((3, 16, 16), np.float32), where, (Levels(1, True),) * 2, Grid(1, (16, 16), 0), COLOURS)
    with pytest.raises(ValueError, match="columns"):
        Grid(0, (16, 16), 0)


VALUES = st.one_of(
    st.floats(width=32, allow_nan=False, allow_infinity=False),
    st.floats(-3, 3, width=32),
    # in units of a quarter of an entry, where the rule decides between neighbours
    st.integers(-600, 600).map(lambda number: float(np.float32(number / 254))),
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 3.4e38, -3.4e38, math.inf, -math.inf, 1e-45]),
)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_entry_is_that_of_the_plain_rule_to_the_bit(data):
    count, columns = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 4))
    size = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    signed, gap = data.draw(st.booleans()), data.draw(st.integers(0, 3))
    limit = st.floats(2.0**-20, 2.0**20, width=32)
    limits = data.draw(st.lists(limit, min_size=count, max_size=count) | limit.map(lambda one: [one]))
    some = data.draw(st.lists(VALUES, min_size=1, max_size=40))
    wide = np.resize(np.array(some), (count, *size)) * np.resize(limits, count)[:, None, None]
    with np.errstate(over="ignore"):
        maps = wide.astype(np.float32)
    grid = Grid(columns, size, gap)
    levels = tuple(Levels(one, signed) for one in limits)
    made = mosaic(maps, axes(stage(size, 1, 0.0), size, size), levels, grid, COLOURS)
    expected = np.full(grid.shape(count), GROUND, np.uint32)
    for n, y, x in itertools.product(range(count), range(size[0]), range(size[1])):
        value, most = float(maps[n, y, x]), limits[n % len(limits)]
        # float32 after every step, as documented; Python's own numbers hold such a step exactly enough
        factor = float(np.float32((127 if signed else 254) / most))
        near = max(-4 * most, min(4 * most, value))
        entry = float(np.float32(float(np.float32(near * factor)) + (128.5 if signed else 1.5)))
        top, left = n // columns * (size[0] + gap), n % columns * (size[1] + gap)
        expected[top + y, left + x] = TABLE[min(255, max(1, math.floor(entry)))]
    assert np.array_equal(made.rgb, expected)
    lows = [-one if signed else 0.0 for one in np.resize(limits, count)]
    assert made.below == any(maps[n].min() < lows[n] for n in range(count))
    assert made.above == any(maps[n].max() > np.resize(limits, count)[n] for n in range(count))
    assert made.finite == bool(np.isfinite(maps).all())


@pytest.mark.parametrize("limit", [0.3, 2.0, 7e-9, 1.1e6])
@pytest.mark.parametrize("signed", [False, True])
def test_values_about_the_ends_of_a_range_take_the_last_entries(limit, signed):
    at = np.float32(limit)
    ends = [at, -at if signed else np.float32(0)]
    steps = [np.nextafter(end, side) for end in ends for side in (np.float32(np.inf), np.float32(-np.inf))]
    maps = np.array([*ends, *steps, 3.4e38, -3.4e38], np.float32).reshape(1, 2, 4)
    made = mosaic(
        maps, axes(stage((2, 4), 1, 0.0), (2, 4), (2, 4)), (Levels(limit, signed),), Grid(1, (2, 4), 0), COLOURS
    )
    assert (made.rgb & 0xFF).tolist() == [[255, 1, 255, 255], [1, 1, 255, 1]]
    assert made.below
    assert made.above
