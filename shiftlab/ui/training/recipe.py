"""How a task of one's own is trained: what matters at hand, the rest folded away."""

from __future__ import annotations

from typing import get_args

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shiftlab.learn.draft import LIMITS, Draft
from shiftlab.learn.values import Optimiser
from shiftlab.network.weights import Network
from shiftlab.ui.controls import FlatButton, Segments
from shiftlab.ui.fields import NumberField, label
from shiftlab.ui.training.controls import RateField, control_line

VARIATIONS = {"exact": 0.0, "varied": 0.5, "much": 1.0}


class Recipe(QWidget):
    """Variation and start; folded: the optimiser and its numbers.

    Attributes
    ----------
    more : FlatButton
        Unfolds the rest.
    variation, start, optimiser : Segments
    rate, decay, momentum, batch, steps, shift, seed : NumberField

    Signals
    -------
    changes_wanted : fields of a Draft with their values, as a dict
    settings_wanted : fields of its settings with their values, as a dict
    """

    changes_wanted = Signal(object)
    settings_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.variation = Segments(
            "Variation",
            [
                ("exact", "As drawn", "", "", "Every image shows the very same pattern"),
                ("varied", "Varied", "", "", "Turn, contrast and grain differ a little from image to image"),
                ("much", "Much", "", "", "Turn, contrast and grain differ much"),
            ],
        )
        self.variation.chosen.connect(lambda one: self.changes_wanted.emit({"variation": VARIATIONS[one]}))
        self.start = Segments(
            "Start from",
            [
                ("initial", "Initial", "", "", "The weights that the network's seed gives"),
                ("present", "Present", "", "", "The weights that it has now"),
            ],
        )
        self.start.chosen.connect(lambda one: self.changes_wanted.emit({"start": one}))
        self.optimiser = Segments(
            "Optimiser",
            [
                ("adam", "Adam", "", "", "Kingma & Ba 2015"),
                ("adamw", "AdamW", "", "", "Adam with decoupled weight decay, Loshchilov & Hutter 2019"),
                ("sgd", "SGD", "", "", "Gradient descent, with momentum where that is not 0"),
            ],
        )
        assert set(self.optimiser.buttons) == set(get_args(Optimiser))
        self.optimiser.chosen.connect(lambda one: self.settings_wanted.emit({"optimiser": one}))
        self.rate = RateField("Learning rate", *LIMITS["rate"], step=0.001, width=58)
        self.decay = RateField("Weight decay", *LIMITS["weight_decay"], step=0.01, width=58)
        self.momentum = NumberField("Momentum", *LIMITS["momentum"], step=0.1, width=46, tooltip="Of SGD alone")
        self.batch = NumberField("Batch", *LIMITS["batch"], step=8, width=46, whole=True)
        self.steps = NumberField("Steps", *LIMITS["steps"], step=50, width=52, whole=True)
        self.shift = NumberField(
            "Shift",
            *LIMITS["shift"],
            whole=True,
            width=46,
            tooltip="Augmentation: every image moved by up to so many px",
        )
        self.seed = NumberField("Seed", *LIMITS["seed"], width=46, whole=True, tooltip="Of the images and their order")
        for name, field, whole in (
            ("rate", self.rate, False),
            ("weight_decay", self.decay, False),
            ("momentum", self.momentum, False),
            ("batch", self.batch, True),
            ("steps", self.steps, True),
            ("shift", self.shift, True),
            ("seed", self.seed, True),
        ):
            field.entered.connect(
                lambda value, name=name, whole=whole: self.settings_wanted.emit({name: int(value) if whole else value})
            )
        self.more = FlatButton("More", "chevron", "Optimiser, rate, decay, batch, steps, shift, seed", checkable=False)
        self.more.clicked.connect(lambda: self.unfold(not self._folded.isVisibleTo(self)))
        self._folded = QWidget()
        inner = QVBoxLayout(self._folded)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        for line in (
            control_line("Optimiser", self.optimiser),
            control_line("Rate", self.rate, label("batch", "label"), self.batch, label("steps", "label"), self.steps),
            control_line("Decay", self.decay, label("momentum", "label"), self.momentum),
            control_line("Shift, px", self.shift, label("seed", "label"), self.seed),
        ):
            inner.addWidget(line)
        down = QVBoxLayout(self)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(6)
        down.addWidget(control_line("Variation", self.variation))
        beside = QHBoxLayout()
        beside.addWidget(control_line("Start from", self.start), 1)
        beside.addWidget(self.more)
        down.addLayout(beside)
        down.addWidget(self._folded)
        self.unfold(False)

    def unfold(self, shown: bool) -> None:
        """Show the rest, or fold it away."""
        self._folded.setVisible(shown)
        self.more.setText("Less" if shown else "More")
        self.more.setAccessibleName("Fewer settings" if shown else "More settings")
        self.more.updateGeometry()

    def show_draft(self, draft: Draft, network: Network, canvas: tuple[int, int]) -> None:
        """Show how a network would be trained."""
        settings = draft.settings_for(network.spec, canvas)
        self.variation.set_value(next((name for name, one in VARIATIONS.items() if one == draft.variation), ""))
        self.start.set_value(draft.starts(network))
        self.start.buttons["present"].setEnabled(network.weights is not None)
        self.optimiser.set_value(settings.optimiser)
        for field, value in (
            (self.rate, settings.rate),
            (self.decay, settings.weight_decay),
            (self.momentum, settings.momentum),
            (self.batch, settings.batch),
            (self.steps, settings.steps),
            (self.shift, settings.shift),
            (self.seed, settings.seed),
        ):
            field.show_value(float(value))
        self.momentum.setEnabled(settings.optimiser == "sgd")
