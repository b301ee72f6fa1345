"""Documents for tests: one that uses every field, and a strategy that draws them."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
from hypothesis import strategies as st

from shiftlab.document import Document, Lenses, Pin
from shiftlab.learn.draft import PROPOSED, Draft
from shiftlab.learn.values import Settings
from shiftlab.network import spec as layers
from shiftlab.network.spec import NetworkSpec
from shiftlab.network.weights import Network, Weights
from shiftlab.scene.values import Background, Pattern, Placed, Scene


def pattern(name: str = "noise", colour: bool = False, exact: bool = False, seed: int = 0) -> Pattern:
    """Random pixels; with `exact` whole 255ths, which a PNG can hold."""
    rng = np.random.default_rng(seed)
    shape = (3 if colour else 1, 7, 5)
    if not exact:
        return Pattern(name, rng.random(shape, np.float32), rng.random(shape[1:], np.float32))
    draw = rng.integers(0, 256, (shape[0] + 1, *shape[1:])).astype(np.float32) / np.float32(255)
    return Pattern(name, draw[:-1], draw[-1])


SPEC = NetworkSpec(
    name="mine",
    layers=(
        layers.Conv(channels=2, padding=(1, 1), padding_mode="circular", initialisation="bank"),
        layers.Activation(function="tanh"),
        layers.BlurPool(),
        layers.Dense(units=3, on=False),
    ),
    seed=5,
    classes=("a", "b"),
    canvas=(32, 40),
)


def weights(seed: int = 0) -> Weights:
    rng = np.random.default_rng(seed)
    return Weights(
        {"conv1.weight": rng.standard_normal((2, 1, 3, 3), np.float32), "conv1.bias": np.zeros(2, np.float32)}
    )


def full_document() -> Document:
    """Every field differs from its default."""
    ground = Background("image", grey=0.25, seed=3, image=pattern("ground", colour=True, exact=True))
    placed = (
        Placed(pattern(), (10.25, 7.1), 9, turn=33.3, flipped=True, contrast=1.7),
        Placed(pattern("other", colour=True, seed=1), (3.0, 4.0), 12),
        Placed(pattern("exact", exact=True), (-3.5, 400.0), 5),
    )
    scene = Scene((32, 40), ground, placed, "zero")
    return Document(
        scene=scene,
        reference=scene.moved((1.5, -2.0)),
        networks=(Network(SPEC, weights()), Network(SPEC)),
        lenses=Lenses(
            view="left",
            views=MappingProxyType({(1, "conv1"): "changed", (0, "blur1"): "now"}),
            scope="channel",
            tile=64,
            form="fractional",
            plain=True,
            hidden=frozenset({(0, "tanh1"), (1, "conv1")}),
            collapsed=frozenset({(1, "tanh1")}),
            enlarged=(0, "conv1"),
            channels=MappingProxyType({(0, "conv1"): 1}),
            pin=Pin(1, "conv1", 1, (3, 4)),
            selection=frozenset({0, 2}),
        ),
        path=((1.0, 2.5), (0.1, 0.2)),
        training=Draft(
            classes=(pattern("b", seed=4), pattern(), pattern("a", exact=True)),
            place="painted",
            painted=np.random.default_rng(2).random((32, 40)) < 0.3,
            size=9,
            variation=0.3,
            start="present",
            settings=Settings("sgd", 3e-3, 0.01, 0.9, batch=7, steps=33, seed=12, shift=2),
            proposed=frozenset({"rate"}),
            network=1,
        ),
    )


def finite(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


patterns = st.builds(
    pattern, name=st.text(max_size=20), colour=st.booleans(), exact=st.booleans(), seed=st.integers(0, 9)
)
placements = st.builds(
    Placed,
    pattern=patterns,
    at=st.tuples(finite(-1e6, 1e6), finite(-1e6, 1e6)),
    size=st.integers(1, 512),
    turn=finite(-1e9, 1e9),
    flipped=st.booleans(),
    contrast=finite(0, 4),
)
backgrounds = st.one_of(
    st.builds(
        Background,
        kind=st.sampled_from(["uniform", "gradient", "texture", "noise"]),
        grey=finite(0, 1),
        seed=st.integers(-(2**63), 2**63 - 1),
    ),
    st.builds(Background, kind=st.just("image"), image=patterns),
)
scenes = st.builds(
    Scene,
    size=st.tuples(st.integers(16, 512), st.integers(16, 512)),
    background=backgrounds,
    placed=st.lists(placements, max_size=3).map(tuple),
    border=st.sampled_from(["zero", "wrap"]),
)
keys = st.tuples(st.integers(0, 1), st.sampled_from(["conv1", "pool2", "dense1"]))
views = st.sampled_from(["now", "reference", "changed", "left"])
lenses = st.builds(
    Lenses,
    view=views,
    views=st.dictionaries(keys, views, max_size=3).map(MappingProxyType),
    scope=st.sampled_from(["channel", "stage", "network"]),
    tile=st.sampled_from([None, 16, 32, 64, 128]),
    form=st.sampled_from(["grid", "fractional"]),
    plain=st.booleans(),
    hidden=st.frozensets(keys, max_size=3),
    collapsed=st.frozensets(keys, max_size=3),
    enlarged=st.none() | keys,
    channels=st.dictionaries(keys, st.integers(0, 600), max_size=3).map(MappingProxyType),
    pin=st.none()
    | st.builds(
        Pin,
        network=st.integers(0, 1),
        stage=st.sampled_from(["conv1", "pool2"]),
        channel=st.integers(0, 511),
        cell=st.tuples(st.integers(0, 511), st.integers(0, 511)),
    ),
    selection=st.frozensets(st.integers(0, 4), max_size=3),
)
networks = st.builds(
    Network,
    spec=st.builds(
        NetworkSpec,
        name=st.text(max_size=10),
        layers=st.lists(st.sampled_from([*SPEC.layers, layers.MaxPool(), layers.GlobalAvg(on=False)]), max_size=5).map(
            tuple
        ),
        channels=st.sampled_from([1, 3]),
        seed=st.integers(0, 2**31),
        classes=st.lists(st.text(max_size=5), max_size=3).map(tuple),
    ),
    weights=st.none() | st.builds(weights, st.integers(0, 3)),
)
settings = st.builds(
    Settings,
    optimiser=st.sampled_from(["adam", "adamw", "sgd"]),
    rate=finite(1e-5, 10),
    weight_decay=finite(0, 10),
    momentum=finite(0, 0.99),
    batch=st.integers(1, 512),
    steps=st.integers(1, 10_000),
    seed=st.integers(0, 9999),
    shift=st.integers(0, 511),
)
masks = st.builds(
    lambda rows, cols, seed: np.random.default_rng(seed).random((rows, cols)) < seed / 9,
    st.integers(16, 60),
    st.integers(16, 60),
    st.integers(0, 9),
)
drafts = st.builds(
    Draft,
    classes=st.lists(patterns, min_size=2, max_size=4).map(tuple),
    place=st.sampled_from(["corner", "everywhere", "strip", "painted"]),
    painted=st.none() | masks,
    size=st.integers(1, 512),
    variation=finite(0, 1),
    start=st.sampled_from(["initial", "present"]),
    settings=settings,
    proposed=st.frozensets(st.sampled_from(sorted(PROPOSED))),
    network=st.integers(0, 1),
)
documents = st.builds(
    Document,
    scene=scenes,
    reference=scenes,
    networks=st.lists(networks, min_size=1, max_size=2).map(tuple),
    lenses=lenses,
    path=st.lists(st.tuples(finite(-1e9, 1e9), finite(-1e9, 1e9)), max_size=4).map(tuple),
    training=st.none() | drafts,
)
