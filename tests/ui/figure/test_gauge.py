"""The gauge: what is filled, what is hatched, and what it says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage, QPainter

from shiftlab.measure.values import Figure, StageMeasure
from shiftlab.ui.figure.gauge import GaugeKind, figure_of, fill_width, paint_gauge, track_rect, value_runs
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.theme import DARK, LIGHT, Theme

pytestmark = pytest.mark.usefixtures("qapp")
RECT = Rect(0, 0, 264, 15)


def painted(kind: GaugeKind, figure: Figure | None, theme: Theme = DARK) -> list[str]:
    """Colours along the middle of the track."""
    image = QImage(264, 15, QImage.Format.Format_RGB32)
    image.fill(theme.panel)
    painter = QPainter(image)
    paint_gauge(painter, RECT, kind, figure, theme)
    painter.end()
    track = track_rect(RECT)
    y = int(track.centre[1])
    return [image.pixelColor(x, y).name() for x in range(int(track.x), int(track.right))]


def test_label_track_and_value_have_the_widths_of_the_look() -> None:
    track = track_rect(RECT)
    assert (track.x, track.width, track.height) == (78, 264 - 78 - 62, 8)


@given(st.floats(0, 2))
def test_the_fill_is_one_minus_the_error(error: float) -> None:
    width = fill_width(124, Figure(error))
    assert width is not None
    assert 0 <= width <= 124
    assert abs(width - 124 * max(0.0, 1 - error)) <= 0.5 or error <= 1e-5


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda one: one.name)
@pytest.mark.parametrize("error", [0.25, 0.5, 0.75])
def test_painted_pixels_of_moved_along(error: float, theme: Theme) -> None:
    colours = painted("moved", Figure(error), theme)
    filled = round(124 * (1 - error))
    solid, broke = theme.moved.lower(), theme.broke.lower()
    assert colours[: filled - 1][1:] == [solid] * (filled - 2)
    assert colours[filled - 1 : filled + 1] == [theme.t1.lower()] * 2
    assert solid not in colours[filled + 1 :]
    rest = colours[filled + 1 :]
    assert len(set(rest)) > 2, "the rest is hatched"
    assert broke not in colours[:filled]


def test_the_rest_of_stayed_put_is_plain() -> None:
    colours = painted("stayed", Figure(0.5))
    assert set(colours[64:-1]) == {DARK.track.lower()}
    assert colours[30] == DARK.stayed.lower()


def test_exact_fills_all_and_has_no_tick() -> None:
    colours = painted("moved", Figure(9e-6))
    assert set(colours[1:-1]) == {DARK.moved.lower()}


def test_an_error_above_one_leaves_the_tick_at_the_start() -> None:
    colours = painted("stayed", Figure(1.4))
    assert colours[:2] == [DARK.t1.lower()] * 2
    assert set(colours[2:-1]) == {DARK.track.lower()}


@pytest.mark.parametrize("figure", [Figure(None, "no response"), None])
def test_what_is_not_known_has_no_tick_and_no_hatch(figure: Figure | None) -> None:
    colours = painted("moved", figure)
    assert len(set(colours[1:-1])) == 1
    assert DARK.t1.lower() not in colours


def test_words() -> None:
    def said(figure: Figure | None, kind: GaugeKind = "moved") -> str:
        return "".join(run.text for run in value_runs(figure, kind, DARK))

    assert said(Figure(0.0)) == "exact"
    assert said(Figure(0.4)) == "off 0.40"
    assert said(Figure(1.1)) == "off 1.10"
    assert said(Figure(0.0004)) == "off 0.0004"
    assert said(Figure(None, "empty mask")) == "n/a"
    assert said(None) == ""


def test_the_form_asked_for_is_shown() -> None:
    measure = StageMeasure("conv1", True, *(Figure(value) for value in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)))
    assert figure_of(measure, "moved") == measure.equivariance
    assert figure_of(measure, "moved", fractional=True) == measure.equivariance_fractional
    assert figure_of(measure, "moved", plain=True) == measure.equivariance_plain
    assert figure_of(measure, "stayed") == measure.invariance
    assert figure_of(measure, "stayed", plain=True) == measure.invariance_plain
