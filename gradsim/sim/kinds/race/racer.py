"""Races: an experiment of kind ``race`` becomes a simulation."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

import numpy as np
import numpy.typing as npt

from gradsim.engine.surfaces import Surface
from gradsim.engine.surfaces.stationary import StationaryPoint, stationary_points
from gradsim.engine.types import Array
from gradsim.schema.errors import Name, Phrase
from gradsim.schema.parameters import ParameterError
from gradsim.sim.kinds.race.legs import legs
from gradsim.sim.kinds.race.spec import Race
from gradsim.sim.run.changes import phases
from gradsim.sim.run.draws import starts
from gradsim.sim.run.tape import Channel, Divergence, Layout, State, Values

QUANTITIES = ("x", "y", "value", "distance", "grad_norm", "samples")
"""What is measured of each descent: where it is, f there, how far the nearest minimum is, |grad f|, and the
gradients it has cost so far (of single samples, where f is a mean over samples)."""

VECTORS = ("gradient", "momentum", "scaled", "move")
"""The parts of the next step: the gradient it is computed from, the share of earlier gradients in it, the gradient
after its components were scaled, and the step itself. NaN where an optimizer has no such part. At the step of a
change they belong to the new settings, with which the step is taken; QUANTITIES are not affected."""

_ACROSS = 101
"""Points on each side of the grid on which a surface is searched for values lower than its minima."""

FAR = 1e6
"""A descent has diverged when a coordinate is more than this many window diagonals from the middle."""


def minima(surface: Surface) -> list[StationaryPoint]:
    """Return the minima in a surface's window, the lowest first."""
    return [point for point in stationary_points(surface) if point.kind == "minimum"]


@lru_cache(maxsize=64)
def lowest_value(surface: Surface) -> float | None:
    """Return f at the lowest minimum in the window; None where there is none, or f is lower elsewhere in it."""
    known = minima(surface)
    if not known:
        return None
    x0, x1, y0, y1 = surface.window
    x, y = np.meshgrid(np.linspace(x0, x1, _ACROSS), np.linspace(y0, y1, _ACROSS))
    with np.errstate(all="ignore"):
        values = surface.value(x, y)
    values = values[np.isfinite(values)]
    rounding = 1e-9 * np.abs(values).max(initial=0.0)
    return known[0].value if values.min(initial=np.inf) >= known[0].value - rounding else None


def lowest_values(race: Race) -> list[float] | None:
    """Return f at the lowest minimum of each run's surface; None where one of them has none, see lowest_value."""
    found = [lowest_value(surface) for surface in race.surfaces]
    known = [value for value in found if value is not None]
    return known if len(known) == len(found) else None


def distance_to_minimum(surface: Surface, points: Array) -> Array:
    """Return how far points (K, 2) are from the nearest minimum in the window; NaN where it has none."""
    known = minima(surface)
    if not known:
        return np.full(len(points), np.nan)
    away = [np.hypot(points[:, 0] - point.x, points[:, 1] - point.y) for point in known]
    return np.asarray(np.min(away, axis=0))


def diagonal(surface: Surface) -> float:
    """Return the length of the window's diagonal."""
    x0, x1, y0, y1 = surface.window
    return float(np.hypot(x1 - x0, y1 - y0))


def middle(surface: Surface) -> Array:
    """Return the middle of the window, (2,)."""
    x0, x1, y0, y1 = surface.window
    return np.array([(x0 + x1) / 2.0, (y0 + y1) / 2.0])


def bounds(surface: Surface) -> tuple[Array, Array]:
    """Return the lowest and the highest coordinates, (2,) each, within which a descent has not diverged."""
    reach = FAR * diagonal(surface)
    return middle(surface) - reach, middle(surface) + reach


def are_near(points: Array, bounds: tuple[Array, Array]) -> npt.NDArray[np.bool_]:
    """Tell which points (K, 2) are within bounds; NaN is not."""
    low, high = bounds
    return np.asarray(((points >= low) & (points <= high)).all(axis=1))


class RunState:
    """The descents of one run, before and after the step that is being prepared.

    At the step of a change they switch to the new settings: the step prepared there is the first with them.

    Attributes
    ----------
    now
        The descents at the present step.
    gone, leaving : (replicas,)
        Which descents have diverged, and which will have after the prepared step. These stay where they were last.
    """

    def __init__(self, experiment: Race, index: int, now: Array, following: Array) -> None:
        self.index = index
        self._legs = legs(experiment, experiment.runs[index], experiment.replicas)
        self.leg = self._legs[0]
        self.now, self._next = self.leg.paths(now), self.leg.paths(following)
        self.gone = np.zeros(len(now), bool)
        self.leaving = self.gone
        self._gradients = np.empty_like(now)
        self._bounds = bounds(experiment.surfaces[index])
        self.state_size = (1 + max(len(leg.run.optimizer.used_state) for leg in self._legs)) * now.size + len(now)

    @property
    def diverged(self) -> bool:
        """Whether all descents have diverged."""
        return bool(self.gone.all())

    def prepare(self, step: int, exact: Array, vectors: Array) -> None:
        """Compute the step after `step` from the surface's gradients; write its parts into `vectors`.

        These are (VECTORS, 2, replicas): all NaN for descents that are gone, and no move for those that leave.
        """
        self._next.copy_from(self.now)
        if self.diverged:
            return
        self.leg.advance(step, self._next, self._gradients, exact)
        move = self._next.points - self.now.points
        self.leaving = self.gone | ~are_near(self._next.points, self._bounds)
        np.copyto(self._next.points, self.now.points, where=self.leaving[:, None])
        move[self.leaving] = np.nan
        last, t = self._next, self.leg.time(step)
        parts = last.optimizer.update_parts(self.now.points, last.clipped, move, last.state, last.hyper, t)
        for to, part in zip(vectors, (self._gradients, parts.momentum, parts.scaled, move), strict=True):
            if part is not None:
                to[:] = part.T
        vectors[..., self.gone] = np.nan

    def advance(self, step: int) -> None:
        """Take the step that is prepared, to `step`."""
        self.now, self._next, self.gone = self._next, self.now, self.leaving
        if step == self.leg.end:
            self._switch_leg(step)

    def _switch_leg(self, step: int) -> None:
        """Switch to the settings with which the update from `step` is taken."""
        self.leg = [leg for leg in self._legs if leg.first <= step][-1]
        self.now, self._next = self.leg.paths(self.now.points, self.now), self.leg.paths(self._next.points)

    def save(self, state: State) -> None:
        """Write what the next steps depend on into `state` (state_size,)."""
        arrays, replicas = self.now.arrays(), len(self.gone)
        values = np.concatenate([array.ravel() for array in arrays])
        state[: len(values)], state[len(values) : -replicas], state[-replicas:] = values, np.nan, self.gone

    def restore(self, step: int, state: State) -> None:
        """Go back to `step`, where :meth:`save` wrote `state`."""
        self._switch_leg(step)
        arrays, replicas = self.now.arrays(), len(self.gone)
        count = len(arrays) * self.now.points.size
        for array, values in zip(arrays, state[:count].reshape(len(arrays), replicas, 2), strict=True):
            np.copyto(array, values)
        self.gone = self.leaving = state[-replicas:] != 0.0


class Racer:
    """The simulation of a race.

    A descent whose point is no longer finite, or far out of the window (FAR), has
    diverged and stays where it was last; so has a run when all its descents have.
    """

    def __init__(self, experiment: Race) -> None:
        self.experiment = experiment
        self.steps = experiment.steps
        self.step = 0
        self.diverged: list[Divergence] = []
        runs = range(len(experiment.runs))
        self.layout = Layout(
            [
                *(Channel(i, name, 0) for name in QUANTITIES for i in runs),
                *(Channel(i, name, 2) for name in VECTORS for i in runs),
            ],
            experiment.replicas,
        )
        self.state_dtype = np.dtype(np.float64)
        first = starts(experiment.start, experiment.spread, experiment.seed, experiment.replicas)
        # The points of all runs lie together, so that a surface is evaluated once for several.
        self._parts_on_surfaces = parts_on_surfaces(experiment)
        self._now = np.tile(first, (len(runs), 1, 1))
        self._next = self._now.copy()
        self._exact = np.empty_like(self._now)
        self._run_states = [RunState(experiment, i, self._now[i], self._next[i]) for i in runs]
        self.state_size = sum(run_state.state_size for run_state in self._run_states)

    def points(self, index: int) -> Array:
        """Return where the descents of a run are, (replicas, 2)."""
        return self._run_states[index].now.points.copy()

    def pass_unmeasured(self) -> bool:
        """Never: the next points come of what is measured."""
        return False

    def measure(self) -> Values:
        runs, replicas = len(self._run_states), self.layout.replicas
        row = np.full((self.layout.channels, replicas), np.nan)
        split = len(QUANTITIES) * runs
        with np.errstate(all="ignore"):
            self._measure_places(row[:split].reshape(len(QUANTITIES), runs, replicas))
            self._prepare(row[split:].reshape(len(VECTORS), runs, 2, replicas))
        return row

    def _measure_places(self, out: Values) -> None:
        """Write QUANTITIES into `out` (QUANTITIES, runs, replicas)."""
        for runs, surface in self._parts_on_surfaces:
            points, gradients = self._now[runs].reshape(-1, 2), self._exact[runs].reshape(-1, 2)
            surface.gradient_into(points, gradients)
            x, y = points.T
            exact = np.hypot(gradients[:, 0], gradients[:, 1])
            measured = (x, y, surface.value(x, y), distance_to_minimum(surface, points), exact)
            for to, values in zip(out[:, runs], measured, strict=False):
                to[:] = values.reshape(to.shape)
        for run_state in self._run_states:
            out[-1, run_state.index] = run_state.leg.samples_before(self.step)
            if run_state.diverged:
                out[:, run_state.index] = np.nan

    def _prepare(self, out: Values) -> None:
        """Prepare the next step, and write VECTORS into `out` (VECTORS, runs, 2, replicas)."""
        for run_state in self._run_states:
            run_state.prepare(self.step, self._exact[run_state.index], out[:, run_state.index])
            if run_state.leaving.all() and not run_state.diverged:
                self.diverged.append(Divergence(run_state.index, self.step, -1, 0))

    def advance(self) -> None:
        self.step += 1
        self._now, self._next = self._next, self._now
        for run_state in self._run_states:
            run_state.advance(self.step)

    def save(self, state: State) -> None:
        for run_state, part in self._parts(state):
            run_state.save(part)

    def restore(self, step: int, state: State) -> None:
        """Go to `step`, whose state :meth:`save` wrote."""
        self.step = step
        for run_state, part in self._parts(state):
            run_state.restore(step, part)

    def _parts(self, state: State) -> Iterator[tuple[RunState, State]]:
        """Yield each run and its part of a state."""
        start = 0
        for run_state in self._run_states:
            yield run_state, state[start : start + run_state.state_size]
            start += run_state.state_size


def parts_on_surfaces(race: Race) -> list[tuple[slice, Surface]]:
    """Return the surfaces, each with the runs on it that follow each other."""
    found, first = [], 0
    for surface, members in groupby(race.surfaces):
        end = first + len(list(members))
        found.append((slice(first, end), surface))
        first = end
    return found


def check_race(experiment: Race) -> None:
    """Check what only the surfaces can tell.

    Raises
    ------
    ParameterError
        For a start where the surface has no value or no slope, or a batch larger than the samples there are.
    """
    for surface in dict.fromkeys(experiment.surfaces):
        values = [surface.value(*experiment.start), *surface.gradient(*experiment.start)]
        if not np.isfinite(values).all():
            x, y = experiment.start
            template = "f or its slope has no finite value at ({x}, {y}); choose another place"
            raise ParameterError("start", Phrase(template, x=f"{x:g}", y=f"{y:g}"))
    for i, (run, surface) in enumerate(zip(experiment.runs, experiment.surfaces, strict=True)):
        for phase in phases(run):
            batch = phase.run.batch_size
            if batch != "all" and int(batch) > surface.sample_count:
                raise ParameterError(
                    f"{phase.path(f'runs[{i}]')}.batch_size",
                    Phrase(
                        "{batch} is more than the {count} samples there are; "
                        "a whole number from 1 to {count} or {all} is allowed",
                        batch=str(batch),
                        count=str(surface.sample_count),
                        all=Name("'all'", "all"),
                    ),
                )
