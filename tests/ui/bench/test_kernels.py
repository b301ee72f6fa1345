"""Kernels, painted, typed and filled."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from shiftlab.network import fills
from shiftlab.network.initial import materialise
from shiftlab.network.weights import Network
from tests.ui.bench.benches import (
    Make,
    form_of,
    lab_of,
    undone_to_the_start,
)


def test_kernels_are_painted_in_strokes(make: Make) -> None:
    bench = make()
    start = lab_of(bench).document
    bench.show_tab("kernels")
    grid, side = bench.kernels.grid, bench.kernels.grid.side
    assert grid.kernel.shape == (3, 3)
    QTest.mousePress(grid, Qt.MouseButton.LeftButton, pos=QPoint(side // 2, side // 2))
    QTest.mouseMove(grid, QPoint(side * 2 + side // 2, side // 2))  # quickly, over the cell between
    QTest.mouseRelease(grid, Qt.MouseButton.LeftButton, pos=QPoint(side * 2 + side // 2, side // 2))
    kernel = fills.kernel_of(lab_of(bench).document.networks[0], (64, 64), "conv1", 0, 0)
    assert kernel[0].tolist() == [1, 1, 1]
    assert np.array_equal(grid.kernel, kernel)
    assert lab_of(bench).store.undo_label == "Paint kernel"
    QTest.mouseClick(grid, Qt.MouseButton.RightButton, pos=QPoint(side // 2, side // 2))
    assert grid.kernel[0, 0] == 0
    assert undone_to_the_start(bench, start)


def test_kernels_are_typed_filled_normalised_and_put_back(make: Make) -> None:
    bench = make()
    bench.show_tab("kernels")
    editor = bench.kernels
    first = editor.grid.kernel.copy()
    QTest.keyClick(editor.grid, Qt.Key.Key_Left)
    assert editor.grid.cell == (1, 0)
    editor.value.setFocus()
    editor.value.selectAll()
    QTest.keyClicks(editor.value, "-2.5")
    QTest.keyClick(editor.value, Qt.Key.Key_Return)
    assert editor.grid.kernel[1, 0] == -2.5
    editor.fill.chosen.emit("Box")
    assert np.array_equal(editor.grid.kernel, fills.box((3, 3)))
    editor.norming.chosen.emit("square")
    assert np.linalg.norm(editor.grid.kernel) == pytest.approx(1)
    editor.negate.click()
    assert (editor.grid.kernel < 0).all()
    editor.fill.chosen.emit("Random")
    one = editor.grid.kernel.copy()
    editor.fill.chosen.emit("Random")
    assert not np.array_equal(editor.grid.kernel, one)
    editor.fill.chosen.emit("start")
    assert np.array_equal(editor.grid.kernel, first)
    editor.fill.chosen.emit("Sobel, across")
    editor.norming.chosen.emit("sum")
    assert "sums to zero" in bench.note.text()


def test_another_channel_of_another_layer_is_shown_and_changed(make: Make) -> None:
    bench = make()
    bench.page.layers.choose(3)
    form_of(bench).kernel.click()
    assert bench.tab == "kernels"
    assert bench.kernels.stage.value == "conv2"
    bench.kernels.out_channel.step_by(2)
    bench.kernels.in_channel.step_by(100)
    assert (bench.kernels.out_channel.index, bench.kernels.in_channel.index) == (2, 7)
    second = bench.kernels.overview
    assert second.chosen == 2
    assert np.allclose(second.maps[2], bench.kernels.grid.kernel)
    bench.kernels.fill.chosen.emit("Identity")
    network = lab_of(bench).document.networks[0]
    assert np.array_equal(fills.kernel_of(network, (64, 64), "conv2", 2, 7), fills.identity((3, 3)))
    assert np.array_equal(
        materialise(network, (64, 64)).arrays["conv2.weight"][2, 6],
        materialise(Network(network.spec), (64, 64)).arrays["conv2.weight"][2, 6],
    )


def test_a_click_on_one_of_all_kernels_shows_it(make: Make) -> None:
    bench = make()
    bench.show_tab("kernels")
    overview = bench.kernels.overview
    assert len(overview.maps) == 8
    box = overview._box(5).center()
    QTest.mouseClick(overview, Qt.MouseButton.LeftButton, pos=QPoint(round(box.x()), round(box.y())))
    assert bench.kernels.out_channel.index == 5
    assert overview.chosen == 5
    assert np.allclose(bench.kernels.grid.kernel, overview.maps[5])
    assert "channel 6 (1, 1)" in overview.words_at(box.x(), box.y())


def test_a_network_without_convolutions_has_no_kernels(make: Make) -> None:
    bench = make("conv-only")
    bench.page.add.chosen.emit("maxpool")
    for _ in range(3):
        bench.page.layers.removed.emit(0)
    bench.show_tab("kernels")
    assert bench.kernels.empty.isVisible()
    assert not bench.kernels.body.isVisible()
