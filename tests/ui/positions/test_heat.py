"""Heat maps: colours, places, and the pointer."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QPainter

from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.positions.heat import Heat, HeatMap, Outlined, coloured, map_rect, paint_heat
from shiftlab.ui.theme import DARK, LIGHT, luts


def chance_heat(values, **given):
    return Heat(np.array(values, dtype=np.float64), 0.0, 1.0, 0.25, "chance", **given)


class TestColours:
    @pytest.mark.parametrize("theme", [DARK, LIGHT])
    def test_chance_is_the_middle_of_the_table_wherever_it_lies(self, theme):
        table = luts(theme).diverging
        made = coloured(chance_heat([[0.0, 0.25, 1.0, 0.625]]), theme)[0]
        assert [int(one) for one in made] == [int(table[entry]) for entry in (1, 128, 255, 192)]

    def test_without_a_middle_the_sequential_table(self):
        made = coloured(Heat(np.array([[0.0, 2.0]]), 0.0, 2.0), DARK)[0]
        table = luts(DARK).sequential
        assert [int(one) for one in made] == [int(table[1]), int(table[255])]

    def test_what_is_not_known_has_no_colour_of_the_table(self):
        made = coloured(chance_heat([[np.nan, 0.5]]), DARK)[0]
        assert int(made[0]) not in {int(one) for one in luts(DARK).diverging}

    def test_all_alike_is_painted(self):
        assert coloured(Heat(np.zeros((2, 2)), 0.0, 1.0), DARK).shape == (2, 2)
        assert coloured(Heat(np.zeros((2, 2)), 0.0, 0.0), DARK).shape == (2, 2)


class TestGeometry:
    def test_cells_are_whole_pixels_where_there_is_room(self):
        heat = chance_heat(np.zeros((45, 45)), extent=(64, 64), first=(10, 10))
        place = map_rect(Rect(0, 0, 378, 330), heat)
        assert place.width == place.height == 64 * 5
        assert map_rect(Rect(0, 0, 150, 330), heat).width < 150

    def test_the_map_lies_on_the_ground_where_the_centres_are(self, qtbot):
        values = np.full((45, 45), 0.25)
        values[44, 44] = 1.0
        heat = chance_heat(values, extent=(64, 64), first=(10, 10))
        image = QImage(380, 330, QImage.Format.Format_RGB32)
        image.fill(0)
        with QPainter(image) as painter:
            place = paint_heat(painter, Rect(0, 0, 380, 330), heat, DARK)
        unit = int(place.width / 64)
        largest = int(luts(DARK).diverging[255])
        assert image.pixel(54 * unit + unit // 2, 54 * unit + unit // 2) == largest
        assert image.pixel(53 * unit + unit // 2, 54 * unit + unit // 2) != largest

    def test_outlines_and_marks_are_painted(self, qtbot):
        mask = np.zeros((45, 45), np.bool_)
        mask[:9, :9] = True
        plain = chance_heat(np.full((45, 45), 0.25), extent=(64, 64), first=(10, 10))
        outlines = (Outlined(mask, DARK.moved, "trained places"),)
        marked = dataclasses.replace(plain, mark=(40.0, 40.0), mark_words="the cat is here", outlines=outlines)
        images = []
        for heat in (plain, marked):
            image = QImage(380, 330, QImage.Format.Format_RGB32)
            image.fill(0)
            with QPainter(image) as painter:
                paint_heat(painter, Rect(0, 0, 380, 330), heat, DARK)
            images.append(image)
        before, after = (np.frombuffer(one.constBits(), np.uint32).reshape(330, 380) for one in images)
        changed = before != after
        assert changed[48:100, 48:100].any()  # the trained places
        assert changed[195:212, 195:212].any()  # the mark
        assert not changed[110:180, 110:180].any()


class TestWidget:
    @pytest.fixture
    def widget(self, qtbot) -> HeatMap:
        made = HeatMap("Map", 380, 330)
        qtbot.addWidget(made)
        made.resize(380, 330)
        made.show_heat(chance_heat(np.zeros((45, 45)), extent=(64, 64), first=(10, 10)))
        made.show()
        made.grab()
        return made

    def test_a_cell_and_its_point_are_each_others_way_back(self, widget):
        for cell in ((0, 0), (10, 52), (63, 63)):
            assert widget.cell_at(widget.point_of(cell)) == cell
        assert widget.cell_at(QPointF(376, 5)) is None

    def test_a_click_tells_the_cell(self, qtbot, widget):
        with qtbot.waitSignal(widget.pressed) as told:
            qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=widget.point_of((12, 30)).toPoint())
        assert told.args == [(12, 30)]

    def test_without_a_map_nothing_happens(self, qtbot):
        widget = HeatMap("Map", 100, 100)
        qtbot.addWidget(widget)
        widget.grab()
        assert widget.cell_at(QPointF(5, 5)) is None
