"""What is measured at each layer at each step.

A probe has one value per network and layer. A :class:`Meter` fills an array
(probes, K, layers) from a stack after each backward pass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gradsim.engine.network import Block, Stack, WeightBlock
from gradsim.engine.types import Array

SATURATED_BELOW = 0.05
"""A unit is saturated on a sample when |f'(z)| is below this share of its largest value."""


@dataclass(frozen=True)
class Probe:
    """A measured quantity: its name in files, and how pictures call it."""

    key: str
    label: str
    help: str


PROBES = (
    Probe("grad_rms", "RMS |∂L/∂W|", "Root mean square of the gradient of the layer's weights."),
    Probe("grad_norm", "‖∂L/∂W‖", "Euclidean norm of the gradient of the layer's weights."),
    Probe("bias_grad_norm", "‖∂L/∂b‖", "Euclidean norm of the gradient of the layer's biases."),
    Probe("delta_rms", "RMS |δ|", "Root mean square of dL/dz over samples and units."),
    Probe("slope", "mean f′(z)", "Mean derivative of the activation."),
    Probe("saturated", "saturated", "Share of units and samples with f′(z) below 5 % of its largest value."),
    Probe("dead", "dead", "Share of units with f′(z) = 0 on every sample of the batch."),
    Probe("activation_mean", "mean a", "Mean activation over samples and units."),
    Probe("activation_std", "deviation of a", "Standard deviation of the activation over samples and units."),
)
INDEX = {probe.key: i for i, probe in enumerate(PROBES)}


class Meter:
    """Measures a stack after each backward pass, in scratch space of its own.

    Attributes
    ----------
    values : (probes, K, layers)
        What was measured last, in the order of PROBES.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._weights = stack.weight_blocks()
        self.values: npt.NDArray[np.float64] = np.zeros((len(PROBES), stack.k, stack.depth))
        most = max(block.a.size for block in stack.blocks)
        self._scratch: Array = np.zeros(most, stack.dtype)
        self._below = np.zeros(most, np.bool_)
        self._ones: Array = np.ones((1, stack.batch), stack.dtype)

    def measure(self) -> None:
        """Fill :attr:`values` from the last forward and backward pass of the stack."""
        for weights in self._weights:
            self._measure_gradients(weights)
        for block in self._stack.blocks:
            out = self.values[:, :, block.layers].swapaxes(1, 2)
            self._measure_deltas(block, out)
            self._measure_slopes(block, out)
            self._measure_activations(block, out)

    def _measure_gradients(self, weights: WeightBlock) -> None:
        out = self.values[:, :, weights.layers]
        out[INDEX["grad_norm"]] = row_norms(weights.dw)
        out[INDEX["grad_rms"]] = out[INDEX["grad_norm"]] / np.sqrt(weights.dw.shape[-1])
        out[INDEX["bias_grad_norm"]] = row_norms(weights.db)

    def _measure_deltas(self, block: Block, out: Array) -> None:
        rows = block.delta.reshape(*block.delta.shape[:2], -1)
        out[INDEX["delta_rms"]] = row_norms(rows) / np.sqrt(rows.shape[-1])

    def _measure_slopes(self, block: Block, out: Array) -> None:
        batch = self._stack.batch
        by_unit = np.matmul(self._ones, block.slope)[:, :, 0]
        out[INDEX["slope"]] = by_unit.mean(axis=-1) / batch
        out[INDEX["dead"]] = (by_unit == 0.0).mean(axis=-1)
        below = self._below[: block.slope.size].reshape(block.slope.shape)
        for k, model in self._stack.slices():
            f = model.output if block.is_output else model.activation
            np.less(block.slope[:, k], SATURATED_BELOW * f.peak, out=below[:, k])
        # Row by row: counting along an axis would first widen every truth value to an integer.
        rows = below.reshape(-1, below[0, 0].size)
        counts = np.array([np.count_nonzero(row) for row in rows])
        out[INDEX["saturated"]] = counts.reshape(below.shape[:2]) / rows.shape[1]

    def _measure_activations(self, block: Block, out: Array) -> None:
        mean = np.matmul(self._ones, block.a)[:, :, 0].mean(axis=-1) / self._stack.batch
        centred = self._scratch[: block.a.size].reshape(block.a.shape)
        np.subtract(block.a, mean[:, :, None, None], out=centred)
        rows = centred.reshape(*centred.shape[:2], -1)
        out[INDEX["activation_mean"]] = mean
        out[INDEX["activation_std"]] = row_norms(rows) / np.sqrt(rows.shape[-1])


def row_norms(rows: Array) -> npt.NDArray[np.float64]:
    """Return Euclidean norms along the last axis of `rows`, as float64.

    Squares of a deep sigmoid network's gradients leave the range of floating
    point long before the gradients do, so rows whose sum of squares comes near
    its ends are scaled by their largest magnitude first.
    """
    squares = np.vecdot(rows, rows)
    result: npt.NDArray[np.float64] = np.sqrt(squares.astype(np.float64))
    limits = np.finfo(rows.dtype)
    safe = (squares > limits.tiny / limits.eps**2) & (squares < limits.max)
    if not safe.all():
        for at in np.argwhere(~safe):
            row = rows[tuple(at)]
            largest = float(np.abs(row).max(initial=0.0))
            if 0.0 < largest < np.inf:
                scaled = row.astype(np.float64) / largest
                result[tuple(at)] = largest * np.sqrt(scaled @ scaled)
    return result
