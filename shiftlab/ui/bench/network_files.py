"""The network on the bench as a file: its spec as JSON, and itself as PyTorch code."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from shiftlab.document import Document
from shiftlab.files.atomic import write_atomically
from shiftlab.network import presets
from shiftlab.network.editing import Refused
from shiftlab.network.geometry import stages
from shiftlab.network.spec import NetworkError, to_json
from shiftlab.network.torch_code import torch_code
from shiftlab.network.weights import Network
from shiftlab.ui import edits
from shiftlab.ui.bench import changes
from shiftlab.ui.bench.editor import Editor

log = logging.getLogger("shiftlab.bench")
SPECS = "Network specs (*.json)"
CODE = "Python (*.py)"


class NetworkFiles(QObject):
    """Opens and saves the network that is on the bench.

    Signals
    -------
    said : what was done
    refused : a Refused, why it cannot be
    """

    said = Signal(str)
    refused = Signal(object)

    def __init__(self, editor: Editor, parent: QWidget) -> None:
        super().__init__(parent)
        self._editor, self._window = editor, parent

    def open_spec(self, path: Path) -> bool:
        """Put the network of a spec file on the bench; whether it could be taken."""
        side = self._editor.side

        def taken(document: Document) -> Document:
            spec = presets.load(str(path))
            changed = (
                edits.with_spec(document, spec) if side == 0 else changes.with_network(document, side, Network(spec))
            )
            stages(spec, changed.scene.size)
            return changed

        try:
            taken(self._editor.lab.document)
        except NetworkError as error:
            self.refused.emit(Refused(str(error)))
            return False
        return self._editor.change(taken, "Open network")

    def save_spec(self, path: Path) -> bool:
        """Write the network's spec as JSON; whether it was written."""
        network = self._editor.network
        kept = " Trained weights are not in it: a session keeps them." if network.weights is not None else ""
        return self._written(path, to_json(network.spec), f"Saved {path.name}.{kept}")

    def copy_code(self) -> bool:
        """The network as PyTorch code on the clipboard; False where its weights need a file beside it."""
        try:
            made = torch_code(self._editor.network, self._editor.canvas)
        except NetworkError as error:
            self.refused.emit(Refused(str(error)))
            return False
        QGuiApplication.clipboard().setText(made.source)
        if made.weights_name:
            self.said.emit(f"Copied. It reads its weights from {made.weights_name}: save the code to get both.")
            return False
        self.said.emit("Copied as PyTorch, weights and all.")
        return True

    def save_code(self, path: Path) -> bool:
        """Write the network as PyTorch code, with its weights beside it where they are many."""
        try:
            made = torch_code(self._editor.network, self._editor.canvas)
        except NetworkError as error:
            self.refused.emit(Refused(str(error)))
            return False
        beside = f" and {made.weights_name}" if made.weights_name else ""
        if made.weights_name and not self._written(path.with_name(made.weights_name), made.weights, ""):
            return False
        return self._written(path, made.source.encode(), f"Saved {path.name}{beside}.")

    def open_dialog(self) -> None:
        """Ask which file to open."""
        name, _ = QFileDialog.getOpenFileName(self._window, "Open a network", "", SPECS)
        if name:
            self.open_spec(Path(name))

    def save_dialog(self) -> None:
        """Ask where to save the spec."""
        proposed = f"{self._editor.network.spec.name}.json"
        name, _ = QFileDialog.getSaveFileName(self._window, "Save the network", proposed, SPECS)
        if name:
            self.save_spec(Path(name).with_suffix(".json"))

    def save_code_dialog(self) -> None:
        """Ask where to save the code."""
        stem = self._editor.network.spec.name.replace("-", "_")
        name, _ = QFileDialog.getSaveFileName(self._window, "Save as PyTorch", f"{stem}.py", CODE)
        if name:
            self.save_code(Path(name).with_suffix(".py"))

    def _written(self, path: Path, content: bytes, said: str) -> bool:
        try:
            write_atomically(path, content)
        except OSError as error:
            log.warning("could not write %s: %s", path, error)
            self.refused.emit(Refused(f"{path.name} could not be saved: {error.strerror or error}"))
            return False
        self.said.emit(said)
        return True
