"""What is measured at each layer at each step.

A probe has one value per network and layer. :func:`measure` fills an array
(probes, K, layers) from a stack after its backward pass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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


def measure(stack: Stack, out: Array) -> None:
    """Fill `out` (probes, K, layers) from the last forward and backward pass of `stack`."""
    for layer in range(stack.depth):
        _measure_gradients(stack, layer, out[:, :, layer])
        _measure_activity(stack, layer, out[:, :, layer])


def _measure_gradients(stack: Stack, layer: int, out: Array) -> None:
    gradient, delta = (array.reshape(stack.k, -1) for array in (stack.dw[layer], stack.delta[layer]))
    norm = row_norms(gradient)
    out[INDEX["grad_norm"]] = norm
    out[INDEX["grad_rms"]] = norm / np.sqrt(gradient.shape[1])
    out[INDEX["bias_grad_norm"]] = row_norms(stack.db[layer])
    out[INDEX["delta_rms"]] = row_norms(delta) / np.sqrt(delta.shape[1])


def _measure_activity(stack: Stack, layer: int, out: Array) -> None:
    slope, a = stack.slope[layer], stack.a[layer]
    ones = np.ones(slope[0].size, slope.dtype)
    flat = slope.reshape(stack.k, -1)
    out[INDEX["slope"]] = np.vecdot(flat, ones) / flat.shape[1]
    for k, model in stack.slices():
        f = model.output if layer == stack.depth - 1 else model.activation
        low = np.less(flat[k], SATURATED_BELOW * f.peak)
        out[INDEX["saturated"], k] = np.count_nonzero(low, axis=1) / flat.shape[1]
    out[INDEX["dead"]] = np.count_nonzero(slope.max(axis=1) == 0.0, axis=1) / slope.shape[2]
    values = a.reshape(stack.k, -1)
    mean = np.vecdot(values, ones) / values.shape[1]
    out[INDEX["activation_mean"]] = mean
    centred = values - mean[:, None]
    out[INDEX["activation_std"]] = np.sqrt(np.vecdot(centred, centred) / values.shape[1])


def row_norms(rows: Array) -> Array:
    """Return the Euclidean norm of each row of `rows` (K, n), as float64.

    Squares of a deep sigmoid network's gradients leave the range of floating
    point long before the gradients do, so rows whose sum of squares comes near
    its ends are scaled by their largest magnitude first.
    """
    squares = np.vecdot(rows, rows)
    norms = np.sqrt(squares).astype(np.float64)
    limits = np.finfo(rows.dtype)
    safe = (squares > limits.tiny / limits.eps**2) & (squares < limits.max)
    if not safe.all():
        for k in np.flatnonzero(~safe):
            largest = float(np.abs(rows[k]).max(initial=0.0))
            if 0.0 < largest < np.inf:
                scaled = rows[k].astype(np.float64) / largest
                norms[k] = largest * np.sqrt(scaled @ scaled)
    return norms
