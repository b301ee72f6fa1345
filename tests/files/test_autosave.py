"""A kill in the middle of editing: the next start is offered the autosave, a crash log once (fault 13)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shiftlab.files import session
from shiftlab.files.autosave import MOST_LOG, Autosave
from tests.files.documents import full_document

KILLED = """
import os, signal, sys
from pathlib import Path
from shiftlab.files import session
from shiftlab.files.autosave import Autosave
run = Autosave(Path(sys.argv[1]))
if sys.argv[2]:
    run.save(session.load(Path(sys.argv[2])))
if sys.argv[3]:
    run.crash_log.write_text(sys.argv[3])
os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(folder: Path, saved: Path | None = None, log: str = "") -> None:
    """A run of the program that saves, writes a crash log, and is killed."""
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder), str(saved or ""), log], check=False)
    assert done.returncode == -9


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "full.shiftlab"
    session.save(full_document(), path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def run(folder: Path) -> Iterator[Autosave]:
    autosave = Autosave(folder)
    yield autosave
    autosave.finish()


def test_a_killed_run_is_offered_with_its_document(folder: Path, saved: Path) -> None:
    killed(folder, saved)
    run = Autosave(folder)
    (left,) = run.leftovers()
    assert left.session is not None
    assert session.load(left.session) == full_document()
    assert left.crash_log == ""
    assert run.leftovers() == (left,), "undecided, it is offered again"
    run.settle(left)
    assert run.leftovers() == ()
    run.finish()


def test_a_crash_log_is_given_once_even_where_the_autosave_stays(folder: Path, saved: Path, run: Autosave) -> None:
    killed(folder, saved, "Segmentation fault")
    (left,) = run.leftovers()
    assert left.crash_log == "Segmentation fault"
    (again,) = run.leftovers()
    assert again.crash_log == ""
    assert again.session == left.session


def test_a_crash_log_without_an_autosave_is_given_once(folder: Path, run: Autosave) -> None:
    killed(folder, None, "Segmentation fault")
    (left,) = run.leftovers()
    assert (left.session, left.crash_log) == (None, "Segmentation fault")
    assert run.leftovers() == ()
    assert len(os.listdir(folder)) == 1


def test_only_the_end_of_a_long_log_is_given(folder: Path, run: Autosave) -> None:
    killed(folder, None, "begin" + "x" * 100_000 + "the end")
    (left,) = run.leftovers()
    assert len(left.crash_log) == MOST_LOG
    assert left.crash_log.endswith("the end")


def test_a_clean_exit_leaves_nothing(folder: Path) -> None:
    run = Autosave(folder)
    run.save(full_document())
    run.finish()
    assert os.listdir(folder) == []
    run.finish()


def test_a_run_that_goes_on_is_let_alone(folder: Path, run: Autosave) -> None:
    """Two windows at once: neither is offered the other's state, nor removes it."""
    run.save(full_document())
    other = Autosave(folder)
    assert other.leftovers() == ()
    assert run.leftovers() == ()
    assert len(os.listdir(folder)) == 2
    other.finish()


def test_of_several_killed_runs_the_newest_comes_first(folder: Path, saved: Path, run: Autosave) -> None:
    for _ in range(2):
        killed(folder, saved)
    for age, path in enumerate(sorted(folder.glob("*/autosave.shiftlab"))):
        os.utime(path, (1e9 + age, 1e9 + age))
    times = [left.saved_at for left in run.leftovers()]
    assert times == [1e9 + 1, 1e9]


def test_a_killed_run_with_nothing_in_it_is_cleared_away(folder: Path, run: Autosave) -> None:
    killed(folder)
    assert run.leftovers() == ()
    assert len(os.listdir(folder)) == 1


def test_the_same_document_is_written_once(run: Autosave) -> None:
    document = full_document()
    assert run.save(document)
    assert not run.save(document)
    assert run.save(document.back_to_reference())


def test_a_failed_save_keeps_the_last(folder: Path, run: Autosave, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    run.save(full_document())
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            run.save(full_document().back_to_reference())
    (path,) = folder.glob("*/autosave.shiftlab")
    assert session.load(path) == full_document()
    assert run.save(full_document().back_to_reference())
