"""From what is chosen in the dock, and what the lab holds, to the question that its job answers."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from shiftlab.document import Document
from shiftlab.learn.tasks import Task
from shiftlab.network.geometry import stages
from shiftlab.network.spec import NetworkError
from shiftlab.network.weights import Network
from shiftlab.scene.values import Placed
from shiftlab.ui import edits
from shiftlab.ui.positions.questions import Question, Tests, Unit, label_of

if TYPE_CHECKING:
    from shiftlab.measure.positions import Quantity

Reading = Literal["largest", "mean", "pinned"]


@dataclass(frozen=True)
class Wish:
    """What is chosen.

    Attributes
    ----------
    quantity : what is drawn
    tests : which patterns; None for the best there are
    stage, channel, reading : of 'unit' alone; '' is the last stage
    task : the one that was trained last, if there is one
    """

    quantity: Quantity
    tests: Tests | None
    stage: str
    channel: int
    reading: Reading
    task: Task | None


def question_of(wish: Wish, document: Document) -> Question | None:
    """What the map is to show; None where there is nothing to ask, see `why_not`."""
    placed, background = lead(document), document.scene.background
    if placed is None or not background.uniform:
        return None
    networks, canvas = document.networks, document.scene.size
    if wish.quantity == "unit":
        unit = unit_of(wish, document)
        held = tuple(one for one in networks if unit is not None and unit.stage in one.spec.stage_names)
        if unit is None or not held:
            return None
        return Question(held, placed, background, canvas, "canvas", unit)
    if not all(_has_head(one, document) for one in networks):
        return None
    tests = tests_of(wish, document)
    task = own_task(wish, document) if tests == "own" else None
    return Question(networks, placed, background, canvas, tests, task=task)


def why_not(document: Document) -> str:
    """Why there is nothing to ask, and what to do about it."""
    if not document.reference.placed:
        return "Add a pattern: it is put at every place in turn."
    if not document.scene.background.uniform:
        return "On a background that is not uniform the answer depends on it: choose a uniform ground."
    return "A network here ends in maps. Choose 'A unit', or give it a head on the bench."


def lead(document: Document) -> Placed | None:
    """The pattern that is swept, at the reference; a fraction of a pixel is left out."""
    index = edits.lead(document)
    if index is None or index >= len(document.reference.placed):
        return None
    placed = document.reference.placed[index]
    return dataclasses.replace(placed, at=(float(round(placed.at[0])), float(round(placed.at[1]))))


def possible_tests(wish: Wish, document: Document) -> tuple[Tests, ...]:
    """Which patterns can be tried, the best first."""
    own: tuple[Tests, ...] = ("own",) if own_task(wish, document) is not None else ()
    drawn: tuple[Tests, ...] = ("drawn",) if _drawn_possible(document) else ()
    return (*own, *drawn, "canvas")


def tests_of(wish: Wish, document: Document) -> Tests:
    """What was chosen, where that is possible; else what the networks were trained on."""
    possible = possible_tests(wish, document)
    return wish.tests if wish.tests in possible else possible[0]


def possible_quantities(wish: Wish, document: Document) -> tuple[Quantity, ...]:
    """What can be drawn: where no class is right for the pattern on the canvas, only whether answers agree."""
    alike: tuple[Quantity, ...] = ("to_reference", "pairwise", "unit")
    placed = lead(document)
    known = placed is None or any(label_of(one, placed) is not None for one in document.networks)
    if tests_of(wish, document) == "canvas" and not known:
        return alike
    return ("accuracy", "probability", "margin", *alike)


def own_task(wish: Wish, document: Document) -> Task | None:
    """The trained task, where the networks are for its classes and the canvas is still its own."""
    task = wish.task
    if task is None or document.scene.size != task.canvas or document.scene.background != task.background:
        return None
    specs = [one.spec for one in document.networks]
    fits = all(
        one.classes[: len(task.names)] == task.names and one.channels == task.network.spec.channels for one in specs
    )
    return task if fits else None


def unit_of(wish: Wish, document: Document) -> Unit | None:
    """The unit that is meant; None in a network without stages."""
    spec = document.networks[0].spec
    stage = wish.stage if wish.stage in spec.stage_names else next(iter(spec.stage_names[::-1]), "")
    info = next((one for one in edits.stages_of(document)[0] if one.name == stage), None)
    if info is None:
        return None
    pin = document.lenses.pin
    if wish.reading == "pinned" and pin is not None and pin.network == 0 and pin.stage == stage:
        return Unit(stage, min(pin.channel, info.channels - 1), pin.cell)
    channel = min(wish.channel, info.channels) - 1
    return Unit(stage, channel, "mean" if wish.reading == "mean" else "largest")


def _drawn_possible(document: Document) -> bool:
    """Whether the drawn cats and dogs are what the networks know."""
    named = all(one.spec.classes == ("cat", "dog") and one.spec.channels == 1 for one in document.networks)
    black = document.scene.background.uniform and document.scene.background.grey == 0
    return named and black and min(document.scene.size) >= 20


def _has_head(network: Network, document: Document) -> bool:
    try:
        infos = stages(network.spec, document.scene.size)
    except NetworkError:
        return False
    return bool(infos) and infos[-1].stride is None and infos[-1].channels >= 2
