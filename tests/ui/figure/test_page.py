"""The whole figure, from a document to pixels, with the real engine."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtGui import QImage

from shiftlab.document import Document, Pin
from shiftlab.engine.backend import Backend
from shiftlab.engine.messages import Request, Snapshot
from shiftlab.network import presets
from shiftlab.network.geometry import stages
from shiftlab.network.weights import Network
from shiftlab.opening import opening_document
from shiftlab.scene.values import Background
from shiftlab.ui.figure import page, page_words
from shiftlab.ui.figure.page import picture_requests, render_figure
from shiftlab.ui.figure.page_layout import Stages, page_layout
from shiftlab.ui.theme import DARK, LIGHT, PRINT, THEMES, Theme, luts
from tests.ui.middle import middle

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture(scope="module")
def backend() -> Backend:
    return Backend()


def stages_of(document: Document) -> Stages:
    return tuple(stages(network.spec, document.scene.size) for network in document.networks)


def answered(backend: Backend, document: Document, theme: Theme, scale: float = 1.0) -> Snapshot:
    wanted = picture_requests(document, stages_of(document), theme, scale)
    return backend(Request(1, document, wanted, luts(theme), at_rest=True))


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4).copy()


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("theme", [DARK, LIGHT, PRINT], ids=lambda one: one.name)
def test_every_mosaic_is_in_the_figure_pixel_by_pixel(backend: Backend, theme: Theme, scale: float) -> None:
    document = middle(to=(32, 35))
    snapshot = answered(backend, document, theme, scale)
    image = render_figure(document, snapshot, theme, scale)
    drawn = pixels(image)
    layout = page_layout(document, stages_of(document), theme, scale)
    assert len(layout.geometries) == 9
    for key, geometry in layout.geometries.items():
        wanted = snapshot.pictures[layout.requests[key][0]].rgb
        x, y = round(geometry.mosaic.x * scale), round(geometry.mosaic.y * scale)
        found = drawn[y : y + wanted.shape[0], x : x + wanted.shape[1]]
        assert (found | 0xFF000000 == wanted).all(), key


def test_four_times_as_large_is_four_times_the_pixels(backend: Backend) -> None:
    document = opening_document(presets.preset("seed"), to=(30, 35))
    sizes = []
    for scale in (1.0, 4.0):
        image = render_figure(document, answered(backend, document, PRINT, scale), PRINT, scale)
        sizes.append((image.width(), image.height()))
    assert sizes[1] == (4 * sizes[0][0], 4 * sizes[0][1])


def test_the_first_break_is_marked_in_its_colour_and_nothing_is_where_all_is_exact(backend: Backend) -> None:
    def broke_pixels(to: tuple[int, int]) -> int:
        document = middle(to=to)
        image = render_figure(document, answered(backend, document, DARK), DARK)
        return int((pixels(image) & 0xFFFFFF == int(DARK.broke[1:], 16)).sum())

    assert broke_pixels((32, 40)) == 0
    assert broke_pixels((32, 35)) > 1500


def test_a_figure_gives_no_advice(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it says where nothing moved, and where no displacement is defined, ends with that."""
    said: list[str] = []

    def caught(_painter: object, _rect: object, sentence: object, _theme: object) -> None:
        said.append(str(sentence))

    monkeypatch.setattr(page, "paint_headline", caught)
    for document in (
        middle(),
        middle(background=Background("noise", 0.5), to=(32, 35)),
        middle(to=(32, 35)),
    ):
        render_figure(document, answered(backend, document, DARK), DARK)
    assert said[:2] == ["Nothing has moved yet.", "Not measured: the object moved alone over its background."]
    assert said[2].endswith("At 2 or 4 px it moves along exactly.")


def test_two_networks_are_compared_side_by_side(backend: Backend) -> None:
    pair = tuple(Network(presets.preset(name)) for name in ("three-blocks", "blurpool"))
    document = dataclasses.replace(middle(to=(32, 35)), networks=pair)
    layout = page_layout(document, stages_of(document), DARK, 1.0)
    assert {key[0] for key in layout.geometries} == {0, 1}
    image = render_figure(document, answered(backend, document, DARK), DARK)
    assert image.height() > layout.strip_bottom


@pytest.mark.parametrize("theme", list(THEMES.values()), ids=lambda one: one.name)
def test_lenses_show_in_the_figure(backend: Backend, theme: Theme) -> None:
    plain = middle(to=(32, 35))
    basis = pixels(render_figure(plain, answered(backend, plain, theme), theme))
    for lenses in (
        {"view": "left"},
        {"pin": Pin(0, "pool2", 3, (6, 6))},
        {"hidden": frozenset({(0, "conv2")})},
        {"collapsed": frozenset({(0, "relu1")})},
        {"enlarged": (0, "pool1")},
        {"form": "fractional"},
    ):
        document = plain.with_lenses(**lenses)
        drawn = pixels(render_figure(document, answered(backend, document, theme), theme))
        assert drawn.shape != basis.shape or (drawn != basis).any(), lenses


@pytest.mark.parametrize(
    "document",
    [
        opening_document(presets.preset("lenet"), at=(16, 16), to=(20, 20)),
        middle(border="zero", to=(3, 60)),
        middle(to=(32.5, 33.25)),
        dataclasses.replace(middle(), scene=dataclasses.replace(middle().scene, placed=())),
        middle(canvas=(48, 96), background=Background("gradient", 0.4)),
        opening_document(presets.preset("seed"), canvas=(300, 300)),
    ],
    ids=["head", "cut at the border", "sub-pixel", "empty", "oblong", "large"],
)
def test_unusual_documents_have_a_figure(backend: Backend, document: Document) -> None:
    for theme in (DARK, PRINT):
        image = render_figure(document, answered(backend, document, theme), theme)
        assert len(np.unique(pixels(image))) > 30


def test_refusals_name_the_argument() -> None:
    document = middle()
    with pytest.raises(ValueError, match=r"scale must be positive, not 0\.0"):
        page_layout(document, stages_of(document), DARK, 0.0)
    with pytest.raises(ValueError, match="1 networks need as many lists of stages, not 0"):
        page_layout(document, (), DARK, 1.0)


def test_titles() -> None:
    assert page_words.title(middle(to=(32, 35))) == "A cat moved 3 px to the right, through three-blocks"
    assert page_words.title(middle()) == "A cat at its reference place, through three-blocks"
    assert page_words.title(middle(pattern="edge", to=(30, 31))).startswith(
        "An edge moved 2 px up and 1 px to the left"
    )
    assert page_words.padding_words(presets.preset("three-blocks")) == "circular padding"
    assert page_words.padding_words(presets.preset("zeros")) == "zero padding"


def test_a_figure_needs_no_screen_and_no_application() -> None:
    code = (
        "from shiftlab.ui.figure.page import figure_application\n"
        "import sys\n"
        "application = figure_application()\n"
        "assert figure_application() is application\n"
        "assert 'torch' not in sys.modules\n"
    )
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/tmp"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
