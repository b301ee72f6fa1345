"""Transitions: what moves, how it ends, and when nothing does."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QProxyStyle, QStyle, QWidget

from shiftlab.ui import motion
from shiftlab.ui.motion import Growth, SlideIn, Transition
from shiftlab.ui.theme import DARK

LONG = 60_000


@pytest.fixture
def place(qtbot):
    made = QWidget()
    made.resize(200, 100)
    made.setStyleSheet("background: #ff0000")
    label = QLabel("words", made)
    label.resize(200, 100)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def over(place: QWidget) -> list[Transition]:
    return [one for one in place.findChildren(Transition) if not one.isHidden()]


def test_a_dock_comes_from_the_right_over_its_ground(place):
    slide = SlideIn(place, DARK.panel, LONG)
    slide._go(0.0)
    assert place.grab().toImage().pixelColor(100, 50) == QColor(DARK.panel)
    slide._go(0.5)
    seen = place.grab().toImage()
    assert seen.pixelColor(5, 90) == QColor(DARK.panel), "it has not come so far yet"
    assert seen.pixelColor(190, 90).red() > 100
    slide._go(1.0)
    assert place.grab().toImage().pixelColor(5, 90) == QColor("#ff0000")


def test_it_ends_by_itself(place, qtbot):
    SlideIn(place, DARK.panel, 40)
    assert over(place)
    qtbot.waitUntil(lambda: not place.findChildren(Transition))
    assert place.grab().toImage().pixelColor(5, 90) == QColor("#ff0000")


def test_a_press_a_key_or_another_size_end_it(place, qtbot):
    SlideIn(place, DARK.panel, LONG)
    QTest.mousePress(place, Qt.MouseButton.LeftButton)
    assert not over(place), "before the press has come to anything"
    QTest.mouseRelease(place, Qt.MouseButton.LeftButton)
    SlideIn(place, DARK.panel, LONG)
    QTest.keyClick(place, Qt.Key.Key_Right)
    assert not over(place)
    SlideIn(place, DARK.panel, LONG)
    place.resize(150, 100)
    assert not over(place)


def test_a_panel_that_grows_shows_what_it_has_reached(place):
    growth = Growth(place, QRect(0, 0, 40, 20), QRect(0, 0, 200, 100), DARK, LONG)
    growth._go(0.5)
    assert growth.place.width() == 120
    seen = place.grab().toImage()
    assert seen.pixelColor(110, 50) == QColor("#ff0000")
    assert seen.pixelColor(130, 50) == QColor(DARK.win)


def test_a_panel_that_shrinks_fades(place):
    growth = Growth(place, QRect(0, 0, 200, 100), QRect(0, 0, 40, 20), DARK, LONG)
    growth._go(0.5)
    seen = place.grab().toImage()
    assert seen.pixelColor(150, 90) == QColor("#ff0000"), "it has left this place"
    assert DARK.panel < seen.pixelColor(100, 30).name() < "#ff0000"


class Still(QProxyStyle):
    """The style of a desktop without animations."""

    def styleHint(self, hint, option=None, widget=None, data=None):
        if hint == QStyle.StyleHint.SH_Widget_Animation_Duration:
            return 0
        return super().styleHint(hint, option, widget, data)


def test_nothing_moves_where_a_person_or_the_desktop_wants_none(place, monkeypatch):
    assert not motion.wanted(place, False), "nobody looks here"
    monkeypatch.setattr(motion, "UNSEEN", ())
    assert motion.wanted(place, False)
    assert not motion.wanted(place, True)
    place.hide()
    assert not motion.wanted(place, False)
    place.show()
    style = Still("Fusion")
    # Not by `setStyle`: the widget would be left with a style that has gone.
    monkeypatch.setattr(place, "style", lambda: style)
    assert not motion.wanted(place, False)


def test_docks_and_enlarged_panels_move_unless_motion_is_reduced(window, settings, monkeypatch, qtbot):
    monkeypatch.setattr(motion, "UNSEEN", ())
    window.docks.toggle("bench")
    slide = next(iter(over(window.docks.dock)))
    assert slide.size() == window.docks.dock.size(), "the dock has its place already"
    window.docks.toggle("bench")
    window.lab.look(enlarged=(0, "relu2"))
    growth = next(one for one in over(window.strip.viewport()) if isinstance(one, Growth))
    assert growth._end.toRect() == window.strip.panels[0, "relu2"].geometry()
    assert growth._start.width() <= growth._end.width() / 2
    qtbot.waitUntil(lambda: not over(window.strip.viewport()) and not over(window.docks.dock))
    window.actions_.run("window.motion")
    assert settings.reduced_motion
    window.lab.look(enlarged=None)
    window.docks.toggle("bench")
    assert not over(window.strip.viewport())
    assert not over(window.docks.dock)
