"""Tasks of one's own as values, and the images drawn for them, against plain loops."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import msgspec
import numpy as np
import pytest
from scipy import ndimage

from shiftlab.learn import drawn, plans, tasks
from shiftlab.learn.plans import Plan
from shiftlab.learn.tasks import Task
from shiftlab.learn.values import Settings
from shiftlab.network import presets
from shiftlab.network.initial import initial_weights
from shiftlab.network.spec import Activation, Conv, Dense, Flatten, GlobalMax, MaxPool, NetworkSpec
from shiftlab.network.weights import Network
from shiftlab.scene import patterns
from shiftlab.scene.raster import rasterise
from shiftlab.scene.values import Background, Pattern, Placed, Scene

CANVAS = (24, 28)
RING, CROSS = patterns.builtin("ring"), patterns.builtin("cross")


def solid(name: str, height: int, width: int) -> Pattern:
    return Pattern(name, np.ones((1, height, width), np.float32), np.ones((height, width), np.float32))


def spec(**changes: object) -> NetworkSpec:
    layers = (Conv(channels=3, padding=(1, 1), bias=False), Activation(), MaxPool(), Flatten(), Dense(units=2))
    return msgspec.structs.replace(NetworkSpec(name="small", layers=layers, seed=1), **changes)


def task(**changes: object) -> Task:
    given: dict[str, object] = {
        "network": Network(spec()),
        "classes": (RING, CROSS),
        "canvas": CANVAS,
        "size": 7,
        "places": tasks.corner(CANVAS, 7),
    }
    return Task(**{**given, **changes})  # type: ignore[arg-type]


def uncut(canvas: tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    """By drawing: where no pixel of a solid pattern is lost."""
    pattern = solid("solid", *size)
    found = np.zeros(canvas, dtype=bool)
    for row, col in np.ndindex(*canvas):
        scene = Scene(canvas, placed=(Placed(pattern, (row, col), max(size)),), border="zero")
        found[row, col] = rasterise(scene).sum() == size[0] * size[1]
    return found


class TestPlaces:
    @pytest.mark.parametrize("size", [6, 7])
    def test_everywhere_is_where_nothing_is_cut(self, size):
        np.testing.assert_array_equal(tasks.everywhere(CANVAS, size), uncut(CANVAS, (size, size)))
        assert tasks.everywhere(CANVAS, size, "wrap").all()

    @pytest.mark.parametrize("size", [6, 7])
    def test_corner_is_where_nothing_leaves_the_quarter(self, size):
        quarter = np.zeros(CANVAS, dtype=bool)
        quarter[:12, :14] = uncut((24, 28), (size, size))[:12, :14]
        inside = [
            (row - size // 2 >= 0) and (row - size // 2 + size <= 12) and (col - size // 2 + size <= 14)
            for row, col in np.argwhere(quarter)
        ]
        expected = {tuple(place) for place, held in zip(np.argwhere(quarter), inside, strict=True) if held}
        assert {tuple(place) for place in np.argwhere(tasks.corner(CANVAS, size))} == expected

    def test_what_is_larger_than_the_quarter_stands_in_the_very_corner(self):
        assert np.argwhere(tasks.corner(CANVAS, 20)).tolist() == [[10, 10]]

    def test_a_strip_crosses_the_canvas_in_its_middle(self):
        found = tasks.strip(CANVAS, 7)
        rows, cols = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
        # Seven pixels stand in the middle of 24 with their first at 8, their centre at 11.
        assert rows.tolist() == [10, 11, 12]
        assert cols.tolist() == list(range(3, 25))
        assert tasks.strip(CANVAS, 7, "wrap")[11].all()

    def test_painted_places_that_cut_a_pattern_are_left_out(self):
        wide = (solid("wide", 4, 8), RING)
        found = task(classes=wide, size=8, places=np.ones(CANVAS, dtype=bool))
        np.testing.assert_array_equal(found.standing, uncut(CANVAS, (8, 8)) & uncut(CANVAS, (4, 8)))
        assert found.places.all()
        wrapped = task(classes=wide, size=8, places=np.ones(CANVAS, dtype=bool), border="wrap")
        assert wrapped.standing.all()

    def test_the_middle_is_one_of_them(self):
        mask = np.zeros((5, 9), dtype=bool)
        mask[0] = mask[:, 0] = True
        assert mask[tasks.middle(mask)]
        assert task().scene().placed[0].at == (5, 6)


class TestValue:
    def test_two_are_equal_when_all_is(self):
        assert task() == task()
        assert hash(task()) == hash(task())
        other = tasks.corner(CANVAS, 7).copy()
        other[3, 3] ^= True
        for changes in (
            {"places": other},
            {"size": 6},
            {"classes": (CROSS, RING)},
            {"settings": Settings(rate=0.1)},
            {"background": Background(grey=0.2)},
            {"border": "wrap"},
            {"variation": 0.0},
            {"network": Network(spec(seed=2))},
        ):
            assert task(**changes) != task()
        assert plans.own(task()) == plans.own(task())
        assert plans.own(task()) != plans.own(task(places=other))

    def test_places_are_a_copy_that_nobody_changes(self):
        mine = tasks.corner(CANVAS, 7).copy()
        found = task(places=mine)
        mine[:] = False
        assert found.places.any()
        with pytest.raises(ValueError, match="read-only"):
            found.places[0, 0] = True

    def test_present_weights_count_only_where_it_starts_from_them(self):
        weights = initial_weights(spec(seed=9), CANVAS)
        trained = Network(spec(), weights)
        assert task(network=trained) == task()
        assert task(network=trained).network.weights is None
        kept = task(network=trained, start="present")
        assert kept.network.weights == weights
        assert kept != task()

    def test_outputs_are_named_after_the_classes(self):
        assert task().network.spec.classes == ("ring", "cross")
        assert dataclasses.replace(task(), network=task().network) == task()
        further = Network(spec(classes=("ring", "cross", "output 3")))
        assert task(network=further).network == further

    def test_names_are_made_distinct(self):
        assert [one.name for one in tasks.distinct([RING, CROSS, RING, RING])] == ["ring", "cross", "ring 2", "ring 3"]

    def test_settings_are_replaced_by_name(self):
        assert tasks.with_settings(task(), rate=0.1, shift=2).settings == Settings(rate=0.1, shift=2)
        with pytest.raises(ValueError, match="batch must be 1 or more"):
            tasks.with_settings(task(), batch=0)

    def test_as_many_images_as_are_said_to_fit_do(self):
        assert task(images=tasks.most_images(1, CANVAS)).images == 199728
        # The largest canvas in colour is the only kind that cannot have the usual number.
        assert tasks.most_images(1, (512, 512)) == tasks.IMAGES > tasks.most_images(3, (512, 512))

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"classes": (RING,)}, "classes must be two patterns or more, not 1: add"),
            ({"classes": (RING, RING)}, "classes hold 2 patterns called 'ring': give each a name"),
            (
                {"classes": (RING, dataclasses.replace(RING, name="hoop"))},
                "classes 'ring' and 'hoop' are the same picture",
            ),
            ({"size": 25}, "size must be 1 to 24 px on this canvas, not 25"),
            ({"places": np.zeros(CANVAS, dtype=bool)}, "places are empty: paint"),
            ({"places": np.eye(24, 28, dtype=bool) & (np.arange(28) < 3)}, "places all cut a pattern of 7 px"),
            ({"places": np.ones((3, 4), dtype=bool)}, "places must be 24x28 like the canvas, not 3x4"),
            ({"canvas": (8, 28)}, "canvas sides must be 16 to 512 px"),
            ({"border": "mirror"}, "border must be zero or wrap"),
            ({"start": "now"}, "start must be one of initial, present"),
            ({"start": "present"}, "small has not been trained: start must be 'initial'"),
            ({"variation": 1.5}, "variation must be 0 to 1, not 1.5"),
            ({"images": 1}, "images must be 2 or more, one of each class, not 1"),
            ({"images": 10**6}, "images must be at most 199728 on a canvas of 24x28, not 1000000"),
            ({"settings": Settings(shift=24)}, "shift must be below 24 px on this canvas, not 24"),
            (
                {"network": Network(presets.preset("three-blocks"))},
                "three-blocks ends in maps: give it a head of 2 outputs on the bench",
            ),
            (
                {"classes": (RING, CROSS, solid("solid", 4, 4))},
                "small ends in 2 values, but there are 3 classes: give its last layer 3 units",
            ),
        ],
    )
    def test_what_does_not_fit_is_named(self, changes, message):
        with pytest.raises(ValueError, match=f"^{message}"):
            task(**changes)


class TestPlan:
    def test_a_task_is_for_own_alone(self):
        with pytest.raises(ValueError, match="task must be given to the experiment 'own', and to no other"):
            Plan("own")
        with pytest.raises(ValueError, match="task must be given"):
            Plan("corner", task=task())
        with pytest.raises(ValueError, match="rate of an own task stands in its settings"):
            Plan("own", task=task(), rate=0.1)
        assert plans.own(task(settings=Settings(seed=5))).seed == 5

    def test_it_has_words(self):
        plan = plans.own(task())
        assert plans.title(plan.experiment) == "Own patterns"
        assert plans.question(plan.experiment).endswith("?")
        assert "Nothing is known beforehand" in plans.expectation(plan)
        assert "own" not in plans.EXPERIMENTS

    @pytest.mark.parametrize(
        ("changes", "cause"),
        [
            ({"network": Network(presets.preset("lenet"))}, "biases give black a response"),
            ({"background": Background(grey=0.4)}, "the ground is not black"),
            ({"settings": Settings(weight_decay=0.1)}, "weight decay shrinks every weight"),
        ],
    )
    def test_why_untouched_weights_moved(self, changes, cause):
        given = {"canvas": (32, 32), "places": tasks.corner((32, 32), 7), **changes}
        assert cause in plans.why_untouched(plans.own(task(**given)), 0.01)
        clean = plans.own(task())
        assert plans.why_untouched(clean, 0.01).endswith("something answered there.")
        assert "0 exactly. Black" in plans.why_untouched(clean, 0.0)

    def test_decay_does_not_move_weights_that_are_zero(self):
        layers = (*spec().layers[:-1], Dense(units=2, initialisation="zeros"))
        zeros = task(network=Network(spec(layers=layers)), settings=Settings(weight_decay=0.1))
        assert "decay" not in plans.why_untouched(plans.own(zeros), 0.01)

    def test_a_pooled_head_has_none(self):
        pooled = (*spec().layers[:3], GlobalMax(), Dense(units=2))
        found = plans.own(task(network=Network(spec(layers=pooled))))
        assert plans.why_untouched(found, None).startswith("A pooled head")


class TestImages:
    @pytest.mark.parametrize("border", ["zero", "wrap"])
    @pytest.mark.parametrize("channels", [1, 3])
    def test_without_variation_they_are_the_patterns_in_their_places(self, border, channels):
        made = task(
            network=Network(spec(channels=channels)),
            variation=0.0,
            border=border,
            background=Background("texture", 0.4, 3),
            places=np.ones(CANVAS, dtype=bool),
        )
        places = np.array([[0, 0], [12, 9]] if border == "wrap" else [[3, 3], [12, 9]])
        found = drawn.images(made, places, np.array([1, 0]), np.random.default_rng(0))
        for image, place, pattern in zip(found, places, (CROSS, RING), strict=True):
            placed = Placed(pattern, (float(place[0]), float(place[1])), 7)
            scene = Scene(CANVAS, made.background, (placed,), border)
            np.testing.assert_array_equal(image, rasterise(scene, channels))

    def test_with_variation_they_differ_and_the_ground_does_not(self):
        made = task(variation=1.0, background=Background("noise", 0.5, 2))
        places = np.repeat([[12, 14]], 12, axis=0)
        found = drawn.images(made, places, np.zeros(12, dtype=np.int64), np.random.default_rng(0))
        assert len({image.tobytes() for image in found}) == 12
        ground, box = drawn.ground(made), np.zeros(CANVAS, dtype=bool)
        # Seven pixels turned by 14 degrees lie within nine.
        box[8:17, 10:19] = True
        assert (found == ground)[:, :, ~box].all()
        assert 0 <= found.min() <= found.max() <= 1
        assert np.ptp((found - ground).std(axis=(1, 2, 3))) > 0.005

    def test_every_place_is_given_to_each_class_and_none_again_before_all(self):
        made = task(variation=0.0, images=36, places=tasks.strip(CANVAS, 7) & (np.arange(28) < 6))
        found = drawn.training_images(made)
        assert made.standing.sum() == 9
        assert np.bincount(found.labels).tolist() == [18, 18]
        for label in (0, 1):
            pictures = [image.tobytes() for image in found.images[found.labels == label]]
            assert len(set(pictures[:9])) == len(set(pictures[9:])) == 9
        again = drawn.training_images(dataclasses.replace(made, settings=Settings(seed=1)))
        assert not np.array_equal(again.images, found.images)

    @pytest.mark.parametrize("wrap", [False, True])
    @pytest.mark.parametrize("by", [0, 1, 5])
    def test_widened_is_a_dilation(self, wrap, by):
        mask = np.random.default_rng(by).uniform(size=CANVAS) < 0.01
        mode = "wrap" if wrap else "constant"
        expected = ndimage.maximum_filter(mask.astype(np.uint8), size=2 * by + 1, mode=mode, cval=0) > 0
        np.testing.assert_array_equal(drawn.widened(mask, by, wrap), expected)

    def test_changed_pixels_are_all_that_shifts_can_reach(self):
        made = task(variation=0.0, places=np.argwhere(np.ones(CANVAS))[:, 0].reshape(CANVAS) == 12)
        made = dataclasses.replace(made, settings=Settings(shift=2))
        rows = np.flatnonzero(drawn.changed_pixels(made, drawn.training_images(made)).any(axis=1))
        assert (rows[0], rows[-1]) == (12 - 3 - 2, 12 + 3 + 2)
        trained = np.flatnonzero(drawn.trained_places(made).any(axis=1))
        assert (trained[0], trained[-1]) == (10, 14)

    def test_a_sample_is_the_same_again_and_spread(self):
        mask = tasks.everywhere((64, 64), 20)
        found = drawn.sampled(mask, 100, 7)
        np.testing.assert_array_equal(found, drawn.sampled(mask, 100, 7))
        assert len({tuple(place) for place in found}) == 100
        assert all(mask[tuple(place)] for place in found)
        assert len(set(found[:, 1] % 4)) == 4
        np.testing.assert_array_equal(drawn.sampled(mask, 5000, 7), np.argwhere(mask))


def test_scenes_and_tasks_need_no_torch():
    code = (
        "import sys\n"
        "from shiftlab.learn.plans import EXPERIMENTS, Plan\n"
        "from shiftlab.learn.scenes import scene_of\n"
        "import shiftlab.learn.drawn\n"
        "assert all(scene_of(Plan(one)).placed for one in EXPERIMENTS)\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
