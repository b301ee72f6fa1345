"""Weights before training, the bank of kernels, and the presets."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import numpy as np
import pytest

from shiftlab.network import bank, initial, presets
from shiftlab.network.modules import Forward
from shiftlab.network.spec import Activation, Conv, Dense, MaxPool, NetworkError, NetworkSpec, Norm, from_json, to_json
from shiftlab.network.weights import Network, Weights
from shiftlab.resources import resource


def network(*layers, **others) -> NetworkSpec:
    return NetworkSpec(name="test", layers=layers, **others)


class TestBank:
    @pytest.mark.parametrize("channels", [1, 3])
    @pytest.mark.parametrize("kernel", [(3, 3), (5, 5), (7, 7), (3, 5), (11, 11)])
    def test_64_kernels_that_differ_and_are_labelled(self, channels, kernel):
        found = bank.kernels(64, channels, kernel)
        assert len({one.label for one in found}) == 64
        flat = np.stack([one.weights.ravel() for one in found])
        flat /= np.linalg.norm(flat, axis=1, keepdims=True)
        assert (flat @ flat.T - np.eye(64)).max() < 0.999
        assert not any(one.label.startswith("drawn") for one in found)

    @pytest.mark.parametrize("kernel", [(1, 1), (1, 3), (3, 1), (2, 2), (4, 6), (9, 2)])
    @pytest.mark.parametrize("channels", [1, 2, 3])
    def test_any_size(self, kernel, channels):
        found = bank.kernels(70, channels, kernel)
        assert [one.weights.shape for one in found] == [(channels, *kernel)] * 70
        assert all(np.isfinite(one.weights).all() and np.abs(one.weights).max() > 0 for one in found)

    def test_answers_stay_within_1(self):
        for one in bank.kernels(96, 1, (5, 5)) + bank.kernels(96, 3, (3, 3)):
            positive, negative = one.weights.clip(0).sum(), one.weights.clip(None, 0).sum()
            assert max(positive, -negative) <= 1 + 1e-5

    def test_edges_answer_in_their_direction(self):
        kernels = {one.label: one.weights[0] for one in bank.kernels(64, 1, (3, 3))}
        ramp = np.tile([0.0, 0.5, 1.0], (3, 1))
        assert (kernels["edge, lighter right"] * ramp).sum() > 0.3
        assert (kernels["edge, lighter left"] * ramp).sum() < -0.3
        assert abs((kernels["edge, lighter down"] * ramp).sum()) < 1e-6
        assert (kernels["edge, lighter down"] * ramp.T).sum() > 0.3
        assert kernels["line, vertical"][:, 1].sum() > 0 > kernels["line, vertical"][:, 0].sum()
        assert kernels["spot"][1, 1] > 0 > kernels["spot"][0, 0]
        assert (kernels["blob"] > 0).all()
        assert kernels["corner, down right"].argmax() == 8

    def test_colours_are_weighed_against_each_other(self):
        kernels = {one.label: one.weights for one in bank.kernels(16, 3, (3, 3))}
        red = kernels["red against green"].sum((1, 2))
        assert red[0] > 0 > red[1]
        assert red[2] == 0
        grey = kernels["edge, lighter right"]
        assert np.array_equal(grey[0], grey[1])


class TestInitial:
    def test_the_seed_decides(self):
        spec = presets.preset("three-blocks")
        same = msgspec.structs.replace(spec, name="other")
        other = msgspec.structs.replace(spec, seed=spec.seed + 1)
        assert initial.initial_weights(spec, (64, 64)) == initial.initial_weights(same, (64, 64))
        assert initial.initial_weights(spec, (64, 64)) != initial.initial_weights(other, (64, 64))

    def test_the_same_in_another_process(self):
        code = (
            "from shiftlab.network import initial, presets; import sys;"
            "print(initial.initial_weights(presets.preset('lenet'), (64, 64)).digest, 'torch' in sys.modules)"
        )
        out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
        assert out == [initial.initial_weights(presets.preset("lenet"), (64, 64)).digest, "False"]

    def test_editing_one_layer_leaves_the_others(self):
        spec = network(Conv(channels=4), Conv(channels=4), MaxPool(), Conv(channels=6))
        longer = network(Conv(channels=4), Conv(channels=4), MaxPool(), Conv(channels=6), Conv(channels=2))
        wider = network(Conv(channels=4), Conv(channels=4, kernel=(1, 1)), Activation(), Conv(channels=6))
        weights = initial.initial_weights(spec, (32, 32)).arrays
        for other in (longer, wider):
            changed = initial.initial_weights(other, (32, 32)).arrays
            assert np.array_equal(weights["conv1.weight"], changed["conv1.weight"])
            assert np.array_equal(weights["conv3.weight"], changed["conv3.weight"])

    def test_zeros_and_norms(self):
        spec = network(Conv(channels=2), Norm(), Dense(units=3, initialisation="zeros"))
        arrays = initial.initial_weights(spec, (16, 16)).arrays
        assert not arrays["dense1.weight"].any()
        assert not arrays["dense1.bias"].any()
        assert [float(arrays[f"norm1.{part}"][0]) for part in ("weight", "bias", "mean", "variance")] == [1, 0, 0, 1]
        assert arrays["dense1.weight"].shape == (3, 2 * 14 * 14)

    @pytest.mark.parametrize("name", presets.names())
    def test_nothing_fades_out_or_explodes(self, name):
        spec = presets.preset(name)
        canvas = (96, 96) if name == "vgg11" else (64, 64)
        x = np.zeros((spec.channels, *canvas), dtype=np.float32)
        middle = slice(canvas[0] // 4, 3 * canvas[0] // 4)
        blocks = np.random.default_rng(0).random((spec.channels, canvas[0] // 8, canvas[0] // 8))
        x[:, middle, middle] = blocks.repeat(4, 1).repeat(4, 2)
        for stage, value in Forward(Network(spec), canvas).maps(x).items():
            if stage.startswith("dense") and zero_start(spec):
                continue  # zero to begin with, for an experiment's sake
            assert 0.03 < float(value.square().mean().sqrt()) < 3, stage
            assert float(value.abs().max()) < 8, stage

    def test_trained_weights_that_do_not_fit(self):
        spec = presets.preset("dense-head")
        weights = initial.initial_weights(spec, (64, 64))
        assert initial.materialise(Network(spec, weights), (64, 64)) is weights
        with pytest.raises(
            NetworkError, match=r"dense1\.weight: trained with 2x4096, but a canvas of 32x32 needs 2x1024"
        ):
            initial.materialise(Network(spec, weights), (32, 32))
        kept = {name: array for name, array in weights.arrays.items() if name != "conv2.weight"}
        with pytest.raises(NetworkError, match=r"conv2\.weight: the weights of dense-head hold none"):
            initial.materialise(Network(spec, Weights(kept)), (64, 64))
        more = {**weights.arrays, "conv9.weight": np.zeros(1, dtype=np.float32)}
        with pytest.raises(NetworkError, match=r"conv9\.weight: dense-head has no such weights"):
            initial.materialise(Network(spec, Weights(more)), (64, 64))

    def test_labels_follow_the_channels(self):
        spec = presets.preset("three-blocks")
        expected = initial.labels(spec, "conv1")
        assert len(expected) == 8
        assert expected[0] == "edge, lighter right"
        assert initial.labels(spec, "pool1") == expected
        assert initial.labels(spec, "conv2") == ()
        with pytest.raises(NetworkError, match="no stage 'blur1'"):
            initial.labels(spec, "blur1")


def zero_start(spec: NetworkSpec) -> bool:
    return any(isinstance(layer, Dense) and layer.initialisation == "zeros" for layer in spec.layers)


class TestPresets:
    def test_those_that_must_be_there(self):
        expected = (
            "three-blocks three-blocks-wide seed seed-relu conv-only lenet deep vgg11 aps blurpool circular dense-head "
            "fully-convolutional gap-head gmp-head strided valid"
        )
        assert set(expected.split()) <= set(presets.names())
        files = sorted(path.stem for path in resource("networks").glob("*.json"))
        assert sorted(presets.names()) == files, "each is in one group"
        assert presets.groups()[0] == ("corner-dense", "corner-gap", "corner-gmp")
        assert {name for group in presets.GROUPS for name in group} == set(files), "none stands among the others"

    @pytest.mark.parametrize("name", presets.names())
    def test_each_is_described_and_goes_round(self, name):
        spec = presets.preset(name)
        assert spec.name == name
        assert spec.description.endswith(".")
        assert "padding" in spec.description
        assert from_json(to_json(spec)) == spec

    def test_unknown_names_and_files(self, tmp_path):
        with pytest.raises(
            NetworkError, match="no network 'alexnet'; there are corner-dense, corner-gap, corner-gmp, face-8, "
        ):
            presets.load("alexnet")
        with pytest.raises(NetworkError, match="cannot be read: No such file"):
            presets.load(str(tmp_path / "none.json"))
        (tmp_path / "bad.json").write_text('{"name": "x", "layers": [{"kind": "conv", "channels": "many"}]}')
        with pytest.raises(NetworkError, match=r"bad.json: Expected `int`, got `str` - at `\$.layers\[0\].channels`"):
            presets.load(str(tmp_path / "bad.json"))
        (tmp_path / "own.json").write_bytes(to_json(presets.preset("seed")))
        assert presets.load(str(tmp_path / "own.json")) == presets.preset("seed")
