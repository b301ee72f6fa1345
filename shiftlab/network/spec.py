"""What a network is made of: layers as frozen values, and JSON to and from them.

A layer's `kind` is its JSON tag. Kernel, stride, padding and dilation are (row, col) pairs; in JSON a
single number means both.
"""

from __future__ import annotations

from typing import Any, Literal, cast, get_args

import msgspec

PaddingMode = Literal["zeros", "circular", "reflect", "replicate", "valid", "full"]
ActivationName = Literal["relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid", "abs", "identity"]
Initialisation = Literal["bank", "seeded", "zeros"]
Pair = tuple[int, int]


class NetworkError(ValueError):
    """A network that cannot be: one line that names the layer and what is wrong with it."""


def _pair(layer: msgspec.Struct, name: str, least: int) -> None:
    value: Pair = getattr(layer, name)
    if min(value) < least:
        raise NetworkError(f"{name} must be {least} or more in both directions, not {value[0]}x{value[1]}")


def _at_least(layer: msgspec.Struct, name: str, least: int) -> None:
    value: int = getattr(layer, name)
    if value < least:
        raise NetworkError(f"{name} must be {least} or more, not {value}")


def _one_of(layer: msgspec.Struct, name: str, allowed: tuple[str, ...]) -> None:
    value: str = getattr(layer, name)
    if value not in allowed:
        raise NetworkError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")


class Layer(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True):
    """Any layer; one that is switched off (`on` false) is passed over as if it were not there."""

    on: bool = True

    @property
    def kind(self) -> str:
        """The tag: conv, activation, maxpool, avgpool, blurpool, polyphase, subsample, norm, ..."""
        tag = self.__struct_config__.tag
        assert isinstance(tag, str)
        return tag


class Conv(Layer, frozen=True, kw_only=True, tag="conv"):
    """A convolution (cross-correlation, as in torch) with optional bias.

    Parameters
    ----------
    padding : (rows, cols)
        Pixels added on each side, in the mode `padding_mode`. 'valid' adds none and 'full' adds
        dilation * (kernel - 1) zeros, whatever `padding` says; it is kept for when the mode changes.
    initialisation : 'seeded', 'bank' or 'zeros'
        Weights where none are trained: drawn from the network's seed; from the bank of readable
        hand-made kernels; or zero.
    """

    channels: int
    kernel: Pair = (3, 3)
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    padding_mode: PaddingMode = "zeros"
    dilation: Pair = (1, 1)
    groups: int = 1
    bias: bool = True
    initialisation: Initialisation = "seeded"

    def __post_init__(self) -> None:
        _at_least(self, "channels", 1)
        _at_least(self, "groups", 1)
        _pair(self, "kernel", 1)
        _pair(self, "stride", 1)
        _pair(self, "padding", 0)
        _pair(self, "dilation", 1)
        _one_of(self, "padding_mode", get_args(PaddingMode))
        _one_of(self, "initialisation", get_args(Initialisation))
        if self.channels % self.groups:
            raise NetworkError(f"channels must be a multiple of groups, not {self.channels} with {self.groups} groups")


class Activation(Layer, frozen=True, kw_only=True, tag="activation"):
    """A pointwise function; its stages are named after it (relu1, tanh2)."""

    function: ActivationName = "relu"

    def __post_init__(self) -> None:
        _one_of(self, "function", get_args(ActivationName))


class _Pool(Layer, frozen=True, kw_only=True):
    kernel: Pair = (2, 2)
    stride: Pair = (2, 2)
    padding: Pair = (0, 0)
    padding_mode: PaddingMode = "zeros"

    def __post_init__(self) -> None:
        _pair(self, "kernel", 1)
        _pair(self, "stride", 1)
        _pair(self, "padding", 0)
        _one_of(self, "padding_mode", get_args(PaddingMode))


class MaxPool(_Pool, frozen=True, kw_only=True, tag="maxpool"):
    """Maximum over a window. 'zeros' pads with minus infinity, as torch does: the padding never wins."""


class AvgPool(_Pool, frozen=True, kw_only=True, tag="avgpool"):
    """Mean over a window. Padded zeros count in the mean, as in torch's default."""


class BlurPool(Layer, frozen=True, kw_only=True, tag="blurpool"):
    """Anti-aliased subsampling (Zhang 2019): stride-1 max, binomial blur, then every `stride`-th sample.

    `max_kernel` 1 leaves the max out. The blur pads floor((size - 1)/2) left and top and
    ceil((size - 1)/2) right and bottom in `padding_mode`; the max pads nothing, except in circular
    mode, where it wraps and keeps the size.
    """

    size: int = 3
    stride: Pair = (2, 2)
    max_kernel: Pair = (1, 1)
    padding_mode: PaddingMode = "reflect"

    def __post_init__(self) -> None:
        _at_least(self, "size", 1)
        if self.size > 7:
            raise NetworkError(f"size must be 1 to 7, not {self.size}")
        _pair(self, "stride", 1)
        _pair(self, "max_kernel", 1)
        _one_of(self, "padding_mode", get_args(PaddingMode))


class Polyphase(Layer, frozen=True, kw_only=True, tag="polyphase"):
    """Adaptive polyphase sampling (Chaman & Dokmanic 2021): of four components that of largest l2 norm, stride 2.

    A stride-1 max of `max_kernel` and a blur of `blur` come first where they are above 1.
    """

    max_kernel: Pair = (1, 1)
    blur: int = 1
    padding_mode: PaddingMode = "circular"

    def __post_init__(self) -> None:
        _pair(self, "max_kernel", 1)
        _at_least(self, "blur", 1)
        if self.blur > 7:
            raise NetworkError(f"blur must be 1 to 7, not {self.blur}")
        _one_of(self, "padding_mode", get_args(PaddingMode))


class Subsample(Layer, frozen=True, kw_only=True, tag="subsample"):
    """Every `stride`-th sample and nothing else."""

    stride: Pair = (2, 2)

    def __post_init__(self) -> None:
        _pair(self, "stride", 1)


class Norm(Layer, frozen=True, kw_only=True, tag="norm"):
    """Batch normalisation in evaluation: a fixed scale and offset for each channel."""


class Flatten(Layer, frozen=True, kw_only=True, tag="flatten"):
    """(C, H, W) to (C * H * W, 1, 1)."""


class Dense(Layer, frozen=True, kw_only=True, tag="dense"):
    """A fully connected layer; its inputs follow the size of what comes in."""

    units: int
    bias: bool = True
    initialisation: Literal["seeded", "zeros"] = "seeded"

    def __post_init__(self) -> None:
        _at_least(self, "units", 1)
        _one_of(self, "initialisation", ("seeded", "zeros"))


class GlobalAvg(Layer, frozen=True, kw_only=True, tag="globalavg"):
    """Mean of each channel over all places."""


class GlobalMax(Layer, frozen=True, kw_only=True, tag="globalmax"):
    """Maximum of each channel over all places."""


LayerSpec = (
    Conv
    | Activation
    | MaxPool
    | AvgPool
    | BlurPool
    | Polyphase
    | Subsample
    | Norm
    | Flatten
    | Dense
    | GlobalAvg
    | GlobalMax
)

NAME_OF_KIND = {"maxpool": "pool", "avgpool": "pool", "blurpool": "blur"}


class NetworkSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A network as a value: its layers in order of flow, what it takes, and the seed of what is not trained.

    Parameters
    ----------
    layers : tuple of LayerSpec
    channels : int
        1 for a network that sees grey, 3 for one that sees colour.
    seed : int
    canvas : (rows, cols) or None
        The canvas it wants, where it wants one (vgg11: 224x224).
    classes : tuple of str
        Names of the head's outputs, where it has any.
    """

    name: str
    layers: tuple[LayerSpec, ...]
    channels: int = 1
    seed: int = 0
    canvas: Pair | None = None
    classes: tuple[str, ...] = ()
    description: str = ""

    def __post_init__(self) -> None:
        if self.channels not in (1, 3):
            raise NetworkError(f"channels must be 1 or 3, not {self.channels}")
        _at_least(self, "seed", 0)

    @property
    def active(self) -> tuple[LayerSpec, ...]:
        """The layers that are switched on."""
        return tuple(layer for layer in self.layers if layer.on)

    @property
    def stage_names(self) -> tuple[str, ...]:
        """conv1, relu1, pool1, ...: one for each active layer, running numbers for each name."""
        counts: dict[str, int] = {}
        names: list[str] = []
        for layer in self.active:
            stem = layer.function if isinstance(layer, Activation) else NAME_OF_KIND.get(layer.kind, layer.kind)
            counts[stem] = counts.get(stem, 0) + 1
            names.append(f"{stem}{counts[stem]}")
        return tuple(names)


def from_json(text: str | bytes) -> NetworkSpec:
    """A spec from its JSON.

    Raises
    ------
    NetworkError
        One line with the path of the field that is wrong.
    """
    try:
        return msgspec.convert(_with_pairs(msgspec.json.decode(text)), type=NetworkSpec)
    except msgspec.ValidationError as error:
        raise NetworkError(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NetworkError(f"it is not JSON: {error}") from error


PAIRS = ("kernel", "stride", "padding", "dilation", "max_kernel")


def _with_pairs(raw: Any) -> Any:
    """The decoded JSON with single numbers written out as pairs; everything else is left to validation."""
    if isinstance(raw, dict) and isinstance(layers := cast(dict[str, Any], raw).get("layers"), list):
        for layer in cast(list[Any], layers):
            if isinstance(layer, dict):
                entry = cast(dict[str, Any], layer)
                entry.update({key: [entry[key]] * 2 for key in PAIRS if isinstance(entry.get(key), int)})
    return cast(Any, raw)


def to_json(spec: NetworkSpec) -> bytes:
    """The spec as indented JSON, which `from_json` reads back to an equal value."""
    return msgspec.json.format(msgspec.json.encode(spec), indent=2)


def with_padding(spec: NetworkSpec, mode: PaddingMode) -> NetworkSpec:
    """`spec` with the padding mode of every layer that pads set to `mode`; the same object where nothing changes."""
    layers = tuple(msgspec.structs.replace(layer, padding_mode=mode) if pads(layer) else layer for layer in spec.layers)
    return spec if layers == spec.layers else msgspec.structs.replace(spec, layers=layers)


def pads(layer: LayerSpec) -> bool:
    """Whether the layer's size or border depends on a padding mode."""
    if isinstance(layer, Conv | MaxPool | AvgPool):
        return layer.padding != (0, 0) or layer.padding_mode in ("full", "circular")
    return isinstance(layer, BlurPool | Polyphase)
