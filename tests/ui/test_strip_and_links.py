"""The strip's panels, and what hovering and pinning light."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from shiftlab.document import Pin
from shiftlab.network import geometry, presets
from shiftlab.ui.linking import NOTHING, lit_by_cell, lit_by_pixel
from shiftlab.ui.panel import Spot


def tile_point(panel, channel: int, cell: tuple[int, int]) -> QPoint:
    """The middle of a cell of a tile, in the panel's coordinates."""
    tile = panel.geometry_.tile(channel)
    box = panel.geometry_.cells(tile, (cell[0], cell[0]), (cell[1], cell[1]))
    return QPoint(round(box.centre[0]) - panel.x(), round(box.centre[1]) - panel.y())


def shown(window, qtbot) -> None:
    qtbot.waitUntil(lambda: window.bridge.worker.idle)
    qtbot.waitUntil(lambda: window.bridge.shown.request.document is window.lab.document)


def test_every_stage_has_a_panel_with_its_picture(window):
    names = window.lab.document.networks[0].spec.stage_names
    assert [key[1] for key in window.strip.panels] == list(names)
    for panel in window.strip.panels.values():
        assert panel.model.picture is not None
        assert not panel.model.loading


def test_before_the_first_answer_panels_say_that_torch_is_loading(make_window, backend, qtbot):
    backend.gate.clear()
    window = make_window()
    panel = window.strip.panels[0, "conv1"]
    assert panel.model.loading
    assert "torch is loading" in panel.accessibleDescription()
    assert not window.canvas.grab().isNull()


def test_only_what_is_in_view_is_asked_for(window, qtbot):
    window.commands.network.choose("vgg11")
    shown(window, qtbot)
    first = {request.key for request in window.bridge.shown.request.pictures}
    assert 0 < len(first) < len(window.strip.panels)
    window.strip.verticalScrollBar().setValue(window.strip.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: {request.key for request in window.bridge.shown.request.pictures} != first)
    last = window.lab.document.networks[0].spec.stage_names[-1]
    assert (0, last) in {request.key for request in window.bridge.shown.request.pictures}


def test_512_channels_scroll(window, qtbot):
    window.commands.network.choose("vgg11")
    shown(window, qtbot)
    key = next(
        key for key, panel in window.strip.panels.items() if panel.model.info.channels == 512 and panel.geometry_
    )
    window.strip.ensure_seen(key)
    qtbot.waitUntil(lambda: window.strip.panels[key].model.picture is not None)
    panel = window.strip.panels[key]
    assert panel.geometry_.layout.first == 0
    wheel(panel, tile_point(panel, 0, (0, 0)), -120)
    assert panel.geometry_.layout.first == panel.geometry_.layout.columns
    assert panel.geometry_.scroll_words.startswith(f"{panel.geometry_.layout.columns + 1}–")


def wheel(panel, point: QPoint, turn: int, keys=Qt.KeyboardModifier.NoModifier) -> None:
    event = QWheelEvent(
        QPointF(point), QPointF(panel.mapToGlobal(point)), QPoint(), QPoint(0, turn), Qt.MouseButton.NoButton, keys,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(panel, event)


def test_the_lines_above_begin_where_the_panels_do(window, qtbot):
    for width in (1440, 1400, 1280, 1920):
        window.resize(width, 900)
        left = min(panel.x() for panel in window.strip.panels.values())
        qtbot.waitUntil(lambda left=left: window.head.views.x() == left)
        assert window.sentence._margin == left


def test_ctrl_wheel_sets_the_tile(window):
    panel = window.strip.panels[0, "conv1"]
    assert window.strip.tile == 64
    wheel(panel, tile_point(panel, 0, (5, 5)), -120, Qt.KeyboardModifier.ControlModifier)
    assert window.lab.document.lenses.tile == 32
    assert window.head.tile.text() == "32 px"


def test_arrow_keys_move_the_pattern_after_a_click_on_a_map(window):
    panel = window.strip.panels[0, "conv1"]
    QTest.mouseClick(panel, Qt.MouseButton.LeftButton, pos=tile_point(panel, 1, (5, 5)))
    panel.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyClick(panel, key)
    assert window.lab.document.scene.placed[0].at == (33, 34)
    assert window.strip.verticalScrollBar().value() == 0


def test_a_stage_is_enlarged_collapsed_hidden_and_brought_back(window):
    panel = window.strip.panels[0, "pool1"]
    QTest.keyClick(panel, Qt.Key.Key_Return)
    assert list(window.strip.panels) == [(0, "pool1")]
    QTest.keyClick(window.strip.panels[0, "pool1"], Qt.Key.Key_Return)
    assert len(window.strip.panels) == 9
    window.lab.look(collapsed=frozenset({(0, "relu1")}), hidden=frozenset({(0, "conv2")}))
    assert window.strip.panels[0, "relu1"].chip
    assert (0, "conv2") not in window.strip.panels
    QTest.mouseClick(window.strip.panels[0, "relu1"], Qt.MouseButton.LeftButton)
    assert not window.strip.panels[0, "relu1"].chip
    window.actions_.run("view.show-all")
    assert len(window.strip.panels) == 9
    assert window.lab.store.undo_label is None


def test_a_hovered_cell_lights_its_field(window):
    panel = window.strip.panels[0, "pool2"]
    QTest.mouseMove(panel, tile_point(panel, 3, (6, 6)))
    assert window.canvas.field.label == "10 × 10 px"
    assert window.canvas.field.rows == ((21, 30),)
    assert {key[1] for key, one in window.strip.panels.items() if one.model.boxes} == {
        "conv1", "relu1", "pool1", "conv2", "relu2", "pool2",
    }  # fmt: skip
    assert {box.channel for box in window.strip.panels[0, "relu2"].model.boxes} == {3}
    assert {box.channel for box in window.strip.panels[0, "pool1"].model.boxes} == {None}
    QTest.mouseMove(panel, QPoint(4, 4))
    assert window.canvas.field is None


def test_a_click_pins_and_escape_lets_go(window, qtbot):
    panel = window.strip.panels[0, "pool2"]
    QTest.mouseClick(panel, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, tile_point(panel, 3, (6, 6)))
    assert window.lab.document.lenses.pin == Pin(0, "pool2", 3, (6, 6))
    assert window.lab.document.lenses.channels[0, "pool2"] == 3
    assert window.strip.panels[0, "pool2"].model.pinned
    assert window.host.open_dock_id() == "", "the click may become a double one"
    qtbot.waitUntil(lambda: window.host.open_dock_id() == "inspector")
    window.linked.hover_cell(None)
    assert window.canvas.field is not None
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.lab.document.lenses.pin is None
    assert window.canvas.field is None
    window.docks.toggle("inspector")
    panel = window.strip.panels[0, "pool2"]
    QTest.mouseClick(panel, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, tile_point(panel, 1, (2, 2)))
    qtbot.wait(QApplication.doubleClickInterval() + 50)
    assert window.host.open_dock_id() == "", "closed by hand, it stays closed"


def test_a_double_click_enlarges_the_panel_that_was_clicked(window, qtbot):
    panel = window.strip.panels[0, "relu2"]
    point = tile_point(panel, 1, (2, 2))
    QTest.mouseClick(panel, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
    QApplication.processEvents()
    assert window.strip.childAt(panel.mapTo(window.strip, point)) is panel, "it still lies under the pointer"
    QTest.mouseDClick(panel, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
    QTest.mouseRelease(panel, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
    assert window.lab.document.lenses.enlarged == (0, "relu2")
    qtbot.waitUntil(lambda: window.host.open_dock_id() == "inspector")
    window.docks.dock.dismiss()
    window.lab.look(enlarged=None)
    window._choose(Spot((0, "conv1"), 2, (5, 6)))
    assert not window.docks._inspect_soon.isActive(), "closed by its cross it stays closed too"


def test_the_inspector_shows_the_channel(window, qtbot):
    window._choose(Spot((0, "conv1"), 2, (5, 6)))
    qtbot.waitUntil(lambda: window.host.open_dock_id() == "inspector")
    inspector = window.docks.dock.content("inspector")
    qtbot.waitUntil(lambda: inspector.title.text() == "conv1, channel 3")
    assert inspector.kernel.isVisible()
    assert "64×64" in inspector.facts.text()
    window._choose(Spot((0, "pool1"), 0, (1, 1)))
    qtbot.waitUntil(lambda: inspector.title.text() == "pool1, channel 1")
    assert not inspector.kernel.isVisible()


def test_the_panel_that_is_inspected_stays_in_view(window, qtbot):
    window._choose(Spot((0, "pool3"), 1, (4, 5)))
    qtbot.waitUntil(lambda: window.host.open_dock_id() == "inspector")
    panel, view = window.strip.panels[0, "pool3"], window.strip.viewport()
    qtbot.waitUntil(
        lambda: view.rect().contains(panel.geometry().translated(0, -window.strip.verticalScrollBar().value()))
    )


def test_the_inspector_says_nothing_of_cells_beyond_the_map(window, qtbot):
    window._choose(Spot((0, "conv1"), 2, (5, 6)))
    qtbot.waitUntil(lambda: window.host.open_dock_id() == "inspector")
    inspector = window.docks.dock.content("inspector")
    qtbot.waitUntil(lambda: inspector.map.bottom.cells == 64)
    assert inspector.map.bottom.tickStrings([-10.0, 0.0, 60.0, 70.0], 1.0, 10.0) == ["", "0", "60", ""]
    assert inspector.histogram.bottom.tickStrings([-0.5, 0.5], 1.0, 0.5) == ["−0.5", "0.5"]


def test_a_channel_of_the_bank_is_called_by_what_it_answers_to(window, qtbot):
    panel = window.strip.panels[0, "conv1"]
    spot = Spot((0, "conv1"), 1, (5, 5))
    window.strip.hovered.emit(spot)
    assert "conv1, channel 2 (edge, lighter down), cell (5, 5)" in window.status._hover
    window.strip.hovered.emit(Spot((0, "conv2"), 1, (5, 5)))
    assert window.status._hover == "conv2, channel 2, cell (5, 5)"
    window.strip.chosen.emit(spot)
    window.docks.dock.open_dock("inspector")
    inspector = window.docks.dock.content("inspector")
    qtbot.waitUntil(lambda: inspector.kernel_title.text() == "Kernel: edge, lighter down")
    assert panel.model.selected_label == "edge, lighter down"


def test_the_measures_are_a_table_and_csv(window, qtbot):
    window.canvas.nudge(0, 3)
    window.docks.toggle("measures")
    table = window.docks.dock.content("measures").table
    qtbot.waitUntil(lambda: "phase" in table.csv)
    assert table.csv.splitlines()[0].startswith("name,kind,channels")
    assert len(table.csv.splitlines()) == 10


def test_a_hovered_pixel_lights_the_cells_that_see_it(window):
    point = window.canvas.view.centre((2, 60))
    QTest.mouseMove(window.canvas, QPoint(*map(round, point)))
    assert window.canvas.pixel == (2, 60)
    seeing = geometry.cells_seeing(window.lab.document.networks[0].spec, (64, 64), (2, 60))
    for name in ("conv1", "pool1", "pool3"):
        lit = np.zeros(seeing[name][0].shape[0:1] + seeing[name][1].shape[0:1], bool)
        for box in window.strip.panels[0, name].model.boxes:
            lit[box.rows[0] : box.rows[1] + 1, box.cols[0] : box.cols[1] + 1] = True
        assert (lit == np.outer(*seeing[name])).all()


@pytest.mark.parametrize("name", ["three-blocks", "seed", "lenet", "deep"])
def test_fields_by_cell_and_by_pixel_agree(document, name):
    import dataclasses

    from shiftlab.network.weights import Network

    spec = presets.preset(name)
    document = dataclasses.replace(document, networks=(Network(spec),))
    for info in geometry.stages(spec, (64, 64)):
        if info.stride is None:
            continue
        cell = (info.size[0] // 3, info.size[1] - 1)
        field = lit_by_cell(document, Spot((0, info.name), 0, cell)).field
        inside = (field.rows[0][0], field.cols[-1][-1])
        boxes = lit_by_pixel(document, inside).boxes[0, info.name]
        assert any(box.rows[0] <= cell[0] <= box.rows[1] and box.cols[0] <= cell[1] <= box.cols[1] for box in boxes), (
            info.name
        )


def test_a_pin_of_a_network_that_is_gone_lights_nothing(document):
    assert lit_by_cell(document, Spot((0, "conv99"), 0, (0, 0))) == NOTHING
    assert lit_by_cell(document, Spot((1, "conv1"), 0, (0, 0))) == NOTHING


def test_a_network_of_sixty_stages_has_a_map_of_dots(window, qtbot):
    from shiftlab.network.spec import Activation, Conv, NetworkSpec

    layers = tuple(
        layer for _ in range(30) for layer in (Conv(channels=2, padding=(1, 1), padding_mode="circular"), Activation())
    )
    assert not window.dots.isVisible()
    from shiftlab.ui import edits

    window.lab.edit(lambda document: edits.with_spec(document, NetworkSpec(name="sixty", layers=layers)), "Network")
    shown(window, qtbot)
    assert window.dots.isVisible()
    assert len(window.strip.panels) == 60
    last = window.strip.panels[0, "relu30"]
    bar = window.strip.verticalScrollBar()
    bar.setValue(0)
    places = window.dots._places()
    QTest.mouseClick(window.dots, Qt.MouseButton.LeftButton, pos=QPoint(*map(round, places[-1].centre)))
    assert window.strip._seen().intersects(last.geometry())
    window.commands.network.choose("seed")
    assert not window.dots.isVisible()
