from __future__ import annotations

import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from shiftlab.measure.module import measure_module
from tests.measure.witnesses import naive_error


def image(side: int = 16, seed: int = 0) -> torch.Tensor:
    return torch.tensor(np.random.default_rng(seed).normal(size=(1, side, side)))


def net(mode: str = "circular") -> nn.Sequential:
    torch.manual_seed(0)
    layers = [
        nn.Conv2d(1, 3, 3, padding=1, padding_mode=mode),
        nn.BatchNorm2d(3),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(3 * 64, 2),
    ]
    return nn.Sequential(*layers).double()


def test_every_submodule_is_measured_in_the_order_of_the_calls() -> None:
    found = measure_module(net(), image(), (0, 3))
    assert [(one.info.name, one.info.kind) for one in found] == [
        ("0", "Conv2d"),
        ("1", "BatchNorm2d"),
        ("2", "ReLU"),
        ("3", "MaxPool2d"),
        ("4", "Flatten"),
        ("5", "Dropout"),
        ("6", "Linear"),
    ]
    assert [one.info.stride for one in found] == [(1, 1)] * 3 + [(2, 2)] + [None] * 3
    exact = [one.measure.equivariance.value for one in found[:3]]
    assert all(value is not None and value <= 1e-12 for value in exact)
    assert (found[3].measure.equivariance.value or 0) > 0.1
    assert found[6].measure.equivariance.reason == "has no places"
    assert found[0].measure.equivariance_valid.reason == "receptive fields of a module are not known"


def test_against_plain_torch() -> None:
    module, given = net().eval(), image()
    with torch.no_grad():
        maps = [
            F.max_pool2d(module[2](module[1](module[0](x))), 2)[0].numpy()
            for x in (torch.roll(given[None], (2, 3), (2, 3)), given[None], torch.zeros(1, 1, 16, 16).double())
        ]
    now, then, blank = maps
    errors = [naive_error(now, np.roll(then, (1, cols), (1, 2)), blank) for cols in (1, 2)]
    found = measure_module(module, given, (2, 3))[3].measure
    assert found.equivariance.value == pytest.approx(min(errors), rel=1e-10)
    assert found.invariance.value == pytest.approx(naive_error(now, then, blank), rel=1e-10)


def test_an_in_place_layer_does_not_change_what_stood_before_it() -> None:
    found = measure_module(net(), image(), (0, 2))
    # the normalised map has negative values; had ReLU written over it, it would have none
    assert found[1].info.signed
    assert not found[2].info.signed


def test_zero_padding_shows_at_the_border() -> None:
    circular, zeros = (measure_module(net(mode), image(), (0, 2))[0].measure for mode in ("circular", "zeros"))
    assert (circular.equivariance.value or 0) <= 1e-12
    assert (zeros.equivariance.value or 0) > 0.01


def test_an_image_that_does_not_wrap_is_filled_from_the_blank() -> None:
    given, blank = image(), torch.full((1, 16, 16), 0.5).double()
    seen: list[torch.Tensor] = []

    class Watcher(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            seen.append(x)
            return x * 2

    measure = measure_module(Watcher(), given, (3, 0), blank=blank, circular=False)[0]
    assert torch.equal(seen[0][0, 0, :3], blank[0, :3])
    assert torch.equal(seen[0][0, 0, 3:], given[0, :13])
    assert measure.info.name == "module"
    assert measure.measure.equivariance.value == 0
    with pytest.raises(ValueError, match="a sub-pixel shift needs circular=True"):
        measure_module(Watcher(), given, (0.5, 0), circular=False)


def test_sub_pixel_shifts_have_the_fractional_form() -> None:
    found = measure_module(net(), image(), (0, 0.5))
    assert found[0].measure.equivariance.value is None
    assert (found[0].measure.equivariance_fractional.value or 0) <= 1e-12
    assert (found[2].measure.equivariance_fractional.value or 0) > 0.01


def test_a_submodule_that_is_called_twice_is_numbered() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.act = nn.Tanh()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.act(self.act(x))

    found = measure_module(Twice(), image(), (1, 1))
    assert [one.info.name for one in found] == ["act", "act#2"]


def test_the_module_is_left_as_it_was() -> None:
    module = net()
    module[1].eval()
    before = module[1].running_mean.clone()
    measure_module(module, image(), (0, 1))
    assert module.training
    assert not module[1].training
    assert torch.equal(module[1].running_mean, before)
    assert not any(one._forward_hooks for one in module.modules())


def test_hooks_go_even_when_the_module_fails() -> None:
    module = net()
    with pytest.raises(RuntimeError):
        measure_module(module, torch.zeros(2, 16, 16).double(), (0, 1))
    assert module.training
    assert not any(one._forward_hooks for one in module.modules())


def test_strides_can_be_told() -> None:
    found = measure_module(nn.AvgPool2d(2), image(), (0, 4), strides={"module": (2, 4)})
    assert found[0].info.stride == (2, 4)
    assert found[0].measure.best_shift == (0, 1)


def test_what_is_no_single_image_is_refused() -> None:
    with pytest.raises(ValueError, match=r"image must be \(C, H, W\) or \(1, C, H, W\), not \(2, 1, 8, 8\)"):
        measure_module(nn.ReLU(), torch.zeros(2, 1, 8, 8), (0, 1))
    with pytest.raises(ValueError, match="blank must be"):
        measure_module(nn.ReLU(), torch.zeros(1, 8, 8), (0, 1), blank=torch.zeros(1, 9, 8))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"shift": 3}, "shift must be (rows, cols), not 3"),
        ({"shift": (1, 2, 3)}, "shift must be (rows, cols), not (1, 2, 3)"),
        ({"shift": (float("nan"), 0)}, "shift must be (rows, cols), not (nan, 0)"),
        ({"shift": (float("inf"), 0)}, "shift must be finite, not (inf, 0.0)"),
        ({"image": np.zeros((1, 16, 16))}, "image must be a torch tensor of floats, not ndarray"),
        (
            {"image": torch.zeros(1, 16, 16, dtype=torch.uint8)},
            "image must be a torch tensor of floats, not torch.uint8",
        ),
        ({"blank": 0}, "blank must be a torch tensor of floats, not int"),
        ({"strides": {"3": 2}}, "strides['3'] must be (rows, cols) of 1 or more, not 2"),
        ({"strides": {"3": (0, 2)}}, "strides['3'] must be (rows, cols) of 1 or more, not (0, 2)"),
        ({"strides": {"pool": (2, 2)}}, "strides: nothing was measured at 'pool', but at 0, 1, 2"),
        ({"module": torch.relu}, "module must be a torch.nn.Module, not builtin_function_or_method"),
    ],
)
def test_a_wrong_argument_is_named(arguments: dict, said: str) -> None:
    given = {"module": net(), "image": image(), "shift": (0, 1), **arguments}
    with pytest.raises(ValueError, match=re.escape(said)):
        measure_module(**given)


def test_unpadded_layers_need_their_strides_told() -> None:
    """32 px through two unpadded 5x5 convolutions, each with a pool of 2: maps of 5, which looks like a stride of 6."""
    torch.manual_seed(0)
    layers = [nn.Conv2d(1, 2, 5, bias=False), nn.MaxPool2d(2), nn.Conv2d(2, 2, 5, bias=False), nn.MaxPool2d(2)]
    small = torch.zeros(1, 32, 32).double()
    small[:, 8:12, 12:16] = image()[:, :4, :4]
    module = nn.Sequential(*layers).double()
    guessed = measure_module(module, small, (12, 0), circular=False)[3]
    told = measure_module(module, small, (12, 0), circular=False, strides={"3": (4, 4)})[3]
    assert guessed.info.stride == (6, 6)
    assert (guessed.measure.equivariance.value or 0) > 0.1
    assert told.measure.equivariance.value == pytest.approx(0, abs=1e-12)
