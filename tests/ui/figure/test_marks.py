"""Colour bars, arrows, chips, dots, the sentence and the chart of A and B, by their pixels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage, QPainter

from shiftlab.engine.messages import HeadValues
from shiftlab.measure.values import Figure, StageMeasure
from shiftlab.measure.words import Sentence
from shiftlab.network import presets
from shiftlab.network.geometry import stages
from shiftlab.picture.levels import Levels
from shiftlab.ui.figure.answer import answer_height, answers, foot_words, paint_answer, shown_classes, tied
from shiftlab.ui.figure.arrow import arrow_kind, paint_arrow
from shiftlab.ui.figure.bar import BarModel, paint_ramp
from shiftlab.ui.figure.chip import paint_chip, state_of
from shiftlab.ui.figure.dots import dot_at, dot_places, paint_dots
from shiftlab.ui.figure.headline import paint_headline, sentence_runs
from shiftlab.ui.figure.pair_chart import axis_mark, paint_pair_chart
from shiftlab.ui.figure.pair_layout import pair_layout
from shiftlab.ui.figure.panel import PanelModel
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.theme import DARK, luts

pytestmark = pytest.mark.usefixtures("qapp")
STAGES = stages(presets.preset("three-blocks"), (64, 64))


def drawn(paint: Callable[[QPainter], object], width: int, height: int, scale: int = 1) -> np.ndarray:
    """RGB of what is painted on the dark window's ground, (H, W) as 0xRRGGBB."""
    image = QImage(width * scale, height * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(DARK.win)
    painter = QPainter(image)
    paint(painter)
    painter.end()
    return (np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1) & 0xFFFFFF).copy()


def count(pixels: np.ndarray, token: str) -> int:
    return int((pixels == int(token[1:], 16)).sum())


def measure(error: float | None) -> StageMeasure:
    figure = Figure(error, "" if error is not None else "no displacement")
    return StageMeasure("conv1", None, *(figure,) * 8)


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("signed", [False, True])
def test_the_bar_runs_through_its_table_and_has_heads_where_values_exceed_it(signed: bool, scale: int) -> None:
    tables = luts(DARK)
    table = (tables.diverging if signed else tables.sequential) & 0xFFFFFF

    def painted(below: bool, above: bool) -> np.ndarray:
        model = BarModel(Levels(0.7, signed), below, above)
        return drawn(lambda painter: paint_ramp(painter, Rect(20, 6, 72, 8), model, tables, DARK), 112, 20, scale)

    plain = painted(False, False)
    row = plain[10 * scale, 20 * scale : 92 * scale]
    expected = table[np.rint(np.linspace(1, 255, 72 * scale)).astype(int)]
    assert (row == expected).all()
    middle = 10 * scale
    for below, above in ((True, False), (False, True)):
        marked = painted(below, above)
        at_left = (marked != plain)[middle - 2 : middle + 2, : 19 * scale].any()
        at_right = (marked != plain)[middle - 2 : middle + 2, 93 * scale :].any()
        assert (at_left, at_right) == (below, above)


def test_ends_of_the_bar_in_words() -> None:
    assert BarModel(Levels(0.7, True)).ends == ("−0.70", "0.70")
    assert BarModel(Levels(0.68, False)).ends == ("0", "0.68")
    assert BarModel(Levels(0.68, True), own=True).ends == ("−max", "max")


@given(st.integers(0, 20), st.one_of(st.none(), st.integers(0, 20)))
def test_arrows_change_where_it_breaks(index: int, first: int | None) -> None:
    kind = arrow_kind(index, first)
    assert (kind == "solid") == (first is None or index < first)
    assert (kind == "broken") == (index == first)


def test_arrows_differ_by_shape_and_not_by_colour_alone() -> None:
    ground = int(DARK.win[1:], 16)
    kinds = ("solid", "dashed", "broken")
    solid, dashed, broken = (
        drawn(lambda painter, kind=kind: paint_arrow(painter, Rect(0, 0, 24, 16), kind, DARK), 24, 16) != ground
        for kind in kinds
    )
    assert solid[8, 4:14].all()
    assert not dashed[8, 2:18].all()
    assert dashed[8, 2:18].any()
    assert broken.any(axis=1).sum() > solid.any(axis=1).sum(), "the slashes stand higher than an arrow's head"
    assert not broken[8].all()


def test_states_have_shapes() -> None:
    shapes: list[np.ndarray] = []
    for error, state, token in ((0.0, "moved", DARK.moved), (0.3, "broke", DARK.broke), (None, "none", DARK.t3)):
        model = PanelModel((0, "relu1"), STAGES[1], measure(error))
        assert state_of(model) == state
        pixels = drawn(lambda painter, model=model: paint_chip(painter, Rect(0, 0, 288, 24), model, DARK), 288, 24)
        shape = pixels[4:20, 4:22]
        if error is not None:
            assert count(shape, token) > 3
        shapes.append(shape != shape[0, 0])
    dot, diamond, dash = shapes
    assert dash.any(axis=1).sum() < dot.any(axis=1).sum() < diamond.any(axis=1).sum()
    assert dot[8, 9], "filled"
    assert not diamond[8, 9], "hollow"
    assert state_of(PanelModel((0, "relu1"), STAGES[1])) == "none"


@given(st.integers(1, 200), st.integers(30, 800))
def test_every_dot_has_a_place_of_its_own(number: int, height: int) -> None:
    places = dot_places(number, Rect(4, 10, 60, height))
    assert len(set(places)) == number
    for index, place in enumerate(places):
        assert dot_at(places, *place.centre) == index
    assert dot_at(places, 0, 0) is None


def test_the_map_of_dots_marks_the_first_that_breaks() -> None:
    places = dot_places(3, Rect(2, 2, 12, 40))
    states = ("moved", "broke", "none")
    plain = drawn(lambda painter: paint_dots(painter, places, states, DARK), 20, 44)
    marked = drawn(lambda painter: paint_dots(painter, places, states, DARK, first_break=1), 20, 44)
    changed = np.argwhere(plain != marked)
    assert len(changed)
    assert places[1].grown(1).y <= changed[:, 0].min()
    assert changed[:, 0].max() <= places[1].grown(1).bottom


def test_the_sentence_stresses_what_breaks() -> None:
    sentence = Sentence("pool1 is the first that breaks: 3 px ÷ 2 = 1.5 cells.", "At 2 or 4 px it moves.", breaks=True)
    runs = sentence_runs(sentence, DARK)
    assert [run.text for run in runs] == [
        "pool1 is the first that breaks:", " 3 px ÷ 2 = 1.5 cells.", " At 2 or 4 px it moves.",
    ]  # fmt: skip
    assert [run.strong for run in runs] == [True, None, None]
    assert runs[2].token == DARK.t2
    calm = sentence_runs(Sentence("Every stage moved along exactly."), DARK)
    assert [run.text for run in calm] == ["Every stage moved along exactly."]
    for one, there in ((sentence, True), (Sentence("Every stage moved along exactly."), False)):
        pixels = drawn(lambda painter, one=one: paint_headline(painter, Rect(0, 0, 500, 24), one, DARK), 500, 24)
        assert (count(pixels, DARK.broke) > 0) == there


def test_errors_of_a_and_b_are_lines_of_two_kinds() -> None:
    layout = pair_layout(STAGES, STAGES, 952.0)
    band = layout.bands[0]
    measures = {(side, info.name): measure(0.4 if side == 0 else 0.1) for side in (0, 1) for info in STAGES}
    pixels = drawn(lambda painter: paint_pair_chart(painter, band, measures, DARK), 952, round(layout.size[1]))
    chart = band.chart
    between = round((band.xs[0] + band.xs[1]) / 2)
    column = pixels[round(chart.y) : round(chart.bottom), between]
    bright = np.flatnonzero((column & 0xFF) > 150)
    assert len(bright) > 0
    solid = [
        (pixels[round(chart.y) + row, round(band.xs[0]) + 6 : round(band.xs[1]) - 6] & 0xFF) > 100 for row in bright
    ]
    assert any(line.all() for line in solid), "A is solid"
    exact = {key: measure(0.0) for key in measures}
    pixels = drawn(lambda painter: paint_pair_chart(painter, band, exact, DARK), 952, round(layout.size[1]))
    assert count(pixels, DARK.moved) > 9 * 30


def test_where_a_and_b_err_alike_the_figure_stands_once() -> None:
    layout = pair_layout(STAGES, STAGES, 952.0)
    chart = layout.bands[0].chart

    def inked(b: float) -> int:
        measures = {(side, info.name): measure(0.4 if side == 0 else b) for side in (0, 1) for info in STAGES}
        pixels = drawn(
            lambda painter: paint_pair_chart(painter, layout.bands[0], measures, DARK), 952, round(layout.size[1])
        )
        # Below the marks, where the figure of B would stand.
        rows = pixels[round(chart.y) + 26 + 6 : round(chart.y) + 26 + 16]
        return count(rows, DARK.t1)

    assert inked(0.3) > inked(0.4) == 0


@given(st.floats(0, 2))
def test_the_axis_mark_is_within_the_errors(largest: float) -> None:
    assert axis_mark(largest) <= max(largest, 0.05)


def test_the_answer_shows_the_likeliest_and_says_a_tie() -> None:
    head = HeadValues(("cat", "dog"), (0.0, 0.0), (0.5, 0.5), (1.0, 0.0))
    assert tied(head)
    assert answers(head) == ("cat", "tie")
    assert "(cat: 100.0 %)" in foot_words(head)
    many = HeadValues((), tuple(range(10)), tuple(index / 45 for index in range(10)), ())
    assert shown_classes(many) == (6, 7, 8, 9)
    assert not tied(many)
    assert answers(many) == ("", "class 10")
    half = drawn(lambda painter: paint_answer(painter, Rect(0, 0, 400, answer_height(head)), head, DARK), 400, 130)
    bar = half[22 + 20 + 4]
    assert count(bar, DARK.t2) == pytest.approx(200, abs=3)


@pytest.mark.parametrize(
    ("logits", "reference", "marked"),
    [((0.0, 0.0), (1.0, 0.0), True), ((-1.0, 1.0), (1.0, 0.0), True), ((1.0, -1.0), (0.7, 0.3), False)],
)
def test_an_answer_that_is_another_than_at_the_reference_is_marked(
    logits: tuple[float, float], reference: tuple[float, float], marked: bool
) -> None:
    head = HeadValues(("cat", "dog"), logits, (0.5, 0.5), reference)
    title = drawn(lambda painter: paint_answer(painter, Rect(0, 0, 400, answer_height(head)), head, DARK), 400, 130)[
        :20
    ]
    assert (count(title, DARK.broke) > 5) == marked
    assert (count(title[:, 200:], DARK.t1) > 5) != marked
