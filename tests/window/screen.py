"""A window on an X screen, and the hand on it: xdotool has the mouse and the keys."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QPoint

from shiftlab.document import Document
from shiftlab.ui.appearance import Appearance
from shiftlab.ui.settings import Settings
from shiftlab.ui.window import Window


def hand(*steps: object) -> None:
    """One chain of xdotool steps."""
    subprocess.run(["xdotool", *map(str, steps)], check=True, timeout=20)


def opened(qtbot, document: Document, home: Path) -> Iterator[Window]:
    """A window that has answered its first request; closed afterwards."""
    made = Window(document, Settings(home / "shiftlab.ini"), Appearance("dark"))
    made.when_closing(lambda: made.stop(30))
    made.setGeometry(0, 0, 1280, 780)
    made.show()
    qtbot.waitExposed(made)
    qtbot.waitUntil(lambda: made.bridge.shown is not None and made.bridge.worker.idle, timeout=60_000)
    hand("windowfocus", "--sync", int(made.winId()))
    yield made
    hand("mouseup", 1)
    made.close()
    made.deleteLater()


def on_screen(window: Window, row: float, col: float) -> tuple[int, int]:
    """Where on the screen a pixel of the canvas is drawn, in device pixels."""
    x, y = window.canvas.view.centre((row, col))
    point = window.canvas.mapToGlobal(QPoint(round(x), round(y)))
    return point.x(), point.y()


def drag(window: Window, qtbot, to: tuple[int, int], steps: int = 12) -> None:
    """Drag the first pattern there, and let it go."""
    at = window.lab.document.scene.placed[0].at
    hand("mousemove", *on_screen(window, *at), "mousedown", 1)
    qtbot.waitUntil(lambda: window.lab.gesture)
    for step in range(1, steps + 1):
        way = tuple(a + (b - a) * step / steps for a, b in zip(at, to, strict=True))
        hand("mousemove", *on_screen(window, *way))
    qtbot.waitUntil(lambda: window.lab.document.scene.placed[0].at == to)
    hand("mouseup", 1)
    qtbot.waitUntil(lambda: not window.lab.gesture)
