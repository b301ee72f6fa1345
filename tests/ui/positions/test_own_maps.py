"""Maps of a network that was trained on a task of one's own: its classes at every place, its places outlined."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from shiftlab.learn.plans import Opened, own
from shiftlab.learn.tasks import Task
from shiftlab.network.spec import Conv, Dense, Flatten, NetworkSpec
from shiftlab.network.weights import Network
from shiftlab.opening import opening_document
from shiftlab.scene import patterns
from shiftlab.scene.values import Background, Placed
from shiftlab.ui.lab import Lab
from shiftlab.ui.positions.dock import PositionDock
from shiftlab.ui.positions.questions import Question, images_of, patch_of
from shiftlab.ui.positions.trained import TrainedPlaces
from shiftlab.ui.training.course import Course

CANVAS = (24, 28)
SPEC = NetworkSpec(
    name="mine",
    layers=(Conv(channels=2, padding=(1, 1)), Flatten(), Dense(units=2)),
    classes=("star", "bar"),
)


def task(**changes) -> Task:
    places = np.zeros(CANVAS, dtype=np.bool_)
    places[6:8, 6:20] = places[6:18, 6:9] = True
    made = Task(
        Network(SPEC), (patterns.builtin("star"), patterns.builtin("bar")), CANVAS, 9, places, images=32, variation=0.0
    )
    return dataclasses.replace(made, **changes)


def asked(task: Task) -> Question:
    placed = Placed(patterns.builtin("star"), (12.0, 12.0), 9)
    return Question((task.network,), placed, Background(), CANVAS, "own", task=task)


def test_without_variation_every_class_is_tried_as_it_stands_on_the_canvas():
    one = task()
    question = asked(one)
    images, labels = images_of(one, question.size)
    assert labels == [0, 1]
    assert images.shape == (2, 1, *question.size)
    for image, pattern in zip(images, one.classes, strict=True):
        alone = patch_of(Placed(pattern, (12.0, 12.0), 9), 1, 0.0)
        rows, cols = alone.shape[1:]
        top, left = question.size[0] // 2 - rows // 2, question.size[1] // 2 - cols // 2
        expected = np.zeros(image.shape, dtype=np.float32)
        expected[:, top : top + rows, left : left + cols] = alone
        assert np.array_equal(image, expected)


def test_with_variation_the_images_differ_and_the_classes_take_turns():
    images, labels = images_of(task(variation=0.5), asked(task()).size)
    assert labels[:4] == [0, 1, 0, 1]
    assert len(images) == 32
    assert not np.array_equal(images[0], images[2])


@pytest.mark.parametrize("shift", [0, 2])
def test_trained_places_are_where_centres_stood(shift):
    one = task()
    one = dataclasses.replace(one, settings=dataclasses.replace(one.settings, shift=shift))
    ready = Opened(own(one), (one.network,), CANVAS, (), one.settings)
    question = asked(one)
    shape = tuple(side - size + 1 for side, size in zip(CANVAS, question.size, strict=True))
    trained, never = TrainedPlaces(SimpleNamespace(behind=lambda _network, _side: ready)).found(question, 0, shape)
    assert never is None
    centres = [tuple(at) for at in np.argwhere(one.standing)]
    for row in range(shape[0]):
        for col in range(shape[1]):
            centre = row + question.size[0] // 2, col + question.size[1] // 2
            near = any(max(abs(centre[0] - at[0]), abs(centre[1] - at[1])) <= shift for at in centres)
            assert trained[row, col] == near, (row, col)


def test_its_classes_are_offered_where_the_networks_are_for_them(qtbot):
    lab = Lab(opening_document(SPEC, "star", size=9, canvas=CANVAS, border="zero"))
    course = Course(lab)
    dock = PositionDock(lab, course)
    qtbot.addWidget(dock)
    assert dock.question().tests == "canvas"
    one = task()
    course.ready = Opened(own(one), (one.network,), CANVAS, (), one.settings)
    assert dock.question().tests == "own"
    assert dock.question().task == one
    assert [choice.id for choice in dock._test_choices()] == ["own", "canvas"]
    dock._choose_tests("canvas")
    assert dock.question().tests == "canvas"
    dock._choose_tests("own")
    other = Network(with_classes(SPEC, ("cat", "bar")))
    lab.edit(lambda document: document.with_networks((other,)), "Network")
    assert dock.question().tests == "canvas"
    assert course.close(10)
    assert dock.close_jobs(10)
    lab.close()


def with_classes(spec: NetworkSpec, classes: tuple[str, ...]) -> NetworkSpec:
    return NetworkSpec(name=spec.name, layers=spec.layers, classes=classes)
