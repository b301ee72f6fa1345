"""Scenes as pixels, against translation, an image library, and sums written out."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftlab.scene.fourier import fourier_shift
from shiftlab.scene.patterns import builtin
from shiftlab.scene.raster import MARGIN, rasterise
from shiftlab.scene.values import Background, Pattern, Placed, Scene

from .strategies import placed, scenes

whole_shift = st.tuples(st.integers(-40, 40), st.integers(-40, 40))


def plain(name: str, size: int, at: tuple[float, float] = (32.0, 32.0)) -> Scene:
    return Scene(placed=(Placed(builtin(name), at, size),))


@given(scenes(border="wrap"), whole_shift, st.sampled_from((1, 3)))
def test_a_moved_scene_is_the_rolled_picture(scene: Scene, by: tuple[int, int], channels: int) -> None:
    moved = rasterise(scene.moved((float(by[0]), float(by[1]))), channels)
    np.testing.assert_array_equal(moved, np.roll(rasterise(scene, channels), by, axis=(1, 2)))


@given(scenes(border="wrap"), st.tuples(st.floats(-20, 20), st.floats(-20, 20)))
def test_a_scene_moved_between_pixels_is_the_shifted_picture(scene: Scene, by: tuple[float, float]) -> None:
    moved = rasterise(scene.moved(by), dtype=np.float64)
    np.testing.assert_allclose(moved, fourier_shift(rasterise(scene, dtype=np.float64), by), atol=1e-9)


@given(scenes(border="zero"))
def test_on_a_zero_border_the_picture_is_a_window_of_the_endless_one(scene: Scene) -> None:
    far = 120
    wide = dataclasses.replace(scene, size=(scene.size[0] + 2 * far, scene.size[1] + 2 * far), border="wrap").moved(
        (float(far), float(far))
    )
    window = rasterise(wide)[:, far:-far, far:-far]
    np.testing.assert_array_equal(rasterise(scene), window)


@given(placed(whole=False))
def test_black_stays_black_outside_the_padded_box(one: Placed) -> None:
    scene = Scene(size=(32, 32), placed=(one,), border="zero")
    picture = rasterise(scene)[0]
    # Its box, whatever its turn, lies within the diagonal.
    reach = 0.75 * one.size + MARGIN + 2
    row, col = np.indices(picture.shape)
    outside = (abs(row - one.at[0]) > reach) | (abs(col - one.at[1]) > reach)
    assert not picture[outside].any()


def test_a_zero_border_shift_rings_in_the_padded_box_and_nowhere_else() -> None:
    one = Placed(builtin("disc"), (32.25, 31.5), 21)
    picture = rasterise(Scene(placed=(one,), border="zero"), dtype=np.float64)[0]
    # Nearest pixels 32 and 32 (halves go up), first pixel at -10, 21 long, 8 px about it.
    box = np.s_[32 - 10 - 8 : 32 + 11 + 8, 32 - 10 - 8 : 32 + 11 + 8]
    alone = np.zeros((37, 37))
    alone[8:29, 8:29] = rasterise(plain("disc", 21), dtype=np.float64)[0, 22:43, 22:43]
    np.testing.assert_allclose(picture[box], fourier_shift(alone, (0.25, -0.5)), atol=1e-12)
    picture[box] = 0
    assert not picture.any()


@given(scenes(border="zero", whole=False, most=1))
def test_a_pattern_between_pixels_at_the_edge_is_cut_by_the_canvas(scene: Scene) -> None:
    far = 120
    wide = dataclasses.replace(scene, size=(scene.size[0] + 2 * far, scene.size[1] + 2 * far)).moved(
        (float(far), float(far))
    )
    np.testing.assert_allclose(rasterise(scene), rasterise(wide)[:, far:-far, far:-far], atol=1e-6)


@pytest.mark.parametrize("name", ["cat", "dog", "sitting-cat", "gabor", "letter"])
def test_the_natural_size_is_the_box_mean_of_the_master(name: str) -> None:
    pattern = builtin(name)
    size = pattern.size[0] // 4
    light = (pattern.image[0] * pattern.alpha).astype(np.float64).reshape(size, 4, size, 4).mean(axis=(1, 3))
    first = 32 - size // 2
    picture = rasterise(plain(name, size))[0]
    np.testing.assert_allclose(picture[first : first + size, first : first + size], light, atol=1e-6)
    assert np.count_nonzero(picture) == np.count_nonzero(light)


def test_the_native_size_is_the_pattern_itself() -> None:
    image = np.random.default_rng(0).uniform(size=(1, 12, 9)).astype(np.float32)
    pattern = Pattern("own", image, np.ones((12, 9), dtype=np.float32))
    picture = rasterise(Scene(placed=(Placed(pattern, (20.0, 30.0), 12),)))
    np.testing.assert_array_equal(picture[:, 20 - 6 : 26, 30 - 4 : 35], image)


def test_a_whole_enlargement_repeats_pixels() -> None:
    image = np.random.default_rng(0).uniform(size=(1, 6, 4)).astype(np.float32)
    pattern = Pattern("own", image, np.ones((6, 4), dtype=np.float32))
    picture = rasterise(Scene(placed=(Placed(pattern, (32.0, 32.0), 18),)))
    np.testing.assert_array_equal(picture[:, 23:41, 26:38], image.repeat(3, axis=1).repeat(3, axis=2))


def test_an_odd_reduction_is_the_exact_mean_of_areas() -> None:
    picture = rasterise(plain("noise", 37))[0, 14:51, 14:51]
    areas = np.repeat(np.repeat(builtin("noise").image[0].astype(np.float64), 37, axis=0), 37, axis=1)
    np.testing.assert_allclose(picture, areas.reshape(37, 96, 37, 96).mean(axis=(1, 3)), atol=1e-6)


def test_an_odd_enlargement_keeps_a_ramp_straight() -> None:
    ramp = np.tile(np.linspace(0.2, 0.8, 16, dtype=np.float32), (16, 1))[None]
    pattern = Pattern("ramp", ramp, np.ones((16, 16), dtype=np.float32))
    picture = rasterise(Scene(placed=(Placed(pattern, (32.0, 32.0), 40),)), dtype=np.float64)[0, 12:52, 12:52]
    slope = np.diff(picture[20])[5:-5]
    np.testing.assert_allclose(slope, 0.6 / 15 * 16 / 40, atol=1e-6)


@given(placed(), st.sampled_from((0.0, 90.0, 180.0, 270.0)))
def test_quarter_turns_and_flips_are_exact(one: Placed, turn: float) -> None:
    at = (32.0, 32.0)
    upright = dataclasses.replace(one, at=at, turn=0.0, flipped=False)
    picture = rasterise(Scene(size=(64, 64), placed=(upright,), border="zero"))
    turned = dataclasses.replace(upright, turn=turn, flipped=True)
    shown = rasterise(Scene(size=(64, 64), placed=(turned,), border="zero"))
    expected = np.rot90(picture[:, :, ::-1], int(turn // 90), axes=(1, 2))
    rows, cols = (np.flatnonzero(expected.any(axis=(0, axis))) for axis in (2, 1))
    seen_rows, seen_cols = (np.flatnonzero(shown.any(axis=(0, axis))) for axis in (2, 1))
    if len(rows):
        np.testing.assert_array_equal(
            shown[:, seen_rows[0] : seen_rows[-1] + 1, seen_cols[0] : seen_cols[-1] + 1],
            expected[:, rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1],
        )
    else:
        assert not shown.any()


def test_a_turn_is_counter_clockwise() -> None:
    bar = Placed(builtin("edge"), (32.0, 32.0), 20, turn=90.0)
    picture = rasterise(Scene(placed=(bar,)))[0]
    # White on the right, turned a quarter counter-clockwise, is white above.
    assert picture[22:32, 22:42].all()
    assert not picture[32:42, 22:42].any()


def test_a_slanted_turn_keeps_place_and_light() -> None:
    upright = rasterise(plain("disc", 21), dtype=np.float64)[0]
    turned = rasterise(Scene(placed=(Placed(builtin("disc"), (32.0, 32.0), 21, turn=37.0),)), dtype=np.float64)[0]
    assert turned.sum() == pytest.approx(upright.sum(), rel=0.01)
    row, col = np.indices(turned.shape)
    assert (turned * row).sum() / turned.sum() == pytest.approx(32.0, abs=0.02)
    assert (turned * col).sum() / turned.sum() == pytest.approx(32.0, abs=0.02)
    np.testing.assert_allclose(turned, upright, atol=0.2)


@given(st.floats(0, 4), st.sampled_from((0.0, 0.3, 1.0)))
def test_contrast_is_a_factor_on_the_difference_from_the_background(contrast: float, grey: float) -> None:
    one = Placed(builtin("sitting-cat"), (32.0, 32.0), 34)
    scene = Scene(background=Background(grey=grey), placed=(dataclasses.replace(one, contrast=contrast),))
    master = builtin("sitting-cat")
    light = (master.image[0] * master.alpha).astype(np.float64).reshape(34, 4, 34, 4).mean(axis=(1, 3))
    alpha = master.alpha.astype(np.float64).reshape(34, 4, 34, 4).mean(axis=(1, 3))
    own = np.divide(light, alpha, out=np.zeros_like(light), where=alpha > 0)
    expected = grey + alpha * (np.clip(grey + contrast * (own - grey), 0, 1) - grey)
    np.testing.assert_allclose(rasterise(scene, dtype=np.float64)[0, 15:49, 15:49], expected, atol=1e-7)


def test_colour_becomes_luminance_and_grey_is_repeated() -> None:
    image = np.random.default_rng(1).uniform(size=(3, 10, 10)).astype(np.float32)
    pattern = Pattern("colour", image, np.ones((10, 10), dtype=np.float32))
    scene = Scene(placed=(Placed(pattern, (20.0, 20.0), 10),))
    np.testing.assert_array_equal(rasterise(scene, 3)[:, 15:25, 15:25], image)
    luminance = 0.2126 * image[0] + 0.7152 * image[1] + 0.0722 * image[2]
    np.testing.assert_allclose(rasterise(scene, 1)[0, 15:25, 15:25], luminance, atol=1e-6)
    grey = rasterise(plain("cat", 34), 3)
    np.testing.assert_array_equal(grey, np.repeat(rasterise(plain("cat", 34), 1), 3, axis=0))


def test_the_last_pattern_lies_on_top() -> None:
    under, over = Placed(builtin("checkerboard"), (32.0, 32.0), 24), Placed(builtin("edge"), (32.0, 32.0), 8)
    picture = rasterise(Scene(placed=(under, over)))[0]
    np.testing.assert_array_equal(picture[28:36, 28:36], np.tile([0, 0, 0, 0, 1, 1, 1, 1], (8, 1)))


@given(scenes(whole=True, uniform=False), st.sampled_from((1, 3)))
def test_a_picture_is_new_within_range_and_the_same_each_time(scene: Scene, channels: int) -> None:
    picture = rasterise(scene, channels)
    assert picture.shape == (channels, *scene.size)
    assert picture.dtype == np.float32
    assert picture.flags.writeable
    assert picture.min() >= 0
    assert picture.max() <= 1
    kept = picture.copy()
    picture[:] = 7
    np.testing.assert_array_equal(rasterise(scene, channels), kept)


def test_two_channels_are_refused() -> None:
    with pytest.raises(ValueError, match="channels must be 1 or 3, not 2"):
        rasterise(Scene(), 2)


@pytest.mark.parametrize("kind", ["gradient", "texture", "noise"])
def test_backgrounds_have_their_mean_and_stay_in_range(kind: str) -> None:
    scene = Scene(size=(48, 64), background=Background(kind, grey=0.5, seed=3))  # type: ignore[arg-type]
    picture = rasterise(scene)
    assert float(picture.mean()) == pytest.approx(0.5, abs=0.02)
    assert picture.min() >= 0
    assert picture.max() <= 1
    assert float(picture.std()) > 0.1
    other = dataclasses.replace(scene, background=dataclasses.replace(scene.background, seed=4))
    assert (kind == "gradient") == np.array_equal(rasterise(other), picture)


def test_a_texture_goes_on_over_the_border() -> None:
    picture = rasterise(Scene(background=Background("texture", grey=0.5)))[0].astype(np.float64)
    seam = np.abs(picture[:, 0] - picture[:, -1]).mean()
    within = np.abs(np.diff(picture, axis=1)).mean(axis=0)
    assert seam <= within.max()


def test_an_image_background_covers_the_canvas_and_shows_its_middle() -> None:
    image = np.zeros((1, 16, 32), dtype=np.float32)
    image[:, :, 8:24] = np.linspace(0, 1, 16, dtype=np.float32)[None, None, :]
    ground = Background("image", image=Pattern("own", image, np.ones((16, 32), dtype=np.float32)))
    picture = rasterise(Scene(size=(32, 32), background=ground))
    np.testing.assert_array_equal(picture, image[:, :, 8:24].repeat(2, axis=1).repeat(2, axis=2))
