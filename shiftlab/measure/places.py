"""One number of a network for every place of a scene's pattern: what `shiftlab sweep` answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator
from dataclasses import dataclass

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from shiftlab.measure.jobs import Step
from shiftlab.measure.sweep import sweep
from shiftlab.network.geometry import stages
from shiftlab.network.initial import materialise
from shiftlab.network.modules import Forward
from shiftlab.network.spec import GlobalAvg, NetworkError
from shiftlab.network.weights import Network, Weights
from shiftlab.scene.raster import rasterise
from shiftlab.scene.resample import stamp
from shiftlab.scene.values import Scene


@dataclass(frozen=True, eq=False)
class Places:
    """Values (R, C, K) of K channels with the pattern's centre at (rows[i], cols[j]), in pixels."""

    rows: NDArray[np.intp]
    cols: NDArray[np.intp]
    values: NDArray[np.float32]


def up_to(network: Network, canvas: tuple[int, int], stage: str) -> Network:
    """The network as far as `stage`; where that has places, the mean over them of each channel is the answer.

    Raises
    ------
    NetworkError
        For a stage that does not exist.
    """
    names = network.spec.stage_names
    if stage not in names:
        raise NetworkError(f"no stage {stage!r}; there are {', '.join(names)}")
    kept = network.spec.active[: names.index(stage) + 1]
    placed = stages(network.spec, canvas)[names.index(stage)].stride is not None
    layers = (*kept, GlobalAvg()) if placed else kept
    spec = msgspec.structs.replace(network.spec, layers=layers, classes=())
    arrays = materialise(network, canvas).arrays
    kept_names = set(names[: names.index(stage) + 1])
    return Network(spec, Weights({name: arrays[name] for name in arrays if name.rpartition(".")[0] in kept_names}))


def over_places(
    network: Network, scene: Scene, stage: str | None = None, device: str = "cpu"
) -> Generator[Step[None], None, Places]:
    """What each channel of a stage answers with the scene's one pattern wholly on the canvas at every place.

    Parameters
    ----------
    network : Network
    scene : Scene
        With one pattern; where it stands does not matter.
    stage : name, optional
        Of a stage with places the mean of each channel is taken; by default the last stage.

    Yields
    ------
    Step

    Returns
    -------
    Places

    Raises
    ------
    NetworkError
        For a stage that does not exist, or a pattern larger than the canvas.
    ValueError
        Where the scene does not hold exactly one pattern.
    """
    if len(scene.placed) != 1:
        raise ValueError(f"a sweep moves one pattern, not {len(scene.placed)}")
    forward = Forward(network, scene.size, device=device)
    last = forward.stages[-1].name if forward.stages else ""
    if stage not in (None, last) or (forward.stages and forward.stages[-1].stride is not None):
        forward = Forward(up_to(network, scene.size, stage or last), scene.size, device=device)
    channels = network.spec.channels
    ground = rasterise(dataclasses.replace(scene, placed=()), channels)
    height, width = stamp(scene.placed[0]).whole
    if height > scene.size[0] or width > scene.size[1]:
        raise NetworkError(f"a pattern of {height}x{width} px does not fit a canvas of {scene.size[0]}x{scene.size[1]}")
    at = (float(height // 2), float(width // 2))
    there = dataclasses.replace(scene, placed=(dataclasses.replace(scene.placed[0], at=at),))
    patch = rasterise(there, channels)[:, :height, :width]
    with torch.inference_mode():
        found = yield from sweep(forward, np.ascontiguousarray(patch), ground)
    return Places(found.rows + height // 2, found.cols + width // 2, found.values)
