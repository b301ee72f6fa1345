"""The layout of a stage's channels against the table of the visual language."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shiftlab.picture.layout import gap_of, mosaic_layout, tile_size

PANEL = (264, 132)


@pytest.mark.parametrize(
    ("channels", "box", "columns", "rows", "shown", "spare"),
    [
        (1, 128, 1, 1, 1, False),
        (2, 128, 2, 1, 2, False),
        (3, 64, 2, 2, 3, True),
        (4, 64, 2, 2, 4, True),
        (8, 64, 4, 2, 8, False),
        (9, 32, 4, 3, 9, True),
        (16, 32, 4, 4, 16, True),
        (32, 32, 8, 4, 32, False),
        (64, 16, 15, 5, 64, False),
        (105, 16, 15, 7, 105, False),
        (512, 16, 15, 7, 105, False),
    ],
)
def test_a_panel_of_the_usual_size(channels, box, columns, rows, shown, spare):
    layout = mosaic_layout(channels, PANEL)
    assert (layout.box, layout.columns, layout.rows, layout.count) == (box, columns, rows, shown)
    assert (layout.spare is not None) == spare
    assert layout.scrolls == (shown < channels)


@pytest.mark.parametrize(
    ("channels", "room", "columns"),
    [
        (64, (300, 264), 8),  # of nine, in eight full rows
        (32, (240, 198), 7),  # four columns would be full, and leave half the room empty
        (64, (300, 99), 9),  # more than fit: as many as the room has
    ],
)
def test_full_rows_are_worth_a_column_or_two(channels, room, columns):
    layout = mosaic_layout(channels, room, 32)
    assert layout.columns == columns


def test_eight_channels_measure_what_the_look_says():
    layout = mosaic_layout(8, PANEL)
    assert (layout.tile, layout.gap, layout.size) == ((64, 64), 2, (262, 130))


def test_the_spare_half_holds_the_selected_channel_at_128():
    assert mosaic_layout(16, PANEL).spare == (136, 0, 128, 128)


@pytest.mark.parametrize(
    ("canvas", "room", "tile", "grid", "box"),
    [
        ((48, 96), PANEL, None, (2, 4), 64),  # tiles of 48 x 24
        ((96, 48), PANEL, None, (4, 2), 64),  # tiles of 24 x 48
        ((48, 96), PANEL, 128, (2, 2), 128),  # tiles of 96 x 48: two above one another
        ((96, 48), PANEL, 128, (5, 1), 128),  # tiles of 48 x 96: five side by side
        ((48, 96), (264, 198), None, (2, 4), 128),
        ((96, 48), (264, 198), None, (4, 2), 128),
    ],
)
def test_tiles_that_are_not_square_stand_as_close_as_square_ones(canvas, room, tile, grid, box):
    layout = mosaic_layout(8, room, tile, canvas=canvas)
    assert ((layout.columns, layout.rows), layout.box) == (grid, box)
    assert layout.count == min(8, grid[0] * grid[1])


@pytest.mark.parametrize("canvas", [(48, 96), (96, 48), (32, 256), (256, 32)])
@pytest.mark.parametrize("tile", [16, 32, 64, 128])
@pytest.mark.parametrize("scale", [1.0, 1.25, 2.0])
def test_no_row_and_no_column_more_would_fit(canvas, tile, scale):
    layout = mosaic_layout(9000, PANEL, tile, canvas=canvas, scale=scale)
    assert layout.scrolls
    gap = gap_of(layout.box) * scale
    for side, count, room in zip(layout.tile[::-1], (layout.columns, layout.rows), PANEL, strict=True):
        assert (count + 1) * side + count * gap > room * scale


def test_scrolling_shows_whole_rows_and_never_an_empty_one():
    assert mosaic_layout(512, PANEL, first=105).first == 105
    assert mosaic_layout(512, PANEL, first=107).first == 105
    last = mosaic_layout(512, PANEL, first=10_000)
    assert last.first % last.columns == 0
    assert last.first + last.count == 512


def test_device_pixels_follow_the_scale():
    layout = mosaic_layout(8, PANEL, scale=2.0)
    assert (layout.tile, layout.gap, layout.box) == ((128, 128), 4, 64)


@pytest.mark.parametrize(
    ("canvas", "box", "expected"),
    [
        ((64, 64), 64, (64, 64)),
        ((64, 64), 128, (128, 128)),
        ((48, 48), 64, (48, 48)),
        ((16, 32), 64, (32, 64)),
        ((224, 224), 64, (56, 56)),
        ((512, 512), 16, (16, 16)),
        ((65, 65), 64, (33, 33)),
    ],
)
def test_a_tile_is_the_canvas_by_a_whole_factor(canvas, box, expected):
    assert tile_size(canvas, box) == expected


@settings(max_examples=50, deadline=None)
@given(
    channels=st.integers(1, 700),
    width=st.integers(16, 1400),
    height=st.integers(16, 900),
    tile=st.sampled_from([None, 16, 32, 64, 128]),
    first=st.integers(0, 800),
    canvas=st.tuples(st.integers(16, 512), st.integers(16, 512)),
    scale=st.sampled_from([1.0, 1.25, 1.5, 2.0]),
)
def test_every_layout_fits_and_finds_its_channels_again(channels, width, height, tile, first, canvas, scale):
    layout = mosaic_layout(channels, (width, height), tile, canvas=canvas, first=first, scale=scale)
    assert layout.size[0] <= width * scale + layout.columns
    assert layout.size[1] <= height * scale + layout.rows
    assert 1 <= layout.count <= channels - layout.first
    for channel in (layout.first, layout.first + layout.count - 1):
        x, y, w, h = layout.rect(channel)
        assert layout.channel_at(x + w / 2, y + h / 2) == channel
    if layout.spare is not None:
        x, y, w, h = layout.spare
        assert x >= layout.size[0]
        assert x + w <= width * scale
        assert y + h <= height * scale


def test_no_channels_is_refused():
    with pytest.raises(ValueError, match="channels must be 1 or more, not 0"):
        mosaic_layout(0, PANEL)
