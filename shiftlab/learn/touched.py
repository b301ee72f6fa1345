"""Which cells of a map met a training pixel, and what became of the dense weights that read the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shiftlab.network.geometry import cells_seeing, stages
from shiftlab.network.initial import materialise
from shiftlab.network.spec import NetworkError, NetworkSpec
from shiftlab.network.weights import Network

Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]


def touched_cells(spec: NetworkSpec, canvas: tuple[int, int], pixels: Mask, stage: str) -> Mask:
    """The cells (h, w) of a stage whose receptive field holds one of the marked pixels (H, W).

    Raises
    ------
    NetworkError
        For a stage that does not exist or has no places.
    """
    info = next((one for one in stages(spec, canvas) if one.name == stage), None)
    if info is None or info.stride is None:
        raise NetworkError(f"no stage {stage!r} with places in {spec.name}")
    # Windows are products of intervals: what a pixel reaches is, too.
    rows = np.stack([cells_seeing(spec, canvas, (row, 0))[stage][0] for row in range(canvas[0])])
    cols = np.stack([cells_seeing(spec, canvas, (0, col))[stage][1] for col in range(canvas[1])])
    return (rows.T.astype(np.int64) @ pixels.astype(np.int64) @ cols.astype(np.int64)) > 0


def seen_pixels(images: Floats) -> Mask:
    """The pixels (H, W) that are not black in any of the images (N, C, H, W)."""
    return (images != 0).any(axis=(0, 1))


def box_of(mask: Mask) -> tuple[int, int, int, int]:
    """First row, end row, first column, end column of the box about the marked pixels.

    Raises
    ------
    ValueError
        Where none is marked.
    """
    if not mask.any():
        raise ValueError("mask marks no pixel: there is no box about it")
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(rows[0]), int(rows[-1]) + 1, int(cols[0]), int(cols[-1]) + 1


def dense_over_places(spec: NetworkSpec) -> tuple[str, str] | None:
    """Names of the dense stage that reads a flattened map, and of the stage of that map; None where there is none."""
    names = spec.stage_names
    kinds = [layer.kind for layer in spec.active]
    for index in range(2, len(kinds)):
        if kinds[index] == "dense" and kinds[index - 1] == "flatten":
            return names[index], names[index - 2]
    return None


def weight_map(network: Network, canvas: tuple[int, int]) -> Floats:
    """The dense weights over places (units, channels, h, w).

    Raises
    ------
    NetworkError
        For a network whose dense layer does not read a flattened map.
    """
    found = dense_over_places(network.spec)
    if found is None:
        raise NetworkError(f"{network.spec.name} has no dense layer over places")
    info = next(one for one in stages(network.spec, canvas) if one.name == found[1])
    weight = materialise(network, canvas).arrays[f"{found[0]}.weight"]
    return weight.reshape(len(weight), info.channels, *info.size)


def untouched_change(before: Network, after: Network, canvas: tuple[int, int], pixels: Mask) -> float | None:
    """max |W after - W before| over the dense weights of cells that met no marked pixel.

    None where no dense layer reads a flattened map, or every cell met one.
    """
    found = dense_over_places(before.spec)
    if found is None:
        return None
    untouched = ~touched_cells(before.spec, canvas, pixels, found[1])
    if not untouched.any():
        return None
    change = np.abs(weight_map(after, canvas) - weight_map(before, canvas))
    return float(change[:, :, untouched].max())
