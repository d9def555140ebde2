"""The loss around the paths of real networks, on the plane in which these move most.

The states of a run that the tape keeps are points in the space of all its weights and biases. Their two principal
directions (PCA) span a plane, which is laid through the end of the path. Most of the movement may lie in it and the
loss on it may still be another one than the network's own, for that stands beside the plane: both are told. Li, Xu,
Taylor, Studer, Goldstein 2018; Antognini, Sohl-Dickstein 2018.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from gradsim.engine.data import Samples, Split
from gradsim.engine.nn.many_losses import ManyLosses
from gradsim.engine.nn.network import Model, parameter_count
from gradsim.engine.surfaces import Bounds
from gradsim.engine.types import Array, Indices
from gradsim.sim.kinds.train.dimensions import layer_sizes, state_places, targets
from gradsim.sim.kinds.train.spec import Train, TrainRun
from gradsim.sim.run.changes import measured_in, phases
from gradsim.sim.run.tape import Keyframes, Steps
from gradsim.words.numbers import figure, share
from gradsim.words.sentences import Span, Wording

FEWEST = 3
"""So many different states span a plane."""
TRUE_WITHIN = 0.1
"""The slice tells the loss of a state if it differs from the true one by no more than this share."""
MOST_SAMPLES = 2000
"""The loss is the mean over the training set, of a larger one over so many samples spread over it."""
MOST_STATES = 128
"""Of about so many states of a path the losses are computed; the plane is that of all."""
SIDE, STAGES = 101, (4, 2, 1)
"""Points along each side of the grid, and every how many of them are computed in turn: from coarse to fine."""

_MARGIN = 0.3
"""How much of the path's width and height is shown around it on each side, at least."""
_NEWS_S = 0.1
"""How long a study computes between two results that differ."""


@dataclass(frozen=True)
class Slice:
    """A plane in the space of all parameters.

    Attributes
    ----------
    origin : (P,)
        The point with the coordinates 0, 0.
    directions : (2, P)
        Unit vectors at right angles.
    shares : (2,)
        The shares of the movement's variance along each.
    """

    origin: Array
    directions: Array
    shares: Array

    def places(self, points: Array) -> Array:
        """Return the coordinates (n, 2) of points (n, P), projected onto the plane."""
        return np.asarray((points - self.origin) @ self.directions.T)

    def points(self, places: Array) -> Array:
        """Return the points (n, P) of coordinates (n, 2)."""
        return np.asarray(self.origin + places @ self.directions)

    def share_of_moves(self, paths: Sequence[Array]) -> float:
        """Return the share of the squared lengths of the moves along paths, each (n, P), that lies in the plane."""
        moves = np.concatenate([np.diff(path, axis=0) for path in paths])
        moves /= np.abs(moves).max()
        return float(np.sum((moves @ self.directions.T) ** 2) / np.sum(moves**2))


def principal_slice(points: Array, origin: Array) -> Slice:
    """Return the plane through `origin` along the two principal directions of points (n, P)."""
    moved = points - points.mean(axis=0)
    moved /= np.abs(moved).max()  # the squares of the largest numbers would be none
    _, sizes, directions = np.linalg.svd(moved, full_matrices=False)
    signs = np.sign((points[-1] - points[0]) @ directions[:2].T)
    signs[signs == 0.0] = 1.0
    variances = sizes**2
    return Slice(origin, signs[:, None] * directions[:2], variances[:2] / variances.sum())


@dataclass(frozen=True)
class Track:
    """The states of one run on the plane.

    Attributes
    ----------
    steps : (n,)
        Those of the states.
    places : (n, 2)
        Where their projections are.
    true, sliced : (n,)
        The loss of each state, and that of its projection.
    """

    run: int
    steps: Steps
    places: Array
    true: Array
    sliced: Array

    @property
    def errors(self) -> Array:
        """By which share the loss on the slice misses the true one, (n,); inf where either is no number."""
        with np.errstate(all="ignore"):
            found = np.abs(self.sliced - self.true) / self.true
        return np.where(self.sliced == self.true, 0.0, np.where(np.isfinite(found), found, np.inf))

    @property
    def is_true(self) -> npt.NDArray[np.bool_]:
        """Where the slice tells the loss, (n,)."""
        return np.asarray(self.errors <= TRUE_WITHIN)

    def at(self, step: int) -> int:
        """Return which state is the last at or before a step, the first if there is none."""
        return max(0, int(np.searchsorted(self.steps, step, side="right")) - 1)


@dataclass(frozen=True)
class Landscape:
    """The loss on a plane around paths, as far as it is computed.

    Attributes
    ----------
    shares : (2,)
        Of the movement's variance along the first and the second direction.
    moves
        The share of the squared lengths of the moves from state to state that lies in the plane. Noise of single
        steps, which is at right angles to the plane, cancels over several: the farther states are apart, the larger.
    apart
        So many steps lie between two states.
    x, y : (m,)
        The grid.
    losses : (m, m)
        Rows are at equal y; empty before the coarsest grid is there.
    done
        The share of the finest grid that is computed.
    samples, of
        Over so many samples of so many the loss is the mean.
    weights
        P, weights and biases.
    """

    shares: Array
    moves: float
    apart: int
    tracks: tuple[Track, ...]
    x: Array
    y: Array
    losses: Array
    done: float
    samples: int
    of: int
    weights: int

    @property
    def errors(self) -> Array:
        """By which share the slice misses the true loss, at the states of all paths."""
        return np.concatenate([track.errors for track in self.tracks])


@dataclass(frozen=True)
class TooFew:
    """There are so many different states, and they span no plane."""

    states: int


def kin(experiment: Train, run: int, step: int) -> tuple[int, ...]:
    """Return the runs whose networks at `step` have the same loss as those of `run` if they have the same weights."""
    keys = [_loss_of_weights(measured_in(each, step).run) for each in experiment.runs]
    return tuple(index for index, key in enumerate(keys) if key == keys[run])


def _loss_of_weights(run: TrainRun) -> Hashable:
    """Return what decides which loss a network has that has some weights."""
    return run.hidden, run.activation, run.output, run.loss


def since(run: TrainRun, step: int) -> int:
    """Return the step since which a run's networks have the same loss of the same weights as at `step`."""
    present, found = _loss_of_weights(measured_in(run, step).run), 0
    for phase, following in pairwise(phases(run)):
        if following.first < step and _loss_of_weights(phase.run) != present:
            found = following.first
    return found


def subset(samples: Samples) -> Samples:
    """Return the samples over which losses are means: all, or as many as that, evenly spread."""
    rows = np.linspace(0, len(samples) - 1, min(len(samples), MOST_SAMPLES)).round().astype(int)
    return Samples(samples.x[rows], samples.y[rows])


def samples_for(run: TrainRun, data: Split) -> Samples:
    """Return the samples of the training set over which losses of a run are means."""
    return subset(Samples(data.train.x, targets(run, data, data.train)))


def losses_of(run: TrainRun, data: Split, samples: Samples) -> ManyLosses:
    """Return what computes losses on samples for the networks of a run."""
    return ManyLosses(layer_sizes(run, data), Model(run.activation, run.output, run.loss), samples)


def states_of(experiment: Train, data: Split, keyframes: Keyframes, run: int, replica: int) -> tuple[Steps, Array]:
    """Return the steps (n,) and parameters (n, P) of one replica that the tape keeps, up to where it diverged."""
    count = parameter_count(layer_sizes(experiment.runs[run], data))
    start = state_places(experiment, data)[run].start + replica * count
    points = np.asarray(keyframes.states[:, start : start + count], np.float64)
    known = np.isfinite(points).all(axis=1)
    return keyframes.steps[known], points[known]


def thinned(count: int) -> Indices:
    """Return which of so many states are shown: every so many of them, and the last."""
    every = -(-count // MOST_STATES)
    return np.append(np.arange(0, count - 1, every), count - 1)


def window_of(places: Array, aspect: float) -> Bounds:
    """Return what is shown around places (n, 2), at one scale, so many times as wide as high."""
    low, high = places.min(axis=0), places.max(axis=0)
    across, up = (1.0 + 2.0 * _MARGIN) * (high - low) / 2.0
    across = max(across, aspect * up)
    (x, y), up = (low + high) / 2.0, across / aspect
    return float(x - across), float(x + across), float(y - up), float(y + up)


def landscape(
    experiment: Train, keyframes: Keyframes, runs: Sequence[int], replica: int, aspect: float
) -> Iterator[Landscape | TooFew | None]:
    """Compute the loss around the paths of one replica of runs that are kin, on a grid so many times as wide as high.

    It yields every few milliseconds, None before the coarsest grid is there.
    """
    data = experiment.data.load()
    first = max(since(experiment.runs[run], int(keyframes.steps[-1])) for run in runs)
    is_seen = keyframes.steps >= first
    seen = Keyframes(keyframes.steps[is_seen], keyframes.states[is_seen])
    states = {run: states_of(experiment, data, seen, run, replica) for run in runs}
    states = {run: found for run, found in states.items() if len(found[0])}
    every = np.concatenate([points for _, points in states.values()] or [np.empty((0, 0))])
    different = len(np.unique(every, axis=0)) if len(every) else 0
    if different < FEWEST:
        yield TooFew(different)
        return
    yield None
    ends = np.array([points[-1] for _, points in states.values()])
    plane = principal_slice(every, ends.mean(axis=0))
    present = measured_in(experiment.runs[runs[0]], int(keyframes.steps[-1])).run
    losses = losses_of(present, data, samples_for(present, data))
    tracks = []
    for run, (steps, points) in states.items():
        kept = thinned(len(steps))
        steps, points = steps[kept], points[kept]
        true = yield from computed(losses, points)
        places = plane.places(points)
        sliced = yield from computed(losses, plane.points(places))
        tracks.append(Track(run, steps, places, true, sliced))
    x0, x1, y0, y1 = window_of(np.concatenate([track.places for track in tracks]), aspect)
    moves = plane.share_of_moves([points for _, points in states.values()])
    apart = max(int(np.diff(steps).max(initial=1)) for steps, _ in states.values())
    known = Landscape(
        plane.shares, moves, apart, tuple(tracks), np.linspace(x0, x1, SIDE), np.linspace(y0, y1, SIDE),
        np.empty((0, 0)), 0.0, min(len(data.train), MOST_SAMPLES), len(data.train), every.shape[1],
    )  # fmt: skip
    yield from _grids(known, plane, losses)


def computed(losses: ManyLosses, points: Array) -> Generator[None, None, Array]:
    """Return the losses of points, a pass at a time."""
    found: list[Array] = [np.empty(0)]
    for start in range(0, len(points), losses.at_once):
        found.append(losses.at(points[start : start + losses.at_once]))
        yield None
    return np.concatenate(found)


def _grids(known: Landscape, plane: Slice, losses: ManyLosses) -> Iterator[Landscape | None]:
    """Compute the loss on the grid, from coarse to fine; what is known of a coarser one is kept."""
    x, y = known.x, known.y
    values = np.full((SIDE, SIDE), np.nan)
    is_known, found, told = np.zeros((SIDE, SIDE), bool), None, time.perf_counter()
    for every in STAGES:
        due = np.zeros_like(is_known)
        due[::every, ::every] = True
        rows, columns = np.nonzero(due & ~is_known)
        for start in range(0, len(rows), losses.at_once):
            at = rows[start : start + losses.at_once], columns[start : start + losses.at_once]
            values[at] = losses.at(plane.points(np.stack([x[at[1]], y[at[0]]], axis=1)))
            is_known[at] = True
            if found and time.perf_counter() - told > _NEWS_S:
                found, told = replace(found, done=float(is_known.mean())), time.perf_counter()
            yield found
        found = replace(known, x=x[::every], y=y[::every], losses=values[::every, ::every].copy(),
                        done=float(is_known.mean()))  # fmt: skip
        yield found


# Words


def landscape_sentence(found: Landscape, names: Sequence[str], w: Wording) -> list[Span]:
    """Say how much of the movement the plane holds, and how far its loss is from the true one."""
    run = found.tracks[0].run if len(found.tracks) == 1 else None
    errors = found.errors
    worst = float(errors.max())
    if w.brevity > 2:
        text = w.tr("[{share}] of the movement in the plane; the loss up to [{worst}] off")
        brief = w.fill(text, run, share=share(float(found.shares.sum())), worst=percent(worst))
        return w.sentence(brief, names)
    held = w.fill(w.tr("the plane holds [{share}] of the movement"), run, share=share(float(found.shares.sum())))
    if worst < 0.01:
        missed = w.fill(w.tr("the slice misses the true loss by less than [1 %]"), run)
    elif worst <= TRUE_WITHIN:
        missed = w.fill(w.tr("the slice misses the true loss by at most [{worst}]"), run, worst=percent(worst))
    else:
        half = float(np.sort(errors)[(len(errors) - 1) // 2])
        text = w.tr("its loss is within [{half}] of the true one at half of the states, at worst [{worst}] off")
        missed = w.fill(text, run, half=percent(half), worst=percent(worst))
    single = found.apart == 1
    text = w.tr("of single steps it holds [{share}]" if single else "of moves of {n} steps it holds [{share}]")
    moved = w.fill(text, run, n=str(found.apart), share=share(found.moves))
    return w.sentence(w.clauses([held, missed, moved]), names)


def percent(value: float) -> str:
    """Return a share that may be more than all in per cent."""
    return share(value) if value < 0.99 else f"{figure(100.0 * value)} %".replace(".0 %", " %")
