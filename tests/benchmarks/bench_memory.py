"""Memory over a drag: what the process holds after it, against what it held before.

A drag remembers what it found out for a bounded number of shifts, boxes and window sizes; it warms up until
that is full, however many moves a second the machine makes.

`SHIFTLAB_DRAG=600 python -m tests.benchmarks --only memory` drags for ten minutes.
"""

from __future__ import annotations

import gc
import itertools
import os
import time
from pathlib import Path

import numpy as np

from shiftlab.engine.backend import Backend
from shiftlab.engine.messages import Luts, PictureRequest, Request
from shiftlab.measure.still import KEPT_SHIFTS
from shiftlab.network.presets import preset
from shiftlab.opening import opening_document
from shiftlab.picture.layout import mosaic_layout
from shiftlab.picture.tables import diverging, grey
from tests.benchmarks.timing import Row

SECONDS = float(os.environ.get("SHIFTLAB_DRAG", "15"))
WARM = 3.0
WARM_MOVES = KEPT_SHIFTS + 100
MOST_MOVES = 1_000_000
LUTS = Luts(grey(), diverging(True), 0xFF121416, 0xFFFFFFFF)
ROOM = (264, 132)


def resident() -> float:
    """Megabytes that the process has in memory."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def rows() -> list[Row]:
    document = opening_document(preset("three-blocks"), size=34)
    backend = Backend()
    first = backend(Request(0, document, (), LUTS))
    pictures: list[PictureRequest] = []
    for info in first.sides[0].stages:
        layout = mosaic_layout(info.channels, ROOM, canvas=document.scene.size)
        for view in ("now", "left"):
            pictures.append(
                PictureRequest((0, info.name), view, 0, layout.count, layout.columns, layout.tile, layout.gap)
            )
    moves = itertools.count(1)
    # Taken before the drag: a list of them would be most of what is gained.
    speeds, made = np.full(MOST_MOVES, np.nan), 0

    def drag(duration: float) -> None:
        nonlocal made
        begun = time.monotonic()
        while time.monotonic() - begun < duration and made < MOST_MOVES:
            sequence = next(moves)
            scene = document.reference.moved((float(sequence * 3 % 64), float(sequence * 5 % 61)))
            request = Request(
                sequence, document.with_scene(scene), tuple(pictures), LUTS, first.levels, at_rest=sequence % 50 == 0
            )
            speeds[made] = backend(request).total_seconds
            made += 1

    begun = time.monotonic()
    while made < WARM_MOVES:
        drag(WARM)
    warming = time.monotonic() - begun
    before, warm = resident(), made
    drag(SECONDS)
    growth = resident() - before
    half = (made - warm) // 2
    early, late = speeds[warm : warm + half], speeds[made - half : made]
    note = f"{made - warm:,} moves in {SECONDS:g} s, after {warm:,} in {warming:.0f} s"
    return [
        Row("memory gained over a drag", growth, 5, unit="MB", note=note),
        Row(
            "time of a move in the second half of it, against the first",
            float(np.median(late) / np.median(early)),
            1.2,
        ),
    ]
