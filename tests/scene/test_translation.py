"""The displacement between two scenes, there where it exists."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftlab.scene.translation import Displacement, NoDisplacement, displacement
from shiftlab.scene.values import Background, Pattern, Placed, Scene

from .strategies import placed, scenes


@given(scenes(border="zero", whole=False), st.tuples(st.integers(-80, 80), st.integers(-80, 80)))
def test_what_was_moved_is_found_again(scene: Scene, quarters: tuple[int, int]) -> None:
    by = (quarters[0] / 4, quarters[1] / 4)
    assert displacement(scene.moved(by), scene) == Displacement(*by)


@given(scenes(border="wrap"), st.tuples(st.integers(-200, 200), st.integers(-200, 200)))
def test_on_a_wrapped_scene_it_is_the_shortest_way(scene: Scene, by: tuple[int, int]) -> None:
    found = displacement(scene.moved((float(by[0]), float(by[1]))), scene)
    assert isinstance(found, Displacement)
    for moved, asked, side in zip((found.rows, found.cols), by, scene.size, strict=True):
        assert -side / 2 < moved <= side / 2
        assert (moved - asked) % side == 0


@given(scenes(border="wrap"), st.integers(1, 9))
def test_steps_of_a_tenth_add_up_to_whole_pixels(scene: Scene, count: int) -> None:
    now = scene
    for _ in range(10 * count):
        now = now.moved((0.1, -0.1))
    found = displacement(now, scene)
    assert isinstance(found, Displacement)
    assert found.integer


def test_cells_are_pixels_over_the_stride() -> None:
    assert Displacement(3.0, -4.0).cells((2, 8)) == (1.5, -0.5)


@given(placed(), placed())
def test_where_there_is_none_it_says_why(first: Placed, second: Placed) -> None:
    one, two = dataclasses.replace(first, at=(5.0, 5.0)), dataclasses.replace(second, at=(9.0, 9.0))
    both = Scene(size=(32, 32), placed=(one, two))

    def reason(present: Scene, reference: Scene = both) -> str:
        found = displacement(present, reference)
        assert isinstance(found, NoDisplacement)
        return found.reason

    assert reason(both.moved((0.0, 1.0), frozenset({0}))) == "the patterns moved apart"
    assert reason(dataclasses.replace(both, placed=(one,))) == "the reference holds other patterns"
    assert reason(Scene(), Scene()) == "no pattern on the canvas"
    assert reason(dataclasses.replace(both, border="zero")) == "the canvas itself differs from the reference"
    turned = dataclasses.replace(one, turn=one.turn + 10)
    assert reason(both.with_placed(0, turned)) == "a pattern looks otherwise than in the reference"
    uneven = dataclasses.replace(both, background=Background("gradient", grey=0.5))
    assert reason(uneven.moved((0.0, 1.0)), uneven) == "the object moved alone over its background"
    assert displacement(uneven, uneven) == Displacement(0.0, 0.0)


def test_a_displacement_knows_whether_it_is_whole_or_nothing() -> None:
    assert Displacement(0.0, 0.0).zero
    assert not Displacement(0.0, 0.5).integer
    with pytest.raises(dataclasses.FrozenInstanceError):
        Displacement(0.0, 0.0).rows = 1.0  # type: ignore[misc]


def test_half_a_canvas_is_one_vector_for_all_patterns_in_spite_of_rounding() -> None:
    pattern = Pattern("own", np.ones((1, 3, 3), np.float32), np.ones((3, 3), np.float32))
    ones = (Placed(pattern, (0.1, 0.0), 3), Placed(pattern, (0.3, 0.0), 3))
    scene = Scene(size=(30, 30), placed=ones)
    now = scene
    for _ in range(150):
        now = now.moved((0.1, 0.0))
    assert displacement(now, scene) == Displacement(15.0, 0.0)
