"""What `shiftlab train` does: the experiments by name, and the task of one's own that a session keeps."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shiftlab.arguments import CommandFailure, UsageError, opened, there_are, writable, write
from shiftlab.commands import print_json

if TYPE_CHECKING:
    from shiftlab.document import Document
    from shiftlab.learn.draft import Draft
    from shiftlab.learn.values import Progress
    from shiftlab.network.weights import Network


def run_train(options: argparse.Namespace) -> int:
    """`shiftlab train EXPERIMENT`: train every variant with every seed, and print the figures."""
    if options.seeds < 1:
        raise UsageError(f"--seeds must be 1 or more, not {options.seeds}")
    if options.seed is not None and options.seed < 0:
        raise UsageError(f"--seed must be 0 or more, not {options.seed}")
    if options.experiment == "own":
        return _run_train_own(options)
    for given, name in ((options.file, "FILE"), (options.out, "--out")):
        if given is not None:
            raise UsageError(f"{name} {given}: it goes with `train own` alone")
    from shiftlab.learn import experiments

    if options.experiment not in experiments.names():
        there = there_are(options.experiment, (*experiments.names(), "own"))
        raise UsageError(f"no experiment {options.experiment!r}; {there}")
    known = experiments.experiment(options.experiment)
    for variant in options.variant or ():
        if variant not in known.variants:
            raise UsageError(f"--variant {variant}: there is none; {there_are(variant, known.variants)}")
    import torch

    torch.set_num_threads(1)
    first = 0 if options.seed is None else options.seed
    with _Report() as report:
        found = experiments.run(known.name, range(first, first + options.seeds), report, options.variant)
    print_json(found)
    return 0


def _run_train_own(options: argparse.Namespace) -> int:
    """`shiftlab train own FILE`: the task that a session keeps, trained as the window trains it."""
    from shiftlab.learn.draft import LIMITS

    path, out = options.file, options.out
    if path is None:
        raise UsageError("train own needs FILE: a session or a screenshot with a task in it")
    if options.variant:
        raise UsageError("--variant: a task of one's own has none")
    if out is not None:
        writable(out, ".shiftlab", ".safetensors")
        if options.seeds > 1:
            raise UsageError(f"--out {out}: it takes the weights of one seed, not of {options.seeds}")
    document = opened(path)
    draft = document.training
    if draft is None:
        raise UsageError(
            f"{path}: no task in it; in the window choose Train: this network, train or change it, and save"
        )
    first, most = draft.settings.seed if options.seed is None else options.seed, int(LIMITS["seed"][1])
    if first + options.seeds - 1 > most:
        raise UsageError(f"--seed {first} with --seeds {options.seeds}: seeds of a task go up to {most}")
    import torch

    from shiftlab.learn import own
    from shiftlab.network.weights import Network

    torch.set_num_threads(1)
    runs: list[dict[str, Any]] = []
    for seed in range(first, first + options.seeds):
        try:
            chosen = draft.with_settings(seed=seed)
            task = chosen.task(document.networks[draft.network], document.scene)
            with _Report() as report:
                outcome = own.finished(task, partial(report, task.network.spec.name, seed))
        except FloatingPointError as error:
            raise CommandFailure(str(error)) from error
        except ValueError as error:
            raise UsageError(f"{path}: {error}") from error
        runs.append(own.as_json(task, outcome))
        if out is not None:
            _write_learnt(out, document, chosen, Network(task.network.spec, outcome.weights[0]))
    print_json({"experiment": "own", "runs": runs})
    return 0


def _write_learnt(out: Path, document: Document, draft: Draft, network: Network) -> None:
    """The lab with the network that has learnt it, or its weights alone."""
    from shiftlab.files import session
    from shiftlab.files.blobs import weights_blob

    if out.suffix.lower() == ".safetensors" and network.weights is not None:
        write(out, weights_blob(network.weights)[1])
        return
    networks = list(document.networks)
    networks[draft.network] = network
    try:
        content = session.to_bytes(document.with_networks(tuple(networks)).with_training(draft))
    except ValueError as error:
        raise CommandFailure(f"{out}: {error}") from error
    write(out, content)


class _Report:
    """Says on standard error which run is under way; on a terminal, how far it is."""

    def __init__(self) -> None:
        self._shown, self._before = sys.stderr.isatty(), ("", -1)

    def __call__(self, variant: str, seed: int, progress: Progress) -> None:
        if self._shown:
            sys.stderr.write(f"\r\x1b[K{variant}, seed {seed}: {progress.words} {progress.done} of {progress.total}")
        elif (variant, seed) != self._before:
            sys.stderr.write(f"{variant}, seed {seed}\n")
        self._before = (variant, seed)
        sys.stderr.flush()

    def __enter__(self) -> _Report:
        return self

    def __exit__(self, *_failure: object) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
