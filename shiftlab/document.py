"""The whole state of a lab as one frozen value: present scene, reference scene, networks, lenses.

Undo is a stack of Documents, a session file is a Document, a screenshot carries one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args

from shiftlab.network.weights import Network
from shiftlab.scene.translation import Displacement, NoDisplacement, displacement
from shiftlab.scene.values import Background, Border, Placed, Position, Scene

if TYPE_CHECKING:
    from shiftlab.learn.draft import Draft  # named here alone: the window starts without what a training needs

View = Literal["now", "reference", "changed", "left"]
ColourScope = Literal["channel", "stage", "network"]
ErrorForm = Literal["grid", "fractional"]
StageKey = tuple[int, str]
"""Index of the network (0 is A, 1 is B) and the stage's name."""


@dataclass(frozen=True)
class Pin:
    """A cell of a map that is held: (row, col) in cells of `channel` of a stage."""

    network: int
    stage: str
    channel: int
    cell: tuple[int, int]


@dataclass(frozen=True)
class Lenses:
    """How the lab is looked at: everything that changes the picture but not what is computed.

    Attributes
    ----------
    view, views : the view of the whole strip, and of single stages that differ from it.
    scope : what shares one colour range.
    tile : side of a channel's tile in logical pixels; None for automatic.
    form, plain : which form of the equivariance error the gauges show, background-referenced or plain.
    hidden, collapsed : stages left out, or shrunk to a chip.
    enlarged : the one stage that fills the strip.
    channels : the selected channel of a stage (inspector).
    pin : the pinned cell.
    selection : indices of the selected patterns.
    """

    view: View = "now"
    views: Mapping[StageKey, View] = field(default_factory=lambda: MappingProxyType[StageKey, View]({}))
    scope: ColourScope = "stage"
    tile: int | None = None
    form: ErrorForm = "grid"
    plain: bool = False
    hidden: frozenset[StageKey] = frozenset()
    collapsed: frozenset[StageKey] = frozenset()
    enlarged: StageKey | None = None
    channels: Mapping[StageKey, int] = field(default_factory=lambda: MappingProxyType[StageKey, int]({}))
    pin: Pin | None = None
    selection: frozenset[int] = frozenset({0})

    def __post_init__(self) -> None:
        for view in (self.view, *self.views.values()):
            if view not in get_args(View):
                raise ValueError(f"view must be one of {', '.join(get_args(View))}, not {view!r}")
        if self.scope not in get_args(ColourScope):
            raise ValueError(f"scope must be one of {', '.join(get_args(ColourScope))}, not {self.scope!r}")
        if self.tile is not None and self.tile not in (16, 32, 64, 128):
            raise ValueError(f"tile must be 16, 32, 64 or 128 px, not {self.tile}")

    def view_of(self, key: StageKey) -> View:
        return self.views.get(key, self.view)


@dataclass(frozen=True)
class Document:
    """The state of a lab.

    Attributes
    ----------
    scene, reference : Scene
        What is looked at now, and the whole scene that it is compared with.
    networks : tuple of one Network or two (A, or A beside B)
    lenses : Lenses
    path : tuple of (row, col)
        A recorded path of the selected pattern's centre, empty where none was recorded.
    training : Draft or None
        What a network of the lab is to learn, where a person has put that together.
    """

    scene: Scene
    reference: Scene
    networks: tuple[Network, ...]
    lenses: Lenses = field(default_factory=Lenses)
    path: tuple[Position, ...] = ()
    training: Draft | None = None

    def __post_init__(self) -> None:
        if len(self.networks) not in (1, 2):
            raise ValueError(f"a document holds one network or two, not {len(self.networks)}")
        if any(not 0 <= index < len(self.scene.placed) for index in self.lenses.selection):
            kept = frozenset(index for index in self.lenses.selection if 0 <= index < len(self.scene.placed))
            object.__setattr__(self, "lenses", dataclasses.replace(self.lenses, selection=kept))
        if self.training is not None and self.training.network >= len(self.networks):
            object.__setattr__(self, "training", dataclasses.replace(self.training, network=0))

    @cached_property
    def displacement(self) -> Displacement | NoDisplacement:
        return displacement(self.scene, self.reference)

    def with_scene(self, scene: Scene) -> Document:
        """Another present scene; the reference stays. The same object where nothing changes."""
        return self if scene == self.scene else dataclasses.replace(self, scene=scene)

    def with_reference_here(self) -> Document:
        """The present scene becomes the reference."""
        return self if self.reference == self.scene else dataclasses.replace(self, reference=self.scene)

    def back_to_reference(self) -> Document:
        """The present scene becomes the reference again."""
        return self.with_scene(self.reference)

    def with_lenses(self, **changes: object) -> Document:
        lenses = dataclasses.replace(self.lenses, **changes)  # pyright: ignore[reportArgumentType]
        return self if lenses == self.lenses else dataclasses.replace(self, lenses=lenses)

    def with_networks(self, networks: tuple[Network, ...]) -> Document:
        return self if networks == self.networks else dataclasses.replace(self, networks=networks)

    def with_training(self, training: Draft | None) -> Document:
        return self if training == self.training else dataclasses.replace(self, training=training)

    def with_both_scenes(self, change: Callable[[Scene], Scene]) -> Document:
        """Apply to both scenes what is no displacement: canvas, border, background, patterns."""
        scene, reference = change(self.scene), change(self.reference)
        if (scene, reference) == (self.scene, self.reference):
            return self
        return dataclasses.replace(self, scene=scene, reference=reference)

    def with_look(self, index: int, change: Callable[[Placed], Placed]) -> Document:
        """Change how pattern `index` looks (size, turn, ...) in both scenes; in each it keeps its place."""

        def apply(scene: Scene) -> Scene:
            if index >= len(scene.placed):
                return scene
            return scene.with_placed(index, dataclasses.replace(change(scene.placed[index]), at=scene.placed[index].at))

        return self.with_both_scenes(apply)

    def with_added(self, placed: Placed) -> Document:
        """One more pattern, in both scenes at the same place, and selected."""
        added = self.with_both_scenes(lambda scene: dataclasses.replace(scene, placed=(*scene.placed, placed)))
        return added.with_lenses(selection=frozenset({len(added.scene.placed) - 1}))

    def without_selected(self) -> Document:
        """The selected patterns are taken from both scenes."""
        gone = self.lenses.selection
        if not gone:
            return self
        kept = self.with_lenses(selection=frozenset[int]())
        return kept.with_both_scenes(
            lambda scene: dataclasses.replace(
                scene, placed=tuple(one for index, one in enumerate(scene.placed) if index not in gone)
            )
        )

    def with_border(self, border: Border) -> Document:
        return self.with_both_scenes(lambda scene: dataclasses.replace(scene, border=border))

    def with_background(self, background: Background) -> Document:
        return self.with_both_scenes(lambda scene: dataclasses.replace(scene, background=background))

    def with_canvas(self, size: tuple[int, int]) -> Document:
        """Another canvas size; patterns keep their place relative to the centre of the canvas."""

        def resize(scene: Scene) -> Scene:
            if scene.size == size:
                return scene
            by = (size[0] // 2 - scene.size[0] // 2, size[1] // 2 - scene.size[1] // 2)
            return dataclasses.replace(scene, size=size).moved((float(by[0]), float(by[1])))

        return self.with_both_scenes(resize)
