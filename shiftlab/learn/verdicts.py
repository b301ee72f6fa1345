"""What was expected of an experiment's runs, and what they gave: worked out from their own numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from shiftlab.learn.values import Run


@dataclass(frozen=True)
class Expected:
    """A range in which the mean over the runs of a variant should lie.

    `what` is the name of a place (or test), or of a figure.
    """

    what: str
    low: float
    high: float

    @property
    def words(self) -> str:
        """ "0.50", "0.99 or more", "0.60 or less", "0.93 to 0.97"."""
        if self.low == self.high:
            return _number(self.low)
        if self.high in (1.0, float("inf")):
            return f"{_number(self.low)} or more"
        return f"{_number(self.high)} or less" if self.low == 0 else f"{_number(self.low)} to {_number(self.high)}"


@dataclass(frozen=True)
class Verdict:
    """An expectation beside the mean of the runs; `given` is None where no run has the figure.

    `tie` says that every answer behind it was one: equal logits, counted as chance.
    """

    variant: str
    expected: Expected
    given: float | None
    runs: int
    tie: bool = False

    @property
    def holds(self) -> bool:
        return self.given is not None and self.expected.low <= self.given <= self.expected.high

    @property
    def words(self) -> str:
        """One line: "dense, lower right: 0.50 as expected (0.50)"."""
        given = "no figure" if self.given is None else _number(self.given) + (", a tie," if self.tie else "")
        what = self.expected.what.replace("_", " ")
        return f"{self.variant}, {what}: {given} {'as expected' if self.holds else 'against expected'}" + (
            f" ({self.expected.words})"
        )


def _number(value: float) -> str:
    return f"{value:.2f}" if value == 0 or abs(value) >= 0.005 else f"{value:.0e}"


ANYTHING = float("inf")
POOLED = tuple(Expected(place, 0.99, 1.0) for place in ("upper_left", "centre", "lower_right", "far_edge_mean"))
EXPECTED: Mapping[str, Mapping[str, tuple[Expected, ...]]] = MappingProxyType(
    {
        "corner": {
            "dense": (
                Expected("upper_left", 0.99, 1.0),
                Expected("lower_right", 0.5, 0.5),
                Expected("untouched_weight_change", 0.0, 0.0),
            ),
            "gap": POOLED,
            "gmp": POOLED,
            "dense-everywhere": (
                Expected("upper_left", 0.97, 1.0),
                Expected("lower_right", 0.97, 1.0),
                Expected("far_edge_mean", 0.97, 1.0),
            ),
            "dense-bias": (Expected("upper_left", 0.99, 1.0), Expected("untouched_weight_change", 1e-6, ANYTHING)),
        },
        "face": {f"window-{window}": (Expected("test", 0.98, 1.0),) for window in (2, 4, 8, 16)}
        | {
            "window-32": (Expected("test", 0.92, 0.98),),
            "window-64": (Expected("test", 0.5, 0.5), Expected("largest_logit_difference", 0.0, 0.0)),
            "deep": (Expected("test", 0.98, 1.0),),
        },
        "twin": {
            "on-grid": (Expected("largest_difference", 0.0, 1e-12),),
            "off-grid": (Expected("largest_difference", 1e-6, ANYTHING),),
            "zero-padding": (Expected("largest_difference", 1e-6, ANYTHING),),
        },
        "red-green": {
            "valid": (Expected("similar", 0.95, 1.0), Expected("swapped", 0.0, 0.4)),
            "zero": (Expected("similar", 0.95, 1.0), Expected("swapped", 0.0, 0.4)),
            "circular": (Expected("swapped_minus_similar", 0.0, 0.0),),
            "full": (Expected("swapped_minus_similar", 0.0, 0.0),),
        },
    }
)
"""By experiment and variant; the figures of published and own measurements, as means over seeds."""


def verdicts(runs: Sequence[Run]) -> tuple[Verdict, ...]:
    """Every expectation that these runs of an experiment speak to, beside what they gave."""
    found: list[Verdict] = []
    for variant in dict.fromkeys(run.variant for run in runs):
        mine = [run for run in runs if run.variant == variant]
        for expected in EXPECTED.get(mine[0].experiment, {}).get(variant, ()):
            values = [value for run in mine if (value := _value(run, expected.what)) is not None]
            mean = sum(values) / len(values) if values else None
            tie = all(expected.what in run.scores and run.scores[expected.what].tie for run in mine)
            found.append(Verdict(variant, expected, mean, len(values), tie))
    return tuple(found)


def _value(run: Run, what: str) -> float | None:
    return run.scores[what].value if what in run.scores else run.figures.get(what)
