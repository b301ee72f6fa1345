"""Where everything stands on an exported figure, and which pictures it wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shiftlab.document import Document, StageKey
from shiftlab.engine.requests import PictureRequest
from shiftlab.network.info import StageInfo
from shiftlab.ui.figure.canvas_view import CanvasView, fitted_view
from shiftlab.ui.figure.pair_layout import PairLayout, pair_layout
from shiftlab.ui.figure.panel_geometry import (
    NARROW_COLUMN,
    PANEL_WIDTH,
    PanelGeometry,
    column_geometry,
    panel_geometry,
)
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.strip_layout import (
    SPACINGS,
    StripLayout,
    chips_of,
    enlarged_layout,
    strip_layout,
)
from shiftlab.ui.theme import Theme

Stages = tuple[tuple[StageInfo, ...], ...]

CANVAS_SIDE = 384
STRIP_HEIGHT = 764
MOST_ACROSS = 9
MOST_COLUMNS = 12
FLATTEST = 0.72
"""Height over width above which a strip is made wider."""


@dataclass(frozen=True)
class Frame:
    """The measures of a composition: `column` is where the canvas's column stands (x, width), `canvas` its
    corner with the ruler, `strip` the corner of the strip, `foot` the room below everything."""

    column: tuple[float, float]
    canvas: tuple[float, float]
    strip: tuple[float, float]
    foot: float
    margin: float


WINDOW = Frame(column=(20, 404), canvas=(20, 44), strip=(448, 64), foot=28, margin=20)
PRINTED = Frame(column=(48, 384), canvas=(28, 96), strip=(468, 76), foot=48, margin=48)


@dataclass(frozen=True)
class PageLayout:
    """Everything but the column under the canvas, whose height depends on its words.

    Attributes
    ----------
    frame : Frame
    view : CanvasView
    strip : StripLayout or PairLayout
        In its own coordinates; `frame.strip` is its corner.
    geometries : mapping of StageKey to PanelGeometry, on the page
    requests : mapping of StageKey to the pictures of its panel
    width : float
    """

    frame: Frame
    view: CanvasView
    strip: StripLayout | PairLayout
    geometries: Mapping[StageKey, PanelGeometry]
    requests: Mapping[StageKey, tuple[PictureRequest, ...]]
    width: float

    @property
    def strip_bottom(self) -> float:
        return self.frame.strip[1] + self.strip.size[1]


def selected_channel(document: Document, key: StageKey, geometry: PanelGeometry) -> int | None:
    """The channel shown large; the first where there is room for one and none was selected."""
    chosen = document.lenses.channels.get(key)
    if chosen is not None and chosen < geometry.info.channels:
        return chosen
    return 0 if geometry.spare is not None else None


def page_layout(document: Document, stages: Stages, theme: Theme, scale: float) -> PageLayout:
    """Lay out a figure of a document whose networks have these stages.

    Raises
    ------
    ValueError
        Where `scale` is not positive, or there are no stages for a network.
    """
    if not scale > 0:
        raise ValueError(f"scale must be positive, not {scale}")
    if len(stages) != len(document.networks):
        raise ValueError(f"{len(document.networks)} networks need as many lists of stages, not {len(stages)}")
    frame = WINDOW if theme.frames else PRINTED
    canvas = document.scene.size
    strip = _strip(document, stages)
    infos = {(side, info.name): info for side, known in enumerate(stages) for info in known}
    geometries: dict[StageKey, PanelGeometry] = {}
    requests: dict[StageKey, tuple[PictureRequest, ...]] = {}
    for box in strip.boxes:
        if box.form == "chip":
            continue
        rect, info = box.rect.moved(*frame.strip), infos[box.key]
        if box.form == "column":
            made = column_geometry(rect, info, canvas, scale=scale)
        else:
            enlarged = document.lenses.enlarged == box.key
            tight = isinstance(strip, StripLayout) and strip.tight
            made = panel_geometry(
                rect, info, canvas, scale=scale, tile=document.lenses.tile, enlarged=enlarged, tight=tight
            )
        geometries[box.key] = made
        view = document.lenses.view_of(box.key)
        requests[box.key] = made.requests(box.key, view, selected_channel(document, box.key, made))
    x, y = frame.canvas
    room = Rect(x, y, CANVAS_SIDE + 20, CANVAS_SIDE + 20)
    right = max((box.rect.right for box in strip.boxes), default=strip.size[0])
    width = max(frame.strip[0] + right + frame.margin, frame.strip[0] + 460)
    return PageLayout(
        frame,
        fitted_view(canvas, room, scale),
        strip,
        MappingProxyType(geometries),
        MappingProxyType(requests),
        round(width),
    )


def _strip(document: Document, stages: Stages) -> StripLayout | PairLayout:
    lenses = document.lenses
    if lenses.enlarged is not None and any(
        info.name == lenses.enlarged[1] for info in stages[min(lenses.enlarged[0], len(stages) - 1)]
    ):
        return enlarged_layout(lenses.enlarged, (952, STRIP_HEIGHT))
    if len(stages) == 2:
        across = min(max(len(stages[0]), len(stages[1]), 5), MOST_COLUMNS)
        return pair_layout(stages[0], stages[1], 48 + across * (NARROW_COLUMN.width + 12), hidden=lenses.hidden)
    chips = chips_of(stages[0], lenses.collapsed)
    hidden = frozenset(name for side, name in lenses.hidden if side == 0)
    gap, margin = SPACINGS[0]
    made: StripLayout | None = None
    for across in range(3, MOST_ACROSS + 1):
        width = 2 * margin + across * (PANEL_WIDTH + gap) - gap
        made = strip_layout(
            stages[0], (width, STRIP_HEIGHT), document.scene.size, tile=lenses.tile, chips=chips, hidden=hidden
        )
        if made.size[1] <= max(STRIP_HEIGHT, (width + WINDOW.strip[0]) * FLATTEST):
            break
    assert made is not None
    return made


def picture_requests(
    document: Document, stages: Stages, theme: Theme, scale: float = 1.0
) -> tuple[PictureRequest, ...]:
    """The pictures that `render_figure` wants of the engine for the same document, theme and scale."""
    layout = page_layout(document, stages, theme, scale)
    return tuple(request for requests in layout.requests.values() for request in requests)
