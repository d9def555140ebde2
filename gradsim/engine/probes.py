"""What is measured at each layer at each step.

A probe has one value per network and layer. A :class:`Meter` fills an array
(probes, K, layers) from a stack after each backward pass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gradsim.engine.network import Stack
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
        self.values: npt.NDArray[np.float64] = np.zeros((len(PROBES), stack.k, stack.depth))
        widest = stack.batch * max(stack.sizes[1:])
        self._scratch: Array = np.zeros((stack.k, widest), stack.dtype)
        self._below = np.zeros((stack.k, widest), np.bool_)
        self._ones: Array = np.ones((1, stack.batch), stack.dtype)

    def measure(self) -> None:
        """Fill :attr:`values` from the last forward and backward pass of the stack."""
        for layer in range(self._stack.depth):
            out = self.values[:, :, layer]
            self._measure_gradients(layer, out)
            self._measure_slopes(layer, out)
            self._measure_activations(layer, out)

    def _measure_gradients(self, layer: int, out: Array) -> None:
        stack = self._stack
        gradient, delta = stack.dw[layer].reshape(stack.k, -1), stack.delta[layer].reshape(stack.k, -1)
        norm = row_norms(gradient)
        out[INDEX["grad_norm"]] = norm
        out[INDEX["grad_rms"]] = norm / np.sqrt(gradient.shape[1])
        out[INDEX["bias_grad_norm"]] = row_norms(stack.db[layer])
        out[INDEX["delta_rms"]] = row_norms(delta) / np.sqrt(delta.shape[1])

    def _measure_slopes(self, layer: int, out: Array) -> None:
        stack, slope = self._stack, self._stack.slope[layer]
        by_unit = np.matmul(self._ones, slope)[:, 0]
        out[INDEX["slope"]] = by_unit.mean(axis=1) / stack.batch
        out[INDEX["dead"]] = (by_unit == 0.0).mean(axis=1)
        rows = slope.reshape(stack.k, -1)
        below = self._below[:, : rows.shape[1]]
        for k, model in stack.slices():
            f = model.output if layer == stack.depth - 1 else model.activation
            np.less(rows[k], SATURATED_BELOW * f.peak, out=below[k])
        # Row by row: counting along an axis would first widen every truth value to an integer.
        out[INDEX["saturated"]] = [np.count_nonzero(row) / row.size for row in below]

    def _measure_activations(self, layer: int, out: Array) -> None:
        stack, a = self._stack, self._stack.a[layer]
        mean = np.matmul(self._ones, a)[:, 0].mean(axis=1) / stack.batch
        rows = a.reshape(stack.k, -1)
        centred = self._scratch[:, : rows.shape[1]]
        np.subtract(rows, mean[:, None], out=centred)
        out[INDEX["activation_mean"]] = mean
        out[INDEX["activation_std"]] = row_norms(centred) / np.sqrt(rows.shape[1])


def row_norms(rows: Array) -> npt.NDArray[np.float64]:
    """Return the Euclidean norm of each row of `rows` (K, n), as float64.

    Squares of a deep sigmoid network's gradients leave the range of floating
    point long before the gradients do, so rows whose sum of squares comes near
    its ends are scaled by their largest magnitude first.
    """
    squares = np.vecdot(rows, rows)
    norms: npt.NDArray[np.float64] = np.sqrt(squares.astype(np.float64))
    limits = np.finfo(rows.dtype)
    safe = (squares > limits.tiny / limits.eps**2) & (squares < limits.max)
    if not safe.all():
        for k in np.flatnonzero(~safe):
            largest = float(np.abs(rows[k]).max(initial=0.0))
            if 0.0 < largest < np.inf:
                scaled = rows[k].astype(np.float64) / largest
                norms[k] = largest * np.sqrt(scaled @ scaled)
    return norms
