"""Races: an experiment of kind ``race`` becomes a simulation."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gradsim.engine.parameters import ParameterError
from gradsim.engine.paths import Paths
from gradsim.engine.stationary import Stationary, stationary_points
from gradsim.engine.surfaces import Surface
from gradsim.engine.types import Array
from gradsim.sim.draws import Batches, noise, starts
from gradsim.sim.race_spec import Race, RaceRun
from gradsim.sim.tape import Channel, Divergence, Layout, State, Values

QUANTITIES = ("x", "y", "value", "distance", "grad_norm", "samples")
"""What is measured of each descent: where it is, f there, how far the nearest minimum is, |grad f|, and the
gradients it has cost so far (of single samples, where f is a mean over samples)."""

VECTORS = ("gradient", "momentum", "scaled", "move")
"""The step that is to be taken, apart: the gradient it is taken with, what of earlier gradients goes in, the
gradient after its components were scaled, and the step itself. NaN where an optimizer has no such thing."""

FAR = 1e6
"""Diagonals of the window: a coordinate beyond so many has diverged."""


def minima(surface: Surface) -> list[Stationary]:
    """Return the minima in a surface's window, the lowest first."""
    return [point for point in stationary_points(surface) if point.kind == "minimum"]


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


class Slopes:
    """The gradients that a run takes its steps with.

    They are those of the surface, or of each step's batch of samples, with the
    step's noise added. With `replicas` 1, any number of points shares the draws
    of the first descent.
    """

    def __init__(self, experiment: Race, run: RaceRun, replicas: int) -> None:
        self._experiment, self._replicas = experiment, replicas
        self._surface = experiment.surface
        count = self._surface.samples_of
        self.batch = count if run.batch_size == "all" else int(run.batch_size)
        self._batches = Batches(experiment.seed, replicas, count, self.batch) if self.batch < count else None

    @property
    def cost(self) -> int:
        """Gradients of single samples in a step; 1 where there are no samples."""
        return self.batch or 1

    @property
    def exact(self) -> bool:
        """Whether they are the surface's own."""
        return self._batches is None and not self._experiment.noise

    def at(self, step: int, points: Array, out: Array, work: Array | None = None) -> None:
        """Write the gradients at `points` (K, 2) that the step after `step` is taken with into `out` (K, 2)."""
        if self._batches:
            self._surface.gradient_on(points, self._batches.at(step), out)
        else:
            self._surface.gradient_into(points, out, work)
        if self._experiment.noise:
            out += self._experiment.noise * noise(self._experiment.seed, step, self._replicas)


class _Racing:
    """One run: its descents as they are, and as they will be after the step that is prepared."""

    def __init__(self, experiment: Race, index: int) -> None:
        run = experiment.runs[index]
        self.index = index
        first = starts(experiment.start, experiment.spread, experiment.seed, experiment.replicas)
        self.now = Paths(run.optimizer, first, clip=run.clip)
        self._next = Paths(run.optimizer, first.copy(), clip=run.clip)
        self.slopes = Slopes(experiment, run, experiment.replicas)
        self._schedule = run.schedule.over(experiment.steps)
        self.gradients = np.empty_like(first)
        self._gone = np.zeros(len(first), bool)
        self._far = FAR * diagonal(experiment.surface)

    def prepare(self, step: int) -> npt.NDArray[np.bool_]:
        """Work out the step after `step`; tell which descents have diverged: they stay where they are."""
        self.slopes.at(step, self.now.points, self.gradients)
        self._next.copy_from(self.now)
        self._next.step(self.gradients, step + 1, self._schedule.factor(step))
        points = self._next.points
        near = np.abs(points) <= self._far  # false for NaN
        gone: npt.NDArray[np.bool_] = np.logical_not(near.all(axis=1))
        np.copyto(points, self.now.points, where=gone[:, None])
        self._gone = gone
        return gone

    def vectors(self, step: int) -> Array:
        """Return the parts of the step that is prepared: (VECTORS, 2, replicas)."""
        move = self._next.points - self.now.points
        move[self._gone] = np.nan
        parts = self.now.optimizer.parts(self.gradients, move, self._next.state, self._next.hyper, step + 1)
        missing = np.full_like(move, np.nan)
        vectors = (self.gradients, parts.momentum, parts.scaled, move)
        return np.stack([missing if vector is None else vector for vector in vectors]).swapaxes(1, 2)

    def advance(self) -> None:
        """Take the step that is prepared."""
        self.now, self._next = self._next, self.now


class Racer:
    """The simulation of a race.

    A descent that leaves the finite numbers, or the window by far, stays where
    it was last; a run whose descents have all done so has diverged.
    """

    def __init__(self, experiment: Race) -> None:
        self.experiment = experiment
        self.steps = experiment.steps
        self.step = 0
        self.diverged: list[Divergence] = []
        self.layout = Layout(self._channels(), experiment.replicas)
        self.state_dtype = np.dtype(np.float64)
        sizes = [2 * experiment.replicas * (1 + len(run.optimizer.kept)) for run in experiment.runs]
        ends = np.cumsum(sizes).tolist()
        self._places = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
        self.state_size = ends[-1]
        self._racing = [_Racing(experiment, i) for i in range(len(experiment.runs))]
        self._gone: set[int] = set()

    def _channels(self) -> list[Channel]:
        runs = range(len(self.experiment.runs))
        return [
            *(Channel(i, name, 0) for i in runs for name in QUANTITIES),
            *(Channel(i, name, 2) for i in runs for name in VECTORS),
        ]

    def points(self, index: int) -> Array:
        """Return where the descents of a run are, (replicas, 2)."""
        return self._racing[index].now.points.copy()

    def measure(self) -> Values:
        row = np.full((self.layout.channels, self.layout.replicas), np.nan)
        with np.errstate(all="ignore"):
            for racing in self._racing:
                if racing.index not in self._gone:
                    self._measure_run(racing, row)
        return row

    def _measure_run(self, racing: _Racing, row: Values) -> None:
        gone, index, points = racing.prepare(self.step), racing.index, racing.now.points
        surface, layout = self.experiment.surface, self.layout
        exact = racing.slopes.exact
        gradient = racing.gradients.T if exact else surface.gradient(points[:, 0], points[:, 1])
        measured = (
            points[:, 0],
            points[:, 1],
            surface.value(points[:, 0], points[:, 1]),
            distance_to_minimum(surface, points),
            np.hypot(*gradient),
            self.step * racing.slopes.cost,
        )
        for name, values in zip(QUANTITIES, measured, strict=True):
            row[layout.place(index, name)] = values
        for name, vectors in zip(VECTORS, racing.vectors(self.step), strict=True):
            row[layout.place(index, name)] = vectors
        if gone.all():
            self._gone.add(index)
            self.diverged.append(Divergence(index, self.step, "", 0))

    def advance(self) -> None:
        self.step += 1
        for racing in self._racing:
            if racing.index not in self._gone:
                racing.advance()

    def save(self, state: State) -> None:
        state.fill(np.nan)
        for racing, place in zip(self._racing, self._places, strict=True):
            if racing.index not in self._gone:
                state[place] = np.concatenate([array.ravel() for array in racing.now.arrays()])

    def restore(self, step: int, state: State) -> None:
        """Go to `step`; runs whose saved points are NaN have diverged before it."""
        self.step, self._gone = step, set()
        for racing, place in zip(self._racing, self._places, strict=True):
            arrays = racing.now.arrays()
            if np.isnan(state[place][0]):
                self._gone.add(racing.index)
            for array, values in zip(arrays, state[place].reshape(len(arrays), *arrays[0].shape), strict=True):
                np.copyto(array, values)


def check_race(experiment: Race) -> None:
    """Check what only the surface can tell.

    Raises
    ------
    ParameterError
        For a start where the surface has no value or no slope, or a batch larger than the samples there are.
    """
    surface = experiment.surface
    values = [surface.value(*experiment.start), *surface.gradient(*experiment.start)]
    if not np.isfinite(values).all():
        x, y = experiment.start
        raise ParameterError("start", f"f or its slope has no finite value at ({x:g}, {y:g}); choose another place")
    for i, run in enumerate(experiment.runs):
        if run.batch_size != "all" and int(run.batch_size) > surface.samples_of:
            raise ParameterError(
                f"runs[{i}].batch_size",
                f"{run.batch_size} is more than the {surface.samples_of} samples there are; "
                f"a whole number from 1 to {surface.samples_of} or 'all' is allowed",
            )
