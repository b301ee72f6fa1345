"""Opening and saving: sessions, pictures that carry a state, own images, network specs; recent files.

What reads and writes them is imported when the first is opened or saved.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from shiftlab.document import Document
from shiftlab.files.suffix import SUFFIX
from shiftlab.network import presets
from shiftlab.opening import natural_size
from shiftlab.scene.values import Background, Pattern
from shiftlab.ui import edits
from shiftlab.ui.lab import Lab
from shiftlab.ui.settings import Settings

log = logging.getLogger("shiftlab.filing")
IMAGES = (".png", ".jpg", ".jpeg", ".webp")
SESSIONS = f"ShiftLab sessions (*{SUFFIX})"
OPENED = (
    f"All that can be opened (*{SUFFIX} *.png *.jpg *.jpeg *.webp *.json);;"
    f"{SESSIONS};;Images and screenshots (*.png *.jpg *.jpeg *.webp);;Network specs (*.json)"
)
Use = Literal["pattern", "background"]


class Filing(QObject):
    """What the lab's document is called on disk, and the ways to and from there.

    Signals
    -------
    path_changed : the session has another name, or none
    refused : one line, where a file cannot be taken or written; the open session stays
    said : one line that says what was done
    """

    path_changed = Signal()
    refused = Signal(str)
    said = Signal(str)

    def __init__(self, lab: Lab, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._lab, self._settings, self._window = lab, settings, window
        self.path: Path | None = None
        self._saved: Document = lab.document
        self._first: Document = lab.document

    @property
    def modified(self) -> bool:
        """Whether scene, reference, networks, path or the own task differ from what was opened or saved last."""
        now, then = self._lab.document, self._saved
        return now is not then and (now.scene, now.reference, now.networks, now.path, now.training) != (
            then.scene,
            then.reference,
            then.networks,
            then.path,
            then.training,
        )

    def open(self, path: Path, use: Use = "pattern") -> bool:
        """Take a file for what it is; whether it was taken."""
        try:
            opened = self._opened(path, use)
        except (ValueError, OSError) as error:
            log.warning("refused %s: %s", path, error)
            self.refused.emit(f"{path.name}: {_reason(error)}")
            return False
        if opened:
            self._settings.add_recent(path)
            self._settings.folder = str(path.parent)
        return opened

    def _opened(self, path: Path, use: Use) -> bool:
        from shiftlab.files import session, state
        from shiftlab.files.images import pattern_from_image

        ending = path.suffix.lower()
        if ending == SUFFIX:
            self._take(session.load(path), path)
            return True
        if ending == ".json":
            spec = presets.load(str(path))
            return self._lab.edit(lambda document: edits.with_spec(document, spec), "Open network")
        if ending == ".png" and (found := state.extract(path)) is not None:
            self._take(found, None)
            return True
        if ending not in IMAGES:
            raise ValueError(f"neither a session ({SUFFIX}), an image (PNG, JPEG, WebP) nor a network (.json)")
        self._use(pattern_from_image(path, path.stem, colour=None), use)
        return True

    def _take(self, document: Document, path: Path | None) -> None:
        self._lab.take(document)
        self.path, self._saved = path, document
        self.path_changed.emit()

    def _use(self, pattern: Pattern, use: Use) -> None:
        if use == "background":
            ground = Background("image", grey=0.5, image=pattern)
            self._lab.edit(lambda document: document.with_background(ground), "Background")
        else:
            rows, cols = self._lab.document.scene.size
            side = min(natural_size(pattern) * min(rows, cols) // 64, rows, cols)
            self._lab.edit(lambda document: edits.added(document, pattern, max(1, side)), "Add image")

    def open_dialog(self) -> None:
        """Ask for a file, and take it."""
        from PySide6.QtWidgets import QFileDialog

        name, _ = QFileDialog.getOpenFileName(self._window, "Open", self._folder(), OPENED)
        if name:
            self.open(Path(name))

    def image_dialog(self, use: Use) -> None:
        """Ask for an image as a pattern or as the background."""
        from PySide6.QtWidgets import QFileDialog

        name, _ = QFileDialog.getOpenFileName(
            self._window, "Open an image", self._folder(), "Images (*.png *.jpg *.jpeg *.webp)"
        )
        if name:
            self.open(Path(name), use)

    def save(self) -> bool:
        """Save under the session's name, asking where it has none; whether it was saved."""
        return self.save_dialog() if self.path is None else self.save_as(self.path)

    def save_dialog(self) -> bool:
        """Ask for a name, and save."""
        from PySide6.QtWidgets import QFileDialog

        start = self.path or Path(self._folder()) / f"lab{SUFFIX}"
        name, _ = QFileDialog.getSaveFileName(self._window, "Save session", str(start), SESSIONS)
        if not name:
            return False
        path = Path(name)
        return self.save_as(path if path.suffix.lower() == SUFFIX else Path(f"{path}{SUFFIX}"))

    def save_as(self, path: Path) -> bool:
        """Save to this path; the old file stays where that fails."""
        from shiftlab.files import session

        document = self._lab.document
        try:
            session.save(document, path)
        except (ValueError, OSError) as error:
            log.warning("could not save %s: %s", path, error)
            self.refused.emit(f"{path.name} could not be saved: {_reason(error)}")
            return False
        self.path, self._saved = path, document
        self._settings.add_recent(path)
        self._settings.folder = str(path.parent)
        self.path_changed.emit()
        self.said.emit(f"Saved {path.name}")
        return True

    @property
    def last(self) -> Path:
        """Where the lab is kept when its window is closed."""
        return self._settings.path.parent / f"last{SUFFIX}"

    def keep_last(self) -> None:
        """Keep the lab for 'Reopen the last session', where something was done in it."""
        if self._lab.document is self._first:
            return
        from shiftlab.files import session

        try:
            session.save(self._lab.document, self.last)
        except (ValueError, OSError) as error:
            log.warning("the last session could not be kept: %s", error)

    def reopen_last(self) -> None:
        """The lab as it was when a window was closed last; undo brings the present one back."""
        from shiftlab.files import session

        try:
            document = session.load(self.last)
        except (ValueError, OSError) as error:
            self.refused.emit(f"The last session: {_reason(error)}")
            return
        self._lab.edit(lambda _document: document, "Reopen")

    def paste(self, use: Use = "pattern") -> None:
        """Take what the clipboard holds."""
        held: QMimeData | None = QGuiApplication.clipboard().mimeData()
        # None where the clipboard cannot be read, against what Qt's types say.
        self.take_mime(held or QMimeData(), "pasted", use)

    def takes(self, mime: QMimeData) -> bool:
        """Whether it holds files or an image; which of them cannot be used is said when they are taken."""
        return mime.hasImage() or any(url.isLocalFile() for url in mime.urls())

    def take_mime(self, mime: QMimeData, name: str, use: Use = "pattern") -> bool:
        """Take dropped or pasted files, or an image, for that use; whether anything was taken."""
        files = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
        if files:
            taken = [self.open(path, use) for path in files]
            return any(taken)
        content = self._picture_in(mime)
        if content is None:
            self.refused.emit(f"Nothing {name} that could be taken: an image, a session or a screenshot is wanted.")
            return False
        from shiftlab.files import state
        from shiftlab.files.images import pattern_from_image

        try:
            carried = state.extract(content)
            if carried is not None:
                self._take(carried, None)
            else:
                self._use(pattern_from_image(content, name, colour=None), use)
        except (ValueError, OSError) as error:
            self.refused.emit(f"The image {name}: {_reason(error)}")
            return False
        return True

    @staticmethod
    def _picture_in(mime: QMimeData) -> bytes | None:
        """A picture as PNG: as it was put there, because only that carries a state, else encoded anew."""
        if mime.hasFormat("image/png"):
            return bytes(mime.data("image/png").data())
        from shiftlab.ui.png import png_of

        image = mime.imageData() if mime.hasImage() else None
        return png_of(image) if isinstance(image, QImage) and not image.isNull() else None

    def _folder(self) -> str:
        folder = self._settings.folder
        return folder if folder and Path(folder).is_dir() else str(Path.home())


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
