"""A task as it is put together: what is proposed, what follows the network, and what may be kept of it."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from shiftlab.document import Document
from shiftlab.learn import own
from shiftlab.learn.draft import LIMITS, Draft
from shiftlab.learn.proposed import outputs, proposals
from shiftlab.learn.values import Settings
from shiftlab.network import presets
from shiftlab.network.initial import initial_weights
from shiftlab.network.spec import (
    Activation,
    Conv,
    Dense,
    Flatten,
    GlobalAvg,
    GlobalMax,
    MaxPool,
    NetworkSpec,
    Polyphase,
)
from shiftlab.network.weights import Network
from shiftlab.opening import opening_document
from shiftlab.scene import patterns
from shiftlab.scene.values import Scene

CANVAS = (32, 32)
CLASSES = (patterns.builtin("cat"), patterns.builtin("dog"))
SCENE = Scene(CANVAS, border="zero")


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def spec(units: int = 2, join: object = None, seed: int = 0, pool: object = None) -> NetworkSpec:
    layers = (Conv(channels=8, padding=(1, 1), bias=False), Activation(), pool or MaxPool()) * 2
    return NetworkSpec(name="small", layers=(*layers, join or GlobalAvg(), Dense(units=units, bias=False)), seed=seed)  # type: ignore[arg-type]


class TestProposed:
    @pytest.mark.parametrize(
        ("join", "units", "rate", "steps"),
        [
            (Flatten(), 2, 3e-3, 100),
            (Flatten(), 6, 3e-3, 100),
            (GlobalMax(), 6, 3e-3, 100),
            (GlobalAvg(), 2, 1e-2, 100),
            (GlobalAvg(), 3, 1e-2, 300),
        ],
    )
    def test_they_go_with_the_head_and_its_outputs(self, join, units, rate, steps):
        assert proposals(spec(units, join), CANVAS, 2) == {"rate": rate, "steps": steps}

    def test_as_many_classes_as_outputs_need_no_more_steps(self):
        three = (*CLASSES, patterns.builtin("ring"))
        assert Draft(three).settings_for(spec(3), CANVAS).steps == 100
        assert Draft(CLASSES).settings_for(spec(3), CANVAS).steps == 300

    def test_what_is_typed_stays_and_the_rest_follows(self):
        draft = Draft(CLASSES).with_settings(rate=0.5, batch=7)
        for network in (spec(), spec(4), spec(2, Flatten())):
            settings = draft.settings_for(network, CANVAS)
            assert (settings.rate, settings.batch) == (0.5, 7)
        assert draft.settings_for(spec(4), CANVAS).steps == 300
        assert draft.settings_for(spec(4, Flatten()), CANVAS).steps == 100
        assert draft.with_settings(steps=5).settings_for(spec(4), CANVAS).steps == 5

    def test_what_is_not_looked_at_makes_no_other_draft(self):
        assert Draft(CLASSES, settings=Settings(rate=0.7)) == Draft(CLASSES)
        assert Draft(CLASSES, settings=Settings(rate=0.7), proposed=frozenset()) != Draft(CLASSES)

    def test_a_network_that_cannot_be_built_has_no_outputs(self):
        broken = NetworkSpec(name="deep", layers=(MaxPool(),) * 9 + (GlobalAvg(), Dense(units=4)))
        assert outputs(broken, CANVAS) == 0
        assert proposals(broken, CANVAS, 2) == {"rate": 1e-2, "steps": 100}

    @pytest.mark.parametrize(
        "pool",
        [MaxPool(), pytest.param(Polyphase(max_kernel=(2, 2)), marks=pytest.mark.slow)],
        ids=["max", "polyphase"],
    )
    def test_it_is_the_outputs_to_spare_that_hold_a_mean_up_and_not_the_pools(self, pool):
        """One seed of each: with two outputs 100 steps do, with four they do not, and with those proposed they do."""
        seed = {"maxpool": 0, "polyphase": 1}[pool.kind]

        def known(units: int, **settings: int) -> float:
            task = (
                Draft(CLASSES, size=14)
                .with_settings(**settings)
                .task(Network(spec(units, seed=seed, pool=pool)), SCENE)
            )
            return own.finished(task).scores[own.INSIDE, ""].value

        assert known(2) >= 0.99
        assert known(4, steps=100) < own.KNOWN
        assert known(4) >= 0.99

    @pytest.mark.slow
    def test_the_preset_with_polyphase_pools_is_learnt_as_proposed(self):
        document = opening_document(presets.preset("aps"))
        for seed in range(2):
            task = Draft(CLASSES).with_settings(seed=seed).task(document.networks[0], document.scene)
            assert task.settings.steps == 300
            assert own.finished(task).scores[own.INSIDE, ""].value >= 0.99
        short = own.finished(Draft(CLASSES).with_settings(steps=100).task(document.networks[0], document.scene))
        assert short.scores[own.INSIDE, ""].value < own.KNOWN
        assert short.sentence.endswith(
            "2 of its outputs have no class, and silencing them comes first. "
            "Try more than 100 steps, or give it 2 outputs on the bench."
        )


class TestDraft:
    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"classes": CLASSES[:1]}, "classes must be 2 to 10 patterns, not 1"),
            ({"classes": CLASSES * 6}, "classes must be 2 to 10 patterns, not 12"),
            ({"place": "edge"}, "place must be one of corner, everywhere, strip, painted, not 'edge'"),
            ({"start": "last"}, "start must be one of initial, present, not 'last'"),
            ({"network": 2}, "network must be one of 0, 1, not 2"),
            ({"size": 0}, "size must be 1 to 512 px, not 0"),
            ({"variation": float("nan")}, "variation must be 0 to 1, not nan"),
            ({"proposed": frozenset({"seed"})}, r"proposed must be among rate, steps, not \['seed'\]"),
            ({"painted": np.ones((3, 40))}, "painted must be a canvas of 16 to 512 px a side, not 3x40"),
            ({"settings": Settings(seed=10_000)}, "seed must be 0 to 9999, not 10000"),
            ({"settings": Settings(rate=1e-9), "proposed": frozenset()}, "rate must be 1e-05 to 10, not 1e-09"),
        ],
    )
    def test_what_does_not_fit_is_named(self, changes, said):
        with pytest.raises(ValueError, match=f"^{said}$"):
            dataclasses.replace(Draft(CLASSES), **changes)

    def test_the_limits_are_those_of_settings_or_within_them(self):
        for name, ends in LIMITS.items():
            for end in ends:
                dataclasses.replace(Settings(), **{name: type(getattr(Settings(), name))(end)})

    @given(st.integers(16, 40), st.integers(16, 40), st.integers(0, 2**32), st.integers(0, 2**32))
    def test_they_are_equal_when_every_painted_pixel_is(self, rows, cols, place, seed):
        mask = np.random.default_rng(seed).random((rows, cols)) < 0.5
        one = Draft(CLASSES, "painted", mask)
        assert one == Draft(CLASSES, "painted", mask.copy())
        other = mask.copy()
        other.flat[place % mask.size] ^= True
        assert one != Draft(CLASSES, "painted", other)
        assert one != Draft(CLASSES, "painted", mask[:, ::-1]) or np.array_equal(mask, mask[:, ::-1])
        assert not one.painted.flags.writeable

    def test_places_painted_on_another_canvas_are_none_here_and_come_back_with_it(self):
        mask = np.ones((32, 40), dtype=np.bool_)
        draft = Draft(CLASSES, "painted", mask)
        assert not draft.places(SCENE).any()
        assert draft.places(Scene((32, 40))).all()

    def test_it_starts_from_what_there_is(self):
        draft = Draft(CLASSES, start="present")
        bare = Network(spec())
        assert draft.task(bare, SCENE).start == "initial"
        trained = Network(spec(), initial_weights(spec(), CANVAS))
        task = draft.task(trained, SCENE)
        assert (task.start, task.network.weights) == ("present", trained.weights)


class TestInADocument:
    def lab(self) -> Document:
        return opening_document(spec(), "cat", canvas=CANVAS, size=9)

    def test_the_same_task_is_the_same_document(self):
        document = self.lab().with_training(Draft(CLASSES))
        assert document.with_training(Draft(CLASSES)) is document
        assert document.with_training(None) == self.lab()
        assert document != self.lab()

    def test_it_goes_to_a_where_b_goes(self):
        (a,) = self.lab().networks
        both = self.lab().with_networks((a, a)).with_training(Draft(CLASSES, network=1))
        assert both.with_networks((a,)).training == Draft(CLASSES)
        assert both.training == Draft(CLASSES, network=1)

    def test_what_changes_the_scene_leaves_it_alone(self):
        document = self.lab().with_training(Draft(CLASSES))
        assert document.with_border("zero").with_canvas((64, 64)).without_selected().training == Draft(CLASSES)


def test_the_window_is_there_before_any_of_this_is_imported() -> None:
    ask = "import sys, shiftlab.ui.window; print([m for m in sys.modules if m in ('shiftlab.learn.draft', 'torch')])"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_more_outputs_are_named_by_their_number() -> None:
    made = Draft(CLASSES).task(Network(msgspec.structs.replace(spec(4), classes=("x",))), SCENE)
    assert made.network.spec.classes == ("cat", "dog", "output 3", "output 4")
