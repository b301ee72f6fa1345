"""What the hands do to a document: moving, turning, jumping. Functions from a Document to a Document."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

from shiftlab.document import Document
from shiftlab.network import geometry, presets
from shiftlab.network.info import StageInfo
from shiftlab.network.spec import NetworkError, NetworkSpec
from shiftlab.scene import path as ways
from shiftlab.scene.resample import stamp
from shiftlab.scene.values import Pattern, Placed, Position, Scene

NEAR = 4.0
"""Pixels: a jump shorter than this would look like none."""


def stages_of(document: Document) -> tuple[tuple[StageInfo, ...], ...]:
    """The stages of each network on this canvas; empty for one that cannot be (its error is the worker's to say)."""
    return tuple(_stages(network.spec, document.scene.size) for network in document.networks)


def _stages(spec: NetworkSpec, canvas: tuple[int, int]) -> tuple[StageInfo, ...]:
    try:
        return geometry.stages(spec, canvas)
    except NetworkError:
        return ()


def deepest(document: Document) -> StageInfo | None:
    """The last stage of A that still has places."""
    placed = [stage for stage in stages_of(document)[0] if stage.stride is not None]
    return placed[-1] if placed else None


def deepest_stride(document: Document) -> tuple[int, int]:
    """Its cumulative stride in canvas pixels; (1, 1) where there is none."""
    stage = deepest(document)
    return stage.stride if stage is not None and stage.stride is not None else (1, 1)


def moving(document: Document) -> frozenset[int]:
    """The patterns that a move takes along: the selected ones, or all where none is selected."""
    return document.lenses.selection or frozenset(range(len(document.scene.placed)))


def lead(document: Document) -> int | None:
    """The pattern whose figures the fields show: the first of those that move."""
    indices = moving(document)
    return min(indices) if indices else None


def moved(document: Document, by: Position) -> Document:
    """The selected patterns moved by (rows, cols) in the present scene."""
    return document.with_scene(document.scene.moved(by, moving(document)))


def dragged(start: Document, by: Position, *, whole: bool, stride: tuple[int, int] | None = None) -> Document:
    """`start` with its selected patterns dragged by a pointer's way.

    Parameters
    ----------
    whole : bool
        Whether the lead stands on whole pixels afterwards.
    stride : (rows, cols) or None
        Snap the displacement from the reference to multiples of it.
    """
    index = lead(start)
    if index is None:
        return start
    at = start.scene.placed[index].at
    target = (at[0] + by[0], at[1] + by[1])
    if stride is not None and index < len(start.reference.placed):
        target = ways.snapped(target, start.reference.placed[index].at, stride)
    elif whole:
        target = (_half_up(target[0]), _half_up(target[1]))
    return moved(start, (target[0] - at[0], target[1] - at[1]))


def _half_up(value: float) -> float:
    return float(math.floor(value + 0.5))


def placed_at(document: Document, at: Position) -> Document:
    """The selected patterns moved so that the lead stands at `at`."""
    index = lead(document)
    if index is None:
        return document
    now = document.scene.placed[index].at
    return moved(document, (at[0] - now[0], at[1] - now[1]))


def reference_at(document: Document, at: Position) -> Document:
    """The reference's patterns moved by one vector so that its lead stands at `at`."""
    index = lead(document)
    if index is None or index >= len(document.reference.placed):
        return document
    now = document.reference.placed[index].at
    reference = document.reference.moved((at[0] - now[0], at[1] - now[1]))
    return document if reference == document.reference else dataclasses.replace(document, reference=reference)


def looking(document: Document, change: Callable[[Placed], Placed]) -> Document:
    """Change how every selected pattern looks, in both scenes."""
    for index in sorted(moving(document)):
        document = document.with_look(index, change)
    return document


def jump_target(document: Document) -> Position | None:
    """Where the lead stands after a jump: the opposite corner; from the middle, the lower right corner."""
    index = lead(document)
    if index is None:
        return None
    scene = document.scene
    one = scene.placed[index]
    target = ways.opposite_corner(scene, one)
    if math.dist(target, one.at) >= NEAR:
        return target
    height, width = stamp(one).whole
    return float(scene.size[0] - height + height // 2), float(scene.size[1] - width + width // 2)


def path_of(document: Document) -> tuple[Position, ...]:
    """The steps of the recorded path; where none was recorded, from the reference one deepest stride to the right."""
    if document.path:
        return ways.Path(document.path).steps
    index = lead(document)
    if index is None or index >= len(document.reference.placed):
        return ()
    row, col = document.reference.placed[index].at
    return tuple((row, col + step) for step in range(max(8, deepest_stride(document)[1]) + 1))


def nearest_step(path: tuple[Position, ...], at: Position, size: tuple[int, int] | None = None) -> int | None:
    """The step of `path` that stands at `at` (on a wrapped canvas of `size`); None where it is elsewhere."""
    for step, (row, col) in enumerate(path):
        by = (row - at[0], col - at[1])
        if size is not None:
            by = (math.remainder(by[0], size[0]), math.remainder(by[1], size[1]))
        if max(abs(by[0]), abs(by[1])) < 1e-6:
            return step
    return None


def added(document: Document, pattern: Pattern, size: int) -> Document:
    """One more pattern: in the middle of the canvas, or, so that it covers none that stands there, in a quarter."""
    rows, cols = document.scene.size
    taken = {one.at for one in document.scene.placed}
    places = [(rows * down / 4, cols * right / 4) for down, right in ((2, 2), (3, 3), (1, 1), (3, 1), (1, 3))]
    free = [at for at in ((_half_up(row), _half_up(col)) for row, col in places) if at not in taken]
    at = free[0] if free else (float(rows // 2), float(cols // 2))
    return document.with_added(Placed(pattern, at=at, size=min(size, max(rows, cols))))


def swapped(document: Document, pattern: Pattern, size: int) -> Document:
    """Another pattern in the place of the lead, in both scenes; added where there is none."""
    index = lead(document)
    if index is None:
        return added(document, pattern, size)
    return document.with_look(
        index, lambda one: dataclasses.replace(one, pattern=pattern, size=min(size, max(document.scene.size)))
    )


def with_spec(document: Document, spec: NetworkSpec) -> Document:
    """Another network A; the canvas follows where the network wants one of its own, and back to 64x64 after it.

    The patterns keep their share of the canvas. Lenses that speak of single stages are let go.
    """
    from shiftlab.opening import CANVAS

    before = document.networks[0].spec.canvas
    wanted = spec.canvas or (CANVAS if before is not None and document.scene.size == before else None)
    document = document.with_networks((presets.with_weights(spec), *document.networks[1:])).with_lenses(
        views={}, hidden=frozenset(), collapsed=frozenset(), enlarged=None, channels={}, pin=None
    )
    if wanted is None or wanted == document.scene.size:
        return document
    return document.with_both_scenes(lambda scene: rescaled(scene, wanted))


def on_stage(document: Document) -> Document:
    """The document with the scene that its trained network A knows: a 20 px cat on black, the parts of a face.

    What lies on a black canvas of this size without wrapping stays as it is, where it is as large.
    """
    from shiftlab.learn.plans import plan_of_name
    from shiftlab.learn.scenes import scene_of

    plan = plan_of_name(document.networks[0].spec.name)
    if plan is None:
        return document
    scene, now = scene_of(plan), document.scene
    sizes = [one.size for one in now.placed]
    if (now.size, now.border, now.background) == (scene.size, scene.border, scene.background) and sizes == [
        one.size for one in scene.placed
    ]:
        return document
    return dataclasses.replace(document, scene=scene, reference=scene, path=())


def rescaled(scene: Scene, size: tuple[int, int]) -> Scene:
    """The scene on a canvas of another size, everything in proportion; places on whole pixels stay on them."""
    factor = (size[0] / scene.size[0], size[1] / scene.size[1])
    shorter = min(factor)

    def scaled(one: Placed) -> Placed:
        at = (one.at[0] * factor[0], one.at[1] * factor[1])
        if one.on_pixels:
            at = (_half_up(at[0]), _half_up(at[1]))
        return dataclasses.replace(one, at=at, size=max(1, round(one.size * shorter)))

    return dataclasses.replace(scene, size=size, placed=tuple(scaled(one) for one in scene.placed))


def on_pixels(document: Document) -> Document:
    """Every pattern of both scenes on the nearest whole pixel."""

    def whole(scene: Scene) -> Scene:
        return dataclasses.replace(
            scene,
            placed=tuple(
                dataclasses.replace(one, at=(_half_up(one.at[0]), _half_up(one.at[1]))) for one in scene.placed
            ),
        )

    return document.with_both_scenes(whole)
