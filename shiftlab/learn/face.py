"""The face: does the network know that the eyes belong above the mouth?

Real faces against scrambles of the very same parts. The convolutions see 8 px and never two parts at
once, so that the relation of the parts must be kept by what comes after. A pool whose window spans the
face keeps which parts there are and forgets where.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import torch

from shiftlab.learn.course import score_row
from shiftlab.learn.data import TEST_SEED, Labelled
from shiftlab.learn.experiment import Experiment, Found, Judged, Start
from shiftlab.learn.face_data import CANVAS, CLASSES, paired
from shiftlab.learn.plans import WINDOWS, Plan, Row
from shiftlab.learn.starts import with_zero_biases
from shiftlab.learn.trainer import Trainer, answers, scored
from shiftlab.learn.values import Job, Settings
from shiftlab.network.spec import Activation, Conv, Dense, Flatten, GlobalMax, LayerSpec, MaxPool, NetworkSpec
from shiftlab.network.weights import Network

PAIRS, TEST_PAIRS = 512, 256
TEST, APART = "test", "largest_logit_difference"
"""The score of real faces and scrambles, and how far the logits of a face are from those of its scramble."""


@dataclass(frozen=True)
class Variant:
    """A pooling window in pixels before the dense layer, or with `deep` a field of 38 px and a global max."""

    window: int
    deep: bool = False

    @property
    def everything(self) -> bool:
        """Whether it pools over the whole canvas."""
        return self.window == CANVAS[0]


VARIANTS: Mapping[str, Variant] = MappingProxyType(
    {f"window-{window}": Variant(window) for window in WINDOWS} | {"deep": Variant(CANVAS[0], deep=True)}
)


def spec(variant: Variant, seed: int) -> NetworkSpec:
    """C3(8) - ReLU - M2 - C3(16) - ReLU (receptive field 8), a max pool of the window, and the dense layer.

    Deep: two more of M2 - C3 - ReLU make the receptive field 38.
    """
    layers: list[LayerSpec] = []
    for number, channels in enumerate((8, 16, 32, 32) if variant.deep else (8, 16)):
        if number:
            layers.append(MaxPool())
        layers += [Conv(channels=channels, padding=(1, 1)), Activation()]
    cells = variant.window // 2
    if variant.everything:
        layers.append(GlobalMax())
    else:
        if cells > 1:
            layers.append(MaxPool(kernel=(cells, cells), stride=(cells, cells)))
        layers.append(Flatten())
    name = "face-deep" if variant.deep else f"face-{variant.window}"
    return NetworkSpec(
        name=name,
        layers=(*layers, Dense(units=len(CLASSES))),
        seed=seed,
        canvas=CANVAS,
        classes=CLASSES,
        description="Real faces against scrambles of their parts.",
    )


@lru_cache(maxsize=2)
def training_images(seed: int) -> Labelled:
    """512 faces with a scramble of each."""
    return paired(PAIRS, seed)


def settings(seed: int) -> Settings:
    """Adam 3e-3, batch 32, 200 steps."""
    return Settings(steps=200, seed=seed)


def start(variant: Variant, seed: int) -> Start:
    """From biases of 0."""
    network = with_zero_biases(Network(spec(variant, seed)), CANVAS)
    return Start((network,), (training_images(seed),), settings(seed))


def tested(_variant: Variant, _start: Start, trainers: tuple[Trainer, ...]) -> Job[Found]:
    """On pairs made of the same parts."""
    tests = paired(TEST_PAIRS, TEST_SEED)
    logits = yield from answers(trainers[0].forward, tests.images)
    apart = float((logits[:TEST_PAIRS] - logits[TEST_PAIRS:]).abs().max())
    return Found({TEST: scored(logits, torch.tensor(tests.labels))}, {APART: apart})


def planned(plan: Plan) -> Variant:
    """The window and the depth of a plan."""
    return Variant(plan.window, plan.deep)


def judged(variant: Variant, found: Found) -> Judged:
    """Chance to the bit where a network of small fields pools over everything; else well above it."""
    score, apart = found.scores[TEST], found.figures[APART] or 0.0
    if variant.everything and not variant.deep:
        rows = (
            score_row("real or scrambled", "0.50", score, 0.5, 0.5),
            Row("logits apart", "0", f"{apart:.2g}", apart == 0),
        )
        return Judged(rows, "it cannot tell a face from its parts in disorder.")
    expected, low = ("≈ 0.95", 0.85) if variant.window == 32 and not variant.deep else ("≥ 0.98", 0.98)
    rows = (
        score_row("real or scrambled", expected, score, low),
        Row("logits apart", "above 0", f"{apart:.2g}", apart > 0),
    )
    return Judged(rows, "where the parts lie is still known.")


EXPERIMENT = Experiment("face", VARIANTS, tuple(VARIANTS), start, tested, planned, judged)
