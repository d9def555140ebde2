"""The loss of many parameter vectors at once: planes, lines and paths through the space of all weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradsim.engine.data import Samples
from gradsim.engine.nn.network import Model, Stack
from gradsim.engine.types import Array

_MOST_NUMBERS = 2**17
"""How many activations a pass holds, unless one network alone has more for a single sample."""


class ManyLosses:
    """The mean loss on fixed samples of networks of one shape, in float64.

    Networks and samples go through the stack in equal parts, so its memory is bounded.

    Parameters
    ----------
    sizes
        Layer sizes from the input to the output.
    model
        Activation, output and loss.
    samples
        Inputs (N, features) and targets (N, outputs).

    Attributes
    ----------
    at_once
        How many networks a pass takes.
    """

    def __init__(self, sizes: Sequence[int], model: Model, samples: Samples) -> None:
        units, count = sum(sizes[1:]), len(samples)
        parts = -(-count * units // _MOST_NUMBERS)
        batch = -(-count // min(parts, count))
        self.at_once = max(1, _MOST_NUMBERS // (batch * units))
        self._count = count
        self._stack = Stack(sizes, batch, [model], self.at_once, np.float64)
        self._parts = [self._part(samples, start, batch) for start in range(0, count, batch)]

    def _part(self, samples: Samples, start: int, batch: int) -> tuple[Array, Array]:
        """Return inputs and targets of one pass, the same for all networks; the last is filled up from the start."""
        rows = np.arange(start, start + batch) % self._count
        x, y = (np.asarray(values[rows], np.float64) for values in (samples.x, samples.y))
        return x[None], y[None]

    def at(self, points: Array) -> Array:
        """Return the losses (n,) of parameter vectors (n, P)."""
        found = [self._pass(points[start : start + self.at_once]) for start in range(0, len(points), self.at_once)]
        return np.concatenate([np.empty(0), *found])

    def _pass(self, points: Array) -> Array:
        """Return the losses of as many as go through at once; networks that are not needed keep their weights."""
        stack = self._stack
        stack.params[: len(points)] = points
        losses = []
        with np.errstate(all="ignore"):
            for x, y in self._parts:
                stack.forward(np.broadcast_to(x, (self.at_once, *x.shape[1:])))
                losses.append(stack.sample_losses(np.broadcast_to(y, (self.at_once, *y.shape[1:]))))
            whole = np.concatenate(losses, axis=1)[: len(points), : self._count]
            return np.asarray(whole.mean(axis=1))
