"""The experiments by name, and how the command line runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from shiftlab.learn import corner, face, red_green, twin
from shiftlab.learn.experiment import Experiment
from shiftlab.learn.values import Progress
from shiftlab.measure.jobs import result_of

Report = Callable[[str, int, Progress], None]
"""Told of a variant, a seed and where it stands."""

EXPERIMENTS: Mapping[str, Experiment[Any]] = MappingProxyType(
    {one.name: one for one in (corner.EXPERIMENT, face.EXPERIMENT, twin.EXPERIMENT, red_green.EXPERIMENT)}
)


def names() -> tuple[str, ...]:
    """The names of the experiments."""
    return tuple(EXPERIMENTS)


def experiment(name: str) -> Experiment[Any]:
    """An experiment by name.

    Raises
    ------
    ValueError
        For an unknown name, listing those there are.
    """
    if name not in EXPERIMENTS:
        raise ValueError(f"no experiment {name!r}; there are {', '.join(EXPERIMENTS)}")
    return EXPERIMENTS[name]


def run(
    name: str,
    seeds: Iterable[int],
    report: Report | None = None,
    variants: Iterable[str] | None = None,
) -> dict[str, Any]:
    """Every variant with every seed, as `shiftlab train --json` prints it.

    Returns
    -------
    dict
        {"experiment", "runs": [{"variant", "seed", "seconds", "accuracy": {PLACE: value}, "ties": {PLACE: share},
        further figures}]}. For bit-equal figures run it on one thread (`torch.set_num_threads(1)`).

    Raises
    ------
    ValueError
        For an unknown experiment or variant, before anything runs.
    """
    chosen = experiment(name)
    wanted = tuple(variants) if variants is not None else chosen.asked
    for variant in wanted:
        chosen.variant(variant)
    runs: list[dict[str, Any]] = []
    for seed in seeds:
        for variant in wanted:

            def told(progress: Progress, variant: str = variant, seed: int = seed) -> None:
                if report is not None:
                    report(variant, seed, progress)

            runs.append(result_of(chosen.run(variant, seed), told).as_json())
    return {"experiment": name, "runs": runs}
