"""Losses at a sigmoid output: what each gives the output, and what the derivative of the sigmoid leaves of that.

dL/dz = dL/da * sigma'(z). Squared error has dL/da = a - y, and sigma' is left in dL/dz. Cross-entropy has dL/da =
(1 - y) / (1 - a) - y / a = (a - y) / sigma'(z): sigma' cancels, and dL/dz = a - y. Nielsen 2015, chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, isfinite, nan
from typing import Any

import numpy as np

from gradsim.engine.data import Split
from gradsim.engine.nn.activations import sigmoid
from gradsim.engine.nn.given import text_without
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.chain import cancels
from gradsim.sim.kinds.train.snapshot import Snapshot
from gradsim.sim.kinds.train.spec import TrainRun
from gradsim.sim.run.changes import phases
from gradsim.sim.run.tape import Past, Steps, Values

_SPAN = (0.05, 0.95)
_DECIMALS = 4

Biases = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class OutputState:
    """Where the outputs of a network are, and what its loss gives them, over the samples of a batch.

    Attributes
    ----------
    z, low, high
        The mean of z over samples and units, and between which two lie nine in ten of them.
    error, delta
        RMS of dL/da and of dL/dz over samples and units, of the loss of a single sample.
    fall
        ||delta|| of the output over that of the first layer; 1 without hidden layers.
    cancels
        Whether dL/da has sigma' as a divisor, so that dL/dz = a - y.
    biases
        Those of all layers.
    a, y
        Output and target where there is but one unit and one sample, else NaN.
    """

    z: float
    low: float
    high: float
    error: float
    delta: float
    fall: float
    cancels: bool
    biases: Biases
    a: float = nan
    y: float = nan

    @property
    def factor(self) -> float:
        """What sigma' leaves of dL/da: for a single output exactly sigma'(z)."""
        return self.delta / self.error if self.error else nan

    @property
    def is_single(self) -> bool:
        """Whether it is of one output unit and one sample."""
        return isfinite(self.y)

    @property
    def off(self) -> float:
        """How far a single output is from its target."""
        return abs(self.a - self.y)


def output_state(network: Snapshot) -> OutputState:
    """Return what is shown of a network with sigmoid outputs."""
    last = network.layers[-1]
    z, y = np.asarray(last.z, np.float64), np.asarray(network.y, np.float64)
    count = len(z)
    norms = [float(np.linalg.norm(layer.delta)) for layer in (network.layers[0], last)]
    single = (float(last.a.item()), float(y.item())) if z.size == 1 else (nan, nan)
    low, high = (float(each) for each in np.quantile(z, _SPAN))
    return OutputState(
        float(z.mean()),
        low,
        high,
        _rms(loss_slope(network.run, z, y)),
        count * _rms(last.delta),
        norms[1] / norms[0] if norms[0] else inf,
        cancels(network.run),
        biases_of(network),
        *single,
    )


def biases_of(network: Snapshot) -> Biases:
    """Return the biases of all layers as plain numbers."""
    return tuple(tuple(float(b) for b in layer.b) for layer in network.layers)


def loss_slope(run: TrainRun, z: Array, y: Array) -> Array:
    """Return dL/da of each output (N, units) of its sample's loss, for squared error or cross-entropy."""
    a, rest = np.empty_like(z), np.empty_like(z)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        sigmoid(z, a)
        sigmoid(-z, rest)  # 1 - a, which is not rounded to 0 where a is nearly 1
        if not cancels(run):
            return np.asarray(a - y)
        return np.asarray(np.where(y < 1.0, (1.0 - y) / rest, 0.0) - np.where(y > 0.0, y / a, 0.0))


def _rms(values: Array) -> float:
    return float(np.linalg.norm(values) / np.sqrt(values.size))


def single_target(data: Split) -> float:
    """Return the target where the training set is one sample with one output, else NaN."""
    return float(data.train.y.item()) if data.train.y.size == 1 else nan


# Over time, from what is measured at each step


def gradient_bands(past: Past, index: int, run: TrainRun, samples: int) -> Values:
    """Return the RMS of dL/dz of single samples at the output, at all steps: (n, 3)."""
    bands = past.history(index, "delta_rms")[:, len(run.hidden)]
    return np.asarray(bands * _by_phase(past, run, lambda phase: _batch(phase, samples))[:, None])


def error_bands(past: Past, index: int, run: TrainRun, samples: int, outputs: int) -> Values:
    """Return the RMS of a - y over samples and units, at all steps: (n, 3).

    With cross-entropy it is dL/dz; the squared error is half the sum of its squares.
    """
    of_gradient = gradient_bands(past, index, run, samples)
    of_loss = np.sqrt(2.0 * past.history(index, "loss") / outputs)
    is_gradient = _by_phase(past, run, lambda phase: float(cancels(phase)))
    return np.where(is_gradient[:, None] > 0.0, of_gradient, of_loss)


def _batch(run: TrainRun, samples: int) -> float:
    return float(samples if run.batch_size == "all" else run.batch_size)


def _by_phase(past: Past, run: TrainRun, value: Callable[[TrainRun], float]) -> Values:
    """Return a number of the settings that each step was measured in: (n,)."""
    found = np.empty(len(past.steps))
    for phase in phases(run):
        found[past.steps > (phase.first if phase.number else -1)] = value(phase.run)
    return found


def right_by(errors: Values, steps: Steps) -> int:
    """Return the first of the steps at which outputs of which these are the errors are right, -1 if none is."""
    right = np.flatnonzero(errors < 0.5)
    return int(steps[right[0]]) if len(right) else -1


# Another start


def start_edit(
    biases: Sequence[Biases], shift: float, unit: int | None = None
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return the edit that moves z of the outputs of all runs at step 0, or of one `unit` (from 0), by `shift`.

    `biases` are those of each run before it.
    """

    def edit(table: dict[str, Any]) -> dict[str, Any]:
        for run, layers in zip(table["runs"], biases, strict=False):
            if len(run["hidden"]) + 1 == len(layers):
                moved = [b + shift if unit in (None, at) else b for at, b in enumerate(layers[-1])]
                last = [round(b, _DECIMALS) for b in moved]
                run["bias_init"] = {"name": "values", "layers": [*(list(layer) for layer in layers[:-1]), last]}
                run["given"] = text_without(run["given"], "b")
        return table

    return edit
