"""What is remembered between starts: theme, layout, recent files. An INI file, read with types."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, cast, get_args

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

ThemeChoice = Literal["system", "light", "dark"]
RECENT = 10


def settings_folder() -> Path:
    """The folder of this user's settings, which need not exist yet."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation)) / "shiftlab"


class Settings:
    """A typed face of one INI file. What is missing or broken there counts as its default."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path if path is not None else settings_folder() / "shiftlab.ini"
        self._store = QSettings(str(self.path), QSettings.Format.IniFormat)

    @property
    def theme(self) -> ThemeChoice:
        stored = self._store.value("appearance/theme", "system", type=str)
        return cast(ThemeChoice, stored) if stored in get_args(ThemeChoice) else "system"

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._store.setValue("appearance/theme", choice)

    @property
    def reduced_motion(self) -> bool:
        """Whether nothing is to move but what a person moves."""
        return bool(self._store.value("appearance/reduced-motion", False, type=bool))

    @reduced_motion.setter
    def reduced_motion(self, reduced: bool) -> None:
        self._store.setValue("appearance/reduced-motion", reduced)

    @property
    def geometry(self) -> QByteArray:
        """The window's place as `QWidget.saveGeometry` gave it; empty where none was kept."""
        return self._bytes("layout/geometry")

    @geometry.setter
    def geometry(self, state: QByteArray) -> None:
        self._store.setValue("layout/geometry", state)

    @property
    def dock(self) -> str:
        """The dock that was open, or ''."""
        return str(self._store.value("layout/dock", "", type=str))

    @dock.setter
    def dock(self, name: str) -> None:
        self._store.setValue("layout/dock", name)

    def forget_layout(self) -> None:
        self._store.remove("layout")

    @property
    def dragged(self) -> bool:
        """Whether a pattern was ever dragged; until then the window invites to it."""
        return bool(self._store.value("hints/dragged", False, type=bool))

    @dragged.setter
    def dragged(self, done: bool) -> None:
        self._store.setValue("hints/dragged", done)

    @property
    def folder(self) -> str:
        """The folder of the last file that was opened or saved."""
        return str(self._store.value("files/folder", "", type=str))

    @folder.setter
    def folder(self, folder: str) -> None:
        self._store.setValue("files/folder", folder)

    @property
    def lessons(self) -> tuple[str, ...]:
        """Keys of the lessons that were finished."""
        stored = self._store.value("lessons/finished", [])
        keys = [stored] if isinstance(stored, str) else stored if isinstance(stored, list) else []
        return tuple(key for key in keys if isinstance(key, str) and key)

    @lessons.setter
    def lessons(self, keys: tuple[str, ...]) -> None:
        self._store.setValue("lessons/finished", list(keys))

    @property
    def lesson_folder(self) -> str:
        """The folder of the user's own lessons, or ''."""
        return str(self._store.value("lessons/folder", "", type=str))

    @lesson_folder.setter
    def lesson_folder(self, folder: str) -> None:
        self._store.setValue("lessons/folder", folder)

    @property
    def recent(self) -> tuple[Path, ...]:
        """Recent files, newest first."""
        stored = self._store.value("files/recent", [])
        names = [stored] if isinstance(stored, str) else stored if isinstance(stored, list) else []
        return tuple(Path(name) for name in names if isinstance(name, str) and name)[:RECENT]

    def add_recent(self, path: Path) -> None:
        kept = [str(path), *(str(one) for one in self.recent if one != path)]
        self._store.setValue("files/recent", kept[:RECENT])

    def forget_recent(self) -> None:
        self._store.remove("files/recent")

    def sync(self) -> None:
        """Write to disk now."""
        self._store.sync()

    def _bytes(self, key: str) -> QByteArray:
        stored = self._store.value(key)
        return stored if isinstance(stored, QByteArray) else QByteArray()
