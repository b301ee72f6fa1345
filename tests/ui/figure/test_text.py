"""Lines of text stay in their room."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage, QPainter

from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.text import Run, draw, elided, plate, runs_width, width, wrapped
from shiftlab.ui.theme import DARK

pytestmark = pytest.mark.usefixtures("qapp")
WORDS = st.lists(st.sampled_from(["the", "hatched", "rest", "is", "error;", "‖now", "−", "moved", "a"]), min_size=1)


@given(st.lists(WORDS, min_size=1, max_size=4), st.integers(60, 400))
def test_a_paragraph_keeps_its_words_and_its_width(parts: list[list[str]], room: int) -> None:
    runs = [
        Run((" " if index else "") + " ".join(part), DARK.t1, strong=index % 2 == 1) for index, part in enumerate(parts)
    ]
    lines = wrapped(runs, room)
    assert " ".join("".join(run.text for run in line).strip() for line in lines).split() == [
        word for part in parts for word in part
    ]
    for line in lines:
        said = "".join(run.text for run in line)
        assert runs_width(line) <= room or " " not in said.strip()


def test_long_words_are_elided() -> None:
    text = elided("phase · (0.1875, 0.375) cells", 80, "meta")
    assert text.endswith("…")
    assert width(text, "meta") <= 80
    assert elided("phase", 80, "meta") == "phase"


def test_a_plate_stays_inside() -> None:
    image = QImage(100, 60, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    within = Rect(10, 10, 80, 40)
    for centre in ((0, 0), (200, 200), (50, 30)):
        box = plate(painter, "(+36, +36) and more", centre, within, token="#FFFFFF", ground="#0B0D0F")
        assert box.inside(within)
    painter.end()


def test_text_is_drawn_inside_its_rectangle() -> None:
    image = QImage(120, 40, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    took = draw(painter, Rect(10, 10, 60, 20), "moved along exactly", "meta", "#FFFFFF")
    painter.end()
    lit = [(x, y) for x in range(120) for y in range(40) if image.pixelColor(x, y).value() > 40]
    assert took <= 60
    assert lit
    assert all(9 <= x <= 71 and 8 <= y <= 32 for x, y in lit)
