"""Closing the window while something runs, in a process of its own."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from shiftlab.files import session
from shiftlab.ui.appearance import Appearance
from shiftlab.ui.window import Window
from tests.ui.fake_backend import FakeBackend
from tests.ui.middle import middle

DRIVER = Path(__file__).with_name("app_driver.py")


def run(home: Path, preset: str, moment: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SHIFTLAB_HOME": str(home), "OMP_NUM_THREADS": "1"}
    environment["PYTHONPATH"] = str(DRIVER.parents[2])
    return subprocess.run(
        [sys.executable, str(DRIVER), preset, moment], env=environment, capture_output=True, text=True, timeout=110,
        check=False,
    )  # fmt: skip


def quiet(text: str) -> str:
    """What was printed, without what the screenless platform says of itself."""
    return "\n".join(line for line in text.splitlines() if "propagateSizeHints" not in line)


@pytest.mark.parametrize("moment", ["computing", "loading", "shown"])
def test_closing_ends_quietly(tmp_path, moment):
    done = run(tmp_path, "three-blocks", moment)
    assert (done.returncode, quiet(done.stdout), quiet(done.stderr)) == (0, "", "")
    # Where it was closed at once there may not have been such a folder.
    assert list((tmp_path / "runs").glob("*")) == []
    assert (tmp_path / "shiftlab.ini").exists()


def test_a_forward_that_never_returns_is_left_behind_with_session_and_stacks_kept(tmp_path):
    start = time.monotonic()
    done = run(tmp_path, "three-blocks", "hanging")
    assert time.monotonic() - start < 60
    assert done.returncode == 1
    (folder,) = (tmp_path / "runs").iterdir()
    kept = session.load(folder / "autosave.shiftlab")
    assert kept.scene.placed[0].at == (37, 39)
    stacks = (folder / "crash.log").read_text()
    assert "shiftlab worker" in stacks or "in __call__" in stacks
    assert "did not end" in (tmp_path / "shiftlab.log").read_text()


def test_a_killed_run_is_offered_at_the_next_start(tmp_path, make_window, qtbot):
    from shiftlab import app
    from shiftlab.files.autosave import Autosave

    assert run(tmp_path, "three-blocks", "hanging").returncode == 1
    window = make_window()
    keeper = app._keeper(window, tmp_path)
    assert isinstance(keeper.autosave, Autosave)
    try:
        assert "can be restored" in window.notice.text
        assert window.notice.offers == ("Restore", "Discard", "Details", "Close")
        window.notice.press("Restore")
        assert window.lab.document.scene.placed[0].at == (37, 39)
        window.actions_.run("edit.undo")
        assert window.lab.document.scene.placed[0].at == (32, 32)
    finally:
        keeper.finish()
    assert list((tmp_path / "runs").iterdir()) == []


@pytest.mark.parametrize("name", ["shiftlab.ui.window", "shiftlab.app"])
def test_importing_the_window_leaves_torch_and_pyqtgraph_out(name):
    code = f"import sys, {name}; print(sorted({{'torch', 'pyqtgraph'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_without_a_display_one_line_says_so():
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment.pop("QT_QPA_PLATFORM", None)
    done = subprocess.run(
        [sys.executable, "-m", "shiftlab.app"], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no display" in done.stderr


def test_a_missing_library_is_named_with_its_package(monkeypatch, capsys):
    from shiftlab import app, system

    error = ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")
    assert "libegl1" in (system.advice(error) or "")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(system, "missing_packages", lambda **_given: ("libxcb-cursor0",))
    assert app.run_window() == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "libxcb-cursor0" in said


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the memory in use from /proc")
def test_four_hundred_windows_leave_nothing_behind(qapp, settings):
    def cycle() -> None:
        window = Window(middle(), settings, Appearance("dark"), FakeBackend)
        window.when_closing(partial(window.stop, 10))
        window.show()
        qapp.processEvents()
        window.close()
        window.deleteLater()
        del window
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()

    for _ in range(20):
        cycle()
    widgets, before = len(qapp.allWidgets()), kilobytes()
    for _ in range(400):
        cycle()
    assert len(qapp.allWidgets()) == widgets
    assert (kilobytes() - before) / 400 < 20


def kilobytes() -> int:
    """Memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
