"""The system libraries that Qt needs on Linux, and the Debian packages that bring them.

Standard library only: the bootstrap uses it on a bare Python, and the application to say what is
missing where Qt cannot be loaded.
"""

from __future__ import annotations

import ctypes
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

HEADLESS: Mapping[str, str] = {
    "libglib2.0-0": "libglib-2.0.so.0",
    "libgl1": "libGL.so.1",
    "libegl1": "libEGL.so.1",
    "libxkbcommon0": "libxkbcommon.so.0",
    "libfontconfig1": "libfontconfig.so.1",
    "libdbus-1-3": "libdbus-1.so.3",
}
"""Packages by the library they bring, without which Qt does not start even with no screen."""

WINDOW: Mapping[str, str] = {
    "libxkbcommon-x11-0": "libxkbcommon-x11.so.0",
    "libxcb-cursor0": "libxcb-cursor.so.0",
    "libxcb-icccm4": "libxcb-icccm.so.4",
    "libxcb-keysyms1": "libxcb-keysyms.so.1",
    "libxcb-shape0": "libxcb-shape.so.0",
}
"""What a window on an X screen needs beyond those."""

TOOLS: Mapping[str, str] = {"xvfb": "Xvfb", "xauth": "xauth", "xdotool": "xdotool"}
"""Programs (by package) that the tests in a real window use."""

FONT_PACKAGE = "fonts-dejavu-core"
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _has_font(folders: Iterable[Path]) -> bool:
    return any(next(folder.rglob("*.[to]tf"), None) is not None for folder in folders if folder.is_dir())


def missing_packages(*, window: bool = False, tools: bool = False) -> tuple[str, ...]:
    """The Debian packages whose library, program or font is not on this machine; none where it is not Linux.

    Parameters
    ----------
    window : bool
        Ask for a real X window too.
    tools : bool
        Ask for Xvfb, xauth and xdotool too.
    """
    if not sys.platform.startswith("linux"):
        return ()
    libraries = {**HEADLESS, **(WINDOW if window else {})}
    missing = [package for package, library in libraries.items() if not _loads(library)]
    if not _has_font(FONT_FOLDERS):
        missing.append(FONT_PACKAGE)
    if tools:
        missing.extend(package for package, program in TOOLS.items() if shutil.which(program) is None)
    return tuple(missing)


def advice(error: BaseException) -> str | None:
    """One line that names the package which brings the library an import failed for; None if it is another error."""
    for package, library in ({**HEADLESS, **WINDOW}).items():
        if library in str(error):
            return f"Qt cannot start: the library {library} is missing. On Debian or Ubuntu: apt install {package}"
    return None
