"""Specs and code, saved, opened and copied."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

from PySide6.QtGui import QGuiApplication

from shiftlab.network.presets import preset
from shiftlab.network.spec import MaxPool, NetworkSpec, to_json
from tests.ui.bench.benches import (
    Make,
    lab_of,
    spec_of,
)


def test_specs_are_saved_opened_and_refused(make: Make, tmp_path: Path) -> None:
    bench = make()
    bench.page.operations.buttons["polyphase"].click()
    path = tmp_path / "mine.json"
    assert bench.files.save_spec(path)
    assert json.loads(path.read_text())["name"] == "three-blocks"
    saved = spec_of(bench)
    bench.page.layers.removed.emit(0)
    assert bench.files.open_spec(path)
    assert spec_of(bench) == saved
    path.write_text('{"name": "x", "layers": [{"kind": "conv"}]}')
    assert not bench.files.open_spec(path)
    assert "channels" in bench.note.text()
    vanishing = NetworkSpec(name="gone", layers=(MaxPool(stride=(64, 64)), MaxPool()))
    path.write_bytes(to_json(vanishing))
    assert not bench.files.open_spec(path)
    assert bench.note.text().startswith("pool2: a 1x1 map")
    assert spec_of(bench) == saved
    assert not bench.files.save_spec(tmp_path / "none" / "mine.json")
    assert "could not be saved" in bench.note.text()


def test_a_spec_opened_for_b_leaves_a_alone(make: Make, tmp_path: Path) -> None:
    bench = make()
    path = tmp_path / "lenet.json"
    path.write_bytes(to_json(preset("lenet")))
    bench.fork_to_b()
    assert bench.files.open_spec(path)
    assert [network.spec.name for network in lab_of(bench).document.networks] == ["three-blocks", "lenet"]


def test_the_network_is_copied_as_pytorch(make: Make, tmp_path: Path) -> None:
    bench = make()
    assert bench.files.copy_code()
    source = QGuiApplication.clipboard().text()
    (tmp_path / "copied.py").write_text(source)
    assert "Network" in runpy.run_path(str(tmp_path / "copied.py"))
    large = make("lenet")
    assert not large.files.copy_code()
    assert "lenet.safetensors" in large.note.text()
    assert large.files.save_code(tmp_path / "lenet.py")
    assert (tmp_path / "lenet.safetensors").exists()
    runpy.run_path(str(tmp_path / "lenet.py"))["Network"]()
