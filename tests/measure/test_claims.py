"""What many tutorials say (SCIENCE, section 2, claims 1 to 5), each with its figure, in float64."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from shiftlab.measure.field import effective_field
from shiftlab.measure.lab import measure_pair
from shiftlab.measure.module import measure_module
from shiftlab.measure.tables import rf_json
from shiftlab.network.geometry import stages
from shiftlab.network.presets import preset
from shiftlab.network.spec import Conv, GlobalAvg, NetworkSpec
from shiftlab.network.weights import Network
from shiftlab.scene.values import Pattern, Placed, Scene
from tests.measure import witnesses as w

EXACT = 1e-12


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.tensor(np.random.default_rng(seed).normal(size=shape))


def band_limited(side: int, highest: int, seed: int = 0) -> torch.Tensor:
    """A random image of the frequencies up to `highest` periods a side."""
    frequencies = np.abs(np.fft.fftfreq(side, 1 / side))
    keep = (frequencies[:, None] <= highest) & (frequencies[None] <= highest)
    spectrum = np.fft.fft2(np.random.default_rng(seed).normal(size=(side, side))) * keep
    return torch.tensor(np.fft.ifft2(spectrum).real)[None]


def error_of(module: nn.Module, image: torch.Tensor, shift: tuple[float, float], form: str = "equivariance") -> float:
    value = getattr(measure_module(module, image, shift)[-1].measure, form).value
    assert value is not None
    return value


# 1. "ReLU or pooling in between destroys equivariance."


@pytest.mark.parametrize("shift", [(1, 0), (-3, 5), (7, 7)])
def test_1_relu_commutes_with_every_whole_shift(shift: tuple[int, int]) -> None:
    assert error_of(nn.ReLU(), noise(1, 32, 32), shift) == 0


def test_1_stride_destroys_it() -> None:
    for by in range(1, 8):
        value = error_of(nn.MaxPool2d(2), noise(1, 32, 32).abs(), (0, by))
        assert value == 0 if by % 2 == 0 else value > 0.3


def test_1_a_stride_1_max_pool_is_equivariant() -> None:
    class Wrapped(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return F.max_pool2d(F.pad(x, (1, 1, 1, 1), mode="circular"), 3, 1)

    for by in range(1, 8):
        assert error_of(Wrapped(), noise(1, 32, 32), (0, by)) == 0


def test_1_at_half_a_pixel_relu_aliases_white_noise_strongly_and_band_limited_input_hardly() -> None:
    strong = error_of(nn.ReLU(), noise(1, 64, 64), (0, 0.5), "equivariance_fractional")
    weak = error_of(nn.ReLU(), band_limited(64, 4), (0, 0.5), "equivariance_fractional")
    assert strong > 0.25
    assert weak < 0.02
    reference = Scene(placed=(Placed(w.builtin("cat"), (32, 32), 34),))
    _, measures = measure_pair(Network(preset("three-blocks")), reference.moved((0, 0.5)), reference, "float64")
    little = measures[1].equivariance_fractional.value
    assert little is not None
    assert weak < little < strong


# 2. "Max pooling makes CNNs translation invariant."


@pytest.mark.parametrize("k", [2, 3, 4])
def test_2_a_pooled_impulse_stays_put_with_the_probability_of_the_formula(k: int) -> None:
    side = 12 * k
    network = w.network(w.pool(k, k))
    dot = Pattern("dot", np.ones((1, 1, 1), dtype=np.float32), np.ones((1, 1), dtype=np.float32))
    for shift in [(0, 1), (0, -1), (1, 1), (0, k - 1), (1 - k, 1), (0, k), (k + 1, 0)]:
        stayed = 0
        for row, col in itertools.product(range(k), repeat=2):
            reference = Scene(size=(side, side), placed=(Placed(dot, (4 * k + row, 4 * k + col), 1),))
            _, (measure,) = measure_pair(network, reference.moved(shift), reference, "float64", causes=False)
            assert measure.invariance.value is not None
            stayed += measure.invariance.value == 0
            # where it does not stay, it leaves altogether
            assert measure.invariance.value in (0, pytest.approx(math.sqrt(2)))
        expected = math.prod(max(0, 1 - abs(d) / k) for d in shift)
        assert stayed / k**2 == pytest.approx(expected)


# 3. "Global average pooling makes it invariant."


def pooled(mode: str) -> Network:
    block = [w.conv(mode=mode, bias=True), w.relu(), w.pool()]
    return w.network(*block, *block, GlobalAvg())


@pytest.mark.parametrize("by", range(1, 9))
def test_3_global_average_is_invariant_on_the_grid_of_the_cumulative_stride_alone(by: int) -> None:
    reference = w.cat()
    _, measures = measure_pair(pooled("circular"), reference.moved((0, by)), reference, "float64")
    value = measures[-1].invariance.value
    assert value is not None
    assert value <= EXACT if by % 4 == 0 else value > 1e-4


def test_3_and_away_from_borders() -> None:
    reference = w.cat(border="zero")
    inside, edge = (
        measure_pair(pooled("zeros"), reference.moved((0, by)), reference, "float64")[1][-1].invariance.value
        for by in (4, 8)
    )
    # 14 px about (16, 16): at 24 its last column touches the edge
    assert inside is not None
    assert inside <= EXACT
    assert edge is not None
    assert edge > 1e-4


# 4. "Zero padding is harmless." (Kayhan & van Gemert 2020)


def leaky(layers: int) -> Network:
    block = [Conv(channels=4, kernel=(5, 5), padding=(2, 2), padding_mode="zeros", bias=False), w.relu()]
    return w.network(*block * layers, GlobalAvg(), seed=11)


@pytest.mark.parametrize(("layers", "first_equal"), [(1, 2), (2, 4), (3, 6)])
def test_4_zero_padding_leaks_position_one_kernel_radius_a_layer(layers: int, first_equal: int) -> None:
    patch = w.noise_pattern(8, seed=4)
    for d in range(12):
        # a patch of 8 px stands at its centre less 4
        near, far = (
            Scene(size=(32, 32), placed=(Placed(patch, (at + 4, at + 4), 8),), border="zero") for at in (d, 24 - d)
        )
        _, measures = measure_pair(leaky(layers), far, near, "float64", causes=False)
        features = measures[-1].invariance.value
        assert features is not None
        if d >= first_equal:
            assert features <= EXACT, d
        else:
            assert features > 1e-6, d


def test_4_the_padding_is_the_cause() -> None:
    """The same patches with circular padding on a wrapped scene: equal everywhere."""
    patch = w.noise_pattern(8, seed=4)
    block = [Conv(channels=4, kernel=(5, 5), padding=(2, 2), padding_mode="circular", bias=False), w.relu()]
    for d in range(12):
        near, far = (Scene(size=(32, 32), placed=(Placed(patch, (at + 4, at + 4), 8),)) for at in (d, 24 - d))
        _, measures = measure_pair(w.network(*block * 3, GlobalAvg(), seed=11), far, near, "float64", causes=False)
        assert measures[-1].invariance.value is not None
        assert measures[-1].invariance.value <= EXACT


# 5. "C3/1 -> M2/2 -> C3/1 has an 8x8 receptive field."


def test_5_seed_sees_3_4_and_8_px_with_strides_1_2_and_2() -> None:
    found = rf_json(preset("seed"), (64, 64))["stages"]
    assert [stage["receptive_field"] for stage in found] == [[3, 3], [4, 4], [8, 8]]
    assert [stage["stride"] for stage in found] == [[1, 1], [2, 2], [2, 2]]


def test_5_and_the_gradient_reaches_8_px_and_no_further() -> None:
    """Smooth and positive all the way, so that every pixel of the field counts."""
    average = [Conv(channels=1, padding=(1, 1), bias=False), w.average(), Conv(channels=1, padding=(1, 1), bias=False)]
    spec = NetworkSpec(name="seed", layers=tuple(average))
    assert stages(spec, (64, 64))[-1].receptive_field == (8, 8)
    at = w.place(Network(spec), w.cat(canvas=(64, 64)))
    for tensor in at.forward.tensors.values():
        tensor.fill_(1)
    gradient = effective_field(at.forward, at.maps["input"], "conv2", (16, 16)).gradient
    rows, cols = np.nonzero(gradient)
    # cell 16 of stride 2 and padding 1 + 2 sees 2 * 16 - 3 = 29 to 36
    assert (rows.min(), rows.max(), cols.min(), cols.max()) == (29, 36, 29, 36)
    assert (gradient > 0).sum() == 64
