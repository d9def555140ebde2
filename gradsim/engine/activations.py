"""Activation functions of hidden layers, and of outputs.

An activation is a pair: ``value`` writes a = f(z), ``derivative`` writes f'(z).
Both work elementwise on arrays of any shape and write into `out`, which may
not alias their inputs unless said otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gradsim.engine.registry import Entry, Registry
from gradsim.engine.types import Array

ACTIVATIONS: Registry[Activation] = Registry("activation")
OUTPUTS: Registry[Output] = Registry("output")


class Activation(Entry):
    """What a hidden unit does to its pre-activation z."""

    peak: ClassVar[float] = 1.0
    """Largest |f'(z)|, against which saturation is judged."""

    def value(self, z: Array, out: Array) -> None:
        """Write a = f(z) into `out`."""
        raise NotImplementedError

    def derivative(self, z: Array, a: Array, out: Array) -> None:
        """Write f'(z) into `out`; `a` is f(z), already known from the forward pass."""
        raise NotImplementedError


def _sigmoid(z: Array, out: Array) -> None:
    # exp overflows to inf for z < -709, and 1 / inf is the right answer, 0.
    np.negative(z, out=out)
    np.exp(out, out=out)
    np.add(out, 1.0, out=out)
    np.reciprocal(out, out=out)


def _sigmoid_derivative(a: Array, out: Array) -> None:
    np.subtract(1.0, a, out=out)
    np.multiply(out, a, out=out)


@ACTIVATIONS.add
@dataclass(frozen=True)
class Sigmoid(Activation):
    """Logistic function; f'(z) = a (1 - a) <= 1/4, the cause of vanishing gradients."""

    key = "sigmoid"
    label = "Sigmoid"
    formula = "1 / (1 + exp(−z))"
    peak = 0.25

    def value(self, z: Array, out: Array) -> None:
        _sigmoid(z, out)

    def derivative(self, z: Array, a: Array, out: Array) -> None:
        _sigmoid_derivative(a, out)


@ACTIVATIONS.add
@dataclass(frozen=True)
class Tanh(Activation):
    """Hyperbolic tangent; f'(z) = 1 - a^2 <= 1."""

    key = "tanh"
    label = "Tanh"
    formula = "tanh z"

    def value(self, z: Array, out: Array) -> None:
        np.tanh(z, out=out)

    def derivative(self, z: Array, a: Array, out: Array) -> None:
        np.multiply(a, a, out=out)
        np.subtract(1.0, out, out=out)


@ACTIVATIONS.add
@dataclass(frozen=True)
class ReLU(Activation):
    """Rectified linear unit; f'(z) is 1 for z > 0 and 0 elsewhere, at the kink too (PyTorch)."""

    key = "relu"
    label = "ReLU"
    formula = "max(0, z)"

    def value(self, z: Array, out: Array) -> None:
        np.maximum(z, 0.0, out=out)

    def derivative(self, z: Array, a: Array, out: Array) -> None:
        np.greater(z, 0.0, out=out)


@ACTIVATIONS.add
@dataclass(frozen=True)
class Linear(Activation):
    """Identity; f'(z) = 1. Depth then adds no power, but gradients show the weights' part alone."""

    key = "linear"
    label = "Linear"
    formula = "z"

    def value(self, z: Array, out: Array) -> None:
        np.copyto(out, z)

    def derivative(self, z: Array, a: Array, out: Array) -> None:
        out.fill(1.0)


class Output(Entry):
    """What the output layer does to its logits z, along the last axis."""

    peak: ClassVar[float] = 0.25
    """Largest da_i/dz_i, against which saturation is judged."""

    def value(self, z: Array, out: Array) -> None:
        """Write the predictions a(z) into `out`."""
        raise NotImplementedError

    def backward(self, a: Array, grad: Array) -> None:
        """Turn `grad` = dL/da into dL/dz in place, given the predictions `a`."""
        raise NotImplementedError

    def derivative(self, a: Array, out: Array) -> None:
        """Write da_i/dz_i = a (1 - a) into `out`; the same for softmax and sigmoid."""
        _sigmoid_derivative(a, out)


@OUTPUTS.add
@dataclass(frozen=True)
class SoftmaxOutput(Output):
    """Class probabilities; da_i/dz_j = a_i (1[i=j] - a_j)."""

    key = "softmax"
    label = "Softmax"
    formula = "exp(z_k) / Σ exp(z_j)"

    def value(self, z: Array, out: Array) -> None:
        np.subtract(z, z.max(axis=-1, keepdims=True), out=out)
        np.exp(out, out=out)
        np.divide(out, out.sum(axis=-1, keepdims=True), out=out)

    def backward(self, a: Array, grad: Array) -> None:
        grad -= (grad * a).sum(axis=-1, keepdims=True)
        grad *= a


@OUTPUTS.add
@dataclass(frozen=True)
class SigmoidOutput(Output):
    """Independent probabilities, one per unit."""

    key = "sigmoid"
    label = "Sigmoid"
    formula = "1 / (1 + exp(−z))"

    def value(self, z: Array, out: Array) -> None:
        _sigmoid(z, out)

    def backward(self, a: Array, grad: Array) -> None:
        grad *= a * (1.0 - a)


@OUTPUTS.add
@dataclass(frozen=True)
class LinearOutput(Output):
    """The logits themselves, as in regression."""

    key = "linear"
    label = "Linear"
    formula = "z"
    peak = 1.0

    def value(self, z: Array, out: Array) -> None:
        np.copyto(out, z)

    def backward(self, a: Array, grad: Array) -> None:
        """dL/dz = dL/da: nothing to do."""

    def derivative(self, a: Array, out: Array) -> None:
        out.fill(1.0)
