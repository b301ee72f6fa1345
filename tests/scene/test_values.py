"""The values of a scene refuse what cannot be, in one line, and cannot be changed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from shiftlab.scene.values import Background, Pattern, Placed, Scene


def pattern(side: int = 3) -> Pattern:
    return Pattern("own", np.full((1, side, side), 0.5, np.float32), np.ones((side, side), np.float32))


def test_a_pattern_keeps_its_own_read_only_copy() -> None:
    image = np.full((1, 3, 3), 0.5, np.float32)
    made = Pattern("own", image, np.ones((3, 3), np.float32))
    image[:] = 0
    assert (made.image == 0.5).all()
    with pytest.raises(ValueError, match="read-only"):
        made.image[0, 0, 0] = 1


def test_patterns_are_equal_by_their_pixels() -> None:
    assert pattern() == pattern()
    assert hash(pattern()) == hash(pattern())
    other = Pattern("own", np.full((1, 3, 3), 0.25, np.float32), np.ones((3, 3), np.float32))
    assert other != pattern()
    assert Pattern("else", pattern().image, pattern().alpha) != pattern()


@pytest.mark.parametrize(
    ("image", "alpha", "message"),
    [
        (np.zeros((2, 3, 3)), np.zeros((3, 3)), r"image must be \(1, H, W\) or \(3, H, W\), not \(2, 3, 3\)"),
        (np.zeros((1, 3, 3)), np.zeros((3, 4)), r"alpha must be \(3, 3\) like the image, not \(3, 4\)"),
        (np.zeros((1, 0, 3)), np.zeros((0, 3)), "sides must be 1 to 512 px"),
        (np.full((1, 3, 3), np.nan), np.zeros((3, 3)), r"image must lie in \[0, 1\]"),
        (np.zeros((1, 3, 3)), np.full((3, 3), 2.0), r"alpha must lie in \[0, 1\], not \[2.0, 2.0\]"),
    ],
)
def test_a_pattern_names_what_does_not_fit(image: np.ndarray, alpha: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Pattern("own", image, alpha)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"at": (float("nan"), 0.0)}, "row must be a finite number"),
        ({"size": 0}, "size must be 1 to 512 px, not 0"),
        ({"turn": float("inf")}, "turn must be a finite number"),
        ({"contrast": -1.0}, "contrast must be 0 to 4, not -1.0"),
    ],
)
def test_a_placed_pattern_names_what_does_not_fit(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Placed(**({"pattern": pattern(), "at": (0.0, 0.0), "size": 3} | options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Scene(size=(15, 64)), "canvas sides must be 16 to 512 px, not 15x64"),
        (lambda: Scene(size=(64, 513)), "not 64x513"),
        (lambda: Scene(border="mirror"), "border must be zero or wrap, not 'mirror'"),
        (lambda: Background("rain"), "background must be one of uniform, .*, not 'rain'"),
        (lambda: Background(grey=1.5), "grey must be 0 to 1, not 1.5"),
        (lambda: Background("image"), "an image background needs an image"),
    ],
)
def test_a_scene_names_what_does_not_fit(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]


def test_nothing_changed_is_the_same_object() -> None:
    scene = Scene(placed=(Placed(pattern(), (3.0, 4.0), 3),))
    assert scene.moved((0, 0)) is scene
    assert scene.with_placed(0, dataclasses.replace(scene.placed[0])) is scene


def test_positions_stay_on_a_wrapped_canvas_and_may_leave_a_cut_one() -> None:
    one = Placed(pattern(), (60.0, 4.0), 3)
    assert Scene(placed=(one,)).moved((10.0, -10.0)).placed[0].at == (6.0, 58.0)
    assert Scene(placed=(one,), border="zero").moved((10.0, -10.0)).placed[0].at == (70.0, -6.0)


def test_a_turn_is_kept_below_a_whole_one() -> None:
    assert Placed(pattern(), (0.0, 0.0), 3, turn=-90.0).turn == 270.0
