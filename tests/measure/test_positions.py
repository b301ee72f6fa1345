"""Maps over places against the network run on every image by itself."""

from __future__ import annotations

import numpy as np
import pytest

from shiftlab.measure.jobs import result_of
from shiftlab.measure.positions import answers_by_place, never_touched, probabilities, unit_by_place, votes
from shiftlab.network.modules import Forward
from shiftlab.network.spec import Activation, Conv, Dense, Flatten, GlobalMax, MaxPool, NetworkError, NetworkSpec
from shiftlab.network.weights import Network

CANVAS = (20, 22)
SIZE = (6, 5)


def spec(*head) -> NetworkSpec:
    body = (Conv(channels=3, padding=(1, 1)), Activation(), MaxPool(), Conv(channels=4, padding=(1, 1)))
    return NetworkSpec(name="small", layers=(*body, *head), seed=4)


def ended(steps):
    partials = []
    return result_of(steps, partials.append), partials


@pytest.fixture(scope="module")
def patterns():
    return np.random.default_rng(5).random((3, 1, *SIZE)).astype(np.float32)


def image_at(pattern, row, col, ground=0.0):
    image = np.full((1, *CANVAS), ground, np.float32)
    image[:, row : row + SIZE[0], col : col + SIZE[1]] = pattern
    return image


def direct(network, pattern, ground=0.0):
    forward = Forward(network, CANVAS)
    name = forward.names[-1]
    places = [(row, col) for row in range(CANVAS[0] - SIZE[0] + 1) for col in range(CANVAS[1] - SIZE[1] + 1)]
    made = [forward.maps(image_at(pattern, *place, ground))[name].flatten().numpy() for place in places]
    return np.array(made).reshape(CANVAS[0] - SIZE[0] + 1, CANVAS[1] - SIZE[1] + 1, -1)


class TestVotes:
    def test_a_tie_is_shared(self):
        logits = np.array([[1, 1, 0], [0, 2, 1], [3, 3, 3]], np.float32)
        assert votes(logits).tolist() == [[0.5, 0.5, 0], [0, 1, 0], [1 / 3] * 3]

    def test_probabilities_of_large_logits(self):
        assert probabilities(np.array([1000.0, 1000.0], np.float32)).tolist() == [0.5, 0.5]


class TestAnswers:
    @pytest.mark.parametrize("head", [(Flatten(), Dense(units=3)), (GlobalMax(), Dense(units=3))])
    def test_every_quantity_is_that_of_each_image_by_itself(self, patterns, head):
        network, labels, reference, ground = Network(spec(*head)), [0, 2, 1], (3, 4), 0.25
        found, steps = ended(answers_by_place(Forward(network, CANVAS), patterns, labels, reference, ground))
        logits = np.stack([direct(network, pattern, ground) for pattern in patterns])
        answers = logits.argmax(axis=-1)
        right = np.array(labels)[:, None, None]
        assert np.allclose(found.values["accuracy"], (answers == right).mean(axis=0))
        powers = np.exp(logits.astype(np.float64))
        shares = powers / powers.sum(axis=-1, keepdims=True)
        chosen = np.stack([shares[at][..., label] for at, label in enumerate(labels)])
        assert np.allclose(found.values["probability"], chosen.mean(axis=0), atol=1e-5)
        margins = [
            logits[at][..., label] - np.delete(logits[at], label, axis=-1).max(axis=-1)
            for at, label in enumerate(labels)
        ]
        assert np.allclose(found.values["margin"], np.mean(margins, axis=0), atol=1e-4)
        agree = (answers == answers[:, 3:4, 4:5]).mean(axis=0)
        assert np.allclose(found.values["to_reference"], agree)
        pairs = np.mean([[(one == value).mean() for value in one.ravel()] for one in answers], axis=0)
        assert np.allclose(found.values["pairwise"], pairs.reshape(answers.shape[1:]))
        assert (found.images, found.classes) == (3, 3)
        assert [len(found.rows), len(found.cols)] == [15, 18]
        assert steps[-1].done == steps[-1].total

    def test_a_partial_map_is_that_of_the_patterns_so_far(self, patterns):
        forward = Forward(Network(spec(Flatten(), Dense(units=2))), CANVAS)
        _, steps = ended(answers_by_place(forward, patterns, [0, 1, 0], None))
        first, _ = ended(answers_by_place(forward, patterns[:1], [0], None))
        partial = next(step.partial for step in steps if step.partial is not None)
        assert partial.images == 1
        assert np.array_equal(partial.values["accuracy"], first.values["accuracy"])

    def test_without_a_label_the_answer_at_the_reference_is_the_right_one(self, patterns):
        forward = Forward(Network(spec(Flatten(), Dense(units=3))), CANVAS)
        found, _ = ended(answers_by_place(forward, patterns[:1], None, (0, 0)))
        assert "accuracy" not in found.values
        assert found.values["to_reference"][0, 0] == 1
        assert found.values["margin"][0, 0] > 0

    def test_a_reference_off_the_canvas_is_none(self, patterns):
        forward = Forward(Network(spec(Flatten(), Dense(units=3))), CANVAS)
        found, _ = ended(answers_by_place(forward, patterns[:1], None, (-4, 2)))
        assert set(found.values) == {"pairwise"}

    def test_zero_weights_are_chance_everywhere(self, patterns):
        network = Network(spec(Flatten(), Dense(units=2, bias=False, initialisation="zeros")))
        found, _ = ended(answers_by_place(Forward(network, CANVAS), patterns, [0, 0, 1], (2, 2)))
        for name in ("accuracy", "probability", "to_reference", "pairwise"):
            assert (found.values[name] == 0.5).all()

    def test_one_output_is_no_choice(self, patterns):
        forward = Forward(Network(spec(Flatten(), Dense(units=1))), CANVAS)
        with pytest.raises(NetworkError, match="one output alone"):
            next(answers_by_place(forward, patterns, None, None))


class TestUnits:
    @pytest.mark.parametrize(("stage", "channel"), [("conv1", 2), ("pool1", 0), ("conv2", 3), ("dense1", 1)])
    @pytest.mark.parametrize("reading", ["mean", "largest"])
    def test_a_channel_is_that_of_each_image_by_itself(self, patterns, stage, channel, reading):
        network = Network(spec(Flatten(), Dense(units=3)))
        forward = Forward(network, CANVAS)
        found, _ = ended(unit_by_place(network, CANVAS, patterns[0], stage, channel, reading))
        for row, col in ((0, 0), (7, 3), (14, 17)):
            values = forward.maps(image_at(patterns[0], row, col))[stage][0, channel]
            expected = values.mean() if reading == "mean" else values.max()
            assert found.values["unit"][row, col] == pytest.approx(float(expected), abs=1e-5)

    def test_one_cell(self, patterns):
        network = Network(spec())
        found, _ = ended(unit_by_place(network, CANVAS, patterns[0], "conv2", 1, (4, 6)))
        forward = Forward(network, CANVAS)
        for row, col in ((0, 0), (6, 10), (14, 17)):
            expected = float(forward.maps(image_at(patterns[0], row, col))["conv2"][0, 1, 4, 6])
            assert found.values["unit"][row, col] == pytest.approx(expected, abs=1e-5)

    @pytest.mark.parametrize(
        ("stage", "channel", "reading"), [("conv9", 0, "mean"), ("conv1", 3, "mean"), ("conv2", 0, (10, 0))]
    )
    def test_what_does_not_exist(self, patterns, stage, channel, reading):
        with pytest.raises(NetworkError, match="no c"):
            next(unit_by_place(Network(spec()), CANVAS, patterns[0], stage, channel, reading))


def test_never_touched_places_change_no_touched_cell(patterns):
    network = Network(spec())
    forward = Forward(network, CANVAS)
    touched = np.zeros((10, 11), np.bool_)
    touched[:4, :5] = True
    never = never_touched(network.spec, CANVAS, touched, "conv2", SIZE)
    assert never.shape == (15, 18)
    assert 0 < never.sum() < never.size
    blank = forward.maps(np.zeros((1, *CANVAS), np.float32))["conv2"][0]
    for row in range(0, 15, 2):
        for col in range(0, 18, 2):
            # all pixels 1 and any weights: what changes is seen
            changed = (forward.maps(image_at(np.ones(SIZE), row, col))["conv2"][0] - blank).abs().sum(0).numpy() > 0
            if never[row, col]:
                assert not changed[touched].any()
    outside = never_touched(network.spec, CANVAS, ~np.zeros_like(touched), "conv2", SIZE)
    assert not outside.any()
