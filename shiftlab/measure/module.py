"""Equivariance and invariance of any torch module, layer by layer: the measures without the lab."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import msgspec
import torch
from torch import Tensor, nn

from shiftlab.measure.equivariance import Comparison
from shiftlab.measure.moving import moved
from shiftlab.measure.values import Figure, StageMeasure
from shiftlab.network.info import StageInfo
from shiftlab.network.spec import Pair
from shiftlab.scene.translation import Displacement

UNKNOWN_FIELDS = Figure(None, "receptive fields of a module are not known")


@dataclass(frozen=True)
class ModuleMeasure:
    """What was measured at the output of one submodule.

    Attributes
    ----------
    info : StageInfo
        Its dotted name, class, channels, map size and cumulative stride (None without places).
    measure : StageMeasure
    """

    info: StageInfo
    measure: StageMeasure


def measure_module(
    module: nn.Module,
    image: Tensor,
    shift: tuple[float, float],
    *,
    blank: Tensor | None = None,
    circular: bool = True,
    strides: Mapping[str, Pair] | None = None,
) -> tuple[ModuleMeasure, ...]:
    """How far each submodule's output moves along with a shift of the image, and how far it stays put.

    The module runs in evaluation mode, without gradients, on the image, on the shifted image, and on
    the blank one. Outputs of all submodules without children are compared, in the order in which they
    are called: (N, C, H, W) as maps, (N, C) as stages without places, others not at all.

    Parameters
    ----------
    module : torch.nn.Module
        Takes a batch (1, C, H, W).
    image : torch.Tensor, (C, H, W) or (1, C, H, W)
        Of the module's own dtype and device.
    shift : (rows, cols) in pixels, down and right positive
        Fractions are Fourier shifts and need `circular`.
    blank : tensor like the image, optional
        What is there without the object; all zeros where left out. Errors are referenced to it, and
        without `circular` it fills what is uncovered.
    circular : bool
        Whether the image wraps, and maps are compared all the way round: what a layer makes of its
        border (zeros, or nothing at all) then counts as an error. Otherwise they are compared where both exist.
    strides : mapping from a submodule's name to its cumulative stride (rows, cols), optional
        Where left out, image size / map size, rounded. That is right where convolutions keep the size;
        where they do not pad, maps shrink by more than their stride: tell it.

    Returns
    -------
    tuple of ModuleMeasure
        `measure.equivariance` is the grid form: the least ||A - B|| / sqrt((||A||^2 + ||B||^2) / 2) over
        the whole numbers of cells next to shift / stride, 0 to 2, where A is the map of the shifted image
        and B the map of the image moved along, each less the blank one's in the denominator;
        `measure.equivariance_fractional` has B moved by shift / stride with the Fourier shift;
        `measure.invariance` has B not moved at all. A figure's `value` is None where there is none,
        for its `reason`. Valid errors and border shares are n/a, since receptive fields are not known.
        A submodule called more than once has '#2', '#3' after its name.

    Raises
    ------
    ValueError
        An image that is no single image of floats, a shift or a stride that is no pair of its kind,
        a stride of no submodule, or a fraction without `circular`.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> net = nn.Sequential(
    ...     nn.Conv2d(1, 4, 3, padding=1, padding_mode="circular"), nn.ReLU(), nn.MaxPool2d(2)
    ... )
    >>> for stage in measure_module(net, torch.rand(1, 32, 32), (0, 3)):
    ...     print(stage.info.name, stage.info.kind, stage.measure.equivariance.exact)
    0 Conv2d True
    1 ReLU True
    2 MaxPool2d False
    """
    if not isinstance(cast(object, module), nn.Module):
        raise ValueError(f"module must be a torch.nn.Module, not {type(module).__name__}")
    _require_pair("shift", shift, float("-inf"))
    for name, stride in (strides or {}).items():
        _require_pair(f"strides[{name!r}]", stride, 1)
    reference = _batch("image", image)
    ground = torch.zeros_like(reference) if blank is None else _batch("blank", blank)
    if ground.shape != reference.shape:
        raise ValueError(f"blank must be {tuple(reference.shape)} like the image, not {tuple(ground.shape)}")
    by = Displacement(float(shift[0]), float(shift[1]))
    if not (circular or by.integer):
        raise ValueError(f"a sub-pixel shift needs circular=True, not {shift}")
    kinds: dict[str, str] = {}
    now = _outputs(module, _shifted(reference, by, circular, ground), kinds)
    then, empty = _outputs(module, reference, kinds), _outputs(module, ground, kinds)
    canvas = (int(reference.shape[2]), int(reference.shape[3]))
    if unknown := sorted(set(strides or {}) - set(now)):
        raise ValueError(f"strides: nothing was measured at {unknown[0]!r}, but at {', '.join(now) or 'nothing'}")
    infos = [_info(name, kinds[name], values, canvas, strides or {}) for name, values in now.items()]
    measures = Comparison(infos, then, empty, canvas, circular).measure(now, by)
    return tuple(
        ModuleMeasure(
            info, msgspec.structs.replace(one, equivariance_valid=UNKNOWN_FIELDS, border_share=UNKNOWN_FIELDS)
        )
        for info, one in zip(infos, measures, strict=True)
    )


def _require_pair(name: str, pair: object, least: float) -> None:
    values = cast(Sequence[object], pair) if isinstance(pair, Sequence) else ()
    if len(values) != 2 or not all(isinstance(value, int | float) and value >= least for value in values):
        at_least = "" if least < 0 else f" of {least:g} or more"
        raise ValueError(f"{name} must be (rows, cols){at_least}, not {pair!r}")


def _batch(name: str, image: Tensor) -> Tensor:
    if not isinstance(cast(object, image), Tensor) or not image.is_floating_point():
        what = image.dtype if isinstance(cast(object, image), Tensor) else type(image).__name__
        raise ValueError(f"{name} must be a torch tensor of floats, not {what}")
    batch = image[None] if image.ndim == 3 else image
    if batch.ndim != 4 or batch.shape[0] != 1:
        raise ValueError(f"{name} must be (C, H, W) or (1, C, H, W), not {tuple(image.shape)}")
    return batch.detach()


def _shifted(image: Tensor, by: Displacement, circular: bool, ground: Tensor) -> Tensor:
    values, fill = image[0].cpu().numpy(), ground[0].cpu().numpy()
    along = moved(values, (by.rows, by.cols), circular, fill=None if circular else fill)
    return torch.tensor(along, dtype=image.dtype, device=image.device)[None]


def _outputs(module: nn.Module, image: Tensor, kinds: dict[str, str]) -> dict[str, Any]:
    """What every submodule without children gives, by name, in the order of the calls."""
    found: dict[str, Any] = {}

    def listener(name: str, kind: str) -> Callable[[nn.Module, Any, Any], None]:
        def keep(_module: nn.Module, _inputs: Any, output: Any) -> None:
            if not isinstance(output, Tensor) or output.ndim not in (2, 4):
                return
            label, count = name, 1
            while label in found:
                count += 1
                label = f"{name}#{count}"
            # a copy: in-place layers after this one write over it
            found[label] = output.detach().clone()
            kinds[label] = kind

        return keep

    named = cast(Iterable[tuple[str, nn.Module]], module.named_modules())
    leaves = [(name or "module", one) for name, one in named if not list(one.children())]
    hooks = [one.register_forward_hook(listener(name, type(one).__name__)) for name, one in leaves]
    try:
        with _evaluating(module), torch.no_grad():
            module(image)
    finally:
        for hook in hooks:
            hook.remove()
    return found


@contextmanager
def _evaluating(module: nn.Module) -> Generator[None]:
    """Evaluation mode, and back to what each submodule was in."""
    training = [one for one in module.modules() if one.training]
    module.eval()
    try:
        yield
    finally:
        for one in training:
            one.training = True


def _info(name: str, kind: str, values: Tensor, canvas: Pair, strides: Mapping[str, Pair]) -> StageInfo:
    signed = bool((values < 0).any())
    if values.ndim == 2:
        return StageInfo(name, kind, values.shape[1], (1, 1), None, None, None, signed)
    channels, rows, cols = cast(tuple[int, int, int], tuple(values.shape[1:]))
    stride = strides.get(name, (max(1, round(canvas[0] / rows)), max(1, round(canvas[1] / cols))))
    return StageInfo(name, kind, channels, (rows, cols), stride, None, None, signed)
