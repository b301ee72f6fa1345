"""What is under a point of a panel is what was painted there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftlab.network import presets
from shiftlab.network.geometry import stages
from shiftlab.network.info import StageInfo
from shiftlab.picture.colours import Colours
from shiftlab.picture.levels import Levels
from shiftlab.picture.mosaic import Grid, mosaic
from shiftlab.picture.tile import axes
from shiftlab.ui.figure.panel_geometry import NARROW_COLUMN, ColumnForm, PanelGeometry, column_geometry, panel_geometry
from shiftlab.ui.figure.rect import Rect

CANVAS = (64, 64)
USUAL = Rect(468, 120, 288, 240)


def stage(channels: int = 8, size: int = 32, stride: int = 2) -> StageInfo:
    side = 64 // stride
    assert side == size
    centre = (stride - 1) / 2
    return StageInfo("pool1", "maxpool", channels, (size, size), (stride, stride), (4, 4), (centre, centre), False)


def test_the_usual_panel_has_the_measures_of_the_look() -> None:
    made = panel_geometry(USUAL, stage(), CANVAS)
    assert made.mosaic == Rect(468 + 12, 120 + 38, 4 * 64 + 3 * 2, 2 * 64 + 2)
    assert made.bar.y - 120 == 178
    assert made.moved.y - 120 == 196
    assert made.stayed.y - 120 == 214
    assert made.stayed.bottom < USUAL.bottom
    assert made.moved.width == 264


@pytest.mark.parametrize(
    ("channels", "columns", "rows", "box", "spare"),
    [(4, 2, 2, 64, True), (8, 4, 2, 64, False), (16, 4, 4, 32, True), (32, 8, 4, 32, False), (512, 15, 7, 16, False)],
)
def test_channels_as_the_look_lays_them_out(channels: int, columns: int, rows: int, box: int, spare: bool) -> None:
    made = panel_geometry(USUAL, stage(channels), CANVAS)
    assert (made.layout.columns, made.layout.rows, made.layout.box) == (columns, rows, box)
    assert (made.spare is not None) == spare
    assert made.mosaic.width <= 264
    assert made.mosaic.height <= 132
    if made.spare is not None:
        assert not made.spare.meets(made.mosaic)
        assert made.spare.right <= USUAL.right - 12


def test_scroll_words() -> None:
    assert panel_geometry(USUAL, stage(512), CANVAS).scroll_words == "1–105 of 512"
    assert panel_geometry(USUAL, stage(8), CANVAS).scroll_words == ""
    later = panel_geometry(USUAL, stage(512), CANVAS, first=150)
    assert later.scroll_words == "151–255 of 512"


STAGES = stages(presets.preset("lenet"), CANVAS) + stages(presets.preset("three-blocks"), CANVAS)


@given(
    st.sampled_from([info for info in STAGES if info.stride is not None]),
    st.sampled_from([1.0, 1.5, 2.0]),
    st.integers(160, 560),
    st.integers(230, 640),
    st.data(),
)
def test_the_hit_is_what_the_mosaic_shows_there(
    info: StageInfo, scale: float, width: int, height: int, data: st.DataObject
) -> None:
    """Each cell of each channel gets a colour of its own; the colour under a point tells what is there."""
    geometry = panel_geometry(Rect(20, 12, width, height), info, CANVAS, scale=scale)
    layout = geometry.layout
    cells = info.size[0] * info.size[1]
    values = np.arange(cells, dtype=np.float32).reshape(info.size)
    column = data.draw(st.integers(0, layout.size[0] - 1))
    row = data.draw(st.integers(0, layout.size[1] - 1))
    hit = geometry.hit(geometry.mosaic.x + (column + 0.5) / scale, geometry.mosaic.y + (row + 0.5) / scale)
    channel = layout.channel_at(column + 0.5, row + 0.5)
    assert (hit is None) == (channel is None)
    if hit is None:
        return
    assert hit.channel == channel
    x, y, _, _ = layout.rect(hit.channel)
    if any(one.most > 1 for one in axes(info, CANVAS, layout.tile)):
        return  # several cells under a pixel: which of them is the pixel's is a matter of taste
    shown = painted_cells(values, info, geometry)[row - y, column - x]
    assert shown == (-1 if hit.cell is None else hit.cell[0] * info.size[1] + hit.cell[1])


def painted_cells(values: np.ndarray, info: StageInfo, geometry: PanelGeometry) -> np.ndarray:
    """The number of the cell at each pixel of one tile, as the mosaic paints it; -1 where there is none.

    Numbers do not fit 254 colours, so they are painted digit by digit.
    """
    found = np.zeros(geometry.layout.tile, int)
    for place in range(2):
        digits = (values.astype(int) // 100**place) % 100
        table = np.arange(256, dtype=np.uint32)
        made = mosaic(
            digits[None].astype(np.float32),
            axes(info, CANVAS, geometry.layout.tile),
            (Levels(254.0, False),),
            Grid(1, geometry.layout.tile, 0),
            Colours(table, 255, 255),
        )
        outside = made.rgb == 255
        found += np.where(outside, 0, (made.rgb.astype(int) - 1) * 100**place)
    return np.where(outside, -1, found)


@given(st.integers(1, 40), st.sampled_from([1, 2, 4, 8]), st.data())
def test_the_outline_of_a_cell_surrounds_the_points_that_hit_it(
    channels: int, stride: int, data: st.DataObject
) -> None:
    info = stage(channels, 64 // stride, stride)
    geometry = panel_geometry(USUAL, info, CANVAS)
    channel = data.draw(st.sampled_from(list(geometry.channels)))
    cell = (data.draw(st.integers(0, info.size[0] - 1)), data.draw(st.integers(0, info.size[1] - 1)))
    place = geometry.cells(geometry.tile(channel), (cell[0], cell[0]), (cell[1], cell[1]))
    assert place.inside(geometry.tile(channel).grown(1e-6))
    if place.width >= 1:
        assert geometry.hit(*place.centre) == (channel, cell)


def test_the_spare_room_belongs_to_the_selected_channel() -> None:
    geometry = panel_geometry(USUAL, stage(16), CANVAS)
    assert geometry.spare is not None
    hit = geometry.hit(*geometry.spare.centre, selected=11)
    assert hit is not None
    assert hit.channel == 11
    assert hit.cell == (16, 16)
    assert geometry.hit(*geometry.spare.centre) is None


def test_requests_ask_for_exactly_what_is_shown() -> None:
    geometry = panel_geometry(USUAL, stage(16), CANVAS, scale=2.0)
    whole, one = geometry.requests((0, "pool1"), "left", 5)
    assert (whole.first, whole.count, whole.columns, whole.tile, whole.gap) == (0, 16, 4, (64, 64), 2)
    assert (one.first, one.count, one.tile, one.view) == (5, 1, (256, 256), "left")
    assert geometry.requests((0, "pool1"), "now", None) == (geometry.requests((0, "pool1"), "now", 3)[0],)


def test_a_column_holds_four_tiles() -> None:
    info = stage(8)
    assert NARROW_COLUMN.width == 88
    geometry = column_geometry(Rect(36, 6, 88, NARROW_COLUMN.height), info, CANVAS)
    assert geometry.column
    assert (geometry.layout.columns, geometry.layout.count, geometry.layout.box) == (1, 4, 64)
    assert geometry.mosaic.width == 64
    assert geometry.mosaic.bottom <= geometry.bar.y
    assert geometry.moved.bottom <= geometry.rect.bottom


@pytest.mark.parametrize(("form", "shown"), [(ColumnForm(64, 2, 4), 8), (ColumnForm(128, 1, 3), 3)])
def test_a_wider_column_holds_more_or_larger_tiles(form: ColumnForm, shown: int) -> None:
    geometry = column_geometry(Rect(36, 6, form.width, form.height), stage(8), CANVAS, form=form)
    assert (geometry.layout.count, geometry.layout.box) == (shown, form.box)
    assert geometry.mosaic.right <= geometry.rect.right - 12
    assert geometry.mosaic.bottom <= geometry.bar.y


@given(st.integers(2, 64), st.integers(500, 1800), st.integers(400, 1200), st.sampled_from([1.0, 2.0]))
def test_an_enlarged_panel_shows_the_selected_channel_large(
    channels: int, width: int, height: int, scale: float
) -> None:
    rect = Rect(20, 12, width, height)
    geometry = panel_geometry(rect, stage(channels), CANVAS, scale=scale, enlarged=True)
    if geometry.spare is not None:
        assert geometry.spare.inside(rect)
        assert not geometry.spare.meets(geometry.mosaic)
        assert geometry.spare.bottom <= geometry.bar.y
        assert geometry.spare.width >= 64
        _, one = geometry.requests((0, "pool1"), "now", 0)
        assert one.tile[0] % 64 == 0, "whole factors of the canvas"
    usual = panel_geometry(USUAL, stage(16), CANVAS)
    assert usual.spare is not None
    assert usual.spare.width == 128
