"""What the window's benchmark leaves out of a move: spans of computing and painting, each moment once."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.bench_window import covered, timed

SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda ends: (min(ends), max(ends))), max_size=8)


@given(SPANS, st.integers(0, 40), st.integers(0, 40))
def test_covered_time_counts_once(spans: list[tuple[int, int]], start: int, length: int) -> None:
    inside = np.zeros(100, bool)
    for begun, ended in spans:
        inside[begun:ended] = True
    assert covered(spans, start, start + length) == np.count_nonzero(inside[start : start + length])


def test_a_method_is_noted_and_left_as_it_was() -> None:
    class Painter:
        def paint(self, by: int) -> int:
            if by < 0:
                raise ValueError("below nothing")
            return by

    original, spans = Painter.paint, []
    begun = time.perf_counter()
    with timed((Painter,), "paint", spans):
        assert Painter().paint(by=3) == 3
        with pytest.raises(ValueError, match="below"):
            Painter().paint(-1)
    Painter().paint(1)
    assert Painter.paint is original
    assert len(spans) == 2
    assert begun <= spans[0][0] <= spans[0][1] <= spans[1][0] <= spans[1][1] <= time.perf_counter()
