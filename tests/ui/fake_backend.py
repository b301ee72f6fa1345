"""A backend that needs no torch, for tests of the window."""

from __future__ import annotations

import threading
from types import MappingProxyType

import numpy as np

from shiftlab.document import Document
from shiftlab.engine.messages import Inspect, Inspected, Picture, PictureRequest, Request, Side, Snapshot
from shiftlab.engine.worker import Check
from shiftlab.measure.values import Cause, Figure, StageMeasure
from shiftlab.network import geometry
from shiftlab.picture.levels import Levels
from shiftlab.scene.translation import Displacement


class FakeBackend:
    """Answers at once, with pictures whose colour tells where the first pattern stands.

    Attributes
    ----------
    requests : what was asked, in order
    gate : threading.Event
        Cleared, it holds the worker inside a computation.
    entered : threading.Event
        Set while the worker is inside one.
    error : an exception to raise, or None
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.error: Exception | None = None

    def __call__(self, request: Request, check: Check) -> Snapshot:
        self.requests.append(request)
        self.entered.set()
        self.gate.wait(20)
        self.entered.clear()
        check()
        if self.error is not None:
            raise self.error
        return answer(request)


def answer(request: Request) -> Snapshot:
    """A snapshot for a request, by no network."""
    document = request.document
    sides = []
    for network in document.networks:
        stages = geometry.stages(network.spec, document.scene.size)
        odd = isinstance(document.displacement, Displacement) and (
            document.displacement.rows % 2 != 0 or document.displacement.cols % 2 != 0
        )
        measures = tuple(_measure(info.name, request.at_rest, odd) for info in stages)
        levels = MappingProxyType({info.name: (Levels(1.0, info.signed),) for info in stages})
        sides.append(Side(stages, measures, levels))
    pictures = {wanted: _picture(wanted, document) for wanted in request.pictures}
    inspected = tuple(_inspected(one, document) for one in request.inspected)
    return Snapshot(request, tuple(sides), MappingProxyType(pictures), inspected, 0.001, 0.002)


def _measure(name: str, at_rest: bool, odd: bool) -> StageMeasure:
    broken = odd and name == "pool1"
    figure = Figure(0.4) if broken else Figure(0.0)
    none = Figure(None, "not asked for")
    causes = (Cause("phase", 0.4, (0.0, 1.5), "phase · 1.5 cells"),) if broken and at_rest else ()
    return StageMeasure(
        name, not broken, figure, figure, none, figure, none, Figure(0.8), Figure(0.8), Figure(0.5), (0, 1),
        causes=causes, causes_known=at_rest,
    )  # fmt: skip


def _picture(wanted: PictureRequest, document: Document) -> Picture:
    rows = -(-wanted.count // wanted.columns)
    height = rows * wanted.tile[0] + (rows - 1) * wanted.gap
    width = wanted.columns * wanted.tile[1] + (wanted.columns - 1) * wanted.gap
    at = document.scene.placed[0].at if document.scene.placed else (0.0, 0.0)
    tone = int(at[0]) % 256 << 8 | int(at[1]) % 256
    return Picture(wanted, np.full((height, width), 0xFF000000 | tone, np.uint32), (Levels(1.0, True),))


def _inspected(wanted: Inspect, document: Document) -> Inspected:
    stages = geometry.stages(document.networks[wanted.key[0]].spec, document.scene.size)
    info = next(one for one in stages if one.name == wanted.key[1])
    values = np.linspace(-1, 1, info.size[0] * info.size[1], dtype=np.float32).reshape(info.size)
    kernel = np.linspace(-1, 1, 9, dtype=np.float32).reshape(1, 3, 3) if info.kind == "conv" else None
    return Inspected(wanted, values, values, values, kernel)
