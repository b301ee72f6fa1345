"""Rows of the table, and timings of two ways to do a thing, taken in turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Unit = Literal["×", "ms", "frames/s", "MB"]


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    what : what was compared
    measured : the figure, or None where it could not be taken (`note` says why)
    reach : what it should be; None for information, which is asked of nothing and counted nowhere
    at_most : whether smaller is better
    unit, note : for the eye
    """

    what: str
    measured: float | None
    reach: float | None
    at_most: bool = True
    unit: Unit = "×"
    note: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the reach is met; None where there is none."""
        if self.reach is None:
            return None
        if self.measured is None:
            return False
        return self.measured <= self.reach if self.at_most else self.measured >= self.reach

    @property
    def record(self) -> dict[str, Any]:
        """As it is written to JSON."""
        sign = "<=" if self.at_most else ">="
        record: dict[str, Any] = {
            "what": self.what,
            "measured": self.measured,
            "reach": None if self.reach is None else f"{sign} {self.reach:g} {self.unit}".replace(" ×", "×"),
            "holds": self.holds,
        }
        return record | ({"note": self.note} if self.note else {})

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """As it is printed."""
        space = "" if self.unit == "×" else " "
        measured = "–" if self.measured is None else f"{self.measured:.3g}{space}{self.unit}"
        if self.measured is not None and self.measured >= 1000:
            measured = f"{self.measured:,.0f}{space}{self.unit}"
        words = f"{self.what} ({self.note})" if self.note else self.what
        return (
            words,
            measured,
            "–" if self.reach is None else f"{'≤' if self.at_most else '≥'} {self.reach:g}{space}{self.unit}",
            {True: "yes", False: "NO", None: "–"}[self.holds],
        )


def seconds(call: Callable[[], object], repeats: int = 1) -> float:
    """Seconds of processor time (of all threads) for one call, over `repeats` of them.

    Both sides run on one thread, so that this is what they take on a machine that does nothing else.
    """
    begun = time.process_time()
    for _ in range(repeats):
        call()
    return (time.process_time() - begun) / repeats


def repeats_for(call: Callable[[], object], least: float = 2e-3) -> int:
    """How often to call so that the clock has something to measure."""
    return max(1, round(least / max(seconds(call), 1e-9)))


def ratio(ours: Callable[[], object], naive: Callable[[], object], rounds: int = 15) -> float:
    """The median of ours / naive over rounds in which each is timed in turn, after a warm-up.

    What else the machine does then falls on both sides alike.
    """
    for call in (ours, naive):
        call()
        call()
    repeats = repeats_for(ours), repeats_for(naive)
    return statistics.median(seconds(ours, repeats[0]) / seconds(naive, repeats[1]) for _ in range(rounds))


def speed_up(ours: Callable[[], object], naive: Callable[[], object], rounds: int = 15) -> float:
    """How many times faster ours is."""
    return 1 / ratio(ours, naive, rounds)
