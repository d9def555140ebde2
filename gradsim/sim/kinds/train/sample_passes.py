"""Every number of a small network while one sample goes forward and backward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from gradsim.engine.data import Samples
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.numbers import OutputNumbers, output_numbers
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.run.tape import Values

MOST_LAYERS, MOST_UNITS = 4, 10
"""Of more layers of weights, or more units in a layer, single numbers are not read."""

Kind = Literal["x", "y", "weight", "bias", "unit"]


class Spot(NamedTuple):
    """A number, or a unit, of a network.

    Attributes
    ----------
    kind
        An input, a target, a weight, a bias, or a unit with its z, a and delta.
    layer
        Its layer, from 0 for the first with weights; of no meaning for inputs and targets.
    unit, below
        Which unit of its layer, and for a weight which one of the layer below, from 0.
    """

    kind: Kind
    layer: int = 0
    unit: int = 0
    below: int = 0


@dataclass(frozen=True)
class LayerNumbers:
    """One layer's numbers for one sample.

    Attributes
    ----------
    below : (fan_in,)
        What the layer is given.
    w, dw : (fan_in, fan_out)
        Weights, and dL/dw = delta * below.
    b, z, a, slope, delta : (fan_out,)
        Biases, pre-activations, activations, f'(z) and dL/dz; dL/db is delta too.
    error : (fan_out,)
        dL/da of a hidden layer: the deltas of the layer above through its weights; NaN in the output layer.
    """

    below: Values
    w: Values
    b: Values
    z: Values
    a: Values
    slope: Values
    delta: Values
    error: Values

    @property
    def dw(self) -> Values:
        """dL/dw of each weight."""
        return np.outer(self.below, self.delta) + 0.0


@dataclass(frozen=True)
class SamplePasses:
    """A network's numbers for one sample.

    Attributes
    ----------
    layers
        From the first hidden layer to the output.
    output
        What the output layer makes of it: targets, and what each unit adds to the loss.
    """

    layers: tuple[LayerNumbers, ...]
    output: OutputNumbers

    @property
    def x(self) -> Values:
        """The inputs."""
        return self.layers[0].below

    @property
    def sizes(self) -> tuple[int, ...]:
        """Layer sizes from inputs to outputs."""
        return (len(self.x), *(len(layer.b) for layer in self.layers))

    @property
    def loss(self) -> float:
        """The loss of the sample."""
        return self.output.loss

    def has(self, spot: Spot) -> bool:
        """Tell whether there is this weight, bias or unit."""
        if spot.layer >= len(self.layers):
            return False
        below, units = self.layers[spot.layer].w.shape
        return bool(spot.unit < units and spot.below < below)

    def value(self, spot: Spot) -> float:
        """Return a number that is given: an input, a target, a weight or a bias."""
        if spot.kind == "x":
            return float(self.x[spot.unit])
        if spot.kind == "y":
            return float(self.output.y[spot.unit])
        layer = self.layers[spot.layer]
        return float(layer.w[spot.below, spot.unit] if spot.kind == "weight" else layer.b[spot.unit])

    def gradient(self, spot: Spot) -> float:
        """Return dL/dw of a weight, or dL/db of a bias."""
        layer = self.layers[spot.layer]
        return float(layer.dw[spot.below, spot.unit] if spot.kind == "weight" else layer.delta[spot.unit])


def sample_passes(network: Snapshot, one: Samples) -> SamplePasses:
    """Let a network take :func:`one_sample` forward and back."""
    run, found = network.run, output_numbers(network, one)
    a = one.x.astype(network.x.dtype)
    belows, passes = [a], []
    for layer in network.layers[:-1]:
        z = a @ layer.w + layer.b
        a, slope, work = (np.empty_like(z) for _ in range(3))
        run.activation.value(z, a, work)
        run.activation.derivative(z, a, slope, work)
        belows.append(a)
        passes.append((z, a, slope))
    slope = np.empty_like(found.a)
    run.output.derivative(found.a, slope)
    passes.append((found.z, found.a, slope))
    layers: list[LayerNumbers] = []
    delta, error = found.delta, np.full_like(found.delta, np.nan)
    for layer, below, (z, a, slope) in reversed(list(zip(network.layers, belows, passes, strict=True))):
        if layers:
            error = layers[0].w @ layers[0].delta
            delta = error * _plain(slope)
        flat = [_plain(each) for each in (layer.b, z, a, slope, delta, error)]
        layers.insert(0, LayerNumbers(_plain(below), np.asarray(layer.w, np.float64), *flat))
    return SamplePasses(tuple(layers), found)


def _plain(values: Array) -> Values:
    return np.asarray(values, np.float64).ravel() + 0.0  # no number is read as −0
