"""The grid ladder: where the shift lands on the grid of each stride of the network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import msgspec
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from shiftlab.network.info import StageInfo
from shiftlab.scene.translation import Displacement, NoDisplacement
from shiftlab.ui.figure import words
from shiftlab.ui.figure.pens import diamond
from shiftlab.ui.figure.pixels import whole_pixels
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import draw, text_layer
from shiftlab.ui.theme import Theme, colour

TITLE_HEIGHT = 20
SCALE_HEIGHT = 18
RUNG_HEIGHT = 24
MOST_RUNGS = 6
LABEL_WIDTH, NAMES_WIDTH, VALUE_WIDTH = 54, 88, 78
MOST_TICKS = 20


class Rung(msgspec.Struct, frozen=True):
    """One stride: its stages, the shift in its cells along the axis shown, and whether it lands on its grid."""

    stride: int
    names: tuple[str, ...]
    cells: float
    on_grid: bool


class LadderModel(msgspec.Struct, frozen=True):
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


def paint_ladder(
    painter: QPainter, rect: Rect, model: LadderModel, theme: Theme, *, kept_on: str | None = None
) -> None:
    """Draw title, scale and rungs from the top of `rect`; `model.height` says how high they are.

    With `kept_on`, the colour of the ground below, the rungs without the shift are a picture that is kept.
    """
    painter.save()
    rungs = model.rungs[-MOST_RUNGS:] if len(model.rungs) > MOST_RUNGS else model.rungs
    grid = _Grid(
        tuple((rung.stride, rung.names) for rung in rungs), reach_of(model), -1 if model.shift < 0 else 1, rect.size
    )
    kept = kept_on is not None and whole_pixels(painter, rect)
    if kept_on is None or not kept:
        grid.paint(painter, rect, theme)
    else:
        parity = (rect.x % 2, rect.y % 2)
        layer = _grid_layer(grid, parity, theme, kept_on, painter.deviceTransform().m11())
        painter.drawImage(QPointF(rect.x - parity[0], rect.y - parity[1]), layer)
    draw(painter, Rect(rect.x, rect.y, rect.width, TITLE_HEIGHT - 4), model.title, "control", theme.t2)
    x_of = grid.line(rect)
    if model.shift:
        x, top = round(x_of(abs(model.shift))), rect.y + TITLE_HEIGHT + SCALE_HEIGHT
        painter.fillRect(QRectF(x - 1, top - 4, 2, RUNG_HEIGHT * len(rungs) + 2), colour(theme.acc))
        grid.paint_lines(painter, rect, theme, within=(x - 1, x + 1))
    for number, rung in enumerate(rungs):
        _paint_value(painter, grid.rung(rect, number), rung, x_of, abs(model.shift), theme, kept_on if kept else None)
    painter.restore()


class _Grid(msgspec.Struct, frozen=True):
    """The rungs without the shift: (stride, names) of each, how far they reach, the sign of the scale, and the
    (width, height) of the whole ladder."""

    rungs: tuple[tuple[int, tuple[str, ...]], ...]
    reach: int
    sign: int
    size: tuple[float, float]

    def line(self, rect: Rect) -> _Line:
        left = rect.x + LABEL_WIDTH + NAMES_WIDTH + 8
        return _Line(left, max(rect.right - VALUE_WIDTH - 14, left + 40), self.reach)

    def rung(self, rect: Rect, number: int) -> Rect:
        top = rect.y + TITLE_HEIGHT + SCALE_HEIGHT
        return Rect(rect.x, top + number * RUNG_HEIGHT, rect.width, RUNG_HEIGHT)

    def paint(self, painter: QPainter, rect: Rect, theme: Theme) -> None:
        x_of = self.line(rect)
        scale = Rect(x_of.left, rect.y + TITLE_HEIGHT, x_of.right - x_of.left, SCALE_HEIGHT - 4)
        _paint_scale(painter, scale, x_of, self.reach, self.sign, theme)
        for number, (stride, names) in enumerate(self.rungs):
            line = self.rung(rect, number)
            draw(painter, Rect(line.x, line.y, LABEL_WIDTH, line.height), f"stride {stride}", "meta", theme.t1)
            place = Rect(line.x + LABEL_WIDTH, line.y, NAMES_WIDTH, line.height)
            draw(painter, place, words.span(names), "meta", theme.t2)
        self.paint_lines(painter, rect, theme)

    def paint_lines(
        self, painter: QPainter, rect: Rect, theme: Theme, within: tuple[float, float] | None = None
    ) -> None:
        """The lines with their ticks alone, which stand over the mark of the shift; from one x to another."""
        x_of = self.line(rect)
        start, end = within or (-math.inf, math.inf)
        left, right = max(round(x_of.left), start), min(round(x_of.right), end)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        line, tick = colour(theme.line), colour(theme.t3)
        for number, places in enumerate(self.ticks(rect.x)):
            middle = round(self.rung(rect, number).centre[1])
            if left < right:
                painter.fillRect(QRectF(left, middle - 1, right - left, 2), line)
            for x in places:
                if start <= x < end:
                    painter.fillRect(QRectF(x, middle - 4, 1, 8), tick)

    @lru_cache(maxsize=16)  # noqa: B019 - a value, and few of them
    def ticks(self, left: float) -> tuple[tuple[int, ...], ...]:
        """Where the ticks of every rung stand in a ladder whose left edge is there."""
        x_of = self.line(Rect(left, 0, *self.size))
        found: list[tuple[int, ...]] = []
        for stride, _ in self.rungs:
            step = stride
            while self.reach / step > MOST_TICKS:
                step *= 2
            found.append(tuple(round(x_of(at)) for at in range(0, self.reach + 1, step)))
        return tuple(found)


@lru_cache(maxsize=8)
def _grid_layer(grid: _Grid, parity: tuple[float, float], theme: Theme, ground: str, scale: float) -> QImage:
    """The rungs without the shift, on a ground; odd where the ladder is, since halves are rounded to even numbers."""
    rect = Rect(*parity, *grid.size)
    layer = QImage(round(rect.right * scale), round(rect.bottom * scale), QImage.Format.Format_RGB32)
    layer.setDevicePixelRatio(scale)
    layer.fill(colour(ground))
    painter = QPainter(layer)
    grid.paint(painter, rect, theme)
    painter.end()
    return layer


class _Line(msgspec.Struct, frozen=True):
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


def _paint_value(
    painter: QPainter, line: Rect, rung: Rung, x_of: _Line, shift: float, theme: Theme, kept_on: str | None
) -> None:
    """Where the shift lands on a rung, and how many cells it is."""
    value = Rect(line.right - VALUE_WIDTH, line.y, VALUE_WIDTH, line.height)
    if not shift:
        draw(painter, value, f"every {rung.stride} px", "meta", theme.t2, "right")
        return
    x, middle = round(x_of(shift)), round(line.centre[1])
    _paint_landing(painter, x, middle, rung.on_grid, theme)
    cells = abs(rung.cells)
    text = f"{words.number(cells)} {'cell' if cells == 1 else 'cells'}"
    token = theme.moved if rung.on_grid else theme.broke
    if kept_on is None:
        draw(painter, value, text, "meta", token, "right", strong=True)
    else:
        parity, scale = (value.x % 2, value.y % 2), painter.deviceTransform().m11()
        layer = text_layer(value.size, text, "meta", token, kept_on, "right", True, parity, scale)
        painter.drawImage(round(value.x), round(value.y), layer)


def _paint_landing(painter: QPainter, x: float, y: float, on_grid: bool, theme: Theme) -> None:
    """A dot on the grid, a diamond between its places."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if on_grid:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(theme.moved))
        painter.drawEllipse(QPointF(x, y), 4.5, 4.5)
    else:
        painter.setPen(QPen(colour(theme.broke), 1.75))
        painter.setBrush(colour(theme.win))
        painter.drawPolygon(diamond(x, y, 5.5))
