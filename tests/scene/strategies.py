"""Scenes for hypothesis."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from shiftlab.scene.values import Background, Pattern, Placed, Scene


@st.composite
def patterns(draw: st.DrawFn, largest: int = 24) -> Pattern:
    """A pattern of noise, grey or colour, with holes and soft parts."""
    height, width = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    image = rng.uniform(size=(draw(st.sampled_from((1, 3))), height, width))
    alpha = np.where(rng.uniform(size=(height, width)) < 0.3, 0.0, rng.uniform(size=(height, width)))
    return Pattern("noise", image.astype(np.float32), alpha.astype(np.float32))


@st.composite
def placed(draw: st.DrawFn, whole: bool = True, reach: int = 60) -> Placed:
    """A pattern somewhere on, at the edge of, or off a canvas."""
    coordinate = st.integers(-reach, reach) if whole else st.integers(-reach * 4, reach * 4).map(lambda n: n / 4)
    return Placed(
        draw(patterns()),
        (draw(coordinate), draw(coordinate)),
        size=draw(st.integers(1, 40)),
        turn=draw(st.sampled_from((0.0, 0.0, 90.0, 180.0, 270.0, 33.0))),
        flipped=draw(st.booleans()),
        contrast=draw(st.sampled_from((1.0, 1.0, 0.5, 2.0))),
    )


@st.composite
def scenes(
    draw: st.DrawFn, border: str | None = None, whole: bool = True, uniform: bool = True, most: int = 3
) -> Scene:
    """A small scene with up to `most` patterns."""
    kind = "uniform" if uniform else draw(st.sampled_from(("uniform", "gradient", "texture", "noise")))
    return Scene(
        size=(draw(st.integers(16, 33)), draw(st.integers(16, 33))),
        background=Background(kind, grey=draw(st.sampled_from((0.0, 0.25, 0.5))), seed=draw(st.integers(0, 3))),
        placed=tuple(draw(st.lists(placed(whole), min_size=1, max_size=most))),
        border=border or draw(st.sampled_from(("zero", "wrap"))),  # type: ignore[arg-type]
    )
