"""The bench dock: the layers of a network, surgery, its kernels, its head; A or B."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from shiftlab.document import Document
from shiftlab.engine.messages import Inspect, Snapshot
from shiftlab.network import editing, presets
from shiftlab.network.editing import Edited, Outcome, Refused
from shiftlab.network.fields import KINDS
from shiftlab.network.fills import with_kernel
from shiftlab.network.geometry import stages
from shiftlab.network.head_swaps import HEADS, HeadKind, tied, with_head
from shiftlab.network.info import StageInfo
from shiftlab.network.pairs import PAIRS, PresetPair
from shiftlab.network.spec import NetworkError, NetworkSpec, Pair, to_json
from shiftlab.network.surgery import surgery, unchanged
from shiftlab.network.torch_code import torch_code
from shiftlab.network.weights import Network
from shiftlab.ui import edits
from shiftlab.ui.bench import changes, words
from shiftlab.ui.bench.editor import Editor
from shiftlab.ui.bench.head_view import HeadView
from shiftlab.ui.bench.kernel_editor import KernelEditor
from shiftlab.ui.bench.layer_list import LayerList, RowModel
from shiftlab.ui.bench.operations import Operations
from shiftlab.ui.controls import Choice, FlatButton, PickButton, Segments
from shiftlab.ui.fields import label
from shiftlab.ui.lab import Lab

log = logging.getLogger("shiftlab.bench")
TABS = ("layers", "kernels", "head")
SPECS = "Network specs (*.json)"
CODE = "Python (*.py)"


class Bench(QWidget):
    """The dock in which a network is changed while its maps follow.

    Attributes
    ----------
    editor : Editor
        Through which every change goes.
    layers : LayerList
    operations : Operations
    kernels : KernelEditor
    head : HeadView
    note : QLabel
        What the last edit cost, or why it cannot be.

    Signals
    -------
    inspected_wanted : tuple of Inspect, the channels whose values the head's maps need
    said : one line about what was done
    """

    inspected_wanted = Signal(object)
    said = Signal(str)

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Bench")
        self._lab = lab
        self.editor = Editor(lab, self)
        self.tabs = Segments(
            "Bench",
            (
                ("layers", "Layers", "", "", "The network as a list of layers"),
                ("kernels", "Kernels", "", "", "Paint, type and fill kernels"),
                ("head", "Head", "", "", "Where the decision comes from"),
            ),
        )
        self.sides = Segments(
            "Network on the bench",
            (("0", "A", "", "", "Change network A"), ("1", "B", "", "", "Change network B")),
        )
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the network")
        self.name.setToolTip("The network's name")
        self.name.setMaxLength(60)
        self.fork = FlatButton("", "fork", "Fork to B: a copy of A beside it")
        self.fork.setAccessibleName("Fork to B")
        self.code = FlatButton("", "copy", "Copy as PyTorch")
        self.more = FlatButton("", "more", "Open, save, compare")
        self.layers = LayerList()
        self.operations = Operations()
        self.add = PickButton("Add a layer", _addable, framed=True, tooltip="Add a layer behind the chosen one")
        self.add.set_value("", "Add a layer")
        self.note = label("", "meta")
        self.note.setWordWrap(True)
        self.kernels = KernelEditor()
        self.head = HeadView()
        self._stack = QStackedWidget()
        for page in (self._layers_page(), self.kernels, self.head):
            area = QScrollArea()
            area.setFrameShape(QFrame.Shape.NoFrame)
            area.setWidgetResizable(True)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            area.setWidget(page)
            # setWidget makes the page paint the window's ground
            page.setAutoFillBackground(False)
            area.viewport().setAutoFillBackground(False)
            self._stack.addWidget(area)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(_row(12, self.tabs, None, self.fork, self.code, self.more))
        named = QWidget()
        named.setLayout(_row(4, self.name))
        layout.addLayout(_row(12, self.sides, named))
        layout.addLayout(_row(16, self.note))
        layout.addWidget(self._stack, 1)
        self._say("")
        self._connect()
        self.show_tab("layers")
        self._show(lab.document)

    @property
    def inspected(self) -> tuple[Inspect, ...]:
        """The channels whose values the page that is shown needs."""
        return self.head.wanted(self.editor.side) if self.tab == "head" else ()

    @property
    def tab(self) -> str:
        return TABS[self._stack.currentIndex()]

    def show_tab(self, tab: str) -> None:
        """Show the layers, the kernels, or the head."""
        self.editor.end_typing()
        self._stack.setCurrentIndex(TABS.index(tab))
        self.tabs.set_value(tab)
        self._show_page()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Give the head what a snapshot knows of it."""
        if self.tab == "head" and self.isVisible():
            self.head.show_snapshot(snapshot, self.editor.side)

    def operate(self, key: str) -> Outcome:
        """A one-click operation on the whole network."""
        one = surgery(key)
        outcome = self.editor.run(lambda network, canvas: editing.operate(network, canvas, one), one.title)
        if isinstance(outcome, Edited):
            self.layers.follow(outcome.origins)
            if not outcome.note:
                self._say(one.cost)
        return outcome

    def swap_head(self, kind: HeadKind) -> Outcome:
        """Another head."""
        title, cost = HEADS[kind]
        outcome = self.editor.run(lambda network, canvas: with_head(network, canvas, kind), title)
        if isinstance(outcome, Edited):
            self.layers.follow(outcome.origins)
            if not outcome.note:
                self._say(cost)
        return outcome

    def tie(self) -> Outcome:
        """Tie the dense weights over positions."""
        return self.editor.run(_tied, "Tie dense weights")

    def add_layer(self, kind: str) -> Outcome:
        """Add a layer behind the chosen one, at the end where none is chosen."""
        count = len(self.editor.network.spec.layers)
        at = count if self.layers.chosen is None else self.layers.chosen + 1
        model = KINDS[kind][1]
        outcome = self.editor.run(
            lambda network, canvas: editing.add(network, canvas, at, model), f"Add {KINDS[kind][0].lower()}"
        )
        if isinstance(outcome, Edited):
            self.layers.choose(at)
        return outcome

    def fork_to_b(self) -> None:
        """A copy of A as B, which comes on the bench."""
        self.editor.change(changes.forked, "Fork to B")
        self.editor.set_side(1)

    def remove_b(self) -> None:
        """A alone."""
        self.editor.set_side(0)
        self.editor.change(changes.without_b, "Remove B")

    def swap_sides(self) -> None:
        """A and B in each other's place."""
        self.editor.change(changes.swapped, "Swap A and B")

    def compare(self, pair: PresetPair) -> None:
        """Two presets side by side."""
        if self.editor.change(lambda document: changes.with_pair(document, pair), f"Compare {pair.name}"):
            self._say(pair.point)

    def open_spec(self, path: Path) -> bool:
        """Put the network of a spec file on the bench; whether it could be taken."""
        side = self.editor.side

        def taken(document: Document) -> Document:
            spec = presets.load(str(path))
            changed = (
                edits.with_spec(document, spec) if side == 0 else changes.with_network(document, side, Network(spec))
            )
            stages(spec, changed.scene.size)
            return changed

        try:
            taken(self._lab.document)
        except NetworkError as error:
            self._refused(Refused(str(error)))
            return False
        return self.editor.change(taken, "Open network")

    def save_spec(self, path: Path) -> bool:
        """Write the network's spec as JSON; whether it was written."""
        network = self.editor.network
        kept = " Trained weights are not in it: a session keeps them." if network.weights is not None else ""
        return self._written(path, to_json(network.spec), f"Saved {path.name}.{kept}")

    def copy_code(self) -> bool:
        """The network as PyTorch code on the clipboard; False where its weights need a file beside it."""
        try:
            made = torch_code(self.editor.network, self.editor.canvas)
        except NetworkError as error:
            self._refused(Refused(str(error)))
            return False
        QGuiApplication.clipboard().setText(made.source)
        if made.weights_name:
            self._say(f"Copied. It reads its weights from {made.weights_name}: save the code to get both.")
            return False
        self._say("Copied as PyTorch, weights and all.")
        return True

    def save_code(self, path: Path) -> bool:
        """Write the network as PyTorch code, with its weights beside it where they are many."""
        try:
            made = torch_code(self.editor.network, self.editor.canvas)
        except NetworkError as error:
            self._refused(Refused(str(error)))
            return False
        beside = f" and {made.weights_name}" if made.weights_name else ""
        if made.weights_name and not self._written(path.with_name(made.weights_name), made.weights, ""):
            return False
        return self._written(path, made.source.encode(), f"Saved {path.name}{beside}.")

    def menu(self) -> QMenu:
        """What the button with the dots opens."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.addAction("Open network …", self._open_dialog)
        menu.addAction("Save network …", self._save_dialog)
        menu.addAction("Save as PyTorch …", self._save_code_dialog)
        menu.addSeparator()
        two = len(self._lab.document.networks) == 2
        for text, run in (("Swap A and B", self.swap_sides), ("Remove B", self.remove_b)):
            menu.addAction(text, run).setEnabled(two)
        menu.addSeparator()
        for pair in PAIRS:
            action = menu.addAction(f"Compare {pair.name}", lambda pair=pair: self.compare(pair))
            action.setToolTip(pair.point)
        return menu

    def _layers_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(8, 4, 8, 16)
        layout.setSpacing(10)
        layout.addLayout(_row(8, self.operations))
        layout.addWidget(self.layers)
        layout.addLayout(_row(8, self.add, None))
        layout.addStretch(1)
        return page

    def _connect(self) -> None:
        self._lab.changed.connect(self._document_changed)
        self.tabs.chosen.connect(self.show_tab)
        self.sides.chosen.connect(lambda side: self.editor.set_side(int(side)))
        self.name.editingFinished.connect(self._rename)
        self.fork.clicked.connect(self.fork_to_b)
        self.code.clicked.connect(self.copy_code)
        self.more.clicked.connect(self._open_menu)
        self.add.chosen.connect(self.add_layer)
        self.editor.said.connect(self._said)
        self.editor.refused.connect(self._refused)
        self.editor.side_changed.connect(lambda _side: self._show(self._lab.document))
        self.operations.operated.connect(self.operate)
        self.operations.head_chosen.connect(self.swap_head)
        self.operations.tie_wanted.connect(self.tie)
        listed = self.layers
        listed.switched.connect(lambda index, on: self._edit(editing.switch, "Switch layer", index, on))
        listed.moved.connect(lambda index, to: self._edit(editing.move, "Move layer", index, to))
        listed.removed.connect(lambda index: self._edit(editing.remove, "Remove layer", index))
        listed.kind_chosen.connect(lambda index, kind: self._edit(editing.change_kind, "Change kind", index, kind))
        listed.entered.connect(lambda *place: self._edit(editing.type_in, f"Change {place[1]}", *place))
        listed.typed.connect(self._typed)
        listed.finished.connect(self.editor.end_typing)
        listed.abandoned.connect(self._abandon)
        listed.kernel_wanted.connect(self._show_kernels_of)
        self.kernels.painted.connect(lambda *place: self._paint(*place, typing=True))
        self.kernels.replaced.connect(lambda *place: self._paint(*place, typing=False))
        self.kernels.stroke_ended.connect(self.editor.end_typing)
        self.kernels.refused.connect(lambda text: self._refused(Refused(text)))

    def _edit(self, edit: Callable[..., Outcome], title: str, *values: object) -> None:
        outcome = self.editor.run(lambda network, canvas: edit(network, canvas, *values), title)
        if isinstance(outcome, Edited):
            self.layers.follow(outcome.origins)
        else:
            self._show(self._lab.document, keep_refused=True)

    def _typed(self, index: int, field: str, text: str) -> None:
        outcome = self.editor.run_typing(
            lambda network, canvas: editing.type_in(network, canvas, index, field, text), f"Change {field}"
        )
        if isinstance(outcome, Edited):
            self.layers.clear_refused()

    def _abandon(self) -> None:
        self.editor.abandon_typing()
        self._say("")

    def _paint(self, stage: str, out_channel: int, in_channel: int, kernel: object, *, typing: bool) -> None:
        def painted(network: Network, canvas: Pair) -> Outcome:
            made = with_kernel(network, canvas, stage, out_channel, in_channel, kernel)  # pyright: ignore
            return Edited(made, unchanged(made.spec).origins)

        if typing:
            # a stroke goes on from what it has painted so far
            before = self.editor.network
            self.editor.run_typing(lambda _network, canvas: painted(before, canvas), "Paint kernel")
        else:
            self.editor.run(painted, "Fill kernel")

    def _show_kernels_of(self, index: int) -> None:
        title = words.titles(self.editor.network.spec)[index]
        self.show_tab("kernels")
        self.kernels.show_stage(title)

    def _rename(self) -> None:
        name = self.name.text()
        self.editor.run(
            lambda network, _canvas: Edited(editing.rename(network, name), unchanged(network.spec).origins), "Rename"
        )
        self.name.setText(self.editor.network.spec.name)

    def _document_changed(self, document: Document, before: Document) -> None:
        if document.networks != before.networks or document.scene.size != before.scene.size:
            self._show(document)

    def _show(self, document: Document, keep_refused: bool = False) -> None:
        two = len(document.networks) == 2
        self.sides.setVisible(two)
        self.sides.set_value(str(self.editor.side))
        self.fork.setEnabled(not two or document.networks[0] != document.networks[1])
        spec = self.editor.network.spec
        if not self.name.hasFocus():
            self.name.setText(spec.name)
        error = ""
        infos: dict[str, StageInfo] = {}
        try:
            infos = {info.name: info for info in stages(spec, self.editor.canvas)}
        except NetworkError as failure:
            error = str(failure)
        self.layers.show_layers(_models(spec, infos))
        self.operations.show_spec(spec)
        if error:
            self._refused(Refused(error))
        elif not keep_refused:
            self._say("")
        self._show_page()

    def _show_page(self) -> None:
        network, canvas = self.editor.network, self.editor.canvas
        if self.tab == "kernels":
            self.kernels.show_network(network, canvas)
        elif self.tab == "head":
            self.head.show_network(network, canvas)
        self.inspected_wanted.emit(self.inspected)

    def _said(self, note: str) -> None:
        self._say(note)

    def _say(self, text: str, role: str = "meta") -> None:
        """One line above the pages; nothing takes no room."""
        if self.note.property("role") != role:
            self.note.setProperty("role", role)
            self.note.style().unpolish(self.note)
            self.note.style().polish(self.note)
        self.note.setText(text)
        self.note.setVisible(bool(text))
        if text:
            self.said.emit(text)

    def _refused(self, refused: Refused) -> None:
        """At the field where it is shown, above the list where it is not."""
        self.layers.show_refused(refused)
        at_field = self.tab == "layers" and refused.layer is not None and refused.layer == self.layers.chosen
        self._say("" if at_field else refused.message, "warning")

    def _written(self, path: Path, content: bytes, said: str) -> bool:
        try:
            path.write_bytes(content)
        except OSError as error:
            log.warning("could not write %s: %s", path, error)
            self._refused(Refused(f"{path.name} could not be saved: {error.strerror}"))
            return False
        self._say(said)
        return True

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height() + 2)))

    def _open_dialog(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Open a network", "", SPECS)
        if name:
            self.open_spec(Path(name))

    def _save_dialog(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save the network", f"{self.editor.network.spec.name}.json", SPECS)
        if name:
            self.save_spec(Path(name).with_suffix(".json"))

    def _save_code_dialog(self) -> None:
        stem = self.editor.network.spec.name.replace("-", "_")
        name, _ = QFileDialog.getSaveFileName(self, "Save as PyTorch", f"{stem}.py", CODE)
        if name:
            self.save_code(Path(name).with_suffix(".py"))


def _models(spec: NetworkSpec, infos: dict[str, StageInfo]) -> tuple[RowModel, ...]:
    titles = words.titles(spec)
    return tuple(
        RowModel(layer, title, infos.get(title) if layer.on else None)
        for layer, title in zip(spec.layers, titles, strict=True)
    )


def _tied(network: Network, canvas: Pair) -> Outcome:
    note = "Tied: the logits are those of global average + dense; the head no longer knows places."
    return Edited(tied(network, canvas), unchanged(network.spec).origins, note)


def _addable() -> tuple[Choice, ...]:
    return tuple(Choice(kind, title) for kind, (title, _) in KINDS.items())


def _row(margin: int, *widgets: QWidget | None) -> QHBoxLayout:
    """Widgets side by side; None stretches."""
    row = QHBoxLayout()
    row.setContentsMargins(margin, 0, margin, 0)
    row.setSpacing(6)
    for widget in widgets:
        if widget is None:
            row.addStretch(1)
        else:
            row.addWidget(widget)
    return row
