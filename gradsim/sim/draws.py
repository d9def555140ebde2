"""All random draws of a training run: initial parameters and batches.

Each draw depends on seed, purpose, replica and place alone, so runs that are
compared share their draws.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradsim.engine.network import layer_views, parameter_count
from gradsim.engine.types import Array, Indices
from gradsim.sim.spec import TrainRun

_WEIGHTS, _BIASES, _BATCHES = range(3)


def _rng(seed: int, purpose: int, *ids: int) -> np.random.Generator:
    """Return the generator of one stream of draws; streams never share draws."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, purpose, *ids])))


class Batches:
    """Which samples each step sees.

    Each epoch is a new permutation of the samples, replica by replica, whatever
    the run. Batches cut the endless sequence of epochs into equal pieces, so
    one may reach over the end of an epoch and all have the same size; after
    ceil(N / B) updates each sample has been seen.
    """

    def __init__(self, seed: int, replicas: int, samples: int, batch: int) -> None:
        self._seed, self._replicas, self._samples, self._batch = seed, replicas, samples, batch
        self._orders: dict[int, Indices] = {}

    def at(self, step: int) -> Indices:
        """Return the rows of the batch at `step`: (replicas, B). A whole epoch comes in plain order."""
        if self._batch == self._samples:
            return np.broadcast_to(np.arange(self._samples), (self._replicas, self._samples))
        first = step * self._batch
        epochs = range(first // self._samples, (first + self._batch - 1) // self._samples + 1)
        self._orders = {epoch: self._order(epoch) for epoch in epochs}
        orders = list(self._orders.values())
        joined = orders[0] if len(orders) == 1 else np.concatenate(orders, axis=1)
        start = first % self._samples
        return joined[:, start : start + self._batch]

    def _order(self, epoch: int) -> Indices:
        if epoch in self._orders:
            return self._orders[epoch]
        return np.stack(
            [
                _rng(self._seed, _BATCHES, replica, epoch).permutation(self._samples)
                for replica in range(self._replicas)
            ]
        )


def initial_parameters(run: TrainRun, sizes: Sequence[int], seed: int, replicas: int) -> Array:
    """Return the parameters (replicas, P) that the run starts from, float64."""
    params = np.zeros((replicas, parameter_count(sizes)))
    weights, biases = layer_views(params, sizes)
    for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
        _, fan_in, fan_out = w.shape
        for replica in range(replicas):
            rng = _rng(seed, _WEIGHTS, replica, layer)
            w[replica] = run.init.draw(rng, fan_in, fan_out, (fan_in, fan_out), layer)
            rng = _rng(seed, _BIASES, replica, layer)
            b[replica] = run.bias_init.draw(rng, fan_in, fan_out, (fan_out,), layer)
    return params
