"""What may be changed about an experiment, no more than matters."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QRectF, QSignalBlocker, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from shiftlab.learn.plans import WINDOWS, Experiment, Plan
from shiftlab.learn.values import Settings
from shiftlab.ui.controls import FlatButton, Segments
from shiftlab.ui.fields import NumberField, label
from shiftlab.ui.theme import colour

NAME = 76


def control_line(name: str, *widgets: QWidget) -> QWidget:
    held = QWidget()
    line = QHBoxLayout(held)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(8)
    line.addWidget(label(name, "label", NAME))
    for widget in widgets:
        line.addWidget(widget)
    line.addStretch(1)
    return held


def _page(*lines: QWidget) -> QWidget:
    held = QWidget()
    down = QVBoxLayout(held)
    down.setContentsMargins(0, 0, 0, 0)
    down.setSpacing(6)
    for line in lines:
        down.addWidget(line)
    down.addStretch(1)
    return held


class FramedButton(FlatButton):
    """A button that shows its ground: one of several in a row that do different things."""

    def paint_ground(self, painter: QPainter, rect: QRectF) -> str:
        if self.isChecked():
            return super().paint_ground(painter, rect)
        theme = self.theme
        painter.setBrush(colour(theme.hov if self.isEnabled() and self.underMouse() else theme.ctl))
        painter.setPen(QPen(colour(theme.ctl if theme.dark else theme.line2), 1))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        return theme.t1


class RateField(NumberField):
    """A learning rate: small, so with more digits."""

    DIGITS = 5  # pyright: ignore[reportAssignmentType]


class Controls(QWidget):
    """The controls of the open experiment.

    Signals
    -------
    plan_wanted : a Plan that differs from the one shown
    """

    plan_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan = Plan()
        self.head = self._segments(
            "Head",
            "head",
            ("dense", "Dense", "A weight for every place"),
            ("gap", "Mean", "The mean over all places, then dense"),
            ("gmp", "Max", "The maximum over all places, then dense"),
        )
        self.region = Segments(
            "Trained in",
            [
                ("corner", "Corner", "", "", "Patterns wholly in the upper left quarter"),
                ("everywhere", "Everywhere", "", "", "Patterns at all places"),
            ],
        )
        self.region.chosen.connect(lambda one: self._want(everywhere=one == "everywhere"))
        self.bias = self._tick("biases", "bias", "Biases answer on black too, so that every weight has a gradient")
        self.decay = self._tick("decay", "decay", "Decoupled weight decay of 0.1 a step (AdamW)")
        self.random = self._tick("random start", "random", "The dense weights start from random values, not from 0")
        self.pool = self._segments(
            "Pooling window",
            "window",
            *((str(px), str(px), f"Max pooling over {px} px before the dense layer") for px in WINDOWS),
        )
        self.field = Segments(
            "Receptive field",
            [
                ("8", "8 px", "", "", "Two convolutions: never two parts at once"),
                ("38", "38 px", "", "", "Four convolutions, then a maximum over all places"),
            ],
        )
        self.field.chosen.connect(lambda one: self._want(deep=one == "38"))
        self.twin = self._segments(
            "Place B",
            "twin",
            ("on-grid", "36 px", "A multiple of the cumulative stride"),
            ("off-grid", "34 px", "Between the cells"),
            ("zero-padding", "36, zeros", "The border answers differently in A and in B"),
        )
        self.padding = self._segments(
            "Padding",
            "padding",
            ("valid", "None", "No padding"),
            ("zero", "Zeros", "A pixel of zeros"),
            ("circular", "Circular", "A pixel from the other side"),
            ("full", "Full", "Two pixels of zeros: every place is seen by as many"),
        )
        self.pages: dict[Experiment, QWidget] = {
            "corner": _page(
                control_line("Head", self.head),
                control_line("Trained in", self.region),
                control_line("Spoil it", self.bias, self.decay, self.random),
            ),
            "face": _page(control_line("Pool, px", self.pool), control_line("Field", self.field)),
            "twin": _page(control_line("Place B", self.twin)),
            "red-green": _page(control_line("Padding", self.padding)),
        }
        self._stack = QStackedWidget()
        # The widest page must not widen the others.
        self._stack.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for page in self.pages.values():
            self._stack.addWidget(page)
        self.rate = RateField("Learning rate", 0.00001, 1, step=0.001, width=58)
        self.rate.entered.connect(lambda value: self._want(rate=value))
        self.batch = NumberField("Batch", 1, 512, step=8, width=46, whole=True)
        self.batch.entered.connect(lambda value: self._want(batch=int(value)))
        self.seed = NumberField("Seed", 0, 9999, width=46, whole=True)
        self.seed.entered.connect(lambda value: self._want(seed=int(value)))
        self.optimiser = label("", "meta")
        down = QVBoxLayout(self)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(6)
        down.addWidget(self._stack)
        down.addWidget(
            control_line("Rate, batch", self.rate, self.batch, label("seed", "label"), self.seed, self.optimiser)
        )

    def show_plan(self, plan: Plan, settings: Settings | None) -> None:
        """Show the controls of this plan, with the settings it was opened with."""
        self._plan = plan
        page = self.pages[plan.experiment]
        self._stack.setCurrentWidget(page)
        self._stack.setFixedHeight(page.sizeHint().height())
        self.head.set_value(plan.head)
        self.region.set_value("everywhere" if plan.everywhere else "corner")
        self.pool.set_value("" if plan.deep else str(plan.window))
        self.field.set_value("38" if plan.deep else "8")
        self.twin.set_value(plan.twin)
        self.padding.set_value(plan.padding)
        for tick, on in ((self.bias, plan.bias), (self.decay, plan.decay), (self.random, plan.random)):
            blocker = QSignalBlocker(tick)
            tick.setChecked(on)
            blocker.unblock()
        self.seed.show_value(plan.seed)
        if settings is not None:
            self.rate.show_value(settings.rate)
            self.batch.show_value(settings.batch)
            self.optimiser.setText({"adam": "Adam", "adamw": "AdamW", "sgd": "SGD"}[settings.optimiser])
        for field in (self.rate, self.batch):
            field.setEnabled(plan.experiment != "twin")

    def _segments(self, name: str, attribute: str, *choices: tuple[str, str, str]) -> Segments:
        made = Segments(name, [(one, text, "", "", tip) for one, text, tip in choices])
        made.chosen.connect(lambda one: self._chosen(attribute, one))
        return made

    def _chosen(self, attribute: str, value: str) -> None:
        if attribute == "window":
            self._want(window=int(value), deep=False)
        elif attribute == "head":
            # each head has a rate of its own
            self._want(head=value, rate=None)
        else:
            self._want(**{attribute: value})

    def _tick(self, text: str, attribute: str, tooltip: str) -> QCheckBox:
        made = QCheckBox(text)
        made.setToolTip(tooltip)
        made.toggled.connect(lambda on: self._want(**{attribute: on}))
        return made

    def _want(self, **changes: object) -> None:
        plan = dataclasses.replace(self._plan, **changes)  # pyright: ignore[reportArgumentType]
        if plan != self._plan:
            self.plan_wanted.emit(plan)
