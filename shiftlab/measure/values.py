"""What a measurement answers (no torch here: the window reads these).

Figures and measures are msgspec structs, which a drag makes by the hundred at a tenth of a dataclass's cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

CauseKind = Literal["inherited", "border", "phase", "aliasing", "position"]
EXACT = 1e-5
"""Relative error up to which a float32 measure is called exact."""


class Figure(msgspec.Struct, frozen=True):
    """A number, or the reason why there is none."""

    value: float | None
    reason: str = ""

    @property
    def exact(self) -> bool:
        return self.value is not None and self.value <= EXACT


@dataclass(frozen=True)
class Cause:
    """One reason for a stage's error.

    `error` is what it accounts for (the own error it explains; for 'inherited' the total), `cells`
    the displacement in this stage's cells where that is the point (phase), `words` a short text:
    'phase · 1.5 cells'.
    """

    kind: CauseKind
    error: float
    cells: tuple[float, float] | None = None
    words: str = ""


class StageMeasure(msgspec.Struct, frozen=True):
    """All measures of one stage; errors are background-referenced unless named plain.

    `equivariance` is the grid form over all cells where both maps exist (full); `equivariance_valid`
    over cells whose fields lie inside the canvas; `border_share` the squared error outside that mask
    over the total; `best_shift` the whole number of cells that gave the grid form. `causes` is empty
    until they were asked for (`causes_known`).
    """

    name: str
    on_grid: bool | None
    equivariance: Figure
    equivariance_valid: Figure
    equivariance_fractional: Figure
    equivariance_plain: Figure
    border_share: Figure
    invariance: Figure
    invariance_plain: Figure
    cosine: Figure
    best_shift: tuple[int, int] | None = None
    own_error: Figure = Figure(None, "not asked for")
    causes: tuple[Cause, ...] = ()
    causes_known: bool = False
