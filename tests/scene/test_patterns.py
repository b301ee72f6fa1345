"""The built-in patterns as they lie in the resources."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shiftlab.resources import resource
from shiftlab.scene import drawing, heads
from shiftlab.scene.patterns import builtin, names, natural_size
from shiftlab.scene.raster import rasterise
from shiftlab.scene.values import Placed, Scene

ASKED_FOR = {
    "cat",
    "dog",
    "face",
    "cross",
    "disc",
    "bar",
    "checkerboard",
    "pixel",
    "edge",
    "gabor",
    "letter",
    "digit",
}


def test_all_that_were_asked_for_are_there_and_the_cat_is_first() -> None:
    assert set(names()) >= ASKED_FOR
    assert names()[0] == "cat"
    assert natural_size("cat") == natural_size("dog") == 20
    assert natural_size("sitting-cat") == natural_size("sitting-dog") == 34


@pytest.mark.parametrize("name", ["cat", "dog"])
def test_the_cat_and_the_dog_are_what_the_generator_draws_at_20_px(name: str) -> None:
    grey, alpha = heads.head(name, 20)
    picture = rasterise(Scene(placed=(Placed(builtin(name), (32.0, 32.0), 20),)))[0]
    # Half a level of grey and of alpha, in 8 bits.
    np.testing.assert_allclose(picture[22:42, 22:42], grey * alpha, atol=1 / 255)
    assert not np.delete(np.delete(picture, range(22, 42), 0), range(22, 42), 1).any()
    reduced = heads.head(name, 80)[0] * heads.head(name, 80)[1]
    softer = np.abs(reduced.reshape(20, 4, 20, 4).mean(axis=(1, 3)) - grey * alpha)
    assert softer.max() > 0.08, "a reduced drawing is another picture"


@pytest.mark.parametrize("name", names())
def test_a_pattern_is_small_seen_and_black_outside_itself(name: str) -> None:
    pattern = builtin(name)
    assert pattern is builtin(name)
    assert pattern.name == name
    assert max(pattern.size) in (natural_size(name), 4 * natural_size(name))
    assert not pattern.image[:, pattern.alpha == 0].any()
    picture = rasterise(Scene(placed=(Placed(pattern, (32.0, 32.0), natural_size(name)),)))
    assert picture.max() > 0.4


@pytest.mark.parametrize("name", names())
def test_the_files_are_what_the_drawing_draws(name: str) -> None:
    stored = np.load(resource("patterns", f"{name}.npy")).astype(int)
    # Another machine's sine may round a level the other way.
    assert int(np.abs(stored - drawing.master(name)).max()) <= 1


def test_the_drawing_writes_every_pattern(tmp_path: Path) -> None:
    drawing.write(tmp_path / "patterns")
    written = {path.name for path in (tmp_path / "patterns").iterdir()}
    assert written == {f"{name}.npy" for name in names()} | {"patterns.json"}


def test_the_parts_of_a_face_stand_apart() -> None:
    picture = rasterise(Scene(size=(44, 32), placed=(Placed(builtin("face"), (22.0, 16.0), 44),)))[0]
    inside = np.zeros((44, 32), dtype=bool)
    for row, col in drawing.FACE_SLOTS.values():
        assert picture[row : row + 8, col : col + 8].any()
        inside[row : row + 8, col : col + 8] = True
    assert not picture[~inside].any()
    left, right = (picture[row : row + 8, col : col + 8] for row, col in list(drawing.FACE_SLOTS.values())[:2])
    np.testing.assert_array_equal(left, right)


def test_an_unknown_pattern_is_named_with_those_that_are() -> None:
    with pytest.raises(ValueError, match=r"no pattern 'unicorn'; there are cat, dog"):
        builtin("unicorn")
    with pytest.raises(ValueError, match="no pattern 'unicorn'"):
        natural_size("unicorn")
