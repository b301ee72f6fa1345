"""Heads: where a decision comes from, one head for another, tied weights."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch

from shiftlab.network import heads
from shiftlab.network.editing import Edited, Refused
from shiftlab.network.head_swaps import HEADS, HeadKind, head_of, tied, with_head
from shiftlab.network.initial import initial_weights, materialise
from shiftlab.network.modules import Forward
from shiftlab.network.presets import preset
from shiftlab.network.spec import (
    Activation,
    AvgPool,
    Conv,
    Dense,
    Flatten,
    GlobalAvg,
    MaxPool,
    NetworkError,
    NetworkSpec,
    with_padding,
)
from shiftlab.network.weights import Network, Weights

CANVAS = (32, 32)
PRESET_OF: dict[HeadKind, str] = {
    "dense": "dense-head",
    "average": "gap-head",
    "max": "gmp-head",
    "map": "fully-convolutional",
}


def _given(network: Network) -> Network:
    """The same network with weights of its own, biases and all."""
    arrays = materialise(network, CANVAS).arrays
    random = np.random.default_rng(1)
    return Network(
        network.spec,
        Weights(
            {name: array + 0.01 * random.standard_normal(array.shape).astype("f4") for name, array in arrays.items()}
        ),
    )


def _image(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((1, *CANVAS))


def _logits(network: Network, image: np.ndarray) -> np.ndarray:
    return list(Forward(network, CANVAS, torch.float64).maps(image).values())[-1].numpy()[0, :, 0, 0]


def _with_biases(spec: NetworkSpec) -> NetworkSpec:
    import msgspec

    layers = tuple(
        msgspec.structs.replace(layer, bias=True) if isinstance(layer, Conv | Dense) else layer for layer in spec.layers
    )
    return msgspec.structs.replace(spec, layers=layers)


@pytest.mark.parametrize("kind", list(HEADS))
@pytest.mark.parametrize("biased", [False, True])
def test_contributions_add_up_to_the_logits_less_the_bias(kind: HeadKind, biased: bool) -> None:
    spec = preset(PRESET_OF[kind])
    network = _given(Network(_with_biases(spec) if biased else spec))
    read = heads.reading(network.spec, CANVAS)
    assert read is not None
    assert (read.kind, read.source, read.units, read.last) == (kind, "pool2", 2, True)
    assert read.shape == (16, 8, 8)
    image = _image()
    maps = Forward(network, CANVAS, torch.float64).maps(image)
    weights = materialise(network, CANVAS)
    contributed = heads.contributions(read, weights, maps["pool2"].numpy()[0])
    assert contributed.shape == (2, 16, 8, 8)
    expected = _logits(network, image)
    if kind == "map":
        bias = weights.arrays["conv3.bias"] if biased else 0
    else:
        bias = weights.arrays["dense1.bias"] if biased else 0
    assert np.allclose(contributed.sum((1, 2, 3)), expected - bias, rtol=0, atol=1e-12 * np.abs(expected).max() * 100)
    assert np.allclose(heads.by_place(contributed).sum((1, 2)) + heads.biases(read, weights), expected, atol=1e-10)


def test_weight_maps_of_a_dense_head_are_its_rows_by_place() -> None:
    network = Network(preset("dense-head"))
    read, weights = heads.reading(network.spec, CANVAS), materialise(network, CANVAS)
    assert read is not None
    maps, row = heads.weight_maps(read, weights), weights.arrays["dense1.weight"]
    for unit, channel, y, x in ((0, 0, 0, 0), (1, 5, 3, 7), (1, 15, 7, 7)):
        assert maps[unit, channel, y, x] == row[unit, channel * 64 + y * 8 + x]


def test_tied_weights_are_global_average_and_dense_scaled_by_the_cells() -> None:
    """The tie against means over places and a product in plain numpy."""
    network = _given(Network(_with_biases(preset("dense-head"))))
    made = tied(network, CANVAS)
    read = heads.reading(made.spec, CANVAS)
    assert read is not None
    weights = materialise(made, CANVAS)
    assert heads.is_tied(read, weights)
    assert not heads.is_tied(read, materialise(network, CANVAS))
    for seed in range(3):
        image = _image(seed)
        into = Forward(made, CANVAS, torch.float64).maps(image)["pool2"].numpy()[0]
        pooled = into.mean((1, 2))
        original = materialise(network, CANVAS).arrays["dense1.weight"].reshape(2, 16, 64).astype(np.float64)
        scaled = original.mean(2) * 64
        expected = scaled @ pooled + weights.arrays["dense1.bias"]
        found = _logits(made, image)
        assert np.abs(found - expected).max() <= 1e-5 * np.abs(expected).max()
    others = {name for name in weights.arrays if name != "dense1.weight"}
    assert all(np.array_equal(weights.arrays[name], materialise(network, CANVAS).arrays[name]) for name in others)


def test_tying_ends_the_dependence_on_position() -> None:
    spec = with_padding(preset("dense-head"), "circular")
    loose, image = _given(Network(spec)), _image()
    made = tied(loose, CANVAS)
    rolled = np.roll(image, (4, 12), (1, 2)).copy()
    assert np.allclose(_logits(made, rolled), _logits(made, image), rtol=1e-6)
    assert not np.allclose(_logits(loose, rolled), _logits(loose, image), rtol=1e-3)


def test_tying_again_changes_nothing() -> None:
    made = tied(Network(preset("dense-head")), CANVAS)
    assert tied(made, CANVAS) is made


def test_tying_needs_a_dense_layer_that_reads_a_map() -> None:
    for name in ("gap-head", "three-blocks"):
        with pytest.raises(NetworkError, match="nothing to tie"):
            tied(Network(preset(name)), CANVAS)


def test_a_dense_layer_on_a_map_without_flatten_is_tied_too() -> None:
    spec = NetworkSpec(name="bare", layers=(Conv(channels=3), Activation(), Dense(units=2)))
    weight = tied(Network(spec), CANVAS).weights
    assert weight is not None
    assert np.ptp(weight.arrays["dense1.weight"].reshape(2, 3, 900), axis=2).max() == 0


@pytest.mark.parametrize(("old", "new"), list(product(HEADS, HEADS)))
def test_every_head_becomes_every_other(old: HeadKind, new: HeadKind) -> None:
    spec = preset(PRESET_OF[old])
    outcome = with_head(Network(spec), CANVAS, new)
    assert isinstance(outcome, Edited)
    made = outcome.network.spec
    assert (made is spec) == (old == new)
    assert made.layers == preset(PRESET_OF[new]).layers
    head = head_of(made)
    assert head is not None
    assert head.kind == new


@pytest.mark.parametrize("new", ["average", "map"])
@pytest.mark.parametrize("name", ["dense-head", "lenet"])
def test_a_given_dense_head_becomes_a_pooled_one_with_the_logits_of_its_tie(name: str, new: HeadKind) -> None:
    network = _given(Network(preset(name)))
    outcome = with_head(network, CANVAS, new)
    assert isinstance(outcome, Edited)
    assert "carried over" in outcome.note
    image = _image(2)
    found = list(Forward(outcome.network, CANVAS, torch.float64).maps(image).values())[-1].numpy()
    if name == "lenet" and new == "map":
        # between the layers stands a ReLU, so that the mean of the logits is not the logits of the mean
        assert found.shape == (1, 10, 1, 1)
        return
    assert np.allclose(found[0, :, 0, 0], _logits(tied(network, CANVAS), image), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("old", ["average", "map"])
def test_a_given_pooled_head_becomes_a_dense_one_without_any_change(old: HeadKind) -> None:
    network = _given(Network(_with_biases(preset(PRESET_OF[old]))))
    outcome = with_head(network, CANVAS, "dense")
    assert isinstance(outcome, Edited)
    assert np.allclose(_logits(outcome.network, _image()), _logits(network, _image()), rtol=1e-5)


def test_a_network_without_a_head_gets_one() -> None:
    for kind in HEADS:
        outcome = with_head(_given(Network(preset("three-blocks"))), CANVAS, kind)
        assert isinstance(outcome, Edited)
        read = heads.reading(outcome.network.spec, CANVAS)
        assert read is not None
        assert (read.kind, read.units, read.source) == (kind, 2, "pool3")
        before = materialise(_given(Network(preset("three-blocks"))), CANVAS).arrays
        assert np.array_equal(materialise(outcome.network, CANVAS).arrays["conv3.weight"], before["conv3.weight"])


def test_heads_are_told_apart() -> None:
    body = (Conv(channels=4), MaxPool())
    assert head_of(NetworkSpec(name="none", layers=body)) is None
    assert head_of(NetworkSpec(name="mean", layers=(Conv(channels=4), AvgPool(), GlobalAvg()))) is None
    assert head_of(NetworkSpec(name="flat", layers=(*body, Flatten()))) is None
    lenet = head_of(preset("lenet"))
    assert lenet is not None
    assert (lenet.kind, lenet.first, lenet.linear) == ("dense", 6, (7, 9, 11))
    read = heads.reading(preset("lenet"), CANVAS)
    assert read is not None
    assert not read.last
    off = NetworkSpec(name="off", layers=(*body, Flatten(on=False), Dense(units=2)))
    found = head_of(off)
    assert found is not None
    assert found.first == 3


def test_a_swap_that_cannot_be_says_so() -> None:
    spec = NetworkSpec(name="big", layers=(Conv(channels=512, kernel=(1, 1)), GlobalAvg(), Dense(units=1000)))
    outcome = with_head(Network(spec), (128, 128), "dense")
    assert isinstance(outcome, Refused)
    assert "dense1" in outcome.message


def test_other_shapes_are_refused() -> None:
    network = Network(preset("dense-head"))
    read = heads.reading(network.spec, CANVAS)
    assert read is not None
    with pytest.raises(NetworkError, match="pool2 has maps of"):
        heads.contributions(read, materialise(network, CANVAS), np.zeros((16, 4, 4)))
    with pytest.raises(NetworkError, match="dense1: weights"):
        heads.weight_maps(read, initial_weights(network.spec, (64, 64)))


def test_probabilities_are_a_softmax_that_does_not_overflow() -> None:
    logits = np.array([1.0, 2.0, 4.0])
    assert np.allclose(heads.probabilities(logits), np.exp(logits) / np.exp(logits).sum())
    assert np.allclose(heads.probabilities(np.array([1e5, 1e5])), 0.5)


def test_ties_are_said() -> None:
    classes = ("cat", "dog", "bird")
    assert heads.decision(np.array([1.0, 3.0, 2.0]), classes) == "dog"
    assert heads.decision(np.array([3.0, 3.0 + 1e-9, 2.0]), classes) == "tie: cat and dog"
    assert heads.decision(np.zeros(3), classes) == "tie between all"
    assert heads.decision(np.zeros(2), ()) == "tie: class 1 and class 2"
    assert heads.decision(np.array([0.1, np.nan]), ("cat", "dog")) == "no decision"
    zeros = NetworkSpec(name="zeros", layers=(Flatten(), Dense(units=2, initialisation="zeros")))
    assert heads.winners(_logits(Network(zeros), _image())) == (0, 1)


@pytest.mark.parametrize(("shift", "equal"), [((0, 4), True), ((8, 12), True), ((0, 1), False), ((2, 4), False)])
def test_a_global_average_with_circular_padding_knows_its_stride_and_says_so(
    shift: tuple[int, int], equal: bool
) -> None:
    spec = with_padding(preset("gap-head"), "circular")
    image = _image()
    then = _logits(Network(spec), image)
    now = _logits(Network(spec), np.roll(image, shift, (1, 2)).copy())
    assert np.allclose(now, then, rtol=1e-10) == equal
    said = heads.shift_words(spec, CANVAS, shift, equal)
    place = f"({shift[0]}, {shift[1]}) px"
    if equal:
        assert said == f"Logits are equal: {place} is a multiple of the stride 4."
    else:
        assert said == f"Logits differ: {place} is no multiple of the stride 4."


def test_other_heads_say_why_their_logits_differ() -> None:
    dense, mean = preset("dense-head"), preset("gap-head")
    assert "weights of its own at every place" in heads.shift_words(dense, CANVAS, (0.0, 4.0), False)
    assert heads.shift_words(dense, CANVAS, (0.0, 4.0), True) == "Logits are equal."
    assert "the border is seen" in heads.shift_words(mean, CANVAS, (0.0, 4.0), False)
    assert heads.shift_words(preset("three-blocks"), CANVAS, (0.0, 4.0), False) == ""
    assert heads.shift_words(mean, CANVAS, (0.0, 0.0), True) == ""
    said = heads.shift_words(mean, CANVAS, (-1.5, 0.0), True)
    assert said == "Logits are equal, though (−1.5, 0) px is no multiple of the stride 4."
