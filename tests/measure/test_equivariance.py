"""Errors of random maps against the definitions, written out cell by cell."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from shiftlab.measure.equivariance import Comparison, measure_stages
from shiftlab.measure.values import StageMeasure
from shiftlab.network.info import StageInfo
from shiftlab.scene.translation import Displacement, NoDisplacement
from tests.measure.witnesses import naive_error

CANVAS = (12, 16)


def stage(stride: int = 2, field: int = 4, before: int = 1, channels: int = 2) -> StageInfo:
    size = (CANVAS[0] // stride, CANVAS[1] // stride)
    offset = ((field - 1) / 2 - before,) * 2
    return StageInfo("pool1", "maxpool", channels, size, (stride, stride), (field, field), offset, True)


def naive_grid(
    info: StageInfo,
    now: np.ndarray,
    reference: np.ndarray,
    blank: np.ndarray,
    by: tuple[int, int],
    ring: bool,
    valid: bool = False,
    plain: bool = False,
) -> float | None:
    """The definition: candidates, one shared mask, E on the cells of the mask, the least of them."""
    assert info.stride is not None
    assert info.receptive_field is not None
    assert info.offset is not None
    height, width = info.size
    choices = [(math.floor(s / S), math.ceil(s / S)) for s, S in zip(by, info.stride, strict=True)]
    shifts = sorted(set(itertools.product(*choices)))

    def inside(cell: int, axis: int) -> bool:
        middle = info.offset[axis] + cell * info.stride[axis]
        half = (info.receptive_field[axis] - 1) / 2
        return middle - half >= 0 and middle + half <= CANVAS[axis] - 1

    cells = []
    for row, col in itertools.product(range(height), range(width)):
        places = [(row, col), *((row - d, col - e) for d, e in shifts)]
        if not ring and not all(0 <= r < height and 0 <= c < width for r, c in places):
            continue
        if valid and not all(inside(r, 0) and inside(c, 1) for r, c in places):
            continue
        cells.append((row, col))
    if not cells:
        return None
    errors = []
    for d, e in shifts:
        a = np.array([now[:, r, c] for r, c in cells])
        b = np.array([reference[:, (r - d) % height, (c - e) % width] for r, c in cells])
        z = np.array([blank[:, r, c] for r, c in cells])
        alone = np.array([(reference - blank)[:, (r - d) % height, (c - e) % width] for r, c in cells])
        silent = not (a.any() or b.any()) if plain else not ((a - z).any() or alone.any())
        errors.append(None if silent else naive_error(a, b, None if plain else z))
    # without a response nothing is left either
    return min(errors, key=lambda value: 0 if value is None else value)


def measured(
    info: StageInfo,
    now: np.ndarray,
    reference: np.ndarray,
    blank: np.ndarray,
    by: tuple[float, float],
    ring: bool,
) -> StageMeasure:
    maps = ({info.name: values} for values in (now, reference, blank))
    return measure_stages([info], *maps, Displacement(*map(float, by)), CANVAS, ring)[0]


def random_maps(seed: int, info: StageInfo, ground: str) -> list[np.ndarray]:
    """Present, reference and blank maps: small responses here and there on a ground."""
    random = np.random.default_rng(seed)
    shape = (info.channels, *info.size)
    blank = {
        "black": np.zeros(shape),
        "level": np.broadcast_to(random.normal(size=(info.channels, 1, 1)), shape),
        "rim": random.normal(size=shape),
    }[ground].copy()
    maps = [blank.copy(), blank.copy()]
    for values in maps:
        row, col = random.integers(0, info.size[0]), random.integers(0, info.size[1])
        part = values[:, row : row + 3, col : col + 4]
        part += random.normal(size=part.shape)
    return [*maps, blank]


@given(
    st.integers(0, 10_000),
    st.sampled_from(["black", "level", "rim"]),
    st.integers(-5, 5),
    st.integers(-5, 5),
    st.booleans(),
    st.sampled_from([(1, 3, 1), (2, 4, 1), (2, 9, 3), (4, 7, 2)]),
)
def test_grid_form_is_its_definition(
    seed: int, ground: str, down: int, across: int, ring: bool, geometry: tuple[int, int, int]
) -> None:
    info = stage(*geometry)
    if ring and ground == "rim":
        ground = "level"
    now, reference, blank = random_maps(seed, info, ground)
    found = measured(info, now, reference, blank, (down, across), ring)
    expected = naive_grid(info, now, reference, blank, (down, across), ring)
    assert found.equivariance.value == (None if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-12))
    plain = naive_grid(info, now, reference, blank, (down, across), ring, plain=True)
    assert found.equivariance_plain.value == (None if plain is None else pytest.approx(plain, rel=1e-9, abs=1e-12))


@given(st.integers(0, 10_000), st.integers(-5, 5), st.integers(-5, 5), st.integers(0, 1))
def test_padding_along_one_axis_alone(seed: int, down: int, across: int, axis: int) -> None:
    """The blank map has a rim at two sides; at the others an object may leave the map over level ground."""
    field, before = ((1, 3), (0, 1)) if axis else ((3, 1), (1, 0))
    offset = tuple((side - 1) / 2 - pad for side, pad in zip(field, before, strict=True))
    info = StageInfo("pool1", "conv", 2, CANVAS, (1, 1), field, offset, True)
    now, reference, blank = random_maps(seed, info, "level")
    rim = np.zeros(CANVAS)
    ends = rim if axis else rim.T
    ends[:, 0], ends[:, -1] = 1, -0.5
    now, reference, blank = (values + rim for values in (now, reference, blank))
    found = measured(info, now, reference, blank, (down, across), False)
    expected = naive_grid(info, now, reference, blank, (down, across), False)
    assert found.equivariance.value == (None if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-9))
    inside = naive_grid(info, now, reference, blank, (down, across), False, valid=True)
    assert found.equivariance_valid.value == (None if inside is None else pytest.approx(inside, rel=1e-9, abs=1e-9))


@given(st.integers(0, 10_000), st.sampled_from(["black", "level", "rim"]), st.integers(-4, 4), st.integers(-4, 4))
def test_valid_form_is_its_definition(seed: int, ground: str, down: int, across: int) -> None:
    info = stage(2, 5, 2)
    random = np.random.default_rng(seed)
    blank = random_maps(seed, info, ground)[2]
    now, reference = (blank + random.normal(size=blank.shape) for _ in range(2))
    found = measured(info, now, reference, blank, (down, across), False)
    expected = naive_grid(info, now, reference, blank, (down, across), False, valid=True)
    if expected is None:
        assert found.equivariance_valid.value is None
    else:
        assert found.equivariance_valid.value == pytest.approx(expected, rel=1e-9)


def test_border_share_is_the_squared_error_outside_the_mask_over_the_total() -> None:
    info = stage(1, 3, 1)
    random = np.random.default_rng(1)
    blank = np.zeros((2, *CANVAS))
    reference = random.normal(size=blank.shape)
    now = np.roll(reference, 2, 2)
    now[:, :, 2:] += random.normal(size=now[:, :, 2:].shape) * 0.1
    found = measured(info, now, reference, blank, (0, 2), False)
    left = (now - np.roll(reference, 2, 2)) ** 2
    # fields of 3 px, one cell of border: cols 1 ... 14 see the inside, and so must cols 1 ... 14 two cells before
    share = 1 - left[:, 1:11, 3:15].sum() / left[:, :, 2:].sum()
    assert found.border_share.value == pytest.approx(share, rel=1e-12)


def test_nothing_is_masked_on_a_ring() -> None:
    info = stage(1, 3, 1)
    reference = np.random.default_rng(2).normal(size=(2, *CANVAS))
    now = np.roll(reference, (3, -5), (1, 2))
    now[0, 0, 0] += 1
    found = measured(info, now, reference, np.zeros_like(now), (3, -5), True)
    assert found.equivariance == found.equivariance_valid
    assert found.border_share.value == 0
    # the background is 0, so that both responses are the maps
    expected = 1 / math.sqrt(((now**2).sum() + (reference**2).sum()) / 2)
    assert found.equivariance.value == pytest.approx(expected, rel=1e-12)


def test_best_shift_is_the_candidate_of_the_least_error() -> None:
    info = stage(2, 4, 1)
    reference = np.random.default_rng(3).normal(size=(2, *info.size))
    for best in itertools.product((1, 2), (-1, 0)):
        now = np.roll(reference, best, (1, 2))
        found = measured(info, now, reference, np.zeros_like(now), (3, -1), True)
        assert found.best_shift == best
        assert found.equivariance.value == 0
        assert found.on_grid is False


def slow_fourier_shift(values: np.ndarray, by: tuple[float, float]) -> np.ndarray:
    """The formula as a sum over frequencies, one at a time; Nyquist as a cosine."""
    for axis, shift in ((1, by[0]), (2, by[1])):
        side = values.shape[axis]
        place = np.arange(side)
        kernel = np.zeros(side)
        for k in range(side):
            signed = k if k < side / 2 else k - side
            if 2 * k == side:
                kernel += np.cos(np.pi * shift) * np.cos(np.pi * place) / side
            else:
                kernel += np.cos(2 * np.pi * signed * (place - shift) / side) / side
        matrix = np.array([[kernel[(to - origin) % side] for origin in place] for to in place])
        values = np.moveaxis(np.tensordot(matrix, values, (1, axis)), 0, axis)
    return values


@given(
    st.integers(0, 1000),
    st.sampled_from(["black", "level"]),
    st.sampled_from([(1, 0), (0.5, 2.25), (-3, 5), (7, -0.1)]),
)
def test_fractional_form_is_the_error_against_the_fourier_shift(
    seed: int, ground: str, by: tuple[float, float]
) -> None:
    info = stage(2, 4, 1)
    now, reference, blank = random_maps(seed, info, ground)
    moved = slow_fourier_shift(reference, (by[0] / 2, by[1] / 2))
    found = measured(info, now, reference, blank, by, True)
    assert found.equivariance_fractional.value == pytest.approx(naive_error(now, moved, blank), rel=1e-9)


def test_fractional_form_of_a_fourier_shifted_map_is_zero() -> None:
    info = stage(2, 4, 1)
    reference = np.random.default_rng(5).normal(size=(2, *info.size))
    now = slow_fourier_shift(reference, (1.5, -0.25))
    found = measured(info, now, reference, np.zeros_like(now), (3, -0.5), True)
    assert found.equivariance_fractional.value is not None
    assert found.equivariance_fractional.value < 1e-12


@given(st.integers(0, 1000), st.sampled_from(["black", "level", "rim"]))
def test_staying_put_is_the_error_at_no_shift(seed: int, ground: str) -> None:
    info = stage()
    now, reference, blank = random_maps(seed, info, ground)
    found = measured(info, now, reference, blank, (3, 1), False)
    assert found.invariance.value == pytest.approx(naive_error(now, reference, blank), rel=1e-9)
    assert found.invariance_plain.value == pytest.approx(naive_error(now, reference), rel=1e-9)
    a, b = (now - blank).ravel(), (reference - blank).ravel()
    assert found.cosine.value == pytest.approx(a @ b / math.sqrt((a @ a) * (b @ b)), rel=1e-9, abs=1e-12)


def test_nearly_the_same_maps_keep_their_digits() -> None:
    info = stage()
    reference = np.random.default_rng(6).normal(size=(2, *info.size))
    now = reference + 1e-11 * np.random.default_rng(7).normal(size=reference.shape)
    found = measured(info, now, reference, np.zeros_like(now), (2, 2), True)
    assert found.invariance.value == pytest.approx(naive_error(now, reference), rel=1e-4)


def reasons(measure: StageMeasure) -> dict[str, str]:
    return {
        name: getattr(measure, name).reason
        for name in ("equivariance", "equivariance_valid", "equivariance_fractional", "border_share")
    }


def test_no_response_is_not_a_perfect_one() -> None:
    blank = np.random.default_rng(8).normal(size=(2, 6, 8))
    found = measured(stage(), blank.copy(), blank.copy(), blank, (2, 2), False)
    assert found.equivariance.value is None
    assert found.equivariance.reason == "no response"
    assert found.invariance.reason == "no response"
    assert found.cosine.reason == "no response"


def test_an_empty_mask_is_no_zero() -> None:
    info = stage(2, 11, 4)
    values = np.random.default_rng(9).normal(size=(2, *info.size))
    found = measured(info, values, values, np.zeros_like(values), (8, 0), False)
    assert found.equivariance.value is not None
    assert found.equivariance_valid.value is None
    assert found.equivariance_valid.reason == "no cell sees only the inside of the canvas"
    assert found.border_share.value == 1
    gone = measured(info, values, values, np.zeros_like(values), (12, 0), False)
    assert gone.equivariance.reason == "moved out of its map"


def test_a_sub_pixel_shift_has_no_grid_form() -> None:
    values = np.random.default_rng(10).normal(size=(2, 6, 8))
    wrapped = measured(stage(), values, values, np.zeros_like(values), (0, 0.5), True)
    assert wrapped.equivariance.reason == "a sub-pixel shift has no grid form"
    assert wrapped.equivariance_fractional.value is not None
    cut = measured(stage(), values, values, np.zeros_like(values), (0, 0.5), False)
    assert "wrapped scene and circular padding" in cut.equivariance.reason
    assert "wrapped scene and circular padding" in cut.equivariance_fractional.reason
    assert cut.invariance.value == 0


def test_the_fractional_form_is_for_rings_alone() -> None:
    values = np.random.default_rng(11).normal(size=(2, 6, 8))
    found = measured(stage(), values, values, np.zeros_like(values), (0, 3), False)
    assert found.equivariance_fractional.reason == "only on a wrapped scene with circular padding"


def test_without_a_displacement_only_staying_put_is_measured() -> None:
    values = np.random.default_rng(12).normal(size=(2, 6, 8))
    maps = {"pool1": values}
    blank = {"pool1": np.zeros_like(values)}
    (found,) = measure_stages([stage()], maps, maps, blank, NoDisplacement("the patterns moved apart"), CANVAS, True)
    assert set(reasons(found).values()) == {"the patterns moved apart"}
    assert found.on_grid is None
    assert found.invariance.value == 0


def test_a_stage_without_places_can_only_stay_put() -> None:
    info = StageInfo("dense1", "dense", 3, (1, 1), None, None, None, True)
    now, then = np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0])
    maps = ({"dense1": values} for values in (now, then, np.zeros(3)))
    (found,) = measure_stages([info], *maps, Displacement(0, 3), CANVAS, True)
    assert found.equivariance.reason == "has no places"
    assert found.invariance.value == pytest.approx(naive_error(now, then))


def test_tensors_and_batches_of_one_are_maps_too() -> None:
    info = stage()
    now, reference, blank = random_maps(13, info, "level")
    expected = measured(info, now, reference, blank, (2, 4), True)
    tensors = ({"pool1": torch.tensor(values)[None]} for values in (now, reference, blank))
    assert measure_stages([info], *tensors, Displacement(2, 4), CANVAS, True) == (expected,)


def test_maps_that_do_not_fit_are_refused_by_name() -> None:
    values = np.zeros((2, 6, 8))
    with pytest.raises(ValueError, match="no map of pool1"):
        Comparison([stage()], {}, {}, CANVAS, True)
    with pytest.raises(ValueError, match="pool1 must be 6x8"):
        Comparison([stage()], {"pool1": values[:, :5]}, {"pool1": values}, CANVAS, True)
    with pytest.raises(ValueError, match="rings must have 1"):
        Comparison([stage()], {"pool1": values}, {"pool1": values}, CANVAS, [True, False])


def test_a_comparison_answers_every_move_as_if_it_were_the_first() -> None:
    """What is kept during a drag must not change an answer."""
    info = stage()
    now, reference, blank = random_maps(14, info, "black")
    kept = Comparison([info], {"pool1": reference}, {"pool1": blank}, CANVAS, True)
    for by in [(0, 1), (1, 1), (0, 3), (0.5, 0), (0, 1), (-7, 1), (0.5, 0)]:
        fresh = measured(info, now, reference, blank, by, True)
        assert kept.measure({"pool1": now}, Displacement(*map(float, by))) == (fresh,)


@given(
    st.integers(0, 1000),
    st.sampled_from(["black", "level", "rim"]),
    st.integers(-3, 3),
    st.integers(-3, 3),
    st.integers(0, 2),
    st.booleans(),
)
def test_being_told_where_to_look_changes_nothing(
    seed: int, ground: str, down: int, across: int, margin: int, ring: bool
) -> None:
    info = stage(1, 3, 1)
    now, reference, blank = random_maps(seed, info, "level" if ring and ground == "rim" else ground)
    rows, cols = (np.flatnonzero((now != blank).any(axis=axes)) for axes in ((0, 2), (0, 1)))
    top, left = max(0, rows[0] - margin), max(0, cols[0] - margin)
    seen = (top, left, min(12, rows[-1] + 1 + margin) - top, min(16, cols[-1] + 1 + margin) - left)
    comparison = Comparison([info], {"pool1": reference}, {"pool1": blank}, CANVAS, ring)
    by = Displacement(float(down), float(across))
    (told,) = comparison.measure({"pool1": now}, by, {"pool1": [seen]})
    (found,) = comparison.measure({"pool1": now}, by)
    for name in ("equivariance", "equivariance_valid", "equivariance_plain", "border_share", "invariance", "cosine"):
        a, b = getattr(told, name), getattr(found, name)
        assert a.reason == b.reason, name
        assert a.value == (None if b.value is None else pytest.approx(b.value, rel=1e-9, abs=1e-9)), name
    assert told.best_shift == found.best_shift


@pytest.mark.parametrize("ring", [False, True])
@pytest.mark.parametrize("ground", ["black", "level", "rim"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("which", [0, 1])
def test_what_is_no_number_is_never_exact(ring: bool, ground: str, value: float, which: int) -> None:
    info = stage(2, 4, 1)
    maps = random_maps(16, info, ground)
    maps[which][0, 3, 4] = value
    with np.errstate(all="ignore"):
        for by in [(0, 0), (2, 2), (1, 0), (0, 0.5)]:
            found = measured(info, *maps, by, ring)
            for name in ("equivariance", "equivariance_plain", "equivariance_fractional", "invariance", "cosine"):
                assert getattr(found, name).value is None, (by, name)
            assert found.invariance.reason == "not a number"
