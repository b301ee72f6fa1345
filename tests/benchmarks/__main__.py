"""Runs the benchmarks and prints their table.

    python -m tests.benchmarks [--json FILE] [--only NAME]

Every `bench_NAME.py` beside this file gives its lines through `rows()`, in a process of its own, as the
application runs in one: what another has loaded and left behind is no part of its figures. A benchmark
that fails is a line that does not hold; the others still run. The exit code is 0: figures of a busy
machine are no verdict.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.running import apart
from tests.benchmarks.timing import Row

HERE = Path(__file__).parent


def names() -> list[str]:
    """What `--only` takes."""
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def table(rows: Sequence[Row]) -> str:
    """The rows under one another."""
    lines = [("what", "measured", "reach", "holds"), *(row.cells for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def machine() -> str:
    """What the figures were taken on."""
    return f"{os.cpu_count()} CPUs, Python {platform.python_version()}, {platform.machine()}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Benchmarks of ShiftLab, as ratios."
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows to a file as well")
    parser.add_argument("--only", choices=names(), metavar="NAME", help=f"one of {', '.join(names())}")
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    for name in [options.only] if options.only else names():
        sys.stderr.write(f"{name} ...\n")
        sys.stderr.flush()
        rows += apart(name)
    asked = [row for row in rows if row.reach is not None]
    held = sum(row.holds is True for row in asked)
    sys.stdout.write(f"{table(rows)}\n{held} of {len(asked)} hold · {machine()}\n")
    if options.json is not None:
        options.json.write_text(json.dumps([row.record for row in rows], indent=2, ensure_ascii=False) + "\n")
    return 0


def pin() -> None:
    """Both sides on one thread, and no screen; torch and Qt read these when they are loaded, later than this."""
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["MKL_NUM_THREADS"] = "1"
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


if __name__ == "__main__":
    pin()
    sys.exit(main())
