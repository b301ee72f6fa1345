"""Draw mode: what is drawn becomes a pattern that stays where it was drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftlab.scene.raster import rasterise
from shiftlab.scene.strokes import Layer, Stroke
from shiftlab.scene.values import Scene

points = st.lists(st.tuples(st.floats(-5, 45), st.floats(-5, 45)), min_size=1, max_size=4).map(tuple)
strokes = st.builds(
    Stroke, points, tool=st.sampled_from(("brush", "brush", "eraser")), size=st.floats(1, 12), intensity=st.floats(0, 1)
)


@given(st.lists(strokes, max_size=4).map(tuple))
def test_the_pattern_on_the_canvas_is_what_was_drawn(drawn: tuple[Stroke, ...]) -> None:
    layer = Layer.of((40, 36), drawn)
    one = layer.placed()
    if one is None:
        assert layer.empty
        return
    picture = rasterise(Scene(size=(40, 36), placed=(one,), border="zero"))[0]
    np.testing.assert_allclose(picture, layer.grey * layer.alpha, atol=1e-6)
    assert one.pattern.alpha.any(axis=0)[[0, -1]].all()
    assert one.pattern.alpha.any(axis=1)[[0, -1]].all()


def test_a_round_brush_covers_its_disc() -> None:
    layer = Layer.of((40, 40), (Stroke(((20.0, 20.0),), size=10, intensity=0.5),))
    assert float(layer.alpha.sum()) == pytest.approx(np.pi * 25, rel=0.02)
    row, col = np.indices((40, 40)) + 0.5
    distance = np.hypot(row - 20, col - 20)
    assert (layer.alpha[distance < 4.4] == 1).all()
    assert (layer.alpha[distance > 5.6] == 0).all()
    assert np.allclose(layer.grey[layer.alpha > 0], 0.5)


def test_a_brush_of_one_pixel_draws_an_unbroken_line_of_whole_pixels() -> None:
    layer = Layer.of((20, 20), (Stroke(((2.5, 2.5), (6.5, 14.5)), size=1),))
    assert set(np.unique(layer.alpha).tolist()) == {0.0, 1.0}
    assert layer.alpha.sum() == 13
    assert (layer.alpha[:, 2:15].sum(axis=0) == 1).all()


def test_the_eraser_takes_away_and_a_later_stroke_lies_on_top() -> None:
    line = ((10.5, 2.0), (10.5, 18.0))
    layer = Layer.of((20, 20), (Stroke(line, size=4), Stroke(line, size=2, intensity=0.25)))
    assert layer.grey[10, 10] == np.float32(0.25)
    assert layer.grey[9, 10] > 0.25
    layer.add(Stroke(line, tool="eraser", size=8))
    assert layer.empty
    assert not layer.grey.any()
    assert layer.placed() is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tool": "spray"}, "tool must be brush or eraser, not 'spray'"),
        ({"size": 0.5}, "brush size must be 1 to 64 px, not 0.5"),
        ({"intensity": 2.0}, "intensity must be 0 to 1, not 2.0"),
        ({"points": ((0.0, float("nan")),)}, "must be finite"),
    ],
)
def test_what_cannot_be_drawn_is_named(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Stroke(**({"points": ((0.0, 0.0),)} | options))  # type: ignore[arg-type]
