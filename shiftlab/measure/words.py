"""What the measures say in words: the sentence of the first break, gauges, definitions. No torch here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shiftlab.measure.cause import first_break, total_error
from shiftlab.network.info import StageInfo
from shiftlab.network.spec import Pair
from shiftlab.scene.translation import APART, OVER_GROUND, Displacement, NoDisplacement

if TYPE_CHECKING:
    from shiftlab.measure.values import Cause, Figure, StageMeasure

MOVED_ALONG = (
    "Moved along (equivariance). A is the map now, B the map at the reference moved along by the shift. "
    "Error = ‖A − B‖ / √(½(‖A − F(blank)‖² + ‖B − F(blank)‖²)): 0 is exact, 2 the most there can be."
)
GRID_FORM = (
    "Grid form: B is moved by whole cells, by the better of floor and ceiling of shift ÷ stride in each direction. "
    "Exact when the stride divides the shift."
)
FRACTIONAL_FORM = (
    "Fractional form: B is moved by shift ÷ stride with a Fourier shift. Only on a wrapped scene with circular padding."
)
PLAIN_FORM = "Plain: the denominator is √(½(‖A‖² + ‖B‖²)), so that a constant response of biases counts as agreement."
VALID = "Valid: only cells whose receptive fields, before and after, lie inside the canvas."
STAYED_PUT = (
    "Stayed put (invariance). The same error with the map at the reference left where it is. "
    "Beside it the cosine of the two responses."
)
CAUSES = {
    "inherited": "The layer itself moves along exactly; its error came in with the map before it.",
    "border": "The error is gone when the cells that touch padding are left out.",
    "phase": "The error is gone when the layer runs at stride 1: the shift is not a whole number of its cells.",
    "aliasing": "The shift is a part of a pixel, and the layer makes detail finer than its grid can carry.",
    "position": "The head has other weights at other places.",
}

ADVICE = {
    APART: "Go back to the reference and select all to move them together.",
    OVER_GROUND: "Choose a uniform ground to measure it.",
}
"""What makes a displacement measurable again."""


@dataclass(frozen=True)
class Sentence:
    """The line above the strip: what is said first, what is added, and whether it tells of a break."""

    headline: str
    rest: str = ""
    breaks: bool = False

    def __str__(self) -> str:
        return f"{self.headline} {self.rest}".strip()


EXACT = Sentence("Every stage moved along exactly.")


def number(value: float) -> str:
    """A figure as short as it can be, with a true minus: 3, 0.375, −1.5."""
    return f"{round(value, 4):g}".replace("-", "−")


def gauge(figure: Figure) -> str:
    """'exact', 'off 0.40' or 'n/a'."""
    if figure.value is None:
        return "n/a"
    return "exact" if figure.exact else off(figure.value)


def off(value: float) -> str:
    """'off 0.40'; what would round to nothing keeps its first digit: 'off 0.0003'."""
    return f"off {value:.2f}" if value >= 0.005 else f"off {value:.1g}"


def explained(cause: Cause) -> str:
    """A cause's definition, for tooltips."""
    return CAUSES[cause.kind]


def break_sentence(
    stages: Sequence[StageInfo],
    measures: Sequence[StageMeasure],
    displacement: Displacement | NoDisplacement,
    canvas: Pair | None = None,
) -> Sentence:
    """The first stage that breaks, what broke it and when it would not have; or that none did, or why it is not known.

    Parameters
    ----------
    stages, measures : of one network, in order of flow
    displacement : between reference and present scene
    canvas : (rows, cols), optional
        For saying where a ring has its seam.
    """
    if isinstance(displacement, NoDisplacement) or displacement.zero:
        return _unmoved(displacement)
    name = first_break(measures)
    if name is None:
        return _unbroken(measures)
    index = [one.name for one in measures].index(name)
    info, measure = stages[index], measures[index]
    own = [cause for cause in measure.causes if cause.kind != "inherited"]
    opening = f"{name} is the first that breaks:"
    if not own:
        if measure.on_grid is False and displacement.integer and info.stride is not None:
            return Sentence(f"{opening} {_division(info.stride, displacement)}.", breaks=True)
        return Sentence(f"{opening} {off(total_error(measure).value or 0.0)}.", breaks=True)
    headline, rest = _because(own, info, displacement, canvas)
    return Sentence(f"{opening} {headline}", rest, breaks=True)


def _unmoved(displacement: Displacement | NoDisplacement) -> Sentence:
    if isinstance(displacement, NoDisplacement):
        return Sentence(f"Not measured: {displacement.reason}.", ADVICE.get(displacement.reason, ""))
    return Sentence("Nothing has moved yet.", "Drag the pattern to see what moves with it.")


def _unbroken(measures: Sequence[StageMeasure]) -> Sentence:
    placed = [one for one in measures if one.on_grid is not None]
    known = [one for one in placed if total_error(one).value is not None]
    if placed and not known:
        reason = total_error(placed[0]).reason or placed[0].equivariance.reason
        return Sentence(f"Not measured: {reason}.")
    if len(known) < len(placed):
        silent = next(one for one in placed if total_error(one).value is None)
        return Sentence("Every stage that can be measured moved along exactly.", f"{silent.name}: {_reason(silent)}.")
    return EXACT


def _reason(measure: StageMeasure) -> str:
    return measure.equivariance.reason or measure.equivariance_fractional.reason


def _because(own: Sequence[Cause], info: StageInfo, displacement: Displacement, canvas: Pair | None) -> tuple[str, str]:
    kinds = [cause.kind for cause in own]
    first = own[0]
    match first.kind:
        case "phase" if info.stride is not None:
            where = " away from the border" if "border" in kinds else ""
            return (
                f"{_division(info.stride, displacement)}, which its grid cannot represent.",
                _nearest(info.stride, displacement, where),
            )
        case "aliasing":
            stride = info.stride or (1, 1)
            rest = "At whole pixels it moves along exactly."
            if max(stride) > 1:
                rest = f"At multiples of {_pair(stride)} px it moves along exactly."
            return f"at {_shift(displacement)} px it makes detail that its grid cannot carry.", rest
        case "position":
            return "its weights differ from place to place.", "Everything before it moved along exactly."
        case _:
            return _border(first, info, canvas)


def _border(cause: Cause, info: StageInfo, canvas: Pair | None) -> tuple[str, str]:
    if cause.words.endswith("seam"):
        size = f"{canvas[0]}×{canvas[1]} px" if canvas is not None else "the canvas"
        stride = _pair(info.stride) if info.stride is not None else ""
        return f"its stride {stride} does not divide {size}, which leaves a seam.", "Away from the seam it is exact."
    if cause.words.endswith("canvas"):
        return "the edge of the canvas cuts the pattern.", "The layer itself moves along exactly."
    if info.stride is None:
        return "part of the object has left its map.", "Away from the border it stays put."
    return "cells near the border see its padding.", "Away from the border it moves along exactly."


def _pair(pair: Pair) -> str:
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}×{pair[1]}"


def _off_grid(stride: Pair, displacement: Displacement) -> list[tuple[float, int, str]]:
    """(shift, stride, direction) of the axes whose shift is no whole number of cells."""
    axes = ((displacement.rows, stride[0], "down"), (displacement.cols, stride[1], "across"))
    return [axis for axis in axes if axis[0] % axis[1]]


def _division(stride: Pair, displacement: Displacement) -> str:
    """'3 px ÷ 2 = 1.5 cells'."""
    axes = _off_grid(stride, displacement)
    if len(axes) == 2:
        cells = displacement.cells(stride)
        return f"({_shift(displacement)}) px ÷ {_pair(stride)} = ({number(cells[0])}, {number(cells[1])}) cells"
    shift, step, way = axes[0]
    both = displacement.rows != 0 and displacement.cols != 0
    return f"{number(shift)} px{' ' + way if both else ''} ÷ {step} = {number(shift / step)} cells"


def _nearest(stride: Pair, displacement: Displacement, where: str) -> str:
    """'At 2 or 4 px it moves along exactly.'"""
    axes = _off_grid(stride, displacement)
    if len(axes) == 2:
        return f"At multiples of {_pair(stride)} px it moves along exactly{where}."
    shift, step, _ = axes[0]
    below = shift // step * step
    places = [number(place) for place in (below, below + step) if place]
    if shift < 0:
        places.reverse()
    return f"At {' or '.join(places)} px it moves along exactly{where}."


def _shift(displacement: Displacement) -> str:
    if displacement.rows == 0 or displacement.cols == 0:
        return number(displacement.rows or displacement.cols)
    return f"{number(displacement.rows)}, {number(displacement.cols)}"


def pair_sentence(
    a: Sequence[StageMeasure], b: Sequence[StageMeasure], displacement: Displacement | NoDisplacement
) -> Sentence:
    """Two networks under one shift: which stage of each breaks first, and by how much."""
    if isinstance(displacement, NoDisplacement) or displacement.zero:
        return _unmoved(displacement)
    first, second = _broken(a), _broken(b)
    if first is None and second is None:
        whole = _unbroken(a), _unbroken(b)
        if whole == (EXACT, EXACT):
            return Sentence("Every stage of A and of B moved along exactly.")
        return whole[0] if whole[0] == whole[1] else Sentence(f"A: {whole[0]}", f"B: {whole[1]}")
    if first is None or second is None:
        name, (stage, value) = ("B", second) if second is not None else ("A", first or ("", ""))
        other, rest = ("A", _unbroken(a)) if name == "B" else ("B", _unbroken(b))
        return Sentence(
            f"{stage} of {name} is the first that breaks, {value}.",
            f"Every stage of {other} moved along exactly." if rest == EXACT else f"{other}: {rest}",
            breaks=True,
        )
    return Sentence(f"Both break: {first[0]} of A is {first[1]}, {second[0]} of B {second[1]}.", breaks=True)


def _broken(measures: Sequence[StageMeasure]) -> tuple[str, str] | None:
    name = first_break(measures)
    if name is None:
        return None
    measure = next(one for one in measures if one.name == name)
    figure = measure.invariance if measure.on_grid is None else total_error(measure)
    return name, off(figure.value or 0.0)


def coverage(stages: Sequence[StageInfo], canvas: Pair) -> str:
    """What the field of the last stage with places covers: all of the canvas, just a quarter of its side, or ''."""
    placed = [info for info in stages if info.receptive_field is not None]
    if not placed or (field := placed[-1].receptive_field) is None:
        return ""
    name, seen = placed[-1].name, f"{field[0]}×{field[1]} px" if field[0] != field[1] else f"{field[0]} px"
    if all(side >= room for side, room in zip(field, canvas, strict=True)):
        return f"A cell of {name} sees {seen}: the whole canvas."
    if all(side * 4 == room for side, room in zip(field, canvas, strict=True)):
        return f"A cell of {name} sees {seen}: just a quarter of the canvas's side."
    if all(side * 4 < room for side, room in zip(field, canvas, strict=True)):
        return f"A cell of {name} sees {seen}: less than a quarter of the canvas's side."
    return ""
