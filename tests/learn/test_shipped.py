"""The light list of what ships, against the plans that made it."""

from __future__ import annotations

from typing import get_args

from shiftlab.learn import plans, scenes, shipped
from shiftlab.network import presets
from shiftlab.network.weights import Network


def test_the_networks_trained_in_the_corner_are_those_that_have_such_a_plan() -> None:
    planned = [(name, plans.plan_of_name(name)) for name in (*presets.names(), "corner-dense", "corner-nothing")]
    assert {name for name, plan in planned if plan is not None and plan.experiment == "corner"} <= shipped.CORNERED
    assert {f"corner-{head}" for head in get_args(plans.Head)} == shipped.CORNERED
    assert not shipped.cornered("corner-nothing")


def test_only_trained_weights_on_their_own_canvas_have_seen_a_box() -> None:
    trained = presets.with_weights(presets.preset("corner-dense"))
    first, end, left, right = shipped.seen_by(trained, (64, 64)) or (0, 0, 0, 0)
    (cat,) = scenes.scene_of(plans.Plan()).placed
    assert first <= cat.at[0] - cat.size // 2 <= cat.at[0] - cat.size // 2 + cat.size <= end
    assert (first, end) == (left, right)
    assert shipped.seen_by(trained, (128, 128)) is None
    assert shipped.seen_by(Network(trained.spec), (64, 64)) is None
    assert shipped.seen_by(Network(presets.preset("three-blocks"), trained.weights), (64, 64)) is None
