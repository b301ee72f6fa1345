"""The window stands before torch has loaded; what the window needs from below must not draw it in."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

LIGHT = [
    "shiftlab.ui",
    "shiftlab.ui.window",
    "shiftlab.ui.bridge",
    "shiftlab.document",
    "shiftlab.network.initial",
    "shiftlab.network.geometry",
    "shiftlab.engine.messages",
    "shiftlab.engine.store",
    "shiftlab.engine.worker",
    "shiftlab.files.session",
    "shiftlab.files.images",
    "shiftlab.files.state",
]
WITHOUT_QT = ["shiftlab.document", "shiftlab.engine.worker", "shiftlab.files.state", "shiftlab.engine.store"]


def _loaded(module: str, of: str) -> bool:
    """Whether importing `module` in a fresh interpreter loads `of`."""
    if importlib.util.find_spec(module) is None:
        return False
    code = f"import sys, {module}; sys.exit({of!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode != 0


@pytest.mark.parametrize("module", LIGHT)
def test_torch_is_not_loaded(module: str) -> None:
    assert not _loaded(module, "torch")


@pytest.mark.parametrize("module", WITHOUT_QT)
def test_qt_is_not_loaded(module: str) -> None:
    assert not _loaded(module, "PySide6")


def test_the_bootstrap_needs_the_standard_library_alone() -> None:
    """In an isolated interpreter with no site-packages at all."""
    code = "import sys; sys.path.insert(0, '.'); import shiftlab.bootstrap"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
