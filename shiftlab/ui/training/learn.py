"""What opens and trains experiments: the core, imported where it is first used, because torch is behind it."""

from __future__ import annotations

from collections.abc import Generator
from typing import Protocol

from shiftlab.learn.plans import Opened, Outcome, Plan, Taught


class Learn(Protocol):
    """What opens and trains; torch is behind it."""

    def opened(self, plan: Plan) -> Opened: ...
    def live(self, ready: Opened, since: Taught | None = None) -> Generator[Taught, None, Outcome]: ...


class RealLearn:
    """The experiments of the core; imported where they are first used, on a job's thread."""

    def opened(self, plan: Plan) -> Opened:
        from shiftlab.learn import live

        return live.opened(plan)

    def live(self, ready: Opened, since: Taught | None = None) -> Generator[Taught, None, Outcome]:
        from shiftlab.learn import live

        return live.live(ready, since)
