"""What scrolls in the strip: the ground, the arrows or the charts, and the panels as children."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QWidget

from shiftlab.document import ErrorForm, Lenses, StageKey
from shiftlab.ui.figure.arrow import arrow_kind, arrow_layer, paint_arrow
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.strip_layout import StripLayout
from shiftlab.ui.theme import colour
from shiftlab.ui.themed import Themed

if TYPE_CHECKING:
    from shiftlab.measure.values import StageMeasure
    from shiftlab.ui.figure.pair_layout import PairLayout


def _around(rect: Rect) -> QRect:
    """The least rectangle of whole pixels that holds another."""
    return QRectF(*rect).toAlignedRect()


class StripBody(Themed, QWidget):
    """Paints what stands between panels."""

    def __init__(self) -> None:
        super().__init__()
        self.layout_: StripLayout | PairLayout = StripLayout((), (), (0, 0))
        self.order: tuple[StageKey, ...] = ()
        self._arrows: tuple[tuple[int, Rect, QRect], ...] = ()
        self.first_break: int | None = None
        self.measures: Mapping[StageKey, StageMeasure] = {}
        self.form: ErrorForm = "grid"
        self.plain = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), colour(self.theme.win))
            if isinstance(self.layout_, StripLayout):
                self._paint_arrows(painter, event.region())
            else:
                from shiftlab.ui.figure.pair_chart import paint_pair_chart, paint_tag  # late: at first there is no B

                for band in self.layout_.bands:
                    paint_tag(painter, band.tags[0], "A", self.theme)
                    paint_tag(painter, band.tags[1], "B", self.theme)
                    paint_pair_chart(painter, band, self.measures, self.theme, form=self.form, plain=self.plain)

    def _paint_arrows(self, painter: QPainter, region: QRegion) -> None:
        scale = self.devicePixelRatioF()
        for place, rect, around in self._arrows:
            if region.intersects(around):
                kind = arrow_kind(place, self.first_break)
                if rect.whole and scale.is_integer():
                    layer = arrow_layer(rect.size, kind, self.theme, (rect.x % 2, rect.y % 2), scale)
                    painter.drawImage(around.topLeft(), layer)
                else:
                    paint_arrow(painter, rect, kind, self.theme)

    def lay_out(self, layout: StripLayout | PairLayout, order: tuple[StageKey, ...]) -> None:
        """Take another layout of stages in this order."""
        self.layout_, self.order = layout, order
        arrows = layout.arrows if isinstance(layout, StripLayout) else ()
        self._arrows = tuple(
            (order.index(arrow.into), arrow.rect, _around(arrow.rect)) for arrow in arrows if arrow.into in order
        )
        self.update()

    def show_break(self, index: int | None) -> None:
        """Say which stage breaks first; only arrows that change are repainted, and no panel along with them."""
        before, self.first_break = self.first_break, index
        if before != index:
            for place, _, around in self._arrows:
                if arrow_kind(place, before) != arrow_kind(place, index):
                    self.update(around)

    def show_errors(self, measures: Mapping[StageKey, StageMeasure], lenses: Lenses) -> None:
        """Give the charts between A and B what they show."""
        known = (self.measures, self.form, self.plain)
        if isinstance(self.layout_, StripLayout) or known == (measures, lenses.form, lenses.plain):
            return
        self.measures, self.form, self.plain = measures, lenses.form, lenses.plain
        for band in self.layout_.bands:
            self.update(QRect(0, round(band.chart.y), self.width(), round(band.chart.height)))
