"""A button, pressed as a person would."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot


def press(qtbot: QtBot, button: QAbstractButton) -> None:
    """Click a button, which has to be there and to answer."""
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
