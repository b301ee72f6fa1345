"""The command line: what it writes equals a plain computation, and what is wrong is said in one line."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from shiftlab.cli import main
from shiftlab.network import presets
from shiftlab.network.spec import from_json
from tests.measure.promised import STAGE_KEYS

PLAIN = importlib.util.spec_from_file_location("plain", Path(__file__).parent / "network" / "plain.py")
assert PLAIN is not None
assert PLAIN.loader is not None
plain = importlib.util.module_from_spec(PLAIN)
PLAIN.loader.exec_module(plain)

RESOURCES = Path(__file__).parents[1] / "resources" / "networks"
SMALL = [name for name in presets.names() if name != "vgg11"]


def check_stages(tmp_path: Path, name: str, mode: str | None, canvas: str) -> None:
    """`shiftlab stages` against torch.nn.functional, which reads the spec's JSON and the saved weights itself."""
    from safetensors.numpy import load_file

    from shiftlab.network.spec import with_padding

    out, saved = tmp_path / "out.npz", tmp_path / "weights.safetensors"
    padding = [] if mode is None else ["--padding", mode]
    arguments = ["stages", str(out), "--network", name, "--pattern", "cat", "--canvas", canvas, "--at", "20,20"]
    assert main([*arguments, *padding, "--weights", str(saved)]) == 0
    spec = from_json((RESOURCES / f"{name}.json").read_bytes())
    if mode is not None:
        spec = with_padding(spec, mode)  # type: ignore[arg-type]
    with np.load(out) as written:
        keys = list(written)
        image = torch.tensor(written["input"])[None]
        expected = plain.maps(spec, load_file(saved), image)
        assert keys == ["input", *expected]
        for stage, values in expected.items():
            assert written[stage].dtype == np.float32
            limit = 1e-5 * max(1.0, float(values.abs().max()))
            np.testing.assert_allclose(written[stage], values[0].numpy(), rtol=0, atol=limit)


@pytest.mark.parametrize("mode", [None, *plain.MODES])
@pytest.mark.parametrize("name", SMALL)
def test_stages_equal_a_plain_computation(tmp_path: Path, name: str, mode: str | None) -> None:
    check_stages(tmp_path, name, mode, "80x80" if name == "deep" else "64x64")


@pytest.mark.slow
@pytest.mark.parametrize("mode", [None, *plain.MODES])
def test_stages_of_vgg11_equal_a_plain_computation(tmp_path: Path, mode: str | None) -> None:
    check_stages(tmp_path, "vgg11", mode, "224x224")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["stages", "out.txt"], "out.txt: the name must end in .npz"),
        (["stages", "nowhere/out.npz"], "nowhere/out.npz: there is no folder nowhere"),
        (["stages", "out.npz", "--network", "nope"], "--network nope: no network 'nope'"),
        (["stages", "out.npz", "--network", "model.py:make"], "models from Python files come with a later version"),
        (["stages", "out.npz", "--pattern", "nope"], "--pattern nope: no such file"),
        (["stages", "out.npz", "--canvas", "8x8"], "canvas sides must be 16 to 512 px, not 8x8"),
        (["stages", "out.npz", "--canvas", "8"], "a canvas is ROWSxCOLS, as in 64x64, not '8'"),
        (["stages", "out.npz", "--at", "a,b"], "a position is ROW,COL, as in 20,20, not 'a,b'"),
        (["stages", "out.npz", "--at", "nan,1"], "row must be a finite number, not nan"),
        (["stages", "out.npz", "--size", "0"], "size must be 1 to 512 px, not 0"),
        (["stages", "out.npz", "--background", "3"], "grey must be 0 to 1, not 3.0"),
        (["stages", "out.npz", "--network", "vgg11", "--canvas", "16x16"], "pool5"),
        (["sweep", "out.npz", "--stage", "nope"], "--stage nope: there is none; there are conv1"),
        (
            ["sweep", "out.npz", "--network", "three-blocks", "--what", "value", "--channel", "8"],
            "--channel 8: pool3 has 8, 0 to 7",
        ),
        (["sweep", "out.npz", "--reach", "0"], "--reach must be 1 to 64, the canvas's longer side, not 0"),
        (["train", "nope"], "no experiment 'nope'; there are corner"),
        (["train", "corner", "--variant", "nope"], "--variant nope: there is none; there are dense"),
        (["train", "corner", "--seeds", "0"], "--seeds must be 1 or more, not 0"),
        (["stages"], "the following arguments are required: OUT.npz"),
        (["nofile.shiftlab"], "nofile.shiftlab: no such file"),
    ],
)
def test_a_bad_argument_is_one_line_and_exit_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert said in captured.err


def test_a_negative_row_is_a_position(tmp_path: Path) -> None:
    out = tmp_path / "out.npz"
    assert main(["stages", str(out), "--border", "zero", "--pattern", "pixel", "--size", "1", "--at", "-3,5"]) == 0
    with np.load(out) as written:
        assert not written["input"].any()


def test_the_spec_of_another_is_taken_and_its_errors_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "mine.json"
    spec.write_text('{"name": "mine", "layers": [{"kind": "conv", "channels": 2, "kernel": 3}]}')
    out = tmp_path / "out.npz"
    assert main(["stages", str(out), "--network", str(spec)]) == 0
    with np.load(out) as written:
        assert written["conv1"].shape == (2, 62, 62)
    spec.write_text('{"name": "mine", "layers": [{"kind": "conv", "channels": "two"}]}')
    assert main(["stages", str(out), "--network", str(spec)]) == 2
    assert "$.layers[0].channels" in capsys.readouterr().err


BLOCKS = ("--network", "three-blocks", "--size", "34")
"""A 34 px cat in the middle of a wrapped canvas."""


def measured(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> dict:
    assert main(["measure", *BLOCKS, *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_measure_prints_what_is_promised(capsys: pytest.CaptureFixture[str]) -> None:
    found = measured(["--json", "--to", "32,35"], capsys)
    assert list(found) == ["displacement", "first_break", "stages"]
    assert found["displacement"] == [0, 3]
    assert found["first_break"] == "pool1"
    by_name = {stage["name"]: stage for stage in found["stages"]}
    assert list(by_name["pool1"]) == STAGE_KEYS
    assert by_name["relu1"]["kind"] == "relu"
    assert by_name["relu1"]["equivariance_error"] <= 1e-5
    assert by_name["pool1"]["causes"] == ["phase"]
    assert by_name["conv2"]["causes"] == ["inherited"]


def test_measure_agrees_with_the_error_written_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The grid form of pool1 at 3 px from the maps that `stages` writes, by its formula, on a wrapped black scene."""
    maps = {}
    for name, at in (("reference", "32,32"), ("present", "32,35")):
        assert main(["stages", str(tmp_path / f"{name}.npz"), *BLOCKS, "--at", at]) == 0
        with np.load(tmp_path / f"{name}.npz") as written:
            maps[name] = written["pool1"].astype(np.float64)
    errors = []
    for cells in (1, 2):
        moved = np.roll(maps["reference"], cells, axis=2)
        energy = 0.5 * ((maps["present"] ** 2).sum() + (moved**2).sum())
        errors.append(np.sqrt(((maps["present"] - moved) ** 2).sum() / energy))
    stage = next(one for one in measured(["--to", "32,35"], capsys)["stages"] if one["name"] == "pool1")
    assert stage["equivariance_error"] == pytest.approx(min(errors), rel=1e-6)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--to", "32,34", "--stage", "pool1", "--expect", "equivariant"], 0),
        (["--to", "32,35", "--stage", "pool1", "--expect", "equivariant"], 1),
        (["--to", "32,35", "--stage", "pool1", "--expect", "equivariant", "--tolerance", "0.9"], 0),
        (["--to", "32,35", "--stage", "pool1", "--expect", "invariant"], 1),
        (["--to", "32,32.5", "--stage", "pool1", "--expect", "equivariant"], 1),
        (["--to", "32,35", "--stage", "pool9", "--expect", "equivariant"], 2),
        (["--to", "32,35", "--expect", "equivariant"], 2),
    ],
)
def test_an_expectation_decides_the_exit_code(
    arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["measure", *BLOCKS, *arguments]) == code
    assert capsys.readouterr().err.count("\n") == (code != 0)


def test_a_curve_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measure", *BLOCKS, "--curve", "row", "--reach", "8", "--csv"]) == 0
    lines = [line.split(",") for line in capsys.readouterr().out.splitlines()]
    assert lines[0][:4] == ["shift", "conv1", "relu1", "pool1"]
    exact = [line[0] for line in lines[1:] if float(line[lines[0].index("pool1")]) <= 1e-5]
    assert exact == ["0", "2", "4", "6", "8"]


def test_receptive_fields(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rf", "--json", "--network", "seed"]) == 0
    stages = json.loads(capsys.readouterr().out)["stages"]
    assert stages[-1] == {
        "name": "conv2",
        "kind": "conv",
        "stride": [2, 2],
        "receptive_field": [8, 8],
        "offset": [0.5, 0.5],
    }


def swept(out: Path, *arguments: str) -> dict[str, np.ndarray]:
    from PIL import Image

    assert main(["sweep", str(out), *arguments]) == 0
    with Image.open(out.with_suffix(".png")) as picture:
        assert len(np.unique(np.asarray(picture).reshape(-1, 3), axis=0)) > 20
    with np.load(out) as written:
        assert list(written) == ["values", "rows", "cols"]
        return dict(written)


def stage_at(tmp_path: Path, name: str, *arguments: str) -> np.ndarray:
    assert main(["stages", str(tmp_path / "one.npz"), *arguments]) == 0
    with np.load(tmp_path / "one.npz") as written:
        return written[name].astype(np.float64)


@pytest.mark.usefixtures("qapp")
def test_a_sweep_of_places_agrees_with_single_places(tmp_path: Path) -> None:
    common = ["--network", "dense-head", "--border", "zero", "--size", "50"]
    found = swept(tmp_path / "out.npz", *common, "--channel", "1")
    assert found["rows"].tolist() == found["cols"].tolist() == list(range(25, 40))
    assert found["values"].shape == (15, 15)
    for row, col in ((25, 25), (25, 39), (31, 28), (39, 39)):
        powers = np.exp(stage_at(tmp_path, "dense1", *common, "--at", f"{row},{col}").ravel())
        assert found["values"][row - 25, col - 25] == pytest.approx(powers[1] / powers.sum(), rel=1e-4)


@pytest.mark.usefixtures("qapp")
def test_a_sweep_of_a_stage_is_the_mean_of_its_channel(tmp_path: Path) -> None:
    common = ["--border", "zero", "--size", "56"]
    found = swept(tmp_path / "out.npz", *common, "--what", "value", "--stage", "pool2", "--channel", "3")
    mean = stage_at(tmp_path, "pool2", *common, "--at", "30,33")[3].mean()
    assert found["values"][2, 5] == pytest.approx(mean, rel=1e-4)


@pytest.mark.usefixtures("qapp")
def test_a_sweep_of_shifts_is_exact_on_the_grid(tmp_path: Path) -> None:
    found = swept(tmp_path / "out.npz", "--stage", "pool1", "--reach", "2")
    assert found["rows"].tolist() == [-2, -1, 0, 1, 2]
    exact = found["values"] <= 1e-5
    assert exact.tolist() == [[row % 2 == 0 and col % 2 == 0 for col in range(-2, 3)] for row in range(-2, 3)]


def test_train_prints_what_is_promised(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "corner", "--json", "--variant", "dense", "--seed", "3"]) == 0
    captured = capsys.readouterr()
    assert captured.err == "dense, seed 3\n"
    found = json.loads(captured.out)
    assert list(found) == ["experiment", "runs"]
    (run,) = found["runs"]
    assert (run["variant"], run["seed"]) == ("dense", 3)
    assert list(run["accuracy"]) == ["upper_left", "centre", "lower_right", "far_edge_mean"]
    assert run["accuracy"]["upper_left"] == 1.0
    assert run["accuracy"]["lower_right"] == 0.5
    assert run["untouched_weight_change"] == 0.0


def rendered(out: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`shiftlab render` as a user without a display has it."""
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "QT_QPA_PLATFORM")}
    command = [sys.executable, "-m", "shiftlab", "render", str(out), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize("theme", ["dark", "light", "print"])
def test_render_needs_no_display_and_carries_its_document(tmp_path: Path, theme: str) -> None:
    from PIL import Image

    from shiftlab.arguments import document_of
    from shiftlab.cli import parser
    from shiftlab.files import state

    arguments = ["--network", "lenet", "--pattern", "cat", "--at", "20,20", "--to", "20,23"]
    out, again = tmp_path / "out.png", tmp_path / "again.png"
    done = rendered(out, *arguments, "--theme", theme)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    document = state.extract(out)
    assert document == document_of(parser().parse_args(["render", "x.png", *arguments]))
    with Image.open(out) as picture:
        first = np.asarray(picture, dtype=np.int16)
    assert len(np.unique(first.reshape(-1, 3), axis=0)) > 500
    if theme == "dark":
        assert rendered(again, str(out)).returncode == 0
        with Image.open(again) as picture:
            assert np.abs(first - np.asarray(picture, dtype=np.int16)).max() == 0


def test_render_refuses_a_picture_without_a_state(tmp_path: Path) -> None:
    from PIL import Image

    foreign = tmp_path / "foreign.png"
    Image.new("L", (20, 20)).save(foreign)
    done = rendered(tmp_path / "out.png", str(foreign))
    assert done.returncode == 2
    assert done.stderr == f"shiftlab: {foreign}: a picture without a ShiftLab state in it\n"


def test_help_is_quick_and_light() -> None:
    """Neither torch nor Qt is loaded to print a help text."""
    code = "import sys; from shiftlab.cli import parser; parser(); print(*{'torch', 'PySide6'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.dumps(done.stdout.strip()) == '""'
