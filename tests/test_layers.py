"""What import-linter cannot see: what is really loaded once a module has been imported."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

import shiftlab

WITH_TORCH = ("shiftlab.measure", "shiftlab.learn", "shiftlab.engine.backend", "shiftlab.engine.follower")
"""What may load torch, beside the modules of shiftlab.network that pyproject.toml names."""


def _modules(*packages: str, without: tuple[str, ...] = WITH_TORCH) -> list[str]:
    """Every module of these packages, found without importing it where it is no package."""
    found = [one.name for one in pkgutil.walk_packages(shiftlab.__path__, "shiftlab.", onerror=lambda _: None)]
    return [name for name in found if name.startswith(packages) and not name.startswith(without)]


def _loaded(modules: list[str], of: tuple[str, ...]) -> str:
    """The first of these modules that brings one of `of` into a fresh interpreter, or nothing."""
    code = f"""
import importlib, sys
for name in {modules!r}:
    importlib.import_module(name)
    found = [one for one in {of!r} if one in sys.modules]
    if found:
        sys.exit(f"{{name}} loads {{found[0]}}")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return done.stderr


@pytest.mark.parametrize("package", ["ui", "files", "engine", "scene", "picture", "document", "measure.values"])
def test_torch_is_not_loaded(package: str) -> None:
    """The window stands before torch has loaded, so nothing that the window imports may draw it in."""
    modules = _modules(f"shiftlab.{package}") or [f"shiftlab.{package}"]
    assert _loaded(modules, ("torch",)) == ""


def test_the_window_does_not_load_torch() -> None:
    assert "shiftlab.ui.window" in _modules("shiftlab.ui")
    assert _loaded(["shiftlab.ui.window"], ("torch",)) == ""


def test_nothing_below_the_window_loads_qt() -> None:
    below = ("scene", "network", "picture", "measure", "learn", "document", "engine", "files")
    modules = _modules(*(f"shiftlab.{one}" for one in below), without=())
    assert "shiftlab.engine.backend" in modules
    assert len(modules) > 30
    assert _loaded(modules, ("PySide6", "pyqtgraph")) == ""


def test_what_is_loaded_is_seen() -> None:
    """So that the tests above can fail."""
    assert "loads torch" in _loaded(["shiftlab.network.modules"], ("torch",))


def test_the_bootstrap_needs_the_standard_library_alone() -> None:
    """In an isolated interpreter with no site-packages at all."""
    root = shiftlab.__path__[0].removesuffix("shiftlab")
    code = f"import sys; sys.path.insert(0, {root!r}); import shiftlab.bootstrap.commands"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
