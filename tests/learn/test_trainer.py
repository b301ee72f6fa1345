"""Training against torch's own optimisers and a plain module, and what it promises about stopping."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from shiftlab.learn.data import Labelled
from shiftlab.learn.optimisers import Descent
from shiftlab.learn.trainer import Trainer, scored
from shiftlab.learn.values import Settings
from shiftlab.network.spec import Activation, Conv, Dense, Flatten, GlobalAvg, MaxPool, NetworkError, NetworkSpec
from shiftlab.network.weights import Network

CANVAS = (16, 16)
SPEC = NetworkSpec(
    name="small",
    layers=(Conv(channels=4, padding=(1, 1)), Activation(), MaxPool(), Flatten(), Dense(units=3)),
    seed=5,
)


def labelled(count: int = 20) -> Labelled:
    random = np.random.default_rng(0)
    images = random.uniform(size=(count, 1, *CANVAS)).astype(np.float32)
    return Labelled(images, np.arange(count) % 3)


def training(**changes: object) -> Trainer:
    settings = dataclasses.replace(Settings(batch=8, steps=12, seed=1), **changes)  # type: ignore[arg-type]
    return Trainer(Network(SPEC), CANVAS, labelled(), settings)


@pytest.mark.parametrize(
    ("settings", "make"),
    [
        (Settings(rate=0.01), lambda p: torch.optim.Adam(p, lr=0.01)),
        (Settings(rate=0.01, weight_decay=0.1), lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.1)),
        (
            Settings(optimiser="adamw", rate=0.01, weight_decay=0.1),
            lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1),
        ),
        (Settings(optimiser="sgd", rate=0.1), lambda p: torch.optim.SGD(p, lr=0.1)),
        (
            Settings(optimiser="sgd", rate=0.1, momentum=0.9, weight_decay=0.01),
            lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
        ),
    ],
)
def test_each_optimiser_is_torchs_own(settings: Settings, make: object) -> None:
    random = torch.Generator().manual_seed(0)
    start = torch.randn(7, 3, dtype=torch.float64, generator=random)
    mine, theirs = start.clone(), start.clone().requires_grad_(True)
    descent, optimiser = Descent([mine], settings), make([theirs])  # type: ignore[operator]
    for _ in range(30):
        gradient = torch.randn(7, 3, dtype=torch.float64, generator=random)
        descent.step([gradient])
        theirs.grad = gradient.clone()
        optimiser.step()
    torch.testing.assert_close(mine, theirs.detach(), rtol=1e-11, atol=1e-13)


def test_a_training_is_that_of_a_plain_module() -> None:
    trainer = training(optimiser="sgd", rate=0.05, momentum=0.5, batch=20)
    plain = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 3))
    arrays = trainer.weights.arrays
    with torch.no_grad():
        for module, name in ((plain[0], "conv1"), (plain[4], "dense1")):
            module.weight.copy_(torch.tensor(arrays[f"{name}.weight"]))
            module.bias.copy_(torch.tensor(arrays[f"{name}.bias"]))
    optimiser = torch.optim.SGD(plain.parameters(), lr=0.05, momentum=0.5)
    data = labelled()
    for step in trainer.run():
        # A batch of all images is the same in any order.
        loss = nn.functional.cross_entropy(plain(torch.tensor(data.images)), torch.tensor(data.labels))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        assert step.loss == pytest.approx(float(loss.detach()), rel=1e-5)
    trained = trainer.weights.arrays
    np.testing.assert_allclose(trained["conv1.weight"], plain[0].weight.detach().numpy(), atol=1e-5)
    np.testing.assert_allclose(trained["dense1.weight"], plain[4].weight.detach().numpy(), atol=1e-5)


def test_it_learns_says_so_and_leaves_its_start_alone() -> None:
    trainer = training(steps=60, rate=0.02)
    before = trainer.network
    steps = list(trainer.run())
    assert [step.done for step in steps] == list(range(1, 61))
    assert all(step.total == 60 and step.words == "training" for step in steps)
    assert steps[0].loss is not None
    assert steps[-1].loss is not None
    assert steps[-1].loss < 0.3 < steps[0].loss
    assert steps[-1].accuracy == 1
    assert before.weights != trainer.weights
    assert list(trainer.run()) == []


def test_the_same_again_is_the_same_to_the_last_bit_and_another_seed_is_not() -> None:
    runs = [training(), training(), training(seed=2)]
    for run in runs:
        for _ in run.run():
            pass
    assert runs[0].weights == runs[1].weights
    assert runs[0].weights != runs[2].weights


@pytest.mark.parametrize("optimiser", ["adam", "adamw", "sgd"])
def test_stopped_at_any_step_it_goes_on_as_if_it_had_not(optimiser: str) -> None:
    whole = training(optimiser=optimiser, momentum=0.9, weight_decay=0.01, shift=2)
    for _ in whole.run():
        pass
    stopped = training(optimiser=optimiser, momentum=0.9, weight_decay=0.01, shift=2)
    steps = stopped.run()
    for _ in range(5):
        next(steps)
    steps.close()
    kept = stopped.checkpoint()
    published = stopped.weights
    stopped.step()
    resumed = training(optimiser=optimiser, momentum=0.9, weight_decay=0.01, shift=2)
    resumed.resume(kept)
    assert resumed.weights == published
    assert resumed.taken == 5
    assert len(list(resumed.run())) == 7
    assert resumed.weights == whole.weights


def test_every_image_is_seen_once_in_each_pass() -> None:
    trainer = training(batch=8)
    drawn = np.concatenate([trainer._batch(step) for step in range(5)])
    np.testing.assert_array_equal(np.sort(drawn[:20]), np.arange(20))
    np.testing.assert_array_equal(np.sort(drawn[20:]), np.arange(20))
    assert not np.array_equal(drawn[:20], drawn[20:])


def test_a_shift_moves_images_and_lets_black_come_in() -> None:
    trainer = training(shift=3)
    image = torch.tensor(labelled(1).images)
    seen: set[tuple[int, int]] = set()
    for step in range(60):
        trainer._descent.taken = step
        moved = trainer._shifted(image)[0, 0]
        wide = torch.zeros(22, 22)
        wide[3:19, 3:19] = image[0, 0]
        found = [
            (row - 3, col - 3)
            for row in range(7)
            for col in range(7)
            if torch.equal(moved, wide[row : row + 16, col : col + 16])
        ]
        assert len(found) == 1
        seen.add(found[0])
    assert {row for row, _ in seen} == set(range(-3, 4))


def test_what_cannot_be_trained_is_one_line() -> None:
    no_head = NetworkSpec(name="maps", layers=SPEC.layers[:3])
    with pytest.raises(NetworkError, match="maps ends in maps: only a network with a head can be trained"):
        Trainer(Network(no_head), CANVAS, labelled(), Settings())
    few = NetworkSpec(name="few", layers=(*SPEC.layers[:-1], Dense(units=2)))
    with pytest.raises(NetworkError, match="few ends in 2 values, but there are 3 classes"):
        Trainer(Network(few), CANVAS, labelled(), Settings())
    nothing = NetworkSpec(name="nothing", layers=(GlobalAvg(),))
    one_class = Labelled(labelled(4).images, np.zeros(4, dtype=np.int64))
    with pytest.raises(NetworkError, match="nothing has no weights to train"):
        Trainer(Network(nothing), CANVAS, one_class, Settings())
    with pytest.raises(ValueError, match="20 images need as many labels, not 3"):
        Trainer(Network(SPEC), CANVAS, Labelled(labelled().images, np.arange(3)), Settings())


def test_a_training_that_diverges_says_so_and_keeps_its_last_weights() -> None:
    # Each step multiplies the weights by about 1 - 10 * 10.
    trainer = training(optimiser="sgd", rate=10.0, weight_decay=10.0, steps=200)
    with pytest.raises(FloatingPointError, match=r"training diverged at step \d+: try a smaller rate"):
        for _ in trainer.run():
            pass
    assert 1 < trainer.taken < 200
    assert all(np.isfinite(array).all() for array in trainer.weights.arrays.values())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"optimiser": "lion"}, "optimiser must be one of adam, adamw, sgd, not 'lion'"),
        ({"rate": 0.0}, "rate must be above 0"),
        ({"rate": float("nan")}, "rate must be above 0"),
        ({"weight_decay": -1.0}, "weight_decay must be 0 to 10, not -1.0"),
        ({"momentum": 1.0}, "momentum must be 0 or more and below 1"),
        ({"batch": 0}, "batch must be 1 or more, not 0"),
        ({"steps": 0}, "steps must be 1 or more"),
        ({"shift": -1}, "shift must be 0 or more"),
    ],
)
def test_settings_name_what_does_not_fit(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Settings(**options)  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=12))
def test_ties_count_as_chance_among_the_largest(rows: list[tuple[int, int, int]]) -> None:
    labels = torch.arange(len(rows)) % 3
    score = scored(torch.tensor(rows, dtype=torch.float32), labels)
    expected = [
        (1 / row.count(max(row))) if row[int(label)] == max(row) else 0.0
        for row, label in zip(rows, labels, strict=True)
    ]
    assert score.value == pytest.approx(sum(expected) / len(rows))
    assert score.ties == pytest.approx(sum(row.count(max(row)) > 1 for row in rows) / len(rows))
    assert score.tie == all(row.count(max(row)) > 1 for row in rows)
