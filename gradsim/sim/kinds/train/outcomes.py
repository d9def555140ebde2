"""What a network does with samples: its predictions, and how good they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import frexp, ldexp, sqrt

import numpy as np
import numpy.typing as npt

from gradsim.engine.data import Samples, Split
from gradsim.engine.types import Array, Indices
from gradsim.sim.kinds.train.dimensions import targets
from gradsim.sim.kinds.train.predictions import decided, scores_of
from gradsim.sim.kinds.train.snapshot import Snapshot

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Outcomes:
    """What a network says of samples.

    Attributes
    ----------
    predictions, truth : (N, outputs)
        What it predicts, and the targets.
    losses : (N,)
        The loss of each sample.
    """

    predictions: Values
    truth: Values
    losses: Values

    @property
    def scores(self) -> Values:
        """A score for each class (N, classes), the highest of which decides."""
        return np.asarray(scores_of(self.predictions), np.float64)

    @property
    def decided(self) -> Indices:
        """The class that each sample is taken for: (N,)."""
        return decided(self.predictions)

    @property
    def classes(self) -> Indices:
        """The class that each sample is of: (N,)."""
        return decided(self.truth)


def activations(network: Snapshot, x: Array) -> Iterator[Array]:
    """Yield the activations (N, units) of each hidden layer for the samples `x` (N, features)."""
    activation, a = network.run.activation, x
    for layer in network.layers[:-1]:
        z = a @ layer.w + layer.b
        a = np.empty_like(z)
        activation.value(z, a, np.empty_like(z))
        yield a


def outcomes(network: Snapshot, data: Split, part: Samples) -> Outcomes:
    """Let a network predict a part of its data."""
    a, run, last = part.x, network.run, network.layers[-1]
    for each in activations(network, part.x):
        a = each
    z = a @ last.w + last.b
    predictions, work, truth = np.empty_like(z), np.empty_like(z), targets(run, data, part)
    run.output.value(z, predictions, work)
    losses = run.loss.value(run.output, z, predictions, truth, work)
    return Outcomes(*(np.asarray(each, np.float64) for each in (predictions, truth, losses)))


@dataclass(frozen=True)
class Confusion:
    """Which classes are taken for which.

    Attributes
    ----------
    counts : (classes, classes)
        How many samples of the class of the row are taken for that of the column.
    """

    counts: Indices

    @property
    def accuracy(self) -> float:
        """The share of all samples that are taken for what they are."""
        return float(np.trace(self.counts) / self.counts.sum())

    @property
    def recall(self) -> Values:
        """The share of each class's samples that are; NaN for a class without any: (classes,)."""
        with np.errstate(invalid="ignore"):
            return np.asarray(np.diag(self.counts) / self.counts.sum(axis=1))

    @property
    def shares(self) -> Values:
        """Each count over the samples of its row; 0 in a row without any."""
        return np.asarray(self.counts / np.maximum(1, self.counts.sum(axis=1, keepdims=True)))

    @property
    def worst(self) -> tuple[int, int] | None:
        """Row and column of the commonest mistake, of equal ones that of the larger share; None without any."""
        mistakes = np.where(np.eye(len(self.counts), dtype=bool), 0, self.counts)
        if not mistakes.any():
            return None
        order = np.lexsort((-self.shares.ravel(), -mistakes.ravel()))
        row, column = divmod(int(order[0]), len(mistakes))
        return row, column


def confusion(found: Outcomes) -> Confusion:
    """Count the classes of samples against those they are taken for."""
    classes = found.scores.shape[1]
    counts = np.bincount(found.classes * classes + found.decided, minlength=classes**2)
    return Confusion(counts.reshape(classes, classes))


def r_squared(truth: Values, predictions: Values) -> float:
    """Return the coefficient of determination of one target: 1 - SS_res / SS_tot, SS_tot about its own mean.

    Of a target that is constant it is 1 where all is predicted exactly and else 0, and of fewer than two samples
    it is NaN: as scikit-learn's r2_score has it.
    """
    if len(truth) < 2:
        return float("nan")
    residual, by = _mean_square(truth - predictions)
    total, total_by = _mean_square(truth - truth.mean())
    if total == 0.0:
        return float(residual == 0.0)
    return 1.0 - ldexp(residual / total, min(2 * (by - total_by), _MOST_BINARY))


def rmse(truth: Values, predictions: Values) -> float:
    """Return the root of the mean squared error; NaN of no samples."""
    if not len(truth):
        return float("nan")
    square, by = _mean_square(truth - predictions)
    return ldexp(sqrt(square), by)


_MOST_BINARY = 1000
"""Powers of two beyond this are as good as infinite."""


def _mean_square(values: Values) -> tuple[float, int]:
    """Return m and e so that the mean of the squares is m 4ᵉ: those of very large or small values are no numbers."""
    _, by = frexp(float(np.abs(values).max()))
    return float((np.ldexp(values, -by) ** 2).mean()), by
