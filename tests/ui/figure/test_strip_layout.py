"""Where panels stand: nothing overlaps, nothing leaves the strip, the order is that of the network."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftlab.network import presets
from shiftlab.network.geometry import stages
from shiftlab.network.info import StageInfo
from shiftlab.network.pairing import paired
from shiftlab.network.spec import Activation, Conv, Layer, MaxPool, NetworkSpec, Norm
from shiftlab.ui.figure.pair_layout import pair_layout
from shiftlab.ui.figure.panel_geometry import (
    BELOW_MOSAIC,
    LEAST_WIDTH,
    MOSAIC_TOP,
    OVERHANG,
    PANEL_HEIGHT,
    PANEL_WIDTH,
    panel_geometry,
)
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.strip_layout import (
    MANY,
    StripLayout,
    default_chips,
    downsamples,
    enlarged_layout,
    strip_layout,
)


def preset_stages(name: str) -> tuple[StageInfo, ...]:
    spec = presets.preset(name)
    return stages(spec, spec.canvas or (64, 64))


@st.composite
def networks(draw: st.DrawFn) -> tuple[StageInfo, ...]:
    """Stages as a network might have them: some downsample, the last ones may have no places."""
    made: list[StageInfo] = []
    stride, side = 1, 64
    for index in range(draw(st.integers(1, 40))):
        kind = draw(st.sampled_from(["conv", "activation", "norm", "maxpool"]))
        if kind == "maxpool" and side > 4:
            stride, side = stride * 2, side // 2
        channels = draw(st.sampled_from([1, 3, 8, 16, 64, 512]))
        made.append(
            StageInfo(f"{kind}{index}", kind, channels, (side, side), (stride,) * 2, (3, 3), (0.0, 0.0), kind == "conv")
        )
    for index in range(draw(st.integers(0, 3))):
        made.append(StageInfo(f"dense{index}", "dense", 10, (1, 1), None, None, None, True))
    return tuple(made)


def rows_of(layout: StripLayout) -> list[list[str]]:
    rows: dict[float, list[str]] = {}
    for box in layout.boxes:
        if box.form == "panel":
            rows.setdefault(box.rect.y, []).append(box.key[1])
    return list(rows.values())


@given(networks(), st.integers(200, 2400), st.integers(200, 1400), st.data())
def test_nothing_overlaps_and_all_is_inside(
    infos: tuple[StageInfo, ...], width: int, height: int, data: st.DataObject
) -> None:
    names = [info.name for info in infos]
    chips = frozenset(data.draw(st.sets(st.sampled_from(names))))
    hidden = frozenset(data.draw(st.sets(st.sampled_from(names), max_size=3)))
    layout = strip_layout(infos, (width, height), (64, 64), chips=chips, hidden=hidden)
    assert [box.key for box in layout.boxes] == [(0, name) for name in names if name not in hidden]
    whole = Rect(0, 0, *layout.size)
    for box in layout.boxes:
        assert box.rect.inside(whole)
        assert box.form == ("chip" if box.key[1] in chips else "panel")
        if box.form == "panel":
            assert box.rect.width >= LEAST_WIDTH
            assert box.rect.y >= OVERHANG
    for first, second in itertools.combinations(layout.boxes, 2):
        assert not first.rect.meets(second.rect)
    for arrow in layout.arrows:
        assert arrow.rect.inside(whole)
        assert not any(arrow.rect.meets(box.rect) for box in layout.boxes)


@given(networks(), st.integers(400, 2400))
def test_reading_order_is_the_order_of_flow(infos: tuple[StageInfo, ...], width: int) -> None:
    layout = strip_layout(infos, (width, 700), (64, 64))
    places = [(box.rect.y, box.rect.x) for box in layout.boxes]
    assert places == sorted(places)
    assert len(layout.arrows) == len(infos) - 1
    assert [arrow.into[1] for arrow in layout.arrows] == [info.name for info in infos[1:]]


@given(networks(), st.integers(900, 2400))
def test_a_row_is_broken_inside_a_block_only_where_the_block_does_not_fit(
    infos: tuple[StageInfo, ...], width: int
) -> None:
    layout = strip_layout(infos, (width, 760), (64, 64))
    rows = rows_of(layout)
    blocks: list[list[str]] = [[]]
    for index, info in enumerate(infos):
        blocks[-1].append(info.name)
        after = infos[index + 1] if index + 1 < len(infos) else None
        before = infos[index - 1] if index else None
        ends = (info.stride is not None and downsamples(before, info)) or (
            after is not None and after.stride is None and info.stride is not None
        )
        if ends:
            blocks.append([])
    panel = layout.boxes[0].rect.width
    for block in blocks:
        holding = [row for row in rows if set(row) & set(block)]
        if len(holding) > 1:
            assert len(block) * panel + (len(block) - 1) * 16 > width - 40 or len(block) > max(map(len, rows))


def test_three_blocks_as_the_look_shows_it() -> None:
    layout = strip_layout(preset_stages("three-blocks"), (952, 764), (64, 64))
    assert rows_of(layout) == [["conv1", "relu1", "pool1"], ["conv2", "relu2", "pool2"], ["conv3", "relu3", "pool3"]]
    assert {box.rect[2:] for box in layout.boxes} == {(PANEL_WIDTH, PANEL_HEIGHT)}
    assert [box.rect.x for box in layout.boxes[:3]] == [20, 20 + 312, 20 + 624]
    assert layout.boxes[3].rect.y - layout.boxes[0].rect.y == 250
    assert layout.size[1] <= 764, "all of it is seen"


@pytest.mark.parametrize(
    ("width", "rows"),
    [
        (616, [["conv1", "relu1"], ["conv2", "relu2"], ["conv3", "relu3"], ["conv4", "relu4"]]),
        (952, [["conv1", "relu1", "conv2"], ["relu2", "conv3", "relu3"], ["conv4", "relu4"]]),
        (1264, [["conv1", "relu1", "conv2", "relu2"], ["conv3", "relu3", "conv4", "relu4"]]),
    ],
)
def test_a_strided_convolution_keeps_its_activation_beside_it(width: int, rows: list[list[str]]) -> None:
    layers: list[Layer] = []
    for stride in (1, 2, 2, 2):
        layers += [Conv(channels=32, stride=(stride, stride)), Activation()]
    infos = stages(NetworkSpec(name="strided", layers=tuple(layers)), (32, 32))
    assert rows_of(strip_layout(infos, (width, 764), (32, 32))) == rows


def test_a_window_frame_takes_no_channels_from_a_row() -> None:
    infos = tuple(
        StageInfo(f"conv{number}", "conv", 32, (32, 32), (1, 1), (3, 3), (0.0, 0.0), True) for number in range(6)
    )
    layout = strip_layout(infos, (612, 760), (32, 32))
    made = [panel_geometry(box.rect, info, (32, 32)) for box, info in zip(layout.boxes, infos, strict=True)]
    assert {(one.layout.columns, one.layout.rows) for one in made} == {(8, 4)}
    assert layout.size[1] <= 780
    assert layout.boxes[1].rect.right + 10 <= 612


def test_a_title_bar_takes_no_gauge_from_view() -> None:
    infos = preset_stages("three-blocks")
    roomy, tight = (strip_layout(infos, (952, height), (64, 64)) for height in (764, 728))
    assert not roomy.tight
    assert tight.tight
    assert tight.size[1] <= 728, "all of it is seen"
    assert rows_of(tight) == rows_of(roomy)
    for first, second in itertools.pairwise(tight.boxes[::3]):
        assert second.rect.y - first.rect.bottom >= OVERHANG, "room for the tab"
    for layout in (roomy, tight):
        for box, info in zip(layout.boxes, infos, strict=True):
            made = panel_geometry(box.rect, info, (64, 64), tight=layout.tight)
            assert (made.layout.columns, made.layout.rows, made.layout.box) == (4, 2, 64)
            lines = [made.name, made.mosaic, made.bar, made.moved, made.stayed]
            assert all(above.bottom <= below.y for above, below in itertools.pairwise(lines))
            assert made.stayed.bottom <= box.rect.bottom - 8
    assert not strip_layout(infos, (952, 700), (64, 64)).tight, "where not all is seen anyway nothing is squeezed"


def test_where_one_panel_stands_in_a_row_it_shows_a_channel_large() -> None:
    infos = preset_stages("three-blocks")
    layout = strip_layout(infos, (456, 640), (64, 64))
    for box, info in zip(layout.boxes, infos, strict=True):
        geometry = panel_geometry(box.rect, info, (64, 64))
        assert (geometry.layout.columns, geometry.layout.box) == (4, 64)
        assert geometry.spare is not None
        assert geometry.spare.inside(box.rect)
        assert geometry.spare.x > geometry.mosaic.right
    assert layout.boxes[0].rect.height == PANEL_HEIGHT


def test_three_stages_stand_in_one_row_with_larger_tiles() -> None:
    layout = strip_layout(preset_stages("seed"), (952, 764), (64, 64))
    assert len(rows_of(layout)) == 1
    assert layout.boxes[0].rect.height > 2 * PANEL_HEIGHT


def test_three_stages_of_512_channels_stand_in_one_row_and_use_the_height() -> None:
    layers = (Conv(channels=512, padding=(1, 1)), Activation(), MaxPool(stride=(2, 2)))
    infos = stages(NetworkSpec(name="wide", layers=layers), (64, 64))
    for width in (948.0, 952.0):
        layout = strip_layout(infos, (width, 740.0), (64, 64))
        assert len({box.rect.y for box in layout.boxes}) == 1
        assert layout.boxes[0].rect.height > 2 * PANEL_HEIGHT


def test_beside_a_dock_two_panels_stand_in_a_row() -> None:
    layout = strip_layout(preset_stages("three-blocks"), (616, 764), (64, 64))
    assert max(map(len, rows_of(layout))) == 2
    assert layout.boxes[1].rect.x - layout.boxes[0].rect.right == 16


@pytest.mark.parametrize("canvas", [(48, 96), (96, 48)])
def test_a_canvas_twice_as_wide_as_high_fills_its_panels(canvas: tuple[int, int]) -> None:
    spec = presets.preset("three-blocks")
    infos = stages(spec, canvas)
    layout = strip_layout(infos, (952, 764), canvas)
    for box, info in zip(layout.boxes, infos, strict=True):
        geometry = panel_geometry(box.rect, info, canvas)
        assert geometry.layout.tile == canvas, "one pixel for each of the canvas"
        assert not geometry.layout.scrolls
        assert geometry.mosaic.height > 0.9 * (box.rect.height - MOSAIC_TOP - BELOW_MOSAIC)


def test_a_large_window_shows_large_tiles() -> None:
    layout = strip_layout(preset_stages("three-blocks"), (2072, 1280), (64, 64))
    assert rows_of(layout) == rows_of(strip_layout(preset_stages("three-blocks"), (952, 764), (64, 64)))
    assert layout.boxes[0].rect.width > 500
    assert layout.size[1] <= 1280


def test_long_networks_begin_with_chips() -> None:
    assert default_chips(preset_stages("three-blocks")) == frozenset()
    many = tuple(
        StageInfo(f"{kind}{index}", kind, 8, (64, 64), (1, 1), (3, 3), (0.0, 0.0), True)
        for index in range(MANY)
        for kind in ("conv", "activation")
    )
    assert {name.rstrip("0123456789") for name in default_chips(many[:MANY])} == {"activation"}
    assert len(default_chips(many)) > MANY


@pytest.mark.parametrize(("width", "columns"), [(952, 3), (1400, 4)])
def test_sixty_stages_of_chips_leave_no_column_empty(width: int, columns: int) -> None:
    layers: list[Layer] = []
    for number in range(20):
        layers += [Conv(channels=8, padding=(1, 1)), Norm(), MaxPool() if number in (4, 9, 14) else Activation()]
    infos = stages(NetworkSpec(name="long", layers=tuple(layers)), (64, 64))
    layout = strip_layout(infos, (width, 740), (64, 64), chips=default_chips(infos))
    assert {box.form for box in layout.boxes} == {"panel", "chip"}
    left = layout.boxes[0].rect.x
    starts = [layout.boxes[0].rect.y]
    for before, box in itertools.pairwise(layout.boxes):
        if box.rect.x == left and before.rect.x > left:
            starts.append(box.rect.y)
    assert len(starts) > 2
    for top, below in itertools.pairwise(starts):
        assert len({box.rect.x for box in layout.boxes if top <= box.rect.y < below}) == columns


def test_points_find_their_box() -> None:
    layout = strip_layout(preset_stages("three-blocks"), (952, 764), (64, 64))
    for box in layout.boxes:
        assert layout.at(*box.rect.centre) is box
        assert layout.box(box.key) is box
    assert layout.at(0, 0) is None


def test_an_enlarged_stage_fills_the_room() -> None:
    layout = enlarged_layout((0, "conv1"), (952, 764))
    assert layout.boxes[0].rect.inside(Rect(0, 0, 952, 764))
    assert layout.boxes[0].rect.width > 900


@given(networks(), networks(), st.integers(200, 2000))
def test_columns_of_two_networks_stand_above_each_other(
    first: tuple[StageInfo, ...], second: tuple[StageInfo, ...], width: int
) -> None:
    pairs = paired(first, second)
    assert tuple(a for a, _ in pairs if a is not None) == first
    assert tuple(b for _, b in pairs if b is not None) == second
    layout = pair_layout(first, second, width)
    whole = Rect(0, 0, max(width, 136), layout.size[1])
    for box in layout.boxes:
        assert box.rect.inside(whole)
        assert layout.at(*box.rect.centre) is box
        assert not any(box.rect.meets(band.chart) for band in layout.bands)
    for one, other in itertools.combinations(layout.boxes, 2):
        assert not one.rect.meets(other.rect)
    assert [pair for band in layout.bands for pair in band.pairs] == list(pairs)


@pytest.mark.parametrize(
    ("name", "room", "form"),
    [
        ("three-blocks", (952, 764), (64, 1, 4)),
        ("three-blocks", (952, 720), (64, 1, 3)),
        ("three-blocks", (1816, 1240), (64, 2, 4)),
        ("seed", (1816, 1240), (128, 3, 3)),
        ("three-blocks", (616, 764), (64, 1, 4)),
    ],
)
def test_columns_use_the_room_that_one_band_leaves(
    name: str, room: tuple[int, int], form: tuple[int, int, int]
) -> None:
    infos = preset_stages(name)
    layout = pair_layout(infos, infos, *room)
    assert (layout.form.box, layout.form.across, layout.form.down) == form
    if room[0] > 900:
        assert len(layout.bands) == 1
        assert layout.size[1] <= room[1]
        assert max(box.rect.right for box in layout.boxes) <= room[0]
    else:
        assert len(layout.bands) == 2, "too narrow for all: as the look shows them, and scrolled"


def test_max_and_blur_pooling_are_paired() -> None:
    pairs = paired(preset_stages("three-blocks"), preset_stages("blurpool"))
    assert ("pool1", "blur1") in [(a.name, b.name) for a, b in pairs if a is not None and b is not None]
    assert all(a is not None and b is not None for a, b in pairs)


def test_a_stage_without_a_counterpart_stands_alone() -> None:
    pairs = paired(preset_stages("seed"), preset_stages("seed-relu"))
    named = [(a.name if a is not None else "", b.name if b is not None else "") for a, b in pairs]
    assert named == [("conv1", "conv1"), ("", "relu1"), ("pool1", "pool1"), ("conv2", "conv2"), ("", "relu2")]


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_has_a_layout(name: str) -> None:
    for room in ((952, 764), (616, 764), (752, 652), (300, 500)):
        layout = strip_layout(preset_stages(name), room, (64, 64))
        assert len(layout.boxes) == len(preset_stages(name))
