"""Every lesson that comes with ShiftLab, walked through the real window with mouse and keys, torch computing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from shiftlab.engine.backend import Backend
from shiftlab.files.lessons import shipped
from tests.ui.lessons.hands import HANDS, PATIENCE, settle

KEYS = tuple(path.stem for path in shipped())


@pytest.fixture
def classroom(make_window, qtbot):
    """A window with a real backend, its lessons open."""
    window = make_window(make_backend=Backend)
    window.activateWindow()
    qtbot.waitUntil(lambda: window.bridge.shown is not None, timeout=PATIENCE)
    QTest.keyClick(window, Qt.Key.Key_H)
    assert window.host.open_dock_id() == "lesson"
    return window


def test_every_lesson_is_walked():
    assert set(HANDS) == set(KEYS)


# Menus: the screenless platform says that it has no windows to raise.
@pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing the keyboard)")
@pytest.mark.parametrize("key", KEYS)
def test_a_lesson_from_start_to_end(classroom, qtbot, settings, key):
    window = classroom
    docks, tutor = window.docks, window.docks.tutor
    card = window.docks.card
    QTest.mouseClick(docks.lessons().rows[key], Qt.MouseButton.LeftButton)
    lesson = tutor.lesson
    assert lesson is not None
    assert len(HANDS[key]) == len(lesson.steps)
    for index, (step, act) in enumerate(zip(lesson.steps, HANDS[key], strict=True)):
        settle(window, qtbot)
        assert tutor.step is step
        assert card.isVisible()
        assert card.count.text() == f"{index + 1} of {len(lesson.steps)}"
        assert not tutor.done, f"{step.title} is passed by doing nothing"
        assert not tutor.warning, tutor.warning
        assert not card.next.isEnabled()
        act(window, qtbot)
        qtbot.waitUntil(lambda: tutor.done, timeout=PATIENCE)
        words = tutor.seen[index]
        assert "not known" not in words
        assert "{" not in words
        assert words in card.seen.words
        QTest.mouseClick(card.next, Qt.MouseButton.LeftButton)
    assert tutor.lesson is None
    assert not card.isVisible()
    assert settings.lessons == (key,)
    assert window.host.open_dock_id() == "lesson", "the list comes back for the next one"
    assert docks.lessons().rows[key].finished
    assert not window.notice.text
