"""What is left is followed where it can be: with the bits of a backend that saw one place only, and no drawing anew."""

import dataclasses

import numpy as np
import pytest

from shiftlab.document import Document
from shiftlab.engine.backend import Backend
from shiftlab.engine.left import left_block, left_of
from shiftlab.engine.messages import PictureRequest, Request
from shiftlab.engine.stage_maps import Along, Change, OverBlank, StageMaps
from shiftlab.network.info import StageInfo
from shiftlab.network.spec import Activation, AvgPool, Conv, Dense, Flatten, MaxPool, NetworkSpec
from shiftlab.network.weights import Network
from shiftlab.picture.following import Following
from shiftlab.scene.values import Background, Placed, Scene
from tests.engine.samples import BLOB, LUTS

RING = NetworkSpec(
    name="ring",
    layers=(
        Conv(channels=4, padding=(1, 1), padding_mode="circular"),
        Activation(),
        MaxPool(),
        Conv(channels=3, padding=(2, 2), kernel=(5, 5), padding_mode="circular"),
        AvgPool(),
    ),
)
HEADED = NetworkSpec(name="headed", layers=(*RING.layers, Flatten(), Dense(units=3)))
ZEROS = NetworkSpec(name="zeros", layers=(Conv(channels=4, padding=(1, 1)), Activation(), MaxPool()))
PLACES = (
    (32, 32),
    (32, 33),
    (33, 35),
    (60, 35),
    (63, 1),
    (2, 62),
    (31, 31),
    (31, 31),
    (16.5, 20),
    (17, 20.25),
    (17, 21),
)


def document(spec, to, size=(64, 64), background=None):
    reference = Scene(
        size=size,
        placed=(Placed(BLOB, (30, 30), 9),),
        border="wrap",
        background=background or Background("uniform", 0.3),
    )
    return Document(dataclasses.replace(reference, placed=(Placed(BLOB, to, 9),)), reference, (Network(spec),))


def ask(backend, doc, asked, **more):
    return backend(Request(1, doc, tuple(asked), LUTS, **more))


def requests(spec, views=("left",)):
    return [
        PictureRequest((0, name), view, 0, 3, 2, tile, 1)
        for name in spec.stage_names
        for view in views
        for tile in ((64, 64), (32, 32), (21, 21))
    ]


@pytest.mark.parametrize("spec", [RING, HEADED, ZEROS], ids=lambda spec: spec.name)
def test_a_drag_gives_the_bits_of_every_place_alone(spec):
    asked, drag = requests(spec), Backend()
    frozen = ask(drag, document(spec, (30, 33)), asked).levels
    for to in PLACES:
        doc = document(spec, to)
        seen, alone = ask(drag, doc, asked, frozen=frozen), ask(Backend(), doc, asked, frozen=frozen)
        for one in asked:
            found, expected = seen.pictures[one], alone.pictures[one]
            assert np.array_equal(found.rgb, expected.rgb), (one, to)
            assert found == dataclasses.replace(expected, rgb=found.rgb)


@pytest.mark.parametrize(
    ("spec", "background", "follows"),
    [(RING, None, True), (ZEROS, None, False), (RING, Background("noise", 0.5, 3), False)],
    ids=["ring", "zeros", "noise"],
)
def test_only_over_a_blank_that_is_the_same_everywhere_it_is_followed(spec, background, follows, monkeypatch):
    drag, renewed = Backend(), []
    renew = Following.renew
    monkeypatch.setattr(Following, "renew", lambda self, *given: (renewed.append(given), renew(self, *given))[1])
    for to in ((30, 33), (31, 33), (31, 34)):
        ask(drag, document(spec, to, background=background), requests(spec))
    assert bool(renewed) == follows
    if follows:
        assert len(renewed) == 2 * len(requests(spec))


def test_where_nothing_moved_it_is_the_same_picture():
    drag, doc = Backend(), document(RING, (31, 33))
    asked = requests(RING, ("now", "reference", "changed", "left"))
    first = ask(drag, doc, asked)
    again = ask(drag, doc, asked, frozen=first.levels)
    assert all(again.pictures[one] is first.pictures[one] for one in asked)


@pytest.mark.parametrize("by", [(0, 0), (3, -2), (-7, 11), (13, 5)])
def test_a_part_of_what_is_left_is_that_of_the_roll(by):
    rng = np.random.default_rng(0)
    now, reference = (rng.normal(size=(3, 12, 10)).astype(np.float32) for _ in range(2))
    info = StageInfo("conv1", "conv", 3, (12, 10), (1, 1), (3, 3), (0.0, 0.0), True)
    over = OverBlank(np.zeros_like(now), [(4, 4, 2, 3)], [(9, 7, 3, 2)])
    stage = StageMaps(info, now, reference, lambda: Along(by, True), (), Change(None), lambda: over)
    expected = now - np.roll(reference, by, (1, 2))
    block = left_block(stage, slice(1, 3), by)
    for rows, cols in ((slice(0, 12), slice(0, 10)), (slice(5, 8), slice(9, 10)), (slice(11, 12), slice(2, 7))):
        assert np.array_equal(block(rows, cols), expected[1:, rows, cols])
    left = left_of(stage)
    covered = np.zeros((12, 10), bool)
    for top, start, height, width in left.areas:
        covered[top : top + height, start : start + width] = True
    marks = np.zeros((12, 10), bool)
    marks[9:12, 7:9] = True
    wanted = np.roll(marks, by, (0, 1))
    wanted[4:6, 4:7] = True
    assert np.array_equal(covered, wanted)


def test_shifts_between_cells_and_borders_are_not_followed():
    maps = np.zeros((3, 12, 10), np.float32)
    info = StageInfo("conv1", "conv", 3, (12, 10), (1, 1), (3, 3), (0.0, 0.0), True)
    over = OverBlank(maps, [], [])
    for along, known in ((Along((0.5, 0), True), over), (Along((1, 0), False), over), (Along((1, 0), True), None)):
        stage = StageMaps(info, maps, maps, lambda along=along: along, (), Change(None), lambda known=known: known)
        assert left_of(stage) is None
