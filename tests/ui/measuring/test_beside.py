"""The channel now, as predicted, and what is left, beside each other."""

from __future__ import annotations

import numpy as np

from shiftlab.engine.messages import Inspect, Inspected
from shiftlab.picture.levels import Levels
from shiftlab.ui.measuring.beside import Beside
from shiftlab.ui.theme import DARK, luts


def test_three_maps_on_one_range(qtbot) -> None:
    view = Beside()
    qtbot.addWidget(view)
    now = np.array([[0.0, 1.0], [0.5, 0.0]], np.float32)
    moved = np.array([[0.0, 1.0], [0.0, 0.5]], np.float32)
    view.show_channel(Inspected(Inspect((0, "relu1"), 0), now, now, moved), Levels(1.0, False), luts(DARK))
    tables = luts(DARK)
    assert not view.isHidden()
    assert view.maps[0][0, 1] == view.maps[1][0, 1] == tables.sequential[255]
    assert view.maps[0][0, 0] == tables.sequential[1]
    residual = view.maps[2]
    assert residual[0, 0] == residual[0, 1] == tables.diverging[128], "nothing left there"
    assert residual[1, 0] == tables.diverging[192]
    assert residual[1, 1] == tables.diverging[64]
    view.show_channel(Inspected(Inspect((0, "relu1"), 0), now, now, None), Levels(1.0, False), luts(DARK))
    assert view.isHidden()
