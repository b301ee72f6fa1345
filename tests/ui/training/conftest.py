"""Experiments that need no torch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ui.training.fake_learn import FakeLearn


@pytest.fixture
def learn() -> Iterator[FakeLearn]:
    made = FakeLearn()
    yield made
    made.free()
