"""A pinned cell: now less the reference moved along is what is left, and what the cell sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from shiftlab.document import Document, Pin
from shiftlab.engine.messages import Inspect, Inspected, Luts, Snapshot
from shiftlab.network import geometry
from shiftlab.network.info import StageInfo
from shiftlab.picture.colours import Colours
from shiftlab.picture.layout import tile_size
from shiftlab.picture.levels import Levels
from shiftlab.picture.mosaic import Grid, mosaic
from shiftlab.picture.tile import axes, cell_box
from shiftlab.scene.translation import Displacement
from shiftlab.ui.figure import words
from shiftlab.ui.figure.panel import LEAST_MARK
from shiftlab.ui.figure.pens import cased_rect, frame_around
from shiftlab.ui.figure.pinned import pin_stands
from shiftlab.ui.figure.pixels import draw_pixels
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import Run, draw, draw_runs, draw_wrapped, wrapped
from shiftlab.ui.figure.text import width as text_width
from shiftlab.ui.icons import paint_icon
from shiftlab.ui.theme import Theme, colour

TILE = 112
HEAD, LABELS, TITLE, ROW, LEADING = 30, 50, 24, 22, 15
MOST_ROWS = 5
Span = tuple[int, int]


@dataclass(frozen=True)
class SeenRow:
    """What the cell sees of neighbouring stages: their names, the side, the spans, which channels."""

    names: tuple[str, ...]
    rows: tuple[Span, ...]
    cols: tuple[Span, ...]
    channels: str

    @property
    def side(self) -> str:
        height, width = (sum(last - first + 1 for first, last in spans) for spans in (self.rows, self.cols))
        return f"{height} × {width}"

    @property
    def place(self) -> str:
        return f"rows {_spans(self.rows)}, cols {_spans(self.cols)}"


@dataclass(frozen=True, eq=False)
class ProbeModel:
    """What is shown of a pinned cell.

    Attributes
    ----------
    info, channel, cell : the cell; the channel from 0
    values : three of float, or None where there is none
        Now, of the reference, and their difference.
    labels : three of str
    maps : three (tile rows, tile cols) uint32 pictures for `scale` device pixels a logical one
    mark : (row, col, height, width) of the cell in a tile's device pixels
    seen : tuple of SeenRow, the nearest stage first, the canvas last
    note : str
    """

    info: StageInfo
    channel: int
    cell: tuple[int, int]
    values: tuple[float | None, float | None, float | None]
    labels: tuple[str, str, str]
    maps: tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]
    mark: tuple[float, float, float, float]
    scale: float
    seen: tuple[SeenRow, ...]
    note: str

    @property
    def title(self) -> str:
        return f"{self.info.name}, channel {self.channel + 1}, cell ({self.cell[0]}, {self.cell[1]})"


def _spans(spans: Sequence[Span]) -> str:
    """'12–13', '7', or '60–63 and 0–2' where it goes over the edge."""
    ordered = spans[::-1] if len(spans) == 2 and spans[0][0] == 0 else spans
    return " and ".join(str(first) if first == last else f"{first}–{last}" for first, last in ordered)


def inspections(document: Document) -> tuple[Inspect, ...]:
    """What a figure of the document wants to know of its pinned cell's channel."""
    pin = document.lenses.pin
    if pin is None or not pin_stands(document, pin):
        return ()
    return (Inspect((pin.network, pin.stage), pin.channel),)


def seen_rows(document: Document, pin: Pin) -> tuple[SeenRow, ...]:
    """What the pinned cell sees; stages of which it sees the same share a row. Of many the nearest are kept."""
    spec, size = document.networks[pin.network].spec, document.scene.size
    infos = {info.name: info for info in geometry.stages(spec, size)}
    cells = geometry.cells_seen(spec, size, pin.stage, pin.cell, pin.channel)
    channels = geometry.channels_seen(spec, size, pin.stage, pin.channel)
    wraps = geometry.wraps(spec, pin.stage)
    made: list[SeenRow] = []
    names = [name for name in reversed(tuple(infos)) if name in cells and name != pin.stage]
    for name in (*names, geometry.CANVAS):
        seen, canvas = cells[name], name == geometry.CANVAS
        if not len(seen.rows) or not len(seen.cols) or (not canvas and infos[name].stride is None):
            continue
        sides = size if canvas else infos[name].size
        rows, cols = (geometry.hull(part, side, wraps) for part, side in zip(seen, sides, strict=True))
        which = "" if canvas else _channel_words(channels[name], infos[name].channels)
        row = SeenRow(("canvas" if canvas else name,), rows, cols, which)
        last = made[-1] if made else None
        if last is not None and not canvas and (last.rows, last.cols, last.channels) == (rows, cols, which):
            made[-1] = SeenRow((*last.names, name), rows, cols, which)
        else:
            made.append(row)
    return tuple(made if len(made) <= MOST_ROWS else (*made[: MOST_ROWS - 1], made[-1]))


def _channel_words(channels: Sequence[int] | NDArray[np.intp], total: int) -> str:
    if len(channels) == total:
        return f"all {total}" if total > 1 else ""
    return f"channel {int(channels[0]) + 1}" if len(channels) == 1 else f"{len(channels)} of {total}"


def probe_model(
    document: Document, snapshot: Snapshot, tables: Luts, scale: float = 1.0, tile: float = TILE
) -> ProbeModel | None:
    """The pinned cell of a document as a snapshot knows it; None where it does not know it.

    `snapshot` must answer a request with `inspections(document)`.
    """
    pin = document.lenses.pin
    wanted = inspections(document)
    found = next((one for one in snapshot.inspected if wanted and one.request == wanted[0]), None)
    if pin is None or found is None or pin.network >= len(snapshot.sides):
        return None
    side = snapshot.sides[pin.network]
    info = next((one for one in side.stages if one.name == pin.stage), None)
    if info is None or found.now.shape != info.size:
        return None
    then = found.reference if found.moved is None else found.moved
    measure = next((one for one in side.measures if one.name == pin.stage), None)
    shift = None if measure is None or found.moved is None else measure.best_shift
    levels = _levels(side.levels.get(pin.stage, ()), pin.channel, found)
    pixels = _tile_pixels(info, document.scene.size, max(int(tile * scale), 1))
    left = found.now - then
    return ProbeModel(
        info=info,
        channel=pin.channel,
        cell=pin.cell,
        values=(_value(found.now, pin.cell), _value(then, pin.cell), _value(left, pin.cell)),
        labels=("now", _reference_words(found, shift), "what changed" if found.moved is None else "what is left"),
        maps=(
            _picture(found.now, info, document, pixels, levels, tables),
            _picture(then, info, document, pixels, levels, tables),
            _picture(left, info, document, pixels, levels.for_residual, tables, residual=True),
        ),
        mark=cell_box(info, document.scene.size, pixels, pin.cell),
        scale=scale,
        seen=seen_rows(document, pin),
        note=note_words(document, info, shift),
    )


def _levels(known: tuple[Levels, ...], channel: int, found: Inspected) -> Levels:
    """The range of the stage, or of the channel where each has its own."""
    for number in (channel, 0):
        if len(known) > number and (number == 0 or len(known) > 1):
            return known[number]
    return Levels(max(float(np.nanmax(np.abs(found.now))), 1e-6), bool((found.now < 0).any()))


def _tile_pixels(info: StageInfo, canvas: tuple[int, int], box: int) -> tuple[int, int]:
    """(rows, cols) of a tile in a box: whole factors of the map where it covers the canvas, else of the canvas."""
    covers = info.stride is not None and all(
        step * cells == side for step, cells, side in zip(info.stride, info.size, canvas, strict=True)
    )
    if not covers or info.stride is None or info.stride[0] != info.stride[1] or max(info.size) > box:
        return tile_size(canvas, box)
    return tile_size(info.size, box)


def _value(values: NDArray[np.float32], cell: tuple[int, int]) -> float | None:
    value = float(values[cell])
    return value if np.isfinite(value) else None


def _reference_words(found: Inspected, shift: tuple[int, int] | None) -> str:
    if found.moved is None:
        return "at the reference"
    if shift is None:
        return "reference, moved along"
    cells = [abs(part) for part in shift if part]
    if len(cells) > 1:
        return f"reference, moved {words.vector(*shift)}"
    count = cells[0] if cells else 0
    return f"reference, moved {count} cell{'' if count == 1 else 's'}"


def note_words(document: Document, info: StageInfo, shift: tuple[int, int] | None) -> str:
    """Why something may be left: how far the pattern moved in cells, and how far the reference was moved."""
    by = document.displacement
    if not isinstance(by, Displacement) or info.stride is None or shift is None:
        return ""
    cells = by.cells(info.stride)
    if all(part.is_integer() for part in cells):
        return f"Stride {words.pair(info.stride)}: the shift is a whole number of its cells."
    said, moved = _cells_words(cells), _cells_words((float(shift[0]), float(shift[1])))
    return (
        f"Stride {words.pair(info.stride)}: the pattern moved {said}. The reference is moved by {moved}, "
        "the nearest that its grid allows; the rest is left."
    )


def _cells_words(cells: tuple[float, float]) -> str:
    parts = [abs(part) for part in cells if part]
    if len(parts) > 1:
        return f"{words.vector(*cells)} cells"
    count = parts[0] if parts else 0.0
    return f"{words.number(count)} cell{'' if 0 < count <= 1 else 's'}"


def _picture(
    values: NDArray[np.float32],
    info: StageInfo,
    document: Document,
    pixels: tuple[int, int],
    levels: Levels,
    tables: Luts,
    *,
    residual: bool = False,
) -> NDArray[np.uint32]:
    table = tables.diverging if levels.signed else tables.sequential
    return mosaic(
        values[None],
        axes(info, document.scene.size, pixels),
        (levels,),
        Grid(1, pixels, 0),
        Colours(table, tables.ground, tables.nan),
        residual=residual,
    ).rgb


def probe_height(model: ProbeModel, width: float) -> float:
    """How high the whole is at a width; needs a QGuiApplication."""
    tile = model.maps[0].shape[0] / model.scale
    note = len(wrapped((Run(model.note, "#000000"),), width)) * LEADING + 8 if model.note else 0
    return HEAD + tile + LABELS + 12 + TITLE + ROW * len(model.seen) + note


def paint_probe(painter: QPainter, rect: Rect, model: ProbeModel, theme: Theme, *, hint: str = "Esc lets go") -> None:
    """Draw the pinned cell from the top of `rect`; `hint` says how it is let go of."""
    painter.save()
    paint_icon(painter, QRectF(rect.x - 2, rect.y + 1, 20, 20), "pin", theme.acc)
    took = draw(painter, Rect(rect.x + 26, rect.y, rect.width - 26, 22), model.title, "heading", theme.t1)
    draw(painter, Rect(rect.x + 38 + took, rect.y, rect.width - 38 - took, 22), hint, "meta", theme.t2, "right")
    height, width = (side / model.scale for side in model.maps[0].shape)
    # One pixel at either end is left for the frame.
    gap = max((rect.width - 2 - 3 * width) / 2, 4)
    top = rect.y + HEAD
    for index, (picture, sign) in enumerate(zip(model.maps, ("", words.MINUS, "="), strict=True)):
        x = rect.x + 1 + index * (width + gap)
        place = draw_pixels(painter, x, top, picture, model.scale)
        if not theme.dark:
            frame_around(painter, place, theme.line)
        _paint_mark(painter, place, model)
        if sign:
            draw(painter, Rect(x - gap, top, gap, height), sign, "heading", theme.t2, "centre", strong=False)
        room = min(width + gap - 6, rect.right - x)
        said = model.labels[index]
        if text_width(said, "meta") > room:
            said = said.removeprefix("reference, ").removeprefix("what is ").removeprefix("what ")
        draw(painter, Rect(x, top + height + 6, room, 14), said, "meta", theme.t2)
        token = theme.broke if index == 2 and model.values[2] else theme.t1
        draw(painter, Rect(x, top + height + 21, room, 18), _amount(model.values[index]), "heading", token)
    y = round(top + height + LABELS)
    painter.fillRect(QRectF(rect.x, y, rect.width, 1), colour(theme.line))
    draw(painter, Rect(rect.x, y + 8, rect.width, 18), "What this cell sees", "control", theme.t2)
    y += 12 + TITLE
    for row in model.seen:
        _paint_seen(painter, Rect(rect.x, y, rect.width, ROW), row, theme)
        y += ROW
    draw_wrapped(painter, Rect(rect.x, y + 4, rect.width, 0), (Run(model.note, theme.t2),), LEADING)
    painter.restore()


def _amount(value: float | None) -> str:
    if value is None:
        return "n/a"
    return (
        words.limit(value) if 0 < abs(value) < 0.095 or abs(value) >= 100 else f"{value:.2f}".replace("-", words.MINUS)
    )


def _paint_mark(painter: QPainter, place: Rect, model: ProbeModel) -> None:
    row, col, height, width = (part / model.scale for part in model.mark)
    grow_x, grow_y = max(LEAST_MARK - width, 0) / 2, max(LEAST_MARK - height, 0) / 2
    cell = Rect(place.x + col - grow_x, place.y + row - grow_y, width + 2 * grow_x, height + 2 * grow_y)
    painter.save()
    painter.setClipRect(QRectF(*place.grown(3)))
    cased_rect(painter, cell, "#FFFFFF", 1.5)
    painter.restore()


def _paint_seen(painter: QPainter, line: Rect, row: SeenRow, theme: Theme) -> None:
    side = line.width * 0.26
    draw(painter, Rect(line.x, line.y, side - 8, line.height), ", ".join(row.names), "meta", theme.t1)
    took = draw(painter, Rect(line.x, line.y, line.width, line.height), row.channels, "meta", theme.t2, "right")
    runs = (Run(row.side, theme.t1, strong=True),)
    draw_runs(painter, Rect(line.x + side, line.y, 64, line.height), runs)
    x = line.x + side + 66
    draw(painter, Rect(x, line.y, max(line.right - took - 8 - x, 0), line.height), row.place, "meta", theme.t2)
