"""Where a surface is level: its stationary points, and at which of them runs have ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from gradsim.engine.surfaces.surface import Bounds, PointKind, Surface
from gradsim.engine.types import Array

GRID = 65
"""Newton's method starts from a grid of this many points a side, odd for the middle of the window."""

MAX_ISOLATED, MAX_DEGENERATE = 1000, 50
"""How many points are listed: isolated ones, and those of curves or areas that are level throughout."""

_ITERATIONS = 80  # Newton's method halves the error at a degenerate point, so that 2^-80 of it is left
_LONGEST = 0.05  # of the window's diagonal: Newton's step far from a stationary point may be any
_SAME = 1e-6  # of the diagonal: nearer solutions are the same isolated point
_APART = 0.05  # of the diagonal: how far listed degenerate points are from each other
_ZERO = 1e-9  # of the usual slope or curvature in the window: what counts as no gradient, and as no eigenvalue


@dataclass(frozen=True)
class StationaryPoint:
    """A point where the gradient is zero.

    The eigenvalues of the Hessian are in ascending order, and the unit
    eigenvectors in that of the eigenvalues. At the tip of a cone, as Ackley's
    function has one, they are infinite.
    """

    x: float
    y: float
    value: float
    kind: PointKind
    eigenvalues: tuple[float, float]
    eigenvectors: tuple[tuple[float, float], tuple[float, float]]


def stationary_points(surface: Surface) -> tuple[StationaryPoint, ...]:
    """Return all stationary points in the surface's window, the lowest first; kept for the surfaces of late.

    Newton's method on the exact gradient and Hessian, from all points of a grid
    and from the known points. Not found are minima at kinks off the grid, and
    points in details finer than the grid.
    """
    return _points(surface)


@lru_cache(maxsize=64)
def _points(surface: Surface) -> tuple[StationaryPoint, ...]:
    with np.errstate(all="ignore"):
        starts = _starts(surface)
        usual = surface.derivatives(*starts)
        points = _solved(surface, starts)
        derivatives = surface.derivatives(*points)
        zero = np.hypot(*derivatives[:2]) <= _ZERO * _finite(np.hypot(*usual[:2])).mean()
        points, derivatives = points[:, zero], derivatives[:, zero]
        values, vectors = _eigen(derivatives[2:])
        values[np.abs(values) > _TIP] *= np.inf
        level = _ZERO * np.median(_finite(np.abs(_eigen(usual[2:])[0]).max(axis=0)))
        degenerate = np.abs(values).min(axis=0) <= level
        keep = _distinct(points, derivatives, degenerate, _diagonal(surface.window))
    heights = surface.value(*points)
    found = []
    for i in keep:
        kind: PointKind = "degenerate" if degenerate[i] else _KINDS[int((values[:, i] < 0.0).sum())]
        (x, y), (low, high), (first, second) = points[:, i].tolist(), values[:, i].tolist(), vectors[:, :, i].tolist()
        found.append(StationaryPoint(x, y, float(heights[i]), kind, (low, high), (tuple(first), tuple(second))))
    return tuple(sorted(found, key=lambda point: (point.value, point.x, point.y)))


_TIP = 1e30  # the curvature at the tip of a cone is one over the smallest length that is told from zero
_KINDS: tuple[PointKind, ...] = ("minimum", "saddle", "maximum")


def _diagonal(window: Bounds) -> float:
    x0, x1, y0, y1 = window
    return float(np.hypot(x1 - x0, y1 - y0))


def _finite(sizes: Array) -> Array:
    """Return those that are finite, and a zero lest there be none."""
    return np.append(sizes[np.isfinite(sizes)], 0.0)


def _starts(surface: Surface) -> Array:
    x0, x1, y0, y1 = surface.window
    grid = np.meshgrid(np.linspace(x0, x1, GRID), np.linspace(y0, y1, GRID))
    known = np.array([(point.x, point.y) for point in surface.known]).reshape(-1, 2)
    return np.concatenate([np.reshape(grid, (2, -1)), known.T], axis=1)


def _eigen(hessian: Array) -> tuple[Array, Array]:
    """Return eigenvalues (2, N) in ascending order and unit eigenvectors (2, [x, y], N) of Hessians (3, N)."""
    xx, xy, yy = hessian
    middle, spread = (xx + yy) / 2.0, np.hypot((xx - yy) / 2.0, xy)
    angle = np.arctan2(2.0 * xy, xx - yy) / 2.0
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([middle - spread, middle + spread]), np.array([[-sin, cos], [cos, sin]])


def _step(derivatives: Array, longest: float) -> Array:
    """Return Newton's steps (2, N), none along eigenvectors without curvature, and none longer than `longest`."""
    values, vectors = _eigen(derivatives[2:])
    slopes = (vectors * derivatives[:2]).sum(axis=1)
    flat = np.abs(values) <= 1e-14 * np.abs(values).max(axis=0)
    lengths = np.where(flat, 0.0, -slopes / np.where(flat, 1.0, values))
    step: Array = (lengths[:, None] * vectors).sum(axis=0)
    shorter: Array = step * np.minimum(1.0, longest / np.maximum(np.hypot(*step), longest))
    return shorter


def _solved(surface: Surface, points: Array) -> Array:
    """Return the points (2, M) in the window that Newton's method converges to, as often as it does."""
    x0, x1, y0, y1 = surface.window
    low, high = np.array([[x0], [y0]]), np.array([[x1], [y1]])
    diagonal, margin = _diagonal(surface.window), (high - low) / 4.0
    settled: list[Array] = []
    for _ in range(_ITERATIONS):
        step = _step(surface.derivatives(*points), _LONGEST * diagonal)
        points = points + step
        still = np.hypot(*step) <= 1e-15 * diagonal
        settled.append(points[:, still])
        inside = ((points > low - margin) & (points < high + margin)).all(axis=0)  # false for NaN
        points = points[:, inside & ~still]
        if not points.size:
            break
    else:
        # Rounding keeps some steps from getting so short; at degenerate points they get shorter slowly.
        step = _step(surface.derivatives(*points), _LONGEST * diagonal)
        settled.append(points[:, np.hypot(*step) <= 1e-9 * diagonal])
    found = np.concatenate(settled, axis=1)
    slack = 1e-12 * diagonal  # a point on the very edge
    return found[:, ((found >= low - slack) & (found <= high + slack)).all(axis=0)]


def _distinct(points: Array, derivatives: Array, degenerate: npt.NDArray[np.bool_], diagonal: float) -> list[int]:
    """Return the numbers of the points to list, of those that are the same the one of least gradient."""
    best = np.argsort(np.hypot(*derivatives[:2]), kind="stable")
    cells = np.round(points / (_SAME * diagonal)).T[best]
    best = best[np.sort(np.unique(cells, axis=0, return_index=True)[1])]
    keep: list[int] = []
    for flat, apart, most in ((False, _SAME, MAX_ISOLATED), (True, _APART, MAX_DEGENERATE)):
        taken: list[int] = []
        for i in best[degenerate[best] == flat]:
            distances = np.hypot(*(points[:, keep + taken] - points[:, [i]]))
            if len(taken) < most and not (distances <= 2.0 * apart * diagonal).any():
                taken.append(int(i))
        keep += taken
    return keep


# Where runs have ended.

NEAR = 0.01
"""Of the window's diagonal: how near a run is to a stationary point that it is at."""

_PACE = 0.1 * NEAR  # of the diagonal: a last step that is longer is no end
_WORTH = 0.05  # of the height that is left: what the gradient of a plateau would gain across the whole window


class Ended(IntEnum):
    """Where a run has ended."""

    AT = 0
    """At a stationary point."""
    MOVING = 1
    """On its way: there is a slope, or the last step was long."""
    PLATEAU = 2
    """Where it is next to level though no stationary point is near."""
    OUTSIDE = 3
    """Out of the window."""
    DIVERGED = 4
    """Nowhere: a coordinate is infinite or not a number."""


def where_ended(
    surface: Surface, points: Array, gradients: Array, last_steps: Array, stationary: Sequence[StationaryPoint]
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int16]]:
    """Tell where runs have ended.

    A small gradient alone is no arrival: a run is at a stationary point if it is
    near one (:data:`NEAR`) and its last step was short. It is on a plateau if its
    last step was short, none is near, and to follow its gradient across the whole
    window would gain less than a twentieth of its height above the lowest point.

    Parameters
    ----------
    points, gradients, last_steps : (K, 2)
        Where the runs are, the gradients there, and their last steps.
    stationary : sequence of StationaryPoint
        The surface's :func:`stationary_points`.

    Returns
    -------
    ended : (K,)
        Numbers of :class:`Ended`.
    at : (K,)
        Which of `stationary` is nearest, for those that have ended AT one; -1 for all others.
    """
    x0, x1, y0, y1 = surface.window
    diagonal = _diagonal(surface.window)
    with np.errstate(all="ignore"):
        at = _nearest(points, stationary, NEAR * diagonal)
        slow = np.hypot(*last_steps.T) <= _PACE * diagonal
        height = surface.value(*points.T) - _lowest(surface)
        level = np.hypot(*gradients.T) * diagonal <= _WORTH * height
        inside = ((points >= (x0, y0)) & (points <= (x1, y1))).all(axis=1)
        finite = np.isfinite(points).all(axis=1)
    ended = np.select(
        [~finite, ~inside, slow & (at >= 0), slow & level],
        [Ended.DIVERGED, Ended.OUTSIDE, Ended.AT, Ended.PLATEAU],
        Ended.MOVING,
    ).astype(np.int8)
    return ended, np.where(ended == Ended.AT, at, -1).astype(np.int16)


def _nearest(points: Array, stationary: Sequence[StationaryPoint], radius: float) -> npt.NDArray[np.int16]:
    """Return the number of the nearest stationary point within `radius`, -1 where there is none."""
    nearest = np.full(len(points), -1, np.int16)
    least = np.full(len(points), radius)
    for i, point in enumerate(stationary):
        distance = np.hypot(points[:, 0] - point.x, points[:, 1] - point.y)
        nearer = distance <= least
        nearest[nearer], least[nearer] = i, distance[nearer]
    return nearest


@lru_cache(maxsize=64)
def _lowest(surface: Surface) -> float:
    """Return the lowest value in the window: of a grid and of all stationary points."""
    values = surface.value(*_starts(surface))
    heights = [point.value for point in stationary_points(surface)]
    return float(min([*heights, *values[np.isfinite(values)]], default=0.0))
