"""Where a network was trained, over the places of a map, and where it never was."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from shiftlab.learn.plans import Opened
from shiftlab.learn.shipped import seen_by
from shiftlab.learn.touched import dense_over_places, touched_cells
from shiftlab.network.spec import NetworkSpec
from shiftlab.ui.positions.questions import Question
from shiftlab.ui.training.course import Course

Mask = NDArray[np.bool_]
CORNER = (0, 9, 0, 9)
"""Where the shipped corner networks were trained: first pixels of the patterns."""
CORNER_PLACES = (45, 45)


class TrainedPlaces:
    """Finds both for the networks of a question, and keeps the last answer."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._never: dict[object, Mask | None] = {}
        self._places: dict[object, tuple[Opened, Mask | None]] = {}

    def found(self, question: Question, side: int, shape: tuple[int, int]) -> tuple[Mask | None, Mask | None]:
        """The places (R, C) that were trained, and those that no touched cell sees; None where there is no telling."""
        network = question.networks[side]
        ready = self._course.behind(network, side)
        if ready is not None and ready.canvas == question.canvas:
            return self._at(ready, question, shape), self._untouched(question, side, ready.touched)
        seen = seen_by(network, question.canvas)
        if seen is None or shape != CORNER_PLACES:
            return None, None
        return _box(CORNER, shape), self._untouched(question, side, _touched(network.spec, question.canvas, seen))

    def _at(self, ready: Opened, question: Question, shape: tuple[int, int]) -> Mask | None:
        key = (id(ready), question.size, shape)
        held = self._places.get(key)
        if held is None:
            if len(self._places) > 2:
                self._places.clear()
            # With what it is of, so that no other can come to have its id.
            held = self._places[key] = ready, _trained(ready, question, shape)
        return held[1]

    def _untouched(self, question: Question, side: int, touched: Mask | None) -> Mask | None:
        spec = question.networks[side].spec
        dense = dense_over_places(spec)
        if touched is None or dense is None:
            return None
        key = (spec, question.canvas, question.size, touched.tobytes())
        if key not in self._never:
            from shiftlab.measure.positions import never_touched

            if len(self._never) > 2:
                self._never.clear()
            self._never[key] = never_touched(spec, question.canvas, touched, dense[1], question.size)
        return self._never[key]


@lru_cache(maxsize=4)
def _touched(spec: NetworkSpec, canvas: tuple[int, int], seen: tuple[int, int, int, int]) -> Mask | None:
    """The cells that a dense head over places reads and that see the box; None for another head."""
    dense = dense_over_places(spec)
    return None if dense is None else touched_cells(spec, canvas, _box(seen, canvas), dense[1])


def _trained(ready: Opened, question: Question, shape: tuple[int, int]) -> Mask | None:
    task = ready.plan.task
    if task is None:
        return None if ready.corners is None else _box(ready.corners, shape)
    from shiftlab.learn.drawn import trained_places

    rows, cols = question.size[0] // 2, question.size[1] // 2
    found = trained_places(task)[rows : rows + shape[0], cols : cols + shape[1]]
    return found if found.shape == shape and not found.all() else None


def _box(box: tuple[int, int, int, int], shape: tuple[int, int]) -> Mask:
    mask = np.zeros(shape, dtype=np.bool_)
    mask[box[0] : box[1], box[2] : box[3]] = True
    return mask
