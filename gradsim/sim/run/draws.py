"""All random draws of runs: initial parameters, batches, starts and gradient noise.

Each draw depends on seed, purpose, replica and place alone, so runs that are
compared share their draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from gradsim.engine.nn.initializers import Initializer
from gradsim.engine.nn.network import layer_views, parameter_count
from gradsim.engine.types import Array, Indices

_WEIGHTS, _BIASES, _BATCHES, _DATA, _NOISE, _STARTS = range(6)  # those of data are drawn by the engine


def _rng(seed: int, purpose: int, *ids: int) -> np.random.Generator:
    """Return the generator of one stream of draws; streams never share draws."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, purpose, *ids])))


class Batches:
    """Which samples each step sees.

    Each epoch is a new permutation of the samples, replica by replica, whatever
    the run. Batches cut the endless sequence of epochs into equal pieces, so
    one may reach over the end of an epoch and all have the same size; after
    ceil(N / B) updates each sample has been seen.

    Parameters
    ----------
    first, seen
        Where they begin, if batches of another size were cut before: `seen` samples, by step `first`.
    """

    def __init__(self, seed: int, replicas: int, samples: int, batch: int, *, first: int = 0, seen: int = 0) -> None:
        self._seed, self._replicas, self._samples, self._batch = seed, replicas, samples, batch
        self._offset = seen - first * batch
        # The orders of an even and of an odd epoch: a batch may need two that follow each other.
        self._epochs = [-1, -1]
        self._orders: Indices = np.empty((2, replicas, 0 if batch == samples else samples), np.intp)

    def seen(self, step: int) -> int:
        """Return how many samples have been seen before the batch at `step`."""
        return self._offset + step * self._batch

    def at(self, step: int) -> Indices:
        """Return the rows of the batch at `step`: (replicas, B). A batch of all samples is not shuffled."""
        if self._batch == self._samples:
            return np.broadcast_to(np.arange(self._samples), (self._replicas, self._samples))
        rows: Indices = np.empty((self._replicas, self._batch), np.intp)
        epoch, start = divmod(self.seen(step), self._samples)
        done = 0
        while done < self._batch:
            part = min(self._samples - start, self._batch - done)
            rows[:, done : done + part] = self._order(epoch)[:, start : start + part]
            done, epoch, start = done + part, epoch + 1, 0
        return rows

    def _order(self, epoch: int) -> Indices:
        """Return each replica's permutation of the samples in an epoch."""
        orders: Indices = self._orders[epoch % 2]
        if self._epochs[epoch % 2] != epoch:
            self._epochs[epoch % 2] = epoch
            for replica, order in enumerate(orders):
                order[:] = np.arange(self._samples)
                _rng(self._seed, _BATCHES, replica, epoch).shuffle(order)
        return orders


def initial_parameters(
    weight_init: Initializer, bias_init: Initializer, sizes: Sequence[int], seed: int, replicas: int
) -> Array:
    """Return the parameters (replicas, P) that networks with these layer sizes start from, float64."""
    params = np.zeros((replicas, parameter_count(sizes)))
    weights, biases = layer_views(params, sizes)
    for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
        _, fan_in, fan_out = w.shape
        for purpose, init, values in ((_WEIGHTS, weight_init, w), (_BIASES, bias_init, b)):
            for replica in range(replicas if init.random else 1):
                rng = _rng(seed, purpose, replica, layer)
                rows = replica if init.random else slice(None)
                values[rows] = init.sample(rng, fan_in, fan_out, values.shape[1:], layer)
    return params


def starts(start: Sequence[float], spread: float, seed: int, replicas: int) -> Array:
    """Return where each descent of a race begins, (replicas, 2): the first at `start`, others spread around it."""
    points = np.tile(np.asarray(start, np.float64), (replicas, 1))
    points[1:] += spread * _rng(seed, _STARTS).standard_normal((replicas - 1, 2))
    return points


@lru_cache(maxsize=8)
def noise(seed: int, step: int, replicas: int) -> Array:
    """Return the standard normal draws (replicas, 2) for the gradients of a step, whatever the run; read-only.

    Cached, because the runs ask for the draws of a step one after the other.
    """
    draws: Array = _rng(seed, _NOISE, step).standard_normal((replicas, 2))
    draws.flags.writeable = False
    return draws
