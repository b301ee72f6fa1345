"""Tokens, palette, stylesheet and icons of the look, measured and not copied."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPalette
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from shiftlab.resources import resource
from shiftlab.ui import icons, theme
from shiftlab.ui.stylesheet import stylesheet
from shiftlab.ui.theme import DARK, LIGHT, PRINT, Theme

WIDE, NARROW = ("win", "panel", "ctl", "hov", "accbg"), ("win", "panel", "ctl")
# token, grounds on which it stands as text, lowest contrast in dark and in light
CONTRASTS = (
    ("t1", WIDE, 10.7, 14.5),
    ("t2", WIDE, 5.8, 6.3),
    ("t3", NARROW, 4.7, 4.6),
    ("acc", WIDE, 5.2, 4.8),
    ("moved", NARROW, 6.6, 4.8),
    ("stayed", NARROW, 6.7, 5.4),
    ("broke", NARROW, 6.8, 4.8),
)
# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB.
SIGHTS = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(token: str) -> np.ndarray:
    values = np.array([int(token[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def luminance(token: str) -> float:
    return float(TO_XYZ[1] @ linear(token))


def contrast(first: str, second: str) -> float:
    """WCAG 2."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = TO_XYZ @ np.clip(rgb, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize(("token", "grounds", "dark", "light"), CONTRASTS)
def test_text_stands_out_as_the_look_states(token: str, grounds: tuple[str, ...], dark: float, light: float) -> None:
    for one, stated in ((DARK, dark), (LIGHT, light)):
        lowest = min(contrast(getattr(one, token), getattr(one, ground)) for ground in grounds)
        assert lowest == pytest.approx(stated, abs=0.06)


@pytest.mark.parametrize("one", [DARK, LIGHT, PRINT], ids=lambda one: one.name)
def test_text_on_accent_and_on_the_tab_can_be_read(one: Theme) -> None:
    assert contrast(one.onacc, one.acc) >= 5.85
    assert contrast(one.onacc, one.broke) >= 4.5


@pytest.mark.parametrize("one", [DARK, LIGHT], ids=lambda one: one.name)
def test_figures_on_the_colours_of_a_kernel_can_be_read(one: Theme) -> None:
    for entry in theme.luts(one).diverging:
        ground = int(entry) & 0xFFFFFF
        ink = theme.ink_on(ground)
        other = "#FFFFFF" if ink == "#000000" else "#000000"
        found = contrast(ink, f"#{ground:06X}")
        assert found >= 4.5
        assert found >= contrast(other, f"#{ground:06X}") - 0.05


def test_print_is_no_paler_than_light() -> None:
    for token in ("t1", "t2", "t3", "moved", "stayed", "broke"):
        assert contrast(getattr(PRINT, token), PRINT.win) >= contrast(getattr(LIGHT, token), LIGHT.win)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("one", [DARK, LIGHT], ids=lambda one: one.name)
def test_states_stay_apart_for_every_kind_of_sight(one: Theme, sight: str) -> None:
    seen = [lab(np.array(SIGHTS[sight]) @ linear(token)) for token in (one.moved, one.stayed, one.broke)]
    assert min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2)) >= 32


def test_overlays_use_the_dark_values_in_every_theme() -> None:
    assert LIGHT.overlay is PRINT.overlay is DARK.overlay is DARK


@pytest.mark.parametrize("one", [DARK, LIGHT, PRINT], ids=lambda one: one.name)
def test_look_up_tables_follow_the_theme(one: Theme) -> None:
    luts = theme.luts(one)
    assert luts.sequential.shape == luts.diverging.shape == (256,)
    assert (luts.sequential >> 24 == 0xFF).all()
    zero = QColor.fromRgb(int(luts.diverging[128]))
    assert zero.name() == ("#16181a" if one.dark else "#ffffff")
    # Zero of both maps sinks into the ground: dark in the dark theme, light in the others.
    for low in (QColor.fromRgb(int(luts.sequential[1])), zero):
        assert (low.lightness() < 40) == one.dark
    assert luts.ground == int(one.gap[1:], 16) | 0xFF000000
    assert theme.luts(one) is luts


def test_colours_keep_their_opacity() -> None:
    assert theme.colour("#102030").name() == "#102030"
    assert theme.colour("#102030", 0.5).alphaF() == pytest.approx(0.5, abs=0.01)
    assert theme.rgb("#102030") == 0xFF102030


@pytest.mark.usefixtures("qapp")
def test_fonts_have_the_sizes_of_the_look_and_tabular_figures() -> None:
    assert {role: theme.font(role).pixelSize() for role in theme.SIZES} == {
        "display": 20, "title": 17, "heading": 13, "control": 12, "meta": 11, "tick": 10,
    }  # fmt: skip
    for role in theme.SIZES:
        metrics = QFontMetricsF(theme.font(role))
        assert len({metrics.horizontalAdvance(figure) for figure in "0123456789"}) == 1
    assert theme.font("meta", strong=True).bold() or theme.font("meta", strong=True).weight() >= 600
    assert theme.font("heading").weight() > theme.font("control").weight()


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("one", [DARK, LIGHT], ids=lambda one: one.name)
def test_palette_dims_what_is_disabled(one: Theme) -> None:
    made = theme.palette(one)
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    assert made.color(role.Window).name() == one.win.lower()
    assert made.color(group.Disabled, role.Text).alphaF() == pytest.approx(0.4, abs=0.01)
    assert made.color(group.Active, role.Text).alphaF() == 1


@pytest.mark.parametrize("one", [DARK, LIGHT], ids=lambda one: one.name)
def test_stylesheet_is_whole(one: Theme) -> None:
    sheet = stylesheet(one)
    assert "$" not in sheet
    assert sheet.count("{") == sheet.count("}")
    paths = re.findall(r'url\("([^"]+)"\)', sheet)
    assert paths
    for path in paths:
        assert resource("icons", "controls", path.rsplit("/", 1)[1])
    for control in ("QPushButton", "QToolButton", "QLineEdit", "QComboBox", "QCheckBox", "QTabBar::tab"):
        assert re.search(rf"{control}:focus[^{{]*{{[^}}]*2px solid|{control}:focus[^{{]*{{[^}}]*border-color", sheet)


def test_a_focused_field_shows_a_ring_of_two_pixels(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.setStyleSheet(stylesheet(DARK))
    field = QLineEdit("32", window)
    field.resize(80, 28)
    window.show()
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    image = field.grab().toImage()
    row = [image.pixelColor(x, 14).name() for x in range(4)]
    assert row[:2] == [DARK.acc.lower()] * 2
    assert row[3] == DARK.ctl.lower()


@pytest.mark.parametrize("one", [DARK, LIGHT], ids=lambda one: one.name)
def test_marks_of_the_standard_controls_have_the_themes_colours(one: Theme) -> None:
    allowed = {one.t1, one.t2, one.onacc}
    files = sorted(resource("icons", "controls").glob(f"{one.name}-*.svg"))
    assert len(files) == 6
    for file in files:
        assert set(re.findall(r"#[0-9A-F]{6}", file.read_text())) <= allowed


def test_there_is_a_file_for_every_icon_and_no_other() -> None:
    assert {file.stem for file in resource("icons").glob("*.svg")} == set(icons.NAMES)
    wanted = (
        "menu network pattern move draw erase set-reference back jump undo redo record play pause step reset ab fork "
        "search camera copy lesson bench measures position-map training inspector rf pin lock expand close chevron more"
    )
    assert set(wanted.split()) <= set(icons.NAMES)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("name", icons.NAMES)
def test_icon_is_drawn_within_its_grid_in_the_colour_asked_for(name: str) -> None:
    source = resource("icons", f"{name}.svg").read_text()
    assert 'viewBox="0 0 20 20"' in source
    assert 'stroke-width="1.5"' in source
    assert 'stroke-linecap="round"' in source
    assert not re.findall(r"#[0-9A-Fa-f]{3,8}", source)
    image = icons.pixmap(name, "#FF0000", 20, 2.0).toImage()
    alpha = np.array([[image.pixelColor(x, y).alpha() for x in range(40)] for y in range(40)])
    assert (alpha > 200).sum() >= 20
    edge = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
    assert edge.max() == 0, "an icon keeps off the border of its grid"
    y, x = np.unravel_index(alpha.argmax(), alpha.shape)
    assert image.pixelColor(int(x), int(y)).name() == "#ff0000"


@pytest.mark.usefixtures("qapp")
def test_icons_have_disabled_and_checked_states() -> None:
    made = icons.icon("move", "#00FF00", checked="#0000FF")

    def strongest(mode: object, state: object) -> QColor:
        image = made.pixmap(20, mode, state).toImage()
        return max((image.pixelColor(x, y) for x in range(20) for y in range(20)), key=lambda one: one.alpha())

    mode, state = icons.QIcon.Mode, icons.QIcon.State
    assert strongest(mode.Normal, state.Off).name() == "#00ff00"
    assert strongest(mode.Normal, state.On).name() == "#0000ff"
    assert strongest(mode.Disabled, state.Off).alphaF() == pytest.approx(0.4, abs=0.05)
    with pytest.raises(ValueError, match="no icon is called 'nonesuch'"):
        icons.pixmap("nonesuch", "#000000")


@pytest.mark.usefixtures("qapp")
def test_icons_can_be_painted_as_lines() -> None:
    from PySide6.QtCore import QRectF

    image = QImage(80, 80, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    icons.paint_icon(painter, QRectF(0, 0, 80, 80), "close", "#123456")
    painter.end()
    assert image.pixelColor(40, 40).name() == "#123456"
