"""Ranges against numpy's percentile, and the cases in which there is none."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shiftlab.picture.levels import Levels, channel_limits, network_limit, stage_limit


def by_hand(*maps):
    magnitudes = np.concatenate([np.abs(one).ravel() for one in maps])
    limit = float(np.percentile(magnitudes.astype(np.float64), 99))
    digits = 1 - math.floor(math.log10(limit))
    return round(limit, digits)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), side=st.integers(3, 90), scale=st.floats(1e-3, 1e3), power=st.sampled_from([1, 3]))
def test_the_limit_is_numpys_percentile_of_both_maps(seed, side, scale, power):
    rng = np.random.default_rng(seed)
    maps = [(scale * rng.normal(size=(3, side, side)) ** power).astype(np.float32) for _ in range(2)]
    assert stage_limit(maps) == pytest.approx(by_hand(*maps), rel=1e-2)
    assert f"{stage_limit(maps):.1e}" == f"{stage_limit(maps):.6e}"[:3] + f"{stage_limit(maps):.6e}"[-4:]


def test_the_tail_is_found_where_a_sample_misleads():
    values = np.zeros((1, 512, 512), np.float32)
    flat = values.reshape(-1)
    step = flat.size // 2048
    flat[::step] = 1.0  # just the places a sample looks at: 0.8 % of all
    flat[1::step] = 0.5  # and as many again
    assert stage_limit([values]) == by_hand(values)


def test_of_very_many_values_a_part_says_as_much():
    values = np.random.default_rng(5).normal(size=(16, 512, 512)).astype(np.float32)
    assert stage_limit([values, values[::-1]]) == pytest.approx(by_hand(values), rel=0.04)
    values[:] = 0
    values[7, 300, 301] = -4.0
    assert stage_limit([values]) == 4.0
    values[0, 0, 1] = math.nan
    assert stage_limit([values]) in (1.0, 4.0)


def test_present_and_reference_count_together():
    small, large = np.full((1, 10, 10), 0.1, np.float32), np.full((1, 10, 10), 3.21, np.float32)
    assert stage_limit([small, large]) == 3.2
    assert channel_limits([np.concatenate([small, large]), np.concatenate([small, small])]) == (0.1, 3.2)


@pytest.mark.parametrize("value", [0.0, math.nan, math.inf, 1e-38])
def test_without_anything_to_go_by_the_limit_is_one(value):
    assert stage_limit([np.full((2, 5, 5), value, np.float32)]) == 1.0


def test_what_is_not_finite_is_left_aside():
    values = np.full((1, 10, 10), 2.5, np.float32)
    values[0, 0, :2] = math.nan, -math.inf
    assert stage_limit([values]) == 2.5


def test_a_single_pixel_has_a_range():
    values = np.zeros((8, 64, 64), np.float32)
    values[0, 10, 10] = -0.7
    assert stage_limit([values]) == 0.7
    values += 1e-8
    assert stage_limit([values]) == 0.7


def test_one_limit_for_a_network_is_the_largest():
    assert network_limit({"conv1": 0.4, "pool1": 2.1}) == 2.1
    assert network_limit({}) == 1.0


def test_a_residual_has_both_signs():
    assert Levels(2.0, False).for_residual == Levels(2.0, True)
    signed = Levels(2.0, True)
    assert signed.for_residual is signed


@pytest.mark.parametrize("limit", [0.0, -1.0, math.nan, math.inf])
def test_a_limit_that_cannot_be_is_refused(limit):
    with pytest.raises(ValueError, match="limit must be positive and finite"):
        Levels(limit, True)
