"""Face, twins, red and green; and the experiments by name."""

from __future__ import annotations

import dataclasses
import json
import types

import numpy as np
import pytest
import torch

from shiftlab.learn import colour_data, experiments, face, face_data, plans, red_green, twin
from shiftlab.learn.experiment import Experiment
from shiftlab.learn.starts import with_zero_biases
from shiftlab.learn.touched import weight_map
from shiftlab.learn.trainer import Trainer, logits_of, scored
from shiftlab.learn.values import Job, Progress, Run, Score
from shiftlab.measure.jobs import result_of
from shiftlab.network.geometry import stages
from shiftlab.network.modules import Forward
from shiftlab.network.spec import NetworkError
from shiftlab.network.weights import Network
from tests.learn.expected import EXPECTED, amiss


@pytest.mark.parametrize(("variant", "field"), [("window-2", 8), ("window-64", 8), ("deep", 38)])
def test_the_face_networks_see_as_much_as_they_say(variant: str, field: int) -> None:
    info = stages(face.spec(face.VARIANTS[variant], 0), face.CANVAS)
    relu = [one for one in info if one.kind == "activation"][-1]
    assert relu.receptive_field == (field, field)


@pytest.mark.parametrize("window", plans.WINDOWS)
def test_a_window_that_spans_the_face_sees_real_and_scrambled_as_one(window: int) -> None:
    # Before any training: what the dense layer is given, for a face and each scramble of its parts.
    spec = face.spec(face.Variant(window), 0)
    forward = Forward(with_zero_biases(Network(spec), face.CANVAS), face.CANVAS)
    made = face_data.parts(12, 0)
    one = face_data.Parts(*(np.repeat(getattr(made, kind)[:1], 12, axis=0) for kind in ("eye", "nose", "mouth")))
    maps = forward.maps(face_data.arranged(one, np.arange(12)))
    given = maps[forward.names[-2]].flatten(1)
    same = (given == given[:1]).all(dim=1)[1:]
    # 64 px: all eleven. 32 px: the one that exchanges nose and mouth, both in the lower windows.
    assert int(same.sum()) == {64: 11, 32: 1}.get(window, 0)
    if window == 32:
        assert face_data.ARRANGEMENTS[1 + int(same.nonzero()[0])] == ("eye", "eye", "mouth", "nose")


def test_a_global_max_over_small_fields_leaves_chance_and_a_window_of_eight_does_not() -> None:
    runs = {}
    for window in (64, 8):
        start = face.start(face.Variant(window), 1)
        settings = dataclasses.replace(start.settings, steps=60)
        trainer = Trainer(start.networks[0], face.CANVAS, face_data.paired(64, 1), settings)
        for _ in trainer.run():
            pass
        tests = face_data.paired(33, 9)
        logits = logits_of(trainer.forward, tests.images)
        runs[window] = scored(logits, torch.tensor(tests.labels)).value
        if window == 64:
            assert torch.equal(logits[:33], logits[33:])
    assert runs[64] == 0.5
    assert runs[8] > 0.9


def brief_twins(variant: twin.Variant, steps: int) -> tuple[float, float]:
    a, b = twin.start(variant, 0).trainers()
    before = weight_map(a.network, twin.CANVAS)
    for _ in range(steps):
        a.step()
        b.step()
    moved = float(np.abs(weight_map(a.network, twin.CANVAS) - before).max())
    return twin.difference(a, b, variant.cells), moved


def test_twins_on_the_grid_of_a_circular_network_stay_twins() -> None:
    apart, moved = brief_twins(twin.Variant(), 4)
    assert apart <= twin.EXACT
    assert moved > 1e-4


@pytest.mark.parametrize("variant", [twin.Variant(shift=34), twin.Variant(padding="zeros")])
def test_off_the_grid_or_with_zero_padding_and_biases_they_do_not(variant: twin.Variant) -> None:
    apart, _ = brief_twins(variant, 4)
    assert apart > 1e-6


def test_moved_dense_weights_answer_moved_images_alike() -> None:
    network = Network(twin.spec(twin.Variant(), 3))
    image = np.random.default_rng(0).uniform(size=(1, 1, 64, 64)).astype(np.float32)
    moved = twin.moved_dense(network, twin.CANVAS, 5)
    first = logits_of(Forward(network, twin.CANVAS), image)
    second = logits_of(Forward(moved, twin.CANVAS), np.roll(image, (20, 20), axis=(2, 3)))
    torch.testing.assert_close(second, first)
    with pytest.raises(NetworkError, match="has no dense layer over places"):
        twin.moved_dense(Network(red_green.spec("zeros", 0)), red_green.CANVAS, 1)


@pytest.mark.parametrize("padding", ["circular", "full"])
def test_without_a_border_to_see_exchanged_halves_are_answered_alike(padding: str) -> None:
    forward = Forward(Network(red_green.spec(padding, 0)), red_green.CANVAS)  # type: ignore[arg-type]
    made = colour_data.images(40, 0)
    first, second = logits_of(forward, made.images), logits_of(forward, colour_data.swapped(made).images)
    torch.testing.assert_close(second, first, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("padding", ["zeros", "valid"])
def test_with_zero_padding_or_none_they_are_not(padding: str) -> None:
    forward = Forward(Network(red_green.spec(padding, 0)), red_green.CANVAS)  # type: ignore[arg-type]
    made = colour_data.images(40, 0)
    first, second = logits_of(forward, made.images), logits_of(forward, colour_data.swapped(made).images)
    assert float((first - second).abs().max()) > 1e-2


def test_a_few_steps_of_red_and_green_learn_the_half() -> None:
    trainer = Trainer(
        Network(red_green.spec("zeros", 0)),
        red_green.CANVAS,
        colour_data.images(200, 0),
        dataclasses.replace(red_green.settings(0), steps=40, batch=25, rate=3e-3),
    )
    for _ in trainer.run():
        pass
    tests = colour_data.images(200, 1)
    labels = torch.tensor(tests.labels)
    assert scored(logits_of(trainer.forward, tests.images), labels).value > 0.9
    assert scored(logits_of(trainer.forward, colour_data.swapped(tests).images), labels).value < 0.3


class Fake:
    """An experiment that trains nothing."""

    name, asked = "fake", ("a",)
    variants = types.MappingProxyType({"a": None, "b": None})
    variant = Experiment.variant

    def run(self, variant: str, seed: int) -> Job[Run]:
        yield Progress(1, 2, "training", 0.5, 0.75)
        yield Progress(2, 2, "testing")
        return Run("fake", variant, seed, 1.23456, {"here": Score(0.75, 0.5, 8)}, {"figure": 2.5})


def test_the_json_is_what_the_command_line_promises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiments, "EXPERIMENTS", {"fake": Fake()})
    told: list[tuple[str, int, Progress]] = []
    answer = experiments.run("fake", [3, 4], lambda *one: told.append(one))
    run = {
        "variant": "a",
        "seconds": 1.235,
        "accuracy": {"here": 0.75},
        "ties": {"here": 0.5},
        "untouched_weight_change": None,
        "figure": 2.5,
    }
    assert answer == {"experiment": "fake", "runs": [{**run, "seed": 3}, {**run, "seed": 4}]}
    assert json.loads(json.dumps(answer)) == answer
    assert [(variant, seed, progress.done) for variant, seed, progress in told] == [
        ("a", 3, 1),
        ("a", 3, 2),
        ("a", 4, 1),
        ("a", 4, 2),
    ]
    assert len(experiments.run("fake", [0], variants=["b", "a"])["runs"]) == 2
    with pytest.raises(ValueError, match="fake has no variant 'c'; it has a, b"):
        experiments.run("fake", [0], variants=["a", "c"])
    with pytest.raises(ValueError, match="no experiment 'other'; there are fake"):
        experiments.run("other", [0])


def test_a_job_that_is_closed_stops() -> None:
    job = twin.EXPERIMENT.run("on-grid", 0)
    assert next(job).done == 1
    job.close()
    with pytest.raises(StopIteration):
        next(job)


def test_every_experiment_has_its_expectations() -> None:
    assert experiments.names() == plans.EXPERIMENTS == ("corner", "face", "twin", "red-green")
    for name in experiments.names():
        found = experiments.experiment(name)
        assert set(found.asked) <= set(found.variants)
        assert set(EXPECTED[name]) <= set(found.variants)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("name", "seeds"), [("face", 2), ("twin", 1), ("red-green", 1)])
def test_over_seeds_the_experiments_give_their_figures(name: str, seeds: int) -> None:
    found = experiments.experiment(name)
    runs = [result_of(found.run(variant, seed)) for variant in found.asked for seed in range(seeds)]
    assert amiss(runs) == []
