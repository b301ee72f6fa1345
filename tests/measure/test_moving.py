from __future__ import annotations

import numpy as np
import pytest
import torch

from shiftlab.measure.moving import as_map, changed, left, moved


def values() -> np.ndarray:
    return np.arange(1, 25, dtype=np.float64).reshape(2, 3, 4)


def test_a_ring_rolls() -> None:
    assert np.array_equal(moved(values(), (1, -2), True), np.roll(values(), (1, -2), (1, 2)))


def test_cells_without_a_counterpart_are_not_numbers() -> None:
    found = moved(values(), (1, -1), False)
    assert np.isnan(found[:, 0]).all()
    assert np.isnan(found[:, :, 3]).all()
    assert np.array_equal(found[:, 1:, :3], values()[:, :2, 1:])


def test_the_rim_can_be_filled() -> None:
    found = moved(values(), (0, 2), False, fill=-values())
    assert np.array_equal(found[:, :, :2], -values()[:, :, :2])
    assert np.array_equal(found[:, :, 2:], values()[:, :, :2])


def test_all_may_be_moved_out() -> None:
    assert np.isnan(moved(values(), (3, 0), False)).all()


def test_residuals() -> None:
    now = np.roll(values(), 1, 2)
    assert np.array_equal(changed(now, values()), now - values())
    rest = left(now, values(), (0, 1), False)
    assert np.isnan(rest[:, :, 0]).all()
    assert not rest[:, :, 1:].any()
    assert not left(now, values(), (0, 1), True).any()


def test_a_part_of_a_cell_needs_a_ring() -> None:
    with pytest.raises(ValueError, match=r"cannot be moved by 0\.5, 0 cells"):
        moved(values(), (0.5, 0), False)
    assert moved(values(), (0.5, 0), True).shape == (2, 3, 4)


def test_what_counts_as_a_map() -> None:
    assert as_map(torch.zeros(1, 3, 4, 5)).shape == (3, 4, 5)
    assert as_map(torch.zeros(1, 7)).shape == (7, 1, 1)
    assert as_map(np.zeros(7)).shape == (7, 1, 1)
    with pytest.raises(ValueError, match=r"not \(2, 3, 4, 5\)"):
        as_map(np.zeros((2, 3, 4, 5)))
