"""What passes between the window and the worker: frozen requests, snapshots and failures.

A request holds everything the worker needs, so that it reads nothing else; a snapshot answers one
request. No torch and no Qt here. The requests themselves are made in `shiftlab.engine.requests`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from shiftlab.engine.requests import FrozenLevels, Inspect, Luts, PictureRequest, Request
from shiftlab.measure.values import StageMeasure
from shiftlab.network.info import StageInfo
from shiftlab.picture.levels import Levels

__all__ = [
    "Failure",
    "FrozenLevels",
    "HeadValues",
    "Inspect",
    "Inspected",
    "Luts",
    "Phase",
    "Picture",
    "PictureRequest",
    "Progress",
    "Request",
    "Side",
    "Snapshot",
]


@dataclass(frozen=True)
class Picture:
    """The finished picture of a request: rgb (H, W) uint32 0xffRRGGBB, C-contiguous, and how it was coloured.

    `levels` has one entry, or one a channel; `below` and `above` say whether values exceed the range;
    `nothing` that every value shown is 0 to tolerance (the residual views say 'nothing left');
    `finite` is False where NaN or infinity was met. `undefined` says why a stage has no such view ('has
    no places'): all of the picture is ground then.
    """

    request: PictureRequest
    rgb: NDArray[np.uint32]
    levels: tuple[Levels, ...]
    below: bool = False
    above: bool = False
    nothing: bool = False
    finite: bool = True
    undefined: str = ""


@dataclass(frozen=True)
class Inspected:
    """The values behind one channel: float32 (h, w) maps now, at the reference, and the reference moved along
    (None where it is not defined)."""

    request: Inspect
    now: NDArray[np.float32]
    reference: NDArray[np.float32]
    moved: NDArray[np.float32] | None
    kernel: NDArray[np.float32] | None = None
    """The channel's kernel (in channels, kh, kw) where the stage is a convolution."""


@dataclass(frozen=True)
class HeadValues:
    """Logits of the last stage, where the network ends in a head; now and at the reference."""

    classes: tuple[str, ...]
    logits: tuple[float, ...]
    probabilities: tuple[float, ...]
    reference_probabilities: tuple[float, ...]


@dataclass(frozen=True)
class Phase:
    """Which component adaptive polyphase sampling keeps now: that of the even (0) or odd (1) rows and cols.

    `tied` says that others had the same norm; the first of them was taken.
    """

    row: int
    col: int
    tied: bool = False


@dataclass(frozen=True)
class Side:
    """What is known of one network for this request."""

    stages: tuple[StageInfo, ...]
    measures: tuple[StageMeasure, ...]
    levels: Mapping[str, tuple[Levels, ...]]
    head: HeadValues | None = None
    windowed: bool = False
    """Whether the windowed forward was taken (the status bar's tooltip says so)."""
    note: str = ""
    phases: Mapping[str, Phase] = field(default_factory=lambda: MappingProxyType[str, Phase]({}))
    """For each stage of adaptive polyphase sampling what it keeps."""


@dataclass(frozen=True)
class Snapshot:
    """The answer to a request: finished pictures, measures, heads, and the time it took.

    A picture that cannot be made (a stage or channels that the networks do not have) is left out.
    `forward_seconds` is rasterising and running the present scene, all networks together; where nothing
    had to be run anew, what it took last. The pictures' arrays are used again when nobody holds them:
    hold the Picture as long as a QImage stands on its memory.
    """

    request: Request
    sides: tuple[Side, ...]
    pictures: Mapping[PictureRequest, Picture]
    inspected: tuple[Inspected, ...] = ()
    forward_seconds: float = 0.0
    total_seconds: float = 0.0

    @property
    def levels(self) -> FrozenLevels:
        """Every stage's ranges, in the form a later request can freeze."""
        return MappingProxyType(
            {(index, name): levels for index, side in enumerate(self.sides) for name, levels in side.levels.items()}
        )


@dataclass(frozen=True)
class Failure:
    """A request that could not be answered: one line for the window, the whole traceback for the log."""

    request: Request | None
    message: str
    traceback: str


@dataclass(frozen=True)
class Progress:
    """Where a long job stands: steps done of how many, and words."""

    done: int
    total: int
    words: str = ""
