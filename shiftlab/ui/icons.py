"""Our own icons: SVGs on a 20 px grid whose `currentColor` is replaced by a token of the theme."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from shiftlab.resources import resource
from shiftlab.ui.theme import DISABLED, Theme

NAMES = (
    "menu",
    "network",
    "pattern",
    "move",
    "draw",
    "erase",
    "set-reference",
    "back",
    "jump",
    "undo",
    "redo",
    "record",
    "play",
    "pause",
    "step",
    "reset",
    "ab",
    "fork",
    "search",
    "camera",
    "copy",
    "lesson",
    "bench",
    "measures",
    "position-map",
    "training",
    "inspector",
    "rf",
    "pin",
    "lock",
    "expand",
    "close",
    "chevron",
    "more",
    "check",
)
SIDE = 20
"""The grid that every icon is drawn on."""


@lru_cache(maxsize=64)
def _source(name: str) -> str:
    if name not in NAMES:
        raise ValueError(f"no icon is called {name!r}")
    return resource("icons", f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=512)
def pixmap(name: str, colour: str, size: int = SIDE, dpr: float = 1.0, opacity: float = 1.0) -> QPixmap:
    """One icon as a pixmap of `size` logical pixels; shared, so never change it in place.

    Raises
    ------
    ValueError
        Where no icon has this name.
    """
    renderer = _renderer(name, colour)
    side = round(size * dpr)
    made = QPixmap(side, side)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setOpacity(opacity)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    made.setDevicePixelRatio(dpr)
    return made


def paint_icon(painter: QPainter, rect: QRectF, name: str, colour: str) -> None:
    """Draw an icon into `rect`, as lines and not as pixels."""
    _renderer(name, colour).render(painter, rect)


@lru_cache(maxsize=256)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))


@lru_cache(maxsize=512)
def icon(name: str, colour: str, size: int = SIDE, checked: str | None = None) -> QIcon:
    """An icon with its states: normal, disabled (40 %), and `checked` in another colour where one is given.

    It holds pixmaps for 1, 2 and 3 device pixels a pixel, so that a window that moves between screens stays crisp.
    """
    made = QIcon()
    for ratio in (1.0, 2.0, 3.0):
        for state, token in ((QIcon.State.Off, colour), (QIcon.State.On, checked or colour)):
            made.addPixmap(pixmap(name, token, size, ratio), QIcon.Mode.Normal, state)
            made.addPixmap(pixmap(name, token, size, ratio, DISABLED), QIcon.Mode.Disabled, state)
    return made


def themed_icon(name: str, theme: Theme) -> QIcon:
    """The icon as buttons of the toolbar and rail show it: label colour, and text colour when checked."""
    return icon(name, theme.t2, checked=theme.t1)
