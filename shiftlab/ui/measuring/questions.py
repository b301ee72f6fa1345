"""What the dock asks of a job: frozen values in, generators of the core behind them, torch only on their thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from shiftlab.document import StageKey
from shiftlab.engine.messages import Progress
from shiftlab.network.spec import Pair
from shiftlab.network.weights import Network
from shiftlab.scene.values import Position, Scene
from shiftlab.ui.jobs.reached import Reached, Steps

if TYPE_CHECKING:
    from shiftlab.measure.curves import Curve, Direction, ErrorMaps, Quantity
    from shiftlab.measure.field import EffectiveField

STEPS: dict[Direction, Position] = {"row": (0.0, 1.0), "col": (1.0, 0.0), "diagonal": (1.0, 1.0)}
"""As `measure.curves.STEPS`, which cannot be read before torch is loaded; a test holds them together."""
Follows = Literal["mean", "cell", "logits"]


class Follow(NamedTuple):
    """What a wobble follows; `cell` None is the mean of the channel."""

    stage: str
    channel: int
    cell: Pair | None = None


@dataclass(frozen=True)
class CurveQuestion:
    """Errors of every stage of every network along a line, and what is followed in one of them."""

    networks: tuple[Network, ...]
    reference: Scene
    direction: Direction
    shifts: tuple[float, ...]
    followed: int = 0
    follows: tuple[Follow, ...] = ()


@dataclass(frozen=True)
class MapQuestion:
    """Errors of every stage of one network over a window of shifts."""

    network: Network
    reference: Scene
    rows: tuple[float, ...]
    cols: tuple[float, ...]


@dataclass(frozen=True)
class FieldQuestion:
    """The effective field of a cell, the mean over its channels."""

    network: Network
    scene: Scene
    key: StageKey
    cell: Pair


Question = CurveQuestion | MapQuestion | FieldQuestion


Answers = Steps[Any]
Compute = Callable[[Question], Answers]
Curves = Sequence["Curve | None"]
"""One for each network; None where it has not been begun."""


def compute(question: Question) -> Answers:
    """The generator that answers a question; runs on a job's thread."""
    match question:
        case CurveQuestion():
            return _curves(question)
        case MapQuestion():
            return _map(question)
        case FieldQuestion():
            return _field(question)


def _curves(question: CurveQuestion) -> Steps[Curves]:
    from shiftlab.measure.curves import Unit, error_curve
    from shiftlab.measure.jobs import Step, relayed
    from shiftlab.measure.lab import AtReference
    from shiftlab.network.modules import Forward

    known: list[Curve | None] = [None] * len(question.networks)
    index, each = 0, len(question.shifts)

    def of_all(step: Step[Curve]) -> Reached[Curves]:
        known[index] = step.partial
        return Reached(Progress(index * each + step.done, each * len(known)), tuple(known))

    for index, network in enumerate(question.networks):
        place = AtReference(Forward(network, question.reference.size), question.reference)
        units = [Unit(*one) for one in question.follows] if index == question.followed else []
        known[index] = yield from relayed(error_curve(place, question.direction, question.shifts, units), of_all)
    return tuple(known)


def _map(question: MapQuestion) -> Steps[ErrorMaps]:
    from shiftlab.measure.curves import error_maps
    from shiftlab.measure.jobs import relayed
    from shiftlab.measure.lab import AtReference
    from shiftlab.network.modules import Forward

    place = AtReference(Forward(question.network, question.reference.size), question.reference)
    return relayed(
        error_maps(place, question.rows, question.cols),
        lambda step: Reached(Progress(step.done, step.total), step.partial),
    )


def _field(question: FieldQuestion) -> Steps[EffectiveField]:
    from shiftlab.measure.field import effective_field
    from shiftlab.network.modules import Forward
    from shiftlab.scene.raster import rasterise

    yield Reached(Progress(0, 1))
    forward = Forward(question.network, question.scene.size)
    image = rasterise(question.scene, question.network.spec.channels)
    return effective_field(forward, image, question.key[1], question.cell)


QUANTITIES: dict[Quantity, tuple[str, str]] = {
    "equivariance": ("Moved along", "The error of 'moved along' in its grid form"),
    "equivariance_valid": ("Moved along, valid", "The grid form over cells whose fields lie inside the canvas"),
    "equivariance_fractional": ("Moved along, fractional", "The map moved by a part of a cell; wrapped scenes only"),
    "equivariance_plain": ("Moved along, plain", "The grid form against the whole response"),
    "invariance": ("Stayed put", "The error of 'stayed put'"),
}
"""What each error is called, and its tooltip."""
