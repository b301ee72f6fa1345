"""A task of one's own is kept by sessions, screenshots, autosaves and the history, and trains to the same bits."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from safetensors.numpy import load_file

from shiftlab.cli import main
from shiftlab.document import Document
from shiftlab.files import session, state
from shiftlab.files.autosave import Autosave
from shiftlab.learn import drawn
from shiftlab.learn.draft import Draft
from shiftlab.learn.trainer import Trainer
from shiftlab.network import presets
from shiftlab.network.spec import Activation, Conv, Dense, Flatten, MaxPool, NetworkSpec
from shiftlab.network.weights import Network
from shiftlab.opening import opening_document
from shiftlab.scene import patterns
from shiftlab.ui import edits
from shiftlab.ui.keeping import Keeper
from shiftlab.ui.screenshot import Shot
from tests.ui.pressing import press

CANVAS = (24, 24)


def spec() -> NetworkSpec:
    return NetworkSpec(
        name="tiny",
        layers=(
            Conv(channels=4, kernel=(5, 5), padding=(2, 2), bias=False),
            Activation(),
            MaxPool(),
            Flatten(),
            Dense(units=2, bias=False, initialisation="zeros"),
        ),
    )


def lab_of(network: NetworkSpec) -> Document:
    return opening_document(network, "ring", size=9, canvas=CANVAS, border="zero")


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def window(make_window, qtbot):
    made = make_window(lab_of(spec()))
    qtbot.waitUntil(lambda: made.bridge.shown is not None)
    return made


def typed(qtbot, field, value: str) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, value)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def dock_of(qtbot, window):
    """The training dock, opened at the rail; a second window may have it open as the first left it."""
    if window.docks.dock.open_id != "training":
        qtbot.mouseClick(window.docks.rail.buttons["training"], Qt.MouseButton.LeftButton)
    return window.docks.dock.content("training")


def put_together(qtbot, window):
    """A task with mouse and keys: three classes, one under another name, painted places, other settings."""
    dock = dock_of(qtbot, window)
    press(qtbot, dock.entries["own"].button)
    page = dock.own
    page.classes.add.chosen.emit("builtin:ring")
    name = page.classes.rows[2].name
    typed(qtbot, name, "hoop")
    press(qtbot, page.outputs)
    press(qtbot, page.places.region.buttons["painted"])
    press(qtbot, page.places.clear)
    for row, col in ((8, 8), (15, 14)):
        x, y = window.canvas.view.centre((row, col))
        qtbot.mouseClick(window.canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    press(qtbot, page.places.brush)
    typed(qtbot, page.places.pattern_size, "9")
    press(qtbot, page.recipe.variation.buttons["much"])
    press(qtbot, page.recipe.more)
    press(qtbot, page.recipe.optimiser.buttons["sgd"])
    for field, value in (
        (page.recipe.rate, "0.02"), (page.recipe.momentum, "0.5"), (page.recipe.decay, "0.01"),
        (page.recipe.batch, "8"), (page.recipe.steps, "12"), (page.recipe.shift, "2"), (page.recipe.seed, "7"),
    ):  # fmt: skip
        typed(qtbot, field, value)
    return dock


def trained(qtbot, dock) -> Network:
    press(qtbot, dock.train)
    qtbot.waitUntil(lambda: dock.course.state in ("done", "failed"), timeout=30_000)
    assert dock.course.state == "done"
    return dock._lab.document.networks[dock.course.side]


def shown(page) -> tuple[object, ...]:
    """What the page shows, read from its widgets."""
    recipe, places = page.recipe, page.places
    fields = (recipe.rate, recipe.decay, recipe.momentum, recipe.batch, recipe.steps, recipe.shift, recipe.seed)
    return (
        tuple(row.name.text() for row in page.classes.rows),
        next(name for name, button in places.region.buttons.items() if button.isChecked()),
        places.pattern_size.text(),
        places.count.text(),
        tuple(
            next(name for name, button in part.buttons.items() if button.isChecked())
            for part in (recipe.variation, recipe.start, recipe.optimiser)
        ),
        tuple(field.text() for field in fields),
    )


def by_session(qtbot, window, taker, folder: Path) -> None:
    assert window.filing.save_as(folder / "kept.shiftlab")
    assert taker.filing.open(folder / "kept.shiftlab")


def by_dropped_screenshot(qtbot, window, taker, folder: Path) -> None:
    path = folder / "kept.png"
    with qtbot.waitSignal(window.shots.said):
        window.shots.save(Shot("window", "dark", 1), path)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    given = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(taker, QDragEnterEvent(QPoint(5, 5), *given))
    QApplication.sendEvent(taker, QDropEvent(QPointF(5, 5), *given))


def by_autosave(qtbot, window, taker, folder: Path) -> None:
    """The first run is killed: its folder stays, and nobody holds it."""
    killed = Autosave(folder / "runs")
    killed.save(window.lab.document)
    killed._lock.close()
    keeper = Keeper(taker.lab, Autosave(folder / "runs"))
    offered = []
    keeper.offer(lambda *_said, offers, **_how: offered.extend(offers), lambda *_: None)
    dict(offered)["Restore"]()
    keeper.finish()


@pytest.mark.parametrize("way", [by_session, by_dropped_screenshot, by_autosave])
def test_it_comes_back_ready_and_trains_to_the_same_bits(qtbot, make_window, window, tmp_path, way):
    dock = put_together(qtbot, window)
    network = trained(qtbot, dock)
    assert network.weights is not None
    assert any(array.any() for array in network.weights.arrays.values())
    stood, painted = shown(dock.own), window.canvas.region.mask
    taker = make_window()
    way(qtbot, window, taker, tmp_path)
    again = dock_of(qtbot, taker)
    assert again.own.isVisible()
    assert shown(again.own) == stood
    assert stood[0] == ("cat", "dog", "hoop")
    assert stood[-1] == ("0.02", "0.01", "0.5", "8", "12", "2", "7")
    np.testing.assert_array_equal(taker.canvas.region.mask, painted)
    assert taker.lab.document.networks[0] == network
    assert again.train.isEnabled()
    second = trained(qtbot, again)
    assert second.spec == network.spec
    for name, array in network.weights.arrays.items():
        assert second.weights.arrays[name].tobytes() == array.tobytes()


def test_what_was_only_proposed_is_kept_once_it_is_trained(qtbot, window, tmp_path):
    dock = dock_of(qtbot, window)
    press(qtbot, dock.entries["own"].button)
    assert window.lab.document.training is None
    proposed = dock.own.draft
    trained(qtbot, dock)
    by_session(qtbot, window, window, tmp_path)
    assert window.lab.document.training == proposed
    assert window.lab.document.training.proposed == {"rate", "steps"}


def test_undo_and_redo_go_through_its_changes(qtbot, window):
    dock = put_together(qtbot, window)
    page = dock.own
    stood, last = shown(page), page.draft
    assert window.lab.store.undo_label == "Training settings"
    window.lab.undo()
    assert page.recipe.seed.text() == "0"
    while window.lab.store.undo_label is not None:
        window.lab.undo()
    assert window.lab.document.training is None
    assert shown(page)[0] == ("cat", "dog")
    assert shown(page)[1] == "corner"
    while window.lab.store.redo_label is not None:
        window.lab.redo()
    assert window.lab.document.training == last
    assert shown(page) == stood


def test_a_drag_and_an_undo_of_it_leave_the_task_alone(qtbot, window):
    dock = put_together(qtbot, window)
    wanted = window.lab.document.training
    window.lab.edit(lambda document: edits.placed_at(document, (9, 9)), "Move")
    window.lab.undo()
    assert window.lab.document.training == wanted
    assert dock.own.draft == wanted


def test_weights_that_were_trained_stay_while_the_task_is_changed(qtbot, window):
    dock = dock_of(qtbot, window)
    press(qtbot, dock.entries["own"].button)
    network = trained(qtbot, dock)
    press(qtbot, dock.own.places.region.buttons["strip"])
    assert window.lab.document.networks[0] == network
    window.lab.undo()
    assert window.lab.document.networks[0] == network
    window.lab.undo()
    assert window.lab.document.networks[0].weights is None


def test_the_name_of_a_session_says_that_the_task_was_changed(qtbot, window, tmp_path):
    dock = dock_of(qtbot, window)
    press(qtbot, dock.entries["own"].button)
    assert window.filing.save_as(tmp_path / "a.shiftlab")
    assert not window.filing.modified
    press(qtbot, dock.own.places.region.buttons["strip"])
    assert window.filing.modified
    window.lab.undo()
    assert not window.filing.modified


def test_b_is_still_the_one_that_learns(qtbot, make_window, window, tmp_path):
    (a,) = window.lab.document.networks
    window.lab.edit(lambda document: document.with_networks((a, a)), "A|B")
    dock = dock_of(qtbot, window)
    press(qtbot, dock.entries["own"].button)
    press(qtbot, dock.side.buttons["1"])
    press(qtbot, dock.own.places.region.buttons["strip"])
    press(qtbot, dock.side.buttons["0"])
    press(qtbot, dock.side.buttons["1"])
    network = trained(qtbot, dock)
    taker = make_window()
    by_session(qtbot, window, taker, tmp_path)
    again = dock_of(qtbot, taker)
    assert again.course.side == 1
    assert again.side.buttons["1"].isChecked()
    assert trained(qtbot, again) == network
    assert taker.lab.document.networks[0].weights is None
    taker.lab.edit(lambda document: document.with_networks(document.networks[:1]), "Remove B")
    assert (again.course.side, taker.lab.document.training.network) == (0, 0)
    taker.lab.undo()
    assert (again.course.side, taker.lab.document.training.network) == (1, 1)


def test_a_session_with_a_task_takes_the_place_of_an_open_experiment(qtbot, make_window, window, tmp_path):
    put_together(qtbot, window)
    taker = make_window()
    dock = dock_of(qtbot, taker)
    press(qtbot, dock.entries["corner"].button)
    qtbot.waitUntil(lambda: dock.course.state == "ready", timeout=30_000)
    by_session(qtbot, window, taker, tmp_path)
    assert dock.own.isVisible()
    assert shown(dock.own)[0] == ("cat", "dog", "hoop")
    assert dock.train.isEnabled()


def test_the_verdict_of_another_lab_goes_with_it(qtbot, make_window, window, tmp_path):
    put_together(qtbot, window)
    taker = make_window(lab_of(spec()))
    dock = dock_of(qtbot, taker)
    press(qtbot, dock.entries["own"].button)
    trained(qtbot, dock)
    assert dock.verdict.isVisible()
    by_session(qtbot, window, taker, tmp_path)
    assert not dock.verdict.isVisible()
    assert dock.status.text() == "Ready"
    assert dock.train.text() == "Train"
    assert shown(dock.own)[0] == ("cat", "dog", "hoop")


@pytest.mark.parametrize("entry", ["own", "corner"])
def test_a_session_that_comes_in_the_midst_of_a_run_is_ready_at_once(qtbot, make_window, window, tmp_path, entry):
    (a,) = window.lab.document.networks
    window.lab.edit(lambda document: document.with_networks((a, a)), "A|B")
    dock = dock_of(qtbot, window)
    press(qtbot, dock.entries["own"].button)
    press(qtbot, dock.side.buttons["1"])
    press(qtbot, dock.own.places.region.buttons["strip"])
    path = tmp_path / "kept.shiftlab"
    assert window.filing.save_as(path)
    taker = make_window(opening_document(presets.preset("dense-head"), "cat", size=20, border="zero"))
    busy = dock_of(qtbot, taker)
    press(qtbot, busy.entries[entry].button)
    qtbot.waitUntil(lambda: busy.train.isEnabled(), timeout=30_000)
    press(qtbot, busy.train)
    qtbot.waitUntil(lambda: busy.course.state == "running" and busy.course.taught is not None, timeout=30_000)
    assert taker.filing.open(path)
    assert taker.lab.document == window.lab.document
    assert busy.own.isVisible()
    assert (busy.course.side, busy.own.draft.place) == (1, "strip")
    network = trained(qtbot, busy)
    assert taker.lab.document.networks == (a, network)


def test_closed_in_the_midst_of_a_stroke_the_lab_is_kept_with_it(qtbot, window):
    dock = dock_of(qtbot, window)
    press(qtbot, dock.entries["own"].button)
    press(qtbot, dock.own.places.region.buttons["painted"])
    press(qtbot, dock.own.places.clear)
    x, y = window.canvas.view.centre((15, 14))
    qtbot.mousePress(window.canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    assert window.close()
    kept = session.load(window.filing.last)
    assert kept == window.lab.document
    assert kept.training.painted[15, 14]


def test_a_stroke_under_way_does_not_come_to_stand_in_a_lab_that_is_opened(qtbot, window):
    dock = dock_of(qtbot, window)
    press(qtbot, dock.entries["own"].button)
    press(qtbot, dock.own.places.region.buttons["painted"])
    press(qtbot, dock.own.places.clear)
    kept = window.lab.document
    x, y = window.canvas.view.centre((15, 14))
    at = QPoint(round(x), round(y))
    qtbot.mousePress(window.canvas, Qt.MouseButton.LeftButton, pos=at)
    window.lab.take(kept)
    qtbot.mouseRelease(window.canvas, Qt.MouseButton.LeftButton, pos=at)
    assert window.lab.document == kept
    assert not window.docks.region.region.mask.any()


def broken(path: Path, **changes: object) -> None:
    """The session with fields of its task changed."""
    with zipfile.ZipFile(path) as old:
        entries = {name: old.read(name) for name in old.namelist()}
    fields = json.loads(entries["document.json"])
    fields["training"] |= changes
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for name, content in {**entries, "document.json": json.dumps(fields).encode()}.items():
            new.writestr(name, content)
    path.write_bytes(out.getvalue())


def test_a_session_with_a_broken_task_is_one_line_and_nothing_is_lost(qtbot, window, tmp_path, capsys):
    put_together(qtbot, window)
    before, path = window.lab.document, tmp_path / "broken.shiftlab"
    session.save(before, path)
    broken(path, variation=7.0)
    content = path.read_bytes()
    assert not window.filing.open(path)
    assert window.notice.text == "broken.shiftlab: $.training: variation must be 0 to 1, not 7.0"
    assert window.lab.document is before
    assert path.read_bytes() == content
    assert main(["train", "own", str(path)]) == 2
    assert capsys.readouterr().err == f"shiftlab: {path}: $.training: variation must be 0 to 1, not 7.0\n"


class TestHeadless:
    def test_it_gives_the_weights_of_the_window_to_the_bit(self, qtbot, window, tmp_path, capsys):
        dock = put_together(qtbot, window)
        path, weights, learnt = (tmp_path / name for name in ("task.shiftlab", "out.safetensors", "out.shiftlab"))
        assert window.filing.save_as(path)
        network = trained(qtbot, dock)
        assert main(["train", "own", str(path), "--json", "--out", str(weights)]) == 0
        told = capsys.readouterr()
        assert told.err == "tiny, seed 7\n"
        arrays = load_file(weights)
        assert arrays.keys() == network.weights.arrays.keys()
        for name, array in network.weights.arrays.items():
            assert arrays[name].tobytes() == array.tobytes()
        found = json.loads(told.out)
        assert found["experiment"] == "own"
        (run,) = found["runs"]
        assert (run["variant"], run["seed"]) == ("tiny", 7)
        rows = {row.name: row.value for row in dock.course.outcome.rows}
        assert {f"{value:.2f}" for value in run["accuracy"].values()} == {
            rows[name].removesuffix(", tie") for name in ("where trained", "elsewhere")
        }
        assert run["classes"].keys() == {"cat", "dog", "hoop"}
        assert run["verdict"] == dock.course.outcome.sentence
        assert run["untouched_weight_change"] == dock.course.outcome.untouched_change
        assert main(["train", "own", str(path), "--out", str(learnt)]) == 0
        document = session.load(learnt)
        assert document.networks == (network,)
        assert document.training == window.lab.document.training
        assert document.scene == window.lab.document.scene

    def test_a_screenshot_will_do_and_further_seeds_are_counted_from_the_first(self, tmp_path, capsys):
        path = saved(tmp_path / "task.png", lab_of(spec()), steps=3, seed=4)
        assert main(["train", "own", str(path), "--seeds", "2"]) == 0
        told = capsys.readouterr()
        assert told.err == "tiny, seed 4\ntiny, seed 5\n"
        first, second = json.loads(told.out)["runs"]
        assert (first["seed"], second["seed"]) == (4, 5)
        assert main(["train", "own", str(path), "--seed", "5"]) == 0
        (again,) = json.loads(capsys.readouterr().out)["runs"]
        assert again | {"seconds": 0} == second | {"seconds": 0}

    def test_it_goes_on_from_the_weights_that_are_there(self, tmp_path, capsys):
        """Two runs of a step, the second from the first's weights, by plain gradient descent on all of the images."""
        start = saved(tmp_path / "a.shiftlab", lab_of(spec()), optimiser="sgd", steps=1)
        middle, end = tmp_path / "b.shiftlab", tmp_path / "c.safetensors"
        assert main(["train", "own", str(start), "--out", str(middle)]) == 0
        trained_once = session.load(middle)
        present = dataclasses.replace(trained_once.training, start="present")
        session.save(trained_once.with_training(present), middle)
        assert main(["train", "own", str(middle), "--out", str(end)]) == 0
        capsys.readouterr()
        weights = trained_once.networks[0].weights
        task = present.task(trained_once.networks[0], trained_once.scene)
        trainer = Trainer(Network(task.network.spec, weights), CANVAS, drawn.training_images(task), task.settings)
        trainer.step()
        for name, array in load_file(end).items():
            assert array.tobytes() == trainer.weights.arrays[name].tobytes()

    def test_what_is_wrong_is_one_line(self, tmp_path, capsys):
        plain, headless = tmp_path / "plain.shiftlab", tmp_path / "headless.shiftlab"
        session.save(lab_of(spec()), plain)
        maps = NetworkSpec(name="maps", layers=(Conv(channels=2),))
        saved(headless, lab_of(maps), steps=3)
        good = saved(tmp_path / "good.shiftlab", lab_of(spec()), steps=3)
        layers = (Conv(channels=8, bias=False), Conv(channels=8, bias=False), Flatten(), Dense(units=2, bias=False))
        wild = lab_of(NetworkSpec(name="wild", layers=layers))
        wild_path = saved(tmp_path / "wild.shiftlab", wild, rate=10.0, optimiser="sgd", momentum=0.99)
        for arguments, code, said in (
            ([], 2, "train own needs FILE"),
            ([str(tmp_path / "none.shiftlab")], 2, "none.shiftlab: No such file or directory"),
            ([str(plain)], 2, "plain.shiftlab: no task in it"),
            ([str(headless)], 2, "headless.shiftlab: maps ends in maps: give it a head of 2 outputs"),
            ([str(good), "--variant", "dense"], 2, "--variant: a task of one's own has none"),
            ([str(good), "--seed", "20000"], 2, "--seed 20000 with --seeds 1: seeds of a task go up to 9999"),
            ([str(good), "--out", "x.txt"], 2, "x.txt: the name must end in .shiftlab"),
            ([str(good), "--out", str(tmp_path / "no" / "x.shiftlab")], 2, "there is no folder"),
            ([str(good), "--seeds", "2", "--out", str(tmp_path / "x.shiftlab")], 2, "weights of one seed, not of 2"),
        ):
            assert main(["train", "own", *arguments]) == code
            told = capsys.readouterr()
            assert told.out == ""
            assert told.err.count("\n") == 1
            assert said in told.err
        assert main(["train", "corner", str(good)]) == 2
        assert "goes with `train own` alone" in capsys.readouterr().err
        out = tmp_path / "never.shiftlab"
        assert main(["train", "own", str(wild_path), "--out", str(out)]) == 1
        assert re.fullmatch(
            r"wild, seed 0\nshiftlab: training diverged at step \d+: try a smaller rate\n", capsys.readouterr().err
        )
        assert not out.exists()


def saved(path: Path, document: Document, **settings: object) -> Path:
    """A lab with a task of ring and star, as a session or inside a picture."""
    classes = (patterns.builtin("ring"), patterns.builtin("star"))
    document = document.with_training(Draft(classes, size=9).with_settings(**settings))
    if path.suffix == ".png":
        out = io.BytesIO()
        Image.new("RGB", (4, 4)).save(out, "PNG")
        path.write_bytes(state.embed(out.getvalue(), document))
    else:
        session.save(document, path)
    return path
