"""The backend against computations that share nothing with it: scipy's correlation, softmax, and slices."""

import dataclasses
import threading

import numpy as np
import pytest
from scipy.ndimage import correlate
from scipy.special import softmax

from shiftlab.document import Document
from shiftlab.engine.backend import Backend
from shiftlab.engine.messages import Inspect, PictureRequest, Request
from shiftlab.engine.worker import Abandoned, Worker
from shiftlab.network.initial import initial_weights
from shiftlab.network.spec import (
    Activation,
    BlurPool,
    Conv,
    Dense,
    Flatten,
    GlobalMax,
    MaxPool,
    NetworkError,
    NetworkSpec,
)
from shiftlab.network.weights import Network, Weights
from shiftlab.picture.decimate import Reduced
from shiftlab.picture.levels import Levels
from shiftlab.scene.raster import rasterise
from shiftlab.scene.values import Background, Pattern, Placed, Scene
from tests.engine.samples import BLOB, LUTS

SPEC = NetworkSpec(
    name="small",
    layers=(
        Conv(channels=4, padding=(1, 1), padding_mode="circular"),
        Activation(),
        MaxPool(),
        Conv(channels=3, padding=(1, 1), padding_mode="circular"),
    ),
)
HEADED = NetworkSpec(
    name="headed", layers=(Conv(channels=2), Activation(), Flatten(), Dense(units=3)), classes=("cat", "dog", "bar")
)


def document(spec=SPEC, at=(16, 16), to=(16, 18), size=(32, 32), border="wrap", networks=None):
    reference = Scene(size=size, placed=(Placed(BLOB, at, 9),), border=border)
    scene = dataclasses.replace(reference, placed=(Placed(BLOB, to, 9),))
    return Document(scene, reference, networks or (Network(spec),))


def wanted(stage, view="now", first=0, count=4, tile=(32, 32), index=0):
    return PictureRequest((index, stage), view, first, count, 2, tile, 2)


def ask(backend, doc, *pictures, **more):
    return backend(Request(1, doc, tuple(pictures), LUTS, **more))


@pytest.fixture(scope="module")
def backend():
    return Backend()


def first_conv(doc, scene):
    """The map of the first convolution by scipy, with wrapped borders."""
    weights = initial_weights(doc.networks[0].spec, scene.size).arrays
    image = rasterise(scene)[0].astype(np.float64)
    bias = weights.get("conv1.bias", np.zeros(4))
    return np.stack(
        [correlate(image, kernel[0], mode="wrap") + b for kernel, b in zip(weights["conv1.weight"], bias, strict=True)]
    )


def entries(values, limit):
    """Table entries of signed values, by the rule of the look."""
    return np.clip(np.floor(128.5 + values / limit * 127), 1, 255).astype(np.uint32)


def tiles(rgb):
    """The four 32 px tiles of a picture with a gap of 2."""
    return np.stack([rgb[y : y + 32, x : x + 32] for y in (0, 34) for x in (0, 34)])


def test_a_picture_is_the_direct_computation(backend):
    doc = document()
    snapshot = ask(backend, doc, wanted("conv1"), wanted("conv1", "reference"), wanted("conv1", "changed"))
    now, then = first_conv(doc, doc.scene), first_conv(doc, doc.reference)
    limit = snapshot.sides[0].levels["conv1"][0].limit
    assert limit == pytest.approx(np.percentile(np.abs(np.concatenate([now, then])), 99), rel=0.05)
    for view, expected in (("now", now), ("reference", then), ("changed", now - then)):
        shown = snapshot.pictures[wanted("conv1", view)]
        assert shown.levels == (Levels(limit, True),)
        found = tiles(shown.rgb) - LUTS.diverging[0]
        assert np.abs(found.astype(int) - entries(expected, limit)).max() <= 1
        assert (shown.rgb[32:34] == LUTS.ground).all()
        assert not shown.undefined


def test_what_moved_along_leaves_nothing(backend):
    snapshot = ask(backend, document(), wanted("conv1", "left"), wanted("pool1", "left"))
    shown = snapshot.pictures[wanted("conv1", "left")]
    assert shown.nothing
    assert (tiles(shown.rgb) - LUTS.diverging[0] == 128).all()
    assert snapshot.sides[0].measures[0].equivariance.exact
    assert snapshot.pictures[wanted("pool1", "left")].nothing


def test_what_did_not_move_along_leaves_what_it_should(backend):
    doc = document(to=(16, 19))
    snapshot = ask(backend, doc, wanted("pool1", "left"), inspected=(Inspect((0, "pool1"), 1),))
    shown = snapshot.pictures[wanted("pool1", "left")]
    assert not shown.nothing
    inspected = snapshot.inspected[0]
    best = snapshot.sides[0].measures[2].best_shift
    assert np.array_equal(inspected.moved, np.roll(inspected.reference, best, (0, 1)))
    pooled = np.maximum(first_conv(doc, doc.scene)[1], 0).reshape(16, 2, 16, 2).max((1, 3))
    assert np.abs(inspected.now - pooled).max() < 1e-5
    residual = np.repeat(np.repeat(inspected.now - inspected.moved, 2, 0), 2, 1)
    found = tiles(shown.rgb)[1] - LUTS.diverging[0]
    assert np.array_equal(found, entries(residual, shown.levels[0].limit))


def test_a_view_that_a_stage_does_not_have_says_why(backend):
    doc = document(HEADED)
    shown = ask(backend, doc, wanted("dense1", "left")).pictures[wanted("dense1", "left")]
    assert shown.undefined == "has no places"
    assert (shown.rgb == LUTS.ground).all()
    alone = dataclasses.replace(doc, scene=dataclasses.replace(doc.scene, placed=()))
    shown = ask(backend, alone, wanted("conv1", "left")).pictures[wanted("conv1", "left")]
    assert shown.undefined == "the reference holds other patterns"


def test_cells_that_the_moved_map_does_not_reach_are_hatched(backend):
    spec = NetworkSpec(name="plain", layers=(Conv(channels=4, padding=(1, 1)),))
    doc = document(spec, border="zero", to=(16, 20))
    shown = ask(backend, doc, wanted("conv1", "left")).pictures[wanted("conv1", "left")]
    left_edge = tiles(shown.rgb)[:, :, :4]
    assert np.isin(left_edge, (LUTS.ground, LUTS.nan)).all()
    assert (left_edge == LUTS.nan).any()
    assert shown.finite
    assert shown.nothing


def test_the_inspector_gets_copies_and_the_kernel(backend):
    doc = document()
    one = ask(backend, doc, inspected=(Inspect((0, "conv1"), 2), Inspect((0, "relu1"), 0))).inspected
    weights = initial_weights(SPEC, (32, 32)).arrays["conv1.weight"]
    assert np.array_equal(one[0].kernel, weights[2])
    assert one[1].kernel is None
    assert np.abs(one[0].now - first_conv(doc, doc.scene)[2]).max() < 1e-5
    assert not one[0].now.flags.writeable


def test_what_is_not_there_is_left_out(backend):
    asked = (wanted("conv9"), wanted("conv1", index=1), wanted("conv1", first=4), wanted("conv1", first=2, count=9))
    unknown = (Inspect((0, "conv9"), 0), Inspect((0, "conv1"), 4), Inspect((1, "conv1"), 0))
    snapshot = ask(backend, document(), *asked, inspected=unknown)
    assert list(snapshot.pictures) == [asked[3]]
    assert snapshot.pictures[asked[3]].rgb.shape == (32, 66)
    assert snapshot.inspected == ()


def test_the_head_answers_for_both_scenes(backend):
    head = ask(backend, document(HEADED)).sides[0].head
    assert head.classes == ("cat", "dog", "bar")
    assert head.probabilities == pytest.approx(softmax(head.logits))
    back = ask(backend, document(HEADED, to=(16, 16))).sides[0].head
    assert head.reference_probabilities == pytest.approx(back.probabilities)
    assert head.probabilities != pytest.approx(back.probabilities)
    assert ask(backend, document()).sides[0].head is None
    unnamed = NetworkSpec(name="unnamed", layers=(Conv(channels=2), GlobalMax()))
    assert ask(backend, document(unnamed)).sides[0].head.classes == ("class 1", "class 2")


class TestLevels:
    def test_frozen_ranges_are_kept(self, backend):
        snapshot = ask(backend, document())
        frozen = {key: tuple(Levels(7.0, one.signed) for one in levels) for key, levels in snapshot.levels.items()}
        shown = ask(backend, document(to=(20, 20)), wanted("relu1"), frozen=frozen)
        assert shown.levels == frozen
        assert shown.pictures[wanted("relu1")].levels == (Levels(7.0, False),)

    def test_a_frozen_range_that_does_not_fit_is_computed(self, backend):
        frozen = {(0, "conv1"): (Levels(7.0, True),), (0, "relu1"): (Levels(7.0, True),)}
        levels = ask(backend, document(), frozen=frozen).levels
        fresh = ask(backend, document()).levels
        assert levels[0, "conv1"] == (Levels(7.0, True),)
        assert levels[0, "relu1"] == fresh[0, "relu1"]
        assert levels[0, "pool1"] == fresh[0, "pool1"]

    def test_scopes(self, backend):
        doc = document()
        stage = ask(backend, doc).levels
        channel = ask(backend, doc.with_lenses(scope="channel"), wanted("conv1", count=2))
        network = ask(backend, doc.with_lenses(scope="network")).levels
        assert len(channel.levels[0, "conv1"]) == 4
        assert len(channel.pictures[wanted("conv1", count=2)].levels) == 2
        largest = max(one.limit for levels in stage.values() for one in levels)
        assert {one.limit for levels in network.values() for one in levels} == {largest}
        assert [one.signed for levels in network.values() for one in levels] == [True, False, False, True]

    def test_side_by_side_share_a_range(self, backend):
        strong = Weights(
            {name: array * np.float32(3) for name, array in initial_weights(SPEC, (32, 32)).arrays.items()}
        )
        both = (Network(SPEC), Network(SPEC, strong))
        shown = ask(backend, document(networks=both), wanted("conv1", index=1))
        alone = ask(backend, document(networks=both[1:])).levels
        assert shown.levels[0, "conv1"] == shown.levels[1, "conv1"] == alone[0, "conv1"]
        assert shown.sides[0].measures[0].invariance.value == pytest.approx(shown.sides[1].measures[0].invariance.value)

    def test_stages_above_each_other_share_a_range_whatever_they_are_called(self, backend):
        blurred = NetworkSpec(
            name="blurred", layers=(*SPEC.layers[:2], BlurPool(padding_mode="circular"), *SPEC.layers[3:])
        )
        both = (Network(SPEC), Network(blurred))
        shown = ask(backend, document(networks=both), wanted("conv1")).levels
        a, b = (ask(backend, document(networks=(one,))).levels for one in both)
        pool, blur = a[0, "pool1"][0], b[0, "blur1"][0]
        assert pool.limit != blur.limit
        assert shown[0, "pool1"][0].limit == shown[1, "blur1"][0].limit == max(pool.limit, blur.limit)

    def test_maps_of_one_sign_and_of_both_keep_their_own_ranges(self, backend):
        signed = NetworkSpec(name="signed", layers=(*SPEC.layers[:1], Activation(function="tanh"), *SPEC.layers[2:]))
        both = (Network(SPEC), Network(signed))
        shown = ask(backend, document(networks=both), wanted("conv1")).levels
        alone = [ask(backend, document(networks=(one,))).levels for one in both]
        for side, name in ((0, "relu1"), (1, "tanh1")):
            assert shown[side, name] == alone[side][0, name]


def test_another_view_runs_nothing_anew(backend, monkeypatch):
    doc = document(to=(10, 11))
    ask(backend, doc, wanted("conv1"))
    monkeypatch.setattr("shiftlab.engine.follower.rasterise", lambda *_: pytest.fail("ran again"))
    again = ask(backend, doc.with_lenses(view="left", scope="channel"), wanted("conv1", "left"))
    assert again.pictures
    assert again.forward_seconds > 0


@pytest.mark.parametrize("calls", [1, 2, 3])
def test_an_abandoned_request_leaves_the_next_one_whole(backend, calls):
    left = [calls]

    def stop(slow=False):
        left[0] -= 1
        if not left[0]:
            raise Abandoned

    before, doc = document(to=(9, 9)), document(to=(5, 6))
    ask(backend, before)
    with pytest.raises(Abandoned):
        backend(Request(1, doc, (wanted("conv1"),), LUTS), stop)
    for one in (before, doc):
        fresh = ask(Backend(), one, wanted("conv1"))
        again = ask(backend, one, wanted("conv1"))
        assert np.array_equal(again.pictures[wanted("conv1")].rgb, fresh.pictures[wanted("conv1")].rgb)
        assert again.sides[0].measures == fresh.sides[0].measures


def test_an_exception_in_the_forward_leaves_the_next_one_whole(backend, monkeypatch):
    ask(backend, document(to=(9, 9)))

    def fail(*_):
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr("shiftlab.engine.follower.WindowedForward.update", fail)
        with pytest.raises(MemoryError):
            ask(backend, document(to=(5, 6)))
    fresh, again = (ask(one, document(to=(5, 6)), wanted("conv2")) for one in (Backend(), backend))
    assert np.array_equal(again.pictures[wanted("conv2")].rgb, fresh.pictures[wanted("conv2")].rgb)


def test_a_drag_gives_the_bits_of_every_place_alone(monkeypatch):
    """The follower's windows, its buffers and the pictures' caches against a backend that saw one place only."""
    spec = NetworkSpec(
        name="deeper",
        layers=(Conv(channels=16, padding=(1, 1)), Activation(), MaxPool(), Conv(channels=16), Activation()),
    )
    views = ("now", "changed", "left", "reference")
    asked = [
        wanted(name, view, count=3, tile=tile)
        for name in spec.stage_names
        for view in views
        for tile in ((64, 64), (30, 30))
    ]
    drag, windowed, renewed = Backend(), [], []
    renew = Reduced.renew
    monkeypatch.setattr(Reduced, "renew", lambda self, *given: (renewed.append(given), renew(self, *given))[1])
    frozen = ask(drag, document(spec, size=(256, 256), border="zero")).levels
    for at in ((20, 20), (20, 23), (21, 24), (200, 100), (255, 0), (255, 2), (128, 128), (128, 128)):
        doc = document(spec, to=at, size=(256, 256), border="zero")
        seen, alone = ask(drag, doc, *asked, frozen=frozen), ask(Backend(), doc, *asked, frozen=frozen)
        windowed.append(seen.sides[0].windowed)
        for one in asked:
            assert np.array_equal(seen.pictures[one].rgb, alone.pictures[one].rgb)
            assert seen.pictures[one] == dataclasses.replace(alone.pictures[one], rgb=seen.pictures[one].rgb)
        assert seen.sides[0].measures == alone.sides[0].measures
    assert sum(windowed) >= 4
    assert len(renewed) >= 20


def test_a_drag_that_was_prepared_gives_the_same_bits():
    spec = NetworkSpec(
        name="deeper", layers=(Conv(channels=16, padding=(1, 1)), Activation(), MaxPool(), Conv(channels=16))
    )
    drag, windowed = Backend(), []
    for at in ((20, 20), (20, 23), (21, 24), (24, 24)):
        doc = document(spec, to=at, size=(96, 96), border="zero")
        seen = ask(drag, doc, *(wanted(name) for name in spec.stage_names))
        drag.settle()
        alone = ask(Backend(), doc, *(wanted(name) for name in spec.stage_names))
        assert all(np.array_equal(seen.pictures[one].rgb, alone.pictures[one].rgb) for one in seen.pictures)
        assert seen.sides[0].measures == alone.sides[0].measures
        windowed.append(seen.sides[0].windowed)
    assert windowed == [False, True, True, True]


def test_settling_ends_as_soon_as_anything_is_asked(backend):
    ask(backend, document())

    def stop(slow=False):
        assert slow
        raise Abandoned

    with pytest.raises(Abandoned):
        backend.settle(stop)
    fresh, again = (ask(one, document(to=(5, 6)), wanted("conv2")) for one in (Backend(), backend))
    assert np.array_equal(again.pictures[wanted("conv2")].rgb, fresh.pictures[wanted("conv2")].rgb)


def test_causes_are_not_waited_for(backend):
    """What is slow is given up layer by layer; the measures are there all the same for the next request."""
    doc, asked = document(to=(16, 13)), []

    def busy(slow=False):
        asked.append(slow)
        if slow:
            raise Abandoned

    with pytest.raises(Abandoned):
        backend(Request(1, doc, (), LUTS, at_rest=True), busy)
    assert asked.count(True) == 1
    assert not any(one.causes_known for one in ask(backend, doc).sides[0].measures)
    assert all(one.causes_known for one in ask(backend, doc, at_rest=True).sides[0].measures)


def test_causes_come_at_rest_and_stay_while_the_view_changes(backend):
    doc = document(to=(16, 19))
    assert not any(one.causes_known for one in ask(backend, doc).sides[0].measures)
    explained = ask(backend, doc, at_rest=True).sides[0].measures
    assert [cause.kind for cause in explained[2].causes] == ["phase"]
    assert all(one.causes_known for one in explained)
    assert ask(backend, doc.with_lenses(view="left"), wanted("pool1", "left")).sides[0].measures == explained
    assert not any(one.causes_known for one in ask(backend, document(to=(16, 21))).sides[0].measures)


def test_weights_that_do_not_fit_are_one_line(backend):
    broken = Network(SPEC, Weights({"conv1.weight": np.zeros((4, 2, 3, 3), np.float32)}))
    with pytest.raises(NetworkError) as caught:
        ask(backend, document(networks=(broken,)))
    assert "\n" not in str(caught.value)
    assert ask(backend, document()).sides


def test_a_picture_that_is_held_is_not_written_to(backend):
    held = ask(backend, document(), wanted("conv1")).pictures[wanted("conv1")]
    before = held.rgb.copy()
    for col in range(5):
        ask(backend, document(to=(3, col)), wanted("conv1"))
    assert np.array_equal(held.rgb, before)


ODD = {
    "nothing on the canvas": lambda: Document(Scene((16, 16)), Scene((16, 16)), (Network(SPEC),)),
    "33 wide": lambda: document(size=(20, 33)),
    "maps of one cell": lambda: document(
        NetworkSpec(name="one", layers=(MaxPool(kernel=(32, 32), stride=(32, 32)), Conv(channels=2, kernel=(1, 1))))
    ),
    "512 channels": lambda: document(NetworkSpec(name="wide", layers=(Conv(channels=512, kernel=(1, 1)), GlobalMax()))),
    "overflow": lambda: document(networks=(Network(SPEC, huge(SPEC)),)),
    "another canvas at the reference": lambda: dataclasses.replace(document(), reference=Scene((16, 16))),
    "noise below": lambda: document().with_background(Background("noise", 0.5, 3)),
    "between pixels": lambda: document(to=(16.25, 17.5)),
    "between pixels with a border": lambda: document(to=(16.25, 17.5), border="zero"),
    "a part of a cell, and nothing to be seen": lambda: unseen(document(to=(17, 19))),
    "no layers": lambda: document(NetworkSpec(name="empty", layers=())),
}


def unseen(doc):
    """The pattern is as its ground."""
    black = Pattern("black", np.zeros((1, 5, 5), np.float32), np.ones((5, 5), np.float32))
    return doc.with_look(0, lambda placed: dataclasses.replace(placed, pattern=black))


def huge(spec):
    return Weights(
        {name: np.sign(array) * np.float32(3e38) for name, array in initial_weights(spec, (32, 32)).arrays.items()}
    )


@pytest.mark.parametrize("case", ODD)
def test_odd_data_is_answered(backend, case):
    doc = ODD[case]()
    names = doc.networks[0].spec.stage_names
    views = ("now", "reference", "changed", "left")
    asked = [wanted(name, view, count=600, tile=(33, 33)) for name in names for view in views]
    snapshot = ask(backend, doc, *asked, inspected=tuple(Inspect((0, name), 0) for name in names))
    assert set(snapshot.pictures) == set(asked)
    for shown in snapshot.pictures.values():
        assert (shown.rgb >> 24 == 255).all()
    assert all(one.limit > 0 for levels in snapshot.levels.values() for one in levels)
    if case == "overflow":
        assert not snapshot.pictures[wanted(names[-1], "now", count=600, tile=(33, 33))].finite
        assert snapshot.sides[0].measures[-1].invariance.reason == "not a number"
    if case == "nothing on the canvas":
        assert all(shown.nothing for asked, shown in snapshot.pictures.items() if asked.view == "changed")


def test_a_burst_ends_with_the_direct_computation():
    """1,000 moves: far fewer computed, and the last frame is that of a backend that saw nothing else."""
    answers, done = [], threading.Event()
    last = document(to=(7, 21))

    def take(snapshot):
        answers.append(snapshot)
        if snapshot.request.sequence == 1000:
            done.set()

    worker = Worker(Backend, take, lambda failure: pytest.fail(failure.traceback))
    try:
        for sequence in range(1000):
            moved = document(to=(sequence % 32, sequence // 32))
            worker.submit(Request(sequence, moved, (wanted("conv2"),), LUTS))
            assert worker.waiting <= 1
        worker.submit(Request(1000, last, (wanted("conv2"),), LUTS))
        assert done.wait(20)
    finally:
        assert worker.close(10)
    assert worker.submitted == 1001
    assert worker.computed < 900
    direct = ask(Backend(), last, wanted("conv2"))
    assert np.array_equal(answers[-1].pictures[wanted("conv2")].rgb, direct.pictures[wanted("conv2")].rgb)
    assert answers[-1].sides[0].measures == direct.sides[0].measures
