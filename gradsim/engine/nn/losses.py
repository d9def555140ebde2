"""Losses: value per sample, and the gradient with respect to the output's logits.

A loss computes values per sample. The loss of a batch is their mean; the network
divides by the batch size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gradsim.engine.nn.outputs import OUTPUTS, Output
from gradsim.engine.types import Array
from gradsim.schema.parameters import Number
from gradsim.schema.registry import Entry, Registry

LOSSES: Registry[Loss] = Registry("loss")


class Loss(Entry):
    """The function that is minimised, of predictions `a` = output(z) and targets `y`, units on the last axis."""

    outputs: ClassVar[tuple[str, ...]] = tuple(OUTPUTS)
    """Keys of the outputs that this loss can be combined with."""

    refusal: ClassVar[str] = ""
    """Why it cannot be combined with the other outputs."""

    def value(self, output: Output, z: Array, a: Array, y: Array, work: Array) -> Array:
        """Return the loss of each sample: one axis less than `a`. `work` is a scratch array of a's shape."""
        raise NotImplementedError

    def backward(self, output: Output, a: Array, slope: Array, y: Array, out: Array) -> None:
        """Write dL/dz of each sample into `out`; `slope` is da_i/dz_i."""
        raise NotImplementedError


@LOSSES.add
class CrossEntropy(Loss):
    """Log-likelihood with softmax, binary cross-entropy with sigmoid; both from logits.

    Softmax: L = -Σ y ln a = ln Σ exp(z) - Σ y z for targets that sum to 1.
    Sigmoid: L = -Σ [y ln a + (1-y) ln(1-a)] = Σ z ([z > 0] - y) + ln(1 + exp(-abs(z))), one term per unit,
    so several targets of a sample may be 1. For y in [0, 1] neither term is negative, so there is no cancellation.
    With both outputs, the derivative of the output drops out: dL/dz = a - y.
    """

    key = "cross_entropy"
    label = "Cross-entropy"
    formula = "softmax: −Σ y ln a; sigmoid: −Σ [y ln a + (1 − y) ln(1 − a)]"
    outputs = ("softmax", "sigmoid")
    refusal = "its logarithm needs predictions between 0 and 1"

    def value(self, output: Output, z: Array, a: Array, y: Array, work: Array) -> Array:
        return _softmax_loss(z, y, work) if output.key == "softmax" else _sigmoid_loss(z, y, work)

    def backward(self, output: Output, a: Array, slope: Array, y: Array, out: Array) -> None:
        np.subtract(a, y, out=out)


def _softmax_loss(z: Array, y: Array, work: Array) -> Array:
    # The largest logit is subtracted, so that exp cannot overflow; as y sums to 1, the loss is the same.
    np.subtract(z, z.max(axis=-1, keepdims=True), out=work)
    expected = np.vecdot(y, work)
    np.exp(work, out=work)
    return np.asarray(np.log(work.sum(axis=-1)) - expected)


def _sigmoid_loss(z: Array, y: Array, work: Array) -> Array:
    np.greater(z, 0.0, out=work)
    np.subtract(work, y, out=work)
    linear = np.vecdot(work, z)
    np.absolute(z, out=work)
    np.negative(work, out=work)
    np.exp(work, out=work)
    np.log1p(work, out=work)
    return np.asarray(linear + work.sum(axis=-1))


@LOSSES.add
class MeanSquaredError(Loss):
    """L = 1/2 Σ (a - y)^2, so dL/da = a - y, and dL/dz has the factor of the output's derivative."""

    key = "mse"
    label = "Squared error"
    formula = "½ Σ (a − y)²"

    def value(self, output: Output, z: Array, a: Array, y: Array, work: Array) -> Array:
        np.subtract(a, y, out=work)
        return np.asarray(0.5 * np.vecdot(work, work))

    def backward(self, output: Output, a: Array, slope: Array, y: Array, out: Array) -> None:
        np.subtract(a, y, out=out)
        output.backward(a, slope, out)


@LOSSES.add
class MeanAbsoluteError(Loss):
    """L = Σ |a - y|; dL/da is the sign of a - y, and 0 where they are equal (PyTorch's L1Loss)."""

    key = "mae"
    label = "Absolute error"
    formula = "Σ |a − y|"

    def value(self, output: Output, z: Array, a: Array, y: Array, work: Array) -> Array:
        np.subtract(a, y, out=work)
        np.absolute(work, out=work)
        return np.asarray(work.sum(axis=-1))

    def backward(self, output: Output, a: Array, slope: Array, y: Array, out: Array) -> None:
        np.subtract(a, y, out=out)
        np.sign(out, out=out)
        output.backward(a, slope, out)


@LOSSES.add
@dataclass(frozen=True)
class Huber(Loss):
    """Half the squared error up to |a - y| = delta, linear beyond it: Huber 1964, as PyTorch's HuberLoss.

    With d = |a - y|: L = Σ 1/2 min(d, delta)^2 + delta max(0, d - delta), and dL/da is a - y clipped to ±delta.
    """

    key = "huber"
    label = "Huber"
    formula = "Σ ½ d² if d = |a − y| ≤ δ, else δ (d − ½ δ)"

    delta: float = Number(
        "Delta",
        help="Errors up to this count squared, larger ones linearly.",
        low=1e-3,
        high=1000,
        slider=(0.01, 10),
        log=True,
    ).field(1.0)

    def value(self, output: Output, z: Array, a: Array, y: Array, work: Array) -> Array:
        np.subtract(a, y, out=work)
        np.clip(work, -self.delta, self.delta, out=work)
        squares = np.vecdot(work, work)
        np.subtract(a, y, out=work)
        np.absolute(work, out=work)
        np.subtract(work, self.delta, out=work)
        np.maximum(work, 0.0, out=work)
        return np.asarray(0.5 * squares + self.delta * work.sum(axis=-1))

    def backward(self, output: Output, a: Array, slope: Array, y: Array, out: Array) -> None:
        np.subtract(a, y, out=out)
        np.clip(out, -self.delta, self.delta, out=out)
        output.backward(a, slope, out)
