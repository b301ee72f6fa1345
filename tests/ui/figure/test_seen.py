"""What a cell sees is what can change it: outlines and field against what changes where one pixel does."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from shiftlab.network import presets
from shiftlab.network.modules import Forward
from shiftlab.network.spec import Conv, NetworkSpec
from shiftlab.network.weights import Network
from shiftlab.ui.figure.seen import MOST_CHANNELS, runs, seen_by_cell

CANVAS = (16, 16)
LATE_WRAP = NetworkSpec(
    name="late-wrap",
    layers=(
        Conv(channels=2, kernel=(3, 3), padding=(1, 1), padding_mode="zeros"),
        Conv(channels=2, kernel=(3, 3), padding=(1, 1), padding_mode="circular"),
    ),
)
"""Its second layer alone goes over the edge: in the map of the first, which does not."""


def covered(parts, shape) -> np.ndarray:
    """Which cells lie under (rows, cols) outlines."""
    lit = np.zeros(shape, dtype=np.bool_)
    for rows, cols in parts:
        lit[rows[0] : rows[1] + 1, cols[0] : cols[1] + 1] = True
    return lit


def moved_by(before: torch.Tensor, layers: range, channel: int, cell: tuple[int, int]) -> np.ndarray:
    """Which cells of a map (1, C, H, W) change one cell of a later one, each tried by itself in all channels."""
    forward = Forward(Network(LATE_WRAP), CANVAS)
    each = before.repeat(before.shape[2] * before.shape[3], 1, 1, 1)
    for index, image in enumerate(each):
        image[:, index // before.shape[3], index % before.shape[3]] += torch.rand(before.shape[1]) + 1
    for layer in layers:
        before, each = forward.run(layer, before), forward.run(layer, each)
    changed = each[:, channel, cell[0], cell[1]] != before[0, channel, cell[0], cell[1]]
    return changed.numpy().reshape(CANVAS)


@pytest.mark.parametrize("cell", [(0, 15), (7, 8), (15, 3)])
def test_the_field_is_of_the_pixels_that_change_the_cell(cell):
    field = seen_by_cell(LATE_WRAP, CANVAS, 0, "conv2", 0, cell).field
    assert field is not None
    hull = covered([(row, col) for row in field.hull_rows for col in field.hull_cols], CANVAS)
    assert (hull == moved_by(torch.rand(1, 1, *CANVAS), range(2), 0, cell)).all()
    assert field.label == f"{hull.any(axis=1).sum()} × {hull.any(axis=0).sum()} px"


@pytest.mark.parametrize("cell", [(0, 15), (7, 8)])
def test_an_outline_goes_over_the_edge_where_a_later_layer_wraps(cell):
    boxes = seen_by_cell(LATE_WRAP, CANVAS, 0, "conv2", 1, cell).boxes[0, "conv1"]
    assert {box.channel for box in boxes} == {None}
    lit = covered([(box.rows, box.cols) for box in boxes], CANVAS)
    assert (lit == moved_by(torch.rand(1, 2, *CANVAS), range(1, 2), 1, cell)).all()


def test_its_own_stage_is_outlined_in_its_own_channel():
    boxes = seen_by_cell(presets.preset("three-blocks"), (64, 64), 1, "pool2", 3, (6, 5)).boxes
    assert [(box.channel, box.rows, box.cols) for box in boxes[1, "pool2"]] == [(3, (6, 6), (5, 5))]
    assert {network for network, _ in boxes} == {1}


def test_of_many_channels_none_is_outlined_singly():
    """A grouped layer reads half of the channels before it: few are outlined each, many not at all."""
    for channels, outlined in ((8, {0, 1, 2, 3}), (4 * MOST_CHANNELS, None)):
        before = Conv(channels=channels, kernel=(1, 1))
        spec = NetworkSpec(name="halves", layers=(before, Conv(channels=2, kernel=(1, 1), groups=2)))
        boxes = seen_by_cell(spec, CANVAS, 0, "conv2", 0, (3, 4)).boxes
        found = {box.channel for box in boxes[0, "conv1"]} if (0, "conv1") in boxes else None
        assert found == outlined


def test_runs_of_indices():
    assert runs((0, 1, 2, 5, 7, 8)) == ((0, 2), (5, 5), (7, 8))
    assert runs(()) == ()
