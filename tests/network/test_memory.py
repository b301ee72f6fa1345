"""Keeping freed memory at hand."""

from __future__ import annotations

import subprocess
import sys

import pytest

from shiftlab.network import memory

COUNT_FAULTS = """
import resource, sys
import numpy as np
from shiftlab.network.memory import keep_memory
assert not sys.argv[1:] or keep_memory()
x = np.zeros(1 << 20, dtype=np.float32)
def two_maps():
    return [x + 1, x + 2]
for _ in range(3):
    two_maps()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    two_maps()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc alone has the setting")
def test_maps_that_come_and_go_cost_no_page_faults():
    def faults(*arguments: str) -> int:
        command = [sys.executable, "-c", COUNT_FAULTS, *arguments]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert faults("keep") * 5 < faults()


def test_other_systems_are_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not memory.keep_memory()
