"""What is repainted in parts and from kept pictures is what a painting from scratch shows."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from types import MappingProxyType

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QRegion
from PySide6.QtWidgets import QApplication

from shiftlab.document import Document
from shiftlab.engine.messages import Picture, PictureRequest, Request, Snapshot
from shiftlab.measure.values import Figure, StageMeasure
from shiftlab.network.geometry import stages as geometry_of
from shiftlab.network.info import StageInfo
from shiftlab.picture.levels import Levels
from shiftlab.scene.raster import rasterise
from shiftlab.scene.translation import Displacement
from shiftlab.ui.figure import canvas as canvas_figure
from shiftlab.ui.figure.canvas import canvas_rgb, paint_canvas
from shiftlab.ui.figure.canvas_model import CanvasModel
from shiftlab.ui.figure.canvas_view import CanvasView
from shiftlab.ui.figure.ladder import ladder, paint_ladder
from shiftlab.ui.figure.panel import PARTS, PanelModel, paint_panel, paint_part, part_rects, parts_between
from shiftlab.ui.figure.panel_geometry import PanelGeometry, column_geometry, panel_geometry
from shiftlab.ui.figure.rect import Rect
from shiftlab.ui.figure.ruler import paint_ruler, ruler_layer
from shiftlab.ui.theme import DARK, LIGHT, Theme, colour
from tests.ui.fake_backend import FakeBackend, answer

CANVAS = (64, 64)
SIZE = (316, 260)
INFO = StageInfo("conv1", "conv", 8, CANVAS, (1, 1), (3, 3), (0.0, 0.0), True)


def luck(*about: object) -> np.random.Generator:
    """Random numbers that depend on nothing but what they are about."""
    return np.random.default_rng(int.from_bytes(hashlib.sha256(repr(about).encode()).digest()[:8], "little"))


def figure(rng: np.random.Generator) -> Figure:
    return (Figure(0.0), Figure(None, "no displacement"), Figure(rng.uniform(0, 1.4)))[min(int(rng.integers(6)), 2)]


def noise(wanted: PictureRequest, rng: np.random.Generator) -> Picture:
    """A picture that is another everywhere, with a range that is sometimes exceeded."""
    rows = -(-wanted.count // wanted.columns)
    size = (
        rows * (wanted.tile[0] + wanted.gap) - wanted.gap,
        wanted.columns * (wanted.tile[1] + wanted.gap) - wanted.gap,
    )
    rgb = (rng.integers(0, 1 << 24, size) | 0xFF000000).astype(np.uint32)
    below, above = rng.integers(2, size=2).astype(bool)
    return Picture(wanted, rgb, (Levels(1.5, True),), below=bool(below), above=bool(above))


def varied(request: Request) -> Snapshot:
    """An answer whose figures and pictures are other ones at every place."""
    plain, place = answer(request), repr(request.document.scene.placed[0].at)
    sides = tuple(
        dataclasses.replace(side, measures=tuple(other_figures(one, luck(place, one.name)) for one in side.measures))
        for side in plain.sides
    )
    pictures = {wanted: noise(wanted, luck(place, wanted.key)) for wanted in plain.pictures}
    return dataclasses.replace(plain, sides=sides, pictures=MappingProxyType(pictures))


def other_figures(measure: StageMeasure, rng: np.random.Generator) -> StageMeasure:
    return msgspec.structs.replace(measure, equivariance=figure(rng), invariance=figure(rng))


class VariedBackend(FakeBackend):
    def __call__(self, request: Request, check) -> Snapshot:
        super().__call__(request, check)
        return varied(request)


@pytest.fixture
def backend():
    return VariedBackend()


def on_screen(window) -> QImage:
    """What the window's surface holds."""
    return window.screen().grabWindow(window.winId()).toImage().convertToFormat(QImage.Format.Format_RGB32)


def from_scratch(window) -> QImage:
    return window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def settled(window, qtbot) -> None:
    """Wait until the answer to the present document is on the screen, which then is as if painted from scratch."""
    qtbot.waitUntil(lambda: window.bridge.shown.request.document is window.lab.document)
    qtbot.waitUntil(lambda: on_screen(window) == from_scratch(window), timeout=3000)


def drag(window, qtbot, steps) -> None:
    window.lab.begin()
    for step in steps:
        window.lab.during(lambda document, by=step: document.with_scene(document.scene.moved(by)))
        settled(window, qtbot)
    window.lab.end()


WAY = [(0.0, 1.0), (1.0, 0.0), (3.0, -2.0), (0.0, 20.0), (0.5, 0.0), (-4.5, -19.0)]


def test_the_screen_is_as_if_painted_from_scratch(window, qtbot):
    settled(window, qtbot)
    drag(window, qtbot, WAY)
    window.lab.look(selection=frozenset({0}))
    drag(window, qtbot, WAY[:2])
    window.host.choose_theme("light")
    drag(window, qtbot, WAY[:3])
    window.resize(1200, 760)
    drag(window, qtbot, WAY[:3])
    window.lab.look(tile=16)
    drag(window, qtbot, WAY[:2])


def test_beside_another_network_too(window, qtbot):
    window.actions_.run("network.ab")
    settled(window, qtbot)
    drag(window, qtbot, WAY[:3])


def geometry(form: str, scale: float, at: tuple[int, int] = (12, 10)) -> PanelGeometry:
    if form == "column":
        return column_geometry(Rect(8, 12, 88, 334), INFO, CANVAS, scale=scale)
    return panel_geometry(Rect(*at, 288, 240), INFO, CANVAS, scale=scale)


def model(place: PanelGeometry, turn: int, **given: object) -> PanelModel:
    rng = luck("panel", turn)
    wanted = place.requests((0, "conv1"), "now", 1)
    measure = other_figures(answer_measure(), rng)
    return PanelModel((0, "conv1"), INFO, measure, noise(wanted[0], rng), selected=1, **given)  # type: ignore[arg-type]


def answer_measure() -> StageMeasure:
    none = Figure(None, "not asked for")
    return StageMeasure("conv1", True, none, none, none, none, none, none, none, none, (0, 1), causes_known=False)


def fresh(place: PanelGeometry, shown: PanelModel, theme: Theme, *, kept: bool) -> QImage:
    made = QImage(round(SIZE[0] * place.scale), round(360 * place.scale), QImage.Format.Format_RGB32)
    made.setDevicePixelRatio(place.scale)
    made.fill(colour(theme.win))
    with QPainter(made) as painter:
        paint_panel(painter, place, shown, theme, kept=kept)
    return made


def pixels(image: QImage) -> np.ndarray:
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., :3].astype(int)


@pytest.mark.parametrize("scale", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("form", ["panel", "column"])
def test_parts_painted_one_by_one_make_the_whole(qapp, form, theme, scale):
    place = geometry(form, scale)
    rects = part_rects(place)
    shown = dataclasses.replace(model(place, 0), picture=None, measure=None)
    image = fresh(place, shown, theme, kept=True)
    for after in (*(model(place, turn) for turn in range(1, 8)), shown):
        assert after.rest == shown.rest
        parts = parts_between(shown, after)
        assert "maps" in parts
        with QPainter(image) as painter:
            region = QRegion()
            for part in parts & rects.keys():
                region += QRectF(*rects[part]).toRect()
            painter.setClipRegion(region)
            for part in PARTS:
                if part in parts and part in rects:
                    painter.fillRect(QRectF(*rects[part]), colour(theme.panel))
            for part in PARTS:
                if part in parts and part in rects:
                    paint_part(painter, place, after, theme, part, kept=True)
        assert image == fresh(place, after, theme, kept=True)
        shown = after


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("at", [(12, 10), (13, 11)])
def test_kept_pictures_are_those_painted_straight(qapp, at, theme, scale):
    place = geometry("panel", scale, at)
    for turn in range(12):
        shown = model(place, turn)
        difference = np.abs(
            pixels(fresh(place, shown, theme, kept=True)) - pixels(fresh(place, shown, theme, kept=False))
        ).max(axis=2)
        # Qt draws the edges of the hatch a hundredth lighter or darker depending on where they stand.
        assert difference.max() <= 3
        row, track = place.moved, np.zeros_like(difference)
        track[round(row.y * scale) : round(row.bottom * scale), round(row.x * scale) : round(row.right * scale)] = 1
        assert not difference[track == 0].any()


def test_no_part_reaches_into_another(qapp):
    for form, scale in itertools.product(("panel", "column"), (1.0, 2.0)):
        rects = list(part_rects(geometry(form, scale)).values())
        for one, other in itertools.combinations(rects, 2):
            assert not one.meets(other)


def test_what_is_no_part_repaints_the_whole(qapp):
    place = geometry("panel", 1.0)
    shown = model(place, 0)
    for change in ({"first_break": True}, {"stale": True}, {"pinned": True}, {"note": "phase"}, {"view": "left"}):
        assert dataclasses.replace(shown, **change).rest != shown.rest
    same = dataclasses.replace(shown)
    assert same.rest == shown.rest
    assert parts_between(shown, same) == frozenset()


def canvas_picture(model_: CanvasModel, view: CanvasView, scale: float) -> QImage:
    made = QImage(round(420 * scale), round(420 * scale), QImage.Format.Format_RGB32)
    made.setDevicePixelRatio(scale)
    made.fill(colour(DARK.win))
    with QPainter(made) as painter:
        paint_canvas(painter, view, model_, DARK)
    return made


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("at", [(32.0, 35.0), (2.0, 60.0), (40.5, 7.3)])
def test_a_kept_selection_is_the_one_painted_straight(qapp, document, monkeypatch, at, scale):
    scene = document.scene
    by = (at[0] - scene.placed[0].at[0], at[1] - scene.placed[0].at[1])
    moved = document.with_scene(scene.moved(by)).scene
    shown = CanvasModel(canvas_rgb(rasterise(moved)), moved, scene, selection=frozenset({0}))
    for zoom in (6.0, 3.25):
        view = CanvasView(moved.size, (20.0, 20.0), zoom)
        kept = canvas_picture(shown, view, scale)
        with monkeypatch.context() as patch:
            patch.setattr(canvas_figure, "whole_pixels", lambda *_: False)
            assert kept == canvas_picture(shown, view, scale)


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_a_kept_ruler_is_the_one_painted_straight(qapp, theme, scale):
    view, size = CanvasView(CANVAS, (20.0, 20.0), 6.0), (408, 405)
    straight = QImage(round(size[0] * scale), round(size[1] * scale), QImage.Format.Format_RGB32)
    straight.setDevicePixelRatio(scale)
    straight.fill(colour(theme.win))
    with QPainter(straight) as painter:
        paint_ruler(painter, view, None, theme)
    assert ruler_layer(view, size, scale, theme) == straight


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("top", [36, 33])
def test_a_kept_ladder_is_the_one_painted_straight(qapp, document, top, theme, scale):
    stages = geometry_of(document.networks[0].spec, CANVAS)
    for by in ((0, 0), (0, 3), (-2, 1), (0.5, 0.0), (8, -16)):
        shown = ladder(stages, Displacement(*by))
        pictures = []
        for kept_on in (None, theme.win):
            made = QImage(round(420 * scale), round(220 * scale), QImage.Format.Format_RGB32)
            made.setDevicePixelRatio(scale)
            made.fill(colour(theme.win))
            with QPainter(made) as painter:
                paint_ladder(painter, Rect(0, top, 404, shown.height), shown, theme, kept_on=kept_on)
            pictures.append(made)
        assert pictures[0] == pictures[1]


@pytest.mark.parametrize("border", ["zero", "wrap"])
def test_a_canvas_painted_in_parts_is_the_one_painted_whole(window, qtbot, monkeypatch, border):
    settled(window, qtbot)
    window.lab.edit(lambda document: document.with_border(border), "Border")
    if border == "zero":
        window.actions_.run("scene.add-disc")
    settled(window, qtbot)
    canvas, counted = window.canvas, {"parts": 0, "whole": 0}
    for name in counted:
        original = getattr(type(canvas), f"_paint_{name}")

        def paint(*given: object, original=original, name=name) -> None:
            counted[name] += 1
            original(*given)

        monkeypatch.setattr(type(canvas), f"_paint_{name}", paint)
    corner, size = canvas.mapTo(window, canvas.rect().topLeft()), canvas.size()
    rng, steps = luck("canvas", border), 40
    window.lab.begin()
    for step in range(steps):
        # By turns somewhere in the middle on whole pixels, and anywhere.
        index, calm = step // 2 % len(window.lab.document.scene.placed), step // 8 % 2 == 0
        at = rng.integers(28, 37, 2) if calm else rng.integers(-4, 68, 2) + rng.choice([0.0, 0.0, 0.3], 2)
        place = (float(at[0]), float(at[1]))

        def move(document: Document, index: int = index, place: tuple[float, float] = place) -> Document:
            placed = list(document.scene.placed)
            placed[index] = dataclasses.replace(placed[index], at=place)
            return document.with_scene(dataclasses.replace(document.scene, placed=tuple(placed)))

        window.lab.during(move)
        QApplication.processEvents()
        seen = window.screen().grabWindow(window.winId(), corner.x(), corner.y(), size.width(), size.height())
        parts = counted["parts"]
        assert seen.toImage() == canvas.grab().toImage(), step
        counted["parts"] = parts
    window.lab.end()
    assert counted["parts"] > steps / (2 if border == "zero" else 4)
