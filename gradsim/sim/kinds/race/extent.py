"""Which part of a surface a race crosses, known before it is run: what a map shows at first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator, Iterator
from typing import NamedTuple

import numpy as np

from gradsim.engine.surfaces import Bounds, Surface
from gradsim.engine.surfaces.stationary import stationary_points
from gradsim.engine.types import Array
from gradsim.sim.kinds.race.racer import Racer, minima
from gradsim.sim.kinds.race.spec import Race

MOST_STEPS = 600
"""Of a longer race so many steps are taken ahead, and the minima next to where they end are counted as crossed."""

_AT_ONCE = 60
_MARGIN, _LEAST_MARGIN = 0.1, 0.04
"""Around all that is crossed: a share of its own side, and at least one of the longer side, yet no more than"""
_MOST_MARGIN = 0.2
"""of the side of the surface's window."""
_NEAR = 0.3
"""Minima are shown that are no farther from what is crossed than this share of its longer side."""
_LEAST = 0.12
"""The least side that is shown, as a share of the longer side of the surface's window."""
_ASPECT = 0.6
"""Without a minimum, the least side that is shown as a share of the other."""
_LEAST_NUMBERS = 1e6
"""Half a side is no shorter than so many distances between neighbouring numbers there: it is to be divided."""
_GRAIN = 10
"""Edges are whole multiples of about this part of half a side, so that near races are shown alike."""
_MOST_KNOWN = 32


class Crossing(NamedTuple):
    """What of the plane a race crosses.

    Attributes
    ----------
    window
        It holds the start, all paths inside the surface's window, and minima near; without any, the saddle points.
    first : (n, 2)
        The path of the first run, or of its first descent: the one that a lesson is about.
    """

    window: Bounds
    first: Array


_known: OrderedDict[Race, Crossing] = OrderedDict()


def crossed(race: Race) -> Crossing:
    """Return what a race crosses, computed where it is not known."""
    for _ in prepare(race):
        pass
    return _known[race]


def prepare(race: Race) -> Iterator[None]:
    """Compute what :func:`crossed` returns, in pieces; nothing to do where it is known."""
    if race not in _known:
        _known[race] = yield from _crossed(race)
    _known.move_to_end(race)
    while len(_known) > _MOST_KNOWN:
        _known.popitem(last=False)


def _crossed(race: Race) -> Generator[None, None, Crossing]:
    if not race.has_one_surface:
        return (yield from _crossed_in_all(race))
    racer = Racer(race)
    inside, first = [np.array([race.start])], []
    steps = min(race.steps, MOST_STEPS)
    for step in range(steps + 1):
        places = np.concatenate([racer.points(run) for run in range(len(race.runs))])
        inside.append(_within(race.surface, places))
        first.append(places[0])
        if step % _AT_ONCE == _AT_ONCE - 1:
            yield
        if step < steps:
            racer.measure()
            racer.advance()
    if race.steps > steps:
        inside.append(_next_minima(race.surface, inside[-1]))
    return Crossing(_framed(race.surface, np.concatenate(inside)), np.array(first))


def _crossed_in_all(race: Race) -> Generator[None, None, Crossing]:
    """Return a window that holds what each run crosses on its own surface."""
    parts = []
    for run in range(len(race.runs)):
        yield from prepare(race.alone(run))
        parts.append(crossed(race.alone(run)))
    x0, x1, y0, y1 = zip(*(part.window for part in parts), strict=True)
    return Crossing((min(x0), max(x1), min(y0), max(y1)), parts[0].first)


def _within(surface: Surface, places: Array) -> Array:
    x0, x1, y0, y1 = surface.window
    is_inside = ((places >= (x0, y0)) & (places <= (x1, y1))).all(axis=1)
    return np.asarray(places[is_inside])


def _next_minima(surface: Surface, ends: Array) -> Array:
    """Return the minimum that is nearest to each of these places."""
    known = np.array([(point.x, point.y) for point in minima(surface)]).reshape(-1, 2)
    if not len(known):
        return np.empty((0, 2))
    nearest = np.hypot(*np.moveaxis(ends[:, None] - known, 2, 0)).argmin(axis=1)
    return np.asarray(known[nearest])


def _framed(surface: Surface, places: Array) -> Bounds:
    low, high = places.min(axis=0), places.max(axis=0)
    reach = _NEAR * float((high - low).max()) if minima(surface) else np.inf
    for point in minima(surface) or stationary_points(surface):
        at = np.array([point.x, point.y])
        if ((at >= low - reach) & (at <= high + reach)).all():
            low, high = np.minimum(low, at), np.maximum(high, at)
    x0, x1, y0, y1 = surface.window
    whole, middle, sides = np.array([x1 - x0, y1 - y0]), (low + high) / 2.0, high - low
    side = max(float(sides.max()), _LEAST * float(whole.max()))
    half = sides / 2.0 + np.maximum(_MARGIN * sides, np.minimum(_LEAST_MARGIN * side, _MOST_MARGIN * whole))
    if not minima(surface):  # a saddle point is known by what is around it
        half = np.maximum(half, _ASPECT * half.max())
    half *= max(1.0, side / (2.0 * float(half.max())))
    half = np.maximum(half, _LEAST_NUMBERS * np.spacing(np.abs(middle)))
    grain = 2.0 ** np.floor(np.log2(half / _GRAIN))
    low, high = grain * np.floor((middle - half) / grain), grain * np.ceil((middle + half) / grain)
    return float(low[0]), float(high[0]), float(low[1]), float(high[1])
