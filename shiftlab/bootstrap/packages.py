"""The system's packages, installed with apt where that may be."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from shiftlab import system
from shiftlab.bootstrap import console
from shiftlab.bootstrap.console import SetupError, say, watched


def _as_root() -> list[str] | None:
    """What to put before a command to run it as root; None where that cannot be."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    return [sudo] if sys.stdin is not None and sys.stdin.isatty() else [sudo, "-n"]


def apt_install(packages: Sequence[str]) -> bool:
    """Install Debian packages, saying so; whether that was possible and went well."""
    names = " ".join(packages)
    as_root, apt = _as_root(), shutil.which("apt-get")
    if apt is None or as_root is None:
        say(f"cannot install system packages here; please install what brings these: {names}")
        return False
    say(f"installing system packages: {names}")
    quietly = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", apt, "-qq", "-o", "Dpkg::Use-Pty=0"]
    output = None if watched() else subprocess.DEVNULL  # its errors are on standard error, and stay
    if console.call([*quietly, "update"], output=output) != 0:
        say("apt-get update failed; trying with the lists that are there")
    if console.call([*quietly, "install", "-y", "--no-install-recommends", *packages], output=output) != 0:
        say(f"apt-get could not install them; please install by hand: apt install {names}")
        return False
    return True


def ensure_system(*, window: bool, tools: bool, may_install: bool) -> None:
    """See to the system libraries. What stays missing is said; missing test tools are an error.

    Raises
    ------
    SetupError
        Where Xvfb, xauth or xdotool are asked for and cannot be had.
    """
    missing = system.missing_packages(window=window, tools=tools)
    if not missing:
        return
    if may_install:
        apt_install(missing)
    else:
        say(f"missing system packages, left alone: {' '.join(missing)}")
    still = [one for one in system.missing_packages(window=window, tools=tools) if one != system.FONT_PACKAGE]
    if tools and still:
        raise SetupError(f"the tests in a real window need these packages: {' '.join(still)}")
