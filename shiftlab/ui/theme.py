"""The tokens of the look, and what follows from them: fonts, the palette, look-up tables for maps.

A theme is a frozen value. Colours are '#RRGGBB' strings named after their use; `colour` makes a
QColor of one. The stylesheet of the standard widgets is in `shiftlab.ui.stylesheet`.
"""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette

from shiftlab.engine.requests import Luts
from shiftlab.picture import tables

ThemeName = Literal["dark", "light", "print"]
FontRole = Literal["display", "title", "heading", "control", "meta", "tick"]

DISABLED = 0.4
"""Opacity of what cannot be used."""


class Theme(msgspec.Struct, frozen=True):
    """One theme; every field but the name and `frames` is a colour.

    Attributes
    ----------
    win, panel, ctl, hov : grounds of the window, of panels and bars, of fields, of what is hovered
    line, line2 : hairlines; frames of fields
    t1, t2, t3 : text; labels; units and ticks
    acc, accbg, onacc : the accent; a chosen segment; text on the accent
    moved, stayed, broke : moved along; stayed put; what breaks
    ghost : the reference, always dashed
    track : the ground of a gauge
    gap : what stands between the tiles of a mosaic
    nan : marks values that are not a number
    frames : whether panels have a frame (print has a rule above instead)
    """

    name: ThemeName
    win: str
    panel: str
    ctl: str
    hov: str
    line: str
    line2: str
    t1: str
    t2: str
    t3: str
    acc: str
    accbg: str
    onacc: str
    moved: str
    stayed: str
    broke: str
    ghost: str
    track: str
    gap: str
    nan: str
    frames: bool = True

    @property
    def dark(self) -> bool:
        return self.name == "dark"

    @property
    def overlay(self) -> Theme:
        """The theme for what is drawn over canvas and maps: the dark values in all themes."""
        return DARK


DARK = Theme(
    name="dark",
    win="#121416",
    panel="#1A1D20",
    ctl="#24282C",
    hov="#2E3338",
    line="#2A2E33",
    line2="#41474E",
    t1="#E9ECEF",
    t2="#A9B0B7",
    t3="#8A929A",
    acc="#62A8FF",
    accbg="#1D3450",
    onacc="#08131F",
    moved="#35C2A1",
    stayed="#B7A0FA",
    broke="#FF9457",
    ghost="#D5D9DD",
    track="#30353A",
    gap="#1A1D20",
    nan="#5B3A66",
)

LIGHT = Theme(
    name="light",
    win="#EFF1F3",
    panel="#FFFFFF",
    ctl="#FFFFFF",
    hov="#E6E9EC",
    line="#DADEE2",
    line2="#B9C0C7",
    t1="#15181B",
    t2="#4C545B",
    t3="#666E76",
    acc="#0B5FD0",
    accbg="#DCE9FB",
    onacc="#FFFFFF",
    moved="#00786A",
    stayed="#6D4BC3",
    broke="#B54708",
    ghost="#5A6168",
    track="#E1E5E8",
    gap="#DADEE2",
    nan="#D9C2E0",
)

PRINT = msgspec.structs.replace(LIGHT, name="print", win="#FFFFFF", t1="#000000", t2="#383E44", frames=False)

THEMES: dict[str, Theme] = {theme.name: theme for theme in (DARK, LIGHT, PRINT)}

OVERLAY_PLATE = "#0B0D0F"
"""The plate under text on canvas and maps."""


@lru_cache(maxsize=512)
def colour(token: str, opacity: float = 1.0) -> QColor:
    """The QColor of a token such as `theme.acc`; shared, so never change it in place."""
    made = QColor(token)
    made.setAlphaF(opacity)
    return made


def rgb(token: str) -> int:
    """The token as 0xffRRGGBB."""
    return 0xFF000000 | int(token[1:], 16)


SIZES: dict[FontRole, tuple[int, bool]] = {
    "display": (20, True),
    "title": (17, True),
    "heading": (13, True),
    "control": (12, False),
    "meta": (11, False),
    "tick": (10, False),
}
"""Pixel size, and whether semibold, of each role."""


@lru_cache(maxsize=64)
def font(role: FontRole, strong: bool | None = None) -> QFont:
    """The system font in the size of a role, with tabular figures; shared, so never change it in place.

    `strong` makes it semibold or not, whatever the role says. Needs a QGuiApplication.
    """
    size, semibold = SIZES[role]
    made = QFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont))
    made.setPixelSize(size)
    made.setWeight(QFont.Weight.DemiBold if (semibold if strong is None else strong) else QFont.Weight.Normal)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


@lru_cache(maxsize=8)
def _sequential(dark: bool) -> NDArray[np.uint32]:
    """pyqtgraph's inferno or CET-L17, read from its file: importing pyqtgraph takes longer than opening the window."""
    spec = importlib.util.find_spec("pyqtgraph")
    assert spec is not None
    assert spec.submodule_search_locations
    name = "inferno.csv" if dark else "CET-L17.csv"
    lines = (Path(spec.submodule_search_locations[0]) / "colors" / "maps" / name).read_text("utf-8").splitlines()
    rows = [line.partition(";")[0].split(",") for line in lines if line.partition(";")[0].count(",") >= 2]
    return tables.lut_from_rgb([[int(255 * float(part) + 0.5) for part in row[:3]] for row in rows])


@lru_cache(maxsize=16)
def luts(theme: Theme) -> Luts:
    """The look-up tables of a theme, for requests to the engine."""
    return Luts(
        sequential=_sequential(theme.dark),
        diverging=tables.diverging(theme.dark),
        ground=rgb(theme.gap),
        nan=rgb(theme.nan),
    )


def ink_on(ground: int) -> str:
    """Black or white, whichever stands out more on a colour 0xRRGGBB (WCAG 2); at least 4.58 to 1."""
    parts = ((ground >> shift & 0xFF) / 255 for shift in (16, 8, 0))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    # Where (L + 0.05)² = 1.05 × 0.05 both stand out alike.
    return "#000000" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.1791 else "#FFFFFF"


def palette(theme: Theme) -> QPalette:
    """The palette for the Fusion style."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    made = QPalette()
    for one, token in (
        (role.Window, theme.win),
        (role.WindowText, theme.t1),
        (role.Base, theme.ctl),
        (role.AlternateBase, theme.panel),
        (role.Text, theme.t1),
        (role.Button, theme.ctl),
        (role.ButtonText, theme.t1),
        (role.BrightText, theme.broke),
        (role.ToolTipBase, theme.ctl),
        (role.ToolTipText, theme.t1),
        (role.PlaceholderText, theme.t3),
        (role.Highlight, theme.acc),
        (role.HighlightedText, theme.onacc),
        (role.Accent, theme.acc),
        (role.Link, theme.acc),
        (role.LinkVisited, theme.acc),
        (role.Light, theme.hov),
        (role.Midlight, theme.hov),
        (role.Mid, theme.line2),
        (role.Dark, theme.line),
        (role.Shadow, theme.line),
    ):
        made.setColor(one, colour(token))
    for one, token in (
        (role.WindowText, theme.t1),
        (role.Text, theme.t1),
        (role.ButtonText, theme.t1),
        (role.Highlight, theme.line2),
        (role.HighlightedText, theme.t1),
    ):
        made.setColor(group.Disabled, one, colour(token, DISABLED))
    return made
