"""The window closed in the midst of training and of a sweep, in a process of its own: exit 0, in time, nothing said."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

DRIVER = Path(__file__).with_name("closing_driver.py")


def run(home: Path, moment: str, steps: int) -> tuple[subprocess.CompletedProcess[str], float]:
    environment = {**os.environ, "SHIFTLAB_HOME": str(home), "OMP_NUM_THREADS": "1", "QT_QPA_PLATFORM": "offscreen"}
    environment["PYTHONPATH"] = str(DRIVER.parents[3])
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, str(DRIVER), moment, str(steps)], env=environment, capture_output=True, text=True, timeout=100,
        check=False,
    )  # fmt: skip
    return done, time.monotonic() - began


def quiet(text: str) -> str:
    """What was printed, without what the screenless platform says of itself."""
    return "\n".join(line for line in text.splitlines() if "propagateSizeHints" not in line)


@pytest.mark.parametrize(("moment", "steps"), [("training", 3), ("testing", 0), ("sweeping", 0)])
def test_closing_in_the_midst_ends_quietly(tmp_path, moment, steps):
    done, _ = run(tmp_path, moment, steps)
    assert (done.returncode, quiet(done.stderr)) == (0, "")
    assert list((tmp_path / "runs").iterdir()) == []
    assert "Traceback" not in (tmp_path / "shiftlab.log").read_text()


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_closed_at_any_step_of_training_twenty_times(tmp_path):
    for steps in range(1, 21):
        done, _ = run(tmp_path, "training", 5 * steps - 4)
        assert (steps, done.returncode, quiet(done.stderr)) == (steps, 0, "")
        assert list((tmp_path / "runs").iterdir()) == []
