"""Windows and labs with a backend that needs no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from shiftlab.document import Document
from shiftlab.ui.appearance import Appearance
from shiftlab.ui.settings import Settings
from shiftlab.ui.window import Window
from tests.ui.fake_backend import FakeBackend
from tests.ui.middle import middle


@pytest.fixture
def document() -> Document:
    return middle()


@pytest.fixture
def backend() -> Iterator[FakeBackend]:
    made = FakeBackend()
    yield made
    made.gate.set()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "shiftlab.ini")


MakeWindow = Callable[..., Window]


@pytest.fixture
def make_window(qtbot, backend: FakeBackend, settings: Settings) -> Iterator[MakeWindow]:
    """Makes windows that are shown, and stopped and destroyed at the end."""
    windows: list[Window] = []

    def make(document: Document | None = None, **given: object) -> Window:
        window = Window(
            document or middle(),
            given.get("settings", settings),  # type: ignore[arg-type]
            given.get("appearance", Appearance("dark")),  # type: ignore[arg-type]
            given.get("make_backend", lambda: backend),  # type: ignore[arg-type]
        )
        windows.append(window)
        window.when_closing(lambda: window.stop(10))
        window.resize(1440, 900)
        window.show()
        qtbot.waitExposed(window)
        return window

    yield make
    backend.gate.set()
    for window in windows:
        window.close()
        window.deleteLater()
    QApplication.sendPostedEvents()


@pytest.fixture
def window(make_window: MakeWindow, qtbot) -> Window:
    """A window whose first answer has been shown."""
    made = make_window()
    qtbot.waitUntil(lambda: made.bridge.shown is not None)
    return made
