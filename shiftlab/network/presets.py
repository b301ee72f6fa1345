"""The networks that come with ShiftLab, and specs from files."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from shiftlab.network.spec import NetworkError, NetworkSpec, from_json
from shiftlab.network.weights import Network, Weights
from shiftlab.resources import resource

GROUPS = (
    ("corner-dense", "corner-gap", "corner-gmp"),
    ("face-8", "face-64", "face-deep"),
    ("three-blocks", "three-blocks-wide", "blurpool", "aps", "strided"),
    ("seed", "seed-relu", "conv-only", "deep"),
    ("circular", "zeros", "valid"),
    ("dense-head", "gap-head", "gmp-head", "fully-convolutional"),
    ("lenet", "vgg11"),
)
"""What belongs together, in the order in which it is listed: trained, how they sample, bare ones, padding, heads, known
ones; what else there is follows by name."""
LARGEST_FILE = 1_000_000


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """Names of all presets, the default first."""
    return tuple(name for group in groups() for name in group)


@lru_cache(maxsize=1)
def groups() -> tuple[tuple[str, ...], ...]:
    """The names of all presets, those together that belong together."""
    found = sorted(path.stem for path in resource("networks").glob("*.json"))
    known = tuple(tuple(name for name in group if name in found) for group in GROUPS)
    others = tuple(name for name in found if not any(name in group for group in known))
    return tuple(group for group in (*known, others) if group)


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


def with_weights(spec: NetworkSpec) -> Network:
    """The network of a spec: with the weights that ship where it is one of our trained networks, else with none.

    Raises
    ------
    NetworkError
        Where the weights that belong to it cannot be read.
    """
    if spec.name not in names() or preset(spec.name) != spec:
        return Network(spec)
    return Network(spec, _shipped(spec.name))


@lru_cache(maxsize=16)
def _shipped(name: str) -> Weights | None:
    path = resource("networks") / f"{name}.safetensors"
    if not path.is_file():
        return None
    from safetensors import SafetensorError
    from safetensors.numpy import load_file  # pyright: ignore[reportUnknownVariableType]

    try:
        return Weights(load_file(path))
    except (OSError, SafetensorError, ValueError) as error:
        raise NetworkError(f"the weights of {name} cannot be read: {error}") from error


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
