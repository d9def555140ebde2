"""How the runs of a race take their steps, from each of their changes to the next."""

from __future__ import annotations

import numpy as np

from gradsim.engine.optim.paths import Paths
from gradsim.engine.types import Array
from gradsim.sim.kinds.race.spec import Race, RaceRun
from gradsim.sim.run.changes import Phase, phases, spans, updated_in
from gradsim.sim.run.draws import Batches, noise


def batch_of(run: RaceRun, race: Race) -> int:
    """Return the batch size as a number of samples; 0 where there are no samples."""
    return race.surface_of(run).sample_count if isinstance(run.batch_size, str) else run.batch_size


def cost_of(run: RaceRun, race: Race) -> int:
    """Return how many gradients of single samples a step takes; 1 where there are no samples."""
    return batch_of(run, race) or 1


def samples_before(run: RaceRun, step: int, race: Race) -> int:
    """Return how many gradients a run has cost before the step from `step`."""
    return sum(count * cost_of(phase.run, race) for phase, count in spans(run, step))


class Slopes:
    """The gradients that a run takes the steps of one of its phases with.

    They are those of the surface, or of each step's batch of samples, with the
    step's noise added. With `replicas` 1, any number of points shares the draws
    of the first descent.
    """

    def __init__(self, experiment: Race, run: RaceRun, replicas: int, first: int = 0, seen: int = 0) -> None:
        self._experiment, self._replicas = experiment, replicas
        self._surface = experiment.surface_of(run)
        count, self.batch = self._surface.sample_count, batch_of(run, experiment)
        self._batches = (
            Batches(experiment.seed, replicas, count, self.batch, first=first, seen=seen)
            if self.batch < count
            else None
        )

    def at(self, step: int, points: Array, out: Array, exact: Array | None = None, work: Array | None = None) -> None:
        """Write the gradients at `points` (K, 2) that the step after `step` is taken with into `out` (K, 2).

        `exact` are the surface's gradients where they are known, `work` is a workspace of the surface.
        """
        if self._batches:
            self._surface.minibatch_gradient(points, self._batches.at(step), out)
        elif exact is not None:
            np.copyto(out, exact)
        else:
            self._surface.gradient_into(points, out, work)
        if self._experiment.noise:
            out += self._experiment.noise * noise(self._experiment.seed, step, self._replicas)


class Leg:
    """What takes the steps of a run in one of its phases.

    Attributes
    ----------
    run
        The run with the settings in force.
    first, end
        The steps at which this leg begins, and the next one; -1 for none.
    """

    def __init__(self, race: Race, whole: RaceRun, phase: Phase[RaceRun], end: int, replicas: int) -> None:
        self.run, self.first, self.end = phase.run, phase.first, end
        self._phase, self._seen = phase, samples_before(whole, phase.first, race)
        self._cost = cost_of(phase.run, race)
        self._slopes = Slopes(race, phase.run, replicas, phase.first, self._seen)
        self._schedule = phase.schedule(race.steps)

    def paths(self, points: Array, before: Paths | None = None, rates: Array | None = None) -> Paths:
        """Return paths of these settings at `points` (K, 2), which go on from those of the leg before.

        `rates` (K,) replace the learning rate that the run begins with, path by path.
        """
        own = None if "optimizer" in self._phase.named else rates
        paths = Paths(self.run.optimizer, points, own, self.run.clip)
        if before and before.optimizer.key == self.run.optimizer.key:
            paths.go_on_from(before)
        return paths

    def samples_before(self, step: int) -> int:
        """Return how many gradients the run has cost before the step from `step`."""
        return self._seen + (step - self._phase.first) * self._cost

    def time(self, step: int) -> int:
        """Return the optimizer's own number for the step from `step`: 1 for the first with its rule."""
        return step + 1 - self._phase.rule_first

    def advance(
        self, step: int, paths: Paths, gradients: Array, exact: Array | None = None, work: Array | None = None
    ) -> None:
        """Take the step from `step`; `gradients` (K, 2) are written, the others are as for :meth:`Slopes.at`."""
        self._slopes.at(step, paths.points, gradients, exact, work)
        paths.step(gradients, self.time(step), self._schedule.factor(step - self._phase.schedule_first))


def rate_at(race: Race, run: RaceRun, step: int) -> float:
    """Return the learning rate with which a run is updated from `step`."""
    phase = updated_in(run, step)
    factor = phase.schedule(race.steps).factor(step - phase.schedule_first)
    return float(phase.run.optimizer.learning_rate * factor)


def legs(race: Race, run: RaceRun, replicas: int) -> list[Leg]:
    """Return the legs of a run, in their order; one at least, and none without a step."""
    found = phases(run)
    ends = [*(phase.first for phase in found[1:]), -1]
    return [
        Leg(race, run, phase, end, replicas) for phase, end in zip(found, ends, strict=True) if end != phase.first
    ]


class Descent:
    """Points (K, 2) that descend as a run says, change by change; the draws are those of the first descent.

    Parameters
    ----------
    rates : (K,), optional
        A learning rate for each point in place of the one that the run begins with.
    """

    def __init__(self, race: Race, run: RaceRun, points: Array, rates: Array | None = None) -> None:
        self._rest = iter(legs(race, run, 1))
        self._leg = next(self._rest)
        self._rates = rates
        self._paths = self._leg.paths(points, rates=rates)

    @property
    def points(self) -> Array:
        """Where they are; changed in place."""
        return self._paths.points

    def advance(self, step: int, gradients: Array, exact: Array | None = None, work: Array | None = None) -> None:
        """Take the step from `step`, the steps one after the other; the rest is as for :meth:`Leg.advance`."""
        if step == self._leg.end:
            self._leg = next(self._rest)
            self._paths = self._leg.paths(self._paths.points, self._paths, self._rates)
        self._leg.advance(step, self._paths, gradients, exact, work)
