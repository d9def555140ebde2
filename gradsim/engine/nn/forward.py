"""The networks of a stack run forward on samples that all of them share, piece by piece, without gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from gradsim.engine.nn.network import Stack
from gradsim.engine.types import Array

PIECE = 256
"""So many samples are run forward at once. It is the same for all networks, for results may depend on it in the last
bit."""


class Piece(NamedTuple):
    """What became of n samples: their losses (K, n), predictions (K, n, outputs) and targets (n, outputs)."""

    losses: Array
    predictions: Array
    targets: Array


class Forward:
    """Runs samples through all networks of a stack, with their present parameters.

    It has scratch space of its own, allocated once: the stack's batch stays as it is.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._scratch: Array = np.zeros((3, scratch_size(stack.sizes[1:], stack.k)), stack.dtype)

    def run(self, x: Array, y: Array) -> Iterator[Piece]:
        """Yield what becomes of samples `x` (N, features) with targets `y` (N, outputs).

        Predictions lie in the scratch space: they hold until the next piece is asked for.
        """
        for start in range(0, len(x), PIECE):
            yield self._run(x[start : start + PIECE], y[start : start + PIECE])

    def _run(self, x: Array, y: Array) -> Piece:
        stack, below = self._stack, x.T
        for layer in range(stack.depth):
            z, a, work = (self._shaped(array, layer, len(x)) for array in self._scratch)
            # What is below may lie in `a`: it is read before that is written.
            np.matmul(stack.w[layer].swapaxes(1, 2), below, out=z)
            np.add(z, stack.b[layer][:, :, None], out=z)
            if layer < stack.depth - 1:
                for rows, activation in stack.activations:
                    activation.value(z[rows], a[rows], work[rows])
                below = a
        z, a, work = (array.swapaxes(1, 2) for array in (z, a, work))
        losses: Array = np.empty((stack.k, len(x)), stack.dtype)
        for rows, model in stack.slices():
            model.output.value(z[rows], a[rows], work[rows])
            losses[rows] = model.loss.value(model.output, z[rows], a[rows], y[None], work[rows])
        return Piece(losses, a, y)

    def _shaped(self, array: Array, layer: int, samples: int) -> Array:
        """Return the beginning of a flat array as (K, units, samples)."""
        units = self._stack.sizes[layer + 1]
        return array[: self._stack.k * units * samples].reshape(self._stack.k, units, samples)


def scratch_size(widths: Sequence[int], networks: int) -> int:
    """Return how many numbers the widest of some layers of so many networks takes for a piece of samples."""
    return networks * max(widths, default=0) * PIECE
