"""Causes on witnesses whose cause is known, and own errors against plain torch."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from shiftlab.measure.cause import first_break
from shiftlab.measure.lab import measure_pair
from shiftlab.measure.values import Figure, StageMeasure
from shiftlab.network.presets import preset
from shiftlab.network.spec import Conv, Dense, Flatten, GlobalAvg, GlobalMax, MaxPool, with_padding
from shiftlab.network.weights import Network
from shiftlab.scene.values import Background, Placed, Position, Scene
from tests.measure import witnesses as w
from tests.measure.witnesses import naive_error

EXACT = 1e-12


def explained(network: Network, reference: Scene, by: Position) -> dict[str, StageMeasure]:
    _, measures = measure_pair(network, reference.moved(by), reference, "float64")
    assert all(one.causes_known for one in measures)
    return {one.name: one for one in measures}


def kinds(measure: StageMeasure) -> list[str]:
    return [cause.kind for cause in measure.causes]


def three_blocks() -> tuple[Network, Scene]:
    return Network(preset("three-blocks")), Scene(placed=(Placed(w.builtin("cat"), (32, 32), 34),))


def test_at_3_px_pool1_breaks_first_by_phase_and_conv2_inherits() -> None:
    found = explained(*three_blocks(), (0, 3))
    assert first_break(tuple(found.values())) == "pool1"
    assert kinds(found["conv1"]) == kinds(found["relu1"]) == []
    assert [cause.words for cause in found["pool1"].causes] == ["phase · 1.5 cells"]
    assert found["pool1"].causes[0].cells == (0, 1.5)
    assert kinds(found["conv2"]) == kinds(found["relu2"]) == ["inherited"]
    assert found["conv2"].causes[0].error == found["conv2"].equivariance.value
    assert found["conv2"].own_error.value is not None
    assert found["conv2"].own_error.value <= EXACT


def test_on_the_grid_nothing_breaks() -> None:
    found = explained(*three_blocks(), (-8, 16))
    assert first_break(tuple(found.values())) is None
    assert all(not one.causes for one in found.values())


def test_without_a_shift_nothing_breaks() -> None:
    found = explained(*three_blocks(), (0, 0))
    assert all(one.equivariance.value == 0 and not one.causes for one in found.values())


def test_at_half_a_pixel_conv1_is_exact_and_relu1_aliases() -> None:
    found = explained(*three_blocks(), (0, 0.5))
    assert found["conv1"].equivariance_fractional.value is not None
    assert found["conv1"].equivariance_fractional.value <= EXACT
    assert kinds(found["conv1"]) == []
    assert kinds(found["relu1"]) == ["aliasing"]
    assert kinds(found["conv2"]) == ["inherited"]
    assert first_break(tuple(found.values())) == "relu1"


def test_own_error_is_the_layer_on_the_moved_map() -> None:
    """Written out: pool the map before, rolled by 3 px, and compare with the pooled map rolled by 1 or 2 cells."""
    network, reference = w.network(w.conv(), w.relu(), w.pool(), w.conv(), w.pool()), w.cat()
    found = explained(network, reference, (0, 3))
    at = w.place(network, reference)
    fed = torch.tensor(np.roll(at.maps["relu1"], 3, 2))[None]
    out = F.max_pool2d(fed, 2)[0].numpy()
    own = min(naive_error(out, np.roll(at.maps["pool1"], cells, 2)) for cells in (1, 2))
    assert found["pool1"].own_error.value == pytest.approx(own, rel=1e-12)
    best = found["conv2"].best_shift
    assert best is not None
    fed = torch.tensor(np.roll(at.maps["conv2"], best, (1, 2)))[None]
    out = F.max_pool2d(fed, 2)[0].numpy()
    halves = {best[1] // 2, -(-best[1] // 2)}
    own = min(naive_error(out, np.roll(at.maps["pool2"], cells, 2)) for cells in halves)
    assert found["pool2"].own_error.value == pytest.approx(own, rel=1e-12, abs=1e-15)
    assert kinds(found["pool2"]) == (["phase"] if own > EXACT else ["inherited"])


# Zero padding, the pattern within one field of the edge.


def near_the_edge(first: int, bias: bool = False) -> tuple[Network, Scene]:
    """Zero-padded convolutions, and noise whose first column is `first`."""
    layers = [w.conv(mode="zeros", bias=bias), w.relu()]
    network = w.network(*layers, *layers, w.pool(), *layers, w.pool())
    network = _with_biases(network, (32, 32), 0.1) if bias else network
    noise = Placed(w.noise_pattern(10), (16, first + 5), 10)
    return network, Scene(size=(32, 32), placed=(noise,), border="zero")


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("by", [-4, 4, 8])
def test_near_the_edge_the_valid_error_is_0_and_the_cause_is_the_border(bias: bool, by: int) -> None:
    network, reference = near_the_edge(max(0, -by), bias)
    found = explained(network, reference, (0, by))
    broken = [one for one in found.values() if (one.equivariance.value or 0) > EXACT]
    assert broken
    for one in found.values():
        assert one.equivariance_valid.value is None or one.equivariance_valid.value <= EXACT
    for one in broken:
        assert one.border_share.value == pytest.approx(1, abs=1e-9)
        assert set(kinds(one)) <= {"border", "inherited"}
    assert kinds(broken[0]) == ["border"]
    assert first_break(tuple(found.values())) == broken[0].name


@pytest.mark.parametrize("first", [0, 8])
@pytest.mark.parametrize("by", [1, 3, 5])
def test_at_other_shifts_the_cause_is_the_phase(first: int, by: int) -> None:
    found = explained(*near_the_edge(first), (0, by))
    assert found["pool1"].equivariance_valid.value is not None
    assert found["pool1"].equivariance_valid.value > 0.05
    assert kinds(found["pool1"]) == ["phase"]
    assert first_break(tuple(found.values())) == ("conv2" if first == 0 else "pool1")
    assert kinds(found["conv2"]) == (["border"] if first == 0 else [])


def test_phase_and_border_may_both_hold_the_larger_first() -> None:
    """A strided convolution with biases and zero padding, at an odd shift."""
    network = w.network(Conv(channels=4, stride=(2, 2), padding=(1, 1), padding_mode="zeros", bias=True), seed=5)
    trained = _with_biases(network, (32, 32), 0.3)
    reference = Scene(
        size=(32, 32),
        background=Background(grey=0.5),
        placed=(Placed(w.noise_pattern(12), (16, 16), 12),),
        border="zero",
    )
    found = explained(trained, reference, (0, 3))["conv1"]
    assert sorted(kinds(found)) == ["border", "phase"]
    amounts = [cause.error for cause in found.causes]
    assert amounts == sorted(amounts, reverse=True)
    assert found.own_error.value is not None
    assert sum(amount**2 for amount in amounts) == pytest.approx(found.own_error.value**2)


def _with_biases(network: Network, canvas: tuple[int, int], value: float) -> Network:
    from shiftlab.network.initial import materialise
    from shiftlab.network.weights import Weights

    arrays = dict(materialise(network, canvas).arrays)
    arrays |= {name: np.full_like(array, value) for name, array in arrays.items() if name.endswith("bias")}
    return Network(network.spec, Weights(arrays))


def test_what_the_canvas_cuts_is_a_border_too() -> None:
    network = w.network(w.conv(mode="zeros"), w.relu())
    found = explained(network, w.cat(at=(16, 2), border="zero"), (0, 6))
    assert found["conv1"].causes[0].words == "border · cut by the canvas"
    assert kinds(found["relu1"]) == ["inherited"]


def test_zero_padding_under_a_wrapped_scene_breaks_at_the_edge() -> None:
    network = w.network(w.conv(mode="zeros"), w.relu())
    found = explained(network, w.cat(at=(16, 29)), (0, 2))
    assert kinds(found["conv1"]) == ["border"]
    assert found["conv1"].equivariance_valid.value is not None
    assert found["conv1"].equivariance_valid.value <= EXACT


# Kinds of layers.


@pytest.mark.parametrize(
    ("layer", "cause"),
    [
        (w.average(), "phase"),
        (w.blur(), "phase"),
        (w.subsample(), "phase"),
        (w.conv(stride=(2, 2)), "phase"),
        (w.pool(3, 2, padding=(1, 1), padding_mode="circular"), "phase"),
        (w.pool(4, 4), "phase"),
        (w.polyphase(), None),
        (w.pool(3, 1, padding=(1, 1), padding_mode="circular"), None),
    ],
)
def test_what_a_layer_does_at_an_odd_shift(layer, cause: str | None) -> None:
    found = explained(w.network(w.conv(), w.relu(), layer), w.cat(), (3, 0))
    last = list(found.values())[-1]
    assert kinds(last) == ([cause] if cause else [])


def test_a_linear_stride_at_half_a_pixel_is_phase_and_aliasing() -> None:
    found = explained(w.network(w.conv(), w.average()), w.cat(), (0, 0.5))
    assert sorted(kinds(found["pool1"])) == ["aliasing", "phase"]
    assert [c.words for c in found["pool1"].causes if c.kind == "phase"] == ["phase · 0.25 cells"]


def test_a_sub_pixel_shift_off_a_ring_has_no_cause() -> None:
    found = explained(w.network(w.conv(mode="zeros"), w.relu()), w.cat(), (0, 0.5))
    assert all(not one.causes and one.own_error.value is None for one in found.values())


def test_a_head_with_weights_over_places() -> None:
    network = w.network(w.conv(), w.relu(), w.pool(), Flatten(), Dense(units=3), w.relu(), Dense(units=2))
    found = explained(network, w.cat(), (0, 4))
    assert kinds(found["flatten1"]) == []
    assert kinds(found["dense1"]) == ["position"]
    assert found["dense1"].causes[0].error == pytest.approx(found["dense1"].invariance.value)
    assert kinds(found["relu2"]) == kinds(found["dense2"]) == ["inherited"]
    assert first_break(tuple(found.values())) == "dense1"


def _tied(network: Network, channels: int = 4, cells: int = 256) -> Network:
    """The network with the dense weights of each channel replaced by their mean over its places."""
    from shiftlab.network.initial import materialise
    from shiftlab.network.weights import Weights

    arrays = dict(materialise(network, (32, 32)).arrays)
    weight = arrays["dense1.weight"].reshape(-1, channels, cells)
    tied = np.broadcast_to(weight.mean(2, keepdims=True), weight.shape)
    arrays["dense1.weight"] = tied.reshape(len(weight), -1).copy()
    return Network(network.spec, Weights(arrays))


def test_a_head_with_tied_weights_has_no_position() -> None:
    tied = _tied(w.network(w.conv(), w.relu(), w.pool(), Flatten(), Dense(units=3)))
    assert kinds(explained(tied, w.cat(), (0, 4))["dense1"]) == []
    odd = explained(tied, w.cat(), (0, 3))["dense1"]
    assert kinds(odd) == ["inherited"]


def test_a_tied_head_loses_what_leaves_over_the_rim_and_is_not_tied_to_places() -> None:
    network = w.network(w.conv(mode="zeros"), w.relu(), Flatten(), Dense(units=3))
    reference = w.cat(at=(16, 16), border="zero")
    assert kinds(explained(_tied(network, cells=1024), reference, (0, 12))["dense1"]) == ["border"]
    assert kinds(explained(_tied(network, cells=1024), reference, (0, 4))["dense1"]) == []
    assert kinds(explained(network, reference, (0, 12))["dense1"]) == ["position"]


def test_global_pooling_inherits_and_does_not_break() -> None:
    network = w.network(w.conv(), w.relu(), w.pool(), GlobalAvg(), Dense(units=2))
    on, off = explained(network, w.cat(), (0, 4)), explained(network, w.cat(), (0, 3))
    assert kinds(on["globalavg1"]) == kinds(on["dense1"]) == []
    assert kinds(off["globalavg1"]) == kinds(off["dense1"]) == ["inherited"]


def test_global_max_at_half_a_pixel_aliases_of_itself() -> None:
    found = explained(w.network(w.conv(), GlobalMax()), w.cat(), (0, 0.5))
    assert kinds(found["conv1"]) == []
    assert kinds(found["globalmax1"]) == ["aliasing"]


def test_global_pooling_of_what_leaves_the_map_breaks_at_the_border() -> None:
    network = w.network(w.conv(mode="zeros"), w.relu(), GlobalAvg())
    found = explained(network, w.cat(at=(16, 16), border="zero"), (0, 12))
    assert kinds(found["globalavg1"]) == ["border"]


def test_a_textured_background_has_no_causes_but_a_reason() -> None:
    reference = dataclasses.replace(w.cat(), background=Background("noise", 0.5, 1))
    found = explained(w.network(w.conv(), w.relu()), reference, (0, 3))
    for one in found.values():
        assert one.equivariance == Figure(None, "the object moved alone over its background")
        assert one.own_error.reason == "the object moved alone over its background"
        assert one.invariance.value is not None


def test_float32_finds_the_same_causes() -> None:
    network, reference = three_blocks()
    for padding in ("circular", "zeros"):
        net = Network(with_padding(network.spec, padding))
        for by in [(0, 3), (8, 0), (0, 0.5), (2, -6)]:
            scene = reference.moved(by)
            single, double = (measure_pair(net, scene, reference, dtype)[1] for dtype in ("float32", "float64"))
            assert [kinds(one) for one in single] == [kinds(one) for one in double]


def test_before_causes_are_known_the_first_error_is_the_first_break() -> None:
    network, reference = three_blocks()
    _, measures = measure_pair(network, reference.moved((0, 3)), reference, causes=False)
    assert first_break(measures) == "pool1"
    _, measures = measure_pair(network, reference.moved((0, 8)), reference, causes=False)
    assert first_break(measures) is None


def test_pooling_that_pads_says_border_at_its_rim() -> None:
    """An average that counts padded zeros, on grey: at multiples of its stride only the rim is wrong."""
    from shiftlab.network.spec import AvgPool

    layer = AvgPool(kernel=(3, 3), stride=(2, 2), padding=(1, 1))
    reference = w.cat(border="zero", grey=0.5)
    found = explained(w.network(layer), reference, (0, 4))["pool1"]
    assert kinds(found) == ["border"]
    assert kinds(explained(w.network(MaxPool()), reference, (0, 4))["pool1"]) == []
