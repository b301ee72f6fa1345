"""A stage's panel: its maps, the colour bar, the cause, and the two gauges."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

import msgspec
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from shiftlab.document import ErrorForm, StageKey, View
from shiftlab.network.info import StageInfo
from shiftlab.ui.figure import words
from shiftlab.ui.figure.bar import BarModel, least_width, paint_bar, paint_small_bar, same_bar
from shiftlab.ui.figure.gauge import GaugeKind, figure_of, paint_gauge
from shiftlab.ui.figure.panel_geometry import OVERHANG, PanelGeometry
from shiftlab.ui.figure.pens import cased_rect, frame_around
from shiftlab.ui.figure.pixels import draw_pixels, whole_pixels
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import draw, plate, width
from shiftlab.ui.theme import OVERLAY_PLATE, Theme, colour, luts

if TYPE_CHECKING:
    from shiftlab.engine.messages import Picture
    from shiftlab.engine.requests import Luts
    from shiftlab.measure.values import Figure, StageMeasure

RADIUS = 6
STALE = 0.5
TAB = "first that breaks"
LEAST_MARK = 5.0
"""A marked cell is outlined with at least this side."""
Part = Literal["maps", "bar", "moved", "stayed"]
PARTS: tuple[Part, ...] = ("maps", "bar", "moved", "stayed")
"""What changes during a drag, in the order in which it is drawn."""
GAUGES: tuple[GaugeKind, ...] = ("moved", "stayed")
Outlines = tuple[bool, bool, bool]
"""Whether a panel is outlined as the first that breaks, as pinned, and as focused."""
LEAST_PLATE = 96
"""Words on narrow tiles, those of a tall canvas, may reach over their edge."""
MAPS_MARGIN, COLUMN_MARGIN = 5, 3
"""How far outlines reach over the maps at most."""


class CellBox(msgspec.Struct, frozen=True):
    """An outline on a map: rows and cols first to last, in one channel or (None) in every one."""

    channel: int | None
    rows: tuple[int, int]
    cols: tuple[int, int]


@dataclass(frozen=True)
class PanelModel:
    """What a panel shows.

    Attributes
    ----------
    key, info : which stage
    measure : StageMeasure or None
        None while nothing is known.
    picture, selected_picture : Picture or None
        The mosaic; the selected channel at 128 where there is room.
    selected, selected_label : int or None, str
        The channel that is outlined and shown there, from 0, and what its kernel answers to.
    view, form, plain : which view of the maps, which form of the error
    first_break, pinned, focused, stale, loading : bool
    boxes : tuple of CellBox
        What a hovered or pinned cell lights here.
    note : str
        A word in place of the cause.
    """

    key: StageKey
    info: StageInfo
    measure: StageMeasure | None = None
    picture: Picture | None = None
    selected_picture: Picture | None = None
    selected: int | None = None
    selected_label: str = ""
    view: View = "now"
    form: ErrorForm = "grid"
    plain: bool = False
    first_break: bool = False
    pinned: bool = False
    focused: bool = False
    stale: bool = False
    loading: bool = False
    boxes: tuple[CellBox, ...] = ()
    note: str = ""

    @property
    def cause(self) -> tuple[str, bool]:
        """The words at the right of the bar, and whether they tell of an own error."""
        if self.loading:
            return "", False
        if self.stale:
            return "stale", False
        if self.note:
            return self.note, False
        return words.cause(self.measure)

    @property
    def rest(self) -> tuple[object, ...]:
        """All but the pictures and the measure: what stays the same during a drag."""
        return _REST(self)

    def in_frame(
        self,
        measure: StageMeasure | None,
        picture: Picture | None,
        selected_picture: Picture | None,
        first_break: bool,
    ) -> PanelModel:
        """The same with what one frame of a drag brings: ten times faster than `replace`, and every panel in every
        frame needs it."""
        made = object.__new__(PanelModel)
        made.__dict__.update(self.__dict__)
        made.__dict__.update(
            measure=measure, picture=picture, selected_picture=selected_picture, first_break=first_break
        )
        return made

    def figure(self, kind: GaugeKind) -> Figure | None:
        """What a gauge shows; None while nothing is known."""
        if self.measure is None or self.loading:
            return None
        return figure_of(self.measure, kind, fractional=self.form == "fractional", plain=self.plain)

    @property
    def plate_words(self) -> str:
        """What the plate on the maps says, or ''."""
        if self.loading:
            return "torch is loading"
        if self.picture is None:
            return ""
        if not self.picture.finite:
            return "not a number"
        if self.picture.nothing:
            return {"left": "nothing left", "changed": "nothing changed"}.get(self.view, "")
        return ""


_REST = attrgetter(
    *(field.name for field in fields(PanelModel) if field.name not in ("measure", "picture", "selected_picture"))
)


def paint_panel(
    painter: QPainter, geometry: PanelGeometry, model: PanelModel, theme: Theme, *, kept: bool = False
) -> None:
    """Draw a panel of either form; with the tab it reaches `OVERHANG` px over its top edge. `kept` as in
    `paint_gauge`."""
    paint_frame(painter, geometry, model, theme)
    for part in PARTS:
        paint_part(painter, geometry, model, theme, part, kept=kept)


def paint_frame(
    painter: QPainter, geometry: PanelGeometry, model: PanelModel, theme: Theme, *, kept_on: str | None = None
) -> None:
    """Draw all but the parts that change during a drag: ground, outlines, tab, and head.

    With `kept_on`, the colour of the ground below it, what is not the head is a picture that is kept.
    """
    painter.save()
    rect = geometry.rect
    around = Rect(rect.x, rect.y - OVERHANG, rect.width, rect.height + OVERHANG)
    if kept_on is not None and whole_pixels(painter, around):
        outlines = (model.first_break, model.pinned, model.focused)
        parity, scale = (rect.x % 2, rect.y % 2), painter.deviceTransform().m11()
        layer = _ground_layer(rect.size, geometry.column, outlines, theme, kept_on, parity, scale)
        painter.drawImage(round(around.x), round(around.y), layer)
    else:
        _paint_ground(painter, rect, geometry.column, (model.first_break, model.pinned, model.focused), theme)
    if geometry.column:
        _paint_column_head(painter, geometry, model, theme)
    else:
        _paint_head(painter, geometry, model, theme)
    painter.restore()


def paint_part(
    painter: QPainter, geometry: PanelGeometry, model: PanelModel, theme: Theme, part: Part, *, kept: bool = False
) -> None:
    """Draw one of the parts that change during a drag, on the panel's ground; `kept` as in `paint_gauge`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if part == "maps":
        paint_maps(painter, geometry, model, theme)
    elif part == "bar":
        bar = BarModel.of(model.picture) if model.picture is not None else None
        if not geometry.column:
            _paint_bar_line(painter, geometry, model, bar, luts(theme), theme)
        elif bar is not None:
            paint_small_bar(painter, geometry.bar, bar, luts(theme), theme)
    else:
        rect = geometry.moved if part == "moved" else geometry.stayed
        if rect.width > 0:
            ground = theme.panel if kept and theme.frames else None
            paint_gauge(painter, rect, part, model.figure(part), theme, bare=geometry.column, kept_on=ground)
    painter.restore()


def bare_maps(model: PanelModel) -> bool:
    """Whether the maps are a picture with nothing over it, in a panel without spare room."""
    return not (model.picture is None or model.stale or model.boxes or model.plate_words)


def _room_of_plate(mosaic: Rect) -> Rect:
    return Rect(mosaic.x, mosaic.y, max(mosaic.width, LEAST_PLATE), mosaic.height)


def part_rects(geometry: PanelGeometry) -> dict[Part, Rect]:
    """The rectangles that the parts keep to; none holds anything of another part, or of frame and head.

    Only in the narrow form can outlines of lit cells reach beyond the maps' rectangle.
    """
    maps = geometry.mosaic if geometry.spare is None else geometry.mosaic.united(geometry.spare)
    if not geometry.column:
        maps = maps.united(_room_of_plate(geometry.mosaic))
    bar = geometry.bar.grown(2)
    rects: dict[Part, Rect] = {
        "maps": maps.grown(COLUMN_MARGIN if geometry.column else MAPS_MARGIN),
        "bar": bar if not geometry.column else Rect(bar.x, geometry.bar.y, bar.width, geometry.bar.height),
        "moved": geometry.moved.grown(1),
        "stayed": geometry.stayed.grown(1),
    }
    if not geometry.stayed.width:
        del rects["stayed"]
    return rects


def parts_between(before: PanelModel, after: PanelModel) -> frozenset[Part]:
    """Of two models that differ in nothing else the parts in which they do."""
    changed: set[Part] = set()
    if before.picture is not after.picture or before.selected_picture is not after.selected_picture:
        changed.add("maps")
    if not same_bar(before.picture, after.picture) or before.cause != after.cause:
        changed.add("bar")
    if before.measure is not after.measure:
        changed.update(kind for kind in GAUGES if before.figure(kind) != after.figure(kind))
    return frozenset(changed)


@lru_cache(maxsize=16)
def _ground_layer(
    size: tuple[float, float],
    column: bool,
    outlines: Outlines,
    theme: Theme,
    below: str,
    parity: tuple[float, float],
    scale: float,
) -> QImage:
    """A panel without head and parts on the ground below it, opaque, with the room for its tab."""
    rect = Rect(parity[0], parity[1] + 2 * OVERHANG, *size)
    layer = QImage(round(rect.right * scale), round(rect.bottom * scale), QImage.Format.Format_RGB32)
    layer.setDevicePixelRatio(scale)
    layer.fill(colour(below))
    painter = QPainter(layer)
    _paint_ground(painter, rect, column, outlines, theme)
    painter.end()
    around = Rect(rect.x, rect.y - OVERHANG, rect.width, rect.height + OVERHANG)
    return layer.copy(*(round(side * scale) for side in around))


def _paint_ground(painter: QPainter, place: Rect, column: bool, outlines: Outlines, theme: Theme) -> None:
    rect = QRectF(*place)
    first_break, pinned, focused = outlines
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if not theme.frames:
        height = 3 if first_break else 1
        painter.fillRect(
            QRectF(rect.x(), rect.y() - (height - 1) / 2, rect.width(), height),
            colour(theme.broke if first_break else theme.t1),
        )
    else:
        painter.setPen(Qt.PenStyle.NoPen if theme.dark else QPen(colour(theme.line), 1))
        painter.setBrush(colour(theme.panel))
        inset = 0.0 if theme.dark else 0.5
        painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), RADIUS, RADIUS)
        token = theme.broke if first_break else theme.acc if pinned or focused else None
        if token is not None:
            _outline(painter, rect, token, 1.0)
        if first_break and (pinned or focused):
            _outline(painter, rect, theme.acc, 3.5)
    if first_break and not column:
        tab = Rect(place.x + 12, place.y - OVERHANG, width(TAB, "meta", True) + 14, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(theme.broke))
        painter.drawRoundedRect(QRectF(*tab), 3, 3)
        draw(painter, tab, TAB, "meta", theme.onacc, "centre", strong=True)


def _outline(painter: QPainter, rect: QRectF, token: str, inset: float) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour(token), 2))
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), RADIUS - inset / 2, RADIUS - inset / 2)


def _paint_head(painter: QPainter, geometry: PanelGeometry, model: PanelModel, theme: Theme) -> None:
    took = draw(painter, geometry.name, model.info.name, "heading", theme.t1)
    left = geometry.name.x + took + 12
    room = geometry.facts.right - left
    parts = list(words.facts(model.info))
    while len(parts) > 1 and width(" · ".join(parts), "meta") > room:
        parts.pop()
    draw(
        painter,
        Rect(left, geometry.facts.y, max(room, 0), geometry.facts.height),
        " · ".join(parts),
        "meta",
        theme.t2,
        "right",
    )


def _paint_column_head(painter: QPainter, geometry: PanelGeometry, model: PanelModel, theme: Theme) -> None:
    name, room = model.info.name, geometry.name
    role = "heading" if width(name, "heading") <= room.width else "meta"
    draw(painter, room, name, role, theme.t1, strong=True)
    draw(painter, geometry.facts, words.shape(model.info), "tick", theme.t2)


def _paint_bar_line(
    painter: QPainter,
    geometry: PanelGeometry,
    model: PanelModel,
    bar: BarModel | None,
    tables: Luts,
    theme: Theme,
) -> None:
    line = geometry.bar
    said, own = model.cause
    wanted = width(said, "meta") if said else 0.0
    took = 0.0
    if bar is not None:
        room = max(line.width - wanted - (12 if said else 0), min(least_width(bar), line.width))
        took = paint_bar(painter, Rect(line.x, line.y, room, line.height), bar, tables, theme) + 8
    right = Rect(line.x + took, line.y, max(line.width - took, 0), line.height)
    draw(painter, right, said, "meta", theme.broke if own else theme.t2, "right")


def paint_maps(painter: QPainter, geometry: PanelGeometry, model: PanelModel, theme: Theme) -> None:
    """The tiles, the selected channel, and what lies over them."""
    painter.save()
    if model.stale:
        painter.setOpacity(STALE)
    _paint_picture(painter, geometry, geometry.mosaic, model.picture, theme)
    if geometry.spare is not None:
        _paint_picture(painter, geometry, geometry.spare, model.selected_picture, theme, whole=True)
    painter.restore()
    over = theme.overlay
    if geometry.spare is not None and model.selected is not None:
        if model.selected in geometry.channels:
            cased_rect(painter, geometry.tile(model.selected), over.acc, 1.5)
        if model.selected_picture is not None:
            text = f"channel {model.selected + 1}"
            named = f"{text}: {model.selected_label}"
            if model.selected_label and width(named, "meta") + 12 <= geometry.spare.width:
                text = named
            # At its lower left: a pattern comes from the upper left, or the middle, and goes to the lower right.
            place = (geometry.spare.x, geometry.spare.bottom - 12)
            room = max(geometry.spare.width, LEAST_PLATE)
            within = Rect(geometry.spare.right - room, geometry.spare.y, room, geometry.spare.height)
            plate(
                painter, text, place, within, token=over.t1, ground=OVERLAY_PLATE, height=18, padding=6,
                strong=False,
            )  # fmt: skip
    for box in model.boxes:
        channels = geometry.channels if box.channel is None else (box.channel,)
        for channel in channels:
            if channel in geometry.channels:
                _mark_cells(painter, geometry, geometry.tile(channel), box, over)
        if geometry.spare is not None and model.selected is not None and box.channel in (None, model.selected):
            _mark_cells(painter, geometry, geometry.spare, box, over)
    if geometry.scroll_words and not geometry.column:
        place = (geometry.mosaic.right, geometry.mosaic.bottom)
        plate(
            painter, geometry.scroll_words, place, _room_of_plate(geometry.mosaic), token=over.t1, ground=OVERLAY_PLATE,
            role="tick", height=15, padding=5, strong=False,
        )  # fmt: skip
    if model.plate_words:
        token = over.moved if model.picture is not None and model.picture.nothing else over.t1
        if model.loading:
            draw(painter, geometry.mosaic, model.plate_words, "meta", theme.t2, "centre")
        else:
            room = geometry.mosaic if geometry.column else _room_of_plate(geometry.mosaic)
            plate(painter, model.plate_words, room.centre, room, token=token, ground=OVERLAY_PLATE)


def _paint_picture(
    painter: QPainter,
    geometry: PanelGeometry,
    place: Rect,
    picture: Picture | None,
    theme: Theme,
    whole: bool = False,
) -> None:
    """A finished picture, or the empty tiles while there is none."""
    if picture is not None:
        place = draw_pixels(painter, place.x, place.y, picture.rgb, geometry.scale)
    else:
        tiles = (place,) if whole else tuple(geometry.tile(channel) for channel in geometry.channels)
        for tile in tiles:
            painter.fillRect(QRectF(*tile), colour(theme.win))
    if not theme.dark:
        frame_around(painter, place, theme.line)
        if not whole:
            _blank_rest(painter, geometry, theme)


def _blank_rest(painter: QPainter, geometry: PanelGeometry, theme: Theme) -> None:
    """Take away what the grid's lines draw where the last row has no more tiles."""
    layout = geometry.layout
    left = layout.rows * layout.columns - layout.count
    if left > 0:
        last = geometry.tile(layout.first + layout.count - 1)
        x, gap = last.right + layout.gap / geometry.scale, 1.0
        rest = QRectF(x, last.y, geometry.mosaic.right + gap - x, last.height + gap)
        painter.fillRect(rest, colour(theme.panel))


def _mark_cells(painter: QPainter, geometry: PanelGeometry, tile: Rect, box: CellBox, theme: Theme) -> None:
    place = geometry.cells(tile, box.rows, box.cols)
    grow_x, grow_y = max(LEAST_MARK - place.width, 0) / 2, max(LEAST_MARK - place.height, 0) / 2
    rect = Rect(place.x - grow_x, place.y - grow_y, place.width + 2 * grow_x, place.height + 2 * grow_y)
    cased_rect(painter, rect, "#FFFFFF", 1.5)
