"""The values of a scene: a pattern, a pattern in its place, a background, and the canvas that holds them.

All of them are frozen and validated once when made; arrays inside are read-only. Positions are
(row, col) of a pattern's centre in pixels, down and right positive; a pattern of n pixels has its
centre at its pixel n // 2, so that its first pixel stands at position - n // 2.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray

Border = Literal["zero", "wrap"]
BackgroundKind = Literal["uniform", "gradient", "texture", "noise", "image"]
Position = tuple[float, float]

SMALLEST_SIDE, LARGEST_SIDE = 16, 512
LARGEST_PATTERN = 512


def _frozen(array: NDArray[np.float32]) -> NDArray[np.float32]:
    copy = np.array(array, dtype=np.float32, order="C")
    copy.flags.writeable = False
    return copy


@dataclass(frozen=True, eq=False)
class Pattern:
    """A small image with transparency; two patterns are equal when their pixels are.

    Parameters
    ----------
    name : str
        What the user calls it, "cat".
    image : array, (1, H, W) grey or (3, H, W) colour, float32 in [0, 1]
    alpha : array, (H, W), float32 in [0, 1]
        0 where the pattern leaves the background as it is.

    Raises
    ------
    ValueError
        Where a shape or a value does not fit; it names the argument and the value.
    """

    name: str
    image: NDArray[np.float32]
    alpha: NDArray[np.float32]
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        image, alpha = np.asarray(self.image), np.asarray(self.alpha)
        if image.ndim != 3 or image.shape[0] not in (1, 3):
            raise ValueError(f"image must be (1, H, W) or (3, H, W), not {image.shape}")
        if alpha.shape != image.shape[1:]:
            raise ValueError(f"alpha must be {image.shape[1:]} like the image, not {alpha.shape}")
        if not 1 <= min(alpha.shape) <= max(alpha.shape) <= LARGEST_PATTERN:
            raise ValueError(f"a pattern's sides must be 1 to {LARGEST_PATTERN} px, not {alpha.shape}")
        for name, values in (("image", image), ("alpha", alpha)):
            if not np.isfinite(values).all() or values.min() < 0 or values.max() > 1:
                raise ValueError(f"{name} must lie in [0, 1], not [{values.min()}, {values.max()}]")
        object.__setattr__(self, "image", _frozen(image))
        object.__setattr__(self, "alpha", _frozen(alpha))
        content = hashlib.sha256(f"{self.name}|{image.shape}".encode())
        content.update(self.image.tobytes())
        content.update(self.alpha.tobytes())
        object.__setattr__(self, "digest", content.hexdigest())

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in its own pixels."""
        return cast(tuple[int, int], self.alpha.shape)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


def _require_finite(name: str, value: float) -> None:
    if not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number, not {value}")


@dataclass(frozen=True)
class Placed:
    """A pattern in its place on a canvas.

    Parameters
    ----------
    pattern : Pattern
    at : (row, col)
        Where its centre stands, in pixels; fractions mean a sub-pixel (Fourier) shift.
    size : int
        The longer side it is drawn with, in pixels.
    turn : float
        Rotation in degrees, counter-clockwise, about its centre.
    flipped : bool
        Mirrored left to right, before it is turned.
    contrast : float
        Factor on its difference from the background, 0 to 4; what leaves [0, 1] is clipped.
    """

    pattern: Pattern
    at: Position
    size: int
    turn: float = 0.0
    flipped: bool = False
    contrast: float = 1.0

    def __post_init__(self) -> None:
        row, col = self.at
        _require_finite("row", row)
        _require_finite("col", col)
        _require_finite("turn", self.turn)
        if not 1 <= self.size <= LARGEST_PATTERN:
            raise ValueError(f"size must be 1 to {LARGEST_PATTERN} px, not {self.size}")
        if not 0 <= self.contrast <= 4:
            raise ValueError(f"contrast must be 0 to 4, not {self.contrast}")
        object.__setattr__(self, "at", (float(row), float(col)))
        # Twice: a tiny negative angle modulo 360 rounds to 360 itself.
        object.__setattr__(self, "turn", float(self.turn) % 360 % 360)

    @property
    def on_pixels(self) -> bool:
        """Whether it stands on whole pixels, so that no interpolation is needed."""
        return self.at[0].is_integer() and self.at[1].is_integer()


@dataclass(frozen=True)
class Background:
    """What lies under the patterns: a uniform grey, a gradient, a texture, seeded noise, or an image.

    `grey` is the level of a uniform ground and the mean of the others; `image` is given with kind
    "image" alone.
    """

    kind: BackgroundKind = "uniform"
    grey: float = 0.0
    seed: int = 0
    image: Pattern | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(BackgroundKind):
            raise ValueError(f"background must be one of {', '.join(get_args(BackgroundKind))}, not {self.kind!r}")
        if not 0 <= self.grey <= 1:
            raise ValueError(f"grey must be 0 to 1, not {self.grey}")
        if (self.image is None) == (self.kind == "image"):
            raise ValueError("an image background needs an image, and no other takes one")

    @property
    def uniform(self) -> bool:
        return self.kind == "uniform"


@dataclass(frozen=True)
class Scene:
    """A canvas with what stands on it.

    Parameters
    ----------
    size : (rows, cols)
        16 to 512 pixels each.
    placed : tuple of Placed
        Drawn in order, the last on top.
    border : 'zero' or 'wrap'
        Whether a pattern that leaves the canvas is cut or comes in on the other side.
    """

    size: tuple[int, int] = (64, 64)
    background: Background = Background()
    placed: tuple[Placed, ...] = ()
    border: Border = "wrap"

    def __post_init__(self) -> None:
        for side in self.size:
            if not SMALLEST_SIDE <= side <= LARGEST_SIDE:
                raise ValueError(
                    f"canvas sides must be {SMALLEST_SIDE} to {LARGEST_SIDE} px, not {self.size[0]}x{self.size[1]}"
                )
        if self.border not in get_args(Border):
            raise ValueError(f"border must be zero or wrap, not {self.border!r}")

    def with_placed(self, index: int, placed: Placed) -> Scene:
        """This scene with one pattern replaced; the same object where nothing changes."""
        if self.placed[index] == placed:
            return self
        return dataclasses.replace(self, placed=(*self.placed[:index], placed, *self.placed[index + 1 :]))

    def moved(self, by: Position, indices: frozenset[int] | None = None) -> Scene:
        """This scene with its patterns (all, or those of `indices`) moved by (rows, cols) pixels.

        On a wrapped scene positions are kept inside the canvas.
        """
        if by == (0, 0):
            return self
        return dataclasses.replace(
            self,
            placed=tuple(
                dataclasses.replace(one, at=self._kept((one.at[0] + by[0], one.at[1] + by[1])))
                if indices is None or index in indices
                else one
                for index, one in enumerate(self.placed)
            ),
        )

    def _kept(self, at: Position) -> Position:
        if self.border == "wrap":
            return at[0] % self.size[0], at[1] % self.size[1]
        return at
