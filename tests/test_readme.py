"""What the README says can be typed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from shiftlab.cli import parser

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


def test_what_it_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", TEXT)
    assert links
    assert [link for link in links if not (ROOT / link).is_file()] == []
