"""What adaptive polyphase sampling keeps is told with every answer."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from shiftlab.engine.backend import Backend
from shiftlab.engine.messages import Luts, Phase, Request
from shiftlab.network.modules import Forward
from shiftlab.network.presets import preset
from shiftlab.network.spec import Conv, NetworkSpec, Polyphase
from shiftlab.opening import opening_document
from shiftlab.scene.raster import rasterise
from shiftlab.scene.values import Scene

COLOURS = np.arange(256, dtype=np.uint32) + 0xFF000000
LUTS = Luts(COLOURS, COLOURS, ground=0xFF000000, nan=0xFFFF00FF)


def _largest(image: np.ndarray) -> tuple[int, int]:
    """The phase of largest norm, by trying all four."""
    norms = {(row, col): float((image[:, row::2, col::2].astype(float) ** 2).sum()) for col in (0, 1) for row in (0, 1)}
    return max(norms, key=lambda phase: norms[phase])


@pytest.mark.parametrize("by", [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (3.0, 5.0)])
def test_the_phase_is_that_of_the_largest_norm(by: tuple[float, float]) -> None:
    start = opening_document(preset("aps"), size=34)
    document = start.with_scene(start.scene.moved(by))
    side = Backend()(Request(1, document, (), LUTS)).sides[0]
    assert set(side.phases) == {"polyphase1", "polyphase2", "polyphase3"}
    maps = Forward(document.networks[0], (64, 64)).maps(rasterise(document.scene))
    for number, stage in enumerate(("relu1", "relu2", "relu3"), start=1):
        into = maps[stage].numpy()[0]
        wrapped = np.pad(into, ((0, 0), (0, 1), (0, 1)), mode="wrap")
        maxed = np.lib.stride_tricks.sliding_window_view(wrapped, (2, 2), (1, 2)).max((3, 4))
        found = side.phases[f"polyphase{number}"]
        assert (found.row, found.col) == _largest(maxed)


def test_a_tie_is_said() -> None:
    spec = NetworkSpec(name="bare", layers=(Polyphase(), Conv(channels=1, kernel=(1, 1))))
    document = opening_document(spec, size=34)
    blank = document.with_both_scenes(lambda scene: Scene(size=scene.size))
    assert Backend()(Request(1, blank, (), LUTS)).sides[0].phases == {"polyphase1": Phase(0, 0, tied=True)}
    side = Backend()(Request(1, document, (), LUTS)).sides[0]
    assert not side.phases["polyphase1"].tied
    row, col = _largest(torch.tensor(rasterise(document.scene)).numpy())
    assert (side.phases["polyphase1"].row, side.phases["polyphase1"].col) == (row, col)


def test_other_networks_have_none() -> None:
    assert Backend()(Request(1, opening_document(), (), LUTS)).sides[0].phases == {}


def test_the_cat_moves_along_exactly_at_every_whole_shift() -> None:
    """The grid error of `aps` on a wrapped scene; three-blocks: at multiples of 8."""
    exact: dict[str, set[tuple[int, int]]] = {}
    for name in ("aps", "three-blocks"):
        backend, start = Backend(), opening_document(preset(name), size=34)
        exact[name] = set()
        for down, right in [(down, right) for down in range(9) for right in (0, 1, 2, 5, 8)]:
            moved = start.with_scene(start.scene.moved((down, right)))
            measures = backend(Request(1, moved, (), LUTS)).sides[0].measures
            if all(one.equivariance.exact for one in measures if one.on_grid is not None):
                exact[name].add((down, right))
    assert len(exact["aps"]) == 45
    assert exact["three-blocks"] == {(0, 0), (0, 8), (8, 0), (8, 8)}
