"""The docks there are, what they are given, and the rail that opens them."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from shiftlab.document import Document, StageKey
from shiftlab.engine.requests import Inspect
from shiftlab.learn.shipped import seen_by
from shiftlab.ui.dock import Dock
from shiftlab.ui.lab import Lab
from shiftlab.ui.rail import DockEntry, Rail
from shiftlab.ui.regiontool import RegionTool
from shiftlab.ui.settings import Settings
from shiftlab.ui.theme import Theme

if TYPE_CHECKING:
    from shiftlab.engine.messages import Snapshot
    from shiftlab.measure.positions import Quantity
    from shiftlab.ui.bench.bench import Bench
    from shiftlab.ui.inspector import Inspector
    from shiftlab.ui.lessons.beside import LessonBeside
    from shiftlab.ui.lessons.card import LessonCard
    from shiftlab.ui.lessons.dock import LessonsDock
    from shiftlab.ui.lessons.tutor import Tutor
    from shiftlab.ui.measuring.dock import MeasuresDock
    from shiftlab.ui.positions.dock import PositionDock
    from shiftlab.ui.reading import Reading
    from shiftlab.ui.training.course import Course
    from shiftlab.ui.training.dock import TrainingDock

LESSON = DockEntry("lesson", "Lessons", "lesson", "Lessons: short, one thing at a time  (H)")
BENCH = DockEntry("bench", "Bench", "bench", "Bench: change the network  (L)")
INSPECTOR = DockEntry("inspector", "Inspector", "inspector", "Inspector: one channel large  (I)")
POSITIONS = DockEntry("positions", "Position map", "position-map", "Position map: where may it stand?  (O)")
TRAINING = DockEntry("training", "Training", "training", "Training: experiments that learn as you watch  (U)")
MEASURES = DockEntry("measures", "Measures", "measures", "Measures: table, curves, map, receptive fields  (M)")


class Docks(QObject):
    """Makes each dock when it is first opened, and keeps it in step.

    Signals
    -------
    inspected_changed : the channels whose values are wanted, a tuple of Inspect
    opened_changed : the id of the open dock, '' for none
    refused : one line
    trained_changed : the box, or the pixels, of the canvas that network A's training has seen, or None
    lesson_changed : what is to be shown of the lesson is other than before
    lesson_entering : a step is about to set the lab: whatever moves has to stop
    heat_changed : an effective field to be laid over the canvas, (H, W) in [0, 1], or None
    """

    lesson_changed = Signal()
    lesson_entering = Signal()
    heat_changed = Signal(object)
    trained_changed = Signal(object)
    inspected_changed = Signal(object)
    opened_changed = Signal(str)
    refused = Signal(str)

    def __init__(self, lab: Lab, theme: Callable[[], Theme], parent: QWidget, settings: Settings | None = None) -> None:
        super().__init__(parent)
        self._lab, self._theme, self._settings = lab, theme, settings
        self._snapshot: Snapshot | None = None
        self._reading: Reading | None = None
        self._chosen: StageKey | None = None
        self._dismissed = False
        # A dock that opened between the two clicks of a double one would put another panel under the pointer.
        self._inspect_soon = QTimer(self)
        self._inspect_soon.setSingleShot(True)
        self._inspect_soon.timeout.connect(self._open_inspector)
        self.region = RegionTool(self)
        lab.taking.connect(self.region.take_back)
        entries = {
            "lesson": (LESSON, self._make_lessons),
            "bench": (BENCH, self._make_bench),
            "inspector": (INSPECTOR, self._make_inspector),
            "measures": (MEASURES, self._make_measures),
            "positions": (POSITIONS, self._make_positions),
            "training": (TRAINING, self._make_training),
        }
        self.dock = Dock(entries, parent)
        self.rail = Rail((LESSON, BENCH, INSPECTOR, MEASURES, POSITIONS, TRAINING), parent)
        self.rail.pressed.connect(self.toggle)
        self.dock.opened_changed.connect(self._opened)
        self.dock.dismissed.connect(self._note_dismissed)

    @cached_property
    def course(self) -> Course:
        """The training; made when it is first wanted."""
        from shiftlab.ui.training.course import Course

        made = Course(self._lab, parent=self)
        made.refused.connect(self.refused)
        made.changed.connect(self._show_trained)
        made.changed.connect(self._settle_lesson)
        return made

    @cached_property
    def _lesson(self) -> LessonBeside:
        """Made when a lesson is first wanted, with what the lab shows by then."""
        from shiftlab.ui.lessons.beside import LessonBeside

        made = LessonBeside(self._lab, self.dock, lambda: self.course, self)
        made.tutor.map_wanted.connect(self._show_map)
        made.tutor.changed.connect(self.lesson_changed)
        made.tutor.entering.connect(self.lesson_entering)
        made.tutor.show_dock(self._shown())
        if self._snapshot is not None:
            made.tutor.show_snapshot(self._snapshot)
        return made

    @property
    def tutor(self) -> Tutor:
        """The lesson that is under way, if one is."""
        return self._lesson.tutor

    @property
    def card(self) -> LessonCard:
        """What shows the lesson, above whatever dock is open."""
        return self._lesson.card

    def _made(self, part: str) -> bool:
        """Whether a part that is made when it is first wanted has been."""
        return part in vars(self)

    def end_training(self) -> None:
        """End a run that is under way."""
        if self._made("course"):
            self.course.cancel()

    @property
    def lesson_under_way(self) -> bool:
        return self._made("_lesson") and self.tutor.lesson is not None

    @property
    def chosen(self) -> StageKey | None:
        """The stage whose channel is inspected."""
        return self._chosen

    def toggle(self, identity: str) -> None:
        if self.dock.open_id == identity:
            self.dock.dismiss()
        else:
            self.dock.open_dock(identity)

    def _note_dismissed(self, identity: str) -> None:
        self._dismissed = identity == "inspector"

    def show_measures(self, tab: str) -> None:
        """Open the measures at one of their tabs, or at what the figures mean."""
        self.dock.open_dock("measures")
        measures = self._measures()
        assert measures is not None
        measures.show_tab(tab)

    def show_training(self, page: str) -> None:
        """Open the training at one of its pages: an experiment, or 'own', the network of the lab."""
        self.dock.open_dock("training")
        training = self._training()
        assert training is not None
        training.show_page(page)

    def choose(self, key: StageKey) -> None:
        """A channel of this stage was clicked: inspect it, unless the inspector was closed by hand.

        The inspector opens when the click can no longer become a double one.
        """
        self._chosen = key
        if (measures := self._measures()) is not None:
            measures.choose(key)
        if not self.dock.open_id and not self._dismissed:
            self._inspect_soon.start(QApplication.doubleClickInterval())
        self._ask()

    def _open_inspector(self) -> None:
        if not self.dock.open_id and self._chosen is not None:
            self.dock.open_dock("inspector")

    def _show_trained(self) -> None:
        if self._made("course"):
            self.trained_changed.emit(self.course.seen)
        else:
            document = self._lab.document
            self.trained_changed.emit(seen_by(document.networks[0], document.scene.size))

    def show_document(self, document: Document) -> None:
        self._show_trained()
        names = [(index, name) for index, one in enumerate(document.networks) for name in one.spec.stage_names]
        if self._chosen not in names:
            self._chosen = None
        if (measures := self._measures()) is not None:
            measures.show_document(document)
        if (training := self._training()) is not None and self.dock.open_id == "training":
            training.show_document(document)
        if (positions := self._positions()) is not None and self.dock.open_id == "positions":
            positions.show_document(document)
        self._ask()
        self._fill()

    def close(self, timeout: float) -> bool:
        """Stop what the docks compute; whether it has ended in time."""
        self._inspect_soon.stop()
        closes: list[Callable[[float], bool]] = [self.course.close] if self._made("course") else []
        closes += [one.close_jobs for one in (self._positions(), self._measures()) if one is not None]
        until = time.monotonic() + timeout
        ended = [close(max(until - time.monotonic(), 0.0)) for close in closes]
        return all(ended)

    def show_snapshot(self, snapshot: Snapshot, reading: Reading) -> None:
        self._snapshot, self._reading = snapshot, reading
        if self._made("_lesson"):
            self.tutor.show_snapshot(snapshot)
        self._fill()

    def set_theme(self, theme: Theme) -> None:
        if (inspector := self._inspector()) is not None:
            inspector.set_look(theme)
            self._fill()

    def wanted(self) -> tuple[Inspect, ...]:
        """What the inspector or the bench needs."""
        key = self._chosen
        if self.dock.open_id == "bench" and (bench := self._bench()) is not None:
            return bench.inspected
        if self.dock.open_id != "inspector" or key is None:
            return ()
        return (Inspect(key, self._lab.document.lenses.channels.get(key, 0)),)

    def _ask(self) -> None:
        self.inspected_changed.emit(self.wanted())

    def _opened(self, identity: str) -> None:
        self.rail.show_open(identity)
        self._tell_tutor()
        self._dismissed &= identity != "inspector"
        if identity == "inspector" and self._chosen is None:
            pin = self._lab.document.lenses.pin
            self._chosen = (pin.network, pin.stage) if pin is not None else self._first_stage()
        self._ask()
        self._fill()
        self.opened_changed.emit(identity)

    def _first_stage(self) -> StageKey | None:
        names = self._lab.document.networks[0].spec.stage_names
        return (0, names[0]) if names else None

    def lessons(self) -> LessonsDock:
        """The list of lessons, opened."""
        self.dock.open_dock("lesson")
        return cast("LessonsDock", self.dock.content("lesson"))

    def _shown(self) -> str:
        """Which dock is open, and of the measures which tab: 'measures fields'."""
        measures = self._measures() if self.dock.open_id == "measures" else None
        tab = "" if measures is None else f" {measures.tabs.value}"
        return f"{self.dock.open_id}{tab}"

    def _tell_tutor(self) -> None:
        if self._made("_lesson"):
            self.tutor.show_dock(self._shown())

    def _show_map(self, shown: str) -> None:
        if (positions := self._positions()) is not None:
            positions.show_quantity("to_reference" if shown == "consistency" else cast("Quantity", shown))

    def _settle_lesson(self) -> None:
        if self._made("_lesson"):
            self._lesson.settle()

    def _fill(self) -> None:
        """Give the open dock what is known of the maps."""
        snapshot, reading, shown = self._snapshot, self._reading, self.dock.open_id
        if snapshot is None or reading is None:
            return
        if shown == "measures" and (measures := self._measures()) is not None:
            known = [
                tuple(reading.measures[index, one.name] for one in side.measures)
                for index, side in enumerate(snapshot.sides)
            ]
            measures.show_sides(snapshot.sides, known)
        elif shown == "bench" and (bench := self._bench()) is not None:
            bench.show_snapshot(snapshot)
        elif shown == "positions" and (positions := self._positions()) is not None:
            positions.set_ready()
        elif shown == "inspector" and (inspector := self._inspector()) is not None:
            inspector.show_snapshot(snapshot, self.wanted(), self._lab.document.lenses)

    # each dock: how it is made, and it itself once it was

    def _make_lessons(self) -> QWidget:
        from shiftlab.ui.lessons.dock import LessonsDock

        return LessonsDock(self.tutor, self._settings)

    def _make_inspector(self) -> QWidget:
        from shiftlab.ui.inspector import Inspector  # late: pyqtgraph takes a while to import

        return Inspector(self._theme())

    def _inspector(self) -> Inspector | None:
        return cast("Inspector | None", self.dock.content("inspector"))

    def _make_bench(self) -> QWidget:
        from shiftlab.ui.bench.bench import Bench

        bench = Bench(self._lab)
        bench.inspected_wanted.connect(lambda _wanted: self._ask())
        return bench

    def _bench(self) -> Bench | None:
        return cast("Bench | None", self.dock.content("bench"))

    def _make_measures(self) -> QWidget:
        from shiftlab.ui.measuring.dock import MeasuresDock

        made = MeasuresDock(self._lab)
        made.save_wanted.connect(self._save_table)
        made.stack.currentChanged.connect(lambda _index: self._tell_tutor())
        made.heat_changed.connect(self.heat_changed)
        if self._chosen is not None:
            made.choose(self._chosen)
        return made

    def _make_positions(self) -> QWidget:
        from shiftlab.ui.positions.dock import PositionDock

        return PositionDock(self._lab, self.course)

    def _positions(self) -> PositionDock | None:
        return cast("PositionDock | None", self.dock.content("positions"))

    def _make_training(self) -> QWidget:
        from shiftlab.ui.training.dock import TrainingDock  # late: pyqtgraph takes a while to import

        return TrainingDock(self.course, self._lab, self.region)

    def _training(self) -> TrainingDock | None:
        return cast("TrainingDock | None", self.dock.content("training"))

    def _measures(self) -> MeasuresDock | None:
        return cast("MeasuresDock | None", self.dock.content("measures"))

    def _save_table(self, proposed: str, text: str) -> None:
        from shiftlab.ui.measuring.saving import save_table

        if complaint := save_table(self.dock, proposed, text):
            self.refused.emit(complaint)
