"""The classes of an own task as a list: each a pattern under a name, more of them from here and there."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from shiftlab.document import Document
from shiftlab.learn.draft import MOST_CLASSES
from shiftlab.learn.tasks import distinct
from shiftlab.scene import patterns
from shiftlab.scene.values import Pattern
from shiftlab.ui.controls import FlatButton, PickButton
from shiftlab.ui.fields import label
from shiftlab.ui.theme import DISABLED, colour
from shiftlab.ui.themed import Themed, apply_theme

THUMBNAIL = 28
LONGEST_NAME = 24


def picture_of(pattern: Pattern, grey: float) -> QImage:
    """A pattern on its ground, in its own pixels."""
    flat = pattern.alpha * pattern.image + (1 - pattern.alpha) * np.float32(grey)
    levels = np.rint(np.clip(np.broadcast_to(flat, (3, *pattern.size)), 0, 1) * 255).astype(np.uint8)
    pixels = np.ascontiguousarray(np.moveaxis(levels, 0, 2))
    height, width = pattern.size
    return QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB888).copy()


class Thumbnail(Themed, QWidget):
    """A pattern, small."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(THUMBNAIL, THUMBNAIL)
        self._image = QImage()
        self._grey = 0.0

    def show_pattern(self, pattern: Pattern, grey: float) -> None:
        self._image, self._grey = picture_of(pattern, grey), grey
        self.update()

    # Qt's own

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.setOpacity(1.0 if self.isEnabled() else DISABLED)
            level = round(self._grey * 255)
            painter.fillRect(self.rect(), colour(f"#{level:02X}{level:02X}{level:02X}"))
            side = THUMBNAIL - 4
            scaled = self._image.size().scaled(QSize(side, side), Qt.AspectRatioMode.KeepAspectRatio)
            x, y = (THUMBNAIL - scaled.width()) / 2, (THUMBNAIL - scaled.height()) / 2
            painter.drawImage(QRectF(x, y, scaled.width(), scaled.height()), self._image)
            painter.setPen(QPen(colour(self.theme.line2), 1))
            painter.drawRect(0, 0, THUMBNAIL - 1, THUMBNAIL - 1)


class ClassRow(QWidget):
    """One class: its pattern, its name, and a button that takes it away.

    Signals
    -------
    renamed : the name that was typed
    removed
    """

    renamed = Signal(str)
    removed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = Thumbnail()
        self.name = QLineEdit()
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setFixedSize(168, 28)
        self.name.setToolTip("What this class is called")
        self.remove = FlatButton("", "close", "Take this class away", side=28)
        self.output = label("", "meta")
        self.name.editingFinished.connect(self._finish)
        self.remove.clicked.connect(self.removed)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(8)
        for widget in (self.picture, self.name, self.output):
            across.addWidget(widget)
        across.addStretch(1)
        across.addWidget(self.remove)

    def show_class(self, pattern: Pattern, number: int, grey: float, removable: bool) -> None:
        self.picture.show_pattern(pattern, grey)
        if not (self.name.hasFocus() and self.name.isModified()):
            blocker = QSignalBlocker(self.name)
            self.name.setText(pattern.name)
            blocker.unblock()
        self.name.setAccessibleName(f"Name of class {number}")
        self.remove.setAccessibleName(f"Take {pattern.name} away")
        self.remove.setEnabled(removable)
        self.output.setText(f"output {number}")

    def _finish(self) -> None:
        if self.name.isModified():
            self.name.setModified(False)
            self.renamed.emit(self.name.text().strip())


class AddClass(PickButton):
    """Offers patterns of our own, those on the canvas, and an image of one's own."""

    def __init__(self) -> None:
        super().__init__("Add a class", lambda: (), tooltip="Another class", framed=True, width=92)
        self.set_value("", "Add")
        self.own: Sequence[str] = ()
        self.standing: Sequence[Pattern] = ()

    def menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for index, one in enumerate(self.standing):
            self._offer(menu, f"canvas:{index}", f"{one.name}, from the canvas", "As it stands on the canvas")
        self._offer(menu, "file", "Image file…", "PNG, JPEG or WebP")
        menu.addSeparator()
        for name in self.own:
            self._offer(menu, f"builtin:{name}", name, "One of our own patterns")
        return menu

    def _offer(self, menu: QMenu, identity: str, text: str, tooltip: str) -> None:
        action = QAction(text, menu)
        action.setToolTip(tooltip)
        action.triggered.connect(lambda _checked=False: self.chosen.emit(identity))
        menu.addAction(action)


class ClassList(QWidget):
    """The classes, with a button for more.

    Attributes
    ----------
    classes : tuple of Pattern
    rows : list of ClassRow
    add : AddClass

    Signals
    -------
    classes_wanted : the tuple of Pattern that is wanted instead
    file_wanted : an image file is to be asked for
    refused : one line
    """

    classes_wanted = Signal(object)
    file_wanted = Signal()
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.classes: tuple[Pattern, ...] = ()
        self.rows: list[ClassRow] = []
        self.add = AddClass()
        self.add.chosen.connect(self._add)
        self._grey = 0.0
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(label("Classes", "heading"))
        head.addStretch(1)
        head.addWidget(self.add)
        self._down = QVBoxLayout(self)
        self._down.setContentsMargins(0, 0, 0, 0)
        self._down.setSpacing(4)
        self._down.addLayout(head)

    def show_classes(self, classes: tuple[Pattern, ...], document: Document) -> None:
        """Show these classes, and offer what else there is."""
        self.classes = classes
        background = document.scene.background
        self._grey = background.grey if background.uniform else 0.0
        while len(self.rows) > len(classes):
            row = self.rows.pop()
            self._down.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.rows) < len(classes):
            row = ClassRow()
            number = len(self.rows)
            row.renamed.connect(lambda name, at=number: self._rename(at, name))
            row.removed.connect(lambda at=number: self._remove(at))
            apply_theme(row, self.add.theme)
            self.rows.append(row)
            self._down.addWidget(row)
        for number, (row, one) in enumerate(zip(self.rows, classes, strict=True), 1):
            row.show_class(one, number, self._grey, len(classes) > 2)
        held = set(classes)
        self.add.own = [name for name in patterns.names() if patterns.builtin(name) not in held]
        standing = dict.fromkeys(one.pattern for one in document.scene.placed)
        self.add.standing = [one for one in standing if one not in held]
        self.add.setEnabled(len(classes) < MOST_CLASSES)

    def with_added(self, pattern: Pattern) -> None:
        """Want one class more."""
        same = next((one.name for one in self.classes if _same_picture(one, pattern)), None)
        if same is not None:
            self.refused.emit(f"{pattern.name!r} is the same picture as the class {same!r}")
            return
        self.classes_wanted.emit(distinct((*self.classes, pattern)))

    def _add(self, identity: str) -> None:
        kind, _, rest = identity.partition(":")
        if kind == "file":
            self.file_wanted.emit()
        elif kind == "builtin":
            self.with_added(patterns.builtin(rest))
        elif int(rest) < len(self.add.standing):
            self.with_added(self.add.standing[int(rest)])

    def _rename(self, at: int, name: str) -> None:
        others = {one.name for index, one in enumerate(self.classes) if index != at}
        old = self.classes[at]
        if not name or name in others:
            self.rows[at].name.setText(old.name)
            if name:
                self.refused.emit(f"There is a class {name!r} already")
        elif name != old.name:
            changed = dataclasses.replace(old, name=name)
            self.classes_wanted.emit((*self.classes[:at], changed, *self.classes[at + 1 :]))

    def _remove(self, at: int) -> None:
        if len(self.classes) > 2:
            self.classes_wanted.emit((*self.classes[:at], *self.classes[at + 1 :]))


def _same_picture(one: Pattern, other: Pattern) -> bool:
    return np.array_equal(one.image, other.image) and np.array_equal(one.alpha, other.alpha)
