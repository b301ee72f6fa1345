"""The canvas column: head, canvas, displacement, grid ladder, scene fields, path."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSpacerItem, QVBoxLayout, QWidget

from shiftlab.document import Document
from shiftlab.scene.translation import Displacement, NoDisplacement
from shiftlab.ui import edits
from shiftlab.ui.actions import Actions
from shiftlab.ui.answer import Answer
from shiftlab.ui.brushbar import BrushBar
from shiftlab.ui.canvas import CanvasWidget
from shiftlab.ui.controls import FlatButton
from shiftlab.ui.fields import label
from shiftlab.ui.figure import words
from shiftlab.ui.figure.canvas_view import RULER, whole_zoom
from shiftlab.ui.figure.displacement import HEIGHT, paint_displacement
from shiftlab.ui.figure.ladder import LadderModel, ladder, paint_ladder
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.lab import Lab
from shiftlab.ui.pathbar import PathBar
from shiftlab.ui.pinview import PinView
from shiftlab.ui.scenefields import SceneFields
from shiftlab.ui.theme import colour
from shiftlab.ui.themed import Themed

if TYPE_CHECKING:
    from shiftlab.engine.messages import HeadValues
    from shiftlab.network.info import StageInfo
    from shiftlab.ui.figure.probe import ProbeModel
    from shiftlab.ui.player import Player

WIDE, NARROW = 448, 384
"""The least width, and that beside a dock."""
SHARE = 0.28
"""The most of the window, its dock left out, that the column takes where that makes the canvas larger."""
MARGIN = 20
AROUND = 2 * MARGIN + RULER + 4
"""Width of the column beyond the canvas's."""
LEAST_SIDE, ROOMY = 128, 800
LEAST_HEIGHT = 480
AIR, MOST_AIR = 12, 12
"""Of height that nothing needs every gap takes this part, and no more than so many pixels."""
ENOUGH = 256
"""Height of a canvas for which nothing below it needs to be left out."""
ANSWERED = 100
"""Pixels of height more that a column with an answer needs to be roomy."""


class Shift(Themed, QWidget):
    """The displacement in figures, and the ladder of the strides."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._arranged: object = None
        self._by: Displacement | NoDisplacement | None = None
        self._stages: tuple[StageInfo, ...] = ()
        self._ladder: LadderModel | None = None
        self._gap = 8.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Displacement")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def show_document(
        self, document: Document, stages: tuple[StageInfo, ...], gap: float, *, rungs: bool = True
    ) -> None:
        """Show a document's displacement; without `rungs` the ladder is left out."""
        if (gap, rungs, stages) != self._arranged:
            self._arranged, self._by = (gap, rungs, stages), None
            self._gap, self._stages = gap, stages if rungs else ()
            kept = ladder(self._stages, Displacement(0.0, 0.0))
            self.setFixedHeight(round(HEIGHT + gap + (kept.height if kept is not None else 0)))
        self.show_moved(document.displacement)

    def show_moved(self, by: Displacement | NoDisplacement) -> None:
        """Show another displacement of the same document."""
        if by != self._by:
            self._by = by
            # Where no displacement is defined the strides still say where a shift could land.
            self._ladder = ladder(self._stages, by if isinstance(by, Displacement) else Displacement(0.0, 0.0))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), colour(self.theme.win))
            if self._by is not None:
                width = float(self.width())
                paint_displacement(painter, Rect(0, 0, width, HEIGHT), self._by, self.theme)
                if self._ladder is not None:
                    place = Rect(0, HEIGHT + self._gap, width, self._ladder.height)
                    paint_ladder(painter, place, self._ladder, self.theme, kept_on=self.theme.win)


class Line(Themed, QWidget):
    """A hairline."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), colour(self.theme.line))


class Column(Themed, QWidget):
    """Everything about the scene.

    Signals
    -------
    menu_wanted : a global point, for the canvas's menu
    """

    menu_wanted = Signal(QPoint)

    def __init__(self, lab: Lab, player: Player, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lab = lab
        self._stages: tuple[StageInfo, ...] = ()
        self._rungs = True
        self.pinned = False
        self._arranged: object = None
        self.canvas = CanvasWidget(lab)
        self.fields = SceneFields(lab)
        self.fields.image_wanted.connect(lambda: actions.run("file.background"))
        self.brush = BrushBar(self.canvas, actions)
        self.path = PathBar(lab, player, actions)
        self.shift = Shift()
        self.answer = Answer()
        self._facts = label("", "meta")
        self.more = FlatButton("", "more", "Canvas menu", side=28)
        self.more.setAccessibleName("Canvas menu")
        self.more.clicked.connect(
            lambda: self.menu_wanted.emit(self.more.mapToGlobal(QPoint(0, self.more.height() + 2)))
        )
        self.add = FlatButton("Add a pattern", "", "Put a pattern on the canvas", primary=True, parent=self.canvas)
        self.add.hide()
        head = QWidget()
        head.setFixedHeight(40)
        line = QHBoxLayout(head)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(10)
        line.addWidget(label("Canvas", "heading"))
        line.addWidget(self._facts)
        line.addStretch(1)
        line.addWidget(self.more)
        self._head = head
        self._layout = QVBoxLayout(self)
        self._layout.setSpacing(0)
        # The canvas gives way to what stands below it, so that the column never holds the window open.
        self._layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        self.setMinimumHeight(LEAST_HEIGHT)
        self._gaps: list[tuple[QSpacerItem, int, int]] = []
        self._layout.addWidget(head)
        self._layout.addWidget(self.canvas)
        self._gap(19, 10)
        self._layout.addWidget(self.shift)
        self._layout.addWidget(self.answer)
        self._gap(12, 8)
        self._line = Line()
        self._layout.addWidget(self._line)
        self._gap(11, 8)
        self._layout.addWidget(self.brush)
        self._layout.addWidget(self.fields)
        self._gap(4, 2)
        self._layout.addWidget(self.path)
        self._layout.addStretch(1)
        self._least, self._room = 0, 0
        self.pin = PinView(self)
        self.pin.hide()
        self.canvas.view_changed.connect(self._view_changed)
        self.brush.hide()
        self.share(0, narrow=False)

    def _gap(self, roomy: int, tight: int) -> None:
        space = QSpacerItem(0, roomy)
        self._layout.addSpacerItem(space)
        self._gaps.append((space, roomy, tight))

    def share(self, room: int, *, narrow: bool) -> None:
        """Take a share of the `room` that the window has in width; `narrow` where a dock stands beside it."""
        least = NARROW if narrow else WIDE
        if (least, room) != (self._least, self._room):
            self._least, self._room = least, room
            self._arrange()

    @property
    def _widest(self) -> int:
        return max(self._least, int(self._room * SHARE))

    def show_tool(self, tool: str) -> None:
        """Show the brush while one draws, in place of the pattern's fields."""
        drawing = tool != "move"
        self.brush.setVisible(drawing)
        self.brush.show_tool()
        self.fields.show_pattern_row(not drawing)

    def show_document(self, document: Document, stages: tuple[StageInfo, ...]) -> None:
        other = (stages, document.scene.size, document.scene.border) != self._arranged
        self._stages, self._arranged = stages, (stages, document.scene.size, document.scene.border)
        self.canvas.show_document(document)
        self.canvas.tell()
        self.fields.show_document(document)
        self.path.show_document(document)
        if other:
            last = [each[-1] for each in edits.stages_of(document) if each]
            self.answer.expect([one.channels for one in last if one.stride is None and one.kind != "flatten"])
            self._show_facts()
            self._arrange()
        else:
            self._show_shift()
        self.add.setVisible(not document.scene.placed)

    def show_moved(self, document: Document) -> None:
        """Show a document in which, during a drag, no more than the places of patterns is other than before.

        Figures in fields and what screen readers say follow with `show_document`.
        """
        self.canvas.show_document(document)
        self.shift.show_moved(document.displacement)

    def show_pin(self, held: bool, model: ProbeModel | None) -> None:
        """Show a pinned cell in place of displacement and fields, or these again."""
        self.pinned = held
        for widget in (self.shift, self.answer, self._line, self.fields, self.path):
            widget.setVisible(not held)
        self.pin.setVisible(held)
        self.pin.show_model(model)

    def show_heads(self, heads: Sequence[HeadValues | None], *, dragged: bool = False) -> None:
        """Show what the networks' heads say; `dragged` as in `Answer.show_heads`."""
        if self.answer.show_heads(heads, dragged=dragged):
            self._arrange()

    def _place_pin(self) -> None:
        top = self.canvas.geometry().bottom() + 12
        self.pin.setGeometry(MARGIN, top, self.width() - 2 * MARGIN, max(self.height() - top - 8, 0))

    def _view_changed(self) -> None:
        self._show_facts()
        self._arrange()

    def _show_facts(self) -> None:
        scene = self._lab.document.scene
        border = "wraps" if scene.border == "wrap" else "zero border"
        zoom = words.number(self.canvas.zoom, 2)
        self._facts.setText(f"{scene.size[0]} × {scene.size[1]} px · {zoom}× · {border}")

    @property
    def _tight(self) -> bool:
        """Whether height is scarce."""
        return self.height() < ROOMY + (ANSWERED if self.answer.height() else 0)

    def _show_shift(self) -> None:
        self.shift.show_document(self._lab.document, self._stages, 4 if self._tight else 8, rungs=self._rungs)

    def _arrange(self) -> None:
        """Give the canvas the largest side that leaves room for everything below it."""
        tight = self._tight
        gaps = sum(small if tight else roomy for _, roomy, small in self._gaps)
        self._head.setFixedHeight(36 if tight else 40)
        self._layout.setContentsMargins(MARGIN, 0, MARGIN, 6 if tight else 13)
        self.fields.set_tight(tight)
        below = self._head.height() + RULER + self.answer.height() + gaps
        below += 1 + self.fields.sizeHint().height() + self.path.height() + (6 if tight else 13)
        # Where a head answers and both would leave too little of the canvas, the answer takes the ladder's place.
        for self._rungs in (True, False):
            self._show_shift()
            room = self.height() - below - self.shift.height()
            if room >= ENOUGH or not self.answer.height():
                break
        rows, cols = self._lab.document.scene.size
        side = max(min(self._widest - AROUND, room), LEAST_SIDE)
        zoom = whole_zoom((rows, cols), (self._widest - AROUND + 2, side), self.devicePixelRatioF())
        if self.canvas.fitted:
            side = math.ceil(rows * zoom)
        width = max(self._least, math.ceil(cols * zoom) + AROUND)
        self.setFixedWidth(width)
        self.fields.set_narrow(width < WIDE)
        self.canvas.setFixedHeight(RULER + side + 1)
        airy = min(max(room - side, 0) // AIR, MOST_AIR)
        for space, roomy, small in self._gaps:
            space.changeSize(0, small if tight else roomy + airy)
        self._layout.activate()
        self._place_pin()
        self.add.adjustSize()
        self.add.move((self.canvas.width() - self.add.width()) // 2, (self.canvas.height() - self.add.height()) // 2)

    # Qt's own

    def sizeHint(self) -> QSize:
        return QSize(WIDE, 828)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), colour(self.theme.win))
            painter.fillRect(QRectF(self.width() - 1, 0, 1, self.height()), colour(self.theme.line))
