"""Where the resources are found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from shiftlab.resources import resource

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("place", ["checkout", "wheel"])
def test_resources_are_found_in_a_checkout_and_in_a_wheel(place: str, tmp_path: Path) -> None:
    package = tmp_path / "shiftlab"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "resources.py").write_text((ROOT / "shiftlab" / "resources.py").read_text())
    folder = (tmp_path if place == "checkout" else package) / "resources" / "icons"
    folder.mkdir(parents=True)
    (folder / "a.svg").touch()
    code = "from shiftlab.resources import resource; print(resource('icons', 'a.svg'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(folder / "a.svg")


def test_a_missing_resource_is_named() -> None:
    assert resource("networks").is_dir()
    with pytest.raises(FileNotFoundError, match=r"networks/none\.json"):
        resource("networks", "none.json")
