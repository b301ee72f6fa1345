"""Drawn cats and dogs, faces, and coloured patches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftlab.learn import colour_data, data, face_data


def test_heads_are_the_same_from_a_seed_and_others_from_another() -> None:
    first, again, other = data.head_patterns(16, 3), data.head_patterns(16, 3), data.head_patterns(16, 4)
    np.testing.assert_array_equal(first.images, again.images)
    np.testing.assert_array_equal(first.labels, again.labels)
    assert not np.array_equal(first.images, other.images)


def test_half_are_cats_all_differ_and_nothing_is_drawn_around_them() -> None:
    made = data.head_patterns(64, 0)
    assert made.images.shape == (64, 1, 20, 20)
    assert made.images.dtype == np.float32
    assert made.labels.sum() == 32
    assert len(np.unique(made.images.reshape(64, -1), axis=0)) == 64
    assert 0 <= made.images.min() <= made.images.max() <= 1
    share_black = (made.images == 0).mean(axis=(1, 2, 3))
    assert (share_black > 0.25).all()
    assert (made.images[:, 0, [0, 0, -1, -1], [0, -1, 0, -1]] == 0).mean() > 0.8


def test_brightness_alone_does_not_tell_a_cat_from_a_dog() -> None:
    made = data.head_patterns(1000, 5)
    light = made.images.sum(axis=(1, 2, 3))
    cats, dogs = light[made.labels == 0], light[made.labels == 1]
    assert abs(cats.mean() - dogs.mean()) < 0.25 * light.std()


def test_what_cannot_be_drawn_is_named() -> None:
    with pytest.raises(ValueError, match="count must be 1 or more, not 0"):
        data.heads(0, 0)
    with pytest.raises(ValueError, match="a cat or a dog, not 'cow'"):
        data.example("cow", 0)


@pytest.mark.parametrize("kind", data.CLASSES)
def test_an_example_is_a_pattern_of_20_px(kind: str) -> None:
    pattern = data.example(kind, 7)
    assert pattern.size == (20, 20)
    assert pattern == data.example(kind, 7)
    assert not pattern.image[:, pattern.alpha == 0].any()


@given(st.integers(1, 300), st.integers(0, 20), st.integers(0, 30), st.integers(0, 99))
def test_places_lie_in_their_region(count: int, low: int, more: int, seed: int) -> None:
    corners = data.places(count, (low, 0), (low + more, 5), seed)
    assert corners.shape == (count, 2)
    assert corners.min(axis=0)[0] >= low
    assert corners.max(axis=0)[0] <= low + more
    assert corners.max(axis=0)[1] <= 5
    assert corners.min() >= 0


def test_places_are_spread_so_that_no_corner_of_the_region_is_left_out() -> None:
    for seed in range(10):
        corners = data.places(256, (0, 0), (44, 44), seed)
        for far in ((0, 0), (0, 44), (44, 0), (44, 44)):
            assert np.abs(corners - far).max(axis=1).min() <= 2


@given(st.integers(0, 44), st.integers(0, 44))
def test_a_pattern_stands_at_its_corner_and_all_else_is_black(row: int, col: int) -> None:
    patterns = np.random.default_rng(0).uniform(size=(2, 1, 20, 20)).astype(np.float32)
    images = data.on_canvas(patterns, np.array([[row, col]]), (64, 64))
    np.testing.assert_array_equal(images[:, :, row : row + 20, col : col + 20], patterns)
    assert images.sum(dtype=np.float64) == pytest.approx(patterns.sum(dtype=np.float64))


def test_a_pattern_off_the_canvas_is_refused() -> None:
    with pytest.raises(ValueError, match="patterns of 20x20 px must lie on the canvas of 64x64 px"):
        data.on_canvas(np.zeros((1, 1, 20, 20), np.float32), np.array([[45, 0]]), (64, 64))


def test_all_places_are_2025() -> None:
    corners = data.all_places((64, 64))
    assert len(np.unique(corners, axis=0)) == 45 * 45
    assert corners.max() == 44


def test_there_are_eleven_scrambles_and_one_face() -> None:
    assert len(set(face_data.ARRANGEMENTS)) == 12
    assert all(sorted(one) == sorted(face_data.REAL) for one in face_data.ARRANGEMENTS)


def test_parts_stand_on_even_places_eight_pixels_apart() -> None:
    slots = list(face_data.SLOTS.values())
    assert all(row % 2 == 0 and col % 2 == 0 for row, col in slots)
    for i, a in enumerate(slots):
        for b in slots[:i]:
            assert max(abs(a[0] - b[0]), abs(a[1] - b[1])) >= 16


def test_a_scramble_is_made_of_the_very_parts_of_its_face() -> None:
    made = face_data.paired(22, 1)

    def cut(image: np.ndarray) -> list[bytes]:
        return sorted(image[0, row : row + 8, col : col + 8].tobytes() for row, col in face_data.SLOTS.values())

    for real, scramble in zip(made.images[:22], made.images[22:], strict=True):
        assert cut(real) == cut(scramble)
        assert not np.array_equal(real, scramble)
        eyes = [real[0, row : row + 8, col : col + 8] for row, col in list(face_data.SLOTS.values())[:2]]
        np.testing.assert_array_equal(eyes[0], eyes[1])
    assert len({tuple(np.flatnonzero(image)[:40]) for image in made.images[22:]}) > 5
    np.testing.assert_array_equal(made.labels, np.repeat([1, 0], 22))


def test_red_and_green_keep_their_order_and_half() -> None:
    for made, upper in ((colour_data.images(200, 0), 0), (colour_data.swapped(colour_data.images(200, 0)), 1)):
        for image, label in zip(made.images, made.labels, strict=True):
            red, green = np.argwhere(image[0]), np.argwhere(image[1])
            assert len(red) == len(green) == 16
            assert not image[2].any()
            assert (red[:, 1].max() < green[:, 1].min()) == (label == 0)
            in_upper_half = max(red[:, 0].max(), green[:, 0].max()) < 16
            assert in_upper_half == (label == upper)
