"""Which libraries and programs are missing, and the packages that bring them."""

from __future__ import annotations

from pathlib import Path

import pytest

from shiftlab import system


def test_missing_libraries_are_found_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "HEADLESS", {"libnothing1": "libnothing-at-all.so.1", "libc6": "libc.so.6"})
    monkeypatch.setattr(system, "FONT_FOLDERS", (Path("/nonexistent"),))
    monkeypatch.setattr(system, "TOOLS", {"xdotool": "no-such-program"})
    assert system.missing_packages() == ("libnothing1", system.FONT_PACKAGE)
    assert system.missing_packages(tools=True)[-1] == "xdotool"


def test_an_import_that_failed_for_a_library_names_its_package() -> None:
    error = ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")
    assert "apt install libegl1" in (system.advice(error) or "")
    assert system.advice(ImportError("No module named 'PySide6'")) is None
