"""Sweeps of learning rates for networks: how far each run would have come with other rates.

As in races, the rate that is swept is the one that a run begins with; one that a change names stays.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from gradsim.engine.data import Split
from gradsim.engine.types import Array, Indices
from gradsim.sim.kinds.train.checks import check
from gradsim.sim.kinds.train.dimensions import layer_sizes
from gradsim.sim.kinds.train.spec import Train, TrainRun
from gradsim.sim.kinds.train.trainer import Trainer
from gradsim.sim.run.settings import MAX_RUNS
from gradsim.sim.run.sweep import MAX_RECORDS, Sweep
from gradsim.sim.run.tape import Values

DECADES, RATES_A_DECADE = 6, 4
"""How far the rates of a run reach, the optimizer's usual one in their middle, and how densely they lie."""

MOST_STEPS = 3000
"""How many steps of an experiment are tried."""
MEAN_OF = 15
"""The value at a step is the mean loss of so many batches up to it, as curves are smoothed over so many steps."""
STAGES = (4, 2, 1)
"""Every so many rates are tried in turn: from coarse to fine."""

_MOST_NUMBERS = 2**21
"""How many parameters the networks that train side by side have together, unless one alone has more."""
_PAUSE_S, _NEWS_S = 0.002, 0.1
"""How long a sweep computes between two results, and between two that differ."""


def rates_of(train: Train) -> Array:
    """Return the learning rates (runs, R) that a sweep tries."""
    around = np.logspace(-DECADES / 2, DECADES / 2, DECADES * RATES_A_DECADE + 1)
    return np.array([type(run.optimizer)().learning_rate * around for run in train.runs])


def alike(train: Train) -> Train:
    """Return the experiment without what its sweep does not depend on: equal ones have equal sweeps."""
    runs = [
        replace(run, label=str(i), optimizer=replace(run.optimizer, learning_rate=1.0))
        for i, run in enumerate(train.runs)
    ]
    return replace(train, runs=tuple(runs), replicas=1, probes="off")


def stored(train: Train) -> Indices:
    """Return the steps whose values a sweep stores."""
    last = min(train.steps, MOST_STEPS)
    return np.arange(0, last + 1, -(-(last + 1) // MAX_RECORDS))


def nothing_of(train: Train) -> Sweep:
    """Return a sweep that has not begun."""
    rates, steps = rates_of(train), stored(train)
    return Sweep(rates, steps, np.full((len(steps), *rates.shape), np.nan), 0.0)


def sweep(train: Train) -> Iterator[Sweep]:
    """Train the first replica of every run at all rates, from coarse to fine; yield every few milliseconds."""
    train, found = alike(train), nothing_of(train)
    values, told = found.values(0)[None].repeat(len(found.steps), axis=0), time.perf_counter()
    jobs = _jobs(train, found.rates)
    whole, known = found.rates.size, 0
    for job in jobs:
        for share in job.train(values, found.steps):
            if time.perf_counter() - told > _NEWS_S:
                done = (known + share * len(job.picked)) / whole
                found, told = Sweep(found.rates, found.steps, values.copy(), done), time.perf_counter()
            yield found
        known += len(job.picked)
    yield Sweep(found.rates, found.steps, values)


@dataclass(frozen=True)
class _Job:
    """One run at some of its rates, as networks that train side by side."""

    experiment: Train
    data: Split
    run: int
    picked: Indices
    rates: Array

    def train(self, values: Values, steps: Indices) -> Iterator[float]:
        """Write the values (n, runs, R) of these networks; yield the share of the steps taken now and then."""
        last, every = int(steps[-1]), int(steps[1] - steps[0]) if len(steps) > 1 else 1
        trainer = Trainer(
            replace(self.experiment, runs=self._networks(), steps=max(1, last)), self.data, on_sets=False
        )
        recent, paused = np.empty((MEAN_OF, len(self.picked))), time.perf_counter()
        values[:, self.run, self.picked] = np.inf
        for step in range(last + 1):
            row = trainer.measure()
            recent[step % MEAN_OF] = [
                float(row[trainer.layout.place(i, "loss")][0, 0]) for i in range(len(self.picked))
            ]
            if step % every == 0:
                mean = recent[: step + 1].mean(axis=0)
                values[step // every, self.run, self.picked] = np.where(np.isfinite(mean), mean, np.inf)
            if len(trainer.diverged) == len(self.picked):
                return
            if time.perf_counter() - paused > _PAUSE_S:
                yield step / (last + 1)
                paused = time.perf_counter()
            trainer.advance()

    def _networks(self) -> tuple[TrainRun, ...]:
        run = self.experiment.runs[self.run]
        return tuple(
            replace(run, label=str(i), optimizer=replace(run.optimizer, learning_rate=float(rate)))
            for i, rate in enumerate(self.rates)
        )


def _jobs(train: Train, rates: Array) -> list[_Job]:
    data = check(train)
    jobs, tried = [], np.zeros(rates.shape[1], bool)
    for every in STAGES:
        picked = np.flatnonzero(~tried & (np.arange(len(tried)) % every == 0))
        tried[picked] = True
        for run, row in enumerate(rates):
            sizes = layer_sizes(train.runs[run], data)
            numbers = sum((one + 1) * other for one, other in pairwise(sizes))
            count = max(1, min(MAX_RUNS, _MOST_NUMBERS // numbers))
            for part in np.split(picked, range(count, len(picked), count)):
                jobs.append(_Job(train, data, run, part, row[part]))
    return jobs
