"""The images of a task of one's own: its patterns at its places, each a little different. No torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shiftlab.learn.data import GRAIN, MOST_TURN, Labelled
from shiftlab.learn.tasks import Mask, Task
from shiftlab.scene.raster import rasterise
from shiftlab.scene.values import Placed, Scene

Floats = NDArray[np.float32]
MOST_CONTRAST = 0.3
"""By how much the contrast of a pattern differs from 1 either way at full variation."""
IMAGES_STREAM, PLACES_STREAM, TEST_STREAM = 50, 51, 52


def ground(task: Task) -> Floats:
    """The canvas (C, rows, cols) with nothing on it."""
    scene = Scene(task.canvas, task.background, (), task.border)
    return rasterise(scene, task.network.spec.channels)


def images(task: Task, places: NDArray[np.intp], labels: NDArray[np.int64], random: np.random.Generator) -> Floats:
    """Images (N, C, rows, cols), each of the pattern of its label with its centre at its place (N, 2).

    With variation v: a turn of up to 14 v degrees and a contrast of 1 by up to 0.3 v, and a grain of
    deviation 0.08 v on every pixel that the pattern changes. The ground is the same in all, to the bit.
    """
    empty, v = ground(task), task.variation
    made = np.empty((len(labels), *empty.shape), dtype=np.float32)
    # Whole degrees: stamps of few turns are kept.
    turns = np.round(random.uniform(-MOST_TURN, MOST_TURN, len(labels)) * v)
    contrasts = 1 + random.uniform(-MOST_CONTRAST, MOST_CONTRAST, len(labels)) * v
    for index, (row, col) in enumerate(places.tolist()):
        pattern = task.classes[int(labels[index])]
        placed = Placed(pattern, (row, col), task.size, turn=float(turns[index]), contrast=float(contrasts[index]))
        image = rasterise(Scene(task.canvas, task.background, (placed,), task.border), len(empty))
        if v:
            grained = np.clip(image + random.normal(0, GRAIN * v, image.shape), 0, 1)
            image = np.where(image != empty, grained, image)
        made[index] = image
    return made


def training_images(task: Task) -> Labelled:
    """The images of a task: every place drawn is given to one of each class, so that it does not tell which.

    All places are used before one is used again.
    """
    classes, seed = len(task.classes), task.settings.seed
    random = np.random.default_rng([seed, PLACES_STREAM])
    standing = np.argwhere(task.standing)
    wanted = -(-task.images // classes)
    passes = [random.permutation(standing) for _ in range(-(-wanted // len(standing)))]
    places = np.concatenate(passes)[:wanted].repeat(classes, axis=0)[: task.images]
    labels = np.arange(task.images) % classes
    return Labelled(images(task, places, labels, np.random.default_rng([seed, IMAGES_STREAM])), labels)


def changed_pixels(task: Task, made: Labelled) -> Mask:
    """The pixels (rows, cols) that differ from the ground in any image, shifted as far as the augmentation goes."""
    seen = np.zeros(task.canvas, dtype=np.bool_)
    empty = ground(task)
    for image in made.images:
        seen |= (image != empty).any(axis=0)
    return widened(seen, task.settings.shift, task.border == "wrap")


def trained_places(task: Task) -> Mask:
    """The places (rows, cols) at which patterns stood whole in training, shifts included."""
    return widened(task.standing, task.settings.shift, task.border == "wrap") & task.whole


def sampled(places: Mask, most: int, seed: int) -> NDArray[np.intp]:
    """At most so many of the marked places (N, 2), drawn without a pattern of their own, always the same ones."""
    found = np.argwhere(places)
    if len(found) <= most:
        return found
    chosen = np.random.default_rng([seed, TEST_STREAM]).choice(len(found), most, replace=False)
    return found[np.sort(chosen)]


def widened(mask: Mask, by: int, wrap: bool) -> Mask:
    """The mask with all that lies up to `by` pixels from it either way, diagonals included."""
    mode = "wrap" if wrap else "constant"
    for axis in (0, 1):
        padded = np.pad(mask, [(by, by) if axis == one else (0, 0) for one in (0, 1)], mode)
        windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * by + 1, axis=axis)
        mask = np.asarray(windows.any(axis=-1))
    return mask
