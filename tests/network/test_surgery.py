"""One-click operations, pairs of presets, and what polyphase sampling and blurring keep of a shift."""

from __future__ import annotations

from itertools import product

import msgspec
import numpy as np
import pytest
import torch

from shiftlab.network.costs import cost
from shiftlab.network.editing import Edited, operate
from shiftlab.network.fields import KINDS
from shiftlab.network.geometry import stages
from shiftlab.network.modules import Forward
from shiftlab.network.pairs import PAIRS, pair
from shiftlab.network.presets import names, preset
from shiftlab.network.spec import AvgPool, BlurPool, Conv, MaxPool, NetworkSpec, Polyphase, Subsample
from shiftlab.network.surgery import SURGERIES, surgery
from shiftlab.network.weights import Network, Weights


def _image(side: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((1, side, side))


def _grid_error(shifted: np.ndarray, still: np.ndarray, by: tuple[float, float]) -> float:
    """The least relative difference over whole shifts round `by` cells: written anew, from the definition."""
    found: list[float] = []
    for rows in {int(np.floor(by[0])), int(np.ceil(by[0]))}:
        for cols in {int(np.floor(by[1])), int(np.ceil(by[1]))}:
            moved = np.roll(still, (rows, cols), (-2, -1))
            norm = np.sqrt(0.5 * ((shifted**2).sum() + (moved**2).sum()))
            found.append(float(np.sqrt(((shifted - moved) ** 2).sum()) / norm))
    return min(found)


def _grid_errors(name: str, side: int, shifts: list[tuple[int, int]], image: np.ndarray | None = None) -> np.ndarray:
    """(shifts, stages with places): the grid error of each stage of a preset for each shift of a wrapped image."""
    spec = preset(name)
    run = Forward(Network(spec), (side, side), torch.float64)
    image = _image(side) if image is None else image
    still = {stage: value.numpy()[0] for stage, value in run.maps(image).items()}
    placed = [info for info in run.stages if info.stride is not None]
    errors = []
    for shift in shifts:
        shifted = run.maps(np.roll(image, shift, (1, 2)).copy())
        errors.append(
            [
                _grid_error(
                    shifted[info.name].numpy()[0],
                    still[info.name],
                    (shift[0] / info.stride[0], shift[1] / info.stride[1]),
                )
                for info in placed
                if info.stride is not None
            ]
        )
    return np.array(errors)


def test_polyphase_network_moves_along_at_every_whole_shift() -> None:
    shifts = list(product(range(16), range(16)))
    assert _grid_errors("aps", 16, shifts).max() <= 1e-12


@pytest.mark.slow
def test_polyphase_network_moves_along_at_every_whole_shift_of_the_canvas() -> None:
    assert _grid_errors("aps", 64, list(product(range(64), range(64)))).max() <= 1e-12


def test_max_pooled_network_moves_along_only_at_multiples_of_its_stride() -> None:
    shifts = list(product(range(16), (0, 8)))
    errors = _grid_errors("three-blocks", 32, shifts)[:, -1]
    exact = [shift[0] % 8 == 0 for shift in shifts]
    assert (errors <= 1e-12).tolist() == exact
    assert errors[np.logical_not(exact)].min() > 0.01


def test_untrained_polyphase_classifier_never_changes_its_mind() -> None:
    run = Forward(Network(preset("aps")), (16, 16), torch.float64)
    image = _image(16, 5)
    shifts = np.stack([np.roll(image, shift, (1, 2)) for shift in product(range(16), range(16))])
    logits = run.maps(shifts)["dense1"].numpy()[:, :, 0, 0]
    assert np.abs(logits - logits[0]).max() <= 1e-12 * np.abs(logits).max()
    assert (logits.argmax(1) == logits[0].argmax()).mean() == 1


def test_polyphase_samples_roll_by_half_of_shift_and_phases() -> None:
    spec = NetworkSpec(name="one", layers=(Polyphase(),))
    run = Forward(Network(spec), (12, 12), torch.float64)
    random = np.random.default_rng(8)
    for _ in range(20):
        image, shift = random.standard_normal((1, 12, 12)), random.integers(-12, 12, 2)
        rolled = np.roll(image, shift, (1, 2)).copy()
        still, moved = run.maps(image)["polyphase1"].numpy(), run.maps(rolled)["polyphase1"].numpy()
        phase, now = (int(run.phases("polyphase1", torch.tensor(one)[None])[0]) for one in (image, rolled))
        before, after = (phase % 2, phase // 2), (now % 2, now // 2)
        by = tuple((int(shift[axis]) + before[axis] - after[axis]) // 2 for axis in (0, 1))
        assert all((int(shift[axis]) + before[axis] - after[axis]) % 2 == 0 for axis in (0, 1))
        assert np.array_equal(moved, np.roll(still, by, (2, 3)))


@pytest.mark.parametrize("size", [1, 3, 5, 7])
def test_claim_6_blurring_shrinks_the_error_of_an_odd_shift_and_never_ends_it(size: int) -> None:
    """An impulse moved by one pixel under blur pooling with n taps: the error is sqrt(2 / n), never 0.

    By hand for 3: (1/4, 1/4) against (1/2, 0), a difference of sqrt(1/8) over sqrt((1/8 + 1/4)/2).
    """
    spec = NetworkSpec(name="one", layers=(BlurPool(size=size, padding_mode="circular"),))
    run = Forward(Network(spec), (32, 32), torch.float64)
    image = np.zeros((1, 32, 32))
    image[0, 16, 16] = 1
    still = run.maps(image)["blur1"].numpy()[0]
    moved = run.maps(np.roll(image, 1, 2).copy())["blur1"].numpy()[0]
    assert _grid_error(moved, still, (0, 0.5)) == pytest.approx(np.sqrt(2 / size), rel=1e-12)


def test_claim_6_in_the_presets() -> None:
    """On a disc the blurred pools are off by less than max pools after one pixel, and still off."""
    places = np.arange(64) - 32
    disc = (np.add.outer(places**2, places**2) < 150).astype(float)[None]
    max_pooled = _grid_errors("three-blocks", 64, [(0, 1)], disc)[0, [2, 5, 8]]
    blurred = _grid_errors("blurpool", 64, [(0, 1)], disc)[0, [2, 5, 8]]
    assert (blurred < 0.8 * max_pooled).all()
    assert blurred.min() > 0.01


@pytest.mark.parametrize("key", [one.key for one in SURGERIES])
def test_every_operation_builds_on_every_preset_or_says_why_not_and_is_done_once(key: str) -> None:
    one = surgery(key)
    for name in names():
        spec = preset(name)
        canvas = spec.canvas or (64, 64)
        outcome = operate(Network(spec), canvas, one)
        if not isinstance(outcome, Edited):
            assert (name, key) in (("vgg11", "no-strides"), ("deep", "padding-valid"))
            assert outcome.layer is not None
            assert "\n" not in outcome.message
            continue
        made = outcome.network.spec
        assert (made is spec) == (not one.changes(spec))
        assert not one.changes(made)
        assert operate(outcome.network, canvas, one).network is outcome.network  # pyright: ignore
        assert len(outcome.origins) == len(made.layers)


def test_padding_of_every_layer_that_pads_is_set() -> None:
    made = surgery("padding-circular").operate(preset("zeros")).spec
    assert [layer.padding_mode for layer in made.layers if isinstance(layer, Conv)] == ["circular"] * 3
    assert made.layers == preset("circular").layers


def test_anti_aliased_pools_are_those_of_the_blurpool_preset() -> None:
    assert surgery("anti-aliased").operate(preset("three-blocks")).spec.layers == preset("blurpool").layers


def test_polyphase_pools_are_those_of_the_aps_preset() -> None:
    made = surgery("polyphase").operate(preset("three-blocks")).spec
    assert made.layers == preset("aps").layers[:-2]


def test_anti_aliased_pools_keep_the_sizes_of_the_maps() -> None:
    for side in (64, 65, 50):
        for name in ("zeros", "three-blocks"):
            spec = preset(name)
            if name == "three-blocks" and side % 8:
                continue
            made = surgery("anti-aliased").operate(spec).spec
            assert [one.size for one in stages(made, (side, side))] == [one.size for one in stages(spec, (side, side))]


def test_strided_convolutions_run_at_stride_1_before_polyphase_sampling() -> None:
    rebuilt = surgery("polyphase").operate(preset("strided"))
    kinds = [layer.kind for layer in rebuilt.spec.layers]
    assert kinds == ["conv", "polyphase", "activation"] * 3
    assert rebuilt.origins == (0, None, 1, 2, None, 3, 4, None, 5)
    image = _image(32)
    run = Forward(Network(rebuilt.spec), (32, 32), torch.float64)
    still, moved = run.maps(image)["relu3"].numpy()[0], run.maps(np.roll(image, 3, 1).copy())["relu3"].numpy()[0]
    assert _grid_error(moved, still, (3 / 8, 0)) <= 1e-12


@pytest.mark.parametrize("name", ["three-blocks", "strided", "aps", "blurpool"])
def test_without_strides_a_circular_network_is_equivariant_to_the_pixel(name: str) -> None:
    made = surgery("no-strides").operate(preset(name)).spec
    run = Forward(Network(made), (24, 24), torch.float64)
    assert all(info.stride in ((1, 1), None) for info in run.stages)
    image = _image(24)
    still, moved = run.maps(image), run.maps(np.roll(image, (1, 5), (1, 2)).copy())
    for info in run.stages:
        shift = (1, 5) if info.stride else (0, 0)
        expected = np.roll(still[info.name].numpy(), shift, (2, 3))
        assert np.abs(moved[info.name].numpy() - expected).max() <= 1e-12


def test_trained_weights_follow_through_surgery() -> None:
    spec = preset("strided")
    arrays = Forward(Network(spec), (32, 32)).weights().arrays
    trained = Network(spec, Weights({name: value * 2 for name, value in arrays.items()}))
    outcome = operate(trained, (32, 32), surgery("polyphase"))
    assert isinstance(outcome, Edited)
    assert outcome.network.weights == trained.weights
    assert outcome.note == ""


def test_switched_off_layers_stay_off() -> None:
    spec = NetworkSpec(name="off", layers=(Conv(channels=2, kernel=(1, 1)), MaxPool(on=False), AvgPool(), Subsample()))
    for key in ("anti-aliased", "polyphase"):
        made = surgery(key).operate(spec).spec
        assert [layer.on for layer in made.layers] == [True, False, True, True]


def test_pairs_can_stand_under_one_drag() -> None:
    for one in PAIRS:
        a, b = preset(one.a), preset(one.b)
        assert (a.channels, a.canvas) == (b.channels, b.canvas)
        assert a != b
        assert pair(one.name) is one
    with pytest.raises(ValueError, match="no pair 'x'; there are max against blur"):
        pair("x")


def test_everything_that_coarsens_says_what_it_costs() -> None:
    for _, model in KINDS.values():
        says = cost(model)
        expected = model.kind in ("maxpool", "avgpool", "blurpool", "polyphase", "subsample", "globalavg", "globalmax")
        assert bool(says) == expected, model.kind
        assert not says or says.endswith(".")
    assert "multiples of 2" in cost(Conv(channels=1, stride=(2, 2)))
    assert "2x1" in cost(msgspec.structs.replace(MaxPool(), stride=(2, 1)))
    assert all(one.cost.endswith(".") and one.nothing.endswith(".") for one in SURGERIES)


def test_unknown_surgery_is_refused() -> None:
    with pytest.raises(ValueError, match="no surgery 'x'; there are padding-zeros"):
        surgery("x")
