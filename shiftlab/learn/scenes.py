"""What stands on the canvas of an experiment to begin with: no torch, so that the window need not wait for it."""

from __future__ import annotations

from shiftlab.learn import colour_data, data, face_data
from shiftlab.learn.plans import Plan
from shiftlab.learn.shipped import CANVAS, UPPER_LEFT
from shiftlab.scene.patterns import builtin
from shiftlab.scene.values import Background, Placed, Scene


def cat_at(first: tuple[int, int]) -> Placed:
    """The cat of 20 px, as its generator draws it without chance, with its first pixel at a place."""
    half = data.SIDE // 2
    return Placed(builtin("cat"), (float(first[0] + half), float(first[1] + half)), data.SIDE)


def placed_in(plan: Plan) -> tuple[Placed, ...]:
    """What stands on the canvas of an experiment: what it is trained on, in a place where it is trained."""
    if plan.task is not None:
        return plan.task.scene().placed
    if plan.experiment == "face":
        return face_data.placed_face()
    if plan.experiment == "red-green":
        return colour_data.placed_patches()
    return (cat_at(UPPER_LEFT),)


def scene_of(plan: Plan) -> Scene:
    """The canvas of an experiment with what stands on it, black but for a task of one's own."""
    if plan.task is not None:
        return plan.task.scene()
    canvas = colour_data.CANVAS if plan.experiment == "red-green" else CANVAS
    return Scene(size=canvas, background=Background(), placed=placed_in(plan), border="zero")
