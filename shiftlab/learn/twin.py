"""Twin training: gradient descent moves with the object.

Two networks see the same images, the one at place A, the other at place B; the dense weights of B start
as those of A moved along. On a circular network, and by a multiple of its cumulative stride, every map
moves exactly, hence so do all gradients: after any number of steps B's dense weights are A's, moved.
Float64, so that nothing but the moving can make a difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import msgspec
import numpy as np
import torch

from shiftlab.learn import data
from shiftlab.learn.corner import CANVAS, CORNER, PLACES, body
from shiftlab.learn.course import score_row
from shiftlab.learn.data import Labelled
from shiftlab.learn.experiment import Experiment, Found, Judged, Start
from shiftlab.learn.plans import Plan, Row
from shiftlab.learn.touched import dense_over_places, weight_map
from shiftlab.learn.trainer import Trainer, answers, scored
from shiftlab.learn.values import Job, Score, Settings
from shiftlab.network.initial import materialise
from shiftlab.network.spec import Dense, Flatten, NetworkError, NetworkSpec, PaddingMode
from shiftlab.network.weights import Network, Weights

STRIDE = 4
IMAGES, TEST_IMAGES = 128, 128
EXACT = 1e-12
AT_A, AT_B = "at_a", "at_b"
APART, CHANGE = "largest_difference", "largest_change"
"""Of the dense weights: B's from A's moved along, after the last step; and A's from where they started."""


@dataclass(frozen=True)
class Variant:
    """How far B is from A in pixels (either axis), and how the convolutions pad; all have biases."""

    shift: int = 36
    padding: PaddingMode = "circular"

    @property
    def cells(self) -> int:
        """How far B's dense weights are from A's."""
        return round(self.shift / STRIDE)

    @property
    def exact(self) -> bool:
        """Whether every map moves along exactly, hence every gradient, too."""
        return self.padding == "circular" and self.shift % STRIDE == 0


VARIANTS: Mapping[str, Variant] = MappingProxyType(
    {
        "on-grid": Variant(),
        "off-grid": Variant(shift=34),
        "zero-padding": Variant(padding="zeros"),
    }
)


def spec(variant: Variant, seed: int) -> NetworkSpec:
    """The body of the corner's network, with biases, and a dense head."""
    return NetworkSpec(
        name="twin",
        layers=(*body(bias=True, padding=variant.padding), Flatten(), Dense(units=len(data.CLASSES))),
        seed=seed,
        canvas=CANVAS,
        classes=data.CLASSES,
    )


def settings(seed: int) -> Settings:
    """Plain gradient descent with momentum, 32 steps."""
    return Settings(optimiser="sgd", rate=0.02, momentum=0.9, batch=32, steps=32, seed=seed)


def moved_dense(network: Network, canvas: tuple[int, int], cells: int) -> Network:
    """The network with its dense weights moved by so many cells down and right, round the edges.

    Raises
    ------
    NetworkError
        For a network whose dense layer does not read a flattened map.
    """
    found = dense_over_places(network.spec)
    if found is None:
        raise NetworkError(f"{network.spec.name} has no dense layer over places")
    places = weight_map(network, canvas)
    arrays = dict(materialise(network, canvas).arrays)
    arrays[f"{found[0]}.weight"] = np.roll(places, (cells, cells), axis=(2, 3)).reshape(len(places), -1)
    return Network(network.spec, Weights(arrays))


def start(variant: Variant, seed: int) -> Start:
    """A from the weights of the seed, B from the same moved along."""
    patterns = data.head_patterns(IMAGES, seed)
    corners = data.places(IMAGES, *CORNER, seed)
    at_a, at_b = (
        Labelled(data.on_canvas(patterns.images, corners + by, CANVAS), patterns.labels) for by in (0, variant.shift)
    )
    seeded = Network(spec(variant, seed))
    first = Network(seeded.spec, materialise(seeded, CANVAS))
    second = moved_dense(first, CANVAS, variant.cells)
    networks = (_named(first, "twin-a"), _named(second, "twin-b"))
    return Start(networks, (at_a, at_b), settings(seed), torch.float64)


def _named(network: Network, name: str) -> Network:
    return Network(msgspec.structs.replace(network.spec, name=name), network.weights)


def difference(a: Trainer, b: Trainer, cells: int) -> float:
    """max |W_B - W_A moved by so many cells| of the dense weights as they stand, in float64."""
    found = dense_over_places(a.forward.network.spec)
    if found is None:
        raise NetworkError("twins need a dense layer over places")
    info = a.forward.stages[a.forward.index(found[1])]
    shape = (-1, info.channels, *info.size)
    mine, other = (one.forward.tensors[f"{found[0]}.weight"].reshape(shape) for one in (a, b))
    return float((other - mine.roll((cells, cells), dims=(2, 3))).abs().max())


def tested(variant: Variant, start: Start, trainers: tuple[Trainer, ...]) -> Job[Found]:
    """How far the twins are apart, and what each knows where it was trained."""
    a, b = trainers
    change = float(np.abs(weight_map(a.network, CANVAS) - weight_map(start.networks[0], CANVAS)).max())
    tests = data.head_patterns(TEST_IMAGES, data.TEST_SEED)
    labels, corner = torch.tensor(tests.labels), np.array([PLACES["upper_left"]])
    scores: dict[str, Score] = {}
    for name, one, by in ((AT_A, a, 0), (AT_B, b, variant.shift)):
        logits = yield from answers(one.forward, data.on_canvas(tests.images, corner + by, CANVAS))
        scores[name] = scored(logits, labels)
    return Found(scores, {APART: difference(a, b, variant.cells), CHANGE: change})


def planned(plan: Plan) -> Variant:
    """The case of a plan."""
    return VARIANTS[plan.twin]


def judged(variant: Variant, found: Found) -> Judged:
    """The same to rounding where every map moves along exactly; else not."""
    apart = found.figures[APART] or 0.0
    expected, holds = ("≤ 1e-12", apart <= EXACT) if variant.exact else ("above 1e-12", apart > EXACT)
    rows = (
        score_row("A where it was trained", "–", found.scores[AT_A]),
        score_row("B where it was trained", "–", found.scores[AT_B]),
        Row("|W_B − moved W_A|", expected, f"{apart:.1e}", holds),
    )
    return Judged(rows, f"B's weights are {'' if variant.exact else 'not '}A's, moved along.")


EXPERIMENT = Experiment("twin", VARIANTS, tuple(VARIANTS), start, tested, planned, judged)
