"""The suite's own guard: a test that leaves something behind fails. Each case runs a small suite of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py")

CASES = {
    "thread": """
        import threading
        stop = threading.Event()
        def test_it():
            threading.Thread(target=stop.wait, name="forgotten", daemon=True).start()
    """,
    "widget": """
        from PySide6.QtWidgets import QLabel
        kept = []
        def test_it(qapp):
            kept.append(QLabel())
    """,
    "QTimer": """
        from PySide6.QtCore import QTimer
        kept = []
        def test_it(qapp):
            kept.append(QTimer())
            kept[0].start(1000)
    """,
    "none": """
        import threading
        from PySide6.QtCore import QTimer
        from PySide6.QtWidgets import QLabel
        def test_it(qtbot):
            label = QLabel()
            qtbot.addWidget(label)
            timer = QTimer(label)
            timer.start(1000)
            thread = threading.Thread(target=threading.Event().wait, args=(0.01,))
            thread.start()
    """,
    "xdotool or a display": """
        import pytest
        @pytest.mark.xvfb
        def test_it():
            pass
    """,
}


@pytest.mark.parametrize("what", CASES)
def test_what_is_left_behind_fails(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import textwrap

    shutil.copy(CONFTEST, tmp_path / "conftest.py")
    text = (tmp_path / "conftest.py").read_text().replace("PATIENCE = 5.0", "PATIENCE = 0.1")
    (tmp_path / "conftest.py").write_text(text)
    (tmp_path / "test_case.py").write_text(textwrap.dedent(CASES[what]))
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  xvfb: real window\n")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setenv("PATH", "/nonexistent")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if what == "none":
        assert done.returncode == 0, done.stdout
    elif what == "xdotool or a display":
        assert done.returncode == 1
        assert "no X display" in done.stdout
        assert "skipped" not in done.stdout
    else:
        assert done.returncode == 1
        assert f"left behind: {what}" in done.stdout
