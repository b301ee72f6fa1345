"""The set-up: what it decides, what it says, and that it is quick the second time. Nothing is installed here."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from shiftlab import system
from shiftlab.bootstrap import commands, console, packages, screen, venv

ROOT = Path(__file__).resolve().parent.parent


class Calls:
    """Stands in for `console.call`: notes commands, answers with the code of the first part that matches."""

    def __init__(self, **codes: int) -> None:
        self.codes = codes
        self.commands: list[list[str]] = []
        self.environments: list[dict[str, str]] = []

    def __call__(self, command: Sequence[object], environment: dict[str, str] | None = None, *_: object, **__: object):
        self.commands.append([str(part) for part in command])
        self.environments.append(dict(environment or {}))
        return next((code for part, code in self.codes.items() if any(part in str(one) for one in command)), 0)


@pytest.fixture(autouse=True)
def torch_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(venv, "_at_hand", lambda *_: True)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    fake = Calls()
    monkeypatch.setattr(console, "call", fake)
    return fake


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> Path:
    """As if everything were set up."""
    monkeypatch.setattr(packages, "ensure_system", lambda **_: None)
    monkeypatch.setattr(venv, "ensure_venv", lambda *_, **__: Path("/venv/bin/python"))
    return Path("/venv/bin/python")


def _checkout(folder: Path) -> Path:
    (folder / "pyproject.toml").write_text("[project]\nname='x'\n")
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").symlink_to(sys.executable)
    return folder


def test_switches_are_ours_and_the_rest_is_passed_on_in_order() -> None:
    options = commands.parse(["test", "-m", "slow", "--window", "--no-system", "tests/x.py", "--", "--slow"])
    assert options == commands.Options("test", False, True, False, ("-m", "slow", "tests/x.py", "--slow"))
    assert commands.parse(["run", "--window"]).rest == ("--window",)


@pytest.mark.parametrize(("arguments", "code"), [(["dance"], 2), ([], 2), (["--help"], 0), (["tool"], 2)])
def test_bad_commands_are_one_line(arguments: list[str], code: int) -> None:
    command = [sys.executable, "-m", "shiftlab.bootstrap", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == code
    if code:
        assert done.stderr.count("\n") == 1
    else:
        assert done.stdout.startswith("usage: ")


def test_an_old_python_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(commands, "OLDEST", (99, 0))
    assert commands.main(["test"]) == 1
    assert capsys.readouterr().err.startswith("shiftlab: Python 99.0 or newer is needed")


def test_the_second_time_is_quick(tmp_path: Path, calls: Calls) -> None:
    root = _checkout(tmp_path)
    venv.ensure_venv(root, may_install=False)
    assert any("--editable" in command for command in calls.commands)
    torch = next(index for index, command in enumerate(calls.commands) if any("torch==" in one for one in command))
    package = next(index for index, command in enumerate(calls.commands) if "--editable" in command)
    assert torch < package
    calls.commands.clear()
    assert venv.ensure_venv(root, may_install=False) == root / ".venv" / "bin" / "python"
    assert calls.commands == []
    (root / "pyproject.toml").write_text("[project]\nname='y'\n")
    venv.ensure_venv(root, may_install=False)
    assert calls.commands


def test_torch_for_the_cpu_is_asked_for_where_it_is_at_hand(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    venv.install_torch(Path("python"))
    assert calls.commands[-1][-1] == f"torch=={venv.TORCH}+cpu"
    monkeypatch.setattr(venv, "_at_hand", lambda *_: False)
    venv.install_torch(Path("python"))
    assert calls.commands[-1][-1] == f"torch=={venv.TORCH}"
    monkeypatch.setattr(venv, "_at_hand", lambda *_: True)
    monkeypatch.setattr(sys, "platform", "darwin")
    venv.install_torch(Path("python"))
    assert calls.commands[-1][-1] == f"torch=={venv.TORCH}"


@pytest.mark.parametrize("what", ["torch", "editable"])
def test_a_failed_installation_is_one_line_and_is_tried_again(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = _checkout(tmp_path)
    monkeypatch.setattr(console, "call", Calls(**{what: 7}))
    with pytest.raises(console.SetupError, match=r"installing .* failed") as caught:
        venv.ensure_venv(root, may_install=False)
    assert caught.value.code == 7
    assert "\n" not in str(caught.value)
    again = Calls()
    monkeypatch.setattr(console, "call", again)
    venv.ensure_venv(root, may_install=False)
    assert again.commands


def test_a_broken_environment_is_made_anew(tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    root = _checkout(tmp_path)
    python = root / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    monkeypatch.setattr(venv, "install_torch", lambda _: None)
    venv.ensure_venv(root, may_install=False)
    assert [sys.executable, "-m", "venv", "--clear", str(root / ".venv")] in calls.commands


def test_no_ensurepip_and_no_leave_to_install_names_the_package(
    tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(venv, "_has_ensurepip", lambda: False)
    with pytest.raises(console.SetupError, match=r"apt install python3\.\d+-venv"):
        venv.make_venv(tmp_path, may_install=False)
    assert calls.commands == []


def test_outside_a_checkout_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(console.SetupError, match="checkout"):
        venv.ensure_venv(tmp_path, may_install=False)


def test_installing_says_what_it_does(
    calls: Calls, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found: dict[str, str] = {"apt-get": "/usr/bin/apt-get", "sudo": "/usr/bin/sudo"}
    monkeypatch.setattr(shutil, "which", found.get)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(sys, "stdin", None)
    assert packages.apt_install(["libegl1"])
    assert "installing system packages: libegl1" in capsys.readouterr().err
    assert all(command[:2] == ["/usr/bin/sudo", "-n"] for command in calls.commands)
    assert calls.commands[-1][-1] == "libegl1"
    found.clear()
    calls.commands.clear()
    assert not packages.apt_install(["libegl1"])
    assert "libegl1" in capsys.readouterr().err
    assert calls.commands == []


def test_no_system_leaves_packages_alone(
    calls: Calls, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system, "missing_packages", lambda **_: ("libegl1",))
    packages.ensure_system(window=False, tools=False, may_install=False)
    assert "libegl1" in capsys.readouterr().err
    assert calls.commands == []
    with pytest.raises(console.SetupError, match="libegl1"):
        packages.ensure_system(window=True, tools=True, may_install=False)


def test_run_with_no_display_says_so_and_renders(
    calls: Calls, prepared: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(screen, "has_display", lambda _: False)
    assert commands.main(["run"]) == 0
    assert calls.commands == [[str(prepared), "-m", "shiftlab", "render", "shiftlab.png"]]
    assert calls.environments[0]["QT_QPA_PLATFORM"] == "offscreen"
    assert capsys.readouterr().err.count("no display") == 1
    assert commands.main(["run", "stages", "out.npz"]) == 0
    assert calls.commands[-1][3:] == ["stages", "out.npz"]


def test_run_with_a_display_starts_the_window(calls: Calls, prepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "has_display", lambda _: True)
    assert commands.main(["run", "cat.shiftlab"]) == 0
    assert calls.commands == [[str(prepared), "-m", "shiftlab", "cat.shiftlab"]]


def test_display_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert not screen.has_display({})
    assert screen.has_display({"DISPLAY": ":0"})
    assert screen.has_display({"WAYLAND_DISPLAY": "wayland-0"})


def test_the_test_command_leaves_slow_and_window_tests_out(
    calls: Calls, prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":7")
    commands.main(["test", "-x"])
    expected = ["-m", "pytest", "-m", "not slow and not xvfb", *commands.SIDE_BY_SIDE, "-x"]
    assert calls.commands[-1][1:] == expected
    assert "DISPLAY" not in calls.environments[-1]
    assert calls.environments[-1]["QT_QPA_PLATFORM"] == "offscreen"
    commands.main(["test", "-m", "slow"])
    assert calls.commands[-1][1:] == ["-m", "pytest", "-m", "slow"]
    commands.main(["test", "--slow"])
    assert "slow and not xvfb" in calls.commands[-1]
    assert "-n" not in calls.commands[-1]


def test_exit_codes_are_passed_on() -> None:
    assert console.call([sys.executable, "-c", "raise SystemExit(5)"]) == 5
    killed = f"import os; os.kill(os.getpid(), {int(signal.SIGKILL)})"
    assert console.call([sys.executable, "-c", killed]) == 128 + signal.SIGKILL


@pytest.mark.xvfb
def test_xvfb_gives_a_screen_of_its_own_and_leaves_no_server() -> None:
    with screen.xvfb() as display:
        environment = dict(os.environ, DISPLAY=display)
        ask = ["xdotool", "getdisplaygeometry"]
        done = subprocess.run(ask, env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["1920", "1200"]
        assert display != os.environ["DISPLAY"]
    assert not Path(f"/tmp/.X11-unix/X{display[1:]}").exists()


def test_an_xvfb_that_does_not_start_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Xvfb").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "Xvfb").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(console.SetupError, match="Xvfb did not start"), screen.xvfb():
        pytest.fail("it has no screen")
