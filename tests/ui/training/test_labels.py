"""The names in the plot of a training: on neither curve, wherever the curves run."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shiftlab.ui.figure.text import metrics
from shiftlab.ui.training.curves import Curves
from shiftlab.ui.training.labels import is_free, label_box

GAP, SIZE, WITHIN = (1.2, 0.02), (14.0, 0.11), (0.0, 104.0, 0.0, 1.05)


def height(values, at) -> float:
    """The curve at a place between two steps."""
    low = min(math.floor(at), len(values) - 1)
    return values[low - 1] + (values[low] - values[low - 1]) * (at - low)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.floats(0, 1.05), st.floats(0, 1)), min_size=2, max_size=100))
def test_a_name_is_on_no_curve(pairs):
    curves = ([one for one, _ in pairs], [other for _, other in pairs])
    first = label_box(curves[0], SIZE, GAP, WITHIN, curves, [])
    second = label_box(curves[1], SIZE, GAP, WITHIN, curves, [first] if first else [])
    for box in (first, second):
        if box is None:
            continue
        assert WITHIN[0] <= box[0] < box[1] <= WITHIN[1]
        assert WITHIN[2] <= box[2] < box[3] <= WITHIN[3]
        for values in curves:
            for number in range(41):
                at = box[0] + (box[1] - box[0]) * number / 40
                if 1 <= at <= len(values):
                    assert not box[2] < height(values, at) < box[3]
    if first and second:
        assert first[1] <= second[0] or second[1] <= first[0] or first[3] <= second[2] or second[3] <= first[2]


def test_while_it_runs_a_name_stands_at_the_end_of_its_curve():
    falling = [1.0 - 0.02 * step for step in range(30)]
    rising = [0.5 + 0.01 * step for step in range(30)]
    box = label_box(falling, SIZE, GAP, WITHIN, (falling, rising), [])
    assert box is not None
    assert box[0] == pytest.approx(30 + GAP[0])
    assert (box[2] + box[3]) / 2 == pytest.approx(falling[-1])


def test_at_the_end_it_stands_above_or_below():
    flat = [0.02] * 100
    box = label_box(flat, SIZE, GAP, WITHIN, (flat,), [])
    assert box is not None
    assert (box[1], box[2]) == pytest.approx((100.0, 0.04))
    assert not is_free(box, ([0.1] * 100,))


def test_no_name_where_there_is_no_room():
    wild = [0.0, 1.05] * 50
    assert label_box(wild, SIZE, GAP, WITHIN, (wild,), []) is None
    assert label_box([], SIZE, GAP, WITHIN, (), []) is None


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("losses", [(), (0.3, 0.2), (2.9, 0.1)])
def test_chance_stands_in_the_plot_with_its_name(qtbot, classes, losses):
    curves = Curves()
    qtbot.addWidget(curves)
    curves.resize(360, 140)
    curves.show()
    curves.show_steps(losses, losses, 10, classes)
    (left, right), (low, high) = curves.box.viewRange()
    half = metrics("tick").height() * (high - low) / curves.box.height() / 2
    words = curves.words["chance"]
    assert low < math.log(classes) < high
    assert low <= words.pos().y() - half
    assert words.pos().y() + half <= high
    assert left < words.pos().x() < right
