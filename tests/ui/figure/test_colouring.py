"""Values looked up one by one, and what has no place in a table."""

from __future__ import annotations

import numpy as np
import pytest

from shiftlab.ui.figure.colouring import table_colours
from shiftlab.ui.theme import DARK, LIGHT, luts

UNKNOWN = 0xFF123456


@pytest.mark.parametrize(("low", "high", "centre"), [(0.0, 2.0, None), (-3.0, 3.0, 0.0), (0.0, 1.0, 0.25)])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_every_value_has_the_colour_of_its_share(low, high, centre, kind) -> None:
    values = np.random.default_rng(3).uniform(low - 1, high + 1, (9, 11)).astype(kind)
    tables = luts(DARK)
    found = table_colours(values, low, high, tables, UNKNOWN, centre)
    assert (found.dtype, found.flags.c_contiguous) == (np.uint32, True)
    for value, colour in zip(values.ravel().tolist(), found.ravel().tolist(), strict=True):
        value = min(max(value, low), high)
        if centre is None:
            entry, table = 1 + 254 * (value - low) / (high - low), tables.sequential
        elif value >= centre:
            entry, table = 128 + 127 * (value - centre) / (high - centre), tables.diverging
        else:
            entry, table = 128 - 127 * (centre - value) / (centre - low), tables.diverging
        assert colour in {int(table[round(entry + by)]) for by in (-1e-3, 1e-3)}


@pytest.mark.parametrize("centre", [None, 0.0])
def test_what_is_no_number_has_a_colour_of_its_own(centre) -> None:
    values = np.array([[np.nan, np.inf, -np.inf]], np.float32)
    assert table_colours(values, -1.0, 1.0, luts(LIGHT), UNKNOWN, centre).tolist() == [[UNKNOWN] * 3]


def test_a_range_of_one_value_and_one_near_the_end_of_what_floats_hold() -> None:
    tables = luts(DARK)
    assert table_colours(np.zeros((1, 1)), 0.0, 0.0, tables, UNKNOWN).tolist() == [[int(tables.sequential[1])]]
    most = float(np.finfo(np.float32).max)
    ends = table_colours(np.array([[-most, most]], np.float32), -most, most, tables, UNKNOWN, 0.0)
    assert ends.tolist() == [[int(tables.diverging[1]), int(tables.diverging[255])]]
    tiny = table_colours(np.array([[most]], np.float32), 0.0, 1e-30, tables, UNKNOWN)
    assert tiny.tolist() == [[int(tables.sequential[255])]]
