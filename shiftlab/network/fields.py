"""The fields of a layer as an editor lists them, and their values read from text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args, get_origin

import msgspec

from shiftlab.network.spec import (
    Activation,
    AvgPool,
    BlurPool,
    Conv,
    Dense,
    Flatten,
    GlobalAvg,
    GlobalMax,
    Layer,
    LayerSpec,
    MaxPool,
    NetworkError,
    Norm,
    Pair,
    Polyphase,
    Subsample,
)

FieldKind = Literal["pair", "count", "choice", "flag"]
Value = Pair | int | str | bool

LABELS = {"padding_mode": "mode", "max_kernel": "max over", "initialisation": "starts from"}
LARGEST_FIGURE = 100_000
"""Nothing that a layer can be given needs a larger number; it keeps arithmetic on sizes in bounds."""

KINDS: dict[str, tuple[str, LayerSpec]] = {
    "conv": ("Convolution", Conv(channels=8, padding=(1, 1))),
    "activation": ("Activation", Activation()),
    "maxpool": ("Max pool", MaxPool()),
    "avgpool": ("Average pool", AvgPool()),
    "blurpool": ("Blur pool", BlurPool(max_kernel=(2, 2))),
    "polyphase": ("Adaptive polyphase", Polyphase(max_kernel=(2, 2))),
    "subsample": ("Plain sampling", Subsample()),
    "norm": ("Norm", Norm()),
    "flatten": ("Flatten", Flatten()),
    "dense": ("Dense", Dense(units=2)),
    "globalavg": ("Global average", GlobalAvg()),
    "globalmax": ("Global max", GlobalMax()),
}
"""Every kind of layer: its title, and the layer that is added where nothing else is said."""


@dataclass(frozen=True)
class FieldInfo:
    """A field that can be edited: its name in the spec, its label, what it holds, and what there is to choose."""

    name: str
    label: str
    kind: FieldKind
    choices: tuple[str, ...] = ()


def fields_of(layer: LayerSpec) -> tuple[FieldInfo, ...]:
    """What can be edited in a layer, in the order of its spec; `on` is not among them."""
    return _fields_of(type(layer))


@lru_cache(maxsize=32)
def _fields_of(kind: type[Layer]) -> tuple[FieldInfo, ...]:
    found: list[FieldInfo] = []
    for field in msgspec.structs.fields(kind):
        label = LABELS.get(field.name, field.name.replace("_", " "))
        if field.name == "on":
            continue
        if field.type is bool:
            found.append(FieldInfo(field.name, label, "flag"))
        elif field.type is int:
            found.append(FieldInfo(field.name, label, "count"))
        elif get_origin(field.type) is Literal:
            found.append(FieldInfo(field.name, label, "choice", get_args(field.type)))
        else:
            found.append(FieldInfo(field.name, label, "pair"))
    return tuple(found)


def field_of(layer: LayerSpec, name: str) -> FieldInfo:
    """One field.

    Raises
    ------
    NetworkError
        Where a layer of this kind has none of that name.
    """
    for field in fields_of(layer):
        if field.name == name:
            return field
    raise NetworkError(f"{layer.kind} has no {name}")


def parse(layer: LayerSpec, name: str, text: str) -> Value:
    """A field's value from what was typed: '3', '3x5', '3, 5', 'yes'.

    Raises
    ------
    NetworkError
        One line that names the field and what was typed.
    """
    field, typed = field_of(layer, name), text.strip()
    if field.kind == "choice":
        if typed not in field.choices:
            raise NetworkError(f"{field.label} must be one of {', '.join(field.choices)}, not {typed!r}")
        return typed
    if field.kind == "flag":
        if typed.lower() not in ("yes", "no", "true", "false", "on", "off"):
            raise NetworkError(f"{field.label} is yes or no, not {typed!r}")
        return typed.lower() in ("yes", "true", "on")
    if field.kind == "count":
        return _whole(field, typed, typed)
    parts = re.split(r"\s*[x×,]\s*|\s+", typed)
    if len(parts) not in (1, 2):
        raise NetworkError(f"{field.label} is a number, or rows x columns, not {typed!r}")
    rows, cols = _whole(field, parts[0], typed), _whole(field, parts[-1], typed)
    return rows, cols


def _whole(field: FieldInfo, part: str, typed: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,12}", part):
        also = ", or rows x columns" if field.kind == "pair" else ""
        raise NetworkError(f"{field.label} is a whole number{also}, not {typed!r}")
    if abs(int(part)) > LARGEST_FIGURE:
        raise NetworkError(f"{field.label} is at most {LARGEST_FIGURE:,}, not {typed}")
    return int(part)


def shown(value: Value) -> str:
    """A field's value as it is typed: 3, 3x5, yes."""
    match value:
        case bool():
            return "yes" if value else "no"
        case tuple():
            return str(value[0]) if value[0] == value[1] else f"{value[0]}x{value[1]}"
        case _:
            return str(value)


def as_kind(layer: LayerSpec, kind: str) -> LayerSpec:
    """A layer of another kind that keeps what both have: kernel, stride, padding, units and channels.

    A max pool's window becomes the window of the max before blur or polyphase sampling, and back.

    Raises
    ------
    NetworkError
        For a kind that does not exist.
    """
    if kind not in KINDS:
        raise NetworkError(f"no layer of kind {kind!r}; there are {', '.join(KINDS)}")
    if kind == layer.kind:
        return layer
    model = KINDS[kind][1]
    if isinstance(layer, Conv) and isinstance(model, Dense):
        return Dense(units=layer.channels, bias=layer.bias, on=layer.on)
    if isinstance(layer, Dense) and isinstance(model, Conv):
        return Conv(channels=layer.units, kernel=(1, 1), bias=layer.bias, on=layer.on)
    kept: dict[str, object] = {"on": layer.on}
    both = set(layer.__struct_fields__) & set(model.__struct_fields__)
    kept |= {
        name: getattr(layer, name) for name in both & {"stride", "padding", "padding_mode", "kernel", "max_kernel"}
    }
    if isinstance(layer, MaxPool) and isinstance(model, BlurPool | Polyphase):
        kept["max_kernel"] = layer.kernel
    elif isinstance(layer, BlurPool | Polyphase) and isinstance(model, MaxPool):
        kept["kernel"] = layer.max_kernel
    elif isinstance(model, BlurPool | Polyphase) and not isinstance(layer, BlurPool | Polyphase):
        kept["max_kernel"] = (1, 1)
    if isinstance(layer, BlurPool) and isinstance(model, Polyphase):
        kept["blur"] = layer.size
    elif isinstance(layer, Polyphase) and isinstance(model, BlurPool):
        kept["size"] = layer.blur
    if isinstance(model, BlurPool | Polyphase) != isinstance(layer, BlurPool | Polyphase):
        kept.pop("padding_mode", None)
    return msgspec.structs.replace(model, **kept)
