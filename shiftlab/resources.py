"""Where the files that come with ShiftLab are: icons, patterns, networks, lessons.

They stand in `resources/` at the top of a checkout and in `shiftlab/resources/` of an installed wheel;
everything looks them up here.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def _root() -> Path:
    """The folder that holds them: inside the package where it is installed, beside it in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "resources"
    return inside if inside.is_dir() else package.parent / "resources"


def resource(*parts: str) -> Path:
    """The path of a file or folder that comes with ShiftLab: `resource("lessons", "move-the-cat.md")`.

    Raises
    ------
    FileNotFoundError
        Where it is not there; it names the path.
    """
    path = _root().joinpath(*parts)
    if not path.exists():
        raise FileNotFoundError(f"{'/'.join(parts) or 'resources'} is missing from ShiftLab's files ({_root()})")
    return path
