"""One-click operations on a whole network, each with a sentence on what it costs.

Every function gives the same object back where nothing changes. Operations on a spec come as a
`Rebuilt`, which remembers for every new layer which old one it came from, so that trained weights can
follow (`editing.operate`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from shiftlab.network.spec import (
    AvgPool,
    BlurPool,
    Conv,
    LayerSpec,
    MaxPool,
    NetworkSpec,
    PaddingMode,
    Pair,
    Polyphase,
    Subsample,
    with_padding,
)

Origins = tuple[int | None, ...]
"""For every layer of a new spec the index of the old layer it came from, None for one that is new."""

ONE: Pair = (1, 1)
TWO: Pair = (2, 2)
BLUR = 3
"""Filter size of the blur that anti-aliased pools get (Zhang 2019 uses 2, 3 and 5; 3 is his default)."""


@dataclass(frozen=True)
class Rebuilt:
    """A spec and where its layers came from."""

    spec: NetworkSpec
    origins: Origins


@dataclass(frozen=True)
class Surgery:
    """An operation with its name for a button, what it costs, and why it may have nothing to do."""

    key: str
    title: str
    cost: str
    nothing: str
    operate: Callable[[NetworkSpec], Rebuilt]

    def changes(self, spec: NetworkSpec) -> bool:
        return self.operate(spec).spec is not spec


def unchanged(spec: NetworkSpec) -> Rebuilt:
    """`spec` itself, every layer its own origin."""
    return Rebuilt(spec, tuple(range(len(spec.layers))))


def _rebuilt(spec: NetworkSpec, change: Callable[[int, LayerSpec], tuple[LayerSpec, ...]]) -> Rebuilt:
    """Every layer replaced by what `change` makes of it; the first of several keeps its origin."""
    layers: list[LayerSpec] = []
    origins: list[int | None] = []
    for index, layer in enumerate(spec.layers):
        made = change(index, layer)
        layers.extend(made)
        origins.extend(index if number == 0 else None for number in range(len(made)))
    if tuple(layers) == spec.layers:
        return unchanged(spec)
    return Rebuilt(msgspec.structs.replace(spec, layers=tuple(layers)), tuple(origins))


def _circular(spec: NetworkSpec) -> bool:
    """Whether any convolution wraps, so that a pool's blur and its stride-1 max must wrap too."""
    return any(
        isinstance(layer, Conv) and layer.padding_mode == "circular" and layer.padding != (0, 0)
        for layer in spec.active
    )


def _mode(spec: NetworkSpec) -> PaddingMode:
    return "circular" if _circular(spec) else "reflect"


def all_padding(mode: PaddingMode) -> Callable[[NetworkSpec], Rebuilt]:
    """Every layer that pads pads by `mode`."""

    def operate(spec: NetworkSpec) -> Rebuilt:
        return Rebuilt(with_padding(spec, mode), tuple(range(len(spec.layers))))

    return operate


def anti_aliased_pools(spec: NetworkSpec) -> Rebuilt:
    """Every max pool with a stride becomes max k/1, a binomial blur, then sampling (Zhang 2019).

    The blur wraps where the network's convolutions do and reflects otherwise; padding of the pool
    itself is left out.
    """
    mode = _mode(spec)

    def change(_: int, layer: LayerSpec) -> tuple[LayerSpec, ...]:
        if not isinstance(layer, MaxPool) or layer.stride == ONE:
            return (layer,)
        blurred = BlurPool(size=BLUR, stride=layer.stride, max_kernel=layer.kernel, padding_mode=mode, on=layer.on)
        return (blurred,)

    return _rebuilt(spec, change)


def polyphase_pools(spec: NetworkSpec) -> Rebuilt:
    """Every pool, blur, plain sampling and strided convolution of stride 2 samples adaptively (Chaman & Dokmanic 2021).

    A max pool keeps its maximum at stride 1 before the sampling; an average pool becomes a binomial blur
    of its size, which for side 2 is the same mean; a convolution runs at stride 1 and is sampled after.
    Other strides than 2 in both directions stay as they are.
    """
    mode: PaddingMode = "circular"

    def change(_: int, layer: LayerSpec) -> tuple[LayerSpec, ...]:
        if isinstance(layer, Polyphase) or getattr(layer, "stride", ONE) != TWO:
            return (layer,)
        match layer:
            case MaxPool():
                return (Polyphase(max_kernel=layer.kernel, padding_mode=mode, on=layer.on),)
            case AvgPool():
                blur = min(max(layer.kernel), 7)
                return (Polyphase(blur=blur, padding_mode=mode, on=layer.on),)
            case BlurPool():
                return (Polyphase(max_kernel=layer.max_kernel, blur=layer.size, padding_mode=mode, on=layer.on),)
            case Subsample():
                return (Polyphase(padding_mode=mode, on=layer.on),)
            case Conv():
                slow = msgspec.structs.replace(layer, stride=ONE)
                return (slow, Polyphase(padding_mode=mode, on=layer.on))
            case _:
                return (layer,)

    return _rebuilt(spec, change)


def without_strides(spec: NetworkSpec) -> Rebuilt:
    """Nothing samples any more: every stride is 1, plain sampling goes, adaptive sampling keeps its max and blur.

    In a circular network a pool wraps too and keeps the size, as a stride-1 max (mean of side 2)
    that pads circularly, so that the whole stays exactly equivariant.
    """
    circular = _circular(spec)

    def change(_: int, layer: LayerSpec) -> tuple[LayerSpec, ...]:
        match layer:
            case Polyphase():
                return (
                    BlurPool(
                        size=layer.blur,
                        stride=ONE,
                        max_kernel=layer.max_kernel,
                        padding_mode=layer.padding_mode,
                        on=layer.on,
                    ),
                )
            case Subsample():
                return ()
            case MaxPool() if circular and layer.stride != ONE:
                return (BlurPool(size=1, stride=ONE, max_kernel=layer.kernel, padding_mode="circular", on=layer.on),)
            case AvgPool() if circular and layer.stride != ONE and layer.kernel == TWO:
                return (BlurPool(size=2, stride=ONE, padding_mode="circular", on=layer.on),)
            case Conv() | MaxPool() | AvgPool() | BlurPool() if layer.stride != ONE:
                return (msgspec.structs.replace(layer, stride=ONE),)
            case _:
                return (layer,)

    return _rebuilt(spec, change)


_PADDING_COSTS: tuple[tuple[PaddingMode, str, str], ...] = (
    ("zeros", "All padding zeros", "Keeps the size, and tells the network where the border is."),
    ("circular", "All padding circular", "Exact on a wrapped scene; what leaves on one side is seen on the other."),
    ("reflect", "All padding reflect", "Keeps the size with mirrored pixels; near the border an object meets itself."),
    (
        "replicate",
        "All padding replicate",
        "Keeps the size with the rim repeated; near the border edges are drawn out.",
    ),
    ("valid", "No padding (valid)", "No border effect inside, but maps shrink and the rim is seen less often."),
    ("full", "All padding full", "Every pixel is seen equally often; maps grow by a kernel less one each layer."),
)

SURGERIES: tuple[Surgery, ...] = (
    *(
        Surgery(f"padding-{mode}", title, words, f"Every layer that pads is '{mode}' already.", all_padding(mode))
        for mode, title, words in _PADDING_COSTS
    ),
    Surgery(
        "anti-aliased",
        "All max pools anti-aliased",
        "Errors at odd shifts shrink but stay; fine detail fades.",
        "There is no max pool with a stride.",
        anti_aliased_pools,
    ),
    Surgery(
        "polyphase",
        "All pools adaptive polyphase",
        "Exact at every whole-pixel shift with circular padding; convolutions with a stride run at stride 1 first.",
        "Nothing samples with stride 2.",
        polyphase_pools,
    ),
    Surgery(
        "no-strides",
        "All strides removed",
        "Every stage moves along exactly, for many times the computing; receptive fields grow more slowly.",
        "No layer has a stride.",
        without_strides,
    ),
)


def surgery(key: str) -> Surgery:
    """The operation of that key.

    Raises
    ------
    ValueError
        Where there is none.
    """
    for one in SURGERIES:
        if one.key == key:
            return one
    raise ValueError(f"no surgery {key!r}; there are {', '.join(one.key for one in SURGERIES)}")
