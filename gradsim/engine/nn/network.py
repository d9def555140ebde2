"""A stack of multilayer perceptrons of one shape, trained together.

Every array has a leading axis K, one row per network. The networks of one run
are adjacent: a run is a slice of K, with its own activation, output and loss. All
parameters are in one (K, P) array with views per layer, all gradients in another
one, and every array is allocated once.

In memory, units come before samples, (K, units, B): adding biases and summing
over few outputs is then done along the long axis. Public attributes are views
with a sample per row, (K, B, units).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from gradsim.engine.nn.activations import Activation
from gradsim.engine.nn.losses import Loss
from gradsim.engine.nn.outputs import Output
from gradsim.engine.norms import are_in_range, in_range, recompute
from gradsim.engine.types import Array, Indices

T = TypeVar("T")
Exponents = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Model:
    """What networks of one shape can differ in."""

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


def bias_places(sizes: Sequence[int]) -> Indices:
    """Return where the biases lie among the P parameters of a network."""
    are_biases = np.zeros((1, parameter_count(sizes)))
    for biases in layer_views(are_biases, sizes)[1]:
        biases.fill(1.0)
    return np.flatnonzero(are_biases[0])


@dataclass(frozen=True)
class Block:
    """Adjacent layers of equal width, in arrays (layers, K, units, B).

    Elementwise operations are done for a whole block at once; otherwise a deep
    network of small layers would spend its time in function calls.
    """

    layers: slice
    is_output: bool
    z: Array
    a: Array
    slope: Array
    delta: Array


_ARRAYS = ("z", "a", "slope", "delta")

_FAR = 2.0**30
"""What is raised on the way back is brought near 1 again where it is larger or smaller by this factor."""


def rows_of(array: Array) -> Array:
    """View an array (layers, K, units, B) as (layers, K, units x B)."""
    return array.reshape(*array.shape[:2], -1)


@dataclass(frozen=True)
class WeightBlock:
    """Adjacent layers of equal shape: weights (K, layers, in x out) and biases (K, layers, out).

    It has the weights, their last change and their gradients, and the gradients of the biases.
    """

    layers: slice
    w: Array
    change: Array
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
    change : (K, P)
        The change of the parameters by the last update, written by whoever updates them. NaN before the first.
    w, dw : list of (K, fan_in, fan_out)
        Weights of each layer and their gradients, views of the above.
    b, db : list of (K, fan_out)
        Biases likewise.
    z, a, slope, delta : list of (K, B, fan_out)
        Pre-activation, activation, f'(z) and dL/dz of each layer, views of `blocks`.
    back_norms : (layers - 1, K)
        Euclidean norm of dL/da of each hidden layer, before f'(z) makes delta of it.
    blocks : list of Block
        Hidden layers of equal width, then the output.
    activations : list of (slice, Activation)
        The rows of K, and the activation, of adjacent runs that have the same.
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
        self.change: Array = np.full_like(self.params, np.nan)
        self.w, self.b = layer_views(self.params, self.sizes)
        self.dw, self.db = layer_views(self.grads, self.sizes)
        self.blocks = [self._block(layers) for layers in self._equal_layers(self.sizes[1:])]
        self.z, self.a, self.slope, self.delta = (
            [layer.swapaxes(1, 2) for block in self.blocks for layer in getattr(block, name)] for name in _ARRAYS
        )
        self.predictions: Array = self.a[-1]
        self.loss: Array = np.zeros(self.k, self.dtype)
        self.activations = self._shared([model.activation for model in self.models])
        self._outputs = self._shared([model.output for model in self.models])
        self._ends = self._shared([(model.output, model.loss) for model in self.models])
        self._place_operands()

    def _place_operands(self) -> None:
        """Create the views that forward and backward use: (K, …), or (runs, replicas, …) where runs share inputs."""
        each = {name: [layer for block in self.blocks for layer in getattr(block, name)] for name in _ARRAYS}
        self._z, self._a, self._slope, self._delta = (each[name] for name in _ARRAYS)
        self._w_upright = [w.swapaxes(1, 2) for w in self.w]
        self._columns = [b[:, :, None] for b in self.b]
        self._ones: Array = np.ones(self.batch, self.dtype)
        self._targets: Array = np.zeros((self.replicas, self.sizes[-1], self.batch), self.dtype).swapaxes(1, 2)
        self._rows = [rows for block in self.blocks for rows in rows_of(block.delta)]
        self.back_norms: npt.NDArray[np.float64] = np.zeros((self.depth - 1, self.k))
        self._squares: Array = np.zeros((self.depth - 1, self.k), self.dtype)
        self._bias_sums = [(self._deltas(block.layers), block.db.swapaxes(0, 1)) for block in self.weight_blocks()]
        self._tiny, self._most_raised = np.finfo(self.dtype).tiny, -int(np.finfo(self.dtype).minexp) - 6
        self._set_raised(np.zeros(self.k, np.int64))
        self._small, self._sizes = (
            np.zeros(max(rows.size for rows in self._rows), kind) for kind in (bool, self.dtype)
        )
        self._first = [
            array.reshape(len(self.models), self.replicas, *array.shape[1:])
            for array in (self._w_upright[0], self._z[0], self.delta[0], self.dw[0])
        ]

    def _equal_layers(self, keys: Sequence[object]) -> Iterator[slice]:
        """Yield slices of adjacent layers with equal keys; the output layer is always on its own."""
        last = len(keys) - 1
        start = 0
        for layer in range(1, last + 1):
            if layer == last or keys[layer] != keys[start]:
                yield slice(start, layer)
                start = layer
        yield slice(start, last + 1)

    def _block(self, layers: slice) -> Block:
        count, units = layers.stop - layers.start, self.sizes[layers.start + 1]
        shape = (count, self.k, units, self.batch)
        arrays: dict[str, Array] = {name: np.zeros(shape, self.dtype) for name in _ARRAYS}
        return Block(layers, layers.stop == len(self.sizes) - 1, **arrays)

    def weight_blocks(self) -> list[WeightBlock]:
        """Return views of weights and gradients, grouped by adjacent layers of equal shape."""
        blocks, start = [], 0
        for layers in self._equal_layers(list(pairwise(self.sizes))):
            fan_in, fan_out = self.sizes[layers.start : layers.start + 2]
            count, weights = layers.stop - layers.start, fan_in * fan_out
            stop = start + count * (weights + fan_out)
            w, change, grads = (
                array[:, start:stop].reshape(self.k, count, weights + fan_out)
                for array in (self.params, self.change, self.grads)
            )
            own = (w[:, :, :weights], change[:, :, :weights], grads[:, :, :weights])
            blocks.append(WeightBlock(layers, *own, grads[:, :, weights:]))
            start = stop
        return blocks

    def _deltas(self, layers: slice) -> Array:
        """Return delta of adjacent layers of equal shape, (layers, K, units, B)."""
        block = next(block for block in self.blocks if layers.start < block.layers.stop)
        first = block.layers.start
        return block.delta[layers.start - first : layers.stop - first]

    @property
    def depth(self) -> int:
        """Number of layers with weights: the hidden ones and the output."""
        return len(self.w)

    def slices(self) -> Iterator[tuple[slice, Model]]:
        """Yield each run's rows and its model."""
        for i, model in enumerate(self.models):
            yield slice(i * self.replicas, (i + 1) * self.replicas), model

    def _shared(self, entries: Sequence[T]) -> list[tuple[slice, T]]:
        """Group adjacent runs with equal entries; return their rows of K and the entry."""
        found, start = [], 0
        for entry, group in groupby(entries):
            stop = start + self.replicas * len(list(group))
            found.append((slice(start, stop), entry))
            start = stop
        return found

    def forward(self, x: Array) -> None:
        """Compute z and a of every layer for inputs `x` (replicas, B, features), which runs share."""
        w, z, _, _ = self._first
        np.matmul(w, x.swapaxes(1, 2), out=z)
        for layer in range(self.depth):
            if layer > 0:
                np.matmul(self._w_upright[layer], self._a[layer - 1], out=self._z[layer])
            np.add(self._z[layer], self._columns[layer], out=self._z[layer])
            if layer < self.depth - 1:
                for k, activation in self.activations:
                    activation.value(self._z[layer][k], self._a[layer][k], self._delta[layer][k])
        for k, output in self._outputs:
            output.value(self.z[-1][k], self.a[-1][k], self.delta[-1][k])

    def backward(self, x: Array, y: Array) -> None:
        """Compute loss, delta, f'(z) and all gradients; targets `y` (replicas, B, outputs).

        It needs a ``forward(x)`` of its own before it: delta is the scratch space of activations until then.
        """
        out_of_range: dict[int, Array] = {}
        lowering: dict[int, Array] = {}
        if self._are_raised:
            self._set_raised(np.zeros_like(self._raised))
        self._slopes()
        self._output_delta(y)
        for layer in range(self.depth - 1, 0, -1):
            below = layer - 1
            np.matmul(self._a[below], self.delta[layer], out=self.dw[layer])
            np.matmul(self.w[layer], self._delta[layer], out=self._delta[below])
            self._measure_back(below, out_of_range)
            np.multiply(self._delta[below], self._slope[below], out=self._delta[below])
            if below in out_of_range and self._are_raised:
                self._flush(below)
                lowering[below] = self._lowering
        _, _, delta, dw = self._first
        np.matmul(x.swapaxes(1, 2), delta, out=dw)
        for layer, factors in lowering.items():
            for array in (self.dw[layer], self._delta[layer]):
                np.multiply(array, factors, out=array)
        for deltas, db in self._bias_sums:
            np.matmul(deltas, self._ones, out=db)
        np.sqrt(self._squares, out=self.back_norms, dtype=np.float64)
        for layer, norms in out_of_range.items():
            self.back_norms[layer] = norms

    def _measure_back(self, layer: int, out_of_range: dict[int, Array]) -> None:
        """Compute the squared norms of a layer's dL/da, which is stored in delta at this point.

        Once squares of a network underflow or overflow, put the norms into `out_of_range`, and raise dL/da if it is
        small, in this network alone: no network depends on which others share its stack.
        """
        rows, squares = self._rows[layer], self._squares[layer]
        np.vecdot(rows, rows, out=squares)
        if not self._are_raised and are_in_range(squares):
            return
        again = (self._raised > 0) | ~in_range(squares)
        norms = np.asarray(np.sqrt(squares, dtype=np.float64))
        recompute(norms, rows.__getitem__, again)
        out_of_range[layer] = np.ldexp(norms, -self._raised)
        self._raise(rows, norms, again)

    def _raise(self, rows: Array, norms: Array, networks: npt.NDArray[np.bool_]) -> None:
        """Multiply rows of some networks by powers of two so that their norms are about 1, if they are far from it.

        This is exact. Of products of smaller numbers the results would be denormal, and have fewer digits; on many
        processors these take a hundred times as long.
        """
        are_far = networks & np.isfinite(norms) & ((norms < 1.0 / _FAR) | (norms > _FAR)) & (norms > 0.0)
        if not are_far.any():
            return
        raised = self._raised
        by = np.where(are_far, np.clip(-np.frexp(norms)[1], -raised, self._most_raised - raised), 0)
        np.multiply(rows, np.ldexp(1.0, by).astype(self.dtype)[:, None], out=rows)
        self._set_raised(raised + by)

    def _set_raised(self, raised: Exponents) -> None:
        """Note by which power of two delta of each network is larger than it is; what would be denormal is smaller
        than `least`, and `lowering` brings it back.
        """
        self._raised, self._are_raised = raised, bool(raised.any())
        self._least = np.where(raised > 0, np.ldexp(float(self._tiny), raised), 0.0).astype(self.dtype)[:, None]
        self._lowering = np.ldexp(1.0, -raised).astype(self.dtype)[:, None, None]

    def _flush(self, layer: int) -> None:
        """Set what would be denormal in delta of raised networks to 0."""
        rows = self._rows[layer]
        small, sizes = (scratch[: rows.size].reshape(rows.shape) for scratch in (self._small, self._sizes))
        np.less(np.abs(rows, out=sizes), self._least, out=small)
        if small.any():
            np.copyto(rows, 0.0, where=small)

    def _slopes(self) -> None:
        for block in self.blocks:
            if block.is_output:
                for k, output in self._outputs:
                    output.derivative(block.a[:, k].swapaxes(2, 3), block.slope[:, k].swapaxes(2, 3))
            else:
                for k, activation in self.activations:
                    activation.derivative(block.z[:, k], block.a[:, k], block.slope[:, k], block.delta[:, k])

    def _output_delta(self, y: Array) -> None:
        np.copyto(self._targets, y)
        a, slope, delta = self.a[-1], self.slope[-1], self.delta[-1]
        for k, model in self.slices():
            self.loss[k] = self._sample_losses(k, model).mean(axis=-1)
            model.loss.backward(model.output, a[k], slope[k], self._targets, delta[k])
        np.divide(delta, self.batch, out=delta)

    def is_finite(self) -> bool:
        """Tell whether loss, activations, deltas and gradients are finite, and their squares still are.

        All that probes are computed from is finite then, but for what may be undefined.
        """
        rows = [self.loss, self.grads]
        for block in self.blocks:
            rows += [rows_of(block.a), rows_of(block.delta)]
        return all(bool(np.isfinite(np.vecdot(each, each)).all()) for each in rows)

    def sample_losses(self, y: Array) -> Array:
        """Return the loss of each sample (K, B) after ``forward(x)``, without its gradients; `y` as in `backward`."""
        np.copyto(self._targets, y)
        return np.concatenate([self._sample_losses(k, model) for k, model in self.slices()])

    def _sample_losses(self, k: slice, model: Model) -> Array:
        return model.loss.value(model.output, self.z[-1][k], self.a[-1][k], self._targets, self.delta[-1][k])
