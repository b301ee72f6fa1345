"""Two commands for a machine that has nothing but Python: `python3 -m shiftlab.bootstrap run` and `... test`.

Standard library only. What it does, in order, skipping what is done already: install the system
libraries that Qt needs (Debian and Ubuntu, where it may), make `.venv` beside the package, install
torch for the CPU and then ShiftLab itself with its test tools, and run. A hash of `pyproject.toml`
kept in `.venv` makes the second time quick.
"""

from __future__ import annotations

import hashlib
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shiftlab import system

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
TORCH = "2.13.0"
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


class SetupError(Exception):
    """What stopped the set-up, in one line, with the exit code to leave with."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


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


def say(words: str) -> None:
    """One line of progress, on standard error so that a command's own output stays clean."""
    sys.stderr.write(f"shiftlab: {words}\n")
    sys.stderr.flush()


def call(
    command: Sequence[str | Path],
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    output: int | None = None,
) -> int:
    """Run to the end, with the terminal's own input and output; the exit code, as a shell would give it."""
    with subprocess.Popen([str(part) for part in command], env=environment, cwd=folder, stdout=output) as process:
        while True:
            try:
                code = process.wait()
                break
            except KeyboardInterrupt:
                continue  # the child has had the same Ctrl+C; its answer is what counts
    return code if code >= 0 else 128 - code


def _watched() -> bool:
    """Whether somebody watches, so that apt's and pip's own progress is worth showing; a log takes our lines alone."""
    return sys.stdout is not None and sys.stdout.isatty()


# ---------------------------------------------------------------- system packages


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
    output = None if _watched() else subprocess.DEVNULL  # its errors are on standard error, and stay
    if call([*quietly, "update"], output=output) != 0:
        say("apt-get update failed; trying with the lists that are there")
    if call([*quietly, "install", "-y", "--no-install-recommends", *packages], output=output) != 0:
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


# ---------------------------------------------------------------- the virtual environment


def venv_python(venv: Path) -> Path:
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def fingerprint(root: Path) -> str:
    """What the installation depends on: pyproject.toml, the Python that runs, and where the checkout stands."""
    content = hashlib.sha256((root / "pyproject.toml").read_bytes())
    content.update(f"{sys.version_info[:2]}|{root}|{TORCH}".encode())
    return content.hexdigest()


def _runs(python: Path) -> bool:
    """Whether this interpreter is there, starts, and is of our version (a moved checkout or an upgrade breaks it)."""
    if not python.exists():
        return False
    ask = "import sys, pip; print(sys.version_info[:2])"
    done = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False)
    return done.returncode == 0 and done.stdout.strip() == str(tuple(sys.version_info[:2]))


def make_venv(venv: Path, *, may_install: bool) -> None:
    """Make the virtual environment; on a bare Debian, which lacks ensurepip, install python3-venv first.

    Raises
    ------
    SetupError
        Where it cannot be made.
    """
    command = [sys.executable, "-m", "venv", "--clear", venv]
    if not _has_ensurepip():
        exact = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        if may_install:
            apt_install(["python3-venv"])
            if not _has_ensurepip():
                apt_install([exact])
        if not _has_ensurepip():
            raise SetupError(f"this Python cannot make virtual environments; on Debian or Ubuntu: apt install {exact}")
    say(f"making the virtual environment {venv}")
    code = call(command)
    if code != 0:
        raise SetupError(f"the virtual environment {venv} could not be made; the lines above say why", code)


def _has_ensurepip() -> bool:
    """Asked of a new process: this one remembers what it did not find. Debian has ensurepip's name but not its body."""
    ask = "import ensurepip, venv, sys; sys.exit(0 if ensurepip.version() else 1)"
    return subprocess.run([sys.executable, "-c", ask], capture_output=True, check=False).returncode == 0


def _pip_install(python: Path, *what: str) -> int:
    quietly = () if _watched() else ("--quiet",)
    return call([python, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", *quietly, *what])


def install_torch(python: Path) -> None:
    """torch for the CPU, before anything can draw gigabytes of CUDA packages.

    Only Linux needs care: elsewhere the plain package is the CPU's. The local version '+cpu' is taken
    where pip, as it is set up, finds one; else the plain version, which may bring CUDA along.

    Raises
    ------
    SetupError
        Where pip fails.
    """
    say(f"installing torch {TORCH} for the CPU (about 200 MB)")
    for_cpu = f"torch=={TORCH}+cpu"
    plain = not sys.platform.startswith("linux") or not _at_hand(python, for_cpu)
    code = _pip_install(python, f"torch=={TORCH}" if plain else for_cpu)
    if code != 0:
        raise SetupError(_failed("torch"), code)


def _at_hand(python: Path, wanted: str) -> bool:
    """Whether pip finds it where it is set up to look (a local mirror, a folder of wheels)."""
    probe = [python, "-m", "pip", "install", "--dry-run", "--no-deps", "--quiet", "--no-input", wanted]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def _failed(what: str) -> str:
    return (
        f"installing {what} failed; the lines above say why (no network? a full disk?). "
        "The same command goes on where it stopped."
    )


def ensure_venv(root: Path, *, may_install: bool) -> Path:
    """The interpreter of an up-to-date `.venv`; quick where pyproject.toml has not changed.

    Raises
    ------
    SetupError
        Where there is no checkout around the package, or an installation fails.
    """
    if not (root / "pyproject.toml").is_file():
        raise SetupError("the bootstrap sets up a checkout of ShiftLab; this is an installed package: start 'shiftlab'")
    venv = root / ".venv"
    python, stamp = venv_python(venv), venv / "shiftlab-setup.txt"
    wanted = fingerprint(root)
    if python.exists() and stamp.is_file() and stamp.read_text(encoding="utf-8").strip() == wanted:
        return python
    started = time.monotonic()
    say("setting up (this happens once, and again when the dependencies change)")
    if not _runs(python):
        make_venv(venv, may_install=may_install)
    install_torch(python)
    say("installing ShiftLab with Qt, numpy and its test tools")
    code = _pip_install(python, "--editable", f"{root}[test]")
    if code != 0:
        raise SetupError(_failed("ShiftLab"), code)
    stamp.write_text(wanted + "\n", encoding="utf-8")
    say(f"set up in {time.monotonic() - started:.0f} s")
    return python


# ---------------------------------------------------------------- the commands


def has_display(environment: Mapping[str, str]) -> bool:
    """Whether a window can be shown; only Linux can be without."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def _prepare(options: Options, *, window: bool = False, tools: bool = False) -> Path:
    ensure_system(window=window, tools=tools, may_install=options.system)
    return ensure_venv(ROOT, may_install=options.system)


def run(options: Options) -> int:
    """Start the application; with no display, say so and render its window to a PNG."""
    display = has_display(os.environ)
    python = _prepare(options, window=display)
    program = [python, "-m", "shiftlab"]
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), environment.get("PYTHONPATH", ""))))
    if display or options.rest[:1] in (("-h",), ("--help",), ("--version",)):
        return call([*program, *options.rest], environment)
    environment["QT_QPA_PLATFORM"] = "offscreen"
    if options.rest and options.rest[0] in HEADLESS_COMMANDS:
        return call([*program, *options.rest], environment)
    say(f"there is no display here, so the window is rendered to {Path.cwd() / PNG}")
    return call([*program, "render", PNG, *options.rest], environment)


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
        return call(command, environment, ROOT)
    with xvfb() as display:
        return call(command, {**environment, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}, ROOT)


@contextmanager
def xvfb() -> Iterator[str]:
    """An Xvfb of our own for as long as the block lasts; gives its DISPLAY.

    Raises
    ------
    SetupError
        Where it does not start within 20 seconds.
    """
    reading, writing = os.pipe()
    screen = ["-screen", "0", "1920x1200x24", "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), *screen], pass_fds=(writing,), stderr=subprocess.DEVNULL
    )
    os.close(writing)
    try:
        number = b""
        while not number.endswith(b"\n"):
            ready, _, _ = select.select([reading], [], [], 20)
            part = os.read(reading, 16) if ready else b""
            if not part:
                raise SetupError("Xvfb did not start; the tests in a real window cannot run")
            number += part
        yield f":{number.decode().strip()}"
    finally:
        os.close(reading)
        server.terminate()
        server.wait()


def bench(options: Options) -> int:
    """The benchmarks, with their own arguments."""
    python = _prepare(options)
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen", PYTHONPATH=str(ROOT))
    return call([python, "-m", "tests.benchmarks", *options.rest], environment, ROOT)


def tool(options: Options) -> int:
    """A developer's tool of the virtual environment."""
    if not options.rest:
        raise SetupError("tool needs a name: ruff, pyright, lint-imports", 2)
    python = _prepare(options)
    program = shutil.which(options.rest[0], path=str(python.parent))
    if program is None:
        raise SetupError(f"there is no tool {options.rest[0]} in {python.parent}", 2)
    return call([program, *options.rest[1:]])


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


if __name__ == "__main__":
    sys.exit(main())
