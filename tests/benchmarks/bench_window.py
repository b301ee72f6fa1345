"""The live window: what a move costs beside computing, a steady stream of moves, and a long forward behind it.

The window is the real one, drawn off screen, in the event loop that it always runs in: one that polls instead
would keep the interpreter from the worker. A frame is painted when every panel in view has drawn the pictures of
a snapshot.
"""

from __future__ import annotations

import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from shiftlab.app import SWITCH_INTERVAL
from shiftlab.document import Document
from shiftlab.engine.messages import Snapshot
from shiftlab.network import presets
from shiftlab.network.weights import Network
from shiftlab.opening import opening_document
from shiftlab.ui.appearance import Appearance
from shiftlab.ui.settings import Settings
from shiftlab.ui.window import Window
from tests.benchmarks.timing import Row

PATIENCE = 60_000
STEPS = [(0, 1), (1, 0), (0, 1), (1, 0), (0, -1), (-1, 0), (0, -1), (-1, 0)]
STREAM = 3.0
"""Seconds of moves at 120 Hz."""


@contextmanager
def opened(document: Document) -> Iterator[Window]:
    """A window that has shown its first snapshot."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL)
    application = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(Path(home) / "shiftlab.ini")
        appearance = Appearance(settings.theme, Qt.ColorScheme.Dark, application)
        window = Window(document, settings, appearance)
        window.resize(1440, 900)
        window.show()
        wait_for(lambda: window.bridge.shown is not None and window.bridge.shown.request.at_rest)
        try:
            yield window
        finally:
            window.stop(30)
            window.close()
            window.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            application.processEvents()
            sys.setswitchinterval(interval)


def wait_for(condition: Callable[[], bool]) -> None:
    """Run the event loop until a condition holds."""
    limit = time.monotonic() + PATIENCE / 1000
    while not condition():
        if time.monotonic() > limit:
            raise RuntimeError("the window did not answer in a minute")
        QApplication.processEvents()
        time.sleep(0.0005)


class _Painted(NamedTuple):
    """When a document was painted, and the seconds its snapshot took.

    The snapshot itself is not held: its pictures are used again once nobody holds them.
    """

    at: float
    document: Document
    seconds: float


class _Frames(QObject):
    """Notes when a document was given, and when all panels had painted the snapshot that answers it.

    Signals
    -------
    done : all panels have painted a snapshot
    """

    done = Signal()

    def __init__(self, window: Window) -> None:
        super().__init__()
        self.window = window
        self.painted: list[_Painted] = []
        self._due: Snapshot | None = None
        window.bridge.snapshot_ready.connect(self._came)
        window.strip.painted.connect(self._drawn)

    def _came(self, snapshot: Snapshot) -> None:
        self._due = snapshot

    def _drawn(self) -> None:
        if self._due is not None:
            snapshot, self._due = self._due, None
            # After the paint events of the other panels, which stand in the same queue.
            document, seconds = snapshot.request.document, snapshot.total_seconds
            QTimer.singleShot(0, self, lambda: self._note(document, seconds))

    def _note(self, document: Document, seconds: float) -> None:
        self.painted.append(_Painted(time.perf_counter(), document, seconds))
        self.done.emit()


def move(window: Window, by: tuple[int, int]) -> None:
    """One frame of a drag."""
    window.lab.during(lambda document: document.with_scene(document.scene.moved((float(by[0]), float(by[1])))))


Span = tuple[float, float]
"""When something began and ended."""


def _painters(kind: type = QWidget) -> Iterator[type]:
    """The program's kinds of widgets that paint themselves."""
    for one in kind.__subclasses__():
        if one.__module__.startswith("shiftlab.") and "paintEvent" in vars(one):
            yield one
        yield from _painters(one)


@contextmanager
def timed(kinds: Iterable[type], name: str, spans: list[Span]) -> Iterator[None]:
    """Notes when a method of these classes runs.

    To be entered before there is a widget of them: Qt remembers which method it has to call.
    """
    originals = {kind: vars(kind)[name] for kind in kinds}

    def noting(original: Callable[..., object]) -> Callable[..., object]:
        def note(*args: object, **named: object) -> object:
            begun = time.perf_counter()
            try:
                return original(*args, **named)
            finally:
                spans.append((begun, time.perf_counter()))

        return note

    for kind, original in originals.items():
        setattr(kind, name, noting(original))
    try:
        yield
    finally:
        for kind, original in originals.items():
            setattr(kind, name, original)


def covered(spans: Iterable[Span], start: float, end: float) -> float:
    """Seconds from `start` to `end` that lie within spans; what two of them share counts once."""
    total, reached = 0.0, start
    for begun, ended in sorted(spans):
        total += max(min(ended, end) - max(begun, reached), 0.0)
        reached = max(reached, ended)
    return total


class Latency(NamedTuple):
    """Median milliseconds from a move to painted panels: without computing and painting, and all of it; of that
    computing, and painting beside it."""

    rest: float
    whole: float
    computing: float
    painting: float


def latency(document: Document, moves: int = 120) -> Latency:
    """What a move takes in a window with this document.

    The canvas is painted while the worker computes: time in which both go on counts once.
    """
    painted: list[Span] = []
    computed: list[Span] = []
    found: list[Latency] = []
    with timed(tuple(dict.fromkeys(_painters())), "paintEvent", painted), opened(document) as window:
        from shiftlab.engine.backend import Backend  # late: the window's worker has loaded torch by now

        frames, loop = _Frames(window), QEventLoop()
        frames.done.connect(loop.quit)
        with timed((Backend,), "__call__", computed):
            window.lab.begin()
            for by in itertools.islice(itertools.cycle(STEPS), moves):
                QApplication.processEvents()
                painted.clear()
                computed.clear()
                begun = time.perf_counter()
                move(window, by)
                loop.exec()
                at = frames.painted[-1].at
                computing, both = (covered(spans, begun, at) for spans in (computed, computed + painted))
                found.append(
                    Latency(*(each * 1e3 for each in (at - begun - both, at - begun, computing, both - computing)))
                )
            window.lab.end()
    return Latency(*map(statistics.median, zip(*found, strict=True)))


def stream(window: Window) -> tuple[float, float]:
    """Painted frames a second, and the 95th percentile of milliseconds from a move to its paint, at 120 Hz."""
    frames = _Frames(window)
    given: dict[int, float] = {}
    steps = itertools.cycle(STEPS)
    window.lab.begin()

    kept: list[Document] = []
    loop, timer = QEventLoop(), QTimer(timerType=Qt.TimerType.PreciseTimer, singleShot=True)
    begun = time.perf_counter()

    def tick() -> None:
        due = begun + len(kept) / 120
        if due > begun + STREAM:
            loop.quit()
            return
        move(window, next(steps))
        given[id(window.lab.document)] = time.perf_counter()
        kept.append(window.lab.document)
        timer.start(max(round((begun + len(kept) / 120 - time.perf_counter()) * 1e3), 0))

    timer.timeout.connect(tick)
    timer.start(0)
    loop.exec()
    window.lab.end()
    shown = [one for one in frames.painted if id(one.document) in given]
    late = sorted((one.at - given[id(one.document)]) * 1e3 for one in shown)
    return len(shown) / STREAM, late[int(0.95 * (len(late) - 1))] if late else float("inf")


def longest_gap(window: Window, moves: int = 8) -> float:
    """Milliseconds for which the event loop stood still at most while forwards ran."""
    frames = _Frames(window)
    gaps: list[float] = []
    window.lab.begin()
    for by in itertools.islice(itertools.cycle(STEPS), moves):
        count = len(frames.painted)
        move(window, by)
        last = time.perf_counter()
        while window.bridge.worker is not None and not window.bridge.worker.idle:
            QApplication.processEvents()
            time.sleep(0.0002)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now
        wait_for(lambda count=count: len(frames.painted) > count)
    window.lab.end()
    return max(gaps) * 1e3


def rows() -> list[Row]:
    found: list[Row] = []
    taken = latency(opening_document())
    found.append(
        Row(
            "mouse move to painted panels, less computing and painting",
            taken.rest,
            0.6,
            unit="ms",
            note=f"all of it {taken.whole:.1f} ms: computing {taken.computing:.1f}, then painting {taken.painting:.1f}",
        )
    )
    alone = opening_document(presets.preset("three-blocks"), size=34)
    with opened(alone) as window:
        a, _ = stream(window)
    with opened(alone.with_networks((*alone.networks, Network(presets.preset("blurpool"))))) as window:
        both, _ = stream(window)
    found.append(
        Row(
            "three-blocks beside blurpool under one drag, painted frames against three-blocks alone",
            both / a,
            0.45,
            at_most=False,
            note=f"{both:.0f} and {a:.0f} frames a second",
        )
    )
    with opened(opening_document(presets.preset("three-blocks-wide"), canvas=(128, 128))) as window:
        rate, late = stream(window)
        found.append(
            Row("b (three-blocks-wide, 128²) at 120 moves a second, painted", rate, 118, at_most=False, unit="frames/s")
        )
        found.append(Row("the same, move to paint, 95th percentile", late, 8, unit="ms"))
    with opened(opening_document(presets.preset("vgg11"), canvas=(224, 224))) as window:
        found.append(
            Row("longest gap of the window's thread while c (vgg11, 224²) runs", longest_gap(window), 10, unit="ms")
        )
    return found
