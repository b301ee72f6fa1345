"""All live measures of a move together, against the forward of the same network.

Timed as in a drag, where they read the maps that the forward has just written.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

import torch

from shiftlab.measure.lab import AtReference
from shiftlab.network import presets
from shiftlab.network.memory import keep_memory
from shiftlab.network.modules import Forward
from shiftlab.network.spec import PaddingMode, with_padding
from shiftlab.network.weights import Network
from shiftlab.scene.patterns import builtin
from shiftlab.scene.translation import displacement
from shiftlab.scene.values import Border, Placed, Position, Scene
from tests.benchmarks.timing import Row

CANVAS = (128, 128)
ROUNDS = 25


@dataclass(frozen=True)
class Case:
    """A drag: how the scene and the network treat the border, the pattern's side, and the shifts in turn."""

    words: str
    border: Border
    padding: PaddingMode
    size: int
    shifts: tuple[Position, ...]
    reach: float | None = 1.0
    note: str = ""


WHOLE: tuple[Position, ...] = ((0, 1), (1, 1), (2, 3), (5, 3), (8, 8), (-3, 6), (-7, -5), (4, 0))
FRACTIONS: tuple[Position, ...] = tuple((0.1 * n, 1 - 0.3 * n) for n in range(1, 41))

CASES = (
    Case("wrapped, circular, 34 px pattern", "wrap", "circular", 34, WHOLE),
    Case("zero border and padding, 34 px pattern", "zero", "zeros", 34, WHOLE),
    Case("120 px pattern", "wrap", "circular", 120, WHOLE, None, "information: nothing is left out"),
    Case(
        "every shift a new fraction", "wrap", "circular", 34, FRACTIONS, None, "information: the image rings everywhere"
    ),
)


def rows() -> list[Row]:
    torch.set_num_threads(1)
    keep_memory()
    return [_row(case) for case in CASES]


def _row(case: Case) -> Row:
    spec = with_padding(presets.preset("three-blocks-wide"), case.padding)
    reference = Scene(CANVAS, placed=(Placed(builtin("cat"), (64, 64), case.size),), border=case.border)
    place = AtReference(Forward(Network(spec), CANVAS), reference)
    moves = [reference.moved(shift) for shift in case.shifts]
    turns = [(place.image(scene), displacement(scene, reference)) for scene in moves]
    ratios: list[float] = []
    for number in range(ROUNDS + 2):
        forward = measures = 0.0
        for image, by in turns:
            begun = time.perf_counter()
            maps = place.forward.maps(image)
            between = time.perf_counter()
            place.comparison.measure(maps, by)
            forward, measures = forward + between - begun, measures + time.perf_counter() - between
        if number > 1:  # the first rounds warm up
            ratios.append(measures / forward)
    words = f"measures of three-blocks-wide at 128², {case.words}, against its forward"
    return Row(words, statistics.median(ratios), case.reach, note=case.note)
