"""A drag as a hand makes it: every move has another length and direction, and the first one counts.

The other rows move a pixel or two, back and forth, once they are warm. Here the whole answer is timed (windows,
measures, pictures), over ways that begin slowly, reach some pixels a frame and end slowly, after a rest in which the
drag is prepared as it is in the window. Rows without a reach: what a person feels who takes hold of the cat.
"""

from __future__ import annotations

import gc
import itertools
import statistics
from collections.abc import Iterator

import numpy as np
import torch

from shiftlab.document import Document
from shiftlab.engine.backend import Backend
from shiftlab.engine.messages import Luts, PictureRequest, Request
from shiftlab.network.presets import preset
from shiftlab.network.spec import with_padding
from shiftlab.opening import opening_document
from shiftlab.picture.layout import mosaic_layout
from shiftlab.picture.tables import diverging, grey
from tests.benchmarks.bench_network import naive
from tests.benchmarks.timing import Row, repeats_for, seconds

LUTS = Luts(grey(), diverging(True), 0xFF121416, 0xFFFFFFFF)
ROOM = (264, 132)
MOVES = 60
FASTEST = 1 / 24
"""Of the canvas's side, in the middle of a way, from one frame to the next."""
FIRST = 8


def way(seed: int, side: int) -> Iterator[tuple[float, float]]:
    """Whole pixels from the reference, frame by frame, along a way that bends."""
    rng = np.random.default_rng(seed)
    at, heading = np.zeros(2), rng.uniform(0, 2 * np.pi)
    for frame in range(1, MOVES + 1):
        heading += rng.normal(0, 0.3)
        at += side * FASTEST * np.sin(np.pi * frame / (MOVES + 1)) * np.array([np.sin(heading), np.cos(heading)])
        row, col = np.round(at)
        yield float(row), float(col)


class Hand:
    """A document that is dragged along ways, as the worker answers."""

    def __init__(self, document: Document) -> None:
        self._document, self._backend, self._numbers = document, Backend(), itertools.count()
        first = self._backend(Request(next(self._numbers), document, (), LUTS))
        layouts = {info.name: mosaic_layout(info.channels, ROOM, canvas=info.size) for info in first.sides[0].stages}
        self._pictures = tuple(
            PictureRequest((0, name), "now", 0, one.count, one.columns, one.tile, one.gap)
            for name, one in layouts.items()
        )
        self._levels = first.levels

    def drag(self, seed: int) -> list[float]:
        """Seconds of every move along one way, after a rest."""
        self._answer(self._document, at_rest=True)
        self._backend.settle()
        found: list[float] = []
        for by in way(seed, self._document.scene.size[0]):
            moved = self._document.with_scene(self._document.reference.moved(by))
            found.append(seconds(lambda moved=moved: self._answer(moved)))
        return found

    def _answer(self, document: Document, at_rest: bool = False) -> None:
        number = next(self._numbers)
        self._backend(Request(number, document, self._pictures, LUTS, self._levels, at_rest=at_rest))


def rows() -> Iterator[Row]:
    torch.set_num_threads(1)
    for words, name, side in (("b (128²)", "three-blocks-wide", 128), ("c (vgg11, 224²)", "vgg11", 224)):
        spec = with_padding(preset(name), "zeros")
        hand, full = Hand(opening_document(spec, canvas=(side, side))), naive(spec, (side, side))
        gc.freeze()  # as the window does once all is loaded
        repeats = repeats_for(full)
        plain = statistics.median(seconds(full, repeats) for _ in range(7))
        # The first way is a new user's: nothing has been dragged before.
        ways = [hand.drag(seed) for seed in range(4)]
        moves = sorted(itertools.chain.from_iterable(ways))
        for what, figure in (
            ("the first moves", statistics.median(ways[0][:FIRST])),
            ("the median move", statistics.median(moves)),
            ("one move in twenty", moves[int(0.95 * (len(moves) - 1))]),
        ):
            note = f"{figure * 1e3:.1f} ms"
            yield Row(f"{words} along a hand's ways, {what}, against a naive forward", figure / plain, None, note=note)
