"""Themes, layout, actions and their palette."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from shiftlab.ui.actions import Action, Actions
from shiftlab.ui.appearance import Appearance
from shiftlab.ui.palette import Palette, matching, score
from shiftlab.ui.settings import Settings
from shiftlab.ui.theme import DARK, LIGHT


class System(QObject):
    """Stands for QStyleHints."""

    colorSchemeChanged = Signal(Qt.ColorScheme)


def test_the_theme_follows_the_system_and_the_switch(make_window, settings, qtbot):
    system = System()
    appearance = Appearance("system", Qt.ColorScheme.Dark)
    system.colorSchemeChanged.connect(appearance.system_changed)
    window = make_window(appearance=appearance)
    assert window.theme is DARK
    system.colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert window.theme is LIGHT
    assert window.canvas.theme is LIGHT
    assert all(panel.theme is LIGHT for panel in window.strip.panels.values())
    window.actions_.run("window.theme-dark")
    assert window.theme is DARK
    system.colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert window.theme is DARK
    assert Settings(settings.path).theme == "dark"
    window.actions_.run("window.theme-system")
    assert window.theme is LIGHT


def test_maps_are_asked_for_in_the_colours_of_the_theme(window, backend, qtbot):
    dark = window.bridge.shown.request.luts
    window.actions_.run("window.theme-light")
    qtbot.waitUntil(lambda: window.bridge.shown.request.luts is not dark)
    assert (window.bridge.shown.request.luts.sequential != dark.sequential).any()


def test_a_system_that_says_nothing_is_dark():
    assert Appearance("system", Qt.ColorScheme.Unknown).scheme == "dark"


def test_layout_is_remembered_and_restored(make_window, settings, qtbot):
    first = make_window()
    first.docks.dock.open_dock("measures")
    first.close()
    settings.sync()
    again = make_window(settings=Settings(settings.path))
    assert again.host.open_dock_id() == "measures"
    assert again.column.width() == 384
    again.lab.look(hidden=frozenset({(0, "pool1")}), tile=32)
    again.actions_.run("window.layout")
    assert again.host.open_dock_id() == ""
    assert again.column.width() == 448
    assert again.lab.document.lenses.hidden == frozenset()
    assert again.lab.document.lenses.tile is None


def test_broken_settings_count_as_none(tmp_path):
    path = tmp_path / "shiftlab.ini"
    path.write_text("[appearance]\ntheme=purple\n[files]\nrecent=@Invalid()\n[layout]\ngeometry=17\n")
    settings = Settings(path)
    assert settings.theme == "system"
    assert settings.recent == ()
    assert settings.geometry.isEmpty()


def test_every_action_has_words_and_keys_are_given_once(window):
    keys = {}
    for record in window.actions_.records.values():
        assert record.text
        assert record.tooltip or record.menu
        for key in record.keys:
            assert key not in keys, f"{key} is both {record.id} and {keys.get(key)}"
            keys[key] = record.id
    for needed in ("view.now", "edit.undo", "reference.set", "file.screenshot", "window.theme-light", "view.find"):
        assert needed in window.actions_.records


def test_every_control_has_a_name_and_a_tooltip(window):
    window.docks.dock.open_dock("inspector")
    window.docks.dock.open_dock("measures")
    bare = [
        widget
        for kind in (QAbstractButton, QLineEdit)
        for widget in window.findChildren(kind)
        if not (widget.accessibleName() or getattr(widget, "text", str)()) or not widget.toolTip()
    ]
    own = [widget for widget in bare if type(widget).__module__.startswith("shiftlab") or widget.objectName() == ""]
    assert [f"{type(one).__name__} {one.objectName()}" for one in own if "qt_" not in one.objectName()] == []


def test_f10_opens_the_menu(window, qtbot):
    opened = []
    window.toolbar.menu_button.clicked.disconnect()
    window.toolbar.menu_button.clicked.connect(lambda: opened.append("menu"))
    QTest.keyClick(window, Qt.Key.Key_F10)
    qtbot.waitUntil(lambda: opened == ["menu"])


def test_keys_switch_the_view(window):
    for key, view in (("2", "reference"), ("3", "changed"), ("4", "left"), ("1", "now")):
        QTest.keyClick(window, key)
        assert window.lab.document.lenses.view == view
        assert window.head.views.value == view


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_palette_finds_and_runs(window, qtbot):
    window.actions_.run("view.find")
    palette = window.findChild(Palette)
    QTest.keyClicks(palette.field, "what left")
    assert palette.list.currentItem().data(Qt.ItemDataRole.UserRole) == "view.left"
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert window.lab.document.lenses.view == "left"


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_palette_does_not_run_what_is_not_possible(window):
    window.actions_.run("view.find")
    palette = window.findChild(Palette)
    palette.field.setText("undo")
    ids = [palette.list.item(row).data(Qt.ItemDataRole.UserRole) for row in range(palette.list.count())]
    row = ids.index("edit.undo")
    assert not palette.list.item(row).flags() & Qt.ItemFlag.ItemIsEnabled
    palette.list.setCurrentRow(row)
    palette.run_current()
    assert palette.isVisible()
    palette.close()


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [("ref", "Set reference here", "Forget the path"), ("scr", "Screenshot", "Set reference here")],
)
def test_scores_prefer_beginnings_of_words(query, better, worse):
    assert score(query, better) > score(query, worse)


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_palette_is_no_higher_than_what_it_found(window):
    window.actions_.run("view.find")
    palette = window.findChild(Palette)
    whole = palette.height()
    palette.field.setText("fork")
    assert palette.list.currentItem().data(Qt.ItemDataRole.UserRole) == "network.ab"
    few = palette.height()
    assert few < whole / 2
    assert not palette.list.verticalScrollBar().isVisible()
    palette.field.setText("zzz")
    assert palette.list.count() == 1
    palette.run_current()
    assert palette.isVisible(), "there is nothing to run"
    palette.field.setText("")
    assert palette.height() == whole
    palette.close()


def test_an_empty_query_finds_everything_in_order():
    records = [Action(str(n), f"Action {n}", lambda: None) for n in range(5)]
    assert matching("", records) == records
    assert matching("zzz", records) == []


def test_actions_ask_their_predicates(qapp):
    host, on, done = QWidget(), [False], []
    actions = Actions([Action("a", "A", lambda: done.append(1), enabled=lambda: on[0])], host)
    assert not actions["a"].isEnabled()
    actions.run("a")
    assert done == []
    on[0] = True
    actions.refresh()
    actions["a"].trigger()
    assert done == [1]
    with pytest.raises(ValueError, match="unique"):
        Actions([Action("a", "A", lambda: None)] * 2, host)
    host.deleteLater()
