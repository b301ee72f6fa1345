"""A network that follows the scene through a drag, computing only what a move can have changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from shiftlab.engine.stage_maps import Change
from shiftlab.measure.moving import as_map
from shiftlab.network.modules import Forward
from shiftlab.network.spec import Pair
from shiftlab.network.weights import Network
from shiftlab.network.windowed import Area, Proofs, WindowedForward
from shiftlab.scene.dirty import dirty_boxes, drawn_boxes
from shiftlab.scene.raster import Raster, rasterise
from shiftlab.scene.values import Scene

Maps = Mapping[str, NDArray[np.float32]]
FIRST_MOVES = sorted(((float(rows), float(cols)) for rows in range(5) for cols in range(5) if rows or cols), key=sum)
"""Pixels by which a drag may begin, the shortest first: how a hand moves from one frame to the next."""
MOST_PREPARED = 4
"""Patterns for which a drag is prepared."""


class Follower:
    """The maps of a network, kept at the present scene.

    Parameters
    ----------
    network : Network
    canvas : (rows, cols)
    device : str
    proofs : dict
        What is known of the windows of networks of this spec, as `WindowedForward` takes it.

    Attributes
    ----------
    maps : mapping of str to array, (C, h, w)
        Of every stage; the next `follow` may write into them.
    seconds : float
        What rasterising and the forward took the last time.
    """

    def __init__(self, network: Network, canvas: Pair, device: str, proofs: dict[str, Proofs]) -> None:
        self._channels = network.spec.channels
        self._raster = Raster(self._channels)
        # Windows are for the CPU alone.
        self._windowed = WindowedForward(network, canvas, proofs) if device == "cpu" else None
        self._full = Forward(network, canvas, device=device) if self._windowed is None else None
        self._scene: Scene | None = None
        self._content = object()
        self._before: object = None
        self._areas: Mapping[str, tuple[Area, ...]] = {}
        self._seen: list[tuple[Scene, Mapping[str, tuple[Area, ...]]]] = []
        self.maps: Maps = {}
        self.seconds = 0.0

    @property
    def windowed(self) -> bool:
        return self._windowed is not None and self._windowed.windowed

    def follow(self, scene: Scene) -> None:
        """Bring `maps` to this scene; `seconds` is then what rasterising and the forward took."""
        before, self._scene = self._scene, None
        if before == scene:
            self._scene = scene
            return
        begun = time.perf_counter()
        # After an exception nothing is known of what the buffers hold: that content has no name.
        self._before, self._content = None if before is None else self._content, object()
        boxes = None if before is None else dirty_boxes(before, scene)
        image = self._raster.drawn(scene, boxes)
        if self._windowed is not None:
            self._windowed.update(image, boxes)
            self.maps = self._windowed.arrays
            self._areas = self._windowed.dirty
            if boxes and not self._windowed.windowed:
                # After a whole forward, too, the maps are others only where the change can reach.
                self._areas = self._windowed.reach(boxes)
        else:
            assert self._full is not None
            self._before = None
            self.maps = {name: as_map(values) for name, values in self._full.maps(image).items()}
        self.seconds = time.perf_counter() - begun
        self._scene = scene

    def prepare(self, check: Callable[[], None]) -> None:
        """Do beforehand what the first moves of a drag would wait for."""
        scene = self._scene
        if self._windowed is None or scene is None:
            return
        moves = [
            dirty_boxes(scene, scene.moved(by, frozenset({index})))
            for by in FIRST_MOVES
            for index in range(min(len(scene.placed), MOST_PREPARED))
        ]
        self._windowed.prepare(self.image(), moves, check)

    def image(self) -> NDArray[np.float32]:
        """The present scene as the network sees it, (channels, rows, cols)."""
        assert self._scene is not None
        return rasterise(self._scene, self._channels)

    def seen(self, scene: Scene) -> Mapping[str, tuple[Area, ...]] | None:
        """The cells outside of which the maps of a scene are those of the blank one; None where that is not known."""
        if self._windowed is None:
            return None
        for known, areas in self._seen:
            if known is scene:
                return areas
        areas = self._windowed.reach(drawn_boxes(scene))
        # that of the present scene and that of the reference
        self._seen = [*self._seen[-1:], (scene, areas)]
        return areas

    def change(self, name: str) -> Change:
        """How the map of a stage came about."""
        if self._before is None:
            return Change(self._content)
        return Change(self._content, self._before, self._areas[name])
