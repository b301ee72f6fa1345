"""What must hold exactly, over random networks, and what must not, on fixed witnesses; all in float64."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shiftlab.measure.lab import measure_pair
from shiftlab.network import geometry
from shiftlab.network.presets import preset
from shiftlab.network.spec import (
    Activation,
    AvgPool,
    BlurPool,
    Conv,
    LayerSpec,
    MaxPool,
    NetworkError,
    NetworkSpec,
    Norm,
    Polyphase,
    Subsample,
)
from shiftlab.network.weights import Network
from shiftlab.scene.values import Background, Placed, Position, Scene
from tests.measure import witnesses as w

EXACT = 1e-12


def scene(canvas: tuple[int, int], at: Position, side: int = 9, grey: float = 0.25) -> Scene:
    """Noise on grey, so that biases, ties and symmetric drawings can hide nothing."""
    placed = (Placed(w.noise_pattern(side), at, side),)
    return Scene(size=canvas, background=Background(grey=grey), placed=placed, border="wrap")


def errors(network: Network, reference: Scene, by: Position, causes: bool = False):
    return measure_pair(network, reference.moved(by), reference, "float64", causes)


convs = st.builds(
    lambda channels, rows, cols, dilation, bias: Conv(
        channels=channels,
        kernel=(2 * rows + 1, 2 * cols + 1),
        padding=(dilation * rows, dilation * cols),
        dilation=(dilation, dilation),
        padding_mode="circular",
        bias=bias,
    ),
    st.integers(1, 4),
    st.integers(0, 2),
    st.integers(0, 2),
    st.integers(1, 2),
    st.booleans(),
)
pointwise = st.one_of(
    st.sampled_from(["relu", "leaky_relu", "gelu", "tanh", "abs"]).map(lambda name: Activation(function=name)),
    st.just(Norm()),
)
stride_1 = st.one_of(
    convs,
    pointwise,
    st.builds(
        lambda size, k: BlurPool(size=size, stride=(1, 1), max_kernel=(k, k), padding_mode="circular"),
        st.integers(1, 4),
        st.integers(1, 3),
    ),
    st.just(MaxPool(kernel=(3, 3), stride=(1, 1), padding=(1, 1), padding_mode="circular")),
)
down = st.one_of(
    st.sampled_from(
        [MaxPool(), AvgPool(), Subsample(), Subsample(stride=(2, 1)), MaxPool(kernel=(1, 2), stride=(1, 2))]
    ),
    st.just(MaxPool(kernel=(3, 3), stride=(2, 2), padding=(1, 1), padding_mode="circular")),
    st.builds(lambda n: BlurPool(size=n, max_kernel=(2, 2), padding_mode="circular"), st.integers(2, 5)),
    st.just(Conv(channels=2, kernel=(3, 3), stride=(2, 2), padding=(1, 1), padding_mode="circular")),
)


def random_networks(layer: st.SearchStrategy[LayerSpec], most: int = 4) -> st.SearchStrategy[Network]:
    return st.builds(
        lambda layers, seed: Network(NetworkSpec(name="random", layers=tuple(layers), seed=seed)),
        st.lists(layer, min_size=1, max_size=most),
        st.integers(0, 99),
    )


shifts = st.tuples(st.integers(-8, 8), st.integers(-8, 8)).map(lambda by: (float(by[0]), float(by[1])))


@given(random_networks(stride_1), shifts)
def test_stride_1_commutes_with_every_whole_shift(network: Network, by: Position) -> None:
    stages, measures = errors(network, scene((16, 18), (5, 7)), by)
    for info, measure in zip(stages, measures, strict=True):
        assert info.stride == (1, 1)
        for figure in (measure.equivariance, measure.equivariance_valid, measure.equivariance_fractional):
            assert figure.value is None or figure.value <= EXACT, info.name
        assert measure.equivariance.value is not None or measure.equivariance.reason == "no response"


@given(random_networks(st.one_of(stride_1, down)), st.integers(-2, 2), st.integers(-2, 2))
def test_stride_s_commutes_with_multiples_of_s(network: Network, rows: int, cols: int) -> None:
    canvas = (48, 48)
    last = _last(network, canvas)
    assume(all(48 % stride == 0 for stride in last))
    by = (float(rows * last[0]), float(cols * last[1]))
    _, measures = errors(network, scene(canvas, (15, 20)), by)
    for measure in measures:
        assert measure.on_grid
        assert measure.equivariance.value is None or measure.equivariance.value <= EXACT, measure.name


def _last(network: Network, canvas: tuple[int, int]) -> tuple[int, int]:
    try:
        stride = geometry.stages(network.spec, canvas)[-1].stride
    except NetworkError:
        assume(False)
        raise
    assert stride is not None
    return stride


@given(random_networks(st.one_of(convs, pointwise), 2), shifts, st.integers(0, 99))
def test_adaptive_polyphase_sampling_is_exact_at_every_whole_shift(network: Network, by: Position, seed: int) -> None:
    """Chaman & Dokmanic 2021; noise has no tied norms. Two samplings, with a layer between."""
    layers = (*network.spec.layers, Polyphase(max_kernel=(2, 2)), w.conv(3), Activation(), Polyphase(blur=3))
    _, measures = errors(Network(NetworkSpec(name="aps", layers=layers, seed=seed)), scene((16, 24), (5, 7)), by)
    for measure in measures:
        assert measure.equivariance.value is None or measure.equivariance.value <= EXACT, measure.name


def test_polyphase_sampling_is_not_exact_in_the_fractional_form() -> None:
    _, measures = errors(w.network(w.conv(), Polyphase()), scene((16, 16), (5, 7)), (0, 1))
    assert measures[1].equivariance.value == 0
    assert (measures[1].equivariance_fractional.value or 0) > 0.05


@pytest.mark.parametrize("by", range(1, 9))
def test_max_pooling_is_exact_at_even_shifts_and_wrong_at_odd_ones(by: int) -> None:
    _, measures = errors(w.network(w.conv(), w.relu(), w.pool()), w.cat(), (0, by))
    conv, relu, pool = (measure.equivariance.value for measure in measures)
    assert conv is not None
    assert conv <= EXACT
    assert relu is not None
    assert relu <= EXACT
    assert pool is not None
    assert pool <= EXACT if by % 2 == 0 else pool > 0.1


@pytest.mark.parametrize("by", range(1, 17))
def test_three_blocks_are_exact_at_multiples_of_eight_only(by: int) -> None:
    reference = Scene(placed=(Placed(w.builtin("cat"), (32, 32), 34),))
    stages, measures = errors(Network(preset("three-blocks")), reference, (float(by), 0.0))
    assert [info.stride for info in stages[::3]] == [(1, 1), (2, 2), (4, 4)]
    last = measures[-1].equivariance.value
    assert last is not None
    assert last <= EXACT if by % 8 == 0 else last > 0.1


@pytest.mark.parametrize(
    ("border", "padding", "moves"), [("zero", "circular", False), ("wrap", "zeros", False), ("wrap", "circular", True)]
)
def test_over_the_edge_it_takes_both_a_wrapped_scene_and_circular_padding(
    border: str, padding: str, moves: bool
) -> None:
    reference = w.cat(at=(16, 6), border=border, grey=0.5)
    _, measures = errors(w.network(w.conv(mode=padding), w.relu()), reference, (0, -10))
    assert measures[1].equivariance.value is not None
    assert (measures[1].equivariance.value <= EXACT) is moves
    assert measures[1].equivariance_valid.value is not None
    assert measures[1].equivariance_valid.value <= EXACT


def test_a_stride_that_does_not_divide_the_canvas_leaves_a_seam() -> None:
    network = w.network(w.conv(), w.pool(), w.conv(), w.pool(), w.conv(), w.pool())
    reference = scene((33, 33), (30, 30))
    _, measures = errors(network, reference, (8, 8), causes=True)
    assert measures[0].equivariance.value == 0
    pool = measures[1]
    assert pool.on_grid
    assert pool.equivariance.value is not None
    assert pool.equivariance.value > 0.1
    assert pool.equivariance_valid.value is not None
    assert pool.equivariance_valid.value <= EXACT
    assert [cause.kind for cause in pool.causes] == ["border"]
    assert pool.border_share.value == pytest.approx(1, abs=1e-12)
    divided = scene((32, 32), (30, 30))
    assert all((one.equivariance.value or 0) <= EXACT for one in errors(network, divided, (8, 8))[1])


@pytest.mark.slow
def test_vgg_11() -> None:
    spec = preset("vgg11")
    circular = NetworkSpec(
        name="vgg",
        layers=tuple(
            Conv(channels=layer.channels, padding=(1, 1), padding_mode="circular", bias=layer.bias)
            if isinstance(layer, Conv)
            else layer
            for layer in spec.layers
            if isinstance(layer, Conv | MaxPool | Activation)
        ),
    )
    network = Network(circular)
    reference = Scene(size=(224, 224), placed=(Placed(w.builtin("cat"), (112, 112), 96),))
    stages, exact = errors(network, reference, (32, -64))
    assert stages[-1].stride == (32, 32)
    assert all(one.equivariance.value is not None and one.equivariance.value <= EXACT for one in exact)
    _, off = errors(network, reference, (1, 0))
    for info, measure in zip(stages, off, strict=True):
        value = measure.equivariance.value
        assert value is not None
        assert value <= EXACT if info.stride == (1, 1) else value > 0.05
