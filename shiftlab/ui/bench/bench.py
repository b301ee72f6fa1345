"""The bench dock: the layers of a network, surgery, its kernels, its head; A or B."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QMenu, QStackedWidget, QVBoxLayout, QWidget

from shiftlab.document import Document
from shiftlab.engine.messages import Inspect, Snapshot
from shiftlab.network import editing
from shiftlab.network.editing import Edited, Outcome, Refused
from shiftlab.network.fills import with_kernel
from shiftlab.network.geometry import stages
from shiftlab.network.info import StageInfo
from shiftlab.network.pairs import PAIRS, PresetPair
from shiftlab.network.spec import NetworkError, Pair
from shiftlab.network.surgery import unchanged
from shiftlab.network.weights import Network
from shiftlab.ui.bench import changes
from shiftlab.ui.bench.editor import Editor
from shiftlab.ui.bench.head_view import HeadView
from shiftlab.ui.bench.kernel_editor import KernelEditor
from shiftlab.ui.bench.layers_page import LayersPage
from shiftlab.ui.bench.network_files import NetworkFiles
from shiftlab.ui.controls import FlatButton, Segments
from shiftlab.ui.fields import label
from shiftlab.ui.lab import Lab
from shiftlab.ui.layouts import scrolling, side_by_side

TABS = ("layers", "kernels", "head")


class Bench(QWidget):
    """The dock in which a network is changed while its maps follow.

    Attributes
    ----------
    editor : Editor
        Through which every change goes.
    files : NetworkFiles
    page : LayersPage
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
        self.files = NetworkFiles(self.editor, self)
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
        self.page = LayersPage(self.editor)
        self.note = label("", "meta")
        self.note.setWordWrap(True)
        self.kernels = KernelEditor()
        self.head = HeadView()
        self._stack = QStackedWidget()
        for page in (self.page, self.kernels, self.head):
            self._stack.addWidget(scrolling(page))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(side_by_side(self.tabs, None, self.fork, self.code, self.more, spacing=6, margin=12))
        named = QWidget()
        named.setLayout(side_by_side(self.name, margin=4))
        layout.addLayout(side_by_side(self.sides, named, spacing=6, margin=12))
        layout.addLayout(side_by_side(self.note, margin=16))
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

    def menu(self) -> QMenu:
        """What the button with the dots opens."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.addAction("Open network …", self.files.open_dialog)
        menu.addAction("Save network …", self.files.save_dialog)
        menu.addAction("Save as PyTorch …", self.files.save_code_dialog)
        menu.addSeparator()
        two = len(self._lab.document.networks) == 2
        for text, run in (("Swap A and B", self.swap_sides), ("Remove B", self.remove_b)):
            menu.addAction(text, run).setEnabled(two)
        menu.addSeparator()
        for pair in PAIRS:
            action = menu.addAction(f"Compare {pair.name}", lambda pair=pair: self.compare(pair))
            action.setToolTip(pair.point)
        return menu

    def _connect(self) -> None:
        self._lab.changed.connect(self._document_changed)
        self.tabs.chosen.connect(self.show_tab)
        self.sides.chosen.connect(lambda side: self.editor.set_side(int(side)))
        self.name.editingFinished.connect(self._rename)
        self.fork.clicked.connect(self.fork_to_b)
        self.code.clicked.connect(self.files.copy_code)
        self.more.clicked.connect(self._open_menu)
        for one in (self.editor, self.files):
            one.said.connect(self._say)
            one.refused.connect(self._refused)
        self.editor.side_changed.connect(lambda _side: self._show(self._lab.document))
        self.page.said.connect(self._say)
        self.page.failed.connect(lambda: self._show(self._lab.document, keep_refused=True))
        self.page.kernel_wanted.connect(self._show_kernels_of)
        self.kernels.painted.connect(lambda *place: self._paint(*place, typing=True))
        self.kernels.replaced.connect(lambda *place: self._paint(*place, typing=False))
        self.kernels.stroke_ended.connect(self.editor.end_typing)
        self.kernels.refused.connect(lambda text: self._refused(Refused(text)))

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

    def _show_kernels_of(self, stage: str) -> None:
        self.show_tab("kernels")
        self.kernels.show_stage(stage)

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
        self.page.show_spec(spec, infos)
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
        self.page.layers.show_refused(refused)
        at_field = self.tab == "layers" and refused.layer is not None and refused.layer == self.page.layers.chosen
        self._say("" if at_field else refused.message, "warning")

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height() + 2)))
