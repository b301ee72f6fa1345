"""Pictures of the lab: the composed figure or the window, with the Document inside, as a PNG or on the clipboard."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QByteArray, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from shiftlab.document import Document
from shiftlab.engine.jobs import Job, Report
from shiftlab.engine.loading import load_backend
from shiftlab.engine.messages import Progress, Request, Snapshot
from shiftlab.engine.worker import Compute
from shiftlab.files.atomic import write_atomically
from shiftlab.ui import edits
from shiftlab.ui.controls import FlatButton, Segments
from shiftlab.ui.fields import label
from shiftlab.ui.figure.page import picture_requests, render_figure
from shiftlab.ui.figure.probe import inspections
from shiftlab.ui.png import png_of, with_state
from shiftlab.ui.theme import THEMES, Theme, luts
from shiftlab.ui.themed import apply_theme

log = logging.getLogger("shiftlab.screenshot")
What = Literal["figure", "window"]
JOIN = 5.0


@dataclass(frozen=True)
class Shot:
    """What is wanted: the figure or the window, in which theme, how many pixels for each logical one."""

    what: What = "figure"
    theme: str = "dark"
    scale: int = 2


def grabbed(widget: QWidget, scale: int) -> QImage:
    """The widget as it is, painted anew at a scale."""
    image = QImage(widget.size() * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(0xFF000000)
    widget.render(image)
    image.setDevicePixelRatio(1)
    return image


def computed(
    document: Document, theme: Theme, scale: int, make_backend: Callable[[], Compute]
) -> Generator[Progress, None, Snapshot]:
    """The steps of the computation behind a figure."""
    yield Progress(0, 1, "computing the figure")
    backend = make_backend()
    pictures = picture_requests(document, edits.stages_of(document), theme, scale)
    request = Request(1, document, pictures, luts(theme), inspected=inspections(document), at_rest=True)
    snapshot = backend(request, _wanted)
    yield Progress(1, 1, "computed")
    return snapshot


def _wanted(slow: bool = False) -> None:
    """The check of a computation that nobody takes back."""


class FigureMaker(QObject):
    """Computes figures on a thread of its own, one at a time.

    Signals
    -------
    made : a QImage and the Document it shows
    failed : one line, and the traceback
    """

    made = Signal(object, object)
    failed = Signal(str, str)
    _reported = Signal(object)

    def __init__(self, make_backend: Callable[[], Compute] = load_backend, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make_backend = make_backend
        self._job: Job[Snapshot] | None = None
        self._wanted: tuple[Document, Theme, int] | None = None
        self._reported.connect(self._take, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        return self._wanted is not None

    def make(self, document: Document, theme: Theme, scale: int) -> bool:
        """Begin; False while another is being made."""
        if self.busy:
            return False
        self._wanted = (document, theme, scale)
        self._job = Job(
            lambda: computed(document, theme, scale, self._make_backend), self._reported.emit, name="figure"
        )
        return True

    def close(self, timeout: float) -> bool:
        """Cancel, and wait; whether the thread has ended."""
        return self._job is None or self._job.close(timeout)

    def _take(self, report: Report[Snapshot]) -> None:
        wanted = self._wanted
        if not report.ended or wanted is None:
            return
        self._wanted = None
        if self._job is not None:
            self._job.join(JOIN)
            self._job = None
        if report.failure is not None:
            self.failed.emit(report.failure.message, report.failure.traceback)
        elif report.result is not None:
            document, theme, scale = wanted
            self.made.emit(render_figure(document, report.result, theme, scale), document)


class Shots(QObject):
    """Takes pictures and brings them to a file or to the clipboard.

    Signals
    -------
    said : one line that says what was done
    refused : one line, where it could not be done
    """

    said = Signal(str)
    refused = Signal(str)

    def __init__(
        self,
        document: Callable[[], Document],
        theme: Callable[[], Theme],
        window: QWidget,
        make_backend: Callable[[], Compute] = load_backend,
    ) -> None:
        super().__init__(window)
        self._document, self._theme, self._window = document, theme, window
        self._then: Callable[[QImage, Document], None] | None = None
        self.maker = FigureMaker(make_backend, self)
        self.maker.made.connect(self._made)
        self.maker.failed.connect(lambda message, _trace: self.refused.emit(f"The figure: {message}"))

    def take(self, shot: Shot, then: Callable[[QImage, Document], None]) -> None:
        """Take a picture, and hand it on when it is there."""
        theme = self._theme() if shot.theme == "shown" else THEMES[shot.theme]
        if shot.what == "window":
            then(grabbed(self._window, shot.scale), self._document())
            return
        self._then = then
        if not self.maker.make(self._document(), theme, shot.scale):
            self.refused.emit("A figure is being made already.")

    def copy(self, shot: Shot) -> None:
        """Put a picture on the clipboard."""
        self.take(shot, self._to_clipboard)

    def save(self, shot: Shot, path: Path) -> None:
        """Write a picture as PNG."""
        self.take(shot, lambda image, document: self._to_file(image, document, path))

    def _made(self, image: QImage, document: Document) -> None:
        then, self._then = self._then, None
        if then is not None:
            then(image, document)

    def _to_clipboard(self, image: QImage, document: Document) -> None:
        mime = QMimeData()
        mime.setImageData(image)
        mime.setData("image/png", QByteArray(with_state(png_of(image), document)))
        QGuiApplication.clipboard().setMimeData(mime)
        self.said.emit("The picture is on the clipboard")

    def _to_file(self, image: QImage, document: Document, path: Path) -> None:
        try:
            write_atomically(path, with_state(png_of(image), document))
        except OSError as error:
            self.refused.emit(f"{path.name} could not be saved: {error.strerror or error}")
            return
        self.said.emit(f"Saved {path.name}; opening it restores this state")


class ScreenshotDialog(QDialog):
    """What, in which theme, how large; copy or save."""

    def __init__(self, shots: Shots, theme: Theme, folder: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Screenshot")
        self._shots, self._folder = shots, folder
        self.what = Segments(
            "What",
            (
                ("figure", "Figure", "", "", "Canvas, strip and captions, without controls"),
                ("window", "Window", "", "", "The window as it is"),
            ),
        )
        self.theme_ = Segments(
            "Theme",
            (
                ("dark", "Dark", "", "", "Dark theme"),
                ("light", "Light", "", "", "Light theme"),
                ("print", "Print", "", "", "Black on white, for a paper"),
            ),
        )
        self.scale = Segments("Scale", tuple((str(n), f"{n}×", "", "", f"{n} px for each px") for n in (1, 2, 4)))
        self.what.set_value("figure")
        self.theme_.set_value(theme.name)
        self.scale.set_value("2")
        self.what.chosen.connect(self._choose_what)
        for segments in (self.theme_, self.scale):
            segments.chosen.connect(segments.set_value)
        copy = FlatButton("Copy", "copy", "Put it on the clipboard")
        save = FlatButton("Save…", "", "Save it as PNG, with the state inside", primary=True)
        copy.clicked.connect(self._copy)
        save.clicked.connect(self._save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 20)
        layout.setSpacing(12)
        for name, segments in (("Picture", self.what), ("Theme", self.theme_), ("Scale", self.scale)):
            line = QHBoxLayout()
            line.addWidget(label(name, width=72))
            line.addWidget(segments)
            line.addStretch(1)
            layout.addLayout(line)
        layout.addWidget(label("The PNG carries the whole state: opening it brings it back.", "meta"))
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(copy)
        line.addWidget(save)
        layout.addLayout(line)
        apply_theme(self, theme)

    @property
    def shot(self) -> Shot:
        """What is chosen."""
        what: What = "window" if self.what.value == "window" else "figure"
        return Shot(what, self.theme_.value, int(self.scale.value))

    def _choose_what(self, what: str) -> None:
        self.what.set_value(what)
        self.theme_.setEnabled(what == "figure")

    def _copy(self) -> None:
        self.close()
        self._shots.copy(self.shot)

    def _save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self.parentWidget(), "Save picture", str(Path(self._folder) / "shiftlab.png"), "PNG (*.png)"
        )
        if name:
            path = Path(name) if name.lower().endswith(".png") else Path(f"{name}.png")
            self.close()
            self._shots.save(self.shot, path)
