"""Curves: every stage's error against the shift along a line, and the wobble of what is followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QVBoxLayout, QWidget

from shiftlab.document import Document
from shiftlab.ui import edits
from shiftlab.ui.controls import Choice, PickButton, Segments
from shiftlab.ui.fields import label
from shiftlab.ui.figure import words
from shiftlab.ui.lab import Lab
from shiftlab.ui.layouts import side_by_side
from shiftlab.ui.measuring import choosing
from shiftlab.ui.measuring.questions import (
    QUANTITIES,
    STEPS,
    Compute,
    CurveQuestion,
    Curves,
    Follow,
    Follows,
)
from shiftlab.ui.measuring.shift_plots import ErrorPlot, WobblePlot, error_words
from shiftlab.ui.measuring.shifts_view import ShiftsView
from shiftlab.ui.measuring.tabbed import Table
from shiftlab.ui.theme import DARK, Theme

if TYPE_CHECKING:
    from shiftlab.measure.curves import Direction

MOST_LOGITS = 10
DIRECTIONS: tuple[tuple[Direction, str, str], ...] = (
    ("row", "Right", "Along a row: positive shifts go right"),
    ("col", "Down", "Along a column: positive shifts go down"),
    ("diagonal", "Both", "Along the diagonal: down and right by as much"),
)
FINENESS = {"1": (1.0, "1 px"), "0.5": (0.5, "½ px"), "0.25": (0.25, "¼ px")}
FOLLOWS: dict[Follows, tuple[str, str]] = {
    "mean": ("channel mean", "The mean of the chosen channel"),
    "cell": ("pinned cell", "The pinned cell, else the one in the middle of the map"),
    "logits": ("logits", "The outputs of the last stage"),
}


class CurvesView(ShiftsView[CurveQuestion]):
    """Two plots over one axis of shifts; the cursor in them is the present place and can be dragged.

    Attributes
    ----------
    plot : ErrorPlot
        The chosen stage is drawn strong.
    wobble : WobblePlot
    """

    plot: ErrorPlot

    def __init__(self, lab: Lab, compute: Compute, parent: QWidget | None = None) -> None:
        super().__init__("curves", lab, compute, ErrorPlot(DARK), parent)
        self.direction: Direction = "row"
        self.follows: Follows = "mean"
        self._step = 1.0
        self._curves: Curves = ()
        self._build()

    def _build(self) -> None:
        self.directions = Segments("Direction", [(one, text, "", "", tip) for one, text, tip in DIRECTIONS])
        self.directions.chosen.connect(self._choose_direction)
        self.pick_step = PickButton(
            "Step", lambda: [Choice(one, text) for one, (_, text) in FINENESS.items()], label="step"
        )
        self.pick_step.chosen.connect(self._choose_step)
        self.pick_follows = PickButton(
            "What wobbles", lambda: [Choice(one, *text) for one, text in FOLLOWS.items()], label="wobble of"
        )
        self.pick_follows.chosen.connect(self._choose_follows)
        self.wobble_caption = label("", "meta")
        self.wobble = WobblePlot(self.theme)
        self.plot.setMinimumHeight(150)
        self.wobble.setMinimumHeight(90)
        for plot in (self.plot, self.wobble):
            plot.dragged.connect(self._drag)
            plot.dropped.connect(self._drop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(side_by_side(self.pick_quantity, self.pick_stage, None, spacing=4))
        layout.addLayout(side_by_side(self.directions, self.pick_reach, self.pick_step, None, spacing=4))
        layout.addWidget(self.caption)
        layout.addWidget(self.plot, 5)
        layout.addWidget(self.readout)
        layout.addLayout(side_by_side(self.pick_follows, None))
        layout.addWidget(self.wobble_caption)
        layout.addWidget(self.wobble, 3)
        layout.addWidget(self.line)
        layout.addLayout(self.foot)
        self._show_choices()

    # what is chosen

    def natural_reach(self) -> int:
        return choosing.natural_reach(self._lab.document)

    def _choose_direction(self, identity: str) -> None:
        self.direction = next(name for name, _, _ in DIRECTIONS if name == identity)
        self.show_document()

    def _choose_step(self, identity: str) -> None:
        self._step = FINENESS[identity][0]
        self.show_document()

    def _choose_follows(self, identity: str) -> None:
        self.follows = next(name for name in FOLLOWS if name == identity)
        self.show_document()

    def _show_choices(self) -> None:
        super()._show_choices()
        self.directions.set_value(self.direction)
        self.pick_step.set_value(f"{self._step:g}", FINENESS[f"{self._step:g}"][1])
        self.pick_follows.set_value(self.follows, FOLLOWS[self.follows][0])

    # what is asked

    def question(self) -> CurveQuestion | None:
        document = self._lab.document
        if not document.reference.placed or self.stage is None:
            return None
        shifts = choosing.outwards(self.reach, self._step)
        follows = self._followed()
        return CurveQuestion(document.networks, document.reference, self.direction, shifts, self.stage[0], follows)

    def _followed(self) -> tuple[Follow, ...]:
        document, key = self._lab.document, self.stage
        info = choosing.info_of(document, key) if key is not None else None
        if key is None or info is None:
            return ()
        lenses = document.lenses
        if self.follows == "logits":
            last = edits.stages_of(document)[key[0]][-1]
            return tuple(Follow(last.name, one) for one in range(min(last.channels, MOST_LOGITS)))
        channel = min(lenses.channels.get(key, 0), info.channels - 1)
        if self.follows == "mean":
            return (Follow(key[1], channel),)
        pin = lenses.pin
        if pin is not None and (pin.network, pin.stage) == key:
            return (Follow(key[1], pin.channel, pin.cell),)
        return (Follow(key[1], channel, (info.size[0] // 2, info.size[1] // 2)),)

    def show_answer(self, answer: Any, whole: bool) -> None:
        self._curves, self._stale, self._whole = answer, False, whole
        self._draw()

    def show_stale(self) -> None:
        self._stale = True
        self.plot.fade()
        self.wobble.fade()

    # drawing

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for plot in (self.plot, self.wobble):
            plot.set_look(theme)
        self._draw()

    def _stride(self) -> int:
        """The chosen stage's stride along the line."""
        key = self.stage
        info = choosing.info_of(self._lab.document, key) if key is not None else None
        if info is None or info.stride is None:
            return 1
        return choosing.stride_along(info.stride, self.direction)

    def _draw(self) -> None:
        document, key, stride = self._lab.document, self.stage, self._stride()
        chosen = [key] if key is not None else []
        if key is not None and (other := choosing.opposite(document, key)) is not None:
            chosen.append(other)
        named = [(one, choosing.stage_text(document, one)) for one in chosen]
        self.plot.show_curves(self._curves, self.quantity, named, self.reach, stride)
        self.caption.setText(self._caption(stride))
        index = key[0] if key is not None else 0
        curve = self._curves[index] if index < len(self._curves) else None
        names = document.networks[index].spec.classes if index < len(document.networks) else ()
        values = self.wobble.show_curve(curve, names, self.reach, stride)
        self.wobble_caption.setText("" if values is None else self._wobble_words(*values))
        self.wobble_caption.setToolTip(self.wobble_caption.text())
        if self._stale:
            self.show_stale()
        self._show_place()

    def _caption(self, stride: int) -> str:
        name = QUANTITIES[self.quantity][0]
        if self._whole and not self._stale and self.stage is not None:
            values = self.plot.points(self.stage)[1]
            if len(values) and not np.isfinite(values).any():
                return f"{name}: n/a for {self.stage[1]} at every shift"
        marks = f" · dashed: each {stride} px" if stride > 1 else ""
        return f"{name}: the error over the shift in px{marks}"

    def _wobble_words(self, low: float, high: float) -> str:
        followed = self._followed()
        if not followed:
            return ""
        stage, channel, cell = followed[0]
        if len(followed) > 1:
            what = f"{stage}, {len(followed)} outputs"
        else:
            where = "mean" if cell is None else f"cell ({cell[0]}, {cell[1]})"
            what = f"{stage}, channel {channel + 1}, {where}"
        if high - low <= 1e-5 * max(abs(low), abs(high)):
            return f"{what}: {words.number(high, 4)} at every shift"
        return f"{what}: {words.number(low, 4)} to {words.number(high, 4)}"

    # the cursor

    def _show_place(self) -> None:
        document = self._lab.document
        shift, on_line = choosing.along(document, self.direction)
        for plot in (self.plot, self.wobble):
            plot.show_place(shift, on_line)
        self.readout.setText(self._place_words(document, shift, on_line))

    def _place_words(self, document: Document, shift: float, on_line: bool) -> str:
        if not on_line:
            return "The pattern is not on this line. Drag the cursor to put it there."
        spot = f"here, at {words.signed(shift)} px"
        value = None if self.stage is None or self._stale else self.plot.value_at(self.stage, shift)
        if value is None or self.stage is None:
            return f"{spot}. Drag the cursor: the pattern follows."
        return f"{choosing.stage_text(document, self.stage)} {spot}: {error_words(value)}"

    def _drag(self, wanted: float) -> None:
        """One frame: the pattern goes where the cursor is, on the grid of the curve's shifts."""
        shift = min(max(round(wanted / self._step) * self._step, -self.reach), self.reach)
        step = STEPS[self.direction]
        by = (step[0] * shift, step[1] * shift)
        self._lab.begin()
        self._lab.during(lambda document: choosing.at_shift(document, by))
        self._show_place()

    def _drop(self) -> None:
        self._lab.end()
        self._show_place()

    # pointing at curves

    def _point(self, point: QPointF) -> None:
        near = self.plot.nearest(point)
        if near is None:
            self._show_place()
        else:
            name = choosing.stage_text(self._lab.document, near.key)
            self.readout.setText(f"{name} at {words.signed(near.shift)} px: {error_words(near.value)}")

    def _click(self, point: QPointF) -> None:
        near = self.plot.nearest(point)
        if near is not None and near.key != self.stage:
            self.stage_chosen.emit(near.key)

    def as_table(self) -> Table | None:
        """What is drawn: shift, every stage, what is followed."""
        from shiftlab.measure.curves import curve_rows

        lines: list[tuple[str, ...]] = []
        headings: tuple[str, ...] = ()
        for index, curve in enumerate(self._curves):
            if curve is None:
                continue
            names, rows = curve_rows(curve, self.quantity)
            rows.sort(key=lambda cells: float(cells[0]))
            if len(self._curves) > 1:
                names = tuple(f"{'AB'[index]}: {name}" if number else name for number, name in enumerate(names))
            if not lines:
                headings, lines = names, rows
            else:
                headings = (*headings, *names[1:])
                lines = [(*left, *right[1:]) for left, right in zip(lines, rows, strict=True)]
        return (headings, lines) if lines else None
