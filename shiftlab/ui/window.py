"""The window: it puts the parts together and passes on what they say."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QMenu, QVBoxLayout, QWidget

from shiftlab.document import Document, StageKey
from shiftlab.engine.loading import load_backend
from shiftlab.ui import edits, icons
from shiftlab.ui.actions import Actions
from shiftlab.ui.appearance import Appearance
from shiftlab.ui.bridge import Bridge
from shiftlab.ui.column import Column
from shiftlab.ui.commands.records import Commands
from shiftlab.ui.docks import Docks
from shiftlab.ui.dotmap import DotMap
from shiftlab.ui.figure.chip import State
from shiftlab.ui.filing import Filing
from shiftlab.ui.frames import FrameMeter
from shiftlab.ui.head import StripHead
from shiftlab.ui.host import SIZE, Host
from shiftlab.ui.lab import Lab
from shiftlab.ui.later import Later
from shiftlab.ui.linked import Linked
from shiftlab.ui.naming import channel_label
from shiftlab.ui.notice import NoticeLine
from shiftlab.ui.pace import Pace
from shiftlab.ui.panel import Spot, spot_words
from shiftlab.ui.player import Player
from shiftlab.ui.sentence import SentenceLine
from shiftlab.ui.settings import Settings
from shiftlab.ui.status import StatusBar
from shiftlab.ui.strip import Strip
from shiftlab.ui.stylesheet import stylesheet
from shiftlab.ui.theme import THEMES, Theme, luts, palette
from shiftlab.ui.themed import apply_theme
from shiftlab.ui.toolbar import Toolbar

if TYPE_CHECKING:
    from shiftlab.engine.messages import Failure, Inspect, Snapshot
    from shiftlab.engine.worker import Compute
    from shiftlab.ui.linking import Lit
    from shiftlab.ui.reading import Reading
    from shiftlab.ui.screenshot import Shots

log = logging.getLogger("shiftlab.window")
LEAST = QSize(1024, 600)
FRAME = QSize(4, 36)
"""What the window manager's frame may take of the screen."""
NUDGES = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}
FINE = 0.1
PAUSE = 100
"""Milliseconds after which, during a drag, all is brought up to date that need not be so in every frame."""


class Window(QMainWindow):
    """The one window.

    Attributes
    ----------
    lab, bridge, actions_, canvas, strip, host : what is tested and driven from outside
    later : what is done once the window has been painted

    Signals
    -------
    reported : an exception that nobody caught, as one line and its traceback; may be emitted on any thread
    """

    reported = Signal(str, str)

    def __init__(
        self,
        document: Document,
        settings: Settings,
        appearance: Appearance,
        make_backend: Callable[[], Compute] = load_backend,
    ) -> None:
        super().__init__()
        self.setObjectName("window")
        self._settings, self._appearance = settings, appearance
        self.theme: Theme = THEMES[appearance.scheme]
        # Before there are widgets: afterwards each of them would be told.
        self._dress_application()
        self._reading: tuple[Snapshot, Reading] | None = None
        self._meter, self._frame_due = FrameMeter(), False
        self._speed = Pace(self._show_speed, PAUSE, self)
        self._rest = Pace(lambda: self._show_all(self.lab.document, self.lab.document), PAUSE, self, at_once=False)
        self._on_close: Callable[[], bool] = lambda: True
        # Queued: Qt reports an exception from within the event that raised it, where no widget may be made.
        self.reported.connect(self.report, Qt.ConnectionType.QueuedConnection)
        self.lab = Lab(document, self)
        self.player = Player(self.lab)
        self.filing = Filing(self.lab, settings, self)
        self._make_backend = make_backend
        self.host = Host(self, settings, appearance)
        self.commands = Commands(self.lab, self.player, self.filing, self.host)
        self.docks = Docks(self.lab, lambda: self.theme, self, settings)
        self.actions_ = Actions(
            self.commands.first_records(),
            self,
            lambda name: icons.themed_icon(name, self.theme),
            self.commands.records,
        )
        self.linked = Linked(self.lab)
        self._build()
        self._connect()
        # After the connections above, so that what is in view is known before a request is posted.
        self.bridge = Bridge(self.lab, make_backend)
        self._connect_bridge()
        self.later = Later(self)
        self.later.add(self.actions_.complete, _load_reading)
        # Last: while the system loads torch's libraries, no other library could be loaded here without waiting.
        self.later.done.connect(self.bridge.start)
        self._apply_theme()
        self._show_document(document, document)
        self._show_title()
        self.host.set_tool("move")
        self._restore_layout()
        self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _build(self) -> None:
        self.toolbar = Toolbar(self.actions_)
        self.column = Column(self.lab, self.player, self.actions_)
        self.canvas = self.column.canvas
        self.head = StripHead(self.actions_)
        self.sentence = SentenceLine()
        self.notice = NoticeLine()
        self.strip = Strip()
        self.dots = DotMap()
        self.status = StatusBar()
        middle = QVBoxLayout()
        middle.setSpacing(0)
        for widget in (self.head, self.sentence, self.notice):
            middle.addWidget(widget)
        maps = QHBoxLayout()
        maps.setSpacing(0)
        maps.addWidget(self.strip, 1)
        maps.addWidget(self.dots)
        middle.addLayout(maps, 1)
        across = QHBoxLayout()
        across.setSpacing(0)
        across.addWidget(self.column)
        across.addLayout(middle, 1)
        across.addWidget(self.docks.dock)
        across.addWidget(self.docks.rail)
        central = QWidget()
        self._down = down = QVBoxLayout(central)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(0)
        down.addWidget(self.toolbar)
        down.addLayout(across, 1)
        down.addWidget(self.status)
        self.setCentralWidget(central)
        self.setMinimumSize(LEAST)
        self.setAcceptDrops(True)
        self.status.show_loading(True)
        self._invite()

    def _connect(self) -> None:
        lab, canvas, strip = self.lab, self.canvas, self.strip
        lab.changed.connect(self._show_document)
        lab.refused.connect(self._refuse)
        self.player.state_changed.connect(self.actions_.refresh)
        lab.gesture_changed.connect(self._gesture_changed)
        self.toolbar.network.chosen.connect(self.commands.network.choose)
        self.toolbar.pattern.chosen.connect(self.commands.scene.choose_pattern)
        self.column.add.clicked.connect(lambda: self.actions_.run("scene.add-cat"))
        self.column.menu_wanted.connect(self._canvas_menu)
        self.column.fields.subpixel_changed.connect(self.host.note_subpixel)
        canvas.menu_wanted.connect(self._canvas_menu)
        canvas.grabbed.connect(self.player.pause)
        canvas.dragged.connect(self._note_dragged)
        canvas.hovered.connect(self.linked.hover_pixel)
        canvas.clicked.connect(self.linked.pin_pixel)
        strip.hovered.connect(self._hover)
        strip.chosen.connect(self._choose)
        strip.expand_wanted.connect(self._expand)
        strip.menu_wanted.connect(self._stage_menu)
        strip.tile_stepped.connect(self.commands.view.step_tile)
        strip.tile_changed.connect(self._note_tile)
        strip.grown.connect(self._grow)
        for line in (self.head, self.sentence, self.notice):
            strip.margin_changed.connect(line.set_margin)
        strip.painted.connect(self._painted)
        strip.overview_changed.connect(self._show_overview)
        self.dots.chosen.connect(strip.ensure_seen)
        self.head.scope_chosen.connect(lambda scope: lab.look(scope=scope))
        self.head.tile_chosen.connect(lambda tile: lab.look(tile=tile))
        self.linked.changed.connect(self._show_lit)
        self.docks.opened_changed.connect(self._dock_changed)
        self.docks.lesson_entering.connect(self._make_room)
        self.docks.lesson_changed.connect(self.actions_.refresh)
        self.docks.lesson_changed.connect(self._invite)
        self.docks.region.active_changed.connect(self._invite)
        self.docks.heat_changed.connect(canvas.set_heat)
        self.docks.trained_changed.connect(canvas.set_trained)
        self.docks.region.work_on(canvas)
        for source in (self.filing, self.docks):
            source.refused.connect(self._refuse)
        self.filing.said.connect(self.say)
        self.filing.path_changed.connect(self._show_title)
        self._appearance.changed.connect(self._scheme_changed)

    def _connect_bridge(self) -> None:
        bridge = self.bridge
        self.strip.in_view.connect(lambda pictures: bridge.want(pictures=pictures))
        self.docks.inspected_changed.connect(lambda _wanted: self._want_inspected())
        bridge.snapshot_ready.connect(self._show_snapshot)
        bridge.failed.connect(self._show_failure)
        bridge.loading_changed.connect(self._show_loading)

    # what is shown

    def _show_document(self, document: Document, before: Document) -> None:
        moved = document.lenses is before.lenses and document.networks is before.networks
        if moved and document is not before and document.scene.size == before.scene.size:
            # What is in view stays: the worker can begin while the window is brought up to date.
            self.bridge.post()
            if self.lab.gesture:
                self.column.show_moved(document)
                if self.docks.dock.open_id:
                    self.docks.show_document(document)
                self._rest.ask()
                return
        self._show_all(document, before)

    def _show_all(self, document: Document, before: Document) -> None:
        stages = edits.stages_of(document)
        self.column.show_document(document, stages[0])
        self.toolbar.show_document(document)
        self.strip.show_document(document, stages)
        self.head.show_document(document, self.strip.tile)
        self.docks.show_document(document)
        self.status.show_document(document)
        self._show_pin()
        if document.networks != before.networks or not all(stages):
            self._reading = None
        if not self.lab.gesture:
            self.actions_.refresh()
        self._show_title()

    def _gesture_changed(self, active: bool) -> None:
        if not active:
            self._rest.settle()
        self.actions_.refresh()

    def _show_snapshot(self, snapshot: Snapshot) -> None:
        from shiftlab.ui.reading import reading_of  # late: before the first answer nothing is read

        reading = reading_of(snapshot, self._reading)
        # New weights of a training, or another view, are no frames of a movement.
        before = self._reading
        self._frame_due |= (
            before is not None and snapshot.request.document.scene is not before[0].request.document.scene
        )
        self._reading = (snapshot, reading)
        self.strip.show_snapshot(snapshot, reading)
        self.sentence.show_sentence(reading.sentence)
        self.column.show_heads([side.head for side in snapshot.sides], dragged=snapshot.request.frozen is not None)
        self.docks.show_snapshot(snapshot, reading)
        self._show_pin()
        self._speed.ask()
        self.notice.dismiss("failure")

    def _want_inspected(self) -> None:
        """Ask for the values of what is inspected and of what is pinned."""
        held = self._inspections()
        self.bridge.want(inspected=tuple(dict.fromkeys((*self.docks.wanted(), *held))))

    def _inspections(self) -> tuple[Inspect, ...]:
        """What is needed to show the pinned cell."""
        document = self.lab.document
        if document.lenses.pin is None:
            return ()
        from shiftlab.ui.figure.probe import inspections  # late, as it is below: at first nothing is pinned

        return inspections(document)

    def _show_pin(self) -> None:
        document, model = self.lab.document, None
        held = bool(self._inspections())
        if not held and not self.column.pinned:
            return
        if held and self._reading is not None:
            from shiftlab.ui.figure.probe import probe_model

            pin = self.column.pin
            model = probe_model(document, self._reading[0], luts(self.theme), self.devicePixelRatioF(), pin.tile)
        self.column.show_pin(held, model)

    def _show_speed(self) -> None:
        if self._reading is not None:
            snapshot = self._reading[0]
            how = "windowed forward" if all(side.windowed for side in snapshot.sides) else "full forward"
            notes = [how, *(side.note for side in snapshot.sides if side.note)]
            self.status.show_speed((snapshot.forward_seconds,), self._meter.rate, "; ".join(notes))

    def _show_failure(self, failure: Failure) -> None:
        self.strip.show_stale()
        offers = (("Try again", self.bridge.again), ("Details", lambda: self._details(failure.traceback)))
        self.notice.say(failure.message, kind="failure", offers=offers)

    def _show_loading(self, loading: bool) -> None:
        self.status.show_loading(loading)
        self.strip.show_loading(loading)

    def _show_lit(self, lit: Lit) -> None:
        self.strip.show_lit(lit)
        self.canvas.set_field(lit.field, lit.pixel)

    def _show_overview(
        self, stages: tuple[tuple[StageKey, State], ...], seen: frozenset[StageKey], first: StageKey | None
    ) -> None:
        self.dots.setVisible(bool(stages))
        self.dots.show_stages(stages, seen, first)

    def _show_title(self) -> None:
        name = self.filing.path.stem if self.filing.path is not None else ""
        mark = "*" if name and self.filing.modified else ""
        title = f"{name}{mark} – ShiftLab" if name else "ShiftLab"
        if title != self.windowTitle():
            self.setWindowTitle(title)

    def say(self, line: str) -> None:
        """Tell something that is no fault."""
        self.notice.say(line, kind="said", error=False)
        QTimer.singleShot(4000, self, lambda: self.notice.dismiss("said"))

    def _refuse(self, line: str) -> None:
        self.notice.say(line, kind="refused")

    @cached_property
    def shots(self) -> Shots:
        """What takes pictures; made when the first is wanted."""
        from shiftlab.ui.screenshot import Shots  # late: the composed figure brings much along

        made = Shots(lambda: self.lab.document, lambda: self.theme, self, self._make_backend)
        made.refused.connect(self._refuse)
        made.said.connect(self.say)
        return made

    def report(self, line: str, details: str) -> None:
        """Tell of an exception that nobody caught."""
        self.notice.say(line, kind="exception", offers=(("Details", lambda: self._details(details)),))

    def show_text(self, title: str, text: str) -> None:
        """Show a long text, to be read and copied."""
        from shiftlab.ui.details import show_details

        show_details(self, title, text)

    def _details(self, text: str) -> None:
        self.show_text("What went wrong", text)

    def _painted(self) -> None:
        if self._frame_due:
            self._frame_due = False
            self._meter.tick()
            self._speed.ask()

    # what the parts want

    def _hover(self, spot: Spot | None) -> None:
        self.linked.hover_cell(spot)
        if spot is None:
            self.status.show_hover("")
            return
        side, stage = spot.key
        label = channel_label(self.lab.document.networks[side], stage, spot.channel)
        self.status.show_hover(spot_words(spot, label))

    def _choose(self, spot: Spot) -> None:
        channels = {**self.lab.document.lenses.channels, spot.key: spot.channel}
        self.lab.look(channels=channels)
        self.linked.pin_cell(spot)
        self.docks.choose(spot.key)

    def _expand(self, key: StageKey) -> None:
        from shiftlab.ui.stripmenu import expand

        panel = self.strip.panels.get(key)
        expand(self.lab, key, panel is not None and panel.chip)

    def _stage_menu(self, key: StageKey, point: QPoint) -> None:
        from shiftlab.ui.stripmenu import stage_menu

        panel = self.strip.panels.get(key)
        menu = stage_menu(self.lab, key, panel is not None and panel.chip, self)
        menu.addSeparator()
        menu.addAction(self.actions_.shown("measures.meaning"))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(point)

    def _canvas_menu(self, point: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.actions_.fill(menu, "Scene")
        menu.addSeparator()
        for name in ("edit.paste", "edit.delete", "view.zoom-in", "view.zoom-out", "view.zoom-fit"):
            menu.addAction(self.actions_.shown(name))
        menu.popup(point)

    def _note_tile(self, tile: int | None) -> None:
        self.commands.view.note_tile(tile)
        self.head.show_document(self.lab.document, tile)

    def _invite(self) -> None:
        """Invite to a first drag; a lesson says itself what is to be done, and a brush in hand drags nothing."""
        wanted = not self._settings.dragged and not self.docks.lesson_under_way
        self.canvas.set_inviting(wanted and not self.docks.region.active)

    def _note_dragged(self) -> None:
        if not self._settings.dragged:
            self._settings.dragged = True
        self.canvas.set_inviting(False)

    def _make_room(self) -> None:
        """A lesson is about to set the lab: nothing moves or learns, and patterns stand on whole pixels."""
        self.player.stop()
        self.docks.end_training()
        self.lab.end()
        if self.host.subpixel():
            self.host.set_subpixel(False)
        self.host.set_tool("move")

    def _dock_changed(self, identity: str) -> None:
        self._share_width()
        if identity and not self._settings.dock:
            self._slide_in()
        if identity == "inspector" and self.docks.chosen is not None:
            # With less width the panel that was clicked stands elsewhere.
            chosen = self.docks.chosen
            QTimer.singleShot(0, self, lambda: self.strip.ensure_seen(chosen))
        self._settings.dock = identity
        self.actions_.refresh()

    def _slide_in(self) -> None:
        """Let the dock that has just opened come in from the right."""
        if not self.isVisible():
            return
        from shiftlab.ui import motion  # late: nothing moves at the start

        dock = self.docks.dock
        if motion.wanted(dock, self._settings.reduced_motion):
            self._down.activate()
            motion.SlideIn(dock, self.theme.panel)

    def _grow(self, start: QRect, end: QRect) -> None:
        """Let a panel go from its place to that of an enlarged one, or back."""
        from shiftlab.ui import motion  # late, as above

        view = self.strip.viewport()
        if motion.wanted(view, self._settings.reduced_motion):
            motion.Growth(view, start, end, self.theme)

    def _share_width(self) -> None:
        """Give the canvas's column its share of the width that an open dock leaves."""
        dock = self.docks.dock
        docked = bool(dock.open_id)
        self.column.share(self.width() - (dock.width() if docked else 0), narrow=docked)

    # theme and layout

    def _scheme_changed(self, scheme: str) -> None:
        self.theme = THEMES[scheme]
        self._apply_theme()

    def _dress_application(self) -> None:
        application = QGuiApplication.instance()
        if isinstance(application, QApplication):
            application.setPalette(palette(self.theme))
            if application.styleSheet() != stylesheet(self.theme):
                application.setStyleSheet(stylesheet(self.theme))

    def _apply_theme(self) -> None:
        self._dress_application()
        self.strip.set_theme(self.theme)
        apply_theme(self, self.theme)
        self.docks.set_theme(self.theme)
        self.actions_.forget_icons()
        self.actions_.refresh()
        self.bridge.want(luts=luts(self.theme))

    def _restore_layout(self) -> None:
        if self._settings.geometry.isEmpty() or not self.restoreGeometry(self._settings.geometry):
            screen = QGuiApplication.primaryScreen()
            room = screen.availableSize() - FRAME if screen is not None else SIZE
            self.resize(SIZE.boundedTo(room))
        if self._settings.dock:
            self.docks.dock.open_dock(self._settings.dock)

    # opening and closing

    def when_closing(self, leave: Callable[[], bool]) -> None:
        """Ask `leave` before the window closes; it must stop everything that runs."""
        self._on_close = leave

    def stop(self, timeout: float) -> bool:
        """Stop what moves and computes; whether all of it came to its end in time."""
        self.later.stop()
        self.player.close()
        self.lab.end()
        closes = [self.docks.close, self.bridge.close]
        if "shots" in vars(self):
            closes.append(self.shots.maker.close)
        until = time.monotonic() + timeout
        for close in closes:
            close(0.0)
        # All of it has been told to end by now; what is left of the time is for all together.
        ended = [close(max(until - time.monotonic(), 0.0)) for close in closes]
        return all(ended)

    # Qt's own

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        # The window is painted first; torch comes after, and whatever was not needed for that.
        self.later.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._settings.geometry = self.saveGeometry()
        self._settings.sync()
        # A stroke that is under way is a part of the lab that is kept.
        self.docks.region.lay_down()
        self.filing.keep_last()
        if self._on_close():
            self.lab.close()
            event.accept()
        else:
            event.ignore()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.filing.takes(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Files and images may be dropped anywhere; with Shift an image becomes the background."""
        event.acceptProposedAction()
        under = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self.filing.take_mime(event.mimeData(), "dropped", "background" if under else "pattern")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = NUDGES.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        keys = event.modifiers()
        far = edits.deepest_stride(self.lab.document) if keys & Qt.KeyboardModifier.ShiftModifier else (1, 1)
        by = (float(step[0] * far[0]), float(step[1] * far[1]))
        if keys & Qt.KeyboardModifier.AltModifier:
            by = (by[0] * FINE, by[1] * FINE)
        self.canvas.nudge(*by)

    def set_icon(self) -> None:
        """Give the window its icon: the cat's head."""
        self.setWindowIcon(icons.icon("pattern", THEMES["dark"].acc, 64))


def _load_reading() -> None:
    """What reads the first answer, which should not have to wait for it."""
    import shiftlab.ui.reading  # noqa: F401
