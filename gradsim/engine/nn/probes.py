"""Probes: the quantities measured at each layer at each step.

A probe has one value per network and layer. A :class:`Meter` computes all of
them, (probes, K, layers), from a stack after each backward pass.

Three of them tell where a layer passes little or no gradient on. Over units u and samples s,

- saturated: share of (u, s) with |f'(z)| < 0.05 max |f'|, where f bends towards a flat end (sigmoid, tanh, the left
  of ELU or GELU; also the outputs softmax, sigmoid, tanh). 0 for straight pieces: ReLU, leaky ReLU, linear.
- off: share of (u, s) with z <= 0, where f'(z) = 0 for z <= 0: ReLU, leaky ReLU of slope 0, ELU of alpha 0. 0 for
  all others. A unit is off on some samples and on for others; that is how ReLU works.
- dead: share of hidden units u with f'(z) = 0 on *every* sample s of the training set, so that its weights have no
  gradient whatever the batch: those that are off on all, or a hard sigmoid's at |z| >= 3 on all. f' of a smooth
  activation is never 0 (but where it is rounded to it, which depends on the precision), so none of its units is dead.
  Judged with the weights of a step at which :meth:`Meter.judge` is called, and unchanged until it is called again.

Saturated and off are measured on the step's batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt

from gradsim.engine.nn.dead import DeadUnits, dies
from gradsim.engine.nn.network import Block, Stack, rows_of
from gradsim.engine.norms import Norms
from gradsim.engine.types import Array, Indices

SATURATED_BELOW = 0.05
"""A unit is saturated on a sample when |f'(z)| is below this share of its largest value."""


_MOST_BYTES = 2**19
"""So much of each array is measured at once, unless one layer alone has more."""

Values = npt.NDArray[np.float64]


class Measured:
    """What probes are computed from after a backward pass, all (K, layers) but for factors of layers, (layers,).

    Attributes
    ----------
    dw, db, w, change, delta : (K, layers)
        Norms of the gradients of weights and biases, of the weights, of their last update, and of dL/dz.
    spread : (K, layers)
        Norm of the activations minus their mean.
    back : (K, layers - 1)
        Norm of dL/da, as the weights of the layer above pass it down.
    slope, saturated, off, dead, mean : (K, layers)
        The mean of |f'|, the shares of saturated, off and dead units, and the mean activation.
    root_weights, root_units : (layers,)
        Roots of the number of weights, and of units times samples: a norm over it is a root mean square.
    """

    dw: Values
    db: Values
    w: Values
    change: Values
    delta: Values
    spread: Values
    back: Values
    slope: Values
    saturated: Values
    off: Values
    dead: Values
    mean: Values
    root_weights: Values
    root_units: Values

    def __init__(self, stack: Stack) -> None:
        self.norms = Norms(len(_NORMS), stack.depth, stack.k, stack.dtype)
        self.dw, self.db, self.w, self.change, self.delta, self.spread = self.norms.values.swapaxes(1, 2)
        self.back = stack.back_norms.T
        self.slope, self.saturated, self.off, self.dead, self.mean = np.zeros((5, stack.k, stack.depth))
        self.root_weights = np.sqrt(np.array([w.shape[1] * w.shape[2] for w in stack.w]))
        self.root_units = np.sqrt([stack.batch * size for size in stack.sizes[1:]])


@dataclass(frozen=True)
class Probe:
    """A measured quantity: what it is called, how it is measured, and how it is drawn.

    To add one, add an entry to PROBES, and its label and help to the translations.

    Attributes
    ----------
    key, label, help
        Its name in files, its name in pictures, and what it is.
    measure
        Writes its values into an array (K, layers).
    kind
        The scale it is drawn on: a magnitude is positive and spans decades, a share is between 0 and 1, a number
        is anything else.
    may_be_undefined
        Whether it may be NaN; any other probe that is not finite means that the network has diverged.
    """

    key: str
    label: str
    help: str
    measure: Callable[[Measured, Values], object]
    kind: Literal["magnitude", "number", "share"] = "magnitude"
    may_be_undefined: bool = False


PROBES = (
    Probe(
        "grad_rms",
        "RMS |∂L/∂W|",
        "Root mean square of the gradient of the layer's weights.",
        lambda m, out: np.divide(m.dw, m.root_weights, out=out),
    ),
    Probe(
        "grad_norm",
        "‖∂L/∂W‖",
        "Euclidean norm of the gradient of the layer's weights.",
        lambda m, out: np.copyto(out, m.dw),
    ),
    Probe(
        "bias_grad_norm",
        "‖∂L/∂b‖",
        "Euclidean norm of the gradient of the layer's biases.",
        lambda m, out: np.copyto(out, m.db),
    ),
    Probe(
        "delta_rms",
        "RMS |δ|",
        "Root mean square of δ = dL/dz over samples and units.",
        lambda m, out: np.divide(m.delta, m.root_units, out=out),
    ),
    Probe(
        "delta_norm",
        "‖δ‖",
        "Euclidean norm of δ = dL/dz over samples and units.",
        lambda m, out: np.copyto(out, m.delta),
    ),
    Probe(
        "slope",
        "mean |f′(z)|",
        "Mean magnitude of the activation's derivative.",
        lambda m, out: np.copyto(out, m.slope),
        "number",
    ),
    Probe(
        "saturated",
        "saturated units",
        "Share of units and samples with |f′(z)| below 5 % of its largest value, on a flat end of a sigmoid, tanh or "
        "the like; ReLU has no such end, it is on or off.",
        lambda m, out: np.copyto(out, m.saturated),
        "share",
    ),
    Probe(
        "off",
        "units that are off",
        "Share of units and samples at which a ReLU is off: z ≤ 0, so f′(z) = 0.",
        lambda m, out: np.copyto(out, m.off),
        "share",
    ),
    Probe(
        "dead",
        "dead units",
        "Share of hidden units with f′(z) = 0 on every sample of the training set: judged at step 0, once an epoch "
        "or every few short ones, and at the last step; with batches of all samples at each step.",
        lambda m, out: np.copyto(out, m.dead),
        "share",
    ),
    Probe(
        "activation_mean",
        "mean a",
        "Mean activation over samples and units.",
        lambda m, out: np.copyto(out, m.mean),
        "number",
    ),
    Probe(
        "activation_std",
        "standard deviation of a",
        "Standard deviation of the activation over samples and units.",
        lambda m, out: np.divide(m.spread, m.root_units, out=out),
    ),
    Probe(
        "weight_factor",
        "factor of the weights, ‖W δ‖ / ‖δ‖",
        "The weights' part of the backward step: by how much they change ‖δ‖ on its way down to this layer.",
        lambda m, out: np.divide(m.back, m.delta[:, 1:], out=out[:, :-1]),
        "number",
        may_be_undefined=True,
    ),
    Probe(
        "slope_factor",
        "factor of f′, ‖f′(z) · W δ‖ / ‖W δ‖",
        "The activation's part of the backward step: by how much f′(z) changes what the weights have passed down.",
        lambda m, out: np.divide(m.delta[:, :-1], m.back, out=out[:, :-1]),
        "number",
        may_be_undefined=True,
    ),
    Probe(
        "update_ratio",
        "‖ΔW‖ / ‖W‖",
        "Norm of the last update of the layer's weights, relative to the norm of the weights; about 10⁻³ is usual.",
        lambda m, out: np.divide(m.change, m.w, out=out),
        may_be_undefined=True,
    ),
)
INDEX = {probe.key: i for i, probe in enumerate(PROBES)}

MAY_BE_UNDEFINED = frozenset(probe.key for probe in PROBES if probe.may_be_undefined)
"""Ratios that are NaN at the output layer or at the first step, or where they are 0 / 0."""

DEFINED = [i for i, probe in enumerate(PROBES) if not probe.may_be_undefined]
"""All other probes: if one is not finite, the network has diverged."""


DW, DB, W, CHANGE, DELTA, SPREAD = range(6)
_NORMS = ("dw", "db", "w", "change", "delta", "spread")


class Meter:
    """Measures a stack after each backward pass; it allocates its scratch space once.

    Attributes
    ----------
    values : (probes, K, layers)
        The values of the last :meth:`measure`, in the order of PROBES.
    dead : (K, layers)
        How many units were dead when that was judged last: by :meth:`judge`, or by :meth:`measure` with
        `batch_is_all`, which says that each batch is the whole training set. It is to be saved with the parameters.
    """

    def __init__(self, stack: Stack, batch_is_all: bool = False) -> None:
        self.values: Values = np.full((len(PROBES), stack.k, stack.depth), np.nan)
        self._measured = Measured(stack)
        norms = self._measured.norms
        for weights in stack.weight_blocks():
            for kind in (DW, DB, W, CHANGE):
                norms.add(kind, weights.layers, getattr(weights, _NORMS[kind]).swapaxes(0, 1))
        self._judging = None if batch_is_all else DeadUnits(stack)
        self.dead: Values = np.zeros((stack.k, stack.depth))
        # Counts of an earlier activation, which had a flat part, do not hold for one that has none.
        self._share = np.zeros((stack.k, stack.depth))
        for rows, model in stack.slices():
            self._share[rows] = dies(model.activation) / np.array(stack.sizes[1:])
        self._share[:, -1] = 0.0
        parts = [part for block in stack.blocks for part in _parts(block)]
        scratch = _Scratch.of([part.a for part in parts])
        self._units = [_UnitMeter(part, stack, self._measured, scratch) for part in parts]
        for block in stack.blocks:
            norms.add(DELTA, block.layers, rows_of(block.delta))

    def judge(self, x: Array) -> None:
        """Count the units that are dead on the whole training set `x` (N, features), for the steps to come."""
        if self._judging:
            self._judging.judge(x, self.dead)

    def measure(self) -> None:
        """Fill :attr:`values` from the last forward and backward pass of the stack."""
        for units in self._units:
            units.measure()
            if self._judging is None:
                units.count_dead(self.dead)
        np.multiply(self.dead, self._share, out=self._measured.dead)
        self._measured.norms.measure()
        with np.errstate(divide="ignore", invalid="ignore"):
            for probe, out in zip(PROBES, self.values, strict=True):
                probe.measure(self._measured, out)


def _parts(block: Block) -> Iterator[Block]:
    """Yield the layers of a block a few at a time, so that what is computed from them stays in cache."""
    first, count = block.layers.start, len(block.a)
    at_once = max(1, _MOST_BYTES // block.a[0].nbytes)
    for start in range(0, count, at_once):
        part = slice(start, min(start + at_once, count))
        arrays = (each[part] for each in (block.z, block.a, block.slope, block.delta))
        yield Block(slice(first + part.start, first + part.stop), block.is_output, *arrays)


@dataclass(frozen=True)
class _Scratch:
    """What the parts of a stack write one after the other, as long as the largest needs it, flat."""

    numbers: Array
    truths: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, arrays: Sequence[Array]) -> _Scratch:
        size = max(each.size for each in arrays)
        return cls(np.zeros(size, arrays[0].dtype), np.zeros(size, np.bool_))


class _UnitMeter:
    """Measures activations and slopes of some adjacent layers."""

    def __init__(self, block: Block, stack: Stack, measured: Measured, scratch: _Scratch) -> None:
        self.block, layers = block, block.layers
        self._slope, self._mean = measured.slope[:, layers], measured.mean[:, layers]
        self._saturated, self._off = measured.saturated[:, layers], measured.off[:, layers]
        count, k, units, batch = block.z.shape
        self._ones: Array = np.ones(units * batch, stack.dtype)
        self._a = rows_of(block.a)
        self._numbers = scratch.numbers[: block.a.size].reshape(block.a.shape)
        self._below = scratch.truths[: block.a.size].reshape(block.a.shape)
        self._centred = rows_of(self._numbers)
        self._means: Array = np.zeros((count, k), stack.dtype)
        centred = [partial(self._centred_rows, layer) for layer in range(count)]
        self._squares = measured.norms.add_squares(SPREAD, layers, centred)
        self._by_unit: Array = np.zeros((count, k, units), stack.dtype)
        self._flat = np.zeros((count, k, units), np.bool_)
        self._falls = not block.is_output and not all(model.activation.rises for model in stack.models)
        self._peaks = [
            (rows, SATURATED_BELOW * (model.output if block.is_output else model.activation).peak)
            for rows, model in stack.slices()
        ]
        # Which of the shares the flat places of each network count for: (K, 1).
        self._saturates, self._switches_off = np.zeros((2, stack.k, 1))
        for rows, model in stack.slices():
            self._saturates[rows] = block.is_output or model.activation.saturates
            self._switches_off[rows] = not block.is_output and model.activation.switches_off

    def measure(self) -> None:
        """Measure the layers."""
        self._measure_slopes()
        means, centred = self._means, self._centred
        np.vecdot(self._a, self._ones, out=means)
        np.divide(means, len(self._ones), out=means)
        np.copyto(centred, means[:, :, None])  # with the copy, the difference takes half the time
        np.subtract(self._a, centred, out=centred)
        np.vecdot(centred, centred, out=self._squares)
        np.copyto(self._mean, means.T)

    def _centred_rows(self, layer: int, which: slice | Indices) -> Array:
        """Return the activations (m, n) of some networks in one of the layers minus their mean."""
        return np.asarray(self._a[layer, which] - self._means[layer, which, None])

    def _measure_slopes(self) -> None:
        count, k, units, batch = self.block.slope.shape
        slope = self.block.slope
        if self._falls:
            slope = np.abs(slope, out=self._numbers)
        np.matmul(slope, self._ones[:batch], out=self._by_unit)
        np.copyto(self._slope, np.add.reduce(self._by_unit, axis=-1).T)
        self._slope /= units * batch
        for rows, least in self._peaks:
            np.less(slope[:, rows], least, out=self._below[:, rows])
        flat = _count(self._below.reshape(count, k, -1)).T / (units * batch)
        np.multiply(flat, self._saturates, out=self._saturated)
        np.multiply(flat, self._switches_off, out=self._off)

    def count_dead(self, counts: Values) -> None:
        """Count the units with f'(z) = 0 on every sample of the batch, in `counts` (K, all layers)."""
        np.equal(self._by_unit, 0.0, out=self._flat)
        np.copyto(counts[:, self.block.layers], _count(self._flat).T)


def _count(truths: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint32]:
    """Count True along the last axis: as bits of bytes, in half the time of a sum of booleans."""
    return np.asarray(np.add.reduce(np.bitwise_count(np.packbits(truths, axis=-1)), axis=-1, dtype=np.uint32))
