"""Light or dark: what the person chose, or what the system says."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal

from shiftlab.ui.settings import ThemeChoice

Scheme = Literal["light", "dark"]


class Appearance(QObject):
    """Follows the system's colour scheme, unless one was chosen.

    Parameters
    ----------
    choice : 'system', 'light' or 'dark'
    system : Qt.ColorScheme
        What the system says at the start; a system that says nothing counts as dark.

    Signals
    -------
    changed : 'light' or 'dark', whenever the look is to change
    """

    changed = Signal(str)

    def __init__(
        self,
        choice: ThemeChoice = "system",
        system: Qt.ColorScheme = Qt.ColorScheme.Unknown,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._choice: ThemeChoice = choice
        self._system = system

    @property
    def choice(self) -> ThemeChoice:
        return self._choice

    @property
    def scheme(self) -> Scheme:
        """What is to be shown."""
        if self._choice != "system":
            return self._choice
        return "light" if self._system == Qt.ColorScheme.Light else "dark"

    def choose(self, choice: ThemeChoice) -> None:
        """Follow the system, or stay with one."""
        before, self._choice = self.scheme, choice
        self._tell(before)

    def system_changed(self, system: Qt.ColorScheme) -> None:
        """Slot for `QStyleHints.colorSchemeChanged`."""
        before, self._system = self.scheme, system
        self._tell(before)

    def _tell(self, before: Scheme) -> None:
        if self.scheme != before:
            self.changed.emit(self.scheme)
