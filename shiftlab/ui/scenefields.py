"""The scene's fields below the canvas: position, reference, pattern, border, ground."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from shiftlab.document import Document
from shiftlab.scene.values import LARGEST_PATTERN, LARGEST_SIDE, Background, Placed
from shiftlab.ui import edits
from shiftlab.ui.controls import Choice, PickButton, Segments
from shiftlab.ui.fields import NumberField, label
from shiftlab.ui.lab import Lab

LABELS, NARROW_LABELS = 82, 69
PAUSE = 50
"""Milliseconds between two showings during a drag: text fields are slow to paint, and the ladder and the canvas
tell the place at once."""
GROUNDS = (
    ("black", Background(grey=0.0), "Black"),
    ("grey", Background(grey=0.5), "A grey of 0.5"),
    ("white", Background(grey=1.0), "White"),
    ("gradient", Background("gradient", grey=0.5), "A gradient: no displacement is defined over it"),
    ("texture", Background("texture", grey=0.5), "A texture: no displacement is defined over it"),
    ("noise", Background("noise", grey=0.5), "Seeded noise: no displacement is defined over it"),
)
IMAGE = "image"


def ground_choices() -> tuple[Choice, ...]:
    """The grounds of ours, and an image of one's own."""
    ours = tuple(Choice(name, name, tooltip) for name, _, tooltip in GROUNDS)
    return (*ours, Choice(IMAGE, "image…", "An image file: no displacement is defined over it"))


def ground_name(background: Background) -> str:
    """What the ground is called: 'black', 'grey 0.25', 'noise'."""
    for name, one, _ in GROUNDS:
        if one == background:
            return name
    return f"grey {background.grey:.2f}" if background.uniform else background.kind


class SceneFields(QWidget):
    """Numbers and choices of the scene; every one of them is an edit of the lab.

    Signals
    -------
    subpixel_changed : whether patterns may stand between pixels
    image_wanted : an image file is to be chosen as the ground
    """

    subpixel_changed = Signal(bool)
    image_wanted = Signal()

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lab = lab
        far = 4.0 * LARGEST_SIDE
        self.row = NumberField("Position, row", -far, far, width=46)
        self.col = NumberField("Position, column", -far, far, width=46)
        self.subpixel = QCheckBox("sub-pixel")
        self.subpixel.setToolTip("Let patterns stand between pixels (Fourier shift); Alt+arrow moves by 0.1 px")
        self.reference_row = NumberField("Reference, row", -far, far, width=46)
        self.reference_col = NumberField("Reference, column", -far, far, width=46)
        self.side = NumberField("Pattern size", 1, LARGEST_PATTERN, whole=True, width=46, tooltip="Longer side in px")
        self.turn = NumberField(
            "Pattern turn", 0, 359, step=15, suffix="°", width=46, whole=True, wraps=True, tooltip="Counter-clockwise"
        )
        self.contrast = NumberField("Pattern contrast", 0, 4, step=0.1, digits=1, width=42)
        self.flip = QCheckBox("flip")
        self.flip.setToolTip("Mirror the pattern left to right")
        self.flip.setAccessibleName("Flip the pattern")
        self.border = Segments(
            "Border",
            (
                ("wrap", "Wrap", "", "", "What leaves the canvas comes in on the other side"),
                ("zero", "Zero", "", "", "What leaves the canvas is gone"),
            ),
        )
        self.ground = PickButton(
            "Ground", ground_choices, label="ground", framed=True, width=132, tooltip="What lies under the patterns"
        )
        self._late = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self._catch_up)
        lab.gesture_changed.connect(lambda _active: self._catch_up())
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._names: list[QLabel] = []
        self._pattern_row = self._row(
            "Pattern", "size", self.side, "turn", self.turn, "contrast", self.contrast, self.flip
        )
        for row in (
            self._row("Position", "row", self.row, "col", self.col, self.subpixel),
            self._row("Reference", "row", self.reference_row, "col", self.reference_col),
            self._pattern_row,
            self._row("Border", self.border, self.ground),
        ):
            self._column.addWidget(row)
        self.set_tight(False)
        self._connect()
        self.show_document(lab.document)

    def _row(self, name: str, *parts: QWidget | str) -> QWidget:
        row = QWidget()
        row.setFixedHeight(28)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        self._names.append(label(name, width=LABELS - 5))
        layout.addWidget(self._names[-1])
        for index, part in enumerate(parts):
            if index and isinstance(part, str | QCheckBox | PickButton):
                layout.addSpacing(4)
            layout.addWidget(label(part, "meta") if isinstance(part, str) else part)
        layout.addStretch(1)
        return row

    def _connect(self) -> None:
        for field in (self.row, self.col):
            field.entered.connect(self._enter_position)
        for field in (self.reference_row, self.reference_col):
            field.entered.connect(self._enter_reference)
        self.subpixel.clicked.connect(self._enter_subpixel)
        self.side.entered.connect(lambda size: self._look("Resize", size=int(size)))
        self.turn.entered.connect(lambda turn: self._look("Turn", turn=turn))
        self.contrast.entered.connect(lambda contrast: self._look("Contrast", contrast=contrast))
        self.flip.clicked.connect(lambda flipped: self._look("Flip", flipped=flipped))
        self.border.chosen.connect(lambda border: self._lab.edit(lambda one: one.with_border(border), "Border"))
        self.ground.chosen.connect(self._enter_ground)

    def set_narrow(self, narrow: bool) -> None:
        """Take less width."""
        for name in self._names:
            name.setFixedWidth((NARROW_LABELS if narrow else LABELS) - 5)
        for field in (self.side, self.turn, self.contrast):
            field.setFixedWidth(36 if narrow else 44)

    def set_tight(self, tight: bool) -> None:
        """Take less height."""
        self._column.setSpacing(2 if tight else 4)

    def show_pattern_row(self, shown: bool) -> None:
        self._pattern_row.setVisible(shown)

    @property
    def allows_fractions(self) -> bool:
        """Whether patterns may stand between pixels."""
        return self.subpixel.isChecked()

    def allow_fractions(self, allow: bool) -> None:
        """Tick or untick 'sub-pixel'; without it positions go to whole pixels."""
        self.subpixel.setChecked(allow)
        self._enter_subpixel(allow)

    def show_document(self, document: Document) -> None:
        """Show the document's figures; during a drag not oftener than every `PAUSE`."""
        if self._pause.isActive() and self._lab.gesture:
            self._late = True
            return
        self._late = False
        if self._lab.gesture:
            self._pause.start()
        self._show(document)

    def _catch_up(self) -> None:
        if self._late:
            self._pause.stop()
            self.show_document(self._lab.document)

    def _show(self, document: Document) -> None:
        index = edits.lead(document)
        fields = (self.row, self.col, self.side, self.turn, self.contrast)
        for field in (*fields, self.flip, self.reference_row, self.reference_col):
            field.setEnabled(index is not None)
        self.border.set_value(document.scene.border)
        self.ground.set_value(ground_name(document.scene.background), ground_name(document.scene.background))
        if index is None:
            return
        one = document.scene.placed[index]
        if not one.on_pixels and not self.subpixel.isChecked():
            self.subpixel.setChecked(True)
            self.subpixel_changed.emit(True)
        for field, value in zip(fields, (*one.at, one.size, one.turn, one.contrast), strict=True):
            field.show_value(value)
        self.flip.setChecked(one.flipped)
        if index < len(document.reference.placed):
            home = document.reference.placed[index].at
            self.reference_row.show_value(home[0])
            self.reference_col.show_value(home[1])

    def _whole(self, value: float) -> float:
        return value if self.allows_fractions else float(round(value))

    def _enter_position(self) -> None:
        at = (self._whole(self.row.value), self._whole(self.col.value))
        self._lab.edit(lambda document: edits.placed_at(document, at), "Move")
        self.show_document(self._lab.document)

    def _enter_reference(self) -> None:
        at = (self._whole(self.reference_row.value), self._whole(self.reference_col.value))
        self._lab.edit(lambda document: edits.reference_at(document, at), "Set reference")
        self.show_document(self._lab.document)

    def _enter_subpixel(self, allow: bool) -> None:
        self.subpixel_changed.emit(allow)
        if not allow:
            self._lab.edit(edits.on_pixels, "To whole pixels")

    def _look(self, what: str, **changes: object) -> None:
        def change(one: Placed) -> Placed:
            return dataclasses.replace(one, **changes)  # pyright: ignore[reportArgumentType]

        self._lab.edit(lambda document: edits.looking(document, change), what)

    def _enter_ground(self, name: str) -> None:
        if name == IMAGE:
            self.image_wanted.emit()
            return
        background = next((one for known, one, _ in GROUNDS if known == name), None)
        if background is not None:
            self._lab.edit(lambda document: document.with_background(background), "Ground")
