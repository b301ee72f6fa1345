"""A stage with its maps, as pictures are made of them: how they came about, and how the reference moves along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from numpy.typing import NDArray

from shiftlab.document import ErrorForm
from shiftlab.measure.moving import moved
from shiftlab.measure.values import StageMeasure
from shiftlab.network.info import StageInfo
from shiftlab.picture.decimate import Area
from shiftlab.picture.levels import Levels
from shiftlab.scene.translation import Displacement, NoDisplacement

Map = NDArray[Any]


@dataclass(frozen=True)
class Along:
    """How the reference map of a stage is moved along: by `cells`, on a ring or not; or why it cannot be."""

    cells: tuple[float, float] | None
    ring: bool
    reason: str = ""

    def apply(self, reference: Map) -> Map:
        """The moved reference (C, h, w), NaN where it does not exist; only where `cells` is given.

        Raises
        ------
        ValueError
            Where there is no way to move it.
        """
        if self.cells is None:
            raise ValueError(self.reason)
        return moved(reference, self.cells, self.ring)


def along(
    info: StageInfo,
    measure: StageMeasure,
    displacement: Displacement | NoDisplacement,
    ring: bool,
    form: ErrorForm,
) -> Along:
    """How 'what is left' moves the reference: by the cells that gave the grid form, or by the fraction itself.

    The fractional form, and a sub-pixel shift, are defined on rings alone.
    """
    if isinstance(displacement, NoDisplacement) or info.stride is None:
        return Along(None, ring, measure.equivariance.reason)
    cells = displacement.cells(info.stride)
    if displacement.integer and not (form == "fractional" and ring):
        best = measure.best_shift
        return Along((round(cells[0]), round(cells[1])) if best is None else best, ring)
    return Along(cells, ring) if ring else Along(None, ring, measure.equivariance_fractional.reason)


class Change(NamedTuple):
    """How a map came about: its content is `now`, and differs from the content `before` in `areas` alone.

    Contents are named by objects that stand for them. `areas` are (top, left, height, width) in cells.
    """

    now: object
    before: object = None
    areas: Sequence[Area] = ()


class OverBlank(NamedTuple):
    """The map of the blank scene, and the areas outside of which those now and at the reference are the same."""

    blank: Map
    now: Sequence[Area]
    reference: Sequence[Area]


@dataclass(eq=False)
class StageMaps:
    """A stage with its maps now and at the reference, (C, h, w), and how the reference moves along.

    `reference` is the same object as long as its content is the same. `find_along` says how it moves,
    `find_over_blank` where anything is, if that is known; they are asked only where that is to be seen.
    """

    info: StageInfo
    now: Map
    reference: Map
    find_along: Callable[[], Along]
    levels: tuple[Levels, ...]
    change: Change
    find_over_blank: Callable[[], OverBlank | None]

    @cached_property
    def along(self) -> Along:
        return self.find_along()
