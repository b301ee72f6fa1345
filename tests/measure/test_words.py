from __future__ import annotations

import dataclasses

import pytest

from shiftlab.measure.lab import measure_pair
from shiftlab.measure.values import Figure
from shiftlab.measure.words import (
    Sentence,
    break_sentence,
    coverage,
    explained,
    gauge,
    number,
    pair_sentence,
)
from shiftlab.network.geometry import stages
from shiftlab.network.presets import preset
from shiftlab.network.spec import Conv, Dense, Flatten, GlobalAvg
from shiftlab.network.weights import Network
from shiftlab.scene.translation import displacement
from shiftlab.scene.values import Background, Placed, Position, Scene
from tests.measure import witnesses as w


def said(network: Network, reference: Scene, by: Position, causes: bool = True) -> Sentence:
    scene = reference.moved(by)
    infos, measures = measure_pair(network, scene, reference, causes=causes)
    return break_sentence(infos, measures, displacement(scene, reference), reference.size)


def blocks(by: Position) -> Sentence:
    reference = Scene(placed=(Placed(w.builtin("cat"), (32, 32), 34),))
    return said(Network(preset("three-blocks")), reference, by)


PHASE = "pool1 is the first that breaks: 3 px ÷ 2 = 1.5 cells, which its grid cannot represent."


def test_the_sentence_of_the_issue() -> None:
    found = blocks((0, 3))
    assert found == Sentence(PHASE, "At 2 or 4 px it moves along exactly.", True)
    assert str(found) == f"{PHASE} At 2 or 4 px it moves along exactly."


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ((0, 1), ("1 px ÷ 2 = 0.5 cells", "At 2 px it moves")),
        ((-3, 0), ("−3 px ÷ 2 = −1.5 cells", "At −2 or −4 px it moves")),
        ((2, 3), ("3 px across ÷ 2 = 1.5 cells", "At 2 or 4 px it moves")),
        ((5, 4), ("5 px down ÷ 2 = 2.5 cells", "At 4 or 6 px it moves")),
        ((3, 5), ("(3, 5) px ÷ 2 = (1.5, 2.5) cells", "At multiples of 2 px it moves")),
    ],
)
def test_phases_in_any_direction(by: Position, expected: tuple[str, str]) -> None:
    found = blocks(by)
    assert expected[0] in found.headline
    assert found.rest.startswith(expected[1])


def test_deeper_strides() -> None:
    assert "4 px ÷ 8 = 0.5 cells" in blocks((0, 4)).headline
    assert blocks((0, 4)).rest == "At 8 px it moves along exactly."


def test_no_break() -> None:
    assert blocks((8, -16)) == Sentence("Every stage moved along exactly.")


def test_nothing_moved_and_no_displacement() -> None:
    assert blocks((0, 0)).headline == "Nothing has moved yet."
    textured = dataclasses.replace(w.cat(), background=Background("noise", 0.5, 1))
    found = said(w.network(w.conv()), textured, (0, 3))
    assert found == Sentence(
        "Not measured: the object moved alone over its background.", "Choose a uniform ground to measure it."
    )
    assert "uniform" not in blocks((0, 3)).rest


def test_patterns_that_moved_apart_are_told_how_to_move_together() -> None:
    one = w.cat(at=(12, 10))
    both = dataclasses.replace(one, placed=(*one.placed, Placed(w.builtin("cat"), (20, 20), 8)))
    network = w.network(w.conv())
    apart = both.moved((0, 3), frozenset({0}))
    infos, measures = measure_pair(network, apart, both)
    found = break_sentence(infos, measures, displacement(apart, both))
    assert found == Sentence(
        "Not measured: the patterns moved apart.", "Go back to the reference and select all to move them together."
    )
    assert said(network, both, (0, 3)).headline == "Every stage moved along exactly.", "the advice helps"


def test_other_causes() -> None:
    half = blocks((0, 0.5))
    assert half.headline == "relu1 is the first that breaks: at 0.5 px it makes detail that its grid cannot carry."
    assert half.rest == "At whole pixels it moves along exactly."
    head = said(w.network(w.conv(), Flatten(), Dense(units=2)), w.cat(), (0, 3))
    assert head.headline == "dense1 is the first that breaks: its weights differ from place to place."
    edge = said(w.network(w.conv(mode="zeros"), w.relu()), w.cat(at=(16, 29)), (0, 2))
    assert edge.headline == "conv1 is the first that breaks: cells near the border see its padding."
    cut = said(w.network(w.conv(mode="zeros")), w.cat(at=(16, 2), border="zero"), (0, 6))
    assert cut.headline == "conv1 is the first that breaks: the edge of the canvas cuts the pattern."
    seam = said(w.network(w.conv(), w.pool()), w.cat(at=(30, 30), canvas=(33, 33)), (4, 4))
    assert (
        seam.headline == "pool1 is the first that breaks: its stride 2 does not divide 33×33 px, which leaves a seam."
    )
    left = said(w.network(w.conv(mode="zeros"), w.relu(), GlobalAvg()), w.cat(border="zero"), (0, 9))
    assert left.headline == "globalavg1 is the first that breaks: part of the object has left its map."


def test_a_sub_pixel_shift_off_a_ring_is_not_measured() -> None:
    found = said(w.network(w.conv(mode="zeros"), w.relu()), w.cat(border="zero"), (0, 0.5))
    assert found == Sentence("Not measured: a sub-pixel shift needs a wrapped scene and circular padding.")


def test_a_dead_stage_is_named() -> None:
    from tests.measure.test_cause import _with_biases

    network = _with_biases(w.network(w.conv(bias=True), w.relu(), w.conv(bias=True)), (32, 32), -9)
    found = said(network, w.cat(), (0, 3))
    assert found == Sentence("Every stage that can be measured moved along exactly.", "relu1: no response.")


def test_while_the_pointer_moves_the_phase_is_said_already() -> None:
    reference = w.cat()
    found = said(w.network(w.conv(), w.relu(), w.pool()), reference, (0, 3), causes=False)
    assert found == Sentence("pool1 is the first that breaks: 3 px ÷ 2 = 1.5 cells.", "", True)


def test_two_networks() -> None:
    reference = w.cat()
    scene = reference.moved((0, 3))
    pool, blur, none = (
        measure_pair(w.network(w.conv(), w.relu(), *layers), scene, reference)[1]
        for layers in ([w.pool()], [w.blur()], [])
    )
    by = displacement(scene, reference)
    both = pair_sentence(pool, blur, by)
    values = [one[-1].equivariance.value for one in (pool, blur)]
    assert str(both) == f"Both break: pool1 of A is off {values[0]:.2f}, blur1 of B off {values[1]:.2f}."
    assert pair_sentence(none, none, by).headline == "Every stage of A and of B moved along exactly."
    assert pair_sentence(none, pool, by).headline == f"pool1 of B is the first that breaks, off {values[0]:.2f}."
    assert pair_sentence(none, pool, by).rest == "Every stage of A moved along exactly."


def test_two_networks_that_cannot_be_measured_are_not_called_exact() -> None:
    reference = w.cat()
    same = measure_pair(w.network(w.conv()), reference, reference)[1]
    assert pair_sentence(same, same, displacement(reference, reference)).headline == "Nothing has moved yet."
    textured = dataclasses.replace(reference, background=Background("noise", 0.5, 1))
    moved = textured.moved((0, 3))
    unknown = measure_pair(w.network(w.conv()), moved, textured)[1]
    found = pair_sentence(unknown, unknown, displacement(moved, textured))
    assert found.headline == "Not measured: the object moved alone over its background."
    half, ring = reference.moved((0, 0.5)), w.network(w.conv())
    by = displacement(half, reference)
    silent, exact = (measure_pair(one, half, reference)[1] for one in (w.network(w.conv(mode="zeros")), ring))
    reason = "Not measured: a sub-pixel shift needs a wrapped scene and circular padding."
    assert str(pair_sentence(silent, silent, by)) == reason
    assert str(pair_sentence(silent, exact, by)) == f"A: {reason} B: Every stage moved along exactly."


def test_gauges() -> None:
    assert gauge(Figure(0.0)) == "exact"
    assert gauge(Figure(1e-5)) == "exact"
    assert gauge(Figure(0.4)) == "off 0.40"
    assert gauge(Figure(0.0003)) == "off 0.0003"
    assert gauge(Figure(None, "no response")) == "n/a"


def test_numbers_have_a_true_minus() -> None:
    assert [number(value) for value in (3.0, -1.5, 0.375)] == ["3", "−1.5", "0.375"]


@pytest.mark.parametrize(
    ("kernel", "words"),
    [
        (33, "A cell of conv1 sees 33 px: the whole canvas."),
        (8, "A cell of conv1 sees 8 px: just a quarter of the canvas's side."),
        (5, "A cell of conv1 sees 5 px: less than a quarter of the canvas's side."),
        (15, ""),
    ],
)
def test_what_the_last_field_covers(kernel: int, words: str) -> None:
    layer = Conv(channels=1, kernel=(kernel, kernel), padding=(kernel // 2, kernel // 2))
    assert coverage(stages(w.network(layer).spec, (32, 32)), (32, 32)) == words


def test_a_cause_is_explained_by_its_definition() -> None:
    reference = w.cat()
    _, measures = measure_pair(w.network(w.conv(), w.relu(), w.pool()), reference.moved((0, 3)), reference)
    (cause,) = measures[-1].causes
    assert cause.kind == "phase"
    assert explained(cause).startswith("The error is gone when the layer runs at stride 1")
