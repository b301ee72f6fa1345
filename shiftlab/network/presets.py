"""The networks that come with ShiftLab, and specs from files."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from shiftlab.network.spec import NetworkError, NetworkSpec, from_json
from shiftlab.resources import resource

ORDER = ("three-blocks", "three-blocks-wide", "seed", "seed-relu", "conv-only", "lenet", "deep", "vgg11")
"""Those that are listed first, in this order; the others follow by name."""
LARGEST_FILE = 1_000_000


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """Names of all presets, the default first."""
    found = sorted(path.stem for path in resource("networks").glob("*.json"))
    return (*(name for name in ORDER if name in found), *(name for name in found if name not in ORDER))


@lru_cache(maxsize=64)
def preset(name: str) -> NetworkSpec:
    """The spec of a preset.

    Raises
    ------
    NetworkError
        For an unknown name, listing those there are.
    """
    if name not in names():
        raise NetworkError(f"no network {name!r}; there are {', '.join(names())}")
    return from_json(resource("networks", f"{name}.json").read_bytes())


def load(name_or_path: str) -> NetworkSpec:
    """A preset by name, or the spec in a .json file.

    Raises
    ------
    NetworkError
        One line: an unknown name, a file that cannot be read, or the path of a field that is wrong.
    """
    if not name_or_path.endswith(".json"):
        return preset(name_or_path)
    path = Path(name_or_path)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise NetworkError(f"{path.name} is too large for a network spec")
        text = path.read_bytes()
    except OSError as error:
        raise NetworkError(f"{name_or_path} cannot be read: {error.strerror}") from error
    try:
        return from_json(text)
    except NetworkError as error:
        raise NetworkError(f"{path.name}: {error}") from error
