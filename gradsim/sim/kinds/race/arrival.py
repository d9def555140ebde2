"""Arrival: the step from which a run of a race stays at the lowest value in the window."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gradsim.sim.kinds.race.legs import batch_of
from gradsim.sim.kinds.race.racer import lowest_value
from gradsim.sim.kinds.race.spec import Race, RaceRun
from gradsim.sim.run.changes import phases
from gradsim.sim.run.tape import Past, Steps, Values

TOLERANCE = 0.001
"""How near f must stay to its lowest value f*."""

LEAST_STAY, LEAST_NOISY_STAY = 10, 60
"""For how many steps at least a descent must have stayed; a noisy one has lulls of up to 50 steps near a minimum."""


def arrivals(race: Race, past: Past, tolerance: float = TOLERANCE) -> list[int | None]:
    """Return the step at which each run has arrived, as known at the end of `past`; None for those that have not.

    A descent has arrived at the first step s with

        e(t) < tolerance for every step t from s on,    e(t) = f(t) - f*,

    once that is known for max(10, s / 10) steps after s: one that only crosses the minimum has not arrived. Where
    gradients are noisy (of batches, or with noise added), e(t) is the mean of f - f* over the steps from t to
    t + max(60, t / 10), as single values swing for ever. None of it depends on how far the run has gone
    since, so an arrival that was told is only taken back by a run that leaves.

    A run of several descents has arrived when half of them have. None arrives where f has no lowest value in the
    window, see :func:`lowest_value`, nor after it has diverged.
    """
    return [_of_half(steps) for steps in arrivals_of_descents(race, past, tolerance)]


def arrivals_of_descents(race: Race, past: Past, tolerance: float = TOLERANCE) -> list[npt.NDArray[np.float64]]:
    """Return the step at which each descent of each run has arrived, inf for none, (replicas,); see arrivals."""
    never = np.full(race.replicas, np.inf)
    lowest = [lowest_value(surface) for surface in race.surfaces]
    return [
        never if base is None or i in past.gone else _of_descents(past, i, base, tolerance, is_noisy(race, run))
        for i, (run, base) in enumerate(zip(race.runs, lowest, strict=True))
    ]


def is_noisy(race: Race, run: RaceRun) -> bool:
    """Tell whether a run descends by gradients that are not those of the surface."""
    count = race.surface_of(run).sample_count
    return race.noise > 0 or any(batch_of(phase.run, race) < count for phase in phases(run) if count)


def _of_half(steps: npt.NDArray[np.float64]) -> int | None:
    """Return the step by which half of the descents have arrived."""
    step = np.sort(steps)[(len(steps) - 1) // 2]
    return int(step) if np.isfinite(step) else None


def _of_descents(past: Past, run: int, lowest: float, tolerance: float, noisy: bool) -> npt.NDArray[np.float64]:
    """Return the step at which each descent of a run has arrived, inf for none, (replicas,)."""
    excess = past.replicas(run, "value") - lowest
    ends = _window_ends(past.steps, LEAST_NOISY_STAY if noisy else LEAST_STAY)
    known = int(np.searchsorted(ends, len(past.steps)))  # those whose windows are whole
    if not known:
        return np.full(excess.shape[1], np.inf)
    late = ~(_means(excess, ends[:known]) < tolerance) if noisy else ~(excess < tolerance)
    outside = np.where(late.any(axis=0), len(late) - np.argmax(late[::-1], axis=0), 0)
    has_stayed = (outside < known) & ~np.isnan(past.values(run, "move")).any(axis=0)
    return np.where(has_stayed, past.steps[np.minimum(outside, len(past.steps) - 1)], np.inf)


def _window_ends(steps: Steps, least: int) -> Steps:
    """Return for each kept step the index of the first that is later by a tenth of it, and by `least` at least."""
    return np.searchsorted(steps, steps + np.maximum(least, steps // 10))


def _means(excess: Values, ends: Steps) -> Values:
    """Return the mean of each window of kept steps, its end included, (windows, replicas).

    The sums run from the end: where values are small they are not lost beside the large ones of the start.
    """
    sums = np.cumsum(excess[::-1], axis=0)[::-1]
    with np.errstate(invalid="ignore"):
        after = np.concatenate([sums, np.zeros_like(sums[:1])])[ends + 1]
        return np.asarray((sums[: len(ends)] - after) / (ends + 1 - np.arange(len(ends)))[:, None])
