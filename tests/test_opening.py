"""What a lab opens with: a trained network in the corner that it knows, and a cat that it recognises there."""

from __future__ import annotations

import numpy as np
import pytest

from shiftlab.arguments import document_of
from shiftlab.cli import parser
from shiftlab.learn import data
from shiftlab.learn.plans import Plan
from shiftlab.learn.scenes import scene_of
from shiftlab.measure.jobs import result_of
from shiftlab.measure.positions import probabilities
from shiftlab.measure.sweep import sweep
from shiftlab.network import presets
from shiftlab.network.modules import Forward
from shiftlab.opening import natural_size, opening_document
from shiftlab.scene.patterns import builtin
from shiftlab.scene.raster import rasterise
from shiftlab.scene.values import Pattern, Placed, Scene


def probability(network: str, kind: str) -> np.ndarray:
    """Of the right class, for every first corner (45, 45) of our 20 px cat or dog."""
    patch = rasterise(Scene(placed=(Placed(builtin(kind), (32.0, 32.0), 20),)))[:, 22:42, 22:42]
    forward = Forward(presets.with_weights(presets.preset(network)), (64, 64))
    found = result_of(sweep(forward, np.ascontiguousarray(patch)))
    return probabilities(found.values)[..., data.CLASSES.index(kind)]


def test_the_window_opens_on_a_trained_network_in_the_corner_that_it_knows() -> None:
    document = opening_document()
    assert document.networks == (presets.with_weights(presets.preset("corner-dense")),)
    assert document.networks[0].weights is not None
    assert document.scene == document.reference == scene_of(Plan())
    (cat,) = document.scene.placed
    assert (cat.pattern, cat.at, cat.size) == (builtin("cat"), (14, 14), 20)


def test_the_command_line_begins_as_the_window_does() -> None:
    options = parser().parse_args(["measure"])
    assert document_of(options) == opening_document()
    named = parser().parse_args(["measure", "--network", "corner-dense", "--pattern", "cat", "--at", "14,14"])
    assert document_of(named) == opening_document()


@pytest.mark.parametrize(
    ("arguments", "kept"), [(["--padding", "circular"], True), (["--seed", "9"], True), (["--padding", "valid"], False)]
)
def test_another_padding_or_seed_keeps_what_was_learnt_where_it_fits(arguments: list[str], kept: bool) -> None:
    document = document_of(parser().parse_args(["measure", *arguments]))
    assert document.networks[0].spec != presets.preset("corner-dense")
    weights = opening_document().networks[0].weights if kept else None
    assert document.networks[0].weights == weights


def test_a_network_that_has_learnt_no_place_comes_with_the_cat_in_the_middle() -> None:
    for name in ("three-blocks", "gap-head", "seed"):
        document = opening_document(presets.preset(name))
        assert document.scene.placed[0].at == (32, 32)
        assert document.scene.border == "wrap"
    wide = opening_document(presets.preset("vgg11"))
    assert wide.scene.placed[0].at == tuple(side // 2 for side in wide.scene.size)
    assert wide.scene.placed[0].size == round(20 * min(wide.scene.size) / 64)
    assert opening_document(canvas=(96, 128), spec=presets.preset("seed")).scene.placed[0].size == 20


def test_another_pattern_has_its_first_pixel_where_the_training_had_it() -> None:
    document = opening_document(presets.preset("corner-gap"), "disc")
    assert document.scene.placed[0].at == (4 + 21 // 2, 4 + 21 // 2)
    assert document.scene.border == "zero"
    asked = opening_document(at=(30, 31), border="wrap")
    assert (asked.scene.placed[0].at, asked.scene.border) == ((30, 31), "wrap")


def test_an_own_image_is_no_larger_than_is_handy() -> None:
    def side(pixels: int) -> int:
        return natural_size(Pattern("own", np.ones((1, pixels, 7), np.float32), np.ones((pixels, 7), np.float32)))

    assert [side(12), side(500)] == [12, 34]


@pytest.mark.parametrize("kind", data.CLASSES)
def test_the_dense_head_is_sure_in_the_corner_and_tied_in_the_other(kind: str) -> None:
    found = probability("corner-dense", kind)
    assert found.shape == (45, 45)
    assert found[:9, :9].min() > 0.98, "all places of the training"
    assert found[4, 4] > 0.999
    # 28 px is where no cell whose receptive field met a training pixel sees the pattern.
    assert np.unique(found[36:, 36:]).tolist() == [0.5]


@pytest.mark.parametrize("kind", data.CLASSES)
@pytest.mark.parametrize(("network", "least", "mean"), [("corner-gap", 0.8, 0.99), ("corner-gmp", 0.998, 0.998)])
def test_the_pooled_heads_recognise_both_at_every_place(network: str, kind: str, least: float, mean: float) -> None:
    found = probability(network, kind)
    assert found.shape == (45, 45)
    assert found.min() >= least
    assert found.mean() >= mean
