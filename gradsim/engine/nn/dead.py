"""Dead units: hidden units whose f'(z) is 0 at every sample of a set, so that no gradient reaches their weights.

A batch does not tell: a unit that is off on all 64 samples of one may be active on others. So all samples are run
forward, in pieces, through the networks whose activation has a flat part, where f' is exactly 0.
"""

from __future__ import annotations

from math import inf
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from gradsim.engine.nn.activations import Activation
from gradsim.engine.nn.forward import PIECE, scratch_size
from gradsim.engine.nn.network import Stack
from gradsim.engine.types import Array

Truths = npt.NDArray[np.bool_]
T = TypeVar("T", bound=np.generic)


def dies(activation: Activation) -> bool:
    """Tell whether units with this activation may be dead: elsewhere f' is small at most, or rounded to 0."""
    return activation.active != (-inf, inf)


class DeadUnits:
    """Counts the dead hidden units of a stack; its scratch space is allocated once."""

    def __init__(self, stack: Stack) -> None:
        mortal = [(rows, each) for rows, each in stack.activations if dies(each)] if stack.depth > 1 else []
        size = scratch_size(stack.sizes[1:-1], max((rows.stop - rows.start for rows, _ in mortal), default=0))
        scratch: Array = np.zeros((3, size), stack.dtype)
        inside: Truths = np.zeros((2, size), np.bool_)
        self._passes = [_Pass(stack, rows, each, scratch, inside) for rows, each in mortal]

    def judge(self, x: Array, counts: npt.NDArray[np.float64]) -> None:
        """Run the samples `x` (N, features) forward; write how many units are active at none into `counts`.

        That is (K, layers), with 0 where the activation has no flat part, and for the output.
        """
        counts.fill(0.0)
        for each in self._passes:
            each.judge(x, counts)


class _Pass:
    """Runs samples forward through adjacent networks with one activation."""

    def __init__(self, stack: Stack, rows: slice, activation: Activation, scratch: Array, inside: Truths) -> None:
        self._rows, self._activation = rows, activation
        self._scratch, self._inside = scratch, inside
        hidden = range(stack.depth - 1)
        self._w = [stack.w[layer][rows].swapaxes(1, 2) for layer in hidden]
        self._b = [stack.b[layer][rows, :, None] for layer in hidden]
        self._alive: list[Truths] = [np.zeros(b.shape[:2], np.bool_) for b in self._b]
        self._now: list[Truths] = [np.zeros_like(alive) for alive in self._alive]

    def judge(self, x: Array, counts: npt.NDArray[np.float64]) -> None:
        for alive in self._alive:
            alive.fill(False)
        for start in range(0, len(x), PIECE):
            self._run(x[start : start + PIECE].T)
        for layer, alive in enumerate(self._alive):
            np.subtract(alive.shape[1], np.add.reduce(alive, axis=1), out=counts[self._rows, layer])

    def _run(self, x: Array) -> None:
        """Run samples (features, n) forward, as far as there are units not yet known to be active."""
        below = x
        last = max((layer for layer, alive in enumerate(self._alive) if not alive.all()), default=-1)
        for layer in range(last + 1):
            z, a, work = (self._shaped(array, layer, x.shape[1]) for array in self._scratch)
            np.matmul(self._w[layer], below, out=z)
            np.add(z, self._b[layer], out=z)
            self._mark(z, layer)
            if layer < last:
                self._activation.value(z, a, work)
                below = a

    def _mark(self, z: Array, layer: int) -> None:
        """Note the units whose z (K, units, n) is inside the active interval at one sample at least."""
        low, high = self._activation.active
        (inside, below), now = (self._shaped(each, layer, z.shape[2]) for each in self._inside), self._now[layer]
        np.greater(z, low, out=inside)
        if high < inf:
            np.logical_and(inside, np.less(z, high, out=below), out=inside)
        np.logical_or.reduce(inside, axis=-1, out=now)
        np.logical_or(self._alive[layer], now, out=self._alive[layer])

    def _shaped(self, array: npt.NDArray[T], layer: int, samples: int) -> npt.NDArray[T]:
        """Return the beginning of a flat array as (K, units, samples)."""
        networks, units = self._alive[layer].shape
        return array[: networks * units * samples].reshape(networks, units, samples)
