"""The experiments by name: what they ask, and how the command line and the window run them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from shiftlab.learn import corner, face, red_green, twin
from shiftlab.learn.values import Job, Progress, Run

Report = Callable[[str, int, Progress], None]
"""Told of a variant, a seed and where it stands."""


@dataclass(frozen=True)
class Experiment:
    """One experiment.

    Attributes
    ----------
    name : as on the command line
    expectation : one sentence
    variants : all there are; `asked` those that run where none is named
    run : a variant and a seed to the job that trains and tests it
    """

    name: str
    expectation: str
    variants: tuple[str, ...]
    asked: tuple[str, ...]
    run: Callable[[str, int], Job[Run]]


EXPERIMENTS: Mapping[str, Experiment] = MappingProxyType(
    {
        corner.NAME: Experiment(
            corner.NAME,
            "A dense head knows cats where it saw them and is at chance elsewhere; a global one knows them everywhere.",
            tuple(corner.VARIANTS),
            corner.ASKED,
            corner.run,
        ),
        face.NAME: Experiment(
            face.NAME,
            "Pooling keeps which parts a face has; once the window spans the face, it has forgotten where they were.",
            tuple(face.VARIANTS),
            face.ASKED,
            face.run,
        ),
        twin.NAME: Experiment(
            twin.NAME,
            "On a circular network, gradient descent with the object moved by the stride gives the weights moved.",
            tuple(twin.VARIANTS),
            twin.ASKED,
            twin.run,
        ),
        red_green.NAME: Experiment(
            red_green.NAME,
            "With zero padding or none the network learns where the patches are instead of their order.",
            tuple(red_green.VARIANTS),
            red_green.ASKED,
            red_green.run,
        ),
    }
)


def names() -> tuple[str, ...]:
    """The names of the experiments."""
    return tuple(EXPERIMENTS)


def experiment(name: str) -> Experiment:
    """An experiment by name.

    Raises
    ------
    ValueError
        For an unknown name, listing those there are.
    """
    if name not in EXPERIMENTS:
        raise ValueError(f"no experiment {name!r}; there are {', '.join(EXPERIMENTS)}")
    return EXPERIMENTS[name]


def finished(job: Job[Run], told: Callable[[Progress], None] | None = None) -> Run:
    """Run a job to its end and give what it found."""
    while True:
        try:
            progress = next(job)
        except StopIteration as end:
            return end.value
        if told is not None:
            told(progress)


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
        if variant not in chosen.variants:
            raise ValueError(f"{name} has no variant {variant!r}; it has {', '.join(chosen.variants)}")
    runs: list[dict[str, Any]] = []
    for seed in seeds:
        for variant in wanted:

            def told(progress: Progress, variant: str = variant, seed: int = seed) -> None:
                if report is not None:
                    report(variant, seed, progress)

            runs.append(finished(chosen.run(variant, seed), told).as_json())
    return {"experiment": name, "runs": runs}
