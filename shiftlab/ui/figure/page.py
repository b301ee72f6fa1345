"""The whole figure as one picture: canvas, displacement, ladder, strip and captions, without a control.

In the dark and light theme it is composed like the window, in the print theme like a plate of a paper.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QGuiApplication, QImage, QPainter

from shiftlab.document import Document, StageKey
from shiftlab.engine.messages import HeadValues, Snapshot
from shiftlab.measure.cause import first_break
from shiftlab.measure.values import StageMeasure
from shiftlab.measure.words import Sentence, break_sentence, pair_sentence
from shiftlab.scene.raster import rasterise
from shiftlab.scene.translation import NoDisplacement
from shiftlab.ui.figure import page_words, words
from shiftlab.ui.figure.answer import answer_height, paint_answer
from shiftlab.ui.figure.arrow import arrow_kind, paint_arrow
from shiftlab.ui.figure.canvas import canvas_rgb, paint_canvas
from shiftlab.ui.figure.canvas_model import CanvasModel
from shiftlab.ui.figure.chip import paint_chip
from shiftlab.ui.figure.displacement import paint_displacement
from shiftlab.ui.figure.headline import paint_headline
from shiftlab.ui.figure.ladder import LadderModel, ladder, paint_ladder
from shiftlab.ui.figure.page_layout import PageLayout, Stages, page_layout, picture_requests, selected_channel
from shiftlab.ui.figure.pair_chart import Letter, paint_pair_chart, paint_tag
from shiftlab.ui.figure.pair_layout import PairLayout
from shiftlab.ui.figure.panel import PanelModel, paint_panel
from shiftlab.ui.figure.pinned import seen_by_pin
from shiftlab.ui.figure.probe import inspections, paint_probe, probe_height, probe_model
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.strip_layout import StripLayout
from shiftlab.ui.figure.text import Run, draw, draw_runs, draw_wrapped, wrapped
from shiftlab.ui.theme import Theme, colour, luts

__all__ = ["figure_application", "inspections", "picture_requests", "render_figure"]

LEADING = 16
_held: list[QCoreApplication] = []


def figure_application() -> QCoreApplication:
    """The application that painting text needs: the one that runs, else one without a screen."""
    running = QCoreApplication.instance()
    if running is not None:
        return running
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    _held.append(QGuiApplication([]))
    return _held[-1]


def render_figure(document: Document, snapshot: Snapshot, theme: Theme, scale: float = 1.0) -> QImage:
    """The figure of a document.

    Parameters
    ----------
    snapshot : Snapshot
        The answer to a request for `picture_requests(document, stages, theme, scale)` and
        `inspections(document)`, with the look-up tables of the same theme.
    scale : float
        Pixels of the picture for each logical one: 1, 2, 4.

    Returns
    -------
    QImage
        RGB32, with `scale` as its device pixel ratio.
    """
    figure_application()
    return _Page(document, snapshot, theme, scale).image()


class _Page:
    """One figure while it is painted."""

    def __init__(self, document: Document, snapshot: Snapshot, theme: Theme, scale: float) -> None:
        self.document, self.snapshot, self.theme, self.scale = document, snapshot, theme, scale
        self.stages: Stages = tuple(side.stages for side in snapshot.sides)
        self.layout: PageLayout = page_layout(document, self.stages, theme, scale)
        self.by = document.displacement
        self.measures: Mapping[StageKey, StageMeasure] = {
            (index, one.name): one for index, side in enumerate(snapshot.sides) for one in side.measures
        }
        self.breaks = {
            (index, name)
            for index, side in enumerate(snapshot.sides)
            if (name := first_break(side.measures)) is not None
        }
        self.sentence: Sentence = (
            pair_sentence(snapshot.sides[0].measures, snapshot.sides[1].measures, self.by)
            if len(snapshot.sides) == 2
            else break_sentence(self.stages[0], snapshot.sides[0].measures, self.by, document.scene.size)
        )
        if isinstance(self.by, NoDisplacement) or self.by.zero:
            # What to do next is for who sits at the window, not for who reads a figure.
            self.sentence = dataclasses.replace(self.sentence, rest="")
        self.seen = seen_by_pin(document)
        self.ladder: LadderModel | None = ladder(self.stages[0], self.by)
        self.probe = probe_model(document, snapshot, luts(theme), scale)
        self.head: HeadValues | None = snapshot.sides[0].head if len(snapshot.sides) == 1 else None

    def image(self) -> QImage:
        """Paint it, column first on a trial picture, because its words decide how high the page is."""
        trial = QImage(1, 1, QImage.Format.Format_RGB32)
        painter = QPainter(trial)
        bottom = max(self._paint_column(painter), self.layout.strip_bottom)
        painter.end()
        width, height = self.layout.width, round(bottom + self.layout.frame.foot)
        image = QImage(round(width * self.scale), round(height * self.scale), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(self.scale)
        image.fill(colour(self.theme.win))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        if self.theme.frames:
            self._paint_bars(painter)
        else:
            self._paint_title(painter)
        self._paint_canvas(painter)
        self._paint_column(painter)
        self._paint_strip(painter)
        self._paint_foot(painter, height)
        painter.end()
        return image

    # the upper edge

    def _paint_title(self, painter: QPainter) -> None:
        margin = self.layout.frame.margin
        room = Rect(margin, 32, self.layout.width - 2 * margin, 24)
        draw(painter, room, page_words.title(self.document), "title", self.theme.t1)

    def _paint_bars(self, painter: QPainter) -> None:
        theme, frame, scene = self.theme, self.layout.frame, self.document.scene
        x, width = frame.column
        name = draw(painter, Rect(x, 12, width, 18), "Canvas", "heading", theme.t1)
        zoom = words.number(self.layout.view.zoom, 2)
        border = "wraps" if scene.border == "wrap" else "zero border"
        said = f"{scene.size[0]} × {scene.size[1]} px · {zoom}× · {border}"
        draw(painter, Rect(x + name + 12, 12, width - name - 12, 18), said, "meta", theme.t2)
        view, meaning = page_words.VIEWS[self.document.lenses.view]
        left = frame.strip[0] + 20
        right = self.layout.width - frame.margin
        runs = (
            Run(view, theme.t1, "heading"),
            Run(f"   {meaning}", theme.t2, "meta"),
        )
        took = draw_runs(painter, Rect(left, 12, right - left, 18), runs)
        networks = page_words.shown_spec([network.spec for network in self.document.networks])
        draw(painter, Rect(left + took + 20, 12, right - left - took - 20, 18), networks, "meta", theme.t2, "right")
        paint_headline(painter, Rect(left, 38, right - left, 24), self.sentence, theme)
        painter.fillRect(QRectF(frame.strip[0], 0, 1, 100000), colour(theme.line))

    # the canvas and what stands under it

    def _paint_canvas(self, painter: QPainter) -> None:
        document = self.document
        channels = document.networks[0].spec.channels
        paint_canvas(
            painter,
            self.layout.view,
            CanvasModel(
                rgb=canvas_rgb(rasterise(document.scene, channels)),
                scene=document.scene,
                reference=document.reference,
                displacement=None if isinstance(self.by, NoDisplacement) else self.by,
                selection=document.lenses.selection,
                field=self.seen.field,
                handles=False,
            ),
            self.theme,
        )

    def _paint_column(self, painter: QPainter) -> float:
        """What stands under the canvas; where it ends."""
        theme = self.theme
        x, width = self.layout.frame.column
        y = self.layout.view.rect.bottom + 16
        if theme.frames and self.probe is None:
            paint_displacement(painter, Rect(x, y + 2, width, 28), self.by, theme)
            y += 40
        elif not theme.frames:
            caption = page_words.canvas_caption(self.document, theme)
            y += draw_wrapped(painter, Rect(x, y, width, 0), caption, LEADING) + 24
        if self.probe is not None:
            high = probe_height(self.probe, width)
            paint_probe(painter, Rect(x, y, width, high), self.probe, theme, hint="")
            y += high + 16
        elif self.ladder is not None:
            paint_ladder(painter, Rect(x, y, width, self.ladder.height), self.ladder, theme)
            y += self.ladder.height + 16
        if self.head is not None:
            y = self._rule(painter, x, y, width)
            paint_answer(painter, Rect(x, y, width, answer_height(self.head)), self.head, theme)
            y += answer_height(self.head) + 12
        if len(self.document.networks) == 2:
            y = self._rule(painter, x, y, width)
            y = self._paint_networks(painter, x, y, width)
        if theme.frames:
            caption = page_words.gauge_caption(self.document.lenses, None, theme)
            y = self._rule(painter, x, y, width)
            y += draw_wrapped(painter, Rect(x, y, width, 0), caption, LEADING) + 12
        else:
            caption = page_words.gauge_caption(self.document.lenses, self.sentence, theme)
            y += draw_wrapped(painter, Rect(x, y, width, 0), caption, LEADING) + 12
        return y

    def _rule(self, painter: QPainter, x: float, y: float, width: float) -> float:
        painter.fillRect(QRectF(x, round(y), width, 1), colour(self.theme.line))
        return y + 16

    def _paint_networks(self, painter: QPainter, x: float, y: float, width: float) -> float:
        """The two networks with their letters and what they are."""
        letters: tuple[Letter, Letter] = ("A", "B")
        for letter, network in zip(letters, self.document.networks, strict=True):
            paint_tag(painter, Rect(x, y, 28, 28), letter, self.theme)
            room = width - 40
            draw(painter, Rect(x + 40, y - 2, room, 16), network.spec.name, "control", self.theme.t1)
            runs = (Run(network.spec.description, self.theme.t2),)
            lines = wrapped(runs, room)[:3] if network.spec.description else []
            for index, line in enumerate(lines):
                draw_runs(painter, Rect(x + 40, y + 15 + 15 * index, room, 15), line)
            y += max(15 + 15 * len(lines), 28) + 12
        return y

    # the strip

    def _paint_strip(self, painter: QPainter) -> None:
        x, y = self.layout.frame.strip
        strip = self.layout.strip
        if isinstance(strip, StripLayout):
            self._paint_arrows(painter, strip)
        else:
            self._paint_bands(painter, strip)
        for box in strip.boxes:
            model = self._model(box.key)
            if box.form == "chip":
                paint_chip(painter, box.rect.moved(x, y), model, self.theme)
            else:
                paint_panel(painter, self.layout.geometries[box.key], model, self.theme)

    def _paint_arrows(self, painter: QPainter, strip: StripLayout) -> None:
        order = [(0, info.name) for info in self.stages[0]]
        first = next((index for index, key in enumerate(order) if key in self.breaks), None)
        for arrow in strip.arrows:
            rect = arrow.rect.moved(*self.layout.frame.strip)
            paint_arrow(painter, rect, arrow_kind(order.index(arrow.into), first), self.theme)

    def _paint_bands(self, painter: QPainter, strip: PairLayout) -> None:
        x, y = self.layout.frame.strip
        lenses = self.document.lenses
        painter.save()
        painter.translate(x, y)
        letters: tuple[Letter, Letter] = ("A", "B")
        for band in strip.bands:
            for letter, rect in zip(letters, band.tags, strict=True):
                paint_tag(painter, rect, letter, self.theme)
            paint_pair_chart(painter, band, self.measures, self.theme, form=lenses.form, plain=lenses.plain)
        painter.restore()

    def _model(self, key: StageKey) -> PanelModel:
        lenses = self.document.lenses
        info = next(info for info in self.stages[key[0]] if info.name == key[1])
        geometry = self.layout.geometries.get(key)
        requests = self.layout.requests.get(key, ())
        pictures = [self.snapshot.pictures.get(request) for request in requests]
        return PanelModel(
            key=key,
            info=info,
            measure=self.measures.get(key),
            picture=pictures[0] if pictures else None,
            selected_picture=pictures[1] if len(pictures) > 1 else None,
            selected=None if geometry is None else selected_channel(self.document, key, geometry),
            view=lenses.view_of(key),
            form=lenses.form,
            plain=lenses.plain,
            first_break=key in self.breaks,
            pinned=lenses.pin is not None and (lenses.pin.network, lenses.pin.stage) == key,
            boxes=self.seen.boxes.get(key, ()),
        )

    # the lower edge

    def _paint_foot(self, painter: QPainter, height: float) -> None:
        theme, margin = self.theme, self.layout.frame.margin
        top = height - self.layout.frame.foot
        room = Rect(margin, top + 6, self.layout.width - 2 * margin, 22)
        if theme.frames:
            painter.fillRect(QRectF(0, top, self.layout.width, self.layout.frame.foot), colour(theme.panel))
            painter.fillRect(QRectF(0, top, self.layout.width, 1), colour(theme.line))
            room = Rect(margin, top, self.layout.width - 2 * margin, self.layout.frame.foot)
        else:
            painter.fillRect(QRectF(margin, top, self.layout.width - 2 * margin, 1), colour(theme.t1))
        every = all(not one.layout.scrolls for one in self.layout.geometries.values())
        said = page_words.foot_words(self.document, every)
        if theme.frames:
            said = f"{said} · {page_words.form_words(self.document.lenses)}"
        took = draw(painter, room, page_words.FOOT, "meta", theme.t2, "right")
        draw(painter, Rect(room.x, room.y, room.width - took - 20, room.height), said, "meta", theme.t2)
