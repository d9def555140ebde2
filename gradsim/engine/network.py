"""A stack of multilayer perceptrons of one shape, trained together.

Every array has a leading axis K, one row per network. Networks of one run are
neighbours; runs differ by slices of K in activation, output and loss. All
parameters lie in one (K, P) array with views per layer, gradients in a twin,
and every large array is allocated once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from gradsim.engine.activations import Activation
from gradsim.engine.losses import Loss
from gradsim.engine.outputs import Output
from gradsim.engine.types import Array


@dataclass(frozen=True)
class Model:
    """What tells one run's networks from another's, beside their shape."""

    activation: Activation
    output: Output
    loss: Loss


def parameter_count(sizes: Sequence[int]) -> int:
    """Return P, the weights and biases of one network with these layer sizes, input first."""
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(sizes))


def layer_views(flat: Array, sizes: Sequence[int]) -> tuple[list[Array], list[Array]]:
    """Return views of a (K, P) array: weights [(K, fan_in, fan_out)] and biases [(K, fan_out)]."""
    weights, biases = [], []
    start = 0
    for fan_in, fan_out in pairwise(sizes):
        stop = start + fan_in * fan_out
        weights.append(flat[:, start:stop].reshape(-1, fan_in, fan_out))
        start = stop + fan_out
        biases.append(flat[:, stop:start])
    return weights, biases


@dataclass(frozen=True)
class Block:
    """Neighbouring layers of equal width, in arrays (layers, K, B, units).

    What is done elementwise to all layers alike is done a block at a time: a
    deep network of small layers would else spend its time in calls.
    """

    layers: slice
    is_output: bool
    z: Array
    a: Array
    delta: Array
    slope: Array


@dataclass(frozen=True)
class WeightBlock:
    """Gradients of neighbouring layers of equal shape: weights (K, layers, in x out), biases (K, layers, out)."""

    layers: slice
    dw: Array
    db: Array


class Stack:
    """K networks, their parameters, their gradients and the buffers of one batch.

    Parameters
    ----------
    sizes
        Layer sizes from the input to the output, at least two.
    batch
        B, samples in a batch.
    models
        One per run in the stack.
    replicas
        Networks per run; K = len(models) x replicas, runs outermost.
    dtype
        float64 or float32.

    Attributes
    ----------
    params, grads : (K, P)
        All parameters, and dL/d of each.
    w, dw : list of (K, fan_in, fan_out)
        Weights of each layer and their gradients, views of the above.
    b, db : list of (K, fan_out)
        Biases likewise.
    z, a, delta, slope : list of (K, B, fan_out)
        Pre-activation, activation, dL/dz and f'(z) of each layer, views of `blocks`.
    blocks : list of Block
        Hidden layers of equal width, then the output.
    loss : (K,)
        Mean over the batch.
    predictions : (K, B, outputs)
        The activation of the last layer.
    """

    def __init__(
        self, sizes: Sequence[int], batch: int, models: Sequence[Model], replicas: int, dtype: npt.DTypeLike
    ) -> None:
        self.sizes = tuple(sizes)
        self.batch = batch
        self.models = tuple(models)
        self.replicas = replicas
        self.k = len(self.models) * replicas
        self.dtype = np.dtype(dtype)
        self.params: Array = np.zeros((self.k, parameter_count(sizes)), self.dtype)
        self.grads: Array = np.zeros_like(self.params)
        self.w, self.b = layer_views(self.params, self.sizes)
        self.dw, self.db = layer_views(self.grads, self.sizes)
        self.blocks = [self._block(layers) for layers in self._equal_layers(self.sizes[1:])]
        self.z: list[Array] = [z for block in self.blocks for z in block.z]
        self.a: list[Array] = [a for block in self.blocks for a in block.a]
        self.delta: list[Array] = [delta for block in self.blocks for delta in block.delta]
        self.slope: list[Array] = [slope for block in self.blocks for slope in block.slope]
        self.loss: Array = np.zeros(self.k, self.dtype)
        self._ones: Array = np.ones((1, batch), self.dtype)

    def _equal_layers(self, keys: Sequence[object]) -> Iterator[slice]:
        """Yield runs of neighbouring layers with equal keys; the output is always by itself."""
        last = len(keys) - 1
        start = 0
        for layer in range(1, last + 1):
            if layer == last or keys[layer] != keys[start]:
                yield slice(start, layer)
                start = layer
        yield slice(start, last + 1)

    def _block(self, layers: slice) -> Block:
        shape = (layers.stop - layers.start, self.k, self.batch, self.sizes[layers.start + 1])
        z, a, delta, slope = (np.zeros(shape, self.dtype) for _ in range(4))
        return Block(layers, layers.stop == len(self.sizes) - 1, z, a, delta, slope)

    def weight_blocks(self) -> list[WeightBlock]:
        """Return views of the gradients by neighbouring layers of equal shape."""
        blocks, start = [], 0
        for layers in self._equal_layers(list(pairwise(self.sizes))):
            fan_in, fan_out = self.sizes[layers.start : layers.start + 2]
            count, weights = layers.stop - layers.start, fan_in * fan_out
            stop = start + count * (weights + fan_out)
            both = self.grads[:, start:stop].reshape(self.k, count, weights + fan_out)
            blocks.append(WeightBlock(layers, both[:, :, :weights], both[:, :, weights:]))
            start = stop
        return blocks

    @property
    def depth(self) -> int:
        """Number of layers with weights: the hidden ones and the output."""
        return len(self.w)

    @property
    def predictions(self) -> Array:
        return self.a[-1]

    def slices(self) -> Iterator[tuple[slice, Model]]:
        """Yield each run's rows and its model."""
        for i, model in enumerate(self.models):
            yield slice(i * self.replicas, (i + 1) * self.replicas), model

    def forward(self, x: Array) -> None:
        """Compute z and a of every layer for inputs `x` (replicas, B, features), which runs share."""
        for layer, (w, z) in enumerate(zip(self.w, self.z, strict=True)):
            if layer == 0:
                self._first_layer(x)
            else:
                np.matmul(self.a[layer - 1], w, out=z)
            np.add(z, self.b[layer][:, None, :], out=z)
            for k, model in self.slices():
                f = model.output if layer == self.depth - 1 else model.activation
                f.value(z[k], self.a[layer][k], self.delta[layer][k])

    def _by_run(self, array: Array) -> Array:
        """View a (K, …) array as (runs, replicas, …)."""
        return array.reshape(len(self.models), self.replicas, *array.shape[1:])

    def _first_layer(self, x: Array) -> None:
        np.matmul(x, self._by_run(self.w[0]), out=self._by_run(self.z[0]))

    def backward(self, x: Array, y: Array) -> None:
        """Compute loss, delta, f'(z) and all gradients after ``forward(x)``, for targets `y`."""
        self._slopes()
        self._output_delta(y)
        for layer in range(self.depth - 1, -1, -1):
            delta = self.delta[layer]
            np.matmul(self._ones, delta, out=self.db[layer][:, None, :])
            if layer == 0:
                np.matmul(x.swapaxes(1, 2), self._by_run(delta), out=self._by_run(self.dw[0]))
                return
            np.matmul(self.a[layer - 1].swapaxes(1, 2), delta, out=self.dw[layer])
            np.matmul(delta, self.w[layer].swapaxes(1, 2), out=self.delta[layer - 1])
            np.multiply(self.delta[layer - 1], self.slope[layer - 1], out=self.delta[layer - 1])

    def _slopes(self) -> None:
        for block in self.blocks:
            for k, model in self.slices():
                if block.is_output:
                    model.output.derivative(block.a[:, k], block.slope[:, k])
                else:
                    model.activation.derivative(block.z[:, k], block.a[:, k], block.slope[:, k], block.delta[:, k])

    def _output_delta(self, y: Array) -> None:
        z, a, delta, slope = self.z[-1], self.a[-1], self.delta[-1], self.slope[-1]
        for k, model in self.slices():
            self.loss[k] = model.loss.value(model.output, z[k], a[k], y, delta[k]).mean(axis=-1)
            model.loss.backward(model.output, a[k], slope[k], y, delta[k])
        np.divide(delta, self.batch, out=delta)
