"""The grid ladder: where the shift lands on the grid of each stride of the network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from shiftlab.network.info import StageInfo
from shiftlab.scene.translation import Displacement, NoDisplacement
from shiftlab.ui.figure import words
from shiftlab.ui.figure.pens import diamond
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import draw
from shiftlab.ui.theme import Theme, colour

TITLE_HEIGHT = 20
SCALE_HEIGHT = 18
RUNG_HEIGHT = 24
MOST_RUNGS = 6
LABEL_WIDTH, NAMES_WIDTH, VALUE_WIDTH = 54, 88, 78
MOST_TICKS = 20


@dataclass(frozen=True)
class Rung:
    """One stride: its stages, the shift in its cells along the axis shown, and whether it lands on its grid."""

    stride: int
    names: tuple[str, ...]
    cells: float
    on_grid: bool


@dataclass(frozen=True)
class LadderModel:
    """The ladder of one axis.

    Attributes
    ----------
    rungs : tuple of Rung, finest first
    shift : float
        Pixels along the axis; signed.
    axis : 'col' or 'row'
        The axis along which it misses more grids, of equals that along which it moved further.
    other : float
        The shift along the other axis.
    """

    rungs: tuple[Rung, ...]
    shift: float
    axis: str
    other: float = 0.0

    @property
    def title(self) -> str:
        if not self.shift:
            return "Where a shift can land on each stage\N{RIGHT SINGLE QUOTATION MARK}s grid"
        if not self.other:
            return f"Where {words.number(abs(self.shift))} px lands on each stage\N{RIGHT SINGLE QUOTATION MARK}s grid"
        across = "columns" if self.axis == "col" else "rows"
        return f"Where {words.number(abs(self.shift))} px lands on each grid, in {across}"

    @property
    def height(self) -> float:
        return TITLE_HEIGHT + SCALE_HEIGHT + RUNG_HEIGHT * min(len(self.rungs), MOST_RUNGS)


def ladder(stages: Sequence[StageInfo], by: Displacement | NoDisplacement) -> LadderModel | None:
    """The ladder of a network under a displacement; None where there is none or no stage has places."""
    if isinstance(by, NoDisplacement):
        return None
    named: dict[tuple[int, int], list[str]] = {}
    for info in stages:
        if info.stride is not None:
            named.setdefault(info.stride, []).append(info.name)
    if not named:
        return None
    moved = (by.rows, by.cols)
    missed = [sum(not _lands(moved[axis], stride[axis]) for stride in named) for axis in (0, 1)]
    axis = 1 if (missed[1], abs(by.cols)) >= (missed[0], abs(by.rows)) else 0
    shift = moved[axis]
    rungs = tuple(
        Rung(
            stride[axis], tuple(names), shift / stride[axis], _lands(by.rows, stride[0]) and _lands(by.cols, stride[1])
        )
        for stride, names in named.items()
    )
    return LadderModel(rungs, shift, ("row", "col")[axis], (by.cols, by.rows)[axis])


def _lands(shift: float, stride: int) -> bool:
    return float(shift / stride).is_integer()


def reach_of(model: LadderModel) -> int:
    """Pixels that the ladder spans: at least the coarsest stride, in whole steps of it, to beyond the shift."""
    coarsest = max(rung.stride for rung in model.rungs)
    return coarsest * max(1, math.ceil(abs(model.shift) / coarsest))


def paint_ladder(painter: QPainter, rect: Rect, model: LadderModel, theme: Theme) -> None:
    """Draw title, scale and rungs from the top of `rect`; `model.height` says how high they are."""
    painter.save()
    draw(painter, Rect(rect.x, rect.y, rect.width, TITLE_HEIGHT - 4), model.title, "control", theme.t2)
    rungs = model.rungs[-MOST_RUNGS:] if len(model.rungs) > MOST_RUNGS else model.rungs
    left = rect.x + LABEL_WIDTH + NAMES_WIDTH + 8
    right = max(rect.right - VALUE_WIDTH - 14, left + 40)
    reach, sign = reach_of(model), -1 if model.shift < 0 else 1
    top = rect.y + TITLE_HEIGHT + SCALE_HEIGHT
    x_of = _Line(left, right, reach)
    _paint_scale(painter, Rect(left, rect.y + TITLE_HEIGHT, right - left, SCALE_HEIGHT - 4), x_of, reach, sign, theme)
    if model.shift:
        x = round(x_of(abs(model.shift)))
        painter.fillRect(QRectF(x - 1, top - 4, 2, RUNG_HEIGHT * len(rungs) + 2), colour(theme.acc))
    for number, rung in enumerate(rungs):
        line = Rect(rect.x, top + number * RUNG_HEIGHT, rect.width, RUNG_HEIGHT)
        _paint_rung(painter, line, rung, x_of, reach, abs(model.shift), theme)
    painter.restore()


@dataclass(frozen=True)
class _Line:
    left: float
    right: float
    reach: int

    def __call__(self, at: float) -> float:
        return self.left + (self.right - self.left) * at / self.reach


def _paint_scale(painter: QPainter, rect: Rect, x_of: _Line, reach: int, sign: int, theme: Theme) -> None:
    step = max(1, reach // 4)
    for at in range(0, reach + 1, step):
        middle = x_of(at)
        draw(painter, Rect(middle - 24, rect.y, 48, rect.height), words.signed(sign * at), "tick", theme.t3, "centre")


def _paint_rung(painter: QPainter, line: Rect, rung: Rung, x_of: _Line, reach: int, shift: float, theme: Theme) -> None:
    middle = round(line.centre[1])
    draw(painter, Rect(line.x, line.y, LABEL_WIDTH, line.height), f"stride {rung.stride}", "meta", theme.t1)
    names = Rect(line.x + LABEL_WIDTH, line.y, NAMES_WIDTH, line.height)
    draw(painter, names, words.span(rung.names), "meta", theme.t2)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(QRectF(round(x_of.left), middle - 1, round(x_of.right) - round(x_of.left), 2), colour(theme.line))
    step = rung.stride
    while reach / step > MOST_TICKS:
        step *= 2
    for at in range(0, reach + 1, step):
        painter.fillRect(QRectF(round(x_of(at)), middle - 4, 1, 8), colour(theme.t3))
    value = Rect(line.right - VALUE_WIDTH, line.y, VALUE_WIDTH, line.height)
    if not shift:
        draw(painter, value, f"every {rung.stride} px", "meta", theme.t2, "right")
        return
    x = round(x_of(shift))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if rung.on_grid:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(theme.moved))
        painter.drawEllipse(QPointF(x, middle), 4.5, 4.5)
    else:
        painter.setPen(QPen(colour(theme.broke), 1.75))
        painter.setBrush(colour(theme.win))
        painter.drawPolygon(diamond(x, middle, 5.5))
    cells = abs(rung.cells)
    text = f"{words.number(cells)} {'cell' if cells == 1 else 'cells'}"
    draw(painter, value, text, "meta", theme.moved if rung.on_grid else theme.broke, "right", strong=True)
