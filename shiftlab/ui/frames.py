"""How many frames a second are painted."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable


class FrameMeter:
    """Counts painted frames over the last second; while nothing is painted it keeps its last figure.

    Parameters
    ----------
    clock : callable
        Seconds, rising.
    """

    SPAN = 1.0
    PAUSE = 0.25
    """A gap this long ends a stretch of movement: the next frame begins a new one."""
    LEAST = 5
    """Frames in a stretch from which its rate is worth telling."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._times: deque[float] = deque()
        self._rate: float | None = None

    @property
    def rate(self) -> float | None:
        """Frames a second; None before enough of them in a row were painted."""
        return self._rate

    def tick(self) -> None:
        """A frame was painted."""
        now = self._clock()
        if self._times and now - self._times[-1] > self.PAUSE:
            self._times.clear()
        self._times.append(now)
        while now - self._times[0] > self.SPAN:
            self._times.popleft()
        if len(self._times) >= self.LEAST and now > self._times[0]:
            self._rate = (len(self._times) - 1) / (now - self._times[0])
