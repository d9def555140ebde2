"""Is it convex? Where surfaces curve down, what chords say of it, and how many descents arrive.

A function is convex where no eigenvalue of its Hessian is negative; then no chord of it lies below it anywhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gradsim.engine.suited_rates import suited_rate
from gradsim.engine.surfaces import Point, Surface
from gradsim.engine.types import Array
from gradsim.sim.kinds.race.arrival import TOLERANCE
from gradsim.sim.kinds.race.legs import Descent
from gradsim.sim.kinds.race.racer import are_near, bounds, lowest_value, minima
from gradsim.sim.kinds.race.spec import Race
from gradsim.words.numbers import share as percent
from gradsim.words.sentences import Span, Wording

SIDE = 201
"""Places along each side of the window at which the curvature is computed."""
STARTS = 12
"""Starts along each side of the window, in the middles of as many equal cells."""
MOST_RECORDS = 300
"""Of a path at most so many places are kept."""
ON_CHORD = 401
"""Places on a chord at which it is compared with the function."""

_ROUNDING = 1e-12
"""Curvatures, as shares of the Hessian's entries, and heights, as shares of those compared, that count as 0."""
_ROWS, _PAUSE_S = 8, 0.002
_FEW = 3
"""Of more minima, only the lowest are joined by a chord."""


def curvature(surface: Surface, x: Array, y: Array) -> Array:
    """Return the smallest eigenvalue of the Hessian as a share of the sum of its entries' magnitudes, from -1 to 1.

    It is 0 where it is 0 but for rounding, and NaN where there is none or the function has no value.
    """
    with np.errstate(all="ignore"):
        xx, xy, yy = surface.hessian(x, y)
        has_value = np.isfinite(surface.value(x, y))
        whole = np.abs(xx) + 2.0 * np.abs(xy) + np.abs(yy)
        scale = np.where(whole > 0.0, whole, 1.0)
        xx, xy, yy = xx / scale, xy / scale, yy / scale
        smallest = (xx + yy) / 2.0 - np.hypot((xx - yy) / 2.0, xy)
    smallest = np.where(np.abs(smallest) < _ROUNDING, 0.0, smallest)
    return np.asarray(np.where(has_value, smallest, np.nan))


def places(surface: Surface, count: int, in_cells: bool = False) -> tuple[Array, Array]:
    """Return x and y of a grid over the window, (count,) each: from edge to edge, or in the middles of cells."""
    x0, x1, y0, y1 = surface.window
    shares = (np.arange(count) + 0.5) / count if in_cells else np.linspace(0.0, 1.0, count)
    return x0 + (x1 - x0) * shares, y0 + (y1 - y0) * shares


class Chord(NamedTuple):
    """A function along a straight line, and the chord between its ends.

    Attributes
    ----------
    shares, values, heights : (n,)
        Places as shares of the way from the first end to the second, the function there, and the chord.
    rise
        By how much the function is above the chord at most; 0 where it nowhere is.
    at
        Where that is, as a share of the way.
    """

    shares: Array
    values: Array
    heights: Array
    rise: float
    at: float


def chord(surface: Surface, start: Point, end: Point, count: int = ON_CHORD) -> Chord:
    """Compare a function with the chord between two places. It is not convex where it is above any chord."""
    shares = np.linspace(0.0, 1.0, count)
    x, y = ((1.0 - shares) * one + shares * other for one, other in zip(start, end, strict=True))
    with np.errstate(all="ignore"):
        values = np.asarray(surface.value(x, y))
        heights = (1.0 - shares) * values[0] + shares * values[-1]
        above = values - heights
    known = np.where(np.isfinite(above), above, 0.0)
    highest = int(np.argmax(known))
    least = _ROUNDING * float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    rise = float(known[highest])
    return Chord(shares, values, heights, rise if rise > least else 0.0, float(shares[highest]))


def first_chord(race: Race) -> tuple[Point, Point]:
    """Return the ends of the chord that is shown at first: the first one that is crossed by one of the losses.

    It leads from the start to the lowest minimum, between two minima, or across the window; where no loss is above
    any of these, it is the first of them.
    """
    return _first_chord(race.surface, race.start)


@lru_cache(maxsize=64)
def _first_chord(surface: Surface, start: Point) -> tuple[Point, Point]:
    x0, x1, y0, y1 = surface.window
    x, y = (x0 + x1) / 2.0, (y0 + y1) / 2.0
    low = [(point.x, point.y) for point in minima(surface)[:_FEW]]
    chords = [(start, each) for each in low[:1]] + list(combinations(low, 2))
    chords += [((x0, y), (x1, y)), ((x, y0), (x, y1)), ((x0, y0), (x1, y1)), ((x0, y1), (x1, y0))]
    losses = surface.losses.values()
    crossed = (ends for ends in chords if any(chord(loss, *ends).rise > 0.0 for loss in losses))
    return next(crossed, chords[0])


@dataclass(frozen=True)
class Convexity:
    """What is known of a surface; its arrays never change.

    Parameters
    ----------
    name
        Of the loss, or of the function.
    curvature : (SIDE, SIDE)
        See :func:`curvature`, the lowest y first.
    share
        Of those places where it is known, those where it is negative.
    rate
        The learning rate of the descents.
    paths : (records, STARTS², 2)
        Where descents from a grid of starts were; NaN once they have diverged. None while it is not known.
    arrived : (STARTS²,)
        Which of them were at the lowest value at last, within TOLERANCE; None while that is not known, or there is
        no lowest value.
    """

    name: str
    surface: Surface
    curvature: Array
    share: float
    rate: float
    paths: Array | None = None
    arrived: npt.NDArray[np.bool_] | None = None


def alike(race: Race, run: int, as_suits: bool) -> Race:
    """Return the race without what the convexity of its run does not depend on: equal ones have equal results."""
    alone = race.alone(run)
    only = replace(alone.runs[0], label="")
    if as_suits:
        only = replace(only, optimizer=replace(only.optimizer, learning_rate=1.0))
    return replace(alone, runs=(only,), start=alone.surface.start, spread=0.0, replicas=1)


def rates_of(race: Race, run: int, as_suits: bool) -> list[float]:
    """Return the learning rate for each loss: the run's own, or the one that suits its optimizer on it."""
    optimizer = race.runs[run].optimizer
    own = float(optimizer.learning_rate)
    losses = race.surfaces[run].losses.values()
    return [suited_rate(surface, optimizer.key) if as_suits else own for surface in losses]


def convexity(race: Race, run: int, as_suits: bool) -> Iterator[tuple[Convexity, ...]]:
    """Yield what is known of each loss of a race's model every few milliseconds: curvatures first, then descents."""
    found: list[Convexity] = []
    rates = rates_of(race, run, as_suits)
    for (name, surface), rate in zip(race.surface.losses.items(), rates, strict=True):
        bends = np.empty((SIDE, SIDE))
        x, y = places(surface, SIDE)
        for first in range(0, SIDE, _ROWS):
            rows = slice(first, first + _ROWS)
            bends[rows] = curvature(surface, *np.meshgrid(x, y[rows]))
            yield ()
        bends.flags.writeable = False
        found.append(Convexity(name, surface, bends, _share_below(bends), rate))
    yield tuple(found)
    for i, each in enumerate(found):
        before = tuple(found)
        for paths in _descents(replace(race, surface=each.surface), run, each.rate):
            if paths is None:
                yield before
            else:
                found[i] = replace(each, paths=paths, arrived=_arrived(each.surface, paths[-1]))
                before = tuple(found)
    yield tuple(found)


def _share_below(bends: Array) -> float:
    known = np.isfinite(bends)
    return float((bends[known] < 0.0).mean()) if known.any() else 0.0


@lru_cache(maxsize=16)
def share_curving_down(surface: Surface) -> float:
    """Return in what share of the window a surface has a negative curvature."""
    x, y = places(surface, SIDE)
    rows = [curvature(surface, *np.meshgrid(x, y[first : first + _ROWS])) for first in range(0, SIDE, _ROWS)]
    return _share_below(np.concatenate(rows))


def _descents(race: Race, run: int, rate: float) -> Iterator[Array | None]:
    """Yield None every few milliseconds, and at last the paths of a run's descents from a grid of starts."""
    points = np.stack(np.meshgrid(*places(race.surface, STARTS, in_cells=True)), axis=-1).reshape(-1, 2)
    descent = Descent(race, race.runs[run], points, np.full(len(points), rate))
    gradients, work, limits = np.empty_like(points), race.surface.workspace(len(points)), bounds(race.surface)
    kept = set(np.linspace(0, race.steps, min(race.steps + 1, MOST_RECORDS)).round().astype(int).tolist())
    gone, records = np.zeros(len(points), bool), []
    since = time.perf_counter()
    for step in range(race.steps + 1):
        if step in kept:
            records.append(np.where(gone[:, None], np.nan, descent.points))
        if step < race.steps:
            with np.errstate(all="ignore"):
                descent.advance(step, gradients, work=work)
            gone |= np.logical_not(are_near(descent.points, limits))
        if time.perf_counter() - since > _PAUSE_S:
            yield None
            since = time.perf_counter()
    paths = np.array(records)
    paths.flags.writeable = False
    yield paths


def _arrived(surface: Surface, ends: Array) -> npt.NDArray[np.bool_] | None:
    lowest = lowest_value(surface)
    if lowest is None:
        return None
    with np.errstate(all="ignore"):
        return np.asarray(surface.value(ends[:, 0], ends[:, 1]) - lowest < TOLERANCE)


# The sentence

BREVITIES = 3
"""In how many lengths the sentence is."""


def convexity_sentence(found: Sequence[Convexity], wording: Wording, brevity: int = 0) -> list[Span]:
    """Return what was found of each loss, its figures in the colour of its place."""
    clauses = [_clause(each, i, wording, brevity) for i, each in enumerate(found)]
    return wording.sentence(wording.clauses(clauses), ())


def _clause(found: Convexity, at: int, wording: Wording, brevity: int) -> list[Span]:
    name, tr = wording.tr(found.name), wording.tr
    if found.share > 0.0:
        templates = (
            tr("[{name} is not convex]: [{share}] of the window has a negative curvature"),
            tr("[{name}: {share} with a negative curvature]"),
            tr("[{name}: not convex]"),
        )
    else:
        templates = (
            tr("[{name} is convex here]: [{share}] of the window has a negative curvature"),
            tr("[{name}: convex here]"),
            tr("[{name}: convex]"),
        )
    spans = wording.fill(templates[brevity], at, name=name, share=percent(found.share))
    if found.arrived is not None:
        starts = tr(", [{n} of {all}] arrive") if brevity else tr(", [{n} of {all}] starts arrive")
        spans += wording.fill(starts, at, n=f"{int(found.arrived.sum())}", all=f"{found.arrived.size}")
    return spans
