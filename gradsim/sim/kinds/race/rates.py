"""Sweeps of learning rates: where each run of a race would have got with other rates, all rates at once.

The rate that is swept is the one that a run begins with. Changes are not swept: one that names the
optimizer has its own rate, whatever the rate before.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from gradsim.engine.suited_rates import suited_rate
from gradsim.engine.types import Array
from gradsim.sim.kinds.race.legs import Descent
from gradsim.sim.kinds.race.racer import are_near, bounds, parts_on_surfaces
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.draws import starts
from gradsim.sim.run.sweep import MAX_RECORDS, Sweep

DECADES, RATES_A_DECADE = 5, 24
"""How far the rates of a run reach, the suited one in their middle, and how densely they lie."""

_PAUSE_S = 0.002
"""How long a sweep computes between two results."""


def rates_of(race: Race) -> Array:
    """Return the learning rates (runs, R) that a sweep tries."""
    count = DECADES * RATES_A_DECADE + 1
    around = np.logspace(-DECADES / 2, DECADES / 2, count)
    return np.array([suited_rate(race.surface_of(run), run.optimizer.key) * around for run in race.runs])


def alike(race: Race) -> Race:
    """Return the race without what its sweep does not depend on: equal ones have equal sweeps."""
    runs = [
        replace(run, label=str(i), optimizer=replace(run.optimizer, learning_rate=1.0))
        for i, run in enumerate(race.runs)
    ]
    return replace(race, runs=tuple(runs), replicas=1, spread=0.0)


def first_of(race: Race) -> Sweep:
    """Return what a sweep knows before its first step: at all rates a run is at the start."""
    rates, (x, y) = rates_of(race), starts(race.start, 0.0, race.seed, 1)[0]
    with np.errstate(all="ignore"):
        values = np.array([float(surface.value(x, y)) for surface in race.surfaces])
    starts_at = np.where(np.isfinite(values), values, np.inf)
    return Sweep(rates, np.zeros(1, np.int64), np.broadcast_to(starts_at[:, None], (1, *rates.shape)).copy())


def sweep(race: Race) -> Iterator[Sweep]:
    """Run the first descent of every run at all rates, step by step; yield what is known every few milliseconds."""
    race, rates = alike(race), rates_of(race)
    start = starts(race.start, 0.0, race.seed, 1)
    points = np.tile(start, (*rates.shape, 1))
    lanes = [_Lane(race, i, points[i], rates[i]) for i in range(len(race.runs))]
    every = -(-(race.steps + 1) // MAX_RECORDS)
    steps = np.arange(0, race.steps + 1, every)
    values = np.empty((len(steps), *rates.shape))
    gradients = np.empty_like(points)
    kept, last_yield = 0, time.perf_counter()
    with np.errstate(all="ignore"):
        for step in range(race.steps + 1):
            if step == steps[min(kept, len(steps) - 1)]:
                values[kept] = _heights(race, points, lanes)
                kept += 1
            if time.perf_counter() - last_yield > _PAUSE_S:
                yield Sweep(rates, steps[:kept], values[:kept])
                last_yield = time.perf_counter()
            if step < race.steps:
                for runs, surface in parts_on_surfaces(race):
                    surface.gradient_into(points[runs].reshape(-1, 2), gradients[runs].reshape(-1, 2))
                for lane, exact in zip(lanes, gradients, strict=True):
                    lane.advance(step, exact)
    yield Sweep(rates, steps[:kept], values[:kept])


def _heights(race: Race, points: Array, lanes: list[_Lane]) -> Array:
    parts = parts_on_surfaces(race)
    values = np.concatenate([surface.value(points[runs, :, 0], points[runs, :, 1]) for runs, surface in parts])
    for row, lane in zip(values, lanes, strict=True):
        row[lane.gone | ~np.isfinite(row)] = np.inf
    return values


class _Lane:
    """One run at all of its rates. A descent that diverges stays where it was, and counts as gone."""

    def __init__(self, race: Race, index: int, points: Array, rates: Array) -> None:
        self._descent = Descent(race, race.runs[index], points, rates)
        self._gradients, self._before = np.empty_like(points), points.copy()
        self._bounds = bounds(race.surfaces[index])
        self.gone = np.zeros(len(points), bool)

    def advance(self, step: int, exact: Array) -> None:
        """Take the step after `step`, from the surface's gradients."""
        points = self._descent.points
        np.copyto(self._before, points)
        self._descent.advance(step, self._gradients, exact)
        self.gone |= np.logical_not(are_near(points, self._bounds))
        np.copyto(points, self._before, where=self.gone[:, None])
