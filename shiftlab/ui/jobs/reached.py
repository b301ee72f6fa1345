"""What a view's job yields: how far it is, and its answer so far."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Generic, TypeVar

from shiftlab.engine.messages import Progress

Answer = TypeVar("Answer")


@dataclass(frozen=True, eq=False)
class Reached(Generic[Answer]):
    """How far a job is, and what it has to show so far; None where that is nothing."""

    progress: Progress
    answer: Answer | None = None


Steps = Generator[Reached[Answer], None, Answer]
