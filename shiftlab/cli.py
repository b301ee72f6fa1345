"""The command line: the window, and the same lab without one.

Results go to standard output, progress to standard error. A bad argument is one clear line and exit
2, a failure one line and exit 1. Each command imports what it needs when it runs, so that
`shiftlab --help` is quick.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, Protocol, TypeVar, get_args

from shiftlab import __version__
from shiftlab.document import Document, View
from shiftlab.network.spec import NetworkSpec, PaddingMode, with_padding
from shiftlab.opening import NETWORK, PATTERN, opening_document
from shiftlab.scene.values import Background, Border, Pattern, Position

Result = TypeVar("Result")


class UsageError(ValueError):
    """A bad argument: one line, exit 2."""


class CommandFailure(Exception):
    """A command that could not do its work: one line, exit 1."""


class _Parser(argparse.ArgumentParser):
    """An argument parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def _canvas(text: str) -> tuple[int, int]:
    rows, _, cols = text.partition("x")
    if not (rows.isdigit() and cols.isdigit()):
        raise argparse.ArgumentTypeError(f"a canvas is ROWSxCOLS, as in 64x64, not {text!r}")
    return int(rows), int(cols)


def _position(text: str) -> Position:
    parts = text.split(",")
    try:
        row, col = (float(part) for part in parts)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a position is ROW,COL, as in 20,20, not {text!r}") from None
    return row, col


def _common() -> _Parser:
    """The options that mean the same everywhere."""
    common = _Parser(add_help=False)
    options = common.add_argument_group("the lab")
    options.add_argument("--network", default=NETWORK, metavar="NAME", help="a preset, or a spec .json (%(default)s)")
    options.add_argument("--pattern", default=PATTERN, metavar="NAME", help="ours, or an image file (%(default)s)")
    options.add_argument("--size", type=int, metavar="N", help="the pattern's side in pixels")
    options.add_argument("--canvas", type=_canvas, metavar="HxW", help="canvas in pixels (64x64)")
    options.add_argument("--background", type=float, default=0.0, metavar="GREY", help="0 black to 1 white (0)")
    options.add_argument("--at", type=_position, metavar="ROW,COL", help="the pattern's centre (the canvas's)")
    options.add_argument("--to", type=_position, metavar="ROW,COL", help="where it is moved to; --at is the reference")
    options.add_argument("--border", choices=get_args(Border), default="wrap", help="(%(default)s)")
    options.add_argument("--padding", choices=get_args(PaddingMode), help="overrides every layer that pads")
    options.add_argument("--seed", type=int, metavar="N", help="of the weights that are not trained")
    options.add_argument("--device", choices=("cpu", "cuda", "mps"), default="cpu", help="(%(default)s)")
    return common


def parser() -> _Parser:
    """The whole command line."""
    common = _common()
    top = _Parser(prog="shiftlab", description="When an object moves, what in a network moves with it?")
    top.add_argument("--version", action="version", version=f"shiftlab {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)

    def add(name: str, what: str, run: Callable[[argparse.Namespace], int]) -> _Parser:
        command = commands.add_parser(name, help=what, description=what, parents=[common])
        command.set_defaults(run=run)
        return command

    window = add("window", "open the window (what `shiftlab` alone does)", run_window)
    window.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a session, or a screenshot of ours")

    render = add("render", "the window's figure as a PNG, without a screen", run_render)
    render.add_argument("out", type=Path, metavar="OUT.png")
    render.add_argument("--theme", choices=("dark", "light", "print"), default="dark", help="(%(default)s)")
    render.add_argument("--scale", type=int, choices=(1, 2, 4), default=1, help="pixels for each (%(default)s)")
    render.add_argument("--view", choices=get_args(View), help="of all stages (now)")
    render.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a session, or a screenshot of ours")

    stages = add("stages", "the maps of every stage as an .npz", run_stages)
    stages.add_argument("out", type=Path, metavar="OUT.npz")
    stages.add_argument("--weights", type=Path, metavar="FILE", help="write the weights too (.safetensors)")

    measure = add("measure", "equivariance and invariance error of every stage", run_measure)
    measure.add_argument("--json", action="store_true", help="the form it has anyway; said for clarity")
    measure.add_argument("--csv", action="store_true", help="a table instead of JSON")
    measure.add_argument("--plain", action="store_true", help="add the forms that are not background-referenced")
    measure.add_argument("--curve", choices=("row", "col", "diagonal"), help="the errors for every shift along a line")
    measure.add_argument("--reach", type=int, metavar="N", help="largest shift of the curve, in pixels")
    measure.add_argument("--stage", metavar="NAME", help="the stage of --expect, or of the curve's table")
    measure.add_argument("--expect", choices=("equivariant", "invariant"), help="exit 1 where --stage is not")
    measure.add_argument("--tolerance", type=float, default=1e-5, metavar="X", help="of --expect (%(default)s)")

    field = add("rf", "receptive field, stride and offset of every stage", run_rf)
    field.add_argument("--json", action="store_true", help="the form it has anyway; said for clarity")
    return top


COMMANDS = ("window", "render", "stages", "measure", "rf")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or (arguments[0] not in (*COMMANDS, "-h", "--help", "--version")):
        arguments.insert(0, "window")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        options = parser().parse_args(_joined(arguments))
        return options.run(options)
    except UsageError as error:
        return _say(str(error), 2)
    except (CommandFailure, OSError, MemoryError) as error:
        return _say(str(error) or type(error).__name__, 1)


def _joined(arguments: list[str]) -> list[str]:
    """`--at -3,5` as `--at=-3,5`: argparse would take the negative row for an option."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] in ("--at", "--to") and re.match(r"-[\d.]", argument):
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _say(message: str, code: int) -> int:
    sys.stderr.write(f"shiftlab: {' '.join(message.split())}\n")
    return code


def _bad_argument(error: Exception) -> UsageError:
    return UsageError(str(error))


def network_of(options: argparse.Namespace) -> NetworkSpec:
    """The network that `--network`, `--padding` and `--seed` ask for."""
    import msgspec

    from shiftlab.network import presets

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


def _pattern_of(options: argparse.Namespace, colour: bool) -> Pattern | str:
    from shiftlab.scene import patterns

    named: str = options.pattern
    if named in patterns.names():
        return named
    if not Path(named).is_file():
        raise UsageError(f"--pattern {named}: no such file, nor one of ours: {', '.join(patterns.names())}")
    from shiftlab.files.images import pattern_from_image

    try:
        return pattern_from_image(Path(named), Path(named).stem, colour=colour)
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

    spec = network_of(options)
    if options.device != "cpu":
        _require_device(options.device)
    try:
        document = opening_document(
            spec,
            _pattern_of(options, spec.channels == 3),
            size=options.size,
            canvas=options.canvas,
            background=Background(grey=options.background),
            at=options.at,
            to=options.to,
            border=options.border,
        )
        geometry.stages(spec, document.scene.size)
    except UsageError:
        raise
    except ValueError as error:
        raise _bad_argument(error) from error
    return document


def _require_device(name: str) -> None:
    import torch

    there = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}
    if not there[name]():
        raise UsageError(f"--device {name}: this machine has none; cpu always works")


def _writable(path: Path, ending: str) -> Path:
    """`path`, if a file of that kind can be made there."""
    if path.suffix.lower() != ending:
        raise UsageError(f"{path}: the name must end in {ending}")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}")
    return path


def _print_json(value: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, indent=2, allow_nan=False) + "\n")


def run_window(options: argparse.Namespace) -> int:
    """`shiftlab [FILE]`: the window."""
    if options.file is not None and not options.file.is_file():
        raise UsageError(f"{options.file}: no such file, nor a command ({', '.join(COMMANDS)})")
    document = document_of(options) if options.file is None else None

    from shiftlab import app

    return app.run_window(document, options.file)


def run_render(options: argparse.Namespace) -> int:
    """`shiftlab render OUT.png`: the figure of the window, with its Document inside."""
    out = _writable(options.out, ".png")
    document = document_of(options) if options.file is None else _opened(options.file)
    if options.view is not None:
        document = document.with_lenses(view=options.view)
    _require_qt()
    from shiftlab.engine.loading import load_backend
    from shiftlab.files.atomic import write_atomically
    from shiftlab.ui.figure.page import render_figure
    from shiftlab.ui.screenshot import computed, png_of, with_state
    from shiftlab.ui.theme import THEMES

    theme = THEMES[options.theme]
    snapshot = _finished(
        computed(document, theme, options.scale, lambda: load_backend(options.device)), "computing the figure:"
    )
    write_atomically(out, with_state(png_of(render_figure(document, snapshot, theme, options.scale)), document))
    return 0


def _opened(path: Path) -> Document:
    """The document of a session file, or of a screenshot."""
    from shiftlab.files import session, state
    from shiftlab.files.archive import SessionError

    try:
        document = state.extract(path) if path.suffix.lower() == ".png" else session.load(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
    except SessionError as error:
        raise UsageError(f"{path}: {error}") from error
    if document is None:
        raise UsageError(f"{path}: a picture without a ShiftLab state in it")
    return document


def _require_qt() -> None:
    """Qt off screen, or the package that it lacks in one line."""
    from shiftlab import system

    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        import PySide6.QtSvg
        import PySide6.QtWidgets  # noqa: F401
    except ImportError as error:
        raise CommandFailure(system.advice(error) or f"Qt cannot be loaded: {error}") from error


def run_stages(options: argparse.Namespace) -> int:
    """`shiftlab stages OUT.npz`: input and maps, float32 (C, H, W), in order of flow."""
    out = _writable(options.out, ".npz")
    document = document_of(options)
    import numpy as np
    import torch

    from shiftlab.network.initial import materialise
    from shiftlab.network.modules import Forward
    from shiftlab.scene.raster import rasterise

    torch.set_num_threads(1)
    network, canvas = document.networks[0], document.scene.size
    image = rasterise(document.scene, network.spec.channels)
    with torch.inference_mode():
        forward = Forward(network, canvas, device=options.device)
        maps = forward.maps(torch.from_numpy(image).to(options.device))
    arrays: dict[str, Any] = {name: stage[0].cpu().numpy() for name, stage in maps.items()}
    np.savez(out, input=image, **arrays)
    if options.weights is not None:
        from safetensors.numpy import save_file

        save_file(dict(materialise(network, canvas).arrays), _writable(options.weights, ".safetensors"))
    return 0


def run_rf(options: argparse.Namespace) -> int:
    """`shiftlab rf`: static facts of every stage."""
    from shiftlab.measure.tables import rf_json

    document = document_of(options)
    _print_json(rf_json(document.networks[0].spec, document.scene.size))
    return 0


def run_measure(options: argparse.Namespace) -> int:
    """`shiftlab measure`: errors and causes between --at and --to, a curve of them, or a check for someone's CI."""
    _require_sensible_measure(options)
    document = document_of(options)
    import torch

    from shiftlab.measure.tables import as_csv, as_json

    torch.set_num_threads(1)
    network = document.networks[0]
    if options.stage is not None and options.stage not in network.spec.stage_names:
        raise UsageError(f"--stage {options.stage}: there is none; there are {', '.join(network.spec.stage_names)}")
    if options.curve is not None:
        return _run_curve(options, document)

    from shiftlab.measure.lab import measure_pair

    stages, measures = measure_pair(network, document.scene, document.reference)
    if options.csv:
        sys.stdout.write(as_csv(stages, measures))
    else:
        _print_json(as_json(stages, measures, document.displacement, plain=options.plain))
    if options.expect is None:
        return 0
    one = next(one for one in measures if one.name == options.stage)
    figure = one.equivariance if options.expect == "equivariant" else one.invariance
    if figure.value is None:
        raise CommandFailure(f"{options.stage} is not known to be {options.expect}: n/a, {figure.reason}")
    if figure.value > options.tolerance:
        raise CommandFailure(
            f"{options.stage} is not {options.expect}: its error is {figure.value:.6g}, above {options.tolerance:g}"
        )
    return 0


def _require_sensible_measure(options: argparse.Namespace) -> None:
    if options.expect is not None and options.stage is None:
        raise UsageError("--expect needs --stage NAME")
    if options.expect is not None and options.curve is not None:
        raise UsageError("--expect goes with --to, not with --curve")
    if options.curve is not None and options.to is not None:
        raise UsageError("--curve starts at --at and needs no --to")
    if options.reach is not None and (options.curve is None or options.reach < 1):
        raise UsageError("--reach is 1 or more and goes with --curve")
    if not options.tolerance >= 0:
        raise UsageError(f"--tolerance must be 0 or more, not {options.tolerance:g}")


def _run_curve(options: argparse.Namespace, document: Document) -> int:
    from shiftlab.measure.curves import curve_json, curve_rows, error_curve
    from shiftlab.measure.lab import AtReference
    from shiftlab.measure.tables import csv_text
    from shiftlab.network.modules import Forward

    forward = Forward(document.networks[0], document.scene.size, device=options.device)
    shifts = None if options.reach is None else range(options.reach + 1)
    curve = _finished(error_curve(AtReference(forward, document.reference), options.curve, shifts), "shift")
    if options.csv:
        sys.stdout.write(csv_text(*curve_rows(curve)))
    else:
        _print_json(curve_json(curve))
    return 0


class _Counted(Protocol):
    """How far a long computation is."""

    @property
    def done(self) -> int: ...

    @property
    def total(self) -> int: ...


def _finished(steps: Generator[_Counted, None, Result], what: str) -> Result:
    """Run a core generator to its end; on a terminal its progress is shown on standard error."""
    shown = sys.stderr.isatty()
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            if shown:
                sys.stderr.write("\r\x1b[K")
            return end.value
        if shown:
            sys.stderr.write(f"\r{what} {step.done} of {step.total}")
            sys.stderr.flush()
