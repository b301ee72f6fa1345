"""The pinned cell: its values are those of the maps, its rows those of the receptive field."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter

from shiftlab.document import Document, Pin
from shiftlab.engine.backend import Backend
from shiftlab.engine.messages import Request, Snapshot
from shiftlab.network import presets
from shiftlab.opening import opening_document
from shiftlab.ui.figure.page import inspections, render_figure
from shiftlab.ui.figure.page_layout import picture_requests
from shiftlab.ui.figure.pinned import seen_by_pin
from shiftlab.ui.figure.probe import paint_probe, probe_height, probe_model, seen_rows
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.seen import Seen
from shiftlab.ui.theme import DARK, luts

pytestmark = pytest.mark.usefixtures("qapp")
PIN = Pin(0, "pool2", 3, (6, 6))


@pytest.fixture(scope="module")
def backend() -> Backend:
    return Backend()


def pinned(pin: Pin = PIN, to: tuple[float, float] = (32, 35), name: str = "three-blocks") -> Document:
    return opening_document(presets.preset(name), to=to).with_lenses(pin=pin)


def answered(backend: Backend, document: Document) -> Snapshot:
    return backend(Request(1, document, (), luts(DARK), inspected=inspections(document), at_rest=True))


def test_what_is_left_is_now_less_the_moved_reference(backend: Backend) -> None:
    document = pinned()
    snapshot = answered(backend, document)
    model = probe_model(document, snapshot, luts(DARK))
    assert model is not None
    now, then, left = model.values
    assert now is not None
    assert then is not None
    assert left is not None
    assert now == pytest.approx(float(snapshot.inspected[0].now[6, 6]))
    assert left == pytest.approx(now - then, abs=1e-6)
    assert model.labels == ("now", "reference, moved 1 cell", "what is left")
    assert model.title == "pool2, channel 4, cell (6, 6)"
    assert model.note.startswith("Stride 4: the pattern moved 0.75 cell. The reference is moved by 1 cell")


def test_nothing_is_left_of_a_stage_that_moved_along(backend: Backend) -> None:
    document = pinned(Pin(0, "relu1", 5, (30, 33)))
    model = probe_model(document, answered(backend, document), luts(DARK))
    assert model is not None
    assert model.values[2] == pytest.approx(0, abs=1e-6)
    assert model.values[0] != 0
    assert "whole number" in model.note


def test_what_the_cell_sees_is_that_of_the_look() -> None:
    rows = seen_rows(pinned(), PIN)
    assert [(row.names, row.side, row.channels) for row in rows] == [
        (("relu2", "conv2"), "2 × 2", "channel 4"),
        (("pool1",), "4 × 4", "all 8"),
        (("relu1", "conv1"), "8 × 8", "all 8"),
        (("canvas",), "10 × 10", ""),
    ]
    assert rows[0].place == "rows 12–13, cols 12–13"
    assert rows[3].place == "rows 21–30, cols 21–30"
    assert seen_rows(pinned(Pin(0, "pool2", 3, (0, 6))), Pin(0, "pool2", 3, (0, 6)))[3].place.startswith(
        "rows 61–63 and 0–6,"
    )


@pytest.mark.parametrize(
    "pin",
    [
        Pin(1, "pool2", 0, (0, 0)),
        Pin(0, "nonesuch", 0, (0, 0)),
        Pin(0, "pool3", 99, (0, 0)),
        Pin(0, "pool3", 0, (9, 0)),
    ],
)
def test_a_pin_that_is_no_longer_there_is_passed_over(backend: Backend, pin: Pin) -> None:
    document = pinned(pin)
    assert inspections(document) == ()
    assert seen_by_pin(document) == Seen()
    wanted = picture_requests(document, tuple(side.stages for side in answered(backend, document).sides), DARK, 1.0)
    snapshot = backend(Request(2, document, wanted, luts(DARK)))
    assert not render_figure(document, snapshot, DARK).isNull()


@pytest.mark.parametrize(
    "document",
    [
        pinned(to=(32, 32)),
        pinned(to=(32.5, 32)),
        pinned(Pin(0, "dense1", 2, (0, 0)), name="lenet"),
        pinned(Pin(0, "conv1", 0, (63, 0))),
    ],
    ids=["at the reference", "sub-pixel", "dense", "corner"],
)
def test_any_cell_can_be_painted(backend: Backend, document: Document) -> None:
    model = probe_model(document, answered(backend, document), luts(DARK), scale=2.0)
    assert model is not None
    height = probe_height(model, 404)
    image = QImage(808, round(2 * height), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(2)
    image.fill(0)
    painter = QPainter(image)
    paint_probe(painter, Rect(0, 0, 404, height), model, DARK)
    painter.end()
    drawn = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1) & 0xFFFFFF
    assert len(np.unique(drawn)) > 20
