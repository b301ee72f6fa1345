"""A full disk, and a kill in the middle of saving: the old file is intact (fault 12)."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from shiftlab.files import atomic, session
from shiftlab.files.atomic import write_atomically
from tests.files.documents import full_document


def test_it_writes_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_atomically(path, b"old")
    write_atomically(path, b"newer")
    assert path.read_bytes() == b"newer"
    assert os.listdir(tmp_path) == ["a"]


def test_permissions_stay_and_links_are_followed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o640)
    (tmp_path / "link").symlink_to(path)
    write_atomically(tmp_path / "link", b"new")
    assert path.read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    write_atomically(tmp_path / "ours", b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "a.shiftlab"
    session.save(full_document(), path)
    old = path.read_bytes()
    monkeypatch.setattr(atomic.os, step, full)
    with pytest.raises(OSError, match="No space left"):
        session.save(full_document().back_to_reference(), path)
    assert path.read_bytes() == old
    assert os.listdir(tmp_path) == ["a.shiftlab"]


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """The kernel refuses to write more than 100 KB; the old file stays, and no temporary one."""
    path = tmp_path / "a"
    path.write_bytes(b"old")
    code = """
import resource, signal, sys
from pathlib import Path
from shiftlab.files.atomic import write_atomically
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    write_atomically(Path(sys.argv[1]), bytes(1_000_000))
except OSError as error:
    print("refused", error.errno)
"""
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout == f"refused {errno.EFBIG}\n"
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


KILLED = """
import os, signal, sys
from pathlib import Path
from shiftlab.files import atomic
where = sys.argv[2]
real = getattr(os, where)
def kill(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(atomic.os, where, kill)
atomic.write_atomically(Path(sys.argv[1]), bytes(1_000_000))
"""


@pytest.mark.parametrize("where", ["fsync", "fstat", "chmod", "replace"])
def test_a_kill_in_the_middle_leaves_the_old_file(where: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    done = subprocess.run([sys.executable, "-c", KILLED, str(path), where], check=False)
    assert done.returncode == -9
    assert path.read_bytes() == b"old"
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"


def test_a_folder_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "none" / "a", b"x")
