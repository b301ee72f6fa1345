"""A task of one's own, trained: judged by its own figures, wherever they come from; and trainings that go on."""

from __future__ import annotations

import dataclasses

import msgspec
import numpy as np
import pytest
import torch

from shiftlab.learn import data, drawn, live, plans, tasks
from shiftlab.learn.data import Labelled
from shiftlab.learn.own import advice, verdict
from shiftlab.learn.plans import Plan, Taught
from shiftlab.learn.tasks import Task
from shiftlab.learn.touched import dense_over_places, weight_map
from shiftlab.learn.trainer import Trainer
from shiftlab.learn.values import Score, Settings
from shiftlab.measure.jobs import result_of
from shiftlab.network.modules import Forward
from shiftlab.network.spec import Activation, Conv, Dense, Flatten, GlobalMax, MaxPool, NetworkSpec
from shiftlab.network.weights import Network
from shiftlab.scene import patterns
from shiftlab.scene.values import Background

CANVAS = (32, 32)
SIZE = 8
PATTERNS = (patterns.builtin("ring"), patterns.builtin("cross"))


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def spec(pooled: bool = False, bias: bool = False, initialisation: str = "zeros") -> NetworkSpec:
    head = GlobalMax() if pooled else Flatten()
    return NetworkSpec(
        name="small",
        layers=(
            Conv(channels=6, padding=(1, 1), bias=bias),
            Activation(),
            MaxPool(),
            Conv(channels=8, padding=(1, 1), bias=bias),
            Activation(),
            head,
            Dense(units=2, bias=False, initialisation=initialisation),  # type: ignore[arg-type]
        ),
        seed=1,
    )


def task(small: NetworkSpec | None = None, **changes: object) -> Task:
    given: dict[str, object] = {
        "network": Network(small or spec()),
        "classes": PATTERNS,
        "canvas": CANVAS,
        "size": SIZE,
        "places": tasks.corner(CANVAS, SIZE),
        "images": 128,
        "settings": Settings(rate=0.01, batch=16, steps=40),
    }
    return Task(**{**given, **changes})  # type: ignore[arg-type]


def run(ready: plans.Opened, since: Taught | None = None):
    told = []
    return result_of(live.live(ready, since), told.append), told


def values(outcome: plans.Outcome) -> dict[str, str]:
    return {row.name: row.value for row in outcome.rows}


class TestOpened:
    def test_it_stands_ready(self):
        ready = live.opened(plans.own(task(background=Background(grey=0.3))))
        assert ready.networks == (ready.plan.task.network,)
        assert (ready.canvas, ready.background, ready.border) == (CANVAS, Background(grey=0.3), "zero")
        assert ready.settings == Settings(rate=0.01, batch=16, steps=40)
        (placed,) = ready.placed
        assert ready.plan.task.standing[int(placed.at[0]), int(placed.at[1])]

    def test_what_it_will_see(self):
        ready = live.opened(plans.own(task(variation=0.0)))
        assert ready.seen == (0, 16, 0, 16)
        # Sixteen pixels leave first corners 0 to 8 to a pattern of eight.
        assert ready.corners == (0, 9, 0, 9)
        assert ready.pixels[:16, :16].any(axis=1).all()
        assert not ready.pixels[16:].any()
        assert not ready.pixels[:, 16:].any()
        # One more layer of 3x3 on half the pixels, after one of 3x3: a pixel is seen two cells further on.
        assert ready.touched[:9, :9].all()
        assert not ready.touched[10:].any()

    def test_no_box_where_places_are_everywhere_or_no_box(self):
        everywhere = live.opened(plans.own(task(places=tasks.everywhere(CANVAS, SIZE))))
        assert (everywhere.seen, everywhere.corners) == (None, None)
        spots = np.zeros(CANVAS, dtype=bool)
        spots[[6, 20], [7, 21]] = True
        assert live.opened(plans.own(task(places=spots))).corners is None

    def test_patterns_that_nobody_sees_are_refused(self):
        dark = [dataclasses.replace(one, image=np.zeros_like(one.image)) for one in PATTERNS]
        dark[1] = dataclasses.replace(dark[1], alpha=np.roll(dark[1].alpha, 1))
        with pytest.raises(ValueError, match=r"^background: none of the patterns can be seen on it"):
            live.opened(plans.own(task(classes=tuple(dark))))


class TestTrained:
    def test_a_dense_head_knows_them_where_it_saw_them(self):
        ready = live.opened(plans.own(task()))
        outcome, told = run(ready)
        found = values(outcome)
        assert float(found["where trained"]) >= 0.95
        assert float(found["elsewhere"]) < 0.85
        assert outcome.sentence.startswith("Knows them where it saw them (")
        assert outcome.untouched_change == 0
        assert found["untouched |ΔW|"] == "0"
        assert outcome.holds is None
        assert {(row.expected, row.holds) for row in outcome.rows} == {("–", None)}
        assert list(found) == [
            "where trained",
            "elsewhere",
            "ring, where trained",
            "ring, elsewhere",
            "cross, where trained",
            "cross, elsewhere",
            "untouched |ΔW|",
        ]
        assert [one.progress.words for one in told[:40]] == ["training"] * 40
        # By the change itself: every weight of a touched cell may move, of the others none.
        after = Network(ready.networks[0].spec, outcome.weights[0])
        moved = np.abs(weight_map(after, CANVAS) - weight_map(ready.networks[0], CANVAS)).max(axis=(0, 1))
        assert not moved[~ready.touched].any()
        assert (moved[ready.touched] > 0).mean() > 0.9

    def test_a_pooled_head_knows_them_everywhere(self):
        outcome, _ = run(live.opened(plans.own(task(spec(pooled=True, initialisation="seeded")))))
        assert outcome.sentence.startswith("Knows them everywhere")
        assert outcome.untouched_change is None

    def test_spoilt_training_changes_the_verdict(self):
        outcome, _ = run(live.opened(plans.own(task(settings=Settings(rate=1e-7, steps=1)))))
        assert outcome.sentence.startswith("Not learnt: at chance even where it saw them (0.")
        swapped = live.opened(plans.own(task()))
        trainer = Trainer(swapped.networks[0], CANVAS, Labelled(*mislabelled(swapped.plan.task)), swapped.settings)
        for _ in trainer.run():
            pass
        kept = dataclasses.replace(swapped, networks=(trainer.network,), settings=Settings(rate=1e-9, steps=1))
        assert "worse" in run(kept)[0].sentence or run(kept)[0].sentence.startswith("Learnt in part: 0.0")

    @pytest.mark.parametrize(
        ("changes", "cause"),
        [
            ({"network": Network(spec(bias=True))}, "biases"),
            ({"background": Background(grey=0.5)}, "ground is not black"),
            (
                {
                    "network": Network(spec(initialisation="seeded")),
                    "settings": Settings("adamw", 0.01, weight_decay=0.1, batch=16, steps=3),
                },
                "weight decay",
            ),
        ],
    )
    def test_untouched_weights_move_for_a_reason(self, changes, cause):
        plan = plans.own(task(**{"settings": Settings(rate=0.01, batch=16, steps=3), **changes}))
        outcome, _ = run(live.opened(plan))
        assert outcome.untouched_change > 0
        assert cause in plans.why_untouched(plan, outcome.untouched_change)

    @pytest.mark.parametrize(
        "changes",
        [
            {"network": Network(spec(initialisation="seeded"))},
            {"settings": Settings("adamw", 0.01, weight_decay=0.1, batch=16, steps=3)},
            {"settings": Settings("sgd", 0.1, momentum=0.9, batch=16, steps=3, shift=3)},
            {"border": "wrap", "settings": Settings(rate=0.01, batch=16, steps=3, shift=1)},
        ],
    )
    def test_or_not_at_all(self, changes):
        ready = live.opened(plans.own(task(**{"settings": Settings(rate=0.01, batch=16, steps=3), **changes})))
        assert not ready.touched.all()
        outcome, _ = run(ready)
        assert outcome.untouched_change == 0

    def test_its_figures_are_those_of_the_network_at_these_places(self):
        ready = live.opened(plans.own(task(variation=0.0, settings=Settings(rate=0.01, batch=16, steps=12))))
        outcome, _ = run(ready)
        forward = Forward(Network(ready.networks[0].spec, outcome.weights[0]), CANVAS)
        mine = ready.plan.task
        for name, places in (("where trained", mine.standing), ("elsewhere", mine.whole & ~mine.standing)):
            chosen = drawn.sampled(places, 256, data.TEST_SEED)
            right: list[float] = []
            for label in (0, 1):
                for row, col in chosen:
                    image = drawn.rasterise(mine.scene(label, (int(row), int(col))), 1)
                    logits = forward.maps(image)["dense1"].flatten().tolist()
                    apart = logits[label] - logits[1 - label]
                    right.append(0.5 if apart == 0 else float(apart > 0))
            assert values(outcome)[name].removesuffix(", tie") == f"{np.mean(right):.2f}"

    def test_it_begins_from_the_weights_it_has(self):
        outcome, _ = run(live.opened(plans.own(task(settings=Settings(rate=0.01, batch=16, steps=4)))))
        trained = Network(spec(), outcome.weights[0])
        ready = live.opened(plans.own(task(network=trained, start="present")))
        assert ready.networks[0].weights == outcome.weights[0]
        with pytest.raises(ValueError, match="trained with"):
            live.opened(plans.own(task(network=trained, start="present", canvas=(36, 32), places=np.ones((36, 32)))))


def mislabelled(made: Task) -> tuple[np.ndarray, np.ndarray]:
    found = drawn.training_images(made)
    return found.images, 1 - found.labels


def score(value: float, ties: float = 0.0, count: int = 512) -> Score:
    return Score(value, ties, count)


@pytest.mark.parametrize(
    ("inside", "outside", "classes", "said"),
    [
        (score(1.0), score(0.5, 1.0), 2, "Knows them where it saw them (1.00), at chance elsewhere (0.50, a tie)."),
        (score(1.0), score(0.52), 2, "Knows them where it saw them (1.00), at chance elsewhere (0.52)."),
        (score(0.97), score(0.8), 2, "Knows them where it saw them (0.97), less well elsewhere (0.80)."),
        (score(0.97), score(0.2), 2, "Knows them where it saw them (0.97), worse than chance elsewhere (0.20)."),
        (score(0.97), score(0.5), 4, "Knows them where it saw them (0.97), less well elsewhere (0.50)."),
        (score(1.0), score(0.99), 2, "Knows them everywhere: where it saw them (1.00) and elsewhere (0.99)."),
        (score(1.0), None, 2, "Knows them wherever they can stand (1.00); it saw them everywhere."),
        (score(0.5, 1.0), score(0.5, 1.0), 2, "Not learnt: at chance even where it saw them (0.50), 0.50 elsewhere."),
        (score(0.26), None, 4, "Not learnt: at chance even where it saw them (0.26)."),
        (score(0.8), score(0.6), 2, "Learnt in part: 0.80 where it saw them, 0.60 elsewhere."),
    ],
)
def test_the_verdict_follows_from_the_figures(inside, outside, classes, said):
    assert verdict(inside, outside, classes) == said


def falling(start: float, end: float, steps: int = 50) -> list[float]:
    return np.geomspace(start, end, steps).tolist()


LN2 = float(np.log(2))


@pytest.mark.parametrize(
    ("units", "settings", "losses", "said"),
    [
        (2, {}, [LN2] * 50, "The loss was still that of guessing (0.69). Try more than 50 steps or another rate, then"),
        (2, {}, [LN2] * 3, "The loss was still that of guessing (0.69). Try more than 3 steps"),
        (2, {}, [0.7], "The loss was still that of guessing (0.70). Try more than 1 steps"),
        (2, {}, falling(0.69, 0.25), "The loss was still falling. Try more than 50 steps."),
        (2, {}, [*falling(0.69, 0.4, 20), *[0.4] * 30], "Try more than 50 steps, or another rate."),
        (2, {}, falling(0.69, 0.001), "It knows the very images it saw (loss 0.00), not others like them. Try some"),
        (2, {"shift": 2}, [0.01] * 9, "It knows the very images it saw (loss 0.01), not others like them. Try more"),
        (2, {"rate": 1.0}, [LN2] * 50, "Its rate was 1; 0.003 is usual for this network."),
        (2, {"rate": 1e-5}, [LN2] * 50, "Its rate was 1e-05; 0.003 is usual for this network."),
        (2, {"rate": 1.0, "optimiser": "sgd"}, [LN2] * 50, "The loss was still that of guessing (0.69)."),
        (4, {}, [1.4] * 5 + [LN2] * 45, "2 of its outputs have no class, and silencing them comes first. Try more"),
        (3, {}, [LN2] * 50, "1 of its outputs has no class, and silencing them comes first."),
        (4, {}, falling(1.4, 0.25), "The loss was still falling."),
    ],
)
def test_the_advice_follows_from_the_losses(units, settings, losses, said):
    given = spec()
    network = msgspec.structs.replace(given, layers=(*given.layers[:-1], Dense(units=units, bias=False)))
    made = task(network, settings=Settings(**{"rate": 3e-3, **settings}))
    assert advice(made, losses).startswith(said)


def test_what_was_learnt_by_heart_is_known_with_the_shift_that_is_advised():
    few = {"images": 16, "variation": 1.0, "size": 12, "classes": (patterns.builtin("ring"), patterns.builtin("star"))}
    settings = Settings(rate=0.01, batch=16, steps=100)
    places = tasks.everywhere(CANVAS, 12)
    outcome, _ = run(live.opened(plans.own(task(**few, places=places, settings=settings))))
    assert outcome.sentence.endswith("Try some shift.")
    shifted = dataclasses.replace(settings, shift=10, steps=300)
    better, _ = run(live.opened(plans.own(task(**few, places=places, settings=shifted))))
    assert better.scores["where trained", ""].value > outcome.scores["where trained", ""].value + 0.2


def test_what_is_known_needs_no_advice():
    outcome, _ = run(live.opened(plans.own(task())))
    assert outcome.sentence.startswith("Knows them")
    assert "Try" not in outcome.sentence


class TestShift:
    def trainer(self, ground: np.ndarray | None, wrap: bool, shift: int = 5) -> tuple[Trainer, np.ndarray]:
        images = np.random.default_rng(0).uniform(size=(8, 1, *CANVAS)).astype(np.float32)
        settings = Settings(batch=8, steps=2, shift=shift)
        data = Labelled(images, np.arange(8) % 2)
        return Trainer(Network(spec()), CANVAS, data, settings, ground=ground, wrap=wrap), images

    def test_round_the_edges_it_is_a_roll(self):
        trainer, images = self.trainer(None, wrap=True)
        moved = trainer._shifted(torch.tensor(images)).numpy()
        by = set()
        for image, one in zip(images, moved, strict=True):
            fits = [
                (row, col)
                for row in range(-5, 6)
                for col in range(-5, 6)
                if np.array_equal(np.roll(image, (row, col), axis=(1, 2)), one)
            ]
            assert len(fits) == 1
            by.add(fits[0])
        assert len(by) > 4

    def test_the_ground_stays_and_comes_in(self):
        ground = np.random.default_rng(1).uniform(0.2, 0.8, (1, *CANVAS)).astype(np.float32)
        trainer, _ = self.trainer(ground, wrap=False)
        images = np.repeat(ground[None], 8, axis=0)
        np.testing.assert_array_equal(trainer._shifted(torch.tensor(images)).numpy(), images)
        images[:, :, 10:14, 10:14] += 0.1
        moved = trainer._shifted(torch.tensor(images)).numpy() - ground
        for one in moved:
            rows, cols = np.flatnonzero((one[0] != 0).any(axis=1)), np.flatnonzero((one[0] != 0).any(axis=0))
            assert (len(rows), len(cols)) == (4, 4)
            assert 5 <= rows[0] <= 15
            np.testing.assert_allclose(one[0, rows[0] : rows[0] + 4, cols[0] : cols[0] + 4], 0.1, atol=1e-6)

    def test_a_shifted_pattern_is_learnt_where_shifts_take_it(self):
        ready = live.opened(plans.own(task(variation=0.0, settings=Settings(steps=3, shift=4))))
        assert ready.seen == (0, 20, 0, 20)
        assert ready.corners == (0, 13, 0, 13)


def trained_until(ready: plans.Opened, last: int, since: Taught | None = None) -> Taught:
    """The run's word after that step; the run is closed there, as a cancelled one is."""
    steps = live.live(ready, since)
    for told in steps:
        if told.progress.words == "training" and told.progress.done == last:
            steps.close()
            return told
    raise AssertionError("it never came so far")


class TestGoingOn:
    @pytest.mark.parametrize(
        "plan",
        [
            Plan(random=True, decay=True),
            Plan("face", window=64, deep=True),
            Plan("twin"),
            Plan("red-green", padding="zero"),
            plans.own(task(settings=Settings("sgd", 0.05, momentum=0.9, batch=16, steps=40, shift=2))),
        ],
        ids=lambda plan: plan.experiment,
    )
    def test_it_ends_as_if_it_had_never_been_stopped(self, plan):
        ready = live.opened(plan)
        whole = trained_until(ready, 3)
        resumed = trained_until(ready, 3, since=trained_until(ready, 1))
        assert resumed.weights == whole.weights
        assert (resumed.losses, resumed.accuracies) == (whole.losses, whole.accuracies)
        assert len(resumed.losses) == 3

    def test_where_it_was_left_is_a_value(self):
        ready = live.opened(plans.own(task()))
        left = trained_until(ready, 2)
        first, second = (trained_until(ready, 5, since=left) for _ in range(2))
        assert first.weights == second.weights
        assert left.progress.done == len(left.losses) == 2

    def test_weights_alone_would_not_do(self):
        ready = live.opened(plans.own(task()))
        whole, left = trained_until(ready, 5), trained_until(ready, 2)
        afresh = dataclasses.replace(ready, networks=(Network(ready.networks[0].spec, left.weights[0]),))
        assert trained_until(afresh, 3).weights != whole.weights

    def test_left_in_the_tests_it_is_tested_again(self):
        ready = live.opened(plans.own(task(settings=Settings(rate=0.01, batch=16, steps=6))))
        outcome, told = run(ready)
        left = told[-2]
        assert left.progress.words.startswith("testing")
        again, more = run(ready, left)
        assert {one.progress.words for one in more} == {"testing: where trained", "testing: elsewhere"}
        assert (again.rows, again.weights, again.losses) == (outcome.rows, outcome.weights, outcome.losses)
        assert again.seconds > left.checkpoint.seconds

    def test_only_where_the_same_plan_stood(self):
        ready = live.opened(plans.own(task()))
        left = trained_until(ready, 1)
        other = live.opened(plans.own(task(size=7)))
        for since in (left, dataclasses.replace(left, checkpoint=None)):
            with pytest.raises(ValueError, match=r"^since must be where a training of this very plan stood"):
                next(live.live(other, since))


def test_a_network_of_the_bench_may_have_more_outputs_than_classes():
    layers = (*spec().layers[:-1], Dense(units=5, bias=False, initialisation="zeros"))
    network = msgspec.structs.replace(spec(), layers=layers)
    assert dense_over_places(network) is not None
    outcome, _ = run(live.opened(plans.own(task(network))))
    assert float(values(outcome)["where trained"]) >= 0.95
