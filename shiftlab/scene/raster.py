"""A scene as pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shiftlab.scene.background import background
from shiftlab.scene.fourier import fourier_shift
from shiftlab.scene.resample import Stamp, stamp
from shiftlab.scene.values import Placed, Position, Scene

MARGIN = 8
"""Pixels about a pattern's box within which a sub-pixel shift rings on a 'zero' border."""

DIGITS = 9
"""Digits of a position that count: sums of steps of 0.1 px come back to whole pixels."""

Span = tuple[slice, slice]


def rasterise(scene: Scene, channels: int = 1, dtype: type[np.floating[Any]] = np.float32) -> NDArray[Any]:
    """The picture that a network is shown.

    The background, and on it the patterns in order. A pattern on whole pixels is stamped; one between
    pixels is stamped on the nearest and its difference from what lies beneath moved by the rest
    (`fourier_shift`): on a wrapped scene over the whole canvas, which is exact; on a 'zero' border
    inside its box padded by 8 px and cut there, so that black stays black. Neighbours in the order that
    share a fraction are moved as one.

    Parameters
    ----------
    scene : Scene
    channels : 1 or 3
        In one channel colour becomes luminance (Rec. 709), in three grey is repeated.
    dtype : float32 or float64

    Returns
    -------
    array, (channels, H, W)
        A new one; in [0, 1] but for the ringing of sub-pixel shifts.

    Raises
    ------
    ValueError
        Where `channels` is neither 1 nor 3.
    """
    if channels not in (1, 3):
        raise ValueError(f"channels must be 1 or 3, not {channels}")
    canvas = background(scene.background, scene.size, channels, np.dtype(dtype) == np.float64).copy()
    wrap = scene.border == "wrap"
    for part, group in groupby(scene.placed, key=fraction):
        if part == (0.0, 0.0):
            for placed in group:
                _stamp_on(canvas, stamp(placed, channels, dtype), nearest(placed), placed.contrast, wrap)
        elif wrap:
            under = canvas.copy()
            for placed in group:
                _stamp_on(canvas, stamp(placed, channels, dtype), nearest(placed), placed.contrast, wrap)
            canvas = under + fourier_shift(canvas - under, part)
        else:
            for placed in group:
                _shifted_on(canvas, stamp(placed, channels, dtype), placed)
    return canvas


class Raster:
    """The picture of a scene that is followed: the bits of `rasterise`, redrawn only where they can have changed.

    Parameters
    ----------
    channels : 1 or 3
    """

    def __init__(self, channels: int = 1) -> None:
        self._channels = channels
        self._picture: NDArray[np.float32] | None = None

    def drawn(self, scene: Scene, boxes: Sequence[tuple[int, int, int, int]] | None = None) -> NDArray[np.float32]:
        """The picture of a scene; the next call may write into it.

        Parameters
        ----------
        boxes : sequence of (top, left, height, width), optional
            Outside of these the picture is that of the last call (`dirty.dirty_boxes`). None: not known.
        """
        picture = self._picture
        known = picture is not None and boxes is not None and picture.shape[1:] == scene.size
        if not known or any(fraction(one) != (0, 0) for one in scene.placed):
            # should this fail, nothing is known of the picture any more
            self._picture = None
            self._picture = rasterise(scene, self._channels)
            return self._picture
        assert picture is not None
        assert boxes is not None
        for top, left, height, width in boxes:
            self._redraw(picture, scene, (top, top + height), (left, left + width))
        return picture

    def _redraw(self, picture: NDArray[Any], scene: Scene, rows: tuple[int, int], cols: tuple[int, int]) -> None:
        """A rectangle of the picture, from the background up."""
        inside = (slice(None), slice(*rows), slice(*cols))
        ground = background(scene.background, scene.size, self._channels, False)
        picture[inside] = ground[inside]
        wrap = scene.border == "wrap"
        for placed in scene.placed:
            one = stamp(placed, self._channels, np.float32)
            centre = nearest(placed)
            first = (centre[0] + one.first[0], centre[1] + one.first[1])
            for place, part in pieces(scene.size, first, one.size, wrap):
                on_rows, in_rows = _cut(place[0], part[0], rows)
                on_cols, in_cols = _cut(place[1], part[1], cols)
                if on_rows.start < on_rows.stop and on_cols.start < on_cols.stop:
                    under = picture[:, on_rows, on_cols]
                    _blend(under, one.image[:, in_rows, in_cols], one.alpha[in_rows, in_cols], placed.contrast)


def _cut(place: slice, part: slice, to: tuple[int, int]) -> tuple[slice, slice]:
    """What of a run on the canvas, and of the run in a box that lies there, is inside an interval."""
    start, stop = max(place.start, to[0]), min(place.stop, to[1])
    apart = part.start - place.start
    return slice(start, stop), slice(start + apart, stop + apart)


def nearest(placed: Placed) -> tuple[int, int]:
    """The pixel nearest to a pattern's centre."""
    return _standing(placed.at)[0]


def fraction(placed: Placed) -> tuple[float, float]:
    """How far a pattern's centre stands from the nearest pixel's, each in [-1/2, 1/2)."""
    return _standing(placed.at)[1]


@lru_cache(maxsize=1024)
def _standing(at: Position) -> tuple[tuple[int, int], tuple[float, float]]:
    """The pixel nearest to a position, and how far it stands from there."""
    row, col = math.floor(round(at[0], DIGITS) + 0.5), math.floor(round(at[1], DIGITS) + 0.5)
    return (row, col), (round(at[0] - row, DIGITS), round(at[1] - col, DIGITS))


def _stamp_on(canvas: NDArray[Any], one: Stamp, centre: tuple[int, int], contrast: float, wrap: bool) -> None:
    """Lay a stamp on the canvas, in place."""
    top, left = centre[0] + one.first[0], centre[1] + one.first[1]
    for place, part in pieces(canvas.shape[1:], (top, left), one.size, wrap):
        _blend(canvas[:, *place], one.image[:, *part], one.alpha[part], contrast)


def _blend(under: NDArray[Any], image: NDArray[Any], alpha: NDArray[Any], contrast: float) -> None:
    """Lay an image over `under` in place, its difference from it times `contrast`, clipped to [0, 1]."""
    difference = image - under
    if contrast != 1:
        difference *= contrast
        difference += under
        np.clip(difference, 0, 1, out=difference)
        difference -= under
    difference *= alpha
    under += difference


def _shifted_on(canvas: NDArray[Any], one: Stamp, placed: Placed) -> None:
    """Lay a stamp between pixels on a 'zero' border, in place; off the canvas its border goes on."""
    if one.empty:
        return
    centre = nearest(placed)
    place = tuple(
        np.arange(centre[axis] - one.whole[axis] // 2 - MARGIN, centre[axis] + -(-one.whole[axis] // 2) + MARGIN)
        for axis in (0, 1)
    )
    held = tuple(np.clip(place[axis], 0, canvas.shape[axis + 1] - 1) for axis in (0, 1))
    under = canvas[:, held[0][:, None], held[1][None, :]]
    box = under.copy()
    middle = (one.whole[0] // 2 + MARGIN, one.whole[1] // 2 + MARGIN)
    _stamp_on(box, one, middle, placed.contrast, wrap=False)
    moved = fourier_shift(box - under, fraction(placed))
    on = tuple((place[axis] >= 0) & (place[axis] < canvas.shape[axis + 1]) for axis in (0, 1))
    if on[0].any() and on[1].any():
        rows, cols = place[0][on[0]], place[1][on[1]]
        canvas[:, rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1] += moved[:, on[0]][:, :, on[1]]


def pieces(
    canvas: tuple[int, ...], first: tuple[int, int], size: tuple[int, int], wrap: bool
) -> list[tuple[Span, Span]]:
    """The parts in which a box at `first` lies on a canvas: (where on the canvas, where in the box).

    On a wrapped canvas a box larger than the canvas covers it more than once, its lower right parts last.
    """
    rows = _runs(canvas[0], first[0], size[0], wrap)
    cols = _runs(canvas[1], first[1], size[1], wrap)
    return [((row, col), (in_row, in_col)) for row, in_row in rows for col, in_col in cols]


def _runs(side: int, first: int, length: int, wrap: bool) -> list[tuple[slice, slice]]:
    """The same in one axis."""
    if not wrap:
        start, stop = max(first, 0), min(first + length, side)
        return [(slice(start, stop), slice(start - first, stop - first))] if start < stop else []
    runs: list[tuple[slice, slice]] = []
    done = 0
    while done < length:
        # A run ends at the canvas's edge and, so that the order is the same wherever the box stands, at
        # each whole canvas of the box.
        start = (first + done) % side
        count = min(length - done, side - start, side - done % side)
        runs.append((slice(start, start + count), slice(done, done + count)))
        done += count
    return runs
