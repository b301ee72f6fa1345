"""The gauge: a bar filled to 1 - error. What 'moved along' lacks is hatched, so that the gap is the error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen

from shiftlab.ui.figure import words
from shiftlab.ui.figure.pixels import image_of, pixels_of, whole_pixels
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import Run, draw, draw_runs
from shiftlab.ui.theme import Theme, colour

if TYPE_CHECKING:
    from shiftlab.measure.values import Figure, StageMeasure

GaugeKind = Literal["moved", "stayed"]
LABELS: dict[GaugeKind, str] = {"moved": "moved along", "stayed": "stayed put"}
SHORT_LABELS: dict[GaugeKind, str] = {"moved": "moved", "stayed": "stayed"}
LABEL_WIDTH = 78
SHORT_LABEL_WIDTH = 46
NARROW = 212
"""Width below which the short labels are used, so that something is left of the track."""
VALUE_WIDTH = 62
TRACK_HEIGHT = 8
TICK_WIDTH = 2
RADIUS = 2
HATCH_STEP = 5
"""Logical pixels between two lines of the hatch, along the bar."""
MOST_KEPT = 384
"""Gauges kept as pictures, of some 18 kB each on a plain screen: more than one layout of a network has."""
_KEPT: dict[tuple[object, ...], tuple[NDArray[np.uint32], QImage]] = {}


def figure_of(measure: StageMeasure, kind: GaugeKind, *, fractional: bool = False, plain: bool = False) -> Figure:
    """The figure a gauge shows, in the form that the lenses ask for."""
    if kind == "stayed":
        return measure.invariance_plain if plain else measure.invariance
    if plain:
        return measure.equivariance_plain
    return measure.equivariance_fractional if fractional else measure.equivariance


def fill_width(track: float, figure: Figure | None) -> int | None:
    """Pixels that are filled: the track's width times 1 - error, at least 0; None where there is no error."""
    if figure is None or figure.value is None:
        return None
    if figure.exact:
        return round(track)
    return round(track * min(max(1 - figure.value, 0.0), 1.0))


def track_rect(rect: Rect, bare: bool = False) -> Rect:
    """Where the track of a gauge in `rect` stands; `bare` leaves label and value out."""
    y = round(rect.centre[1] - TRACK_HEIGHT / 2)
    if bare:
        return Rect(rect.x, y, rect.width, TRACK_HEIGHT)
    left = label_width(rect.width)
    return Rect(rect.x + left, y, max(rect.width - left - VALUE_WIDTH, 0), TRACK_HEIGHT)


def label_width(width: float) -> float:
    """Room for the label in a gauge of this width."""
    return LABEL_WIDTH if width >= NARROW else SHORT_LABEL_WIDTH


def value_runs(figure: Figure | None, kind: GaugeKind, theme: Theme) -> tuple[Run, ...]:
    """'exact', 'off 0.40' or 'n/a', in its colours."""
    if figure is None:
        return ()
    if figure.value is None:
        return (Run("n/a", theme.t2),)
    if figure.exact:
        return (Run("exact", theme.moved if kind == "moved" else theme.stayed, strong=True),)
    token = theme.broke if kind == "moved" else theme.t1
    return (Run("off ", theme.t2), Run(words.error(figure.value), token, strong=True))


def paint_gauge(
    painter: QPainter,
    rect: Rect,
    kind: GaugeKind,
    figure: Figure | None,
    theme: Theme,
    *,
    bare: bool = False,
    kept_on: str | None = None,
) -> None:
    """Draw one gauge: label, track and value, or with `bare` the track alone.

    `figure` None means that nothing is known yet: the track stays empty. With `kept_on`, the colour of
    the ground below it, a gauge on whole device pixels is a picture that is kept: two digits recur all the
    time. What is seen is the same, but for the hatch's edges, which Qt draws a hundredth lighter or darker
    depending on where they stand.
    """
    if kept_on is None or not whole_pixels(painter, rect):
        _paint(painter, rect, kind, figure, theme, bare)
        return
    kept = KeptGauge(rect, kind, theme, painter.deviceTransform().m11(), bare=bare, ground=kept_on)
    painter.drawImage(round(rect.x) - 1, round(rect.y) - 1, kept.layer(figure))


class KeptGauge:
    """A gauge in one place whose pictures are kept.

    Parameters
    ----------
    rect, kind, theme, bare : as in `paint_gauge`
    scale : float
        Device pixels a logical one.
    ground : str
        The colour below it.
    """

    def __init__(self, rect: Rect, kind: GaugeKind, theme: Theme, scale: float, *, bare: bool, ground: str) -> None:
        self._rect, self._theme, self._scale = rect, theme, scale
        self._kind: GaugeKind = kind
        self._bare, self._ground = bare, ground
        self._track = track_rect(rect, bare).width
        self._place = (kind, rect.size, rect.x % 2, rect.y % 2, theme.name, bare, ground, scale)

    def layer(self, figure: Figure | None) -> QImage:
        """The gauge on its ground, with one pixel around it."""
        return self._found(figure)[1]

    def pixels(self, figure: Figure | None) -> NDArray[np.uint32]:
        """The same as an array, (H, W) 0xffRRGGBB in device pixels."""
        return self._found(figure)[0]

    def _found(self, figure: Figure | None) -> tuple[NDArray[np.uint32], QImage]:
        key = (self._place, fill_width(self._track, figure), _said(figure))
        found = _KEPT.get(key)
        if found is None:
            if len(_KEPT) >= MOST_KEPT:
                del _KEPT[next(iter(_KEPT))]
            layer = _layer(self._rect, self._kind, figure, self._theme, self._bare, self._ground, self._scale)
            pixels = pixels_of(layer)
            image = image_of(pixels)
            image.setDevicePixelRatio(self._scale)
            found = _KEPT[key] = (pixels, image)
        return found


def _said(figure: Figure | None) -> str:
    """All that a gauge says of a figure beside its fill."""
    if figure is None:
        return ""
    if figure.value is None:
        return "n/a"
    return "exact" if figure.exact else words.error(figure.value)


def _layer(
    rect: Rect, kind: GaugeKind, figure: Figure | None, theme: Theme, bare: bool, ground: str, scale: float
) -> QImage:
    """A gauge on its ground with one pixel around it, opaque.

    It is painted at a place that is odd where its own is: halves are rounded to even numbers.
    """
    place = Rect(2 + rect.x % 2, 2 + rect.y % 2, *rect.size)
    made = QImage(round((place.right + 2) * scale), round((place.bottom + 2) * scale), QImage.Format.Format_RGB32)
    made.setDevicePixelRatio(scale)
    made.fill(colour(ground))
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint(painter, place, kind, figure, theme, bare)
    painter.end()
    return made.copy(*(round(side * scale) for side in place.grown(1)))


def _paint(painter: QPainter, rect: Rect, kind: GaugeKind, figure: Figure | None, theme: Theme, bare: bool) -> None:
    track = track_rect(rect, bare)
    if not bare:
        left = label_width(rect.width)
        label = (LABELS if left == LABEL_WIDTH else SHORT_LABELS)[kind]
        draw(painter, Rect(rect.x, rect.y, left - 4, rect.height), label, "meta", theme.t2)
        value = Rect(rect.right - VALUE_WIDTH + 4, rect.y, VALUE_WIDTH - 4, rect.height)
        draw_runs(painter, value, value_runs(figure, kind, theme), "right")
    if track.width > 0:
        _paint_track(painter, track, kind, figure, theme)


def _paint_track(painter: QPainter, track: Rect, kind: GaugeKind, figure: Figure | None, theme: Theme) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    outline = QPainterPath()
    outline.addRoundedRect(QRectF(*track), RADIUS, RADIUS)
    fill = fill_width(track.width, figure)
    if fill is None:
        painter.setBrush(colour(theme.track, 0.5 if figure is not None else 1.0))
        painter.drawPath(outline)
        painter.restore()
        return
    painter.setBrush(colour(theme.track))
    painter.drawPath(outline)
    solid = colour(theme.moved if kind == "moved" else theme.stayed)
    if fill >= track.width:
        painter.setBrush(solid)
        painter.drawPath(outline)
        painter.restore()
        if figure is not None and not figure.exact:
            _paint_tick(painter, track, fill, theme)
        return
    painter.setClipPath(outline, Qt.ClipOperation.IntersectClip)
    if kind == "moved":
        _paint_hatch(painter, Rect(track.x + fill, track.y, track.width - fill, track.height), theme)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(QRectF(track.x, track.y, fill, track.height), solid)
    painter.restore()
    _paint_tick(painter, track, fill, theme)


def _paint_tick(painter: QPainter, track: Rect, fill: int, theme: Theme) -> None:
    """The mark at the end of the fill, which is there even where nothing is filled."""
    x = min(max(fill - TICK_WIDTH / 2, 0), track.width - TICK_WIDTH)
    painter.fillRect(QRectF(track.x + x, track.y, TICK_WIDTH, track.height), colour(theme.t1))


def _paint_hatch(painter: QPainter, rect: Rect, theme: Theme) -> None:
    """Lines at 45 degrees that do not shift with the fill: their phase is that of the track's right end."""
    painter.save()
    painter.setClipRect(QRectF(*rect), Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(colour(theme.broke), 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    reach = rect.height + 2
    count = int((rect.width + 2 * reach) / HATCH_STEP) + 1
    ends = [rect.right + reach - number * HATCH_STEP for number in range(count)]
    painter.drawLines([QLineF(x - reach, rect.bottom + 1, x, rect.y - 1) for x in ends])
    painter.restore()
