"""The table of measures, what its figures mean, and the fields."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from shiftlab.document import Pin
from shiftlab.measure.field import effective_field
from shiftlab.measure.tables import FIELD_HEADINGS, HEADINGS, as_csv, field_rows
from shiftlab.network.modules import Forward
from shiftlab.network.presets import preset
from shiftlab.scene.raster import rasterise
from shiftlab.ui import edits
from shiftlab.ui.measuring import choosing
from shiftlab.ui.measuring.dock import MeasuresDock
from shiftlab.ui.measuring.fields_view import FieldsView, cell_of
from shiftlab.ui.measuring.table_view import COLUMNS, short
from tests.ui.measuring.conftest import real_sides


def read(text: str, between: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text), delimiter=between))


def test_the_csv_is_that_of_the_measures(dock, lab) -> None:
    lab.edit(lambda document: choosing.at_shift(document, (0.0, 3.0)), "Move")
    sides, measures = real_sides(lab)
    dock.show_sides(sides, measures)
    assert dock.table.csv == as_csv(sides[0].stages, measures[0])
    dock.table.foot.copy.click()
    data = QGuiApplication.clipboard().mimeData()
    assert read(data.text(), "\t") == read(dock.table.csv)
    assert bytes(data.data("text/csv").data()).decode() == dock.table.csv


def test_every_cell_shows_its_figure(dock, lab) -> None:
    lab.edit(lambda document: choosing.at_shift(document, (0.0, 3.0)), "Move")
    sides, measures = real_sides(lab)
    dock.show_sides(sides, measures)
    table = dock.table.table
    column = [heading for heading, _, _ in COLUMNS].index("invariance error")
    for row, measure in enumerate(measures[0]):
        assert table.verticalHeaderItem(row).text() == measure.name
        assert float(table.item(row, column).text()) == pytest.approx(measure.invariance.value, abs=0.0006)
    assert table.item(0, 0).text() == "exact"
    causes = [heading for heading, _, _ in COLUMNS].index("causes")
    assert table.item(2, causes).text() == "phase · 1.5 cells"


def test_every_column_of_the_csv_is_shown_but_the_name() -> None:
    assert {heading for heading, _, _ in COLUMNS} == set(HEADINGS) - {"name"}


def test_of_two_networks_the_table_says_which(dock, lab) -> None:
    network = lab.document.networks[0]
    lab.edit(lambda document: document.with_networks((network, network)), "A and B")
    dock.show_sides(*real_sides(lab))
    lines = read(dock.table.csv)
    assert lines[0] == ["network", *HEADINGS]
    assert [line[0] for line in lines[1:]] == ["A"] * 9 + ["B"] * 9
    assert lines[1][1:] == lines[10][1:]


def test_short_figures() -> None:
    assert short("equivariance error", "0.440999999") == "0.441"
    assert short("equivariance error", "3.2e-07") == "exact"
    assert short("equivariance error", "0.0004") == "0.0004"
    assert short("equivariance error", "n/a: no displacement") == "n/a"
    assert short("cosine", "-0.25") == "−0.250"


def test_the_definitions_are_a_click_away(dock) -> None:
    assert dock.table.definitions.isHidden()
    dock.table.meaning.click()
    assert dock.table.definitions.isVisible()
    assert dock.table.table.isVisible()


def test_the_forms_can_be_chosen_beside_the_table(dock, lab) -> None:
    dock.table.fractional.click()
    assert lab.document.lenses.form == "fractional"
    dock.table.plain.click()
    assert lab.document.lenses.plain
    lab.look(form="grid", plain=False)
    assert not dock.table.fractional.isChecked()
    assert not dock.table.plain.isChecked()


# fields


@pytest.fixture
def fields(qtbot: QtBot, lab):
    """A dock that computes the real effective fields, at its fields."""
    made = MeasuresDock(lab)
    lab.setParent(made)
    lab.changed.connect(lambda document, _before: made.show_document(document))
    qtbot.addWidget(made)
    made.resize(400, 788)
    with qtbot.waitExposed(made):
        made.show()
    made.show_sides(*real_sides(lab))
    made.show_tab("fields")
    view = made.view("fields")
    assert isinstance(view, FieldsView)
    yield view
    assert made.close_jobs(10)


def test_the_table_of_fields_is_that_of_the_network(fields, lab) -> None:
    document = lab.document
    expected = field_rows(document.networks[0].spec, document.scene.size)
    assert read(fields.csv) == [list(FIELD_HEADINGS), *(list(cells) for cells in expected)]
    assert fields.table.rowCount() == 9
    assert [fields.table.item(8, column).text() for column in range(5)] == ["pool3", "8×8", "8", "22", "3.5"]
    assert fields.covers.isHidden()


def test_a_field_of_just_a_quarter_is_said(fields, lab) -> None:
    lab.edit(lambda document: document.with_canvas((88, 88)), "Canvas")
    assert "just a quarter" in fields.covers.text()
    assert fields.covers.isVisible()


def test_the_effective_field_lies_over_the_canvas_with_its_side(fields, lab, qtbot) -> None:
    heats: list[object] = []
    fields.heat_changed.connect(heats.append)
    fields.overlay.click()
    qtbot.waitUntil(lambda: fields.heat is not None)
    document = lab.document
    image = rasterise(document.scene, 1)
    cell = cell_of(document, (0, "pool3"), choosing.info_of(document, (0, "pool3")))
    direct = effective_field(Forward(document.networks[0], document.scene.size), image, "pool3", cell)
    assert fields.heat == pytest.approx(direct.gradient / direct.gradient.max())
    assert f"effective side {direct.side:.1f} px" in fields.facts.text()
    assert "22 × 22 px" in fields.facts.text()
    fields.overlay.click()
    assert heats[-1] is None


def test_the_cell_is_the_pinned_one_or_that_nearest_the_pattern(lab) -> None:
    key = (0, "pool3")
    info = choosing.info_of(lab.document, key)
    rows, cols = cell_of(lab.document, key, info)
    at = lab.document.scene.placed[0].at
    for axis, cell in enumerate((rows, cols)):
        centres = np.arange(info.size[axis]) * info.stride[axis] + info.offset[axis]
        assert cell == np.abs(centres - at[axis]).argmin()
    lab.look(pin=Pin(0, "pool3", 0, (1, 2)))
    assert cell_of(lab.document, key, info) == (1, 2)


def test_a_heads_stage_has_no_places_and_a_field_all_the_same(fields, lab, qtbot) -> None:
    lab.edit(lambda document: edits.with_spec(document, preset("lenet")), "Network")
    last = lab.document.networks[0].spec.stage_names[-1]
    fields.stage_chosen.emit((0, last))
    qtbot.waitUntil(lambda: fields.facts.text().startswith(last))
    assert "by arithmetic" not in fields.facts.text()


def test_a_hidden_field_leaves_the_canvas(fields, qtbot) -> None:
    heats: list[object] = []
    fields.overlay.click()
    qtbot.waitUntil(lambda: fields.heat is not None)
    fields.heat_changed.connect(heats.append)
    fields.parent().setCurrentIndex(0)
    assert heats[-1] is None
    assert fields.heat is None


# in the window


def test_actions_open_the_dock_at_its_tabs_and_the_definitions(window) -> None:
    for tab in ("curves", "map", "fields", "table"):
        window.actions_.run(f"measures.{tab}")
        assert window.host.open_dock_id() == "measures"
        assert window.docks.dock.content("measures").tabs.value == tab
    window.actions_.run("measures.meaning")
    assert window.docks.dock.content("measures").table.definitions.isVisible()


def test_the_effective_field_reaches_the_canvas_and_leaves_with_the_dock(window, qtbot) -> None:
    window.actions_.run("measures.fields")
    fields = window.docks.dock.content("measures").view("fields")
    fields.overlay.click()
    qtbot.waitUntil(lambda: window.canvas.heat is not None, timeout=20_000)
    assert window.canvas.heat.shape == window.lab.document.scene.size
    assert window.canvas.heat.max() == 1.0
    window.docks.dock.close_dock()
    assert window.canvas.heat is None


def test_a_window_closes_while_a_map_is_computed(window, qtbot) -> None:
    window.actions_.run("measures.map")
    view = window.docks.dock.content("measures").view("map")
    qtbot.waitUntil(lambda: view.runner.running, timeout=20_000)
    assert window.stop(20)
    assert not view.runner.running
