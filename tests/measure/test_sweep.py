"""A sweep by phases gives what the naive loop gives, at every place."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shiftlab.measure.jobs import Step, result_of
from shiftlab.measure.sweep import Sweep, sweep
from shiftlab.network import geometry, presets
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
    with_padding,
)
from shiftlab.network.weights import Network

MODES = ("zeros", "circular", "reflect", "replicate", "valid", "full")


def with_head(spec: NetworkSpec) -> NetworkSpec:
    if any(isinstance(layer, Dense | GlobalAvg | GlobalMax) for layer in spec.layers):
        return spec
    return msgspec.structs.replace(spec, layers=(*spec.layers, Flatten(), Dense(units=3)))


def patch_of(spec: NetworkSpec, size: tuple[int, int]) -> np.ndarray:
    return np.random.default_rng(0).random((spec.channels, *size), dtype=np.float32)


def check(spec: NetworkSpec, canvas: tuple[int, int], size: tuple[int, int], ground=0.0, places: int = 60) -> Sweep:
    """Against one forward after another, at all corners and edges' middles, and at random places."""
    forward, patch = Forward(Network(spec), canvas), patch_of(spec, size)
    found = result_of(sweep(forward, patch, ground))
    rows, cols = canvas[0] - size[0] + 1, canvas[1] - size[1] + 1
    assert found.values.shape == (rows, cols, forward.stages[-1].channels)
    assert (found.rows.tolist(), found.cols.tolist()) == (list(range(rows)), list(range(cols)))
    random = np.random.default_rng(1)
    chosen = {(row, col) for row in (0, rows // 2, rows - 1) for col in (0, cols // 2, cols - 1)}
    chosen |= {(int(random.integers(rows)), int(random.integers(cols))) for _ in range(places)}
    blank = np.broadcast_to(np.asarray(ground, dtype=np.float32), (spec.channels, *canvas))
    images = []
    for row, col in sorted(chosen):
        image = blank.copy()
        image[:, row : row + size[0], col : col + size[1]] = patch
        images.append(forward.maps(image)[forward.names[-1]].flatten())
    naive = torch.stack(images).numpy()
    swept = np.stack([found.values[place] for place in sorted(chosen)])
    assert np.abs(swept - naive).max() <= 1e-5 * max(1.0, float(np.abs(naive).max()))
    return found


class TestAgainstTheNaiveLoop:
    @pytest.mark.parametrize("name", [name for name in presets.names() if name != "vgg11"])
    def test_every_preset(self, name):
        spec = with_head(presets.preset(name))
        small = name in ("aps", "deep", "blurpool", "face-deep")
        canvas, size = ((48, 43), (37, 35)) if small else ((72, 67), (9, 12))
        found = check(spec, canvas, size)
        assert found.way == ("windows" if name == "aps" else "phases")
        if not small:
            assert found.computed < found.values.shape[0] * found.values.shape[1]

    def test_vgg11(self):
        found = check(presets.preset("vgg11"), (64, 64), (61, 62), places=2)
        assert found.way == "phases"

    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize(
        "head", [(Flatten(), Dense(units=3)), (GlobalAvg(), Dense(units=3)), (GlobalMax(), Dense(units=3))]
    )
    def test_paddings_and_grounds(self, mode, head):
        body = presets.preset("seed-relu")
        spec = with_padding(msgspec.structs.replace(body, layers=(*body.layers, *head)), mode)
        for ground in (0.0, 0.4):
            found = check(spec, (61, 48), (7, 10), ground)
            assert found.computed < 0.5 * found.values.shape[0] * found.values.shape[1]

    @settings(max_examples=40, deadline=None)
    @given(
        st.lists(
            st.one_of(
                st.builds(
                    Conv,
                    channels=st.sampled_from((2, 3)),
                    kernel=st.sampled_from(((3, 3), (5, 2), (1, 1))),
                    stride=st.sampled_from(((1, 1), (1, 1), (2, 1))),
                    padding=st.sampled_from(((0, 0), (1, 1), (2, 0))),
                    padding_mode=st.sampled_from(MODES),
                    dilation=st.sampled_from(((1, 1), (2, 1))),
                ),
                st.sampled_from(
                    [Activation(), Activation(function="tanh"), MaxPool(), AvgPool(kernel=(3, 3), padding=(1, 1))]
                ),
                st.sampled_from(
                    [BlurPool(max_kernel=(2, 2), padding_mode=mode) for mode in ("zeros", "circular", "reflect")]
                ),
            ),
            min_size=1,
            max_size=4,
        ),
        st.sampled_from([(Flatten(), Dense(units=2)), (Dense(units=2),), (GlobalAvg(),), (GlobalMax(), Activation())]),
        st.tuples(st.integers(28, 45), st.integers(28, 45)),
        st.tuples(st.integers(1, 9), st.integers(1, 9)),
        st.sampled_from([0.0, 0.5]),
    )
    def test_random_networks(self, body, head, canvas, size, ground):
        spec = NetworkSpec(name="random", layers=(*body, *head), seed=3)
        try:
            geometry.stages(spec, canvas)
        except NetworkError:
            assume(False)
        assert check(spec, canvas, size, ground, places=20).way == "phases"


class TestWay:
    def test_the_number_of_distinct_places_does_not_grow_with_the_canvas(self):
        """Three blocks of 3x3 and a 2x2 pool: 8 phases and 30 places at the borders along each axis."""
        spec = with_padding(with_head(presets.preset("three-blocks")), "zeros")
        for side in (128, 192):
            found = check(spec, (side, side), (32, 32), places=5)
            assert found.computed == 38 * 38

    def test_a_ground_that_is_not_level_is_followed(self):
        spec = with_head(presets.preset("seed-relu"))
        ground = np.random.default_rng(2).random((1, 40, 44), dtype=np.float32)
        assert check(spec, (40, 44), (25, 30), ground).way == "windows"
        assert check(spec, (40, 44), (25, 30), np.full((1, 40, 44), 0.5, np.float32)).way == "phases"

    def test_a_network_without_layers_over_places(self):
        assert check(NetworkSpec(name="head", layers=(Dense(units=3),)), (20, 20), (15, 16)).way == "windows"

    def test_in_float64(self):
        spec = presets.preset("dense-head")
        patch = patch_of(spec, (8, 8))
        double = result_of(sweep(Forward(Network(spec), (48, 48), dtype=torch.float64), patch))
        single = result_of(sweep(Forward(Network(spec), (48, 48)), patch))
        np.testing.assert_allclose(double.values, single.values, atol=1e-5)

    def test_trained_weights_are_those_of_the_forward(self):
        forward = Forward(Network(presets.preset("dense-head")), (40, 40))
        for tensor in forward.parameters():
            tensor.mul_(0.5)
        patch = patch_of(forward.network.spec, (30, 30))
        found = result_of(sweep(forward, patch))
        image = np.zeros((1, 40, 40), np.float32)
        image[:, 3:33, 7:37] = patch
        np.testing.assert_allclose(found.values[3, 7], forward.maps(image)["dense1"].flatten(), atol=1e-5)

    def test_progress_rises_to_its_total(self):
        spec = presets.preset("gap-head")
        steps: list[Step] = []
        result_of(sweep(Forward(Network(spec), (48, 48)), patch_of(spec, (8, 8))), steps.append)
        assert [step.done for step in steps] == list(range(1, steps[-1].total + 1))

    def test_what_cannot_be_swept(self):
        with pytest.raises(NetworkError, match="three-blocks has no head, whose outputs could be swept"):
            next(sweep(Forward(Network(presets.preset("three-blocks")), (64, 64)), np.zeros((1, 8, 8), np.float32)))
        with pytest.raises(NetworkError, match="does not fit"):
            next(sweep(Forward(Network(presets.preset("gap-head")), (64, 64)), np.zeros((1, 65, 8), np.float32)))
