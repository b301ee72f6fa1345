"""Train the networks that ship: `python -m shiftlab.learn.ship [FOLDER]` writes their specs and weights.

The same weights come out again on the same machine, bit for bit: data, order and initial weights follow
from the seed, and one thread does all sums in one order.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import msgspec
import torch
from safetensors.numpy import save

from shiftlab.learn.live import live, opened
from shiftlab.learn.plans import Outcome, Plan
from shiftlab.measure.jobs import result_of
from shiftlab.network.spec import to_json
from shiftlab.network.weights import Network
from shiftlab.resources import resource

SEED = 3
SHIPPED: Mapping[str, tuple[Plan, str]] = MappingProxyType(
    {
        "corner-dense": (
            Plan(seed=SEED),
            "Trained on cats and dogs in the upper left; a weight for every place. Zero padding, no biases.",
        ),
        "corner-gap": (
            Plan(head="gap", seed=SEED),
            "Trained on cats and dogs in the upper left; the mean over places. Zero padding, no biases.",
        ),
        "corner-gmp": (
            Plan(head="gmp", seed=SEED),
            "Trained on cats and dogs in the upper left; the maximum over places. Zero padding, no biases.",
        ),
        "face-8": (
            Plan("face", window=8, seed=SEED),
            "Trained on faces against scrambles of their parts; pooled over 8 px. Zero padding.",
        ),
        "face-64": (
            Plan("face", window=64, seed=SEED),
            "Trained on faces against scrambles of their parts; pooled over everything. Zero padding.",
        ),
        "face-deep": (
            Plan("face", deep=True, window=64, seed=SEED),
            "Trained on faces against scrambles of their parts; sees 38 px, pooled over everything. Zero padding.",
        ),
    }
)
"""What ships, and what the list of networks says of it."""


def trained(plan: Plan) -> tuple[Network, Outcome]:
    """The network of a plan after its training, and what the run says of itself.

    Raises
    ------
    ValueError
        For an experiment with two networks.
    """
    torch.set_num_threads(1)
    ready = opened(plan)
    if len(ready.networks) != 1:
        raise ValueError(f"{plan.experiment} trains {len(ready.networks)} networks: none of them ships")
    outcome = result_of(live(ready))
    return Network(ready.networks[0].spec, outcome.weights[0]), outcome


def write(name: str, folder: Path) -> Outcome:
    """Train one of the shipped networks and write NAME.json and NAME.safetensors.

    Raises
    ------
    ValueError
        For a name that does not ship.
    OSError
        Where a file cannot be written.
    """
    if name not in SHIPPED:
        raise ValueError(f"no shipped network {name!r}; there are {', '.join(SHIPPED)}")
    plan, description = SHIPPED[name]
    network, outcome = trained(plan)
    assert network.weights is not None
    spec = msgspec.structs.replace(network.spec, name=name, description=description)
    (folder / f"{name}.json").write_bytes(to_json(spec))
    (folder / f"{name}.safetensors").write_bytes(save(dict(network.weights.arrays)))
    return outcome


def main(argv: Sequence[str] | None = None) -> int:
    """Write all of them, with a line each on standard error."""
    parser = argparse.ArgumentParser(prog="python -m shiftlab.learn.ship", description="Train the networks that ship.")
    parser.add_argument("folder", nargs="?", type=Path, default=resource("networks"), help="where they are written")
    folder: Path = parser.parse_args(argv).folder
    folder.mkdir(parents=True, exist_ok=True)
    for name in SHIPPED:
        outcome = write(name, folder)
        sys.stderr.write(f"{name}: {outcome.sentence}\n")
        if not outcome.holds:
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
