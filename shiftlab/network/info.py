"""The static facts of a stage, apart from its activations."""

from __future__ import annotations

from dataclasses import dataclass

Spot = tuple[float, float]


@dataclass(frozen=True)
class StageInfo:
    """What is known of a stage before anything runs (Araujo, Norris & Sim 2019); pairs are (row, col).

    Attributes
    ----------
    name, kind : str
        'pool1', 'maxpool'.
    channels : int
    size : (rows, cols) of its map
    stride : (rows, cols) or None
        Cumulative, in canvas pixels; None from the first stage that has no places (flatten, dense, global).
    receptive_field : (rows, cols) or None
        Side of the interval of canvas pixels a cell sees, before it is cut at the border.
    offset : (row, col) or None
        Canvas position of the centre of the first cell's field: (r - 1)/2 - P.
    signed : bool
        Whether its values may be negative (decides the colour map).
    """

    name: str
    kind: str
    channels: int
    size: tuple[int, int]
    stride: tuple[int, int] | None
    receptive_field: tuple[int, int] | None
    offset: Spot | None
    signed: bool

    @property
    def pointwise(self) -> bool:
        """Whether it looks at nothing but its own cell."""
        return self.kind in ("activation", "norm")
