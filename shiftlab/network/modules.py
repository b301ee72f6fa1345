"""A network that runs: every layer of a spec in torch, with the map of every stage at hand."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from shiftlab.network import operations
from shiftlab.network.geometry import stages
from shiftlab.network.info import StageInfo
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
    MaxPool,
    NetworkError,
    Norm,
    Pair,
    Polyphase,
    Subsample,
)
from shiftlab.network.steps import Step, steps
from shiftlab.network.weights import Network, Weights

Map = Tensor
"""(N, C, H, W)."""
FIXED = ("mean", "variance")
"""Arrays of a norm that are not trained."""


class Forward:
    """A network for a canvas, ready to run.

    Parameters
    ----------
    network : Network
        Weights that are not trained follow from the spec's seed.
    canvas : (rows, cols)
    dtype : torch.float32 or torch.float64
    device : str
        'cpu', or where torch has them 'cuda' or 'mps' (not tested).

    Attributes
    ----------
    network : Network
    canvas : (rows, cols)
    stages : tuple of StageInfo
    names : tuple of str
        Names of the stages in order of flow.
    tensors : dict of str to Tensor
        The weights by name, 'conv1.weight'. Change their values in place only.

    Raises
    ------
    NetworkError
        One line: a network that cannot be built on this canvas, or trained weights that do not fit.

    Notes
    -----
    Maps come out under `torch.inference_mode` unless `grad` is set; then they can be differentiated
    with respect to the input and to the `parameters`.
    """

    def __init__(self, network: Network, canvas: Pair, dtype: torch.dtype = torch.float32, device: str = "cpu") -> None:
        self.network, self.canvas = network, canvas
        self.dtype, self.device = dtype, torch.device(device)
        self.stages: tuple[StageInfo, ...] = stages(network.spec, canvas)
        self.names: tuple[str, ...] = tuple(info.name for info in self.stages)
        self._layers = network.spec.active
        self._windows = tuple(steps(layer) for layer in self._layers)
        self._at_stride_1 = tuple(tuple(map(_at_stride_1, windows)) for windows in self._windows)
        if self.device.type == "cuda":
            torch.backends.cuda.matmul.allow_tf32 = False
            torch.backends.cudnn.allow_tf32 = False
        arrays = materialise(network, canvas).arrays
        self.tensors = {name: torch.tensor(array, dtype=dtype, device=self.device) for name, array in arrays.items()}

    def parameters(self) -> list[Tensor]:
        """The weights that training changes (all but a norm's mean and variance)."""
        return [tensor for name, tensor in self.tensors.items() if name.rpartition(".")[2] not in FIXED]

    def weights(self) -> Weights:
        """A copy of the present weights as a value."""
        return Weights({name: tensor.detach().cpu().float().numpy().copy() for name, tensor in self.tensors.items()})

    def index(self, stage: int | str) -> int:
        """Number of a stage given by number or name.

        Raises
        ------
        NetworkError
            Where there is none; it names those there are.
        """
        if isinstance(stage, int):
            if not 0 <= stage < len(self.stages):
                raise NetworkError(f"no stage number {stage}; there are {len(self.stages)}")
            return stage
        if stage not in self.names:
            raise NetworkError(f"no stage {stage!r}; there are {', '.join(self.names)}")
        return self.names.index(stage)

    def prepared(self, x: Tensor | NDArray[np.floating]) -> Map:
        """An image (C, H, W) or a batch (N, C, H, W) as this network takes it: its dtype and device, four axes.

        Raises
        ------
        NetworkError
            For other channels, or another size than that of the canvas.
        """
        if isinstance(x, np.ndarray):
            x = torch.tensor(x)
        expected = (self.network.spec.channels, *self.canvas)
        if x.ndim not in (3, 4) or tuple(x.shape[-3:]) != expected:
            raise NetworkError(f"the network takes images of {expected}, not {tuple(x.shape)}")
        return (x if x.ndim == 4 else x[None]).to(self.device, self.dtype)

    def maps(self, x: Tensor | NDArray[np.floating], grad: bool = False) -> dict[str, Map]:
        """The map (N, C, h, w) of every stage, by name; stages without places have h = w = 1."""
        with _mode(grad):
            current = self.prepared(x)
            found: dict[str, Map] = {}
            for index, name in enumerate(self.names):
                found[name] = current = self._apply(index, current)
        return found

    def run(self, stage: int | str, x: Map, grad: bool = False) -> Map:
        """One layer alone, on a map (N, C, h, w) of the stage before (any size that it can take)."""
        with _mode(grad):
            return self._apply(self.index(stage), x)

    def run_at_stride_1(self, stage: int | str, x: Map, grad: bool = False) -> Map:
        """One layer alone with every stride 1; polyphase sampling keeps all its phases."""
        with _mode(grad):
            return self._apply(self.index(stage), x, stride_1=True)

    def phases(self, stage: int | str, x: Map) -> tuple[Tensor, Tensor]:
        """Of an adaptive polyphase stage, on a map of the stage before: (N,) the phase kept, (N,) whether others tied.

        Phase 0 is (even row, even col), 1 (odd, even), 2 (even, odd), 3 (odd, odd).

        Raises
        ------
        NetworkError
            For a stage of another kind.
        """
        index = self.index(stage)
        layer = self._layers[index]
        if not isinstance(layer, Polyphase):
            raise NetworkError(f"{self.names[index]} is no polyphase stage")
        with _mode(False):
            return operations.chosen_phase(operations.components(_before_sampling(layer, x)))

    def _apply(self, index: int, x: Map, stride_1: bool = False) -> Map:
        layer, name = self._layers[index], self.names[index]
        windows = (self._at_stride_1 if stride_1 else self._windows)[index]
        match layer:
            case Conv():
                weight, bias = self.tensors[f"{name}.weight"], self.tensors.get(f"{name}.bias")
                return operations.convolved(x, weight, bias, windows[0], layer.groups)
            case Activation():
                return operations.ACTIVATIONS[layer.function](x)
            case MaxPool():
                return operations.maximum(x, windows[0])
            case AvgPool():
                return operations.mean(x, windows[0])
            case BlurPool():
                return operations.blurred(_maxed(x, windows), windows[-1])
            case Polyphase():
                x = _before_sampling(layer, x)
                if stride_1:
                    return x
                parts = operations.components(x)
                return operations.kept_component(parts, operations.chosen_phase(parts)[0])
            case Subsample():
                return x[:, :, :: windows[0].stride[0], :: windows[0].stride[1]].contiguous()
            case Norm():
                kept = (self.tensors[f"{name}.{part}"] for part in ("weight", "bias", "mean", "variance"))
                return operations.normalised(x, *kept)
            case Flatten():
                return x.reshape(len(x), -1, 1, 1)
            case Dense():
                weight, bias = self.tensors[f"{name}.weight"], self.tensors.get(f"{name}.bias")
                return F.linear(x.reshape(len(x), -1), weight, bias)[:, :, None, None]
            case GlobalAvg():
                return x.mean((2, 3), keepdim=True)
            case GlobalMax():
                return x.amax((2, 3), keepdim=True)


def _at_stride_1(step: Step) -> Step:
    return Step(step.kernel, (1, 1), step.dilation, step.padding, step.fill)


@contextmanager
def _mode(grad: bool) -> Generator[None]:
    with torch.enable_grad() if grad else torch.inference_mode():
        yield


def _maxed(x: Map, windows: tuple[Step, ...]) -> Map:
    """The stride-1 max in front of a blur, where there is one."""
    return operations.maximum(x, windows[0]) if len(windows) == 2 else x


def _before_sampling(layer: Polyphase, x: Map) -> Map:
    """What a polyphase layer samples: its input after max and blur."""
    windows = list(steps(layer)[:-1])
    if layer.max_kernel != (1, 1):
        x = operations.maximum(x, windows.pop(0))
    return operations.blurred(x, windows[0]) if windows else x
