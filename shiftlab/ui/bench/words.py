"""How the bench writes a layer: its title, what it is set to, and the facts of its stage."""

from __future__ import annotations

from shiftlab.network.fields import KINDS
from shiftlab.network.info import StageInfo
from shiftlab.network.spec import (
    Activation,
    AvgPool,
    BlurPool,
    Conv,
    Dense,
    LayerSpec,
    MaxPool,
    NetworkSpec,
    Pair,
    Polyphase,
    Subsample,
    pads,
)
from shiftlab.ui.figure.words import pair


def titles(spec: NetworkSpec) -> tuple[str, ...]:
    """A title for every layer: its stage's name, or its kind where it is switched off."""
    names = iter(spec.stage_names)
    return tuple(next(names) if layer.on else KINDS[layer.kind][0].lower() for layer in spec.layers)


def summary(layer: LayerSpec) -> str:
    """What a layer is set to, in a few words: '3×3 · 8 channels · circular'."""
    parts: list[str] = []
    match layer:
        case Conv():
            parts = [_window(layer.kernel, layer.stride), f"{layer.channels} channels"]
            if layer.dilation != (1, 1):
                parts.append(f"dilation {pair(layer.dilation)}")
            if layer.groups > 1:
                parts.append(f"{layer.groups} groups")
        case Activation():
            parts = [layer.function]
        case BlurPool() | Polyphase():
            size = layer.size if isinstance(layer, BlurPool) else layer.blur
            stride = layer.stride if isinstance(layer, BlurPool) else (2, 2)
            if layer.max_kernel != (1, 1):
                parts.append(f"max {_square(layer.max_kernel)}")
            if size > 1:
                parts.append(f"blur {size}")
            parts.append(f"stride {pair(stride)}")
        case Dense():
            parts = [f"{layer.units} units"]
        case MaxPool() | AvgPool():
            parts = [_window(layer.kernel, layer.stride)]
        case Subsample():
            parts = [f"stride {pair(layer.stride)}"]
        case _:
            pass
    if pads(layer) and isinstance(layer, Conv | MaxPool | AvgPool | BlurPool | Polyphase):
        parts.append(layer.padding_mode)
    return " · ".join(parts)


def _square(sides: Pair) -> str:
    return f"{sides[0]}×{sides[1]}"


def _window(kernel: Pair, stride: Pair) -> str:
    return _square(kernel) if stride == (1, 1) else f"{_square(kernel)} stride {pair(stride)}"


def facts(info: StageInfo | None) -> str:
    """The facts of a stage: '8×32×32 · stride 2 · sees 4 px'; empty for a layer that is switched off."""
    if info is None:
        return "switched off"
    size = f"{info.channels}×{info.size[0]}×{info.size[1]}"
    if info.stride is None or info.receptive_field is None:
        return f"{size} · no places"
    return f"{size} · stride {pair(info.stride)} · sees {pair(info.receptive_field)} px"
