"""A task of one's own: patterns as classes, where they may stand in training, and how: values, no torch."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from shiftlab.learn.values import Settings
from shiftlab.network.geometry import stages
from shiftlab.network.spec import NetworkError
from shiftlab.network.weights import Network
from shiftlab.scene.resample import drawn_size
from shiftlab.scene.values import Background, Border, Pattern, Placed, Scene

Start = Literal["initial", "present"]
Region = Literal["corner", "everywhere", "strip"]
Mask = NDArray[np.bool_]

IMAGES, VARIATION = 512, 0.5
BLACK, SETTINGS = Background(), Settings()
HEADS = ("dense", "globalavg", "globalmax")
LARGEST = 2**27
"""Values that all training images together may have: half a gigabyte."""


@dataclass(frozen=True)
class Task:
    """What a network of the bench is to learn.

    Two tasks are equal when all is, the painted places pixel by pixel.

    Parameters
    ----------
    network : Network
        It starts from its weights or, with `start` 'initial', from those that its seed gives; then the
        weights it has now are left out, so that training does not make it another task. Its first
        outputs take the names of the classes.
    classes : tuple of Pattern
        Two or more, in the order of the logits, each under a name of its own.
    canvas : (rows, cols)
    size : int
        The longer side of every pattern, in pixels.
    places : (rows, cols) bool
        The pixels on which a pattern's centre may stand in training; kept read-only.
    background : Background
    border : 'zero' or 'wrap'
    images : int
        How many are drawn.
    variation : float
        How much the images of a class differ, from 0 (exactly as drawn) to 1: turn, contrast and grain.
    start : 'initial' or 'present'
    settings : Settings

    Attributes
    ----------
    standing : (rows, cols) bool
        Those of the places on which every pattern lies whole; all of them on a wrapped canvas.

    Raises
    ------
    ValueError
        One line that names what does not fit, and what to do about it.
    """

    network: Network
    classes: tuple[Pattern, ...]
    canvas: tuple[int, int]
    size: int
    places: Mask = field(compare=False)
    background: Background = BLACK
    border: Border = "zero"
    images: int = IMAGES
    variation: float = VARIATION
    start: Start = "initial"
    settings: Settings = SETTINGS
    standing: Mask = field(init=False, compare=False, repr=False)
    _painted: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        Scene(self.canvas, self.background, (), self.border)
        if self.start not in get_args(Start):
            raise ValueError(f"start must be one of {', '.join(get_args(Start))}, not {self.start!r}")
        if not 0 <= self.variation <= 1:
            raise ValueError(f"variation must be 0 to 1, not {self.variation}")
        self._require_classes()
        self._require_head()
        self._require_images()
        places = np.array(self.places, dtype=np.bool_)
        if places.shape != self.canvas:
            raise ValueError(f"places must be {_sides(self.canvas)} like the canvas, not {_sides(places.shape)}")
        standing = places & self.whole
        if not places.any():
            raise ValueError("places are empty: paint where the patterns may stand")
        if not standing.any():
            raise ValueError(f"places all cut a pattern of {self.size} px: paint further from the border")
        places.flags.writeable = standing.flags.writeable = False
        object.__setattr__(self, "places", places)
        object.__setattr__(self, "standing", standing)
        object.__setattr__(self, "_painted", np.packbits(places).tobytes())
        spec, weights = self.network.spec, None if self.start == "initial" else self.network.weights
        if spec.classes[: len(self.names)] != self.names:
            spec = msgspec.structs.replace(spec, classes=self.names)
        if spec is not self.network.spec or weights is not self.network.weights:
            object.__setattr__(self, "network", Network(spec, weights))

    @property
    def names(self) -> tuple[str, ...]:
        """What the classes are called."""
        return tuple(one.name for one in self.classes)

    @property
    def whole(self) -> Mask:
        """The pixels (rows, cols) on which every pattern lies whole, painted or not."""
        found = np.ones(self.canvas, dtype=np.bool_)
        for one in self.classes:
            found &= whole(self.canvas, drawn_size(one, self.size), self.border)
        return found

    def scene(self, index: int = 0, at: tuple[int, int] | None = None) -> Scene:
        """The canvas with one class's pattern on it, by default in the middle of where it may stand."""
        row, col = at or middle(self.standing)
        placed = Placed(self.classes[index], (float(row), float(col)), self.size)
        return Scene(self.canvas, self.background, (placed,), self.border)

    def _require_classes(self) -> None:
        if len(self.classes) < 2:
            raise ValueError(f"classes must be two patterns or more, not {len(self.classes)}: add another pattern")
        name, count = Counter(self.names).most_common(1)[0]
        if count > 1:
            raise ValueError(f"classes hold {count} patterns called {name!r}: give each a name of its own")
        for one, other in combinations(self.classes, 2):
            if np.array_equal(one.image, other.image) and np.array_equal(one.alpha, other.alpha):
                raise ValueError(f"classes {one.name!r} and {other.name!r} are the same picture: change one of them")
        if not 1 <= self.size <= min(self.canvas):
            raise ValueError(f"size must be 1 to {min(self.canvas)} px on this canvas, not {self.size}")

    def _require_head(self) -> None:
        spec, count = self.network.spec, len(self.classes)
        infos = stages(spec, self.canvas)
        if not infos or infos[-1].kind not in HEADS:
            raise NetworkError(f"{spec.name} ends in maps: give it a head of {count} outputs on the bench to train it")
        if infos[-1].channels < count:
            raise NetworkError(
                f"{spec.name} ends in {infos[-1].channels} values, but there are {count} classes: "
                f"give its last layer {count} units, or take a class away"
            )
        if self.start == "present" and self.network.weights is None:
            raise NetworkError(f"{spec.name} has not been trained: start must be 'initial'")

    def _require_images(self) -> None:
        if self.images < len(self.classes):
            raise ValueError(f"images must be {len(self.classes)} or more, one of each class, not {self.images}")
        most = most_images(self.network.spec.channels, self.canvas)
        if self.images > most:
            raise ValueError(f"images must be at most {most} on a canvas of {_sides(self.canvas)}, not {self.images}")
        if self.settings.shift >= min(self.canvas):
            raise ValueError(f"shift must be below {min(self.canvas)} px on this canvas, not {self.settings.shift}")


def most_images(channels: int, canvas: tuple[int, int]) -> int:
    """How many images of this size are held at once at most; fewer than the usual 512 on a very large canvas alone."""
    return LARGEST // (channels * canvas[0] * canvas[1])


def with_settings(task: Task, **changes: object) -> Task:
    """The task with other settings (`rate`, `batch`, `optimiser`, `weight_decay`, `steps`, `shift`, `seed`, ...).

    Raises
    ------
    ValueError
        It names the argument and the value.
    """
    settings = dataclasses.replace(task.settings, **changes)  # pyright: ignore[reportArgumentType]
    return dataclasses.replace(task, settings=settings)


def distinct(patterns: Iterable[Pattern]) -> tuple[Pattern, ...]:
    """The patterns under names of their own: a second 'cat' becomes 'cat 2'."""
    found: list[Pattern] = []
    for one in patterns:
        taken, name, number = {other.name for other in found}, one.name, 2
        while name in taken:
            name, number = f"{one.name} {number}", number + 1
        found.append(one if name == one.name else dataclasses.replace(one, name=name))
    return tuple(found)


def whole(canvas: tuple[int, int], size: tuple[int, int], border: Border = "zero") -> Mask:
    """The pixels on which the centre of a pattern (height, width) may stand without its being cut."""
    if border == "wrap":
        return np.full(canvas, size[0] <= canvas[0] and size[1] <= canvas[1])
    rows, cols = (_within(side, length, 0, side) for side, length in zip(canvas, size, strict=True))
    return rows[:, None] & cols


def everywhere(canvas: tuple[int, int], size: int, border: Border = "zero") -> Mask:
    """All places at which a pattern of `size` px lies whole."""
    return whole(canvas, (size, size), border)


def corner(canvas: tuple[int, int], size: int, border: Border = "zero") -> Mask:
    """Places at which it lies whole in the upper left quarter; the very corner alone where it is larger than that."""
    del border
    rows, cols = (_within(side, size, 0, max(side // 2, min(size, side))) for side in canvas)
    return rows[:, None] & cols


def strip(canvas: tuple[int, int], size: int, border: Border = "zero") -> Mask:
    """Places in a strip across the middle, an eighth of the canvas high."""
    middle_row, half = (canvas[0] - size) // 2 + size // 2, max(canvas[0] // 16, 1)
    rows = np.abs(np.arange(canvas[0]) - middle_row) <= half
    return whole(canvas, (size, size), border) & rows[:, None]


REGIONS = {"corner": corner, "everywhere": everywhere, "strip": strip}
"""The places that can be had without painting, by name."""


def middle(places: Mask) -> tuple[int, int]:
    """The marked pixel (row, col) nearest to the middle of them all."""
    marked = np.argwhere(places)
    nearest = ((marked - marked.mean(axis=0)) ** 2).sum(axis=1).argmin()
    return int(marked[nearest, 0]), int(marked[nearest, 1])


def _within(side: int, length: int, first: int, end: int) -> Mask:
    """Where along an axis the centre of something of this length may stand so that it lies in [first, end)."""
    centre = np.arange(side)
    return (centre - length // 2 >= first) & (centre - length // 2 + length <= end)


def _sides(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
