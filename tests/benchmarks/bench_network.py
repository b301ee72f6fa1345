"""The forward and the windowed forward, against plain torch modules.

'naive' is the same network of `torch.nn` modules, batch 1, NCHW, one thread, all stages kept. A drag
update is rasterising, the window, and the measures. Moves are timed sixteen at a time, as they follow one
another in a drag: a naive forward between two of them would be paid for by the next, out of cold caches.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable
from dataclasses import replace

import msgspec
import numpy as np
import torch
from torch import nn

from shiftlab.measure.equivariance import Comparison
from shiftlab.measure.jobs import result_of
from shiftlab.measure.sweep import Sweep, sweep
from shiftlab.network import presets
from shiftlab.network.memory import keep_memory
from shiftlab.network.modules import Forward
from shiftlab.network.spec import (
    Activation,
    Conv,
    Dense,
    Flatten,
    GlobalAvg,
    LayerSpec,
    MaxPool,
    NetworkSpec,
    with_padding,
)
from shiftlab.network.weights import Network
from shiftlab.network.windowed import WindowedForward
from shiftlab.scene import patterns
from shiftlab.scene.dirty import dirty_boxes, drawn_boxes
from shiftlab.scene.raster import Raster, rasterise
from shiftlab.scene.translation import displacement
from shiftlab.scene.values import Placed, Scene
from tests.benchmarks.timing import Row, ratio, seconds, speed_up


def _module(layer: LayerSpec, channels: int) -> nn.Module:
    match layer:
        case Conv():
            return nn.Conv2d(
                channels, layer.channels, layer.kernel, layer.stride, padding=layer.padding, bias=layer.bias
            )
        case Activation():
            return nn.ReLU()
        case MaxPool():
            return nn.MaxPool2d(layer.kernel, layer.stride)
        case GlobalAvg():
            return nn.AdaptiveAvgPool2d(1)
        case Flatten():
            return nn.Flatten()
        case Dense():
            return nn.Sequential(nn.Flatten(), nn.LazyLinear(layer.units, bias=layer.bias))
        case _:
            raise ValueError(f"no plain module for {layer.kind}")


def naive(spec: NetworkSpec, canvas: tuple[int, int]) -> Callable[[], object]:
    """One plain forward of a network with zero padding, all stages kept."""
    modules: list[nn.Module] = []
    channels = spec.channels
    for layer in spec.active:
        modules.append(_module(layer, channels).eval())
        channels = layer.channels if isinstance(layer, Conv) else channels
    image = torch.rand(1, spec.channels, *canvas)

    def forward() -> list[torch.Tensor]:
        kept = [image]
        with torch.inference_mode():
            for module in modules:
                kept.append(module(kept[-1]))
        return kept

    forward()
    return forward


RUN = 16
"""Moves in a row."""


class Drag:
    """A pattern that moves a pixel or two at every call, with everything that one move costs."""

    def __init__(self, spec: NetworkSpec, canvas: tuple[int, int], size: int) -> None:
        network = Network(spec)
        middle = (canvas[0] // 2, canvas[1] // 2)
        cat = Placed(patterns.builtin("cat"), middle, size)
        self.reference = Scene(canvas, placed=(cat,), border="zero")
        self.scene = self.reference
        blank = replace(self.reference, placed=())
        self.forward, self.windowed = Forward(network, canvas), WindowedForward(network, canvas)
        maps = [self.forward.maps(self.image(scene)) for scene in (self.reference, blank)]
        self.comparison = Comparison(self.forward.stages, *maps, canvas, False)
        self.raster = Raster(spec.channels)
        self.raster.drawn(self.scene)
        around = [(0, 1), (1, 1), (2, 1), (2, 0), (1, -1), (0, -2), (-1, -1), (0, 0)]
        self._way = itertools.cycle([(middle[0] + row, middle[1] + col) for row, col in around])

    def image(self, scene: Scene) -> np.ndarray:
        return rasterise(scene, self.forward.network.spec.channels)

    def move(self) -> None:
        scene = self.scene.with_placed(0, replace(self.scene.placed[0], at=next(self._way)))
        dirty = dirty_boxes(self.scene, scene)
        self.windowed.update(self.raster.drawn(scene, dirty), dirty)
        areas = self.windowed.reach(drawn_boxes(scene))
        self.comparison.measure(self.windowed.arrays, displacement(scene, self.reference), areas)
        self.scene = scene

    def run(self) -> None:
        """A few moves in a row."""
        for _ in range(RUN):
            self.move()

    def check(self) -> None:
        """Windows are taken, with the bits of the full forward."""
        for _ in range(20):
            self.move()
        if "conv2" not in self.windowed.windowed_stages:
            raise RuntimeError("no window was taken")
        for name, value in self.forward.maps(self.image(self.scene)).items():
            if not torch.equal(value, self.windowed.maps[name]):
                raise RuntimeError(f"{name}: the window has other bits than the full forward")


NAIVE_PLACES = 40
"""Places of a sweep that the naive loop is timed on; its whole time is in proportion."""


def sweep_row(spec: NetworkSpec, side: int, reach: float) -> Row:
    """All places of a 32 px pattern, against one plain forward after another."""
    forward = Forward(Network(spec), (side, side))
    patch = rasterise(Scene((32, 32), placed=(Placed(patterns.builtin("cat"), (16, 16), 32),), border="zero"))
    full, places = naive(spec, (side, side)), (side - 31) ** 2

    def ours() -> Sweep:
        return result_of(sweep(forward, patch))

    found = ours()
    random = np.random.default_rng(0)
    worst = 0.0
    for row, col in random.integers(0, side - 31, (NAIVE_PLACES, 2)):
        image = np.zeros((1, side, side), dtype=np.float32)
        image[:, row : row + 32, col : col + 32] = patch
        expected = forward.maps(image)[forward.names[-1]].flatten().numpy()
        worst = max(worst, float(np.abs(found.values[row, col] - expected).max()))
    if worst > 1e-5:
        raise RuntimeError(f"the sweep's outputs are off by {worst:.1e}")
    per_place = statistics.median(seconds(full, NAIVE_PLACES) * places / seconds(ours) for _ in range(5))
    words = f"sweep of all {places:,} positions of b with a dense head at {side}², faster than the naive loop by"
    return Row(words, per_place, reach, at_most=False, note=f"naive timed on {NAIVE_PLACES} positions")


def rows() -> list[Row]:
    torch.set_num_threads(1)
    keep_memory()
    wide = with_padding(presets.preset("three-blocks-wide"), "zeros")
    vgg = presets.preset("vgg11")
    forward, image = Forward(Network(wide), (128, 128)), torch.rand(1, 128, 128)
    plain = {canvas: naive(wide, (canvas, canvas)) for canvas in (128, 512)}
    found = [
        Row(
            "forward of b (three-blocks-wide, 128²), against naive",
            ratio(lambda: forward.maps(image), plain[128]),
            0.45,
        )
    ]
    for words, spec, side, size, reach in (
        ("e (the same at 512²), 32 px pattern", wide, 512, 32, 25),
        ("b, 16 px pattern", wide, 128, 16, 4),
        ("c (vgg11, 224²), 16 px pattern", vgg, 224, 16, 6),
    ):
        drag = Drag(spec, (side, side), size)
        drag.check()
        full = plain[side] if spec is wide else naive(vgg, (side, side))
        rounds = 15 if spec is wide else 7
        speed = RUN * speed_up(drag.run, full, rounds)
        found.append(Row(f"drag update of {words}, faster than a naive forward by", speed, reach, at_most=False))
    head = msgspec.structs.replace(wide, layers=(*wide.layers, Flatten(), Dense(units=10)))
    return [*found, sweep_row(head, 128, 30), sweep_row(head, 512, 2500)]
