"""The bench as a whole: its tabs, A and B, and edits one after another."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from shiftlab.network import fields
from shiftlab.network.geometry import stages
from shiftlab.network.initial import materialise
from shiftlab.network.pairs import PAIRS
from shiftlab.network.presets import names, preset
from shiftlab.ui import edits
from shiftlab.ui.bench.bench import Bench
from shiftlab.ui.bench.layer_form import TypedField
from shiftlab.ui.lab import Lab
from shiftlab.ui.theme import LIGHT
from shiftlab.ui.themed import apply_theme
from tests.ui.bench.benches import (
    Make,
    answer,
    field_of,
    form_of,
    lab_of,
    spec_of,
    type_into,
    undone_to_the_start,
)
from tests.ui.middle import middle


def test_every_preset_shows_in_every_tab(make: Make) -> None:
    for name in names():
        if name == "vgg11":
            continue
        bench = make(name)
        for tab in ("layers", "kernels", "head"):
            bench.show_tab(tab)
            assert not bench.grab().isNull()
        answer(bench)
        apply_theme(bench, LIGHT)
        assert not bench.grab().isNull()
        bench.close()


def test_fork_swap_and_removal_of_b(make: Make) -> None:
    bench = make()
    lab = lab_of(bench)
    start = lab.document
    bench.fork.click()
    assert len(lab.document.networks) == 2
    assert bench.editor.side == 1
    assert bench.sides.isVisible()
    bench.page.operations.buttons["anti-aliased"].click()
    assert spec_of(bench, 0) == start.networks[0].spec
    assert spec_of(bench, 1).layers == preset("blurpool").layers
    bench.swap_sides()
    assert spec_of(bench, 0).layers == preset("blurpool").layers
    bench.sides.chosen.emit("0")
    assert "blur1" in bench.page.layers.rows[2].accessibleName()
    bench.remove_b()
    assert len(lab.document.networks) == 1
    assert not bench.sides.isVisible()
    assert undone_to_the_start(bench, start)
    assert bench.editor.side == 0


def test_pairs_of_presets_stand_side_by_side(make: Make) -> None:
    bench = make()
    actions = {action.text(): action for action in bench.menu().actions()}
    for pair in PAIRS:
        actions[f"Compare {pair.name}"].trigger()
        assert [network.spec for network in lab_of(bench).document.networks] == [preset(pair.a), preset(pair.b)]
        assert bench.note.text() == pair.point


def test_lenses_of_stages_that_are_gone_are_let_go(make: Make) -> None:
    bench = make()
    lab = lab_of(bench)
    lab.look(hidden=frozenset({(0, "pool1"), (0, "relu2")}), channels={(0, "pool3"): 2}, enlarged=(0, "pool2"))
    bench.page.operations.buttons["anti-aliased"].click()
    lenses = lab.document.lenses
    assert lenses.hidden == {(0, "relu2")}
    assert lenses.channels == {}
    assert lenses.enlarged is None


def test_the_name_can_be_changed(make: Make) -> None:
    bench = make()
    bench.name.setFocus()
    bench.name.selectAll()
    QTest.keyClicks(bench.name, "mine")
    QTest.keyClick(bench.name, Qt.Key.Key_Return)
    assert spec_of(bench).name == "mine"
    assert lab_of(bench).store.undo_label == "Rename"


def test_a_drag_on_the_canvas_ends_typing(make: Make) -> None:
    bench = make()
    lab = lab_of(bench)
    bench.page.layers.choose(0)
    type_into(field_of(bench, "kernel"), "5")
    lab.begin()
    lab.during(lambda document: edits.moved(document, (0.0, 3.0)))
    lab.end()
    assert lab.store.undo_label == "Move"
    lab.undo()
    assert lab.store.undo_label == "Change kernel"


def test_a_network_that_a_new_canvas_cannot_hold_is_said(make: Make) -> None:
    bench = make()
    bench.page.layers.choose(0)
    type_into(field_of(bench, "kernel"), "33")
    QTest.keyClick(field_of(bench, "kernel"), Qt.Key.Key_Return)
    lab_of(bench).edit(lambda document: document.with_canvas((16, 16)), "Canvas")
    assert bench.note.text() == "conv1: a 16x16 map with its padding is smaller than its 33x33 window"
    assert len(bench.page.layers.rows) == 9
    assert not bench.grab().isNull()
    for tab in ("kernels", "head"):
        bench.show_tab(tab)
        assert not bench.grab().isNull()
    lab_of(bench).undo()
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
        count = len(spec_of(bench).layers)
        index = data.draw(st.integers(0, count - 1))
        bench.page.layers.choose(index)
        form = form_of(bench)
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
        stages(spec_of(bench), (64, 64))
        materialise(lab.document.networks[0], (64, 64))
        assert len(bench.page.layers.rows) == len(spec_of(bench).layers)
        if lab.document.networks == before and bench.note.isVisibleTo(bench):
            assert "\n" not in bench.note.text()
    assert undone_to_the_start(bench, start)
    bench.deleteLater()
