"""What outlives a kill: an autosave, a mark that the program runs, and the log of a crash.

Each run of the program has a folder of its own, held by a lock for as long as the process lives. A
clean exit removes it; a folder that nobody holds is what a killed run left. No Qt here: the window
decides when to save and asks whether to restore.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import IO

from shiftlab.document import Document
from shiftlab.files import session
from shiftlab.files.atomic import write_atomically

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows: there, a file that is open cannot be removed, which tells the same
    fcntl = None

MOST_LOG = 64 * 1024
_PREFIX = "run-"
_YOUNG = 60.0
"""Seconds."""
_LOCK, _SAVED, _LOG = "lock", "autosave.shiftlab", "crash.log"


@dataclass(frozen=True)
class Leftover:
    """What a run that was killed left behind.

    Attributes
    ----------
    folder : Path
    session : Path or None
        Its autosave, where it had one; `files.session.load` reads it.
    crash_log : str
        What it wrote as it crashed: given once, empty afterwards. At most the last 64 KB.
    saved_at : float
        When the autosave was written, in seconds since 1970; 0 where there is none.
    """

    folder: Path
    session: Path | None
    crash_log: str
    saved_at: float


class Autosave:
    """The folder of this run among those of the others.

    Parameters
    ----------
    folder : Path
        Where runs keep their folders; made where it is not there.

    Raises
    ------
    OSError
        Where the folder cannot be made or held.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._own = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
        self._lock: IO[bytes] | None = _hold(self._own / _LOCK)
        self._last: Document | None = None

    @property
    def crash_log(self) -> Path:
        """Where this run writes as it crashes (faulthandler, the last exception)."""
        return self._own / _LOG

    def save(self, document: Document) -> bool:
        """Keep this document for a restart; False where it is the one that is kept already.

        Raises
        ------
        SessionError, OSError
            Where it cannot be; what was kept before stays.
        """
        if document is self._last:
            return False
        write_atomically(self._own / _SAVED, session.to_bytes(document))
        self._last = document
        return True

    def leftovers(self) -> tuple[Leftover, ...]:
        """What killed runs left, the newest first. It stays until it is settled, but a crash log is given once."""
        found: list[Leftover] = []
        for folder in self._folder.glob(f"{_PREFIX}*"):
            if folder == self._own or not folder.is_dir() or _lives(folder):
                continue
            left = _left_in(folder)
            if left.session is None and not left.crash_log:
                self.settle(left)
            else:
                found.append(left)
        return tuple(sorted(found, key=lambda one: one.saved_at, reverse=True))

    def settle(self, leftover: Leftover) -> None:
        """It was restored, or is not wanted: remove it."""
        shutil.rmtree(leftover.folder, ignore_errors=True)

    def finish(self) -> None:
        """The clean exit: nothing is left to restore."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        shutil.rmtree(self._own, ignore_errors=True)


def _hold(path: Path) -> IO[bytes]:
    file = path.open("wb")
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def _lives(folder: Path) -> bool:
    """Whether the run of this folder goes on, or is so young that it may not hold its lock yet."""
    if (folder / _LOCK).exists():
        return _held(folder / _LOCK)
    return time.time() - folder.stat().st_mtime < _YOUNG


def _held(path: Path) -> bool:
    """Whether a living process holds this lock."""
    if fcntl is None:
        try:
            path.unlink(missing_ok=True)
        except PermissionError:
            return True
        return False
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _left_in(folder: Path) -> Leftover:
    saved = folder / _SAVED
    log = ""
    with contextlib.suppress(OSError):
        with (folder / _LOG).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(max(0, size - MOST_LOG))
            log = file.read(MOST_LOG).decode("utf-8", "replace")
        os.replace(folder / _LOG, folder / "crash-shown.log")
    if not saved.is_file():
        return Leftover(folder, None, log, 0.0)
    return Leftover(folder, saved, log, saved.stat().st_mtime)
