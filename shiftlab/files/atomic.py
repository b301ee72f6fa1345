"""Writing a file so that a full disk or a kill leaves the old one as it was."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Put `content` at `path`: all of it, or nothing happens to what is there.

    A temporary file in the same folder is written, flushed to the disk and renamed over the old one,
    whose permissions it keeps. A link is followed.

    Raises
    ------
    OSError
        Where it cannot be written; the old file is intact and no temporary file stays.
    """
    target = path.resolve()
    descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            written = os.fstat(file.fileno()).st_size
        if written != len(content):
            raise OSError(f"only {written} of {len(content)} bytes of {target.name} were written")
        os.chmod(temporary, _permissions(target))
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _flush_folder(target.parent)


def _permissions(target: Path) -> int:
    """Those of the file that is replaced, else those a new file would have had (mkstemp's are the owner's alone)."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _flush_folder(folder: Path) -> None:
    """Make the renaming itself last through a power cut; not every system lets a folder be opened for it."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
