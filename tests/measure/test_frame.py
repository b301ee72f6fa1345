"""Products and differences in a frame, and by planes, against maps that are moved and multiplied whole."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from shiftlab.measure.energy import Array, Energy, Mask
from shiftlab.measure.frame import Frame
from shiftlab.measure.masks import Rect, kept, whole
from shiftlab.measure.small import Small

SIZE = (24, 20)
BOX = Rect((8, 14), (6, 11))


def _within(box: Rect, seed: int) -> Array:
    """A map that is 0 outside of a box."""
    values = np.zeros((3, *SIZE))
    inner = values[:, *box.slices]
    inner[...] = np.random.default_rng(seed).normal(size=inner.shape)
    return values


def _moved(values: Array, by: tuple[int, int]) -> Array:
    """Moved over zeros, by way of a larger map."""
    wide = np.pad(values, ((0, 0), (30, 30), (30, 30)))
    return np.roll(wide, by, (1, 2))[:, 30:-30, 30:-30]


@pytest.mark.parametrize("by", [(0, 0), (1, 0), (0, -2), (3, 2)])
def test_a_frame_gives_products_and_differences_at_every_shift_or_none(by: tuple[int, int]) -> None:
    reference = _within(BOX, 0)
    frame = Frame(reference, BOX)
    box = Rect((BOX.rows[0] + by[0], BOX.rows[1] + by[0] + 1), (BOX.cols[0] + by[1] - 1, BOX.cols[1] + by[1]))
    now = _within(box, 1)
    ground = np.full((3, 1, 1), 0.5)
    assert frame.put(now[:, *box.slices] + ground, ground, box, by)
    assert frame.squared == pytest.approx((now**2).sum())
    answered = 0
    for shift in itertools.product(range(-9, 10), repeat=2):
        along = _moved(reference, shift)
        found = frame.product(shift)
        if found is not None:
            assert found == pytest.approx((now * along).sum(), abs=1e-12)
            answered += 1
        rest = frame.difference(shift)
        if rest is not None and (along**2).sum() == pytest.approx((reference**2).sum()):
            assert rest == pytest.approx(((now - along) ** 2).sum())
    near = [(by[0] + down, by[1] + across) for down in (0, 1) for across in (0, 1)]
    assert all(frame.product(shift) is not None and frame.difference(shift) is not None for shift in near)
    assert 9 <= answered < 19**2


def test_what_of_a_ring_stands_in_the_frame_moves_with_it() -> None:
    frame = Frame(_within(BOX, 0), BOX)
    ring = np.random.default_rng(5).normal(size=(3, *SIZE))
    down, across = frame.places
    cut = ring[:, down[:, None], across].ravel()
    for by in ((0, 0), (9, 7), (-8, 12)):
        box = BOX.moved(by)
        response = np.random.default_rng(6).normal(size=(3, 6, 5))
        assert frame.put(response, None, box, by)
        rows, cols = (np.arange(*run) % side for run, side in zip(box, SIZE, strict=True))
        along = np.roll(ring, by, (1, 2))[:, rows[:, None], cols]
        assert frame.with_cut(cut) == pytest.approx((response * along).sum())


def test_a_frame_forgets_what_stood_elsewhere() -> None:
    frame = Frame(_within(BOX, 0), BOX)
    for by in ((0, 0), (1, 1), (0, 1)):
        box = BOX.moved(by)
        now = _within(box, 2)
        assert frame.put(now[:, *box.slices], None, box, (0, 0))
        assert frame.squared == pytest.approx((now**2).sum())


def test_a_frame_takes_nothing_that_does_not_fit() -> None:
    frame = Frame(_within(BOX, 0), BOX)
    box = BOX.moved((0, 9))
    assert not frame.put(np.ones((3, 6, 5)), None, box, (0, 0))
    assert frame.put(np.ones((3, 6, 5)), None, box, (0, 9))


def _squares(values: Array, mask: Mask) -> Energy:
    assert mask.valid is not None
    full, valid = (float((values[:, *part.slices] ** 2).sum()) for part in (mask.full, mask.valid))
    return Energy(full, valid)


@pytest.mark.parametrize("by", [(0, 0), (2, 1), (-1, 3), (1, -2), (-3, -1)])
def test_planes_give_the_squares_over_both_masks(by: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    reference, now = rng.normal(size=(2, 3, *SIZE))
    inside = Rect((4, 21), (3, 18))
    mask = Mask(kept(whole(SIZE), (by,)), kept(inside, (by,)))
    along = _moved(reference, by)
    # far apart, and so close that products of the two would leave rounding alone
    for present in (now, along + 1e-9 * now):
        here, there = _squares(present, mask), _squares(along, mask)
        found = Small(reference).difference(present, by, mask, here, there)
        assert found == pytest.approx(_squares(present - along, mask))
        assert found.full > 0
