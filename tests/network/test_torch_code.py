"""'Copy as PyTorch' runs where there is nothing but torch, and gives the same maps."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from shiftlab.network.modules import Forward
from shiftlab.network.presets import names, preset
from shiftlab.network.spec import (
    Activation,
    AvgPool,
    BlurPool,
    Conv,
    Dense,
    Flatten,
    GlobalMax,
    MaxPool,
    NetworkSpec,
    Norm,
    PaddingMode,
    Polyphase,
    Subsample,
    with_padding,
)
from shiftlab.network.torch_code import INLINE, TorchCode, torch_code
from shiftlab.network.weights import Network

DRIVER = """
import pathlib, runpy, sys
import torch
for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    made = runpy.run_path(str(next(folder.glob("*.py"))))
    image = torch.load(folder / "input.pt")
    with torch.no_grad():
        torch.save(made["Network"]().maps(image), folder / "maps.pt")
assert "shiftlab" not in sys.modules
"""


def _write(folder: Path, code: TorchCode) -> None:
    folder.mkdir()
    (folder / "code.py").write_text(code.source)
    if code.weights_name:
        (folder / code.weights_name).write_bytes(code.weights)


def _run_and_compare(tmp_path: Path, networks: dict[str, tuple[Network, tuple[int, int]]]) -> None:
    """Run every network's code in one fresh interpreter that cannot see shiftlab, and compare all maps."""
    import torch

    for name, (network, canvas) in networks.items():
        _write(tmp_path / name, torch_code(network, canvas))
        image = np.random.default_rng(3).random((1, network.spec.channels, *canvas), dtype=np.float32)
        torch.save(torch.tensor(image), tmp_path / name / "input.pt")
    subprocess.run([sys.executable, "-I", "-c", DRIVER, str(tmp_path)], check=True, cwd=tmp_path)
    for name, (network, canvas) in networks.items():
        image = torch.load(tmp_path / name / "input.pt")
        found = torch.load(tmp_path / name / "maps.pt")
        expected = Forward(network, canvas).maps(image)
        assert list(found) == list(expected)
        for stage, value in expected.items():
            assert found[stage].shape == value.shape, (name, stage)
            scale = float(value.abs().max()) or 1.0
            assert float((found[stage] - value).abs().max()) <= 1e-5 * scale, (name, stage)


def _presets(*left_out: str) -> dict[str, tuple[Network, tuple[int, int]]]:
    return {name: (Network(preset(name)), preset(name).canvas or (64, 64)) for name in names() if name not in left_out}


ODD = NetworkSpec(
    name='odd "one" \\ two',
    channels=3,
    layers=(
        Conv(channels=6, kernel=(3, 5), padding=(1, 2), groups=3, dilation=(2, 1), padding_mode="reflect"),
        Norm(),
        Activation(function="leaky_relu"),
        BlurPool(size=4, max_kernel=(2, 3), padding_mode="replicate"),
        Activation(function="gelu", on=False),
        Conv(channels=4, kernel=(2, 2), padding_mode="full"),
        AvgPool(kernel=(3, 3), stride=(1, 2), padding=(2, 1)),
        Activation(function="tanh"),
        Polyphase(max_kernel=(3, 2), blur=3),
        Conv(channels=4, kernel=(3, 3), padding=(1, 1), padding_mode="replicate", initialisation="bank"),
        Activation(function="silu"),
        MaxPool(kernel=(3, 3), stride=(2, 1), padding=(2, 1)),
        Activation(function="sigmoid"),
        Subsample(stride=(1, 2)),
        GlobalMax(),
        Flatten(),
        Dense(units=5),
        Activation(function="elu"),
        Dense(units=2),
        Activation(function="abs"),
    ),
)


def test_code_of_every_preset_runs_on_torch_alone_and_gives_the_same_maps(tmp_path: Path) -> None:
    networks = _presets("vgg11")
    networks["odd"] = (Network(ODD), (33, 40))
    modes: tuple[PaddingMode, ...] = ("zeros", "circular", "reflect", "replicate", "valid", "full")
    networks |= {f"mode-{mode}": (Network(with_padding(preset("blurpool"), mode)), (41, 48)) for mode in modes}
    _run_and_compare(tmp_path, networks)


@pytest.mark.slow
def test_code_of_vgg11_reads_its_weights_from_the_file_beside_it(tmp_path: Path) -> None:
    _run_and_compare(tmp_path, {"vgg11": (Network(preset("vgg11")), (224, 224))})


def test_small_networks_carry_their_weights_and_large_ones_name_a_file() -> None:
    small, large = torch_code(Network(preset("seed")), (64, 64)), torch_code(Network(preset("lenet")), (64, 64))
    assert not small.weights_name
    assert not small.weights
    assert "safetensors" not in small.source
    assert large.weights_name == "lenet.safetensors"
    assert "lenet.safetensors" in large.source
    assert len(large.weights) > 4 * INLINE


def test_the_file_beside_is_plain_safetensors(tmp_path: Path) -> None:
    network = Network(preset("lenet"))
    code = torch_code(network, (64, 64))
    (tmp_path / code.weights_name).write_bytes(code.weights)
    arrays = load_file(tmp_path / code.weights_name)
    save_file(arrays, tmp_path / "again.safetensors")
    from shiftlab.network.initial import materialise

    expected = materialise(network, (64, 64)).arrays
    assert set(arrays) == set(expected)
    assert all(np.array_equal(arrays[name], value) for name, value in expected.items())
