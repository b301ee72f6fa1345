"""Outside the dirty boxes nothing changed: compared with the two pictures themselves."""

from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shiftlab.scene.dirty import Box, dirty_boxes, drawn_boxes
from shiftlab.scene.patterns import builtin
from shiftlab.scene.raster import Raster, rasterise
from shiftlab.scene.values import Placed, Scene

from .strategies import scenes


@st.composite
def changes(draw: st.DrawFn) -> tuple[Scene, Scene]:
    """A scene, and it after something was moved, added, taken away or looks otherwise."""
    before = draw(scenes(whole=draw(st.booleans()), uniform=draw(st.booleans())))
    index = draw(st.integers(0, len(before.placed) - 1))
    kind = draw(st.sampled_from(("move", "move", "move", "look", "drop", "same")))
    if kind == "move":
        fraction = draw(st.sampled_from((0.0, 0.0, 0.5)))
        by = (draw(st.integers(-40, 40)) + fraction, float(draw(st.integers(-40, 40))))
        return before, before.moved(by, frozenset({index}))
    if kind == "look":
        return before, before.with_placed(index, dataclasses.replace(before.placed[index], contrast=1.5, flipped=True))
    if kind == "drop":
        return before, dataclasses.replace(
            before, placed=tuple(one for place, one in enumerate(before.placed) if place != index)
        )
    return before, before


def marked(box: Box, size: tuple[int, int]) -> np.ndarray:
    inside = np.zeros(size, dtype=bool)
    rows, cols = np.arange(box.top, box.top + box.height), np.arange(box.left, box.left + box.width)
    inside[np.ix_(rows % size[0], cols % size[1])] = True
    return inside


@given(changes())
def test_boxes_cover_all_that_changed(pair: tuple[Scene, Scene]) -> None:
    before, after = pair
    changed = (rasterise(before, 3) != rasterise(after, 3)).any(axis=0)
    covered = np.zeros(after.size, dtype=bool)
    for box in dirty_boxes(before, after):
        assert 0 <= box.top < box.top + box.height <= after.size[0]
        assert 0 <= box.left < box.left + box.width <= after.size[1]
        covered |= marked(box, after.size)
    assert not (changed & ~covered).any()


@given(st.lists(changes(), min_size=1, max_size=3), st.sampled_from((1, 3)))
def test_a_raster_that_redraws_these_boxes_alone_has_the_bits_of_the_whole(
    pairs: list[tuple[Scene, Scene]], channels: int
) -> None:
    raster, last = Raster(channels), None
    for scene in (one for pair in pairs for one in pair):
        picture = raster.drawn(scene, None if last is None else dirty_boxes(last, scene))
        np.testing.assert_array_equal(picture, rasterise(scene, channels))
        last = scene


@given(changes())
def test_outside_of_what_is_drawn_there_is_the_background(pair: tuple[Scene, Scene]) -> None:
    scene = pair[1]
    blank = dataclasses.replace(scene, placed=())
    assert set(drawn_boxes(scene)) == set(dirty_boxes(blank, scene))


def test_a_raster_redraws_nothing_else() -> None:
    cat = Scene((64, 64), placed=(Placed(builtin("cat"), (32, 32), 16),))
    raster = Raster()
    picture = raster.drawn(cat)
    picture[0, 0, 0] = 0.5
    moved = cat.moved((1, 2))
    assert raster.drawn(moved, dirty_boxes(cat, moved)) is picture
    assert picture[0, 0, 0] == 0.5


def test_a_short_move_is_one_box() -> None:
    cat = Scene((64, 64), placed=(Placed(builtin("cat"), (32, 32), 16),))
    assert len(dirty_boxes(cat, cat.moved((1, 2)))) == 1
    assert len(dirty_boxes(cat, cat.moved((20, 2)))) == 2


def test_nothing_changed_is_no_box() -> None:
    scene = Scene(placed=(Placed(builtin("cat"), (32.0, 32.0), 34),))
    assert dirty_boxes(scene, scene) == ()
    assert dirty_boxes(scene, scene.moved((0.0, 3.0)).moved((0.0, -3.0))) == ()


def test_a_cat_that_moves_on_whole_pixels_dirties_little() -> None:
    scene = Scene(placed=(Placed(builtin("cat"), (32.0, 32.0), 34),))
    (box,) = dirty_boxes(scene, scene.moved((0.0, 3.0)))
    assert box.height <= 34
    assert box.width <= 37


def test_another_canvas_is_wholly_dirty() -> None:
    scene = Scene(placed=(Placed(builtin("disc"), (32.0, 62.0), 9),))
    assert dirty_boxes(scene, dataclasses.replace(scene, size=(40, 48))) == (Box(0, 0, 40, 48),)
    assert dirty_boxes(scene, dataclasses.replace(scene, border="zero")) == (Box(0, 0, 64, 64),)
