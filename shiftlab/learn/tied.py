"""Tied weights: "unless the coefficients are the same at all places". One click, no training."""

from __future__ import annotations

import msgspec
import numpy as np

from shiftlab.learn.touched import dense_over_places, weight_map
from shiftlab.network.initial import materialise
from shiftlab.network.spec import Flatten, GlobalAvg, NetworkError
from shiftlab.network.weights import Network, Weights


def tied(network: Network, canvas: tuple[int, int]) -> Network:
    """The network with the weights of its dense layer replaced by their mean over all places.

    It still reads a flattened map, and its answer no longer depends on where something is, up to the
    stride's grid and the borders.

    Raises
    ------
    NetworkError
        For a network whose dense layer does not read a flattened map.
    """
    name = _dense_name(network)
    places = weight_map(network, canvas)
    mean = places.astype(np.float64).mean(axis=(2, 3), keepdims=True)
    arrays = dict(materialise(network, canvas).arrays)
    arrays[f"{name}.weight"] = np.broadcast_to(mean, places.shape).astype(np.float32).reshape(len(places), -1)
    return Network(network.spec, Weights(arrays))


def as_global_average(network: Network, canvas: tuple[int, int]) -> Network:
    """The same answers from a global average and a dense layer: its weights are the mean ones times the cells.

    Raises
    ------
    NetworkError
        For a network whose dense layer does not read a flattened map.
    """
    name = _dense_name(network)
    places = weight_map(network, canvas)
    arrays = dict(materialise(network, canvas).arrays)
    # The sum over places is their mean times their number.
    arrays[f"{name}.weight"] = places.astype(np.float64).sum(axis=(2, 3)).astype(np.float32)
    layers = list(network.spec.layers)
    flatten = max(index for index, layer in enumerate(layers) if layer.on and isinstance(layer, Flatten))
    layers[flatten] = GlobalAvg()
    return Network(msgspec.structs.replace(network.spec, layers=tuple(layers)), Weights(arrays))


def _dense_name(network: Network) -> str:
    found = dense_over_places(network.spec)
    if found is None:
        raise NetworkError(f"{network.spec.name} has no dense layer over places")
    return found[0]
