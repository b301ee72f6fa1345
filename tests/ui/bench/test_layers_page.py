"""Layers and the whole network, edited through the widgets of the first page; its undo, and what is said."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox

from shiftlab.network import fields, fills
from shiftlab.network.geometry import stages
from shiftlab.network.presets import preset
from shiftlab.network.spec import Conv, MaxPool
from shiftlab.ui.bench import changes
from shiftlab.ui.bench.bench import Bench
from shiftlab.ui.controls import PickButton
from tests.ui.bench.benches import (
    Make,
    field_of,
    form_of,
    lab_of,
    spec_of,
    type_into,
    undone_to_the_start,
)


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
    assert set(form_of(bench).editors) == {field.name for field in fields.fields_of(spec_of(bench).layers[0])}
    assert field_of(bench, "kernel").text() == "3"
    QTest.mouseClick(bench.page.layers.rows[0], Qt.MouseButton.LeftButton, pos=QPoint(120, 15))
    assert bench.page.layers.form is None


def test_typing_a_kernel_changes_the_network_letter_by_letter_and_is_one_undo(make: Make) -> None:
    bench = make()
    start = lab_of(bench).document
    bench.page.layers.choose(0)
    type_into(field_of(bench, "kernel"), "5x7")
    layer = spec_of(bench).layers[0]
    assert isinstance(layer, Conv)
    assert layer.kernel == (5, 7)
    assert "8×62×60" in bench.page.layers.rows[0].accessibleName()
    QTest.keyClick(field_of(bench, "kernel"), Qt.Key.Key_Return)
    assert lab_of(bench).store.undo_label == "Change kernel"
    lab_of(bench).undo()
    assert lab_of(bench).document.networks == start.networks
    assert field_of(bench, "kernel").text() == "3"
    assert lab_of(bench).store.undo_label is None


def test_half_typed_numbers_cost_no_trained_weights(make: Make) -> None:
    bench = make()
    network = lab_of(bench).document.networks[0]
    own = fills.with_kernel(network, (64, 64), "conv2", 0, 0, fills.box((3, 3)))
    lab_of(bench).edit(lambda document: changes.with_network(document, 0, own), "Own")
    bench.page.layers.choose(3)
    channels = field_of(bench, "channels")
    type_into(channels, "1")
    assert spec_of(bench).layers[3].channels == 1  # pyright: ignore
    channels.selectAll()
    QTest.keyClicks(channels, "8")
    QTest.keyClick(channels, Qt.Key.Key_Return)
    assert lab_of(bench).document.networks[0] == own
    assert lab_of(bench).store.undo_label == "Own"


def test_escape_takes_back_what_was_typed(make: Make) -> None:
    bench = make()
    start = lab_of(bench).document
    bench.page.layers.choose(0)
    type_into(field_of(bench, "kernel"), "5")
    assert lab_of(bench).document.networks != start.networks
    QTest.keyClick(field_of(bench, "kernel"), Qt.Key.Key_Escape)
    assert lab_of(bench).document.networks == start.networks
    assert field_of(bench, "kernel").text() == "3"
    assert lab_of(bench).store.undo_label is None


def test_what_cannot_be_is_said_at_the_field_and_the_last_good_network_runs_on(make: Make) -> None:
    bench = make()
    start = lab_of(bench).document
    bench.page.layers.choose(0)
    type_into(field_of(bench, "groups"), "3")
    assert form_of(bench).error.isVisible()
    assert form_of(bench).error.text() == "channels must be a multiple of groups, not 8 with 3 groups"
    assert field_of(bench, "groups").bad
    assert not field_of(bench, "channels").bad
    assert field_of(bench, "groups").text() == "3"
    assert lab_of(bench).document.networks == start.networks
    type_into(field_of(bench, "groups"), "1")
    assert not form_of(bench).error.isVisible()
    assert not field_of(bench, "groups").bad


def test_a_map_that_would_vanish_is_said_with_its_stage(make: Make) -> None:
    bench = make()
    bench.page.layers.choose(2)
    type_into(field_of(bench, "stride"), "64")
    assert form_of(bench).error.text().startswith("pool2: a 1x1 map")
    assert spec_of(bench).layers[2].stride == (6, 6)  # pyright: ignore


def test_choices_and_ticks_change_a_layer_at_once(make: Make) -> None:
    bench = make()
    bench.page.layers.choose(0)
    mode, bias = form_of(bench).editors["padding_mode"], form_of(bench).editors["bias"]
    assert isinstance(mode, PickButton)
    assert isinstance(bias, QCheckBox)
    mode.chosen.emit("reflect")
    bias.click()
    layer = spec_of(bench).layers[0]
    assert isinstance(layer, Conv)
    assert (layer.padding_mode, layer.bias) == ("reflect", True)
    assert lab_of(bench).store.undo_label == "Change bias"
    lab_of(bench).undo()
    assert not bias.isChecked()


def test_a_layer_is_made_another_kind_and_says_what_it_costs(make: Make) -> None:
    bench = make()
    bench.page.layers.choose(2)
    assert "aliases" in form_of(bench).cost.text()
    form_of(bench).kind.chosen.emit("blurpool")
    assert spec_of(bench).stage_names[2] == "blur1"
    assert "half a cell" in form_of(bench).cost.text()
    assert "size" in form_of(bench).editors


def test_layers_are_added_behind_the_chosen_one_and_removed(make: Make) -> None:
    bench = make()
    start = lab_of(bench).document
    bench.page.layers.choose(1)
    bench.page.add.chosen.emit("norm")
    assert spec_of(bench).stage_names[:3] == ("conv1", "relu1", "norm1")
    assert bench.page.layers.chosen == 2
    bench.page.layers.choose(None)
    bench.page.add.chosen.emit("subsample")
    assert spec_of(bench).stage_names[-1] == "subsample1"
    form_of(bench).remove.click()
    assert spec_of(bench).stage_names[-1] == "pool3"
    bench.page.layers.rows[2].setFocus()
    QTest.keyClick(bench.page.layers.rows[2], Qt.Key.Key_Delete)
    assert spec_of(bench).layers == start.networks[0].spec.layers
    assert undone_to_the_start(bench, start)


def test_a_layer_that_cannot_be_added_is_refused_in_a_line(make: Make) -> None:
    bench = make("dense-head")
    before = lab_of(bench).document
    bench.page.add.chosen.emit("maxpool")
    assert bench.note.isVisible()
    assert bench.note.text() == "pool3: no places are left after flatten1"
    assert bench.note.property("role") == "warning"
    assert lab_of(bench).document is before


def test_ticks_switch_layers(make: Make) -> None:
    bench = make()
    bench.page.layers.rows[2].tick.click()
    assert not spec_of(bench).layers[2].on
    assert "switched off" in bench.page.layers.rows[2].accessibleName()
    assert "8×64×64" in bench.page.layers.rows[3].accessibleName()
    bench.page.layers.rows[2].setFocus()
    QTest.keyClick(bench.page.layers.rows[2], Qt.Key.Key_Space)
    assert spec_of(bench).layers[2].on


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
    start = lab_of(bench).document
    bench.page.layers.choose(2)
    bench.page.layers.choose(None)
    _drag(bench, 2, 4)
    kinds = [layer.kind for layer in spec_of(bench).layers]
    assert kinds[:5] == ["conv", "activation", "conv", "activation", "maxpool"]
    assert lab_of(bench).store.undo_label == "Move layer"
    _drag(bench, 4, 2)
    assert spec_of(bench) == start.networks[0].spec
    before = lab_of(bench).document
    _drag(bench, 0, 5, give_up=True)
    assert lab_of(bench).document is before


def test_the_chosen_layer_stays_chosen_where_it_goes(make: Make) -> None:
    bench = make()
    bench.page.layers.choose(2)
    bench.page.layers.rows[2].setFocus()
    QTest.keyClick(bench.page.layers.rows[2], Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert isinstance(spec_of(bench).layers[1], MaxPool)
    assert bench.page.layers.chosen == 1
    assert form_of(bench).layer_kind == "maxpool"
    QTest.keyClick(bench.page.layers.rows[1], Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert bench.page.layers.chosen == 2


@pytest.mark.parametrize(
    ("key", "expected"), [("anti-aliased", "blurpool"), ("polyphase", "aps")], ids=["anti-aliased", "polyphase"]
)
def test_surgery_is_one_click_and_one_undo(make: Make, key: str, expected: str) -> None:
    bench = make()
    start = lab_of(bench).document
    bench.page.operations.buttons[key].click()
    assert spec_of(bench).layers == preset(expected).layers[:9]
    assert bench.note.text()
    assert not bench.page.operations.buttons[key].isEnabled()
    assert undone_to_the_start(bench, start)
    assert bench.page.operations.buttons[key].isEnabled()


def test_surgery_through_the_lists(make: Make) -> None:
    bench = make("zeros")
    bench.page.operations.padding.chosen.emit("circular")
    assert spec_of(bench).layers == preset("circular").layers
    assert bench.page.operations.padding.value == "circular"
    bench.page.operations.buttons["no-strides"].click()
    assert {info.stride for info in stages(spec_of(bench), (64, 64))} == {(1, 1)}
    bench.page.operations.head.chosen.emit("dense")
    assert [layer.kind for layer in spec_of(bench).layers][-2:] == ["flatten", "dense"]
    assert bench.page.operations.head.value == "dense"


def test_tying_the_dense_weights_is_one_click(make: Make) -> None:
    bench = make("dense-head")
    assert bench.page.operations.buttons["tie"].isEnabled()
    bench.page.operations.buttons["tie"].click()
    weights = lab_of(bench).document.networks[0].weights
    assert weights is not None
    assert np.ptp(weights.arrays["dense1.weight"].reshape(2, 16, 256), axis=2).max() == 0
    assert "no longer knows places" in bench.note.text()
    assert not make("gap-head").page.operations.buttons["tie"].isEnabled()
