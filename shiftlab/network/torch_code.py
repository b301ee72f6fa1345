"""A network as PyTorch code that needs nothing else: it runs in a fresh interpreter and gives the same maps.

Weights of a small network stand in the code, those of a larger one in a safetensors file beside it.
"""

from __future__ import annotations

import base64
import re
import textwrap
import zlib
from dataclasses import dataclass

from safetensors.numpy import save as safetensors_bytes

from shiftlab.network.geometry import stages
from shiftlab.network.initial import materialise
from shiftlab.network.spec import (
    Activation,
    AvgPool,
    BlurPool,
    Conv,
    Dense,
    Flatten,
    GlobalAvg,
    GlobalMax,
    LayerSpec,
    MaxPool,
    Norm,
    Pair,
    Polyphase,
    Subsample,
)
from shiftlab.network.steps import Step, steps
from shiftlab.network.weights import Network, Weights

INLINE = 50_000
"""Values of weights up to which they stand in the code; as text they are about 250 kB then."""


@dataclass(frozen=True)
class TorchCode:
    """The code, and what must lie beside it where the weights are too many to stand in it.

    Attributes
    ----------
    source : str
    weights_name : str
        Name of the file that the code reads, empty where it reads none.
    weights : bytes
        That file, safetensors.
    """

    source: str
    weights_name: str = ""
    weights: bytes = b""


def torch_code(network: Network, canvas: Pair) -> TorchCode:
    """The network on this canvas as a module with a `maps` method, 'conv1' and so on to tensors (N, C, h, w).

    Raises
    ------
    NetworkError
        Where the network cannot be built on this canvas, or its weights do not fit.
    """
    weights = materialise(network, canvas)
    spec = network.spec
    count = sum(array.size for array in weights.arrays.values())
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", spec.name).strip("-") or "network"
    inline = count <= INLINE
    weights_name = "" if inline else f"{stem}.safetensors"
    infos = stages(spec, canvas)
    lines: list[str] = []
    for layer, info in zip(spec.active, infos, strict=True):
        size = f"{info.channels}x{info.size[0]}x{info.size[1]}"
        lines.append(f'x = seen["{info.name}"] = {_expression(layer, info.name)}  # {size}')
    body = "\n".join(lines) or "pass"
    loading = _inline(weights) if inline else _beside(weights_name)
    helpers = "\n\n\n".join(HELPERS[name] for name in HELPERS if _needed(name, spec.active))
    used = f"{loading}{helpers}"
    modules = [name for name in ("base64", "json", "math", "pathlib", "zlib") if f"{name}." in used]
    imports = "".join(f"import {name}\n" for name in modules)
    source = _TEMPLATE.format(
        title=": ".join(part for part in (_plain(spec.name), _plain(spec.description)) if part) or "A network",
        imports=f"{imports}\n" if imports else "",
        rows=canvas[0],
        cols=canvas[1],
        channels=spec.channels,
        weights_words=_words(inline, weights_name, count),
        loading=loading,
        helpers=f"{helpers}\n\n\n" if helpers else "",
        body=textwrap.indent(body, " " * 8),
    )
    return TorchCode(source, weights_name, b"" if inline else safetensors_bytes(dict(weights.arrays)))


def _plain(text: str) -> str:
    """Text that can stand in a docstring whatever it holds."""
    return " ".join(text.replace("\\", "/").replace('"', "'").split())


def _words(inline: bool, weights_name: str, count: int) -> str:
    if not count:
        return "It has no weights."
    if inline:
        return f"Its {count:,} weights stand below: float32, little-endian, packed by zlib, in base64."
    return f"Its {count:,} weights are read from {weights_name} beside this file (the safetensors format)."


def _inline(weights: Weights) -> str:
    if not weights.arrays:
        return "def load():\n    return {}"
    parts = [f'    "{name}": {tuple(int(side) for side in array.shape)},' for name, array in weights.arrays.items()]
    raw = b"".join(array.astype("<f4").tobytes() for array in weights.arrays.values())
    packed = base64.b64encode(zlib.compress(raw, 9)).decode()
    text = "\n".join(f'    "{packed[start : start + 100]}"' for start in range(0, len(packed), 100))
    return _INLINE.format(shapes="\n".join(parts), packed=text)


def _beside(weights_name: str) -> str:
    return _BESIDE.replace("FILE_NAME", weights_name)


def _needed(helper: str, layers: tuple[LayerSpec, ...]) -> bool:
    match helper:
        case "pad":
            return any(_asymmetric(step) for layer in layers for step in steps(layer)) or _needed("blur", layers)
        case "blur":
            return any(
                isinstance(layer, BlurPool) or (isinstance(layer, Polyphase) and layer.blur > 1) for layer in layers
            )
        case _:
            return any(isinstance(layer, Polyphase) for layer in layers)


def _asymmetric(step: Step) -> bool:
    """Whether a window's padding is more than what torch's own functions add."""
    (top, bottom), (left, right) = step.padding
    padded = bool(top or bottom or left or right)
    return padded and (step.fill != "zeros" or top != bottom or left != right)


def _padded(step: Step) -> tuple[str, Pair]:
    """The expression of a window's input, and the zeros that are left to torch's function."""
    (top, bottom), (left, right) = step.padding
    if _asymmetric(step):
        return f'pad(x, {(left, right, top, bottom)}, "{step.fill}")', (0, 0)
    return "x", (top, left)


def _expression(layer: LayerSpec, name: str) -> str:
    """The layer as one expression of x and the weights w."""
    bias = f'w["{name}.bias"]' if getattr(layer, "bias", False) else "None"
    match layer:
        case Conv():
            step = steps(layer)[0]
            source, padding = _padded(step)
            said = {
                "bias": (bias, "None"),
                "stride": (step.stride, (1, 1)),
                "padding": (padding, (0, 0)),
                "dilation": (step.dilation, (1, 1)),
                "groups": (layer.groups, 1),
            }
            extra = "".join(f", {key}={value}" for key, (value, default) in said.items() if value != default)
            return f'F.conv2d({source}, w["{name}.weight"]{extra})'
        case Activation():
            return _ACTIVATIONS[layer.function]
        case MaxPool():
            step = steps(layer)[0]
            # torch's own pooling pads by half a window at most
            (top, bottom), (left, right) = step.padding
            if step.fill == "zeros" and 2 * top <= step.kernel[0] and 2 * left <= step.kernel[1]:
                return f"F.max_pool2d(x, {step.kernel}, {step.stride}, {(top, left)})"
            constant = f'F.pad(x, {(left, right, top, bottom)}, value=float("-inf"))'
            source = constant if step.fill == "zeros" else _padded(step)[0]
            return f"F.max_pool2d({source}, {step.kernel}, {step.stride})"
        case AvgPool():
            step = steps(layer)[0]
            (top, bottom), (left, right) = step.padding
            source = f"F.pad(x, {(left, right, top, bottom)})" if step.fill == "zeros" else _padded(step)[0]
            return f"F.avg_pool2d({source}, {step.kernel}, {step.stride})"
        case BlurPool():
            windows = steps(layer)
            before = _maximum(windows[0]) if len(windows) == 2 else "x"
            return _blurred(windows[-1], before)
        case Polyphase():
            windows = list(steps(layer)[:-1])
            before = _maximum(windows.pop(0)) if layer.max_kernel != (1, 1) else "x"
            return f"polyphase({_blurred(windows[0], before) if windows else before})"
        case Subsample():
            return f"x[:, :, :: {layer.stride[0]}, :: {layer.stride[1]}]"
        case Norm():
            parts = ", ".join(f'w["{name}.{part}"]' for part in ("mean", "variance", "weight", "bias"))
            return f"F.batch_norm(x, {parts})"
        case Flatten():
            return "x.reshape(len(x), -1, 1, 1)"
        case Dense():
            return f'F.linear(x.reshape(len(x), -1), w["{name}.weight"], {bias})[:, :, None, None]'
        case GlobalAvg():
            return "x.mean((2, 3), keepdim=True)"
        case GlobalMax():
            return "x.amax((2, 3), keepdim=True)"


def _maximum(step: Step) -> str:
    return f"F.max_pool2d({_padded(step)[0]}, {step.kernel}, 1)"


def _blurred(step: Step, source: str) -> str:
    (top, bottom), (left, right) = step.padding
    sides = (left, right, top, bottom)
    return f'blur({source}, {step.kernel[0]}, {step.stride}, {sides}, "{step.fill}")'


_ACTIVATIONS = {
    "relu": "F.relu(x)",
    "leaky_relu": "F.leaky_relu(x)",
    "elu": "F.elu(x)",
    "gelu": "F.gelu(x)",
    "silu": "F.silu(x)",
    "tanh": "torch.tanh(x)",
    "sigmoid": "torch.sigmoid(x)",
    "abs": "torch.abs(x)",
    "identity": "x",
}

HELPERS = {
    "pad": '''def pad(x, sides, fill):
    """Pixels added (left, right, top, bottom): zeros, or "circular", "reflect", "replicate"."""
    if not any(sides):
        return x
    return F.pad(x, sides) if fill == "zeros" else F.pad(x, sides, mode=fill)''',
    "blur": '''def blur(x, size, stride, sides, fill):
    """Binomial filter outer(b, b) / sum of `size` taps, then every `stride`-th sample (Zhang 2019)."""
    row = torch.tensor([float(math.comb(size - 1, tap)) for tap in range(size)], dtype=x.dtype)
    filters = (torch.outer(row, row) / row.sum() ** 2).repeat(x.shape[1], 1, 1, 1)
    return F.conv2d(pad(x, sides, fill), filters, stride=stride, groups=x.shape[1])''',
    "polyphase": '''def polyphase(x):
    """Of the four components that of largest l2 norm (Chaman & Dokmanic 2021); of equal ones the first."""
    x = x[:, :, : x.shape[2] // 2 * 2, : x.shape[3] // 2 * 2]
    parts = torch.stack([x[:, :, row::2, col::2] for col in (0, 1) for row in (0, 1)])
    norms = parts.double().square().sum((2, 3, 4))
    phase = (norms >= norms.amax(0) * (1 - 1e-12)).to(torch.uint8).argmax(0)
    return parts[phase, torch.arange(len(x))]''',
}

_INLINE = """SHAPES = {{
{shapes}
}}
PACKED = (
{packed}
)


def load():
    values = torch.frombuffer(bytearray(zlib.decompress(base64.b64decode(PACKED))), dtype=torch.float32)
    weights, start = {{}}, 0
    for name, shape in SHAPES.items():
        weights[name] = values[start : start + math.prod(shape)].reshape(shape).clone()
        start += math.prod(shape)
    return weights"""

_BESIDE = '''def load(path=pathlib.Path(__file__).with_name("FILE_NAME")):
    """A safetensors file: the length of its header, the header as JSON, the values."""
    raw = bytearray(pathlib.Path(path).read_bytes())
    start = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:start])
    weights = {}
    for name, entry in header.items():
        if name != "__metadata__":
            first, last = entry["data_offsets"]
            values = torch.frombuffer(raw, dtype=torch.float32, count=(last - first) // 4, offset=start + first)
            weights[name] = values.reshape(entry["shape"]).clone()
    return weights'''

_TEMPLATE = '''"""{title}

Takes images of {channels} x {rows} x {cols} pixels. {weights_words}
"""

{imports}import torch
import torch.nn.functional as F
from torch import nn

{loading}


{helpers}class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.names = {{}}
        for name, value in load().items():
            self.names[name] = attribute = name.replace(".", "_")
            if name.endswith((".mean", ".variance")):
                self.register_buffer(attribute, value)
            else:
                self.register_parameter(attribute, nn.Parameter(value))

    def maps(self, x):
        """Every stage's map (N, C, h, w) by name."""
        w = {{name: getattr(self, attribute) for name, attribute in self.names.items()}}
        x = x if x.ndim == 4 else x[None]
        seen = {{}}
{body}
        return seen

    def forward(self, x):
        return list(self.maps(x).values())[-1].squeeze((-2, -1))


if __name__ == "__main__":
    with torch.no_grad():
        for name, value in Network().maps(torch.zeros(1, {channels}, {rows}, {cols})).items():
            print(name, tuple(value.shape))
'''
