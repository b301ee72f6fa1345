"""Scenes and a network in, measures out: what the command line, the window's worker and notebooks call."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import torch

from shiftlab.measure.cause import Pieces, with_causes
from shiftlab.measure.energy import Array
from shiftlab.measure.equivariance import Comparison
from shiftlab.measure.masks import wrapping
from shiftlab.measure.values import StageMeasure
from shiftlab.network.geometry import CANVAS
from shiftlab.network.info import StageInfo
from shiftlab.network.modules import Forward
from shiftlab.network.weights import Network
from shiftlab.scene.raster import rasterise
from shiftlab.scene.translation import Displacement, NoDisplacement, displacement
from shiftlab.scene.values import Scene

Precision = Literal["float32", "float64"]
DTYPES: dict[Precision, tuple[torch.dtype, type[np.floating[Any]]]] = {
    "float32": (torch.float32, np.float32),
    "float64": (torch.float64, np.float64),
}


class Runner:
    """Runs single layers of a `Forward` on arrays, as `cause.Layers` wants it."""

    def __init__(self, forward: Forward) -> None:
        self._forward = forward

    def run(self, index: int, values: Array, stride_1: bool = False) -> Array:
        layer = self._forward.run_at_stride_1 if stride_1 else self._forward.run
        given = torch.tensor(values, device=self._forward.device, dtype=self._forward.dtype)
        return layer(index, given[None])[0].cpu().numpy()


def blank(scene: Scene) -> Scene:
    """The scene with nothing on it."""
    return dataclasses.replace(scene, placed=())


class AtReference:
    """One network looking at one reference scene, ready for every present scene of a drag.

    Parameters
    ----------
    forward : Forward
    reference : Scene
        Of the forward's canvas.

    Attributes
    ----------
    forward, reference : as given
    maps, blank_maps : dict from stage name to (C, H, W) array
        Also the image itself, under `geometry.CANVAS`.
    rings : tuple of bool
        For the canvas and then every stage, whether it is a ring.
    comparison : Comparison

    Raises
    ------
    ValueError
        Where the scene's canvas is not the forward's.
    """

    def __init__(self, forward: Forward, reference: Scene) -> None:
        if reference.size != forward.canvas:
            raise ValueError(f"reference must have a canvas of {forward.canvas}, not {reference.size}")
        self.forward, self.reference = forward, reference
        spec = forward.network.spec
        self.rings = (reference.border == "wrap", *wrapping(spec, reference.size, reference.border))
        self.maps, self.blank_maps = self.look(reference), self.look(blank(reference))
        self.comparison = Comparison(forward.stages, self.maps, self.blank_maps, reference.size, self.rings[1:])

    def image(self, scene: Scene) -> Array:
        """A scene as this network is shown it, (C, H, W) in its precision."""
        dtype = np.float64 if self.forward.dtype == torch.float64 else np.float32
        return rasterise(scene, self.forward.network.spec.channels, dtype)

    def look(self, scene: Scene) -> dict[str, Array]:
        """The image of a scene and every stage's map, (C, H, W)."""
        image = self.image(scene)
        maps = self.forward.maps(image)
        return {CANVAS: image} | {name: values[0].cpu().numpy() for name, values in maps.items()}

    def measure(
        self, present: Scene | Mapping[str, Any], by: Displacement | NoDisplacement | None = None
    ) -> tuple[StageMeasure, ...]:
        """All live measures of every stage.

        Parameters
        ----------
        present : Scene, or mapping from stage name to map
            Maps, where they are computed already, come with their displacement `by`.
        """
        if isinstance(present, Scene):
            return self.comparison.measure(self.look(present), displacement(present, self.reference))
        if by is None:
            raise ValueError("by must be given with maps")
        return self.comparison.measure(present, by)

    def explain(
        self, measures: tuple[StageMeasure, ...], by: Displacement | NoDisplacement
    ) -> tuple[StageMeasure, ...]:
        """The same measures with own errors and causes; runs every layer once or twice more."""
        spec = self.forward.network.spec
        pieces = Pieces(spec, self.forward.stages, self.maps, self.blank_maps, self.rings)
        return with_causes(pieces, measures, by, Runner(self.forward))


def measure_pair(
    network: Network,
    scene: Scene,
    reference: Scene,
    dtype: Precision = "float32",
    causes: bool = True,
    device: str = "cpu",
) -> tuple[tuple[StageInfo, ...], tuple[StageMeasure, ...]]:
    """Every stage's facts and measures between a reference scene and a present one.

    Parameters
    ----------
    network : Network
    scene, reference : Scene
        The present and the reference, of one canvas.
    dtype : 'float32' or 'float64'
        What is computed in; exact claims hold to 1e-5 or 1e-12.
    causes : bool
        Whether causes are found too.
    device : str
        What it is computed on, in torch's words.

    Raises
    ------
    NetworkError
        A network that cannot be built on this canvas.
    ValueError
        Scenes of two canvas sizes.

    Examples
    --------
    >>> from shiftlab.network.presets import preset
    >>> from shiftlab.network.weights import Network
    >>> from shiftlab.scene.patterns import builtin
    >>> from shiftlab.scene.values import Placed, Scene
    >>> reference = Scene(placed=(Placed(builtin("cat"), (32, 32), 34),))
    >>> stages, measures = measure_pair(Network(preset("three-blocks")), reference.moved((0, 3)), reference)
    >>> [cause.words for cause in measures[2].causes]
    ['phase · 1.5 cells']
    """
    if scene.size != reference.size:
        raise ValueError(f"scene must have the reference's canvas of {reference.size}, not {scene.size}")
    place = AtReference(Forward(network, reference.size, DTYPES[dtype][0], device), reference)
    measures = place.measure(scene)
    if causes:
        measures = place.explain(measures, displacement(scene, reference))
    return place.forward.stages, measures
