"""The commands of the set-up: run, test, bench, tool."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shiftlab.bootstrap import console, packages, screen, venv
from shiftlab.bootstrap.console import SetupError, say

ROOT = Path(__file__).resolve().parents[2]
OLDEST = (3, 11)
QUICK = "not slow and not xvfb"
SIDE_BY_SIDE = ["-n", "auto", "--maxprocesses", "4", "--dist", "worksteal"]
"""The quick tests share nothing, so that each core takes a part; the slow ones measure, and run one by one."""
HEADLESS_COMMANDS = frozenset({"render", "stages", "measure", "rf", "sweep", "train"})
PNG = "shiftlab.png"

USAGE = """\
usage: python3 -m shiftlab.bootstrap [--no-system] COMMAND [ARGUMENTS ...]

  run [ARGUMENTS]     set up what is missing, then start ShiftLab (with no display: render its window to a PNG)
  test [ARGUMENTS]    set up, then run the quick tests with no screen; arguments go to pytest
  test --window       the tests in a real window, under an Xvfb of their own
  test --slow         the tests marked slow
  bench [ARGUMENTS]   set up, then run the benchmarks
  tool NAME [ARGS]    set up, then run one of the developer's tools (ruff, pyright, lint-imports)

  --no-system         leave the system's packages alone\
"""


@dataclass(frozen=True)
class Options:
    """The command line, taken apart: our own switches, and what is passed on."""

    command: str
    system: bool
    window: bool
    slow: bool
    rest: tuple[str, ...]


def parse(arguments: Sequence[str]) -> Options:
    """Our own switches are known up to the first `--`; everything else is passed on in its order.

    Raises
    ------
    SetupError
        Code 2, where the command is missing or unknown; code 0 with the usage for --help.
    """
    before, passed_on = list(arguments), []
    if "--" in before:
        cut = before.index("--")
        before, passed_on = before[:cut], before[cut + 1 :]
    if before[:1] in (["-h"], ["--help"]):
        raise SetupError(USAGE, 0)
    use_system = "--no-system" not in before
    before = [one for one in before if one != "--no-system"]
    if not before or before[0] not in COMMANDS:
        raise SetupError(f"the command must be {', '.join(COMMANDS)}, not {before[0] if before else 'nothing'}", 2)
    command, *rest = before
    ours = {"--window", "--slow"} if command == "test" else set[str]()
    return Options(
        command=command,
        system=use_system,
        window="--window" in rest and command == "test",
        slow="--slow" in rest and command == "test",
        rest=(*(one for one in rest if one not in ours), *passed_on),
    )


def _prepare(options: Options, *, window: bool = False, tools: bool = False) -> Path:
    packages.ensure_system(window=window, tools=tools, may_install=options.system)
    return venv.ensure_venv(ROOT, may_install=options.system)


def run(options: Options) -> int:
    """Start the application; with no display, say so and render its window to a PNG."""
    display = screen.has_display(os.environ)
    python = _prepare(options, window=display)
    program = [python, "-m", "shiftlab"]
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), environment.get("PYTHONPATH", ""))))
    if display or options.rest[:1] in (("-h",), ("--help",), ("--version",)):
        return console.call([*program, *options.rest], environment)
    environment["QT_QPA_PLATFORM"] = "offscreen"
    if options.rest and options.rest[0] in HEADLESS_COMMANDS:
        return console.call([*program, *options.rest], environment)
    say(f"there is no display here, so the window is rendered to {Path.cwd() / PNG}")
    return console.call([*program, "render", PNG, *options.rest], environment)


def test(options: Options) -> int:
    """pytest: the quick tests with no screen, those marked slow, or those in a real window under Xvfb."""
    python = _prepare(options, window=options.window, tools=options.window)
    environment = dict(os.environ, OMP_NUM_THREADS="1", QT_QPA_PLATFORM="offscreen")
    environment.pop("WAYLAND_DISPLAY", None)
    environment.pop("DISPLAY", None)
    marked = "xvfb" if options.window else "slow and not xvfb" if options.slow else QUICK
    command: list[str | Path] = [python, "-m", "pytest"]
    if "-m" not in options.rest:
        command += ["-m", marked]
    if options.slow or options.window:
        command.append("--timeout=900")
    elif not {"-n", "-m", "--pdb"} & set(options.rest):
        command += SIDE_BY_SIDE
    command += options.rest
    if not options.window:
        return console.call(command, environment, ROOT)
    with screen.xvfb() as display:
        return console.call(command, {**environment, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}, ROOT)


def bench(options: Options) -> int:
    """The benchmarks, with their own arguments."""
    python = _prepare(options)
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen", PYTHONPATH=str(ROOT))
    return console.call([python, "-m", "tests.benchmarks", *options.rest], environment, ROOT)


def tool(options: Options) -> int:
    """A developer's tool of the virtual environment."""
    if not options.rest:
        raise SetupError("tool needs a name: ruff, pyright, lint-imports", 2)
    python = _prepare(options)
    program = shutil.which(options.rest[0], path=str(python.parent))
    if program is None:
        raise SetupError(f"there is no tool {options.rest[0]} in {python.parent}", 2)
    return console.call([program, *options.rest[1:]])


COMMANDS = {"run": run, "test": test, "bench": bench, "tool": tool}


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, set up, run; the exit code of what was run.

    A failure of the set-up is one line.
    """
    if sys.version_info < OLDEST:
        say(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; this is {sys.version.split()[0]} ({sys.executable})")
        return 1
    try:
        options = parse(sys.argv[1:] if arguments is None else arguments)
        return COMMANDS[options.command](options)
    except SetupError as error:
        if error.code == 0:
            sys.stdout.write(f"{error}\n")
        else:
            say(str(error))
        return error.code
    except OSError as error:
        say(f"the set-up failed: {error}")
        return 1
    except KeyboardInterrupt:
        say("interrupted; the same command goes on where it stopped")
        return 130
