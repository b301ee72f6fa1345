"""What each way of making a map coarser costs, in one sentence."""

from __future__ import annotations

from shiftlab.network.spec import (
    AvgPool,
    BlurPool,
    Conv,
    GlobalAvg,
    GlobalMax,
    LayerSpec,
    MaxPool,
    Pair,
    Polyphase,
    Subsample,
)


def _grid(stride: Pair) -> str:
    return str(stride[0]) if stride[0] == stride[1] else f"{stride[0]}x{stride[1]}"


def cost(layer: LayerSpec) -> str:
    """What a layer that coarsens costs a moving object; empty for one that does not coarsen."""
    match layer:
        case Conv() if layer.stride != (1, 1):
            return f"Exact only for shifts by multiples of {_grid(layer.stride)}; in between it sees other pixels."
        case MaxPool() if layer.stride != (1, 1):
            return f"Forgives a pixel or two, is exact only for multiples of {_grid(layer.stride)}, and aliases."
        case AvgPool() if layer.stride != (1, 1):
            return (
                f"A box blurs a little before it samples: smaller jumps than a max, still exact only for multiples "
                f"of {_grid(layer.stride)}, and peaks fade."
            )
        case BlurPool() if layer.stride != (1, 1):
            return _blur_cost(layer)
        case Polyphase():
            return _polyphase_cost(layer)
        case Subsample() if layer.stride != (1, 1):
            return (
                f"Throws away all but every {_grid(layer.stride)}th sample: the worst aliasing, exact only for "
                f"multiples of {_grid(layer.stride)}."
            )
        case GlobalAvg():
            return "Forgets where: the same for every shift on the grid of the stride and away from borders."
        case GlobalMax():
            return "Forgets where and how often: one strong place decides, and one pixel of noise can."
        case _:
            return ""


def _blur_cost(layer: BlurPool) -> str:
    if layer.size == 1:
        return f"A blur of size 1 is none: plain sampling, exact only for multiples of {_grid(layer.stride)}."
    lost = "loses fine detail" if layer.size >= 5 else "loses a little detail"
    return f"Smaller errors at every shift, never none: half a cell cannot be represented. It {lost}."


def _polyphase_cost(layer: Polyphase) -> str:
    blurred = ", and blurs first" if layer.blur > 1 else ""
    if layer.padding_mode != "circular" and (layer.blur > 1 or layer.max_kernel != (1, 1)):
        return f"Picks its phase from what it sees{blurred}; exact only with circular padding."
    return (
        f"Exact at every whole-pixel shift with circular padding{blurred}; costs a norm of each phase, "
        "and jumps a whole cell where two phases are nearly equal."
    )
