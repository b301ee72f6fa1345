"""The effective receptive field: how strongly each pixel of the canvas moves one cell (Luo et al. 2016)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from shiftlab.network.modules import Forward
from shiftlab.network.spec import NetworkError, Pair

THRESHOLD = 0.0455
"""Luo et al. count the pixels above 1 - 95.45 % of the largest, two standard deviations of a Gaussian."""
MOST_CHANNELS = 16
"""How many channels are averaged where none is named; of more, evenly spaced ones are taken."""


@dataclass(frozen=True, eq=False)
class EffectiveField:
    """The gradient of a cell of a stage with respect to the canvas.

    Attributes
    ----------
    stage : str
    cell : (row, col)
    gradient : (H, W) float32, read-only
        |dy/dx|, the mean over the channels looked at, the sum over colours.
    side : float
        sqrt of the number of pixels above 4.55 % of the largest; 0 where nothing moves the cell.
    theoretical : (rows, cols) or None
        The receptive field by arithmetic, for comparison.
    """

    stage: str
    cell: Pair
    gradient: NDArray[np.float32]
    side: float
    theoretical: Pair | None


def effective_field(
    forward: Forward,
    image: NDArray[Any],
    stage: str,
    cell: Pair | None = None,
    channel: int | None = None,
) -> EffectiveField:
    """The effective receptive field of a cell on an image (the gradient depends on which ReLUs are open there).

    Parameters
    ----------
    forward : Forward
    image : (C, H, W)
    stage : name of a stage
    cell : (row, col), optional
        The central one where left out.
    channel : int, optional
        One channel; else the mean over up to 16.

    Raises
    ------
    NetworkError
        For a stage, cell or channel that does not exist.
    """
    index = forward.index(stage)
    info = forward.stages[index]
    cell = (info.size[0] // 2, info.size[1] // 2) if cell is None else cell
    if not (0 <= cell[0] < info.size[0] and 0 <= cell[1] < info.size[1]):
        raise NetworkError(f"{stage} has {info.size[0]}x{info.size[1]} cells, none at ({cell[0]}, {cell[1]})")
    if channel is None:
        channels = sorted(set(np.linspace(0, info.channels - 1, min(info.channels, MOST_CHANNELS)).round().astype(int)))
    elif 0 <= channel < info.channels:
        channels = [channel]
    else:
        raise NetworkError(f"{stage} has {info.channels} channels, none numbered {channel}")
    # a fresh tensor: one made under inference mode could not be differentiated
    with torch.inference_mode(False), torch.enable_grad():
        given = torch.tensor(image, dtype=forward.dtype, device=forward.device)[None].requires_grad_()
        values = given
        for layer in range(index + 1):
            values = forward.run(layer, values, grad=True)
        gradient = np.zeros(forward.canvas, dtype=np.float64)
        for one in channels:
            (found,) = torch.autograd.grad(values[0, one, cell[0], cell[1]], given, retain_graph=True)
            gradient += found[0].abs().sum(0).cpu().numpy()
    mean = (gradient / len(channels)).astype(np.float32)
    mean.flags.writeable = False
    return EffectiveField(stage, cell, mean, effective_side(mean), info.receptive_field)


def effective_side(gradient: NDArray[Any]) -> float:
    """sqrt(#{pixels above 4.55 % of the largest}) of a non-negative gradient (Luo et al. 2016)."""
    largest = float(gradient.max())
    return math.sqrt(int((gradient > THRESHOLD * largest).sum())) if largest > 0 else 0.0
