"""The output layer in numbers: from z by the output's function to the loss of one sample, and back to dL/dz."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

import numpy as np

from gradsim.engine.data import Samples
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.duel import Biases, biases_of
from gradsim.sim.kinds.train.outcomes import activations
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.run.tape import Values
from gradsim.words.numbers import figure, power

MOST_UNITS = 10
"""Of more units than this a table is not read."""


@dataclass(frozen=True)
class OutputNumbers:
    """One sample's numbers in the output layer, (units,) each.

    Attributes
    ----------
    z, a, y
        Pre-activations, outputs and targets.
    terms
        What each unit adds to the loss.
    delta
        dL/dz of the loss of this sample alone.
    output, loss_key
        Keys of the output and of the loss.
    biases
        Those of all layers.
    """

    z: Values
    a: Values
    y: Values
    terms: Values
    delta: Values
    output: str
    loss_key: str
    biases: Biases = ()

    @property
    def loss(self) -> float:
        """The loss of the sample."""
        return float(self.terms.sum())

    @property
    def is_softmax(self) -> bool:
        """Whether outputs are shares of a whole."""
        return self.output == "softmax"

    @property
    def true_unit(self) -> int | None:
        """The one unit whose target is 1 while all others have 0, if it is so and there are others."""
        ones = np.flatnonzero(self.y == 1.0)
        is_class = len(self.y) > 1 and len(ones) == 1 and np.count_nonzero(self.y) == 1
        return int(ones[0]) if is_class else None

    @property
    def exponentials(self) -> Values:
        """Return exp z over the largest of them."""
        return np.asarray(np.exp(self.z - self.z.max()))

    @property
    def log_sum(self) -> float:
        """Return ln Σ exp z."""
        return float(self.z.max() + np.log(self.exponentials.sum()))


def output_numbers(network: Snapshot, one: Samples) -> OutputNumbers:
    """Let a network of at least one output take :func:`one_sample` forward and back."""
    run, last, x = network.run, network.layers[-1], one.x.astype(network.x.dtype)
    below = [x, *activations(network, x)][-1]
    z = below @ last.w + last.b
    a, slope, delta, work = (np.empty_like(z) for _ in range(4))
    y = one.y.astype(z.dtype)
    run.output.value(z, a, work)
    run.output.derivative(a, slope)
    run.loss.backward(run.output, a, slope, y, delta)
    flat = [np.asarray(each, np.float64).ravel() for each in (z, a, y, _terms(network, z, a, y), delta)]
    return OutputNumbers(
        flat[0], flat[1], flat[2], flat[3], flat[4], run.output.key, run.loss.key, biases_of(network)
    )


def _terms(network: Snapshot, z: Array, a: Array, y: Array) -> Array:
    """Return what each unit adds to the loss: (1, units)."""
    loss, output = network.run.loss, network.run.output
    if loss.key == "cross_entropy" and output.key == "softmax":
        most = z.max()
        return np.asarray(y * (most + np.log(np.exp(z - most).sum()) - z))
    # Each unit alone, as if it were a sample.
    z, a, y = (each.reshape(-1, 1) for each in (z, a, y))
    return loss.value(output, z, a, y, np.empty_like(z))


def exponential_text(z: float) -> str:
    """Return exp z, even one that is beyond floating point."""
    decades = z / np.log(10.0)
    if -3.0 < decades < 6.0:
        return figure(float(np.exp(z)))
    exponent = floor(decades)
    digits = f"{10.0 ** (decades - exponent):.1f}"
    if digits == "10.0":
        digits, exponent = "1.0", exponent + 1
    return f"{digits} × {power(exponent)}"
