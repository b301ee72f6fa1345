"""The last row below the canvas: record a path, play it, scrub along it."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from shiftlab.document import Document
from shiftlab.scene.path import Path
from shiftlab.ui import edits
from shiftlab.ui.actions import Actions
from shiftlab.ui.controls import FlatButton
from shiftlab.ui.fields import label
from shiftlab.ui.lab import Lab
from shiftlab.ui.player import Player
from shiftlab.ui.scenefields import LABELS


class PathBar(QWidget):
    """Where on its path the pattern stands; the slider takes it along."""

    def __init__(self, lab: Lab, player: Player, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lab, self._player = lab, player
        self.setFixedHeight(28)
        self.record = FlatButton.of(actions["path.record"], "record", text="")
        self.play = FlatButton.of(actions["path.play"], "play", text="")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Place on the path")
        self.slider.setToolTip("Scrub along the path; none recorded: from the reference to the right")
        self.words = label("", "meta")
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.words.setMinimumWidth(76)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(label("Path", width=LABELS - 4))
        for widget in (self.record, self.play):
            layout.addWidget(widget)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.words)
        self.slider.sliderPressed.connect(lab.begin)
        self.slider.sliderReleased.connect(lab.end)
        self.slider.valueChanged.connect(self._scrub)
        player.state_changed.connect(self._show_state)
        self._show_state()
        self.show_document(lab.document)

    def show_document(self, document: Document) -> None:
        path = edits.path_of(document)
        index = edits.lead(document)
        step = None
        if path and index is not None:
            size = document.scene.size if document.scene.border == "wrap" else None
            step = edits.nearest_step(path, document.scene.placed[index].at, size)
        self.slider.setEnabled(len(path) > 1)
        blocker = QSignalBlocker(self.slider)
        self.slider.setRange(0, max(0, len(path) - 1))
        if step is not None:
            self.slider.setValue(step)
        blocker.unblock()
        if len(path) < 2:
            self.words.setText("")
        elif step is None:
            self.words.setText("off the path")
        else:
            self.words.setText(f"{step} of {len(path) - 1}{'' if document.path else ' px'}")

    def _scrub(self, step: int) -> None:
        path = edits.path_of(self._lab.document)
        if not 0 <= step < len(path):
            return
        self._player.stop()

        def change(document: Document) -> Document:
            return edits.placed_at(document, path[step])

        if self.slider.isSliderDown():
            self._lab.begin()
            self._lab.during(change, "Scrub")
        else:
            self._lab.edit(change, "Scrub")

    def _show_state(self) -> None:
        playing = self._player.playing
        self.play.set_icon("pause" if playing else "play")
        self.play.setToolTip("Pause" if playing else "Play the path")
        self.record.setChecked(self._player.recording)


def whole_path(document: Document) -> Path | None:
    """The path that 'play' goes along; None where there is none."""
    steps = edits.path_of(document)
    return Path(steps) if len(steps) > 1 else None
