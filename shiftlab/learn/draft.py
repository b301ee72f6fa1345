"""A task of one's own as it is put together: which patterns, where, and how; which lab it is for is said later.

A `Task` is whole and can be trained; a draft may want something yet (a head, an output, a place), so that
it is what a document keeps. No torch.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, get_args

import msgspec
import numpy as np

from shiftlab.learn import tasks
from shiftlab.learn.proposed import PROPOSED, outputs, proposals
from shiftlab.learn.tasks import SETTINGS, Mask, Start, Task
from shiftlab.learn.values import Settings
from shiftlab.network.spec import NetworkSpec
from shiftlab.network.weights import Network
from shiftlab.scene.values import LARGEST_PATTERN, LARGEST_SIDE, SMALLEST_SIDE, Pattern, Scene

Place = Literal["corner", "everywhere", "strip", "painted"]
MOST_CLASSES = 10
SIZE = 20
LIMITS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "rate": (1e-5, 10),
        "weight_decay": (0, 10),
        "momentum": (0, 0.99),
        "batch": (1, 512),
        "steps": (1, 10_000),
        "shift": (0, LARGEST_SIDE - 1),
        "seed": (0, 9999),
    }
)
"""What settings of a draft may be, the ends included: what its fields take, and what a session may ask of a machine."""


@dataclass(frozen=True)
class Draft:
    """What is wanted of a task. Two drafts are equal when all is, the painted places pixel by pixel.

    Parameters
    ----------
    classes : tuple of Pattern
        In the order of the outputs.
    place : where they stand in training
    painted : (rows, cols) bool or None
        The places of 'painted', on a canvas of this size; kept read-only.
    size : int
        The longer side of a pattern in px.
    variation : float
        0 to 1.
    start : 'initial' or 'present'
        A network without weights of its own starts from its initial ones either way.
    settings : Settings
    proposed : frozenset of str
        Those of the settings, among `PROPOSED`, that are as proposed for whatever network it is: what
        `settings` holds for them does not matter (and is made the same in all drafts).
    network : int
        Which of the lab's networks learns it: 0 for A, 1 for B.

    Raises
    ------
    ValueError
        One line that names the argument and its value.
    """

    classes: tuple[Pattern, ...]
    place: Place = "corner"
    painted: Mask | None = field(default=None, compare=False)
    size: int = SIZE
    variation: float = tasks.VARIATION
    start: Start = "initial"
    settings: Settings = SETTINGS
    proposed: frozenset[str] = PROPOSED
    network: int = 0
    _painted: tuple[tuple[int, ...], bytes] | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name, allowed in (("place", get_args(Place)), ("start", get_args(Start)), ("network", (0, 1))):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} must be one of {', '.join(map(str, allowed))}, not {getattr(self, name)!r}")
        if not 2 <= len(self.classes) <= MOST_CLASSES:
            raise ValueError(f"classes must be 2 to {MOST_CLASSES} patterns, not {len(self.classes)}")
        if not 1 <= self.size <= LARGEST_PATTERN:
            raise ValueError(f"size must be 1 to {LARGEST_PATTERN} px, not {self.size}")
        if not 0 <= self.variation <= 1:
            raise ValueError(f"variation must be 0 to 1, not {self.variation}")
        if not self.proposed <= PROPOSED:
            raise ValueError(f"proposed must be among {', '.join(sorted(PROPOSED))}, not {sorted(self.proposed)}")
        for name, (low, high) in LIMITS.items():
            value = getattr(self.settings, name)
            if name not in self.proposed and not low <= value <= high:
                raise ValueError(f"{name} must be {low:g} to {high:g}, not {value}")
        same: dict[str, Any] = {name: getattr(SETTINGS, name) for name in self.proposed}
        object.__setattr__(self, "settings", dataclasses.replace(self.settings, **same))
        object.__setattr__(self, "painted", _kept(self.painted))
        packed = None if self.painted is None else (self.painted.shape, np.packbits(self.painted).tobytes())
        object.__setattr__(self, "_painted", packed)

    def places(self, scene: Scene) -> Mask:
        """The pixels of the canvas on which a pattern's centre may stand; none where it was painted on another size."""
        if self.place == "painted":
            if self.painted is not None and self.painted.shape == scene.size:
                return self.painted
            return np.zeros(scene.size, dtype=np.bool_)
        return tasks.REGIONS[self.place](scene.size, self.size, scene.border)

    def settings_for(self, spec: NetworkSpec, canvas: tuple[int, int]) -> Settings:
        """The settings, with those that are proposed for this network."""
        found = proposals(spec, canvas, len(self.classes))
        chosen: dict[str, Any] = {name: found[name] for name in self.proposed}
        return dataclasses.replace(self.settings, **chosen)

    def with_settings(self, **wanted: object) -> Draft:
        """Settings of one's own: what is named is no longer proposed.

        Raises
        ------
        ValueError
            It names the argument and the value.
        """
        settings = dataclasses.replace(self.settings, **wanted)  # pyright: ignore[reportArgumentType]
        return dataclasses.replace(self, settings=settings, proposed=self.proposed - wanted.keys())

    def starts(self, network: Network) -> Start:
        """What a network would start from."""
        return "initial" if network.weights is None else self.start

    def task(self, network: Network, scene: Scene) -> Task:
        """The task of a network on the ground of a scene.

        Raises
        ------
        ValueError
            One line, where it cannot be trained as it is.
        """
        network = named(network, self.classes, scene.size)
        return Task(
            network=network,
            classes=self.classes,
            canvas=scene.size,
            size=self.size,
            places=self.places(scene),
            background=scene.background,
            border=scene.border,
            images=min(tasks.IMAGES, tasks.most_images(network.spec.channels, scene.size)),
            variation=self.variation,
            start=self.starts(network),
            settings=self.settings_for(network.spec, scene.size),
        )


def named(network: Network, classes: tuple[Pattern, ...], canvas: tuple[int, int]) -> Network:
    """The network with its outputs named after the classes, and any further ones by their numbers."""
    names = [one.name for one in classes]
    names += [f"output {number}" for number in range(len(names) + 1, outputs(network.spec, canvas) + 1)]
    if network.spec.classes == tuple(names):
        return network
    return dataclasses.replace(network, spec=msgspec.structs.replace(network.spec, classes=tuple(names)))


def _kept(painted: Mask | None) -> Mask | None:
    """A read-only copy."""
    if painted is None:
        return None
    made = np.array(painted, dtype=np.bool_)
    if made.ndim != 2 or not SMALLEST_SIDE <= min(made.shape) <= max(made.shape) <= LARGEST_SIDE:
        sides = "x".join(map(str, made.shape))
        raise ValueError(f"painted must be a canvas of {SMALLEST_SIDE} to {LARGEST_SIDE} px a side, not {sides}")
    made.flags.writeable = False
    return made
