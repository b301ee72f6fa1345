"""The command line: its words, and what is wrong with them in one line.

A bad argument is exit 2, a failure exit 1; `shiftlab.commands` holds what each command does.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, get_args

from shiftlab import __version__, commands, training
from shiftlab.arguments import CommandFailure, UsageError, there_are

if TYPE_CHECKING:
    from shiftlab.scene.values import Position


class _Parser(argparse.ArgumentParser):
    """An argument parser that says what is wrong in one line."""

    _mixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        """With FILE behind options too (`render out.png --theme light FILE`), which argparse alone does not take."""
        if self._mixing or self._subparsers is not None:
            return super().parse_known_args(args, namespace)
        self._mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._mixing = False

    def error(self, message: str) -> NoReturn:
        raise UsageError(message.removeprefix("argument "))


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a whole number, as in 3, not {text!r}") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a number, as in 0.5, not {text!r}") from None


def _canvas(text: str) -> tuple[int, int]:
    sides = re.fullmatch(r"(\d{1,9})x(\d{1,9})", text)
    if sides is None:
        raise argparse.ArgumentTypeError(f"a canvas is ROWSxCOLS, as in 64x64, not {text!r}")
    return int(sides[1]), int(sides[2])


def _position(text: str) -> Position:
    parts = text.split(",")
    try:
        row, col = (float(part) for part in parts)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a position is ROW,COL, as in 20,20, not {text!r}") from None
    return row, col


def _common() -> _Parser:
    """The options that mean the same everywhere. None is what was not given: see `arguments.LAB`."""
    from shiftlab.network.spec import PaddingMode
    from shiftlab.opening import NETWORK, PATTERN
    from shiftlab.scene.values import Border

    common = _Parser(add_help=False)
    options = common.add_argument_group("the lab")
    options.add_argument("--network", metavar="NAME", help=f"a preset, or a spec .json ({NETWORK})")
    options.add_argument("--pattern", metavar="NAME", help=f"ours, or an image file ({PATTERN})")
    options.add_argument("--size", type=_whole, metavar="N", help="the pattern's side in pixels")
    options.add_argument("--canvas", type=_canvas, metavar="HxW", help="canvas in pixels (64x64)")
    options.add_argument("--background", type=_number, metavar="GREY", help="0 black to 1 white (0)")
    options.add_argument("--at", type=_position, metavar="ROW,COL", help="the pattern's centre (as the window opens)")
    options.add_argument("--to", type=_position, metavar="ROW,COL", help="where it is moved to; --at is the reference")
    options.add_argument("--border", choices=get_args(Border), help="(as the window opens)")
    options.add_argument("--padding", choices=get_args(PaddingMode), help="overrides every layer that pads")
    options.add_argument("--seed", type=_whole, metavar="N", help="of the weights that are not trained")
    options.add_argument("--device", choices=("cpu", "cuda", "mps"), default="cpu", help="(%(default)s)")
    return common


def parser() -> _Parser:
    """The whole command line."""
    from shiftlab.document import View

    common = _common()
    top = _Parser(prog="shiftlab", description="When an object moves, what in a network moves with it?")
    top.add_argument("--version", action="version", version=f"shiftlab {__version__}")
    kinds = top.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)

    def add(name: str, what: str, run: Callable[[argparse.Namespace], int], lab: bool = True) -> _Parser:
        command = kinds.add_parser(name, help=what, description=what, parents=[common] if lab else [])
        command.set_defaults(run=run)
        return command

    def add_file(command: _Parser, what: str = "a session or a screenshot, instead of the lab's options") -> None:
        command.add_argument("file", nargs="?", type=Path, metavar="FILE", help=what)

    window = add("window", "open the window (what `shiftlab` alone does)", commands.run_window)
    add_file(window, "a session or a screenshot, an image or a network's .json")

    render = add("render", "the window's figure as a PNG, without a screen", commands.run_render)
    render.add_argument("out", type=Path, metavar="OUT.png")
    render.add_argument("--theme", choices=("dark", "light", "print"), default="dark", help="(%(default)s)")
    render.add_argument("--scale", type=int, choices=(1, 2, 4), default=1, help="pixels for each (%(default)s)")
    render.add_argument("--view", choices=get_args(View), help="of all stages (now)")
    add_file(render)

    stages = add("stages", "the maps of every stage as an .npz", commands.run_stages)
    stages.add_argument("out", type=Path, metavar="OUT.npz")
    add_file(stages)
    stages.add_argument("--weights", type=Path, metavar="FILE", help="write the weights too (.safetensors)")

    measure = add("measure", "equivariance and invariance error of every stage", commands.run_measure)
    add_file(measure)
    measure.add_argument("--json", action="store_true", help="the form it has anyway; said for clarity")
    measure.add_argument("--csv", action="store_true", help="a table instead of JSON")
    measure.add_argument("--plain", action="store_true", help="add the forms that are not background-referenced")
    measure.add_argument("--curve", choices=("row", "col", "diagonal"), help="the errors for every shift along a line")
    measure.add_argument("--reach", type=_whole, metavar="N", help="largest shift of the curve, in pixels")
    measure.add_argument("--stage", metavar="NAME", help="the stage of --expect, or the only one of --curve")
    measure.add_argument("--expect", choices=("equivariant", "invariant"), help="exit 1 where --stage is not")
    measure.add_argument("--tolerance", type=_number, metavar="X", help=f"of --expect ({commands.TOLERANCE:g})")

    field = add("rf", "receptive field, stride and offset of every stage", commands.run_rf)
    add_file(field)
    field.add_argument("--json", action="store_true", help="the form it has anyway; said for clarity")

    sweep = add("sweep", "a number for every place of the pattern, or every shift", commands.run_sweep)
    sweep.add_argument("out", type=Path, metavar="OUT.npz", help="a heat map goes beside it, OUT.png")
    add_file(sweep)
    sweep.add_argument("--what", choices=commands.SWEPT, help="(probability with a head, else equivariance)")
    sweep.add_argument("--stage", metavar="NAME", help="whose number it is (the last that has one)")
    sweep.add_argument("--channel", type=_whole, metavar="K", help="class or channel of a value or probability (0)")
    sweep.add_argument("--reach", type=_whole, metavar="N", help=f"largest shift of an error ({commands.REACH})")
    sweep.add_argument("--theme", choices=("dark", "light", "print"), default="dark", help="(%(default)s)")

    train = add("train", "train an experiment and give its figures", training.run_train, lab=False)
    train.add_argument("experiment", metavar="EXPERIMENT", help="corner, face, twin, red-green, or own")
    train.add_argument("file", nargs="?", type=Path, metavar="FILE", help="of own: a session or screenshot with a task")
    train.add_argument("--json", action="store_true", help="the form it has anyway; said for clarity")
    train.add_argument("--seeds", type=_whole, default=1, metavar="N", help="how many (%(default)s)")
    train.add_argument("--seed", type=_whole, metavar="N", help="the first of them (0; of own, the task's)")
    train.add_argument("--variant", action="append", metavar="NAME", help="this one alone; may be given again")
    train.add_argument("--out", type=Path, metavar="FILE", help="of own: what it learnt, .shiftlab or .safetensors")
    return top


INTERRUPTED = 130
"""The exit code of what Ctrl+C ends, as shells have it."""
COMMANDS = ("window", "render", "stages", "measure", "rf", "sweep", "train")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments:
        # There is nothing to read: the window is there sooner.
        from shiftlab import app

        return app.run_window()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        if arguments[0] not in (*COMMANDS, "-h", "--help", "--version"):
            _require_known(arguments[0])
            arguments.insert(0, "window")
        options = parser().parse_args(_joined(arguments))
        code = options.run(options)
        sys.stdout.flush()
        return code
    except UsageError as error:
        return _say(str(error), 2)
    except BrokenPipeError:
        # Whoever read the results wants no more of them.
        _let_go_of_output()
        return 1
    except OSError as error:
        _let_go_of_output()
        return _say(": ".join(str(part) for part in (error.filename, error.strerror or error) if part), 1)
    except (CommandFailure, MemoryError) as error:
        return _say(str(error) or "there is not enough memory", 1)
    except KeyboardInterrupt:
        return _say("interrupted", INTERRUPTED)


def _let_go_of_output() -> None:
    """Where results cannot be written, Python would try again when it ends, and say so in its own words."""
    try:
        sys.stdout.flush()
    except OSError:
        sys.stdout = None


def _require_known(word: str) -> None:
    """Refuse a first word that is neither an option nor a file: likely a command with a slip in it."""
    if word.startswith("-") or Path(word).exists():
        return
    more = "" if Path(word).suffix else f", nor a command; {there_are(word, COMMANDS)}"
    raise UsageError(f"{word}: no such file{more}")


NEGATIVE = ("--at", "--to", "--canvas", "--background")


def _joined(arguments: list[str]) -> list[str]:
    """`--at -3,5` as `--at=-3,5`: argparse would take what begins with a minus for an option."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] in NEGATIVE and re.match(r"-[\d.in]", argument):
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _say(message: str, code: int) -> int:
    sys.stderr.write(f"shiftlab: {' '.join(message.split())}\n")
    return code
