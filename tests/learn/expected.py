"""What published and own measurements lead to expect of an experiment's runs, as means over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from shiftlab.learn.values import Run


@dataclass(frozen=True)
class Expected:
    """From where to where the mean over a variant's runs should lie, of a score or a figure by its name."""

    what: str
    low: float
    high: float


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
"""By experiment and variant."""


def amiss(runs: Sequence[Run]) -> list[str]:
    """What the means of these runs give against what was expected, a line each; empty where all is as expected."""
    found: list[str] = []
    for experiment, variant in dict.fromkeys((run.experiment, run.variant) for run in runs):
        mine = [run for run in runs if (run.experiment, run.variant) == (experiment, variant)]
        for expected in EXPECTED[experiment].get(variant, ()):
            values = [_value(run, expected.what) for run in mine]
            mean = sum(values) / len(values)
            if not expected.low <= mean <= expected.high:
                found.append(f"{variant}, {expected.what}: {mean}, expected {expected.low} to {expected.high}")
    return found


def _value(run: Run, what: str) -> float:
    value = run.scores[what].value if what in run.scores else run.figures[what]
    assert value is not None, f"{run.variant} gave no {what}"
    return value
