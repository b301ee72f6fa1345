"""The first page of the bench: the network as a list of layers, and the operations on the whole of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from shiftlab.network import editing
from shiftlab.network.editing import Edited, Outcome
from shiftlab.network.fields import KINDS
from shiftlab.network.head_swaps import HEADS, HeadKind, tied, with_head
from shiftlab.network.info import StageInfo
from shiftlab.network.spec import NetworkSpec, Pair
from shiftlab.network.surgery import surgery, unchanged
from shiftlab.network.weights import Network
from shiftlab.ui.bench import words
from shiftlab.ui.bench.editor import Editor
from shiftlab.ui.bench.layer_list import LayerList, RowModel
from shiftlab.ui.bench.operations import Operations
from shiftlab.ui.controls import Choice, PickButton
from shiftlab.ui.layouts import side_by_side


class LayersPage(QWidget):
    """Layers are switched, moved, removed, added and changed here, through the editor.

    Attributes
    ----------
    layers : LayerList
    operations : Operations
    add : PickButton

    Signals
    -------
    said : what an operation costs, '' where nothing is to be said any more
    failed : an edit of a layer was refused; the rows have to show the network as it is
    kernel_wanted : title of the stage whose kernels are to be shown
    """

    said = Signal(str)
    failed = Signal()
    kernel_wanted = Signal(str)

    def __init__(self, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self.layers = LayerList()
        self.operations = Operations()
        self.add = PickButton("Add a layer", _addable, framed=True, tooltip="Add a layer behind the chosen one")
        self.add.set_value("", "Add a layer")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 16)
        layout.setSpacing(10)
        layout.addLayout(side_by_side(self.operations, margin=8))
        layout.addWidget(self.layers)
        layout.addLayout(side_by_side(self.add, None, margin=8))
        layout.addStretch(1)
        self.add.chosen.connect(self.add_layer)
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
        listed.finished.connect(editor.end_typing)
        listed.abandoned.connect(self._abandon)
        listed.kernel_wanted.connect(lambda index: self.kernel_wanted.emit(words.titles(editor.network.spec)[index]))

    def show_spec(self, spec: NetworkSpec, infos: dict[str, StageInfo]) -> None:
        """Show the layers, with the facts of those stages that are known."""
        titles = words.titles(spec)
        self.layers.show_layers(
            tuple(
                RowModel(layer, title, infos.get(title) if layer.on else None)
                for layer, title in zip(spec.layers, titles, strict=True)
            )
        )
        self.operations.show_spec(spec)

    def operate(self, key: str) -> Outcome:
        """A one-click operation on the whole network."""
        one = surgery(key)
        return self._on_whole(lambda network, canvas: editing.operate(network, canvas, one), one.title, one.cost)

    def swap_head(self, kind: HeadKind) -> Outcome:
        """Another head."""
        return self._on_whole(lambda network, canvas: with_head(network, canvas, kind), *HEADS[kind])

    def tie(self) -> Outcome:
        """Tie the dense weights over positions."""
        return self._editor.run(_tied, "Tie dense weights")

    def add_layer(self, kind: str) -> Outcome:
        """Add a layer behind the chosen one, at the end where none is chosen."""
        count = len(self._editor.network.spec.layers)
        at = count if self.layers.chosen is None else self.layers.chosen + 1
        title, model = KINDS[kind]
        outcome = self._editor.run(
            lambda network, canvas: editing.add(network, canvas, at, model), f"Add {title.lower()}"
        )
        if isinstance(outcome, Edited):
            self.layers.choose(at)
        return outcome

    def _on_whole(self, edit: Callable[[Network, Pair], Outcome], title: str, cost: str) -> Outcome:
        outcome = self._editor.run(edit, title)
        if isinstance(outcome, Edited):
            self.layers.follow(outcome.origins)
            if not outcome.note:
                self.said.emit(cost)
        return outcome

    def _edit(self, edit: Callable[..., Outcome], title: str, *values: object) -> None:
        outcome = self._editor.run(lambda network, canvas: edit(network, canvas, *values), title)
        if isinstance(outcome, Edited):
            self.layers.follow(outcome.origins)
        else:
            self.failed.emit()

    def _typed(self, index: int, field: str, text: str) -> None:
        outcome = self._editor.run_typing(
            lambda network, canvas: editing.type_in(network, canvas, index, field, text), f"Change {field}"
        )
        if isinstance(outcome, Edited):
            self.layers.clear_refused()

    def _abandon(self) -> None:
        self._editor.abandon_typing()
        self.said.emit("")


def _tied(network: Network, canvas: Pair) -> Outcome:
    note = "Tied: the logits are those of global average + dense; the head no longer knows places."
    return Edited(tied(network, canvas), unchanged(network.spec).origins, note)


def _addable() -> tuple[Choice, ...]:
    return tuple(Choice(kind, title) for kind, (title, _) in KINDS.items())
