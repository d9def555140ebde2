"""Losses: value per sample, and the gradient with respect to the output's logits.

The loss of a batch is the mean over its samples; division by the batch size is
the network's business, so that a loss speaks of one sample at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gradsim.engine.activations import Output
from gradsim.engine.registry import Entry, Registry
from gradsim.engine.types import Array

LOSSES: Registry[Loss] = Registry("loss")


class Loss(Entry):
    """What is minimised, for predictions `a` = output(z) and targets `y`, units on the last axis."""

    outputs: ClassVar[tuple[str, ...]]
    """Keys of the outputs that this loss goes with."""

    refusal: ClassVar[str] = ""
    """Why it goes with no other output."""

    def value(self, output: Output, z: Array, a: Array, y: Array) -> Array:
        """Return the loss of each sample: one axis less than `a`."""
        raise NotImplementedError

    def delta(self, output: Output, z: Array, a: Array, y: Array, out: Array) -> None:
        """Write dL/dz of each sample into `out`."""
        raise NotImplementedError


@LOSSES.add
@dataclass(frozen=True)
class CrossEntropy(Loss):
    """Log-likelihood with softmax, binary cross-entropy with sigmoid; both from logits.

    Softmax: L = -Σ y ln a = ln Σ exp(z) - Σ y z for targets that sum to 1.
    Sigmoid: L = -Σ [y ln a + (1-y) ln(1-a)] = Σ max(z,0) - y z + ln(1 + exp(-abs(z))).
    With either output the output's derivative cancels: dL/dz = a - y.
    """

    key = "cross_entropy"
    label = "Cross-entropy"
    formula = "−Σ y ln a"
    outputs = ("softmax", "sigmoid")
    refusal = "its logarithm needs predictions between 0 and 1"

    def value(self, output: Output, z: Array, a: Array, y: Array) -> Array:
        if output.key == "softmax":
            top = z.max(axis=-1, keepdims=True)
            total = np.log(np.exp(z - top).sum(axis=-1)) + top[..., 0]
            return np.asarray(total - (y * z).sum(axis=-1))
        terms = np.maximum(z, 0.0) - y * z + np.log1p(np.exp(-np.abs(z)))
        return np.asarray(terms.sum(axis=-1))

    def delta(self, output: Output, z: Array, a: Array, y: Array, out: Array) -> None:
        np.subtract(a, y, out=out)


@LOSSES.add
@dataclass(frozen=True)
class MeanSquaredError(Loss):
    """L = 1/2 Σ (a - y)^2, so dL/da = a - y and dL/dz carries the output's derivative."""

    key = "mse"
    label = "Squared error"
    formula = "½ Σ (a − y)²"
    outputs = ("softmax", "sigmoid", "linear")

    def value(self, output: Output, z: Array, a: Array, y: Array) -> Array:
        return np.asarray(0.5 * np.square(a - y).sum(axis=-1))

    def delta(self, output: Output, z: Array, a: Array, y: Array, out: Array) -> None:
        np.subtract(a, y, out=out)
        output.backward(a, out)
