"""Every edit gives a network that builds, with the weights that still fit, or says where it fails."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shiftlab.network import editing, fields
from shiftlab.network.editing import Edited, Outcome, Refused
from shiftlab.network.geometry import stages
from shiftlab.network.initial import initial_weights, materialise
from shiftlab.network.modules import Forward
from shiftlab.network.presets import preset
from shiftlab.network.spec import (
    Activation,
    AvgPool,
    BlurPool,
    Conv,
    Dense,
    Flatten,
    MaxPool,
    NetworkError,
    NetworkSpec,
    Norm,
    Polyphase,
)
from shiftlab.network.weights import Network, Weights

CANVAS = (32, 32)
SPEC = NetworkSpec(
    name="small",
    layers=(
        Conv(channels=4, padding=(1, 1)),
        Activation(),
        MaxPool(),
        Conv(channels=6, padding=(1, 1), bias=False),
        Norm(),
        Flatten(),
        Dense(units=3),
    ),
)


def _trained(spec: NetworkSpec = SPEC) -> Network:
    """Weights that no seed draws."""
    arrays = initial_weights(spec, CANVAS).arrays
    return Network(
        spec, Weights({name: array + np.float32(1 + number) for number, (name, array) in enumerate(arrays.items())})
    )


def _made(outcome: Outcome) -> Edited:
    assert isinstance(outcome, Edited), outcome
    stages(outcome.network.spec, CANVAS)
    materialise(outcome.network, CANVAS)
    return outcome


def _same(network: Network, key: str, other: Network, other_key: str) -> bool:
    return np.array_equal(materialise(network, CANVAS).arrays[key], materialise(other, CANVAS).arrays[other_key])


def test_an_added_layer_renumbers_stages_and_their_weights_follow() -> None:
    trained = _trained()
    made = _made(editing.add(trained, CANVAS, 0, Conv(channels=1, padding=(1, 1))))
    assert made.network.spec.stage_names[:3] == ("conv1", "conv2", "relu1")
    assert made.origins == (None, 0, 1, 2, 3, 4, 5, 6)
    assert _same(made.network, "conv2.weight", trained, "conv1.weight")
    assert _same(made.network, "conv2.bias", trained, "conv1.bias")
    assert _same(made.network, "conv3.weight", trained, "conv2.weight")
    assert _same(made.network, "norm1.variance", trained, "norm1.variance")
    assert _same(made.network, "dense1.weight", trained, "dense1.weight")
    assert _same(made.network, "conv1.weight", Network(made.network.spec), "conv1.weight")
    assert made.note == ""


def test_weights_that_no_longer_fit_are_dropped_and_it_is_said() -> None:
    trained = _trained()
    made = _made(editing.edit(trained, CANVAS, 0, "channels", 5))
    assert made.note == "conv1 and conv2 start from the seed again: trained weights no longer fit."
    assert _same(made.network, "conv1.weight", Network(made.network.spec), "conv1.weight")
    assert _same(made.network, "dense1.weight", trained, "dense1.weight")


def test_a_removed_layer_takes_its_weights_along() -> None:
    trained = _trained()
    made = _made(editing.remove(trained, CANVAS, 0))
    assert made.network.spec.layers[0].kind == "activation"
    assert (
        made.note
        == "conv1 starts from the seed again: trained weights no longer fit. Trained weights of conv1 were dropped."
    )
    assert _same(made.network, "dense1.weight", trained, "dense1.weight")


def test_a_moved_layer_keeps_its_weights() -> None:
    spec = NetworkSpec(
        name="two", layers=(Conv(channels=1, padding=(1, 1)), Conv(channels=1, padding=(1, 1)), Activation())
    )
    trained = _trained(spec)
    made = _made(editing.move(trained, CANVAS, 0, 2))
    assert made.origins == (1, 2, 0)
    assert _same(made.network, "conv1.weight", trained, "conv2.weight")
    assert _same(made.network, "conv2.weight", trained, "conv1.weight")
    back = _made(editing.move(made.network, CANVAS, 2, 0))
    assert back.network == trained


def test_switching_off_passes_over_a_layer() -> None:
    made = _made(editing.switch(Network(SPEC), CANVAS, 2, on=False))
    assert [info.name for info in stages(made.network.spec, CANVAS)] == [
        "conv1",
        "relu1",
        "conv2",
        "norm1",
        "flatten1",
        "dense1",
    ]
    again = _made(editing.switch(made.network, CANVAS, 2, on=True))
    assert again.network.spec == SPEC


def test_a_trained_layer_switched_off_is_said_to_lose_its_weights() -> None:
    made = _made(editing.switch(_trained(), CANVAS, 3, on=False))
    assert "Trained weights of conv2 were dropped." in made.note


def test_nothing_changed_is_the_same_network() -> None:
    for network in (Network(SPEC), _trained()):
        outcomes = (
            editing.edit(network, CANVAS, 0, "kernel", (3, 3)),
            editing.type_in(network, CANVAS, 0, "kernel", " 3 x 3 "),
            editing.switch(network, CANVAS, 0, on=True),
            editing.move(network, CANVAS, 3, 3),
            editing.change_kind(network, CANVAS, 2, "maxpool"),
        )
        assert all(_made(outcome).network is network for outcome in outcomes)
    assert editing.rename(_trained(), "small").spec is SPEC


def test_another_initialisation_draws_a_trained_layer_anew() -> None:
    trained = _trained()
    made = _made(editing.edit(trained, CANVAS, 0, "initialisation", "zeros"))
    assert not materialise(made.network, CANVAS).arrays["conv1.weight"].any()
    assert _same(made.network, "conv2.weight", trained, "conv2.weight")
    assert made.note == "Trained weights of conv1 were dropped."


@pytest.mark.parametrize(
    ("index", "field", "text", "message"),
    [
        (0, "kernel", "abc", "kernel is a whole number, or rows x columns, not 'abc'"),
        (0, "kernel", "3x", "kernel is a whole number, or rows x columns, not '3x'"),
        (0, "kernel", "1,2,3", "kernel is a number, or rows x columns, not '1,2,3'"),
        (0, "kernel", "0", "kernel must be 1 or more in both directions, not 0x0"),
        (0, "kernel", "99999999999999", "kernel is a whole number"),
        (0, "kernel", "999999", "kernel is at most 100,000, not 999999"),
        (0, "channels", "", "channels is a whole number, not ''"),
        (0, "channels", "-4", "channels must be 1 or more, not -4"),
        (0, "groups", "3", "channels must be a multiple of groups, not 4 with 3 groups"),
        (0, "padding_mode", "mirror", "mode must be one of zeros, circular"),
        (0, "bias", "perhaps", "bias is yes or no, not 'perhaps'"),
        (0, "colour", "red", "conv has no colour"),
        (3, "groups", "6", "conv2: 4 incoming channels do not divide into 6 groups"),
        (2, "kernel", "40", "pool1: a 32x32 map is smaller than its 40x40 window"),
        (2, "stride", "33", ""),
        (6, "units", "0", "units must be 1 or more, not 0"),
        (0, "channels", "90000", "conv1: maps of 90000x32x32 are too large"),
    ],
)
def test_what_cannot_be_is_said_at_the_field(index: int, field: str, text: str, message: str) -> None:
    outcome = editing.type_in(Network(SPEC), CANVAS, index, field, text)
    if not message:
        _made(outcome)
        return
    assert isinstance(outcome, Refused)
    assert outcome.message.startswith(message)
    assert "\n" not in outcome.message
    assert (outcome.layer, outcome.field) == (index, field)


def test_a_failure_further_down_is_shown_where_it_was_typed_and_names_the_stage() -> None:
    spec = NetworkSpec(name="deep", layers=(MaxPool(), MaxPool(), MaxPool(), MaxPool(), MaxPool()))
    outcome = editing.edit(Network(spec), CANVAS, 0, "stride", (4, 4))
    assert outcome == Refused("pool5: a 1x1 map is smaller than its 2x2 window", 0, "stride")


def test_values_of_the_wrong_type_are_refused() -> None:
    for field, value in (("channels", "four"), ("kernel", (1, 2, 3)), ("bias", 3), ("padding_mode", 1), ("kernel", 3)):
        outcome = editing.edit(Network(SPEC), CANVAS, 0, field, value)  # pyright: ignore
        assert isinstance(outcome, Refused)
        assert outcome.field == field


def test_layers_that_are_not_there_are_refused() -> None:
    network = Network(SPEC)
    for outcome in (
        editing.remove(network, CANVAS, 7),
        editing.move(network, CANVAS, 0, 9),
        editing.switch(network, CANVAS, -1, on=False),
        editing.edit(network, CANVAS, 12, "kernel", (1, 1)),
        editing.type_in(network, CANVAS, 12, "kernel", "1"),
        editing.change_kind(network, CANVAS, 12, "conv"),
        editing.add(network, CANVAS, 9, Norm()),
    ):
        assert isinstance(outcome, Refused)


def test_the_last_layer_cannot_go() -> None:
    network = Network(NetworkSpec(name="one", layers=(Conv(channels=1),)))
    for outcome in (editing.remove(network, CANVAS, 0), editing.switch(network, CANVAS, 0, on=False)):
        assert isinstance(outcome, Refused)
        assert outcome.message == "a network needs at least one layer that is switched on"


def test_all_maps_together_stay_within_memory() -> None:
    layers = tuple(Conv(channels=1000, kernel=(1, 1)) for _ in range(6))
    network = Network(NetworkSpec(name="huge", layers=layers))
    outcome = editing.add(network, (256, 256), 6, Activation())
    assert isinstance(outcome, Refused)
    assert "would hold" in outcome.message


@pytest.mark.parametrize("kind", list(fields.KINDS))
def test_every_kind_becomes_every_other_or_says_why_not(kind: str) -> None:
    for model in (*(model for _, model in fields.KINDS.values()), AvgPool(kernel=(3, 3), padding=(1, 1))):
        network = Network(NetworkSpec(name="one", layers=(model,)))
        outcome = editing.change_kind(network, CANVAS, 0, kind)
        made = _made(outcome)
        assert made.network.spec.layers[0].kind == kind


def test_what_two_kinds_have_in_common_is_kept() -> None:
    pool = MaxPool(kernel=(3, 3), stride=(2, 1), on=False)
    assert fields.as_kind(pool, "avgpool") == AvgPool(kernel=(3, 3), stride=(2, 1), on=False)
    assert fields.as_kind(pool, "blurpool") == BlurPool(size=3, stride=(2, 1), max_kernel=(3, 3), on=False)
    assert fields.as_kind(fields.as_kind(pool, "blurpool"), "maxpool") == pool
    assert fields.as_kind(BlurPool(size=5, max_kernel=(2, 2)), "polyphase") == Polyphase(
        max_kernel=(2, 2), blur=5, padding_mode="reflect"
    )
    assert fields.as_kind(Dense(units=9, bias=False), "conv") == Conv(channels=9, kernel=(1, 1), bias=False)
    with pytest.raises(NetworkError, match="no layer of kind 'x'"):
        fields.as_kind(pool, "x")


def test_every_field_can_be_shown_and_read_back() -> None:
    for _, model in fields.KINDS.values():
        names = {field.name for field in fields.fields_of(model)}
        assert names == set(model.__struct_fields__) - {"on"}
        for field in fields.fields_of(model):
            value = getattr(model, field.name)
            assert fields.parse(model, field.name, fields.shown(value)) == value


LAYERS = st.sampled_from([model for _, model in fields.KINDS.values()])
TEXTS = st.sampled_from(
    ["0", "1", "2", "3", "5", "7x1", "2, 3", "yes", "no", "circular", "full", "valid", "tanh", "x", "-1", "64", ""]
)


def _random_edit(data: st.DataObject, network: Network, index: int, names: list[str]) -> Outcome:
    match data.draw(st.integers(0, 5)):
        case 0:
            return editing.add(network, CANVAS, index, data.draw(LAYERS))
        case 1:
            return editing.remove(network, CANVAS, index)
        case 2:
            return editing.move(network, CANVAS, index, data.draw(st.integers(0, 8)))
        case 3:
            return editing.switch(network, CANVAS, index, data.draw(st.booleans()))
        case 4:
            name = data.draw(st.sampled_from(names or ["kernel"]))
            return editing.type_in(network, CANVAS, index, name, data.draw(TEXTS))
        case _:
            return editing.change_kind(network, CANVAS, index, data.draw(st.sampled_from(list(fields.KINDS))))


@settings(max_examples=40, deadline=None)
@given(data=st.data(), trained=st.booleans())
def test_random_edits_build_or_say_why_not(data: st.DataObject, trained: bool) -> None:
    network = _trained() if trained else Network(preset("seed"))
    for _ in range(8):
        spec = network.spec
        index = data.draw(st.integers(-1, len(spec.layers)))
        inside = 0 <= index < len(spec.layers)
        names = [field.name for field in fields.fields_of(spec.layers[index])] if inside else ["kernel"]
        outcome = _random_edit(data, network, index, names)
        if isinstance(outcome, Refused):
            assert outcome.message
            assert "\n" not in outcome.message
            continue
        network = _made(outcome).network
        assert len(outcome.origins) == len(network.spec.layers)
        assert msgspec.json.decode(msgspec.json.encode(network.spec), type=NetworkSpec) == network.spec
    infos = Forward(network, CANVAS).maps(np.zeros((network.spec.channels, *CANVAS), np.float32))
    assert [tuple(value.shape[1:]) for value in infos.values()] == [
        (info.channels, *info.size) for info in stages(network.spec, CANVAS)
    ]
