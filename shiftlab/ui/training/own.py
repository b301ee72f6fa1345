"""What the network of the bench is to learn: classes, places, and how; put together by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from shiftlab.document import Document
from shiftlab.files.images import ImageError, pattern_from_image
from shiftlab.learn.draft import Draft
from shiftlab.learn.tasks import Mask, Task
from shiftlab.network.editing import Outcome, Refused
from shiftlab.network.head_swaps import HEADS, HeadKind
from shiftlab.network.spec import NetworkError
from shiftlab.scene.values import Pattern
from shiftlab.ui import edits
from shiftlab.ui.bench import changes
from shiftlab.ui.controls import Choice, PickButton
from shiftlab.ui.fields import label
from shiftlab.ui.lab import Lab
from shiftlab.ui.regiontool import RegionTool
from shiftlab.ui.training.classes import ClassList
from shiftlab.ui.training.controls import FramedButton
from shiftlab.ui.training.draft import first_draft, headed, lack, with_outputs
from shiftlab.ui.training.places import Places
from shiftlab.ui.training.recipe import Recipe

CENTRES = "centres in training"
PAINT = "Paint places"
WORDS = {
    "classes": "Classes",
    "place": "Trained in",
    "painted": PAINT,
    "size": "Size of the patterns",
    "variation": "Variation",
    "start": "Start from",
}
"""What undo says of a change."""


class OwnPage(QWidget):
    """The task of one's own, and what is missing before it can be trained.

    The draft of it is the document's, so that undo takes every change back and a session keeps it; where
    the document has none, one is proposed, and becomes the document's when it is changed or trained.

    Attributes
    ----------
    draft : Draft
    task : Task or None
        What can be trained as everything stands.
    classes, places, recipe : the parts of the page
    note : QLabel
        Why it cannot be trained, or what will hold it up.

    Signals
    -------
    task_changed : the Task, or None where it cannot be
    refused : one line
    """

    task_changed = Signal(object)
    refused = Signal(str)

    def __init__(self, lab: Lab, tool: RegionTool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lab, self._tool = lab, tool
        self.side = 0
        self.task: Task | None = None
        self._known: tuple[object, ...] = ()
        self._proposed: tuple[object, Draft] | None = None
        self.classes = ClassList()
        self.places = Places(tool)
        self.recipe = Recipe()
        self.note = label("", "label")
        self.note.setWordWrap(True)
        self.heads = PickButton("Add a head", _heads, tooltip="End the network in a head", framed=True, width=120)
        self.heads.set_value("", "Add a head")
        self.outputs = FramedButton("Give it the outputs", "", "An output for every class in the last layer")
        self._mend = QWidget()
        across = QHBoxLayout(self._mend)
        across.setContentsMargins(0, 0, 0, 0)
        across.addWidget(self.heads)
        across.addWidget(self.outputs)
        across.addStretch(1)
        down = QVBoxLayout(self)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(8)
        for part in (self.classes, self.places, self.recipe, self.note, self._mend):
            down.addWidget(part)
        self.classes.classes_wanted.connect(lambda wanted: self._want(classes=wanted))
        self.classes.file_wanted.connect(self.ask_image)
        self.classes.refused.connect(self.refused)
        self.places.place_wanted.connect(self._choose_place)
        self.places.size_wanted.connect(lambda size: self._want(size=size))
        self.places.mask_wanted.connect(self._paint)
        self.places.undo_wanted.connect(self._unpaint)
        self.recipe.changes_wanted.connect(lambda wanted: self._want(**wanted))
        self.recipe.settings_wanted.connect(self._want_settings)
        self.heads.chosen.connect(self._add_head)
        self.outputs.clicked.connect(self._give_outputs)
        tool.painted.connect(self._painted)

    def show_side(self, side: int) -> None:
        """Train A (0) or B (1)."""
        self.side = side
        self.show_document(self._lab.document)

    @property
    def draft(self) -> Draft:
        """What stands on the page: the document's, or what is proposed."""
        document = self._lab.document
        return document.training or self._proposal(document)

    def _proposal(self, document: Document) -> Draft:
        """What is proposed where the document has nothing: made anew where what it goes by is another."""
        index = edits.lead(document)
        placed = document.scene.placed
        lead = placed[index] if index is not None and index < len(placed) else None
        spec = document.networks[min(self.side, len(document.networks) - 1)].spec
        by = (self.side, spec.classes, document.scene.size, lead and (lead.pattern.name, lead.size))
        if self._proposed is None or self._proposed[0] != by:
            self._proposed = by, first_draft(document, min(self.side, len(document.networks) - 1))
        return self._proposed[1]

    def keep(self) -> None:
        """Make what is proposed the document's own: it is trained now. It was on the page all the while: no undo."""
        if self._lab.document.training is None:
            self._lab.store.update(self._lab.document.with_training(self.draft), undoable=False)

    def show_document(self, document: Document) -> None:
        """Bring the task up to date with the lab, where anything that it depends on is another."""
        if self.side >= len(document.networks):
            return
        draft = self.draft
        self.places.undo.setEnabled(self._lab.store.undo_label == PAINT)
        network, scene = document.networks[self.side], document.scene
        patterns = tuple(one.pattern for one in scene.placed)
        trained = network.weights is not None
        ground = (scene.size, scene.background, scene.border)
        known = (draft, self.side, network.spec, trained, *ground, patterns)
        if known != self._known:
            self._known = known
            self._refresh(document, draft)

    def ask_image(self) -> None:
        """Ask for an image file as a class."""
        name, _ = QFileDialog.getOpenFileName(self, "Open an image", "", "Images (*.png *.jpg *.jpeg *.webp)")
        if name:
            self.take_image(Path(name))

    def take_image(self, path: Path) -> None:
        """Add the image of a file as a class."""
        try:
            pattern = pattern_from_image(path, path.stem, colour=None)
        except ImageError as error:
            self.refused.emit(f"{path.name}: {error}")
            return
        self.classes.with_added(pattern)

    def _refresh(self, document: Document, draft: Draft) -> None:
        network = document.networks[self.side]
        said = ""
        try:
            self.task = draft.task(network, document.scene)
        except ValueError as error:
            told = str(error)
            named = told.startswith(network.spec.name)
            self.task, said = None, f"{told if named else told[:1].upper() + told[1:]}."
        missing = lack(document, self.side, len(draft.classes))
        if self.task is not None and missing == "fewer":
            said = _held_up(self.task, draft)
        self.classes.show_classes(draft.classes, document)
        self.places.show_draft(draft, document, self.task)
        self.recipe.show_draft(draft, network, document.scene.size)
        self.note.setText(said)
        self.note.setVisible(bool(said))
        self.heads.setVisible(missing == "head")
        self.outputs.setVisible(missing in ("outputs", "fewer"))
        self.outputs.setText(f"Give it {len(draft.classes)} outputs")
        self.outputs.setAccessibleName(self.outputs.text())
        self.outputs.updateGeometry()
        self._mend.setVisible(bool(missing))
        self._show_region()
        self.task_changed.emit(self.task)

    def _show_region(self) -> None:
        if not self.isEnabled():
            self._tool.lay_down()
            self._tool.show_region(None)
        elif self.isVisible():
            self._tool.show_region(self.draft.places(self._lab.document.scene), CENTRES)

    def _want(self, **wanted: object) -> None:
        # What is painted has its place with it; what is said of it is the last.
        self._become(lambda draft: dataclasses.replace(draft, **wanted), WORDS[list(wanted)[-1]])  # pyright: ignore[reportArgumentType]

    def _want_settings(self, wanted: dict[str, object]) -> None:
        self._become(lambda draft: draft.with_settings(**wanted), "Training settings")

    def _become(self, change: Callable[[Draft], Draft], words: str) -> None:
        """Another draft, as one undo entry; what it refuses is said."""
        side, draft = self.side, self.draft
        self._lab.edit(lambda document: document.with_training(dataclasses.replace(change(draft), network=side)), words)
        self.show_document(self._lab.document)

    def _choose_place(self, place: str) -> None:
        """Take one of the regions; what is painted begins as the region that is left."""
        draft = self.draft
        if place != "painted":
            self._tool.lay_down()
            self._want(place=place)
            return
        scene = self._lab.document.scene
        held = draft.painted if draft.painted is not None and draft.painted.shape == scene.size else None
        if held is None or not held.any():
            held = draft.places(scene)
        self._want(painted=held, place="painted")
        self._tool.take_up()

    def _painted(self, mask: Mask) -> None:
        if self.isVisible():
            self._paint(mask)

    def _paint(self, mask: Mask) -> None:
        self._want(place="painted", painted=mask)

    def _unpaint(self) -> None:
        if self._lab.store.undo_label == PAINT:
            self._lab.undo()

    def _classes(self) -> tuple[Pattern, ...]:
        return self.draft.classes

    def _add_head(self, kind: HeadKind) -> None:
        self._change(lambda document: headed(document, self.side, self._classes(), kind), HEADS[kind][0])

    def _give_outputs(self) -> None:
        self._change(lambda document: with_outputs(document, self.side, self._classes()), "Outputs")

    def _change(self, edit: Callable[[Document], Outcome], title: str) -> None:
        def change(document: Document) -> Document:
            outcome: Outcome = edit(document)
            if isinstance(outcome, Refused):
                raise NetworkError(outcome.message)
            return changes.with_network(document, self.side, outcome.network)

        self._lab.edit(change, title)

    # Qt's own

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_document(self._lab.document)
        self._show_region()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self._show_region()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tool.lay_down()
        self._tool.show_region(None)


def _held_up(task: Task, draft: Draft) -> str:
    """What is said of outputs that have no class, where they hold the training up."""
    spare = len(task.network.spec.classes) - len(task.names)
    what = "One output has" if spare == 1 else f"{spare} outputs have"
    steps = f", so {task.settings.steps} steps are proposed" if "steps" in draft.proposed else ": allow it more steps"
    return f"{what} no class and must be silenced first{steps}."


def _heads() -> list[Choice]:
    return [Choice(kind, title, cost) for kind, (title, cost) in HEADS.items()]
