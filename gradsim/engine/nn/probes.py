"""Probes: the quantities measured at each layer at each step.

A probe has one value per network and layer. A :class:`Meter` computes all of
them, (probes, K, layers), from a stack after each backward pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from gradsim.engine.nn.network import Block, Stack, rows_of
from gradsim.engine.norms import Norms
from gradsim.engine.types import Array

SATURATED_BELOW = 0.05
"""A unit is saturated on a sample when |f'(z)| is below this share of its largest value."""


@dataclass(frozen=True)
class Probe:
    """A measured quantity: its name in files, its name in pictures, and the kind of scale it is drawn on.

    A magnitude is positive and spans decades, a share is between 0 and 1, a number is anything else.
    """

    key: str
    label: str
    help: str
    kind: Literal["magnitude", "number", "share"] = "magnitude"


PROBES = (
    Probe("grad_rms", "RMS |∂L/∂W|", "Root mean square of the gradient of the layer's weights."),
    Probe("grad_norm", "‖∂L/∂W‖", "Euclidean norm of the gradient of the layer's weights."),
    Probe("bias_grad_norm", "‖∂L/∂b‖", "Euclidean norm of the gradient of the layer's biases."),
    Probe("delta_rms", "RMS |δ|", "Root mean square of δ = dL/dz over samples and units."),
    Probe("delta_norm", "‖δ‖", "Euclidean norm of δ = dL/dz over samples and units."),
    Probe("slope", "mean |f′(z)|", "Mean magnitude of the activation's derivative.", "number"),
    Probe(
        "saturated",
        "saturated units",
        "Share of units and samples with |f′(z)| below 5 % of its largest value.",
        "share",
    ),
    Probe("dead", "dead units", "Share of units with f′(z) = 0 on every sample of the batch.", "share"),
    Probe("activation_mean", "mean a", "Mean activation over samples and units.", "number"),
    Probe(
        "activation_std", "standard deviation of a", "Standard deviation of the activation over samples and units."
    ),
    Probe(
        "weight_factor",
        "factor of the weights, ‖W δ‖ / ‖δ‖",
        "The weights' part of the backward step: by how much they change ‖δ‖ on its way down to this layer.",
        "number",
    ),
    Probe(
        "slope_factor",
        "factor of f′, ‖f′(z) · W δ‖ / ‖W δ‖",
        "The activation's part of the backward step: by how much f′(z) changes what the weights have passed down.",
        "number",
    ),
    Probe(
        "update_ratio",
        "‖ΔW‖ / ‖W‖",
        "Size of the last update of the layer's weights, in shares of the weights; about 10⁻³ is usual.",
    ),
)
INDEX = {probe.key: i for i, probe in enumerate(PROBES)}

MAY_BE_UNDEFINED = frozenset({"weight_factor", "slope_factor", "update_ratio"})
"""Ratios that are NaN at the output layer or at the first step, or where they are 0 / 0. They come last."""

DEFINED = slice(0, len(PROBES) - len(MAY_BE_UNDEFINED))
"""All other probes: if one is not finite, the network has diverged."""


DW, DB, W, CHANGE, DELTA, SPREAD = range(6)
_NORMS = ("dw", "db", "w", "change", "delta", "spread")


class Meter:
    """Measures a stack after each backward pass; it allocates its scratch space once.

    Attributes
    ----------
    values : (probes, K, layers)
        The values of the last :meth:`measure`, in the order of PROBES.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        k, depth = stack.k, stack.depth
        self.values: npt.NDArray[np.float64] = np.full((len(PROBES), k, depth), np.nan)
        self._norms = Norms(len(_NORMS), depth, k, stack.dtype)
        for weights in stack.weight_blocks():
            for kind in (DW, DB, W, CHANGE):
                self._norms.add(kind, weights.layers, getattr(weights, _NORMS[kind]).swapaxes(0, 1))
        self._units = [_UnitMeter(block, stack) for block in stack.blocks]
        for block, units in zip(stack.blocks, self._units, strict=True):
            self._norms.add(DELTA, block.layers, rows_of(block.delta))
            self._norms.add(SPREAD, block.layers, units.centred)
        fans = np.array([w.shape[1] * w.shape[2] for w in stack.w])
        self._root_weights = np.sqrt(fans)
        self._root_units = np.sqrt([stack.batch * size for size in stack.sizes[1:]])

    def measure(self) -> None:
        """Fill :attr:`values` from the last forward and backward pass of the stack."""
        for units in self._units:
            units.measure(self.values[:, :, units.block.layers])
        self._measure_norms()
        self._measure_factors()

    def _measure_norms(self) -> None:
        self._norms.measure()
        dw, db, _, _, delta, spread = self._norms.values.swapaxes(1, 2)
        out = self.values
        out[INDEX["grad_norm"]], out[INDEX["bias_grad_norm"]], out[INDEX["delta_norm"]] = dw, db, delta
        np.divide(dw, self._root_weights, out=out[INDEX["grad_rms"]])
        np.divide(delta, self._root_units, out=out[INDEX["delta_rms"]])
        np.divide(spread, self._root_units, out=out[INDEX["activation_std"]])

    def _measure_factors(self) -> None:
        """Compute ratios of norms: dL/da to delta of the layer above, delta to dL/da, last update to weights."""
        _, _, w, change, delta, _ = self._norms.values.swapaxes(1, 2)
        weights, slope = self.values[INDEX["weight_factor"]], self.values[INDEX["slope_factor"]]
        back = self._stack.back_norms.T
        with np.errstate(divide="ignore", invalid="ignore"):
            np.divide(delta[:, :-1], back, out=slope[:, :-1])
            np.divide(back, delta[:, 1:], out=weights[:, :-1])
            np.divide(change, w, out=self.values[INDEX["update_ratio"]])


class _UnitMeter:
    """Measures activations and slopes of one block."""

    def __init__(self, block: Block, stack: Stack) -> None:
        self.block = block
        count, k, units, batch = block.z.shape
        self._ones: Array = np.ones(units * batch, stack.dtype)
        self._a = rows_of(block.a)
        self.centred: Array = np.zeros((count, k, units * batch), stack.dtype)
        self._sum: Array = np.zeros((count, k), stack.dtype)
        self._by_unit: Array = np.zeros((count, k, units), stack.dtype)
        self._dead = np.zeros((count, k, units), np.bool_)
        self._below = np.zeros(block.slope.shape, np.bool_)
        self._falls = not block.is_output and not all(model.activation.rises for model in stack.models)
        self._peaks = [
            (rows, SATURATED_BELOW * (model.output if block.is_output else model.activation).peak)
            for rows, model in stack.slices()
        ]

    def measure(self, out: Array) -> None:
        """Write into `out` (probes, K, layers of the block), and the activations minus their mean into `centred`."""
        self._measure_slopes(out)
        np.vecdot(self._a, self._ones, out=self._sum)
        np.divide(self._sum, len(self._ones), out=self._sum)
        np.subtract(self._a, self._sum[:, :, None], out=self.centred)
        out[INDEX["activation_mean"]] = self._sum.T

    def _measure_slopes(self, out: Array) -> None:
        count, k, units, batch = self.block.slope.shape
        slope = self.block.slope
        if self._falls:
            slope = np.abs(slope, out=self.centred.reshape(slope.shape))
        np.matmul(slope, self._ones[:batch], out=self._by_unit)
        out[INDEX["slope"]] = np.add.reduce(self._by_unit, axis=-1).T
        out[INDEX["slope"]] /= units * batch
        np.equal(self._by_unit, 0.0, out=self._dead)
        out[INDEX["dead"]] = _count(self._dead).T
        out[INDEX["dead"]] /= units
        for rows, least in self._peaks:
            np.less(slope[:, rows], least, out=self._below[:, rows])
        out[INDEX["saturated"]] = _count(self._below.reshape(count, k, -1)).T
        out[INDEX["saturated"]] /= units * batch


def _count(truths: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint32]:
    """Count True along the last axis; viewed as bytes, as NumPy sums booleans more slowly."""
    return np.asarray(np.add.reduce(truths.view(np.uint8), axis=-1, dtype=np.uint32))
