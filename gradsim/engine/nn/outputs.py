"""Outputs: functions from the last layer's logits to predictions, units on the last axis.

As with activations, results are written into `out`, `work` is a scratch array of
the same shape that must not alias an input, and arrays may have any number of
leading axes.
"""

from __future__ import annotations

from math import inf
from typing import ClassVar

import numpy as np

from gradsim.engine.nn.activations import sigmoid, sigmoid_derivative, tanh_derivative
from gradsim.engine.types import Array
from gradsim.schema.registry import Entry, Registry

OUTPUTS: Registry[Output] = Registry("output")


class Output(Entry):
    """The function that the output layer applies to its logits z, along the last axis."""

    peak: ClassVar[float]
    """Largest da_i/dz_i, against which saturation is judged."""

    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    """The interval of its predictions."""

    def value(self, z: Array, out: Array, work: Array) -> None:
        """Write the predictions a(z) into `out`."""
        raise NotImplementedError

    def derivative(self, a: Array, out: Array) -> None:
        """Write da_i/dz_i into `out`, given the predictions `a`."""
        raise NotImplementedError

    def backward(self, a: Array, slope: Array, grad: Array) -> None:
        """Turn `grad` = dL/da into dL/dz in place; `slope` is da_i/dz_i. Here a_i depends on z_i alone."""
        np.multiply(grad, slope, out=grad)


@OUTPUTS.add
class SoftmaxOutput(Output):
    """Class probabilities; da_i/dz_j = a_i (1[i=j] - a_j)."""

    key = "softmax"
    label = "Softmax"
    formula = "exp(z_k) / Σ exp(z_j)"
    peak = 0.25

    def value(self, z: Array, out: Array, work: Array) -> None:
        np.subtract(z, z.max(axis=-1, keepdims=True), out=out)
        np.exp(out, out=out)
        np.divide(out, out.sum(axis=-1, keepdims=True), out=out)

    def derivative(self, a: Array, out: Array) -> None:
        sigmoid_derivative(a, out)

    def backward(self, a: Array, slope: Array, grad: Array) -> None:
        np.subtract(grad, np.vecdot(grad, a)[..., None], out=grad)
        np.multiply(grad, a, out=grad)


@OUTPUTS.add
class SigmoidOutput(Output):
    """Independent probabilities, one per unit."""

    key = "sigmoid"
    label = "Sigmoid"
    formula = "1 / (1 + exp(−z))"
    peak = 0.25

    def value(self, z: Array, out: Array, work: Array) -> None:
        sigmoid(z, out)

    def derivative(self, a: Array, out: Array) -> None:
        sigmoid_derivative(a, out)


@OUTPUTS.add
class TanhOutput(Output):
    """Predictions between -1 and 1, for targets of either sign."""

    key = "tanh"
    label = "Tanh"
    formula = "tanh z"
    peak = 1.0
    range = (-1.0, 1.0)

    def value(self, z: Array, out: Array, work: Array) -> None:
        np.tanh(z, out=out)

    def derivative(self, a: Array, out: Array) -> None:
        tanh_derivative(a, out)


@OUTPUTS.add
class LinearOutput(Output):
    """The logits themselves, as in regression."""

    key = "linear"
    label = "Linear"
    formula = "z"
    peak = 1.0
    range = (-inf, inf)

    def value(self, z: Array, out: Array, work: Array) -> None:
        np.copyto(out, z)

    def derivative(self, a: Array, out: Array) -> None:
        out.fill(1.0)
