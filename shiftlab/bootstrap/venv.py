"""The virtual environment beside the package, and what is installed in it.

A hash of what the installation depends on is kept in it, which makes the second time quick.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

from shiftlab.bootstrap import console, packages
from shiftlab.bootstrap.console import SetupError, say, watched

TORCH = "2.13.0"


def venv_python(venv: Path) -> Path:
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def fingerprint(root: Path) -> str:
    """What the installation depends on: pyproject.toml, the Python that runs, and where the checkout stands."""
    content = hashlib.sha256((root / "pyproject.toml").read_bytes())
    content.update(f"{sys.version_info[:2]}|{root}|{TORCH}".encode())
    return content.hexdigest()


def _runs(python: Path) -> bool:
    """Whether this interpreter is there, starts, and is of our version (a moved checkout or an upgrade breaks it)."""
    if not python.exists():
        return False
    ask = "import sys, pip; print(sys.version_info[:2])"
    done = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False)
    return done.returncode == 0 and done.stdout.strip() == str(tuple(sys.version_info[:2]))


def make_venv(venv: Path, *, may_install: bool) -> None:
    """Make the virtual environment; on a bare Debian, which lacks ensurepip, install python3-venv first.

    Raises
    ------
    SetupError
        Where it cannot be made.
    """
    command = [sys.executable, "-m", "venv", "--clear", venv]
    if not _has_ensurepip():
        exact = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        if may_install:
            packages.apt_install(["python3-venv"])
            if not _has_ensurepip():
                packages.apt_install([exact])
        if not _has_ensurepip():
            raise SetupError(f"this Python cannot make virtual environments; on Debian or Ubuntu: apt install {exact}")
    say(f"making the virtual environment {venv}")
    code = console.call(command)
    if code != 0:
        raise SetupError(f"the virtual environment {venv} could not be made; the lines above say why", code)


def _has_ensurepip() -> bool:
    """Asked of a new process: this one remembers what it did not find. Debian has ensurepip's name but not its body."""
    ask = "import ensurepip, venv, sys; sys.exit(0 if ensurepip.version() else 1)"
    return subprocess.run([sys.executable, "-c", ask], capture_output=True, check=False).returncode == 0


def _pip_install(python: Path, *what: str) -> int:
    quietly = () if watched() else ("--quiet",)
    return console.call([python, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", *quietly, *what])


def install_torch(python: Path) -> None:
    """torch for the CPU, before anything can draw gigabytes of CUDA packages.

    Only Linux needs care: elsewhere the plain package is the CPU's. The local version '+cpu' is taken
    where pip, as it is set up, finds one; else the plain version, which may bring CUDA along.

    Raises
    ------
    SetupError
        Where pip fails.
    """
    say(f"installing torch {TORCH} for the CPU (about 200 MB)")
    for_cpu = f"torch=={TORCH}+cpu"
    plain = not sys.platform.startswith("linux") or not _at_hand(python, for_cpu)
    code = _pip_install(python, f"torch=={TORCH}" if plain else for_cpu)
    if code != 0:
        raise SetupError(_failed("torch"), code)


def _at_hand(python: Path, wanted: str) -> bool:
    """Whether pip finds it where it is set up to look (a local mirror, a folder of wheels)."""
    probe = [python, "-m", "pip", "install", "--dry-run", "--no-deps", "--quiet", "--no-input", wanted]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def _failed(what: str) -> str:
    return (
        f"installing {what} failed; the lines above say why (no network? a full disk?). "
        "The same command goes on where it stopped."
    )


def ensure_venv(root: Path, *, may_install: bool) -> Path:
    """The interpreter of an up-to-date `.venv`; quick where pyproject.toml has not changed.

    Raises
    ------
    SetupError
        Where there is no checkout around the package, or an installation fails.
    """
    if not (root / "pyproject.toml").is_file():
        raise SetupError("the bootstrap sets up a checkout of ShiftLab; this is an installed package: start 'shiftlab'")
    venv = root / ".venv"
    python, stamp = venv_python(venv), venv / "shiftlab-setup.txt"
    wanted = fingerprint(root)
    if python.exists() and stamp.is_file() and stamp.read_text(encoding="utf-8").strip() == wanted:
        return python
    started = time.monotonic()
    say("setting up (this happens once, and again when the dependencies change)")
    if not _runs(python):
        make_venv(venv, may_install=may_install)
    install_torch(python)
    say("installing ShiftLab with Qt, numpy and its test tools")
    code = _pip_install(python, "--editable", f"{root}[test]")
    if code != 0:
        raise SetupError(_failed("ShiftLab"), code)
    stamp.write_text(wanted + "\n", encoding="utf-8")
    say(f"set up in {time.monotonic() - started:.0f} s")
    return python
