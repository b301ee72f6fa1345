"""More of what a person does in the whole application: lessons, own tasks, and other labs in the midst of it all."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from shiftlab.learn.plans import Opened, Outcome, Plan, Taught
from shiftlab.ui.training.learn import RealLearn
from shiftlab.ui.training.own import OwnPage
from tests.ui.faults.small_learn import SmallLearn
from tests.ui.faults.whole_app import NONE, PLACES, WholeApp, pump, until

LESSONS = ("move-the-cat", "the-corner", "a-pixel-or-two", "too-much-pooling", "what-padding-gives-away")


class OwnLearn(SmallLearn):
    """Own tasks are really trained; their steps are few."""

    def opened(self, plan: Plan) -> Opened:
        return RealLearn().opened(plan) if plan.experiment == "own" else super().opened(plan)

    def live(self, ready: Opened, since: Taught | None = None) -> Generator[Taught, None, Outcome]:
        return RealLearn().live(ready, since) if ready.plan.experiment == "own" else super().live(ready, since)


class WholeLab(WholeApp):
    """The same person, who takes lessons, trains own tasks, and opens sessions whatever is under way."""

    def open_window(self) -> None:
        super().open_window()
        self.shown.docks.course._learn = OwnLearn()

    def own_page(self) -> OwnPage:
        self.changed_networks()
        self.shown.docks.show_training("own")
        dock: Any = self.shown.docks.dock.content("training")
        return dock.own

    @rule(steps=st.integers(1, 9), wait=st.booleans())
    def train_own(self, steps: int, wait: bool) -> None:
        page, course = self.own_page(), self.shown.docks.course
        if page.isEnabled():
            page._want_settings({"steps": steps, "batch": 4})
        course.train()
        if wait:
            until(
                lambda: course.state != "opening" and (course.state != "running" or course.taught is not None),
                "the own task is trained",
            )

    @rule(
        places=st.lists(PLACES, min_size=1, max_size=3), leave=st.sampled_from(("release", "escape", "close", "load"))
    )
    def paint_places(self, places: list[tuple[int, int]], leave: str) -> None:
        page, canvas = self.own_page(), self.shown.canvas
        if not page.isVisible() or not page.isEnabled():
            return
        page.places.region.chosen.emit("painted")
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, NONE, self.point(places[0]))
        for place in places:
            at, button = QPointF(self.point(place)), Qt.MouseButton.LeftButton
            moved = (QEvent.Type.MouseMove, at, canvas.mapToGlobal(at), Qt.MouseButton.NoButton, button, NONE)
            QApplication.sendEvent(canvas, QMouseEvent(*moved))
        if leave == "close":
            self.close_window()
            self.open_window()
            return
        if leave == "escape":
            QTest.keyClick(canvas, Qt.Key.Key_Escape)
        elif leave == "load":
            self.open_the_saved()
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, NONE, self.point(places[-1]))
        self.run("tool.move")

    @rule(key=st.sampled_from(LESSONS), steps=st.integers(0, 3))
    def take_a_lesson(self, key: str, steps: int) -> None:
        self.changed_networks()
        self.shown.docks.lessons().start(key)
        for _ in range(steps):
            self.run("lesson.forward")
            pump()
        self.changed_networks()

    @rule(what=st.sampled_from(("lesson.forward", "lesson.back", "lesson.again", "lesson.end")))
    def go_in_the_lesson(self, what: str) -> None:
        self.changed_networks()
        self.run(what)
        pump()
        self.changed_networks()

    @rule(midst=st.sampled_from(("training", "own training", "replay", "recording")))
    def open_a_session(self, midst: str) -> None:
        """Nothing that went on in the lab before goes on in the one that is opened."""
        self.save()
        if midst == "training":
            self.train()
        elif midst == "own training":
            self.train_own(5, wait=True)
        else:
            self.run("path.play" if midst == "replay" else "path.record")
        pump()
        self.open_the_saved()

    def open_the_saved(self) -> None:
        if self.saved is not None:
            self.trained.clear()
            path, document = self.saved
            assert self.shown.filing.open(path)
            for _ in range(3):
                pump()
                assert self.document == document, "what was under way comes to stand in another lab"
            assert not self.shown.docks.course.busy
            assert not self.shown.player.playing
