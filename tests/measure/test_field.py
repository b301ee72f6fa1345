from __future__ import annotations

import numpy as np
import pytest

from shiftlab.measure.field import THRESHOLD, effective_field, effective_side
from shiftlab.network.geometry import cells_seen
from shiftlab.network.spec import Dense, Flatten, NetworkError
from tests.measure import witnesses as w


def deep():
    """Smooth all the way, so that finite differences hold."""
    from shiftlab.network.spec import Activation

    return w.place(w.network(w.conv(bias=True), Activation(function="tanh"), w.average(), w.conv(2)), w.cat())


def test_the_gradient_is_that_of_finite_differences() -> None:
    at = deep()
    found = effective_field(at.forward, at.maps["input"], "conv2", (7, 9), channel=1)
    step = 1e-6
    for row, col in [(12, 17), (14, 18), (15, 20), (18, 21), (0, 0)]:
        values = []
        for sign in (1, -1):
            image = at.maps["input"].copy()
            image[0, row, col] += sign * step
            values.append(float(at.forward.maps(image)["conv2"][0, 1, 7, 9]))
        expected = abs(values[0] - values[1]) / (2 * step)
        assert found.gradient[row, col] == pytest.approx(expected, rel=1e-5, abs=1e-8)


def test_it_lies_within_the_theoretical_field() -> None:
    at = deep()
    for cell in [(0, 0), (7, 9), (15, 15)]:
        found = effective_field(at.forward, at.maps["input"], "conv2", cell)
        seen = cells_seen(at.forward.network.spec, (32, 32), "conv2", cell)["input"]
        outside = found.gradient.copy()
        outside[np.ix_(seen.rows, seen.cols)] = 0
        assert not outside.any()
        assert found.gradient.any()
        assert 0 < found.side <= 10
        assert found.theoretical == (8, 8)


def test_side_is_the_root_of_the_count_above_the_threshold() -> None:
    gradient = np.zeros((9, 9), dtype=np.float32)
    gradient[2:6, 2:6] = 1.001 * THRESHOLD
    gradient[4, 4] = 1
    gradient[0, 0] = 0.999 * THRESHOLD
    assert effective_side(gradient) == 4
    assert effective_side(np.zeros((3, 3))) == 0


def test_the_centre_and_the_mean_over_channels_are_taken_where_nothing_is_said() -> None:
    at = deep()
    image = at.maps["input"]
    found = effective_field(at.forward, image, "conv2")
    assert found.cell == (8, 8)
    each = [effective_field(at.forward, image, "conv2", (8, 8), channel=one).gradient for one in (0, 1)]
    assert found.gradient == pytest.approx((each[0] + each[1]) / 2)
    assert not found.gradient.flags.writeable


def test_a_head_sees_by_gradient_too() -> None:
    at = w.place(w.network(w.conv(), Flatten(), Dense(units=2)), w.cat())
    found = effective_field(at.forward, at.maps["input"], "dense1")
    assert found.theoretical is None
    assert found.side > 20


def test_gradients_flow_where_the_maps_were_made_without() -> None:
    """Maps are computed under inference mode; what comes from them must still be differentiable."""
    import torch

    at = deep()
    with torch.inference_mode():
        assert effective_field(at.forward, at.maps["input"], "conv1").side > 0


def test_what_does_not_exist_is_refused_by_name() -> None:
    at = deep()
    image = at.maps["input"]
    with pytest.raises(NetworkError, match="no stage 'conv9'"):
        effective_field(at.forward, image, "conv9")
    with pytest.raises(NetworkError, match=r"conv2 has 16x16 cells, none at \(16, 0\)"):
        effective_field(at.forward, image, "conv2", (16, 0))
    with pytest.raises(NetworkError, match="conv2 has 2 channels, none numbered 2"):
        effective_field(at.forward, image, "conv2", channel=2)
