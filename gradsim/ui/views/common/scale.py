"""Ranges that compared runs share, robust against a first spike."""

from __future__ import annotations

from math import ceil, floor, log10

import numpy as np

from gradsim.sim.kinds import Experiment
from gradsim.sim.run.tape import HIGH, MEDIAN, Past
from gradsim.ui.views.common.view import Values, last_band

FLOOR = -320
"""Below the smallest magnitude of float64 and its denormals, 4.9e-324, no decade is shown."""

_SMALLEST, _LARGEST = 1e-300, 1e300
"""No axis ends beyond them: there must be numbers left to compute with."""

_SAMPLE = 400
_RISE = 4.0
"""How far above the start an axis reaches: decades for gradients, a factor for the loss."""


def decades(past: Past, experiment: Experiment, name: str) -> tuple[int, int]:
    """Return the decades (low, high) in which all runs' layers lie, up to the end of `past`.

    From robust quantiles of the medians over the time so far, widened to hold
    the medians at the end. Zeros are left out: they are marked, not drawn. A
    run that leaves upward may leave the picture, but not press all else flat.
    """
    runs = len(experiment.runs)
    return past.known(("decades", runs, name), lambda: _decades(past, runs, name))


def _decades(past: Past, runs: int, name: str) -> tuple[int, int]:
    seen, starts = [], []
    for run in range(runs):
        history = past.history(run, name)[..., MEDIAN]
        known = _positive(history[:: 1 + len(history) // _SAMPLE])
        if len(known):
            seen.append(np.array([_ranked(known, 0.01), _ranked(known, 0.99)]))
        seen.append(_positive(last_band(past, run, name)[..., MEDIAN]))
        starts.append(_positive(history[0]))
    logs, first = np.log10(np.concatenate(seen)), np.log10(np.concatenate(starts))
    if not len(logs):
        return -8, 0
    high = ceil(min(logs.max(), first.max(initial=-np.inf) + _RISE if len(first) else np.inf) + 0.35)
    low = max(FLOOR, floor(min(logs.min(), high) - 0.35))
    return min(low, high - 3), high


def _positive(values: Values) -> Values:
    return np.asarray(values[np.isfinite(values) & (values > 0)])


def _ranked(values: Values, share: float) -> float:
    """Return the quantile of nearest rank; np.quantile would import numpy.ma, 30 ms before the first frame."""
    at = round(share * (values.size - 1))
    return float(np.partition(values, at, axis=None)[at])


def amounts(past: Past, experiment: Experiment, name: str) -> tuple[float, float]:
    """Return round ends of a linear axis that holds zero and nearly all medians of all runs' layers.

    It holds all bands at the end of `past`; a run that leaves may leave the picture, too.
    """
    seen, start = [np.zeros(1)], 0.0
    for run in range(len(experiment.runs)):
        history = past.history(run, name)[..., MEDIAN]
        known = _finite(history[:: 1 + len(history) // _SAMPLE])
        if len(known):
            seen.append(np.array([_ranked(known, 0.01), _ranked(known, 0.99)]))
        seen.append(_finite(last_band(past, run, name)))
        start = max(start, float(np.abs(_finite(history[0])).max(initial=0.0)))
    return rounded_out(np.concatenate(seen), start)


def _finite(values: Values) -> Values:
    return np.asarray(values[np.isfinite(values)])


def top(past: Past, experiment: Experiment, name: str, part: int = HIGH) -> float:
    """Return the upper end of a linear axis from 0 for a channel of all runs.

    It holds nearly all of the bands, or of their medians alone, unless they leave the start far behind.
    """
    tops, starts = [], []
    for run in range(len(experiment.runs)):
        history = past.history(run, name)
        finite = history[np.isfinite(history).all(axis=1)]
        if len(finite):
            tops.append(_ranked(finite[:: 1 + len(finite) // _SAMPLE, part], 0.98))
            tops.append(float(finite[-1, MEDIAN]))
            starts.append(float(finite[0, MEDIAN]))
    start = max(starts, default=1.0)
    highest = min(max(1.02 * max(tops, default=1.0), start), _RISE * start or np.inf) or 1.0
    return rounded_up(highest) or 1.0


def rounded_up(value: float) -> float:
    """Return a round end of an axis that holds `value`: it moves seldom, so the axis is seldom laid out anew.

    Of an axis shorter than _SMALLEST a pixel would be beyond the smallest numbers there are: its end is 0.
    """
    if value < _SMALLEST:
        return 0.0
    value = min(value, _LARGEST)
    step = 10.0 ** floor(log10(value)) / 4
    return float(step * ceil(value / step))


def rounded_out(values: Values, start: float) -> tuple[float, float]:
    """Return round ends of an axis that holds `values`, but not those ten times as far from 0 as the `start`."""
    far = 10.0 * start or np.inf
    low, high = (float(np.clip(end, -far, far)) for end in (values.min(initial=0.0), values.max(initial=0.0)))
    return -rounded_up(-low), rounded_up(high) or rounded_up(0.1 * abs(low)) or 1.0


def within_reach(values: Values, y: tuple[float, float]) -> Values:
    """Return `values` with those that are ten times the axis away cut there; Qt shows nothing of a line to 10^100."""
    reach = 10.0 * (y[1] - y[0])
    return np.asarray(np.clip(values, y[0] - reach, y[1] + reach))


def log_clipped(values: Values, low: float) -> Values:
    """Return log10 of `values`, with zeros and what lies below 10^low at `low`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.maximum(np.log10(values), low))
