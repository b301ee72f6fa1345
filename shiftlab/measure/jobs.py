"""Jobs: generators that yield a step after each part of their work and return what they found at the end.

So a caller can show how far they are, and stop between two steps.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Partial = TypeVar("Partial")
Told = TypeVar("Told")
Retold = TypeVar("Retold")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Step(Generic[Partial]):
    """How far a job is: done of total.

    `partial` is what is known so far, in a copy of its own; None where there is nothing to show before the end.
    """

    done: int
    total: int
    partial: Partial | None = field(default=None, compare=False)


def result_of(job: Generator[Told, None, Result], told: Callable[[Told], object] | None = None) -> Result:
    """Run a job to its end, telling its steps; what it found."""
    while True:
        try:
            step = next(job)
        except StopIteration as end:
            return end.value
        if told is not None:
            told(step)


def relayed(job: Generator[Told, None, Result], retold: Callable[[Told], Retold]) -> Generator[Retold, None, Result]:
    """The same job with every step told otherwise, as a part of another."""
    while True:
        try:
            step = next(job)
        except StopIteration as end:
            return end.value
        yield retold(step)
