"""Measures as tables and JSON, for the command line, the clipboard and files. No torch here."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from shiftlab.measure.cause import first_break
from shiftlab.measure.values import Figure, StageMeasure
from shiftlab.network import geometry
from shiftlab.network.info import StageInfo
from shiftlab.network.spec import NetworkSpec, Pair
from shiftlab.network.steps import effective_padding
from shiftlab.scene.translation import Displacement, NoDisplacement

JSON_NAMES = {
    "equivariance_error": "equivariance",
    "equivariance_error_valid": "equivariance_valid",
    "equivariance_error_fractional": "equivariance_fractional",
    "border_share": "border_share",
    "invariance_error": "invariance",
    "cosine": "cosine",
}
"""Keys of `measure --json` and the measures that they hold."""
PLAIN_NAMES = {"equivariance_error_plain": "equivariance_plain", "invariance_error_plain": "invariance_plain"}

HEADINGS = (
    "name",
    "kind",
    "channels",
    "rows",
    "cols",
    "stride",
    "receptive field",
    "on grid",
    "equivariance error",
    "equivariance error, valid",
    "equivariance error, fractional",
    "equivariance error, plain",
    "border share",
    "invariance error",
    "invariance error, plain",
    "cosine",
    "own error",
    "causes",
)


def _listed(pair: Sequence[float] | None) -> list[Any] | None:
    """A pair as JSON has it: whole numbers without a point."""
    if pair is None:
        return None
    return [int(value) if float(value).is_integer() else value for value in pair]


def kind_of(info: StageInfo) -> str:
    """A stage's kind as it is named outside: an activation goes by its function's name, 'relu'."""
    return info.name.rstrip("0123456789") if info.kind == "activation" else info.kind


def as_json(
    stages: Sequence[StageInfo],
    measures: Sequence[StageMeasure],
    displacement: Displacement | NoDisplacement,
    plain: bool = False,
) -> dict[str, Any]:
    """What `shiftlab measure --json` prints; a measure that is not defined is None.

    Parameters
    ----------
    plain : bool
        Add the plain forms, equivariance_error_plain and invariance_error_plain.
    """
    moved = displacement if isinstance(displacement, Displacement) else None
    return {
        "displacement": _listed((moved.rows, moved.cols)) if moved else None,
        "first_break": first_break(measures),
        "stages": [_stage(info, one, plain) for info, one in zip(stages, measures, strict=True)],
    }


def _stage(info: StageInfo, measure: StageMeasure, plain: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": info.name,
        "kind": kind_of(info),
        "channels": info.channels,
        "size": _listed(info.size),
        "stride": _listed(info.stride),
        "receptive_field": _listed(info.receptive_field),
        "on_grid": measure.on_grid,
    }
    found |= {name: _figure(measure, of).value for name, of in JSON_NAMES.items()}
    found["causes"] = [cause.kind for cause in measure.causes]
    if plain:
        found |= {name: _figure(measure, of).value for name, of in PLAIN_NAMES.items()}
    return found


def _figure(measure: StageMeasure, name: str) -> Figure:
    return getattr(measure, name)


def rf_json(spec: NetworkSpec, canvas: Pair) -> dict[str, Any]:
    """What `shiftlab rf --json` prints: receptive field, stride and offset of each stage.

    Raises
    ------
    NetworkError
        Where the network does not fit the canvas.
    """
    return {
        "stages": [
            {
                "name": info.name,
                "kind": kind_of(info),
                "stride": _listed(info.stride),
                "receptive_field": _listed(info.receptive_field),
                "offset": _listed(info.offset),
            }
            for info in geometry.stages(spec, canvas)
        ]
    }


FIELD_HEADINGS = ("name", "kind", "size", "stride", "receptive field", "first centre", "padding", "mode")


def field_rows(spec: NetworkSpec, canvas: Pair) -> list[tuple[str, ...]]:
    """The table of receptive fields: size, stride, field, offset and padding of each stage, '' where there is none."""
    rows: list[tuple[str, ...]] = []
    for layer, info in zip(spec.active, geometry.stages(spec, canvas), strict=True):
        (top, bottom), (left, right) = effective_padding(layer)
        padded = any((top, bottom, left, right))
        sides = str(top) if len({top, bottom, left, right}) == 1 else f"{top},{bottom} {left},{right}"
        rows.append(
            (
                info.name,
                kind_of(info),
                _by(info.size),
                _by(info.stride),
                _by(info.receptive_field),
                _by(info.offset, ", "),
                sides if padded else "",
                str(getattr(layer, "padding_mode", "")) if padded else "",
            )
        )
    return rows


def _by(pair: Sequence[float] | None, between: str = "×") -> str:
    return "" if pair is None else between.join(f"{value:g}" for value in pair)


def rows(stages: Sequence[StageInfo], measures: Sequence[StageMeasure]) -> list[tuple[str, ...]]:
    """The table of all measures under `HEADINGS`: figures to nine digits, 'n/a: reason' where there is none."""
    return [_row(info, measure) for info, measure in zip(stages, measures, strict=True)]


def _row(info: StageInfo, measure: StageMeasure) -> tuple[str, ...]:
    grid = "" if measure.on_grid is None else ("yes" if measure.on_grid else "no")
    figures = (
        measure.equivariance,
        measure.equivariance_valid,
        measure.equivariance_fractional,
        measure.equivariance_plain,
        measure.border_share,
        measure.invariance,
        measure.invariance_plain,
        measure.cosine,
        measure.own_error,
    )
    return (
        info.name,
        kind_of(info),
        str(info.channels),
        str(info.size[0]),
        str(info.size[1]),
        _by(info.stride),
        _by(info.receptive_field),
        grid,
        *(_cell(figure) for figure in figures),
        "; ".join(cause.words or cause.kind for cause in measure.causes),
    )


def _cell(figure: Figure) -> str:
    if figure.value is None:
        return f"n/a: {figure.reason}" if figure.reason else "n/a"
    return f"{figure.value:.9g}"


def as_csv(stages: Sequence[StageInfo], measures: Sequence[StageMeasure]) -> str:
    """All measures as CSV with a heading line, as RFC 4180 has it but with plain line ends."""
    return csv_text(HEADINGS, rows(stages, measures))


def csv_text(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table as CSV text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows(lines)
    return text.getvalue()
