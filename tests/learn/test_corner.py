"""The corner: figures of the experiment, and the claims about weights that were never touched."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from shiftlab.learn import corner, data, face
from shiftlab.learn.touched import seen_pixels, touched_cells, untouched_change, weight_map
from shiftlab.learn.trainer import Trainer, logits_of
from shiftlab.learn.values import Run
from shiftlab.measure.jobs import result_of
from shiftlab.network.geometry import stages
from shiftlab.network.weights import Network
from shiftlab.scene.patterns import builtin
from shiftlab.scene.raster import rasterise
from shiftlab.scene.values import Placed, Scene
from tests.learn.expected import amiss


def briefly(variant: corner.Variant, steps: int, **changes: object) -> tuple[Trainer, Network]:
    start = corner.start(variant, 0)
    settings = dataclasses.replace(start.settings, steps=steps, **changes)  # type: ignore[arg-type]
    (trainer,) = dataclasses.replace(start, settings=settings).trainers()
    before = trainer.network
    for _ in trainer.run():
        pass
    return trainer, before


def untouched(variant: corner.Variant) -> np.ndarray:
    seen = seen_pixels(corner.training_images(variant.everywhere, 0).images)
    return ~touched_cells(corner.spec(variant, 0), corner.CANVAS, seen, "pool2")


def test_the_network_is_that_of_the_question() -> None:
    info = stages(corner.spec(corner.Variant(), 0), corner.CANVAS)
    pool = next(one for one in info if one.name == "pool2")
    assert (pool.receptive_field, pool.stride, pool.size) == ((16, 16), (4, 4), (16, 16))


def test_patterns_train_inside_the_upper_left_quarter_and_places_say_nothing_of_the_class() -> None:
    made = corner.training_images(False, 3)
    assert not made.images[:, :, 32:].any()
    assert not made.images[:, :, :, 32:].any()
    patterns = data.head_patterns(corner.IMAGES, 3)
    np.testing.assert_array_equal(patterns.labels, made.labels)
    places: dict[int, list[tuple[int, int]]] = {0: [], 1: []}
    for image, pattern, label in zip(made.images[:, 0], patterns.images[:, 0], made.labels, strict=True):
        found = [
            (row, col)
            for row in range(9)
            for col in range(9)
            if np.array_equal(image[row : row + 20, col : col + 20], pattern)
        ]
        assert len(found) == 1
        places[int(label)] += found
    assert len(places[0]) == len(places[1]) == 256
    assert sorted(places[0]) == sorted(places[1])


@pytest.mark.parametrize("random", [False, True])
def test_weights_that_no_training_pixel_reached_do_not_move_at_all(random: bool) -> None:
    variant = corner.Variant(random=random)
    trainer, before = briefly(variant, 12)
    away = untouched(variant)
    assert away.sum() > 150
    change = weight_map(trainer.network, corner.CANVAS) - weight_map(before, corner.CANVAS)
    assert not change[:, :, away].any()
    assert change[:, :, ~away].any(axis=(0, 1)).mean() > 0.9


def test_with_biases_they_move() -> None:
    variant = corner.Variant(bias=True)
    trainer, before = briefly(variant, 12)
    seen = seen_pixels(corner.training_images(variant.everywhere, 0).images)
    change = untouched_change(before, trainer.network, corner.CANVAS, seen)
    assert change is not None
    assert change > 1e-3


def test_with_decoupled_decay_they_shrink_by_one_minus_rate_times_decay_a_step() -> None:
    variant = corner.Variant(random=True, weight_decay=0.1)
    trainer, before = briefly(variant, 12)
    away = untouched(variant)
    first = weight_map(before, corner.CANVAS)[:, :, away]
    last = weight_map(trainer.network, corner.CANVAS)[:, :, away]
    np.testing.assert_allclose(last, first * (1 - 3e-3 * 0.1) ** 12, rtol=1e-5)
    assert np.abs(last - first).max() > 1e-5


def test_with_decay_zero_weights_stay_zero() -> None:
    variant = corner.Variant(weight_decay=0.1)
    trainer, _ = briefly(variant, 12)
    assert trainer.taken == 12
    assert not weight_map(trainer.network, corner.CANVAS)[:, :, untouched(variant)].any()


@pytest.fixture(scope="module")
def dense() -> Run:
    return result_of(corner.EXPERIMENT.run("dense", 0))


def test_trained_in_the_corner_a_dense_head_knows_it_there_and_ties_far_away(dense: Run) -> None:
    assert dense.scores["upper_left"].value >= 0.99
    assert dense.scores["lower_right"].value == 0.5
    assert dense.scores["lower_right"].tie
    assert dense.figures["untouched_weight_change"] == 0.0
    assert dense.scores["far_edge_mean"].count == 89 * corner.EDGE_IMAGES
    assert amiss([dense]) == []


def test_a_spoiled_training_changes_the_verdict() -> None:
    training, _ = briefly(corner.Variant(bias=True), 5)
    start = corner.start(corner.Variant(bias=True), 0)
    spoiled = result_of(corner.tested(corner.Variant(), start, (training,)))
    said = {row.name: row for row in corner.judged(corner.Variant(), spoiled).rows}
    assert said["untouched |ΔW|"].holds is False
    assert said["untouched |ΔW|"].expected == "0"
    assert amiss([Run("corner", "dense", 0, 1.0, spoiled.scores, spoiled.figures)])
    biased = {row.name: row for row in corner.judged(corner.Variant(bias=True), spoiled).rows}
    assert biased["untouched |ΔW|"].holds is True


def test_the_canvas_cat_and_dog_are_recognised_where_the_training_was() -> None:
    trainer, _ = briefly(corner.Variant("gmp"), 60)
    for label, name in enumerate(("cat", "dog")):
        scene = Scene(placed=(Placed(builtin(name), (14.0, 15.0), 20),), border="zero")
        assert int(logits_of(trainer.forward, rasterise(scene)[None]).argmax()) == label


def test_an_unknown_variant_is_named() -> None:
    with pytest.raises(ValueError, match="corner has no variant 'huge'; it has dense, gap"):
        result_of(corner.EXPERIMENT.run("huge", 0))
    with pytest.raises(ValueError, match="face has no variant 'huge'"):
        result_of(face.EXPERIMENT.run("huge", 0))


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_over_seeds_every_head_gives_its_figures() -> None:
    runs = [result_of(corner.EXPERIMENT.run(variant, seed)) for variant in corner.ASKED for seed in range(3)]
    by = {variant: [run for run in runs if run.variant == variant] for variant in corner.ASKED}
    for run in by["dense"]:
        assert run.scores["upper_left"].value >= 0.995
        assert run.scores["lower_right"].value == 0.5
        assert run.figures["untouched_weight_change"] == 0.0
    for run in by["gap"] + by["gmp"]:
        assert all(score.value >= 0.99 for score in run.scores.values())
    for place in ("upper_left", "centre", "lower_right", "far_edge_mean"):
        values = [run.scores[place].value for run in by["dense-everywhere"]]
        assert np.mean(values) >= 0.97
        assert min(values) >= 0.83
    assert all((run.figures["untouched_weight_change"] or 0) > 1e-3 for run in by["dense-bias"])
    assert amiss(runs) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_from_random_weights_the_far_corner_is_chance_on_average_and_anything_in_one_run() -> None:
    values = []
    for seed in range(20):
        (trainer,) = corner.start(corner.VARIANTS["dense-random"], seed).trainers()
        for _ in trainer.run():
            pass
        tests = data.head_patterns(128, data.TEST_SEED)
        values.append(corner.score_at(trainer.forward, tests, np.array([[44, 44]])).value)
    assert abs(np.mean(values) - 0.5) < 0.12
    assert max(values) - min(values) > 0.2
