"""The outline of a set of pixels encloses exactly that set."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from shiftlab.scene.patterns import builtin
from shiftlab.scene.raster import rasterise
from shiftlab.scene.values import Background, Placed, Scene
from shiftlab.ui.figure.canvas import canvas_rgb
from shiftlab.ui.figure.canvas_model import CanvasModel
from shiftlab.ui.figure.outline import Line, covered, ghost_lines, lines_around

MASKS = hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9))


def area(line: Line) -> float:
    """Signed area by the shoelace formula; what is enclosed clockwise counts as positive."""
    rows, cols = np.array(line, float).T
    return float((cols * np.roll(rows, -1) - np.roll(cols, -1) * rows).sum() / 2)


@given(MASKS)
def test_enclosed_areas_less_holes_are_the_number_of_pixels(mask: np.ndarray) -> None:
    assert sum(area(line) for line in lines_around(mask)) == mask.sum()


@given(MASKS)
def test_the_length_is_the_number_of_edges_between_inside_and_outside(mask: np.ndarray) -> None:
    padded = np.pad(mask, 1).astype(int)
    edges = np.abs(np.diff(padded, axis=0)).sum() + np.abs(np.diff(padded, axis=1)).sum()
    length = 0.0
    for line in lines_around(mask):
        corners = np.array(line, float)
        length += np.abs(np.roll(corners, -1, axis=0) - corners).sum()
    assert length == edges


@given(MASKS)
def test_lines_run_straight_and_turn_at_every_corner(mask: np.ndarray) -> None:
    for line in lines_around(mask):
        corners = np.array(line)
        steps = np.roll(corners, -1, axis=0) - corners
        assert ((steps != 0).sum(axis=1) == 1).all()
        assert len(line) >= 4


@given(st.integers(-40, 90), st.integers(-40, 90), st.booleans())
def test_a_pattern_covers_the_same_number_of_pixels_wherever_it_wraps(row: int, col: int, wrap: bool) -> None:
    placed = Placed(builtin("disc"), (row, col), 15)
    whole = covered(Placed(builtin("disc"), (32, 32), 15), (64, 64), wrap=False).sum()
    count = covered(placed, (64, 64), wrap).sum()
    assert count == whole if wrap else count <= whole


def test_a_pattern_between_pixels_is_outlined_off_the_grid() -> None:
    disc = builtin("disc")
    scene = Scene(placed=(Placed(disc, (20.25, 30.5), 11), Placed(disc, (50, 10), 11)))
    offs = {off for _, off in ghost_lines(scene)}
    assert offs == {(0.25, -0.5), (0.0, 0.0)}


def test_patterns_that_moved_have_ghosts_and_marks_where_no_displacement_is_defined() -> None:
    reference = Scene(
        background=Background("noise", grey=0.5),
        placed=(Placed(builtin("cat"), (20, 20), 12), Placed(builtin("disc"), (40, 40), 9)),
    )
    for who in (0, 1):
        scene = reference.moved((3, 5), frozenset({who}))
        model = CanvasModel(canvas_rgb(rasterise(scene)), scene, reference, selection=frozenset({who}))
        left = model.left
        assert left is not None
        assert left.placed == (reference.placed[who],)
        assert model.places == (reference.placed[who].at, scene.placed[who].at)
    still = CanvasModel(canvas_rgb(rasterise(reference)), reference, reference)
    assert still.left is None
