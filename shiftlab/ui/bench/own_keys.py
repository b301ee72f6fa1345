"""Keys that a widget answers itself, before the window's shortcuts do: there, arrows move the pattern."""

from __future__ import annotations

from collections.abc import Container

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent


def claims(event: QEvent, keys: Container[int]) -> bool:
    """Claim one of these keys from the shortcuts; whether it was one. To be asked in `event`."""
    if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in keys:
        event.accept()
        return True
    return False
