"""The fields of one layer, edited where it stands in the list."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from shiftlab.network.costs import cost
from shiftlab.network.editing import Refused
from shiftlab.network.fields import KINDS, FieldInfo, fields_of, shown
from shiftlab.network.spec import Conv, LayerSpec
from shiftlab.ui.bench.own_keys import claims
from shiftlab.ui.controls import Choice, FlatButton, PickButton
from shiftlab.ui.fields import label
from shiftlab.ui.theme import Theme
from shiftlab.ui.themed import Themed

ACROSS = 4
WIDTH = 84
TOOLTIPS = {
    "kernel": "Side of the window: 3, or rows x columns as 3x5",
    "stride": "Every how many cells the window stands: 2, or 2x1",
    "padding": "Pixels added on each side: 1, or 1x2",
    "padding_mode": "What stands in the padding",
    "dilation": "Distance between the window's cells",
    "channels": "Maps that come out",
    "groups": "Into how many groups of channels it is divided",
    "units": "Values that come out",
    "bias": "A constant added to each output",
    "initialisation": "Weights where none are trained: drawn from the seed, readable kernels of the bank, or zeros",
    "function": "What is applied to every value",
    "size": "Taps of the blur, 1 to 7",
    "blur": "Taps of the blur before sampling, 1 for none",
    "max_kernel": "Window of the maximum at stride 1 that comes first, 1 for none",
}


class TypedField(Themed, QLineEdit):
    """A field that tells of every letter; Escape puts back what was there.

    Attributes
    ----------
    bad : bool
        Whether it is marked as the one that cannot be.

    Signals
    -------
    abandoned : Escape was pressed
    """

    abandoned = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bad = False

    def set_bad(self, bad: bool) -> None:
        if self.bad != bad:
            self.bad = bad
            self._show_bad()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._show_bad()

    def _show_bad(self) -> None:
        self.setStyleSheet(
            f"QLineEdit {{ border: 2px solid {self.theme.broke}; padding: 2px 7px; }}" if self.bad else ""
        )

    # Qt's own

    def event(self, event: QEvent) -> bool:
        typing = self.isModified() or self.bad
        return (typing and claims(event, (Qt.Key.Key_Escape,))) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.abandoned.emit()
            return
        super().keyPressEvent(event)


class LayerForm(QWidget):
    """Everything of one layer that can be set.

    Attributes
    ----------
    editors : dict of field name to its widget
    kind : PickButton
    error : QLabel

    Signals
    -------
    typed : field name and text, at every letter
    finished : typing came to its end
    abandoned : what was typed is to be taken back
    chosen : field name and text, where something was picked or ticked
    kind_chosen : another kind of layer
    remove_wanted, kernel_wanted : a button was pressed
    """

    typed = Signal(str, str)
    finished = Signal()
    abandoned = Signal()
    chosen = Signal(str, str)
    kind_chosen = Signal(str)
    remove_wanted = Signal()
    kernel_wanted = Signal()

    def __init__(self, layer: LayerSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layer = layer
        self.setAccessibleName("Fields of the layer")
        self.kind = PickButton(
            "Kind of layer", _kind_choices, label="Kind", framed=True, tooltip="Make it another kind of layer"
        )
        self.kind.chosen.connect(self.kind_chosen)
        self.kernel = FlatButton("Kernels", "", "Show and paint this layer's kernels")
        self.kernel.clicked.connect(self.kernel_wanted)
        self.remove = FlatButton("Remove", "", "Remove this layer  (Delete)")
        self.remove.clicked.connect(self.remove_wanted)
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.kind)
        top.addStretch(1)
        top.addWidget(self.kernel)
        top.addWidget(self.remove)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(6)
        self.error = label("", "warning")
        self.error.setWordWrap(True)
        self.error.hide()
        self.cost = label("", "meta")
        self.cost.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 4, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addLayout(self._grid)
        layout.addWidget(self.error)
        layout.addWidget(self.cost)
        self.editors: dict[str, QWidget] = {}
        for number, field in enumerate(fields_of(layer)):
            self._add(field, number)
        self._grid.setColumnStretch(ACROSS, 1)
        self.show_layer(layer)

    @property
    def layer_kind(self) -> str:
        return self._layer.kind

    def show_layer(self, layer: LayerSpec) -> None:
        """Show what a layer of the same kind is set to; what is being typed is left alone."""
        self._layer = layer
        self.kind.set_value(layer.kind, KINDS[layer.kind][0])
        self.kernel.setVisible(isinstance(layer, Conv) and layer.on)
        for field in fields_of(layer):
            editor, text = self.editors[field.name], shown(getattr(layer, field.name))
            if isinstance(editor, TypedField):
                if not (editor.hasFocus() and editor.isModified()) and not editor.bad:
                    editor.setText(text)
            elif isinstance(editor, PickButton):
                editor.set_value(text)
            elif isinstance(editor, QCheckBox):
                blocker = QSignalBlocker(editor)
                editor.setChecked(text == "yes")
                blocker.unblock()
        says = cost(layer)
        self.cost.setText(says)
        self.cost.setVisible(bool(says))

    def show_refused(self, refused: Refused) -> None:
        """Say what cannot be, and mark the field."""
        self.error.setText(refused.message)
        self.error.setAccessibleName(refused.message)
        self.error.show()
        for name, editor in self.editors.items():
            if isinstance(editor, TypedField):
                editor.set_bad(name == refused.field)

    def clear_refused(self) -> None:
        """Everything is well again."""
        self.error.hide()
        self.error.setText("")
        for editor in self.editors.values():
            if isinstance(editor, TypedField):
                editor.set_bad(False)

    def _add(self, field: FieldInfo, number: int) -> None:
        tooltip = TOOLTIPS.get(field.name, field.label)
        caption: QLabel | None = label(field.label, "meta")
        editor: QWidget
        if field.kind == "flag":
            editor = QCheckBox(field.label)
            editor.toggled.connect(self._tells(field, lambda on: "yes" if on else "no"))
            caption = None
        elif field.kind == "choice":
            editor = PickButton(
                field.label, _choices(field), framed=True, width=WIDTH if len(field.choices) < 7 else WIDTH + 20
            )
            editor.chosen.connect(self._tells(field, str))
        else:
            editor = TypedField()
            editor.setFixedWidth(WIDTH)
            editor.setMaxLength(24)
            editor.textEdited.connect(lambda text, name=field.name: self.typed.emit(name, text))
            editor.editingFinished.connect(lambda one=editor: self._finished(one))
            editor.abandoned.connect(lambda one=editor, name=field.name: self._abandoned(one, name))
        editor.setAccessibleName(field.label)
        editor.setToolTip(tooltip)
        cell = QVBoxLayout()
        cell.setSpacing(2)
        if caption is not None:
            caption.setBuddy(editor)
            cell.addWidget(caption)
        else:
            cell.addSpacing(16)
        cell.addWidget(editor)
        cell.addStretch(1)
        self._grid.addLayout(cell, number // ACROSS, number % ACROSS)
        self.editors[field.name] = editor

    def _tells(self, field: FieldInfo, text: Callable[[object], str]) -> Callable[[object], None]:
        return lambda value: self.chosen.emit(field.name, text(value))

    def _finished(self, editor: TypedField) -> None:
        editor.setModified(False)
        self.finished.emit()

    def _abandoned(self, editor: TypedField, name: str) -> None:
        """Back to what was there before typing began."""
        editor.setModified(False)
        self.clear_refused()
        self.abandoned.emit()
        editor.setText(shown(getattr(self._layer, name)))


def _kind_choices() -> tuple[Choice, ...]:
    return tuple(Choice(kind, title, cost(model) or title) for kind, (title, model) in KINDS.items())


def _choices(field: FieldInfo) -> Callable[[], tuple[Choice, ...]]:
    return lambda: tuple(Choice(choice, choice.replace("_", " ")) for choice in field.choices)
