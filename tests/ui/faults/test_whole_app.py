"""A state machine walks through the whole application: the real window, the real store, real maps, real weights."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.ui.faults.whole_app import WholeApp
from tests.ui.faults.whole_lab import WholeLab

SEED = 7


@pytest.fixture(autouse=True)
def never_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The way out of a process that hangs would take the tests along."""
    from shiftlab import app

    def refuse(_keeper: object) -> None:
        raise AssertionError("a thread did not end in time")

    monkeypatch.setattr(app, "_abandon", refuse)
    monkeypatch.setattr(app, "JOIN", 30.0)


def walk(examples: int, steps: int, person: type[WholeApp] = WholeApp) -> None:
    # A walk that fails is told as it was walked: to make it shorter would take many windows. The seed is one whose
    # first few walks go through most of what there is.
    chosen = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, database=None, derandomize=False,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
    )  # fmt: skip
    WholeApp.runs = 0
    run_state_machine_as_test(seed(SEED)(person), settings=chosen)
    assert WholeApp.runs >= examples, "hardly anything was trained on these walks: another seed is needed"


def test_a_few_walks(qapp) -> None:
    walk(8, 15)


def test_a_few_walks_with_lessons_and_own_tasks(qapp) -> None:
    walk(5, 12, WholeLab)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("person", [WholeApp, WholeLab])
def test_many_walks(qapp, person) -> None:
    walk(30, 40, person)
