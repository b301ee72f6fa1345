"""What stands on the canvas of an experiment to begin with."""

from __future__ import annotations

from shiftlab.learn import data
from shiftlab.learn.plans import Plan
from shiftlab.scene.patterns import builtin
from shiftlab.scene.values import Background, Placed, Scene

CANVAS = (64, 64)
UPPER_LEFT = (4, 4)


def cat_at(first: tuple[int, int]) -> Placed:
    """The cat of 20 px, as its generator draws it without chance, with its first pixel at a place."""
    half = data.SIDE // 2
    return Placed(builtin("cat"), (float(first[0] + half), float(first[1] + half)), data.SIDE)


def scene_of(plan: Plan) -> Scene:
    """The black canvas of an experiment with what it was trained on, in the place where it was trained."""
    if plan.experiment in ("corner", "twin"):
        return Scene(size=CANVAS, background=Background(), placed=(cat_at(UPPER_LEFT),), border="zero")
    # Late: these bring torch, which none of the others needs.
    from shiftlab.learn import live

    ready = live.opened(plan)
    return Scene(size=ready.canvas, background=Background(), placed=ready.placed, border="zero")
