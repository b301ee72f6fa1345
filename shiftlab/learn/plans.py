"""What is to be trained in front of a person's eyes, what is expected of it, and what came out: values, no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from shiftlab.learn.tasks import BLACK, Task
from shiftlab.learn.touched import dense_over_places
from shiftlab.learn.values import Progress, Score, Settings
from shiftlab.network.spec import Activation, Conv, Dense, Norm
from shiftlab.network.weights import Network, Weights
from shiftlab.scene.values import Background, Border, Placed

Experiment = Literal["corner", "face", "twin", "red-green", "own"]
Head = Literal["dense", "gap", "gmp"]
TwinCase = Literal["on-grid", "off-grid", "zero-padding"]
ColourPadding = Literal["valid", "zero", "circular", "full"]
Box = tuple[int, int, int, int]
"""First row, end row, first column, end column."""
WINDOWS = (2, 4, 8, 16, 32, 64)
EXPERIMENTS: tuple[Experiment, ...] = ("corner", "face", "twin", "red-green")
"""Those that need no more than their name; 'own' needs a task."""


@dataclass(frozen=True)
class Plan:
    """One experiment with everything a person may change about it.

    Parameters
    ----------
    experiment : 'corner', 'face', 'twin', 'red-green' or 'own'
    head, everywhere, bias, decay, random
        Of 'corner': the head; trained at all places; and what spoils it.
    window, deep
        Of 'face': the pooling window in pixels of the canvas, and the deep network with a field of 38 px.
    twin : of 'twin', how far B stands from A, and how the convolutions pad
    padding : of 'red-green'
    rate, batch : None for the experiment's own
    seed : int
    task : of 'own' alone, which has its rate, its batch and its seed in the task's settings

    Raises
    ------
    ValueError
        It names the argument and the value.
    """

    experiment: Experiment = "corner"
    head: Head = "dense"
    everywhere: bool = False
    bias: bool = False
    decay: bool = False
    random: bool = False
    window: int = 8
    deep: bool = False
    twin: TwinCase = "on-grid"
    padding: ColourPadding = "valid"
    rate: float | None = None
    batch: int | None = None
    seed: int = 0
    task: Task | None = None

    def __post_init__(self) -> None:
        for name, allowed in (("experiment", Experiment), ("head", Head), ("twin", TwinCase)):
            if getattr(self, name) not in get_args(allowed):
                raise ValueError(f"{name} must be one of {', '.join(get_args(allowed))}, not {getattr(self, name)!r}")
        if self.padding not in get_args(ColourPadding):
            raise ValueError(f"padding must be one of {', '.join(get_args(ColourPadding))}, not {self.padding!r}")
        if self.window not in WINDOWS:
            raise ValueError(f"window must be one of {', '.join(map(str, WINDOWS))} px, not {self.window}")
        if self.seed < 0:
            raise ValueError(f"seed must be 0 or more, not {self.seed}")
        self._require_task()

    def _require_task(self) -> None:
        if (self.experiment == "own") != (self.task is not None):
            raise ValueError("task must be given to the experiment 'own', and to no other")
        if self.task is None:
            return
        for name in ("rate", "batch"):
            if getattr(self, name) is not None:
                raise ValueError(f"{name} of an own task stands in its settings, not in the plan")
        object.__setattr__(self, "seed", self.task.settings.seed)


def own(task: Task) -> Plan:
    """The plan of a task of one's own."""
    return Plan("own", task=task)


@dataclass(frozen=True, eq=False)
class Opened:
    """An experiment that stands before its first step.

    Attributes
    ----------
    plan : Plan
    networks : one or two, with the weights they start from
    canvas : (rows, cols)
    placed : what stands on the canvas to begin with
    settings : Settings
    seen : box of canvas pixels that hold all training patterns; None where that is the whole canvas
    corners : box of the first corners (row, col) at which patterns were trained; None where it is no such box
    touched : (h, w) cells of the map before a dense head that met a training pixel; None for other heads
    background, border : of the canvas
    pixels : (rows, cols) of the canvas that any training image has changed; None where nobody has asked
    """

    plan: Plan
    networks: tuple[Network, ...]
    canvas: tuple[int, int]
    placed: tuple[Placed, ...]
    settings: Settings
    seen: Box | None = None
    corners: Box | None = None
    touched: NDArray[np.bool_] | None = None
    background: Background = BLACK
    border: Border = "zero"
    pixels: NDArray[np.bool_] | None = None


@dataclass(frozen=True, eq=False)
class Taught:
    """Where a training stands.

    Attributes
    ----------
    progress : Progress
    losses, accuracies : one value a step, of its batch
    weights : of each network, as they stand
    checkpoint : what a training needs to go on from here (`live.live(ready, since=...)`); nobody else reads it
    """

    progress: Progress
    losses: tuple[float, ...]
    accuracies: tuple[float, ...]
    weights: tuple[Weights, ...]
    checkpoint: object = None


@dataclass(frozen=True)
class Row:
    """One line of the verdict: what was expected over many seeds, and what this run gave.

    `holds` is None where a single run may give anything.
    """

    name: str
    expected: str
    value: str
    holds: bool | None = None


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a finished run says of itself.

    Attributes
    ----------
    rows : the figures beside what was expected
    sentence : the verdict, from these figures alone
    holds : whether all that was expected came about; None where nothing was
    untouched_change : max |change| of dense weights whose cells met no training pixel; None without such
    weights : of each network
    seconds : float
    scores : of an own task, by (where, the class or "" for all of them)
    """

    rows: tuple[Row, ...]
    sentence: str
    holds: bool | None
    untouched_change: float | None
    weights: tuple[Weights, ...]
    losses: tuple[float, ...]
    accuracies: tuple[float, ...]
    seconds: float
    scores: Mapping[tuple[str, str], Score] = field(
        default_factory=lambda: MappingProxyType[tuple[str, str], Score]({})
    )


def title(experiment: Experiment) -> str:
    """What an experiment is called."""
    return {
        "corner": "Corner",
        "face": "Face",
        "twin": "Twin training",
        "red-green": "Red and green",
        "own": "Own patterns",
    }[experiment]


def question(experiment: Experiment) -> str:
    """What an experiment asks, in one line."""
    return {
        "corner": "Cats and dogs seen only in the upper left. Are they known elsewhere?",
        "face": "Real faces against scrambles of their parts. How much pooling is too much?",
        "twin": "The same training in two places. Do the weights move along?",
        "red-green": "Is it the order of the colours, or the place, that is learnt?",
        "own": "Your patterns, at places of your choice. Where does your network know them?",
    }[experiment]


def expectation(plan: Plan) -> str:
    """What should come out, in a sentence or two."""
    if plan.experiment == "own":
        return "Nothing is known beforehand. The run's own figures are the verdict."
    if plan.experiment == "corner":
        return _corner_words(plan)
    if plan.experiment == "face":
        if plan.deep:
            return "The field spans 38 px, so even global pooling keeps the relation of the parts: about 1.00."
        if plan.window == WINDOWS[-1]:
            return "Pooling over everything keeps which parts there are and forgets where: exactly 0.50."
        if plan.window == 32:
            return "A 32 px window still tells the halves apart, though not all scrambles: about 0.95."
        article = "An" if plan.window == 8 else "A"
        return (
            f"{article} {plan.window} px window is smaller than the face, so where the parts lie is kept: 0.98 or more."
        )
    if plan.experiment == "twin":
        return {
            "on-grid": "36 px is a multiple of the stride 4: B's weights end as A's, moved along, to rounding.",
            "off-grid": "34 px lies between the cells of stride 4: B's weights end elsewhere.",
            "zero-padding": "Zero padding and biases answer differently near the border: B's weights end elsewhere.",
        }[plan.twin]
    if plan.padding in ("circular", "full"):
        return "No border gives the place away, so the halves can be swapped without harm: the same figure twice."
    return "The border gives the place away and the place is enough: swapped halves are taken for the other class."


def _corner_words(plan: Plan) -> str:
    if plan.head != "dense":
        how = "mean" if plan.head == "gap" else "maximum"
        return f"The {how} over all places reads the same weights everywhere: 0.99 or more at every place."
    if plan.everywhere:
        return "Trained at all places, every place has learnt its weights: about 0.97 everywhere."
    if plan.bias:
        return "Sure in the corner. With biases black has a response too, so untouched weights move as well."
    if plan.decay and plan.random:
        return "Sure in the corner. Weight decay shrinks every weight, seen or not: untouched ones move."
    if plan.random:
        return "Sure in the corner. Elsewhere random weights guess: any figure in one run, 0.50 on average."
    return "Sure in the corner, at chance in the far one: weights there never met a training pixel and never moved."


def why_untouched(plan: Plan, change: float | None) -> str:
    """What became of the weights that met no training pixel, and why."""
    if plan.experiment not in ("corner", "own"):
        return ""
    if not (plan.head == "dense" if plan.task is None else dense_over_places(plan.task.network.spec)):
        return "A pooled head has no weights of its own for any place."
    if change is None:
        return "Every cell met a training pixel."
    if change == 0:
        ground = "Black" if plan.task is None or _black(plan.task) else "The ground"
        return f"max |ΔW| untouched: 0 exactly. {ground} has no response there, so no gradient."
    causes = _corner_causes(plan) if plan.task is None else _own_causes(plan.task)
    return f"max |ΔW| untouched: {change:.2g}. Not 0: {'; '.join(causes) or 'something answered there'}."


BIASES = "biases give black a response, and so a gradient"
SHRINKING = "weight decay shrinks every weight, seen or not"


def _corner_causes(plan: Plan) -> list[str]:
    return [words for there, words in ((plan.bias, BIASES), (plan.decay and plan.random, SHRINKING)) if there]


def _black(task: Task) -> bool:
    return task.background.uniform and task.background.grey == 0


def _own_causes(task: Task) -> list[str]:
    """What can move dense weights that met no training pixel."""
    spec, found = task.network.spec, dense_over_places(task.network.spec)
    before = spec.active if found is None else spec.active[: spec.stage_names.index(found[0])]
    causes: list[str] = []
    if not _black(task):
        causes.append("the ground is not black, so it has a response and a gradient")
    elif any(isinstance(layer, Norm) or (isinstance(layer, Conv) and layer.bias) for layer in before):
        causes.append(BIASES)
    elif any(isinstance(layer, Activation) and layer.function == "sigmoid" for layer in before):
        causes.append("a sigmoid answers 0.5 to black, which has a gradient")
    dense = None if found is None else spec.active[spec.stage_names.index(found[0])]
    zeros = task.start == "initial" and isinstance(dense, Dense) and dense.initialisation == "zeros"
    if task.settings.weight_decay and not zeros:
        causes.append(SHRINKING)
    return causes


def plan_of_name(name: str) -> Plan | None:
    """The plan that a network's name speaks of ('corner-dense', 'face-8'); None for any other name."""
    kind, _, rest = name.partition("-")
    if kind == "corner" and rest in get_args(Head):
        return Plan("corner", head=rest)  # pyright: ignore[reportArgumentType]
    if kind == "face" and rest == "deep":
        return Plan("face", deep=True, window=WINDOWS[-1])
    if kind == "face" and rest.isdecimal() and int(rest) in WINDOWS:
        return Plan("face", window=int(rest))
    return None
