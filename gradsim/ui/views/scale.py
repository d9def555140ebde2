"""Ranges that compared runs share, robust against a first spike."""

from __future__ import annotations

from math import ceil, floor, log10

import numpy as np

from gradsim.sim.spec import Experiment
from gradsim.sim.tape import HIGH, MEDIAN, Past
from gradsim.ui.views.view import Values, last_band

FLOOR = -320
"""Below the smallest magnitude of float64 and its denormals, 4.9e-324, no decade is shown."""

_SAMPLE = 400


def decades(past: Past, experiment: Experiment, name: str) -> tuple[int, int]:
    """Return the decades (low, high) in which all runs' layers lie, up to the end of `past`.

    From robust quantiles of the bands over the time so far, widened to hold the
    medians shown at the end; zeros are left out, they are marked and not drawn.
    """
    seen = []
    for run in range(len(experiment.runs)):
        history = past.history(run, name)
        thinned = history[:: 1 + len(history) // _SAMPLE]
        known = thinned[np.isfinite(thinned) & (thinned > 0)]
        if len(known):
            seen += [np.quantile(known, (0.01, 0.99))]
        now = last_band(past, run, name)[..., MEDIAN]
        seen += [now[np.isfinite(now) & (now > 0)]]
    values = np.concatenate(seen) if seen else np.array([])
    if not len(values):
        return -8, 0
    low = max(FLOOR, floor(np.log10(values.min()) - 0.15))
    high = ceil(np.log10(values.max()) + 0.05)
    return min(low, high - 3), high


def top(past: Past, experiment: Experiment, name: str) -> float:
    """Return the upper end of a linear axis from 0 for a channel of all runs."""
    tops = []
    for run in range(len(experiment.runs)):
        history = past.history(run, name)
        finite = history[np.isfinite(history).all(axis=1)]
        if len(finite):
            tops.append(float(np.quantile(finite[:: 1 + len(finite) // _SAMPLE, HIGH], 0.98)))
            tops.append(float(finite[-1, MEDIAN]))
    highest = 1.02 * max(tops, default=1.0) or 1.0
    # A round end: it moves seldom, so the axis is not laid out anew at each step.
    step = 10.0 ** floor(log10(highest)) / 4
    return float(step * ceil(highest / step))


def log_clipped(values: Values, low: float) -> Values:
    """Return log10 of `values`, with zeros and what lies below 10^low at `low`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.maximum(np.log10(values), low))
