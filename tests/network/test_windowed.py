"""The windowed forward has the bits of the full forward, and really takes windows."""

from __future__ import annotations

import contextlib

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shiftlab.network import geometry, operations, presets, window_convolution
from shiftlab.network.initial import initial_weights
from shiftlab.network.modules import Forward
from shiftlab.network.spec import (
    Activation,
    AvgPool,
    BlurPool,
    Conv,
    Dense,
    Flatten,
    GlobalAvg,
    MaxPool,
    NetworkError,
    NetworkSpec,
    Norm,
    Polyphase,
    with_padding,
)
from shiftlab.network.weights import Network, Weights
from shiftlab.network.window_convolution import Convolution, SideBySide
from shiftlab.network.windowed import WindowedForward

from . import plain

Box = tuple[int, int, int, int]


class Drag:
    """A pattern of noise that is put somewhere else on a canvas of `ground`, with the boxes that this touches."""

    def __init__(self, spec: NetworkSpec, canvas: tuple[int, int], size: tuple[int, int], ground: float = 0.0) -> None:
        self.canvas, self.size, self.at = canvas, size, None
        self.pattern = np.random.default_rng(0).random((spec.channels, *size), dtype=np.float32)
        self.blank = np.full((spec.channels, *canvas), ground, dtype=np.float32)

    def to(self, row: int, col: int) -> tuple[np.ndarray, list[Box]]:
        """The image with the pattern at (row, col), wrapped round the edges, and what differs from the one before."""
        image = self.blank.copy()
        rows = (row + np.arange(self.size[0])) % self.canvas[0]
        cols = (col + np.arange(self.size[1])) % self.canvas[1]
        image[:, rows[:, None], cols] = self.pattern
        boxes = self._boxes(rows, cols)
        before, self.at = self.at or [], boxes
        return image, [*before, *boxes]

    @staticmethod
    def _boxes(rows: np.ndarray, cols: np.ndarray) -> list[Box]:
        def runs(places: np.ndarray) -> list[tuple[int, int]]:
            parts = np.split(places, np.flatnonzero(np.diff(places) != 1) + 1)
            return [(int(part[0]), len(part)) for part in parts]

        return [(top, left, height, width) for top, height in runs(rows) for left, width in runs(cols)]


def check(windowed: WindowedForward, forward: Forward, image: np.ndarray, previous: dict[str, torch.Tensor]) -> None:
    """Every map has the bits of the full forward, and nothing outside `dirty` changed."""
    expected = forward.maps(image)
    assert list(windowed.maps) == list(expected)
    for name, value in expected.items():
        assert torch.equal(windowed.maps[name], value), name
        changed = torch.zeros(value.shape[2:], dtype=torch.bool)
        for top, left, height, width in windowed.dirty[name]:
            changed[top : top + height, left : left + width] = True
        differs = (value != previous[name]).any(1)[0] if name in previous else changed
        assert not (differs & ~changed).any(), name


def follow(
    spec: NetworkSpec, canvas: tuple[int, int], size: tuple[int, int], places, ground: float = 0.0
) -> list[frozenset]:
    """Drag a pattern over `places` and check each; answers the stages windowed at each."""
    forward, windowed = Forward(Network(spec), canvas), WindowedForward(Network(spec), canvas)
    # a test is about windows: they are taken however small the network
    windowed._worth_while = lambda rects: True
    drag, previous, taken = Drag(spec, canvas, size, ground), {}, []
    for index, (row, col) in enumerate(places):
        image, boxes = drag.to(row, col)
        answered = windowed.update(image, boxes if index else None)
        check(windowed, forward, image, previous)
        previous = {name: value.clone() for name, value in answered.items()}
        taken.append(windowed.windowed_stages)
    return taken


def layers() -> st.SearchStrategy:
    conv = st.builds(
        Conv,
        channels=st.sampled_from((3, 8)),
        kernel=st.sampled_from(((3, 3), (5, 5), (3, 1), (1, 1), (2, 3))),
        stride=st.sampled_from(((1, 1), (1, 1), (2, 2))),
        padding=st.sampled_from(((1, 1), (2, 2), (0, 1))),
        padding_mode=plain.modes,
        dilation=st.sampled_from(((1, 1), (1, 1), (2, 1))),
        bias=st.booleans(),
    )
    pointwise = st.builds(Activation, function=st.sampled_from(sorted(plain.ACTIVATIONS)))
    return st.one_of(
        conv, conv, pointwise, plain.pool_layers(), st.just(Norm()), st.just(Polyphase(max_kernel=(2, 2), blur=3))
    )


places = st.lists(st.tuples(st.integers(-9, 60), st.integers(-9, 60)), min_size=3, max_size=5)


class TestSameBits:
    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(layers(), min_size=1, max_size=6),
        st.sampled_from([(), (Flatten(), Dense(units=3)), (GlobalAvg(), Dense(units=2))]),
        st.sampled_from([(48, 48), (51, 64)]),
        st.tuples(st.integers(1, 12), st.integers(1, 12)),
        places,
        st.sampled_from([0.0, 0.25]),
    )
    def test_random_networks_patterns_and_jumps(self, body, head, canvas, size, where, ground):
        spec = NetworkSpec(name="random", layers=(*body, *head))
        try:
            geometry.stages(spec, canvas)
        except NetworkError:
            assume(False)
        follow(spec, canvas, size, where, ground)

    @settings(max_examples=40, deadline=None)
    @given(
        st.lists(
            st.one_of(
                st.builds(
                    Conv,
                    channels=st.sampled_from((4, 8, 16)),
                    kernel=st.sampled_from(((3, 3), (5, 5))),
                    padding=st.sampled_from(((0, 0), (1, 1), (2, 2))),
                    padding_mode=st.sampled_from(("zeros", "valid", "circular")),
                    dilation=st.sampled_from(((1, 1), (2, 2))),
                    bias=st.booleans(),
                ),
                st.just(Activation()),
                st.sampled_from(
                    [
                        MaxPool(),
                        AvgPool(),
                        BlurPool(padding_mode="zeros"),
                        BlurPool(padding_mode="circular", max_kernel=(2, 2)),
                    ]
                ),
            ),
            min_size=1,
            max_size=5,
        ),
        st.lists(st.tuples(st.integers(0, 87), st.integers(0, 87)), min_size=3, max_size=5),
    )
    def test_windows_are_taken_in_every_stage(self, body, where):
        """Layers that a window serves, with a small pattern that never leaves a canvas of 96."""
        spec = NetworkSpec(name="random", layers=tuple(body))
        try:
            infos = geometry.stages(spec, (96, 96))
        except NetworkError:
            assume(False)
        assume(max(infos[-1].receptive_field) <= 30)
        taken = follow(spec, (96, 96), (5, 7), where)
        for windowed in taken[1:]:
            assert windowed == set(spec.stage_names)

    @pytest.mark.parametrize("mode", ["zeros", "valid", "circular", "reflect", "replicate"])
    @pytest.mark.parametrize("name", ["three-blocks-wide", "seed-relu", "blurpool", "strided"])
    def test_presets_at_every_border(self, name, mode):
        spec = with_padding(presets.preset(name), mode)
        where = [(40, 40), (41, 42), (0, 40), (0, 0), (50, 86), (86, 86), (86, 3), (40, 41), (39, 39)]
        taken = follow(spec, (96, 96), (10, 9), where)
        assert all("conv1" in one for one in taken[1:])
        if mode != "valid":
            assert taken[1] == taken[-1] == set(spec.stage_names)

    @pytest.mark.parametrize(("kernel", "padding"), [((3, 1), (1, 1)), ((1, 3), (2, 1)), ((3, 3), (1, 3))])
    def test_padding_in_which_a_kernel_fits(self, kernel, padding):
        body = (Conv(channels=16, kernel=(1, 1)), Conv(channels=16, kernel=kernel, padding=padding))
        taken = follow(NetworkSpec(name="test", layers=body), (48, 48), (4, 4), [(20, 20), (21, 20), (0, 0)])
        assert taken[1] == {"conv1", "conv2"}

    @pytest.mark.parametrize("after", [MaxPool(kernel=(3, 3), padding=(1, 1)), Polyphase(max_kernel=(2, 2)), Norm()])
    def test_cells_that_see_padding_alone_are_computed_too(self, after):
        """All of the canvas reaches 16 of their 64 cells: they are not left as the buffers began."""
        rim = Conv(channels=8, kernel=(1, 1), stride=(2, 2), padding=(2, 2), bias=True)
        within = Conv(channels=8, kernel=(1, 1), padding=(1, 1), bias=True)
        spec = NetworkSpec(name="test", layers=(Conv(channels=4, kernel=(1, 1)), rim, within, after))
        weights = Weights({name: one + np.float32(0.5) for name, one in initial_weights(spec, (8, 8)).arrays.items()})
        forward, windowed = Forward(Network(spec, weights), (8, 8)), WindowedForward(Network(spec, weights), (8, 8))
        windowed._worth_while = lambda rects: True
        drag = Drag(spec, (8, 8), (3, 3))
        for index, place in enumerate([(2, 2), (3, 2), (0, 5)]):
            image, boxes = drag.to(*place)
            windowed.update(image, boxes if index else None)
            check(windowed, forward, image, {})

    @pytest.mark.parametrize("channels", [1, 2, 3, 4])
    def test_few_channels_on_an_odd_canvas(self, channels):
        """A matrix product of few rows adds up in another order at the ends of such a map."""
        for seed in range(6):
            layers = (Conv(channels=channels, padding=(1, 1), bias=False),)
            taken = follow(
                NetworkSpec(name="test", layers=layers, seed=seed),
                (17, 33),
                (3, 2),
                [(0, 0), (0, 1), (13, 29), (14, 31)],
            )
            assert taken[1] == {"conv1"}

    def test_a_map_that_is_narrower_than_its_padding(self):
        """oneDNN has another way for that, with other bits than for a map that is padded already."""
        rim = Conv(channels=2, padding=(1, 1))
        wide = Conv(channels=1, stride=(2, 2), padding_mode="full", dilation=(1, 3))
        for seed in range(3):
            follow(NetworkSpec(name="test", layers=(rim, wide), seed=seed), (4, 4), (1, 1), [(0, 0), (0, 1), (2, 2)])

    def test_over_the_wrapped_edge(self):
        spec = presets.preset("three-blocks-wide")
        taken = follow(spec, (128, 128), (16, 16), [(120, 60), (122, 62), (124, 124), (126, 127), (2, 1), (3, 3)])
        assert all(one == set(spec.stage_names) for one in taken[1:])

    def test_vgg11_on_a_small_canvas(self):
        spec = presets.preset("vgg11")
        taken = follow(spec, (160, 160), (8, 8), [(40, 40), (41, 43), (120, 150)])
        assert {"conv1", "conv2", "conv3", "pool3"} <= taken[1]

    def test_polyphase_is_a_window_while_its_phase_stays(self):
        spec = presets.preset("aps")
        forward, windowed = Forward(Network(spec), (64, 64)), WindowedForward(Network(spec), (64, 64))
        windowed._worth_while = lambda rects: True
        drag = Drag(spec, (64, 64), (6, 6))
        areas = []
        for row in (20, 24, 25, 28):
            image, boxes = drag.to(row, 20)
            windowed.update(image, boxes)
            areas.append(sum(height * width for _, _, height, width in windowed.dirty["polyphase1"]))
            check(windowed, forward, image, {})
        assert areas[1] < areas[2] == 32 * 32

    @pytest.mark.parametrize(
        "layer",
        [Conv(channels=8, kernel=(1, 1), stride=(2, 2)), Conv(channels=8, kernel=(7, 7), groups=4, padding=(3, 3))],
    )
    def test_what_a_window_does_not_serve_is_computed_whole(self, layer):
        spec = NetworkSpec(name="test", layers=(Conv(channels=8, padding=(1, 1)), layer, Activation()))
        taken = follow(spec, (96, 96), (8, 8), [(20, 20), (22, 21), (60, 9)])
        assert all(one == {"conv1", "relu1"} for one in taken[1:])


def beside_of(windowed: WindowedForward) -> list[SideBySide]:
    """What lays rows side by side in a network, once it has served a window."""
    found = []
    for node in windowed._nodes:
        if isinstance(node, Convolution) and node._beside in node._proved.values():
            found.append(node._beside)
    return found


class TestRowsSideBySide:
    """The way that windows of many channels take has the bits of the whole map."""

    @settings(max_examples=40, deadline=None)
    @given(
        st.builds(
            Conv,
            channels=st.sampled_from((16, 24, 33)),
            kernel=st.sampled_from(((3, 3), (5, 5), (3, 1), (1, 4), (2, 3))),
            stride=st.sampled_from(((1, 1), (2, 1), (3, 1))),
            padding=st.sampled_from(((0, 0), (1, 1), (2, 2))),
            padding_mode=plain.modes,
            dilation=st.sampled_from(((1, 1), (2, 1), (1, 2), (2, 3))),
            bias=st.booleans(),
        ),
        st.sampled_from((3, 16, 20)),
        st.tuples(st.integers(1, 9), st.integers(1, 9)),
        st.lists(st.tuples(st.integers(0, 39), st.integers(0, 39)), min_size=2, max_size=4),
    )
    def test_random_layers(self, layer, channels, size, where):
        spec = NetworkSpec(name="random", layers=(Conv(channels=channels, kernel=(1, 1)), layer))
        try:
            geometry.stages(spec, (48, 48))
        except NetworkError:
            assume(False)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(window_convolution, "MANY_WEIGHTS", 0)
            forward, windowed = Forward(Network(spec), (48, 48)), WindowedForward(Network(spec), (48, 48))
        windowed._worth_while = lambda rects: True
        drag = Drag(spec, (48, 48), size)
        for index, place in enumerate([(20, 20), (21, 20), *where]):
            image, boxes = drag.to(*place)
            windowed.update(image, boxes if index else None)
            check(windowed, forward, image, {})
            assert index != 1 or windowed.windowed_stages == {"conv1", "conv2"}
        assert beside_of(windowed)

    def test_of_many_channels_as_the_pattern_grows_and_jumps(self):
        spec = NetworkSpec(
            name="heavy",
            layers=(Conv(channels=160, padding=(1, 1)), Activation(), Conv(channels=192, padding=(1, 1)), Activation()),
        )
        forward, windowed = Forward(Network(spec), (64, 64)), WindowedForward(Network(spec), (64, 64))
        windowed._worth_while = lambda rects: True
        for side in (3, 8, 5, 9, 2, 8):
            drag = Drag(spec, (64, 64), (side, side + 1))
            for index, place in enumerate([(20, 20), (21, 22), (40, 9), (0, 0)]):
                image, boxes = drag.to(*place)
                windowed.update(image, boxes if index else None)
                check(windowed, forward, image, {})
                assert index != 1 or windowed.windowed_stages == set(spec.stage_names)
        (beside,) = beside_of(windowed)
        # each pitch takes a copy of the weights
        assert len(beside._operate) <= window_convolution.KEPT_PITCHES

    @pytest.mark.parametrize(
        "layer", [Conv(channels=160, stride=(1, 2)), Conv(channels=160, kernel=(1, 1)), Conv(channels=16)]
    )
    def test_not_where_it_would_gain_nothing(self, layer):
        spec = NetworkSpec(name="test", layers=(Conv(channels=192, kernel=(1, 1)), layer))
        windowed = WindowedForward(Network(spec), (48, 48))
        windowed._worth_while = lambda rects: True
        drag = Drag(spec, (48, 48), (4, 4))
        windowed.update(drag.to(20, 20)[0])
        windowed.update(*drag.to(21, 22))
        assert windowed.windowed_stages == {"conv1", "conv2"}
        assert not beside_of(windowed)


class TestReach:
    @settings(max_examples=40, deadline=None)
    @given(
        st.lists(layers(), min_size=1, max_size=5),
        st.lists(st.tuples(st.integers(0, 47), st.integers(0, 63), st.integers(1, 12), st.integers(1, 12)), max_size=3),
    )
    def test_outside_it_maps_are_the_blank_response(self, body, boxes):
        spec = NetworkSpec(name="random", layers=tuple(body))
        try:
            geometry.stages(spec, (48, 64))
        except NetworkError:
            assume(False)
        blank = np.full((1, 48, 64), 0.25, dtype=np.float32)
        image = blank.copy()
        for top, left, height, width in boxes:
            image[:, top : top + height, left : left + width] = np.random.default_rng(0).random(
                image[:, top : top + height, left : left + width].shape, dtype=np.float32
            )
        forward, windowed = Forward(Network(spec), (48, 64)), WindowedForward(Network(spec), (48, 64))
        here, ground, reached = forward.maps(image), forward.maps(blank), windowed.reach(boxes)
        assert list(reached) == ["input", *spec.stage_names]
        for name, value in here.items():
            inside = torch.zeros(value.shape[2:], dtype=torch.bool)
            for top, left, height, width in reached[name]:
                inside[top : top + height, left : left + width] = True
            assert torch.equal(value[:, :, ~inside], ground[name][:, :, ~inside])


class TestChoice:
    def test_the_first_update_and_unknown_changes_are_whole(self):
        spec = presets.preset("three-blocks-wide")
        windowed, forward = WindowedForward(Network(spec), (128, 128)), Forward(Network(spec), (128, 128))
        drag = Drag(spec, (128, 128), (12, 12))
        image, _ = drag.to(30, 30)
        windowed.update(image, [])
        assert not windowed.windowed
        check(windowed, forward, image, {})
        for row, known in ((31, True), (32, True), (33, False), (34, True), (35, True)):
            image, boxes = drag.to(row, 30)
            windowed.update(torch.from_numpy(image), boxes if known else None)
            check(windowed, forward, image, {})
        assert windowed.windowed_stages == set(spec.stage_names)
        maps = windowed.maps
        assert windowed.update(image, []) is maps
        assert windowed.windowed
        assert set(windowed.dirty.values()) == {()}

    def test_a_large_pattern_takes_the_full_path(self):
        spec = presets.preset("three-blocks-wide")
        windowed, forward = WindowedForward(Network(spec), (128, 128)), Forward(Network(spec), (128, 128))
        drag = Drag(spec, (128, 128), (100, 100))
        for row in (3, 4, 5):
            image, boxes = drag.to(row, 9)
            windowed.update(image, boxes)
            assert not windowed.windowed
            assert windowed.dirty["conv1"] == ((0, 0, 128, 128),)
            check(windowed, forward, image, {})

    @pytest.mark.parametrize(("side", "corner", "follows"), [(12, 10, True), (34, 10, True), (58, 1, False)])
    def test_a_small_network_is_followed_as_long_as_the_pattern_leaves_room(self, side, corner, follows):
        """A call costs more there than what it computes, but one on a window no more than one on the whole map."""
        spec = presets.preset("three-blocks")
        windowed, forward = WindowedForward(Network(spec), (64, 64)), Forward(Network(spec), (64, 64))
        drag = Drag(spec, (64, 64), (side, side))
        for down in range(4):
            image, boxes = drag.to(corner + down, corner)
            windowed.update(image, boxes)
            check(windowed, forward, image, {})
        assert windowed.windowed == follows

    def test_a_window_with_other_bits_is_given_up(self, monkeypatch):
        """Where a convolution's window is not the whole map's bits, the whole map is taken, for good."""
        spec = presets.preset("three-blocks-wide")
        windowed, forward = WindowedForward(Network(spec), (128, 128)), Forward(Network(spec), (128, 128))
        node = next(one for one in windowed._nodes if one.name == "conv2")
        operate = node.operate
        monkeypatch.setattr(node, "_unfolded", None)
        monkeypatch.setattr(node, "operate", lambda x: operate(x) * (1 if x.shape[2] > 60 else 1.0000001))
        drag = Drag(spec, (128, 128), (12, 12))
        for row in (30, 31, 32, 33):
            image, boxes = drag.to(row, 30)
            windowed.update(image, boxes)
            check(windowed, forward, image, {})
        assert set(spec.stage_names) - windowed.windowed_stages == {"conv2"}

    def test_what_was_found_of_windows_holds_for_other_weights(self, monkeypatch):
        spec, proofs = presets.preset("three-blocks-wide"), {}
        seeds = [msgspec.structs.replace(spec, seed=seed) for seed in (1, 2)]
        first, second = (WindowedForward(Network(one), (128, 128), proofs) for one in seeds)
        drag = Drag(spec, (128, 128), (12, 12))
        images = [drag.to(row, 30) for row in (30, 31, 32, 33)]
        for image, boxes in images:
            first.update(image, boxes)
        assert set(proofs) == {"conv1", "conv2", "conv3"}
        assert all(proofs.values())
        monkeypatch.setattr(Convolution, "_found", lambda *_: pytest.fail("compared again"))
        forward = Forward(Network(seeds[1]), (128, 128))
        for image, boxes in images:
            second.update(image, boxes)
            check(second, forward, image, {})
        assert second.windowed_stages == set(spec.stage_names)

    def test_what_is_prepared_is_not_found_out_in_the_drag(self, monkeypatch):
        """And neither the maps nor what they are made of differ by it."""
        spec = presets.preset("three-blocks-wide")
        windowed, forward = WindowedForward(Network(spec), (128, 128)), Forward(Network(spec), (128, 128))
        drag = Drag(spec, (128, 128), (12, 12))
        image, _ = drag.to(30, 30)
        before = {name: one.clone() for name, one in windowed.update(image).items()}
        moves = [[(30, 30, 12 + down, 12 + right)] for down in (0, 1) for right in (0, 1)]
        asked = []
        windowed.prepare(image, moves, lambda: asked.append(None))
        assert len(asked) == len(moves)
        assert all(torch.equal(windowed.maps[name], one) for name, one in before.items())
        monkeypatch.setattr(Convolution, "_found", lambda *_: pytest.fail("found out late"))
        for row, col in ((31, 30), (31, 31), (32, 32)):
            image, boxes = drag.to(row, col)
            hull = [(min(box[0] for box in boxes), min(box[1] for box in boxes), 13, 13)]
            windowed.update(image, hull)
            check(windowed, forward, image, {})
            assert windowed.windowed_stages == set(spec.stage_names)

    def test_preparing_can_be_left_at_any_point(self):
        spec = presets.preset("three-blocks-wide")
        forward, drag = Forward(Network(spec), (128, 128)), Drag(spec, (128, 128), (12, 12))
        moves = [[(30, 30, 12 + down, 13)] for down in range(4)]
        for left in range(5):
            windowed = WindowedForward(Network(spec), (128, 128))
            image, _ = drag.to(30, 30)
            windowed.update(image)
            calls = iter([None] * left)
            with contextlib.suppress(StopIteration):
                windowed.prepare(image, moves, lambda calls=calls: next(calls))
            image, boxes = drag.to(31, 30)
            windowed.update(image, boxes)
            check(windowed, forward, image, {})

    def test_small_windows_are_matrix_products(self):
        """Where the machine's matrix product adds up in oneDNN's order, as it does on x86 with MKL."""
        spec = presets.preset("three-blocks-wide")
        windowed, forward = WindowedForward(Network(spec), (128, 128)), Forward(Network(spec), (128, 128))
        drag = Drag(spec, (128, 128), (12, 12))
        for row in (30, 31, 33):
            image, boxes = drag.to(row, 30)
            windowed.update(image, boxes)
            check(windowed, forward, image, {})
        for name in ("conv1", "conv2", "conv3"):
            node = next(one for one in windowed._nodes if one.name == name)
            assert node._proved
            if torch.backends.mkl.is_available():
                assert set(node._proved.values()) == {node._unfolded}

    def test_a_wrong_product_is_found_out_in_the_dark(self, monkeypatch):
        """Ways are compared on noise: where a scene is black every way would give zeros."""
        spec = presets.preset("three-blocks-wide")
        windowed = WindowedForward(Network(spec), (128, 128))
        node = next(one for one in windowed._nodes if one.name == "conv2")
        right = node._unfolded
        monkeypatch.setattr(right, "_weights", [weight * 1.0000001 for weight in right._weights])
        black = np.zeros((1, 128, 128), dtype=np.float32)
        for row in (30, 31, 32):
            windowed.update(black, [(row, 30, 12, 12)])
        assert node._proved
        assert right not in node._proved.values()
        assert windowed.windowed_stages == set(spec.stage_names)

    def test_without_onednn(self, monkeypatch):
        """Torch's own convolution then decides by its bits whether a window is taken; the maps agree to rounding."""
        monkeypatch.setattr(operations, "ONEDNN", False)
        spec = presets.preset("three-blocks-wide")
        windowed, forward = WindowedForward(Network(spec), (128, 128)), Forward(Network(spec), (128, 128))
        drag = Drag(spec, (128, 128), (12, 12))
        for row in (30, 31, 32, 33):
            image, boxes = drag.to(row, 30)
            windowed.update(image, boxes)
            for name, value in forward.maps(image).items():
                torch.testing.assert_close(windowed.maps[name], value, rtol=1e-6, atol=1e-6)
        assert windowed.windowed

    def test_images_that_do_not_fit(self):
        windowed = WindowedForward(Network(presets.preset("seed")), (64, 64))
        with pytest.raises(NetworkError, match=r"takes images of \(1, 64, 64\), not \(64, 64\)"):
            windowed.update(np.zeros((64, 64), dtype=np.float32))
        with pytest.raises(NetworkError, match="pool1: a 1x1 map"):
            WindowedForward(Network(msgspec.structs.replace(presets.preset("seed"), layers=(MaxPool(),))), (1, 1))
        assert windowed.maps == {}

    def test_read_only_images_are_taken(self):
        image = np.zeros((1, 64, 64), dtype=np.float32)
        image.flags.writeable = False
        windowed = WindowedForward(Network(presets.preset("seed")), (64, 64))
        windowed.update(image)
        windowed._worth_while = lambda rects: True
        windowed.update(image, [(3, 3, 2, 2)])
        assert float(windowed.maps["conv2"].abs().max()) == 0
