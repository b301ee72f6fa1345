"""What the set-up says, how it fails, and how it runs other programs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


class SetupError(Exception):
    """What stopped the set-up, in one line, with the exit code to leave with."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


def say(words: str) -> None:
    """One line of progress, on standard error so that a command's own output stays clean."""
    sys.stderr.write(f"shiftlab: {words}\n")
    sys.stderr.flush()


def call(
    command: Sequence[str | Path],
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    output: int | None = None,
) -> int:
    """Run to the end, with the terminal's own input and output; the exit code, as a shell would give it."""
    with subprocess.Popen([str(part) for part in command], env=environment, cwd=folder, stdout=output) as process:
        while True:
            try:
                code = process.wait()
                break
            except KeyboardInterrupt:
                continue  # the child has had the same Ctrl+C; its answer is what counts
    return code if code >= 0 else 128 - code


def watched() -> bool:
    """Whether somebody watches, so that apt's and pip's own progress is worth showing; a log takes our lines alone."""
    return sys.stdout is not None and sys.stdout.isatty()
