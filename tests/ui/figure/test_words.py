"""Numbers and short texts."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shiftlab.network.info import StageInfo
from shiftlab.scene.translation import Displacement
from shiftlab.ui.figure import words


@given(st.floats(-1e6, 1e6, allow_nan=False))
@example(0.0625)
def test_numbers_have_a_true_minus_and_no_needless_zeros(value: float) -> None:
    text = words.number(value)
    assert "-" not in text
    assert text != f"{words.MINUS}0"
    assert not re.search(r"\.\d*0$", text)
    # half of the last digit, and what the comparison itself rounds off
    assert float(text.replace(words.MINUS, "-")) == pytest.approx(value, abs=5e-4 + 1e-9)


@given(st.floats(-1e7, 1e7, allow_nan=False).filter(lambda value: abs(value) > 1e-9))
def test_a_range_keeps_two_digits(value: float) -> None:
    text = words.limit(value)
    assert "-" not in text
    assert float(text.replace(words.MINUS, "-")) == pytest.approx(value, rel=0.055)


def test_examples() -> None:
    assert words.vector(0, 3) == "(0, +3)"
    assert words.vector(-0.5, 36) == "(−0.5, +36)"
    assert [words.limit(value) for value in (0, 0.7, -0.7, 1.2, 12, 0.034)] == [
        "0", "0.70", "−0.70", "1.20", "12.0", "0.034",
    ]  # fmt: skip
    assert words.span(["pool1", "conv2", "relu2"]) == "pool1 – relu2"
    assert words.span(["conv1", "relu1"]) == "conv1, relu1"


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ((0, 3), "3 to the right of the reference"),
        ((0, -3), "3 to the left of the reference"),
        ((-2, 0), "2 above the reference"),
        ((2.5, 0), "2.5 below the reference"),
        ((36, -4), "36 down, 4 left of the reference"),
        ((0, 0), "at the reference"),
    ],
)
def test_directions(by: tuple[float, float], said: str) -> None:
    assert words.direction(Displacement(*by)) == said


def test_facts_of_stages_with_and_without_places() -> None:
    pool = StageInfo("pool1", "maxpool", 8, (32, 32), (2, 2), (4, 4), (0.5, 0.5), False)
    assert words.facts(pool) == ("8×32×32", "stride 2", "sees 4 px")
    bar = StageInfo("conv1", "conv", 8, (32, 64), (2, 1), (5, 3), (0.0, 0.0), True)
    assert words.facts(bar) == ("8×32×64", "stride 2×1", "sees 5×3 px")
    head = StageInfo("dense1", "dense", 10, (1, 1), None, None, None, True)
    assert words.facts(head)[0] == "10 units"
