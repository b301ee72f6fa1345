"""The strip: one panel a stage, arrows between them, of which only those in view are asked for."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from shiftlab.document import Document, StageKey
from shiftlab.network.info import StageInfo
from shiftlab.ui.figure.chip import State, state_of
from shiftlab.ui.figure.panel import PanelModel
from shiftlab.ui.figure.panel_geometry import PanelGeometry, column_geometry, panel_geometry
from shiftlab.ui.figure.strip_layout import (
    SPACINGS,
    VERY_MANY,
    StripLayout,
    chips_of,
    enlarged_layout,
    strip_layout,
)
from shiftlab.ui.figure.words import phase_words
from shiftlab.ui.linking import NOTHING, Lit
from shiftlab.ui.naming import channel_label
from shiftlab.ui.panel import PanelWidget
from shiftlab.ui.stripbody import StripBody
from shiftlab.ui.theme import Theme

if TYPE_CHECKING:
    from shiftlab.engine.messages import Picture, Snapshot
    from shiftlab.engine.requests import PictureRequest
    from shiftlab.measure.values import StageMeasure
    from shiftlab.ui.figure.pair_layout import PairLayout
    from shiftlab.ui.reading import Reading

Stages = tuple[tuple[StageInfo, ...], ...]
NO_OVERVIEW: tuple[tuple[object, ...], frozenset[StageKey], None] = ((), frozenset(), None)


def _same(one: Sequence[object], other: Sequence[object]) -> bool:
    """Whether both hold the same objects, not only equal ones."""
    return all(map(operator.is_, one, other))


class Strip(QScrollArea):
    """The panels of all stages.

    Signals
    -------
    in_view : tuple of PictureRequest, whenever what can be seen is another
    hovered : a Spot or None
    chosen : the Spot that was clicked
    expand_wanted : the StageKey of a panel to be enlarged, or of a chip to be opened
    menu_wanted : a StageKey and a global point
    tile_stepped : +1 or -1
    tile_changed : the side that tiles have, None where there are none
    grown : from which QRect to which a panel went as it was enlarged or brought back, both in the viewport
    margin_changed : where the panels begin, in pixels from the left
    painted : a panel has drawn a new picture
    overview_changed : of a long network (StageKey, State) of all stages, the keys in view, and the first that
        breaks; of others nothing, an empty set and None
    """

    in_view = Signal(object)
    hovered = Signal(object)
    chosen = Signal(object)
    expand_wanted = Signal(object)
    menu_wanted = Signal(object, QPoint)
    tile_stepped = Signal(int)
    tile_changed = Signal(object)
    margin_changed = Signal(int)
    grown = Signal(QRect, QRect)
    painted = Signal()
    overview_changed = Signal(object, object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Stages")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._body = StripBody()
        self.setWidget(self._body)
        self.panels: dict[StageKey, PanelWidget] = {}
        self._document: Document | None = None
        self._stages: Stages = ((),)
        self._reading: Reading | None = None
        self._snapshot: Snapshot | None = None
        self._lit: Lit = NOTHING
        self._first: dict[StageKey, int] = {}
        self._theme: Theme = self._body.theme
        self._stale = False
        self._loading = True
        self._geometries: dict[StageKey, PanelGeometry] = {}
        self._wanted: dict[StageKey, tuple[PictureRequest, ...]] = {}
        self._tile: int | None = None
        self._laid: object = None
        self._enlarged: StageKey | None = None
        self._sized = False
        self._unpainted = False
        self._shown_as: tuple[object, ...] | None = None
        self._overview: object = None
        self.verticalScrollBar().valueChanged.connect(lambda _value: self._look())

    @property
    def tile(self) -> int | None:
        """The side of the tiles of the first panel, in logical pixels."""
        return self._tile

    def show_document(self, document: Document, stages: Stages) -> None:
        """Lay out the stages of a document, where they are to be laid out otherwise than before.

        While a pattern is dragged nothing of it changes here before the next snapshot.
        """
        before, known = self._document, self._stages
        self._document = document
        # The same object where they are equal: see `_looks`.
        self._stages = known if known == stages else stages
        if (
            before is not None
            and known == stages
            and before.lenses is document.lenses
            and before.scene.size == document.scene.size
        ):
            return
        self._relayout()
        self._look()
        self._refresh()

    def show_snapshot(self, snapshot: Snapshot, reading: Reading) -> None:
        """Store new pictures and measures."""
        self._snapshot, self._reading = snapshot, reading
        self._stale = False
        self._unpainted = True
        self._show_arrows()
        if self._shown_as is not None and _same(self._shown_as, self._looks()):
            self._show_frame(snapshot, reading)
        else:
            self._refresh()

    def show_lit(self, lit: Lit) -> None:
        """Outline what a hovered or pinned place lights."""
        if lit != self._lit:
            self._lit = lit
            self._refresh()

    def show_stale(self) -> None:
        """Mark what is shown as no longer that of the document."""
        self._stale = True
        self._refresh()

    def show_loading(self, loading: bool) -> None:
        self._loading = loading
        self._refresh()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme

    def ensure_seen(self, key: StageKey) -> None:
        """Scroll to a stage."""
        if key in self.panels:
            self.ensureWidgetVisible(self.panels[key], 0, 20)

    def _relayout(self) -> None:
        document = self._document
        if document is None or not self._sized or self.viewport().width() < 40:
            return
        lenses, canvas = document.lenses, document.scene.size
        room = (float(self._room_width()), float(self.viewport().height()))
        laid = (
            self._stages, room, canvas, lenses.tile, lenses.hidden, lenses.collapsed, lenses.enlarged,
            tuple(sorted(self._first.items())), self.devicePixelRatioF(),
        )  # fmt: skip
        if laid == self._laid:
            return
        self._laid = laid
        turned = lenses.enlarged or self._enlarged if lenses.enlarged != self._enlarged else None
        start = None if turned is None else self._place_of(turned)
        self._enlarged = lenses.enlarged
        layout = self._layout(document, room)
        self._body.lay_out(layout, tuple((0, info.name) for info in self._stages[0]))
        self._geometries = {}
        infos = self._infos()
        kept = {box.key for box in layout.boxes}
        for key in [key for key in self.panels if key not in kept]:
            panel = self.panels.pop(key)
            panel.hide()
            panel.deleteLater()
        self._body.resize(round(room[0]), max(round(layout.size[1]), self.viewport().height()))
        before: QWidget | None = None
        for box in layout.boxes:
            panel = self.panels.get(box.key) or self._made(box.key)
            if box.form == "chip":
                panel.place_chip(box.rect)
            else:
                info, scale = infos[box.key], self.devicePixelRatioF()
                if not isinstance(layout, StripLayout):
                    made = column_geometry(
                        box.rect, info, canvas, form=layout.form, scale=scale, first=self._first.get(box.key, 0)
                    )
                else:
                    made = panel_geometry(
                        box.rect, info, canvas, scale=scale, tile=lenses.tile, first=self._first.get(box.key, 0),
                        enlarged=lenses.enlarged == box.key, tight=layout.tight,
                    )  # fmt: skip
                self._geometries[box.key] = made
                panel.place(made)
            if before is not None:
                QWidget.setTabOrder(before, panel)
            before = panel
            panel.show()
        self._body.update()
        tile = next((made.layout.box for made in self._geometries.values() if made.info.stride is not None), None)
        if tile != self._tile:
            self._tile = tile
            self.tile_changed.emit(tile)
        margin = SPACINGS[0][1]
        if isinstance(layout, StripLayout):
            margin = round(min((box.rect.x for box in layout.boxes), default=margin))
        self.margin_changed.emit(margin)
        if turned is not None and start is not None and (end := self._place_of(turned)) is not None:
            self.grown.emit(start, end)
        self._look()

    def _place_of(self, key: StageKey) -> QRect | None:
        """Where a panel stands in the viewport."""
        panel = self.panels.get(key)
        return None if panel is None else panel.geometry().translated(0, -self.verticalScrollBar().value())

    def _room_width(self) -> int:
        """The width that panels may take: the scroll bar stands in their right margin, so that nothing moves
        when it comes and goes."""
        return self.width()

    def _layout(self, document: Document, room: tuple[float, float]) -> StripLayout | PairLayout:
        lenses = document.lenses
        first, *others = self._stages
        enlarged = lenses.enlarged
        if enlarged is not None and any(
            (side, info.name) == enlarged for side, stages in enumerate(self._stages) for info in stages
        ):
            return enlarged_layout(enlarged, room)
        if others and all(self._stages):
            from shiftlab.ui.figure.pair_layout import pair_layout

            return pair_layout(first, others[0], *room, hidden=lenses.hidden)
        return strip_layout(
            first,
            room,
            document.scene.size,
            tile=lenses.tile,
            chips=chips_of(first, lenses.collapsed),
            hidden=frozenset(name for index, name in lenses.hidden if index == 0),
        )

    def _made(self, key: StageKey) -> PanelWidget:
        panel = PanelWidget(key, self._body, self._panel_painted)
        panel.set_theme(self._theme)
        panel.hovered.connect(self.hovered)
        panel.chosen.connect(self.chosen)
        panel.expand_wanted.connect(self.expand_wanted)
        panel.menu_wanted.connect(self.menu_wanted)
        panel.tile_stepped.connect(self.tile_stepped)
        panel.scrolled.connect(self._scroll_channels)
        self.panels[key] = panel
        return panel

    def _panel_painted(self) -> None:
        """Tell of the first panel that has drawn a new picture; the others follow at once."""
        if self._unpainted:
            self._unpainted = False
            self.painted.emit()

    def _scroll_channels(self, key: StageKey, rows: int) -> None:
        geometry = self._geometries.get(key)
        if geometry is not None:
            layout = geometry.layout
            first = min(max(layout.first + rows * layout.columns, 0), layout.total - 1)
            self._first[key] = first
            self._relayout()
            self._refresh()

    def _look(self) -> None:
        """Say what is in view."""
        document = self._document
        if document is None:
            return
        seen = self._seen()
        wanted: dict[StageKey, tuple[PictureRequest, ...]] = {}
        for key, geometry in self._geometries.items():
            rect = geometry.rect
            if seen.intersects(QRect(round(rect.x), round(rect.y), round(rect.width), round(rect.height))):
                wanted[key] = geometry.requests(key, document.lenses.view_of(key), self._selected(key))
        self._wanted = wanted
        self.in_view.emit(tuple(request for requests in wanted.values() for request in requests))
        self._tell_overview()

    def _tell_overview(self) -> None:
        """Say how every stage of a long network stands."""
        stages: tuple[tuple[StageKey, State], ...] = ()
        seen: frozenset[StageKey] = frozenset()
        if len(self._stages[0]) >= VERY_MANY:
            panels = ((key, self.panels.get(key)) for key in self._body.order)
            stages = tuple(
                (key, "none" if panel is None or panel.model is None else state_of(panel.model))
                for key, panel in panels
            )
            view = self._seen()
            seen = frozenset(key for key, panel in self.panels.items() if view.intersects(panel.geometry()))
        first = self._reading.first_break if self._reading is not None else None
        told = (stages, seen, first) if stages else NO_OVERVIEW
        if told != self._overview:
            self._overview = told
            self.overview_changed.emit(*told)

    def _seen(self) -> QRect:
        """The part of the body that can be seen."""
        return QRect(0, self.verticalScrollBar().value(), self.viewport().width(), self.viewport().height())

    def _selected(self, key: StageKey) -> int | None:
        """The selected channel; where there is spare room and none was selected, the first."""
        assert self._document is not None
        chosen = self._document.lenses.channels.get(key)
        geometry = self._geometries.get(key)
        if chosen is None and geometry is not None and geometry.spare is not None:
            return 0
        if chosen is not None and geometry is not None and chosen >= geometry.info.channels:
            return None
        return chosen

    def _show_arrows(self) -> None:
        first = self._reading.first_break if self._reading is not None else None
        index = self._body.order.index(first) if first in self._body.order else None
        self._body.show_break(index)

    def _looks(self) -> tuple[object, ...]:
        """All that panels show beside what a snapshot brings."""
        document = self._document
        assert document is not None
        return (
            document.lenses, document.networks, self._stages, self._wanted, self._lit, self._stale, self._loading
        )  # fmt: skip

    def _show_frame(self, snapshot: Snapshot, reading: Reading) -> None:
        """Give every panel its picture and measures, where nothing else is other than before.

        During a drag this is done for every frame; what screen readers say follows when it ends.
        """
        pictures, measures, breaks = snapshot.pictures, reading.measures, reading.breaks
        phases = any(side.phases for side in snapshot.sides)
        dragged = snapshot.request.frozen is not None
        for key, panel in self.panels.items():
            before, requests = panel.model, self._wanted.get(key, ())
            if before is None or phases:
                self._refresh()
                return
            picture, selected = before.picture, before.selected_picture
            if requests:
                known, picture = picture, pictures.get(requests[0])
                selected = pictures.get(requests[1]) if len(requests) > 1 else None
                if known is None or picture is None or picture.request.view != before.view:
                    self._refresh()
                    return
            panel.show_frame(measures.get(key), picture, selected, key in breaks)
            if not dragged:
                panel.tell()
        if isinstance(self._body.layout_, StripLayout):
            if len(self._stages[0]) >= VERY_MANY:
                self._tell_overview()
        elif self._document is not None:
            self._body.show_errors(measures, self._document.lenses)

    def _refresh(self) -> None:
        """Give every panel what it is to show."""
        document = self._document
        if document is None:
            return
        self._shown_as = self._looks()
        self._body.show_errors(self._reading.measures if self._reading is not None else {}, document.lenses)
        infos = self._infos()
        for key, panel in self.panels.items():
            panel.show_model(self._model(document, key, infos[key], panel.model))
        self._tell_overview()

    def _infos(self) -> dict[StageKey, StageInfo]:
        return {(side, info.name): info for side, stages in enumerate(self._stages) for info in stages}

    def _model(self, document: Document, key: StageKey, info: StageInfo, before: PanelModel | None) -> PanelModel:
        lenses = document.lenses
        pictures: Mapping[PictureRequest, Picture] = self._snapshot.pictures if self._snapshot is not None else {}
        requests = self._wanted.get(key, ())
        picture = pictures.get(requests[0]) if requests else None
        selected = pictures.get(requests[1]) if len(requests) > 1 else None
        fits = before is not None and before.info == info
        if picture is None and fits and before is not None and self._suits(before.picture, requests):
            # Not yet answered (another view, or just scrolled in): what was shown stays until it is.
            picture, selected = before.picture, before.selected_picture
        measure = self._reading.measure(key) if self._reading is not None else None
        pin, chosen = lenses.pin, self._selected(key)
        return PanelModel(
            key=key,
            info=info,
            measure=measure,
            picture=picture,
            selected_picture=selected,
            selected=chosen,
            selected_label="" if chosen is None else channel_label(document.networks[key[0]], key[1], chosen),
            view=picture.request.view if picture is not None else lenses.view_of(key),
            form=lenses.form,
            plain=lenses.plain,
            first_break=self._reading is not None and key in self._reading.breaks,
            pinned=pin is not None and (pin.network, pin.stage) == key,
            stale=self._stale and picture is not None,
            loading=self._loading and picture is None,
            boxes=self._lit.boxes.get(key, ()),
            note=self._phase_note(key, measure),
        )

    def _phase_note(self, key: StageKey, measure: StageMeasure | None) -> str:
        """Which phase adaptive polyphase sampling keeps, where no cause wants that place."""
        if self._snapshot is None or key[0] >= len(self._snapshot.sides) or (measure is not None and measure.causes):
            return ""
        phase = self._snapshot.sides[key[0]].phases.get(key[1])
        return "" if phase is None else phase_words(phase.row, phase.col, phase.tied)

    @staticmethod
    def _suits(picture: Picture | None, requests: tuple[PictureRequest, ...]) -> bool:
        """Whether an older picture has the shape of the one that is awaited."""
        if picture is None or not requests:
            return False
        return replace(picture.request, view=requests[0].view, first=requests[0].first) == requests[0]

    # Qt's own

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Arrow keys move the pattern, after a click on a map too; a scroll area would scroll with them.
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Before it has its place in the window nothing is laid out: that would be for a size that it never has.
        self._sized = True
        self._relayout()
        self._refresh()

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 200)
