"""The values that the command line's options ask for, with what is wrong said in one line.

What is heavy is imported where it is used: the window starts past all this.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shiftlab.document import Document
    from shiftlab.network.spec import NetworkSpec
    from shiftlab.scene.values import Pattern


class UsageError(ValueError):
    """A bad argument: one line, exit 2."""


class CommandFailure(Exception):
    """A command that could not do its work: one line, exit 1."""


def _bad_argument(error: Exception) -> UsageError:
    return UsageError(str(error))


def network_of(options: argparse.Namespace) -> NetworkSpec:
    """The network that `--network`, `--padding` and `--seed` ask for."""
    import msgspec

    from shiftlab.network import presets
    from shiftlab.network.spec import with_padding

    named: str = options.network
    if ":" in named and named.partition(":")[0].endswith(".py"):
        raise UsageError(f"--network {named}: models from Python files come with a later version")
    try:
        spec = presets.load(named)
        if options.seed is not None:
            spec = msgspec.structs.replace(spec, seed=options.seed)
        return spec if options.padding is None else with_padding(spec, options.padding)
    except (ValueError, OSError) as error:
        raise UsageError(f"--network {named}: {error}") from error


def _pattern_of(options: argparse.Namespace) -> Pattern | str:
    from shiftlab.scene import patterns

    named: str = options.pattern
    if named in patterns.names():
        return named
    if not Path(named).is_file():
        raise UsageError(f"--pattern {named}: no such file, nor one of ours: {', '.join(patterns.names())}")
    from shiftlab.files.images import pattern_from_image

    try:
        return pattern_from_image(Path(named), Path(named).stem, colour=None)
    except (ValueError, OSError) as error:
        raise UsageError(f"--pattern {named}: {error}") from error


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
            background=Background(grey=options.background),
            at=options.at,
            to=options.to,
            border=options.border,
        )
        geometry.stages(spec, document.scene.size)
        document = _with_what_it_learnt(document, options)
    except UsageError:
        raise
    except ValueError as error:
        raise _bad_argument(error) from error
    return document


def _with_what_it_learnt(document: Document, options: argparse.Namespace) -> Document:
    """The document with the weights of the named preset, where another padding or seed leaves their shapes alone."""
    from shiftlab.network import presets
    from shiftlab.network.initial import weight_shapes
    from shiftlab.network.weights import Network

    (network,) = document.networks
    weights = presets.with_weights(presets.load(options.network)).weights
    if weights is None or network.weights is not None:
        return document
    shapes = {name: array.shape for name, array in weights.arrays.items()}
    fits = shapes == dict(weight_shapes(network.spec, document.scene.size))
    return document.with_networks((Network(network.spec, weights),)) if fits else document


def _require_device(name: str) -> None:
    import torch

    there = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}
    if not there[name]():
        raise UsageError(f"--device {name}: this machine has none; cpu always works")


def writable(path: Path, ending: str) -> Path:
    """`path`, if a file of that kind can be made there."""
    if path.suffix.lower() != ending:
        raise UsageError(f"{path}: the name must end in {ending}")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}")
    return path
