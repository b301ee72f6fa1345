"""Colours in which every entry can be told, and a pattern without symmetry."""

from __future__ import annotations

import numpy as np

from shiftlab.engine.messages import Luts
from shiftlab.scene.values import Pattern

LUTS = Luts(
    np.arange(256, dtype=np.uint32) + 0xFF000000, np.arange(256, dtype=np.uint32) + 0xFF000100, 0xFF102030, 0xFFFF00FF
)
BLOB = Pattern("blob", np.random.default_rng(1).random((1, 9, 9), np.float32), np.ones((9, 9), np.float32))
