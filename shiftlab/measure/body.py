"""A network taken apart: the layers with places, which run on any canvas, and the head behind them."""

from __future__ import annotations

from typing import Literal

from shiftlab.network.modules import Forward
from shiftlab.network.spec import Dense, Flatten, GlobalAvg, GlobalMax, NetworkSpec, Pair
from shiftlab.network.weights import Network, Weights

Head = Literal["dense", "mean", "maximum"]


class Body:
    """The layers with places.

    Attributes
    ----------
    forward : Forward
        The whole network, on its own canvas.
    spec : NetworkSpec
        Of these layers alone.
    name : str
        Of the last of their stages; its facts are `size`, `stride`, `field` and `offset`, see `StageInfo`.
    """

    def __init__(self, forward: Forward, count: int) -> None:
        spec, last = forward.network.spec, forward.stages[count - 1]
        assert last.stride is not None
        assert last.receptive_field is not None
        assert last.offset is not None
        self.forward = forward
        self.name, self.size, self.stride = last.name, last.size, last.stride
        self.field, self.offset = last.receptive_field, last.offset
        self.spec = NetworkSpec(name=spec.name, layers=spec.active[:count], channels=spec.channels, seed=spec.seed)
        names = set(self.spec.stage_names)
        arrays = {
            name: tensor.detach().cpu().float().numpy()
            for name, tensor in forward.tensors.items()
            if name.rpartition(".")[0] in names
        }
        self._network = Network(self.spec, Weights(arrays))

    def on(self, canvas: Pair) -> Forward:
        return Forward(self._network, canvas, self.forward.dtype, str(self.forward.device))


def taken_apart(forward: Forward) -> tuple[Body, Head, int] | None:
    """The body, its head, and the number of the stage behind that; None without places, or for another head."""
    count = sum(info.stride is not None for info in forward.stages)
    if not count:
        return None
    match forward.network.spec.active[count:]:
        case (Flatten(), Dense(), *_):
            return Body(forward, count), "dense", count + 2
        case (Dense(), *_):
            return Body(forward, count), "dense", count + 1
        case (GlobalAvg(), *_):
            return Body(forward, count), "mean", count + 1
        case (GlobalMax(), *_):
            return Body(forward, count), "maximum", count + 1
        case _:
            return None
