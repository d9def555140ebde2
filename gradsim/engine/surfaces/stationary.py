"""The stationary points of a surface, and at which of them runs have ended."""

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
"""Newton's method starts from a grid of this many points a side; odd, so that it holds the window's centre."""

MAX_ISOLATED, MAX_DEGENERATE = 1000, 50
"""The largest numbers of points returned: isolated ones, and samples of level curves or areas."""

_ITERATIONS = 80  # at a degenerate point each iteration only halves the error: a factor of 2^-80 is enough
_MAX_STEP = 0.05  # of the window's diagonal: Newton's steps far from a stationary point can be arbitrarily long
_SAME = 1e-6  # of the diagonal: solutions closer than this are the same isolated point
_APART = 0.05  # of the diagonal: the distance kept between the degenerate points returned
_ZERO = 1e-9  # of the typical gradient or curvature in the window: smaller ones count as zero


@dataclass(frozen=True)
class StationaryPoint:
    """A point where the gradient is zero.

    The eigenvalues of the Hessian are in ascending order, the unit eigenvectors
    in the same order. At the tip of a cone, such as that of Ackley's function,
    the eigenvalues are infinite.
    """

    x: float
    y: float
    value: float
    kind: PointKind
    eigenvalues: tuple[float, float]
    eigenvectors: tuple[tuple[float, float], tuple[float, float]]


def stationary_points(surface: Surface) -> tuple[StationaryPoint, ...]:
    """Return all stationary points in the surface's window, the lowest first; cached for the surfaces used last.

    Newton's method on the exact gradient and Hessian, from all points of a grid
    and from the known points. It does not find minima at kinks that are not on
    the grid, nor points whose surroundings are finer than the grid.
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
        zero_curvature = _ZERO * np.median(_finite(np.abs(_eigen(usual[2:])[0]).max(axis=0)))
        degenerate = np.abs(values).min(axis=0) <= zero_curvature
        keep = _distinct(points, derivatives, degenerate, _diagonal(surface.window))
    heights = surface.value(*points)
    found = []
    for i in keep:
        kind: PointKind = "degenerate" if degenerate[i] else _KINDS[int((values[:, i] < 0.0).sum())]
        (x, y), (low, high), (first, second) = points[:, i].tolist(), values[:, i].tolist(), vectors[:, :, i].tolist()
        found.append(StationaryPoint(x, y, float(heights[i]), kind, (low, high), (tuple(first), tuple(second))))
    return tuple(sorted(found, key=lambda point: (point.value, point.x, point.y)))


_TIP = 1e30  # a larger curvature is that of the tip of a cone: 1 / the smallest positive number
_KINDS: tuple[PointKind, ...] = ("minimum", "saddle", "maximum")


def _diagonal(window: Bounds) -> float:
    x0, x1, y0, y1 = window
    return float(np.hypot(x1 - x0, y1 - y0))


def _finite(sizes: Array) -> Array:
    """Return the finite ones, with a 0 appended, so the result is never empty."""
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
    """Return Newton's steps (2, N), at most `longest`, without the component along eigenvectors of eigenvalue 0."""
    values, vectors = _eigen(derivatives[2:])
    slopes = (vectors * derivatives[:2]).sum(axis=1)
    flat = np.abs(values) <= 1e-14 * np.abs(values).max(axis=0)
    lengths = np.where(flat, 0.0, -slopes / np.where(flat, 1.0, values))
    step: Array = (lengths[:, None] * vectors).sum(axis=0)
    shorter: Array = step * np.minimum(1.0, longest / np.maximum(np.hypot(*step), longest))
    return shorter


def _solved(surface: Surface, points: Array) -> Array:
    """Return the points (2, M) in the window that Newton's method converges to, duplicates included."""
    x0, x1, y0, y1 = surface.window
    low, high = np.array([[x0], [y0]]), np.array([[x1], [y1]])
    diagonal, margin = _diagonal(surface.window), (high - low) / 4.0
    settled: list[Array] = []
    for _ in range(_ITERATIONS):
        step = _step(surface.derivatives(*points), _MAX_STEP * diagonal)
        points = points + step
        still = np.hypot(*step) <= 1e-15 * diagonal
        settled.append(points[:, still])
        inside = ((points > low - margin) & (points < high + margin)).all(axis=0)  # false for NaN
        points = points[:, inside & ~still]
        if not points.size:
            break
    else:
        # Some steps never get that short, because of rounding or of slow convergence at degenerate points.
        step = _step(surface.derivatives(*points), _MAX_STEP * diagonal)
        settled.append(points[:, np.hypot(*step) <= 1e-9 * diagonal])
    found = np.concatenate(settled, axis=1)
    slack = 1e-12 * diagonal  # for points exactly on the edge
    return found[:, ((found >= low - slack) & (found <= high + slack)).all(axis=0)]


def _distinct(points: Array, derivatives: Array, degenerate: npt.NDArray[np.bool_], diagonal: float) -> list[int]:
    """Return the indices of the points to keep: of equal points, the one with the smallest gradient."""
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
"""The distance, as a share of the window's diagonal, within which a run is at a stationary point."""

_MAX_LAST_STEP = 0.1 * NEAR  # of the diagonal: after a longer last step a run has not ended
_PLATEAU_GAIN = 0.05  # of the height above the lowest point: what a plateau's gradient gains across the window


class Ended(IntEnum):
    """Where a run has ended."""

    AT = 0
    """At a stationary point."""
    MOVING = 1
    """Nowhere yet: there is a slope, or the last step was long."""
    PLATEAU = 2
    """Where the surface is almost level and no stationary point is near."""
    OUTSIDE = 3
    """Outside the window."""
    DIVERGED = 4
    """A coordinate is infinite or not a number."""


def where_ended(
    surface: Surface, points: Array, gradients: Array, last_steps: Array, stationary: Sequence[StationaryPoint]
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int16]]:
    """Decide where runs have ended.

    A small gradient is not enough: a run is at a stationary point if it is near
    one (:data:`NEAR`) and its last step was short. It is on a plateau if its last
    step was short, no stationary point is near, and following its gradient across
    the whole window would gain less than a twentieth of its height above the
    lowest point.

    Parameters
    ----------
    points, gradients, last_steps : (K, 2)
        The runs' positions, the gradients there, and their last steps.
    stationary : sequence of StationaryPoint
        The surface's :func:`stationary_points`.

    Returns
    -------
    ended : (K,)
        Values of :class:`Ended`.
    at : (K,)
        The index of the nearest of `stationary` for runs that have ended AT one; -1 for all others.
    """
    x0, x1, y0, y1 = surface.window
    diagonal = _diagonal(surface.window)
    with np.errstate(all="ignore"):
        at = _nearest(points, stationary, NEAR * diagonal)
        slow = np.hypot(*last_steps.T) <= _MAX_LAST_STEP * diagonal
        height = surface.value(*points.T) - _lowest(surface)
        level = np.hypot(*gradients.T) * diagonal <= _PLATEAU_GAIN * height
        inside = ((points >= (x0, y0)) & (points <= (x1, y1))).all(axis=1)
        finite = np.isfinite(points).all(axis=1)
    ended = np.select(
        [~finite, ~inside, slow & (at >= 0), slow & level],
        [Ended.DIVERGED, Ended.OUTSIDE, Ended.AT, Ended.PLATEAU],
        Ended.MOVING,
    ).astype(np.int8)
    return ended, np.where(ended == Ended.AT, at, -1).astype(np.int16)


def _nearest(points: Array, stationary: Sequence[StationaryPoint], radius: float) -> npt.NDArray[np.int16]:
    """Return the index of the nearest stationary point within `radius`, -1 where there is none."""
    nearest = np.full(len(points), -1, np.int16)
    least = np.full(len(points), radius)
    for i, point in enumerate(stationary):
        distance = np.hypot(points[:, 0] - point.x, points[:, 1] - point.y)
        nearer = distance <= least
        nearest[nearer], least[nearer] = i, distance[nearer]
    return nearest


@lru_cache(maxsize=64)
def _lowest(surface: Surface) -> float:
    """Return the lowest value in the window, on a grid and at all stationary points."""
    values = surface.value(*_starts(surface))
    heights = [point.value for point in stationary_points(surface)]
    return float(min([*heights, *values[np.isfinite(values)]], default=0.0))
