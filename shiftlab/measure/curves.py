"""Errors and units against the shift, along a line or over a window: jobs that say how far they are."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from shiftlab.measure.energy import Array
from shiftlab.measure.jobs import Step
from shiftlab.measure.lab import AtReference
from shiftlab.measure.values import Figure, StageMeasure
from shiftlab.network.spec import NetworkError, Pair
from shiftlab.scene.translation import displacement
from shiftlab.scene.values import Position

Direction = Literal["row", "col", "diagonal"]
Quantity = Literal["equivariance", "equivariance_valid", "equivariance_fractional", "equivariance_plain", "invariance"]

STEPS: dict[Direction, Position] = {"row": (0.0, 1.0), "col": (1.0, 0.0), "diagonal": (1.0, 1.0)}
"""One step along a row goes right, along a column down, along the diagonal both."""
QUANTITIES: tuple[Quantity, ...] = (
    "equivariance",
    "equivariance_valid",
    "equivariance_fractional",
    "equivariance_plain",
    "invariance",
)
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Unit:
    """What a wobble follows: one cell of a channel, or with `cell` None the mean of the channel.

    A logit is channel k of the last stage, at cell (0, 0) or as the mean: it has one place.
    """

    stage: str
    channel: int
    cell: Pair | None = None

    @property
    def label(self) -> str:
        """'conv1 [3] at (10, 12)', 'conv1 [3] mean'."""
        where = "mean" if self.cell is None else f"at ({self.cell[0]}, {self.cell[1]})"
        return f"{self.stage} [{self.channel}] {where}"


@dataclass(frozen=True, eq=False)
class Curve:
    """Errors of every stage against the displacement along a line.

    Attributes
    ----------
    direction : 'row', 'col' or 'diagonal'
    shifts : (n,)
        Pixels along the line (each axis of a diagonal moves by as many).
    stages : names of the stages
    strides : cumulative stride of each along the line, None without places
        On the grid at its multiples; of a diagonal the least common multiple of both axes.
    errors : mapping from a quantity to (n, stages), NaN where it is not defined
    units : what was followed beside the errors
    wobble : (n, units)
    """

    direction: Direction
    shifts: Values
    stages: tuple[str, ...]
    strides: tuple[int | None, ...]
    errors: dict[Quantity, Values]
    units: tuple[Unit, ...]
    wobble: Values

    def of(self, stage: str) -> Curve:
        """The same of one stage alone; KeyError for a stage that is not here."""
        if stage not in self.stages:
            raise KeyError(stage)
        at = self.stages.index(stage)
        one = {quantity: table[:, at : at + 1] for quantity, table in self.errors.items()}
        return replace(self, stages=(stage,), strides=(self.strides[at],), errors=one)


@dataclass(frozen=True, eq=False)
class ErrorMap:
    """The error of one stage over a window of displacements: values[i, j] at (rows[i], cols[j]); NaN if undefined."""

    stage: str
    quantity: Quantity
    rows: Values
    cols: Values
    values: Values


@dataclass(frozen=True, eq=False)
class ErrorMaps:
    """Every error of every stage over a window of displacements.

    Attributes
    ----------
    rows, cols : displacements in pixels
    stages : names of the stages
    values : mapping from a quantity to (rows, cols, stages), NaN where it is not defined
    """

    rows: Values
    cols: Values
    stages: tuple[str, ...]
    values: dict[Quantity, Values]

    def of(self, stage: str, quantity: Quantity) -> ErrorMap:
        """One error of one stage; KeyError for a stage that is not here."""
        if stage not in self.stages:
            raise KeyError(stage)
        found = self.values[quantity][:, :, self.stages.index(stage)]
        return ErrorMap(stage, quantity, self.rows, self.cols, found)


def _value(figure: Figure) -> float:
    return np.nan if figure.value is None else figure.value


def _read(measure: StageMeasure, quantity: Quantity) -> float:
    return _value(getattr(measure, quantity))


def _require_unit(place: AtReference, unit: Unit) -> None:
    info = place.forward.stages[place.forward.index(unit.stage)]
    if not 0 <= unit.channel < info.channels:
        raise NetworkError(f"{unit.stage} has {info.channels} channels, none numbered {unit.channel}")
    if unit.cell is not None and not all(0 <= at < side for at, side in zip(unit.cell, info.size, strict=True)):
        raise NetworkError(f"{unit.stage} has no cell ({unit.cell[0]}, {unit.cell[1]})")


def _followed(maps: dict[str, Array], unit: Unit) -> float:
    channel = maps[unit.stage][unit.channel]
    return float(channel.mean(dtype=np.float64)) if unit.cell is None else float(channel[unit.cell])


def error_curve(
    place: AtReference,
    direction: Direction = "row",
    shifts: Sequence[float] | None = None,
    units: Sequence[Unit] = (),
) -> Generator[Step[Curve], None, Curve]:
    """Every stage's errors, and any units, against the displacement from the reference along a line.

    Parameters
    ----------
    place : AtReference
    direction : 'row', 'col' or 'diagonal'
    shifts : pixels along the line
        From 0 to twice the deepest stride in whole pixels where left out, at least 16.
    units : what to follow beside the errors ('wobble')

    Yields
    ------
    Step
        After every displacement; NaN stands for what is not computed yet.

    Returns
    -------
    Curve

    Raises
    ------
    NetworkError
        For a unit that does not exist.
    ValueError
        For another direction.
    """
    if direction not in STEPS:
        raise ValueError(f"direction must be row, col or diagonal, not {direction!r}")
    for unit in units:
        _require_unit(place, unit)
    step = STEPS[direction]
    infos = place.forward.stages
    strides = tuple(_stride_along(info.stride, step) for info in infos)
    if shifts is None:
        shifts = range(max(16, 2 * max((stride for stride in strides if stride), default=1)) + 1)
    along = np.asarray(shifts, dtype=np.float64)
    errors: dict[Quantity, Values] = {name: np.full((len(along), len(infos)), np.nan) for name in QUANTITIES}
    wobble = np.full((len(along), len(units)), np.nan)
    names = tuple(info.name for info in infos)

    def reached() -> Curve:
        known: dict[Quantity, Values] = {name: table.copy() for name, table in errors.items()}
        return Curve(direction, along, names, strides, known, tuple(units), wobble.copy())

    for number, shift in enumerate(along):
        measures, maps = _looked(place, (step[0] * shift, step[1] * shift))
        for quantity, table in errors.items():
            table[number] = [_read(one, quantity) for one in measures]
        wobble[number] = [_followed(maps, unit) for unit in units]
        yield Step(number + 1, len(along), reached())
    return reached()


def _stride_along(stride: Pair | None, step: Position) -> int | None:
    if stride is None:
        return None
    return int(np.lcm(stride[0] if step[0] else 1, stride[1] if step[1] else 1))


def _looked(place: AtReference, by: Position) -> tuple[tuple[StageMeasure, ...], dict[str, Array]]:
    scene = place.reference.moved(by)
    maps = place.look(scene)
    return place.measure(maps, displacement(scene, place.reference)), maps


def error_map(
    place: AtReference, stage: str, rows: Sequence[float], cols: Sequence[float], quantity: Quantity = "equivariance"
) -> Generator[Step[ErrorMaps], None, ErrorMap]:
    """One stage's error at every displacement of a window.

    Parameters
    ----------
    place : AtReference
    stage : name of the stage
    rows, cols : displacements in pixels
    quantity : which error

    Yields
    ------
    Step
        After every displacement; NaN stands for what is not computed yet.

    Returns
    -------
    ErrorMap

    Raises
    ------
    NetworkError
        For a stage that does not exist.
    ValueError
        For another quantity.
    """
    if quantity not in QUANTITIES:
        raise ValueError(f"quantity must be one of {', '.join(QUANTITIES)}, not {quantity!r}")
    name = place.forward.names[place.forward.index(stage)]
    maps = yield from error_maps(place, rows, cols)
    return maps.of(name, quantity)


def error_maps(
    place: AtReference, rows: Sequence[float], cols: Sequence[float]
) -> Generator[Step[ErrorMaps], None, ErrorMaps]:
    """Every error of every stage at every displacement of a window: no dearer than one of one stage.

    Parameters
    ----------
    place : AtReference
    rows, cols : displacements in pixels

    Yields
    ------
    Step
        After every displacement; NaN stands for what is not computed yet.

    Returns
    -------
    ErrorMaps
    """
    down, across = np.asarray(rows, dtype=np.float64), np.asarray(cols, dtype=np.float64)
    names = tuple(info.name for info in place.forward.stages)
    shape = (len(down), len(across), len(names))
    values: dict[Quantity, Values] = {quantity: np.full(shape, np.nan) for quantity in QUANTITIES}

    def reached() -> ErrorMaps:
        return ErrorMaps(down, across, names, {quantity: table.copy() for quantity, table in values.items()})

    total = len(down) * len(across)
    for number in range(total):
        row, col = divmod(number, len(across))
        measures, _ = _looked(place, (float(down[row]), float(across[col])))
        for quantity, table in values.items():
            table[row, col] = [_read(one, quantity) for one in measures]
        yield Step(number + 1, total, reached())
    return reached()


def curve_rows(curve: Curve, quantity: Quantity = "equivariance") -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """A curve as a table: headings, and a line for each shift; an empty cell where the error is not defined."""
    headings = ("shift", *curve.stages, *(unit.label for unit in curve.units))
    lines: list[tuple[str, ...]] = []
    for shift, errors, units in zip(curve.shifts, curve.errors[quantity], curve.wobble, strict=True):
        cells = ["" if np.isnan(value) else f"{value:.9g}" for value in (*errors, *units)]
        lines.append((f"{shift:g}", *cells))
    return headings, lines


def curve_json(curve: Curve) -> dict[str, object]:
    """A curve for JSON: direction, shifts, and for each stage name, stride and a list for every quantity.

    What is not defined is None; units follow as a list of {"unit", "values"}.
    """

    def listed(values: Values) -> list[float | None]:
        return [None if np.isnan(value) else float(value) for value in values]

    stages = [
        {"name": name, "stride": stride}
        | {quantity: listed(table[:, number]) for quantity, table in curve.errors.items()}
        for number, (name, stride) in enumerate(zip(curve.stages, curve.strides, strict=True))
    ]
    units = [{"unit": unit.label, "values": listed(curve.wobble[:, number])} for number, unit in enumerate(curve.units)]
    return {"direction": curve.direction, "shifts": [float(s) for s in curve.shifts], "stages": stages, "units": units}
