"""Edits of a network, one at a time: each gives a network that builds on the canvas, or says at which field it fails.

Trained weights follow their layers when stages are renumbered, and are kept where their shapes still
fit; what is dropped is said in the edit's note.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from shiftlab.network.fields import Value, as_kind, field_of, parse
from shiftlab.network.geometry import stages
from shiftlab.network.initial import initial_weights, weight_shapes
from shiftlab.network.spec import LayerSpec, NetworkError, NetworkSpec, Pair
from shiftlab.network.surgery import Origins, Rebuilt, Surgery
from shiftlab.network.weights import Network, Weights

MOST_IN_MAPS = 1 << 28
"""Values that all maps of one image may hold together: a gigabyte."""
MOST_LAYERS = 256


@dataclass(frozen=True)
class Edited:
    """A network that builds; `origins` says where its layers came from, `note` what it cost, empty where nothing."""

    network: Network
    origins: Origins
    note: str = ""


@dataclass(frozen=True)
class Refused:
    """Why an edit cannot be: one line, and the layer and the field to show it at, where there are."""

    message: str
    layer: int | None = None
    field: str | None = None


Outcome = Edited | Refused


def add(network: Network, canvas: Pair, index: int, layer: LayerSpec) -> Outcome:
    """`layer` in front of the present layer `index`; at the end where it is the number of layers."""
    count = len(network.spec.layers)
    if not 0 <= index <= count:
        return Refused(f"a layer can be added at 0 to {count}, not at {index}")
    if count >= MOST_LAYERS:
        return Refused(f"a network has at most {MOST_LAYERS} layers")
    layers = (*network.spec.layers[:index], layer, *network.spec.layers[index:])
    return _built(network, canvas, layers, (*range(index), None, *range(index, count)), index, None)


def remove(network: Network, canvas: Pair, index: int) -> Outcome:
    """The network without its layer `index`."""
    if missing := _missing(network.spec, index):
        return missing
    layers = (*network.spec.layers[:index], *network.spec.layers[index + 1 :])
    origins = tuple(old for old in range(len(network.spec.layers)) if old != index)
    return _built(network, canvas, layers, origins, index, None)


def move(network: Network, canvas: Pair, index: int, to: int) -> Outcome:
    """Layer `index` at place `to` (counted in the result), the others in their order."""
    count = len(network.spec.layers)
    if missing := _missing(network.spec, index) or _missing(network.spec, to):
        return missing
    order = [old for old in range(count) if old != index]
    order.insert(to, index)
    layers = tuple(network.spec.layers[old] for old in order)
    return _built(network, canvas, layers, tuple(order), index, None)


def switch(network: Network, canvas: Pair, index: int, on: bool) -> Outcome:
    """Layer `index` switched on or off; one that is off is passed over."""
    return _missing(network.spec, index) or _replaced(
        network, canvas, index, msgspec.structs.replace(network.spec.layers[index], on=on), None
    )


def edit(network: Network, canvas: Pair, index: int, field: str, value: Value) -> Outcome:
    """One field of layer `index` set to `value`.

    Another initialisation draws that layer's weights anew, trained or not.
    """
    if missing := _missing(network.spec, index):
        return missing
    layer = network.spec.layers[index]
    try:
        field_of(layer, field)
        changed = msgspec.convert({**msgspec.to_builtins(layer), field: value}, type=type(layer), strict=True)
    except (NetworkError, msgspec.ValidationError) as error:
        return Refused(str(error), index, field)
    fresh = field == "initialisation" and changed != layer
    return _replaced(network, canvas, index, changed, field, fresh=fresh)


def type_in(network: Network, canvas: Pair, index: int, field: str, text: str) -> Outcome:
    """One field of layer `index` set to what was typed."""
    if missing := _missing(network.spec, index):
        return missing
    try:
        value = parse(network.spec.layers[index], field, text)
    except NetworkError as error:
        return Refused(str(error), index, field)
    return edit(network, canvas, index, field, value)


def change_kind(network: Network, canvas: Pair, index: int, kind: str) -> Outcome:
    """Layer `index` made another kind, keeping what both have."""
    if missing := _missing(network.spec, index):
        return missing
    try:
        layer = as_kind(network.spec.layers[index], kind)
    except NetworkError as error:
        return Refused(str(error), index, "kind")
    return _replaced(network, canvas, index, layer, "kind")


def operate(network: Network, canvas: Pair, surgery: Surgery) -> Outcome:
    """A one-click operation; the same network where it changes nothing."""
    return rebuilt(network, canvas, surgery.operate(network.spec))


def rename(network: Network, name: str) -> Network:
    """The network under another name; the same object where it has it already."""
    if name == network.spec.name or not name.strip():
        return network
    return Network(msgspec.structs.replace(network.spec, name=name.strip()), network.weights)


def rebuilt(network: Network, canvas: Pair, made: Rebuilt) -> Outcome:
    """What an operation on the spec makes of a network, with the weights that still fit."""
    if made.spec is network.spec:
        return Edited(network, made.origins)
    return _carried_over(network, canvas, made, None, None)


def _missing(spec: NetworkSpec, index: int) -> Refused | None:
    if 0 <= index < len(spec.layers):
        return None
    return Refused(f"there is no layer {index}; {spec.name} has {len(spec.layers)}")


def _replaced(
    network: Network, canvas: Pair, index: int, layer: LayerSpec, field: str | None, *, fresh: bool = False
) -> Outcome:
    layers = network.spec.layers
    numbers = range(len(layers))
    if layer == layers[index]:
        return Edited(network, tuple(numbers))
    changed = (*layers[:index], layer, *layers[index + 1 :])
    return _built(network, canvas, changed, tuple(numbers), index, field, fresh=index if fresh else None)


def _built(
    network: Network,
    canvas: Pair,
    layers: tuple[LayerSpec, ...],
    origins: Origins,
    index: int,
    field: str | None,
    fresh: int | None = None,
) -> Outcome:
    if layers == network.spec.layers:
        return Edited(network, tuple(range(len(layers))))
    spec = msgspec.structs.replace(network.spec, layers=layers)
    return _carried_over(network, canvas, Rebuilt(spec, origins), index, field, fresh)


def _carried_over(
    network: Network, canvas: Pair, made: Rebuilt, index: int | None, field: str | None, fresh: int | None = None
) -> Outcome:
    try:
        _require_builds(made.spec, canvas)
        weights, note = carried(network, made, canvas, fresh)
    except NetworkError as error:
        if index is None:
            return Refused(str(error), _layer_named_in(made.spec, str(error)), None)
        return Refused(str(error), index, field)
    return Edited(Network(made.spec, weights), made.origins, note)


def _layer_named_in(spec: NetworkSpec, message: str) -> int | None:
    """The layer of the stage that a message begins with."""
    stage = message.partition(":")[0]
    if stage not in spec.stage_names:
        return None
    active = [index for index, layer in enumerate(spec.layers) if layer.on]
    return active[spec.stage_names.index(stage)]


def _require_builds(spec: NetworkSpec, canvas: Pair) -> None:
    """
    Raises
    ------
    NetworkError
        One line, where the network cannot be built on this canvas, or is too large to be held.
    """
    if not spec.active:
        raise NetworkError("a network needs at least one layer that is switched on")
    values = 0
    for info in stages(spec, canvas):
        values += info.channels * info.size[0] * info.size[1]
        if values > MOST_IN_MAPS:
            raise NetworkError(
                f"{info.name}: the maps up to here would hold {values:,} values, more than {MOST_IN_MAPS:,}"
            )
    weight_shapes(spec, canvas)


def carried(network: Network, made: Rebuilt, canvas: Pair, fresh: int | None = None) -> tuple[Weights | None, str]:
    """Trained weights for the new spec and a note on what was dropped; None where none were trained, or none fit.

    Layer `fresh` of the new spec takes none.

    Raises
    ------
    NetworkError
        Where the new spec cannot be built.
    """
    if network.weights is None:
        return None, ""
    shapes = weight_shapes(made.spec, canvas)
    old_names, old_arrays = _stage_of_layer(network.spec), network.weights.arrays
    kept: dict[str, NDArray[np.float32]] = {}
    lost: list[str] = []
    followed: set[str] = set()
    for index, stage in _stage_of_layer(made.spec).items():
        origin = made.origins[index]
        old = None if origin is None else old_names.get(origin)
        if old is None or index == fresh or f"{stage}.weight" not in shapes:
            continue
        followed.add(old)
        found = {
            f"{stage}.{part}": old_arrays[f"{old}.{part}"]
            for part in ("weight", "bias", "mean", "variance")
            if f"{stage}.{part}" in shapes
            and f"{old}.{part}" in old_arrays
            and old_arrays[f"{old}.{part}"].shape == shapes[f"{stage}.{part}"]
        }
        # a bias or half a norm belongs to the weights it was trained with
        if f"{stage}.weight" not in found and f"{old}.weight" in old_arrays:
            lost.append(stage)
        else:
            kept |= found
    gone = [stage for stage in network.spec.stage_names if f"{stage}.weight" in old_arrays and stage not in followed]
    note = _note(lost, gone)
    if not kept:
        return None, note
    if missing := set(shapes) - set(kept):
        initial = initial_weights(made.spec, canvas).arrays
        kept |= {name: initial[name] for name in missing}
    return Weights(kept), note


def _stage_of_layer(spec: NetworkSpec) -> dict[int, str]:
    """Index of each layer that is on, and the name of its stage."""
    active = (index for index, layer in enumerate(spec.layers) if layer.on)
    return dict(zip(active, spec.stage_names, strict=True))


def _note(lost: list[str], gone: list[str]) -> str:
    """What an edit cost in trained weights, in a sentence or two."""
    words: list[str] = []
    if lost:
        starts = "starts" if len(lost) == 1 else "start"
        words.append(f"{_listed(lost)} {starts} from the seed again: trained weights no longer fit.")
    if gone:
        words.append(f"Trained weights of {_listed(gone)} were dropped.")
    return " ".join(words)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
