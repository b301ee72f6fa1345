"""Which cells met a pixel, against gradients under positive weights; and which dense weights read the others."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from shiftlab.learn.touched import dense_over_places, seen_pixels, touched_cells, untouched_change, weight_map
from shiftlab.network.modules import Forward
from shiftlab.network.spec import (
    Activation,
    Conv,
    Dense,
    Flatten,
    GlobalAvg,
    MaxPool,
    NetworkError,
    NetworkSpec,
)
from shiftlab.network.weights import Network, Weights

CANVAS = (20, 24)


def spec(mode: str = "zeros", stride: int = 1, bias: bool = False) -> NetworkSpec:
    convs = [
        Conv(channels=3, kernel=(5, 3), padding=(2, 1), padding_mode=mode, stride=(stride, 1), bias=bias),  # type: ignore[arg-type]
        Conv(channels=4, padding=(1, 1), dilation=(1, 1), padding_mode=mode, bias=bias),  # type: ignore[arg-type]
    ]
    return NetworkSpec(
        name="net",
        layers=(convs[0], Activation(), MaxPool(), convs[1], Activation(), Flatten(), Dense(units=2, bias=False)),
        seed=1,
    )


@settings(max_examples=15)
@given(st.sampled_from(("zeros", "circular", "valid")), st.integers(1, 2), st.integers(0, 2**16))
def test_touched_cells_are_those_that_a_marked_pixel_reaches(mode: str, stride: int, seed: int) -> None:
    made = spec(mode, stride)
    pixels = np.random.default_rng(seed).uniform(size=CANVAS) < 0.01
    x = torch.tensor(pixels, dtype=torch.float64)[None, None]
    pad = {"zeros": (2, 1), "circular": (2, 1), "valid": (0, 0)}[mode]
    small = {"zeros": (1, 1), "circular": (1, 1), "valid": (0, 0)}[mode]
    fill = "circular" if mode == "circular" else "constant"
    for kernel, padding, step in (((5, 3), pad, (stride, 1)), ((2, 2), (0, 0), (2, 2)), ((3, 3), small, (1, 1))):
        x = F.pad(x, (padding[1], padding[1], padding[0], padding[0]), mode=fill)
        x = F.conv2d(x, torch.ones(1, 1, *kernel, dtype=torch.float64), stride=step)
    np.testing.assert_array_equal(touched_cells(made, CANVAS, pixels, "relu2"), (x[0, 0] > 0).numpy())


def test_a_stage_without_places_is_named() -> None:
    with pytest.raises(NetworkError, match="no stage 'dense1' with places"):
        touched_cells(spec(), CANVAS, np.zeros(CANVAS, dtype=bool), "dense1")


def test_the_change_is_that_of_the_untouched_weights_alone() -> None:
    before = Network(spec())
    pixels = np.zeros(CANVAS, dtype=bool)
    pixels[:6, :6] = True
    arrays = dict(Forward(before, CANVAS).weights().arrays)
    places = weight_map(before, CANVAS).copy()
    touched = touched_cells(before.spec, CANVAS, pixels, "relu2")
    places[:, :, touched] += 5
    arrays["dense1.weight"] = places.reshape(2, -1)
    assert untouched_change(before, Network(before.spec, Weights(arrays)), CANVAS, pixels) == 0
    row, col = np.argwhere(~touched)[-1]
    places[1, 2, row, col] -= 0.25
    arrays["dense1.weight"] = places.reshape(2, -1)
    after = Network(before.spec, Weights(arrays))
    assert untouched_change(before, after, CANVAS, pixels) == pytest.approx(0.25)
    assert untouched_change(before, after, CANVAS, np.ones(CANVAS, dtype=bool)) is None


def test_a_network_that_pools_over_places_has_no_untouched_weights() -> None:
    pooled = NetworkSpec(name="pooled", layers=(*spec().layers[:5], GlobalAvg(), Dense(units=2)))
    assert dense_over_places(pooled) is None
    assert untouched_change(Network(pooled), Network(pooled), CANVAS, np.ones(CANVAS, dtype=bool)) is None
    with pytest.raises(NetworkError, match="pooled has no dense layer over places"):
        weight_map(Network(pooled), CANVAS)


def test_seen_pixels_are_those_not_black_somewhere() -> None:
    images = np.zeros((3, 2, 4, 5), np.float32)
    images[0, 1, 2, 3] = images[2, 0, 0, 0] = 0.1
    assert np.argwhere(seen_pixels(images)).tolist() == [[0, 0], [2, 3]]
