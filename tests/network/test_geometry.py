"""Sizes and receptive fields, against real activations and the support of gradients."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shiftlab.network import geometry, presets
from shiftlab.network.initial import weight_shapes
from shiftlab.network.modules import Forward
from shiftlab.network.spec import (
    Activation,
    AvgPool,
    BlurPool,
    Conv,
    Dense,
    Flatten,
    GlobalAvg,
    MaxPool,
    NetworkError,
    NetworkSpec,
    Polyphase,
    Subsample,
    with_padding,
)
from shiftlab.network.weights import Network

from . import plain


def network(*layers, **others) -> NetworkSpec:
    return NetworkSpec(name="test", layers=layers, **others)


def described(spec: NetworkSpec, canvas: tuple[int, int] = (64, 64)) -> list[tuple]:
    return [(one.name, one.receptive_field, one.stride, one.offset) for one in geometry.stages(spec, canvas)]


class TestStages:
    def test_seed_sees_3_4_and_8_pixels(self):
        assert described(presets.preset("seed")) == [
            ("conv1", (3, 3), (1, 1), (0, 0)),
            ("pool1", (4, 4), (2, 2), (0.5, 0.5)),
            ("conv2", (8, 8), (2, 2), (0.5, 0.5)),
        ]

    def test_alexnet_as_published(self):
        """Araujo et al. 2019, table 1: AlexNet's last convolution has a field of 163 and a stride of 16."""
        layers = (
            Conv(channels=4, kernel=(11, 11), stride=(4, 4)),
            MaxPool(kernel=(3, 3), stride=(2, 2)),
            Conv(channels=4, kernel=(5, 5), padding=(2, 2)),
            MaxPool(kernel=(3, 3), stride=(2, 2)),
            Conv(channels=4, padding=(1, 1)),
            Conv(channels=4, padding=(1, 1)),
            Conv(channels=4, padding=(1, 1)),
            MaxPool(kernel=(3, 3), stride=(2, 2)),
        )
        last = geometry.stages(network(*layers), (227, 227))[-1]
        assert (last.receptive_field, last.stride) == ((195, 195), (32, 32))
        assert geometry.stages(network(*layers), (227, 227))[-2].receptive_field == (163, 163)

    def test_dilation_and_sides_of_their_own(self):
        spec = network(Conv(channels=1, kernel=(3, 5), dilation=(2, 1), padding=(1, 0), stride=(1, 3)))
        assert described(spec) == [("conv1", (5, 5), (1, 3), (1, 2))]

    @pytest.mark.parametrize("size", range(1, 8))
    def test_a_blur_pads_more_after_than_before(self, size):
        (_, field, stride, offset) = described(network(BlurPool(size=size)))[0]
        assert (field, stride) == ((size, size), (2, 2))
        assert offset == (((size - 1) / 2) % 1,) * 2

    def test_stages_without_places(self):
        spec = network(Conv(channels=3), Flatten(), Activation(), Dense(units=7))
        infos = geometry.stages(spec, (16, 20))
        assert [(one.channels, one.size, one.stride) for one in infos[1:]] == [
            (3 * 14 * 18, (1, 1), None),
            (3 * 14 * 18, (1, 1), None),
            (7, (1, 1), None),
        ]

    def test_the_deep_preset_covers_its_canvas_and_vgg11_its_own(self):
        assert min(geometry.stages(presets.preset("deep"), (64, 64))[-1].receptive_field) >= 64
        assert presets.preset("vgg11").canvas == (224, 224)

    @pytest.mark.parametrize("name", presets.names())
    @pytest.mark.parametrize("mode", plain.MODES)
    def test_facts_agree_with_activations(self, name, mode):
        spec = with_padding(presets.preset(name), mode)
        canvas = (151, 150) if (name, mode) == ("vgg11", "valid") else (81, 78)
        infos = geometry.stages(spec, canvas)
        x = torch.rand(1, spec.channels, *canvas, generator=torch.Generator().manual_seed(0)) - 0.5
        maps = Forward(Network(spec), canvas).maps(x)
        for info in infos:
            assert maps[info.name].shape == (1, info.channels, *info.size)
            assert info.signed or maps[info.name].min() >= 0
        assert list(maps) == [info.name for info in infos]


class TestRefusals:
    @pytest.mark.parametrize(
        ("layers", "words"),
        [
            (
                (MaxPool(), MaxPool(), MaxPool(), MaxPool(), MaxPool()),
                "pool5: a 1x1 map is smaller than its 2x2 window",
            ),
            ((Conv(channels=4, groups=2),), "conv1: 1 incoming channels do not divide into 2 groups"),
            (
                (Conv(channels=1, padding=(16, 0), padding_mode="reflect"),),
                "conv1: reflect padding of 16 needs a larger",
            ),
            ((Conv(channels=1, padding=(0, 17), padding_mode="circular"),), "conv1: circular padding of 17 is more"),
            ((Flatten(), Conv(channels=1)), "conv1: no places are left after flatten1"),
            ((GlobalAvg(), MaxPool()), "pool1: no places are left after globalavg1"),
            ((Dense(units=2), GlobalAvg()), "globalavg1: no places are left after dense1"),
            ((MaxPool(padding=(2, 0)),), "pool1: padding 2x0 leaves its 2x2 window with nothing to see"),
            ((Conv(channels=1, dilation=(9, 9)),), "conv1: a 16x16 map is smaller than its 19x19 window"),
            ((Conv(channels=1, padding=(99999, 9999)),), "conv1: maps of 1x.* are too large"),
        ],
    )
    def test_one_line_that_names_the_stage(self, layers, words):
        with pytest.raises(NetworkError, match=words) as caught:
            geometry.stages(network(*layers), (16, 16))
        assert "\n" not in str(caught.value)

    def test_weights_beyond_memory(self):
        with pytest.raises(NetworkError, match="dense1: weights of 1000000x262144 are too many"):
            weight_shapes(network(Dense(units=1_000_000)), (512, 512))

    def test_unknown_stage_cell_channel_and_pixel(self):
        spec = presets.preset("seed")
        with pytest.raises(NetworkError, match="no stage 'relu9'; there are conv1, pool1, conv2"):
            geometry.cells_seen(spec, (64, 64), "relu9", (0, 0))
        with pytest.raises(NetworkError, match="none at"):
            geometry.cells_seen(spec, (64, 64), "pool1", (32, 0))
        with pytest.raises(NetworkError, match="none at"):
            geometry.cells_seeing(spec, (64, 64), (64, 0))
        with pytest.raises(NetworkError, match="none numbered 8"):
            geometry.channels_seen(spec, (64, 64), "conv2", 8)


def positive_weights(spec: NetworkSpec, canvas: tuple[int, int]) -> dict[str, np.ndarray]:
    return {name: np.full(shape, 0.5) for name, shape in weight_shapes(spec, canvas).items()}


def supports(spec: NetworkSpec, canvas: tuple[int, int], cell_of) -> list[tuple[str, tuple[int, int], dict]]:
    """For a cell of each stage where the gradient is above 0, in the canvas and in every stage before."""
    x = torch.ones(1, spec.channels, *canvas, dtype=torch.float64, requires_grad=True)
    maps = plain.maps(spec, positive_weights(spec, canvas), x, linear=True)
    found = []
    for index, (name, value) in enumerate(maps.items()):
        earlier = dict(list(maps.items())[:index])
        cell = cell_of(value.shape[2:])
        gradients = torch.autograd.grad(
            value[0, :, cell[0], cell[1]].sum(), [x, *earlier.values()], retain_graph=True, allow_unused=True
        )
        found.append(
            (name, cell, {key: one[0].sum(0) > 0 for key, one in zip(["input", *earlier], gradients, strict=True)})
        )
    return found


def as_mask(cells: geometry.Cells, size) -> np.ndarray:
    mask = np.zeros(tuple(size), dtype=bool)
    mask[np.ix_(cells.rows, cells.cols)] = True
    return mask


class TestFields:
    @settings(max_examples=60, deadline=None)
    @given(plain.spatial_networks(), st.tuples(st.integers(7, 19), st.integers(7, 19)), st.data())
    def test_the_lit_cells_are_the_support_of_the_gradient(self, spec, canvas, data):
        try:
            infos = geometry.stages(spec, canvas)
        except NetworkError:
            assume(False)

        def cell_of(size):
            return tuple(data.draw(st.integers(0, side - 1)) for side in size)

        for name, cell, masks in supports(spec, canvas, cell_of):
            seen = geometry.cells_seen(spec, canvas, name, cell)
            assert list(seen)[:-1] == list(masks)
            for key, mask in masks.items():
                assert np.array_equal(as_mask(seen[key], mask.shape), mask.numpy()), (name, cell, key)
            pixels = np.argwhere(masks["input"].numpy())
            if len(pixels) == 0:  # a padded 1x1 kernel sees nothing at the rim
                continue
            pixel = tuple(int(one) for one in pixels[len(pixels) // 2])
            rows, cols = geometry.cells_seeing(spec, canvas, pixel)[name]
            assert rows[cell[0]]
            assert cols[cell[1]]
        assert len(infos) == len(seen) - 1

    @pytest.mark.parametrize("mode", plain.MODES)
    def test_both_directions_agree_everywhere(self, mode):
        spec = network(
            Conv(channels=1, kernel=(3, 2), dilation=(2, 1), padding=(2, 1), padding_mode=mode),
            BlurPool(size=4, max_kernel=(2, 3), padding_mode=mode),
            Conv(channels=1, kernel=(2, 3), padding=(1, 1), padding_mode=mode),
        )
        canvas = (12, 13)
        last = geometry.stages(spec, canvas)[-1]
        forth = np.zeros((*canvas, *last.size), dtype=bool)
        for pixel in np.ndindex(canvas):
            forth[pixel] = np.outer(*geometry.cells_seeing(spec, canvas, pixel)[last.name])
        for cell in np.ndindex(last.size):
            seen = geometry.cells_seen(spec, canvas, last.name, cell)["input"]
            assert np.array_equal(as_mask(seen, canvas), forth[(..., *cell)])

    @settings(max_examples=40, deadline=None)
    @given(plain.spatial_networks(4), st.tuples(st.integers(9, 16), st.integers(9, 16)))
    def test_unpadded_fields_are_the_intervals_of_the_formula(self, spec, canvas):
        spec = with_padding(spec, "valid")
        try:
            infos = geometry.stages(spec, canvas)
        except NetworkError:
            assume(False)
        for info in infos:
            cell = (info.size[0] - 1, info.size[1] // 2)
            seen = geometry.cells_seen(spec, canvas, info.name, cell)["input"]
            for axis, places in enumerate(seen):
                assert places[-1] - places[0] + 1 <= info.receptive_field[axis]
                centre = (places[0] + places[-1]) / 2
                assert centre == info.offset[axis] + cell[axis] * info.stride[axis]
            assert all(mask.all() for mask in geometry.fields_inside(info, canvas))

    def test_fields_inside_are_those_that_touch_no_padding_on_the_way(self):
        spec = network(Conv(channels=1, padding=(1, 1)), MaxPool(), Conv(channels=1, kernel=(5, 5), padding=(2, 2)))
        for info in geometry.stages(spec, (20, 26)):
            for axis, mask in enumerate(geometry.fields_inside(info, (20, 26))):
                first = [
                    cell * info.stride[axis] + info.offset[axis] - (info.receptive_field[axis] - 1) / 2
                    for cell in range(len(mask))
                ]
                assert mask.tolist() == [
                    one >= 0 and one + info.receptive_field[axis] <= (20, 26)[axis] for one in first
                ]
        inner = geometry.fields_inside(geometry.stages(spec, (20, 26))[-1], (20, 26))
        assert (inner[0].sum(), inner[1].sum()) == (4, 7)

    def test_fields_wrap_and_their_outline_is_in_two_parts(self):
        spec = presets.preset("three-blocks")
        seen = geometry.cells_seen(spec, (64, 64), "conv2", (0, 31))["input"]
        assert seen.rows.tolist() == [0, 1, 2, 3, 4, 61, 62, 63]
        assert geometry.hull(seen.rows, 64, geometry.wraps(spec, "conv2")) == ((0, 4), (61, 63))
        assert geometry.hull(seen.rows, 64) == ((0, 63),)
        assert geometry.hull(seen.rows[:0], 64) == ()

    def test_dilation_leaves_holes(self):
        spec = network(Conv(channels=1, dilation=(3, 2)))
        seen = geometry.cells_seen(spec, (16, 16), "conv1", (2, 4))["input"]
        assert (seen.rows.tolist(), seen.cols.tolist()) == ([2, 5, 8], [4, 6, 8])

    def test_a_head_sees_everything_and_a_flattened_value_its_own_place(self):
        spec = presets.preset("dense-head")
        seen = geometry.cells_seen(spec, (64, 64), "dense1", (0, 0), channel=1)
        assert (len(seen["pool2"].rows), len(seen["input"].cols)) == (16, 64)
        seen = geometry.cells_seen(spec, (64, 64), "flatten1", (0, 0), channel=3 * 256 + 5 * 16 + 7)
        assert (seen["pool2"].rows.tolist(), seen["pool2"].cols.tolist()) == ([5], [7])
        read = geometry.channels_seen(spec, (64, 64), "flatten1", 3 * 256 + 5 * 16 + 7)
        assert (read["pool2"].tolist(), read["conv1"].tolist()) == ([3], list(range(8)))

    def test_channels_of_groups(self):
        spec = network(
            Conv(channels=6), Conv(channels=4, groups=2), Activation(), Conv(channels=4, groups=4), MaxPool()
        )
        read = geometry.channels_seen(spec, (32, 32), "pool1", 2)
        assert {name: one.tolist() for name, one in read.items()} == {
            "input": [0],
            "conv1": [3, 4, 5],
            "conv2": [2],
            "relu1": [2],
            "conv3": [2],
            "pool1": [2],
        }

    def test_polyphase_sees_what_any_phase_would_keep(self):
        seen = geometry.cells_seen(network(Polyphase()), (16, 16), "polyphase1", (3, 0))["input"]
        assert (seen.rows.tolist(), seen.cols.tolist()) == ([6, 7], [0, 1])


class TestPadding:
    def test_one_place_says_what_is_added(self):
        assert geometry.effective_padding(Conv(channels=1, kernel=(3, 5), dilation=(2, 1), padding_mode="full")) == (
            (4, 4),
            (4, 4),
        )
        assert geometry.effective_padding(Conv(channels=1, padding=(1, 2), padding_mode="valid")) == ((0, 0), (0, 0))
        assert geometry.effective_padding(BlurPool(size=4)) == ((1, 2), (1, 2))
        assert geometry.effective_padding(BlurPool(size=3, max_kernel=(2, 2), padding_mode="circular")) == (
            (1, 2),
            (1, 2),
        )
        assert geometry.effective_padding(AvgPool(padding=(1, 0))) == ((1, 1), (0, 0))
        assert geometry.effective_padding(Subsample()) == ((0, 0), (0, 0))

    @settings(max_examples=40, deadline=None)
    @given(st.one_of(plain.conv_layers(), plain.pool_layers()), st.tuples(st.integers(6, 12), st.integers(6, 12)))
    def test_cells_that_touch_padding_change_with_it(self, layer, size):
        """Against zeros: cells that differ when the padding is filled otherwise are those that touch it."""
        if isinstance(layer, Conv):
            layer = msgspec.structs.replace(layer, groups=1)
        spec = network(layer)
        try:
            geometry.stages(spec, size)
        except NetworkError:
            assume(False)
        rows, cols = geometry.touches_padding(layer, size)
        inside = torch.zeros(1, 1, *size, dtype=torch.float64)
        weights = positive_weights(network(layer), size)
        zeros = {name: np.zeros_like(one) if name.endswith("bias") else one for name, one in weights.items()}
        padded = plain.full_json(spec)["layers"][0]
        original = plain.pad
        try:
            plain.pad = lambda x, top, bottom, left, right, mode, value=0.0: original(
                x, top, bottom, left, right, "zeros", 1.0
            )
            answer = plain.maps(spec, zeros, inside, linear=True)
        finally:
            plain.pad = original
        touched = next(iter(answer.values()))[0].sum(0).numpy() > 0
        assert padded["kind"] == layer.kind
        assert np.array_equal(touched, rows[:, None] | cols[None, :])
