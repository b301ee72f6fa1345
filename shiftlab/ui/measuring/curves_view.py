"""Curves: every stage's error against the shift along a line, and the wobble of what is followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shiftlab.document import Document, StageKey
from shiftlab.ui import edits
from shiftlab.ui.controls import Choice, FlatButton, PickButton, Segments
from shiftlab.ui.fields import label
from shiftlab.ui.figure import words
from shiftlab.ui.lab import Lab
from shiftlab.ui.measuring import choosing
from shiftlab.ui.measuring.jobview import JobView
from shiftlab.ui.measuring.plot import Plot, tag
from shiftlab.ui.measuring.questions import (
    QUANTITIES,
    STEPS,
    Compute,
    CurveQuestion,
    Curves,
    Follow,
    Follows,
    Question,
    compute,
)
from shiftlab.ui.theme import Theme, colour, font

if TYPE_CHECKING:
    from shiftlab.measure.curves import Curve, Direction, Quantity

NEAR = 9.0
"""Logical pixels within which a curve is pointed at."""
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


class CurvesView(JobView):
    """Two plots over one axis of shifts; the cursor in them is the present place and can be dragged.

    Attributes
    ----------
    here : pg.InfiniteLine
        The cursor.
    stage : StageKey or None
        The one that is drawn strong.

    """

    def __init__(self, lab: Lab, compute: Compute = compute, parent: QWidget | None = None) -> None:
        super().__init__("curves", compute, parent)
        self._lab = lab
        self.stage: StageKey | None = None
        self.direction: Direction = "row"
        self.quantity: Quantity = "equivariance"
        self.follows: Follows = "mean"
        self._step = 1.0
        self._reach: int | None = None
        self._curves: Curves = ()
        self._stale = False
        self._lines: dict[StageKey, pg.PlotDataItem] = {}
        self._verticals: list[pg.InfiniteLine] = []
        self._build()

    # making

    def _build(self) -> None:
        self.pick_stage = PickButton("Stage", lambda: choosing.stage_choices(self._lab.document))
        self.pick_stage.chosen.connect(lambda identity: self.stage_chosen.emit(choosing.key_of(identity)))
        self.pick_quantity = PickButton("Error", choosing.quantity_choices, tooltip="Which error is drawn")
        self.pick_quantity.chosen.connect(self._choose_quantity)
        self.directions = Segments("Direction", [(one, text, "", "", tip) for one, text, tip in DIRECTIONS])
        self.directions.chosen.connect(self._choose_direction)
        self.pick_reach = PickButton("Reach", self._reaches, tooltip="How far the curve goes to either side")
        self.pick_reach.chosen.connect(self._choose_reach)
        self.pick_step = PickButton(
            "Step", lambda: [Choice(one, text) for one, (_, text) in FINENESS.items()], label="step"
        )
        self.pick_step.chosen.connect(self._choose_step)
        self.pick_follows = PickButton(
            "What wobbles", lambda: [Choice(one, *text) for one, text in FOLLOWS.items()], label="wobble of"
        )
        self.pick_follows.chosen.connect(self._choose_follows)
        self.caption = label("", "meta")
        self.readout = label(" ", "value")
        self.wobble_caption = label("", "meta")
        self.plot, self.wobble = Plot("Error against the shift"), Plot("Wobble against the shift")
        self.plot.setMinimumHeight(150)
        self.wobble.setMinimumHeight(90)
        self.wobble.box.setXLink(self.plot.box)
        self._tags = [tag(self.theme), tag(self.theme)]
        for one in self._tags:
            one.setZValue(20)
            self.plot.box.addItem(one, ignoreBounds=True)
        self._wobbles: list[pg.PlotDataItem] = []
        self._wobble_tags: list[pg.TextItem] = []
        self.here, self._echo = self._make_cursor(self.plot), self._make_cursor(self.wobble)
        self.copy = FlatButton("Copy", "copy", "Copy the curves as a table")
        self.copy.clicked.connect(self._copy)
        self.save = FlatButton("Save CSV…", "", "Save the curves as CSV")
        self.save.clicked.connect(self._save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for row in (
            (self.pick_quantity, self.pick_stage),
            (self.directions, self.pick_reach, self.pick_step),
        ):
            layout.addLayout(_row(row))
        layout.addWidget(self.caption)
        layout.addWidget(self.plot, 5)
        layout.addWidget(self.readout)
        layout.addLayout(_row((self.pick_follows,)))
        layout.addWidget(self.wobble_caption)
        layout.addWidget(self.wobble, 3)
        layout.addWidget(self.line)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.copy)
        foot.addWidget(self.save)
        layout.addLayout(foot)
        self.plot.moved.connect(self._point)
        self.plot.pressed.connect(self._click)
        self.plot.installEventFilter(self)
        self._show_choices()

    def _make_cursor(self, plot: Plot) -> pg.InfiniteLine:
        cursor = pg.InfiniteLine(0.0, angle=90, movable=True)
        cursor.setZValue(30)
        cursor.addMarker("v", 1.0, 9)
        cursor.setCursor(Qt.CursorShape.SplitHCursor)
        cursor.sigDragged.connect(self._drag)
        cursor.sigPositionChangeFinished.connect(self._drop)
        plot.box.addItem(cursor, ignoreBounds=True)
        return cursor

    # what is chosen

    @property
    def reach(self) -> int:
        """Pixels to either side."""
        choices = choosing.reach_choices(self._lab.document)
        return choosing.natural_reach(self._lab.document) if self._reach is None else min(self._reach, choices[-1])

    def _reaches(self) -> Sequence[Choice]:
        return [Choice(str(reach), f"±{reach} px") for reach in choosing.reach_choices(self._lab.document)]

    def _choose_quantity(self, identity: str) -> None:
        self.quantity = next(name for name in QUANTITIES if name == identity)
        self._show_choices()
        self._draw()

    def _choose_direction(self, identity: str) -> None:
        self.direction = next(name for name, _, _ in DIRECTIONS if name == identity)
        self._changed()

    def _choose_reach(self, identity: str) -> None:
        self._reach = int(identity)
        self._changed()

    def _choose_step(self, identity: str) -> None:
        self._step = FINENESS[identity][0]
        self._changed()

    def _choose_follows(self, identity: str) -> None:
        self.follows = next(name for name in FOLLOWS if name == identity)
        self._changed()

    def set_stage(self, key: StageKey | None) -> None:
        """Draw this stage strong."""
        if key != self.stage:
            self.stage = key
            self._changed()
            self._draw()

    def show_document(self) -> None:
        """The document is another: follow its place, and ask anew where the question has changed."""
        self._changed()

    def _changed(self) -> None:
        self._show_choices()
        self._show_place()
        self.refresh()

    def _show_choices(self) -> None:
        document = self._lab.document
        if self.stage is not None:
            self.pick_stage.set_value(choosing.stage_id(self.stage), choosing.stage_text(document, self.stage))
        self.pick_quantity.set_value(self.quantity, QUANTITIES[self.quantity][0])
        self.directions.set_value(self.direction)
        self.pick_reach.set_value(str(self.reach), f"±{self.reach} px")
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

    def show_answer(self, question: Question, answer: Any) -> None:
        self._curves, self._stale = answer, False
        self._draw()

    def show_stale(self) -> None:
        self._stale = True
        for item in (*self._lines.values(), *self._wobbles):
            item.setOpacity(0.5)

    # drawing

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for plot in (self.plot, self.wobble):
            plot.set_look(theme)
        for cursor in (self.here, self._echo):
            cursor.setHoverPen(pg.mkPen(theme.acc, width=3))
        for one in (*self._tags, *self._wobble_tags):
            one.setColor(theme.t1)
            one.fill = pg.mkBrush(colour(theme.panel, 0.8))
        self._draw()
        self._show_place()

    def _clear(self) -> None:
        for item in (*self._lines.values(), *self._verticals):
            self.plot.box.removeItem(item)
        for item in (*self._wobbles, *self._wobble_tags):
            self.wobble.box.removeItem(item)
        self._lines, self._verticals, self._wobbles, self._wobble_tags = {}, [], [], []
        for one in self._tags:
            one.setVisible(False)

    def _draw(self) -> None:
        self._clear()
        self._caption()
        reach = self.reach
        self.plot.box.setXRange(-reach, reach, padding=0.02)
        drawn = [(index, curve) for index, curve in enumerate(self._curves) if curve is not None]
        strong = self.stage
        other = choosing.opposite(self._lab.document, strong) if strong is not None else None
        top = 0.1
        for index, curve in drawn:
            shifts, table = _ordered(curve, curve.errors[self.quantity])
            if np.isfinite(table).any():
                top = max(top, float(np.nanmax(table)))
            for number, name in enumerate(curve.stages):
                key = (index, name)
                if key == other or strong is None or index == strong[0]:
                    self._lines[key] = self._line(shifts, table[:, number], key, strong, other)
        self.plot.box.setYRange(0, top * 1.12, padding=0.0)
        self._draw_verticals(drawn)
        for one, key in zip(self._tags, (strong, other), strict=True):
            if key is not None and key in self._lines:
                self._label(one, key, choosing.stage_text(self._lab.document, key), reach)
        self._draw_wobble()
        if self._stale:
            self.show_stale()

    def _line(
        self, shifts: NDArray[np.float64], values: NDArray[np.float64], key: StageKey, strong: Any, other: Any
    ) -> pg.PlotDataItem:
        theme = self.theme
        if key in (strong, other):
            dots = len(shifts) <= 65
            dashed = key[0] == 1
            pen = pg.mkPen(theme.t1, width=1.75, style=Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine)
            item = pg.PlotDataItem(shifts, values, pen=pen, connect="finite", antialias=True)
            if dots:
                item.setSymbol("s" if dashed else "o")
                item.setSymbolSize(5)
                item.setSymbolPen(pg.mkPen(theme.t1))
                item.setSymbolBrush(pg.mkBrush(theme.panel if dashed else theme.t1))
            item.setZValue(10)
        else:
            item = pg.PlotDataItem(shifts, values, pen=pg.mkPen(theme.line2, width=1), connect="finite", antialias=True)
        self.plot.box.addItem(item)
        return item

    def _draw_verticals(self, drawn: Sequence[tuple[int, Curve]]) -> None:
        key = self.stage
        curve = next((curve for index, curve in drawn if key is not None and index == key[0]), None)
        if curve is None or key is None or key[1] not in curve.stages:
            return
        stride = curve.strides[curve.stages.index(key[1])]
        for at in choosing.multiples(stride or 1, self.reach):
            line = pg.InfiniteLine(at, angle=90, pen=pg.mkPen(self.theme.t3, width=1, dash=[3, 4]))
            line.setOpacity(0.7)
            line.setZValue(-5)
            self.plot.box.addItem(line, ignoreBounds=True)
            self._verticals.append(line)

    def _label(self, one: pg.TextItem, key: StageKey, text: str, reach: int) -> None:
        shifts, values = self._lines[key].getData()
        if shifts is None or values is None:
            return
        inner = np.isfinite(values) & (np.abs(shifts) <= reach * 0.8)
        if not inner.any():
            return
        best = int(np.flatnonzero(inner)[np.argmax(values[inner])])
        one.setText(text)
        one.setPos(float(shifts[best]), float(values[best]))
        one.setVisible(True)

    def _caption(self) -> None:
        if self.stage is None:
            self.caption.setText("")
            return
        info = choosing.info_of(self._lab.document, self.stage)
        text = f"{QUANTITIES[self.quantity][0]}: the error over the shift in px"
        if info is not None and info.stride is not None and max(info.stride) > 1:
            text += f" · dashed: each {words.pair(info.stride)} px"
        self.caption.setText(text)

    def _draw_wobble(self) -> None:
        index = self.stage[0] if self.stage is not None else 0
        curve = self._curves[index] if index < len(self._curves) else None
        if curve is None or not curve.units:
            self.wobble_caption.setText("")
            return
        shifts, table = _ordered(curve, curve.wobble)
        finite = table[np.isfinite(table)]
        if not finite.size:
            return
        low, high = float(finite.min()), float(finite.max())
        room = (high - low) * 0.12 or abs(high) * 0.1 or 1.0
        self.wobble.box.setYRange(low - room, high + room, padding=0.0)
        self.wobble_caption.setText(self._wobble_words(low, high))
        self.wobble_caption.setToolTip(self.wobble_caption.text())
        several = len(curve.units) > 1
        ends = [_last(table[:, number]) for number in range(table.shape[1])]
        for number in range(table.shape[1]):
            pen = pg.mkPen(self.theme.t1, width=1.5)
            item = pg.PlotDataItem(shifts, table[:, number], pen=pen, connect="finite", antialias=True)
            self.wobble.box.addItem(item)
            self._wobbles.append(item)
            if several:
                one = tag(self.theme)
                one.setFont(font("tick"))
                one.setText(str(number + 1))
                one.setAnchor((1.0, 0.5))
                one.setPos(float(shifts[-1]), ends[number])
                self.wobble.box.addItem(one, ignoreBounds=True)
                self._wobble_tags.append(one)

    def _wobble_words(self, low: float, high: float) -> str:
        followed = self._followed()
        if not followed:
            return ""
        stage, channel, cell = followed[0]
        if len(followed) > 1:
            what = f"{stage}, outputs 1 to {len(followed)}"
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
        pen = pg.mkPen(self.theme.acc, width=1.5, dash=None if on_line else [3, 3])
        for cursor in (self.here, self._echo):
            cursor.setPen(pen)
            if cursor.getXPos() != shift:
                cursor.setPos(shift)
        self.readout.setText(self._place_words(document, shift, on_line))

    def _place_words(self, document: Document, shift: float, on_line: bool) -> str:
        if not on_line:
            return "The pattern is not on this line. Drag the cursor to put it there."
        value = self._value_at(shift)
        spot = f"here, at {words.signed(shift)} px"
        if value is None or self.stage is None:
            return f"{spot}. Drag the cursor: the pattern follows."
        return f"{choosing.stage_text(document, self.stage)} {spot}: {error_words(value)}"

    def _value_at(self, shift: float) -> float | None:
        if self.stage is None or self.stage not in self._lines or self._stale:
            return None
        shifts, values = self._lines[self.stage].getData()
        if shifts is None or values is None:
            return None
        found = np.flatnonzero(np.abs(shifts - shift) < 1e-6)
        return float(values[found[0]]) if len(found) else None

    def _drag(self, line: pg.InfiniteLine) -> None:
        """One frame: the pattern goes where the cursor is, on the grid of the curve's shifts."""
        shift = round(float(line.getXPos()) / self._step) * self._step
        shift = min(max(shift, -self.reach), self.reach)
        step = STEPS[self.direction]
        by = (step[0] * shift, step[1] * shift)
        self._lab.begin()
        if not self._lab.during(lambda document: choosing.at_shift(document, by)):
            self._show_place()

    def _drop(self, _line: object = None) -> None:
        self._lab.end()
        self._show_place()

    # pointing at curves

    def _nearest(self, point: QPointF) -> tuple[StageKey, float, float] | None:
        """(stage, shift, value) of the point of a curve under the pointer; None where none is near."""
        found: tuple[float, StageKey, float, float] | None = None
        for key, item in self._lines.items():
            shifts, values = item.getData()
            if shifts is None or values is None or not len(shifts):
                continue
            at = self.plot.box.mapSceneToView(point)
            number = int(np.argmin(np.abs(shifts - at.x())))
            if not np.isfinite(values[number]):
                continue
            seen = self.plot.box.mapViewToScene(QPointF(float(shifts[number]), float(values[number])))
            away = abs(seen.y() - point.y()) + 0.5 * abs(seen.x() - point.x())
            if away <= NEAR and (found is None or away < found[0]):
                found = (away, key, float(shifts[number]), float(values[number]))
        return None if found is None else found[1:]

    def _point(self, point: QPointF) -> None:
        near = self._nearest(point)
        if near is None:
            self._show_place()
        else:
            key, shift, value = near
            name = choosing.stage_text(self._lab.document, key)
            self.readout.setText(f"{name} at {words.signed(shift)} px: {error_words(value)}")

    def _click(self, point: QPointF) -> None:
        near = self._nearest(point)
        if near is not None and near[0] != self.stage:
            self.stage_chosen.emit(near[0])

    # the table

    def csv(self) -> str:
        """What is drawn as a table: shift, every stage, what is followed."""
        from shiftlab.measure.curves import curve_rows
        from shiftlab.measure.tables import csv_text

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
        return csv_text(headings, lines)

    def _copy(self) -> None:
        if self._curves:
            QGuiApplication.clipboard().setText(self.csv().replace(",", "\t"))

    def _save(self) -> None:
        if self._curves:
            self.save_wanted.emit("curves.csv", self.csv())

    # Qt's own

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._show_place()
        return super().eventFilter(watched, event)


def error_words(value: float) -> str:
    """'exact', 'off 0.40' or 'n/a'."""
    if not np.isfinite(value):
        return "n/a"
    return "exact" if value <= 1e-5 else f"off {words.error(value)}"


def _ordered(curve: Curve, table: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    order = np.argsort(curve.shifts)
    return curve.shifts[order], table[order]


def _last(values: NDArray[np.float64]) -> float:
    finite = values[np.isfinite(values)]
    return float(finite[-1]) if finite.size else 0.0


def _row(widgets: Sequence[QWidget]) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setSpacing(4)
    for widget in widgets:
        line.addWidget(widget)
    line.addStretch(1)
    return line
