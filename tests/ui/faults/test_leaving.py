"""The window closed in the midst of a forward, a sweep and a training, each time in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shiftlab.files import session

DRIVER = Path(__file__).with_name("leaving_driver.py")
IN_TIME = 5.0
"""Seconds from the close of the window to the end of the process."""
POINTS = range(20)
FEW = [("inference", 4), ("sweep", 7), ("training", 4)]


def leave(home: Path, kind: str, point: int) -> None:
    """Close it there, and see that it ends as it should.

    Raises
    ------
    AssertionError
        It names the point.
    """
    said = home / "said.json"
    environment = {
        **os.environ,
        "SHIFTLAB_HOME": str(home),
        "OMP_NUM_THREADS": "1",
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(DRIVER.parents[3]),
    }
    done = subprocess.run(
        [sys.executable, str(DRIVER), kind, str(point), str(said)], env=environment, capture_output=True, text=True,
        timeout=110, check=False,
    )  # fmt: skip
    ended = time.monotonic()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), f"{kind}, point {point}"
    report = json.loads(said.read_text())
    where = f"{kind}, {report['where']}"
    assert ended - report["closed"] < IN_TIME, where
    assert report["threads"] == [], where
    log = (home / "shiftlab.log").read_text()
    assert not [word for word in ("ERROR", "QThread", "Traceback") if word in log], f"{where}: {log}"
    assert list((home / "runs").iterdir()) == [], where
    last = home / f"last{session.SUFFIX}"
    if last.exists():
        kept = [None if one.weights is None else one.weights.digest for one in session.load(last).networks]
        assert kept == report["weights"], where
    else:
        # A sweep changes nothing in the lab, and neither has a training that is still being opened.
        assert (kind, point) == ("training", 0) or kind == "sweep", f"{where}: what was done in it is not kept"


@pytest.mark.parametrize(("kind", "point"), FEW)
def test_a_window_closed_in_the_midst_ends_its_process_in_time(tmp_path: Path, kind: str, point: int) -> None:
    leave(tmp_path, kind, point)


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("kind", ["inference", "sweep", "training"])
def test_twenty_times_at_twenty_points(tmp_path: Path, kind: str) -> None:
    for point in POINTS:
        home = tmp_path / str(point)
        home.mkdir()
        leave(home, kind, point)
