"""The forward, against plain torch.nn.functional, scipy and plain loops; and the theorems about shifts."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.ndimage
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from shiftlab.network import geometry, initial, presets
from shiftlab.network.modules import Forward
from shiftlab.network.spec import (
    Activation,
    AvgPool,
    BlurPool,
    Conv,
    Dense,
    Flatten,
    GlobalAvg,
    GlobalMax,
    MaxPool,
    NetworkError,
    NetworkSpec,
    Norm,
    Polyphase,
    Subsample,
    with_padding,
)
from shiftlab.network.weights import Network, Weights

from . import plain

DOUBLE = torch.float64


def network(*layers, **others) -> NetworkSpec:
    return NetworkSpec(name="test", layers=layers, **others)


def image(
    spec: NetworkSpec, canvas: tuple[int, int], seed: int = 0, dtype: torch.dtype = torch.float32
) -> torch.Tensor:
    return torch.rand(spec.channels, *canvas, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def check_against_plain(spec: NetworkSpec, canvas: tuple[int, int], **kinds) -> None:
    forward = Forward(Network(spec), canvas)
    x = image(spec, canvas)
    expected = plain.maps(spec, initial.initial_weights(spec, canvas).arrays, x[None], **kinds)
    answered = forward.maps(x)
    assert list(answered) == list(expected)
    for name, value in expected.items():
        assert answered[name].shape == value.shape
        torch.testing.assert_close(
            answered[name], value, rtol=1e-5, atol=1e-5 * float(value.abs().max()) + 1e-7, msg=name
        )


class TestAgainstPlain:
    @pytest.mark.parametrize("mode", plain.MODES)
    @pytest.mark.parametrize("name", [name for name in presets.names() if name != "vgg11"])
    def test_every_preset_and_padding(self, name, mode):
        check_against_plain(with_padding(presets.preset(name), mode), (80, 77) if name == "deep" else (64, 61))

    def test_vgg11_on_its_own_canvas(self):
        check_against_plain(presets.preset("vgg11"), (224, 224))

    @settings(max_examples=60, deadline=None)
    @given(plain.spatial_networks(), st.tuples(st.integers(7, 20), st.integers(7, 20)))
    def test_random_networks(self, spec, canvas):
        try:
            geometry.stages(spec, canvas)
        except NetworkError:
            assume(False)
        check_against_plain(spec, canvas)

    @pytest.mark.parametrize("function", sorted(plain.ACTIVATIONS))
    def test_activations_norm_and_heads(self, function):
        spec = network(
            Conv(channels=4, kernel=(2, 3)),
            Norm(),
            Activation(function=function),
            Flatten(),
            Dense(units=3),
            Activation(),
        )
        shapes = initial.weight_shapes(spec, (16, 18))
        random = np.random.default_rng(1)
        weights = {
            name: random.uniform(0.2, 1, shape).astype(np.float32) - ("bias" in name) for name, shape in shapes.items()
        }
        x = image(spec, (16, 18))
        answered = Forward(Network(spec, Weights(weights)), (16, 18)).maps(x)
        for name, value in plain.maps(spec, weights, x[None]).items():
            torch.testing.assert_close(answered[name], value, rtol=1e-5, atol=1e-5)

    def test_a_head_without_flattening_and_global_maps(self):
        for pooled in (GlobalAvg(), GlobalMax(), Flatten()):
            check_against_plain(network(Conv(channels=3), pooled, Dense(units=4)), (17, 16))
        check_against_plain(network(Conv(channels=3), Dense(units=4)), (17, 16))

    def test_a_layer_that_is_switched_off_is_not_there(self):
        spec = network(Conv(channels=3), MaxPool(on=False), Activation())
        assert list(Forward(Network(spec), (16, 16)).maps(image(spec, (16, 16)))) == ["conv1", "relu1"]
        check_against_plain(spec, (16, 16))

    def test_a_batch_is_its_images(self):
        spec = presets.preset("aps")
        forward = Forward(Network(spec), (32, 32))
        batch = torch.stack([image(spec, (32, 32), seed) for seed in range(3)])
        together = forward.maps(batch)
        for index in range(3):
            for name, value in forward.maps(batch[index]).items():
                torch.testing.assert_close(together[name][index : index + 1], value)


class TestPooling:
    @settings(max_examples=40, deadline=None)
    @given(st.tuples(plain.sides, plain.sides), plain.strides, st.integers(0, 999))
    def test_maximum_has_the_bits_of_torch(self, kernel, stride, seed):
        x = torch.randn(2, 3, 9, 11, generator=torch.Generator().manual_seed(seed))
        forward = Forward(
            Network(network(Conv(channels=3, kernel=(1, 1)), MaxPool(kernel=kernel, stride=stride))), (9, 11)
        )
        assert torch.equal(forward.run("pool1", x), torch.nn.functional.max_pool2d(x, kernel, stride))

    @pytest.mark.parametrize("size", range(1, 8))
    @pytest.mark.parametrize("mode", ["reflect", "replicate", "zeros", "circular"])
    @pytest.mark.parametrize("shape", [(12, 12), (11, 14), (9, 9)])
    def test_blur_by_the_formula(self, size, mode, shape):
        """Zhang 2019: binomial filter, padded floor and ceil of (size - 1)/2, every second sample; with scipy."""
        x = np.random.default_rng(size).standard_normal(shape)
        weights = np.array([math.comb(size - 1, k) for k in range(size)], dtype=float) / 2 ** (size - 1)
        before = (size - 1) // 2
        scipy_mode = {"reflect": "mirror", "replicate": "nearest", "zeros": "constant", "circular": "wrap"}[mode]
        blurred = x
        for axis in (0, 1):
            # tap k reads x[i + k - before]; scipy centres a kernel of n at n // 2
            blurred = scipy.ndimage.correlate1d(blurred, weights, axis, mode=scipy_mode, origin=before - size // 2)
        forward = Forward(Network(network(BlurPool(size=size, padding_mode=mode))), shape, dtype=DOUBLE)
        answered = forward.maps(torch.tensor(x)[None])["blur1"][0, 0].numpy()
        np.testing.assert_allclose(answered, blurred[::2, ::2], atol=1e-6)
        np.testing.assert_allclose(
            forward.run_at_stride_1("blur1", torch.tensor(x)[None, None])[0, 0], blurred, atol=1e-6
        )

    @pytest.mark.parametrize("size", range(1, 8))
    @pytest.mark.parametrize("mode", ["reflect", "replicate", "zeros", "circular"])
    @pytest.mark.parametrize("shape", [(8, 8), (7, 10)])
    def test_max_blur_by_plain_loops(self, size, mode, shape):
        x = np.random.default_rng(size).standard_normal(shape)
        rows, cols = shape
        if mode == "circular":
            maxed = np.array(
                [
                    [max(x[(r + i) % rows, (c + j) % cols] for i in (0, 1) for j in (0, 1)) for c in range(cols)]
                    for r in range(rows)
                ]
            )
        else:
            maxed = np.array([[x[r : r + 2, c : c + 2].max() for c in range(cols - 1)] for r in range(rows - 1)])

        def at(row: int, col: int) -> float:
            inside = []
            for index, side in ((row, maxed.shape[0]), (col, maxed.shape[1])):
                if mode == "circular":
                    index %= side
                elif mode == "replicate":
                    index = min(max(index, 0), side - 1)
                elif mode == "reflect":
                    index = abs(index) if index < side else 2 * (side - 1) - index
                elif not 0 <= index < side:
                    return 0.0
                inside.append(index)
            return maxed[inside[0], inside[1]]

        before = (size - 1) // 2
        forward = Forward(
            Network(network(BlurPool(size=size, max_kernel=(2, 2), padding_mode=mode))), shape, dtype=DOUBLE
        )
        answered = forward.maps(torch.tensor(x)[None])["blur1"][0, 0]
        for u, v in np.ndindex(*answered.shape):
            total = sum(
                math.comb(size - 1, i) * math.comb(size - 1, j) * at(2 * u - before + i, 2 * v - before + j)
                for i in range(size)
                for j in range(size)
            )
            assert answered[u, v] == pytest.approx(total / 4 ** (size - 1), abs=1e-6)

    def test_at_stride_1(self):
        x = torch.rand(1, 1, 16, 16, dtype=DOUBLE)
        for layer in (MaxPool(), AvgPool(), Conv(channels=1, stride=(2, 2), kernel=(1, 1)), Subsample()):
            forward = Forward(Network(network(layer)), (16, 16), dtype=DOUBLE)
            every, strided = forward.run_at_stride_1(0, x), forward.run(0, x)
            assert torch.equal(every[:, :, ::2, ::2][:, :, : strided.shape[2], : strided.shape[3]], strided)


even_images = arrays.arrays(np.float64, (1, 12, 16), elements=st.floats(-4, 4, width=32))


class TestPolyphase:
    @settings(max_examples=50, deadline=None)
    @given(
        even_images, st.integers(-12, 12), st.integers(-16, 16), st.integers(1, 4), st.sampled_from([(1, 1), (2, 2)])
    )
    def test_moves_along_with_every_whole_shift(self, x, down, right, blur, max_kernel):
        """y' = roll(y, (s + p - p')/2), p the phase kept (issue 4, after Chaman & Dokmanic 2021)."""
        forward = Forward(Network(network(Polyphase(blur=blur, max_kernel=max_kernel))), (12, 16), dtype=DOUBLE)
        x = torch.tensor(x)[None]
        moved = torch.roll(x, (down, right), (2, 3))
        (phase, tied), (moved_phase, moved_tied) = forward.phases(0, x), forward.phases(0, moved)
        assume(not tied and not moved_tied)
        by = []
        for axis, shift in ((0, down), (1, right)):
            p, q = (int(one) >> axis & 1 for one in (phase, moved_phase))
            assert (shift + p - q) % 2 == 0
            by.append((shift + p - q) // 2)
        kept, kept_moved = forward.run(0, x), forward.run(0, moved)
        torch.testing.assert_close(kept_moved, torch.roll(kept, by, (2, 3)), rtol=0, atol=1e-12)

    def test_order_of_phases_and_ties(self):
        forward = Forward(Network(network(Polyphase())), (8, 8))
        for order, (row, col) in enumerate([(0, 0), (1, 0), (0, 1), (1, 1)]):
            x = torch.zeros(1, 1, 8, 8)
            x[0, 0, 2 + row, 4 + col] = 1
            assert [int(one) for one in forward.phases("polyphase1", x)] == [order, 0]
            assert forward.run(0, x)[0, 0, 1, 2] == 1
        assert [int(one) for one in forward.phases(0, torch.ones(1, 1, 8, 8))] == [0, 1]
        with pytest.raises(NetworkError, match="conv1 is no polyphase stage"):
            Forward(Network(network(Conv(channels=1))), (8, 8)).phases(0, torch.ones(1, 1, 8, 8))

    def test_the_aps_preset_classifies_every_shift_alike(self):
        spec = presets.preset("aps")
        forward = Forward(Network(spec), (32, 32), dtype=DOUBLE)
        x = image(spec, (32, 32), dtype=DOUBLE)
        shifts = [(down, right) for down in range(0, 32, 3) for right in range(0, 32, 5)]
        batch = torch.stack([torch.roll(x, by, (1, 2)) for by in shifts])
        logits = forward.maps(batch)["dense1"]
        torch.testing.assert_close(logits, logits[:1].expand_as(logits), rtol=0, atol=1e-12)


def circular_networks(strided: bool) -> st.SearchStrategy[NetworkSpec]:
    conv = st.builds(
        Conv,
        channels=st.sampled_from((2, 3)),
        kernel=st.sampled_from(((3, 3), (1, 3), (5, 1))),
        padding=st.just((0, 0)),
        bias=st.booleans(),
        dilation=st.just((1, 1)),
    ).map(
        lambda one: Conv(
            **{
                **{f: getattr(one, f) for f in one.__struct_fields__},
                "padding": (one.kernel[0] // 2, one.kernel[1] // 2),
                "padding_mode": "circular",
            }
        )
    )
    others = [
        st.builds(Activation, function=st.sampled_from(sorted(plain.ACTIVATIONS))),
        st.just(BlurPool(stride=(1, 1), padding_mode="circular")),
    ]
    if strided:
        others += [
            st.just(MaxPool()),
            st.just(AvgPool()),
            st.just(BlurPool(max_kernel=(2, 2), padding_mode="circular")),
            st.just(Subsample()),
        ]
    return st.lists(st.one_of(conv, *others), min_size=1, max_size=5).map(lambda layers: network(*layers))


class TestEquivariance:
    """In float64, wrapped scenes and circular padding: S commutes with the multiples of S."""

    @settings(max_examples=40, deadline=None)
    @given(circular_networks(strided=False), st.integers(-15, 15), st.integers(-15, 15))
    def test_stride_1_moves_along_with_every_shift(self, spec, down, right):
        forward = Forward(Network(spec), (15, 16), dtype=DOUBLE)
        x = image(spec, (15, 16), dtype=DOUBLE)
        here, there = forward.maps(x), forward.maps(torch.roll(x, (down, right), (1, 2)))
        for name, value in here.items():
            expected = torch.roll(value, (down, right), (2, 3))
            assert float((there[name] - expected).norm()) <= 1e-12 * float(value.norm())

    @settings(max_examples=40, deadline=None)
    @given(circular_networks(strided=True), st.integers(-3, 3), st.integers(-3, 3))
    def test_a_stride_moves_along_with_its_multiples(self, spec, down, right):
        canvas = (32, 64)
        infos = geometry.stages(spec, canvas)
        forward = Forward(Network(spec), canvas, dtype=DOUBLE)
        x = image(spec, canvas, dtype=DOUBLE)
        stride = infos[-1].stride
        there = forward.maps(torch.roll(x, (down * stride[0], right * stride[1]), (1, 2)))
        for info, value in zip(infos, forward.maps(x).values(), strict=True):
            by = (down * stride[0] // info.stride[0], right * stride[1] // info.stride[1])
            assert float((there[info.name] - torch.roll(value, by, (2, 3))).norm()) <= 1e-12 * float(value.norm())

    @pytest.mark.parametrize("shift", [1, 3])
    def test_max_pooling_does_not_move_along_with_odd_shifts(self, shift):
        spec = presets.preset("three-blocks")
        forward = Forward(Network(spec), (64, 64), dtype=DOUBLE)
        x = image(spec, (64, 64), dtype=DOUBLE)
        here, there = forward.maps(x)["pool1"], forward.maps(torch.roll(x, shift, 2))["pool1"]
        errors = [float((there - torch.roll(here, by, 3)).norm() / here.norm()) for by in (shift // 2, shift // 2 + 1)]
        assert min(errors) > 0.05


class TestForward:
    def test_gradients_reach_input_and_weights(self):
        spec = presets.preset("gmp-head")
        forward = Forward(Network(spec), (32, 32), dtype=DOUBLE)
        for tensor in forward.parameters():
            tensor.requires_grad_(True)
        x = image(spec, (32, 32), dtype=DOUBLE).requires_grad_(True)
        forward.maps(x, grad=True)["dense1"].sum().backward()
        assert x.grad is not None
        assert all(tensor.grad is not None and tensor.grad.abs().sum() > 0 for tensor in forward.parameters())
        assert forward.maps(x)["dense1"].is_inference()

    def test_weights_go_out_as_they_came_in(self):
        spec = presets.preset("lenet")
        forward = Forward(Network(spec), (32, 32))
        weights = forward.weights()
        assert weights == initial.initial_weights(spec, (32, 32))
        assert forward.tensors["conv1.weight"].data_ptr() != weights.arrays["conv1.weight"].ctypes.data

    def test_norm_statistics_are_no_parameters(self):
        forward = Forward(Network(network(Conv(channels=2), Norm())), (16, 16))
        assert len(forward.parameters()) == 4
        assert len(forward.tensors) == 6

    def test_images_that_do_not_fit_are_refused(self):
        forward = Forward(Network(presets.preset("seed")), (64, 64))
        with pytest.raises(NetworkError, match=r"takes images of \(1, 64, 64\), not \(3, 64, 64\)"):
            forward.maps(torch.zeros(3, 64, 64))
        with pytest.raises(NetworkError, match="no stage 'relu1'; there are conv1, pool1, conv2"):
            forward.run("relu1", torch.zeros(1, 1, 4, 4))
        with pytest.raises(NetworkError, match="no stage number 3"):
            forward.run(3, torch.zeros(1, 1, 4, 4))

    def test_read_only_arrays_are_taken(self):
        array = np.zeros((1, 64, 64), dtype=np.float32)
        array.flags.writeable = False
        assert float(Forward(Network(presets.preset("seed")), (64, 64)).maps(array)["conv2"].abs().max()) == 0
