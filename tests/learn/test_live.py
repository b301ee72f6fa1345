"""Experiments as the window runs them: opened, trained step by step, judged by their own figures."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from shiftlab.learn import corner, live, plans, ship
from shiftlab.learn.plans import Plan
from shiftlab.measure.jobs import result_of
from shiftlab.network import presets
from shiftlab.network.spec import from_json
from shiftlab.network.weights import Network


def run(ready):
    told = []
    return result_of(live.live(ready), told.append), told


def shortened(plan: Plan, steps: int):
    ready = live.opened(plan)
    return dataclasses.replace(ready, settings=dataclasses.replace(ready.settings, steps=steps))


class TestPlans:
    @pytest.mark.parametrize(
        "given",
        [{"experiment": "cats"}, {"head": "sum"}, {"padding": "none"}, {"window": 3}, {"seed": -1}, {"twin": "off"}],
    )
    def test_refused_by_name(self, given):
        (name,) = given
        with pytest.raises(ValueError, match=f"{name} must be"):
            Plan(**given)

    def test_names_speak_of_plans(self):
        assert plans.plan_of_name("corner-gap") == Plan(head="gap")
        assert plans.plan_of_name("face-8") == Plan("face", window=8)
        assert plans.plan_of_name("face-deep") == Plan("face", deep=True, window=64)
        for other in ("three-blocks", "corner-", "corner-mean", "face-7", "face-x"):
            assert plans.plan_of_name(other) is None

    def test_every_plan_has_an_expectation(self):
        for head in ("dense", "gap", "gmp"):
            for bias in (False, True):
                assert plans.expectation(Plan(head=head, bias=bias)).endswith(".")
        assert "never moved" in plans.expectation(Plan())
        assert "any figure" in plans.expectation(Plan(random=True))

    def test_why_untouched_weights_moved(self):
        assert "0 exactly" in plans.why_untouched(Plan(), 0.0)
        assert "biases" in plans.why_untouched(Plan(bias=True), 0.01)
        assert "weight decay" in plans.why_untouched(Plan(random=True, decay=True), 0.01)
        assert "no weights of its own" in plans.why_untouched(Plan(head="gmp"), None)


class TestOpened:
    @pytest.mark.parametrize("plan", [Plan(), Plan(head="gap"), Plan(everywhere=True), Plan("face"), Plan("red-green")])
    def test_the_scene_fits_and_nothing_is_trained(self, plan):
        ready = live.opened(plan)
        assert ready.canvas == ready.networks[0].spec.canvas
        assert all(0 <= place < side for one in ready.placed for place, side in zip(one.at, ready.canvas, strict=True))
        assert ready.settings == live._settings(plan, ready.settings)

    def test_rate_and_batch_are_taken(self):
        ready = live.opened(Plan(rate=0.5, batch=7))
        assert (ready.settings.rate, ready.settings.batch) == (0.5, 7)

    def test_what_the_corner_has_seen(self):
        ready = live.opened(Plan())
        assert ready.corners == (0, 9, 0, 9)
        assert ready.seen[1] <= 28
        assert ready.touched.shape == (16, 16)
        assert ready.touched[0, 0]
        assert not ready.touched[-1, -1]


class TestLive:
    def test_the_corner_is_as_the_core_trains_it(self):
        ready = shortened(Plan(seed=2), 12)
        outcome, told = run(ready)
        (core,) = corner.start(corner.VARIANTS["dense"], 2).trainers()
        for _ in range(12):
            core.step()
        assert outcome.weights == (core.weights,)
        assert [one.progress.done for one in told[:12]] == list(range(1, 13))
        assert len(outcome.losses) == len(outcome.accuracies) == 12
        assert told[2].weights[0] != told[3].weights[0]
        assert outcome.untouched_change == 0

    def test_few_steps_are_not_as_expected_and_said_so(self):
        outcome, _ = run(shortened(Plan(seed=2, rate=1e-5), 1))
        assert not outcome.holds
        assert outcome.sentence.startswith("Not as expected: upper left")

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "plan",
        [Plan(), Plan(head="gmp"), Plan(bias=True), Plan(random=True, decay=True), Plan("face", window=64)],
    )
    def test_a_whole_run_is_as_expected(self, plan):
        outcome, _ = run(live.opened(plan))
        assert outcome.holds, outcome.sentence
        if plan.bias or plan.decay:
            assert outcome.untouched_change > 0

    def test_twins_are_trained_side_by_side(self):
        ready = live.opened(Plan("twin"))
        assert [one.spec.name for one in ready.networks] == ["twin-a", "twin-b"]
        steps = live.live(ready)
        taught = next(steps)
        steps.close()
        assert len(taught.weights) == 2
        assert taught.weights[0] != taught.weights[1]


class TestShipped:
    def test_each_is_a_preset_with_weights_that_hold_what_is_said(self):
        for name, (plan, _) in ship.SHIPPED.items():
            network = presets.with_weights(presets.preset(name))
            assert network.weights is not None
            assert plans.plan_of_name(name) == dataclasses.replace(plan, seed=0)

    def test_a_spec_of_that_name_that_differs_has_no_weights(self):
        import msgspec

        spec = presets.preset("corner-dense")
        assert presets.with_weights(msgspec.structs.replace(spec, seed=spec.seed + 1)).weights is None
        assert presets.with_weights(presets.preset("three-blocks")) == Network(presets.preset("three-blocks"))

    def test_the_drawn_cat_is_recognised_where_it_was_trained(self):
        from shiftlab.learn.scenes import scene_of
        from shiftlab.network.modules import Forward
        from shiftlab.scene.raster import rasterise

        image = rasterise(scene_of(Plan()), 1)
        for name in ("corner-dense", "corner-gap", "corner-gmp"):
            forward = Forward(presets.with_weights(presets.preset(name)), (64, 64))
            cat, dog = forward.maps(image)["dense1"].flatten().tolist()
            assert cat > dog + 1
        dense = Forward(presets.with_weights(presets.preset("corner-dense")), (64, 64))
        far = rasterise(scene_of(Plan()).moved((40.0, 40.0)), 1)
        assert np.ptp(dense.maps(far)["dense1"].flatten().numpy()) == 0

    @pytest.mark.slow
    @pytest.mark.parametrize("name", list(ship.SHIPPED))
    def test_trained_again_they_are_the_same_files(self, name, tmp_path):
        ship.write(name, tmp_path)
        folder = presets.resource("networks")
        for ending in ("json", "safetensors"):
            assert (tmp_path / f"{name}.{ending}").read_bytes() == (folder / f"{name}.{ending}").read_bytes()
        assert from_json((tmp_path / f"{name}.json").read_bytes()).name == name

    def test_an_unknown_name(self, tmp_path):
        with pytest.raises(ValueError, match="no shipped network 'lenet'"):
            ship.write("lenet", tmp_path)
        with pytest.raises(ValueError, match="trains 2 networks"):
            ship.trained(Plan("twin"))
