"""Numbers and short texts as the lab writes them: a true minus, no needless digits, thousands with commas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shiftlab.network.info import StageInfo
from shiftlab.scene.translation import Displacement

if TYPE_CHECKING:
    from shiftlab.measure.values import StageMeasure

MINUS = "\N{MINUS SIGN}"


def number(value: float, digits: int = 3) -> str:
    """Up to `digits` decimals without trailing zeros: '1.5', '−0.375', '0'."""
    text = f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", MINUS)


def signed(value: float) -> str:
    """The same with a sign, but for zero: '+3', '−0.5', '0'."""
    text = number(value)
    return text if text == "0" or text.startswith(MINUS) else f"+{text}"


def vector(rows: float, cols: float) -> str:
    """'(0, +3)'."""
    return f"({signed(rows)}, {signed(cols)})"


def limit(value: float) -> str:
    """A colour range's end: '0.70', '12.0', '0.034', '4.1e−05'."""
    size = abs(value)
    if value == 0:
        return "0"
    if size >= 1000:
        text = f"{value:.2g}" if size >= 1e5 else f"{value:.0f}"
    elif size >= 10:
        text = f"{value:.1f}" if size < 100 else f"{value:.0f}"
    elif size >= 0.095:
        text = f"{value:.2f}"
    elif size >= 0.00095:
        text = f"{value:.2g}"
    else:
        text = f"{value:.1e}"
    return text.replace("-", MINUS)


def phase_words(row: int, col: int, tied: bool = False) -> str:
    """Which rows and cols adaptive polyphase sampling keeps: 'keeps even, odd', 'keeps even, odd · tie'."""
    names = ("even", "odd")
    return f"keeps {names[row]}, {names[col]}{' · tie' if tied else ''}"


def error(value: float) -> str:
    """An error of a gauge: two decimals, or where these would be 0.00 its first digit."""
    return f"{value:.2f}" if value >= 0.005 else f"{value:.1g}".replace("-", MINUS)


def pair(values: tuple[int, int]) -> str:
    """'2' where both are the same, else '2×1'."""
    return str(values[0]) if values[0] == values[1] else f"{values[0]}×{values[1]}"


def shape(info: StageInfo) -> str:
    """'8×32×32', or '512' where the stage has no places."""
    if info.stride is None:
        return f"{info.channels:,}"
    return f"{info.channels}×{info.size[0]}×{info.size[1]}"


def facts(info: StageInfo) -> tuple[str, ...]:
    """What a panel says of its stage, most telling first: shape, stride, field."""
    if info.stride is None:
        unit = {"dense": "units", "flatten": "values"}.get(info.kind, "channels")
        words = {"dense": "a weight for every input", "flatten": "all in a row"}.get(info.kind, "no places left")
        return f"{info.channels:,} {unit}", words
    parts = [shape(info), f"stride {pair(info.stride)}"]
    if info.receptive_field is not None:
        parts.append(f"sees {pair(info.receptive_field)} px")
    return tuple(parts)


def cause(measure: StageMeasure | None) -> tuple[str, bool]:
    """The largest cause in words, and whether the error is the stage's own."""
    if measure is None or not measure.causes:
        return "", False
    first = measure.causes[0]
    return first.words or first.kind, first.kind != "inherited"


def direction(by: Displacement) -> str:
    """'3 to the right of the reference', '36 down and 36 right of the reference', 'at the reference'."""
    if by.zero:
        return "at the reference"
    vertical = f"{number(abs(by.rows))} {'below' if by.rows > 0 else 'above'}"
    horizontal = f"{number(abs(by.cols))} to the {'right' if by.cols > 0 else 'left'} of"
    if not by.rows:
        return f"{horizontal} the reference"
    if not by.cols:
        return f"{vertical} the reference"
    down = "down" if by.rows > 0 else "up"
    across = "right" if by.cols > 0 else "left"
    return f"{number(abs(by.rows))} {down}, {number(abs(by.cols))} {across} of the reference"


def distance(by: Displacement) -> str:
    """How far, in pixels, for a sentence: '3 px', '(+2, +3) px'."""
    if not by.rows or not by.cols:
        return f"{number(abs(by.rows or by.cols))} px"
    return f"{vector(by.rows, by.cols)} px"


def span(names: Sequence[str]) -> str:
    """Neighbouring stages in short: 'pool3', 'conv1, relu1', 'pool1 – relu2'."""
    if len(names) <= 2:
        return ", ".join(names)
    return f"{names[0]} – {names[-1]}"
