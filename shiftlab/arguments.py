"""The values that the command line's options ask for, with what is wrong said in one line.

What is heavy is imported where it is used: the window starts past all this.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shiftlab.document import Document
    from shiftlab.network.spec import NetworkSpec
    from shiftlab.network.weights import Network
    from shiftlab.scene.values import Pattern


class UsageError(ValueError):
    """A bad argument: one line, exit 2."""


class CommandFailure(Exception):
    """A command that could not do its work: one line, exit 1."""


LAB = ("network", "pattern", "size", "canvas", "background", "at", "to", "border", "padding", "seed")
"""The options that make a lab; None where they were not given. A file that holds a lab goes without them."""


def there_are(name: str, names: Iterable[str]) -> str:
    """'did you mean lenet?' where one or two of `names` are near, else 'there are' and all of them."""
    import difflib

    known = {one.lower(): one for one in names}
    near = difflib.get_close_matches(name.lower(), known, n=2)
    if near:
        return f"did you mean {' or '.join(known[one] for one in near)}?"
    return f"there are {', '.join(known.values())}"


def network_of(options: argparse.Namespace) -> NetworkSpec:
    """The network that `--network`, `--padding` and `--seed` ask for."""
    import msgspec

    from shiftlab.network import presets
    from shiftlab.network.spec import with_padding

    named = _network_name(options)
    if ":" in named and named.partition(":")[0].endswith(".py"):
        raise UsageError(f"--network {named}: models from Python files come with a later version")
    if not named.endswith(".json") and named not in presets.names():
        raise UsageError(f"--network {named}: no network {named!r}; {there_are(named, presets.names())}")
    try:
        spec = presets.load(named)
        if options.seed is not None:
            spec = msgspec.structs.replace(spec, seed=options.seed)
        return spec if options.padding is None else with_padding(spec, options.padding)
    except (ValueError, OSError) as error:
        raise UsageError(f"--network {named}: {error}") from error


def _network_name(options: argparse.Namespace) -> str:
    from shiftlab.opening import NETWORK

    return NETWORK if options.network is None else options.network


def _pattern_of(options: argparse.Namespace) -> Pattern | str:
    from shiftlab.opening import PATTERN
    from shiftlab.scene import patterns

    named: str = PATTERN if options.pattern is None else options.pattern
    if named in patterns.names():
        return named
    if not Path(named).is_file():
        raise UsageError(f"--pattern {named}: no such file, nor one of ours; {there_are(named, patterns.names())}")
    from shiftlab.files.images import pattern_from_image

    try:
        return pattern_from_image(Path(named), Path(named).stem, colour=None)
    except (ValueError, OSError) as error:
        raise UsageError(f"--pattern {named}: {error}") from error


def lab_of(options: argparse.Namespace, runs: bool = True) -> Document:
    """The lab that a command works on: that of its FILE, or the one its options ask for.

    Parameters
    ----------
    runs : bool
        Whether its networks are run, so that weights learnt on another canvas matter.

    Raises
    ------
    UsageError
        Where there is none, where both are given, or where the network cannot run on the canvas.
    """
    from shiftlab.network import geometry
    from shiftlab.network.initial import materialise

    if options.file is None:
        document = document_of(options)
    else:
        without_options(options)
        if options.device != "cpu":
            _require_device(options.device)
        document = opened(options.file)
    for network in document.networks:
        try:
            geometry.stages(network.spec, document.scene.size)
            if runs and network.weights is not None:
                materialise(network, document.scene.size)
        except ValueError as error:
            raise UsageError(f"{network.spec.name} cannot run on this canvas: {error}") from error
    return document


def network_in(document: Document) -> Network:
    """The network that a command looks at: of two the first, which is said."""
    first, *others = document.networks
    if others:
        sys.stderr.write(f"shiftlab: of two networks the first, {first.spec.name}\n")
    return first


def without_options(options: argparse.Namespace) -> None:
    """Refuse the lab's options beside a file, which is opened as it is."""
    for name in LAB:
        if getattr(options, name) is not None:
            raise UsageError(f"--{name} does not go with a file, {options.file}")


def opened(path: Path) -> Document:
    """The document of a session file, or of a screenshot.

    Raises
    ------
    UsageError
        Where there is none.
    """
    from shiftlab.files import session, state
    from shiftlab.files.archive import SessionError

    if path.suffix.lower() == ".json":
        raise UsageError(f"{path}: no session; a network's spec goes with --network")
    try:
        document = state.extract(path) if path.suffix.lower() == ".png" else session.load(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
    except SessionError as error:
        raise UsageError(f"{path}: {error}") from error
    if document is None:
        raise UsageError(f"{path}: a picture without a ShiftLab state in it")
    return document


def document_of(options: argparse.Namespace) -> Document:
    """The document that the common options ask for.

    Raises
    ------
    UsageError
        Where a value does not fit; the network's shapes are checked too.
    """
    from shiftlab.network import geometry
    from shiftlab.opening import opening_document
    from shiftlab.scene.values import Background

    spec = network_of(options)
    if options.device != "cpu":
        _require_device(options.device)
    try:
        document = opening_document(
            spec,
            _pattern_of(options),
            size=options.size,
            canvas=options.canvas,
            background=Background() if options.background is None else Background(grey=options.background),
            at=options.at,
            to=options.to,
            border=options.border,
        )
        geometry.stages(spec, document.scene.size)
        return _with_what_it_learnt(document, options)
    except UsageError:
        raise
    except ValueError as error:
        raise UsageError(str(error)) from error


def _with_what_it_learnt(document: Document, options: argparse.Namespace) -> Document:
    """The document with the weights of the named preset, where another padding or seed leaves their shapes alone."""
    from shiftlab.network import presets
    from shiftlab.network.initial import weight_shapes
    from shiftlab.network.weights import Network

    (network,) = document.networks
    weights = presets.with_weights(presets.load(_network_name(options))).weights
    if weights is None or network.weights is not None:
        return document
    shapes = {name: array.shape for name, array in weights.arrays.items()}
    if shapes != dict(weight_shapes(network.spec, document.scene.size)):
        sys.stderr.write(
            f"shiftlab: what {network.spec.name} has learnt does not fit; it runs with its seed's weights\n"
        )
        return document
    return document.with_networks((Network(network.spec, weights),))


def _require_device(name: str) -> None:
    import torch

    there = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}
    if not there[name]():
        raise UsageError(f"--device {name}: this machine has none; cpu always works")


def writable(path: Path, *endings: str) -> Path:
    """`path`, if a file of one of these kinds can be made there."""
    if path.suffix.lower() not in endings:
        raise UsageError(f"{path}: the name must end in {' or '.join(endings)}")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}")
    if path.is_dir():
        raise UsageError(f"{path}: a folder has that name")
    return path


def write(path: Path, content: bytes) -> None:
    """Put `content` at `path`, all of it or nothing.

    Raises
    ------
    CommandFailure
        Where it cannot be written.
    """
    from shiftlab.files.atomic import write_atomically

    try:
        write_atomically(path, content)
    except OSError as error:
        raise CommandFailure(f"{path} cannot be written: {error.strerror or error}") from error
