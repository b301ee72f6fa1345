"""The grid ladder: on a tick or between two."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shiftlab.network import presets
from shiftlab.network.geometry import stages
from shiftlab.scene.translation import Displacement, NoDisplacement
from shiftlab.ui.figure.ladder import ladder, reach_of

STAGES = stages(presets.preset("three-blocks"), (64, 64))


def test_three_pixels_in_three_blocks() -> None:
    model = ladder(STAGES, Displacement(0, 3))
    assert model is not None
    assert [(rung.stride, rung.cells, rung.on_grid) for rung in model.rungs] == [
        (1, 3.0, True),
        (2, 1.5, False),
        (4, 0.75, False),
        (8, 0.375, False),
    ]
    assert model.rungs[0].names == ("conv1", "relu1")
    assert model.title == "Where 3 px lands on each stage’s grid"
    assert reach_of(model) == 8


@given(st.integers(-32, 32), st.integers(-32, 32))
def test_a_rung_is_on_its_grid_where_both_directions_are(rows: int, cols: int) -> None:
    model = ladder(STAGES, Displacement(rows, cols))
    assert model is not None
    for rung in model.rungs:
        assert rung.on_grid == (rows % rung.stride == 0 and cols % rung.stride == 0)
        # What is drawn is one axis: it must tell the same.
        assert rung.on_grid == float(rung.cells).is_integer()
    assert abs(model.shift) <= reach_of(model)


def test_without_a_displacement_there_is_none() -> None:
    assert ladder(STAGES, NoDisplacement("the patterns moved apart")) is None


def test_at_the_reference_it_shows_where_a_shift_can_land() -> None:
    model = ladder(STAGES, Displacement(0, 0))
    assert model is not None
    assert "can land" in model.title
