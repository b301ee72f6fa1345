"""The one-click operations of the bench: buttons, two lists, and what each costs."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QSizePolicy, QWidget

from shiftlab.network.head_swaps import HEADS, head_of
from shiftlab.network.spec import Conv, NetworkSpec, pads
from shiftlab.network.surgery import SURGERIES, surgery
from shiftlab.ui.controls import Choice, PickButton

SHORT = {"anti-aliased": "Anti-alias max pools", "polyphase": "Polyphase pools", "no-strides": "Remove strides"}
PADDING = "padding-"


class Operations(QWidget):
    """Surgery on the whole network.

    Attributes
    ----------
    buttons : dict of key to QPushButton
        'anti-aliased', 'polyphase', 'no-strides', 'tie'.
    padding, head : PickButton

    Signals
    -------
    operated : key of a surgery
    head_chosen : kind of head
    tie_wanted : the dense weights are to be tied over positions
    """

    operated = Signal(str)
    head_chosen = Signal(str)
    tie_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("One-click surgery")
        self.padding = PickButton(
            "All padding", _padding_choices, label="All padding", framed=True, tooltip="Pad by one mode everywhere"
        )
        self.padding.chosen.connect(lambda mode: self.operated.emit(f"{PADDING}{mode}"))
        self.head = PickButton("Head", _head_choices, label="Head", framed=True, tooltip="Another head")
        self.head.chosen.connect(self.head_chosen)
        self.buttons: dict[str, QPushButton] = {}
        for key, text in SHORT.items():
            one = surgery(key)
            button = QPushButton(text)
            button.setAccessibleName(one.title)
            button.clicked.connect(lambda _checked=False, key=key: self.operated.emit(key))
            self.buttons[key] = button
        tie = QPushButton("Tie dense weights")
        tie.clicked.connect(self.tie_wanted)
        self.buttons["tie"] = tie
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for number, widget in enumerate((self.padding, self.head, *self.buttons.values())):
            widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            layout.addWidget(widget, number // 2, number % 2)
        layout.setColumnStretch(0, 1)
        layout.setColumnStretch(1, 1)

    def show_spec(self, spec: NetworkSpec) -> None:
        """What can be done to this network, and what it has."""
        for key in SHORT:
            one, button = surgery(key), self.buttons[key]
            possible = one.changes(spec)
            button.setEnabled(possible)
            button.setToolTip(f"{one.title}. {one.cost if possible else one.nothing}")
        modes = {layer.padding_mode for layer in spec.active if isinstance(layer, Conv) and pads(layer)}
        if len(modes) == 1:
            self.padding.set_value(modes.pop())
        else:
            self.padding.set_value("", "mixed" if modes else "none")
        head = head_of(spec)
        self.head.set_value(head.kind if head else "", None if head else "none")
        tie = self.buttons["tie"]
        tie.setEnabled(head is not None and head.kind == "dense")
        tie.setToolTip(
            "Weigh every place alike: the mean of each channel's weights. The head becomes global average + dense."
            if tie.isEnabled()
            else "There is no dense head whose weights could be tied."
        )


def _padding_choices() -> tuple[Choice, ...]:
    return tuple(
        Choice(one.key.removeprefix(PADDING), one.key.removeprefix(PADDING), one.cost)
        for one in SURGERIES
        if one.key.startswith(PADDING)
    )


def _head_choices() -> tuple[Choice, ...]:
    return tuple(Choice(kind, title, cost) for kind, (title, cost) in HEADS.items())
