"""Adam, AdamW and gradient descent, written out so that their state is a handful of tensors.

torch's own do the same (a test compares them); theirs import a compiler on first use and keep their
state keyed by object, which makes it hard to hand over as a value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from shiftlab.learn.values import Settings

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


class Descent:
    """An optimiser of some tensors, which it changes in place.

    Attributes
    ----------
    taken : int
        Steps taken.
    first, second : list of Tensor
        Running means of the gradient and of its square (of 'sgd' the first is the velocity).
    """

    def __init__(self, parameters: Sequence[Tensor], settings: Settings) -> None:
        self._parameters, self._settings = tuple(parameters), settings
        self.taken = 0
        self.first = [torch.zeros_like(tensor) for tensor in self._parameters]
        self.second = [torch.zeros_like(tensor) for tensor in self._parameters]

    def step(self, gradients: Sequence[Tensor]) -> None:
        """One step down these gradients."""
        self.taken += 1
        update = self._descend if self._settings.optimiser == "sgd" else self._adapt
        with torch.no_grad():
            for weight, gradient, first, second in zip(
                self._parameters, gradients, self.first, self.second, strict=True
            ):
                decay = self._settings.weight_decay
                if decay and self._settings.optimiser == "adamw":
                    weight.mul_(1 - self._settings.rate * decay)
                elif decay:
                    gradient = gradient.add(weight, alpha=decay)
                update(weight, gradient, first, second)

    def _descend(self, weight: Tensor, gradient: Tensor, first: Tensor, second: Tensor) -> None:
        first.mul_(self._settings.momentum).add_(gradient)
        weight.sub_(first, alpha=self._settings.rate)

    def _adapt(self, weight: Tensor, gradient: Tensor, first: Tensor, second: Tensor) -> None:
        first.lerp_(gradient, 1 - BETA1)
        second.mul_(BETA2).addcmul_(gradient, gradient, value=1 - BETA2)
        rate = self._settings.rate / (1 - BETA1**self.taken)
        scale = second.sqrt().div_(math.sqrt(1 - BETA2**self.taken)).add_(EPSILON)
        weight.addcdiv_(first, scale, value=-rate)
