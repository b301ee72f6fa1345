"""Every edit of the bench through its widgets, its undo, and what is said where something cannot be."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox
from pytestqt.qtbot import QtBot

from shiftlab.document import Document
from shiftlab.engine.backend import Backend
from shiftlab.engine.messages import Request
from shiftlab.network import fields, fills
from shiftlab.network.geometry import stages
from shiftlab.network.initial import materialise
from shiftlab.network.pairs import PAIRS
from shiftlab.network.presets import names, preset
from shiftlab.network.spec import Conv, MaxPool, NetworkSpec, to_json
from shiftlab.network.weights import Network
from shiftlab.ui import edits
from shiftlab.ui.bench import changes
from shiftlab.ui.bench.bench import Bench
from shiftlab.ui.bench.layer_form import LayerForm, TypedField
from shiftlab.ui.controls import PickButton
from shiftlab.ui.lab import Lab
from shiftlab.ui.theme import DARK, LIGHT, luts
from shiftlab.ui.themed import apply_theme
from tests.ui.middle import middle

Make = Callable[..., Bench]


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    """Make a shown bench over a document with a network of the presets."""

    def made(network: str = "three-blocks", document: Document | None = None) -> Bench:
        start = middle() if document is None else document
        lab = Lab(edits.with_spec(start, preset(network)))
        bench = Bench(lab)
        lab.setParent(bench)
        qtbot.addWidget(bench)
        apply_theme(bench, DARK)
        bench.resize(400, 820)
        with qtbot.waitExposed(bench):
            bench.show()
        return bench

    return made


def _lab(bench: Bench) -> Lab:
    return bench.editor.lab


def _spec(bench: Bench, side: int = 0):
    return _lab(bench).document.networks[side].spec


def _form(bench: Bench) -> LayerForm:
    assert bench.page.layers.form is not None
    return bench.page.layers.form


def _field(bench: Bench, name: str) -> TypedField:
    found = _form(bench).editors[name]
    assert isinstance(found, TypedField)
    return found


def _type(field: TypedField, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def _undone_to_the_start(bench: Bench, start: Document) -> bool:
    lab = _lab(bench)
    while lab.store.undo_label is not None:
        lab.undo()
    return lab.document.networks == start.networks


def test_rows_show_the_layers_and_the_facts_of_their_stages(make: Make) -> None:
    bench = make()
    assert len(bench.page.layers.rows) == 9
    said = bench.page.layers.rows[2].accessibleName()
    assert "pool1" in said
    assert "8×32×32 · stride 2 · sees 4 px" in said
    assert "2×2 stride 2" in said


def test_a_click_opens_the_fields_of_a_layer_and_closes_them(make: Make) -> None:
    bench = make()
    QTest.mouseClick(bench.page.layers.rows[0], Qt.MouseButton.LeftButton, pos=QPoint(120, 15))
    assert bench.page.layers.chosen == 0
    assert set(_form(bench).editors) == {field.name for field in fields.fields_of(_spec(bench).layers[0])}
    assert _field(bench, "kernel").text() == "3"
    QTest.mouseClick(bench.page.layers.rows[0], Qt.MouseButton.LeftButton, pos=QPoint(120, 15))
    assert bench.page.layers.form is None


def test_typing_a_kernel_changes_the_network_letter_by_letter_and_is_one_undo(make: Make) -> None:
    bench = make()
    start = _lab(bench).document
    bench.page.layers.choose(0)
    _type(_field(bench, "kernel"), "5x7")
    layer = _spec(bench).layers[0]
    assert isinstance(layer, Conv)
    assert layer.kernel == (5, 7)
    assert "8×62×60" in bench.page.layers.rows[0].accessibleName()
    QTest.keyClick(_field(bench, "kernel"), Qt.Key.Key_Return)
    assert _lab(bench).store.undo_label == "Change kernel"
    _lab(bench).undo()
    assert _lab(bench).document.networks == start.networks
    assert _field(bench, "kernel").text() == "3"
    assert _lab(bench).store.undo_label is None


def test_half_typed_numbers_cost_no_trained_weights(make: Make) -> None:
    bench = make()
    network = _lab(bench).document.networks[0]
    own = fills.with_kernel(network, (64, 64), "conv2", 0, 0, fills.box((3, 3)))
    _lab(bench).edit(lambda document: changes.with_network(document, 0, own), "Own")
    bench.page.layers.choose(3)
    channels = _field(bench, "channels")
    _type(channels, "1")
    assert _spec(bench).layers[3].channels == 1  # pyright: ignore
    channels.selectAll()
    QTest.keyClicks(channels, "8")
    QTest.keyClick(channels, Qt.Key.Key_Return)
    assert _lab(bench).document.networks[0] == own
    assert _lab(bench).store.undo_label == "Own"


def test_escape_takes_back_what_was_typed(make: Make) -> None:
    bench = make()
    start = _lab(bench).document
    bench.page.layers.choose(0)
    _type(_field(bench, "kernel"), "5")
    assert _lab(bench).document.networks != start.networks
    QTest.keyClick(_field(bench, "kernel"), Qt.Key.Key_Escape)
    assert _lab(bench).document.networks == start.networks
    assert _field(bench, "kernel").text() == "3"
    assert _lab(bench).store.undo_label is None


def test_what_cannot_be_is_said_at_the_field_and_the_last_good_network_runs_on(make: Make) -> None:
    bench = make()
    start = _lab(bench).document
    bench.page.layers.choose(0)
    _type(_field(bench, "groups"), "3")
    assert _form(bench).error.isVisible()
    assert _form(bench).error.text() == "channels must be a multiple of groups, not 8 with 3 groups"
    assert _field(bench, "groups").bad
    assert not _field(bench, "channels").bad
    assert _field(bench, "groups").text() == "3"
    assert _lab(bench).document.networks == start.networks
    _type(_field(bench, "groups"), "1")
    assert not _form(bench).error.isVisible()
    assert not _field(bench, "groups").bad


def test_a_map_that_would_vanish_is_said_with_its_stage(make: Make) -> None:
    bench = make()
    bench.page.layers.choose(2)
    _type(_field(bench, "stride"), "64")
    assert _form(bench).error.text().startswith("pool2: a 1x1 map")
    assert _spec(bench).layers[2].stride == (6, 6)  # pyright: ignore


def test_choices_and_ticks_change_a_layer_at_once(make: Make) -> None:
    bench = make()
    bench.page.layers.choose(0)
    mode, bias = _form(bench).editors["padding_mode"], _form(bench).editors["bias"]
    assert isinstance(mode, PickButton)
    assert isinstance(bias, QCheckBox)
    mode.chosen.emit("reflect")
    bias.click()
    layer = _spec(bench).layers[0]
    assert isinstance(layer, Conv)
    assert (layer.padding_mode, layer.bias) == ("reflect", True)
    assert _lab(bench).store.undo_label == "Change bias"
    _lab(bench).undo()
    assert not bias.isChecked()


def test_a_layer_is_made_another_kind_and_says_what_it_costs(make: Make) -> None:
    bench = make()
    bench.page.layers.choose(2)
    assert "aliases" in _form(bench).cost.text()
    _form(bench).kind.chosen.emit("blurpool")
    assert _spec(bench).stage_names[2] == "blur1"
    assert "half a cell" in _form(bench).cost.text()
    assert "size" in _form(bench).editors


def test_layers_are_added_behind_the_chosen_one_and_removed(make: Make) -> None:
    bench = make()
    start = _lab(bench).document
    bench.page.layers.choose(1)
    bench.page.add.chosen.emit("norm")
    assert _spec(bench).stage_names[:3] == ("conv1", "relu1", "norm1")
    assert bench.page.layers.chosen == 2
    bench.page.layers.choose(None)
    bench.page.add.chosen.emit("subsample")
    assert _spec(bench).stage_names[-1] == "subsample1"
    _form(bench).remove.click()
    assert _spec(bench).stage_names[-1] == "pool3"
    bench.page.layers.rows[2].setFocus()
    QTest.keyClick(bench.page.layers.rows[2], Qt.Key.Key_Delete)
    assert _spec(bench).layers == start.networks[0].spec.layers
    assert _undone_to_the_start(bench, start)


def test_a_layer_that_cannot_be_added_is_refused_in_a_line(make: Make) -> None:
    bench = make("dense-head")
    before = _lab(bench).document
    bench.page.add.chosen.emit("maxpool")
    assert bench.note.isVisible()
    assert bench.note.text() == "pool3: no places are left after flatten1"
    assert bench.note.property("role") == "warning"
    assert _lab(bench).document is before


def test_ticks_switch_layers(make: Make) -> None:
    bench = make()
    bench.page.layers.rows[2].tick.click()
    assert not _spec(bench).layers[2].on
    assert "switched off" in bench.page.layers.rows[2].accessibleName()
    assert "8×64×64" in bench.page.layers.rows[3].accessibleName()
    bench.page.layers.rows[2].setFocus()
    QTest.keyClick(bench.page.layers.rows[2], Qt.Key.Key_Space)
    assert _spec(bench).layers[2].on


def test_a_tick_that_cannot_be_taken_comes_back(make: Make) -> None:
    bench = make("gap-head")
    bench.page.layers.rows[2].tick.click()
    assert not bench.page.layers.rows[2].tick.isChecked()
    bench = make("conv-only")
    for row in (0, 1):
        bench.page.layers.rows[row].tick.click()
    bench.page.layers.rows[2].tick.click()
    assert bench.page.layers.rows[2].tick.isChecked()
    assert "at least one layer" in bench.note.text()


def _drag(bench: Bench, start: int, onto: int, *, give_up: bool = False) -> None:
    QGuiApplication.processEvents()  # so that the rows stand where they belong
    row, goal = bench.page.layers.rows[start], bench.page.layers.rows[onto]
    first = QPoint(8, 20)
    down = 30 if onto > start else 6
    last = row.mapFromGlobal(goal.mapToGlobal(QPoint(8, down)))
    QTest.mousePress(row, Qt.MouseButton.LeftButton, pos=first)
    for step in (0.3, 0.6, 1.0):
        place = QPointF(first) + (QPointF(last) - QPointF(first)) * step
        moved = QMouseEvent(
            QMouseEvent.Type.MouseMove,
            place,
            row.mapToGlobal(place),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QGuiApplication.sendEvent(row, moved)
    if give_up:
        QTest.keyClick(row, Qt.Key.Key_Escape)
    QTest.mouseRelease(row, Qt.MouseButton.LeftButton, pos=last)


def test_a_row_is_dragged_to_another_place(make: Make) -> None:
    bench = make()
    start = _lab(bench).document
    bench.page.layers.choose(2)
    bench.page.layers.choose(None)
    _drag(bench, 2, 4)
    kinds = [layer.kind for layer in _spec(bench).layers]
    assert kinds[:5] == ["conv", "activation", "conv", "activation", "maxpool"]
    assert _lab(bench).store.undo_label == "Move layer"
    _drag(bench, 4, 2)
    assert _spec(bench) == start.networks[0].spec
    before = _lab(bench).document
    _drag(bench, 0, 5, give_up=True)
    assert _lab(bench).document is before


def test_the_chosen_layer_stays_chosen_where_it_goes(make: Make) -> None:
    bench = make()
    bench.page.layers.choose(2)
    bench.page.layers.rows[2].setFocus()
    QTest.keyClick(bench.page.layers.rows[2], Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert isinstance(_spec(bench).layers[1], MaxPool)
    assert bench.page.layers.chosen == 1
    assert _form(bench).layer_kind == "maxpool"
    QTest.keyClick(bench.page.layers.rows[1], Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert bench.page.layers.chosen == 2


@pytest.mark.parametrize(
    ("key", "expected"), [("anti-aliased", "blurpool"), ("polyphase", "aps")], ids=["anti-aliased", "polyphase"]
)
def test_surgery_is_one_click_and_one_undo(make: Make, key: str, expected: str) -> None:
    bench = make()
    start = _lab(bench).document
    bench.page.operations.buttons[key].click()
    assert _spec(bench).layers == preset(expected).layers[:9]
    assert bench.note.text()
    assert not bench.page.operations.buttons[key].isEnabled()
    assert _undone_to_the_start(bench, start)
    assert bench.page.operations.buttons[key].isEnabled()


def test_surgery_through_the_lists(make: Make) -> None:
    bench = make("zeros")
    bench.page.operations.padding.chosen.emit("circular")
    assert _spec(bench).layers == preset("circular").layers
    assert bench.page.operations.padding.value == "circular"
    bench.page.operations.buttons["no-strides"].click()
    assert {info.stride for info in stages(_spec(bench), (64, 64))} == {(1, 1)}
    bench.page.operations.head.chosen.emit("dense")
    assert [layer.kind for layer in _spec(bench).layers][-2:] == ["flatten", "dense"]
    assert bench.page.operations.head.value == "dense"


def test_tying_the_dense_weights_is_one_click(make: Make) -> None:
    bench = make("dense-head")
    assert bench.page.operations.buttons["tie"].isEnabled()
    bench.page.operations.buttons["tie"].click()
    weights = _lab(bench).document.networks[0].weights
    assert weights is not None
    assert np.ptp(weights.arrays["dense1.weight"].reshape(2, 16, 256), axis=2).max() == 0
    assert "no longer knows places" in bench.note.text()
    assert not make("gap-head").page.operations.buttons["tie"].isEnabled()


def test_kernels_are_painted_in_strokes(make: Make) -> None:
    bench = make()
    start = _lab(bench).document
    bench.show_tab("kernels")
    grid, side = bench.kernels.grid, bench.kernels.grid.side
    assert grid.kernel.shape == (3, 3)
    QTest.mousePress(grid, Qt.MouseButton.LeftButton, pos=QPoint(side // 2, side // 2))
    QTest.mouseMove(grid, QPoint(side * 2 + side // 2, side // 2))  # quickly, over the cell between
    QTest.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=QPoint(side * 2 + side // 2, side // 2))
    kernel = fills.kernel_of(_lab(bench).document.networks[0], (64, 64), "conv1", 0, 0)
    assert kernel[0].tolist() == [1, 1, 1]
    assert np.array_equal(grid.kernel, kernel)
    assert _lab(bench).store.undo_label == "Paint kernel"
    QTest.mouseClick(grid, Qt.MouseButton.RightButton, pos=QPoint(side // 2, side // 2))
    assert grid.kernel[0, 0] == 0
    assert _undone_to_the_start(bench, start)


def test_kernels_are_typed_filled_normalised_and_put_back(make: Make) -> None:
    bench = make()
    bench.show_tab("kernels")
    editor = bench.kernels
    first = editor.grid.kernel.copy()
    QTest.keyClick(editor.grid, Qt.Key.Key_Left)
    assert editor.grid.cell == (1, 0)
    editor.value.setFocus()
    editor.value.selectAll()
    QTest.keyClicks(editor.value, "-2.5")
    QTest.keyClick(editor.value, Qt.Key.Key_Return)
    assert editor.grid.kernel[1, 0] == -2.5
    editor.fill.chosen.emit("Box")
    assert np.array_equal(editor.grid.kernel, fills.box((3, 3)))
    editor.norming.chosen.emit("square")
    assert np.linalg.norm(editor.grid.kernel) == pytest.approx(1)
    editor.negate.click()
    assert (editor.grid.kernel < 0).all()
    editor.fill.chosen.emit("Random")
    one = editor.grid.kernel.copy()
    editor.fill.chosen.emit("Random")
    assert not np.array_equal(editor.grid.kernel, one)
    editor.fill.chosen.emit("start")
    assert np.array_equal(editor.grid.kernel, first)
    editor.fill.chosen.emit("Sobel, across")
    editor.norming.chosen.emit("sum")
    assert "sums to zero" in bench.note.text()


def test_another_channel_of_another_layer_is_shown_and_changed(make: Make) -> None:
    bench = make()
    bench.page.layers.choose(3)
    _form(bench).kernel.click()
    assert bench.tab == "kernels"
    assert bench.kernels.stage.value == "conv2"
    bench.kernels.out_channel.step_by(2)
    bench.kernels.in_channel.step_by(100)
    assert (bench.kernels.out_channel.index, bench.kernels.in_channel.index) == (2, 7)
    second = bench.kernels.overview
    assert second.chosen == 2
    assert np.allclose(second.maps[2], bench.kernels.grid.kernel)
    bench.kernels.fill.chosen.emit("Identity")
    network = _lab(bench).document.networks[0]
    assert np.array_equal(fills.kernel_of(network, (64, 64), "conv2", 2, 7), fills.identity((3, 3)))
    assert np.array_equal(
        materialise(network, (64, 64)).arrays["conv2.weight"][2, 6],
        materialise(Network(network.spec), (64, 64)).arrays["conv2.weight"][2, 6],
    )


def test_a_click_on_one_of_all_kernels_shows_it(make: Make) -> None:
    bench = make()
    bench.show_tab("kernels")
    overview = bench.kernels.overview
    assert len(overview.maps) == 8
    box = overview._box(5).center()
    QTest.mouseClick(overview, Qt.MouseButton.LeftButton, pos=QPoint(round(box.x()), round(box.y())))
    assert bench.kernels.out_channel.index == 5
    assert overview.chosen == 5
    assert np.allclose(bench.kernels.grid.kernel, overview.maps[5])
    assert "channel 6 (1, 1)" in overview.words_at(box.x(), box.y())


def test_a_network_without_convolutions_has_no_kernels(make: Make) -> None:
    bench = make("conv-only")
    bench.page.add.chosen.emit("maxpool")
    for _ in range(3):
        bench.page.layers.removed.emit(0)
    bench.show_tab("kernels")
    assert bench.kernels.empty.isVisible()
    assert not bench.kernels.body.isVisible()


def _answer(bench: Bench) -> None:
    side = bench.editor.side
    document = _lab(bench).document
    bench.show_snapshot(Backend()(Request(1, document, (), luts(DARK), inspected=bench.head.wanted(side))))


def test_the_head_says_where_its_decision_comes_from(make: Make, qtbot: QtBot) -> None:
    bench = make("dense-head", edits.moved(middle(), (0.0, 4.0)))
    wanted: list[object] = []
    bench.inspected_wanted.connect(wanted.append)
    bench.show_tab("head")
    assert len(wanted[-1]) == 16  # pyright: ignore
    _answer(bench)
    head = bench.head
    assert head.bars.isVisible()
    assert head.weights.maps.shape == (16, 16, 16)
    total = head.contributions.maps.sum()
    side = Backend()(Request(1, _lab(bench).document, (), luts(DARK))).sides[0]
    assert side.head is not None
    assert total == pytest.approx(side.head.logits[0], abs=1e-5)
    assert head.decision.text().startswith("Decision: ")
    head.bars.choose(1)
    assert head.contributions.maps.sum() == pytest.approx(side.head.logits[1], abs=1e-5)
    assert "dog" in head.contributions_title.text()
    assert head.contributions.words_at(3, 3).startswith("(0, 0): ")
    bench.show_tab("layers")
    assert wanted[-1] == ()


def test_a_head_that_pools_says_what_the_shift_does(make: Make) -> None:
    for shift, words in ((8.0, "Logits are equal: (0, 8) px is a multiple of the stride 4."), (1.0, "no multiple")):
        bench = make("gap-head")
        bench.page.operations.padding.chosen.emit("circular")
        _lab(bench).edit(lambda document, by=shift: edits.moved(document, (0.0, by)), "Move")
        bench.show_tab("head")
        _answer(bench)
        assert words in bench.head.shift.text()


def test_the_heads_of_both_networks_stand_side_by_side(make: Make) -> None:
    bench = make("dense-head")
    bench.compare(PAIRS[2])
    bench.show_tab("head")
    _answer(bench)
    assert bench.head.other_bars.isVisible()
    assert bench.head.other_title.text().startswith("Beside it B, gap-head: ")
    assert "logit" in bench.head.other_bars.accessibleName()
    assert bench.head.other_bars.accessibleName() != bench.head.bars.accessibleName()
    bench.editor.set_side(1)
    _answer(bench)
    assert bench.head.other_title.text().startswith("Beside it A, dense-head: ")
    bench.remove_b()
    _answer(bench)
    assert not bench.head.other_bars.isVisible()


def test_zero_weights_are_a_tie(make: Make) -> None:
    bench = make("dense-head")
    bench.page.layers.choose(7)
    start = _form(bench).editors["initialisation"]
    assert isinstance(start, PickButton)
    start.chosen.emit("zeros")
    bench.show_tab("head")
    _answer(bench)
    assert bench.head.decision.text() == "Decision: tie: cat and dog."


def test_every_preset_shows_in_every_tab(make: Make) -> None:
    for name in names():
        if name == "vgg11":
            continue
        bench = make(name)
        for tab in ("layers", "kernels", "head"):
            bench.show_tab(tab)
            assert not bench.grab().isNull()
        _answer(bench)
        apply_theme(bench, LIGHT)
        assert not bench.grab().isNull()
        bench.close()


def test_fork_swap_and_removal_of_b(make: Make) -> None:
    bench = make()
    lab = _lab(bench)
    start = lab.document
    bench.fork.click()
    assert len(lab.document.networks) == 2
    assert bench.editor.side == 1
    assert bench.sides.isVisible()
    bench.page.operations.buttons["anti-aliased"].click()
    assert _spec(bench, 0) == start.networks[0].spec
    assert _spec(bench, 1).layers == preset("blurpool").layers
    bench.swap_sides()
    assert _spec(bench, 0).layers == preset("blurpool").layers
    bench.sides.chosen.emit("0")
    assert "blur1" in bench.page.layers.rows[2].accessibleName()
    bench.remove_b()
    assert len(lab.document.networks) == 1
    assert not bench.sides.isVisible()
    assert _undone_to_the_start(bench, start)
    assert bench.editor.side == 0


def test_pairs_of_presets_stand_side_by_side(make: Make) -> None:
    bench = make()
    actions = {action.text(): action for action in bench.menu().actions()}
    for pair in PAIRS:
        actions[f"Compare {pair.name}"].trigger()
        assert [network.spec for network in _lab(bench).document.networks] == [preset(pair.a), preset(pair.b)]
        assert bench.note.text() == pair.point


def test_lenses_of_stages_that_are_gone_are_let_go(make: Make) -> None:
    bench = make()
    lab = _lab(bench)
    lab.look(hidden=frozenset({(0, "pool1"), (0, "relu2")}), channels={(0, "pool3"): 2}, enlarged=(0, "pool2"))
    bench.page.operations.buttons["anti-aliased"].click()
    lenses = lab.document.lenses
    assert lenses.hidden == {(0, "relu2")}
    assert lenses.channels == {}
    assert lenses.enlarged is None


def test_specs_are_saved_opened_and_refused(make: Make, tmp_path: Path) -> None:
    bench = make()
    bench.page.operations.buttons["polyphase"].click()
    path = tmp_path / "mine.json"
    assert bench.files.save_spec(path)
    assert json.loads(path.read_text())["name"] == "three-blocks"
    saved = _spec(bench)
    bench.page.layers.removed.emit(0)
    assert bench.files.open_spec(path)
    assert _spec(bench) == saved
    path.write_text('{"name": "x", "layers": [{"kind": "conv"}]}')
    assert not bench.files.open_spec(path)
    assert "channels" in bench.note.text()
    vanishing = NetworkSpec(name="gone", layers=(MaxPool(stride=(64, 64)), MaxPool()))
    path.write_bytes(to_json(vanishing))
    assert not bench.files.open_spec(path)
    assert bench.note.text().startswith("pool2: a 1x1 map")
    assert _spec(bench) == saved
    assert not bench.files.save_spec(tmp_path / "none" / "mine.json")
    assert "could not be saved" in bench.note.text()


def test_a_spec_opened_for_b_leaves_a_alone(make: Make, tmp_path: Path) -> None:
    bench = make()
    path = tmp_path / "lenet.json"
    path.write_bytes(to_json(preset("lenet")))
    bench.fork_to_b()
    assert bench.files.open_spec(path)
    assert [network.spec.name for network in _lab(bench).document.networks] == ["three-blocks", "lenet"]


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


def test_the_name_can_be_changed(make: Make) -> None:
    bench = make()
    bench.name.setFocus()
    bench.name.selectAll()
    QTest.keyClicks(bench.name, "mine")
    QTest.keyClick(bench.name, Qt.Key.Key_Return)
    assert _spec(bench).name == "mine"
    assert _lab(bench).store.undo_label == "Rename"


def test_a_drag_on_the_canvas_ends_typing(make: Make) -> None:
    bench = make()
    lab = _lab(bench)
    bench.page.layers.choose(0)
    _type(_field(bench, "kernel"), "5")
    lab.begin()
    lab.during(lambda document: edits.moved(document, (0.0, 3.0)))
    lab.end()
    assert lab.store.undo_label == "Move"
    lab.undo()
    assert lab.store.undo_label == "Change kernel"


def test_a_network_that_a_new_canvas_cannot_hold_is_said(make: Make) -> None:
    bench = make()
    bench.page.layers.choose(0)
    _type(_field(bench, "kernel"), "33")
    QTest.keyClick(_field(bench, "kernel"), Qt.Key.Key_Return)
    _lab(bench).edit(lambda document: document.with_canvas((16, 16)), "Canvas")
    assert bench.note.text() == "conv1: a 16x16 map with its padding is smaller than its 33x33 window"
    assert len(bench.page.layers.rows) == 9
    assert not bench.grab().isNull()
    for tab in ("kernels", "head"):
        bench.show_tab(tab)
        assert not bench.grab().isNull()
    _lab(bench).undo()
    assert bench.note.text() == ""


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_random_edits_leave_a_network_that_builds_or_say_why_not(data: st.DataObject, qapp: object) -> None:
    lab = Lab(middle())
    bench = Bench(lab)
    lab.setParent(bench)
    start = lab.document
    texts = st.sampled_from(["0", "2", "3", "5", "1x3", "x", "64", "9"])
    for _ in range(8):
        count = len(_spec(bench).layers)
        index = data.draw(st.integers(0, count - 1))
        bench.page.layers.choose(index)
        form = _form(bench)
        before = lab.document.networks
        match data.draw(st.integers(0, 6)):
            case 0:
                bench.page.layers.rows[index].tick.click()
            case 1:
                form.remove.click()
            case 2:
                bench.page.add.chosen.emit(data.draw(st.sampled_from(list(fields.KINDS))))
            case 3:
                form.kind.chosen.emit(data.draw(st.sampled_from(list(fields.KINDS))))
            case 4:
                bench.page.layers.moved.emit(index, data.draw(st.integers(0, count - 1)))
            case 5:
                bench.page.operate(
                    data.draw(st.sampled_from(["polyphase", "no-strides", "anti-aliased", "padding-valid"]))
                )
            case _:
                typed = [one for one in form.editors.values() if isinstance(one, TypedField)]
                if typed:
                    editor = data.draw(st.sampled_from(typed))
                    editor.textEdited.emit(data.draw(texts))
                    editor.editingFinished.emit()
        stages(_spec(bench), (64, 64))
        materialise(lab.document.networks[0], (64, 64))
        assert len(bench.page.layers.rows) == len(_spec(bench).layers)
        if lab.document.networks == before and bench.note.isVisibleTo(bench):
            assert "\n" not in bench.note.text()
    assert _undone_to_the_start(bench, start)
    bench.deleteLater()
