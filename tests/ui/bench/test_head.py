"""Where the decision comes from."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from shiftlab.engine.backend import Backend
from shiftlab.engine.messages import Request
from shiftlab.network.pairs import PAIRS
from shiftlab.ui import edits
from shiftlab.ui.controls import PickButton
from shiftlab.ui.theme import DARK, luts
from tests.ui.bench.benches import (
    Make,
    answer,
    form_of,
    lab_of,
)
from tests.ui.middle import middle


def test_the_head_says_where_its_decision_comes_from(make: Make, qtbot: QtBot) -> None:
    bench = make("dense-head", edits.moved(middle(), (0.0, 4.0)))
    wanted: list[object] = []
    bench.inspected_wanted.connect(wanted.append)
    bench.show_tab("head")
    assert len(wanted[-1]) == 16  # pyright: ignore
    answer(bench)
    head = bench.head
    assert head.bars.isVisible()
    assert head.weights.maps.shape == (16, 16, 16)
    total = head.contributions.maps.sum()
    side = Backend()(Request(1, lab_of(bench).document, (), luts(DARK))).sides[0]
    assert side.head is not None
    assert total == pytest.approx(side.head.logits[0], abs=1e-5)
    assert head.decision.text().startswith("Decision: ")
    head.bars.choose(1)
    assert head.contributions.maps.sum() == pytest.approx(side.head.logits[1], abs=1e-5)
    assert "dog" in head.contributions_title.text()
    assert head.contributions.words_at(3, 3).startswith("(0, 0): ")
    bench.show_tab("layers")
    assert wanted[-1] == ()


def test_a_head_that_pools_says_what_the_shift_does(make: Make) -> None:
    for shift, words in ((8.0, "Logits are equal: (0, 8) px is a multiple of the stride 4."), (1.0, "no multiple")):
        bench = make("gap-head")
        bench.page.operations.padding.chosen.emit("circular")
        lab_of(bench).edit(lambda document, by=shift: edits.moved(document, (0.0, by)), "Move")
        bench.show_tab("head")
        answer(bench)
        assert words in bench.head.shift.text()


def test_the_heads_of_both_networks_stand_side_by_side(make: Make) -> None:
    bench = make("dense-head")
    bench.compare(PAIRS[2])
    bench.show_tab("head")
    answer(bench)
    assert bench.head.other_bars.isVisible()
    assert bench.head.other_title.text().startswith("Beside it B, gap-head: ")
    assert "logit" in bench.head.other_bars.accessibleName()
    assert bench.head.other_bars.accessibleName() != bench.head.bars.accessibleName()
    bench.editor.set_side(1)
    answer(bench)
    assert bench.head.other_title.text().startswith("Beside it A, dense-head: ")
    bench.remove_b()
    answer(bench)
    assert not bench.head.other_bars.isVisible()


def test_zero_weights_are_a_tie(make: Make) -> None:
    bench = make("dense-head")
    bench.page.layers.choose(7)
    start = form_of(bench).editors["initialisation"]
    assert isinstance(start, PickButton)
    start.chosen.emit("zeros")
    bench.show_tab("head")
    answer(bench)
    assert bench.head.decision.text() == "Decision: tie: cat and dog."
