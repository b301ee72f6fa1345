"""What someone types wrongly at the command line: one line that names it, and nothing half-written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from shiftlab.cli import main

DENSE_ELSEWHERE = "corner-dense cannot run on this canvas: dense1.weight: trained with 2x4096"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with the odd things that paths can lead to."""
    from PIL import Image

    monkeypatch.chdir(tmp_path)
    for name in ("taken.npz", "taken.png"):
        Path(name).mkdir()
    Path("cut.json").write_text("{")
    Path("deep.json").write_text("[" * 100_000)
    Path("nothing.json").write_text('{"name": "nothing", "layers": []}')
    Path("spec.json").write_text('{"name": "mine", "layers": [{"kind": "conv", "channels": 2, "kernel": 3}]}')
    Image.new("L", (20, 20)).save("foreign.png")
    return tmp_path


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("mesure", "mesure: no such file, nor a command; did you mean measure?"),
        ("measur --json", "measur: no such file, nor a command; did you mean measure?"),
        ("xyzzy", "xyzzy: no such file, nor a command; there are window, render"),
        ("lab.shiftlab", "lab.shiftlab: no such file\n"),
        ("window taken.npz", "taken.npz: a folder"),
        ("measure --network thre-blocks", "--network thre-blocks: no network 'thre-blocks'; did you mean three-blocks"),
        ("measure --network Lenet", "did you mean lenet?"),
        ("measure --network cut.json", "cut.json: it is not JSON: Input data was truncated"),
        ("measure --network deep.json", "deep.json: it is not JSON: maximum recursion depth exceeded"),
        ("measure --pattern Cat", "--pattern Cat: no such file, nor one of ours; did you mean cat?"),
        ("train crner", "no experiment 'crner'; did you mean corner?"),
        ("train corner --variant gpa", "--variant gpa: there is none; did you mean gmp or gap?"),
        ("train corner --seed -1", "--seed must be 0 or more, not -1"),
        ("measure --size abc", "--size: a whole number, as in 3, not 'abc'"),
        ("measure --background white", "--background: a number, as in 0.5, not 'white'"),
        ("measure --background -inf", "grey must be 0 to 1, not -inf"),
        ("measure --canvas -5x5", "--canvas: a canvas is ROWSxCOLS, as in 64x64, not '-5x5'"),
        ("measure --canvas ²x64", "--canvas: a canvas is ROWSxCOLS, as in 64x64, not '²x64'"),
        ("measure --canvas 48x48", DENSE_ELSEWHERE),
        ("stages out.npz --canvas 48x48", DENSE_ELSEWHERE),
        ("render out.png --canvas 48x48", DENSE_ELSEWHERE),
        ("sweep out.npz --canvas 48x48", DENSE_ELSEWHERE),
        ("window --canvas 48x48", DENSE_ELSEWHERE),
        ("measure --json --csv", "--json and --csv: one or the other"),
        ("measure --stage conv1", "--stage goes with --expect or --curve"),
        ("measure --tolerance 1", "--tolerance goes with --expect"),
        ("measure --reach 3", "--reach goes with --curve"),
        ("measure --curve row --reach 65", "--reach must be 1 to 64, the canvas's longer side, not 65"),
        ("measure spec.json", "spec.json: no session; a network's spec goes with --network"),
        ("measure foreign.png", "foreign.png: a picture without a ShiftLab state in it"),
        ("render out.png lab.shiftlab --at 3,3", "--at does not go with a file, lab.shiftlab"),
        ("window foreign.png --network lenet", "--network does not go with a file, foreign.png"),
        ("stages taken.npz", "taken.npz: a folder has that name"),
        ("render taken.png", "taken.png: a folder has that name"),
        ("sweep taken.npz", "taken.npz: a folder has that name"),
        ("stages out.npz --weights out.txt", "out.txt: the name must end in .safetensors"),
        ("stages out.npz --weights nowhere/w.safetensors", "there is no folder nowhere"),
        ("sweep out.npz --network nothing.json", "nothing has no stage to sweep"),
        ("sweep out.npz --reach 100", "--reach must be 1 to 64, the canvas's longer side, not 100"),
        ("sweep out.npz --reach 3", "--reach goes with equivariance and invariance"),
        ("sweep out.npz --stage pool1 --channel 3", "--channel goes with value and probability"),
        ("sweep out.npz --to 30,30", "--to: a sweep starts at --at"),
        ("sweep out.npz --what probability --stage conv1", "which conv1 is not; dense1 has one"),
        ("sweep out.npz --network seed --what probability", "which conv2 is not; seed ends without one"),
        ("sweep out.npz --what equivariance --stage dense1", "dense1 has no places that could move along"),
    ],
)
def test_it_is_named_in_one_line_and_nothing_is_written(
    folder: Path, line: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(folder.iterdir())
    assert main(line.split()) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("shiftlab: ")
    assert captured.err.count("\n") == 1
    assert said in captured.err
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("command", ["stages", "sweep"])
def test_what_cannot_be_written_is_a_failure(
    folder: Path, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A disk that is full when the last byte comes: what was there stays, and no part is left behind."""

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    Path("out.npz").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    before = sorted(folder.iterdir())
    assert main([command, "out.npz", "--size", "60"]) == 1
    assert capsys.readouterr().err == "shiftlab: out.npz cannot be written: No space left on device\n"
    assert sorted(folder.iterdir()) == before
    assert Path("out.npz").read_bytes() == b"old"


@pytest.mark.usefixtures("folder")
def test_a_name_in_capitals_is_kept() -> None:
    assert main(["stages", "OUT.NPZ"]) == 0
    assert Path("OUT.NPZ").is_file()
    assert not Path("OUT.NPZ.npz").exists()


def test_shapes_need_no_weights(capsys: pytest.CaptureFixture[str]) -> None:
    """The trained head fits 64x64 alone; receptive fields are the same on any canvas."""
    assert main(["rf", "--canvas", "48x48"]) == 0
    assert json.loads(capsys.readouterr().out)["stages"][2]["stride"] == [2, 2]


def test_what_a_padding_makes_a_network_forget_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measure", "--padding", "valid"]) == 0
    captured = capsys.readouterr()
    assert captured.err == "shiftlab: what corner-dense has learnt does not fit; it runs with its seed's weights\n"
    assert main(["measure", "--padding", "circular"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("folder")
def test_a_saved_lab_is_measured_as_its_options_were(capsys: pytest.CaptureFixture[str]) -> None:
    from shiftlab.arguments import document_of
    from shiftlab.cli import parser
    from shiftlab.files import session

    lab = ["--network", "lenet", "--canvas", "40x56", "--at", "20,20", "--to", "20,23"]
    session.save(document_of(parser().parse_args(["measure", *lab])), Path("lab.shiftlab"))
    assert main(["measure", *lab]) == 0
    told = capsys.readouterr().out
    assert main(["measure", "lab.shiftlab"]) == 0
    assert capsys.readouterr().out == told
    assert main(["measure", "--csv", "lab.shiftlab"]) == 0
    assert capsys.readouterr().out.startswith("name,kind")
    assert main(["stages", "one.npz", *lab]) == 0
    assert main(["stages", "two.npz", "--weights", "two.safetensors", "lab.shiftlab"]) == 0
    with np.load("one.npz") as one, np.load("two.npz") as two:
        assert list(one) == list(two)
        assert all(np.array_equal(one[name], two[name]) for name in one)


@pytest.mark.usefixtures("folder", "qapp")
def test_of_two_networks_the_first_is_taken_and_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    from shiftlab.files import session
    from shiftlab.network import presets
    from shiftlab.network.weights import Network
    from shiftlab.opening import opening_document

    document = opening_document(presets.preset("three-blocks"), size=60)
    both = (*document.networks, Network(presets.preset("blurpool")))
    session.save(document.with_networks(both), Path("both.shiftlab"))
    for line in ("measure both.shiftlab", "rf both.shiftlab", "stages out.npz both.shiftlab"):
        assert main(line.split()) == 0
        assert capsys.readouterr().err == "shiftlab: of two networks the first, three-blocks\n"
    assert main(["sweep", "out.npz", "both.shiftlab", "--what", "invariance", "--reach", "1"]) == 0
    assert capsys.readouterr().err == "shiftlab: of two networks the first, three-blocks\n"


@pytest.mark.usefixtures("folder", "qapp")
def test_a_sweep_without_a_figure_is_a_failure_that_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    from PIL import Image

    Image.new("LA", (20, 20), (255, 0)).save("clear.png")
    words = ["sweep", "out.npz", "--network", "three-blocks", "--pattern", "clear.png", "--reach", "1"]
    assert main(words) == 1
    assert capsys.readouterr().err == "shiftlab: pool3 has no equivariance error at any shift: no response\n"
    assert not Path("out.npz").exists()


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--seed 9998 --seeds 3", "--seed 9998 with --seeds 3: seeds of a task go up to 9999"),
        ("--out learnt.npz", "learnt.npz: the name must end in .shiftlab or .safetensors"),
    ],
)
def test_a_task_is_not_begun_that_could_not_be_ended(line: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    from shiftlab.files import session
    from shiftlab.learn.draft import Draft
    from shiftlab.network import presets
    from shiftlab.opening import opening_document
    from shiftlab.scene.patterns import builtin

    document = opening_document(presets.preset("gap-head"))
    session.save(document.with_training(Draft((builtin("cat"), builtin("dog")))), Path("task.shiftlab"))
    assert main(["train", "own", "task.shiftlab", *line.split()]) == 2
    assert capsys.readouterr().err == f"shiftlab: {said}\n"


def test_a_curve_of_one_stage(capsys: pytest.CaptureFixture[str]) -> None:
    common = ["measure", "--network", "three-blocks", "--curve", "row", "--reach", "3"]
    assert main([*common, "--csv"]) == 0
    table = [line.split(",") for line in capsys.readouterr().out.splitlines()]
    assert main([*common, "--csv", "--stage", "pool1"]) == 0
    assert [line.split(",") for line in capsys.readouterr().out.splitlines()] == [[row[0], row[3]] for row in table]
    assert main([*common, "--stage", "pool1"]) == 0
    (stage,) = json.loads(capsys.readouterr().out)["stages"]
    assert (stage["name"], stage["stride"]) == ("pool1", 2)


@pytest.mark.usefixtures("qapp", "folder")
def test_a_sweep_of_a_stage_in_a_row_gives_its_values() -> None:
    """Value k of the flattened stage is cell k of the map before it."""
    common = ["--size", "60", "--border", "zero"]
    assert main(["sweep", "out.npz", *common, "--stage", "flatten1", "--channel", "700"]) == 0
    assert main(["stages", "one.npz", *common, "--at", "31,33"]) == 0
    with np.load("out.npz") as swept, np.load("one.npz") as one:
        row, col = list(swept["rows"]).index(31), list(swept["cols"]).index(33)
        assert one["pool2"].ravel()[700] != 0
        assert swept["values"][row, col] == pytest.approx(one["pool2"].ravel()[700], rel=1e-4)


def test_chance_is_one_over_the_number_of_outputs_and_a_class_goes_by_its_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch, qapp: object
) -> None:
    from shiftlab.ui.figure import heat_page

    drawn: list[tuple[str, float | None]] = []
    draw = heat_page.render_heat

    def noted(values, first, title, theme, ground, chance):
        drawn.append((title, chance))
        return draw(values, first, title, theme, ground, chance)

    monkeypatch.setattr(heat_page, "render_heat", noted)
    for network in ("lenet", "corner-dense"):
        assert main(["sweep", str(folder / "out.npz"), "--network", network, "--size", "60", "--channel", "1"]) == 0
    assert drawn == [("probability of dense3, channel 1", 0.1), ("probability of dog (dense1)", 0.5)]


def run(stdout: int, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "shiftlab", *arguments]
    return subprocess.Popen(command, stdout=stdout, stderr=subprocess.PIPE, text=True)


def test_ctrl_c_ends_it_in_one_line() -> None:
    with run(subprocess.DEVNULL, "train", "face", "--variant", "deep") as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "deep, seed 0\n"
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "shiftlab: interrupted\n"
    assert process.returncode == 130


def test_a_reader_that_has_enough_is_no_fault() -> None:
    """As with `shiftlab rf | head -1`, where head has gone."""
    theirs, ours = os.pipe()
    os.close(theirs)
    with run(ours, "rf") as process:
        os.close(ours)
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert process.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_results_that_find_no_room_are_a_failure() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    with run(full, "rf") as process:
        os.close(full)
        assert process.stderr is not None
        assert process.stderr.read() == "shiftlab: No space left on device\n"
    assert process.returncode == 1


@pytest.mark.usefixtures("qapp", "folder")
def test_an_error_is_swept_of_the_last_stage_that_has_places() -> None:
    """The head has none that could move along."""
    for words in (["one.npz"], ["two.npz", "--stage", "pool2"]):
        assert main(["sweep", *words, "--what", "equivariance", "--reach", "1"]) == 0
    with np.load("one.npz") as one, np.load("two.npz") as two:
        assert np.array_equal(one["values"], two["values"])
        assert one["values"].max() > 0.1
