"""What a canvas shows, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from shiftlab.scene.translation import Displacement
from shiftlab.scene.values import Position, Scene
from shiftlab.ui.figure.region import Region, Ring

BRIGHT = 150
"""Mean level of the pixels above which a canvas is bright."""
Run = tuple[int, int]
"""First and last of neighbouring indices."""


class Field(msgspec.Struct, frozen=True):
    """What a cell sees: the exact rows and columns as runs, and the outline of them.

    `hull_rows` and `hull_cols` are the runs of the outline: one, or two where it goes over the edge.
    """

    rows: tuple[Run, ...]
    cols: tuple[Run, ...]
    hull_rows: tuple[Run, ...]
    hull_cols: tuple[Run, ...]
    label: str = ""


@dataclass(frozen=True, eq=False)
class CanvasModel:
    """What the canvas shows.

    Attributes
    ----------
    rgb : (H, W) uint32 0xffRRGGBB
        The present scene, see `canvas_rgb`.
    scene, reference : Scene
    displacement : Displacement or None
    selection : indices of the selected patterns; boxes and handles are drawn for them
    field : Field or None
        A receptive field, with all outside it dimmed.
    pixel : (row, col) or None
        A pixel that is pointed at or pinned.
    heat : (H, W) float in [0, 1], or None
        An effective receptive field, laid over the pixels.
    handles, grid, marks : bool
        Whether selection, grid, and the marks of both places on the ruler are drawn.
    hint : str
        Words under the first pattern.
    trained : (first row, end row, first column, end column), a Region, or None
        Where training has seen patterns, outlined.
    region : Region or None
        Painted pixels of this canvas, tinted.
    ring : Ring or None
        The brush that paints them.
    """

    rgb: NDArray[np.uint32]
    scene: Scene
    reference: Scene
    displacement: Displacement | None = None
    selection: frozenset[int] = frozenset()
    field: Field | None = None
    pixel: tuple[int, int] | None = None
    heat: NDArray[np.floating] | None = None
    handles: bool = True
    grid: bool = True
    marks: bool = True
    hint: str = ""
    trained: tuple[int, int, int, int] | Region | None = None
    region: Region | None = None
    ring: Ring | None = None

    def with_pixels(self, rgb: NDArray[np.uint32]) -> CanvasModel:
        """The same with its pixels, faster than `replace`: every move needs it."""
        made = object.__new__(CanvasModel)
        made.__dict__.update(self.__dict__, rgb=rgb)
        return made

    @cached_property
    def bright(self) -> bool:
        """Whether the grid over the pixels is black."""
        return bool((self.rgb & 0xFF).mean() > BRIGHT)

    @property
    def leader(self) -> int | None:
        """The pattern whose places are marked: the first selected, else the first."""
        chosen = [index for index in sorted(self.selection) if index < len(self.scene.placed)]
        return chosen[0] if chosen else 0 if self.scene.placed else None

    @property
    def places(self) -> tuple[Position, Position] | None:
        """Where the leading pattern stands at the reference and now, for the marks on the ruler."""
        if self.leader is None:
            return None
        now = self.scene.placed[self.leader].at
        if self.displacement is None:
            row, col = self.reference.placed[self.leader].at if self.leader < len(self.reference.placed) else now
        else:
            row, col = now[0] - self.displacement.rows, now[1] - self.displacement.cols
        if self.scene.border == "wrap":
            row, col = row % self.scene.size[0], col % self.scene.size[1]
        return (row, col), now

    @property
    def left(self) -> Scene | None:
        """Of the reference the patterns that now stand elsewhere, whose ghosts are drawn; None where there is none.

        They are known where no displacement is: over a ground that is not uniform, of patterns that moved apart.
        """
        if self.displacement is not None:
            return None if self.displacement.zero else self.reference
        both = zip(self.scene.placed, self.reference.placed, strict=False)
        gone = tuple(then for now, then in both if now.at != then.at)
        return replace(self.reference, placed=gone) if gone else None
