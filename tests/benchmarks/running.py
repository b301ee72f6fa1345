"""The rows of one benchmark, from this process or from one of its own."""

from __future__ import annotations

import importlib
import sys
import traceback
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from multiprocessing import get_context

from tests.benchmarks.timing import Row


def collect(name: str) -> list[Row]:
    """The rows of one benchmark; one that says so where it failed."""
    try:
        return list(importlib.import_module(f"tests.benchmarks.bench_{name}").rows())
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        return [Row(f"{name}: failed", None, 0, note=f"{type(error).__name__}: {error}".splitlines()[0])]


def apart(name: str) -> list[Row]:
    """The same from a process of its own."""
    try:
        with ProcessPoolExecutor(1, get_context("spawn")) as processes:
            return processes.submit(collect, name).result()
    except BrokenExecutor:
        return [Row(f"{name}: failed", None, 0, note="its process died")]
