"""Curves and the map: jobs that can be held, cancelled and made stale; the cursor and the click move the pattern."""

from __future__ import annotations

import csv
import io
import itertools
import math

import msgspec
import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from shiftlab.measure import curves
from shiftlab.measure.jobs import result_of
from shiftlab.measure.lab import measure_pair
from shiftlab.network.presets import preset
from shiftlab.scene.translation import Displacement
from shiftlab.ui import edits
from shiftlab.ui.lab import Lab
from shiftlab.ui.measuring import choosing, questions
from shiftlab.ui.measuring.curves_view import CurvesView
from shiftlab.ui.measuring.dock import MeasuresDock
from shiftlab.ui.measuring.map_view import MapView, coloured
from shiftlab.ui.measuring.plot import Plot
from shiftlab.ui.measuring.shift_plots import spread
from shiftlab.ui.theme import DARK, LIGHT


@pytest.fixture(autouse=True)
def every_move_counts():
    """pyqtgraph leaves out moves that follow each other faster than 100 times a second, as a test's do."""
    before = pg.getConfigOption("mouseRateLimit")
    pg.setConfigOption("mouseRateLimit", -1)
    yield
    pg.setConfigOption("mouseRateLimit", before)


def curves_of(dock: MeasuresDock) -> CurvesView:
    dock.show_tab("curves")
    view = dock.view("curves")
    assert isinstance(view, CurvesView)
    return view


def map_of(dock: MeasuresDock) -> MapView:
    dock.show_tab("map")
    view = dock.view("map")
    assert isinstance(view, MapView)
    return view


def settled(qtbot: QtBot, view: CurvesView | MapView, held, count: int) -> None:
    """Wait until `count` questions were asked and the last of them is answered."""
    qtbot.waitUntil(lambda: len(held.asked) == count and not view.runner.running and view.line.button.isHidden())


def shift_of(lab: Lab) -> tuple[float, float]:
    moved = lab.document.displacement
    assert isinstance(moved, Displacement)
    return moved.rows, moved.cols


def point_of(plot: Plot, at: tuple[float, float]) -> QPointF:
    """The point of the plot's viewport where (x, y) is drawn."""
    return QPointF(plot.mapFromScene(plot.box.mapViewToScene(QPointF(*at))))


def send(plot: Plot, kind: QEvent.Type, point: QPointF, pressed: bool) -> None:
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    buttons = Qt.MouseButton.LeftButton if pressed else Qt.MouseButton.NoButton
    where = QPointF(plot.viewport().mapToGlobal(point.toPoint()))
    event = QMouseEvent(kind, point, where, button, buttons, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(plot.viewport(), event)


def drag(plot: Plot, start: QPointF, ends: list[QPointF]) -> None:
    send(plot, QEvent.Type.MouseMove, start, False)
    send(plot, QEvent.Type.MouseButtonPress, start, True)
    for end in ends:
        send(plot, QEvent.Type.MouseMove, end, True)


def test_what_is_written_twice_agrees() -> None:
    assert questions.STEPS == curves.STEPS
    assert tuple(questions.QUANTITIES) == curves.QUANTITIES


def test_the_job_asks_the_measures_themselves(lab: Lab) -> None:
    document = lab.document
    asked = questions.CurveQuestion(
        document.networks, document.reference, "diagonal", (0.0, 1.0, -2.0), 0, (questions.Follow("conv1", 2),)
    )
    reached = []
    (answer,) = result_of(questions.compute(asked), reached.append)
    assert [(one.progress.done, one.progress.total) for one in reached] == [(1, 3), (2, 3), (3, 3)]
    for number, shift in enumerate(asked.shifts):
        moved = document.reference.moved((shift, shift))
        _, measures = measure_pair(document.networks[0], moved, document.reference, causes=False)
        expected = [one.equivariance.value for one in measures]
        assert answer.errors["equivariance"][number] == pytest.approx(expected, abs=1e-6)
    assert answer.units == (curves.Unit("conv1", 2),)


def test_nothing_is_computed_before_it_is_looked_at(dock, held) -> None:
    view = dock.view("curves")
    assert not view.isVisible()
    lab = view._lab
    lab.edit(lambda document: document.with_canvas((48, 48)), "Canvas")
    assert held.asked == []
    assert not view._due.isActive()


def test_a_held_job_shows_its_half_and_can_be_cancelled(dock, held, qtbot) -> None:
    held.gate.clear()
    view = curves_of(dock)
    qtbot.waitUntil(lambda: view.line.words.text().startswith("1 of 2"))
    assert view.line.button.text() == "Cancel"
    half = view.plot.points((0, "pool3"))[1]
    assert np.isfinite(half).sum() == len(half) // 2
    view.line.button.click()
    held.gate.set()
    qtbot.waitUntil(lambda: view.line.words.text().startswith("Stopped"))
    assert np.isfinite(view.plot.points((0, "pool3"))[1]).sum() >= len(half) // 2, "what was reached is kept"
    assert len(held.asked) == 1
    assert view.line.button.text() == "Compute"
    view.line.button.click()
    settled(qtbot, view, held, 2)
    shifts, values = view.plot.points((0, "pool3"))
    assert values == pytest.approx(np.abs(shifts) / 10)


def test_the_drag_goes_on_while_a_job_is_held_and_asks_nothing_anew(dock, held, lab, qtbot) -> None:
    held.gate.clear()
    view = curves_of(dock)
    qtbot.waitUntil(lambda: len(held.asked) == 1)
    lab.begin()
    for shift in (1.0, 2.0, 5.0):
        lab.during(lambda document, by=shift: choosing.at_shift(document, (0.0, by)))
        assert view.plot.here.getXPos() == shift
        assert view.wobble.here.getXPos() == shift
    lab.end()
    assert not view._due.isActive()
    held.gate.set()
    settled(qtbot, view, held, 1)
    assert view.readout.text() == "pool3 here, at +5 px: off 0.50"


def test_another_reference_cancels_the_stale_job(dock, held, lab, qtbot) -> None:
    held.gate.clear()
    view = curves_of(dock)
    qtbot.waitUntil(lambda: view.line.words.text().startswith("1 of 2"))
    lab.edit(lambda document: document.with_scene(document.scene.moved((3.0, 4.0))).with_reference_here(), "Set")
    assert view.line.button.isHidden(), "nothing of the old job is shown as running"
    held.gate.set()
    settled(qtbot, view, held, 2)
    assert held.asked[1].reference == lab.document.reference != held.asked[0].reference
    assert held.left == 2


def test_a_failure_is_one_line_and_can_be_tried_again(dock, held, qtbot) -> None:
    held.error = ValueError("pool1 is too large for this canvas")
    view = curves_of(dock)
    qtbot.waitUntil(lambda: view.line.button.text() == "Try again" and not view.line.button.isHidden())
    assert "pool1 is too large for this canvas" in view.line.words.text()
    held.error = None
    view.line.button.click()
    settled(qtbot, view, held, 2)


def test_dragging_the_cursor_moves_the_pattern_as_one_entry(dock, held, lab, qtbot) -> None:
    view = curves_of(dock)
    settled(qtbot, view, held, 1)
    seen: list[tuple[float, float]] = []
    lab.changed.connect(lambda _document, _before: seen.append(shift_of(lab)))
    plot = view.plot
    high = plot.box.viewRange()[1][1] * 0.5
    drag(plot, point_of(plot, (0, high)), [point_of(plot, (x, high)) for x in (1.4, 3.2, 4.9)])
    assert lab.gesture
    assert shift_of(lab) == (0.0, 5.0)
    send(plot, QEvent.Type.MouseButtonRelease, point_of(plot, (4.9, high)), False)
    assert not lab.gesture
    assert shift_of(lab) == (0.0, 5.0)
    assert {down for down, _ in seen} == {0.0}
    assert plot.here.getXPos() == 5.0
    assert len(held.asked) == 1, "the place alone is no other question"
    lab.undo()
    assert shift_of(lab) == (0.0, 0.0)
    assert lab.store.undo_label is None


def test_a_drag_beyond_the_reach_stops_at_its_end(dock, held, lab, qtbot) -> None:
    view = curves_of(dock)
    settled(qtbot, view, held, 1)
    view.directions.chosen.emit("col")
    settled(qtbot, view, held, 2)
    view._drag(99.0)
    view._drop()
    assert shift_of(lab) == (float(view.reach), 0.0)


def test_a_place_off_the_line_is_said(dock, held, lab, qtbot) -> None:
    view = curves_of(dock)
    settled(qtbot, view, held, 1)
    lab.edit(lambda document: choosing.at_shift(document, (2.0, 3.0)), "Move")
    assert "not on this line" in view.readout.text()
    assert view.plot.here.getXPos() == 3.0
    view.directions.chosen.emit("diagonal")
    lab.edit(lambda document: choosing.at_shift(document, (-2.0, -2.0)), "Move")
    assert view.plot.here.getXPos() == -2.0
    assert "not on this line" not in view.readout.text()


def test_a_click_on_a_curve_chooses_its_stage_everywhere(dock, held, qtbot) -> None:
    view = curves_of(dock)
    settled(qtbot, view, held, 1)
    assert dock.stage == (0, "pool3")
    x, y = 4.0, 0.4
    at = view.plot.box.mapViewToScene(QPointF(x, y))
    near = view.plot.nearest(at)
    assert near is not None
    assert (near.shift, near.value) == (x, pytest.approx(y))
    assert view.plot.nearest(view.plot.box.mapViewToScene(QPointF(0.0, 0.6))) is None
    view.stage_chosen.emit((0, "conv2"))
    assert dock.stage == view.stage == (0, "conv2")
    assert map_of(dock).stage == (0, "conv2")


def test_the_multiples_of_the_stride_are_marked() -> None:
    assert list(choosing.multiples(8, 16)) == [-16, -8, 0, 8, 16]
    assert list(choosing.multiples(1, 16)) == []
    assert choosing.stride_along((2, 3), "row") == 3
    assert choosing.stride_along((2, 3), "diagonal") == math.lcm(2, 3)


def test_shifts_go_outwards_to_both_sides() -> None:
    shifts = choosing.outwards(2, 0.5)
    assert sorted(shifts) == [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2]
    assert all(abs(one) <= abs(other) for one, other in itertools.pairwise(shifts))


def test_the_curves_as_a_table_are_the_curves(dock, held, qtbot) -> None:
    view = curves_of(dock)
    settled(qtbot, view, held, 1)
    lines = [line.split(",") for line in view.csv.splitlines()]
    assert lines[0][:3] == ["shift", "conv1", "relu1"]
    table = np.array([[float(cell) for cell in line[:10]] for line in lines[1:]])
    assert (np.diff(table[:, 0]) > 0).all()
    assert table[:, 1:] == pytest.approx(np.repeat(np.abs(table[:, :1]) / 10, 9, axis=1))
    view.foot.copy.click()
    assert QGuiApplication.clipboard().text().splitlines()[0].split("\t")[:2] == ["shift", "conv1"]


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_curves_take_the_theme_without_losing_what_they_show(dock, held, qtbot, theme) -> None:
    view = curves_of(dock)
    settled(qtbot, view, held, 1)
    before = view.plot.drawn
    view.set_theme(theme)
    assert view.plot.drawn == before
    assert len(before) == 9


# the map


def test_a_map_shows_its_half_and_keeps_it_when_cancelled(dock, held, qtbot) -> None:
    held.gate.clear()
    view = map_of(dock)
    qtbot.waitUntil(lambda: view.line.words.text().startswith("1 of 2"))
    found = view.shown()
    assert found is not None
    side = 2 * view.reach + 1
    assert found.values.shape == (side, side)
    assert np.isfinite(found.values).sum() == side * (side // 2)
    view.line.button.click()
    held.gate.set()
    qtbot.waitUntil(lambda: view.line.words.text().startswith("Stopped"))
    assert view.shown() is not None


def test_another_stage_or_error_of_the_map_computes_nothing_anew(dock, held, qtbot) -> None:
    view = map_of(dock)
    settled(qtbot, view, held, 1)
    dock.choose((0, "pool1"))
    view.pick_quantity.chosen.emit("invariance")
    found = view.shown()
    assert found is not None
    assert (found.stage, found.quantity) == ("pool1", "invariance")
    assert len(held.asked) == 1
    assert not view._due.isActive()


def test_a_click_on_the_map_moves_the_pattern_there_as_one_entry(dock, held, lab, qtbot) -> None:
    view = map_of(dock)
    settled(qtbot, view, held, 1)
    point = point_of(view.plot, (-7, 4))
    for kind, pressed in ((QEvent.Type.MouseButtonPress, True), (QEvent.Type.MouseButtonRelease, False)):
        send(view.plot, kind, point, pressed)
    assert shift_of(lab) == (4.0, -7.0)
    assert view.readout.text() == "here, at (+4, −7) px: off 0.11"
    assert len(held.asked) == 1
    lab.undo()
    assert shift_of(lab) == (0.0, 0.0)


def test_the_map_as_a_table_is_the_map(dock, held, qtbot) -> None:
    view = map_of(dock)
    settled(qtbot, view, held, 1)
    lines = [line.split(",") for line in view.csv.splitlines()[1:]]
    for cells in lines:
        down = float(cells[0])
        across = np.arange(-view.reach, view.reach + 1)
        assert [float(cell) for cell in cells[1:]] == pytest.approx((abs(down) + np.abs(across)) / 100)


def test_colours_of_a_map_rise_with_the_error_and_gaps_are_grey() -> None:
    painted = coloured(np.array([[0.0, 0.5, 1.0, np.nan]]), 1.0, DARK)
    light = painted[0, :3, :3].astype(int).sum(axis=1)
    assert (np.diff(light) > 0).all()
    assert painted[0, 3].tolist() == [0x2E, 0x33, 0x38, 255]


def test_names_at_the_ends_stand_apart_in_their_order() -> None:
    values = np.array([0.5, 0.0, 0.51, 2.0])
    placed = spread(values, 0.2)
    assert np.argsort(placed).tolist() == np.argsort(values).tolist()
    assert np.diff(sorted(placed)).min() >= 0.2 - 1e-12
    assert spread(np.array([0.0, 1.0, 2.0]), 0.5) == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(("classes", "names"), [((), "0123456789"), (tuple("abcdefghij"), "abcdefghij")])
def test_logits_are_followed_under_the_names_of_their_classes(dock, held, lab, qtbot, classes, names) -> None:
    spec = msgspec.structs.replace(preset("lenet"), classes=classes)
    lab.edit(lambda document: edits.with_spec(document, spec), "Network")
    stages = edits.stages_of(lab.document)
    view = curves_of(dock)
    view.pick_follows.chosen.emit("logits")
    qtbot.waitUntil(lambda: bool(held.asked) and len(held.asked[-1].follows) == 10)
    qtbot.waitUntil(lambda: not view.runner.running and view.line.button.isHidden())
    assert held.asked[-1].follows == tuple(questions.Follow(stages[0][-1].name, number) for number in range(10))
    assert [one.toPlainText() for one in view.wobble.names] == list(names)


def test_an_error_that_is_defined_nowhere_is_said(dock, held, qtbot) -> None:
    view = curves_of(dock)
    settled(qtbot, view, held, 1)
    assert "dashed: each 8 px" in view.caption.text()
    (curve,) = view._curves
    curve.errors["equivariance_fractional"] = np.full_like(curve.errors["equivariance"], np.nan)
    view.pick_quantity.chosen.emit("equivariance_fractional")
    assert view.plot.drawn == ()
    view.plot.grab()
    assert view.caption.text() == "Moved along, fractional: n/a for pool3 at every shift"


def test_a_job_rests_while_something_is_dragged(dock, held, lab, qtbot) -> None:
    held.gate.clear()
    view = map_of(dock)
    qtbot.waitUntil(lambda: view.line.words.text().startswith("1 of 2"))
    lab.begin()
    held.gate.set()
    qtbot.waitUntil(lambda: view.line.words.text() == "2 of 2 · waits while you drag")
    assert held.left == 0
    view.stage_chosen.emit((0, "pool1"))
    lab.during(lambda document: choosing.at_shift(document, (0.0, 3.0)))
    assert held.left == 0, "still at rest"
    lab.end()
    settled(qtbot, view, held, 1)
    assert held.left == 1


def test_a_job_that_is_due_in_a_drag_begins_after_it(dock, held, lab, qtbot) -> None:
    lab.begin()
    view = map_of(dock)
    qtbot.waitUntil(lambda: view.line.words.text() == "Waits while you drag")
    assert view.shown() is None
    lab.end()
    settled(qtbot, view, held, 1)


def test_a_job_at_rest_can_be_cancelled(dock, held, lab, qtbot) -> None:
    lab.begin()
    held.gate.clear()
    view = curves_of(dock)
    qtbot.waitUntil(lambda: view.runner.running)
    view.line.button.click()
    qtbot.waitUntil(lambda: view.line.words.text() == "Stopped")
    lab.end()
    assert not view.runner.running


def test_what_is_copied_has_a_column_for_each_of_the_table(dock, held, qtbot) -> None:
    view = curves_of(dock)
    view.pick_follows.chosen.emit("cell")
    settled(qtbot, view, held, 1)
    view.foot.copy.click()
    copied = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert copied == list(csv.reader(io.StringIO(view.csv)))
    assert copied[0][-1] == "pool3 [0] at (4, 4)"
    shown = map_of(dock)
    settled(qtbot, shown, held, 2)
    shown.foot.copy.click()
    copied = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert copied == list(csv.reader(io.StringIO(shown.csv)))
