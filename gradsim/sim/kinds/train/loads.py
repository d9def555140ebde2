"""Where on its activation's curve each layer works: the pre-activations it gets, and the slopes it finds there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gradsim.engine.nn.probes import SATURATED_BELOW
from gradsim.engine.types import Array
from gradsim.sim.kinds.train.snapshot import Snapshot, hidden_passes

REACH, BINS = 8.0, 64
"""Pre-activations are counted from -REACH to REACH in so many bins; those beyond are counted in the outermost."""

Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Load:
    """What a hidden layer gets, over samples and units.

    Attributes
    ----------
    shares : (BINS,)
        The share of the pre-activations z in each bin.
    slopes : (BINS,)
        The mean of |f'(z)| in each bin over the largest that there is, 0 in empty ones.
    mean_slope, flat
        The mean of |f'(z)|, and the share of z where it is below 0.05 of its largest value.
    low, high
        The least and the largest z.
    """

    shares: Shares
    slopes: Shares
    mean_slope: float
    flat: float
    low: float
    high: float


def loads(network: Snapshot, x: Array) -> tuple[Load, ...]:
    """Measure the samples `x` (N, features), layer by layer from the first hidden one."""
    peak = network.run.activation.peak
    return tuple(_load(z.ravel(), slope.ravel(), peak) for z, slope in hidden_passes(network, x))


def _load(z: Array, slope: Array, peak: float) -> Load:
    at = np.clip(((z + REACH) * (BINS / (2.0 * REACH))).astype(np.intp), 0, BINS - 1)
    counts = np.bincount(at, minlength=BINS)
    sums = np.bincount(at, weights=slope, minlength=BINS)
    slopes = sums / np.maximum(counts, 1) / (peak or 1.0)
    flat = float((slope < SATURATED_BELOW * peak).mean())
    return Load(counts / len(z), slopes, float(slope.mean()), flat, float(z.min()), float(z.max()))
