"""The card and the list: going through a lesson, leaving it, and lessons of one's own."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QTextBrowser

from shiftlab.ui import edits
from shiftlab.ui.controls import FlatButton
from shiftlab.ui.lessons.rows import LessonRow
from shiftlab.ui.settings import Settings
from shiftlab.ui.theme import LIGHT

OWN = """---
title: Mine
about: Of my own.
---

## One

Text.

> Do it.

```state
to: 32, 36
```

```check
shift: at least 6
```

Done: moved by {shift}.

## Two

Text.

> Do that.

```state
border: zero
```

```check
view: left
```

Done: seen.
"""


@pytest.fixture
def own(tmp_path):
    folder = tmp_path / "lessons"
    folder.mkdir()
    path = folder / "mine.md"
    path.write_text(OWN, "utf-8")
    return path


@pytest.fixture
def opened(window, own):
    assert window.docks.lessons().open(own)
    return window


def click(button) -> None:
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def place(window) -> tuple[float, float]:
    return window.lab.document.scene.placed[0].at


def test_the_rail_and_h_open_the_list(window):
    click(window.docks.rail.buttons["lesson"])
    assert window.host.open_dock_id() == "lesson"
    rows = window.docks.lessons().rows
    assert list(rows)[:2] == ["move-the-cat", "does-relu-break-it"]
    assert len(rows) == 9
    assert not window.docks.card.isVisible()
    QTest.keyClick(window, Qt.Key.Key_H)
    assert window.host.open_dock_id() == ""


def test_a_step_sets_the_lab_as_one_undo_entry(opened):
    window, tutor = opened, opened.docks.tutor
    assert place(window) == (32, 36)
    assert window.lab.store.undo_label == "Mine, step 1"
    window.actions_.run("edit.undo")
    assert place(window) == (32, 32)
    assert tutor.lesson is not None
    click(window.docks.card.again)
    assert place(window) == (32, 36)


def test_a_shorter_lesson_may_follow_while_something_moves(opened, own):
    """It begins at its first step, and what the movement leaves is not noticed by one that it does not have."""
    window, tutor = opened, opened.docks.tutor
    window.actions_.run("lesson.forward")
    assert tutor.index == 1
    short = own.with_name("short.md")
    short.write_text(OWN[: OWN.index("## Two")], "utf-8")
    window.lab.begin()
    window.lab.during(lambda document: edits.placed_at(document, (40.0, 40.0)))
    assert window.docks.lessons().open(short)
    assert (tutor.index, tutor.seen) == (0, [""])
    assert place(window) == (32, 36)


def test_doing_it_is_noticed_and_told(opened):
    window, tutor, card = opened, opened.docks.tutor, opened.docks.card
    assert card.title.text() == "Lesson: Mine"
    assert card.count.text() == "1 of 2"
    assert card.text.words == "Text. Do it."
    assert not card.next.isEnabled()
    assert card.skip.isVisible()
    window.canvas.nudge(0, 1)
    assert not tutor.done
    window.canvas.nudge(0, 1)
    assert tutor.done
    assert card.seen.words == "Done: moved by (0, +6)."
    assert not card.skip.isVisible()
    assert card.progress.accessibleName() == "1 of 2 steps done"
    window.canvas.nudge(0, -6)
    assert tutor.done, "what was done stays done"
    click(card.next)
    assert card.count.text() == "2 of 2"
    assert card.next.text() == "Finish"
    assert window.lab.document.scene.border == "zero"
    assert place(window) == (32, 36)


def test_nothing_is_noticed_in_the_midst_of_a_drag(opened):
    window, tutor = opened, opened.docks.tutor
    view = window.canvas.view

    def point(col: float) -> QPoint:
        return QPoint(*map(round, view.centre((32, col))))

    QTest.mousePress(window.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point(36))
    QTest.mouseMove(window.canvas, point(45))
    assert place(window) == (32, 45)
    assert not tutor.done
    QTest.mouseRelease(window.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point(45))
    assert tutor.done


def test_a_skipped_step_is_not_done_and_the_lesson_not_finished(opened, settings):
    window, tutor, card = opened, opened.docks.tutor, opened.docks.card
    click(card.skip)
    assert tutor.index == 1
    assert card.progress.accessibleName() == "0 of 2 steps done"
    QTest.keyClick(window, Qt.Key.Key_4)
    assert tutor.done
    click(card.next)
    assert tutor.lesson is None
    assert settings.lessons == ()
    assert not window.docks.lessons().rows["mine"].finished


def test_back_and_keys_and_leaving(opened):
    window, tutor, card = opened, opened.docks.tutor, opened.docks.card
    assert not card.back.isEnabled()
    QTest.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert tutor.index == 1
    click(card.back)
    assert tutor.index == 0
    document = window.lab.document
    click(card.close_button)
    assert tutor.lesson is None
    assert not card.isVisible()
    assert window.lab.document is document
    assert not window.actions_["lesson.forward"].isEnabled()
    window.canvas.nudge(0, 8)
    assert tutor.seen == []


def test_the_card_stays_above_any_dock(opened):
    window, card = opened, opened.docks.card
    click(window.docks.rail.buttons["measures"])
    assert window.host.open_dock_id() == "measures"
    assert card.isVisible()
    assert card.y() < window.docks.dock.content("measures").mapTo(window.docks.dock, QPoint(0, 0)).y()
    window.docks.dock.close_dock()
    assert not card.isVisible()
    click(window.docks.rail.buttons["lesson"])
    assert card.isVisible()


def test_the_cross_of_the_card_stands_above_that_of_the_dock(opened):
    window = opened
    dock = window.docks.dock
    crosses = [
        one for one in dock.findChildren(FlatButton) if one.accessibleName() in ("Leave the lesson", "Close the dock")
    ]
    assert len({one.mapTo(dock, QPoint(one.width(), 0)).x() for one in crosses if one.isVisible()}) == 1
    assert len(crosses) == 2


def test_a_step_takes_sub_pixels_and_a_replay_back(opened):
    window = opened
    window.host.set_subpixel(True)
    window.canvas.nudge(0, 0.5)
    window.actions_.run("reference.jump")
    assert window.player.playing
    window.docks.tutor.again()
    assert not window.player.playing
    assert not window.host.subpixel()
    assert place(window) == (32, 36)


def test_a_check_that_holds_at_once_is_said_and_does_not_pass(window, own):
    own.write_text(OWN.replace("shift: at least 6", "shift: at least 4"), "utf-8")
    assert window.docks.lessons().open(own)
    window.docks.tutor.show_dock("lesson")
    assert not window.docks.tutor.done
    assert "line 17" in window.docks.card.seen.words
    assert "before anything is done" in window.docks.card.seen.words


def test_a_broken_lesson_is_refused_with_its_line(window, own, monkeypatch):
    own.write_text(OWN.replace("to: 32, 36", "too: 32, 36"), "utf-8")
    lessons = window.docks.lessons()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_given: (str(own), ""))
    click(lessons.open_button)
    assert lessons.complaint.words.startswith("mine.md, line 13: no setting is called 'too'")
    assert window.docks.tutor.lesson is None
    own.write_text(OWN, "utf-8")
    click(lessons.open_button)
    assert not lessons.complaint.isVisible()
    assert window.docks.tutor.lesson is not None


def test_a_pin_outside_its_map_is_refused_when_the_lesson_is_opened(window, own):
    own.write_text(OWN.replace("to: 32, 36", "pin: pool3 channel 0 at 20, 3"), "utf-8")
    lessons = window.docks.lessons()
    assert not lessons.open(own)
    assert "mine.md, line 6" in lessons.complaint.words
    assert "8×8 cells" in lessons.complaint.words


def test_own_lessons_are_listed_with_what_is_wrong_with_the_others(window, own, settings, make_window):
    (own.parent / "broken.md").write_text("no lesson", "utf-8")
    lessons = window.docks.lessons()
    lessons.open(own)
    rows = lessons.findChildren(LessonRow)
    broken = next(row for row in rows if row.accessibleName() == "broken.md")
    assert not broken.isEnabled()
    assert "line 1" in broken.toolTip()
    assert lessons.rows["mine"].present
    assert settings.lesson_folder == str(own.parent)
    again = make_window(settings=Settings(settings.path))
    assert "mine" in again.docks.lessons().rows


def test_what_was_finished_is_remembered(window, own, settings, make_window):
    lessons, tutor = window.docks.lessons(), window.docks.tutor
    lessons.open(own)
    window.canvas.nudge(0, 8)
    tutor.forward()
    QTest.keyClick(window, Qt.Key.Key_4)
    tutor.forward()
    assert lessons.rows["mine"].finished
    settings.sync()
    again = make_window(settings=Settings(settings.path))
    assert again.docks.lessons().rows["mine"].finished
    assert not again.docks.lessons().rows["move-the-cat"].finished


def test_rows_begin_lessons_by_mouse_and_by_key(window):
    lessons, tutor = window.docks.lessons(), window.docks.tutor
    click(lessons.rows["the-strides-grid"])
    assert tutor.lesson.key == "the-strides-grid"
    QTest.keyClick(lessons.rows["move-the-cat"], Qt.Key.Key_Return)
    assert tutor.lesson.key == "move-the-cat"
    assert lessons.rows["move-the-cat"].present
    assert not lessons.rows["the-strides-grid"].present


def test_arrow_keys_on_the_card_and_the_list_move_the_pattern(opened):
    window = opened
    for widget in (window.docks.card.again, window.docks.lessons().rows["mine"]):
        before = place(window)
        widget.setFocus()
        QTest.keyClick(widget, Qt.Key.Key_Down)
        assert place(window) == (before[0] + 1, before[1])


def test_every_part_follows_the_theme(opened):
    window = opened
    window.actions_.run("window.theme-light")
    card = window.docks.card
    for part in (card, card.text, card.seen, card.progress, card.next, *window.docks.lessons().rows.values()):
        assert part.theme is LIGHT


def test_the_manual_can_be_read_beside(window):
    lessons = window.docks.lessons()
    click(lessons.manual_button)
    manual = next(one for one in window.findChildren(QDialog) if one.windowTitle() == "How a lesson is written")
    assert manual.isVisible()
    text = manual.findChild(QTextBrowser).toPlainText()
    assert "no multiple of 2" in text
    assert "Press the right arrow key once." in text
    manual.close()


def test_a_step_opens_the_position_map_on_what_it_speaks_of(window, own):
    own.write_text(OWN.replace("border: zero", "network: gap-head\ndock: positions\nmap: margin"), "utf-8")
    assert window.docks.lessons().open(own)
    click(window.docks.card.skip)
    positions = window.docks.dock.content("positions")
    assert positions.isVisible()
    question = positions.question()
    assert (positions.quantity, question.tests) == ("margin", "canvas")


def test_a_lesson_says_itself_what_is_to_be_done(window, own):
    assert window.canvas.hint == "Drag the cat"
    assert window.docks.lessons().open(own)
    assert window.canvas.hint == ""
    window.docks.tutor.end()
    assert window.canvas.hint == "", "the lesson has moved it"
    window.actions_.run("reference.back")
    assert window.canvas.hint == "Drag the cat"
