"""Training: any network with a head, on labelled images, step by step."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from shiftlab.learn.data import Labelled
from shiftlab.learn.optimisers import Descent
from shiftlab.learn.values import Job, Progress, Score, Settings
from shiftlab.measure.jobs import result_of
from shiftlab.network.modules import Forward
from shiftlab.network.spec import NetworkError
from shiftlab.network.weights import Network, Weights

ORDER_STREAM, SHIFT_STREAM = 22, 23
TEST_BATCH = 64


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """All that a training needs to go on as if it had never stopped: copies, never changed."""

    taken: int
    weights: dict[str, Tensor]
    first: tuple[Tensor, ...]
    second: tuple[Tensor, ...]


class Trainer:
    """A network in training.

    It goes on only when asked (`step`, or the generator `run`), so that stopping is not asking any
    more. The batches follow from the seed and the number of the step alone: a training resumed from a
    checkpoint gives the same weights as one that never stopped, and one begun again the same as before
    (on one machine with the same number of threads).

    Parameters
    ----------
    network : Network
        Where it starts: its weights, or else the initial ones.
    canvas : (rows, cols)
    data : Labelled
        Images (N, C, H, W) as large as the canvas.
    settings : Settings
    dtype : torch.float32 or torch.float64
    ground : (C, H, W)
        What lies under the patterns; augmentation by shift moves what differs from it. Black where None.
    wrap : bool
        Whether what is shifted over a border comes in on the other side.

    Attributes
    ----------
    forward : Forward
        The network as it stands.
    taken : int
        Steps taken.

    Raises
    ------
    NetworkError
        One line: a network that cannot be built on this canvas, that ends in no logits or in too few, or
        that has nothing to train.
    ValueError
        Where the images do not fit the labels.
    """

    def __init__(
        self,
        network: Network,
        canvas: tuple[int, int],
        data: Labelled,
        settings: Settings,
        dtype: torch.dtype = torch.float32,
        ground: NDArray[np.float32] | None = None,
        wrap: bool = False,
    ) -> None:
        if len(data.images) != len(data.labels) or not len(data):
            raise ValueError(f"{len(data.images)} images need as many labels, not {len(data.labels)}")
        self.forward = Forward(network, canvas, dtype)
        require_head(self.forward, int(data.labels.max()) + 1)
        self._parameters = self.forward.parameters()
        if not self._parameters:
            raise NetworkError(f"{network.spec.name} has no weights to train")
        self._settings, self._spec = settings, network.spec
        self._images = self.forward.prepared(data.images)
        self._labels = torch.tensor(data.labels)
        self._ground = None if ground is None or not ground.any() else self.forward.prepared(ground)
        self._wrap = wrap
        self._descent = Descent(self._parameters, settings)

    @property
    def taken(self) -> int:
        return self._descent.taken

    @property
    def network(self) -> Network:
        """The network with a copy of its present weights, as a value to publish."""
        return Network(self._spec, self.weights)

    @property
    def weights(self) -> Weights:
        return self.forward.weights()

    def step(self) -> Progress:
        """One step.

        Raises
        ------
        FloatingPointError
            Where the loss is no longer finite; the weights are those before the step.
        """
        chosen = torch.tensor(self._batch(self.taken))
        images, labels = self._images[chosen], self._labels[chosen]
        if self._settings.shift:
            images = self._shifted(images)
        for tensor in self._parameters:
            tensor.requires_grad_(True)
        try:
            logits = last(self.forward, images, grad=True)
            loss = F.cross_entropy(logits, labels)
            if not bool(torch.isfinite(loss)):
                raise FloatingPointError(f"training diverged at step {self.taken + 1}: try a smaller rate")
            gradients = torch.autograd.grad(loss, self._parameters)
        finally:
            for tensor in self._parameters:
                tensor.requires_grad_(False)
        self._descent.step(gradients)
        right = scored(logits.detach(), labels)
        return Progress(self.taken, self._settings.steps, "training", float(loss.detach()), right.value)

    def run(self) -> Generator[Progress]:
        """Steps until as many were taken as the settings ask for."""
        while self.taken < self._settings.steps:
            yield self.step()

    def checkpoint(self) -> Checkpoint:
        """A copy of the present state."""
        return Checkpoint(
            self.taken,
            {name: tensor.clone() for name, tensor in self.forward.tensors.items()},
            tuple(tensor.clone() for tensor in self._descent.first),
            tuple(tensor.clone() for tensor in self._descent.second),
        )

    def resume(self, checkpoint: Checkpoint) -> None:
        """Go back, or on, to a checkpoint of a training of the same network."""
        with torch.no_grad():
            for name, tensor in self.forward.tensors.items():
                tensor.copy_(checkpoint.weights[name])
            for mine, kept in zip(self._descent.first, checkpoint.first, strict=True):
                mine.copy_(kept)
            for mine, kept in zip(self._descent.second, checkpoint.second, strict=True):
                mine.copy_(kept)
        self._descent.taken = checkpoint.taken

    def _batch(self, step: int) -> NDArray[np.int64]:
        """Indices of the images of a step: one shuffled pass over the data after another."""
        count, size = len(self._labels), self._settings.batch
        first, parts = step * size, list[NDArray[np.int64]]()
        while size > 0:
            turn, start = divmod(first, count)
            order = np.random.default_rng([self._settings.seed, ORDER_STREAM, turn]).permutation(count)
            parts.append(order[start : start + size])
            first, size = first + len(parts[-1]), size - len(parts[-1])
        return np.concatenate(parts)

    def _shifted(self, images: Tensor) -> Tensor:
        """What each image shows moved by up to `shift` pixels either way, the ground coming in."""
        most = self._settings.shift
        random = np.random.default_rng([self._settings.seed, SHIFT_STREAM, self.taken])
        starts = random.integers(0, 2 * most, size=(len(images), 2), endpoint=True)
        height, width = images.shape[2:]
        shown = images if self._ground is None else images - self._ground
        wide = F.pad(shown, [most] * 4, mode="circular" if self._wrap else "constant")
        moved = torch.stack(
            [image[:, row : row + height, col : col + width] for image, (row, col) in zip(wide, starts, strict=True)]
        )
        return moved if self._ground is None else moved + self._ground


def side_by_side(trainers: Sequence[Trainer]) -> Generator[Progress]:
    """Train all of them, a step of each at a time, as far as the settings of the first ask for; told of the first."""
    first, *others = trainers
    for progress in first.run():
        for other in others:
            other.step()
        yield progress


def require_head(forward: Forward, classes: int) -> None:
    """Check that a network ends in at least so many logits.

    Raises
    ------
    NetworkError
        One line that says what it ends in.
    """
    name = forward.network.spec.name
    final = forward.stages[-1] if forward.stages else None
    if final is None or final.kind not in ("dense", "globalavg", "globalmax"):
        raise NetworkError(f"{name} ends in maps: only a network with a head can be trained")
    if final.channels < classes:
        raise NetworkError(f"{name} ends in {final.channels} values, but there are {classes} classes")


def last(forward: Forward, images: Tensor | NDArray[np.float32], grad: bool = False) -> Tensor:
    """The logits (N, K)."""
    return forward.maps(images, grad)[forward.names[-1]].flatten(1)


def answers(forward: Forward, images: NDArray[np.float32], words: str = "testing") -> Job[Tensor]:
    """The logits (N, K) of any number of images, a few a step, so that it can be cancelled."""
    parts: list[Tensor] = []
    for start in range(0, len(images), TEST_BATCH):
        parts.append(last(forward, images[start : start + TEST_BATCH]))
        yield Progress(min(start + TEST_BATCH, len(images)), len(images), words)
    return torch.cat(parts)


def logits_of(forward: Forward, images: NDArray[np.float32]) -> Tensor:
    """The logits (N, K) of any number of images, in batches."""
    return result_of(answers(forward, images))


def scored(logits: Tensor, labels: Tensor) -> Score:
    """How often the largest logit is that of the label; a tie of the largest counts as chance among them."""
    largest = logits == logits.amax(dim=1, keepdim=True)
    among = largest.sum(dim=1)
    right = largest.gather(1, labels[:, None])[:, 0].to(torch.float64) / among.clamp(min=1)
    return Score(float(right.mean()), float((among > 1).to(torch.float64).mean()), len(labels))
