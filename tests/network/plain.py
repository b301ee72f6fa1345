"""Plain computations to check against: they read a spec's JSON and the weights themselves, with torch.nn.functional."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

import numpy as np
import torch
import torch.nn.functional as F
from hypothesis import strategies as st
from torch import Tensor

from shiftlab.network import spec as specs

ACTIVATIONS = {
    "relu": F.relu,
    "leaky_relu": lambda x: F.leaky_relu(x, 0.01),
    "elu": F.elu,
    "gelu": F.gelu,
    "silu": F.silu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "abs": torch.abs,
    "identity": lambda x: x,
}
STEMS = {"maxpool": "pool", "avgpool": "pool", "blurpool": "blur"}
MODES = ("zeros", "circular", "reflect", "replicate", "valid", "full")


def pad(x: Tensor, top: int, bottom: int, left: int, right: int, mode: str, value: float = 0.0) -> Tensor:
    if mode in ("circular", "reflect", "replicate"):
        return F.pad(x, (left, right, top, bottom), mode=mode)
    return F.pad(x, (left, right, top, bottom), value=value)


def _padded(x: Tensor, layer: dict, value: float = 0.0) -> Tensor:
    mode, (rows, cols) = layer["padding_mode"], layer["padding"]
    if mode == "valid":
        return x
    if mode == "full":
        dilation = layer.get("dilation", (1, 1))
        rows, cols = dilation[0] * (layer["kernel"][0] - 1), dilation[1] * (layer["kernel"][1] - 1)
    return pad(x, rows, rows, cols, cols, mode, value)


def binomial(size: int) -> Tensor:
    row = torch.tensor([math.comb(size - 1, k) for k in range(size)], dtype=torch.float64)
    return torch.outer(row, row) / row.sum() ** 2


def _max_before_blur(x: Tensor, kernel: list[int], mode: str, linear: bool) -> Tensor:
    if kernel == [1, 1]:
        return x
    if mode == "circular":
        (top, bottom), (left, right) = (((k - 1) // 2, k // 2) for k in kernel)
        x = pad(x, top, bottom, left, right, "circular")
    return F.avg_pool2d(x, kernel, 1) if linear else F.max_pool2d(x, kernel, 1)


def _blur(x: Tensor, size: int, stride: list[int], mode: str) -> Tensor:
    before, after = {"valid": (0, 0), "full": (size - 1, size - 1)}.get(
        mode, ((size - 1) // 2, math.ceil((size - 1) / 2))
    )
    x = pad(x, before, after, before, after, mode)
    kernel = binomial(size).to(x.dtype)[None, None].expand(x.shape[1], 1, size, size)
    return F.conv2d(x, kernel, stride=stride, groups=x.shape[1])


def _polyphase(x: Tensor) -> Tensor:
    out = []
    for one in x:
        rows, cols = one.shape[1] // 2 * 2, one.shape[2] // 2 * 2
        parts = [one[:, row:rows:2, col:cols:2] for row, col in ((0, 0), (1, 0), (0, 1), (1, 1))]
        norms = np.array([float((part.double() ** 2).sum()) for part in parts])
        out.append(parts[int(np.flatnonzero(norms >= norms.max() * (1 - 1e-12))[0])])
    return torch.stack(out)


def full_json(spec: specs.NetworkSpec) -> dict:
    """The spec as JSON with every default written out."""
    raw = json.loads(specs.to_json(spec))
    for entry, layer in zip(raw["layers"], spec.layers, strict=True):
        entry.update({name: getattr(layer, name) for name in layer.__struct_fields__ if name not in entry})
        entry.update({name: list(value) for name, value in entry.items() if isinstance(value, tuple)})
    return raw


def maps(
    spec: specs.NetworkSpec, weights: Mapping[str, np.ndarray], x: Tensor, linear: bool = False
) -> dict[str, Tensor]:
    """Every stage of a network for a batch (N, C, H, W).

    With `linear` activations pass everything and a maximum becomes a mean, so that under positive
    weights a gradient is above 0 exactly where something is seen.
    """
    found, counts = {}, {}
    for layer in full_json(spec)["layers"]:
        if not layer["on"]:
            continue
        kind = layer["kind"]
        stem = layer["function"] if kind == "activation" else STEMS.get(kind, kind)
        counts[stem] = counts.get(stem, 0) + 1
        name = f"{stem}{counts[stem]}"

        def weight(part: str, name: str = name, dtype: torch.dtype = x.dtype) -> Tensor | None:
            array = weights.get(f"{name}.{part}")
            return None if array is None else torch.tensor(array, dtype=dtype)

        if kind == "conv":
            x = F.conv2d(
                _padded(x, layer),
                weight("weight"),
                weight("bias"),
                stride=layer["stride"],
                dilation=layer["dilation"],
                groups=layer["groups"],
            )
        elif kind == "activation":
            x = x if linear else ACTIVATIONS[layer["function"]](x)
        elif kind == "maxpool" and not linear:
            x = F.max_pool2d(_padded(x, layer, -math.inf), layer["kernel"], layer["stride"])
        elif kind in ("maxpool", "avgpool"):
            x = F.avg_pool2d(_padded(x, layer), layer["kernel"], layer["stride"])
        elif kind == "blurpool":
            x = _max_before_blur(x, layer["max_kernel"], layer["padding_mode"], linear)
            x = _blur(x, layer["size"], layer["stride"], layer["padding_mode"])
        elif kind == "polyphase":
            x = _max_before_blur(x, layer["max_kernel"], layer["padding_mode"], linear)
            x = _polyphase(_blur(x, layer["blur"], [1, 1], layer["padding_mode"]))
        elif kind == "subsample":
            x = x[:, :, :: layer["stride"][0], :: layer["stride"][1]]
        elif kind == "norm":
            x = F.batch_norm(x, weight("mean"), weight("variance"), weight("weight"), weight("bias"))
        elif kind == "flatten":
            x = x.flatten(1)[:, :, None, None]
        elif kind == "dense":
            x = F.linear(x.flatten(1), weight("weight"), weight("bias"))[:, :, None, None]
        elif kind == "globalavg":
            x = F.adaptive_avg_pool2d(x, 1)
        elif kind == "globalmax":
            x = F.adaptive_max_pool2d(x, 1)
        else:
            raise AssertionError(f"unknown kind {kind}")
        found[name] = x
    return found


sides = st.integers(1, 3)
kernels = st.tuples(sides, sides)
strides = st.tuples(st.integers(1, 2), st.integers(1, 2))
paddings = st.tuples(st.integers(0, 2), st.integers(0, 2))
modes = st.sampled_from(MODES)


def conv_layers() -> st.SearchStrategy[specs.Conv]:
    return st.builds(
        specs.Conv,
        channels=st.sampled_from((2, 4)),
        kernel=kernels,
        stride=strides,
        padding=paddings,
        padding_mode=modes,
        dilation=strides,
        groups=st.sampled_from((1, 1, 1, 2)),
        bias=st.booleans(),
    )


def pool_layers() -> st.SearchStrategy[specs.LayerSpec]:
    return st.one_of(
        st.builds(specs.MaxPool, kernel=kernels, stride=strides, padding=paddings, padding_mode=modes),
        st.builds(specs.AvgPool, kernel=kernels, stride=strides, padding=paddings, padding_mode=modes),
        st.builds(specs.BlurPool, size=st.integers(1, 5), stride=strides, max_kernel=kernels, padding_mode=modes),
        st.builds(specs.Subsample, stride=strides),
    )


def spatial_networks(largest: int = 5) -> st.SearchStrategy[specs.NetworkSpec]:
    """Random networks of layers over places; some cannot be built."""
    layer = st.one_of(conv_layers(), pool_layers(), st.just(specs.Activation()))
    return st.builds(
        lambda layers, seed: specs.NetworkSpec(name="random", layers=tuple(layers), seed=seed),
        st.lists(layer, min_size=1, max_size=largest),
        st.integers(0, 1000),
    )
