"""What the README says can be typed."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from shiftlab.cli import main, parser

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^shiftlab (\w.*)$", TEXT, flags=re.MULTILINE)


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})
    errors = [float(line.split()[1]) for line in capsys.readouterr().out.splitlines()]
    assert errors[0] <= 1e-5
    assert errors[1] <= 1e-5
    assert errors[2] > 0.01


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_are_understood(command: str) -> None:
    assert parser().parse_args(shlex.split(command, comments=True)).command == command.split()[0]


@pytest.mark.usefixtures("qapp")
def test_the_commands_do_what_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All but training, which has tests of its own; what a session is asked for is an own lab here."""
    from shiftlab.files import session
    from shiftlab.opening import opening_document

    monkeypatch.chdir(tmp_path)
    session.save(opening_document(to=(14, 17)), Path("learnt.shiftlab"))
    said: dict[str, str] = {}
    for command in COMMANDS:
        words = shlex.split(command, comments=True)
        if words[0] != "train":
            assert main(words) == 0, command
            said[" ".join(words)] = capsys.readouterr().out
    assert json.loads(said["measure --json --to 50,50"])["first_break"] == "dense1"
    assert said["measure learnt.shiftlab --csv"].splitlines()[3].startswith("pool1,maxpool,8,32,32,2×2,6×6,no,")
    assert {path.name for path in tmp_path.iterdir()} == {
        *("learnt.shiftlab", "places.npz", "places.png", "out.png", "out.npz"),
    }


def test_what_it_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", TEXT)
    assert links
    assert [link for link in links if not (ROOT / link).is_file()] == []
