"""What went wrong, in one line for the window and in full for the log."""

from __future__ import annotations

import traceback

from shiftlab.engine.messages import Failure, Request

LONGEST = 300


def one_line(error: BaseException) -> str:
    """An exception as one line: our own refusals as they are, others with their kind."""
    words = str(error).strip().splitlines()
    first = words[0].strip() if words else ""
    if isinstance(error, MemoryError) or "can't allocate memory" in str(error):
        first = "out of memory: a smaller canvas or network may fit"
    elif not isinstance(error, (ValueError, FloatingPointError)):
        first = f"{type(error).__name__}: {first}" if first else type(error).__name__
    elif not first:
        first = type(error).__name__
    return first if len(first) <= LONGEST else first[: LONGEST - 1] + "…"


def failure_of(error: BaseException, request: Request | None) -> Failure:
    """The Failure that an exception becomes."""
    return Failure(request, one_line(error), "".join(traceback.format_exception(error)))
