"""What a head answers with the object at every place of the canvas.

On a level ground the maps round an object depend on its place only through its phase, the place modulo
the cumulative stride, as long as none of the cells that see it also sees the border. So an axis has a
few places near either border and one for each phase in between, on a canvas of any size, and the forward
is run once for every distinct place (`phases`).

Where this does not hold (a ground that is not level, adaptive polyphase sampling, whose choice looks at
all places, a head of another build) the object is moved from place to place and followed by the
windowed forward.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from shiftlab.measure.body import taken_apart
from shiftlab.measure.jobs import Step
from shiftlab.measure.phases import by_phases
from shiftlab.network.modules import Forward
from shiftlab.network.spec import NetworkError, Polyphase
from shiftlab.network.weights import Network
from shiftlab.network.windowed import WindowedForward

Floats = NDArray[np.float32]
Way = Literal["phases", "windows"]


@dataclass(frozen=True, eq=False)
class Sweep:
    """A head's outputs for every place.

    Attributes
    ----------
    rows, cols : (R,) and (C,) int
        Where the object's first pixel stands.
    values : (R, C, K) float32
        The outputs of the last stage, its logits where it is a classifier.
    way : 'phases' or 'windows'
        Whether distinct places were enough, or each was computed.
    computed : int
        Forwards that were run.
    """

    rows: NDArray[np.intp]
    cols: NDArray[np.intp]
    values: Floats
    way: Way
    computed: int


Job = Generator[Step[None], None, Sweep]


def sweep(forward: Forward, patch: Floats, ground: float | Floats = 0.0) -> Job:
    """The outputs of a network's last stage with an object at every place where it lies wholly on the canvas.

    Parameters
    ----------
    forward : Forward
        A network that ends in a head (a stage without places).
    patch : (C, h, w)
        The object's pixels, with the ground where it is transparent.
    ground : float, or (C, H, W)
        What lies around.

    Yields
    ------
    Step
        How many distinct rows (or places) are done, of how many.

    Returns
    -------
    Sweep

    Raises
    ------
    NetworkError
        One line: a network without a head, or an object that does not fit the canvas.
    """
    spec, canvas = forward.network.spec, forward.canvas
    if not forward.stages or forward.stages[-1].stride is not None:
        raise NetworkError(f"{spec.name} has no head, whose outputs could be swept")
    if patch.ndim != 3 or patch.shape[0] != spec.channels or any(np.greater(patch.shape[1:], canvas)):
        raise NetworkError(f"an object of {patch.shape} does not fit {spec.channels} channels of {canvas}")
    level = np.ndim(ground) == 0 or bool((np.asarray(ground) == np.asarray(ground)[:, :1, :1]).all())
    whole = np.broadcast_to(np.asarray(ground, dtype=np.float32), (spec.channels, *canvas))
    adaptive = any(isinstance(layer, Polyphase) for layer in spec.active)
    apart = taken_apart(forward) if level and not adaptive else None
    if apart is None:
        values = yield from _in_windows(forward, patch, whole)
        way, computed = "windows", values.shape[0] * values.shape[1]
    else:
        values, computed = yield from by_phases(*apart, patch, whole)
        way = "phases"
    rows, cols = (np.arange(count, dtype=np.intp) for count in values.shape[:2])
    return Sweep(rows, cols, values, way, computed)


def _in_windows(forward: Forward, patch: Floats, ground: Floats) -> Generator[Step[None], None, Floats]:
    """Every place by itself, following the object."""
    canvas, (height, width) = forward.canvas, patch.shape[1:]
    rows, cols = canvas[0] - height + 1, canvas[1] - width + 1
    answer = _follower(forward)
    image = ground.copy()
    values = np.empty((rows, cols, forward.stages[-1].channels), dtype=np.float32)
    before: tuple[int, int, int, int] | None = None
    for row in range(rows):
        # to and fro, so that two places are always neighbours
        for col in range(cols) if row % 2 == 0 else reversed(range(cols)):
            if before is not None:
                top, left = before[:2]
                old = (slice(None), slice(top, top + height), slice(left, left + width))
                image[old] = ground[old]
            image[:, row : row + height, col : col + width] = patch
            here = (row, col, height, width)
            values[row, col] = answer(image, None if before is None else [before, here])
            before = here
        yield Step(row + 1, rows)
    return values


def _follower(forward: Forward) -> Callable[[Floats, list[tuple[int, int, int, int]] | None], Floats]:
    """A function of the image and of what changed in it that gives the last stage."""
    name = forward.names[-1]
    if forward.device.type != "cpu" or forward.dtype != torch.float32:
        return lambda image, _: forward.maps(image)[name].flatten().cpu().float().numpy()
    windowed = WindowedForward(Network(forward.network.spec, forward.weights()), forward.canvas)
    return lambda image, dirty: windowed.update(image, dirty)[name].flatten().numpy()
